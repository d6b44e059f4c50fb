//! Operators, and what every value answers to.
//!
//! Arithmetic is checked; a comparison of numbers of different kinds is exact.

use std::cmp::Ordering;
use std::sync::Arc;

use super::{Call, Outcome, Row, failed, overload};
use crate::cel::value::Value;

const ORDERED: &[&str] = &[
    "(bool, bool) bool",
    "(int, int) bool",
    "(int, double) bool",
    "(int, uint) bool",
    "(uint, uint) bool",
    "(uint, double) bool",
    "(uint, int) bool",
    "(double, double) bool",
    "(double, int) bool",
    "(double, uint) bool",
    "(string, string) bool",
    "(bytes, bytes) bool",
    "(timestamp, timestamp) bool",
    "(duration, duration) bool",
];

pub(super) const FUNCTIONS: &[Row] = &[
    ("_?_:_", &["(bool, A, A) A"], unused),
    ("!_", &["(bool) bool"], not),
    ("-_", &["(double) double", "(int) int"], negate),
    ("_==_", &["(A, A) bool"], equal),
    ("_!=_", &["(A, A) bool"], equal),
    ("_<_", ORDERED, compare),
    ("_<=_", ORDERED, compare),
    ("_>_", ORDERED, compare),
    ("_>=_", ORDERED, compare),
    (
        "_+_",
        &[
            "(bytes, bytes) bytes",
            "(double, double) double",
            "(duration, duration) duration",
            "(duration, timestamp) timestamp",
            "(timestamp, duration) timestamp",
            "(int, int) int",
            "(list(A), list(A)) list(A)",
            "(string, string) string",
            "(uint, uint) uint",
        ],
        add,
    ),
    (
        "_-_",
        &[
            "(double, double) double",
            "(duration, duration) duration",
            "(int, int) int",
            "(timestamp, duration) timestamp",
            "(timestamp, timestamp) duration",
            "(uint, uint) uint",
        ],
        subtract,
    ),
    (
        "_*_",
        &["(double, double) double", "(int, int) int", "(uint, uint) uint"],
        multiply,
    ),
    (
        "_/_",
        &["(double, double) double", "(int, int) int", "(uint, uint) uint"],
        divide,
    ),
    ("_%_", &["(int, int) int", "(uint, uint) uint"], remainder),
    (
        "_[_]",
        &[
            "(list(A), int) A",
            "(map(A, B), A) B",
            "(optional(list(A)), int) optional(A)",
            "(optional(map(A, B)), A) optional(B)",
        ],
        unused,
    ),
    (
        "_[?_]",
        &[
            "(list(A), int) optional(A)",
            "(optional(list(A)), int) optional(A)",
            "(map(A, B), A) optional(B)",
            "(optional(map(A, B)), A) optional(B)",
        ],
        unused,
    ),
    ("@in", &["(A, list(A)) bool", "(A, map(A, B)) bool"], within),
    (
        "size",
        &[
            "(bytes) int",
            "bytes.() int",
            "(list(A)) int",
            "list(A).() int",
            "(map(A, B)) int",
            "map(A, B).() int",
            "(string) int",
            "string.() int",
        ],
        size,
    ),
    ("type", &["(A) type(A)"], type_of),
    ("dyn", &["(A) dyn"], same),
];

/// What the evaluator does itself.
fn unused(call: &mut Call<'_>, arguments: &[Value]) -> Outcome {
    overload(call.name, arguments)
}

fn same(call: &mut Call<'_>, arguments: &[Value]) -> Outcome {
    match arguments {
        [value] => Ok(value.clone()),
        _ => overload(call.name, arguments),
    }
}

fn type_of(call: &mut Call<'_>, arguments: &[Value]) -> Outcome {
    match arguments {
        [value] => Ok(Value::Type(value.type_name().into())),
        _ => overload(call.name, arguments),
    }
}

fn not(call: &mut Call<'_>, arguments: &[Value]) -> Outcome {
    match arguments {
        [Value::Bool(flag)] => Ok(Value::Bool(!flag)),
        _ => overload(call.name, arguments),
    }
}

fn integer(result: Option<i64>) -> Outcome {
    result.map(Value::Int).map_or_else(|| failed("integer overflow"), Ok)
}

fn unsigned(result: Option<u64>) -> Outcome {
    result
        .map(Value::Uint)
        .map_or_else(|| failed("unsigned integer overflow"), Ok)
}

fn negate(call: &mut Call<'_>, arguments: &[Value]) -> Outcome {
    match arguments {
        [Value::Int(number)] => integer(number.checked_neg()),
        [Value::Double(number)] => Ok(Value::Double(-number)),
        _ => overload(call.name, arguments),
    }
}

fn add(call: &mut Call<'_>, arguments: &[Value]) -> Outcome {
    use crate::cel::time::Duration;
    match arguments {
        [Value::Int(left), Value::Int(right)] => integer(left.checked_add(*right)),
        [Value::Uint(left), Value::Uint(right)] => unsigned(left.checked_add(*right)),
        [Value::Double(left), Value::Double(right)] => Ok(Value::Double(left + right)),
        [Value::String(left), Value::String(right)] => {
            call.work.spend(left.len() + right.len())?;
            Ok(Value::text([&**left, &**right].concat()))
        }
        [Value::Bytes(left), Value::Bytes(right)] => {
            call.work.spend(left.len() + right.len())?;
            Ok(Value::Bytes([&**left, &**right].concat().into()))
        }
        [Value::List(left), Value::List(right)] => {
            call.work.spend(left.len() + right.len())?;
            let mut items = left.to_vec();
            for item in right.iter() {
                let known = call.work.find(&left.identity, &items, item)?;
                match known.and_then(|at| items.get_mut(at)) {
                    Some(known) => *known = item.clone(),
                    None => items.push(item.clone()),
                }
            }
            Ok(Value::list_of(items, left.identity.clone()))
        }
        [Value::Timestamp(moment), Value::Duration(length)] | [Value::Duration(length), Value::Timestamp(moment)] => {
            let sum = moment.plus(*length).map(Value::Timestamp);
            sum.map_or_else(|| failed("timestamp overflow"), Ok)
        }
        [Value::Duration(left), Value::Duration(right)] => {
            let sum = left.0.checked_add(right.0).map(|sum| Value::Duration(Duration(sum)));
            sum.map_or_else(|| failed("duration overflow"), Ok)
        }
        _ => overload(call.name, arguments),
    }
}

fn subtract(call: &mut Call<'_>, arguments: &[Value]) -> Outcome {
    use crate::cel::time::Duration;
    match arguments {
        [Value::Int(left), Value::Int(right)] => integer(left.checked_sub(*right)),
        [Value::Uint(left), Value::Uint(right)] => unsigned(left.checked_sub(*right)),
        [Value::Double(left), Value::Double(right)] => Ok(Value::Double(left - right)),
        [Value::Timestamp(moment), Value::Duration(length)] => {
            let difference = moment.minus(*length).map(Value::Timestamp);
            difference.map_or_else(|| failed("timestamp overflow"), Ok)
        }
        [Value::Timestamp(left), Value::Timestamp(right)] => {
            let difference = left.since(*right).map(Value::Duration);
            difference.map_or_else(|| failed("duration overflow"), Ok)
        }
        [Value::Duration(left), Value::Duration(right)] => {
            let difference = left.0.checked_sub(right.0).map(|sum| Value::Duration(Duration(sum)));
            difference.map_or_else(|| failed("duration overflow"), Ok)
        }
        _ => overload(call.name, arguments),
    }
}

fn multiply(call: &mut Call<'_>, arguments: &[Value]) -> Outcome {
    match arguments {
        [Value::Int(left), Value::Int(right)] => integer(left.checked_mul(*right)),
        [Value::Uint(left), Value::Uint(right)] => unsigned(left.checked_mul(*right)),
        [Value::Double(left), Value::Double(right)] => Ok(Value::Double(left * right)),
        _ => overload(call.name, arguments),
    }
}

fn divide(call: &mut Call<'_>, arguments: &[Value]) -> Outcome {
    match arguments {
        [Value::Int(_), Value::Int(0)] | [Value::Uint(_), Value::Uint(0)] => failed("division by zero"),
        [Value::Int(left), Value::Int(right)] => integer(left.checked_div(*right)),
        [Value::Uint(left), Value::Uint(right)] => unsigned(left.checked_div(*right)),
        [Value::Double(left), Value::Double(right)] => Ok(Value::Double(left / right)),
        _ => overload(call.name, arguments),
    }
}

fn remainder(call: &mut Call<'_>, arguments: &[Value]) -> Outcome {
    match arguments {
        [Value::Int(_), Value::Int(0)] | [Value::Uint(_), Value::Uint(0)] => failed("modulus by zero"),
        [Value::Int(left), Value::Int(right)] => integer(left.checked_rem(*right)),
        [Value::Uint(left), Value::Uint(right)] => unsigned(left.checked_rem(*right)),
        _ => overload(call.name, arguments),
    }
}

fn equal(call: &mut Call<'_>, arguments: &[Value]) -> Outcome {
    let [left, right] = arguments else {
        return overload(call.name, arguments);
    };
    let equal = call.work.equal(left, right)?;
    Ok(Value::Bool(equal == (call.name == "_==_")))
}

fn compare(call: &mut Call<'_>, arguments: &[Value]) -> Outcome {
    let [left, right] = arguments else {
        return overload(call.name, arguments);
    };
    let nan = |value: &Value| matches!(value, Value::Double(number) if number.is_nan());
    let Some(order) = left.order(right) else {
        return match crate::cel::value::numeric(left, right) {
            Some(_) if nan(left) || nan(right) => failed("NaN values cannot be ordered"),
            _ => overload(call.name, arguments),
        };
    };
    Ok(Value::Bool(match call.name {
        "_<_" => order == Ordering::Less,
        "_<=_" => order != Ordering::Greater,
        "_>_" => order == Ordering::Greater,
        _ => order != Ordering::Less,
    }))
}

fn within(call: &mut Call<'_>, arguments: &[Value]) -> Outcome {
    match arguments {
        [item, Value::List(items)] => call.work.contains(items, item).map(Value::Bool),
        [key, Value::Map(map)] => Ok(Value::Bool(map.get(key).is_some())),
        _ => overload("@in", arguments),
    }
}

fn size(call: &mut Call<'_>, arguments: &[Value]) -> Outcome {
    match arguments {
        [value @ (Value::String(_) | Value::Bytes(_) | Value::List(_) | Value::Map(_))] => {
            Ok(Value::Int(i64::try_from(value.size()).unwrap_or(i64::MAX)))
        }
        _ => overload(call.name, arguments),
    }
}

/// Looks into a list or a map.
pub(in crate::cel) fn index(of: &Value, at: &Value) -> Result<Option<Value>, String> {
    match of {
        Value::List(items) => {
            let position = match at {
                Value::Int(number) => usize::try_from(*number).ok(),
                Value::Uint(number) => usize::try_from(*number).ok(),
                Value::Double(number) if number.fract() == 0.0 => usize::try_from(*number as i64).ok(),
                _ => return Err(format!("unsupported index type '{}' in list", at.type_name())),
            };
            Ok(position.and_then(|position| items.get(position)).cloned())
        }
        Value::Map(map) => match at {
            Value::Bool(_) | Value::Int(_) | Value::Uint(_) | Value::Double(_) | Value::String(_) => {
                Ok(map.get(at).cloned())
            }
            _ => Err(format!("unsupported key type: {}", at.type_name())),
        },
        Value::Optional(Some(inner)) => Ok(index(inner, at)?.map(|value| Value::Optional(Some(Arc::new(value))))),
        _ => Err("no such overload".to_owned()),
    }
}
