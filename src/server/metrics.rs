//! By what an autoscaler scales, and how fast.
//!
//! Whether anybody reports a metric is the business of other rooms.

use serde_json::Value;

use super::common::{self, get, list, text, whole};
use super::judge::Judge;
use super::metadata::path_segment_problems;
use super::{API_SERVER, Rules, autoscaling, resource};
use crate::diagnostic::codes::Code;
use crate::schema::Place;
use crate::text::server;

pub(super) const RULES: Rules = Rules {
    by: API_SERVER,
    kinds: &[],
    codes: &[&SOURCE, &TARGET, &BEHAVIOR],
};

const SOURCE: Code = Code {
    id: "autoscaler-metric",
    title: "a metric of an autoscaler whose type and source differ",
    why: "`type: Resource` goes with `resource`, `ContainerResource` with `containerResource`, and so on; each metric has \
          exactly one source.",
    fix: "fill in the source that `type` names, and remove the others",
    bad: "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: web, namespace: \
          hartmann-bau-production}\nspec:\n  maxReplicas: 4\n  \
          scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}\n  metrics:\n  - type: ContainerResource\n    \
          resource: {name: cpu, target: {type: Utilization, averageUtilization: 70}}",
    good: "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: web, namespace: \
           hartmann-bau-production}\nspec:\n  maxReplicas: 4\n  \
           scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}\n  metrics:\n  - type: Resource\n    \
           resource: {name: cpu, target: {type: Utilization, averageUtilization: 70}}",
};

pub(super) const TARGET: Code = Code {
    id: "autoscaler-metric-target",
    title: "a target that an autoscaler cannot reach",
    why: "A resource has either `averageUtilization` or `averageValue`, a metric of pods `averageValue`, an external one \
          `value` or `averageValue`; all of them above zero.",
    fix: "set the one field that belongs to the type of the metric to a positive amount",
    bad: "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: web, namespace: \
          hartmann-bau-production}\nspec:\n  maxReplicas: 4\n  \
          scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}\n  metrics:\n  - type: Resource\n    \
          resource: {name: cpu, target: {type: Utilization}}",
    good: "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: web, namespace: \
           hartmann-bau-production}\nspec:\n  maxReplicas: 4\n  \
           scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}\n  metrics:\n  - type: Resource\n    \
           resource: {name: cpu, target: {type: Utilization, averageUtilization: 70}}",
};

const BEHAVIOR: Code = Code {
    id: "autoscaler-behavior",
    title: "a speed of scaling that the API server refuses",
    why: "A direction has at least one policy, with a positive `value` within at most 30 minutes; the window in which the \
          autoscaler waits is at most one hour.",
    fix: "set `periodSeconds` to at most 1800 and `stabilizationWindowSeconds` to at most 3600",
    bad: "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: web, namespace: \
          hartmann-bau-production}\nspec:\n  maxReplicas: 4\n  \
          scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}\n  \
          behavior: {scaleDown: {stabilizationWindowSeconds: 7200}}",
    good: "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: web, namespace: \
           hartmann-bau-production}\nspec:\n  maxReplicas: 4\n  \
           scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}\n  \
           behavior: {scaleDown: {stabilizationWindowSeconds: 3600}}",
};

/// Types and the fields of their sources, in the order in which the server looks at them.
const SOURCES: &[(&str, &str)] = &[
    ("Object", "object"),
    ("External", "external"),
    ("Pods", "pods"),
    ("Resource", "resource"),
    ("ContainerResource", "containerResource"),
];
/// The longest window, in seconds.
const LONGEST_WINDOW: i64 = 3600;
/// The longest period of a policy, in seconds.
const LONGEST_PERIOD: i64 = 1800;

/// Judges the metrics and the behaviour of an autoscaler.
pub(super) fn check(spec: &Value, place: &Place<'_>, judge: &mut Judge) {
    let metrics = place.field("metrics");
    for (index, metric) in list(spec, "metrics").iter().enumerate() {
        check_metric(metric, &metrics.index(index), judge);
    }
    let Some(behavior) = get(spec, "behavior") else { return };
    let place = place.field("behavior");
    for direction in ["scaleUp", "scaleDown"] {
        if let Some(rules) = get(behavior, direction) {
            check_rules(rules, &place.field(direction), judge);
        }
    }
}

fn check_metric(metric: &Value, place: &Place<'_>, judge: &mut Judge) {
    let kind = text(metric, "type");
    let present = || SOURCES.iter().filter(|(_, field)| get(metric, field).is_some());
    if let Some((_, field)) = present().next()
        && let Some(source) = get(metric, field)
    {
        check_source(field, source, &place.field(field), judge);
    }
    let Some((_, expected)) = SOURCES.iter().find(|(known, _)| *known == kind) else {
        return;
    };
    if get(metric, expected).is_none() {
        let reason = "must populate information for the given metric source";
        judge.required(&SOURCE, &place.field(expected), reason);
    }
    if present().count() > 1 {
        for (_, field) in present().filter(|(_, field)| field != expected) {
            judge.forbidden(
                &SOURCE,
                &place.field(field),
                "must populate the given metric source only",
            );
        }
    }
}

fn check_source(kind: &str, source: &Value, place: &Place<'_>, judge: &mut Judge) {
    if let Some(described) = get(source, "describedObject") {
        autoscaling::reference(described, false, &place.field("describedObject"), judge);
    }
    if let Some(metric) = get(source, "metric") {
        let place = place.field("metric");
        common::checked(&SOURCE, metric, "name", path_segment_problems, &place, judge);
    }
    if kind == "containerResource" {
        common::checked(&SOURCE, source, "name", resource::container_problems, place, judge);
        common::checked(&SOURCE, source, "container", server::is_dns1123_label, place, judge);
    }
    let Some(target) = get(source, "target") else { return };
    let place = place.field("target");
    for field in ["value", "averageValue"] {
        if let Some(value) = get(target, field)
            && resource::is_not_positive(value)
        {
            judge.invalid(&TARGET, &place.field(field), value, "must be positive");
        }
    }
    let utilization = get(target, "averageUtilization");
    if let Some(value) = utilization
        && whole(value).is_some_and(|value| value < 1)
    {
        judge.invalid(
            &TARGET,
            &place.field("averageUtilization"),
            value,
            "must be greater than 0",
        );
    }
    let mut require = |field: &str, reason: &str| judge.required(&TARGET, &place.field(field), reason);
    let (value, average) = (get(target, "value"), get(target, "averageValue"));
    match kind {
        "object" if value.is_none() && average.is_none() => {
            require("averageValue", "must set either a target value or averageValue");
        }
        "external" if value.is_none() && average.is_none() => {
            require(
                "averageValue",
                "must set either a target value for metric or a per-pod target",
            );
        }
        "external" if value.is_some() && average.is_some() => {
            let reason = "may not set both a target value for metric and a per-pod target";
            judge.forbidden(&TARGET, &place.field("value"), reason);
        }
        "pods" if average.is_none() => require("averageValue", "must specify a positive target averageValue"),
        "resource" | "containerResource" if utilization.is_none() && average.is_none() => {
            require(
                "averageUtilization",
                "must set either a target raw value or a target utilization",
            );
        }
        "resource" | "containerResource" if utilization.is_some() && average.is_some() => {
            let reason = "may not set both a target raw value and a target utilization";
            judge.forbidden(&TARGET, &place.field("averageValue"), reason);
        }
        _ => {}
    }
}

fn check_rules(rules: &Value, place: &Place<'_>, judge: &mut Judge) {
    if let Some(value) = get(rules, "stabilizationWindowSeconds")
        && let Some(seconds) = whole(value)
    {
        let place = place.field("stabilizationWindowSeconds");
        if seconds < 0 {
            judge.invalid(&BEHAVIOR, &place, value, "must be greater than or equal to zero");
        } else if seconds > LONGEST_WINDOW {
            let reason = format_args!("must be less than or equal to {LONGEST_WINDOW}");
            judge.invalid(&BEHAVIOR, &place, value, reason);
        }
    }
    let of_policies = place.field("policies");
    let policies = list(rules, "policies");
    if policies.is_empty() {
        judge.required(&BEHAVIOR, &of_policies, "must specify at least one Policy");
    }
    for (index, policy) in policies.iter().enumerate() {
        check_policy(policy, &of_policies.index(index), judge);
    }
    if let Some(tolerance) = get(rules, "tolerance")
        && resource::is_negative(tolerance)
    {
        judge.invalid(&BEHAVIOR, &place.field("tolerance"), tolerance, common::NOT_NEGATIVE);
    }
}

fn check_policy(policy: &Value, place: &Place<'_>, judge: &mut Judge) {
    for field in ["value", "periodSeconds"] {
        let Some(value) = get(policy, field) else { continue };
        let Some(number) = whole(value) else { continue };
        let place = place.field(field);
        if number <= 0 {
            judge.invalid(&BEHAVIOR, &place, value, "must be greater than zero");
        } else if field == "periodSeconds" && number > LONGEST_PERIOD {
            let reason = format_args!("must be less than or equal to {LONGEST_PERIOD}");
            judge.invalid(&BEHAVIOR, &place, value, reason);
        }
    }
}
