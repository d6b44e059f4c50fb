//! Kinds that people seldom write: ReplicaSets, their predecessors, and templates by themselves.
//!
//! A ReplicationController selects by a plain map of labels.

use serde_json::Value;

use super::rollout::COUNT;
use super::{misses, restarts_always, selector, selects_template};
use crate::schema::Place;
use crate::server::common::{at, entries, get, none_negative};
use crate::server::judge::Judge;
use crate::server::pods;

/// Judges a ReplicaSet.
pub(super) fn replica_set(object: &Value, judge: &mut Judge) {
    let Some(spec) = get(object, "spec") else { return };
    let object = Place::OBJECT;
    let place = object.field("spec");
    none_negative(&COUNT, spec, &["replicas", "minReadySeconds"], &place, judge);
    if selector(spec, "deployment", &place, judge) {
        selects_template(spec, &place, judge);
    }
    if let Some(template) = get(spec, "template") {
        pods::template(template, &place.field("template"), judge);
    }
    restarts_always(spec, "ReplicaSet", &place, judge);
}

/// Judges a ReplicationController.
pub(super) fn replication_controller(object: &Value, judge: &mut Judge) {
    let Some(spec) = get(object, "spec") else { return };
    let object = Place::OBJECT;
    let place = object.field("spec");
    none_negative(&COUNT, spec, &["replicas", "minReadySeconds"], &place, judge);
    let Some(template) = get(spec, "template") else { return };
    let labels = at(template, &["metadata", "labels"]);
    let has = |key: &str| labels.and_then(|labels| labels.get(key));
    if !entries(spec, "selector").all(|(key, value)| has(key) == Some(value)) {
        misses(labels, &place, judge);
    }
    pods::template(template, &place.field("template"), judge);
    restarts_always(spec, "ReplicationController", &place, judge);
}

/// Judges a PodTemplate.
pub(super) fn pod_template(object: &Value, judge: &mut Judge) {
    if let Some(template) = get(object, "template") {
        pods::template(template, &Place::OBJECT.field("template"), judge);
    }
}
