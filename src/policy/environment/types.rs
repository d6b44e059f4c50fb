//! The types of the model in expressions: declarations for the checker, and values for the evaluator.
//!
//! Both are read from the schema of the model, so that a field has one type wherever it is met: lengths of time are
//! durations, amounts are quantities, days are timestamps.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use serde_json::{Map as Fields, Value as Json};

use crate::cel::{Declarations, Duration, Key, Map, Opaque, Quantity, Timestamp, Type, Value};
use crate::diagnostic::nearest;
use crate::model::facts_schema;
use crate::text;

/// The type whose fields are the variables of expressions.
const FACTS: &str = "formwork.Facts";

/// The type of an environment's settings.
const SETTINGS: &str = "formwork.EnvironmentSpec";

/// The types of the model; they are the same in every build.
pub(super) static TYPES: LazyLock<Types> = LazyLock::new(Types::of_model);

/// How a value of the model is read.
#[derive(Debug, Clone)]
enum Shape {
    Bool,
    Int,
    Double,
    Text,
    Duration,
    Retention,
    Quantity,
    Date,
    List(Box<Shape>),
    Map(Box<Shape>),
    Object(Arc<str>),
    Any,
}

/// The objects of the model with the shapes of their fields.
#[derive(Debug, Default)]
pub(super) struct Types {
    objects: BTreeMap<Arc<str>, BTreeMap<Arc<str>, Shape>>,
}

impl Types {
    fn of_model() -> Self {
        let schema = facts_schema();
        let mut types = Self::default();
        let definitions = schema.pointer("/$defs").and_then(Json::as_object);
        let definitions = definitions.cloned().unwrap_or_default();
        for (name, definition) in &definitions {
            types.shape(&format!("formwork.{name}"), definition, &definitions);
        }
        types.shape(FACTS, &schema, &definitions);
        types
    }

    /// Declares everything that a policy may read, without its own variables.
    pub(super) fn declarations(&self) -> Declarations {
        let mut declarations = Declarations::new().variable("today", Type::Timestamp);
        for (name, fields) in &self.objects {
            let fields = fields.iter().map(|(field, shape)| (&**field, declared(shape)));
            declarations = declarations.object(name, fields);
        }
        for (name, shape) in self.objects.get(FACTS).into_iter().flatten() {
            declarations = declarations.variable(name, declared(shape));
        }
        declarations
    }

    /// Reads what is known of one thing as the value of its variable.
    pub(super) fn value(&self, variable: &str, facts: &Json) -> Value {
        let shape = self.objects.get(FACTS).and_then(|facts| facts.get(variable));
        self.read(shape.unwrap_or(&Shape::Any), facts)
    }

    /// The JSON pointer of a setting by its name with dots, `backup.retention`; the error is what is unknown, with what
    /// may be meant.
    pub(super) fn setting<'n>(&self, name: &'n str) -> Result<String, (&'n str, Option<&str>)> {
        let mut here = Some(SETTINGS);
        for field in name.split('.') {
            let fields = here.and_then(|object| self.objects.get(object)).ok_or((field, None))?;
            match fields.get(field) {
                Some(Shape::Object(object)) => here = Some(object),
                Some(Shape::Map(_)) => break,
                Some(_) => here = None,
                None => return Err((field, nearest(field, fields.keys().map(|known| &**known)))),
            }
        }
        Ok(format!("/{}", name.replace('.', "/")))
    }

    /// Reads the shape of a schema; an object that is described in place gets the name.
    fn shape(&mut self, name: &str, schema: &Json, definitions: &Fields<String, Json>) -> Shape {
        let text = |keyword: &str| schema.get(keyword).and_then(Json::as_str);
        if let Some(definition) = text("$ref").and_then(|reference| reference.rsplit('/').next()) {
            let schema = definitions.get(definition).unwrap_or(&Json::Null);
            return self.shape(&format!("formwork.{definition}"), schema, definitions);
        }
        match text("type") {
            Some("boolean") => Shape::Bool,
            Some("integer") => Shape::Int,
            Some("number") => Shape::Double,
            Some("string") => text("format").map_or(Shape::Text, formatted),
            Some("array") => {
                let items = schema.get("items").unwrap_or(&Json::Null);
                Shape::List(Box::new(self.shape(&format!("{name}.item"), items, definitions)))
            }
            Some("object") => self.object(name, schema, definitions),
            _ => Shape::Any,
        }
    }

    fn object(&mut self, name: &str, schema: &Json, definitions: &Fields<String, Json>) -> Shape {
        let properties = schema.get("properties").and_then(Json::as_object);
        let patterns = schema.get("patternProperties").and_then(Json::as_object);
        let values = patterns.and_then(|patterns| patterns.values().next());
        match (properties, values.or(schema.get("additionalProperties"))) {
            (Some(properties), Some(Json::Bool(false))) => {
                if !self.objects.contains_key(name) {
                    self.objects.insert(name.into(), BTreeMap::new());
                    let fields = properties.iter().map(|(field, schema)| {
                        let shape = self.shape(&format!("{name}.{field}"), schema, definitions);
                        (Arc::from(field.as_str()), shape)
                    });
                    let fields = fields.collect();
                    self.objects.insert(name.into(), fields);
                }
                Shape::Object(name.into())
            }
            (None, Some(values @ Json::Object(_))) => {
                Shape::Map(Box::new(self.shape(&format!("{name}.value"), values, definitions)))
            }
            _ => Shape::Map(Box::new(Shape::Any)),
        }
    }

    /// Reads a value; a field without a value is absent.
    fn read(&self, shape: &Shape, json: &Json) -> Value {
        match (shape, json) {
            (Shape::Object(name), Json::Object(given)) => {
                let fields = self.objects.get(name);
                let mut map = Map::default();
                for (name, value) in given.iter().filter(|(_, value)| !value.is_null()) {
                    if let Some((name, shape)) = fields.and_then(|fields| fields.get_key_value(name.as_str())) {
                        map.replace(Key::String(name.clone()), self.read(shape, value));
                    }
                }
                Value::Map(Arc::new(map))
            }
            (Shape::Map(shape), Json::Object(given)) => {
                let mut map = Map::default();
                for (name, value) in given {
                    map.replace(Key::String(name.as_str().into()), self.read(shape, value));
                }
                Value::Map(Arc::new(map))
            }
            (Shape::List(shape), Json::Array(items)) => {
                Value::list(items.iter().map(|item| self.read(shape, item)).collect())
            }
            (_, Json::String(text)) => typed(shape, text).unwrap_or_else(|| Value::text(text)),
            _ => Value::from(json),
        }
    }
}

/// The shape of a text with a format.
fn formatted(format: &str) -> Shape {
    let shapes = [
        (text::Duration::FORMAT, Shape::Duration),
        (text::Retention::FORMAT, Shape::Retention),
        (text::Quantity::FORMAT, Shape::Quantity),
        (text::Size::FORMAT, Shape::Quantity),
        (text::Date::FORMAT, Shape::Date),
    ];
    let found = shapes.into_iter().find(|(known, _)| known.name == format);
    found.map_or(Shape::Text, |(_, shape)| shape)
}

/// The type of a shape.
fn declared(shape: &Shape) -> Type {
    match shape {
        Shape::Bool => Type::Bool,
        Shape::Int => Type::Int,
        Shape::Double => Type::Double,
        Shape::Text => Type::String,
        Shape::Duration | Shape::Retention => Type::Duration,
        Shape::Quantity => Type::object("kubernetes.Quantity"),
        Shape::Date => Type::Timestamp,
        Shape::List(of) => Type::list(declared(of)),
        Shape::Map(of) => Type::map(Type::String, declared(of)),
        Shape::Object(name) => Type::Object(name.clone()),
        Shape::Any => Type::Dyn,
    }
}

/// A text that means more than a text.
fn typed(shape: &Shape, text: &str) -> Option<Value> {
    let length = |units: u64, nanos: u64| {
        let nanos = i64::try_from(units.checked_mul(nanos)?).ok()?;
        Some(Value::Duration(Duration(nanos)))
    };
    match shape {
        Shape::Duration => length(text.parse::<text::Duration>().ok()?.millis(), 1_000_000),
        Shape::Retention => length(text.parse::<text::Retention>().ok()?.days(), 86_400 * 1_000_000_000),
        Shape::Quantity => Some(Value::Opaque(Opaque::Quantity(Quantity::parse(text).ok()?.into()))),
        Shape::Date => day(text).map(Value::Timestamp),
        _ => None,
    }
}

/// The moment at which a day begins.
pub(super) fn day(date: &str) -> Option<Timestamp> {
    Timestamp::parse(&format!("{date}T00:00:00Z"))
}
