//! Lists compared as sets.
//!
//! The work is counted, for it grows with both lists.

use super::{Call, Outcome, Row, overload};
use crate::cel::value::Value;

pub(super) const FUNCTIONS: &[Row] = &[
    ("sets.contains", &["(list(A), list(A)) bool"], sets),
    ("sets.equivalent", &["(list(A), list(A)) bool"], sets),
    ("sets.intersects", &["(list(A), list(A)) bool"], sets),
];

fn sets(call: &mut Call<'_>, arguments: &[Value]) -> Outcome {
    let [Value::List(left), Value::List(right)] = arguments else {
        return overload(call.name, arguments);
    };
    let mut all = |within: &[Value], items: &[Value]| {
        for item in items {
            if !call.work.contains(within, item)? {
                return Ok(false);
            }
        }
        Ok(true)
    };
    let holds = match call.name {
        "sets.contains" => all(left, right)?,
        "sets.equivalent" => all(left, right)? && all(right, left)?,
        _ => {
            let mut found = false;
            for item in left.iter() {
                found = found || call.work.contains(right, item)?;
            }
            found
        }
    };
    Ok(Value::Bool(holds))
}
