//! The type checker: a syntax tree becomes nodes, or a list of errors.
//!
//! All errors of an expression are found at once; after an error, what it concerns has every type.

mod aggregates;
mod calls;

use std::sync::Arc;

use super::ast::{Bind, BindKind, Expr, Kind, Loop, LoopKind, Span};
use super::declarations::Declarations;
use super::error::CompileError;
use super::library::patterns::Seen;
use super::library::{FUNCTIONS, message_type, named_type};
use super::node::{BindNode, CallNode, LoopNode, MessageNode, Node, message_fields};
use super::parser::dotted;
use super::types::Type;
use super::unify::{Types, instantiate, most_general};
use super::validators::{Found, validate};
use super::value::{Key, Map, Value};

/// A checked part: how to evaluate it, and its type.
type Part = (Node, Type);

/// Checks an expression.
pub(super) fn check(expr: &Expr, declarations: &Declarations) -> Result<Part, Vec<CompileError>> {
    check_with(expr, declarations, Types::default())
}

/// Checks an expression for what would fail when it is evaluated; the rest of what the server's checker says is not said.
pub(super) fn check_leniently(expr: &Expr, declarations: &Declarations) -> Result<Type, Vec<CompileError>> {
    let types = Types::lenient(declarations.objects());
    check_with(expr, declarations, types).map(|(_, found)| found)
}

fn check_with(expr: &Expr, declarations: &Declarations, types: Types) -> Result<Part, Vec<CompileError>> {
    let mut checker = Checker {
        declarations,
        types,
        scope: Vec::new(),
        errors: Vec::new(),
        found: Found::default(),
        formats: 0,
    };
    let (node, found) = checker.check(expr);
    let found = checker.types.resolve(&found, true);
    if checker.types.exhausted() {
        checker.errors = vec![CompileError::new(
            "the types of the expression are too large",
            expr.span.clone(),
        )];
    }
    if checker.errors.is_empty() {
        let Checker {
            types, found, errors, ..
        } = &mut checker;
        validate(found, types, errors);
    }
    match checker.errors.is_empty() {
        true => Ok((node, found)),
        false => {
            checker.errors.sort_by_key(|error| error.span.start);
            Err(checker.errors)
        }
    }
}

pub(super) struct Checker<'a> {
    pub(super) declarations: &'a Declarations,
    pub(super) types: Types,
    /// The variables of the macros around.
    scope: Vec<(Arc<str>, Type)>,
    errors: Vec<CompileError>,
    pub(super) found: Found,
    /// How many calls of `format` are around.
    formats: usize,
}

impl Checker<'_> {
    pub(super) fn error(&mut self, span: &Span, message: impl Into<String>) -> Part {
        self.errors.push(CompileError::new(message, span.clone()));
        (Node::Unknown, Type::Error)
    }

    fn mismatch(&mut self, span: &Span, expected: &Type, found: &Type) {
        let (expected, found) = (
            self.types.resolve(expected, true).described(),
            self.types.resolve(found, true).described(),
        );
        self.error(span, format!("expected type '{expected}' but found '{found}'"));
    }

    fn undeclared(&mut self, span: &Span, name: &str) -> Part {
        let part = self.error(span, format!("undeclared reference to '{name}' (in container '')"));
        let known = self.declarations.variables().map(|(known, _)| known);
        let local = self.scope.iter().map(|(local, _)| &**local);
        let functions = FUNCTIONS.keys().copied();
        let suggestion = closest(name, known.chain(local).chain(functions));
        if let Some(error) = self.errors.last_mut() {
            error.suggestion = suggestion;
        }
        part
    }

    pub(super) fn check(&mut self, expr: &Expr) -> Part {
        let span = &expr.span;
        match &expr.kind {
            Kind::Literal(value) => (Node::Constant(value.clone()), literal_type(value)),
            Kind::Identifier(name) => self.identifier(span, name),
            Kind::Select(of, field) => self.select(expr, of, field),
            Kind::OptionalSelect(of, field) => {
                if let Some((node, found)) = self.declared(of, field)
                    && let Some(function) = FUNCTIONS.get("optional.of")
                {
                    let call = CallNode {
                        function,
                        arguments: vec![node],
                        exact: true,
                        pattern: None,
                        seen: Seen::default(),
                        free: true,
                        zero: None,
                    };
                    return (Node::Call(Box::new(call)), Type::optional(found));
                }
                let (node, found) = self.field(span, of, field, true);
                (
                    Node::Select {
                        of: Box::new(node),
                        field: field.clone(),
                        optional: true,
                    },
                    found,
                )
            }
            Kind::Has(of, field) => {
                if let Some((node, _)) = self.declared(of, field) {
                    return (Node::Present(Box::new(node)), Type::Bool);
                }
                let (node, _) = self.field(span, of, field, false);
                (
                    Node::Has {
                        of: Box::new(node),
                        field: field.clone(),
                    },
                    Type::Bool,
                )
            }
            Kind::Call {
                function,
                target,
                arguments,
            } => self.call(span, function, target.as_deref(), arguments),
            Kind::And(parts) => (Node::And(self.conditions(parts)), Type::Bool),
            Kind::Or(parts) => (Node::Or(self.conditions(parts)), Type::Bool),
            Kind::List(items) => self.list(items),
            Kind::Map(entries) => self.map(entries),
            Kind::Message(name, fields) => self.message(span, name, fields),
            Kind::Loop(of) => self.repeat(span, of),
            Kind::Bind(of) => self.bind(span, of),
        }
    }

    fn variable(&self, name: &str) -> Option<Part> {
        let absolute = name.strip_prefix('.');
        if absolute.is_none() {
            let local = self
                .scope
                .iter()
                .enumerate()
                .rev()
                .find(|(_, (local, _))| **local == *name);
            if let Some((at, (_, found))) = local {
                return Some((Node::Local(at), found.clone()));
            }
        }
        let name = absolute.unwrap_or(name);
        if let Some(found) = self.declarations.variable_type(name) {
            let unknown = matches!(found, Type::Object(name) if &**name == "kubernetes.authorization.Authorizer" || &**name == "kubernetes.authorization.ResourceCheck");
            let node = if unknown {
                Node::Unknown
            } else {
                Node::Variable(name.into())
            };
            return Some((node, found.clone()));
        }
        let named = named_type(name)?;
        let value = Value::Type(named.value_name());
        Some((Node::Constant(value), Type::Type(named.into())))
    }

    /// A field that is declared as a variable with a dot in its name.
    fn declared(&self, of: &Expr, field: &str) -> Option<Part> {
        let name = format!("{}.{field}", dotted(of)?);
        self.declarations.variable_type(&name)?;
        self.variable(&name)
    }

    fn identifier(&mut self, span: &Span, name: &str) -> Part {
        match self.variable(name) {
            Some((Node::Local(_), found)) if self.is_type(&found) => self.unusable(span, name),
            Some(part) => part,
            None => self.undeclared(span, name),
        }
    }

    pub(super) fn is_type(&mut self, found: &Type) -> bool {
        matches!(self.types.resolve(found, false), Type::Type(_))
    }

    /// The server takes the variable of a macro for the name of a type when its value is a type.
    pub(super) fn unusable(&mut self, span: &Span, name: &str) -> Part {
        self.error(span, format!("reference to undefined type: {name}"))
    }

    fn select(&mut self, expr: &Expr, of: &Expr, field: &Arc<str>) -> Part {
        if let Some(part) = dotted(expr).and_then(|name| self.variable(&name)) {
            return part;
        }
        let (node, found) = self.field(&expr.span, of, field, false);
        (
            Node::Select {
                of: Box::new(node),
                field: field.clone(),
                optional: false,
            },
            found,
        )
    }

    fn field(&mut self, span: &Span, of: &Expr, field: &str, optional: bool) -> Part {
        let (node, found) = self.check(of);
        let found = self.types.resolve(&found, false);
        let (target, optional) = match &found {
            Type::Optional(inner) => ((**inner).clone(), true),
            _ => (found, optional),
        };
        let result = match &target {
            Type::Map(of) => of.1.clone(),
            Type::Object(name) => match self.declarations.field(name, field) {
                Some(found) => found.clone(),
                None => self.undefined(span, name, field),
            },
            Type::Variable(_) => {
                self.types.assignable(&Type::Dyn, &target);
                Type::Dyn
            }
            Type::Dyn | Type::Error | Type::Any => Type::Dyn,
            other => {
                self.error(
                    span,
                    format!("type '{}' does not support field selection", other.described()),
                );
                Type::Dyn
            }
        };
        (node, if optional { Type::optional(result) } else { result })
    }

    fn undefined(&mut self, span: &Span, object: &str, field: &str) -> Type {
        self.error(span, format!("undefined field '{field}'"));
        let suggestion = closest(field, self.declarations.fields(object));
        if let Some(error) = self.errors.last_mut() {
            error.suggestion = suggestion;
        }
        Type::Error
    }

    fn conditions(&mut self, parts: &[Expr]) -> Vec<Node> {
        let mut nodes = Vec::with_capacity(parts.len());
        for part in parts {
            let (node, found) = self.check(part);
            self.condition(&part.span, &found);
            nodes.push(node);
        }
        nodes
    }

    fn condition(&mut self, span: &Span, found: &Type) {
        if !self.types.assignable(found, &Type::Bool) {
            self.mismatch(span, &Type::Bool, found);
        }
    }
}

fn indexing(nodes: Vec<Node>, optional: bool) -> Option<Node> {
    let [of, at] = <[Node; 2]>::try_from(nodes).ok()?;
    Some(Node::Index {
        of: Box::new(of),
        at: Box::new(at),
        optional,
    })
}

fn literal_type(value: &Value) -> Type {
    match value {
        Value::Bool(_) => Type::Bool,
        Value::Int(_) => Type::Int,
        Value::Uint(_) => Type::Uint,
        Value::Double(_) => Type::Double,
        Value::String(_) => Type::String,
        Value::Bytes(_) => Type::Bytes,
        _ => Type::Null,
    }
}

/// The name that was probably meant.
fn closest<'n>(name: &str, known: impl Iterator<Item = &'n str>) -> Option<String> {
    let scored = known.map(|known| (strsim::jaro_winkler(name, known), known));
    let best = scored
        .filter(|(score, _)| *score > 0.85)
        .max_by(|left, right| left.0.total_cmp(&right.0))?;
    Some(best.1.to_owned())
}
