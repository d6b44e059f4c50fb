//! Horizontal pod autoscalers.
//!
//! Without metrics they scale by CPU; a behaviour that says something is completed in both directions.

use serde_json::{Value, json};

use super::{Object, default, inner_or_new, is_absent, is_empty};

/// The annotation in which version 1 keeps the metrics that it has no fields for.
const METRICS: &str = "autoscaling.alpha.kubernetes.io/metrics";

/// The share of its request, in per cent, that a container shall use when nothing else is said.
const UTILIZATION: i64 = 80;

/// Gives an autoscaler of version 2 its metrics.
pub(super) fn metrics(spec: &mut Object) {
    if is_empty(spec, "metrics") {
        let target = json!({"type": "Utilization", "averageUtilization": UTILIZATION});
        let metrics = json!([{"type": "Resource", "resource": {"name": "cpu", "target": target}}]);
        spec.insert("metrics".to_owned(), metrics);
    }
}

/// Gives an autoscaler of version 1 its target.
pub(super) fn utilization(autoscaler: &mut Object) {
    let annotations = autoscaler
        .get("metadata")
        .and_then(|metadata| metadata.get("annotations"));
    if annotations.is_some_and(|annotations| annotations.get(METRICS).is_some()) {
        return;
    }
    if let Some(spec) = inner_or_new(autoscaler, "spec") {
        default(spec, "targetCPUUtilizationPercentage", UTILIZATION);
    }
}

/// Completes both directions of a behaviour. How long scaling down waits is an option of the controller, not a default.
pub(super) fn behavior(behavior: &mut Object) {
    let all = json!({"type": "Percent", "value": 100, "periodSeconds": 15});
    let four = json!({"type": "Pods", "value": 4, "periodSeconds": 15});
    if let Some(up) = inner_or_new(behavior, "scaleUp") {
        direction(up, json!([four, all]));
        default(up, "stabilizationWindowSeconds", 0);
    }
    if let Some(down) = inner_or_new(behavior, "scaleDown") {
        direction(down, json!([all]));
    }
}

fn direction(rules: &mut Object, policies: Value) {
    default(rules, "selectPolicy", "Max");
    // A list that is empty is refused.
    if is_absent(rules, "policies") {
        rules.insert("policies".to_owned(), policies);
    }
}
