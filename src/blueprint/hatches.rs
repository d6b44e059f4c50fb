//! The two escape hatches: merges on named objects, and raw manifests. `validate` says what is wrong with them.

use std::borrow::Cow;

use serde_json::Value;

use super::place::Place;
use crate::manifest::{Object, merge};
use crate::model::{Extra, Override};

/// The folder of raw manifests.
pub const EXTRA: &str = "extra";

/// Merges each override into the object that it names; one that names no object changes nothing.
pub(super) fn override_objects(objects: &mut [Object], overrides: &[Override]) {
    for change in overrides {
        let target = objects
            .iter_mut()
            .find(|object| object.kind == change.kind && object.name == change.name);
        if let Some(object) = target {
            merge(&mut object.value, &Value::Object(change.patch.clone()));
        }
    }
}

/// Reads the raw manifests and puts them into the namespace of the environment, with its labels.
pub(super) fn extra_objects(at: &Place, extra: &[Extra]) -> Vec<Object> {
    extra.iter().filter_map(|manifest| extra_object(at, manifest)).collect()
}

fn extra_object(at: &Place, manifest: &Extra) -> Option<Object> {
    let mut value = Value::Object(manifest.0.clone());
    let metadata = value.get_mut("metadata")?.as_object_mut()?;
    metadata
        .entry("namespace")
        .or_insert_with(|| at.namespace.as_str().into());
    let labels = metadata
        .entry("labels")
        .or_insert_with(|| Value::Object(Default::default()));
    if let Value::Object(labels) = labels {
        for (key, text) in &at.labels {
            labels.entry(key.as_str()).or_insert_with(|| text.as_str().into());
        }
    }
    Some(Object {
        component: Cow::Borrowed(EXTRA),
        ..Object::from_value(value)?
    })
}
