//! Applications and projects as Argo CD 3.5 validates them, and the annotations by which it orders everything else.
//!
//! Argo CD says these things in a condition of the Application or in its log, and then does not sync.

use std::collections::BTreeSet;

use serde_json::Value;

use super::cron::{self, Dialect};
use super::read::{annotation, at, items, place, text, texts};
use crate::schema::Place;
use crate::server::judge::Judge;
use crate::server::{Kind, Rules, unchanged};
use crate::text::go_duration;

mod pages;

const GROUP: &str = "argoproj.io";

pub(in crate::server) const RULES: Rules = Rules {
    by: "Argo CD",
    kinds: &[
        Kind {
            group: GROUP,
            kind: "Application",
            create: application,
            update: unchanged,
        },
        Kind {
            group: GROUP,
            kind: "AppProject",
            create: project,
            update: unchanged,
        },
    ],
    codes: &[
        &pages::APPLICATION,
        &pages::PROJECT,
        &pages::POLICY,
        &pages::WINDOW,
        &pages::ANNOTATION,
    ],
};

/// Judges the annotations that any object may have; what Argo CD cannot read it takes for absent.
pub(in crate::server) fn annotations(object: &Value, judge: &mut Judge) {
    let name = "argocd.argoproj.io/sync-wave";
    if let Some(wave) = annotation(object, name).filter(|wave| wave.parse::<i64>().is_err()) {
        judge.invalid(
            &pages::ANNOTATION,
            place!("metadata", "annotations", name),
            &Value::from(wave),
            "must be an integer; Argo CD takes it for 0",
        );
    }
    let known: [(&str, &[&str]); 2] = [
        (
            "argocd.argoproj.io/hook",
            &[
                "PostDelete",
                "PostSync",
                "PreDelete",
                "PreSync",
                "Skip",
                "Sync",
                "SyncFail",
            ],
        ),
        (
            "argocd.argoproj.io/hook-delete-policy",
            &["BeforeHookCreation", "HookFailed", "HookSucceeded"],
        ),
    ];
    for (name, known) in known {
        let given = annotation(object, name).unwrap_or_default().split(',').map(str::trim);
        for word in given.filter(|word| !word.is_empty() && !known.contains(word)) {
            judge.unsupported(
                &pages::ANNOTATION,
                place!("metadata", "annotations", name),
                &Value::from(word),
                known,
            );
        }
    }
}

fn application(object: &Value, judge: &mut Judge) {
    let Some(spec) = at(object, &["spec"]) else { return };
    let sources = items(spec, &["sources"]);
    if at(spec, &["sourceHydrator"]).is_some() {
        hydrator(spec, judge);
    } else if sources.is_empty() {
        let nothing = Value::Null;
        let source = at(spec, &["source"]).unwrap_or(&nothing);
        self::source(source, false, place!("spec", "source"), judge);
    } else {
        for (index, source) in sources.iter().enumerate() {
            self::source(source, true, place!("spec", "sources", index), judge);
        }
    }
    let [server, name] = ["server", "name"].map(|field| text(spec, &["destination", field]));
    match (server.is_empty(), name.is_empty()) {
        (false, false) => judge.say(
            &pages::APPLICATION,
            place!("spec", "destination"),
            format_args!("application destination can't have both name and server defined: {name} {server}"),
        ),
        (true, true) => judge.say(
            &pages::APPLICATION,
            place!("spec", "destination"),
            "Destination server missing from app spec",
        ),
        _ => {}
    }
}

fn source(source: &Value, is_one_of_many: bool, place: &Place<'_>, judge: &mut Judge) {
    let is_set = |field: &str| !text(source, &[field]).is_empty();
    let has_content = is_set("path") || is_set("chart") || (is_one_of_many && is_set("ref"));
    if !is_set("repoURL") || !has_content {
        judge.say(
            &pages::APPLICATION,
            place,
            match is_one_of_many {
                true => {
                    "spec.source.repoURL and either source.path, source.chart, or source.ref are required for source"
                }
                false => "spec.source.repoURL and either spec.source.path or spec.source.chart are required",
            },
        );
    } else if is_set("chart") && !is_set("targetRevision") {
        judge.say(
            &pages::APPLICATION,
            &place.field("targetRevision"),
            "spec.source.targetRevision is required if the manifest source is a helm chart",
        );
    }
}

fn hydrator(spec: &Value, judge: &mut Judge) {
    let required = [["drySource", "repoURL"], ["syncSource", "targetBranch"]];
    for [outer, inner] in required {
        if text(spec, &["sourceHydrator", outer, inner]).is_empty() {
            judge.say(
                &pages::APPLICATION,
                place!("spec", "sourceHydrator", outer, inner),
                format_args!("spec.sourceHydrator.{outer}.{inner} is required"),
            );
        }
    }
}

fn project(object: &Value, judge: &mut Judge) {
    let mut keys = BTreeSet::new();
    for (index, destination) in items(object, &["spec", "destinations"]).iter().enumerate() {
        let [name, server, namespace] = ["name", "server", "namespace"].map(|field| text(destination, &[field]));
        for (field, value) in [("name", name), ("server", server), ("namespace", namespace)] {
            if value == "!*" {
                judge.say(
                    &pages::PROJECT,
                    place!("spec", "destinations", index, field),
                    format_args!("{field} has an invalid format, '!*'"),
                );
            }
        }
        let key = format!("{}/{namespace}", if server.is_empty() { name } else { server });
        if !keys.insert(key.clone()) {
            judge.say(
                &pages::PROJECT,
                place!("spec", "destinations", index),
                format_args!("destination '{key}' already added"),
            );
        }
    }
    for (list, what) in [
        ("sourceNamespaces", "source namespace"),
        ("sourceRepos", "source repository"),
    ] {
        let mut known = BTreeSet::new();
        for (index, value) in texts(object, &["spec", list]).enumerate() {
            if list == "sourceRepos" && value == "!*" {
                judge.say(
                    &pages::PROJECT,
                    place!("spec", list, index),
                    "source repository has an invalid format, '!*'",
                );
            }
            if !known.insert(value) {
                judge.say(
                    &pages::PROJECT,
                    place!("spec", list, index),
                    format_args!("{what} '{value}' already added"),
                );
            }
        }
    }
    let project = text(object, &["metadata", "name"]);
    let mut names = BTreeSet::new();
    for (index, role) in items(object, &["spec", "roles"]).iter().enumerate() {
        let name = text(role, &["name"]);
        if !names.insert(name) {
            judge.say(
                &pages::PROJECT,
                place!("spec", "roles", index, "name"),
                format_args!("role '{name}' already exists"),
            );
        }
        self::role(project, name, role, place!("spec", "roles", index), judge);
    }
    windows(object, judge);
}

fn role(project: &str, name: &str, role: &Value, place: &Place<'_>, judge: &mut Judge) {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric();
    if !name.starts_with(is_plain)
        || !name.ends_with(is_plain)
        || !name
            .chars()
            .all(|letter| is_plain(letter) || matches!(letter, '-' | '_'))
    {
        judge.say(
            &pages::PROJECT,
            &place.field("name"),
            format_args!(
                "invalid role name '{name}'. Must consist of alphanumeric characters, '-' or '_', and must start and end \
                 with an alphanumeric character"
            ),
        );
    }
    let mut known = BTreeSet::new();
    for (index, policy) in texts(role, &["policies"]).enumerate() {
        let reason = match known.insert(policy) {
            false => Some(format!("policy '{policy}' already exists for role '{name}'")),
            true => {
                policy_problem(project, name, policy).map(|reason| format!("invalid policy rule '{policy}': {reason}"))
            }
        };
        if let Some(reason) = reason {
            judge.say(&pages::POLICY, place!(in place; "policies", index), reason);
        }
    }
    let mut known = BTreeSet::new();
    for (index, group) in texts(role, &["groups"]).enumerate() {
        let inner = group.trim();
        let is_quoted = inner.len() > 1 && inner.starts_with('"') && inner.ends_with('"');
        let inner = if is_quoted {
            inner.get(1..inner.len() - 1).unwrap_or_default()
        } else {
            inner
        };
        let reason = if !known.insert(group) {
            format!("group '{group}' already exists for role '{name}'")
        } else if !is_quoted && inner.contains(',') {
            format!("group '{group}' must be quoted")
        } else if inner.is_empty() {
            format!("group '{group}' is empty")
        } else if inner.contains(['"', '\n', '\r', '\t']) {
            format!("group '{group}' contains invalid characters")
        } else if group.trim() != group {
            format!("group '{group}' contains a leading or trailing space")
        } else {
            continue;
        };
        judge.say(&pages::PROJECT, place!(in place; "groups", index), reason);
    }
}

fn policy_problem(project: &str, role: &str, policy: &str) -> Option<String> {
    let parts: Vec<&str> = policy.split(',').map(|part| part.trim_matches(' ')).collect();
    let [kind, subject, resource, action, object, effect] = parts.as_slice() else {
        return Some("must be of the form: 'p, sub, res, act, obj, eft'".to_owned());
    };
    let expected = format!("proj:{project}:{role}");
    let resources = [
        "applications",
        "applicationsets",
        "clusters",
        "exec",
        "logs",
        "repositories",
    ];
    let actions = ["*", "create", "delete", "get", "override", "sync", "update"];
    let is_action = actions.contains(action)
        || ["action/", "update/", "delete/"]
            .iter()
            .any(|prefix| action.contains(prefix));
    if *kind != "p" {
        Some("must be of the form: 'p, sub, res, act, obj, eft'".to_owned())
    } else if *subject != expected {
        Some(format!("policy subject must be: '{expected}', not '{subject}'"))
    } else if !resources.contains(resource) {
        Some(format!(
            "project resource must be: 'applications', 'applicationsets', 'repositories', 'exec', 'logs' or 'clusters', \
             not '{resource}'"
        ))
    } else if !is_action {
        Some(format!("invalid action '{action}'"))
    } else if !is_object(project, object) {
        Some(format!(
            "object must be of form '{project}/*', '{project}[/<NAMESPACE>]/<APPNAME>' or '{project}/<APPNAME>', not \
             '{object}'"
        ))
    } else {
        (!matches!(*effect, "allow" | "deny")).then(|| "effect must be: 'allow' or 'deny'".to_owned())
    }
}

fn is_object(project: &str, object: &str) -> bool {
    let Some(rest) = object.strip_prefix(project).and_then(|rest| rest.strip_prefix('/')) else {
        return false;
    };
    let is_part = |part: &str| {
        !part.is_empty()
            && part
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'*' | b'_' | b'-' | b'.'))
    };
    rest.split('/').count() <= 2 && rest.split('/').all(is_part)
}

fn windows(object: &Value, judge: &mut Judge) {
    let windows = items(object, &["spec", "syncWindows"]);
    for (index, window) in windows.iter().enumerate() {
        place!(let place = "spec", "syncWindows", index);
        let [kind, schedule, duration, zone] =
            ["kind", "schedule", "duration", "timeZone"].map(|field| text(window, &[field]));
        let mut say = |field: &str, reason: String| judge.say(&pages::WINDOW, &place.field(field), reason);
        if !matches!(kind, "allow" | "deny") {
            say("kind", format!("kind '{kind}' mismatch: can only be allow or deny"));
        }
        if let Some(reason) = cron::refusal(schedule, Dialect::Fields) {
            say("schedule", format!("cannot parse schedule '{schedule}': {reason}"));
        }
        if go_duration(duration).is_none() {
            say(
                "duration",
                format!("cannot parse duration '{duration}': time: invalid duration {duration:?}"),
            );
        }
        if !matches!(zone, "" | "Local") && jiff::tz::TimeZone::get(zone).is_err() {
            say(
                "timeZone",
                format!("Invalid time zone {zone} specified. Using UTC as default time zone"),
            );
        }
        if text(window, &["description"]).len() > 255 {
            say("description", "description must not exceed 255 characters".to_owned());
        }
        if ["applications", "namespaces", "clusters"]
            .iter()
            .all(|list| items(window, &[list]).is_empty())
        {
            judge.say(
                &pages::WINDOW,
                place,
                format_args!(
                    "window '{kind}':'{schedule}':'{duration}' requires one of application, cluster or namespace"
                ),
            );
        }
        let same = |other: &&Value| is_same_window(other, window);
        if windows.iter().take(index).any(|other| same(&other)) {
            judge.say(
                &pages::WINDOW,
                place,
                format_args!(
                    "sync window with kind '{kind}', schedule '{schedule}', and duration '{duration}' already exists"
                ),
            );
        }
    }
}

/// What a window says beside its description and whether a sync by hand is let through.
fn is_same_window(one: &Value, other: &Value) -> bool {
    let fields = [
        "kind",
        "schedule",
        "duration",
        "applications",
        "namespaces",
        "clusters",
        "timeZone",
        "andOperator",
    ];
    fields.iter().all(|field| at(one, &[field]) == at(other, &[field]))
}
