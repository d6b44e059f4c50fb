//! Deployments, StatefulSets, DaemonSets and replication controllers.
//!
//! A strategy is filled only if it is the rolling one.

use serde_json::{Value, json};

use super::{Object, default, inner, inner_or_new, is_empty, text};

/// Gives a rolling update of a Deployment or DaemonSet its numbers.
pub(super) fn rolling(strategy: &mut Object) {
    if text(strategy, "type") == "RollingUpdate" {
        default(strategy, "rollingUpdate", json!({}));
    }
}

/// Gives a StatefulSet without a strategy the rolling one. One that names it, and no numbers, stays without.
pub(super) fn stateful_set_update(strategy: &mut Object) {
    if is_empty(strategy, "type") {
        strategy.insert("type".to_owned(), "RollingUpdate".into());
        default(strategy, "rollingUpdate", json!({}));
    }
}

/// Says of a claim template what it is, and that it is not bound. (A claim of its own has lost its status by then.)
pub(super) fn claim_template(claim: &mut Object) {
    claim.insert("apiVersion".to_owned(), "v1".into());
    claim.insert("kind".to_owned(), "PersistentVolumeClaim".into());
    if let Some(status) = inner_or_new(claim, "status")
        && is_empty(status, "phase")
    {
        status.insert("phase".to_owned(), "Pending".into());
    }
}

/// Notes the generation of the template, which lives in an annotation since it is no field any more.
pub(super) fn daemon_set(set: &mut Object) {
    if let Some(metadata) = inner_or_new(set, "metadata")
        && let Some(annotations) = inner_or_new(metadata, "annotations")
    {
        default(annotations, "deprecated.daemonset.template.generation", "1");
    }
}

/// Takes the labels of the template for the selector and for itself.
pub(super) fn replication_controller(controller: &mut Object) {
    let Some(spec) = inner(controller, "spec") else { return };
    let labels = inner(spec, "template")
        .and_then(|template| inner(template, "metadata"))
        .and_then(|metadata| metadata.get("labels"));
    let Some(labels @ Value::Object(_)) = labels.cloned() else {
        return;
    };
    if is_empty(spec, "selector") {
        spec.insert("selector".to_owned(), labels.clone());
    }
    if let Some(metadata) = inner_or_new(controller, "metadata")
        && is_empty(metadata, "labels")
    {
        metadata.insert("labels".to_owned(), labels);
    }
}
