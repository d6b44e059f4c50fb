//! What the API server of a cluster would refuse, said before anything is written.
//!
//! Every object is held against the schema of its kind in the version of Kubernetes that its cluster runs, and against the
//! server's own rules; what changes, also against what it replaces.

mod metadata;
mod raw;
pub mod removal;

use std::collections::BTreeMap;

use serde_json::Value;

use crate::blueprint::Unit;
use crate::diagnostic::{Finding, Level};
use crate::manifest::{Judged, Object};
use crate::model::Fleet;
use crate::schema::{Problem, Schemas};
use crate::server;
use crate::workspace::{DEFINITIONS, Document};

/// The API servers of a fleet's clusters.
#[derive(Debug)]
pub struct Servers {
    /// What each minor version of Kubernetes serves.
    schemas: BTreeMap<u32, Schemas>,
}

impl Servers {
    /// Reads the kinds of every version that a cluster of the fleet runs, and the fleet's own definitions.
    pub fn new(fleet: &Fleet) -> (Self, Vec<Finding>) {
        let mut schemas = BTreeMap::new();
        let mut findings = Vec::new();
        for cluster in &fleet.clusters {
            let version = &cluster.spec.kubernetes_version;
            if schemas.contains_key(&version.minor()) {
                continue;
            }
            let mut known = Schemas::new(version);
            for document in &fleet.definitions {
                let wrong = known.add_crds(std::slice::from_ref(&document.value));
                // Every version says the same about them.
                if schemas.is_empty() {
                    let at = |finding: Finding| finding.at(document.locate("/metadata/name"));
                    findings.extend(wrong.into_iter().map(at));
                    findings.extend(not_a_definition(document));
                }
            }
            schemas.insert(version.minor(), known);
        }
        (Self { schemas }, findings)
    }

    /// Checks the objects of one unit.
    pub fn check(&self, unit: &Unit, judged: Judged<'_>) -> Vec<Finding> {
        let mut findings = self.check_delivered(unit, judged);
        if let (Some(environment), Some(schemas)) = (unit.environment(), self.of(unit)) {
            raw::check(environment, judged.objects, schemas, &mut findings);
        }
        findings
    }

    fn of(&self, unit: &Unit) -> Option<&Schemas> {
        self.schemas.get(&unit.cluster().spec.kubernetes_version.minor())
    }

    /// Checks what delivers a unit.
    pub fn check_delivered(&self, unit: &Unit, judged: Judged<'_>) -> Vec<Finding> {
        let mut findings = Vec::new();
        identities(judged.objects, &mut findings);
        let schemas = self.of(unit);
        let values = judged.completed.iter().zip(judged.stored);
        for (object, (completed, stored)) in judged.objects.iter().zip(values) {
            metadata::check(object, &mut findings);
            if let Some(schemas) = schemas {
                let problems = refusals(schemas, object, completed, stored.as_ref());
                findings.extend(problems.into_iter().map(|problem| refusal(object, problem)));
            }
        }
        findings
    }
}

/// Complains about a document among the definitions that is none.
fn not_a_definition(document: &Document) -> Option<Finding> {
    let kind = document.value.get("kind").and_then(Value::as_str).unwrap_or_default();
    if kind == "CustomResourceDefinition" {
        return None;
    }
    let message = format!("`{DEFINITIONS}` holds definitions of resources, not a `{kind}`");
    let finding = Finding::new("unusable-definition", Level::Error, message).at(document.locate("/kind"));
    Some(finding.help("move it out of the folder"))
}

/// Says what a server refuses in an object, complete with its defaults, that replaces another one or none.
pub fn refusals(schemas: &Schemas, object: &Object, completed: &Value, stored: Option<&Value>) -> Vec<Problem> {
    let (api_version, kind) = (object.api_version.as_str(), object.kind.as_str());
    // Only the same object can be changed.
    let identity = |value: &Value| {
        ["/apiVersion", "/kind", "/metadata/name", "/metadata/namespace"].map(|field| value.pointer(field).cloned())
    };
    let stored = stored.filter(|stored| identity(stored) == identity(completed));
    let mut problems: Vec<Problem> = schemas.availability(api_version, kind).into_iter().collect();
    problems.extend(match (schemas.find(api_version, kind), stored) {
        (Some(known), Some(stored)) => schemas.validate_update(known, stored, &object.value),
        (Some(known), None) => schemas.validate(known, &object.value),
        (None, _) => Vec::new(),
    });
    let follows = |problem: &Problem| problems.iter().any(|broken| follows(problem, broken));
    let mut refused = server::check(completed, stored, schemas.minor());
    refused.retain(|problem| !follows(problem));
    problems.extend(refused);
    problems
}

/// Whether the server's rules only say again, or misread, what is broken in the structure.
fn follows(problem: &Problem, broken: &Problem) -> bool {
    let path = |problem: &Problem| problem.message.split_once(": ").map(|(path, _)| path.to_owned());
    match broken.code {
        // What was meant is not known to the rules, so they miss it wherever they look for it.
        "unknown-object-field" | "field-too-new" | "wrong-object-type" => {
            let parent = broken.pointer.rsplit_once('/').map_or("", |(parent, _)| parent);
            problem.pointer.starts_with(parent)
        }
        _ => path(problem) == path(broken),
    }
}

/// The finding of a problem.
pub fn refusal(object: &Object, problem: Problem) -> Finding {
    let level = match problem.code {
        "deprecated-api" => Level::Warn,
        _ => Level::Deny,
    };
    let finding = Finding {
        object: Some(object.reference()),
        ..Finding::new(problem.code, level, problem.message).field(&problem.pointer)
    };
    match problem.help {
        Some(help) => finding.help(help),
        None => finding,
    }
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
