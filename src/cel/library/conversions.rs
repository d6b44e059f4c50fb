//! Conversions between the kinds of values.
//!
//! What does not fit is an error, never rounded into something else.

use super::{Call, Outcome, Row, failed, overload};
use crate::cel::time::{Duration, Timestamp};
use crate::cel::value::{Opaque, Value};

pub(super) const FUNCTIONS: &[Row] = &[
    ("bool", &["(bool) bool", "(string) bool"], boolean),
    ("bytes", &["(bytes) bytes", "(string) bytes"], bytes),
    (
        "double",
        &["(double) double", "(int) double", "(string) double", "(uint) double"],
        double,
    ),
    ("duration", &["(duration) duration", "(string) duration"], duration),
    (
        "int",
        &[
            "(int) int",
            "(double) int",
            "(duration) int",
            "(string) int",
            "(timestamp) int",
            "(uint) int",
        ],
        int,
    ),
    (
        "string",
        &[
            "(string) string",
            "(bool) string",
            "(bytes) string",
            "(double) string",
            "(duration) string",
            "(int) string",
            "(timestamp) string",
            "(uint) string",
            "(IP) string",
            "(CIDR) string",
        ],
        string,
    ),
    (
        "timestamp",
        &["(timestamp) timestamp", "(int) timestamp", "(string) timestamp"],
        timestamp,
    ),
    (
        "uint",
        &["(uint) uint", "(double) uint", "(int) uint", "(string) uint"],
        uint,
    ),
];

fn unconverted(value: &Value, to: &str) -> Outcome {
    failed(format!("type conversion error from '{}' to '{to}'", value.type_name()))
}

fn boolean(_: &mut Call<'_>, arguments: &[Value]) -> Outcome {
    match arguments {
        [value @ Value::Bool(_)] => Ok(value.clone()),
        [value @ Value::String(text)] => match &**text {
            "1" | "t" | "T" | "true" | "TRUE" | "True" => Ok(Value::Bool(true)),
            "0" | "f" | "F" | "false" | "FALSE" | "False" => Ok(Value::Bool(false)),
            _ => unconverted(value, "bool"),
        },
        _ => overload("bool", arguments),
    }
}

fn bytes(_: &mut Call<'_>, arguments: &[Value]) -> Outcome {
    match arguments {
        [value @ Value::Bytes(_)] => Ok(value.clone()),
        [Value::String(text)] => Ok(Value::Bytes(text.as_bytes().into())),
        _ => overload("bytes", arguments),
    }
}

fn double(_: &mut Call<'_>, arguments: &[Value]) -> Outcome {
    match arguments {
        [value @ Value::Double(_)] => Ok(value.clone()),
        [Value::Int(number)] => Ok(Value::Double(*number as f64)),
        [Value::Uint(number)] => Ok(Value::Double(*number as f64)),
        [value @ Value::String(text)] => match floating(text) {
            Some(number) => Ok(Value::Double(number)),
            None => unconverted(value, "double"),
        },
        _ => overload("double", arguments),
    }
}

fn duration(_: &mut Call<'_>, arguments: &[Value]) -> Outcome {
    match arguments {
        [value @ Value::Duration(_)] => Ok(value.clone()),
        [value @ Value::String(text)] => match Duration::parse(text) {
            Some(length) => Ok(Value::Duration(length)),
            None => unconverted(value, "google.protobuf.Duration"),
        },
        _ => overload("duration", arguments),
    }
}

fn int(_: &mut Call<'_>, arguments: &[Value]) -> Outcome {
    match arguments {
        [value @ Value::Int(_)] => Ok(value.clone()),
        [Value::Uint(number)] => {
            i64::try_from(*number).map_or_else(|_| failed("integer overflow"), |number| Ok(Value::Int(number)))
        }
        [Value::Double(number)] => {
            let fits = *number > i64::MIN as f64 && *number < i64::MAX as f64;
            if fits {
                Ok(Value::Int(*number as i64))
            } else {
                failed("integer overflow")
            }
        }
        [Value::Duration(length)] => Ok(Value::Int(length.0)),
        [Value::Timestamp(moment)] => Ok(Value::Int(moment.seconds())),
        [value @ Value::String(text)] => text
            .parse()
            .map_or_else(|_| unconverted(value, "int"), |number| Ok(Value::Int(number))),
        _ => overload("int", arguments),
    }
}

fn uint(_: &mut Call<'_>, arguments: &[Value]) -> Outcome {
    match arguments {
        [value @ Value::Uint(_)] => Ok(value.clone()),
        [Value::Int(number)] => match u64::try_from(*number) {
            Ok(number) => Ok(Value::Uint(number)),
            Err(_) => failed("unsigned integer overflow"),
        },
        [Value::Double(number)] => {
            let fits = *number >= 0.0 && *number < u64::MAX as f64;
            if fits {
                Ok(Value::Uint(*number as u64))
            } else {
                failed("unsigned integer overflow")
            }
        }
        [value @ Value::String(text)] if text.starts_with('+') => unconverted(value, "uint"),
        [value @ Value::String(text)] => text
            .parse()
            .map_or_else(|_| unconverted(value, "uint"), |number| Ok(Value::Uint(number))),
        _ => overload("uint", arguments),
    }
}

fn timestamp(_: &mut Call<'_>, arguments: &[Value]) -> Outcome {
    match arguments {
        [value @ Value::Timestamp(_)] => Ok(value.clone()),
        [Value::Int(seconds)] => match Timestamp::from_seconds(*seconds) {
            Some(moment) => Ok(Value::Timestamp(moment)),
            None => failed("timestamp overflow"),
        },
        [value @ Value::String(text)] => match Timestamp::parse(text) {
            Some(moment) => Ok(Value::Timestamp(moment)),
            None => unconverted(value, "google.protobuf.Timestamp"),
        },
        _ => overload("timestamp", arguments),
    }
}

fn string(_: &mut Call<'_>, arguments: &[Value]) -> Outcome {
    let [value] = arguments else {
        return overload("string", arguments);
    };
    match text_of(value) {
        Some(text) => Ok(Value::text(text)),
        None => match value {
            Value::Bytes(_) => failed("invalid UTF-8 in bytes, cannot convert to string"),
            _ => overload("string", arguments),
        },
    }
}

/// The text of a value, if it has one.
pub(super) fn text_of(value: &Value) -> Option<String> {
    Some(match value {
        Value::String(text) => text.to_string(),
        Value::Bool(flag) => flag.to_string(),
        Value::Int(number) => number.to_string(),
        Value::Uint(number) => number.to_string(),
        Value::Double(number) => shortest(*number),
        Value::Bytes(bytes) => std::str::from_utf8(bytes).ok()?.to_owned(),
        Value::Timestamp(moment) => moment.to_string(),
        Value::Duration(length) => length.to_string(),
        Value::Type(name) => name.to_string(),
        Value::Opaque(Opaque::Ip(address)) => address.to_string(),
        Value::Opaque(Opaque::Cidr(address, bits)) => format!("{address}/{bits}"),
        _ => return None,
    })
}

/// Prints a number as Go's `%g` does.
pub(in crate::cel) fn shortest(number: f64) -> String {
    if number.is_nan() {
        return "NaN".to_owned();
    }
    if number.is_infinite() {
        return if number > 0.0 { "+Inf" } else { "-Inf" }.to_owned();
    }
    let scientific = format!("{number:e}");
    let Some((digits, exponent)) = scientific.split_once('e') else {
        return scientific;
    };
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..6).contains(&exponent) {
        return number.to_string();
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{digits}e{sign}{:02}", exponent.abs())
}

/// Reads a number as Go does: with underscores between digits, and hexadecimal with a power of two.
fn floating(text: &str) -> Option<f64> {
    let joined = text.split('_').all(|part| !part.is_empty()) && text.contains('_');
    let plain = if joined { text.replace('_', "") } else { text.to_owned() };
    let (sign, unsigned) = match plain.strip_prefix('-') {
        Some(rest) => (-1.0, rest),
        None => (1.0, plain.strip_prefix('+').unwrap_or(&plain)),
    };
    if let Some(rest) = unsigned.strip_prefix("0x").or_else(|| unsigned.strip_prefix("0X")) {
        let (digits, power) = rest.split_once(['p', 'P'])?;
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let value = u64::from_str_radix(&format!("{whole}{fraction}"), 16).ok()?;
        let power = power
            .parse::<i32>()
            .ok()?
            .checked_sub(i32::try_from(fraction.len()).ok()? * 4)?;
        let number = value as f64 * 2_f64.powi(power);
        return number.is_finite().then_some(sign * number);
    }
    let number: f64 = plain.parse().ok()?;
    let digits = plain.bytes().any(|digit| digit.is_ascii_digit());
    (number.is_finite() || !digits).then_some(number)
}
