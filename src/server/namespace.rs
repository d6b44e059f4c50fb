//! Namespaces: the labels that set their Pod Security level, and finalizers.
//!
//! The name of a namespace is judged with all other names.

use serde_json::Value;

use super::common::{get, list};
use super::judge::Judge;
use super::{API_SERVER, Kind, Rules, unchanged};
use crate::diagnostic::codes::Code;
use crate::schema::Place;
use crate::text::server;

pub(super) const RULES: Rules = Rules {
    by: API_SERVER,
    kinds: &[Kind {
        group: "",
        kind: "Namespace",
        create,
        update: unchanged,
    }],
    codes: &[&POD_SECURITY, &FINALIZER],
};

const POD_SECURITY: Code = Code {
    id: "pod-security-label",
    title: "a level or version of Pod Security that does not exist",
    why: "The levels are `privileged`, `baseline` and `restricted`, a version is `latest` or such as `v1.34`. An unknown \
          level would leave open what pods may do.",
    fix: "write one of the three levels, or `latest` for the version",
    bad: "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: hartmann-bau-staging\n  \
          labels: {pod-security.kubernetes.io/enforce: strict}",
    good: "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: hartmann-bau-staging\n  \
           labels: {pod-security.kubernetes.io/enforce: restricted}",
};

const FINALIZER: Code = Code {
    id: "namespace-finalizer",
    title: "a finalizer of a namespace without a domain",
    why: "Whoever clears a namespace before it goes is named with a domain; only `kubernetes` has none.",
    fix: "write the finalizer as `example.com/name`, or remove `spec.finalizers`",
    bad: "apiVersion: v1\nkind: Namespace\nmetadata: {name: hartmann-bau-staging}\nspec: {finalizers: [backup]}",
    good: "apiVersion: v1\nkind: Namespace\nmetadata: {name: hartmann-bau-staging}\nspec: {finalizers: [kubernetes]}",
};

/// Labels of Pod Security begin so.
const PREFIX: &str = "pod-security.kubernetes.io/";
/// What the server calls standard.
const STANDARD: &[&str] = &["kubernetes", "orphan", "foregroundDeletion"];

fn create(object: &Value, judge: &mut Judge) {
    let place = Place::OBJECT;
    let labels = get(object, "metadata").and_then(|metadata| metadata.get("labels"));
    let metadata = place.field("metadata");
    let of_labels = metadata.field("labels");
    for mode in ["enforce", "audit", "warn"] {
        for (label, problem) in [
            (
                format!("{PREFIX}{mode}"),
                level_problem as fn(&str) -> Option<&'static str>,
            ),
            (format!("{PREFIX}{mode}-version"), version_problem),
        ] {
            let value = labels.and_then(|labels| labels.get(&label));
            if let Some(value @ Value::String(text)) = value
                && let Some(reason) = problem(text)
            {
                judge.invalid(&POD_SECURITY, &of_labels.key(&label), value, reason);
            }
        }
    }
    let Some(spec) = get(object, "spec") else { return };
    let place = place.field("spec");
    let place = place.field("finalizers");
    for (index, value) in list(spec, "finalizers").iter().enumerate() {
        let name = value.as_str().unwrap_or_default();
        let mut reasons = server::is_qualified_name(name);
        if !name.contains('/') && !STANDARD.contains(&name) {
            reasons.push("name is neither a standard finalizer name nor is it fully qualified".to_owned());
        }
        for reason in reasons {
            judge.invalid(&FINALIZER, &place, value, reason);
            judge.point_to(&place.index(index));
        }
    }
}

fn level_problem(level: &str) -> Option<&'static str> {
    let is_known = ["privileged", "baseline", "restricted"].contains(&level);
    (!is_known).then_some("must be one of privileged, baseline, restricted")
}

fn version_problem(version: &str) -> Option<&'static str> {
    let minor = version.strip_prefix("v1.").unwrap_or_default();
    let is_number = !minor.is_empty() && minor.bytes().all(|byte| byte.is_ascii_digit());
    let is_plain = minor == "0" || !minor.starts_with('0');
    (version != "latest" && !(is_number && is_plain)).then_some("must be \"latest\" or \"v1.x\"")
}
