//! Rules over the model and the objects: what must hold before a byte is written.
//!
//! A rule is a record and a plain function, the same shape as a component. Embedders push their own records.

mod admitted;
pub mod environment;
mod governance;
mod pages;
mod proof;
pub mod rules;
mod texts;
mod waivers;

use governance::note;
pub use governance::{Governance, denial};
pub use pages::pages;
pub use proof::{Case, Tested, Verdict, prove};
pub use rules::RULES;
pub use waivers::Waivers;

use crate::blueprint::Edge;
use crate::diagnostic::codes::Page;
use crate::diagnostic::{Finding, Level};
use crate::manifest::Object;
use crate::model::{BUILT_IN, Environment, Fleet};

/// A rule in Rust. The record is its page too: `formwork explain` prints it.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    /// The violation, so that a waiver reads as English: `allow unpinned-image until …`.
    pub id: &'static str,
    /// What was found: a lowercase phrase without full stop.
    pub title: &'static str,
    /// Why that is a problem, in whole sentences.
    pub why: &'static str,
    /// The remedy: a lowercase imperative without full stop.
    pub fix: &'static str,
    /// Where the demand comes from: benchmarks and documentation.
    pub references: &'static [&'static str],
    /// The smallest example that is refused.
    pub bad: &'static str,
    /// The same example, accepted.
    pub good: &'static str,
    /// How bad a violation is.
    pub level: Level,
    /// What it looks at.
    pub check: Check,
}

impl Rule {
    /// The page of the rule.
    pub fn page(&self) -> Page {
        Page {
            id: self.id.into(),
            title: self.title.into(),
            why: self.why.into(),
            fix: self.fix.into(),
            bad: self.bad.into(),
            good: self.good.into(),
            references: self.references.iter().map(|it| (*it).to_owned()).collect(),
            level: Some(self.level),
        }
    }
}

/// What a rule looks at.
#[derive(Debug, Clone, Copy)]
pub enum Check {
    /// Each environment of the model.
    Environment(fn(&Environment, &mut Findings<'_>)),
    /// Each object; the environment is absent for objects of a cluster.
    Object(fn(Option<&Environment>, &Object, &mut Findings<'_>)),
    /// All objects of one environment together.
    Bundle(fn(&Bundle<'_>, &mut Findings<'_>)),
    /// All environments together, before any of them is compiled.
    Fleet(fn(&Fleet, &mut Findings<'_>)),
}

/// An environment with all that was made from it.
#[derive(Debug, Clone, Copy)]
pub struct Bundle<'a> {
    /// The environment.
    pub environment: &'a Environment,
    /// Its objects, overrides and extra manifests included.
    pub objects: &'a [Object],
    /// The connections that its components declare.
    pub edges: &'a [Edge],
}

impl<'a> Bundle<'a> {
    /// The objects of a kind.
    pub fn of_kind(&self, group: &'a str, kind: &'a str) -> impl Iterator<Item = &'a Object> + use<'a> {
        let is_it = move |object: &&Object| object.kind == kind && object.group() == group;
        self.objects.iter().filter(is_it)
    }
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
    /// set it, or at the environment when nobody did.
    pub fn setting(&mut self, pointer: &str, message: impl Into<String>) {
        let finding = self.finding(message).field(format!("/spec{pointer}"));
        self.found.push(match self.environment {
            Some(environment) => at(finding, environment, pointer),
            None => finding,
        });
    }

    /// Complains about a setting of an environment of the fleet, by JSON pointer below `spec`; the remedy fits the case.
    pub fn of(
        &mut self,
        environment: &Environment,
        pointer: &str,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        let mut finding = self.finding(message).field(format!("/spec{pointer}")).help(help);
        finding.subject = Some(environment.id());
        self.found.push(at(finding, environment, pointer));
    }

    fn finding(&self, message: impl Into<String>) -> Finding {
        let mut finding = Finding::new(self.rule.id, self.rule.level, message).help(self.rule.fix);
        finding.why = Some(self.rule.why.to_owned());
        finding.policy = Some(self.rule.id.to_owned());
        finding
    }
}

/// Places a finding at a setting. A built-in line is none that the user can change.
fn at(finding: Finding, environment: &Environment, pointer: &str) -> Finding {
    let place = environment.locate(pointer);
    if place.source.path == BUILT_IN {
        return finding.at(environment.locate("")).with(place, "by default");
    }
    finding.at(place)
}

/// Applies the rules to one unit's objects; for an environment, with the connections that its components declare.
pub fn judge(environment: Option<&Environment>, objects: &[Object], edges: &[Edge], rules: &[Rule]) -> Vec<Finding> {
    let mut found = Vec::new();
    for rule in rules {
        let mut findings = Findings {
            rule,
            environment,
            found: &mut found,
        };
        match (rule.check, environment) {
            (Check::Environment(check), Some(environment)) => check(environment, &mut findings),
            (Check::Bundle(check), Some(environment)) => {
                let bundle = Bundle {
                    environment,
                    objects,
                    edges,
                };
                check(&bundle, &mut findings);
            }
            (Check::Object(check), _) => objects
                .iter()
                .for_each(|object| check(environment, object, &mut findings)),
            (Check::Environment(_) | Check::Bundle(_), None) | (Check::Fleet(_), _) => {}
        }
    }
    found
}

/// Applies the rules about all environments together.
pub fn judge_fleet(fleet: &Fleet, rules: &[Rule]) -> Vec<Finding> {
    let mut found = Vec::new();
    for rule in rules {
        if let Check::Fleet(check) = rule.check {
            let mut findings = Findings {
                rule,
                environment: None,
                found: &mut found,
            };
            check(fleet, &mut findings);
        }
    }
    found
}
