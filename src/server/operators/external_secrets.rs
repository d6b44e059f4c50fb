//! What the webhook of External Secrets 2.9 refuses in an ExternalSecret.
//!
//! What a store says of its credentials is judged by the operator with the provider at hand, not here.

use serde_json::Value;

use super::read::{at, items, place, repeated, text};
use crate::server::judge::Judge;
use crate::server::{Kind, Rules, unchanged};
use crate::text::go_duration;

mod pages;

pub(in crate::server) const RULES: Rules = Rules {
    by: "External Secrets webhook",
    kinds: &[Kind {
        group: "external-secrets.io",
        kind: "ExternalSecret",
        create: external_secret,
        update: unchanged,
    }],
    codes: &[&pages::CONTENT, &pages::POLICY],
};

fn external_secret(object: &Value, judge: &mut Judge) {
    policies(object, judge);
    let interval = at(object, &["spec", "refreshInterval"]).and_then(Value::as_str);
    if let Some(interval) = interval.filter(|interval| go_duration(interval).is_none()) {
        judge.say(
            &pages::POLICY,
            place!("spec", "refreshInterval"),
            format_args!("time: invalid duration {interval:?}"),
        );
    }
    let (data, from) = (items(object, &["spec", "data"]), items(object, &["spec", "dataFrom"]));
    if data.is_empty() && from.is_empty() {
        judge.say(
            &pages::CONTENT,
            place!("spec"),
            "either data or dataFrom should be specified",
        );
    }
    for (index, reference) in from.iter().enumerate() {
        let has = |path: &[&str]| at(reference, path).is_some();
        let (find, extract, source) = (has(&["find"]), has(&["extract"]), has(&["sourceRef"]));
        let generator = has(&["sourceRef", "generatorRef"]);
        let store = has(&["sourceRef", "storeRef"]);
        let reasons = [
            (
                usize::from(find) + usize::from(extract) + usize::from(generator) > 1,
                "extract, find, or generatorRef cannot be set at the same time",
            ),
            (
                !find && !extract && !source,
                "either extract, find, or sourceRef must be set to dataFrom",
            ),
            (
                source && !generator && !store,
                "generatorRef or storeRef must be set when using sourceRef in dataFrom",
            ),
        ];
        for (_, reason) in reasons.iter().filter(|(applies, _)| *applies) {
            judge.say(&pages::CONTENT, place!("spec", "dataFrom", index), reason);
        }
    }
    if matches!(text(object, &["spec", "target", "deletionPolicy"]), "" | "Retain") {
        let keys = data.iter().map(|item| text(item, &["secretKey"]));
        for (index, key) in repeated(keys) {
            judge.say(
                &pages::CONTENT,
                place!("spec", "data", index, "secretKey"),
                format_args!("duplicate secretKey found: {key}"),
            );
        }
    }
}

fn policies(object: &Value, judge: &mut Judge) {
    let [deletion, creation] =
        ["deletionPolicy", "creationPolicy"].map(|field| text(object, &["spec", "target", field]));
    let reason = match (deletion, creation) {
        ("Delete", "Merge" | "None") => {
            "deletionPolicy=Delete must not be used when the controller doesn't own the secret. Please set \
             creationPolicy=Owner"
        }
        ("Merge", "None") => {
            "deletionPolicy=Merge must not be used with creationPolicy=None. There is no Secret to merge with"
        }
        _ => return,
    };
    judge.say(&pages::POLICY, place!("spec", "target", "deletionPolicy"), reason);
}
