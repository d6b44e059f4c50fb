//! Rules over the model and the objects: what must hold before a byte is written.
//!
//! A rule is a record and a plain function, the same shape as a component. Embedders push their own records.

pub mod rules;
mod waivers;

pub use rules::RULES;
pub use waivers::Waivers;

use crate::diagnostic::{Finding, Level};
use crate::manifest::Object;
use crate::model::Environment;

/// A rule in Rust.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    /// The violation, so that a waiver reads as English: `allow unpinned-image until …`.
    pub id: &'static str,
    /// One line.
    pub title: &'static str,
    /// What goes wrong without it.
    pub why: &'static str,
    /// What to do.
    pub fix: &'static str,
    /// How bad a violation is.
    pub level: Level,
    /// What it looks at.
    pub check: Check,
}

/// What a rule looks at.
#[derive(Debug, Clone, Copy)]
pub enum Check {
    /// Each environment of the model.
    Environment(fn(&Environment, &mut Findings<'_>)),
    /// Each object; the environment is absent for objects of a cluster.
    Object(fn(Option<&Environment>, &Object, &mut Findings<'_>)),
    /// All objects of one environment together.
    Bundle(fn(&Environment, &[Object], &mut Findings<'_>)),
}

/// Where a rule puts its complaints.
pub struct Findings<'a> {
    rule: &'a Rule,
    environment: Option<&'a Environment>,
    found: &'a mut Vec<Finding>,
}

impl Findings<'_> {
    /// Complains about a field of an object, by JSON pointer.
    pub fn push(&mut self, object: &Object, pointer: &str, message: impl Into<String>) {
        let mut finding = self.finding(message).field(pointer);
        finding.object = Some(object.reference());
        self.found.push(finding);
    }

    /// Complains about a setting of the environment, by JSON pointer below `spec`; the finding points at the line that
    /// set it.
    pub fn setting(&mut self, pointer: &str, message: impl Into<String>) {
        let mut finding = self.finding(message).field(format!("/spec{pointer}"));
        finding.location = self.environment.map(|environment| environment.locate(pointer));
        self.found.push(finding);
    }

    fn finding(&self, message: impl Into<String>) -> Finding {
        let mut finding = Finding::new(self.rule.id, self.rule.level, message).help(self.rule.fix);
        finding.why = Some(self.rule.why.to_owned());
        finding.policy = Some(self.rule.id.to_owned());
        finding
    }
}

/// Applies the rules to one unit's objects.
pub fn judge(environment: Option<&Environment>, objects: &[Object], rules: &[Rule]) -> Vec<Finding> {
    let mut found = Vec::new();
    for rule in rules {
        let mut findings = Findings {
            rule,
            environment,
            found: &mut found,
        };
        match (rule.check, environment) {
            (Check::Environment(check), Some(environment)) => check(environment, &mut findings),
            (Check::Bundle(check), Some(environment)) => check(environment, objects, &mut findings),
            (Check::Object(check), _) => objects
                .iter()
                .for_each(|object| check(environment, object, &mut findings)),
            (Check::Environment(_) | Check::Bundle(_), None) => {}
        }
    }
    found
}
