//! The Cluster: which rules there are, in the order of the webhook.
//!
//! The webhook completes a Cluster before it judges it; a rule here reads an absent field as that completion would fill it.

use serde_json::Value;

use super::pages;
use super::{BY, GROUP, bootstrap, changes, is_unchecked, parameters, pods, replication, storage};
use crate::server::judge::Judge;
use crate::server::operators::read::{at, number, place, text};
use crate::server::{Kind, Rules};
use crate::text::server::is_dns1035_label;

pub(in crate::server) const RULES: Rules = Rules {
    by: BY,
    kinds: &[Kind {
        group: GROUP,
        kind: "Cluster",
        create,
        update,
    }],
    codes: &[
        &pages::NAME,
        &pages::IMAGE,
        &pages::PARAMETER,
        &pages::WAL,
        &pages::RESOURCES,
        &pages::SYNCHRONOUS,
        &pages::BOOTSTRAP,
        &pages::RECOVERY_TARGET,
        &pages::EXTERNAL_CLUSTER,
        &pages::REPLICA,
        &pages::STORAGE,
        &pages::TABLESPACE,
        &pages::SLOTS,
        &pages::ARCHIVE,
        &pages::MANAGED,
        &pages::ACCESS,
        &pages::POD,
        &pages::SHRUNK,
        &pages::CHANGE,
    ],
};

fn create(object: &Value, judge: &mut Judge) {
    if is_unchecked(object) {
        return;
    }
    name(object, judge);
    image(object, judge);
    bootstrap::check(object, judge);
    parameters::check(object, judge);
    replication::check(object, judge);
    storage::check(object, judge);
    pods::check(object, judge);
}

fn update(old: &Value, new: &Value, judge: &mut Judge) {
    if !is_unchecked(new) {
        changes::check(old, new, judge);
    }
}

/// How many instances there are; the default of the resource is one.
pub(super) fn instances(object: &Value) -> i64 {
    number(object, &["spec", "instances"]).unwrap_or(1)
}

/// The operator makes Services from the name, which may hold no dots.
fn name(object: &Value, judge: &mut Judge) {
    let Some(value) = at(object, &["metadata", "name"]) else {
        return;
    };
    let name = value.as_str().unwrap_or_default();
    if !is_dns1035_label(name).is_empty() {
        judge.invalid(
            &pages::NAME,
            place!("metadata", "name"),
            value,
            "cluster name must be a valid DNS label",
        );
    }
    if name.len() > LONGEST_NAME {
        judge.invalid(
            &pages::NAME,
            place!("metadata", "name"),
            value,
            format_args!("the maximum length of a cluster name is {LONGEST_NAME} characters"),
        );
    }
}

/// What leaves room for the suffixes of Services and Pods.
const LONGEST_NAME: usize = 50;

fn image(object: &Value, judge: &mut Judge) {
    let name = text(object, &["spec", "imageName"]);
    if !name.is_empty() {
        let reason = match tag(name) {
            "latest" => Some("Can't use 'latest' as image tag as we can't detect upgrades"),
            "" => Some("Can't use just the image sha as we can't detect upgrades"),
            tag => version(tag).is_none().then_some("invalid version tag"),
        };
        if let Some(reason) = reason {
            judge.invalid(&pages::IMAGE, place!("spec", "imageName"), &Value::from(name), reason);
        }
    }
    let policy = text(object, &["spec", "imagePullPolicy"]);
    if !matches!(policy, "" | "Always" | "Never" | "IfNotPresent") {
        judge.invalid(
            &pages::IMAGE,
            place!("spec", "imagePullPolicy"),
            &Value::from(policy),
            "invalid imagePullPolicy, if defined must be one of 'Always', 'Never' or 'IfNotPresent'",
        );
    }
    if major(object).is_some_and(|major| major < 13) {
        judge.invalid(
            &pages::IMAGE,
            place!("spec", "imageName"),
            &Value::from(name),
            "Unsupported PostgreSQL version. Versions 13 or newer are supported",
        );
    }
}

/// The major version that the operator takes from the image or its catalog; nothing if it cannot.
pub(super) fn major(object: &Value) -> Option<i64> {
    if let Some(catalog) = at(object, &["spec", "imageCatalogRef"]) {
        return Some(number(catalog, &["major"]).unwrap_or(0));
    }
    match text(object, &["spec", "imageName"]) {
        // What the operator runs when nothing is said.
        "" => Some(18),
        name => version(tag(name)),
    }
}

/// The tag of an image as the operator reads it: `latest` if there is neither tag nor digest.
fn tag(image: &str) -> &str {
    let digest = image
        .rsplit_once("@sha256:")
        .filter(|(_, digest)| !digest.is_empty() && digest.bytes().all(|byte| byte.is_ascii_hexdigit()));
    let name = digest.map_or(image, |(name, _)| name);
    let last = name.rsplit('/').next().unwrap_or(name);
    match last.split_once(':') {
        Some((_, tag)) if !tag.is_empty() => tag,
        _ if digest.is_some() => "",
        _ => "latest",
    }
}

/// The major version at the front of a tag, which must begin with digits, and with digits after each dot.
fn version(tag: &str) -> Option<i64> {
    let (major, rest) = digits(tag)?;
    if let Some(minor) = rest.strip_prefix('.') {
        let (minor, _) = digits(minor)?;
        minor.parse::<i64>().ok()?;
    }
    major.parse().ok()
}

fn digits(text: &str) -> Option<(&str, &str)> {
    let end = text.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(text.len());
    (end > 0).then(|| text.split_at(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_and_versions_are_read_as_the_operator_reads_them() {
        let digest = "@sha256:cff94de382ca538861622bbe84cfe03f44f307a9846a5c5eda672cf4dc692866";
        for (image, expected) in [
            ("postgres", "latest"),
            ("localhost:5000/postgres", "latest"),
            ("ghcr.io/cloudnative-pg/postgresql:17.6-standard", "17.6-standard"),
            (&format!("postgres:13{digest}"), "13"),
            (&format!("postgres{digest}"), ""),
        ] {
            assert_eq!(tag(image), expected, "{image}");
        }
        for (tag, expected) in [
            ("17.6-standard-trixie", Some(17)),
            ("17beta1", Some(17)),
            ("9.4_beautiful", Some(9)),
            ("11.old", None),
            ("17.", None),
            ("v17", None),
            ("99999999999999999999", None),
        ] {
            assert_eq!(version(tag), expected, "{tag}");
        }
    }
}
