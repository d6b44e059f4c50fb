//! The well-known messages of protocol buffers, built by an expression.
//!
//! A wrapper is the value it wraps; numbers of JSON are floating point.

use std::sync::Arc;

use super::library::{Outcome, failed};
use super::time::{Duration, Timestamp};
use super::value::{Map, Value};

/// Builds a message.
pub(super) fn build(name: &str, fields: &[(Arc<str>, Value)]) -> Outcome {
    let field = |name: &str| {
        fields
            .iter()
            .rev()
            .find(|(field, _)| **field == *name)
            .map(|(_, value)| value)
    };
    let value = field("value").filter(|value| !matches!(value, Value::Null)).cloned();
    let number = |name: &str| match field(name) {
        Some(Value::Int(number)) => *number,
        _ => 0,
    };
    match name.strip_prefix("google.protobuf.").unwrap_or(name) {
        "BoolValue" => Ok(value.unwrap_or(Value::Bool(false))),
        "BytesValue" => Ok(value.unwrap_or_else(|| Value::Bytes([].into()))),
        "DoubleValue" => Ok(value.unwrap_or(Value::Double(0.0))),
        "FloatValue" => match value {
            Some(Value::Double(number)) => Ok(Value::Double(f64::from(number as f32))),
            _ => Ok(Value::Double(0.0)),
        },
        "Int64Value" => Ok(value.unwrap_or(Value::Int(0))),
        "UInt64Value" => Ok(value.unwrap_or(Value::Uint(0))),
        "Int32Value" => match value {
            Some(Value::Int(number)) if i32::try_from(number).is_err() => failed("integer overflow"),
            value => Ok(value.unwrap_or(Value::Int(0))),
        },
        "UInt32Value" => match value {
            Some(Value::Uint(number)) if u32::try_from(number).is_err() => failed("unsigned integer overflow"),
            value => Ok(value.unwrap_or(Value::Uint(0))),
        },
        "StringValue" => Ok(value.unwrap_or_else(|| Value::text(""))),
        "Struct" => Ok(field("fields").map_or_else(|| Value::Map(Arc::new(Map::default())), json)),
        "ListValue" => Ok(field("values").map_or_else(|| Value::list(Vec::new()), json)),
        "Value" => Ok(fields.last().map_or(Value::Null, |(_, value)| json(value))),
        "Timestamp" => {
            let moment = Timestamp::from_seconds(number("seconds"));
            let moment = moment.and_then(|moment| moment.plus(Duration(number("nanos"))));
            moment.map_or_else(|| failed("timestamp overflow"), |moment| Ok(Value::Timestamp(moment)))
        }
        "Duration" => {
            let length = number("seconds").checked_mul(1_000_000_000);
            let length = length.and_then(|length| length.checked_add(number("nanos")));
            length.map_or_else(
                || failed("duration overflow"),
                |length| Ok(Value::Duration(Duration(length))),
            )
        }
        _ => failed("unsupported conversion to ref.Val: (*dynamicpb.Message)"),
    }
}

fn json(value: &Value) -> Value {
    match value {
        Value::Int(number) => Value::Double(*number as f64),
        Value::Uint(number) => Value::Double(*number as f64),
        Value::List(items) => Value::list(items.iter().map(json).collect()),
        Value::Map(map) => {
            let mut out = Map::default();
            for (key, value) in map.iter() {
                out.insert(key.clone(), json(value));
            }
            Value::Map(Arc::new(out))
        }
        other => other.clone(),
    }
}
