//! What rules of definitions see: the type and the value of `self`, as the definition's schema gives them.
//!
//! Unlike what policies see, nothing is guessed here: what the server leaves out for lack of a schema is not there.

use std::sync::Arc;

use serde_json::Value;

use super::Schemas;
use super::check::formats;
use super::declare;
use super::node::{Identity, Node, Schema, Type};
use crate::cel::{self, Declarations};

/// Declares the values of a schema, with all fields or those that some expressions name; nothing if the server lets no
/// rule see them.
pub(super) fn declare(schemas: &Schemas, node: Node, named: Option<[&str; 2]>) -> Option<(Declarations, cel::Type)> {
    let mut types = Types {
        schemas,
        named,
        declarations: Declarations::new(),
    };
    let of = types.of("self", node)?;
    Some((types.declarations, of))
}

struct Types<'s> {
    schemas: &'s Schemas,
    /// The expressions; most of a large schema is named by none.
    named: Option<[&'s str; 2]>,
    declarations: Declarations,
}

impl Types<'_> {
    fn of(&mut self, path: &str, node: Node) -> Option<cel::Type> {
        let schema = self.schemas.get(node);
        Some(match schema.of {
            Type::Object => self.object(path, schema)?,
            Type::Array => cel::Type::list(self.of(&format!("{path}.@idx"), schema.items?)?),
            Type::String => match &*schema.format {
                "byte" => cel::Type::Bytes,
                "duration" => cel::Type::Duration,
                "date" | "date-time" => cel::Type::Timestamp,
                _ => cel::Type::String,
            },
            Type::Integer => cel::Type::Int,
            Type::Number => cel::Type::Double,
            Type::Boolean => cel::Type::Bool,
            Type::IntOrString => cel::Type::Dyn,
            Type::Any => return None,
        })
    }

    fn object(&mut self, path: &str, schema: &Schema) -> Option<cel::Type> {
        if let Some(values) = schema.values {
            let of = self.of(&format!("{path}.@prop"), values)?;
            return Some(cel::Type::map(cel::Type::String, of));
        }
        let is_bare = schema.is_embedded && !self.has_names(schema);
        let mut fields = Vec::new();
        for field in &schema.fields {
            let is_given = !(is_bare && ["apiVersion", "kind", "metadata"].contains(&&*field.name));
            let is_word = cel::is_word(&field.name);
            let is_named = |name: &String| is_given && (is_word || self.is_named(name));
            let Some(name) = escaped(&field.name).filter(is_named) else {
                continue;
            };
            if let Some(of) = self.of(&format!("{path}.{name}"), field.schema) {
                // A word of the language may also stand as it is, where a field is selected.
                if is_word {
                    fields.push((field.name.to_string(), of.clone()));
                }
                fields.push((name, of));
            }
        }
        if is_bare {
            let metadata = format!("{path}.metadata");
            let names = ["name", "generateName"].map(|name| (name, cel::Type::String));
            self.declarations = std::mem::take(&mut self.declarations).object(&metadata, names);
            fields.push(("metadata".to_owned(), cel::Type::object(&metadata)));
            fields.extend(["apiVersion", "kind"].map(|name| (name.to_owned(), cel::Type::String)));
        }
        let fields = fields.iter().map(|(name, of)| (name.as_str(), of.clone()));
        self.declarations = std::mem::take(&mut self.declarations).object(path, fields);
        Some(cel::Type::object(path))
    }

    /// Tells whether the schema of a whole object says itself what its names are.
    fn has_names(&self, schema: &Schema) -> bool {
        let of = |schema: &Schema, name: &str| schema.field(name).map(|field| self.schemas.get(field.schema));
        let is_text = |schema: &Schema, name: &str| of(schema, name).is_some_and(|inner| inner.of == Type::String);
        let metadata = of(schema, "metadata").filter(|metadata| !metadata.is_native);
        let has_names = metadata.is_some_and(|metadata| is_text(metadata, "name") && is_text(metadata, "generateName"));
        has_names && is_text(schema, "apiVersion") && is_text(schema, "kind")
    }

    /// Tells whether an expression can name a field.
    fn is_named(&self, name: &str) -> bool {
        self.named
            .is_none_or(|sources| sources.iter().any(|source| source.contains(name)))
    }
}

/// The name of a field in expressions, if it can have one.
pub(super) fn escaped(name: &str) -> Option<String> {
    let is_known = |sign: u8| sign.is_ascii_alphanumeric() || b"_-./".contains(&sign);
    let is_name = name.bytes().all(is_known) && name.bytes().next().is_some_and(|sign| !sign.is_ascii_digit());
    is_name.then(|| declare::escaped(name))
}

/// Makes a value for expressions; nothing if a text in it is not what its format says.
pub(super) fn value(schemas: &Schemas, node: Node, value: &Value) -> Option<cel::Value> {
    let schema = schemas.get(node);
    Some(match (schema.of, value) {
        _ if schema.is_native => cel::Value::from(value),
        (Type::Object, Value::Object(object)) => {
            let mut map = cel::Map::default();
            for (name, inner) in object {
                let field = schema.field(name).map(|field| field.schema);
                // Null is a value of a map, but of a field it is none.
                if inner.is_null() && schema.values.is_none() {
                    continue;
                }
                let inner = match field.or(schema.values) {
                    Some(node) => self::value(schemas, node, inner)?,
                    None => cel::Value::from(inner),
                };
                let other = field.and_then(|_| escaped(name)).filter(|other| other != name);
                if let Some(other) = &other {
                    map.replace(cel::Key::String(Arc::from(&**other)), inner.clone());
                }
                if other.is_none() || cel::is_word(name) {
                    map.replace(cel::Key::String(Arc::from(&**name)), inner);
                }
            }
            cel::Value::Map(Arc::new(map))
        }
        (Type::Array, Value::Array(items)) => {
            let items = items.iter().map(|item| match schema.items {
                Some(node) => self::value(schemas, node, item),
                None => Some(cel::Value::from(item)),
            });
            cel::Value::list_of(items.collect::<Option<_>>()?, identity(&schema.identity))
        }
        (Type::String, Value::String(text)) => self::text(&schema.format, text)?,
        (Type::Number, Value::Number(number)) => cel::Value::Double(number.as_f64()?),
        (Type::Integer | Type::IntOrString, Value::Number(_)) => {
            cel::Value::Int(i64::try_from(formats::whole(value)?).ok()?)
        }
        _ => cel::Value::from(value),
    })
}

fn identity(identity: &Identity) -> cel::Identity {
    match identity {
        Identity::Atomic => cel::Identity::Place,
        Identity::Set => cel::Identity::Value,
        Identity::Keys(keys) => {
            let key = |key: &str| escaped(key).map_or_else(|| Arc::from(key), Arc::from);
            cel::Identity::Keys(keys.iter().map(|name| key(name)).collect())
        }
    }
}

fn text(format: &str, text: &str) -> Option<cel::Value> {
    Some(match format {
        "byte" => cel::Value::Bytes(bytes(text)?.into()),
        "duration" => cel::Value::Duration(cel::Duration::parse(text)?),
        "date" => cel::Value::Timestamp(cel::Timestamp::parse(&format!("{text}T00:00:00Z"))?),
        "date-time" => cel::Value::Timestamp(cel::Timestamp::parse(text)?),
        _ => cel::Value::text(text),
    })
}

/// Reads base64.
fn bytes(text: &str) -> Option<Vec<u8>> {
    const SIGNS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let signs = text.bytes().filter(|sign| !b"\r\n=".contains(sign));
    let (mut bytes, mut held, mut bits) = (Vec::new(), 0_u32, 0_u32);
    for sign in signs {
        let six = SIGNS.iter().position(|known| *known == sign)?;
        held = (held << 6 | u32::try_from(six).ok()?) & 0xffff;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from(held >> bits & 0xff).ok()?);
        }
    }
    Some(bytes)
}
