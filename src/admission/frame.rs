//! The values that expressions ask for: each is made when it is first needed, and paid for by who needed it.

use std::cell::{Cell, OnceCell, RefCell};

use serde_json::Value as Json;

use super::environment::{self, USER, VARIABLES};
use super::field;
use super::policy::{Expression, Policy};
use super::resources::Resource;
use super::rules::Target;
use crate::cel::{Activation, Budget, ErrorKind, EvalError, Program, Value};

/// The budget does not suffice for an expression.
pub(super) struct OutOfBudget;

/// The values of one request, made when a policy first needs them and kept for the others.
pub(super) struct Inputs<'a> {
    pub(super) target: &'a Target<'a>,
    namespace: Option<&'a Json>,
    object: OnceCell<Value>,
    old: OnceCell<Value>,
    request: OnceCell<Value>,
    namespace_object: OnceCell<Value>,
    /// The conditions and variables that policies have in common, with what each costs.
    shared: Vec<OnceCell<(Result<Value, EvalError>, u64)>>,
}

impl<'a> Inputs<'a> {
    /// Starts without values; so many expressions are shared by policies.
    pub(super) fn new(target: &'a Target<'a>, namespace: Option<&'a Json>, shared: usize) -> Self {
        Self {
            target,
            namespace,
            object: OnceCell::new(),
            old: OnceCell::new(),
            request: OnceCell::new(),
            namespace_object: OnceCell::new(),
            shared: (0..shared).map(|_| OnceCell::new()).collect(),
        }
    }

    fn object(&self) -> Value {
        self.object.get_or_init(|| Value::from(self.target.object)).clone()
    }

    fn old(&self) -> Value {
        let old = || self.target.old.map_or(Value::Null, Value::from);
        self.old.get_or_init(old).clone()
    }

    fn request(&self, matched: &Resource) -> Value {
        let make = || Value::from(&environment::request(self.target, matched));
        match matched == self.target.resource {
            true => self.request.get_or_init(make).clone(),
            false => make(),
        }
    }

    fn namespace_object(&self) -> Value {
        let make = || environment::namespace_object(self.target, self.namespace);
        self.namespace_object.get_or_init(make).clone()
    }
}

/// The variables of a policy for some of its expressions: each is evaluated at most once, and paid for by the
/// expression that first needs it.
pub(super) struct Frame<'a> {
    policy: &'a Policy,
    matched: &'a Resource,
    inputs: &'a Inputs<'a>,
    params: &'a Value,
    in_conditions: bool,
    memo: RefCell<Vec<Option<Result<Value, EvalError>>>>,
    /// What variables cost since the last expression ended.
    owed: Cell<u64>,
    pub(super) left: Cell<u64>,
}

impl<'a> Frame<'a> {
    pub(super) fn new(
        policy: &'a Policy,
        matched: &'a Resource,
        inputs: &'a Inputs<'a>,
        params: &'a Value,
        budget: u64,
    ) -> Self {
        Self {
            policy,
            matched,
            inputs,
            params,
            in_conditions: false,
            memo: RefCell::default(),
            owed: Cell::new(0),
            left: Cell::new(budget),
        }
    }

    /// The same as conditions see it: the server has not looked for the namespace yet.
    pub(super) fn for_conditions(self) -> Self {
        Self {
            in_conditions: true,
            ..self
        }
    }

    /// A frame of new variables and what is left of the budget.
    pub(super) fn again(&self) -> Self {
        Self::new(self.policy, self.matched, self.inputs, self.params, self.left.get())
    }

    pub(super) fn run(&self, expression: &Expression) -> Result<Result<Value, EvalError>, OutOfBudget> {
        let program = match &expression.program {
            Ok(program) => program,
            Err(error) => return Ok(Err(EvalError::failed(format!("compilation error: {error}")))),
        };
        let (outcome, cost) = self.evaluated(expression, program);
        let cost = cost.saturating_add(self.owed.take());
        self.left.set(self.left.get().checked_sub(cost).ok_or(OutOfBudget)?);
        Ok(outcome.map_err(|error| match error.kind() {
            ErrorKind::Unknown => error,
            _ => EvalError::failed(format!("expression '{}' resulted in error: {error}", expression.text)),
        }))
    }

    /// The value of an expression and its cost: what policies have in common is evaluated once.
    fn evaluated(&self, expression: &Expression, program: &Program) -> (Result<Value, EvalError>, u64) {
        let eval = || self.eval(program);
        let known = expression.shared.and_then(|place| self.inputs.shared.get(place));
        known.map_or_else(eval, |known| known.get_or_init(eval).clone())
    }

    fn eval(&self, program: &Program) -> (Result<Value, EvalError>, u64) {
        let mut budget = Budget::new(u64::MAX);
        let outcome = self.with(|activation| program.eval(activation, &mut budget));
        (outcome, budget.spent())
    }

    fn with<T>(&self, action: impl FnOnce(&Activation<'_>) -> T) -> T {
        let lazy = |name: &str| self.find(name);
        action(&Activation::new().lazily(&lazy))
    }

    /// Returns the field that a failed validation is about.
    pub(super) fn field(&self, index: Option<usize>) -> Option<String> {
        let program = self.policy.validations.get(index?)?.check.program.as_ref().ok()?;
        self.with(|activation| field::find(self.policy, program, activation, self.inputs.target.object))
    }

    fn find(&self, name: &str) -> Option<Result<Value, EvalError>> {
        let value = match name {
            "object" => self.inputs.object(),
            "oldObject" => self.inputs.old(),
            "params" => self.params.clone(),
            "request" => self.inputs.request(self.matched),
            "namespaceObject" if self.in_conditions => Value::Null,
            "namespaceObject" => self.inputs.namespace_object(),
            USER => {
                let message = "who makes the request is known only in the cluster";
                return Some(Err(EvalError::unknown(message)));
            }
            _ => return self.variable(name.strip_prefix(VARIABLES)?),
        };
        Some(Ok(value))
    }

    /// An expression knows only the variables before it, so none can ask for itself.
    fn variable(&self, name: &str) -> Option<Result<Value, EvalError>> {
        let mut variables = self.policy.variables.iter().enumerate();
        let (place, variable) = variables.find(|(_, variable)| variable.name == name)?;
        if let Some(known) = self.memo.borrow().get(place).cloned().flatten() {
            return Some(known);
        }
        let outcome = match &variable.program {
            Ok(program) => {
                let (outcome, cost) = self.evaluated(variable, program);
                self.owed.set(self.owed.get().saturating_add(cost));
                outcome.map_err(|error| match error.kind() {
                    ErrorKind::Unknown => error,
                    _ => EvalError::failed(format!("composited variable \"{name}\" fails to evaluate: {error}")),
                })
            }
            Err(error) => Err(EvalError::failed(format!(
                "composited variable \"{name}\" fails to compile: {error}"
            ))),
        };
        let mut memo = self.memo.borrow_mut();
        if memo.len() <= place {
            memo.resize(place + 1, None);
        }
        if let Some(slot) = memo.get_mut(place) {
            *slot = Some(outcome.clone());
        }
        Some(outcome)
    }
}
