//! Names, labels, annotations, finalizers and owners, of all kinds.
//!
//! Which kind takes which names is said here, once.

use serde_json::Value;

use super::common::{annotations_at, checked, get, is_true, labels, list, text};
use super::judge::Judge;
use super::{API_SERVER, Rules};
use crate::diagnostic::codes::Code;
use crate::schema::Place;
use crate::text::server;

pub(super) const RULES: Rules = Rules {
    by: API_SERVER,
    kinds: &[],
    codes: &[&NAME, &LABEL, &ANNOTATION, &FINALIZER, &OWNER],
};

const NAME: Code = Code {
    id: "invalid-name",
    title: "a name that the API server refuses for this kind",
    why: "The kinds differ: a Namespace has at most 63 characters and no dots, a CronJob has at most 52, a ConfigMap may \
          contain dots, a Role may contain colons.",
    fix: "use lowercase letters, digits and hyphens, and shorten the name to the limit in the message",
    bad: "{apiVersion: v1, kind: ConfigMap, metadata: {name: Odoo_Settings, namespace: hartmann-bau-production}}",
    good: "{apiVersion: v1, kind: ConfigMap, metadata: {name: odoo-settings, namespace: hartmann-bau-production}}",
};

pub(super) const LABEL: Code = Code {
    id: "invalid-label",
    title: "a label that the API server refuses",
    why: "A label value has at most 63 characters: letters, digits, `-`, `_` and `.`, with a letter or digit at both ends. \
          Slashes, colons and spaces belong into annotations. The part of a key before the slash is a DNS name.",
    fix: "shorten or rewrite the value, or make it an annotation",
    bad: "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: odoo\n  namespace: hartmann-bau-production\n  \
          labels: {owner: Team ERP / Operations}",
    good: "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: odoo\n  namespace: hartmann-bau-production\n  \
           labels: {owner: erp-operations}",
};

pub(super) const ANNOTATION: Code = Code {
    id: "invalid-annotation",
    title: "an annotation that the API server refuses",
    why: "The key of an annotation has the form of a label's key: an optional DNS name, a slash, and at most 63 letters, \
          digits, `-`, `_` or `.`. Values are free text, but keys and values of an object together hold at most 256 KiB.",
    fix: "correct the key, or move long values into a ConfigMap",
    bad: "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: odoo\n  namespace: hartmann-bau-production\n  \
          annotations: {\"contact person\": erp@hartmann-bau.example}",
    good: "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: odoo\n  namespace: hartmann-bau-production\n  \
           annotations: {contact-person: erp@hartmann-bau.example}",
};

const FINALIZER: Code = Code {
    id: "invalid-finalizer",
    title: "a finalizer that the API server refuses",
    why: "Whoever removes a finalizer finds it by its name, which has the form of a label's key. Names without a domain are \
          kept for the server itself; `orphan` and `foregroundDeletion` contradict each other.",
    fix: "write the finalizer of your controller with its domain, such as `example.com/cleanup`",
    bad: "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: odoo\n  namespace: hartmann-bau-production\n  \
          finalizers: [orphan, foregroundDeletion]",
    good: "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: odoo\n  namespace: hartmann-bau-production\n  \
           finalizers: [foregroundDeletion]",
};

const OWNER: Code = Code {
    id: "invalid-owner-reference",
    title: "a reference to an owner that the API server refuses",
    why: "Garbage collection follows owners; an object has at most one that manages it, and an Event owns nothing.",
    fix: "leave `controller: true` at one owner only, and take owners out of manifests that a person writes",
    bad: "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: odoo\n  namespace: hartmann-bau-production\n  \
          ownerReferences:\n  - {apiVersion: apps/v1, kind: Deployment, name: web, uid: 5e1f0d2c, controller: true}\n  \
          - {apiVersion: apps/v1, kind: Deployment, name: cron, uid: 7b9a3c4d, controller: true}",
    good: "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: odoo\n  namespace: hartmann-bau-production\n  \
           ownerReferences:\n  - {apiVersion: apps/v1, kind: Deployment, name: web, uid: 5e1f0d2c, controller: true}\n  \
           - {apiVersion: apps/v1, kind: Deployment, name: cron, uid: 7b9a3c4d}",
};

/// A CronJob adds 11 characters to its name for each job.
const CRON_JOB_NAME: usize = 52;

/// Judges what all kinds have.
pub(super) fn check(object: &Value, judge: &mut Judge) {
    let metadata = get(object, "metadata").unwrap_or(&Value::Null);
    let place = Place::OBJECT;
    let place = place.field("metadata");
    let is_missing = |field: &str| get(metadata, field).is_none_or(|name| name == "");
    // The server names LimitRanges itself.
    let is_named = text(object, "kind") == "LimitRange" && text(object, "apiVersion") == "v1";
    if !is_named
        && is_missing("name")
        && is_missing("generateName")
        && matches!(metadata, Value::Null | Value::Object(_))
    {
        judge.required(&NAME, &place.field("name"), "name or generateName is required");
    }
    // A name never changes, so that of a stored object is as good as it was.
    if !judge.is_stored
        && let Some(name @ Value::String(given)) = metadata.get("name")
        && !given.is_empty()
    {
        let reasons = name_problems(object, given, judge.minor);
        judge.all_invalid(&NAME, &place.field("name"), name, reasons);
    }
    checked(&NAME, metadata, "namespace", server::is_dns1123_label, &place, judge);
    labels(&LABEL, metadata, "labels", &place, judge);
    let annotations = place.field("annotations");
    annotations_at(
        &ANNOTATION,
        metadata.get("annotations"),
        &annotations,
        &annotations,
        judge,
    );
    finalizers(metadata, &place, judge);
    owners(metadata, &place, judge);
}

fn finalizers(metadata: &Value, place: &Place<'_>, judge: &mut Judge) {
    let finalizers = list(metadata, "finalizers");
    let place = place.field("finalizers");
    for (index, finalizer) in finalizers.iter().enumerate() {
        for reason in server::is_qualified_name(finalizer.as_str().unwrap_or_default()) {
            judge.invalid(&FINALIZER, &place, finalizer, reason);
            judge.point_to(&place.index(index));
        }
    }
    let has = |name: &str| finalizers.iter().any(|finalizer| finalizer == name);
    if has("orphan") && has("foregroundDeletion") {
        let finalizers = metadata.get("finalizers").unwrap_or(&Value::Null);
        let reason = "finalizer orphan and foregroundDeletion cannot be both set";
        judge.invalid(&FINALIZER, &place, finalizers, reason);
    }
}

fn owners(metadata: &Value, place: &Place<'_>, judge: &mut Judge) {
    let place = place.field("ownerReferences");
    let mut controller: Option<&Value> = None;
    for (index, owner) in list(metadata, "ownerReferences").iter().enumerate() {
        let here = place.index(index);
        let (api_version, kind) = (text(owner, "apiVersion"), text(owner, "kind"));
        let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
        if version.is_empty() && !api_version.is_empty() {
            let version_of = owner.get("apiVersion").unwrap_or(&Value::Null);
            judge.invalid(
                &OWNER,
                &here.field("apiVersion"),
                version_of,
                "must be <group>/<version> or <version>",
            );
        }
        if kind == "Event" && group.is_empty() && version == "v1" {
            judge.invalid(
                &OWNER,
                &here,
                owner,
                "/v1, Kind=Event is disallowed from being an owner",
            );
        }
        if !is_true(owner, "controller") {
            continue;
        }
        if let Some(first) = controller {
            let named = |owner: &Value| format!("{}/{}", text(owner, "kind"), text(owner, "name"));
            let reason = format!(
                "Only one reference can have Controller set to true. Found \"true\" in references for {} and {}",
                named(first),
                named(owner)
            );
            let owners = metadata.get("ownerReferences").unwrap_or(&Value::Null);
            judge.invalid(&OWNER, &place, owners, reason);
            judge.point_to(&here.field("controller"));
        }
        controller = controller.or(Some(owner));
    }
}

fn name_problems(object: &Value, name: &str, minor: u32) -> Vec<String> {
    let (api_version, kind) = (text(object, "apiVersion"), text(object, "kind"));
    let group = api_version.split_once('/').map_or("", |(group, _)| group);
    match (group, kind) {
        ("", "Namespace") | ("apps", "StatefulSet") => server::is_dns1123_label(name),
        // From 1.36 on the name of a Service may begin with a digit.
        ("", "Service") if minor >= 36 => server::is_dns1123_label(name),
        ("", "Service") => server::is_dns1035_label(name),
        ("rbac.authorization.k8s.io", _) => path_segment_problems(name),
        ("batch", "CronJob") => {
            let mut reasons = server::is_dns1123_subdomain(name);
            if name.len() > CRON_JOB_NAME {
                reasons.push(format!("must be no more than {CRON_JOB_NAME} characters"));
            }
            reasons
        }
        // Nothing is asked of the first; the others are made of names, which the server compares.
        ("policy", "PodDisruptionBudget")
        | ("networking.k8s.io", "IPAddress")
        | ("certificates.k8s.io", "ClusterTrustBundle")
        | ("apiregistration.k8s.io", "APIService") => path_segment_problems(name),
        _ => server::is_dns1123_subdomain(name),
    }
}

/// Names of RBAC objects are segments of an address and may hold almost anything.
pub(super) fn path_segment_problems(name: &str) -> Vec<String> {
    match name {
        "." | ".." => vec![format!("may not be '{name}'")],
        _ => ['/', '%']
            .into_iter()
            .filter(|sign| name.contains(*sign))
            .map(|sign| format!("may not contain '{sign}'"))
            .collect(),
    }
}
