//! Built-in kinds: what the server's strict decoder refuses, and the fields that must be there.
//!
//! The decoder takes null for "not there", wherever it stands. What an object says under `status` is decoded and then
//! dropped, so nothing is asked of it but the right types.

use serde_json::{Map, Value};

use super::{formats, lists, unknown_field};
use crate::schema::node::{Identity, Node, Schema, Type};
use crate::schema::problem::{Place, Problems, code};
use crate::schema::{Kind, Schemas};

/// Decodes an object of a built-in kind.
pub(super) fn decode(schemas: &Schemas, kind: &Kind, object: &Value, problems: &mut Problems) {
    let mut decoder = Decoder {
        schemas,
        problems,
        is_dropped: false,
    };
    decoder.value(kind.schema, object, &Place::OBJECT);
}

/// Decodes `metadata` of a custom resource, which is a type of the server's own.
pub(super) fn metadata(schemas: &Schemas, metadata: &Value, place: &Place<'_>, problems: &mut Problems) {
    let mut decoder = Decoder {
        schemas,
        problems,
        is_dropped: false,
    };
    decoder.value(schemas.metadata, metadata, place);
}

struct Decoder<'d> {
    schemas: &'d Schemas,
    problems: &'d mut Problems,
    /// Whether the server drops what it decodes here.
    is_dropped: bool,
}

impl Decoder<'_> {
    fn value(&mut self, node: Node, value: &Value, place: &Place<'_>) {
        let schema = self.schemas.get(node);
        match (schema.of, value) {
            (_, Value::Null) | (Type::Any, _) => {}
            (Type::Object, Value::Object(object)) => self.object(schema, object, place),
            (Type::Array, Value::Array(items)) => self.array(schema, items, place),
            (Type::String | Type::IntOrString, Value::String(text)) => self.text(schema, text, place),
            (Type::String, Value::Number(number)) if schema.format == "quantity" => {
                self.text(schema, &number.to_string(), place);
            }
            (Type::Integer, Value::Number(_)) => self.integer(schema, value, place),
            (Type::IntOrString, Value::Number(_)) => self.integer(schema, value, place),
            (Type::Number, Value::Number(_)) | (Type::Boolean, Value::Bool(_)) => {}
            // The decoder also takes bytes as a list of numbers.
            (Type::String, Value::Array(items)) if schema.format == "byte" => {
                let is_byte = |item: &Value| item.is_null() || item.as_u64().is_some_and(|byte| byte < 256);
                if !items.iter().all(is_byte) {
                    self.wrong_type(schema, value, place);
                }
            }
            _ => self.wrong_type(schema, value, place),
        }
    }

    fn object(&mut self, schema: &Schema, object: &Map<String, Value>, place: &Place<'_>) {
        if let Some(values) = schema.values {
            for (key, value) in object {
                self.value(values, value, &place.key(key));
            }
            return;
        }
        if schema.is_open {
            return;
        }
        let minor = self.schemas.minor;
        for (name, value) in object {
            let here = place.field(name);
            match schema.field(name) {
                Some(field) if (field.since..=field.until).contains(&minor) => {
                    let was_dropped = self.is_dropped;
                    self.is_dropped |= name == "status" && here.is_top();
                    self.value(field.schema, value, &here);
                    self.is_dropped = was_dropped;
                }
                _ => unknown_field(self.schemas, schema, name, &here, self.problems),
            }
        }
        if self.is_dropped {
            return;
        }
        for name in &schema.required {
            let here = place.field(name);
            let message = format!("{here}: Required value");
            // To the decoder, what is empty was never there.
            let place = match object.get(&**name) {
                None => place,
                Some(value) if is_empty(value) => &here,
                Some(_) => continue,
            };
            let help = format!("set `{name}`");
            self.problems.raw(place, code::MISSING, message).help(help);
        }
    }

    fn array(&mut self, schema: &Schema, items: &[Value], place: &Place<'_>) {
        let Some(node) = schema.items else { return };
        for (index, item) in items.iter().enumerate() {
            let place = place.index(index);
            match (item, self.schemas.get(node)) {
                // Null among others is not absent, it is the zero of its type.
                (Value::Null, schema) if schema.of == Type::Object => self.object(schema, &Map::new(), &place),
                (Value::Null, schema) if schema.limits.is_some() => self.text(schema, "", &place),
                _ => self.value(node, item, &place),
            }
        }
        if !self.is_dropped && items.len() > 1 && schema.identity != Identity::Atomic {
            lists::items(self.schemas, schema, items, place, self.problems);
        }
    }

    fn text(&mut self, schema: &Schema, text: &str, place: &Place<'_>) {
        if let Some(reason) = formats::native(&schema.format, text) {
            self.problems.at(place, code::BAD_FORMAT, reason);
        }
        let Some(limits) = schema.limits.as_ref().filter(|_| !self.is_dropped) else {
            return;
        };
        if limits.one_of_values.iter().any(|value| value == text) {
            return;
        }
        super::unsupported(&limits.one_of_values, &Value::from(text), place, self.problems);
    }

    fn integer(&mut self, schema: &Schema, value: &Value, place: &Place<'_>) {
        let is_short = schema.format != "int64";
        match formats::whole(value) {
            None => self.wrong_type(schema, value, place),
            Some(number) => {
                let fits = if is_short {
                    i32::try_from(number).is_ok()
                } else {
                    i64::try_from(number).is_ok()
                };
                if !fits {
                    let bits = if is_short { "int32" } else { "int64" };
                    let message = format!("json: cannot unmarshal number {number} into Go value of type {bits}");
                    self.problems.at(place, code::OUT_OF_RANGE, message);
                }
            }
        }
    }

    fn wrong_type(&mut self, schema: &Schema, value: &Value, place: &Place<'_>) {
        let given = match value {
            Value::Bool(_) => "bool".to_owned(),
            Value::Number(number) => format!("number {number}"),
            other => super::type_of(other).to_owned(),
        };
        let wanted = match (schema.of, &*schema.format) {
            (_, "quantity") => "Quantity",
            (_, "date-time" | "micro-time") => "Time",
            (_, "byte") => "[]uint8",
            (Type::Integer, format) => format,
            (Type::IntOrString, _) => "IntOrString",
            (Type::Boolean, _) => "bool",
            (Type::Number, _) => "float64",
            (of, _) => of.name(),
        };
        let help = match (schema.of, value) {
            (Type::String, Value::Number(_) | Value::Bool(_)) => Some(format!("put it in quotes: \"{value}\"")),
            (Type::Integer | Type::Boolean | Type::Number, Value::String(text)) => {
                Some(format!("take the quotes off: {text}"))
            }
            (Type::Array, _) => Some("write a list, `- …`".to_owned()),
            _ => None,
        };
        let message = format!("json: cannot unmarshal {given} into Go value of type {wanted}");
        self.problems.at(place, code::WRONG_TYPE, message).help(help);
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        _ => false,
    }
}
