//! The checked form of an expression, ready to be evaluated many times.
//!
//! Names are resolved, functions are found, constants are folded and constant patterns are compiled.

use std::sync::Arc;

use super::ast::{BindKind, LoopKind};
use super::library::Function;
use super::library::patterns::{Pattern, Seen};
use super::types::Type;
use super::value::Value;

/// A step of an evaluation.
pub(super) enum Node {
    Constant(Value),
    Variable(Arc<str>),
    /// A variable that only the cluster knows.
    Unknown,
    /// A variable of a macro, by its place.
    Local(usize),
    Select {
        of: Box<Node>,
        field: Arc<str>,
        optional: bool,
    },
    Has {
        of: Box<Node>,
        field: Arc<str>,
    },
    Index {
        of: Box<Node>,
        at: Box<Node>,
        optional: bool,
    },
    Ternary(Box<[Node; 3]>),
    /// `or` and `orValue`: the second is evaluated only if the first is absent.
    OptionalOr(Box<[Node; 2]>, bool),
    /// A test for what is declared: it is there unless it fails.
    Present(Box<Node>),
    And(Vec<Node>),
    Or(Vec<Node>),
    Call(Box<CallNode>),
    List(Vec<(bool, Node)>),
    Map(Vec<(bool, Node, Node)>),
    Message(Box<MessageNode>),
    Loop(Box<LoopNode>),
    Bind(Box<BindNode>),
}

pub(super) struct CallNode {
    pub(super) function: &'static Function,
    pub(super) arguments: Vec<Node>,
    /// Whether one overload was found; the cost of some functions depends on it.
    pub(super) exact: bool,
    pub(super) pattern: Option<Pattern>,
    /// What a search whose pattern is no constant remembers.
    pub(super) seen: Seen,
    /// A search in a constant set, which the server does not count.
    pub(super) free: bool,
    /// The sum of nothing, where it is not an integer.
    pub(super) zero: Option<Value>,
}

pub(super) struct MessageNode {
    pub(super) name: Arc<str>,
    pub(super) fields: Vec<(bool, Arc<str>, Node)>,
}

pub(super) struct LoopNode {
    pub(super) kind: LoopKind,
    pub(super) range: Node,
    pub(super) two: bool,
    pub(super) filter: Option<Node>,
    pub(super) step: Node,
}

pub(super) struct BindNode {
    pub(super) kind: BindKind,
    pub(super) target: Node,
    pub(super) body: Node,
    /// Whether the overload of the sort was known.
    pub(super) exact: bool,
}

impl Node {
    /// Tells whether a selection continues a path that was begun already.
    pub(super) fn is_path(&self) -> bool {
        matches!(
            self,
            Self::Variable(_) | Self::Local(_) | Self::Select { .. } | Self::Index { .. } | Self::Unknown
        )
    }

    /// Tells whether an optional step is on the path.
    pub(super) fn is_optional(&self) -> bool {
        match self {
            Self::Select { of, optional, .. } | Self::Index { of, optional, .. } => *optional || of.is_optional(),
            _ => false,
        }
    }

    /// Visits the node and all its parts, in the order of the source.
    pub(super) fn walk<'n>(&'n self, visit: &mut dyn FnMut(&'n Node)) {
        visit(self);
        self.parts(&mut |part| part.walk(visit));
    }

    /// Visits the direct parts of the node.
    pub(super) fn parts<'n>(&'n self, visit: &mut dyn FnMut(&'n Node)) {
        match self {
            Self::Constant(_) | Self::Variable(_) | Self::Unknown | Self::Local(_) => {}
            Self::Select { of, .. } | Self::Has { of, .. } | Self::Present(of) => visit(of),
            Self::Index { of, at, .. } => [of, at].into_iter().for_each(|part| visit(part)),
            Self::Ternary(parts) => parts.iter().for_each(visit),
            Self::OptionalOr(parts, _) => parts.iter().for_each(visit),
            Self::And(parts) | Self::Or(parts) => parts.iter().for_each(visit),
            Self::Call(call) => call.arguments.iter().for_each(visit),
            Self::List(items) => items.iter().for_each(|(_, item)| visit(item)),
            Self::Map(entries) => entries.iter().for_each(|(_, key, value)| {
                visit(key);
                visit(value);
            }),
            Self::Message(message) => message.fields.iter().for_each(|(_, _, field)| visit(field)),
            Self::Loop(of) => {
                visit(&of.range);
                of.filter.iter().for_each(&mut *visit);
                visit(&of.step);
            }
            Self::Bind(of) => {
                visit(&of.target);
                visit(&of.body);
            }
        }
    }

    pub(super) fn constant(&self) -> Option<&Value> {
        match self {
            Self::Constant(value) => Some(value),
            _ => None,
        }
    }
}

/// The fields of the messages that an expression may construct.
pub(super) fn message_fields(name: &str) -> Option<Vec<(&'static str, Type)>> {
    let structure = || Type::map(Type::String, Type::Dyn);
    Some(match name.strip_prefix("google.protobuf.")? {
        "BoolValue" => vec![("value", Type::Bool)],
        "BytesValue" => vec![("value", Type::Bytes)],
        "DoubleValue" | "FloatValue" => vec![("value", Type::Double)],
        "Int32Value" | "Int64Value" => vec![("value", Type::Int)],
        "UInt32Value" | "UInt64Value" => vec![("value", Type::Uint)],
        "StringValue" => vec![("value", Type::String)],
        "Struct" => vec![("fields", structure())],
        "ListValue" => vec![("values", Type::list(Type::Dyn))],
        "Value" => vec![
            ("null_value", Type::Null),
            ("number_value", Type::Double),
            ("string_value", Type::String),
            ("bool_value", Type::Bool),
            ("struct_value", structure()),
            ("list_value", Type::list(Type::Dyn)),
        ],
        "Timestamp" | "Duration" => vec![("seconds", Type::Int), ("nanos", Type::Int)],
        "Any" => vec![("type_url", Type::String), ("value", Type::Bytes)],
        _ => return None,
    })
}
