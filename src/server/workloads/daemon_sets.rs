//! DaemonSets.
//!
//! On each node there is one pod, so a rollout either removes first or adds first.

use serde_json::Value;

use super::rollout::{COUNT, STRATEGY, is_nothing, step, step_of_all};
use super::{restarts_always, selector, selects_template};
use crate::schema::Place;
use crate::server::common::{at, get, none_negative, text};
use crate::server::judge::Judge;
use crate::server::pods;

/// Judges a DaemonSet.
pub(super) fn create(object: &Value, judge: &mut Judge) {
    let Some(spec) = get(object, "spec") else { return };
    let object = Place::OBJECT;
    let place = object.field("spec");
    if selector(spec, "daemonset", &place, judge) {
        selects_template(spec, &place, judge);
    }
    if let Some(template) = get(spec, "template") {
        pods::template(template, &place.field("template"), judge);
    }
    restarts_always(spec, "DaemonSet", &place, judge);
    none_negative(
        &COUNT,
        spec,
        &["minReadySeconds", "revisionHistoryLimit"],
        &place,
        judge,
    );
    let place = place.field("updateStrategy");
    if let Some(rolling) = at(spec, &["updateStrategy", "rollingUpdate"])
        && at(spec, &["updateStrategy"]).is_some_and(|strategy| text(strategy, "type") == "RollingUpdate")
    {
        steps(rolling, &place.field("rollingUpdate"), judge);
    }
}

fn steps(rolling: &Value, place: &Place<'_>, judge: &mut Judge) {
    for field in ["maxUnavailable", "maxSurge"] {
        step(rolling, field, place, judge);
    }
    for field in ["maxUnavailable", "maxSurge"] {
        step_of_all(rolling, field, place, judge);
    }
    match (is_nothing(rolling, "maxUnavailable"), is_nothing(rolling, "maxSurge")) {
        (false, false) => {
            let value = rolling.get("maxSurge").unwrap_or(&Value::Null);
            let reason = "may not be set when maxUnavailable is non-zero";
            judge.invalid(&STRATEGY, &place.field("maxSurge"), value, reason);
        }
        (true, true) => {
            let reason = "cannot be 0 when maxSurge is 0";
            judge.required(&STRATEGY, &place.field("maxUnavailable"), reason);
        }
        _ => {}
    }
}
