//! Horizontal autoscalers: replicas and what is scaled. Metrics and behaviour are judged in `metrics`.
//!
//! The first version of the API is judged as the second, with one metric, as the server converts it.

use serde_json::Value;

use super::common::{self, at, get, list, text, whole};
use super::judge::Judge;
use super::metadata::path_segment_problems;
use super::{API_SERVER, Kind, Rules, metrics};
use crate::diagnostic::codes::Code;
use crate::schema::Place;

pub(super) const RULES: Rules = Rules {
    by: API_SERVER,
    kinds: &[Kind {
        group: "autoscaling",
        kind: "HorizontalPodAutoscaler",
        create,
        update: super::unchanged,
    }],
    codes: &[&REPLICAS, &TARGET],
};

const REPLICAS: Code = Code {
    id: "autoscaler-replicas",
    title: "an autoscaler without room between its replicas",
    why: "`maxReplicas` is at least 1 and at least `minReplicas`. `minReplicas` is at least 1; since Kubernetes 1.37 it may \
          be 0 with a metric of the types `Object` or `External`, since pods that are not there report nothing.",
    fix: "set `minReplicas` to 1 or more, and `maxReplicas` not below it",
    bad: "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: web, namespace: \
          hartmann-bau-production}\nspec:\n  minReplicas: 4\n  maxReplicas: 2\n  \
          scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}",
    good: "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: web, namespace: \
           hartmann-bau-production}\nspec:\n  minReplicas: 2\n  maxReplicas: 4\n  \
           scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}",
};

const TARGET: Code = Code {
    id: "autoscaler-target",
    title: "an autoscaler that does not say what it scales",
    why: "`scaleTargetRef` names a workload with its API group, `apps/v1`; without the group nothing would be found.",
    fix: "write `apiVersion`, `kind` and `name` of the workload",
    bad: "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: web, namespace: \
          hartmann-bau-production}\nspec:\n  maxReplicas: 4\n  \
          scaleTargetRef: {apiVersion: v1, kind: Deployment, name: web}",
    good: "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: web, namespace: \
           hartmann-bau-production}\nspec:\n  maxReplicas: 4\n  \
           scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}",
};

/// The minor version that scales to zero.
const TO_ZERO: u32 = 37;
/// The minor version that wants the group of what is scaled.
const GROUP_NEEDED: u32 = 35;

fn create(object: &Value, judge: &mut Judge) {
    let Some(spec) = get(object, "spec") else { return };
    let place = Place::OBJECT;
    let place = place.field("spec");
    replicas(spec, &place, judge);
    if let Some(target) = get(spec, "scaleTargetRef") {
        let needs_group = judge.minor >= GROUP_NEEDED && text(target, "kind") != "ReplicationController";
        reference(target, needs_group, &place.field("scaleTargetRef"), judge);
    }
    metrics::check(spec, &place, judge);
    let percentage = "targetCPUUtilizationPercentage";
    if let Some(value) = get(spec, percentage)
        && whole(value).is_some_and(|value| value < 1)
    {
        // To the server it is the target of a metric.
        let metrics = place.field("metrics");
        let metric = metrics.index(0);
        let resource = metric.field("resource");
        let target = resource.field("target");
        let reason = "must be greater than 0";
        judge.invalid(&metrics::TARGET, &target.field("averageUtilization"), value, reason);
        judge.point_to(&place.field(percentage));
    }
}

fn replicas(spec: &Value, place: &Place<'_>, judge: &mut Judge) {
    let (least, most) = (get(spec, "minReplicas"), get(spec, "maxReplicas"));
    let of_most = place.field("maxReplicas");
    let lowest = i64::from(judge.minor < TO_ZERO);
    if let Some(least) = least
        && whole(least).is_some_and(|least| least < lowest)
    {
        let reason = format_args!("must be greater than or equal to {lowest}");
        judge.invalid(&REPLICAS, &place.field("minReplicas"), least, reason);
    }
    let Some(most) = most else { return };
    match whole(most) {
        Some(0) => judge.required(&REPLICAS, &of_most, ""),
        Some(most_replicas) if most_replicas < 0 => {
            judge.invalid(&REPLICAS, &of_most, most, "must be greater than or equal to 1");
        }
        _ => {}
    }
    if least.is_some_and(|least| whole(most) < whole(least)) {
        judge.invalid(
            &REPLICAS,
            &of_most,
            most,
            "must be greater than or equal to `minReplicas`",
        );
    }
    let scales_without_pods = |metric: &Value| ["External", "Object"].contains(&text(metric, "type"));
    if least.is_some_and(|least| whole(least) == Some(0)) && !list(spec, "metrics").iter().any(scales_without_pods) {
        let reason = "must specify at least one Object or External metric to support scaling to zero replicas";
        judge.forbidden(&REPLICAS, &place.field("metrics"), reason);
    }
}

/// Judges a reference to an object by version, kind and name.
pub(super) fn reference(target: &Value, needs_group: bool, place: &Place<'_>, judge: &mut Judge) {
    common::checked(&TARGET, target, "kind", path_segment_problems, place, judge);
    common::checked(&TARGET, target, "name", path_segment_problems, place, judge);
    let Some(version @ Value::String(given)) = at(target, &["apiVersion"]) else {
        return;
    };
    let place = place.field("apiVersion");
    let group = given.split_once('/').map_or("", |(group, _)| group);
    match given.matches('/').count() {
        0 | 1 if needs_group && group.is_empty() && !given.is_empty() => {
            judge.invalid(&TARGET, &place, version, "apiVersion must specify API group");
        }
        0 | 1 => {}
        _ => judge.invalid(
            &TARGET,
            &place,
            version,
            format_args!("unexpected GroupVersion string: {given}"),
        ),
    }
}
