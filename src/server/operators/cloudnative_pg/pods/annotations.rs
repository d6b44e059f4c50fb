//! Annotations by which features of the operator are switched on.
//!
//! A patch of the Pods is read, not applied: only its form is judged.

use serde_json::Value;

use super::pages;
use crate::server::judge::Judge;
use crate::server::operators::read::{annotation, place, truth};

pub(super) fn check(object: &Value, judge: &mut Judge) {
    let mut say = |name: &str, value: &str, reason: &str| {
        judge.invalid(
            &pages::POD,
            place!("metadata", "annotations", name),
            &Value::from(value),
            reason,
        );
    };
    let read = |text: &str| serde_json::from_str::<Value>(text).unwrap_or(Value::from(false));
    for (name, value) in [
        "cnpg.io/hibernation",
        "cnpg.io/podPatch",
        "alpha.cnpg.io/livenessPinger",
    ]
    .into_iter()
    .filter_map(|name| annotation(object, name).map(|value| (name, value)))
    {
        match name {
            "cnpg.io/hibernation" if !matches!(value, "on" | "off") => say(
                name,
                value,
                "Annotation value for hibernation should be \"on\" or \"off\"",
            ),
            "cnpg.io/podPatch" if !is_patch(&read(value)) => {
                say(name, value, "error decoding JSON patch: it is not a list of operations");
            }
            "alpha.cnpg.io/livenessPinger" if truth(&read(value), &["enabled"]).is_none() => {
                say(
                    name,
                    value,
                    "error decoding liveness pinger config: pinger config is missing the enabled field",
                );
            }
            _ => {}
        }
    }
}

fn is_patch(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(operations) => operations
            .iter()
            .all(|operation| operation.is_object() || operation.is_null()),
        _ => false,
    }
}
