//! The evaluation of one policy on one object with one parameter: conditions, validations, messages, annotations.
//!
//! Budgets, laziness and what an error leads to are the server's; an answer that needs the authorizer is unknown.

use std::cell::{Cell, OnceCell, RefCell};

use serde_json::Value as Json;

use super::environment::{self, USER, VARIABLES};
use super::policy::{Expression, Policy};
use super::resources::Resource;
use super::rules::Target;
use super::{Operation, Outcome};
use crate::cel::{Activation, Budget, CALL_LIMIT, ErrorKind, EvalError, Program, Value};

/// What the validations of a policy may cost together.
const BUDGET: u64 = 10_000_000;
/// What the conditions of a policy may cost together.
const CONDITIONS_BUDGET: u64 = BUDGET / 4;
/// How long the result of a message expression may be, in bytes.
const LONGEST_MESSAGE: usize = 5 * 1024;

/// What is against an object.
pub(super) struct Decision {
    pub(super) outcome: Outcome,
    pub(super) message: String,
    pub(super) validation: Option<usize>,
    pub(super) field: Option<String>,
    /// Whether it denies, whatever the binding's actions are.
    pub(super) always: bool,
}

impl Decision {
    pub(super) fn failed(message: impl Into<String>, validation: Option<usize>) -> Self {
        Self {
            outcome: Outcome::Failed,
            message: message.into(),
            validation,
            field: None,
            always: false,
        }
    }
}

/// The values of one request, made when a policy first needs them and kept for the others.
pub(super) struct Inputs<'a> {
    pub(super) target: &'a Target<'a>,
    namespace: Option<&'a Json>,
    object: OnceCell<Value>,
    old: OnceCell<Value>,
    request: OnceCell<Value>,
    namespace_object: OnceCell<Value>,
}

impl<'a> Inputs<'a> {
    pub(super) fn new(target: &'a Target<'a>, namespace: Option<&'a Json>) -> Self {
        Self {
            target,
            namespace,
            object: OnceCell::new(),
            old: OnceCell::new(),
            request: OnceCell::new(),
            namespace_object: OnceCell::new(),
        }
    }

    fn object(&self) -> Value {
        self.object.get_or_init(|| Value::from(self.target.object)).clone()
    }

    fn old(&self) -> Value {
        let old = match self.target.operation {
            Operation::Create => None,
            Operation::Update => self.target.old,
        };
        self.old.get_or_init(|| old.map_or(Value::Null, Value::from)).clone()
    }

    fn request(&self, matched: &Resource) -> Value {
        let make = || Value::from(&environment::request(self.target, matched));
        match matched == self.target.resource {
            true => self.request.get_or_init(make).clone(),
            false => make(),
        }
    }

    fn namespace_object(&self) -> Value {
        let make = || Value::from(&environment::namespace_object(self.target, self.namespace));
        self.namespace_object.get_or_init(make).clone()
    }
}

/// Judges an object that the policy and a binding match.
pub(super) fn evaluate(policy: &Policy, matched: &Resource, inputs: &Inputs<'_>, params: &Value) -> Vec<Decision> {
    let frame = |budget| Frame::new(policy, matched, inputs, params, budget);
    let conditions = conditions(
        policy,
        &Frame {
            in_conditions: true,
            ..frame(CONDITIONS_BUDGET)
        },
    );
    let certain = match conditions {
        Conditions::Skip => return Vec::new(),
        Conditions::Failed(message) => return policy.failure(message, None).into_iter().collect(),
        Conditions::Hold => true,
        Conditions::Unknown => false,
    };
    let all = || {
        let mut decisions = validations(policy, &frame(BUDGET))?;
        decisions.extend(annotations(policy, &frame(BUDGET))?);
        Ok(decisions)
    };
    let mut decisions = match all() {
        Ok(decisions) => decisions,
        Err(OutOfBudget) => policy.failure(OUT_OF_BUDGET, None).into_iter().collect(),
    };
    if !certain {
        decisions
            .iter_mut()
            .for_each(|decision| decision.outcome = Outcome::Unknown);
    }
    decisions
}

const OUT_OF_BUDGET: &str =
    "validation failed due to running out of cost budget, no further validation rules will be run";

struct OutOfBudget;

enum Conditions {
    Hold,
    Skip,
    Failed(String),
    Unknown,
}

/// One false condition skips the policy, whatever else failed before it.
fn conditions(policy: &Policy, frame: &Frame<'_>) -> Conditions {
    let mut errors = Vec::new();
    let mut unknown = false;
    for condition in &policy.conditions {
        match frame.run(condition) {
            Ok(Ok(Value::Bool(false))) => return Conditions::Skip,
            Ok(Ok(_)) => {}
            Ok(Err(error)) if error.kind() == ErrorKind::Unknown => unknown = true,
            Ok(Err(error)) => errors.push(error.to_string()),
            Err(OutOfBudget) if policy.fails => return Conditions::Failed(OUT_OF_BUDGET.to_owned()),
            Err(OutOfBudget) => return Conditions::Skip,
        }
    }
    match errors.as_slice() {
        [] if unknown => Conditions::Unknown,
        [] => Conditions::Hold,
        _ if !policy.fails => Conditions::Skip,
        _ if unknown => Conditions::Unknown,
        [error] => Conditions::Failed(error.clone()),
        errors => Conditions::Failed(format!("[{}]", errors.join(", "))),
    }
}

fn validations(policy: &Policy, frame: &Frame<'_>) -> Result<Vec<Decision>, OutOfBudget> {
    let mut results = Vec::with_capacity(policy.validations.len());
    for validation in &policy.validations {
        results.push(frame.run(&validation.check)?);
    }
    let all_hold = results.iter().all(|result| matches!(result, Ok(Value::Bool(true))));
    if all_hold && frame.left.get() >= policy.messages_cost() {
        return Ok(Vec::new());
    }
    // The server evaluates the messages of all validations, also of those that hold.
    let messages = frame.again();
    let mut texts = Vec::with_capacity(results.len());
    let mut exhausted = false;
    for validation in &policy.validations {
        let text = validation.message_expression.as_ref().map(|text| messages.run(text));
        exhausted |= matches!(text, Some(Err(OutOfBudget)));
        texts.push(text);
        if exhausted {
            break;
        }
    }
    let mut decisions = Vec::new();
    for (index, (validation, result)) in policy.validations.iter().zip(results).enumerate() {
        let decision = match result {
            Err(error) if error.kind() == ErrorKind::Unknown => Some(Decision {
                outcome: Outcome::Unknown,
                ..Decision::failed(error.message(), Some(index))
            }),
            Err(error) => policy.failure(error.to_string(), Some(index)),
            Ok(_) if exhausted => policy.failure(format!("failed messageExpression: {OUT_OF_BUDGET}"), Some(index)),
            Ok(Value::Bool(true)) => None,
            Ok(_) => {
                let text = texts.get_mut(index).and_then(Option::take);
                let message = text.and_then(Result::ok).and_then(Result::ok).and_then(usable);
                let own = (!validation.message.is_empty()).then(|| validation.message.clone());
                let message = message
                    .or(own)
                    .unwrap_or_else(|| format!("failed expression: {}", validation.check.text.trim()));
                Some(Decision {
                    outcome: Outcome::Refused,
                    ..Decision::failed(message, Some(index))
                })
            }
        };
        decisions.extend(decision);
    }
    Ok(decisions)
}

/// A message that is empty, too long or of several lines is not used.
fn usable(message: Value) -> Option<String> {
    let Value::String(text) = message else {
        return None;
    };
    let text = text.trim();
    (!text.is_empty() && text.len() <= LONGEST_MESSAGE && !text.contains('\n')).then(|| text.to_owned())
}

/// An annotation that cannot be made denies, whatever the actions of the binding are.
fn annotations(policy: &Policy, frame: &Frame<'_>) -> Result<Vec<Decision>, OutOfBudget> {
    let mut decisions = Vec::new();
    for annotation in &policy.annotations {
        let Err(error) = frame.run(annotation)? else {
            continue;
        };
        let decision = match error.kind() {
            ErrorKind::Unknown => Some(Decision {
                outcome: Outcome::Unknown,
                ..Decision::failed(error.message(), None)
            }),
            _ => policy.failure(error.to_string(), None),
        };
        decisions.extend(decision.map(|decision| Decision {
            always: true,
            ..decision
        }));
    }
    Ok(decisions)
}

impl Policy {
    /// What comes of an error under the failure policy.
    pub(super) fn failure(&self, message: impl Into<String>, validation: Option<usize>) -> Option<Decision> {
        self.fails.then(|| Decision::failed(message, validation))
    }

    /// The most that the messages can cost: below it, the messages of what holds need not be evaluated.
    fn messages_cost(&self) -> u64 {
        let messages = self.validations.iter().filter(|of| of.message_expression.is_some());
        let expressions = match messages.count() {
            0 => 0,
            messages => messages + self.variables.len(),
        };
        u64::try_from(expressions)
            .unwrap_or(u64::MAX)
            .saturating_mul(CALL_LIMIT)
    }
}

/// The variables of a policy for some of its expressions: each is evaluated at most once, and paid for by the
/// expression that first needs it.
struct Frame<'a> {
    policy: &'a Policy,
    matched: &'a Resource,
    inputs: &'a Inputs<'a>,
    params: &'a Value,
    in_conditions: bool,
    memo: RefCell<Vec<Option<Result<Value, EvalError>>>>,
    /// What variables cost since the last expression ended.
    owed: Cell<u64>,
    left: Cell<u64>,
}

impl<'a> Frame<'a> {
    fn new(policy: &'a Policy, matched: &'a Resource, inputs: &'a Inputs<'a>, params: &'a Value, budget: u64) -> Self {
        Self {
            policy,
            matched,
            inputs,
            params,
            in_conditions: false,
            memo: RefCell::new(vec![None; policy.variables.len()]),
            owed: Cell::new(0),
            left: Cell::new(budget),
        }
    }

    /// A frame of new variables and what is left of the budget.
    fn again(&self) -> Self {
        Self::new(self.policy, self.matched, self.inputs, self.params, self.left.get())
    }

    fn run(&self, expression: &Expression) -> Result<Result<Value, EvalError>, OutOfBudget> {
        let program = match &expression.program {
            Ok(program) => program,
            Err(error) => return Ok(Err(EvalError::failed(format!("compilation error: {error}")))),
        };
        let (outcome, cost) = self.eval(program);
        let cost = cost.saturating_add(self.owed.take());
        self.left.set(self.left.get().checked_sub(cost).ok_or(OutOfBudget)?);
        Ok(outcome.map_err(|error| match error.kind() {
            ErrorKind::Unknown => error,
            _ => EvalError::failed(format!("expression '{}' resulted in error: {error}", expression.text)),
        }))
    }

    fn eval(&self, program: &Program) -> (Result<Value, EvalError>, u64) {
        let lazy = |name: &str| self.find(name);
        let mut budget = Budget::new(u64::MAX);
        let outcome = program.eval(&Activation::new().lazily(&lazy), &mut budget);
        (outcome, budget.spent())
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
                let (outcome, cost) = self.eval(program);
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
        if let Some(slot) = self.memo.borrow_mut().get_mut(place) {
            *slot = Some(outcome.clone());
        }
        Some(outcome)
    }
}
