//! Everything that a fleet is held against, compiled once: rules, policies on environments, admission policies, waivers.
//!
//! A unit is judged by itself, in any order and from any thread; what concerns the whole is said at the end.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::admitted::Admitted;
use super::{Rule, Tested, Waivers, environment, prove};
use crate::admission::{self, Operation, Outcome, Request, Resources, Verdict};
use crate::blueprint::{self, Edge, Unit};
use crate::diagnostic::{Finding, Level};
use crate::manifest::{Judged, Object};
use crate::model::{Environment, Fleet};
use crate::references::CHECKS;
use crate::workspace::Document;

/// Everything that a fleet is held against.
pub struct Governance<'a> {
    fleet: &'a Fleet,
    rules: &'a [Rule],
    environment: environment::Policies,
    admission: admission::Policies,
    documents: BTreeMap<&'a str, &'a Document>,
    waivers: Waivers<'a>,
}

impl<'a> Governance<'a> {
    /// Compiles what `policies/` says; the findings are about the documents there and about the fleet as a whole.
    pub fn new(fleet: &'a Fleet, rules: &'a [Rule]) -> (Self, Vec<Finding>) {
        let policies = &fleet.platform.policies;
        let (environment, mut findings) = environment::Policies::compile(policies);
        let facts = Object::from(blueprint::facts(&fleet.platform)).value;
        let mut documents = policies.admission.clone();
        documents.push(Document::from_value("<facts>", facts));
        let (admission, complaints) = admission::Policies::compile(&documents, &Resources::default());
        findings.extend(complaints);
        let governance = Self {
            fleet,
            rules,
            environment,
            admission,
            documents: policies
                .admission
                .iter()
                .filter_map(|it| Some((policy_name(it)?, it)))
                .collect(),
            waivers: Waivers::new(fleet),
        };
        findings.extend(governance.prove());
        let known: BTreeSet<&str> = governance.known().collect();
        findings.extend(governance.waivers.check(&known));
        let mut broken = super::judge_fleet(fleet, rules);
        governance.waivers.apply(&mut broken);
        findings.extend(broken);
        (governance, findings)
    }

    /// Runs the tests of all policies.
    fn prove(&self) -> Vec<Finding> {
        let policies = &self.fleet.platform.policies;
        let admitted: Vec<Admitted<'_>> = policies
            .admission
            .iter()
            .filter_map(|document| {
                Some(Admitted {
                    policies: &self.admission,
                    name: policy_name(document)?,
                    document,
                })
            })
            .collect();
        let mut tested: Vec<&dyn Tested> = self.environment.tested().collect();
        tested.extend(admitted.iter().map(|policy| policy as &dyn Tested));
        let broken = policies.environment.iter().map(|policy| policy.name.as_str()).collect();
        prove(&policies.tests, &tested, &broken)
    }

    /// The codes of everything that can be waived.
    fn known(&self) -> impl Iterator<Item = &str> {
        let rules = self.rules.iter().map(|rule| rule.id);
        let rules = rules.chain(CHECKS.iter().map(|check| check.id));
        let policies = &self.fleet.platform.policies;
        let environment = policies.environment.iter().map(|policy| policy.name.as_str());
        rules.chain(environment).chain(self.documents.keys().copied())
    }

    /// Judges one unit.
    pub fn judge(&self, unit: &Unit, judged: Judged<'_>, edges: &[Edge]) -> Vec<Finding> {
        let environment = unit.environment();
        let mut findings = super::judge(environment, judged.objects, edges, self.rules);
        if let Some(environment) = environment {
            findings.extend(self.environment.judge(environment, &self.fleet.today));
        }
        self.admit(environment, judged, &mut findings);
        findings
    }

    /// Judges what delivers an environment: the rules about single objects know no place where they do not hold.
    pub fn judge_delivered(&self, objects: &[Object]) -> Vec<Finding> {
        super::judge(None, objects, &[], self.rules)
    }

    /// Marks the findings that are waived.
    pub fn waive(&self, findings: &mut [Finding]) {
        self.waivers.apply(findings);
    }

    /// Says what can only be said when all units were judged.
    pub fn close(&self) -> Vec<Finding> {
        self.waivers.close()
    }

    /// Asks the admission policies as the API server would: about every object as a new one, and about what changes also
    /// as an update if a policy compares.
    fn admit(&self, environment: Option<&Environment>, judged: Judged<'_>, findings: &mut Vec<Finding>) {
        if self.admission.is_empty() {
            return;
        }
        let ruled = findings.len();
        let home = environment.map(|environment| environment.namespace.as_str());
        let is_home = |object: &&Object| object.kind == "Namespace" && Some(object.name.as_str()) == home;
        let pairs = || judged.objects.iter().zip(judged.completed);
        let namespace = pairs().find(|(object, _)| is_home(object)).map(|(_, value)| value);
        for ((object, value), stored) in pairs()
            .zip(judged.stored)
            .filter(|((object, _), _)| is_ours(object, home))
        {
            let mut request = Request {
                operation: Operation::Create,
                object: value,
                old: None,
                namespace,
            };
            let mut verdicts = self.admission.judge(&request);
            if let Some(old) = stored
                && self.admission.need_old(value)
            {
                request.operation = Operation::Update;
                request.old = Some(old);
                let known = verdicts.clone();
                let more = self.admission.judge(&request).into_iter();
                verdicts.extend(more.filter(|verdict| !known.iter().any(|it| it.message == verdict.message)));
            }
            for verdict in verdicts {
                let document = self.documents.get(verdict.policy.as_str()).copied();
                let finding = denial(object, verdict, document);
                // A rule of the same name has said it already, and knows the field.
                let is_it = |known: &Finding| known.code == finding.code && known.object == finding.object;
                if !findings.iter().take(ruled).any(is_it) {
                    findings.push(finding);
                }
            }
        }
    }
}

/// The finding of a verdict; the policy's document, if it is known, says why and what to do.
pub fn denial(object: &Object, verdict: Verdict, policy: Option<&Document>) -> Finding {
    let note = |name: &str| policy.and_then(|document| note(&document.value, name));
    let name = &verdict.policy;
    let (level, message) = match verdict.outcome {
        Outcome::Refused => (verdict.level, verdict.message),
        Outcome::Failed => (
            verdict.level,
            format!("`{name}` cannot be evaluated: {}", verdict.message),
        ),
        Outcome::Unknown => (
            Level::Audit,
            format!("only the cluster can tell whether `{name}` holds: {}", verdict.message),
        ),
    };
    Finding {
        why: note("why"),
        help: note("remedy"),
        object: Some(object.reference()),
        field: verdict.field,
        policy: Some(verdict.policy.clone()),
        ..Finding::new(verdict.policy, level, message)
    }
}

/// What an admission policy says of itself in an annotation `formwork/…`.
pub(super) fn note(policy: &Value, name: &str) -> Option<String> {
    let annotations = policy.pointer("/metadata/annotations")?;
    annotations.get(format!("formwork/{name}"))?.as_str().map(str::to_owned)
}

/// The name of an admission policy; nothing for any other document.
fn policy_name(document: &Document) -> Option<&str> {
    let is_policy = document.value.get("kind")? == "ValidatingAdmissionPolicy";
    document.value.pointer("/metadata/name")?.as_str().filter(|_| is_policy)
}

/// Whether the emitted bindings reach an object: what lies in an environment's namespace, and what is ours cluster-wide.
fn is_ours(object: &Object, home: Option<&str>) -> bool {
    match object.namespace.as_deref() {
        Some(namespace) => Some(namespace) == home,
        None => object
            .value
            .pointer("/metadata/labels/app.kubernetes.io~1managed-by")
            .is_some_and(|by| by == "formwork"),
    }
}
