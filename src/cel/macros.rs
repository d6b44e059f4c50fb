//! Macros, expanded while parsing.
//!
//! A call with the name and the number of arguments of a macro is the macro; anything else stays a call.

use std::sync::Arc;

use super::CompileError;
use super::ast::{Bind, BindKind, Expr, Kind, Loop, LoopKind, Span};

type Expanded = Result<Expr, CompileError>;

/// A call without a receiver.
pub(super) fn global(span: Span, function: &str, mut arguments: Vec<Expr>) -> Expanded {
    if function == "has" && arguments.len() == 1 {
        return match arguments.pop().map(|argument| argument.kind) {
            Some(Kind::Select(of, field)) => Ok(Expr::new(span, Kind::Has(of, field))),
            _ => Err(CompileError::new("invalid argument to has() macro", span)),
        };
    }
    let kind = Kind::Call {
        function: function.into(),
        target: None,
        arguments,
    };
    Ok(Expr::new(span, kind))
}

/// A call with a receiver.
pub(super) fn member(span: Span, function: Arc<str>, target: Expr, arguments: Vec<Expr>) -> Expanded {
    let count = arguments.len();
    let found = match (&*function, count) {
        ("all", 2 | 3) => Some((LoopKind::All, count - 1, false)),
        ("exists", 2 | 3) => Some((LoopKind::Exists, count - 1, false)),
        ("exists_one", 2) => Some((LoopKind::ExistsOne, 1, false)),
        ("exists_one" | "existsOne", 3) => Some((LoopKind::ExistsOne, 2, false)),
        ("map", 2) => Some((LoopKind::List, 1, false)),
        ("map", 3) => Some((LoopKind::List, 1, true)),
        ("filter", 2) => return filter(span, target, arguments),
        ("transformList", 3 | 4) => Some((LoopKind::List, 2, count == 4)),
        ("transformMap", 3 | 4) => Some((LoopKind::Map, 2, count == 4)),
        ("transformMapEntry", 3 | 4) => Some((LoopKind::MapEntry, 2, count == 4)),
        _ => None,
    };
    let Some((kind, names, filtered)) = found else {
        return bind(span, function, target, arguments);
    };
    let mut arguments = arguments.into_iter();
    let refusal = match &*function {
        "map" => "argument is not an identifier",
        _ => "argument must be a simple name",
    };
    let first = variable(arguments.next(), &span, refusal)?;
    let second = match names {
        2 => Some(variable(arguments.next(), &span, refusal)?),
        _ => None,
    };
    if second.as_ref() == Some(&first) {
        return Err(CompileError::new(format!("duplicate variable name: {first}"), span));
    }
    let filter = if filtered { arguments.next() } else { None };
    let step = arguments.next().ok_or_else(|| incomplete(&span))?;
    let range = target;
    Ok(Expr::new(
        span,
        Kind::Loop(Box::new(Loop {
            kind,
            range,
            first,
            second,
            filter,
            step,
        })),
    ))
}

fn filter(span: Span, range: Expr, arguments: Vec<Expr>) -> Expanded {
    let mut arguments = arguments.into_iter();
    let name = arguments.next();
    let step = name.clone().ok_or_else(|| incomplete(&span))?;
    let first = variable(name, &span, "argument is not an identifier")?;
    let filter = arguments.next();
    let of = Loop {
        kind: LoopKind::List,
        range,
        first,
        second: None,
        filter,
        step,
    };
    Ok(Expr::new(span, Kind::Loop(Box::new(of))))
}

fn bind(span: Span, function: Arc<str>, target: Expr, arguments: Vec<Expr>) -> Expanded {
    let kind = match (&*function, arguments.len()) {
        ("optMap", 2) => BindKind::OptionalMap,
        ("optFlatMap", 2) => BindKind::OptionalFlatMap,
        ("sortBy", 2) => BindKind::SortBy,
        _ => {
            let target = Some(Box::new(target));
            return Ok(Expr::new(
                span,
                Kind::Call {
                    function,
                    target,
                    arguments,
                },
            ));
        }
    };
    if kind == BindKind::SortBy && matches!(target.kind, Kind::Literal(_) | Kind::Map(_) | Kind::Message(..)) {
        let message = "sortBy can only be applied to a list, identifier, comprehension, call or select expression";
        return Err(CompileError::new(message, span));
    }
    let mut arguments = arguments.into_iter();
    let refusal = format!("{function}() variable name must be a simple identifier");
    let name = variable(arguments.next(), &span, &refusal)?;
    let body = arguments.next().ok_or_else(|| incomplete(&span))?;
    Ok(Expr::new(
        span,
        Kind::Bind(Box::new(Bind {
            kind,
            target,
            name,
            body,
        })),
    ))
}

fn variable(argument: Option<Expr>, span: &Span, refusal: &str) -> Result<Arc<str>, CompileError> {
    let Some(argument) = argument else {
        return Err(incomplete(span));
    };
    match argument.kind {
        Kind::Identifier(name) if !name.starts_with('.') => Ok(name),
        _ => Err(CompileError::new(refusal, argument.span)),
    }
}

fn incomplete(span: &Span) -> CompileError {
    CompileError::new("the macro lacks an argument", span.clone())
}
