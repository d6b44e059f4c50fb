//! Jobs. The template of a CronJob is no Job yet, so nothing here holds for it.
//!
//! The server also puts the UID of a Job into its selector and the labels of its pods; a UID is not known before.

use serde_json::{Value, json};

use super::{Object, default, inner, inner_or_new, is_absent, is_empty};

/// The labels that the server gives to a Job's pods.
const NAMES: [&str; 2] = ["batch.kubernetes.io/job-name", "job-name"];

/// Completes a Job.
pub(super) fn job(job: &mut Object) {
    let name = job.get("metadata").and_then(|metadata| metadata.get("name")).cloned();
    let Some(spec) = inner_or_new(job, "spec") else { return };
    numbers(spec);
    let template = inner_or_new(spec, "template").and_then(|template| inner_or_new(template, "metadata"));
    let given = template.and_then(|metadata| metadata.get("labels").cloned());
    if spec.get("manualSelector") != Some(&Value::Bool(true))
        && let Some(name @ Value::String(_)) = name
    {
        name_pods(spec, &name);
    }
    let Some(Value::Object(labels)) = given else { return };
    // A Job that came back from the server has only what the server added.
    if labels.keys().all(|label| NAMES.contains(&label.as_str())) {
        return;
    }
    if let Some(metadata) = inner_or_new(job, "metadata")
        && is_empty(metadata, "labels")
    {
        metadata.insert("labels".to_owned(), labels.into());
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

fn name_pods(spec: &mut Object, name: &Value) {
    let template = inner(spec, "template").and_then(|template| inner(template, "metadata"));
    let Some(labels) = template.and_then(|metadata| inner_or_new(metadata, "labels")) else {
        return;
    };
    for label in NAMES {
        if !labels.contains_key(label) {
            labels.insert(label.to_owned(), json!(name));
        }
    }
}
