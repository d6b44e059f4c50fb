//! What the webhook of the policy controller of Sigstore refuses in a ClusterImagePolicy.
//!
//! Keys and certificates are not decoded here; that they are there, and only one kind of them, is checked.

use serde_json::Value;

use super::read::{at, items, place, text};
use super::regular;
use crate::schema::Place;
use crate::server::judge::Judge;
use crate::server::{Kind, Rules, unchanged};

mod pages;

pub(in crate::server) const RULES: Rules = Rules {
    by: "Sigstore policy-controller webhook",
    kinds: &[Kind {
        group: "policy.sigstore.dev",
        kind: "ClusterImagePolicy",
        create: policy,
        update: unchanged,
    }],
    codes: &[&pages::POLICY],
};

fn policy(object: &Value, judge: &mut Judge) {
    let images = items(object, &["spec", "images"]);
    if images.is_empty() {
        missing("images", place!("spec"), judge);
    }
    for (index, image) in images.iter().enumerate() {
        if text(image, &["glob"]).is_empty() {
            missing("glob", place!("spec", "images", index), judge);
        }
    }
    let mode = text(object, &["spec", "mode"]);
    if !matches!(mode, "" | "enforce" | "warn") {
        judge.say(
            &pages::POLICY,
            place!("spec", "mode"),
            format_args!("invalid value: {mode}: unsupported mode"),
        );
    }
    for (index, authority) in items(object, &["spec", "authorities"]).iter().enumerate() {
        self::authority(authority, place!("spec", "authorities", index), judge);
    }
}

fn missing(fields: &str, place: &Place<'_>, judge: &mut Judge) {
    judge.say(&pages::POLICY, place, format_args!("missing field(s): {fields}"));
}

fn exactly_one(value: &Value, fields: &[&str], shown: &str, place: &Place<'_>, judge: &mut Judge) -> bool {
    let given = fields
        .iter()
        .filter(|field| at(value, &[field]).is_some_and(|value| value.as_str() != Some("")));
    let count = given.count();
    let what = if count == 0 { "got neither" } else { "got both" };
    if count != 1 {
        judge.say(
            &pages::POLICY,
            place,
            format_args!("expected exactly one, {what}: {shown}"),
        );
    }
    count == 1
}

fn authority(authority: &Value, place: &Place<'_>, judge: &mut Judge) {
    let kinds = ["key", "keyless", "static"];
    if !exactly_one(authority, &kinds, "key, keyless, static", place, judge) {
        return;
    }
    if let Some(key) = at(authority, &["key"]) {
        exactly_one(
            key,
            &["data", "kms", "secretRef"],
            "data, kms, secretref",
            &place.field("key"),
            judge,
        );
    }
    if let Some(keyless) = at(authority, &["keyless"]) {
        self::keyless(keyless, &place.field("keyless"), judge);
    }
    if let Some(fixed) = at(authority, &["static"]) {
        let action = text(fixed, &["action"]);
        if !matches!(action, "pass" | "fail") {
            judge.say(
                &pages::POLICY,
                place!(in place; "static", "action"),
                format_args!("invalid value: {action}: unsupported action"),
            );
        }
    }
}

fn keyless(keyless: &Value, place: &Place<'_>, judge: &mut Judge) {
    exactly_one(keyless, &["url", "ca-cert"], "url, ca-cert", place, judge);
    let identities = items(keyless, &["identities"]);
    if identities.is_empty() {
        missing("identities", place, judge);
    }
    for (index, identity) in identities.iter().enumerate() {
        place!(let place = in place; "identities", index);
        for (plain, expression) in [("issuer", "issuerRegExp"), ("subject", "subjectRegExp")] {
            let given = [plain, expression].map(|field| text(identity, &[field]));
            match given {
                ["", ""] => missing(&format!("{plain}, {expression}"), place, judge),
                ["", text] => {
                    if let Some(reason) = regular::refusal(text) {
                        judge.say(
                            &pages::POLICY,
                            &place.field(expression),
                            format_args!("invalid value: {text}: regex is invalid: {reason}"),
                        );
                    }
                }
                [_, ""] => {}
                _ => judge.say(
                    &pages::POLICY,
                    place,
                    format_args!("expected exactly one, got both: {plain}, {expression}"),
                ),
            }
        }
    }
}
