//! The evaluator.
//!
//! Errors are values to `&&`, `||` and the macros, as the language wants it; cost and work are metered at every step.

mod blame;
mod loops;

use std::collections::BTreeMap;
use std::sync::Arc;

use super::ast::{BindKind, LoopKind};
use super::cost::{self, CALL_LIMIT, Work};
use super::error::{ErrorKind, EvalError};
use super::library::{Call, FUNCTIONS, Outcome, authorizer, failed, operators, overload};
use super::messages;
use super::node::{BindNode, CallNode, LoopNode, Node};
use super::value::{Key, Map, Value};

pub(super) use blame::Blame;
pub use blame::Reading;

/// Finds the value of a variable when it is first needed.
pub type Lazy<'a> = dyn Fn(&str) -> Option<Result<Value, EvalError>> + 'a;

/// The values of variables.
#[derive(Default)]
pub struct Activation<'a> {
    values: BTreeMap<Arc<str>, Value>,
    lazy: Option<&'a Lazy<'a>>,
}

impl<'a> Activation<'a> {
    /// Starts without variables.
    pub fn new() -> Self {
        Self::default()
    }

    /// Gives a variable its value.
    pub fn set(&mut self, name: &str, value: Value) {
        self.values.insert(name.into(), value);
    }

    /// Gives a variable its value, for chains of calls.
    #[must_use]
    pub fn with(mut self, name: &str, value: Value) -> Self {
        self.set(name, value);
        self
    }

    /// Asks for what has no value here; whoever answers remembers the answer.
    #[must_use]
    pub fn lazily(mut self, lazy: &'a Lazy<'a>) -> Self {
        self.lazy = Some(lazy);
        self
    }

    fn find(&self, name: &str) -> Outcome {
        if let Some(value) = self.values.get(name) {
            return Ok(value.clone());
        }
        match self.lazy.and_then(|lazy| lazy(name)) {
            Some(outcome) => outcome,
            None => failed(format!("no such attribute(s): {name}")),
        }
    }
}

/// One evaluation.
pub(super) struct Run<'a> {
    activation: &'a Activation<'a>,
    work: Work,
    cost: u64,
    locals: Vec<Value>,
}

impl<'a> Run<'a> {
    pub(super) fn new(activation: &'a Activation<'a>) -> Self {
        Self {
            activation,
            work: Work::new(),
            cost: 0,
            locals: Vec::new(),
        }
    }

    pub(super) fn cost(&self) -> u64 {
        self.cost
    }

    fn charge(&mut self, cost: u64) -> Result<(), EvalError> {
        self.cost = self.cost.saturating_add(cost);
        self.work.spend(1)?;
        match self.cost > CALL_LIMIT {
            true => Err(cost::too_expensive()),
            false => Ok(()),
        }
    }

    pub(super) fn evaluate(&mut self, node: &Node) -> Outcome {
        match node {
            Node::Constant(value) => Ok(value.clone()),
            Node::Variable(name) => {
                self.charge(1)?;
                self.activation.find(name)
            }
            Node::Unknown => Err(authorizer::unknown_error()),
            Node::Local(at) => {
                self.charge(1)?;
                let value = self.locals.get(*at).cloned();
                value.ok_or_else(|| EvalError::failed("no such attribute"))
            }
            Node::Select { of, field, optional } => self.select(of, field, *optional),
            Node::Has { of, field } => self.has(of, field),
            Node::Index { of, at, optional } => self.index(of, at, *optional),
            Node::Ternary(parts) => {
                let [condition, yes, no] = &**parts;
                match self.evaluate(condition)? {
                    Value::Bool(true) => self.branch(yes),
                    Value::Bool(false) => self.branch(no),
                    _ => failed("no such overload"),
                }
            }
            Node::OptionalOr(parts, wrapped) => {
                let [first, second] = &**parts;
                match self.evaluate(first)? {
                    Value::Optional(None) => self.evaluate(second),
                    found @ Value::Optional(Some(_)) if *wrapped => Ok(found),
                    Value::Optional(Some(found)) => Ok((*found).clone()),
                    _ => failed("no such overload"),
                }
            }
            Node::Present(of) => self.evaluate(of).map(|_| Value::Bool(true)),
            Node::And(parts) => self.logic(parts, false),
            Node::Or(parts) => self.logic(parts, true),
            Node::Call(call) => self.call(call),
            Node::List(items) => self.list(items),
            Node::Map(entries) => self.map(entries),
            Node::Message(message) => {
                let mut fields = Vec::with_capacity(message.fields.len());
                for (optional, name, node) in &message.fields {
                    let value = self.evaluate(node)?;
                    if let Some(value) = present(*optional, value)? {
                        fields.push((name.clone(), value));
                    }
                }
                self.charge(40)?;
                messages::build(&message.name, &fields)
            }
            Node::Loop(of) => self.repeat(of),
            Node::Bind(of) => self.bind(of),
        }
    }

    /// The server does not count the beginning of a path in a branch of a conditional.
    fn branch(&mut self, node: &Node) -> Outcome {
        let outcome = self.evaluate(node);
        if node.is_path() {
            self.cost = self.cost.saturating_sub(1);
        }
        outcome
    }

    /// Evaluates what a path begins with or goes on from; the last step itself is counted by the caller.
    fn operand(&mut self, of: &Node) -> Outcome {
        let outcome = self.evaluate(of);
        if !of.is_path() {
            self.charge(1)?;
        }
        outcome
    }

    fn select(&mut self, of: &Node, field: &Arc<str>, optional: bool) -> Outcome {
        let (value, optional) = match self.operand(of)? {
            Value::Optional(None) => return Ok(Value::Optional(None)),
            Value::Optional(Some(value)) => ((*value).clone(), true),
            value => (value, optional),
        };
        let found = match &value {
            Value::Map(map) => map.field(field),
            Value::List(_) => {
                self.charge(1)?;
                return failed("unsupported index type 'string' in list");
            }
            _ => None,
        };
        self.found(found.cloned(), optional, || format!("no such key: {field}"))
    }

    /// The end of a step of a path: an absent optional step costs nothing.
    fn found(&mut self, found: Option<Value>, optional: bool, missing: impl FnOnce() -> String) -> Outcome {
        if found.is_none() && optional {
            return Ok(Value::Optional(None));
        }
        self.charge(1)?;
        match found {
            Some(found) if optional => Ok(Value::some(found)),
            Some(found) => Ok(found),
            None => failed(missing()),
        }
    }

    fn has(&mut self, of: &Node, field: &str) -> Outcome {
        let outcome = self.operand(of);
        // A test is free on the server: it gives back what the beginning of the path cost.
        self.cost = self.cost.saturating_sub(1);
        let value = match outcome? {
            Value::Optional(None) => {
                self.charge(u64::from(!of.is_optional()))?;
                return Ok(Value::Bool(false));
            }
            Value::Optional(Some(value)) => (*value).clone(),
            value => value,
        };
        self.charge(1)?;
        match value {
            Value::Map(map) => Ok(Value::Bool(map.field(field).is_some())),
            Value::List(_) => failed("unsupported index type 'string' in list"),
            _ => Ok(Value::Bool(false)),
        }
    }

    fn index(&mut self, of: &Node, at: &Node, optional: bool) -> Outcome {
        let value = self.operand(of)?;
        let at_constant = at.constant();
        let at = self.evaluate(at)?;
        let (value, optional) = match value {
            Value::Optional(None) => return Ok(Value::Optional(None)),
            Value::Optional(Some(value)) => ((*value).clone(), true),
            value => (value, optional),
        };
        let found = match operators::index(&value, &at) {
            Ok(found) => found,
            Err(message) => {
                self.charge(1)?;
                return failed(message);
            }
        };
        // A step that is computed is counted when it succeeds.
        if at_constant.is_none() && found.is_none() {
            self.cost = self.cost.saturating_sub(u64::from(!optional));
        }
        self.found(found, optional, || {
            let place = super::library::shown(&at);
            match value {
                Value::List(_) => format!("index out of bounds: {place}"),
                _ => format!("no such key: {place}"),
            }
        })
    }

    /// `&&` ends with `false` and `||` with `true`, whatever else failed.
    fn logic(&mut self, parts: &[Node], end: bool) -> Outcome {
        let mut error: Option<EvalError> = None;
        for part in parts {
            match self.evaluate(part) {
                Ok(Value::Bool(found)) if found == end => return Ok(Value::Bool(end)),
                Ok(Value::Bool(_)) => {}
                Ok(_) => error = error.or(Some(EvalError::failed("no such overload"))),
                Err(found) if found.is_final() => return Err(found),
                Err(found) => error = Some(worse(error, found)),
            }
        }
        error.map_or(Ok(Value::Bool(!end)), Err)
    }

    fn call(&mut self, call: &CallNode) -> Outcome {
        let mut arguments = Vec::with_capacity(call.arguments.len());
        let mut error: Option<EvalError> = None;
        for node in &call.arguments {
            match self.evaluate(node) {
                Ok(value) => arguments.push(value),
                Err(found) if found.is_final() => return Err(found),
                Err(found) => error = error.or(Some(found)),
            }
            // The server evaluates both sides of a binary call before it looks at them.
            if error.is_some() && call.arguments.len() > 2 {
                break;
            }
        }
        if let Some(error) = error {
            self.charge(1)?;
            return Err(error);
        }
        let name = call.function.name;
        let mut context = Call {
            name,
            work: &mut self.work,
            pattern: call.pattern.as_ref(),
            seen: Some(&call.seen),
            zero: call.zero.as_ref(),
        };
        // The server stops before it begins what is too long a search.
        if matches!(name, "matches" | "find" | "findAll") {
            let result = Value::Null;
            let cost = cost::call(name, call.exact, &arguments, &result);
            if self.cost.saturating_add(cost) > CALL_LIMIT {
                return Err(cost::too_expensive());
            }
        }
        let outcome = (call.function.run)(&mut context, &arguments);
        let result = outcome.as_ref().unwrap_or(&Value::Null);
        let cost = if call.free {
            0
        } else {
            cost::call(name, call.exact, &arguments, result)
        };
        self.charge(cost)?;
        outcome
    }

    fn list(&mut self, nodes: &[(bool, Node)]) -> Outcome {
        let mut items = Vec::with_capacity(nodes.len());
        for (optional, node) in nodes {
            let value = self.evaluate(node)?;
            items.extend(present(*optional, value)?);
        }
        self.charge(10)?;
        Ok(Value::list(items))
    }

    fn map(&mut self, entries: &[(bool, Node, Node)]) -> Outcome {
        let mut map = Map::default();
        for (optional, key, node) in entries {
            let key = self.evaluate(key)?;
            let value = self.evaluate(node)?;
            let Some(value) = present(*optional, value)? else {
                continue;
            };
            let key = Key::of(&key).ok_or_else(|| unsupported(&key))?;
            map.replace(key, value);
        }
        self.charge(30)?;
        Ok(Value::Map(Arc::new(map)))
    }
}

/// What is unknown counts more than what failed.
fn worse(before: Option<EvalError>, found: EvalError) -> EvalError {
    match before {
        Some(before) if found.kind() != ErrorKind::Unknown => before,
        _ => found,
    }
}

/// A member marked with `?` is there only if its optional has a value.
fn present(optional: bool, value: Value) -> Result<Option<Value>, EvalError> {
    match value {
        Value::Optional(inner) if optional => Ok(inner.map(|inner| (*inner).clone())),
        other if optional => Err(EvalError::failed(format!(
            "cannot initialize optional entry from non-optional value of type {}",
            other.type_name()
        ))),
        other => Ok(Some(other)),
    }
}

fn unsupported(key: &Value) -> EvalError {
    EvalError::failed(format!("unsupported key type: {}", key.type_name()))
}

fn insert(map: &mut Map, key: &Value, value: Value) -> Result<(), EvalError> {
    let entry = Key::of(key).ok_or_else(|| unsupported(key))?;
    match map.get(key).is_none() && map.insert(entry, value) {
        true => Ok(()),
        false => Err(EvalError::failed(format!(
            "insert failed: key {} already exists",
            super::library::shown(key)
        ))),
    }
}
