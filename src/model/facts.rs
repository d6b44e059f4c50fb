//! The model as policies read it: what is known of an environment and of everything it refers to, as plain values.
//!
//! The values and their schema come from the same types, so what a policy can read is what documents can say.

use serde_json::{Map, Value, json};

use super::fleet::*;
use super::schema::facts_validator;
use super::{check, schema};
use crate::diagnostic::Finding;
use crate::workspace::Document;

/// The schema of all facts: an object with a property each, in which nothing is required.
pub fn facts_schema() -> Value {
    schema::facts()
}

/// Checks facts that somebody made up, written at a JSON pointer of a document.
pub fn check_facts(document: &Document, pointer: &str, facts: &Value) -> Vec<Finding> {
    let mut findings = Vec::new();
    if let Some(validator) = facts_validator()
        && !validator.is_valid(facts)
    {
        check::complain(document, pointer, facts, validator, &facts_schema(), &mut findings);
    }
    findings
}

impl Environment {
    /// The document that makes it this environment.
    pub fn document(&self) -> Option<&Document> {
        self.origins.strongest()
    }

    /// What is known of it; a setting that is not set is null.
    pub fn facts(&self) -> Value {
        json!({
            "name": self.name,
            "namespace": self.namespace,
            "hosts": self.hosts,
            "labels": self.document().map(labels),
            "sizing": self.sizing,
            "spec": self.spec,
        })
    }
}

macro_rules! facts {
    ($($name:ident)+) => {$(
        impl $name {
            /// What is known of it; a field that is not set is null.
            pub fn facts(&self) -> Value {
                json!({ "name": self.name, "labels": labels(&self.document), "spec": self.spec })
            }
        }
    )+};
}

facts! { Tenant Cluster Platform Release Resilience }

/// `metadata.labels` of a document.
pub fn labels(document: &Document) -> Map<String, Value> {
    let labels = document.value.pointer("/metadata/labels");
    labels.and_then(Value::as_object).cloned().unwrap_or_default()
}
