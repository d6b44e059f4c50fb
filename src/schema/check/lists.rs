//! Lists that are sets or maps: no item and no key may come twice.
//!
//! Of several equal items the second is named, as the server does.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::schema::Schemas;
use crate::schema::node::{Identity, Node, Schema, Text};
use crate::schema::problem::{Place, Problems, code};

/// Looks through a whole custom resource.
pub(super) fn unique(schemas: &Schemas, node: Node, value: &Value, place: &Place<'_>, problems: &mut Problems) {
    let schema = schemas.get(node);
    match value {
        Value::Object(object) => {
            for (name, value) in object {
                match (schema.field(name), schema.values) {
                    (Some(field), _) if !schemas.get(field.schema).is_native => {
                        unique(schemas, field.schema, value, &place.field(name), problems);
                    }
                    (None, Some(values)) => unique(schemas, values, value, &place.key(name), problems),
                    _ => {}
                }
            }
        }
        Value::Array(list) => {
            items(schemas, schema, list, place, problems);
            let Some(node) = schema.items else { return };
            for (index, item) in list.iter().enumerate() {
                unique(schemas, node, item, &place.index(index), problems);
            }
        }
        _ => {}
    }
}

/// Looks through one list.
pub(super) fn items(schemas: &Schemas, schema: &Schema, list: &[Value], place: &Place<'_>, problems: &mut Problems) {
    let mut seen: BTreeMap<String, u32> = BTreeMap::new();
    for (index, item) in list.iter().enumerate() {
        let identity = match &schema.identity {
            Identity::Atomic => return,
            Identity::Set => item.clone(),
            Identity::Keys(keys) => match item {
                Value::Object(item) => Value::Object(key(schemas, schema, item, keys)),
                Value::Null => Value::Object(Map::new()),
                other if schema.is_native => other.clone(),
                _ => {
                    let message = "must be an object for an array of list-type map";
                    problems.at(&place.index(index), code::WRONG_TYPE, message);
                    return;
                }
            },
        };
        let text = identity.to_string();
        let times = seen.entry(text.clone()).or_default();
        *times += 1;
        if *times == 2 {
            let message = format!("Duplicate value: {text}");
            let help = match schema.is_native {
                true => {
                    "merge the items: a plain create may take both, but server-side apply, which both engines use, refuses them"
                }
                false => "merge the items, or take one away",
            };
            problems
                .at(&place.index(index), code::DUPLICATE, message)
                .help(help.to_owned());
        }
    }
}

/// The values of an item's keys; an absent one has its default.
fn key(schemas: &Schemas, schema: &Schema, item: &Map<String, Value>, keys: &[Text]) -> Map<String, Value> {
    let default = |key: &str| {
        let field = schemas.get(schema.items.filter(|_| schema.is_native)?).field(key)?;
        schemas.get(field.schema).default.as_ref()
    };
    let given = |key: &str| item.get(key).filter(|value| !(schema.is_native && value.is_null()));
    let values = keys
        .iter()
        .filter_map(|key| Some((key.to_string(), given(key).or_else(|| default(key))?.clone())));
    values.collect()
}
