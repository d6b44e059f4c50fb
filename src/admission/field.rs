//! The field of the object that a failed expression is about, as far as that can be told.

use std::sync::Arc;

use serde_json::Value;

use super::environment::VARIABLES;
use super::policy::Policy;
use crate::cel::{Activation, Program, Reading};

/// How many variables are followed for one expression: they may refer to each other again and again.
const FOLLOWED: usize = 100;

/// Returns the pointer of the deepest field that the failed part of an expression read and that exists.
pub(super) fn find(policy: &Policy, program: &Program, activation: &Activation<'_>, object: &Value) -> Option<String> {
    let mut open: Vec<Reading> = program.blame(activation);
    open.reverse();
    let mut best: Option<(usize, String)> = None;
    for _ in 0..FOLLOWED {
        let Some(path) = open.pop() else {
            break;
        };
        if &*path.root == "object" {
            let found = existing(object, &path.steps);
            if best.as_ref().is_none_or(|best| found.0 > best.0) {
                best = Some(found);
            }
        } else if let Some(variable) = variable(policy, &path.root) {
            match variable.origin(activation, &path.steps) {
                Some(path) => open.push(path),
                None => open.extend(variable.blame(activation).into_iter().rev()),
            }
        }
    }
    best.map(|(_, pointer)| pointer).filter(|pointer| !pointer.is_empty())
}

fn variable<'a>(policy: &'a Policy, root: &str) -> Option<&'a Program> {
    let name = root.strip_prefix(VARIABLES)?;
    let variable = policy.variables.iter().find(|variable| variable.name == name)?;
    variable.program.as_ref().ok()
}

/// Walks as far as there is something; returns how far, and the pointer.
fn existing(object: &Value, steps: &[Arc<str>]) -> (usize, String) {
    let mut at = object;
    let mut pointer = String::new();
    for (depth, step) in steps.iter().enumerate() {
        let next = match at {
            Value::Object(fields) => fields.get(&**step),
            Value::Array(items) => step.parse::<usize>().ok().and_then(|index| items.get(index)),
            _ => None,
        };
        let Some(next) = next else {
            return (depth, pointer);
        };
        at = next;
        pointer.push('/');
        pointer.push_str(&step.replace('~', "~0").replace('/', "~1"));
    }
    (steps.len(), pointer)
}
