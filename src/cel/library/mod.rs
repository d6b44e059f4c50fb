//! The functions of the language and of Kubernetes' libraries, as one table.
//!
//! A function that the server does not have is not here, so an expression that calls it does not compile.

pub(super) mod authorizer;
mod clock;
pub(super) mod conversions;
pub(super) mod formatting;
mod lists;
pub(super) mod names;
mod network;
pub(super) mod operators;
mod optionals;
pub(super) mod patterns;
pub(super) mod quantity;
pub(super) mod semver;
mod sets;
mod strings;
pub(super) mod url;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::cost::Work;
use super::error::EvalError;
use super::types::Type;
use super::value::Value;
use patterns::{Pattern, Seen};

/// What a function returns.
pub(super) type Outcome = Result<Value, EvalError>;

/// What a function knows of its call besides the arguments.
pub(super) struct Call<'a> {
    pub(super) name: &'static str,
    pub(super) work: &'a mut Work,
    /// The sum of nothing, where it is not an integer.
    pub(super) zero: Option<&'a Value>,
    /// The compiled pattern, if the argument is a constant.
    pub(super) pattern: Option<&'a Pattern>,
    /// The pattern that the same place in the expression computed before.
    pub(super) seen: Option<&'a Seen>,
}

/// A function: its name, its signatures (`receiver.(arguments) result`), and what it does.
type Row = (
    &'static str,
    &'static [&'static str],
    fn(&mut Call<'_>, &[Value]) -> Outcome,
);

/// A declared function.
pub(super) struct Function {
    pub(super) name: &'static str,
    pub(super) overloads: Vec<Overload>,
    pub(super) run: fn(&mut Call<'_>, &[Value]) -> Outcome,
}

/// One signature of a function.
pub(super) struct Overload {
    pub(super) member: bool,
    pub(super) parameters: Vec<Type>,
    pub(super) result: Type,
}

const LIBRARIES: &[&[Row]] = &[
    operators::FUNCTIONS,
    conversions::FUNCTIONS,
    strings::FUNCTIONS,
    clock::FUNCTIONS,
    lists::FUNCTIONS,
    sets::FUNCTIONS,
    optionals::FUNCTIONS,
    patterns::FUNCTIONS,
    names::FUNCTIONS,
    KUBERNETES,
    formatting::FUNCTIONS,
    authorizer::FUNCTIONS,
];

/// All functions by name.
pub(super) static FUNCTIONS: LazyLock<BTreeMap<&'static str, Function>> = LazyLock::new(|| {
    let functions = LIBRARIES.iter().copied().flatten().map(|&(name, signatures, run)| {
        let overloads = signatures
            .iter()
            .filter_map(|signature| overload_of(signature))
            .collect();
        (name, Function { name, overloads, run })
    });
    functions.collect()
});

const KUBERNETES: &[Row] = &[
    ("quantity", &["(string) Quantity"], quantity::parse),
    ("isQuantity", &["(string) bool"], quantity::is),
    ("sign", &["(Quantity) int"], quantity::number),
    ("isInteger", &["Quantity.() bool"], quantity::number),
    ("asInteger", &["Quantity.() int"], quantity::number),
    ("asApproximateFloat", &["Quantity.() double"], quantity::number),
    (
        "add",
        &["Quantity.(Quantity) Quantity", "Quantity.(int) Quantity"],
        quantity::add,
    ),
    (
        "sub",
        &["Quantity.(Quantity) Quantity", "Quantity.(int) Quantity"],
        quantity::add,
    ),
    (
        "isGreaterThan",
        &["Quantity.(Quantity) bool", "Semver.(Semver) bool"],
        quantity::compare,
    ),
    (
        "isLessThan",
        &["Quantity.(Quantity) bool", "Semver.(Semver) bool"],
        quantity::compare,
    ),
    (
        "compareTo",
        &["Quantity.(Quantity) int", "Semver.(Semver) int"],
        quantity::compare,
    ),
    ("semver", &["(string) Semver", "(string, bool) Semver"], semver::parse),
    ("isSemver", &["(string) bool", "(string, bool) bool"], semver::is),
    ("major", &["Semver.() int"], semver::part),
    ("minor", &["Semver.() int"], semver::part),
    ("patch", &["Semver.() int"], semver::part),
    ("url", &["(string) URL"], url::parse),
    ("isURL", &["(string) bool"], url::is),
    ("getScheme", &["URL.() string"], url::part),
    ("getHost", &["URL.() string"], url::part),
    ("getHostname", &["URL.() string"], url::part),
    ("getPort", &["URL.() string"], url::part),
    ("getEscapedPath", &["URL.() string"], url::part),
    ("getQuery", &["URL.() map(string, list(string))"], url::part),
    ("ip", &["(string) IP", "CIDR.() IP"], network::ip),
    ("isIP", &["(string) bool"], network::is),
    ("ip.isCanonical", &["(string) bool"], network::is),
    ("family", &["IP.() int"], network::property),
    ("isUnspecified", &["IP.() bool"], network::property),
    ("isLoopback", &["IP.() bool"], network::property),
    ("isLinkLocalMulticast", &["IP.() bool"], network::property),
    ("isLinkLocalUnicast", &["IP.() bool"], network::property),
    ("isGlobalUnicast", &["IP.() bool"], network::property),
    ("cidr", &["(string) CIDR"], network::cidr),
    ("isCIDR", &["(string) bool"], network::is),
    (
        "containsIP",
        &["CIDR.(string) bool", "CIDR.(IP) bool"],
        network::contains_ip,
    ),
    (
        "containsCIDR",
        &["CIDR.(string) bool", "CIDR.(CIDR) bool"],
        network::contains_cidr,
    ),
    ("prefixLength", &["CIDR.() int"], network::part),
    ("masked", &["CIDR.() CIDR"], network::part),
];

/// An error of evaluation.
pub(super) fn failed(message: impl Into<String>) -> Outcome {
    Err(EvalError::failed(message))
}

/// The error of a call whose arguments are of other kinds than declared.
pub(super) fn overload(name: &str, arguments: &[Value]) -> Outcome {
    let types: Vec<_> = arguments.iter().map(Value::type_name).collect();
    match name.starts_with(|letter: char| letter.is_ascii_alphabetic()) {
        true => failed(format!("no such overload: {name}({})", types.join(", "))),
        false => failed(format!("no such overload: {name}")),
    }
}

/// A value in a message.
pub(super) fn shown(value: &Value) -> String {
    conversions::text_of(value).unwrap_or_else(|| value.type_name().to_owned())
}

/// Types that an expression may name.
pub(super) fn named_type(name: &str) -> Option<Type> {
    Some(match name {
        "bool" => Type::Bool,
        "int" => Type::Int,
        "uint" => Type::Uint,
        "double" => Type::Double,
        "string" => Type::String,
        "bytes" => Type::Bytes,
        "list" => Type::list(Type::Dyn),
        "map" => Type::map(Type::Dyn, Type::Dyn),
        "type" => Type::Type(Type::Dyn.into()),
        "null_type" => Type::Null,
        "optional_type" => Type::optional(Type::Dyn),
        "google.protobuf.Timestamp" => Type::Timestamp,
        "google.protobuf.Duration" => Type::Duration,
        "net.IP" => Type::Opaque("net.IP"),
        "net.CIDR" => Type::Opaque("net.CIDR"),
        _ => return None,
    })
}

/// The well-known messages of protocol buffers, which an expression may construct.
pub(super) fn message_type(name: &str) -> Option<Type> {
    let wrapper = |of: Type| Some(Type::Wrapper(of.into()));
    match name.strip_prefix("google.protobuf.")? {
        "BoolValue" => wrapper(Type::Bool),
        "BytesValue" => wrapper(Type::Bytes),
        "DoubleValue" | "FloatValue" => wrapper(Type::Double),
        "Int32Value" | "Int64Value" => wrapper(Type::Int),
        "UInt32Value" | "UInt64Value" => wrapper(Type::Uint),
        "StringValue" => wrapper(Type::String),
        "Struct" => Some(Type::map(Type::String, Type::Dyn)),
        "ListValue" => Some(Type::list(Type::Dyn)),
        "Value" => Some(Type::Dyn),
        "NullValue" => Some(Type::Null),
        "Any" => Some(Type::Any),
        _ => None,
    }
}

fn overload_of(signature: &str) -> Option<Overload> {
    let (receiver, rest) = match signature.split_once(".(") {
        Some((receiver, rest)) => (Some(receiver), rest),
        None => (None, signature.strip_prefix('(')?),
    };
    let (arguments, result) = closing(rest)?;
    let parameters = receiver.into_iter().chain(pieces(arguments)).map(type_of);
    Some(Overload {
        member: receiver.is_some(),
        parameters: parameters.collect::<Option<_>>()?,
        result: type_of(result)?,
    })
}

fn closing(text: &str) -> Option<(&str, &str)> {
    let mut depth = 1;
    for (at, letter) in text.char_indices() {
        depth += match letter {
            '(' => 1,
            ')' => -1,
            _ => 0,
        };
        if depth == 0 {
            return Some((text.get(..at)?, text.get(at + 1..)?.trim()));
        }
    }
    None
}

fn pieces(text: &str) -> Vec<&str> {
    let mut depth = 0;
    let split = text.split(move |letter| {
        depth += match letter {
            '(' => 1,
            ')' => -1,
            _ => 0,
        };
        letter == ',' && depth == 0
    });
    split.map(str::trim).filter(|piece| !piece.is_empty()).collect()
}

fn type_of(text: &str) -> Option<Type> {
    if let Some((name, rest)) = text.split_once('(') {
        let inner = pieces(rest.strip_suffix(')')?);
        return match (name, inner.as_slice()) {
            ("list", [item]) => Some(Type::list(type_of(item)?)),
            ("map", [key, value]) => Some(Type::map(type_of(key)?, type_of(value)?)),
            ("optional", [value]) => Some(Type::optional(type_of(value)?)),
            ("type", [value]) => Some(Type::Type(type_of(value)?.into())),
            _ => None,
        };
    }
    Some(match text {
        "A" => Type::Parameter(0),
        "B" => Type::Parameter(1),
        "dyn" => Type::Dyn,
        "timestamp" => Type::Timestamp,
        "duration" => Type::Duration,
        "IP" => Type::Opaque("net.IP"),
        "CIDR" => Type::Opaque("net.CIDR"),
        "Format" => Type::object("kubernetes.NamedFormat"),
        "Quantity" | "URL" | "Semver" => Type::object(&format!("kubernetes.{text}")),
        "Authorizer" | "PathCheck" | "GroupCheck" | "ResourceCheck" | "Decision" => {
            Type::object(&format!("kubernetes.authorization.{text}"))
        }
        "bool" | "int" | "uint" | "double" | "string" | "bytes" => named_type(text)?,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_signature_is_read() {
        let mut count = 0;
        for (name, signatures, _) in LIBRARIES.iter().copied().flatten() {
            count += 1;
            for signature in *signatures {
                assert!(overload_of(signature).is_some(), "{name}: {signature}");
            }
        }
        assert_eq!(FUNCTIONS.len(), count, "a name is declared twice");
    }
}
