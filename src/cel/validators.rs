//! What the server checks once the types of an expression are right.
//!
//! Literal durations, timestamps and patterns must be valid, the members of a literal must be of one type, and a
//! format must fit its arguments.

use super::ast::{Expr, Kind, Span};
use super::error::CompileError;
use super::library::formatting::{Piece, pieces};
use super::library::patterns::Pattern;
use super::time::{Duration, Timestamp};
use super::types::Type;
use super::unify::Types;
use super::value::Value;

/// What was found on the way that is to be validated.
#[derive(Default)]
pub(super) struct Found {
    pub(super) lists: Vec<Vec<(Type, Span)>>,
    pub(super) maps: Vec<Vec<[(Type, Span); 2]>>,
    /// The members of the literal list checked last.
    pub(super) last: Vec<(Type, Span)>,
    literals: Vec<(&'static str, Value, Span)>,
    formats: Vec<Format>,
}

struct Format {
    text: String,
    span: Span,
    arguments: Vec<(Type, Span)>,
}

impl Found {
    /// Remembers a call with what the validators look at.
    pub(super) fn call(&mut self, name: &'static str, target: Option<&Expr>, arguments: &[Expr]) {
        let first = arguments.first();
        if matches!(name, "duration" | "timestamp" | "matches")
            && let Some(Expr {
                kind: Kind::Literal(value),
                span,
                ..
            }) = first
        {
            self.literals.push((name, value.clone(), span.clone()));
        }
        let (Some(target), Some(Kind::List(_))) = (target, first.map(|first| &first.kind)) else {
            return;
        };
        if let ("format", Kind::Literal(Value::String(text))) = (name, &target.kind) {
            let arguments = std::mem::take(&mut self.last);
            self.formats.push(Format {
                text: text.to_string(),
                span: target.span.clone(),
                arguments,
            });
        }
    }
}

/// Runs all validators.
pub(super) fn validate(found: &mut Found, types: &mut Types, errors: &mut Vec<CompileError>) {
    for (name, value, span) in &found.literals {
        if !valid_literal(name, value) {
            errors.push(CompileError::new(format!("invalid {name} argument"), span.clone()));
        }
    }
    let mut mismatch = |span: &Span, expected: &Type, found: &Type| {
        let message = format!(
            "expected type '{}' but found '{}'",
            expected.described(),
            found.described()
        );
        errors.push(CompileError::new(message, span.clone()));
    };
    if types.is_lenient() {
        found.lists.clear();
        found.maps.clear();
    }
    for list in &found.lists {
        let mut of: Option<Type> = None;
        for (found, span) in list {
            let found = types.resolve(found, true);
            match &of {
                None => of = Some(found),
                Some(of) if of.is(&found) => {}
                Some(of) => {
                    mismatch(span, of, &found);
                    break;
                }
            }
        }
    }
    for map in &found.maps {
        let mut of: Option<[Type; 2]> = None;
        for entry in map {
            let found = [types.resolve(&entry[0].0, true), types.resolve(&entry[1].0, true)];
            let Some(of) = &of else {
                of = Some(found);
                continue;
            };
            for ((of, found), (_, span)) in of.iter().zip(&found).zip(entry) {
                if !of.is(found) {
                    mismatch(span, of, found);
                }
            }
        }
    }
    for format in &found.formats {
        if let Some(error) = refusal(format, types) {
            errors.push(error);
        }
    }
}

fn valid_literal(name: &str, value: &Value) -> bool {
    match (name, value) {
        ("duration", Value::String(text)) => Duration::parse(text).is_some(),
        ("timestamp", Value::String(text)) => Timestamp::parse(text).is_some(),
        ("timestamp", Value::Int(seconds)) => Timestamp::from_seconds(*seconds).is_some(),
        ("matches", Value::String(pattern)) => Pattern::new(pattern).is_ok(),
        _ => true,
    }
}

fn refusal(format: &Format, types: &mut Types) -> Option<CompileError> {
    let refuse = |message: String| Some(CompileError::new(message, format.span.clone()));
    let pieces = match pieces(&format.text) {
        Ok(pieces) => pieces,
        Err(reason) => return refuse(reason),
    };
    let mut used = 0;
    for piece in pieces {
        let Piece::Clause(clause) = piece else {
            continue;
        };
        let Some((found, span)) = format.arguments.get(used) else {
            return refuse(format!("index {used} out of range"));
        };
        used += 1;
        let found = types.resolve(found, true);
        if !found.is_dyn()
            && let Some(refusal) = clause.refuses(&found.value_name())
        {
            return Some(CompileError::new(refusal, span.clone()));
        }
    }
    let given = format.arguments.len();
    if given > used {
        return refuse(format!(
            "too many arguments supplied to string.format (expected {used}, got {given})"
        ));
    }
    None
}
