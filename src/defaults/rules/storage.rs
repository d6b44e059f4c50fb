//! Volumes and claims.
//!
//! A volume without a source is an empty directory; the two fields for the source of a claim's data are kept equal.

use serde_json::{Value, json};

use super::{Object, inner, is_absent, is_empty, text};

/// Gives a volume its source, and an image volume its pull policy.
pub(super) fn volume(volume: &mut Object) {
    if volume.keys().all(|field| field == "name") {
        volume.insert("emptyDir".to_owned(), json!({}));
    }
    if let Some(image) = inner(volume, "image")
        && is_empty(image, "pullPolicy")
    {
        let policy = super::image::pull_policy(text(image, "reference"));
        image.insert("pullPolicy".to_owned(), policy.into());
    }
}

/// Copies the source of a claim's data to the other of its two fields; the older one holds only claims and snapshots.
///
/// A source in another namespace is dropped: the feature for it is off. The claim templates of a StatefulSet stay as they are.
pub(super) fn claim(claim: &mut Object) {
    let Some(spec) = inner(claim, "spec") else { return };
    if inner(spec, "dataSourceRef").is_some_and(|source| !is_empty(source, "namespace")) {
        spec.remove("dataSourceRef");
    }
    if is_absent(spec, "dataSourceRef") {
        let Some(Value::Object(source)) = spec.get("dataSource").cloned() else {
            return;
        };
        let known = match text(&source, "apiGroup") {
            "" => text(&source, "kind") == "PersistentVolumeClaim",
            group => group == "snapshot.storage.k8s.io" && text(&source, "kind") == "VolumeSnapshot",
        };
        match known {
            true => spec.insert("dataSourceRef".to_owned(), source.into()),
            false => spec.remove("dataSource"),
        };
    } else if let Some(Value::Object(source)) = spec.get("dataSourceRef").cloned()
        && is_absent(spec, "dataSource")
    {
        spec.insert("dataSource".to_owned(), source.into());
    }
}
