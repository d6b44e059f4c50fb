//! What Flux 2.9 refuses in one of its objects, beside what their definitions say.
//!
//! Flux says it in a condition, `Ready` is false and nothing is applied.

use serde_json::Value;

use super::read::{items, map, place, text};
use crate::server::judge::Judge;
use crate::server::{Kind, Rules, unchanged};

mod pages;

pub(in crate::server) const RULES: Rules = Rules {
    by: "Flux",
    kinds: &[
        Kind {
            group: "kustomize.toolkit.fluxcd.io",
            kind: "Kustomization",
            create: kustomization,
            update: unchanged,
        },
        Kind {
            group: "helm.toolkit.fluxcd.io",
            kind: "HelmRelease",
            create: dependencies,
            update: unchanged,
        },
    ],
    codes: &[&pages::DEPENDENCY, &pages::SUBSTITUTION],
};

fn kustomization(object: &Value, judge: &mut Judge) {
    dependencies(object, judge);
    for (name, _) in map(object, &["spec", "postBuild", "substitute"]).into_iter().flatten() {
        let is_letter = |byte: u8| byte.is_ascii_alphabetic() || byte == b'_';
        let is_name = name.bytes().next().is_some_and(is_letter)
            && name.bytes().all(|byte| is_letter(byte) || byte.is_ascii_digit());
        if !is_name {
            judge.say(
                &pages::SUBSTITUTION,
                place!("spec", "postBuild", "substitute", name),
                format_args!("'{name}' var name is invalid, must match '^[_[:alpha:]][_[:alpha:][:digit:]]*$'"),
            );
        }
    }
}

/// What waits for itself is never ready.
fn dependencies(object: &Value, judge: &mut Judge) {
    let [name, namespace] = ["name", "namespace"].map(|field| text(object, &["metadata", field]));
    for (index, dependency) in items(object, &["spec", "dependsOn"]).iter().enumerate() {
        let of = text(dependency, &["namespace"]);
        if text(dependency, &["name"]) == name && (of.is_empty() || of == namespace) {
            judge.say(
                &pages::DEPENDENCY,
                place!("spec", "dependsOn", index),
                format_args!("dependency '{namespace}/{name}' is not ready: it is this object itself"),
            );
        }
    }
}
