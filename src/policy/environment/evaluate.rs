//! The evaluation of one policy on one environment's facts.
//!
//! An expression that fails is told from a demand that is not met, and costs are limited as admission limits them.

use std::collections::BTreeMap;

use super::compile::{Compiled, Validation};
use crate::cel::{Activation, Budget, ErrorKind, EvalError, Value};

/// What all expressions of a policy may cost together on one environment, as on the server.
const BUDGET: u64 = 10_000_000;

/// The longest message that an expression may make, in bytes, as on the server.
const LONGEST_MESSAGE: usize = 5 << 10;

/// The values of the variables of expressions, by name.
pub(super) type Facts = BTreeMap<&'static str, Value>;

/// The values of a policy's own variables by name, each with the JSON pointer of its expression.
type Variables<'a> = BTreeMap<&'a str, (Result<Value, EvalError>, &'a str)>;

/// What came of a validation.
#[derive(Debug)]
pub(super) enum Outcome<'a> {
    /// The demand is not met; the message says why.
    Broken(&'a Validation, String),
    /// An expression, by JSON pointer, has no value. A message that fails is replaced by the plain one.
    Failed {
        pointer: &'a str,
        error: EvalError,
        message: bool,
    },
}

impl Compiled {
    /// Evaluates all validations; those that hold say nothing.
    pub(super) fn evaluate(&self, facts: &Facts) -> Vec<Outcome<'_>> {
        let mut budget = Budget::new(BUDGET);
        let mut variables = Variables::new();
        for variable in &self.variables {
            let known = |name: &str| find(name, facts, &variables);
            let outcome = variable.program.eval(&Activation::new().lazily(&known), &mut budget);
            variables.insert(&variable.name, (outcome, &variable.pointer));
        }
        let known = |name: &str| find(name, facts, &variables);
        let activation = Activation::new().lazily(&known);
        let mut outcomes = Vec::new();
        for validation in &self.validations {
            match validation.program.eval(&activation, &mut budget) {
                Ok(Value::Bool(true)) => {}
                Ok(_) => {
                    let (message, failure) = validation.said(&activation, &mut budget);
                    outcomes.extend(failure);
                    outcomes.push(Outcome::Broken(validation, message));
                }
                Err(error) => {
                    let is_cause =
                        |(value, _): &&(Result<Value, EvalError>, &str)| value.as_ref().err() == Some(&error);
                    let cause = variables.values().find(is_cause).map(|(_, pointer)| *pointer);
                    let pointer = cause.unwrap_or(&validation.pointer);
                    let last = error.kind() == ErrorKind::Budget;
                    outcomes.push(Outcome::Failed {
                        pointer,
                        error,
                        message: false,
                    });
                    if last {
                        break;
                    }
                }
            }
        }
        outcomes
    }
}

impl Validation {
    /// What is said when the demand is not met, and what failed when the message was made.
    fn said(&self, activation: &Activation<'_>, budget: &mut Budget) -> (String, Option<Outcome<'_>>) {
        let plain = || self.message.clone();
        let Some((program, pointer)) = &self.message_expression else {
            return (plain(), None);
        };
        let failed = |error| {
            let message = true;
            Outcome::Failed {
                pointer,
                error,
                message,
            }
        };
        match program.eval(activation, budget) {
            Ok(Value::String(text)) => {
                let text = text.trim();
                let usable = !text.is_empty() && !text.contains('\n') && text.len() <= LONGEST_MESSAGE;
                match usable {
                    true => (text.to_owned(), None),
                    false => {
                        let error = EvalError::failed("the message is empty, too long or of several lines");
                        (plain(), Some(failed(error)))
                    }
                }
            }
            Ok(_) => (plain(), None),
            Err(error) => (plain(), Some(failed(error))),
        }
    }
}

/// Finds a fact, or a variable among those that were evaluated.
fn find(name: &str, facts: &Facts, variables: &Variables<'_>) -> Option<Result<Value, EvalError>> {
    let fact = facts.get(name).map(|value| Ok(value.clone()));
    fact.or_else(|| variables.get(name).map(|(value, _)| value.clone()))
}
