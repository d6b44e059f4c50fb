//! What a part of a custom resource was before an update, as far as the server can tell.
//!
//! Fields and values of maps are found by their names, items of lists by their keys; items of other lists by nothing.

use serde_json::Value;

use crate::schema::Schemas;
use crate::schema::node::{Identity, Node, Schema};

/// The schema of a field or of a value of a map.
pub(super) fn child(schema: &Schema, name: &str) -> Option<Node> {
    schema.field(name).map(|field| field.schema).or(schema.values)
}

/// Tells whether a field of an object tells its type, which no update leaves as it was: both are of the version that is
/// asked for.
pub(super) fn is_type(name: &str) -> bool {
    ["apiVersion", "kind"].contains(&name)
}

/// The item of the old list that has the keys of an item.
pub(super) fn item<'v>(schema: &Schema, old: Option<&'v Value>, item: &Value) -> Option<&'v Value> {
    let Identity::Keys(keys) = &schema.identity else {
        return None;
    };
    let is_known = |key: &Value| !key.is_null() && !key.is_object() && !key.is_array();
    let is_same = |was: &&Value| {
        let same = |key: &str| {
            item.get(key)
                .is_some_and(|value| is_known(value) && was.get(key) == Some(value))
        };
        keys.iter().all(|key| same(key))
    };
    old?.as_array()?.iter().find(is_same)
}

/// Tells whether nothing has changed. What the definition has no schema for counts as changed.
pub(super) fn is_same(schemas: &Schemas, node: Node, old: &Value, new: &Value) -> bool {
    let schema = schemas.get(node);
    match (old, new) {
        (Value::Array(before), Value::Array(after)) if before.len() == after.len() => {
            match (&schema.identity, schema.items) {
                (Identity::Keys(_), Some(node)) => after.iter().all(|new| {
                    let before = item(schema, Some(old), new);
                    before.is_some_and(|before| is_same(schemas, node, before, new))
                }),
                _ => before == after,
            }
        }
        (Value::Object(before), Value::Object(after)) => {
            let is_same = |name: &str, new: &Value| {
                let node = child(schema, name).filter(|_| !schema.is_native)?;
                Some(is_same(schemas, node, before.get(name)?, new))
            };
            before.len() == after.len() && after.iter().all(|(name, new)| is_same(name, new) == Some(true))
        }
        _ => old == new,
    }
}
