//! Objects that an update takes all fields away from.
//!
//! Server-side apply removes what an applier has left out, and makes null of an object of which nothing is left, even
//! where `{}` is applied. Then the server refuses its own null.

use serde_json::Value;

use super::correlate::{child, item};
use crate::schema::Schemas;
use crate::schema::node::{Identity, Node, Type};
use crate::schema::problem::{Place, Problems, code};

/// Finds empty objects that had fields before.
pub(super) fn emptied(
    schemas: &Schemas,
    node: Node,
    [old, new]: [&Value; 2],
    place: &Place<'_>,
    problems: &mut Problems,
) {
    let schema = schemas.get(node);
    if schema.is_native || schema.is_atomic {
        return;
    }
    match (old, new) {
        (Value::Object(before), Value::Object(after)) if after.is_empty() && !before.is_empty() => {
            let is_default = |node: Node| schemas.get(node).default.is_some();
            let is_list = |name: &str, value: &Value| {
                let list = child(schema, name).map(|node| &schemas.get(node).identity);
                *value == Value::Array(Vec::new()) && list.is_some_and(|identity| *identity != Identity::Atomic)
            };
            // What is filled in belongs to no applier, and of an empty list with identities there is nothing to own.
            let is_left = is_default(node)
                || schema.fields.iter().any(|field| is_default(field.schema))
                || before.iter().any(|(name, value)| is_list(name, value));
            if schema.of == Type::Object && !schema.is_nullable && !is_left {
                let path = place.dotted();
                let message = format!("Invalid value: \"null\": {path} in body must be of type object: \"null\"");
                let help = "server-side apply makes null of an object that loses all its fields: leave the object out";
                problems.at(place, code::WRONG_TYPE, message).help(help.to_owned());
            }
        }
        (Value::Object(before), Value::Object(after)) => {
            for (name, new) in after {
                if let (Some(node), Some(old)) = (child(schema, name), before.get(name)) {
                    emptied(schemas, node, [old, new], &place.field(name), problems);
                }
            }
        }
        (Value::Array(_), Value::Array(items)) => {
            for (index, new) in items.iter().enumerate() {
                if let (Some(node), Some(old)) = (schema.items, item(schema, Some(old), new)) {
                    emptied(schemas, node, [old, new], &place.index(index), problems);
                }
            }
        }
        _ => {}
    }
}
