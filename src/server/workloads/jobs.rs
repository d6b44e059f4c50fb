//! Jobs: how often they run, which failures count, and what stays as it was.
//!
//! The server makes a Job's selector itself, from an identity that a manifest does not have.

use serde_json::Value;

use super::policies::{FAILURE, INDEXED, failure_policy, indexed, not_indexed};
use super::{IMMUTABLE, RESTART, misses};
use crate::diagnostic::codes::Code;
use crate::schema::Place;
use crate::server::common::{
    at, checked, get, immutable, is_true, label_selector, none_negative, number, same, selects, text,
};
use crate::server::judge::Judge;
use crate::server::pods;
use crate::text::server;

macro_rules! job {
    ($spec:literal) => {
        job!($spec, "")
    };
    ($spec:literal, $pod:literal) => {
        concat!(
            "apiVersion: batch/v1\nkind: Job\nmetadata: {name: migrate, namespace: hartmann-bau-production}\nspec:\n",
            $spec,
            "  template: {spec: {restartPolicy: Never, containers: [{name: odoo, image: \"registry.example/odoo:18.0\"}]",
            $pod,
            "}}\n"
        )
    };
}

pub(super) use job;

pub(super) const COUNT: Code = Code {
    id: "invalid-job-count",
    title: "a number of a Job or CronJob that the API server refuses",
    why: "Counts and times of Jobs are not negative.",
    fix: "write a number from 0 on",
    bad: job!("  backoffLimit: -1\n"),
    good: job!("  backoffLimit: 0\n"),
};

pub(super) const MANAGED: Code = Code {
    id: "invalid-job-manager",
    title: "a name of a Job's controller that the API server refuses",
    why: "Controllers have names with a domain, such as `example.com/queue`, of at most 63 characters.",
    fix: "write the name of the controller, or leave the field out for the one that is built in",
    bad: job!("  managedBy: queue\n"),
    good: job!("  managedBy: hartmann-bau.example/queue\n"),
};

pub(super) const SELECTOR: Code = Code {
    id: "manual-job-selector",
    title: "a selector of a Job that the API server makes itself",
    why: "The server selects the pods of a Job by its identity, so that two Jobs never count each other's pods. A selector of \
          one's own needs `manualSelector`, and a CronJob cannot have one.",
    fix: "take `selector` and labels such as `job-name` away",
    bad: job!("  selector: {matchLabels: {app: migrate}}\n"),
    good: job!("  backoffLimit: 2\n"),
};

/// The counts and times of a Job.
const NUMBERS: &[&str] = &[
    "parallelism",
    "completions",
    "activeDeadlineSeconds",
    "backoffLimit",
    "ttlSecondsAfterFinished",
    "backoffLimitPerIndex",
    "maxFailedIndexes",
];
/// Fields that stay, besides the template and the number of completions.
const LASTING: &[&str] = &[
    "selector",
    "completionMode",
    "podFailurePolicy",
    "backoffLimitPerIndex",
    "managedBy",
    "successPolicy",
];

/// Judges a Job.
pub(super) fn create(object: &Value, judge: &mut Judge) {
    let Some(spec) = get(object, "spec") else { return };
    let name = at(object, &["metadata", "name"]);
    let object = Place::OBJECT;
    let place = object.field("spec");
    self::spec(spec, &place, judge);
    selector(spec, name, &place, judge);
    if text(spec, "completionMode") == "Indexed"
        && let (Some(value @ Value::String(name)), Some(completions @ 1..)) = (name, number(spec, "completions"))
    {
        let host = format!("{name}-{}", completions - 1);
        if !server::is_dns1123_label(&host).is_empty() {
            let metadata = object.field("metadata");
            let reason = format!("will not able to create pod with invalid DNS label: {host}");
            judge.invalid(&INDEXED, &metadata.field("name"), value, reason);
        }
    }
}

/// The server adds its own labels to the selector, unless it is told not to.
fn selector(spec: &Value, name: Option<&Value>, place: &Place<'_>, judge: &mut Judge) {
    let selector = get(spec, "selector");
    let here = place.field("selector");
    let is_manual = is_true(spec, "manualSelector");
    let labels = at(spec, &["template", "metadata", "labels"]);
    if let Some(selector) = selector {
        label_selector(selector, &here, judge);
    }
    if is_manual {
        match selector {
            None => judge.required(&SELECTOR, &here, ""),
            Some(selector) if !selects(selector, labels) => misses(labels, place, judge),
            Some(_) => {}
        }
        return;
    }
    for label in ["job-name", "batch.kubernetes.io/job-name"] {
        let given = labels.and_then(|labels| labels.get(label));
        if let (Some(given), Some(Value::String(name))) = (given, name)
            && given != name
            && !judge.is_stored
        {
            let place = place.field("template");
            let place = place.field("metadata");
            let place = place.field("labels");
            judge.invalid(&SELECTOR, &place.key(label), given, format!("must be '{name}'"));
        }
    }
    // What the server made, a manifest that came back from it may have.
    let made = ["controller-uid", "batch.kubernetes.io/controller-uid"];
    if let Some(selector) = selector.filter(|_| !judge.is_stored)
        && !made.iter().any(|label| at(selector, &["matchLabels", label]).is_some())
        && !selects(
            selector,
            name.map(|name| serde_json::json!({"job-name": name})).as_ref(),
        )
    {
        judge.invalid(&SELECTOR, &here, selector, "`selector` not auto-generated");
    }
}

/// Judges the spec of a Job, also of one that a CronJob makes.
pub(super) fn spec(spec: &Value, place: &Place<'_>, judge: &mut Judge) {
    none_negative(&COUNT, spec, NUMBERS, place, judge);
    checked(
        &MANAGED,
        spec,
        "managedBy",
        server::is_domain_prefixed_path,
        place,
        judge,
    );
    if text(spec, "managedBy").len() > server::LABEL_LENGTH {
        judge.too_long(&MANAGED, &place.field("managedBy"), server::LABEL_LENGTH);
    }
    match text(spec, "completionMode") {
        "Indexed" => indexed(spec, place, judge),
        _ => not_indexed(spec, place, judge),
    }
    if number(spec, "maxFailedIndexes").is_some() && number(spec, "backoffLimitPerIndex").is_none() {
        let reason = "when maxFailedIndexes is specified";
        judge.required(&INDEXED, &place.field("backoffLimitPerIndex"), reason);
    }
    let policy = get(spec, "podFailurePolicy");
    if let Some(policy) = policy {
        failure_policy(spec, policy, &place.field("podFailurePolicy"), judge);
    }
    if let Some(replacement) = get(spec, "podReplacementPolicy").filter(|policy| *policy == "TerminatingOrFailed")
        && policy.is_some()
    {
        judge.unsupported(&FAILURE, &place.field("podReplacementPolicy"), replacement, &["Failed"]);
    }
    let Some(template) = get(spec, "template") else { return };
    let place = place.field("template");
    pods::template(template, &place, judge);
    let Some(restart) = at(template, &["spec", "restartPolicy"]) else {
        return;
    };
    let place = place.field("spec");
    let place = place.field("restartPolicy");
    if restart == "Always" {
        judge.required(&RESTART, &place, "valid values: \"OnFailure\", \"Never\"");
    } else if restart == "OnFailure" && policy.is_some() {
        let reason = "only \"Never\" is supported when podFailurePolicy is specified";
        judge.invalid(&FAILURE, &place, restart, reason);
    }
}

/// Judges the change of a Job.
pub(super) fn update(old: &Value, new: &Value, judge: &mut Judge) {
    let (Some(old), Some(new)) = (get(old, "spec"), get(new, "spec")) else {
        return;
    };
    let object = Place::OBJECT;
    let place = object.field("spec");
    for field in LASTING {
        immutable(&IMMUTABLE, old, new, field, &place, judge);
    }
    if text(new, "completionMode") != "Indexed" {
        immutable(&IMMUTABLE, old, new, "completions", &place, judge);
    } else if let Some(value) = new.get("completions")
        && !same(old.get("completions"), Some(value))
        && !same(new.get("parallelism"), Some(value))
    {
        let reason = "can only be modified in tandem with spec.parallelism";
        judge.invalid(&IMMUTABLE, &place.field("completions"), value, reason);
    }
    let equal = match is_true(old, "suspend") {
        true => same_while_suspended(old, new, judge.minor),
        false => same_template(old.get("template"), new.get("template")),
    };
    if !equal {
        // The server prints the whole template here, as Go would.
        judge.say(
            &IMMUTABLE,
            &place.field("template"),
            "Invalid value: field is immutable",
        );
    }
}

/// Whether the pods stay as they are. An account that is left out stays: the server keeps it under its old name, too.
fn same_template(old: Option<&Value>, new: Option<&Value>) -> bool {
    let account = |template: Option<&Value>| at(template?, &["spec", "serviceAccountName"]).cloned();
    let mut filled = new.cloned().unwrap_or_default();
    if let (Some(name), None) = (account(old), account(new))
        && let Some(spec) = filled.get_mut("spec").and_then(Value::as_object_mut)
    {
        spec.insert("serviceAccountName".to_owned(), name);
    }
    same(old, Some(&filled))
}

/// Where the pods of a Job run may change while it is suspended; from 1.36 on, also what they ask for.
fn same_while_suspended(old: &Value, new: &Value, minor: u32) -> bool {
    let spec = |job: &Value| {
        let spec = at(job, &["template", "spec"]);
        let mut spec = spec.and_then(Value::as_object).cloned().unwrap_or_default();
        for field in ["affinity", "nodeSelector", "tolerations", "schedulingGates"] {
            spec.remove(field);
        }
        for field in ["containers", "initContainers"] {
            let containers = spec
                .get_mut(field)
                .and_then(Value::as_array_mut)
                .filter(|_| minor >= 36);
            for container in containers.into_iter().flatten().filter_map(Value::as_object_mut) {
                container.remove("resources");
            }
        }
        Value::Object(spec)
    };
    same(Some(&spec(old)), Some(&spec(new)))
}
