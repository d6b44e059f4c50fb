//! What the Pods of a Cluster run with, who may enter, and what the operator makes beside them.
//!
//! Annotations by which features are switched on are read here too.

use std::collections::BTreeSet;

use serde_json::Value;

use super::cluster::instances;
use super::pages;
use crate::schema::Place;
use crate::server::judge::Judge;
use crate::server::operators::read::{at, items, number, place, repeated, text, texts, truth};
use crate::text::server::{is_qualified_name, is_valid_label_value};

mod annotations;
mod extensions;

pub(super) fn check(object: &Value, judge: &mut Judge) {
    certificates(object, judge);
    directory(object, judge);
    selectors(object, judge);
    update_strategy(object, judge);
    scheduling(object, judge);
    lease(object, judge);
    services(object, judge);
    roles(object, judge);
    annotations::check(object, judge);
    extensions::check(object, judge);
    for (index, variable) in items(object, &["spec", "env"]).iter().enumerate() {
        let name = text(variable, &["name"]);
        if extensions::is_reserved(name) {
            judge.invalid(
                &pages::POD,
                place!("spec", "postgresql", "env", index, "name"),
                &Value::from(name),
                extensions::RESERVED,
            );
        }
    }
    let account = text(object, &["spec", "serviceAccountName"]);
    if !account.is_empty() && at(object, &["spec", "serviceAccountTemplate"]).is_some() {
        judge.invalid(
            &pages::POD,
            place!("spec", "serviceAccountName"),
            &Value::from(account),
            "serviceAccountName and serviceAccountTemplate are mutually exclusive",
        );
    }
}

fn certificates(object: &Value, judge: &mut Judge) {
    let nothing = Value::Null;
    let given = at(object, &["spec", "certificates"]).unwrap_or(&nothing);
    let is_set = |field: &str| !text(given, &[field]).is_empty();
    let mut say = |field: &str, value: &str, reason: &str| {
        judge.invalid(
            &pages::ACCESS,
            place!("spec", "certificates", field),
            &Value::from(value),
            reason,
        );
    };
    if is_set("serverTLSSecret") {
        let names: Vec<&str> = texts(given, &["serverAltDNSNames"]).collect();
        if !names.is_empty() {
            say(
                "serveraltdnsnames",
                &format!("[{}]", names.join(" ")),
                "Server alternative DNS names can't be defined when server TLS secret is provided",
            );
        }
        if !is_set("serverCASecret") {
            say(
                "servercasecret",
                "",
                "Server CA secret can't be empty when server TLS secret is provided",
            );
        }
    }
    if is_set("replicationTLSSecret") && !is_set("clientCASecret") {
        say(
            "clientcasecret",
            "",
            "Client CA secret can't be empty when client replication secret is provided",
        );
    }
    if let Some(secret) = at(object, &["spec", "superuserSecret"])
        && text(secret, &["name"]).is_empty()
    {
        judge.invalid(
            &pages::ACCESS,
            place!("spec", "superusersecret", "name"),
            &Value::from(""),
            "Super user secret name can't be empty",
        );
    }
}

fn directory(object: &Value, judge: &mut Judge) {
    let Some(ldap) = at(object, &["spec", "postgresql", "ldap"]) else {
        return;
    };
    place!(let place = "spec", "postgresql", "ldap");
    if text(ldap, &["server"]).is_empty() {
        judge.invalid(
            &pages::ACCESS,
            place,
            &Value::from(""),
            "ldap server cannot be empty if any other ldap parameters are specified",
        );
    }
    if at(ldap, &["bindAsAuth"]).is_some() && at(ldap, &["bindSearchAuth"]).is_some() {
        judge.invalid(
            &pages::ACCESS,
            place,
            &Value::from("bindAsAuth or bindSearchAuth"),
            "only bind+search or bind method can be specified",
        );
    }
}

/// Lines of `pg_hba.conf` may let in the Pods of a selector, which the Cluster names.
fn selectors(object: &Value, judge: &mut Judge) {
    let known: Vec<&str> = items(object, &["spec", "podSelectorRefs"])
        .iter()
        .map(|selector| text(selector, &["name"]))
        .collect();
    for (index, name) in repeated(known.iter().copied()) {
        judge.duplicate(
            &pages::ACCESS,
            place!("spec", "podSelectorRefs", index, "name"),
            &Value::from(name),
        );
    }
    for (index, line) in items(object, &["spec", "postgresql", "pg_hba"]).iter().enumerate() {
        if let Some(reason) = line.as_str().and_then(|line| line_problem(line, &known)) {
            judge.invalid(
                &pages::ACCESS,
                place!("spec", "postgresql", "pg_hba", index),
                line,
                reason,
            );
        }
    }
}

fn line_problem(line: &str, known: &[&str]) -> Option<String> {
    let mut rest = line;
    let mut count = 0;
    while let Some((_, tail)) = rest.split_once("${") {
        rest = tail;
        let reference = tail.split_once(':').and_then(|(kind, tail)| {
            let (name, tail) = tail.split_once('}')?;
            (!kind.is_empty() && !name.is_empty()).then_some((kind, name, tail))
        });
        let Some((kind, name, tail)) = reference else { continue };
        if kind != "podselector" {
            return Some(format!("unknown descriptor type: {kind}"));
        }
        if !known.contains(&name) {
            return Some(format!("pod selector not found: {name}"));
        }
        count += 1;
        rest = tail;
    }
    (count > 1).then(|| "at most one podselector reference is allowed per line".to_owned())
}

fn update_strategy(object: &Value, judge: &mut Judge) {
    let strategy = text(object, &["spec", "primaryUpdateStrategy"]);
    let reason = match strategy {
        "supervised" if instances(object) == 1 => {
            "supervised update strategy is not allowed for clusters with a single instance"
        }
        "" | "supervised" | "unsupervised" => return,
        _ => "primaryUpdateStrategy should be empty, 'supervised' or 'unsupervised'",
    };
    judge.invalid(
        &pages::POD,
        place!("spec", "primaryUpdateStrategy"),
        &Value::from(strategy),
        reason,
    );
}

fn scheduling(object: &Value, judge: &mut Judge) {
    let kind = text(object, &["spec", "affinity", "podAntiAffinityType"]);
    if !matches!(kind, "" | "preferred" | "required") {
        judge.invalid(
            &pages::POD,
            place!("spec", "affinity", "podAntiAffinityType"),
            &Value::from(kind),
            "pod anti-affinity type must be 'preferred' (default if empty) or 'required'",
        );
    }
    let tolerations = items(object, &["spec", "affinity", "tolerations"]);
    for (index, toleration) in tolerations.iter().enumerate() {
        tolerates(toleration, place!("spec", "affinity", "toleration", index), judge);
    }
}

fn tolerates(toleration: &Value, place: &Place<'_>, judge: &mut Judge) {
    let [key, operator, value, effect] = ["key", "operator", "value", "effect"].map(|field| text(toleration, &[field]));
    if !key.is_empty() {
        judge.all_invalid(
            &pages::POD,
            &place.field("key"),
            &Value::from(key),
            is_qualified_name(key),
        );
    } else if operator != "Exists" {
        judge.invalid(
            &pages::POD,
            &place.field("operator"),
            &Value::from(operator),
            "operator must be Exists when `key` is empty, which means \"match all values and all keys\"",
        );
    }
    if at(toleration, &["tolerationSeconds"]).is_some() && effect != "NoExecute" {
        judge.invalid(
            &pages::POD,
            &place.field("effect"),
            &Value::from(effect),
            "effect must be 'NoExecute' when `tolerationSeconds` is set",
        );
    }
    match operator {
        "" | "Equal" => {
            let reasons = is_valid_label_value(value);
            if !reasons.is_empty() {
                judge.invalid(
                    &pages::POD,
                    &place.field("operator"),
                    &Value::from(value),
                    reasons.join(";"),
                );
            }
        }
        "Exists" if !value.is_empty() => judge.invalid(
            &pages::POD,
            &place.field("operator"),
            toleration,
            "value must be empty when `operator` is 'Exists'",
        ),
        "Exists" => {}
        _ => judge.unsupported(
            &pages::POD,
            &place.field("operator"),
            &Value::from(operator),
            &["Equal", "Exists"],
        ),
    }
    let effects = ["NoSchedule", "PreferNoSchedule", "NoExecute"];
    if !effect.is_empty() && !effects.contains(&effect) {
        judge.unsupported(&pages::POD, &place.field("effect"), &Value::from(effect), &effects);
    }
}

/// The primary gives up before its lease runs out, and tries more than once.
fn lease(object: &Value, judge: &mut Judge) {
    let Some(lease) = at(object, &["spec", "primaryLease"]) else {
        return;
    };
    let of = |field: &str, default| number(lease, &[field]).unwrap_or(default);
    let duration = of("leaseDurationSeconds", 15);
    let deadline = of("renewDeadlineSeconds", 10);
    let period = of("retryPeriodSeconds", 2);
    if duration <= deadline {
        judge.invalid(
            &pages::POD,
            place!("spec", "primaryLease", "leaseDurationSeconds"),
            &Value::from(duration),
            "leaseDurationSeconds must be greater than renewDeadlineSeconds",
        );
    }
    if deadline.saturating_mul(5) <= period.saturating_mul(6) {
        judge.invalid(
            &pages::POD,
            place!("spec", "primaryLease", "renewDeadlineSeconds"),
            &Value::from(deadline),
            "renewDeadlineSeconds must be greater than retryPeriodSeconds multiplied by 1.2",
        );
    }
}

fn services(object: &Value, judge: &mut Judge) {
    let path = ["spec", "managed", "services"];
    let Some(services) = at(object, &path) else { return };
    if texts(services, &["disabledDefaultServices"]).any(|service| service == "rw") {
        judge.invalid(
            &pages::MANAGED,
            place!("spec", "managed", "services", "disabledDefaultServices"),
            &Value::from("rw"),
            "service of type RW cannot be disabled.",
        );
    }
    let cluster = text(object, &["metadata", "name"]);
    let mut names = Vec::new();
    for (index, service) in items(services, &["additional"]).iter().enumerate() {
        let name = text(service, &["serviceTemplate", "metadata", "name"]);
        names.push(name);
        place!(let place = "spec", "managed", "services", "additional", index);
        let own = name.strip_prefix(cluster).unwrap_or_default();
        if matches!(own, "-rw" | "-ro" | "-r" | "-any") {
            judge.invalid(
                &pages::MANAGED,
                place,
                &Value::from(name),
                format_args!("the service name: '{name}' is reserved for operator use"),
            );
        }
        if let Some(selector) = at(service, &["serviceTemplate", "spec", "selector"])
            && selector.as_object().is_some_and(|selector| !selector.is_empty())
        {
            judge.invalid(
                &pages::MANAGED,
                place,
                selector,
                "selector field is managed by the operator",
            );
        }
        if name.is_empty() {
            judge.invalid(&pages::MANAGED, place, &Value::from(name), "name is required");
        }
    }
    if repeated(names.iter().copied()).next().is_some() {
        judge.invalid(
            &pages::MANAGED,
            place!("spec", "managed", "services", "additional"),
            &Value::from(names.clone()),
            "contains services with the same .metadata.name",
        );
    }
}

fn roles(object: &Value, judge: &mut Judge) {
    let mut names = BTreeSet::new();
    for role in items(object, &["spec", "managed", "roles"]) {
        let name = text(role, &["name"]);
        let limit = number(role, &["connectionLimit"]).unwrap_or(-1);
        let is_reserved =
            matches!(name, "streaming_replica" | "postgres") || name.starts_with("cnpg_") || name.starts_with("pg_");
        let has_both = truth(role, &["disablePassword"]) == Some(true) && at(role, &["passwordSecret"]).is_some();
        let named = Value::from(name);
        let reasons = [
            (!names.insert(name), &named, "Role name is duplicate of another"),
            (
                limit < -1,
                &Value::from(limit),
                "Connection limit should be positive, unless defaulting to -1",
            ),
            (is_reserved, &named, "This role is reserved for operator use"),
            (has_both, &named, "This role both sets and disables a password"),
        ];
        for (_, value, reason) in reasons.iter().filter(|(applies, ..)| *applies) {
            judge.invalid(&pages::MANAGED, place!("spec", "managed", "roles"), value, reason);
        }
    }
}
