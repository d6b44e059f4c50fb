//! Jobs. The template of a CronJob is no Job yet, so nothing here holds for it.
//!
//! The server also puts the UID of a Job into its selector and the labels of its pods; a UID is not known before.

use serde_json::Value;

use super::{Object, default, inner_or_new, is_absent, is_empty};

/// The labels that the server gives to a Job's pods.
const NAMES: [&str; 2] = ["batch.kubernetes.io/job-name", "job-name"];

/// Completes a Job. Without labels of its own it takes those of its pods, with what the server adds to them.
pub(super) fn job(job: &mut Object) {
    let name = job.get("metadata").and_then(|metadata| metadata.get("name")).cloned();
    let Some(spec) = inner_or_new(job, "spec") else { return };
    numbers(spec);
    let generated = spec.get("manualSelector") != Some(&Value::Bool(true));
    let template = inner_or_new(spec, "template").and_then(|template| inner_or_new(template, "metadata"));
    let Some(template) = template else { return };
    // A Job that came back from the server may have only what the server added: that is not said by the manifest.
    let said = template.get("labels").and_then(Value::as_object);
    let said = said.is_some_and(|labels| labels.keys().any(|label| !NAMES.contains(&label.as_str())));
    if let Some(name @ Value::String(_)) = name.filter(|_| generated)
        && let Some(labels) = inner_or_new(template, "labels")
    {
        for label in NAMES {
            default(labels, label, name.clone());
        }
    }
    let Some(labels) = template.get("labels").filter(|_| said).cloned() else {
        return;
    };
    if let Some(metadata) = inner_or_new(job, "metadata")
        && is_empty(metadata, "labels")
    {
        metadata.insert("labels".to_owned(), labels);
    }
}

fn numbers(spec: &mut Object) {
    if is_absent(spec, "parallelism") {
        default(spec, "completions", 1);
        default(spec, "parallelism", 1);
    }
    let limit = match is_absent(spec, "backoffLimitPerIndex") {
        true => 6,
        false => i32::MAX,
    };
    default(spec, "backoffLimit", limit);
    default(spec, "completionMode", "NonIndexed");
    default(spec, "suspend", false);
    default(spec, "manualSelector", false);
    let replacement = match is_absent(spec, "podFailurePolicy") {
        true => "TerminatingOrFailed",
        false => "Failed",
    };
    default(spec, "podReplacementPolicy", replacement);
}
