//! Functions of lists: those of the language's extension and those of Kubernetes.
//!
//! Lists that grow are counted as work.

use std::cmp::Ordering;

use super::{Call, Outcome, Row, failed, overload, strings};
use crate::cel::error::EvalError;
use crate::cel::time::Duration;
use crate::cel::value::Value;

pub(super) const FUNCTIONS: &[Row] = &[
    ("slice", &["list(A).(int, int) list(A)"], slice),
    (
        "flatten",
        &["list(list(A)).() list(A)", "list(dyn).(int) list(dyn)"],
        flatten,
    ),
    (
        "sort",
        &[
            "list(int).() list(int)",
            "list(uint).() list(uint)",
            "list(double).() list(double)",
            "list(bool).() list(bool)",
            "list(duration).() list(duration)",
            "list(timestamp).() list(timestamp)",
            "list(string).() list(string)",
            "list(bytes).() list(bytes)",
        ],
        sort,
    ),
    (
        "@sortByAssociatedKeys",
        &[
            "list(A).(list(int)) list(A)",
            "list(A).(list(uint)) list(A)",
            "list(A).(list(double)) list(A)",
            "list(A).(list(bool)) list(A)",
            "list(A).(list(duration)) list(A)",
            "list(A).(list(timestamp)) list(A)",
            "list(A).(list(string)) list(A)",
            "list(A).(list(bytes)) list(A)",
        ],
        sort,
    ),
    ("lists.range", &["(int) list(int)"], range),
    ("reverse", &["list(A).() list(A)"], reverse),
    ("distinct", &["list(A).() list(A)"], distinct),
    ("first", &["list(A).() optional(A)"], end),
    ("last", &["list(A).() optional(A)"], end),
    (
        "isSorted",
        &[
            "list(int).() bool",
            "list(uint).() bool",
            "list(double).() bool",
            "list(bool).() bool",
            "list(duration).() bool",
            "list(timestamp).() bool",
            "list(string).() bool",
            "list(bytes).() bool",
        ],
        is_sorted,
    ),
    (
        "sum",
        &[
            "list(int).() int",
            "list(uint).() uint",
            "list(double).() double",
            "list(duration).() duration",
        ],
        sum,
    ),
    ("min", ORDERED, extreme),
    ("max", ORDERED, extreme),
    (
        "indexOf",
        &["string.(string) int", "string.(string, int) int", "list(A).(A) int"],
        index_of,
    ),
    (
        "lastIndexOf",
        &["string.(string) int", "string.(string, int) int", "list(A).(A) int"],
        index_of,
    ),
];

const ORDERED: &[&str] = &[
    "list(int).() int",
    "list(uint).() uint",
    "list(double).() double",
    "list(bool).() bool",
    "list(duration).() duration",
    "list(timestamp).() timestamp",
    "list(string).() string",
    "list(bytes).() bytes",
];

fn slice(call: &mut Call<'_>, arguments: &[Value]) -> Outcome {
    let [Value::List(items), Value::Int(start), Value::Int(end)] = arguments else {
        return overload(call.name, arguments);
    };
    let (start, end) = (*start, *end);
    let (Ok(from), Ok(to)) = (usize::try_from(start), usize::try_from(end)) else {
        return failed(format!("cannot slice({start}, {end}), negative indexes not supported"));
    };
    if from > to {
        return failed(format!(
            "cannot slice({start}, {end}), start index must be less than or equal to end index"
        ));
    }
    match items.get(from..to) {
        Some(part) => {
            call.work.spend(part.len())?;
            Ok(Value::list(part.to_vec()))
        }
        None => failed(format!("cannot slice({start}, {end}), list is length {}", items.len())),
    }
}

fn flatten(call: &mut Call<'_>, arguments: &[Value]) -> Outcome {
    let (items, depth) = match arguments {
        [Value::List(items)] => (items, 1),
        [Value::List(items), Value::Int(depth)] => (items, *depth),
        _ => return overload(call.name, arguments),
    };
    if depth < 0 {
        return failed("level must be non-negative");
    }
    // A list nests no deeper than the expression that built it or the document it came from.
    fn collect(call: &mut Call<'_>, items: &[Value], depth: i64, into: &mut Vec<Value>) -> Result<(), EvalError> {
        call.work.spend(items.len())?;
        for item in items {
            match item {
                Value::List(inner) if depth > 0 => collect(call, inner, depth - 1, into)?,
                _ => into.push(item.clone()),
            }
        }
        Ok(())
    }
    let mut flat = Vec::new();
    collect(call, items, depth, &mut flat)?;
    Ok(Value::list(flat))
}

fn sort(call: &mut Call<'_>, arguments: &[Value]) -> Outcome {
    let (items, keys) = match arguments {
        [Value::List(items)] => (items, items),
        [Value::List(items), Value::List(keys)] if items.len() == keys.len() => (items, keys),
        _ => return overload(call.name, arguments),
    };
    call.work.spend(items.len().saturating_mul(8))?;
    let Some(first) = keys.first() else {
        return Ok(Value::List(items.clone()));
    };
    if first.order(first).is_none() && !matches!(first, Value::Double(_)) {
        return failed("list elements must be comparable");
    }
    if keys.iter().any(|key| key.type_name() != first.type_name()) {
        return failed("list elements must have the same type");
    }
    let mut pairs: Vec<(&Value, &Value)> = keys.iter().zip(items.iter()).collect();
    pairs.sort_by(|left, right| total_order(left.0, right.0));
    Ok(Value::list(pairs.into_iter().map(|(_, item)| item.clone()).collect()))
}

/// An order that no value falls out of; `NaN` is last.
fn total_order(left: &Value, right: &Value) -> Ordering {
    match (left, right) {
        (Value::Double(left), Value::Double(right)) => match left.partial_cmp(right) {
            Some(order) => order,
            None => left.is_nan().cmp(&right.is_nan()),
        },
        _ => left.order(right).unwrap_or(Ordering::Equal),
    }
}

fn range(call: &mut Call<'_>, arguments: &[Value]) -> Outcome {
    let [Value::Int(end)] = arguments else {
        return overload(call.name, arguments);
    };
    call.work.spend(usize::try_from(*end).unwrap_or(0))?;
    Ok(Value::list((0..*end).map(Value::Int).collect()))
}

fn reverse(call: &mut Call<'_>, arguments: &[Value]) -> Outcome {
    let [Value::List(items)] = arguments else {
        return overload(call.name, arguments);
    };
    call.work.spend(items.len())?;
    Ok(Value::list(items.iter().rev().cloned().collect()))
}

fn distinct(call: &mut Call<'_>, arguments: &[Value]) -> Outcome {
    let [Value::List(items)] = arguments else {
        return overload(call.name, arguments);
    };
    let mut found = Vec::new();
    for item in items.iter() {
        if !call.work.contains(&found, item)? {
            found.push(item.clone());
        }
    }
    Ok(Value::list(found))
}

fn end(call: &mut Call<'_>, arguments: &[Value]) -> Outcome {
    let [Value::List(items)] = arguments else {
        return overload(call.name, arguments);
    };
    let item = if call.name == "first" {
        items.first()
    } else {
        items.last()
    };
    Ok(item.cloned().map_or(Value::Optional(None), Value::some))
}

fn is_sorted(call: &mut Call<'_>, arguments: &[Value]) -> Outcome {
    let [Value::List(items)] = arguments else {
        return overload(call.name, arguments);
    };
    for (left, right) in items.iter().zip(items.iter().skip(1)) {
        match left.order(right) {
            Some(Ordering::Greater) => return Ok(Value::Bool(false)),
            Some(_) => {}
            None => return overload("_>_", &[left.clone(), right.clone()]),
        }
    }
    Ok(Value::Bool(true))
}

fn sum(call: &mut Call<'_>, arguments: &[Value]) -> Outcome {
    let [Value::List(items)] = arguments else {
        return overload(call.name, arguments);
    };
    let mut total: Option<Value> = None;
    for item in items.iter() {
        total = Some(match (total, item) {
            (None, first) => first.clone(),
            (Some(Value::Int(left)), Value::Int(right)) => match left.checked_add(*right) {
                Some(sum) => Value::Int(sum),
                None => return failed("integer overflow"),
            },
            (Some(Value::Uint(left)), Value::Uint(right)) => match left.checked_add(*right) {
                Some(sum) => Value::Uint(sum),
                None => return failed("unsigned integer overflow"),
            },
            (Some(Value::Double(left)), Value::Double(right)) => Value::Double(left + right),
            (Some(Value::Duration(left)), Value::Duration(right)) => match left.0.checked_add(right.0) {
                Some(sum) => Value::Duration(Duration(sum)),
                None => return failed("duration overflow"),
            },
            _ => return overload(call.name, arguments),
        });
    }
    Ok(total.or(call.zero.cloned()).unwrap_or(Value::Int(0)))
}

fn extreme(call: &mut Call<'_>, arguments: &[Value]) -> Outcome {
    let [Value::List(items)] = arguments else {
        return overload(call.name, arguments);
    };
    let Some(mut found) = items.first() else {
        return failed(format!("{} called on empty list", call.name));
    };
    let wanted = if call.name == "min" {
        Ordering::Less
    } else {
        Ordering::Greater
    };
    for item in items.iter().skip(1) {
        match item.order(found) {
            Some(order) if order == wanted => found = item,
            Some(_) => {}
            None => return overload(call.name, arguments),
        }
    }
    Ok(found.clone())
}

fn index_of(call: &mut Call<'_>, arguments: &[Value]) -> Outcome {
    let [Value::List(items), wanted] = arguments else {
        return strings::index_of(call, arguments);
    };
    let mut found = -1;
    for (at, item) in items.iter().enumerate() {
        if call.work.equal(item, wanted)? {
            found = i64::try_from(at).unwrap_or(i64::MAX);
            if call.name == "indexOf" {
                break;
            }
        }
    }
    Ok(Value::Int(found))
}
