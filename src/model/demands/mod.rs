//! What an environment must satisfy once everything about it is known: the refusals that no schema can say.
//!
//! Each demand points at the line that set the offending value, in whichever layer of the chain that is.

mod capacity;
mod parts;
mod placement;
mod recovery;
mod reserved;
mod together;

pub(super) use parts::{calendar, cluster, platform};
pub(super) use together::{delivery_names, fleet};

use super::fleet::Environment;
use super::spec::*;
use crate::diagnostic::{Finding, Level, Location};
use crate::text::Date;

/// Checks one environment.
pub(super) fn environment(environment: &Environment, today: &Date, findings: &mut Vec<Finding>) {
    let mut demands = Demands { environment, findings };
    demands.supported();
    demands.names();
    demands.cluster();
    demands.release();
    demands.ingress();
    demands.egress();
    demands.odoo();
    demands.database();
    demands.recovery();
    demands.lifetime(today);
}

struct Demands<'a> {
    environment: &'a Environment,
    findings: &'a mut Vec<Finding>,
}

impl Demands<'_> {
    /// Refuses the value of a setting.
    fn refuse(&mut self, code: &'static str, pointer: &str, message: impl Into<String>, help: impl Into<String>) {
        self.say(Finding::error(code, message).help(help), pointer);
    }

    /// Refuses that a setting is there at all.
    fn refuse_key(&mut self, code: &'static str, pointer: &str, message: impl Into<String>, help: impl Into<String>) {
        let finding = Finding::error(code, message).help(help);
        self.push(finding, pointer, self.environment.locate_key(pointer));
    }

    /// Complains about the value of a setting.
    fn say(&mut self, finding: Finding, pointer: &str) {
        self.push(finding, pointer, self.environment.locate(pointer));
    }

    fn push(&mut self, finding: Finding, pointer: &str, place: Location) {
        self.findings.push(self.environment.point(finding, pointer, place));
    }

    fn supported(&mut self) {
        let spec = &self.environment.spec;
        if spec.tenancy == Tenancy::Shared {
            self.refuse(
                "not-supported",
                "/tenancy",
                "shared pools cannot be compiled yet",
                "write `tenancy: dedicated`",
            );
        }
        if spec.tier == Tier::Recovery {
            self.refuse(
                "not-supported",
                "/tier",
                "recovery environments cannot be compiled yet",
                "remove the document; until then, production is restored from its backups",
            );
        }
    }

    fn lifetime(&mut self, today: &Date) {
        let Some(expires) = &self.environment.spec.expires else {
            return;
        };
        if expires < today {
            let message = format!("`{}` expired on {expires}", self.environment.id());
            let finding = Finding::new("expired-environment", Level::Deny, message);
            let help = "remove its document, or give it a later day with its owner's consent";
            self.say(finding.help(help), "/expires");
        }
    }
}

/// `1 web pod`, `2 web pods`.
fn counted(number: u32, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}
