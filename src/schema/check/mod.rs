//! Compares an object with the schema of its kind.
//!
//! Built-in kinds are judged as the server's decoder judges them (`native`), custom resources as its validator of
//! schemas does (`custom`): the two differ in what null means, in formats and in words.

mod correlate;
mod custom;
mod defaults;
mod definitions;
mod emptied;
pub(super) mod formats;
mod lists;
mod native;
mod rules;

use std::borrow::Cow;

use serde_json::Value;

use super::problem::{Code, Place, Problems, code};
use super::{Kind, Problem, Schema, Schemas};
use defaults::defaulted;

/// Says what is wrong with an object, or with an object that takes the place of an older one.
pub(super) fn object(schemas: &Schemas, kind: &Kind, object: &Value, old: Option<&Value>) -> Vec<Problem> {
    let mut problems = Problems::default();
    if kind.is_custom {
        custom_resource(schemas, kind, object, old, &mut problems);
    } else {
        native::decode(schemas, kind, object, &mut problems);
        if kind.kind == "CustomResourceDefinition" && problems.0.is_empty() {
            definitions::rules(schemas, object, &mut problems);
        }
    }
    problems.0
}

fn custom_resource(schemas: &Schemas, kind: &Kind, object: &Value, old: Option<&Value>, problems: &mut Problems) {
    let node = kind.schema;
    custom::unknown(schemas, node, object, &Place::OBJECT, problems);
    if let Some(old) = old {
        emptied::emptied(schemas, node, [old, object], &Place::OBJECT, problems);
    }
    let whole = defaulted(schemas, node, object);
    let old = old.map(|old| defaulted(schemas, node, old));
    let old = old.as_deref();
    custom::validate(schemas, node, &whole, old, &Place::OBJECT, problems);
    // An update may keep what is wrong, but server-side apply cannot tell equal items apart.
    lists::unique(schemas, node, &whole, &Place::OBJECT, problems);
    if let Some(pointer) = &kind.replicas {
        custom::replicas(&whole, pointer, problems);
    }
    // The server asks no rule about an object that is not what its rules take it for.
    let is_blocking = |problem: &Problem| BLOCKING.iter().any(|code| code.0 == problem.code);
    if schemas.get(node).is_ruled && !problems.0.iter().any(is_blocking) {
        rules::judge(schemas, node, &whole, old, problems);
    }
}

/// What is so wrong that no rule is asked.
const BLOCKING: [Code; 4] = [code::MISSING, code::WRONG_TYPE, code::UNKNOWN_VALUE, code::OUT_OF_RANGE];

/// Returns a custom resource with the defaults of its definition.
pub(super) fn completed<'v>(schemas: &Schemas, kind: &Kind, object: &'v Value) -> Cow<'v, Value> {
    match kind.is_custom {
        true => defaulted(schemas, kind.schema, object),
        false => Cow::Borrowed(object),
    }
}

/// A field that the schema does not have, or that the cluster's version does not.
fn unknown_field(schemas: &Schemas, schema: &Schema, name: &str, place: &Place<'_>, problems: &mut Problems) {
    let message = format!("unknown field \"{place}\"");
    let help = match schema.field(name) {
        Some(field) if field.since > schemas.minor => {
            let help = format!(
                "the field is new in Kubernetes 1.{}, the cluster runs 1.{}",
                field.since, schemas.minor
            );
            problems.raw(place, code::FIELD_TOO_NEW, message).help(help);
            return;
        }
        Some(field) => Some(format!("the field was removed after Kubernetes 1.{}", field.until)),
        None => nearest(schemas, schema, name).map(|nearest| match nearest.eq_ignore_ascii_case(name) {
            true => format!("fields are case-sensitive: write `{nearest}`"),
            false => format!("did you mean `{nearest}`?"),
        }),
    };
    problems.raw(place, code::UNKNOWN_FIELD, message).help(help);
}

/// The field that was probably meant.
fn nearest<'s>(schemas: &Schemas, schema: &'s Schema, name: &str) -> Option<&'s str> {
    let served = schema
        .fields
        .iter()
        .filter(|field| (field.since..=field.until).contains(&schemas.minor));
    let lower = name.to_lowercase();
    let distance = |field: &str| strsim::damerau_levenshtein(&lower, &field.to_lowercase());
    let near = served.map(|field| (distance(&field.name), &*field.name)).min()?;
    // A third of the letters may be wrong; beyond that every short name is near some field.
    (near.0 <= name.chars().count().max(3) / 3).then_some(near.1)
}

/// What a value is, in words of JSON Schema.
fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// A value that is none of the only ones.
fn unsupported(values: &[Value], value: &Value, place: &Place<'_>, problems: &mut Problems) {
    let named = values.iter().filter(|value| *value != "");
    let mut names: Vec<String> = named.map(Value::to_string).collect();
    names.sort_unstable();
    let message = format!("Unsupported value: {value}: supported values: {}", names.join(", "));
    let nearest = value.as_str().and_then(|given| {
        let texts = values.iter().filter_map(Value::as_str).filter(|text| !text.is_empty());
        texts.min_by_key(|text| strsim::damerau_levenshtein(&given.to_lowercase(), &text.to_lowercase()))
    });
    let help = nearest.map(|text| format!("write `{text}`"));
    problems.at(place, code::UNKNOWN_VALUE, message).help(help);
}
