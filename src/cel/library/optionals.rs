//! Values that may be absent.
//!
//! The selection and index operators of optionals are the evaluator's own.

use super::{Call, Outcome, Row, failed, overload};
use crate::cel::value::Value;

pub(super) const FUNCTIONS: &[Row] = &[
    ("optional.of", &["(A) optional(A)"], of),
    ("optional.ofNonZeroValue", &["(A) optional(A)"], of_non_zero),
    ("optional.none", &["() optional(A)"], none),
    ("value", &["optional(A).() A"], value),
    ("hasValue", &["optional(A).() bool"], has_value),
    ("or", &["optional(A).(optional(A)) optional(A)"], or),
    ("orValue", &["optional(A).(A) A"], or_value),
    ("optional.unwrap", &["(list(optional(A))) list(A)"], unwrap),
    ("unwrapOpt", &["list(optional(A)).() list(A)"], unwrap),
];

fn of(call: &mut Call<'_>, arguments: &[Value]) -> Outcome {
    match arguments {
        [value] => Ok(Value::some(value.clone())),
        _ => overload(call.name, arguments),
    }
}

fn of_non_zero(call: &mut Call<'_>, arguments: &[Value]) -> Outcome {
    match arguments {
        [value] if value.is_zero() => Ok(Value::Optional(None)),
        _ => of(call, arguments),
    }
}

fn none(_: &mut Call<'_>, _: &[Value]) -> Outcome {
    Ok(Value::Optional(None))
}

fn value(call: &mut Call<'_>, arguments: &[Value]) -> Outcome {
    match arguments {
        [Value::Optional(Some(value))] => Ok((**value).clone()),
        [Value::Optional(None)] => failed("optional.none() dereference"),
        _ => overload(call.name, arguments),
    }
}

fn has_value(call: &mut Call<'_>, arguments: &[Value]) -> Outcome {
    match arguments {
        [Value::Optional(value)] => Ok(Value::Bool(value.is_some())),
        _ => overload(call.name, arguments),
    }
}

fn or(call: &mut Call<'_>, arguments: &[Value]) -> Outcome {
    match arguments {
        [Value::Optional(None), other] => Ok(other.clone()),
        [found @ Value::Optional(Some(_)), _] => Ok(found.clone()),
        _ => overload(call.name, arguments),
    }
}

fn or_value(call: &mut Call<'_>, arguments: &[Value]) -> Outcome {
    match arguments {
        [Value::Optional(None), other] => Ok(other.clone()),
        [Value::Optional(Some(value)), _] => Ok((**value).clone()),
        _ => overload(call.name, arguments),
    }
}

fn unwrap(call: &mut Call<'_>, arguments: &[Value]) -> Outcome {
    let [Value::List(items)] = arguments else {
        return overload(call.name, arguments);
    };
    let mut found = Vec::new();
    for item in items.iter() {
        match item {
            Value::Optional(Some(value)) => found.push((**value).clone()),
            Value::Optional(None) => {}
            _ => return overload(call.name, arguments),
        }
    }
    Ok(Value::list(found))
}
