//! What a custom resource looks like once the server has filled it in.
//!
//! Null where null is no value counts as absent; then every absent field that has a default gets it. An object without
//! either is not copied.

use std::borrow::Cow;

use serde_json::Value;

use crate::schema::Schemas;
use crate::schema::node::{Node, Schema};

/// Returns the object as the server validates it.
pub(super) fn defaulted<'v>(schemas: &Schemas, node: Node, object: &'v Value) -> Cow<'v, Value> {
    let mut object = Cow::Borrowed(object);
    if needs(schemas, node, &object) {
        let whole = object.to_mut();
        prune(schemas, node, whole);
        fill(schemas, node, whole);
    }
    object
}

/// Tells whether anything would change.
fn needs(schemas: &Schemas, node: Node, value: &Value) -> bool {
    let schema = schemas.get(node);
    match value {
        Value::Object(object) => {
            let lacks = |name: &str| object.get(name).is_none_or(Value::is_null);
            let mut defaults = schema
                .fields
                .iter()
                .filter(|field| schemas.get(field.schema).default.is_some());
            defaults.any(|field| lacks(&field.name))
                || object.iter().any(|(name, value)| {
                    let child = child(schema, name);
                    child.is_some_and(|child| value.is_null() || needs(schemas, child, value))
                })
        }
        Value::Array(items) => {
            let node = schema.items;
            node.is_some_and(|node| items.iter().any(|item| item.is_null() || needs(schemas, node, item)))
        }
        _ => false,
    }
}

/// The schema of a field or of a value of a map.
fn child(schema: &Schema, name: &str) -> Option<Node> {
    schema.field(name).map(|field| field.schema).or(schema.values)
}

/// Tells whether null at this place is none.
fn is_no_null(schema: &Schema) -> bool {
    !schema.is_nullable && !schema.is_native
}

fn prune(schemas: &Schemas, node: Node, value: &mut Value) {
    let schema = schemas.get(node);
    match value {
        Value::Object(object) => {
            object.retain(|name, value| {
                let Some(child) = child(schema, name) else { return true };
                let child_schema = schemas.get(child);
                if value.is_null() && is_no_null(child_schema) && child_schema.default.is_none() {
                    return false;
                }
                prune(schemas, child, value);
                true
            });
        }
        Value::Array(items) => {
            let Some(node) = schema.items else { return };
            for item in items {
                prune(schemas, node, item);
            }
        }
        _ => {}
    }
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
