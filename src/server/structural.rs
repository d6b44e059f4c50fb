//! Schemas of custom resources: that they say of every field what it is.
//!
//! Of conditions inside `allOf`, `anyOf`, `oneOf` and `not` only what cannot stand there is said.

use serde_json::Value;

use super::common::{at, entries, get, is_true, list, text};
use super::judge::Judge;
use super::{API_SERVER, Rules};
use crate::diagnostic::codes::Code;
use crate::schema::Place;

pub(super) const RULES: Rules = Rules {
    by: API_SERVER,
    kinds: &[],
    codes: &[&SCHEMA, &LIST],
};

const SCHEMA: Code = Code {
    id: "schema-not-structural",
    title: "a schema of a custom resource that is not structural",
    why: "The server drops fields that it does not know and fills in defaults, so it must know the type of every field outside \
          of conditions; conditions only restrict.",
    fix: "write a `type` for every field and list, `properties` or `additionalProperties`, and keep conditions to restrictions",
    bad: "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: kettles.example.com}\nspec:\n  \
          group: example.com\n  names: {kind: Kettle, plural: kettles}\n  scope: Namespaced\n  versions:\n  - name: v1\n    \
          served: true\n    storage: true\n    schema: {openAPIV3Schema: {type: object, properties: {spec: \
          {description: what it is}}}}",
    good: "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: kettles.example.com}\nspec:\n  \
           group: example.com\n  names: {kind: Kettle, plural: kettles}\n  scope: Namespaced\n  versions:\n  - name: v1\n    \
           served: true\n    storage: true\n    schema: {openAPIV3Schema: {type: object, properties: {spec: \
           {type: object, description: what it is}}}}",
};

const LIST: Code = Code {
    id: "schema-list-keys",
    title: "a list of a custom resource whose items cannot be told apart",
    why: "Items of a list of the type `map` are objects, told apart by the fields in `x-kubernetes-list-map-keys`; the server \
          merges by them. `uniqueItems` would compare all with all.",
    fix: "name the keys, or write `x-kubernetes-list-type: set` for texts and numbers",
    bad: "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: kettles.example.com}\nspec:\n  \
          group: example.com\n  names: {kind: Kettle, plural: kettles}\n  scope: Namespaced\n  versions:\n  - name: v1\n    \
          served: true\n    storage: true\n    schema: {openAPIV3Schema: {type: object, properties: {teas: \
          {type: array, uniqueItems: true, items: {type: string}}}}}",
    good: "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: kettles.example.com}\nspec:\n  \
           group: example.com\n  names: {kind: Kettle, plural: kettles}\n  scope: Namespaced\n  versions:\n  - name: v1\n    \
           served: true\n    storage: true\n    schema: {openAPIV3Schema: {type: object, properties: {teas: \
           {type: array, x-kubernetes-list-type: set, items: {type: string}}}}}",
};

/// Where a schema stands.
#[derive(Clone, Copy, PartialEq)]
enum Level {
    Root,
    Item,
    Field,
}

/// Words that only say something outside of conditions.
const NOT_IN_CONDITIONS: &[(&str, &str)] = &[
    ("additionalProperties", "must be undefined to be structural"),
    ("default", "must be undefined to be structural"),
    ("description", "must be empty to be structural"),
    ("nullable", "must be false to be structural"),
    ("title", "must be empty to be structural"),
    ("type", "must be empty to be structural"),
    ("x-kubernetes-embedded-resource", "must be false to be structural"),
    ("x-kubernetes-int-or-string", "must be false to be structural"),
    ("x-kubernetes-list-map-keys", "must be empty to be structural"),
    ("x-kubernetes-list-type", "must be undefined to be structural"),
    ("x-kubernetes-map-type", "must be undefined to be structural"),
    ("x-kubernetes-preserve-unknown-fields", "must be false to be structural"),
    ("x-kubernetes-validations", "must be empty to be structural"),
];

/// What a value can be.
const TYPES: &[&str] = &["array", "boolean", "integer", "number", "object", "string"];

/// Judges the schemas of all versions.
pub(super) fn check(spec: &Value, place: &Place<'_>, judge: &mut Judge) {
    let versions = list(spec, "versions");
    let schemas = || {
        versions
            .iter()
            .map(|version| at(version, &["schema", "openAPIV3Schema"]))
    };
    // To the server, a schema that all versions share belongs to none of them.
    let is_shared = schemas().all(|schema| schema == schemas().next().flatten());
    let place = place.field("versions");
    let until = if is_shared { 1 } else { versions.len() };
    for (index, schema) in schemas().take(until).enumerate() {
        let Some(schema) = schema else { continue };
        let version = place.index(index);
        let of_version = version.field("schema");
        let before = judge.problems.len();
        node(schema, Level::Root, &of_version.field("openAPIV3Schema"), judge);
        if is_shared {
            let (own, shared) = (format!("{of_version}."), "spec.validation.");
            for problem in judge.problems.iter_mut().skip(before) {
                problem.message = problem.message.replacen(&own, shared, 1);
            }
        }
    }
}

fn node(schema: &Value, level: Level, place: &Place<'_>, judge: &mut Judge) {
    kind(schema, level, place, judge);
    common_fields(schema, level, place, judge);
    items(schema, place, judge);
    let properties = place.field("properties");
    for (name, property) in entries(schema, "properties") {
        node(property, Level::Field, &properties.key(name), judge);
    }
    let additional = get(schema, "additionalProperties");
    let of_additional = place.field("additionalProperties");
    if additional.is_some() && level == Level::Root {
        judge.forbidden(&SCHEMA, &of_additional, "must not be used at the root");
    }
    let has_properties = entries(schema, "properties").next().is_some();
    if additional.is_some_and(|additional| *additional != Value::Bool(true)) && has_properties {
        let reason = "additionalProperties and properties are mutual exclusive";
        judge.forbidden(&SCHEMA, &of_additional, reason);
    }
    if let Some(additional) = additional.filter(|additional| additional.is_object()) {
        node(additional, Level::Field, &of_additional, judge);
    }
    conditions(schema, place, judge);
}

fn kind(schema: &Value, level: Level, place: &Place<'_>, judge: &mut Judge) {
    let kind = text(schema, "type");
    let of_kind = place.field("type");
    let is_embedded = is_true(schema, "x-kubernetes-embedded-resource");
    let is_open = ["x-kubernetes-int-or-string", "x-kubernetes-preserve-unknown-fields"]
        .iter()
        .any(|word| is_true(schema, word));
    match kind {
        "" if is_embedded => {
            let reason = "must be object if x-kubernetes-embedded-resource is true";
            judge.required(&SCHEMA, &of_kind, reason);
        }
        "" if !is_open => {
            let reason = match level {
                Level::Root => "must not be empty at the root",
                Level::Item => "must not be empty for specified array items",
                Level::Field => "must not be empty for specified object fields",
            };
            judge.required(&SCHEMA, &of_kind, reason);
        }
        "" | "object" => {}
        kind if level == Level::Root => judge.invalid(&SCHEMA, &of_kind, &kind.into(), "must be object at the root"),
        kind if !TYPES.contains(&kind) => judge.unsupported(&SCHEMA, &of_kind, &kind.into(), TYPES),
        _ => {}
    }
}

/// Fields that every object has are what the server says they are.
fn common_fields(schema: &Value, level: Level, place: &Place<'_>, judge: &mut Judge) {
    if level != Level::Root && !is_true(schema, "x-kubernetes-embedded-resource") {
        return;
    }
    let place = place.field("properties");
    for (name, kind) in [("apiVersion", "string"), ("kind", "string"), ("metadata", "object")] {
        let given = at(schema, &["properties", name, "type"]).filter(|given| *given != kind && *given != "");
        if let Some(given) = given {
            let place = place.key(name);
            judge.invalid(&SCHEMA, &place.field("type"), given, format_args!("must be {kind}"));
        }
    }
}

fn items(schema: &Value, place: &Place<'_>, judge: &mut Judge) {
    let of_items = place.field("items");
    let items = get(schema, "items");
    match items {
        Some(items) => node(items, Level::Item, &of_items, judge),
        None if text(schema, "type") == "array" => judge.required(&SCHEMA, &of_items, "must be specified"),
        None => {}
    }
    if is_true(schema, "uniqueItems") {
        let reason = "uniqueItems cannot be set to true since the runtime complexity becomes quadratic";
        judge.forbidden(&LIST, &place.field("uniqueItems"), reason);
    }
    let kind = text(schema, "type");
    for (word, expected) in [("x-kubernetes-list-type", "array"), ("x-kubernetes-map-type", "object")] {
        if get(schema, word).is_some() && !kind.is_empty() && kind != expected {
            let reason = format_args!("must be {expected} if {word} is specified");
            judge.invalid(&LIST, &place.field("type"), &kind.into(), reason);
        }
    }
    let preserves = "x-kubernetes-preserve-unknown-fields";
    if let Some(value @ Value::Bool(false)) = get(schema, preserves) {
        judge.invalid(&SCHEMA, &place.field(preserves), value, "must be true or undefined");
    }
    let keys = list(schema, "x-kubernetes-list-map-keys");
    let of_keys = place.field("x-kubernetes-list-map-keys");
    let of_list = place.field("x-kubernetes-list-type");
    let list_type = get(schema, "x-kubernetes-list-type");
    let reason = "must be map if x-kubernetes-list-map-keys is non-empty";
    match list_type {
        None if !keys.is_empty() => judge.required(&LIST, &of_list, reason),
        Some(given) if !keys.is_empty() && given != "map" => judge.invalid(&LIST, &of_list, given, reason),
        _ => {}
    }
    if list_type.is_none_or(|list_type| list_type != "map") {
        return;
    }
    if keys.is_empty() {
        let reason = "must not be empty if x-kubernetes-list-type is map";
        judge.required(&LIST, &of_keys, reason);
    }
    let Some(items) = items else { return };
    if text(items, "type") != "object" {
        let reason = "must be object if parent array's x-kubernetes-list-type is map";
        judge.invalid(&LIST, &of_items.field("type"), &text(items, "type").into(), reason);
        return;
    }
    let is_known = |key: &&Value| {
        key.as_str()
            .is_some_and(|key| at(items, &["properties", key]).is_some())
    };
    if !keys.iter().all(|key| is_known(&key)) {
        judge.invalid(
            &LIST,
            &of_keys,
            &keys.into(),
            "entries must all be names of item properties",
        );
    }
    let required = list(items, "required");
    for key in keys.iter().filter(|key| is_known(key) && !required.contains(key)) {
        let Some(name) = key.as_str() else { continue };
        if at(items, &["properties", name, "default"]).is_none() {
            let properties = of_items.field("properties");
            let property = properties.key(name);
            let reason =
                "this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property";
            judge.required(&LIST, &property.field("default"), reason);
        }
    }
}

fn conditions(schema: &Value, place: &Place<'_>, judge: &mut Judge) {
    for word in ["allOf", "anyOf", "oneOf"] {
        let alternatives = list(schema, word);
        if word == "anyOf" && is_int_or_string(alternatives) {
            continue;
        }
        let place = place.field(word);
        for (index, condition) in alternatives.iter().enumerate() {
            check_condition(condition, &place.index(index), judge);
        }
    }
    if let Some(condition) = get(schema, "not") {
        check_condition(condition, &place.field("not"), judge);
    }
}

/// Numbers or texts are the one alternative of types that is structural.
fn is_int_or_string(alternatives: &[Value]) -> bool {
    let is_only = |condition: &Value, kind: &str| {
        text(condition, "type") == kind && condition.as_object().is_some_and(|words| words.len() == 1)
    };
    matches!(alternatives, [one, other] if is_only(one, "integer") && is_only(other, "string"))
}

fn check_condition(condition: &Value, place: &Place<'_>, judge: &mut Judge) {
    for (word, reason) in NOT_IN_CONDITIONS {
        let value = get(condition, word);
        if value.is_some_and(|value| *value != Value::Bool(false) && value != "") {
            judge.forbidden(&SCHEMA, &place.field(word), reason);
        }
    }
    let properties = place.field("properties");
    for (name, property) in entries(condition, "properties") {
        check_condition(property, &properties.key(name), judge);
    }
    if let Some(items) = get(condition, "items") {
        check_condition(items, &place.field("items"), judge);
    }
    conditions(condition, place, judge);
}
