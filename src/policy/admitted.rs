//! Admission policies as what cases prove: an object is judged as if it came to the cluster.
//!
//! A case that gives no Namespace happens in one of a production environment.

use serde_json::{Map, Value, json};

use super::proof::{Case, Tested, Verdict};
use crate::admission::{self, Operation, Outcome, Request};
use crate::defaults;
use crate::diagnostic::Finding;
use crate::workspace::Document;

/// One admission policy among all.
pub(super) struct Admitted<'a> {
    /// All of them, compiled.
    pub(super) policies: &'a admission::Policies,
    /// Its name.
    pub(super) name: &'a str,
    /// The document that defines it.
    pub(super) document: &'a Document,
}

impl Tested for Admitted<'_> {
    fn name(&self) -> &str {
        self.name
    }

    fn document(&self) -> &Document {
        self.document
    }

    fn decide(&self, case: &Case<'_>) -> Verdict {
        let given = case.given;
        let Some(object) = &given.object else {
            let message = format!("{} gives no `object`", case.quoted());
            return Verdict::Unusable(vec![case.complain("", message).help("give the object that is created")]);
        };
        let foreign = foreign(case);
        if !foreign.is_empty() {
            return Verdict::Unusable(foreign);
        }
        let object = defaulted(object);
        let old = given.old_object.as_ref().map(defaulted);
        let home = object
            .pointer("/metadata/namespace")
            .and_then(Value::as_str)
            .unwrap_or("kestrel-production");
        let namespace = given.namespace.as_ref().map_or_else(|| production(home), defaulted);
        let request = Request {
            operation: if old.is_some() {
                Operation::Update
            } else {
                Operation::Create
            },
            object: &object,
            old: old.as_ref(),
            namespace: Some(&namespace),
        };
        let params = given.params.clone().map(Value::Object);
        let verdicts = self.policies.judge_by(self.name, &request, params.as_ref());
        if let Some(failed) = verdicts.iter().find(|verdict| verdict.outcome != Outcome::Refused) {
            let message = format!("{} cannot be decided: {}", case.quoted(), failed.message);
            let complaint = case
                .complain("", message)
                .help("give the case what the expressions read");
            return Verdict::Unusable(vec![complaint]);
        }
        match verdicts.is_empty() {
            true => Verdict::Accepted,
            false => Verdict::Denied(verdicts.into_iter().map(|verdict| verdict.message).collect()),
        }
    }
}

/// Complaints about fields of a case that only policies on environments read.
fn foreign(case: &Case<'_>) -> Vec<Finding> {
    let given = case.given;
    let fields = [
        ("environment", given.environment.is_some()),
        ("tenant", given.tenant.is_some()),
        ("cluster", given.cluster.is_some()),
        ("platform", given.platform.is_some()),
        ("release", given.release.is_some()),
        ("resilience", given.resilience.is_some()),
        ("today", given.today.is_some()),
    ];
    let foreign = fields.into_iter().filter(|(_, is_given)| *is_given);
    foreign
        .map(|(field, _)| {
            let message = format!("`{field}` means nothing to an admission policy, which is about objects");
            case.complain(field, message)
                .help("give the `object`, its `namespace` and the `params`")
        })
        .collect()
}

fn defaulted(object: &Map<String, Value>) -> Value {
    let mut value = Value::Object(object.clone());
    defaults::apply(&mut value);
    value
}

/// The Namespace of a production environment.
fn production(name: &str) -> Value {
    json!({
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {
            "name": name,
            "labels": {
                "app.kubernetes.io/managed-by": "formwork",
                "formwork/cost-centre": "4100",
                "formwork/environment": "production",
                "formwork/sensitivity": "standard",
                "formwork/tenant": "kestrel",
                "formwork/tier": "production",
                "kubernetes.io/metadata.name": name,
                "pod-security.kubernetes.io/enforce": "restricted",
            },
        },
    })
}
