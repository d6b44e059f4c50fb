//! How controllers replace their pods: how many, in which steps, how fast.
//!
//! Steps are counts or percentages of the replicas.

use serde_json::Value;

use super::deployment;
use crate::diagnostic::codes::Code;
use crate::schema::Place;
use crate::server::common::{at_most_all, count_or_percent, percent, whole};
use crate::server::judge::Judge;

pub(super) const COUNT: Code = Code {
    id: "invalid-workload-count",
    title: "a number of a controller that the API server refuses",
    why: "Counts and times of controllers are not negative, and a rollout gets more time than its pods need to be ready.",
    fix: "write a number from 0 on, and `progressDeadlineSeconds` above `minReadySeconds`",
    bad: deployment!(
        "  replicas: -1\n  selector: {matchLabels: {app: odoo}}\n  template:\n    metadata: {labels: {app: odoo}}\n    \
         spec: {containers: [{name: odoo, image: \"registry.example/odoo:18.0\"}]}"
    ),
    good: deployment!(
        "  replicas: 1\n  selector: {matchLabels: {app: odoo}}\n  template:\n    metadata: {labels: {app: odoo}}\n    \
         spec: {containers: [{name: odoo, image: \"registry.example/odoo:18.0\"}]}"
    ),
};

pub(super) const STRATEGY: Code = Code {
    id: "invalid-rollout-strategy",
    title: "a strategy of replacing pods that the API server refuses",
    why: "Pods are replaced step by step, by taking some away first or by adding some first, so not both counts can be zero; \
          a percentage ends with `%`. Where all pods stop at once there are no steps.",
    fix: "set `maxSurge` or `maxUnavailable` above zero, or take `rollingUpdate` away beside `Recreate` and `OnDelete`",
    bad: deployment!(
        "  strategy: {rollingUpdate: {maxSurge: 0, maxUnavailable: 0}}\n  selector: {matchLabels: {app: odoo}}\n  template:\n    \
         metadata: {labels: {app: odoo}}\n    spec: {containers: [{name: odoo, image: \"registry.example/odoo:18.0\"}]}"
    ),
    good: deployment!(
        "  strategy: {rollingUpdate: {maxSurge: 1, maxUnavailable: 0}}\n  selector: {matchLabels: {app: odoo}}\n  template:\n    \
         metadata: {labels: {app: odoo}}\n    spec: {containers: [{name: odoo, image: \"registry.example/odoo:18.0\"}]}"
    ),
};

/// Refuses a step that is neither a count nor a percentage.
pub(super) fn step(rolling: &Value, field: &str, place: &Place<'_>, judge: &mut Judge) {
    if let Some(value) = rolling.get(field) {
        count_or_percent(&STRATEGY, value, &place.field(field), judge);
    }
}

/// Refuses a step of more than all pods.
pub(super) fn step_of_all(rolling: &Value, field: &str, place: &Place<'_>, judge: &mut Judge) {
    if let Some(value) = rolling.get(field) {
        at_most_all(&STRATEGY, value, &place.field(field), judge);
    }
}

/// Tells whether a step is no step; a text that is no percentage counts as zero to the server.
pub(super) fn is_nothing(rolling: &Value, field: &str) -> bool {
    let value = rolling.get(field).unwrap_or(&Value::Null);
    match value {
        Value::String(text) => percent(value).or_else(|| text.parse().ok()).unwrap_or_default() == 0,
        value => whole(value).unwrap_or_default() == 0,
    }
}
