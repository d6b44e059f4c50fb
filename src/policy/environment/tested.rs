//! Cases of environment policies: the parts of the model that a case gives, read as the resolved model is.
//!
//! What a case gives is held against the schema of the model, in which nothing is required.

use serde_json::{Map, Value as Json};

use super::compile::Compiled;
use super::evaluate::{Facts, Outcome};
use super::subject::Subject;
use super::types::{TYPES, day};
use crate::cel::Value;
use crate::diagnostic::Finding;
use crate::model::{PolicyCase, check_facts};
use crate::policy::proof::{Case, Tested, Verdict};
use crate::workspace::Document;

impl Tested for Compiled {
    fn name(&self) -> &str {
        self.policy.name.as_str()
    }

    fn document(&self) -> &Document {
        &self.policy.document
    }

    fn decide(&self, case: &Case<'_>) -> Verdict {
        let mut findings: Vec<Finding> = foreign(case.given)
            .map(|field| {
                let message = format!(
                    "`{field}` means nothing to `{}`, which is about environments",
                    self.name()
                );
                case.complain(field, message)
                    .help("give the parts of the model that it reads: `environment`, `tenant`, `cluster` …")
            })
            .collect();
        let given = given(case.given);
        findings.extend(check_facts(case.document, &case.pointer, &Json::Object(given.clone())));
        if !findings.is_empty() {
            return Verdict::Unusable(findings);
        }
        if !Subject::of_case(case.given).is_met(&self.policy.spec.applies_to) {
            return Verdict::Accepted;
        }
        let mut facts: Facts = PARTS
            .iter()
            .filter_map(|(name, _)| Some((*name, TYPES.value(name, given.get(*name)?))))
            .collect();
        let today = case.given.today.as_ref().and_then(|today| day(today.as_str()));
        facts.extend(today.map(|today| ("today", Value::Timestamp(today))));
        let mut messages = Vec::new();
        for outcome in self.evaluate(&facts) {
            match outcome {
                Outcome::Broken(_, message) => messages.push(message),
                Outcome::Failed { pointer, error, .. } => findings.push(
                    case.complain("", format!("{} cannot be evaluated: {error}", case.quoted()))
                        .with(self.policy.document.locate(pointer), "this expression")
                        .help("give the case what the expression reads, or guard the expression with `has(…)`"),
                ),
            }
        }
        match (findings.is_empty(), messages.is_empty()) {
            (false, _) => Verdict::Unusable(findings),
            (true, true) => Verdict::Accepted,
            (true, false) => Verdict::Denied(messages),
        }
    }
}

/// A part of the model, and where a case gives it.
type Part = (&'static str, fn(&PolicyCase) -> &Option<Map<String, Json>>);

const PARTS: &[Part] = &[
    ("environment", |case| &case.environment),
    ("tenant", |case| &case.tenant),
    ("cluster", |case| &case.cluster),
    ("platform", |case| &case.platform),
    ("release", |case| &case.release),
    ("resilience", |case| &case.resilience),
];

fn given(case: &PolicyCase) -> Map<String, Json> {
    let part = |(name, part): &Part| Some(((*name).to_owned(), Json::Object(part(case).clone()?)));
    PARTS.iter().filter_map(part).collect()
}

/// The fields of a case that only admission policies read.
fn foreign(case: &PolicyCase) -> impl Iterator<Item = &'static str> {
    let fields = [
        ("object", &case.object),
        ("oldObject", &case.old_object),
        ("namespace", &case.namespace),
        ("params", &case.params),
    ];
    fields
        .into_iter()
        .filter(|(_, given)| given.is_some())
        .map(|(name, _)| name)
}
