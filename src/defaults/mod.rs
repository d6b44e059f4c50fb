//! The object that policies see: what an API server makes of a manifest before its validating admission.
//!
//! A built-in kind is read and written as the server's Go types do it (`shapes`): what is empty or unknown disappears,
//! structures appear, quantities are spelled one way. It is filled with the constant defaults of its types (`constants`)
//! and with those that depend on other fields (`rules`). This is the server of Kubernetes 1.37 with the features that are
//! on by default; comments name what older ones do otherwise. An object of any other kind is left as it is, and so is a
//! value of the wrong type, which the server refuses.
//!
//! Not known here, hence absent: what the server allocates or counts (`metadata.uid`, `creationTimestamp`, `generation`,
//! `managedFields`; the UID in a Job's selector and labels; cluster IPs, IP families and node ports; a Pod's
//! `status.qosClass`; the name that follows `generateName`), and what admission plugins add before (a Pod's tolerations,
//! priority, service account and its token; the finalizers of volumes and claims; default storage and ingress classes;
//! what a LimitRange gives to containers).

use serde_json::{Map, Value};

use shapes::{Class, Field, SHAPES, Shape};

mod constants;
mod rules;
mod shapes;
#[cfg(test)]
mod tests;

/// A JSON object.
type Object = Map<String, Value>;

/// Makes an object what validating admission sees when it is created. To do it twice is to do it once.
pub fn apply(object: &mut Value) {
    let Value::Object(object) = object else { return };
    let Some(shape) = SHAPES.of_kind(text(object, "apiVersion"), text(object, "kind")) else {
        return;
    };
    if shape.field("status").is_some() {
        // A new object has no status: the server drops what the manifest says.
        object.insert("status".to_owned(), Value::Object(Object::new()));
    }
    complete(object, shape);
}

/// Completes an object of a Go type, from the outside in as the server does.
fn complete(object: &mut Object, shape: &Shape) {
    let is_known = |name: &str, value: &Value| !value.is_null() && shape.field(name).is_some();
    // Mostly nothing goes, and to look is cheaper than to rebuild.
    if !object.iter().all(|(name, value)| is_known(name, value)) {
        object.retain(|name, value| is_known(name, value));
    }
    for (field, default) in &shape.defaults {
        if !object.get(*field).is_some_and(|value| shape.is_set(field, value)) {
            object.insert((*field).to_owned(), default.clone());
        }
    }
    if let Some(rule) = shape.rule {
        rule(object);
    }
    let mut leaves_out = false;
    for (name, value) in object.iter_mut() {
        if let Some(field) = shape.field(name) {
            convert(value, &field.class);
            leaves_out |= !field.is_written(value);
        }
    }
    if leaves_out {
        object.retain(|name, value| shape.field(name).is_some_and(|field| field.is_written(value)));
    }
    for field in shape.always() {
        if !object.contains_key(field.name) {
            object.insert(field.name.to_owned(), empty(field));
        }
    }
}

/// Reads a value as a Go type and writes it again.
fn convert(value: &mut Value, class: &Class) {
    match (class, value) {
        (Class::Struct(name), Value::Object(object)) => {
            if let Some(shape) = SHAPES.of_type(name) {
                complete(object, shape);
            }
        }
        (Class::Pointer(inner), value) => convert(value, inner),
        (Class::List(inner), Value::Array(items)) => items.iter_mut().for_each(|item| convert(item, inner)),
        (Class::Map(inner), Value::Object(entries)) => {
            for entry in entries.values_mut() {
                match **inner {
                    // A label without a value is an empty one.
                    Class::Text if entry.is_null() => *entry = "".into(),
                    Class::Quantity if entry.is_null() => *entry = "0".into(),
                    Class::Quantity => rules::quantity(entry, true),
                    _ => convert(entry, inner),
                }
            }
        }
        (Class::Quantity, value) => rules::quantity(value, false),
        _ => {}
    }
}

/// Tells whether a value is one that Go leaves out: empty, zero, false. Behind a pointer it leaves none out.
fn is_empty(value: &Value, class: &Class) -> bool {
    match (class, value) {
        (Class::Text, Value::String(text)) => text.is_empty(),
        (Class::Number, Value::Number(number)) => number.as_f64() == Some(0.0),
        (Class::Flag, Value::Bool(flag)) => !flag,
        (Class::List(_), Value::Array(items)) => items.is_empty(),
        (Class::Map(_), Value::Object(entries)) => entries.is_empty(),
        _ => false,
    }
}

/// Returns what Go writes for a field that was not given.
fn empty(field: &Field) -> Value {
    match &field.class {
        Class::Struct(name) => {
            let mut object = Object::new();
            if let Some(shape) = SHAPES.of_type(name) {
                complete(&mut object, shape);
            }
            Value::Object(object)
        }
        Class::Text => "".into(),
        Class::Number | Class::IntOrText => 0.into(),
        Class::Flag => false.into(),
        Class::Quantity => "0".into(),
        Class::Pointer(_) | Class::List(_) | Class::Map(_) | Class::Any => Value::Null,
    }
}

/// Returns the text of a field, or none.
fn text<'a>(object: &'a Object, field: &str) -> &'a str {
    object.get(field).and_then(Value::as_str).unwrap_or_default()
}
