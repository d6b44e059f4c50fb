//! Priority classes.
//!
//! Pods keep the number that their class had when they were created.

use serde_json::Value;

use super::common::{self, get, is_true, number, text};
use super::judge::Judge;
use super::{API_SERVER, Kind, Rules};
use crate::diagnostic::codes::Code;
use crate::schema::Place;

pub(super) const RULES: Rules = Rules {
    by: API_SERVER,
    kinds: &[Kind {
        group: "scheduling.k8s.io",
        kind: "PriorityClass",
        create,
        update,
    }],
    codes: &[&VALUE, &IMMUTABLE],
};

const VALUE: Code = Code {
    id: "priority-of-the-system",
    title: "a priority that is reserved for the system",
    why: "Names that begin with `system-` and values above 1000000000 belong to Kubernetes, so that no workload evicts \
          what keeps the cluster running.",
    fix: "choose another name, and a value of at most 1000000000",
    bad: "{apiVersion: scheduling.k8s.io/v1, kind: PriorityClass, metadata: {name: odoo-live}, value: 2000000000}",
    good: "{apiVersion: scheduling.k8s.io/v1, kind: PriorityClass, metadata: {name: odoo-live}, value: 100000}",
};

const IMMUTABLE: Code = Code {
    id: "immutable-priority-class",
    title: "a priority class that changes its value or whether it evicts others",
    why: "Running pods would keep the old value, so two pods of one class would differ.",
    fix: "create a class of another name and let the workloads refer to it",
    bad: "{apiVersion: scheduling.k8s.io/v1, kind: PriorityClass, metadata: {name: odoo-live}, value: 100000}\n---\n\
          {apiVersion: scheduling.k8s.io/v1, kind: PriorityClass, metadata: {name: odoo-live}, value: 200000}",
    good: "{apiVersion: scheduling.k8s.io/v1, kind: PriorityClass, metadata: {name: odoo-live}, value: 100000}\n---\n\
           {apiVersion: scheduling.k8s.io/v1, kind: PriorityClass, metadata: {name: odoo-live}, value: 100000, \
           description: Production}",
};

/// The highest value for users.
const HIGHEST: i64 = 1_000_000_000;
/// The classes of the system, with their values.
const SYSTEM: &[(&str, i64)] = &[
    ("system-node-critical", 2_000_001_000),
    ("system-cluster-critical", 2_000_000_000),
];

fn create(object: &Value, judge: &mut Judge) {
    let place = Place::OBJECT;
    let metadata = place.field("metadata");
    let name = common::at(object, &["metadata", "name"])
        .and_then(Value::as_str)
        .unwrap_or_default();
    let value = number(object, "value").unwrap_or_default();
    if name.starts_with("system-") {
        let known = SYSTEM.iter().find(|(known, _)| *known == name);
        let error = match known {
            None => format!("{name} is not a known system priority class"),
            Some((_, known)) if *known != value => format!("value of {name} PriorityClass must be {known}"),
            Some(_) if is_true(object, "globalDefault") => {
                format!("globalDefault of {name} PriorityClass must be false")
            }
            Some(_) => return,
        };
        let reason =
            format!("priority class names with 'system-' prefix are reserved for system use only. error: {error}");
        judge.forbidden(&VALUE, &metadata.field("name"), reason);
    } else if value > HIGHEST {
        let reason = format_args!("maximum allowed value of a user defined priority is {HIGHEST}");
        judge.forbidden(&VALUE, &place.field("value"), reason);
    }
}

fn update(old: &Value, new: &Value, judge: &mut Judge) {
    let place = Place::OBJECT;
    let value = |object: &Value| number(object, "value").unwrap_or_default();
    if value(old) != value(new) {
        judge.forbidden(&IMMUTABLE, &place.field("value"), "may not be changed in an update.");
    }
    if text(old, "preemptionPolicy") != text(new, "preemptionPolicy") {
        let after = get(new, "preemptionPolicy").unwrap_or(&Value::Null);
        judge.invalid(&IMMUTABLE, &place.field("preemptionPolicy"), after, common::IMMUTABLE);
    }
}
