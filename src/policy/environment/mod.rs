//! Policies on environments: CEL over the resolved model, typed from the model's own types.
//!
//! Expressions are compiled once and evaluated for every environment; a complaint points at the line that set the value
//! that the expression reads, in whichever document that is.

mod compile;
mod evaluate;
mod subject;
mod target;
mod tested;
#[cfg(test)]
mod tests;
mod types;

use std::any::Any;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value as Json;

use super::proof::Tested;
use crate::cel::{ErrorKind, EvalError, Value};
use crate::diagnostic::Finding;
use crate::model::{self, Environment};
use crate::text::Date;
use compile::Compiled;
use evaluate::{Facts, Outcome};
use subject::Subject;
use types::TYPES;

/// The compiled policies of a workspace. One value serves a whole build, from any thread.
#[derive(Debug, Default)]
pub struct Policies {
    policies: Vec<Compiled>,
    shared: Shared,
}

impl Policies {
    /// Compiles the policies; what cannot be compiled is said and left out.
    pub fn compile(policies: &model::Policies) -> (Self, Vec<Finding>) {
        let mut findings = Vec::new();
        let compiled = policies.environment.iter();
        let compiled = compiled
            .filter_map(|policy| Compiled::of(policy, &mut findings))
            .collect();
        let policies = Self {
            policies: compiled,
            shared: Shared::default(),
        };
        (policies, findings)
    }

    /// Holds an environment against the policies that are about it.
    pub fn judge(&self, environment: &Environment, today: &Date) -> Vec<Finding> {
        let subject = Subject::of(environment);
        let concerned = |policy: &&Compiled| subject.is_met(&policy.policy.spec.applies_to);
        let mut concerned = self.policies.iter().filter(concerned).peekable();
        if concerned.peek().is_none() {
            return Vec::new();
        }
        let facts = self.shared.facts(environment, today);
        let mut findings = Vec::new();
        for policy in concerned {
            let outcomes = policy.evaluate(&facts).into_iter();
            findings.extend(outcomes.filter_map(|outcome| finding(policy, outcome, environment)));
        }
        findings
    }

    /// The policies as `policy::prove` takes them.
    pub fn tested(&self) -> impl Iterator<Item = &dyn Tested> {
        self.policies.iter().map(|policy| policy as &dyn Tested)
    }
}

/// What is said of an outcome; a message that could not be made has been replaced and is said by tests only.
fn finding(policy: &Compiled, outcome: Outcome<'_>, environment: &Environment) -> Option<Finding> {
    let record = &policy.policy.spec;
    let name = policy.policy.name.to_string();
    let mut finding = match outcome {
        Outcome::Broken(validation, message) => {
            let finding = Finding::new(name.clone(), record.level.into(), message).help(record.remedy.as_str());
            let mut finding = validation.target.point(finding, environment);
            finding.why = Some(record.why.clone());
            finding
        }
        Outcome::Failed { message: true, .. } => return None,
        Outcome::Failed { pointer, error, .. } => {
            let message = format!("`{name}` cannot be evaluated on `{}`: {error}", environment.id());
            Finding::error("policy-error", message)
                .at(policy.policy.document.locate(pointer))
                .field(pointer)
                .help(remedy(&error))
        }
    };
    finding.subject = Some(environment.id());
    finding.policy = Some(name);
    Some(finding)
}

/// What to do about an expression that fails.
fn remedy(error: &EvalError) -> &'static str {
    match error.kind() {
        ErrorKind::CallLimit | ErrorKind::Budget => {
            "make the expressions cheaper: fewer loops inside loops, shorter texts"
        }
        _ if error.message().starts_with("no such key") => {
            "ask with `has(…)` whether it is set, or select it with `.?`"
        }
        _ => "write the expression so that it has a value for every environment that the policy is about",
    }
}

/// What environments share, by its address, read once in a build.
#[derive(Default)]
struct Shared(Mutex<BTreeMap<usize, Kept>>);

/// What was read, and what it was read from: while that is kept, nothing else can have its address.
type Kept = (Arc<dyn Any + Send + Sync>, Value);

impl Shared {
    fn facts(&self, environment: &Environment, today: &Date) -> Facts {
        let mut facts = Facts::from([
            ("environment", TYPES.value("environment", &environment.facts())),
            (
                "tenant",
                self.value("tenant", &environment.tenant, model::Tenant::facts),
            ),
            (
                "cluster",
                self.value("cluster", &environment.cluster, model::Cluster::facts),
            ),
            (
                "platform",
                self.value("platform", &environment.platform, model::Platform::facts),
            ),
            (
                "release",
                self.value("release", &environment.release, model::Release::facts),
            ),
            (
                "resilience",
                self.value("resilience", &environment.resilience, model::Resilience::facts),
            ),
        ]);
        facts.extend(types::day(today.as_str()).map(|day| ("today", Value::Timestamp(day))));
        facts
    }

    fn value<T: Any + Send + Sync>(&self, variable: &str, of: &Arc<T>, facts: fn(&T) -> Json) -> Value {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = known.entry(Arc::as_ptr(of).addr());
        let (_, value) = entry.or_insert_with(|| (of.clone(), TYPES.value(variable, &facts(of))));
        value.clone()
    }
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Shared")
    }
}
