//! How rules read an object, and what many kinds have: label selectors, ports, counts, names, fields that stay.
//!
//! Reading is by reference. Null counts as absent, and what has another type than its field counts as empty: to say so is
//! the business of the structure.

use serde_json::{Map, Value};

use super::judge::Judge;
use super::{API_SERVER, Rules};
use crate::diagnostic::codes::Code;
use crate::schema::Place;
use crate::text::{Quantity, server};

pub(super) const RULES: Rules = Rules {
    by: API_SERVER,
    kinds: &[],
    codes: &[&SELECTOR],
};

pub(super) const SELECTOR: Code = Code {
    id: "invalid-label-selector",
    title: "a label selector that the API server refuses",
    why: "`In` and `NotIn` compare with at least one value, `Exists` and `DoesNotExist` with none. Keys and values follow \
          the rules of labels, since nothing else could match.",
    fix: "give `values` to `In` and `NotIn` only, and write keys and values as labels",
    bad: "apiVersion: v1\nkind: Pod\nmetadata: {name: odoo, namespace: hartmann-bau-production}\nspec:\n  containers: \
          [{name: odoo, image: registry.example/odoo:18.0}]\n  topologySpreadConstraints:\n  - maxSkew: 1\n    \
          topologyKey: topology.kubernetes.io/zone\n    whenUnsatisfiable: DoNotSchedule\n    labelSelector: \
          {matchExpressions: [{key: tier, operator: In}]}",
    good: "apiVersion: v1\nkind: Pod\nmetadata: {name: odoo, namespace: hartmann-bau-production}\nspec:\n  containers: \
           [{name: odoo, image: registry.example/odoo:18.0}]\n  topologySpreadConstraints:\n  - maxSkew: 1\n    \
           topologyKey: topology.kubernetes.io/zone\n    whenUnsatisfiable: DoNotSchedule\n    labelSelector: \
           {matchExpressions: [{key: tier, operator: In, values: [web]}]}",
};

/// Bytes that all annotations of an object may take together.
const ANNOTATION_BYTES: usize = 262_144;
/// The server's words for a number below zero.
pub(super) const NOT_NEGATIVE: &str = "must be greater than or equal to 0";
/// The server's words for a number that is no port.
pub(super) const PORT: &str = "must be between 1 and 65535, inclusive";
/// The server's words for a change of what must stay.
pub(super) const IMMUTABLE: &str = "field is immutable";

/// Returns what a field holds, if it holds anything.
pub(super) fn get<'v>(value: &'v Value, field: &str) -> Option<&'v Value> {
    value.get(field).filter(|value| !value.is_null())
}

/// Returns what is at the end of a way of fields.
pub(super) fn at<'v>(value: &'v Value, way: &[&str]) -> Option<&'v Value> {
    way.iter().try_fold(value, |value, field| get(value, field))
}

/// Returns the text of a field, empty if there is none.
pub(super) fn text<'v>(value: &'v Value, field: &str) -> &'v str {
    value.get(field).and_then(Value::as_str).unwrap_or_default()
}

/// Returns the whole number of a field.
pub(super) fn number(value: &Value, field: &str) -> Option<i64> {
    value.get(field).and_then(whole)
}

/// Returns a whole number; `2.0` is one, as the server reads it.
pub(super) fn whole(value: &Value) -> Option<i64> {
    let fraction = |number: f64| (number.fract() == 0.0 && number.abs() < 9e15).then_some(number as i64);
    value.as_i64().or_else(|| value.as_f64().and_then(fraction))
}

/// Tells whether a field is true.
pub(super) fn is_true(value: &Value, field: &str) -> bool {
    value.get(field) == Some(&Value::Bool(true))
}

/// Returns the items of a list.
pub(super) fn list<'v>(value: &'v Value, field: &str) -> &'v [Value] {
    value.get(field).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// Returns the entries of a map.
pub(super) fn entries<'v>(value: &'v Value, field: &str) -> impl Iterator<Item = (&'v str, &'v Value)> {
    let map: Option<&'v Map<String, Value>> = value.get(field).and_then(Value::as_object);
    map.into_iter().flatten().map(|(key, value)| (key.as_str(), value))
}

/// Returns the quantity of a field; none if it is not one.
pub(super) fn quantity(value: &Value) -> Option<Quantity> {
    match value {
        Value::String(text) => text.trim().parse().ok(),
        Value::Number(number) => number.to_string().parse().ok(),
        _ => None,
    }
}

/// Refuses a number below zero.
pub(super) fn not_negative(code: &Code, object: &Value, field: &str, place: &Place<'_>, judge: &mut Judge) {
    if let Some(value) = object.get(field)
        && whole(value).is_some_and(|number| number < 0)
    {
        judge.invalid(code, &place.field(field), value, NOT_NEGATIVE);
    }
}

/// Refuses numbers below zero in any of the fields.
pub(super) fn none_negative(code: &Code, object: &Value, fields: &[&str], place: &Place<'_>, judge: &mut Judge) {
    for field in fields {
        not_negative(code, object, field, place, judge);
    }
}

/// Refuses a number that is no port.
pub(super) fn port_number(code: &Code, value: &Value, place: &Place<'_>, judge: &mut Judge) {
    if whole(value).is_some_and(|number| !(1..=65_535).contains(&number)) {
        judge.invalid(code, place, value, PORT);
    }
}

/// Refuses what is neither the number nor the name of a port.
pub(super) fn port_number_or_name(code: &Code, value: &Value, place: &Place<'_>, judge: &mut Judge) {
    match value.as_str() {
        Some(name) => judge.all_invalid(code, place, value, server::is_valid_port_name(name)),
        None => port_number(code, value, place, judge),
    }
}

/// Refuses what is neither a number from zero on nor a percentage.
pub(super) fn count_or_percent(code: &Code, value: &Value, place: &Place<'_>, judge: &mut Judge) {
    match value.as_str() {
        Some(percent) => judge.all_invalid(code, place, value, server::is_valid_percent(percent)),
        None if whole(value).is_some_and(|number| number < 0) => judge.invalid(code, place, value, NOT_NEGATIVE),
        None => {}
    }
}

/// Refuses a percentage above 100.
pub(super) fn at_most_all(code: &Code, value: &Value, place: &Place<'_>, judge: &mut Judge) {
    if percent(value).is_some_and(|percent| percent > 100) {
        judge.invalid(code, place, value, "must not be greater than 100%");
    }
}

/// Returns the number of a percentage.
pub(super) fn percent(value: &Value) -> Option<i64> {
    let text = value
        .as_str()
        .filter(|text| server::is_valid_percent(text).is_empty())?;
    text.trim_end_matches('%').parse().ok()
}

/// Refuses a text of a field, unless it is absent or empty.
pub(super) fn checked(
    code: &Code,
    object: &Value,
    field: &str,
    check: fn(&str) -> Vec<String>,
    place: &Place<'_>,
    judge: &mut Judge,
) {
    if let Some(value @ Value::String(text)) = object.get(field)
        && !text.is_empty()
    {
        judge.all_invalid(code, &place.field(field), value, check(text));
    }
}

/// Refuses keys and values of a map of labels, such as a selector's; the server names the map, not the key.
pub(super) fn labels(code: &Code, object: &Value, field: &str, place: &Place<'_>, judge: &mut Judge) {
    let place = place.field(field);
    labels_at(code, object.get(field), &place, &place, judge);
}

/// Refuses keys and values of a map of labels that the server calls by another path than the one where it is.
pub(super) fn labels_at(code: &Code, map: Option<&Value>, path: &Place<'_>, place: &Place<'_>, judge: &mut Judge) {
    for (key, value) in map.and_then(Value::as_object).into_iter().flatten() {
        for reason in server::is_qualified_name(key) {
            judge.invalid(code, path, &Value::from(key.as_str()), reason);
            judge.point_to(&place.key(key));
        }
        for reason in server::is_valid_label_value(value.as_str().unwrap_or_default()) {
            judge.invalid(code, path, value, reason);
            judge.point_to(&place.key(key));
        }
    }
}

/// Refuses keys and sizes of a map of annotations.
pub(super) fn annotations_at(code: &Code, map: Option<&Value>, path: &Place<'_>, place: &Place<'_>, judge: &mut Judge) {
    let mut size = 0;
    for (key, value) in map.and_then(Value::as_object).into_iter().flatten() {
        size += key.len() + value.as_str().map_or(0, str::len);
        let reasons = match key.bytes().any(|byte| byte.is_ascii_uppercase() || !byte.is_ascii()) {
            true => server::is_qualified_name(&key.to_lowercase()),
            false => server::is_qualified_name(key),
        };
        for reason in reasons {
            judge.invalid(code, path, &Value::from(key.as_str()), reason);
            judge.point_to(&place.key(key));
        }
    }
    if size > ANNOTATION_BYTES {
        judge.too_long(code, path, ANNOTATION_BYTES);
        judge.point_to(place);
    }
}

/// Refuses a label selector that could not be meant.
pub(super) fn label_selector(selector: &Value, place: &Place<'_>, judge: &mut Judge) {
    labels(&SELECTOR, selector, "matchLabels", place, judge);
    let expressions = place.field("matchExpressions");
    for (index, requirement) in list(selector, "matchExpressions").iter().enumerate() {
        label_requirement(requirement, &expressions.index(index), judge);
    }
}

fn label_requirement(requirement: &Value, place: &Place<'_>, judge: &mut Judge) {
    let values = list(requirement, "values");
    let place_of_values = place.field("values");
    match text(requirement, "operator") {
        "In" | "NotIn" if values.is_empty() => {
            let reason = "must be specified when `operator` is 'In' or 'NotIn'";
            judge.required(&SELECTOR, &place_of_values, reason);
        }
        "Exists" | "DoesNotExist" if !values.is_empty() => {
            let reason = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'";
            judge.forbidden(&SELECTOR, &place_of_values, reason);
        }
        _ => {}
    }
    if let Some(key @ Value::String(name)) = requirement.get("key")
        && !name.is_empty()
    {
        judge.all_invalid(&SELECTOR, &place.field("key"), key, server::is_qualified_name(name));
    }
    for (index, value) in values.iter().enumerate() {
        let reasons = server::is_valid_label_value(value.as_str().unwrap_or_default());
        judge.all_invalid(&SELECTOR, &place_of_values.index(index), value, reasons);
    }
}

/// Tells whether a selector is empty, so that it selects everything.
pub(super) fn is_empty_selector(selector: &Value) -> bool {
    entries(selector, "matchLabels").next().is_none() && list(selector, "matchExpressions").is_empty()
}

/// Tells whether a selector selects what has these labels.
pub(super) fn selects(selector: &Value, labels: Option<&Value>) -> bool {
    let label = |key: &str| labels.and_then(|labels| labels.get(key)).and_then(Value::as_str);
    let equal = entries(selector, "matchLabels").all(|(key, value)| label(key) == value.as_str());
    equal
        && list(selector, "matchExpressions").iter().all(|requirement| {
            let value = label(text(requirement, "key"));
            let is_listed = || {
                list(requirement, "values")
                    .iter()
                    .any(|listed| listed.as_str() == value)
            };
            match text(requirement, "operator") {
                "In" => value.is_some() && is_listed(),
                "NotIn" => value.is_none() || !is_listed(),
                "Exists" => value.is_some(),
                "DoesNotExist" => value.is_none(),
                _ => true,
            }
        })
}

/// Refuses a change of a field that must stay as it is.
pub(super) fn immutable(code: &Code, old: &Value, new: &Value, field: &str, place: &Place<'_>, judge: &mut Judge) {
    let (before, after) = (old.get(field), new.get(field));
    if !same(before, after) {
        let after = after.unwrap_or(&Value::Null);
        judge.invalid(code, &place.field(field), after, IMMUTABLE);
    }
}

/// The minor version whose generated checks of immutable fields do not repeat the value.
const SILENT: u32 = 36;

/// Says that a field changes, of which the server's generated code says that it stays.
pub(super) fn declared_immutable(code: &Code, new: &Value, field: &str, place: &Place<'_>, judge: &mut Judge) {
    let shown = get(new, field).filter(|_| judge.minor < SILENT).unwrap_or(&Value::Null);
    judge.invalid(code, &place.field(field), shown, IMMUTABLE);
}

/// Fields that are not there when they are false or zero.
const ZEROS: &[&str] = &[
    "hostIPC",
    "hostNetwork",
    "hostPID",
    "hostPort",
    "initialDelaySeconds",
    "readOnly",
    "stdin",
    "stdinOnce",
    "tty",
];

/// Tells whether two values are one to the server, for which what is empty is absent.
pub(super) fn same(one: Option<&Value>, other: Option<&Value>) -> bool {
    match (one, other) {
        (Some(Value::Object(one)), Some(Value::Object(other))) => {
            let equal = |key: &str| {
                let (one, other) = (one.get(key), other.get(key));
                same(one, other) || (ZEROS.contains(&key) && is_zero(one) && is_zero(other))
            };
            one.keys().chain(other.keys()).all(|key| equal(key))
        }
        (Some(Value::Array(one)), Some(Value::Array(other))) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same(Some(one), Some(other)))
        }
        (Some(one @ Value::Number(_)), Some(other @ Value::Number(_))) => one == other || whole(one) == whole(other),
        (Some(one), Some(other)) if one == other => true,
        _ => is_absent(one) && is_absent(other),
    }
}

fn is_absent(value: Option<&Value>) -> bool {
    match value {
        None | Some(Value::Null) => true,
        Some(Value::String(text)) => text.is_empty(),
        Some(Value::Array(items)) => items.is_empty(),
        Some(Value::Object(entries)) => entries.is_empty(),
        Some(_) => false,
    }
}

fn is_zero(value: Option<&Value>) -> bool {
    match value {
        Some(Value::Bool(flag)) => !flag,
        Some(Value::Number(number)) => number.as_i64() == Some(0),
        other => is_absent(other),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_empty_is_absent() {
        let one = json!({"spec": {"tty": false, "args": [], "ports": [{"containerPort": 80, "hostPort": 0}]}});
        let other = json!({"spec": {"ports": [{"containerPort": 80.0, "name": ""}], "tolerations": null}});
        assert!(same(Some(&one), Some(&other)));
        assert!(!same(Some(&json!({"tty": true})), Some(&json!({}))));
        assert!(!same(Some(&json!({"suspend": false})), Some(&json!({}))));
        assert!(!same(Some(&json!([1, 2])), Some(&json!([2, 1]))));
    }

    #[test]
    fn selectors_select_by_labels() {
        let labels = json!({"app": "odoo", "tier": "web"});
        let selects = |selector: Value| selects(&selector, Some(&labels));
        assert!(selects(json!({})));
        assert!(selects(json!({"matchLabels": {"app": "odoo"}})));
        assert!(!selects(json!({"matchLabels": {"app": "cron"}})));
        assert!(selects(json!({"matchExpressions": [
            {"key": "tier", "operator": "In", "values": ["web", "cron"]},
            {"key": "zone", "operator": "NotIn", "values": ["a"]},
            {"key": "app", "operator": "Exists"},
            {"key": "zone", "operator": "DoesNotExist"}
        ]})));
        assert!(!selects(
            json!({"matchExpressions": [{"key": "zone", "operator": "In", "values": ["a"]}]})
        ));
        assert!(!selects(
            json!({"matchExpressions": [{"key": "tier", "operator": "NotIn", "values": ["web"]}]})
        ));
    }
}
