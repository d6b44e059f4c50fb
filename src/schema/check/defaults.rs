//! What a custom resource looks like once the server has filled it in.
//!
//! Every absent field that has a default gets it, and so does null where null is no value. Null without a default stays
//! and is refused: a plain create would drop it, but server-side apply, which is how both engines deliver, does not. An
//! object that lacks nothing is not copied.

use std::borrow::Cow;

use serde_json::Value;

use super::correlate::child;
use crate::schema::Schemas;
use crate::schema::node::{Node, Schema};

/// Returns the object as the server validates it.
pub(super) fn defaulted<'v>(schemas: &Schemas, node: Node, object: &'v Value) -> Cow<'v, Value> {
    let mut object = Cow::Borrowed(object);
    if needs(schemas, node, &object) {
        fill(schemas, node, object.to_mut());
    }
    object
}

/// Tells whether anything would change.
fn needs(schemas: &Schemas, node: Node, value: &Value) -> bool {
    let schema = schemas.get(node);
    let default = |node: Node| &schemas.get(node).default;
    match value {
        Value::Object(object) => {
            let lacks = |name: &str| object.get(name).is_none_or(Value::is_null);
            let mut defaults = schema.fields.iter().filter(|field| default(field.schema).is_some());
            defaults.any(|field| lacks(&field.name))
                || object.iter().any(|(name, value)| {
                    let child = child(schema, name);
                    child.is_some_and(|child| {
                        value.is_null() && default(child).is_some() || needs(schemas, child, value)
                    })
                })
        }
        Value::Array(items) => schema.items.is_some_and(|node| {
            let is_filled = |item: &Value| item.is_null() && default(node).is_some() || needs(schemas, node, item);
            items.iter().any(is_filled)
        }),
        _ => false,
    }
}

/// Tells whether null at this place is none.
fn is_no_null(schema: &Schema) -> bool {
    !schema.is_nullable && !schema.is_native
}

fn fill(schemas: &Schemas, node: Node, value: &mut Value) {
    let schema = schemas.get(node);
    match value {
        Value::Object(object) => {
            for field in &schema.fields {
                let child = schemas.get(field.schema);
                let Some(default) = &child.default else { continue };
                if object
                    .get(&*field.name)
                    .is_none_or(|given| given.is_null() && is_no_null(child))
                {
                    object.insert(field.name.to_string(), default.clone());
                }
            }
            for (name, value) in object {
                let Some(child) = child(schema, name) else { continue };
                replace_null(schemas, child, value);
                fill(schemas, child, value);
            }
        }
        Value::Array(items) => {
            let Some(node) = schema.items else { return };
            for item in items {
                replace_null(schemas, node, item);
                fill(schemas, node, item);
            }
        }
        _ => {}
    }
}

/// Null gets the default, if there is one.
fn replace_null(schemas: &Schemas, node: Node, value: &mut Value) {
    let schema = schemas.get(node);
    if let Some(default) = schema
        .default
        .as_ref()
        .filter(|_| value.is_null() && is_no_null(schema))
    {
        *value = default.clone();
    }
}
