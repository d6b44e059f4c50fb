//! Custom resources: unknown fields, and what the definition's schema says of the rest.
//!
//! The second half sees the object with its defaults. Messages are those of the server's validator of schemas, which
//! names fields by `spec.a in body`.

use serde_json::{Map, Value};

use super::correlate::{self, child, is_same, is_type};
use super::{formats, native, type_of, unknown_field, unsupported};
use crate::cel::Pattern;
use crate::schema::node::{Limits, Node, Schema, Type};
use crate::schema::problem::{Code, Place, Problems, code};
use crate::schema::{Problem, Schemas};

/// What every whole object has.
const WHOLE: &[&str] = &["apiVersion", "kind", "metadata"];

/// Finds fields that the server would prune.
pub(super) fn unknown(schemas: &Schemas, node: Node, value: &Value, place: &Place<'_>, problems: &mut Problems) {
    let schema = schemas.get(node);
    match value {
        Value::Object(object) => {
            for (name, value) in object {
                let here = place.field(name);
                let is_meta = schema.is_embedded && WHOLE.contains(&name.as_str());
                match (schema.field(name), schema.values) {
                    _ if is_meta && name == "metadata" => native::metadata(schemas, value, &here, problems),
                    _ if is_meta => {}
                    (Some(field), _) => unknown(schemas, field.schema, value, &here, problems),
                    (None, Some(values)) => unknown(schemas, values, value, &here, problems),
                    (None, None) if schema.is_open => {}
                    (None, None) => unknown_field(schemas, schema, name, &here, problems),
                }
            }
        }
        Value::Array(items) => {
            // What is kept without a schema for its items is kept whole.
            let Some(node) = schema.items else { return };
            for (index, item) in items.iter().enumerate() {
                unknown(schemas, node, item, &place.index(index), problems);
            }
        }
        _ => {}
    }
}

/// Compares a value with its schema. What was wrong before an update may stay if nothing changes around it.
pub(super) fn validate(
    schemas: &Schemas,
    node: Node,
    value: &Value,
    old: Option<&Value>,
    place: &Place<'_>,
    problems: &mut Problems,
) {
    let known = problems.0.len();
    compare(schemas, node, value, old, place, problems);
    if problems.0.len() > known && old.is_some_and(|old| is_same(schemas, node, old, value)) {
        problems.0.truncate(known);
    }
}

fn compare(
    schemas: &Schemas,
    node: Node,
    value: &Value,
    old: Option<&Value>,
    place: &Place<'_>,
    problems: &mut Problems,
) {
    let schema = schemas.get(node);
    if schema.is_native {
        return;
    }
    if !has_type(schema, value) {
        wrong_type(schema, value, place, problems);
        return;
    }
    if let Some(limits) = &schema.limits {
        alternatives(schemas, limits, value, place, problems);
        let values = &limits.one_of_values;
        if !values.is_empty() && (value.is_null() || !values.contains(value)) {
            unsupported(values, value, place, problems);
        }
    }
    let limits = schema.limits.as_deref();
    match value {
        Value::String(value) => text(schema, limits, value, place, problems),
        Value::Number(_) => number(schema, limits, value, place, problems),
        Value::Array(items) => {
            if let Some(limits) = limits {
                counted(limits.items, items.len() as u64, "items", place, problems);
            }
            let Some(node) = schema.items else { return };
            for (index, item) in items.iter().enumerate() {
                let old = correlate::item(schema, old, item);
                validate(schemas, node, item, old, &place.index(index), problems);
            }
        }
        Value::Object(value) => object(schemas, schema, value, old, place, problems),
        Value::Null | Value::Bool(_) => {}
    }
}

/// The count that autoscalers set is one for all kinds: not negative, and of 32 bits.
pub(super) fn replicas(object: &Value, pointer: &str, problems: &mut Problems) {
    let Some(number) = object.pointer(pointer).and_then(formats::whole) else {
        return;
    };
    let reason = match number {
        ..0 => "should be a non-negative integer",
        0..=0x7fff_ffff => return,
        _ => "should be less than or equal to 2147483647",
    };
    let message = format!("{}: Invalid value: {number}: {reason}", pointer.replace('/', "."));
    problems.0.push(Problem {
        pointer: pointer.to_owned(),
        code: code::OUT_OF_RANGE.0,
        message,
        help: None,
    });
}

fn has_type(schema: &Schema, value: &Value) -> bool {
    match (schema.of, value) {
        (Type::Any, _)
        | (Type::Object, Value::Object(_))
        | (Type::Array, Value::Array(_))
        | (Type::String | Type::IntOrString, Value::String(_))
        | (Type::Number, Value::Number(_))
        | (Type::Boolean, Value::Bool(_)) => true,
        (Type::Integer | Type::IntOrString, Value::Number(_)) => formats::whole(value).is_some(),
        (_, Value::Null) => schema.is_nullable,
        _ => false,
    }
}

fn wrong_type(schema: &Schema, value: &Value, place: &Place<'_>, problems: &mut Problems) {
    let (wanted, given, path) = (schema.of.name(), type_of(value), place.dotted());
    let message = format!("Invalid value: \"{given}\": {path} in body must be of type {wanted}: \"{given}\"");
    let help = match (schema.of, value) {
        (Type::String, Value::Number(_) | Value::Bool(_)) => Some(format!("put it in quotes: \"{value}\"")),
        (Type::Integer | Type::Number | Type::Boolean, Value::String(text)) => {
            Some(format!("take the quotes off: {text}"))
        }
        (_, Value::Null) => Some("leave the field out: server-side apply refuses null where it is no value".to_owned()),
        _ => None,
    };
    problems.at(place, code::WRONG_TYPE, message).help(help);
}

/// `allOf`, `anyOf`, `oneOf` and `not`.
fn alternatives(schemas: &Schemas, limits: &Limits, value: &Value, place: &Place<'_>, problems: &mut Problems) {
    let failures = |node: Node| {
        let mut found = Problems::default();
        validate(schemas, node, value, None, place, &mut found);
        found.0
    };
    let mut refuse = |rest: &str| {
        let message = format!("\"{}\" must {rest}", place.dotted());
        problems.raw(place, code::NO_ALTERNATIVE, message).help(None);
    };
    if !limits.any_of.is_empty() && !limits.any_of.iter().any(|node| failures(*node).is_empty()) {
        refuse("validate at least one schema (anyOf)");
    }
    if !limits.one_of.is_empty() {
        match limits.one_of.iter().filter(|node| failures(**node).is_empty()).count() {
            1 => {}
            0 => refuse("validate one and only one schema (oneOf). Found none valid"),
            valid => refuse(&format!(
                "validate one and only one schema (oneOf). Found {valid} valid alternatives"
            )),
        }
    }
    if limits.not.is_some_and(|node| failures(node).is_empty()) {
        refuse("not validate the schema (not)");
    }
    for node in &limits.all_of {
        problems.0.extend(failures(*node));
    }
}

fn text(schema: &Schema, limits: Option<&Limits>, text: &str, place: &Place<'_>, problems: &mut Problems) {
    let shown = Value::from(text);
    if let Some(limits) = limits {
        let length = text.chars().count() as u64;
        match limits.length {
            (_, Some(most)) if length > most => {
                let bytes = if most == 1 { "byte" } else { "bytes" };
                let message = format!("Too long: may not be more than {most} {bytes}");
                problems.at(place, code::OUT_OF_RANGE, message);
            }
            (Some(least), _) if length < least => {
                let message = format!("should be at least {least} chars long");
                invalid(code::OUT_OF_RANGE, &shown, &message, place, problems);
            }
            _ => {
                let pattern = limits.pattern.as_ref();
                let refuses = |pattern: &Pattern| !pattern.is_match(text);
                if let Some(expression) = pattern.filter(|known| known.pattern.as_ref().is_ok_and(refuses)) {
                    let message = format!("should match '{}'", expression.source);
                    invalid(code::BAD_FORMAT, &shown, &message, place, problems);
                }
            }
        }
    }
    if !formats::custom(&schema.format, text) {
        let message = format!("must be of type {}: {shown}", schema.format);
        invalid(code::BAD_FORMAT, &shown, &message, place, problems);
    }
}

fn number(schema: &Schema, limits: Option<&Limits>, value: &Value, place: &Place<'_>, problems: &mut Problems) {
    if schema.of == Type::Integer {
        let number = formats::whole(value).unwrap_or_default();
        let fits = match &*schema.format {
            "int32" => i32::try_from(number).is_ok(),
            _ => i64::try_from(number).is_ok(),
        };
        if !fits {
            let format = match &*schema.format {
                "" => "(default format)".to_owned(),
                format => format!("with format {format}"),
            };
            let message = format!("Checked value must be of type integer {format} in {}", place.dotted());
            problems.raw(place, code::OUT_OF_RANGE, message).help(None);
        }
    }
    let (Some(limits), Some(number)) = (limits, value.as_f64()) else {
        return;
    };
    let shown = |bound: f64| Value::from(bound).to_string().trim_end_matches(".0").to_owned();
    match limits.minimum {
        Some((least, true)) if number <= least => {
            invalid(
                code::OUT_OF_RANGE,
                value,
                &format!("should be greater than {}", shown(least)),
                place,
                problems,
            );
        }
        Some((least, false)) if number < least => {
            let message = format!("should be greater than or equal to {}", shown(least));
            invalid(code::OUT_OF_RANGE, value, &message, place, problems);
        }
        _ => {}
    }
    match limits.maximum {
        Some((most, true)) if number >= most => {
            invalid(
                code::OUT_OF_RANGE,
                value,
                &format!("should be less than {}", shown(most)),
                place,
                problems,
            );
        }
        Some((most, false)) if number > most => {
            invalid(
                code::OUT_OF_RANGE,
                value,
                &format!("should be less than or equal to {}", shown(most)),
                place,
                problems,
            );
        }
        _ => {}
    }
    if let Some(factor) = limits
        .multiple_of
        .filter(|factor| *factor > 0.0 && (number / factor).fract() != 0.0)
    {
        invalid(
            code::OUT_OF_RANGE,
            value,
            &format!("should be a multiple of {}", shown(factor)),
            place,
            problems,
        );
    }
}

fn object(
    schemas: &Schemas,
    schema: &Schema,
    object: &Map<String, Value>,
    old: Option<&Value>,
    place: &Place<'_>,
    problems: &mut Problems,
) {
    if let Some(limits) = &schema.limits {
        counted(limits.fields, object.len() as u64, "properties", place, problems);
    }
    for (name, value) in object {
        if let Some(node) = child(schema, name) {
            let old = old.filter(|_| !(place.is_object() && is_type(name)));
            let old = old.and_then(|old| old.get(name));
            validate(schemas, node, value, old, &place.field(name), problems);
        }
    }
    let whole = WHOLE.iter().filter(|name| schema.is_embedded && **name != "metadata");
    for name in schema.required.iter().map(|name| &**name).chain(whole.copied()) {
        if !object.contains_key(name) {
            let message = format!("{}: Required value", place.field(name));
            problems
                .raw(place, code::MISSING, message)
                .help(format!("set `{name}`"));
        }
    }
}

fn counted(bounds: (Option<u64>, Option<u64>), count: u64, what: &str, place: &Place<'_>, problems: &mut Problems) {
    if let Some(most) = bounds.1.filter(|most| count > *most) {
        let items = if most == 1 { "item" } else { "items" };
        problems.at(
            place,
            code::OUT_OF_RANGE,
            format!("Too many: {count}: must have at most {most} {items}"),
        );
    }
    if let Some(least) = bounds.0.filter(|least| count < *least) {
        invalid(
            code::OUT_OF_RANGE,
            &Value::from(count),
            &format!("should have at least {least} {what}"),
            place,
            problems,
        );
    }
}

/// `spec.a: Invalid value: 3: spec.a in body should be …`.
fn invalid(code: Code, value: &Value, rest: &str, place: &Place<'_>, problems: &mut Problems) {
    let message = format!("Invalid value: {value}: {} in body {rest}", place.dotted());
    problems.at(place, code, message);
}
