//! Deployments.
//!
//! Messages are those of a ReplicaSet where a Deployment makes one.

use serde_json::Value;

use super::rollout::{COUNT, STRATEGY, is_nothing, step, step_of_all};
use super::{restarts_always, selector, selects_template};
use crate::schema::Place;
use crate::server::common::{get, none_negative, number, text};
use crate::server::judge::Judge;
use crate::server::pods;

/// The counts and times of a Deployment.
const NUMBERS: &[&str] = &[
    "replicas",
    "minReadySeconds",
    "revisionHistoryLimit",
    "progressDeadlineSeconds",
];

/// Judges a Deployment.
pub(super) fn create(object: &Value, judge: &mut Judge) {
    let Some(spec) = get(object, "spec") else { return };
    let object = Place::OBJECT;
    let place = object.field("spec");
    if selector(spec, "deployment", &place, judge) {
        selects_template(spec, &place, judge);
    }
    if let Some(template) = get(spec, "template") {
        pods::template(template, &place.field("template"), judge);
    }
    restarts_always(spec, "ReplicaSet", &place, judge);
    if let Some(strategy) = get(spec, "strategy") {
        self::strategy(strategy, &place.field("strategy"), judge);
    }
    none_negative(&COUNT, spec, NUMBERS, &place, judge);
    if let Some(value) = spec.get("progressDeadlineSeconds")
        && let Some(deadline) = number(spec, "progressDeadlineSeconds")
        && deadline <= number(spec, "minReadySeconds").unwrap_or_default()
    {
        let reason = "must be greater than minReadySeconds";
        judge.invalid(&COUNT, &place.field("progressDeadlineSeconds"), value, reason);
    }
}

fn strategy(strategy: &Value, place: &Place<'_>, judge: &mut Judge) {
    let Some(rolling) = get(strategy, "rollingUpdate") else {
        return;
    };
    let place = place.field("rollingUpdate");
    if text(strategy, "type") == "Recreate" {
        let reason = "may not be specified when strategy `type` is 'Recreate'";
        judge.forbidden(&STRATEGY, &place, reason);
        return;
    }
    step(rolling, "maxUnavailable", &place, judge);
    step(rolling, "maxSurge", &place, judge);
    if is_nothing(rolling, "maxUnavailable") && is_nothing(rolling, "maxSurge") {
        let value = rolling.get("maxUnavailable").unwrap_or(&Value::Null);
        let reason = "may not be 0 when `maxSurge` is 0";
        judge.invalid(&STRATEGY, &place.field("maxUnavailable"), value, reason);
    }
    step_of_all(rolling, "maxUnavailable", &place, judge);
}
