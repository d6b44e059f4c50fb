//! The defaults that depend on other fields, one function a Go type.
//!
//! A rule sees its object after the constants and before what is inside, which came as the manifest has it: it takes null
//! for absent and leaves what it does not understand.

use serde_json::{Value, json};

use super::{Object, text};
use crate::text::Quantity;

mod access;
mod autoscaling;
mod containers;
mod image;
mod jobs;
mod network;
mod pods;
mod storage;
mod workloads;

/// Completes an object of one type.
pub(super) type Rule = fn(&mut Object);

/// The rules by the types that they complete.
pub(super) static RULES: &[(&str, Rule)] = &[
    ("AutoscalingV2HorizontalPodAutoscalerSpec", autoscaling::metrics),
    ("ClaimTemplate", workloads::claim_template),
    ("Container", containers::container),
    ("DaemonSet", workloads::daemon_set),
    ("DaemonSetUpdateStrategy", workloads::rolling),
    ("DeploymentStrategy", workloads::rolling),
    ("EphemeralContainer", containers::container),
    ("HorizontalPodAutoscaler", autoscaling::utilization),
    ("HorizontalPodAutoscalerBehavior", autoscaling::behavior),
    ("Job", jobs::job),
    ("LimitRangeItem", access::limit_range_item),
    ("Namespace", access::namespace),
    ("NetworkPolicySpec", network::policy),
    ("PersistentVolumeClaim", storage::claim),
    ("Pod", pods::pod),
    ("PodSpec", containers::spec),
    ("RbacV1Subject", access::subject),
    ("ReplicationController", workloads::replication_controller),
    ("Secret", access::secret),
    ("ServiceAccount", access::service_account),
    ("ServicePort", network::service_port),
    ("ServiceSpec", network::service),
    ("StatefulSetUpdateStrategy", workloads::stateful_set_update),
    ("Volume", storage::volume),
];

/// Writes a quantity as the server does; those of resource lists are rounded up to thousandths.
pub(super) fn quantity(value: &mut Value, resources: bool) {
    let typed = match value {
        Value::String(text) => text.parse::<Quantity>(),
        Value::Number(number) => number.to_string().parse(),
        _ => return,
    };
    let Ok(quantity) = typed else { return };
    let finer = resources && quantity.as_str().ends_with(['n', 'u']) && !quantity.as_str().starts_with('-');
    *value = match finer {
        true => Quantity::cpu_millis(quantity.millis()).as_str().into(),
        false => quantity.as_str().into(),
    };
}

/// Tells whether a pointer of Go would be nil.
fn is_absent(object: &Object, field: &str) -> bool {
    object.get(field).is_none_or(Value::is_null)
}

/// Tells whether a text, list or map of Go would be empty.
fn is_empty(object: &Object, field: &str) -> bool {
    match object.get(field) {
        None | Some(Value::Null) => true,
        Some(Value::String(text)) => text.is_empty(),
        Some(Value::Array(items)) => items.is_empty(),
        Some(Value::Object(entries)) => entries.is_empty(),
        Some(_) => false,
    }
}

/// Sets a field that is absent.
fn default(object: &mut Object, field: &str, value: impl Into<Value>) {
    if is_absent(object, field) {
        object.insert(field.to_owned(), value.into());
    }
}

/// Returns the object in a field.
fn inner<'a>(object: &'a mut Object, field: &str) -> Option<&'a mut Object> {
    object.get_mut(field)?.as_object_mut()
}

/// Returns the object in a field, a new one if the field is absent; none if something else is there.
fn inner_or_new<'a>(object: &'a mut Object, field: &str) -> Option<&'a mut Object> {
    default(object, field, json!({}));
    inner(object, field)
}

/// Returns the objects of a list.
fn items<'a>(object: &'a mut Object, field: &str) -> impl Iterator<Item = &'a mut Object> {
    let list = object.get_mut(field).and_then(Value::as_array_mut);
    list.into_iter().flatten().filter_map(Value::as_object_mut)
}

/// Adds the entries of one map that another does not have.
fn fill(target: &mut Object, source: &Object) {
    for (name, value) in source {
        if !target.contains_key(name) {
            target.insert(name.clone(), value.clone());
        }
    }
}
