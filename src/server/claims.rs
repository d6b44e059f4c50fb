//! What a claim of a volume asks for, wherever it is written.
//!
//! The same spec is in a PersistentVolumeClaim, in the templates of a StatefulSet and in ephemeral volumes of pods.

use serde_json::Value;

use super::common::{at, checked, get, label_selector, list, quantity, same, text};
use super::judge::Judge;
use super::{API_SERVER, Rules};
use crate::diagnostic::codes::Code;
use crate::schema::Place;
use crate::text::{Quantity, server};

pub(super) const RULES: Rules = Rules {
    by: API_SERVER,
    kinds: &[],
    codes: &[&CLAIM],
};

pub(super) const CLAIM: Code = Code {
    id: "invalid-volume-claim",
    title: "a claim of a volume that the API server refuses",
    why: "A claim asks for storage greater than zero. `ReadWriteOncePod` excludes all other access modes, and what the volume \
          is filled from is said once, or twice in the same way.",
    fix: "correct the field in the message",
    bad: "apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: valkey, namespace: hartmann-bau-production}\nspec:\n  \
          selector: {matchLabels: {app: valkey}}\n  template:\n    metadata: {labels: {app: valkey}}\n    spec: {containers: \
          [{name: valkey, image: \"registry.example/valkey:9\"}]}\n  volumeClaimTemplates:\n  - metadata: {name: data}\n    \
          spec: {accessModes: [ReadWriteOncePod, ReadWriteOnce], resources: {requests: {storage: 1Gi}}}",
    good: "apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: valkey, namespace: hartmann-bau-production}\nspec:\n  \
           selector: {matchLabels: {app: valkey}}\n  template:\n    metadata: {labels: {app: valkey}}\n    spec: {containers: \
           [{name: valkey, image: \"registry.example/valkey:9\"}]}\n  volumeClaimTemplates:\n  - metadata: {name: data}\n    \
           spec: {accessModes: [ReadWriteOncePod], resources: {requests: {storage: 1Gi}}}",
};

/// Judges the spec of a claim.
pub(super) fn spec(spec: &Value, place: &Place<'_>, judge: &mut Judge) {
    if let Some(selector) = get(spec, "selector") {
        label_selector(selector, &place.field("selector"), judge);
    }
    let modes = list(spec, "accessModes");
    if modes.iter().any(|mode| mode == "ReadWriteOncePod") && modes.iter().any(|mode| mode != "ReadWriteOncePod") {
        let reason = "may not use ReadWriteOncePod with other access modes";
        judge.forbidden(&CLAIM, &place.field("accessModes"), reason);
    }
    storage(spec, place, judge);
    checked(
        &CLAIM,
        spec,
        "storageClassName",
        server::is_dns1123_subdomain,
        place,
        judge,
    );
    if judge.minor >= 34 {
        checked(
            &CLAIM,
            spec,
            "volumeAttributesClassName",
            server::is_dns1123_subdomain,
            place,
            judge,
        );
    }
    sources(spec, place, judge);
}

/// Asks for a size. To the server, requests that are empty were never there.
pub(super) fn requests(spec: &Value, place: &Place<'_>, judge: &mut Judge) {
    if at(spec, &["resources", "requests"]).is_none() {
        let resources = place.field("resources");
        judge.required(&CLAIM, &resources.key("storage"), "");
        judge.point_to(&resources);
    }
}

fn storage(spec: &Value, place: &Place<'_>, judge: &mut Judge) {
    let resources = place.field("resources");
    let requests = resources.field("requests");
    let (path, home) = (resources.key("storage"), requests.key("storage"));
    let Some(requests) = at(spec, &["resources", "requests"]) else {
        return;
    };
    let Some(value) = get(requests, "storage") else {
        if requests.is_object() {
            judge.required(&CLAIM, &path, "");
            judge.point_to(&home);
        }
        return;
    };
    if quantity(value).is_some_and(|amount| amount <= Quantity::mebibytes(0)) {
        judge.invalid(&CLAIM, &path, value, "must be greater than zero");
        judge.point_to(&home);
    }
}

fn sources(spec: &Value, place: &Place<'_>, judge: &mut Judge) {
    let (source, reference) = (get(spec, "dataSource"), get(spec, "dataSourceRef"));
    for (field, source) in [("dataSource", source), ("dataSourceRef", reference)] {
        let Some(source) = source else { continue };
        let place = place.field(field);
        checked(&CLAIM, source, "apiGroup", server::is_dns1123_subdomain, &place, judge);
        checked(&CLAIM, source, "namespace", server::is_dns1123_label, &place, judge);
        let kind = text(source, "kind");
        if text(source, "apiGroup").is_empty() && kind != "PersistentVolumeClaim" && !kind.is_empty() {
            let reason = "must be 'PersistentVolumeClaim' when referencing the default apiGroup";
            judge.invalid(&CLAIM, &place, &Value::from(kind), reason);
        }
    }
    let (Some(source), Some(reference)) = (source, reference) else {
        return;
    };
    let differs = ["apiGroup", "kind", "name"]
        .iter()
        .any(|field| !same(source.get(field), reference.get(field)));
    let reason = match text(reference, "namespace").is_empty() {
        true if differs => "must match dataSourceRef",
        true => return,
        false => "may not be specified when dataSourceRef.namespace is specified",
    };
    // The server prints a path as the value, of which nothing is to be seen.
    judge.say(&CLAIM, place, format_args!("Invalid value: {{}}: {reason}"));
    judge.point_to(&place.field("dataSource"));
}
