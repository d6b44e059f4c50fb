//! PrometheusRules as the operator's admission and `promtool check rules` read them, and monitors as the operator does.
//!
//! A monitor with a fault is left out of the configuration, which only the operator's log says; then nothing is scraped.

use serde_json::Value;

use super::read::{at, items, map, number, place, repeated, text};
use super::{promql, regular};
use crate::schema::Place;
use crate::server::judge::Judge;
use crate::server::{Kind, Rules, unchanged};

mod pages;
mod template;

const GROUP: &str = "monitoring.coreos.com";

pub(in crate::server) const RULES: Rules = Rules {
    by: "Prometheus operator",
    kinds: &[
        Kind {
            group: GROUP,
            kind: "PrometheusRule",
            create: rules,
            update: unchanged,
        },
        Kind {
            group: GROUP,
            kind: "ServiceMonitor",
            create: service_monitor,
            update: unchanged,
        },
        Kind {
            group: GROUP,
            kind: "PodMonitor",
            create: pod_monitor,
            update: unchanged,
        },
        Kind {
            group: GROUP,
            kind: "Probe",
            create: probe,
            update: unchanged,
        },
    ],
    codes: &[
        &pages::EXPRESSION,
        &pages::RULE,
        &pages::GROUPS,
        &pages::TEMPLATE,
        &pages::RELABELLING,
        &pages::TIMEOUT,
    ],
};

fn rules(object: &Value, judge: &mut Judge) {
    let groups = items(object, &["spec", "groups"]);
    let names = groups.iter().map(|group| text(group, &["name"]));
    for (index, name) in repeated(names) {
        judge.say(
            &pages::GROUPS,
            place!("spec", "groups", index, "name"),
            format_args!("groupname: \"{name}\" is repeated in the same file"),
        );
    }
    for (index, group) in groups.iter().enumerate() {
        place!(let place = "spec", "groups", index);
        if text(group, &["name"]).is_empty() && at(group, &["name"]).is_none_or(Value::is_string) {
            judge.say(&pages::GROUPS, &place.field("name"), "Groupname must not be empty");
        }
        for field in ["interval", "query_offset"] {
            duration(group, field, place, &pages::GROUPS, judge);
        }
        labels(group, place, &pages::GROUPS, judge);
        for (index, item) in items(group, &["rules"]).iter().enumerate() {
            rule(item, place!(in place; "rules", index), judge);
        }
    }
}

fn rule(rule: &Value, place: &Place<'_>, judge: &mut Judge) {
    let [record, alert] = ["record", "alert"].map(|field| text(rule, &[field]));
    match (record.is_empty(), alert.is_empty()) {
        (false, false) => judge.say(&pages::RULE, place, "only one of 'record' and 'alert' must be set"),
        (true, true) => judge.say(&pages::RULE, place, "one of 'record' or 'alert' must be set"),
        _ => {}
    }
    // An expression may be a bare number.
    match at(rule, &["expr"]) {
        Some(Value::String(expression)) if !expression.is_empty() => {
            if let Some(reason) = promql::refusal(expression) {
                judge.say(
                    &pages::EXPRESSION,
                    &place.field("expr"),
                    format_args!("could not parse expression: {reason}"),
                );
            }
        }
        Some(Value::String(_)) | None => {
            judge.say(&pages::RULE, &place.field("expr"), "field 'expr' must be set in rule");
        }
        Some(_) => {}
    }
    for field in ["for", "keep_firing_for"] {
        duration(rule, field, place, &pages::RULE, judge);
    }
    if !record.is_empty() {
        recording(rule, record, place, judge);
    }
    labels(rule, place, &pages::RULE, judge);
    for (name, _) in map(rule, &["annotations"]).into_iter().flatten() {
        if name.is_empty() {
            judge.say(
                &pages::RULE,
                &place.field("annotations"),
                format_args!("invalid annotation name: {name}"),
            );
        }
    }
    if !alert.is_empty() {
        templates(rule, place, judge);
    }
}

fn recording(rule: &Value, record: &str, place: &Place<'_>, judge: &mut Judge) {
    let is_set = |field: &str| promql::duration(text(rule, &[field])).is_ok_and(|millis| millis > 0);
    if map(rule, &["annotations"]).is_some_and(|map| !map.is_empty()) {
        judge.say(
            &pages::RULE,
            &place.field("annotations"),
            "invalid field 'annotations' in recording rule",
        );
    }
    for field in ["for", "keep_firing_for"] {
        if is_set(field) {
            judge.say(
                &pages::RULE,
                &place.field(field),
                format_args!("invalid field '{field}' in recording rule"),
            );
        }
    }
    if record.contains(['{', '}']) {
        judge.say(
            &pages::RULE,
            &place.field("record"),
            format_args!("braces present in the recording rule name; should it be in expr?: {record}"),
        );
    }
}

fn duration(value: &Value, field: &str, place: &Place<'_>, code: &crate::diagnostic::codes::Code, judge: &mut Judge) {
    let text = text(value, &[field]);
    if !text.is_empty()
        && let Err(reason) = promql::duration(text)
    {
        judge.say(code, &place.field(field), reason);
    }
}

fn labels(value: &Value, place: &Place<'_>, code: &crate::diagnostic::codes::Code, judge: &mut Judge) {
    for (name, _) in map(value, &["labels"]).into_iter().flatten() {
        if name.is_empty() || name == "__name__" {
            judge.say(code, &place.field("labels"), format_args!("invalid label name: {name}"));
        }
    }
}

fn templates(rule: &Value, place: &Place<'_>, judge: &mut Judge) {
    for (field, what) in [("labels", "label"), ("annotations", "annotation")] {
        for (name, value) in map(rule, &[field]).into_iter().flatten() {
            if let Some(reason) = value.as_str().and_then(template::refusal) {
                judge.say(
                    &pages::TEMPLATE,
                    place!(in place; field, name),
                    format_args!("{what} {name:?}: error parsing template: {reason}"),
                );
            }
        }
    }
}

fn service_monitor(object: &Value, judge: &mut Judge) {
    endpoints(object, "endpoints", judge);
}

fn pod_monitor(object: &Value, judge: &mut Judge) {
    endpoints(object, "podMetricsEndpoints", judge);
}

fn endpoints(object: &Value, list: &str, judge: &mut Judge) {
    for (index, endpoint) in items(object, &["spec", list]).iter().enumerate() {
        place!(let place = "spec", list, index);
        timeout(endpoint, place, judge);
        for field in ["relabelings", "metricRelabelings"] {
            relabellings(items(endpoint, &[field]), &place.field(field), judge);
        }
    }
}

fn probe(object: &Value, judge: &mut Judge) {
    let Some(spec) = at(object, &["spec"]) else { return };
    place!(let place = "spec");
    timeout(spec, place, judge);
    relabellings(
        items(spec, &["metricRelabelings"]),
        &place.field("metricRelabelings"),
        judge,
    );
    for (target, field) in [("staticConfig", "relabelingConfigs"), ("ingress", "relabelingConfigs")] {
        relabellings(
            items(spec, &["targets", target, field]),
            place!(in place; "targets", target, field),
            judge,
        );
    }
}

/// A scrape ends before the next one begins.
fn timeout(endpoint: &Value, place: &Place<'_>, judge: &mut Judge) {
    let [timeout, interval] = ["scrapeTimeout", "interval"].map(|field| text(endpoint, &[field]));
    if let (Ok(longest), Ok(every)) = (promql::duration(timeout), promql::duration(interval))
        && longest > every
    {
        judge.say(
            &pages::TIMEOUT,
            &place.field("scrapeTimeout"),
            format_args!("scrapeTimeout {timeout:?} greater than scrapeInterval {interval:?}"),
        );
    }
}

fn relabellings(list: &[Value], place: &Place<'_>, judge: &mut Judge) {
    for (index, relabelling) in list.iter().enumerate() {
        if let Some(reason) = relabelling_problem(relabelling) {
            judge.say(&pages::RELABELLING, &place.index(index), reason);
        }
    }
}

/// What is wrong with a relabelling; the order is the operator's, which says one thing at a time.
fn relabelling_problem(relabelling: &Value) -> Option<String> {
    let shown = match text(relabelling, &["action"]) {
        "" => "replace",
        action => action,
    };
    let action = shown.to_ascii_lowercase();
    let of = |actions: &[&str]| actions.contains(&action.as_str());
    let (expression, target) = (text(relabelling, &["regex"]), text(relabelling, &["targetLabel"]));
    let replacement = at(relabelling, &["replacement"]).and_then(Value::as_str);
    let modulus = number(relabelling, &["modulus"]).unwrap_or(0);
    let separator = at(relabelling, &["separator"]).and_then(Value::as_str).unwrap_or(";");
    if let Some(reason) = regular::refusal(&format!("^(?s:{expression})$")) {
        return Some(format!(
            "invalid regex {expression} for relabel configuration: {reason}"
        ));
    }
    if of(&["hashmod"]) && modulus == 0 {
        return Some("relabel configuration for hashmod requires non-zero modulus".to_owned());
    }
    let needs_target = ["replace", "hashmod", "lowercase", "uppercase", "keepequal", "dropequal"];
    if of(&needs_target) && target.is_empty() {
        return Some(format!(
            "relabel configuration for {shown} action needs targetLabel value"
        ));
    }
    let has_replacement = replacement.is_some_and(|text| text != "$1");
    if of(&["lowercase", "uppercase", "keepequal", "dropequal"]) && has_replacement {
        return Some(format!("'replacement' can not be set for {shown} action"));
    }
    if of(&["labelmap"]) && replacement == Some("") {
        return Some(format!("\"\" is invalid 'replacement' for {shown} action"));
    }
    let is_usual = matches!(modulus, 0) && separator == ";" && !has_replacement;
    if of(&["keepequal", "dropequal"]) && !(is_usual && matches!(expression, "" | "(.*)")) {
        return Some(format!(
            "{shown} action requires only 'source_labels' and `target_label`, and no other fields"
        ));
    }
    if of(&["labeldrop", "labelkeep"])
        && !(is_usual && target.is_empty() && items(relabelling, &["sourceLabels"]).is_empty())
    {
        return Some(format!("{shown} action requires only 'regex', and no other fields"));
    }
    None
}
