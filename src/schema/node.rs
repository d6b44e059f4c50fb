//! What a value may be: the one record that built-in kinds and custom resources are described by.
//!
//! Schemas live in one table and refer to each other by [`Node`], so a kind that contains itself is no special case,
//! and what many kinds share is kept once.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

use super::rule::Rule;
use crate::cel::Pattern;

/// A name or a word of the data: borrowed from the program for built-in kinds.
pub type Text = Cow<'static, str>;

/// The place of a schema in the table of its [`Schemas`](super::Schemas).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Node(u32);

/// What kind of value it is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Type {
    /// Anything.
    #[default]
    Any,
    /// A map with known fields, or with values of one kind.
    Object,
    /// A list.
    Array,
    /// A text.
    String,
    /// A whole number.
    Integer,
    /// A number.
    Number,
    /// A truth value.
    Boolean,
    /// A whole number or a text.
    IntOrString,
}

impl Type {
    /// Returns the name in JSON Schema, as the server's messages have it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Any => "any",
            Self::Object => "object",
            Self::Array => "array",
            Self::String => "string",
            Self::Integer => "integer",
            Self::Number => "number",
            Self::Boolean => "boolean",
            Self::IntOrString => "integer,string",
        }
    }
}

/// What makes two items of a list the same.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Identity {
    /// Nothing: the list is one value.
    #[default]
    Atomic,
    /// The whole item.
    Set,
    /// The values of these fields.
    Keys(Vec<Text>),
}

/// A field of an object.
#[derive(Debug, Clone)]
pub struct Field {
    /// Its name.
    pub name: Text,
    /// What its value may be.
    pub schema: Node,
    /// The first minor version of Kubernetes that has it; 0 when nothing is known of an earlier one.
    pub since: u32,
    /// The last minor version that has it.
    pub until: u32,
}

/// What a value may be.
#[derive(Debug, Clone, Default)]
pub struct Schema {
    /// What kind of value it is.
    pub of: Type,
    /// What its text or number means, `int32`, `date-time`, `quantity`; empty when anything does.
    pub format: Text,
    /// Whether it is decoded into a type of the server's own, which is where null counts as absent.
    pub is_native: bool,
    /// The fields, sorted by name.
    pub fields: Vec<Field>,
    /// The fields that must be there.
    pub required: Vec<Text>,
    /// What all other values of an object may be.
    pub values: Option<Node>,
    /// Whether any other field is kept (`x-kubernetes-preserve-unknown-fields`).
    pub is_open: bool,
    /// Whether it is a whole object with `apiVersion`, `kind` and `metadata` (`x-kubernetes-embedded-resource`).
    pub is_embedded: bool,
    /// What the items of a list may be.
    pub items: Option<Node>,
    /// What makes two items of a list the same.
    pub identity: Identity,
    /// Whether appliers own the object as one (`x-kubernetes-map-type: atomic`).
    pub is_atomic: bool,
    /// Whether null is a value.
    pub is_nullable: bool,
    /// What the server puts where nothing is.
    pub default: Option<Value>,
    /// Bounds that few schemas have.
    pub limits: Option<Box<Limits>>,
    /// Rules in CEL.
    pub rules: Vec<Rule>,
    /// Whether there are rules here, or for anything inside.
    pub is_ruled: bool,
}

/// Bounds of a value.
#[derive(Debug, Clone, Default)]
pub struct Limits {
    /// The only values.
    pub one_of_values: Vec<Value>,
    /// The least number, and whether it is excluded.
    pub minimum: Option<(f64, bool)>,
    /// The greatest number, and whether it is excluded.
    pub maximum: Option<(f64, bool)>,
    /// What a number is a multiple of.
    pub multiple_of: Option<f64>,
    /// The least and the greatest count of characters.
    pub length: (Option<u64>, Option<u64>),
    /// The least and the greatest count of items.
    pub items: (Option<u64>, Option<u64>),
    /// The least and the greatest count of fields.
    pub fields: (Option<u64>, Option<u64>),
    /// A regular expression that a text must contain.
    pub pattern: Option<Arc<Expression>>,
    /// Schemas that must all hold.
    pub all_of: Vec<Node>,
    /// Schemas of which one must hold.
    pub any_of: Vec<Node>,
    /// Schemas of which exactly one must hold.
    pub one_of: Vec<Node>,
    /// A schema that must not hold.
    pub not: Option<Node>,
}

/// A regular expression, compiled once for all schemas that have it.
#[derive(Debug)]
pub struct Expression {
    /// As it was written.
    pub source: String,
    /// Compiled, or why it cannot be.
    pub pattern: Result<Pattern, String>,
}

impl Schema {
    /// Returns a field by its name.
    pub fn field(&self, name: &str) -> Option<&Field> {
        let index = self.fields.binary_search_by(|field| (*field.name).cmp(name)).ok()?;
        self.fields.get(index)
    }
}

/// The table of all schemas.
#[derive(Debug, Default)]
pub(super) struct Nodes {
    schemas: Vec<Schema>,
    patterns: BTreeMap<String, Arc<Expression>>,
}

/// What a node without schema is; no [`Node`] of another table is ever asked for, but nothing panics if one is.
static ANYTHING: Schema = Schema {
    of: Type::Any,
    format: Cow::Borrowed(""),
    is_native: false,
    fields: Vec::new(),
    required: Vec::new(),
    values: None,
    is_open: true,
    is_embedded: false,
    items: None,
    identity: Identity::Atomic,
    is_atomic: false,
    is_nullable: true,
    default: None,
    limits: None,
    rules: Vec::new(),
    is_ruled: false,
};

impl Nodes {
    pub(super) fn get(&self, node: Node) -> &Schema {
        self.schemas.get(node.0 as usize).unwrap_or(&ANYTHING)
    }

    /// Adds a schema.
    pub(super) fn add(&mut self, schema: Schema) -> Node {
        let node = Node(u32::try_from(self.schemas.len()).unwrap_or(u32::MAX));
        self.schemas.push(schema);
        node
    }

    /// Replaces a schema, which others may already refer to.
    pub(super) fn set(&mut self, node: Node, schema: Schema) {
        if let Some(place) = self.schemas.get_mut(node.0 as usize) {
            *place = schema;
        }
    }

    /// Returns the one expression of a source.
    pub(super) fn pattern(&mut self, source: &str) -> Arc<Expression> {
        let known = self.patterns.get(source).cloned();
        known.unwrap_or_else(|| {
            let expression = Arc::new(Expression {
                source: source.to_owned(),
                pattern: Pattern::new(source),
            });
            self.patterns.insert(source.to_owned(), expression.clone());
            expression
        })
    }
}
