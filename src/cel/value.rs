//! Values of expressions.
//!
//! A value is cheap to clone, and its maps are in a fixed order.

use std::cmp::Ordering;
use std::net::IpAddr;
use std::sync::Arc;

use super::library::{names::Format, quantity::Quantity, semver::Semver, url::Url};
use super::time::{Duration, Timestamp};

/// A value.
#[derive(Debug, Clone)]
pub enum Value {
    /// No value.
    Null,
    /// A truth value.
    Bool(bool),
    /// A signed number.
    Int(i64),
    /// An unsigned number.
    Uint(u64),
    /// A floating point number.
    Double(f64),
    /// A text, measured in code points.
    String(Arc<str>),
    /// Bytes.
    Bytes(Arc<[u8]>),
    /// A list.
    List(Arc<List>),
    /// A map or an object.
    Map(Arc<Map>),
    /// A moment.
    Timestamp(Timestamp),
    /// A length of time.
    Duration(Duration),
    /// A type, by its name.
    Type(Arc<str>),
    /// A value that may be absent.
    Optional(Option<Arc<Value>>),
    /// A value of a Kubernetes library.
    Opaque(Opaque),
}

/// A list.
#[derive(Debug, Clone, Default)]
pub struct List {
    items: Vec<Value>,
    /// What makes two items the same, if the list is not one value.
    pub(super) identity: Identity,
}

/// What makes two items of a list the same (`x-kubernetes-list-type`).
#[derive(Debug, Clone, Default)]
pub enum Identity {
    /// Their places.
    #[default]
    Place,
    /// Their values: the list is a set.
    Value,
    /// Their values of these fields: the list is a map.
    Keys(Arc<[Arc<str>]>),
}

impl std::ops::Deref for List {
    type Target = [Value];

    fn deref(&self) -> &[Value] {
        &self.items
    }
}

/// A value of a Kubernetes library.
#[derive(Debug, Clone)]
pub enum Opaque {
    /// A resource quantity.
    Quantity(Arc<Quantity>),
    /// An address.
    Ip(IpAddr),
    /// A network: an address and the length of its prefix.
    Cidr(IpAddr, u8),
    /// A locator.
    Url(Arc<Url>),
    /// A semantic version.
    Semver(Arc<Semver>),
    /// A named format of strings.
    Format(&'static Format),
}

/// A key of a map.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Key {
    /// A truth value.
    Bool(bool),
    /// A signed number.
    Int(i64),
    /// An unsigned number.
    Uint(u64),
    /// A text.
    String(Arc<str>),
}

/// So many entries are faster looked through than halved: most keys differ in their lengths already.
const FEW: usize = 12;

/// A map in the order of its keys.
#[derive(Debug, Clone, Default)]
pub struct Map(Vec<(Key, Value)>);

impl Map {
    /// Iterates in the order of keys.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&Key, &Value)> {
        self.0.iter().map(|(key, value)| (key, value))
    }

    /// Returns the number of entries.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Tells whether there is no entry.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Finds the value of a text key.
    pub fn field(&self, name: &str) -> Option<&Value> {
        if self.0.len() <= FEW {
            let is_it = |key: &Key| matches!(key, Key::String(text) if **text == *name);
            return self.0.iter().find(|(key, _)| is_it(key)).map(|(_, value)| value);
        }
        let order = |key: &Key| match key {
            Key::String(text) => (**text).cmp(name),
            _ => Ordering::Less,
        };
        let at = self.0.binary_search_by(|(key, _)| order(key)).ok()?;
        self.0.get(at).map(|(_, value)| value)
    }

    /// Finds the value of a key; equal numbers of different kinds are the same key.
    pub fn get(&self, key: &Value) -> Option<&Value> {
        match key {
            Value::String(text) => self.field(text),
            Value::Bool(flag) => self.exact(&Key::Bool(*flag)),
            _ => {
                let (signed, unsigned) = whole(key)?;
                let signed = signed.and_then(|number| self.exact(&Key::Int(number)));
                signed.or_else(|| unsigned.and_then(|number| self.exact(&Key::Uint(number))))
            }
        }
    }

    fn exact(&self, key: &Key) -> Option<&Value> {
        let at = self.0.binary_search_by(|(found, _)| found.cmp(key)).ok()?;
        self.0.get(at).map(|(_, value)| value)
    }

    /// Inserts, over what the key had before.
    pub fn replace(&mut self, key: Key, value: Value) {
        match self.0.binary_search_by(|(found, _)| found.cmp(&key)) {
            Ok(at) => {
                if let Some(entry) = self.0.get_mut(at) {
                    entry.1 = value;
                }
            }
            Err(at) => self.0.insert(at, (key, value)),
        }
    }

    /// Inserts unless the key is there; returns whether it did.
    pub fn insert(&mut self, key: Key, value: Value) -> bool {
        match self.0.binary_search_by(|(found, _)| found.cmp(&key)) {
            Ok(_) => false,
            Err(at) => {
                self.0.insert(at, (key, value));
                true
            }
        }
    }
}

/// A whole number as both kinds of integers, as far as it fits.
fn whole(value: &Value) -> Option<(Option<i64>, Option<u64>)> {
    match *value {
        Value::Int(number) => Some((Some(number), u64::try_from(number).ok())),
        Value::Uint(number) => Some((i64::try_from(number).ok(), Some(number))),
        Value::Double(number) if number.fract() == 0.0 && number.abs() < 1e19 => {
            let number = number as i128;
            Some((i64::try_from(number).ok(), u64::try_from(number).ok()))
        }
        _ => None,
    }
}

impl Key {
    /// Reads a value as a key, if it may be one.
    pub fn of(value: &Value) -> Option<Self> {
        match value {
            Value::Bool(flag) => Some(Self::Bool(*flag)),
            Value::Int(number) => Some(Self::Int(*number)),
            Value::Uint(number) => Some(Self::Uint(*number)),
            Value::String(text) => Some(Self::String(text.clone())),
            _ => None,
        }
    }

    /// Returns the key as a value.
    pub fn value(&self) -> Value {
        match self {
            Self::Bool(flag) => Value::Bool(*flag),
            Self::Int(number) => Value::Int(*number),
            Self::Uint(number) => Value::Uint(*number),
            Self::String(text) => Value::String(text.clone()),
        }
    }
}

impl Value {
    /// Makes a text.
    pub fn text(text: impl AsRef<str>) -> Self {
        Self::String(text.as_ref().into())
    }

    /// Makes a list.
    pub fn list(items: Vec<Self>) -> Self {
        Self::list_of(items, Identity::Place)
    }

    /// Makes a list that may be a set or a map: equal whatever the order, and joined without repetition.
    pub fn list_of(items: Vec<Self>, identity: Identity) -> Self {
        Self::List(Arc::new(List { items, identity }))
    }

    /// Makes an optional that holds a value.
    pub fn some(value: Self) -> Self {
        Self::Optional(Some(Arc::new(value)))
    }

    /// Returns the name of the value's type.
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::Null => "null_type",
            Self::Bool(_) => "bool",
            Self::Int(_) => "int",
            Self::Uint(_) => "uint",
            Self::Double(_) => "double",
            Self::String(_) => "string",
            Self::Bytes(_) => "bytes",
            Self::List(_) => "list",
            Self::Map(_) => "map",
            Self::Timestamp(_) => "google.protobuf.Timestamp",
            Self::Duration(_) => "google.protobuf.Duration",
            Self::Type(_) => "type",
            Self::Optional(_) => "optional_type",
            Self::Opaque(Opaque::Quantity(_)) => "kubernetes.Quantity",
            Self::Opaque(Opaque::Ip(_)) => "net.IP",
            Self::Opaque(Opaque::Cidr(..)) => "net.CIDR",
            Self::Opaque(Opaque::Url(_)) => "kubernetes.URL",
            Self::Opaque(Opaque::Semver(_)) => "kubernetes.Semver",
            Self::Opaque(Opaque::Format(_)) => "kubernetes.NamedFormat",
        }
    }

    /// The size by which work is charged: elements, code points, or one.
    pub(super) fn size(&self) -> u64 {
        let size = match self {
            Self::String(text) => text.chars().count(),
            Self::Bytes(bytes) => bytes.len(),
            Self::List(items) => items.len(),
            Self::Map(map) => map.len(),
            Self::Optional(Some(value)) => return value.size(),
            Self::Opaque(Opaque::Ip(address)) => bytes_of(address),
            Self::Opaque(Opaque::Cidr(_, bits)) => usize::from(*bits).div_ceil(8),
            _ => 1,
        };
        u64::try_from(size).unwrap_or(u64::MAX)
    }

    /// Tells whether the value is its type's zero.
    pub(super) fn is_zero(&self) -> bool {
        match self {
            Self::Null => true,
            Self::Bool(flag) => !flag,
            Self::Int(number) => *number == 0,
            Self::Uint(number) => *number == 0,
            Self::Double(number) => *number == 0.0,
            Self::String(text) => text.is_empty(),
            Self::Bytes(bytes) => bytes.is_empty(),
            Self::List(items) => items.is_empty(),
            Self::Map(map) => map.is_empty(),
            Self::Timestamp(moment) => *moment == Timestamp::default(),
            Self::Duration(length) => *length == Duration::default(),
            Self::Optional(value) => value.is_none(),
            Self::Type(_) | Self::Opaque(_) => false,
        }
    }

    /// Compares two ordered values: numbers of any kind, or two values of one kind.
    pub(super) fn order(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Bool(left), Self::Bool(right)) => Some(left.cmp(right)),
            (Self::String(left), Self::String(right)) => Some(left.cmp(right)),
            (Self::Bytes(left), Self::Bytes(right)) => Some(left.cmp(right)),
            (Self::Timestamp(left), Self::Timestamp(right)) => Some(left.cmp(right)),
            (Self::Duration(left), Self::Duration(right)) => Some(left.cmp(right)),
            _ => numeric(self, other)?,
        }
    }
}

fn bytes_of(address: &IpAddr) -> usize {
    if address.is_ipv4() { 4 } else { 16 }
}

/// Compares two numbers; the inner `None` is a comparison with `NaN`.
#[allow(clippy::option_option, reason = "no number and not comparable are different answers")]
pub(super) fn numeric(left: &Value, right: &Value) -> Option<Option<Ordering>> {
    let integer = |value: &Value| match *value {
        Value::Int(number) => Some(i128::from(number)),
        Value::Uint(number) => Some(i128::from(number)),
        _ => None,
    };
    match (left, right) {
        (Value::Double(left), Value::Double(right)) => Some(left.partial_cmp(right)),
        (Value::Double(left), other) => integer(other).map(|right| double_with_integer(*left, right)),
        (other, Value::Double(right)) => {
            let order = integer(other).map(|left| double_with_integer(*right, left));
            order.map(|order| order.map(Ordering::reverse))
        }
        _ => Some(Some(integer(left)?.cmp(&integer(right)?))),
    }
}

/// The integer is rounded to a floating point number first, as on the server.
fn double_with_integer(left: f64, right: i128) -> Option<Ordering> {
    left.partial_cmp(&(right as f64))
}

impl From<&serde_json::Value> for Value {
    fn from(json: &serde_json::Value) -> Self {
        match json {
            serde_json::Value::Null => Self::Null,
            serde_json::Value::Bool(flag) => Self::Bool(*flag),
            serde_json::Value::Number(number) => match (number.as_i64(), number.as_u64()) {
                (Some(number), _) => Self::Int(number),
                (None, Some(number)) => Self::Uint(number),
                (None, None) => Self::Double(number.as_f64().unwrap_or(f64::NAN)),
            },
            serde_json::Value::String(text) => Self::text(text),
            serde_json::Value::Array(items) => Self::list(items.iter().map(Self::from).collect()),
            serde_json::Value::Object(fields) => {
                let entry = |(key, value): (&String, _)| (Key::String(key.as_str().into()), Self::from(value));
                let mut entries: Vec<_> = fields.iter().map(entry).collect();
                entries.sort_by(|left, right| left.0.cmp(&right.0));
                Self::Map(Arc::new(Map(entries)))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values are moved and copied at every step of an evaluation.
    #[test]
    fn values_are_small() {
        assert_eq!(size_of::<Value>(), 24);
        assert_eq!(size_of::<Key>(), 24);
    }

    #[test]
    fn fields_are_found_in_small_and_in_large_maps() {
        for size in [0, 1, FEW, FEW + 1, 50] {
            let mut map = Map::default();
            for number in 0..size {
                let name = format!("field-{number:02}");
                assert!(map.insert(Key::String(name.into()), Value::Int(number as i64)));
            }
            let found = |name: &str| map.field(name).cloned();
            for number in 0..size {
                let value = found(&format!("field-{number:02}"));
                assert!(
                    matches!(value, Some(Value::Int(found)) if found == number as i64),
                    "{size}"
                );
            }
            assert!(found("field").is_none() && found("field-99").is_none() && found("").is_none());
        }
    }
}
