//! Volumes made of several sources, and files made of facts about the pod.
//!
//! All sources lie in one folder, so no path may come twice.

use serde_json::Value;

use super::env;
use super::examples::pod;
use super::volumes::{BODY, keys, local_path, mode};
use crate::diagnostic::codes::Code;
use crate::schema::Place;
use crate::server::common::{get, list, number, text};
use crate::server::judge::Judge;

pub(super) const PATHS: Code = Code {
    id: "conflicting-projected-path",
    title: "two files of a projected volume with one path",
    why: "All sources of a projected volume are put into one folder, so one of two files with the same path would be lost.",
    fix: "give the second file another `path`",
    bad: pod!(
        "  volumes:\n  - name: config\n    projected:\n      sources:\n      \
         - configMap: {name: odoo, items: [{key: odoo.conf, path: odoo.conf}]}\n      \
         - secret: {name: odoo, items: [{key: secret.conf, path: odoo.conf}]}"
    ),
    good: pod!(
        "  volumes:\n  - name: config\n    projected:\n      sources:\n      \
         - configMap: {name: odoo, items: [{key: odoo.conf, path: odoo.conf}]}\n      \
         - secret: {name: odoo, items: [{key: secret.conf, path: secret.conf}]}"
    ),
};

pub(super) const TOKEN: Code = Code {
    id: "invalid-projected-token",
    title: "a service account token that the API server refuses to project",
    why: "A token is renewed while the pod runs; the server issues none for less than ten minutes. A Pod without a service \
          account has none to project.",
    fix: "set `expirationSeconds` to 600 or more",
    bad: pod!(
        "  serviceAccountName: odoo\n  volumes: [{name: token, projected: {sources: \
         [{serviceAccountToken: {path: token, expirationSeconds: 300}}]}}]"
    ),
    good: pod!(
        "  serviceAccountName: odoo\n  volumes: [{name: token, projected: {sources: \
         [{serviceAccountToken: {path: token, expirationSeconds: 3600}}]}}]"
    ),
};

/// The fields of a pod that a file may have; those of labels and annotations as a whole, too.
const FIELDS: &[&str] = &[
    "metadata.annotations",
    "metadata.labels",
    "metadata.name",
    "metadata.namespace",
    "metadata.uid",
];

/// Judges a projected volume.
pub(super) fn check(volume: &Value, place: &Place<'_>, judge: &mut Judge) {
    mode(volume, "defaultMode", place, judge);
    let mut paths = Vec::new();
    let sources = place.field("sources");
    for (index, source) in list(volume, "sources").iter().enumerate() {
        let here = sources.index(index);
        let mut kinds = 0;
        for (kind, source) in source.as_object().into_iter().flatten() {
            if !source.is_null() {
                kinds += 1;
                projection(kind, source, place, &here.field(kind), &mut paths, judge);
            }
        }
        if kinds > 1 {
            judge.forbidden(&BODY, &here, "may not specify more than 1 volume type per source");
        }
    }
}

fn projection<'v>(
    kind: &str,
    source: &'v Value,
    volume: &Place<'_>,
    place: &Place<'_>,
    paths: &mut Vec<&'v str>,
    judge: &mut Judge,
) {
    let mut take = |path: &'v str, named: &str, judge: &mut Judge| {
        if path.is_empty() {
            return;
        }
        if paths.contains(&path) {
            judge.invalid(&PATHS, volume, &Value::from(named), "conflicting duplicate paths");
            judge.point_to(place);
        } else {
            paths.push(path);
        }
    };
    match kind {
        "secret" | "configMap" => {
            if source.is_object() && get(source, "name").is_none_or(|name| name == "") && kind == "secret" {
                judge.required(&BODY, &place.field("name"), "");
            }
            keys(source, place, judge);
            for item in list(source, "items") {
                take(text(item, "path"), text(source, "name"), judge);
            }
        }
        "downwardAPI" => {
            let items = place.field("items");
            for (index, file) in list(source, "items").iter().enumerate() {
                downward_file(file, place, &items.index(index), judge);
                let path = text(file, "path");
                take(path, path, judge);
            }
        }
        "serviceAccountToken" => token(source, volume, place, judge),
        _ => {}
    }
}

/// Judges a file about the pod; the server does not count such files in its paths.
pub(super) fn downward_file(file: &Value, path: &Place<'_>, place: &Place<'_>, judge: &mut Judge) {
    let before = judge.problems.len();
    local_path(file, "path", path, judge);
    let (field, amount) = (get(file, "fieldRef"), get(file, "resourceFieldRef"));
    match (field, amount) {
        (Some(field), amount) => {
            env::field_reference(field, FIELDS, &path.field("fieldRef"), judge);
            if amount.is_some() {
                let reason = "fieldRef and resourceFieldRef can not be specified simultaneously";
                judge.invalid(&BODY, path, &Value::from("resource"), reason);
            }
        }
        (None, Some(amount)) => env::amount_reference(amount, true, &path.field("resourceFieldRef"), judge),
        (None, None) => judge.required(&BODY, path, "one of fieldRef and resourceFieldRef is required"),
    }
    mode(file, "mode", path, judge);
    if judge.problems.len() > before {
        judge.point_to(place);
    }
}

fn token(source: &Value, volume: &Place<'_>, place: &Place<'_>, judge: &mut Judge) {
    if let Some(value) = source.get("expirationSeconds")
        && let Some(seconds) = number(source, "expirationSeconds")
    {
        let here = place.field("expirationSeconds");
        if seconds < 600 {
            judge.invalid(&TOKEN, &here, value, "may not specify a duration less than 10 minutes");
        }
        if seconds > 1 << 32 {
            judge.invalid(
                &TOKEN,
                &here,
                value,
                "may not specify a duration larger than 2^32 seconds",
            );
        }
    }
    let before = judge.problems.len();
    local_path(source, "path", volume, judge);
    if judge.problems.len() > before {
        judge.point_to(&place.field("path"));
    }
}
