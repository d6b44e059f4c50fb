//! The evaluation of one policy on one object with one parameter: conditions, validations, messages, annotations.
//!
//! Budgets, laziness and what an error leads to are the server's; an answer that needs the authorizer is unknown.

use super::Outcome;
use super::frame::{Frame, Inputs, OutOfBudget};
use super::policy::Policy;
use super::resources::Resource;
use crate::cel::{CALL_LIMIT, ErrorKind, Value};

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

/// Judges an object that the policy and a binding match.
pub(super) fn evaluate(policy: &Policy, matched: &Resource, inputs: &Inputs<'_>, params: &Value) -> Vec<Decision> {
    let frame = |budget| Frame::new(policy, matched, inputs, params, budget);
    let conditions = conditions(policy, &frame(CONDITIONS_BUDGET).for_conditions());
    let certain = match conditions {
        Conditions::Skip => return Vec::new(),
        Conditions::Failed(message) => return policy.failure(message, None).into_iter().collect(),
        Conditions::Hold => true,
        Conditions::Unknown => false,
    };
    let all = || {
        let mut decisions = validations(policy, &frame(BUDGET))?;
        if !policy.annotations.is_empty() {
            decisions.extend(annotations(policy, &frame(BUDGET))?);
        }
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
    for decision in &mut decisions {
        decision.field = frame.field(decision.validation);
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
