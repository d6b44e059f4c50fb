//! What an API server would refuse, said before anything is written.
//!
//! Objects of components are typed, so only what types cannot hold is checked on them: names, labels, identities, text.
//! What came as text, by `overrides:` and `extra:`, is also compared with its type.

mod metadata;
mod raw;

use std::collections::BTreeMap;

use crate::blueprint::Unit;
use crate::diagnostic::{Finding, Level};
use crate::manifest::Object;

/// Checks the objects of one unit.
pub fn check(unit: &Unit, objects: &[Object]) -> Vec<Finding> {
    let mut findings = Vec::new();
    identities(objects, &mut findings);
    for object in objects {
        metadata::check(object, &mut findings);
    }
    if let Some(environment) = unit.environment() {
        raw::check(environment, objects, &mut findings);
    }
    findings
}

/// Checks one object whose type may be unknown.
pub fn check_object(object: &Object, findings: &mut Vec<Finding>) {
    metadata::check(object, findings);
}

/// Gives findings about objects that users wrote, or changed, the lines that they wrote.
pub fn locate(unit: &Unit, objects: &[Object], findings: &mut [Finding]) {
    if let Some(environment) = unit.environment() {
        raw::locate(environment, objects, findings);
    }
}

/// Two objects of one identity would fight on the cluster.
fn identities(objects: &[Object], findings: &mut Vec<Finding>) {
    let mut known = BTreeMap::new();
    for object in objects {
        let identity = (object.group(), &object.kind, &object.namespace, &object.name);
        if let Some(first) = known.insert(identity, &object.component) {
            let message = format!(
                "{} is made twice, by `{first}` and by `{}`",
                object.reference(),
                object.component
            );
            findings.push(
                deny("duplicate-object", object, "/metadata/name", message).help("give one of them another name"),
            );
        }
    }
}

/// A finding about a field of an object.
fn deny(code: &'static str, object: &Object, pointer: &str, message: impl Into<String>) -> Finding {
    let mut finding = Finding::new(code, Level::Deny, message).field(pointer);
    finding.object = Some(object.reference());
    finding
}
