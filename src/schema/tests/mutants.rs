//! Whatever is changed in a good object, the problem is found where the change is.

use std::sync::LazyLock;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{SCHEMAS, kind, objects};
use crate::schema::{Kind, Schema};

/// Every place in a value, as pointers, but for those that the server gives no meaning to.
fn places(value: &Value, pointer: String, found: &mut Vec<String>) {
    match value {
        Value::Object(object) => {
            for (name, value) in object {
                let here = format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"));
                found.push(here.clone());
                places(value, here, found);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                places(item, format!("{pointer}/{index}"), found);
            }
        }
        _ => {}
    }
}

/// Objects of built-in kinds that we emit.
static EMITTED: LazyLock<Vec<Value>> = LazyLock::new(|| {
    let objects = objects("generated").into_iter().map(|(_, object)| object);
    objects
        .filter(|object| kind(&SCHEMAS, object).is_some_and(|kind| !kind.is_custom))
        .step_by(7)
        .collect()
});

proptest! {
    /// A name that no field has, a value of no known type, a missing field: the problem is where the change is.
    #[test]
    fn a_mutant_is_found_where_it_was_changed(object in 0..10_000_usize, place in 0..10_000_usize, how in 0..3) {
        let object = &EMITTED[object % EMITTED.len()];
        let kind = kind(&SCHEMAS, object).unwrap();
        let mut found = Vec::new();
        places(object, String::new(), &mut found);
        let pointer = &found[place % found.len()];
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        let mut mutant = object.clone();
        let is_map = is_map(kind, parent);
        match how {
            0 if !is_map => {
                let fields = mutant.pointer_mut(parent).unwrap().as_object_mut().unwrap();
                let value = fields.remove(name).unwrap();
                fields.insert(format!("{name}-x"), value);
                let problems = SCHEMAS.validate(kind, &mutant);
                let here = format!("{pointer}-x");
                prop_assert!(problems.iter().any(|problem| problem.pointer == here), "{here}: {problems:?}");
            }
            1 => {
                let value = mutant.pointer_mut(pointer).unwrap();
                let other = if value.is_object() { json!("text") } else { json!({"a": "b"}) };
                *value = other;
                let problems = SCHEMAS.validate(kind, &mutant);
                prop_assert!(problems.iter().any(|problem| problem.pointer == *pointer), "{pointer}: {problems:?}");
            }
            _ if is_required(kind, parent, name) => {
                mutant.pointer_mut(parent).unwrap().as_object_mut().unwrap().remove(name);
                let problems = SCHEMAS.validate(kind, &mutant);
                prop_assert!(problems.iter().any(|problem| problem.pointer == parent), "{pointer}: {problems:?}");
            }
            _ => {}
        }
    }
}

/// The schema at a place.
fn schema<'s>(kind: &Kind, pointer: &str) -> &'s Schema {
    let mut schema = SCHEMAS.get(kind.schema);
    for name in pointer.split('/').skip(1) {
        let name = name.replace("~1", "/");
        let field = schema.field(&name).map(|field| field.schema);
        schema = SCHEMAS.get(field.or(schema.values).or(schema.items).unwrap());
    }
    schema
}

fn is_map(kind: &Kind, pointer: &str) -> bool {
    schema(kind, pointer).values.is_some()
}

fn is_required(kind: &Kind, pointer: &str, name: &str) -> bool {
    schema(kind, pointer).required.iter().any(|required| required == name)
}
