//! Tests of policies: cases that a policy must let pass, and cases that it must complain about.
//!
//! They run with every build, because a policy that nobody has seen deny anything proves nothing. Any kind of policy
//! takes part that decides a case.

use std::collections::BTreeSet;

use crate::diagnostic::{Finding, Level, nearest};
use crate::model::{PolicyCase, PolicyTest};
use crate::workspace::Document;

/// A policy that cases prove.
pub trait Tested {
    /// Its name.
    fn name(&self) -> &str;
    /// The document that defines it.
    fn document(&self) -> &Document;
    /// Says what it makes of a case.
    fn decide(&self, case: &Case<'_>) -> Verdict;
}

/// What a policy makes of a case.
#[derive(Debug)]
pub enum Verdict {
    /// It has no complaint.
    Accepted,
    /// It complains, in these words.
    Denied(Vec<String>),
    /// The case cannot be decided.
    Unusable(Vec<Finding>),
}

/// A case and where it is written.
#[derive(Debug)]
pub struct Case<'a> {
    /// What it gives.
    pub given: &'a PolicyCase,
    /// The document of the test.
    pub document: &'a Document,
    /// The JSON pointer of the case in it.
    pub pointer: String,
}

impl Case<'_> {
    /// Complains about a field of the case, or about the case as a whole.
    pub fn complain(&self, field: &str, message: impl Into<String>) -> Finding {
        let (pointer, place) = match field {
            "" => (
                self.pointer.clone(),
                self.document.locate(&format!("{}/name", self.pointer)),
            ),
            field => {
                let pointer = format!("{}/{field}", self.pointer);
                let place = self.document.locate_key(&pointer);
                (pointer, place)
            }
        };
        Finding::error("policy-test", message).at(place).field(pointer)
    }

    /// The name of the case, as messages have it.
    pub fn quoted(&self) -> String {
        format!("the case `{}`", self.given.name)
    }
}

/// Runs all tests. `others` are the names of policies that exist and cannot be tested, because they are broken.
pub fn prove(tests: &[PolicyTest], policies: &[&dyn Tested], others: &BTreeSet<&str>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for test in tests {
        let name = test.spec.policy.as_str();
        match policies.iter().find(|policy| policy.name() == name) {
            Some(policy) => run(test, *policy, &mut findings),
            None if others.contains(name) => {}
            None => {
                let known = policies.iter().map(|policy| policy.name());
                let meant = nearest(name, known.chain(others.iter().copied()));
                let help = meant.map_or("remove the test, or write the policy".into(), |meant| {
                    format!("did you mean `{meant}`?")
                });
                let finding = Finding::error("policy-test", format!("there is no policy `{name}`"));
                findings.push(finding.at(test.locate("/policy")).field("/spec/policy").help(help));
            }
        }
    }
    for policy in policies {
        let name = policy.name();
        if !tests.iter().any(|test| test.spec.policy.as_str() == name) {
            let message = format!("no test proves that `{name}` complains when it must");
            findings.push(
                Finding::new("policy-without-test", Level::Warn, message)
                    .at(policy.document().locate("/metadata/name"))
                    .help(format!("add a `kind: PolicyTest` with `policy: {name}`")),
            );
        }
    }
    findings
}

fn run(test: &PolicyTest, policy: &dyn Tested, findings: &mut Vec<Finding>) {
    let cases = [("accepted", &test.spec.accepted), ("denied", &test.spec.denied)];
    for (expected, cases) in cases {
        for (index, given) in cases.iter().enumerate() {
            let case = Case {
                given,
                document: &test.document,
                pointer: format!("/spec/{expected}/{index}"),
            };
            let shown = case.quoted();
            match (policy.decide(&case), expected) {
                (Verdict::Unusable(complaints), _) => findings.extend(complaints),
                (Verdict::Denied(messages), "accepted") => findings.push(
                    case.complain(
                        "",
                        format!("{shown} must be accepted, but is denied: {}", messages.join("; ")),
                    )
                    .help("correct the policy, or the case"),
                ),
                (Verdict::Accepted, "denied") => findings.push(
                    case.complain("", format!("{shown} must be denied, but is accepted"))
                        .help("correct the policy, or the case"),
                ),
                (Verdict::Accepted | Verdict::Denied(_), _) => {}
            }
        }
    }
}
