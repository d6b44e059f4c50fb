//! What came as text: overrides and extra manifests, compared with the types that they end up in.

use std::collections::BTreeSet;

use serde_json::Value;

use super::deny;
use crate::blueprint::EXTRA;
use crate::diagnostic::{Finding, Level, nearest};
use crate::kinds;
use crate::manifest::Object;
use crate::model::{Environment, Override};
use crate::schema::{Kind, Schemas};

pub(super) fn check(environment: &Environment, objects: &[Object], schemas: &Schemas, findings: &mut Vec<Finding>) {
    for (index, change) in environment.spec.overrides.iter().enumerate() {
        let pointer = format!("/overrides/{index}");
        if objects.iter().any(|object| is_target(object, change)) {
            findings.extend(identity(environment, &pointer, change));
        } else {
            findings.push(without_target(environment, &pointer, change, objects));
        }
    }
    let is_changed = |object: &Object| {
        let mut changes = environment.spec.overrides.iter();
        changes.any(|change| is_target(object, change))
    };
    for object in objects {
        let kind = schemas.find(&object.api_version, &object.kind);
        let is_extra = object.component == EXTRA;
        if is_extra {
            findings.extend(refusals(environment, object, kind));
        }
        // The types of components cannot be wrong; what came as text can be, where no schema has judged it.
        if kind.is_none() && (is_extra || is_changed(object)) {
            findings.extend(typed(object).into_iter().flatten());
        }
    }
}

/// A finding about an extra manifest belongs to its line; one about a field that an override sets, to the override's.
pub(super) fn locate(environment: &Environment, objects: &[Object], findings: &mut [Finding]) {
    for finding in findings.iter_mut().filter(|finding| finding.location.is_none()) {
        let field = finding.field.clone().unwrap_or_default();
        let place = finding.object.as_ref().and_then(|reference| {
            let is_it = |object: &&Object| object.reference() == *reference;
            let mut extra = objects.iter().filter(|object| object.component == EXTRA);
            if let Some(index) = extra.position(|object| is_it(&object)) {
                return Some(format!("/extra/{index}{field}"));
            }
            let target = objects.iter().find(is_it)?;
            let mut changes = environment.spec.overrides.iter().enumerate();
            let sets = |change: &Override| {
                Value::Object(change.patch.clone())
                    .pointer(before_list(&field))
                    .is_some()
            };
            let (index, _) = changes.find(|(_, change)| is_target(target, change) && sets(change))?;
            Some(format!("/overrides/{index}/patch{field}"))
        });
        // What no line of an override or extra manifest says follows from the environment as a whole.
        let pointer = place.unwrap_or_default();
        finding.location = Some(environment.locate_key(&pointer));
    }
}

/// The part of a pointer before its first list: a list of a patch counts its items otherwise than that of the object.
fn before_list(pointer: &str) -> &str {
    let index = pointer.match_indices('/').map(|(at, _)| at).find(|at| {
        let rest = pointer.get(at + 1..).unwrap_or_default();
        rest.starts_with(|letter: char| letter.is_ascii_digit())
    });
    index.and_then(|at| pointer.get(..at)).unwrap_or(pointer)
}

fn is_target(object: &Object, change: &Override) -> bool {
    object.kind == change.kind && object.name == change.name
}

fn without_target(environment: &Environment, pointer: &str, change: &Override, objects: &[Object]) -> Finding {
    let (kind, name) = (&change.kind, &change.name);
    let names: BTreeSet<&str> = objects
        .iter()
        .filter(|object| object.kind == *kind)
        .map(|object| &*object.name)
        .collect();
    let kinds: BTreeSet<&str> = objects.iter().map(|object| &*object.kind).collect();
    let (field, typed, known) = if names.is_empty() {
        ("kind", kind, kinds)
    } else {
        ("name", name, names)
    };
    let help = match nearest(typed, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("known here: `{}`", known.into_iter().collect::<Vec<_>>().join("`, `")),
    };
    let message = format!("the environment has no {kind} `{name}`");
    let place = environment.locate(&format!("{pointer}/{field}"));
    Finding::new("override-without-target", Level::Deny, message)
        .at(place)
        .help(help)
}

/// The object's path follows from its identity, and so does what else refers to it.
fn identity(environment: &Environment, pointer: &str, change: &Override) -> Vec<Finding> {
    let patch = Value::Object(change.patch.clone());
    let fields = ["/apiVersion", "/kind", "/metadata/name", "/metadata/namespace"];
    let changed = fields.into_iter().filter(|field| patch.pointer(field).is_some());
    changed
        .map(|field| {
            let message = format!("an override cannot change `{}`", dotted(field));
            Finding::new("override-unknown-field", Level::Deny, message)
                .at(environment.locate_key(&format!("{pointer}/patch{field}")))
                .field(field)
                .help("remove it from the patch; an object of your own goes into `extra`")
        })
        .collect()
}

/// What an extra manifest must not be.
fn refusals(environment: &Environment, object: &Object, kind: Option<&Kind>) -> Vec<Finding> {
    let mut findings = Vec::new();
    if object.namespace.as_deref() != Some(environment.namespace.as_str()) {
        let message = format!("an extra manifest belongs into `{}`", environment.namespace);
        findings.push(deny("extra-refused", object, "/metadata/namespace", message).help("leave the namespace out"));
    }
    let typed = kinds::find(&object.api_version, &object.kind);
    let is_namespaced = kind
        .map(|kind| kind.is_namespaced)
        .or(typed.map(|typed| typed.namespaced));
    match is_namespaced {
        Some(false) => {
            findings.push(
                deny(
                    "extra-refused",
                    object,
                    "/kind",
                    format!("`{}` is not part of a namespace", object.kind),
                )
                .help("put it into the repository of the cluster"),
            );
        }
        // What is wrong with a Secret is that it is one.
        None if object.kind != "Secret" => {
            let mut finding = deny(
                "unknown-object-kind",
                object,
                "/kind",
                format!(
                    "`{} {}` has no schema here; it is written unchecked",
                    object.api_version, object.kind
                ),
            );
            finding.level = Level::Warn;
            findings.push(finding);
        }
        _ => {}
    }
    findings
}

/// The fields that the object's type does not know, or the first value of a wrong type; nothing for an unknown kind.
fn typed(object: &Object) -> Option<Vec<Finding>> {
    let kind = &object.kind;
    Some(match kinds::unknown_fields(&object.value)? {
        Ok(pointers) => {
            let finding = |pointer: &String| {
                let message = format!("{kind} has no field `{}`", dotted(pointer));
                deny("unknown-object-field", object, pointer, message)
                    .help("correct or remove it; the API server refuses it")
            };
            pointers.iter().map(finding).collect()
        }
        Err(problem) => {
            let (path, problem) = problem.split_once(": ").unwrap_or(("", &problem));
            let pointer = format!("/{}", path.replace(['.', '['], "/").replace(']', ""));
            let problem = problem.trim_start_matches("invalid type: ");
            let message = format!("`{path}` of a {kind}: {problem}");
            vec![
                deny("wrong-object-type", object, &pointer, message).help("write a value of the type that is expected"),
            ]
        }
    })
}

/// A pointer as people write the path of a field, `spec.replicas`.
fn dotted(pointer: &str) -> String {
    pointer.trim_start_matches('/').replace('/', ".")
}
