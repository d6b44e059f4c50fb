//! Types of expressions.
//!
//! A type prints as the server prints it in its messages.

use std::fmt;
use std::sync::Arc;

/// A type.
#[derive(Debug, Clone)]
pub enum Type {
    /// Anything, known only when evaluated.
    Dyn,
    /// What has no type because of an error reported elsewhere.
    Error,
    /// The type of `null`.
    Null,
    /// A truth value.
    Bool,
    /// A signed number of 64 bits.
    Int,
    /// An unsigned number of 64 bits.
    Uint,
    /// A floating point number.
    Double,
    /// A text.
    String,
    /// Bytes.
    Bytes,
    /// A moment.
    Timestamp,
    /// A length of time.
    Duration,
    /// Any message of protocol buffers.
    Any,
    /// A list.
    List(Arc<Type>),
    /// A map.
    Map(Arc<(Type, Type)>),
    /// The type of a type.
    Type(Arc<Type>),
    /// A value that may be null.
    Wrapper(Arc<Type>),
    /// A value that may be absent.
    Optional(Arc<Type>),
    /// A library's type that is never null.
    Opaque(&'static str),
    /// An object with declared fields, or a library's type that may be null.
    Object(Arc<str>),
    /// A parameter of a declaration.
    Parameter(u8),
    /// A type to be found.
    Variable(u32),
}

impl Type {
    /// Makes the type of a list.
    pub fn list(item: Self) -> Self {
        Self::List(Arc::new(item))
    }

    /// Makes the type of a map.
    pub fn map(key: Self, value: Self) -> Self {
        Self::Map(Arc::new((key, value)))
    }

    /// Makes the type of an optional.
    pub fn optional(value: Self) -> Self {
        Self::Optional(Arc::new(value))
    }

    /// Makes the type of an object.
    pub fn object(name: &str) -> Self {
        Self::Object(name.into())
    }

    /// Tells whether it is a known type other than `dyn`.
    pub(super) fn is_dyn(&self) -> bool {
        matches!(self, Self::Dyn | Self::Any)
    }

    /// The type as messages have it.
    pub(super) fn described(&self) -> String {
        let text = self.to_string();
        let text = text.replace("google.protobuf.Timestamp", "timestamp");
        text.replace("google.protobuf.Duration", "duration")
            .replace("null_type", "null")
    }

    /// The name of the type as a value: without its parameters.
    pub(super) fn value_name(&self) -> Arc<str> {
        match self {
            Self::List(_) => "list".into(),
            Self::Map(_) => "map".into(),
            Self::Type(_) => "type".into(),
            Self::Optional(_) => "optional_type".into(),
            Self::Null => "null_type".into(),
            Self::Wrapper(inner) => inner.value_name(),
            other => other.to_string().into(),
        }
    }

    /// Tells whether both are the same type; a wrapper is the same as what it wraps.
    pub(super) fn is(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Wrapper(left), right) => left.is(right),
            (left, Self::Wrapper(right)) => left.is(right),
            (Self::List(left), Self::List(right))
            | (Self::Optional(left), Self::Optional(right))
            | (Self::Type(left), Self::Type(right)) => left.is(right),
            (Self::Map(left), Self::Map(right)) => left.0.is(&right.0) && left.1.is(&right.1),
            (Self::Opaque(left), Self::Opaque(right)) => left == right,
            (Self::Object(left), Self::Object(right)) => left == right,
            (Self::Parameter(left), Self::Parameter(right)) => left == right,
            (Self::Variable(left), Self::Variable(right)) => left == right,
            _ => std::mem::discriminant(self) == std::mem::discriminant(other),
        }
    }
}

impl fmt::Display for Type {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dyn => out.write_str("dyn"),
            Self::Error => out.write_str("!error!"),
            Self::Null => out.write_str("null_type"),
            Self::Bool => out.write_str("bool"),
            Self::Int => out.write_str("int"),
            Self::Uint => out.write_str("uint"),
            Self::Double => out.write_str("double"),
            Self::String => out.write_str("string"),
            Self::Bytes => out.write_str("bytes"),
            Self::Timestamp => out.write_str("google.protobuf.Timestamp"),
            Self::Duration => out.write_str("google.protobuf.Duration"),
            Self::Any => out.write_str("google.protobuf.Any"),
            Self::List(item) => write!(out, "list({item})"),
            Self::Map(of) => write!(out, "map({}, {})", of.0, of.1),
            Self::Type(of) => write!(out, "type({of})"),
            Self::Wrapper(of) => write!(out, "wrapper({of})"),
            Self::Optional(of) => write!(out, "optional_type({of})"),
            Self::Opaque(name) => out.write_str(name),
            Self::Object(name) => out.write_str(name),
            Self::Parameter(_) | Self::Variable(_) => out.write_str("dyn"),
        }
    }
}
