//! Names, labels and annotations, of all kinds.

use serde_json::Value;

use super::judge::Judge;
use super::{API_SERVER, Rules};
use crate::diagnostic::codes::Code;
use crate::schema::Place;
use crate::text::server;

pub(super) const RULES: Rules = Rules {
    by: API_SERVER,
    kinds: &[],
    codes: &[&NAME, &LABEL, &ANNOTATION],
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

const LABEL: Code = Code {
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

const ANNOTATION: Code = Code {
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

/// Bytes that all annotations of an object may take together.
const ANNOTATION_BYTES: usize = 262_144;
/// A CronJob adds 11 characters to its name for each job.
const CRON_JOB_NAME: usize = 52;

/// Judges what all kinds have.
pub(super) fn check(object: &Value, judge: &mut Judge) {
    let Some(metadata) = object.get("metadata") else { return };
    let place = Place::OBJECT;
    let place = place.field("metadata");
    if let Some(name) = metadata.get("name") {
        let reasons = name_problems(object, name.as_str().unwrap_or_default());
        judge.all_invalid(&NAME, &place.field("name"), name, reasons);
    }
    labels(metadata, &place, judge);
    annotations(metadata, &place, judge);
}

fn labels(metadata: &Value, place: &Place<'_>, judge: &mut Judge) {
    let place = place.field("labels");
    for (key, value) in metadata.get("labels").and_then(Value::as_object).into_iter().flatten() {
        judge.all_invalid(
            &LABEL,
            &place,
            &Value::from(key.as_str()),
            server::is_qualified_name(key),
        );
        let text = value.as_str().unwrap_or_default();
        judge.all_invalid(&LABEL, &place.key(key), value, server::is_valid_label_value(text));
    }
}

fn annotations(metadata: &Value, place: &Place<'_>, judge: &mut Judge) {
    let place = place.field("annotations");
    let mut size = 0;
    for (key, value) in metadata
        .get("annotations")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
    {
        size += key.len() + value.as_str().map_or(0, str::len);
        let reasons = server::is_qualified_name(&key.to_lowercase());
        judge.all_invalid(&ANNOTATION, &place, &Value::from(key.as_str()), reasons);
    }
    if size > ANNOTATION_BYTES {
        judge.too_long(&ANNOTATION, &place, ANNOTATION_BYTES);
    }
}

fn name_problems(object: &Value, name: &str) -> Vec<String> {
    let text = |field: &str| object.get(field).and_then(Value::as_str).unwrap_or_default();
    let group = text("apiVersion").split_once('/').map_or("", |(group, _)| group);
    match (group, text("kind")) {
        ("", "Namespace") | ("apps", "StatefulSet") => server::is_dns1123_label(name),
        ("", "Service") => server::is_dns1035_label(name),
        ("rbac.authorization.k8s.io", _) => path_segment_problems(name),
        ("batch", "CronJob") if name.len() > CRON_JOB_NAME => {
            vec![format!("must be no more than {CRON_JOB_NAME} characters")]
        }
        _ => server::is_dns1123_subdomain(name),
    }
}

/// Names of RBAC objects are segments of an address and may hold almost anything.
fn path_segment_problems(name: &str) -> Vec<String> {
    match name {
        "." | ".." => vec![format!("may not be '{name}'")],
        _ if name.contains('/') => vec!["may not contain '/'".into()],
        _ if name.contains('%') => vec!["may not contain '%'".into()],
        _ => Vec::new(),
    }
}
