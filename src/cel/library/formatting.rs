//! `format`: values written into a text.
//!
//! One reader of the format serves both the compiler, which knows the types of a literal list, and the evaluator.

use super::conversions::text_of;
use super::{Call, Outcome, Row, failed, overload};
use crate::cel::error::EvalError;
use crate::cel::value::{Key, Value};

pub(super) const FUNCTIONS: &[Row] = &[("format", &["string.(list(dyn)) string"], format)];

/// A clause of a format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::cel) struct Clause {
    verb: char,
    precision: usize,
}

/// A part of a format.
pub(in crate::cel) enum Piece<'t> {
    Literal(&'t str),
    Clause(Clause),
}

impl Clause {
    /// Says why a value of a type, by its name, may not stand here.
    pub(in crate::cel) fn refuses(self, given: &str) -> Option<String> {
        let numbers = matches!(given, "int" | "uint");
        let (fits, rule) = match self.verb {
            'd' => (numbers, "decimal clause can only be used on integers"),
            'o' => (numbers, "octal clause can only be used on integers"),
            'b' => (
                numbers || given == "bool",
                "only integers and bools can be formatted as binary",
            ),
            'x' | 'X' => (
                numbers || matches!(given, "string" | "bytes"),
                "only integers, byte buffers, and strings can be formatted as hex",
            ),
            'f' => (
                matches!(given, "double" | "string"),
                "fixed-point clause can only be used on doubles",
            ),
            'e' => (
                matches!(given, "double" | "string"),
                "scientific clause can only be used on doubles",
            ),
            _ => (
                numbers
                    || matches!(
                        given,
                        "list" | "map" | "double" | "bool" | "string" | "bytes" | "type" | "null_type"
                    )
                    || matches!(given, "google.protobuf.Timestamp" | "google.protobuf.Duration"),
                "string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, durations, and timestamps",
            ),
        };
        (!fits).then(|| format!("error during formatting: {rule}, was given {given}"))
    }
}

/// Splits a format into its parts.
pub(in crate::cel) fn pieces(format: &str) -> Result<Vec<Piece<'_>>, String> {
    let mut pieces = Vec::new();
    let mut rest = format;
    while let Some(at) = rest.find('%') {
        pieces.push(Piece::Literal(rest.get(..at).unwrap_or_default()));
        rest = rest.get(at + 1..).unwrap_or_default();
        if let Some(after) = rest.strip_prefix('%') {
            pieces.push(Piece::Literal("%"));
            rest = after;
            continue;
        }
        let mut precision = 6;
        if let Some(after) = rest.strip_prefix('.') {
            let digits = after.bytes().take_while(u8::is_ascii_digit).count();
            precision = match after.get(..digits).unwrap_or_default().parse() {
                Ok(precision) if precision <= 1000 => precision,
                _ => return Err("could not parse formatting clause: error while parsing precision".to_owned()),
            };
            rest = after.get(digits..).unwrap_or_default();
        }
        let Some(verb) = rest.chars().next() else {
            return Err("unexpected end of string".to_owned());
        };
        if !"sdfebxXo".contains(verb) {
            return Err(format!(
                "could not parse formatting clause: unrecognized formatting clause \"{verb}\""
            ));
        }
        pieces.push(Piece::Clause(Clause { verb, precision }));
        rest = rest.get(verb.len_utf8()..).unwrap_or_default();
    }
    pieces.push(Piece::Literal(rest));
    Ok(pieces)
}

fn format(call: &mut Call<'_>, arguments: &[Value]) -> Outcome {
    let [Value::String(format), Value::List(items)] = arguments else {
        return overload(call.name, arguments);
    };
    let mut out = String::new();
    let mut next = 0;
    for piece in pieces(format).map_err(EvalError::failed)? {
        match piece {
            Piece::Literal(text) => out.push_str(text),
            Piece::Clause(clause) => {
                let Some(item) = items.get(next) else {
                    return failed(format!("index {next} out of range"));
                };
                next += 1;
                write(call, clause, item, &mut out)?;
            }
        }
    }
    Ok(Value::text(out))
}

fn write(call: &mut Call<'_>, clause: Clause, value: &Value, out: &mut String) -> Result<(), EvalError> {
    if let Some(refusal) = clause.refuses(value.type_name()) {
        return Err(EvalError::failed(refusal));
    }
    match (clause.verb, value) {
        ('f' | 'e', value) => out.push_str(&number(clause, value)?),
        ('b', Value::Bool(flag)) => out.push(if *flag { '1' } else { '0' }),
        ('b', Value::Int(number)) => out.push_str(&radix(*number, |number| format!("{number:b}"))),
        ('b', Value::Uint(number)) => out.push_str(&format!("{number:b}")),
        ('o', Value::Int(number)) => out.push_str(&radix(*number, |number| format!("{number:o}"))),
        ('o', Value::Uint(number)) => out.push_str(&format!("{number:o}")),
        ('x', Value::Int(number)) => out.push_str(&radix(*number, |number| format!("{number:x}"))),
        ('x', Value::Uint(number)) => out.push_str(&format!("{number:x}")),
        ('X', Value::Int(number)) => out.push_str(&radix(*number, |number| format!("{number:X}"))),
        ('X', Value::Uint(number)) => out.push_str(&format!("{number:X}")),
        ('x', Value::String(text)) => text.bytes().for_each(|byte| out.push_str(&format!("{byte:02x}"))),
        ('x', Value::Bytes(bytes)) => bytes.iter().for_each(|byte| out.push_str(&format!("{byte:02x}"))),
        ('X', Value::String(text)) => text.bytes().for_each(|byte| out.push_str(&format!("{byte:02X}"))),
        ('X', Value::Bytes(bytes)) => bytes.iter().for_each(|byte| out.push_str(&format!("{byte:02X}"))),
        (_, Value::List(_) | Value::Map(_)) => nested(call, value, out)?,
        (_, Value::Null) => out.push_str("null"),
        (_, value) => match text_of(value) {
            Some(text) => {
                call.work.spend(text.len())?;
                out.push_str(&text);
            }
            None => return Err(EvalError::failed("could not convert argument to string")),
        },
    }
    Ok(())
}

fn radix(number: i64, print: fn(u64) -> String) -> String {
    let digits = print(number.unsigned_abs());
    if number < 0 { format!("-{digits}") } else { digits }
}

/// Writes a number as the printer for American English does.
fn number(clause: Clause, value: &Value) -> Result<String, EvalError> {
    let number = match value {
        Value::Double(number) => *number,
        Value::String(text) => match &**text {
            "NaN" => f64::NAN,
            "Infinity" => f64::INFINITY,
            "-Infinity" => f64::NEG_INFINITY,
            _ => {
                let refusal = Clause {
                    verb: clause.verb,
                    precision: 0,
                }
                .refuses("bool")
                .unwrap_or_default();
                return Err(EvalError::failed(refusal.replace("given bool", "given string")));
            }
        },
        _ => return Err(EvalError::failed("no such overload: format")),
    };
    let precision = clause.precision;
    if !number.is_finite() {
        let text = if number.is_nan() { "NaN" } else { "\u{221e}" };
        let sign = if number < 0.0 { "-" } else { "" };
        let text = format!("{sign}{text}");
        return Ok(if clause.verb == 'e' {
            format!("{text:>precision$}")
        } else {
            text
        });
    }
    if clause.verb == 'f' {
        let text = format!("{number:.precision$}");
        return Ok(grouped(&text));
    }
    // The server reads the precision of this clause as a width.
    let text = format!("{number:.6e}");
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let (sign, exponent) = match exponent.strip_prefix('-') {
        Some(exponent) => ("\u{207b}", exponent),
        None => ("", exponent),
    };
    let raised = format!("{exponent:0>2}").chars().map(raise).collect::<String>();
    let text = format!("{digits}\u{d7}10{sign}{raised}");
    Ok(format!("{text:>precision$}"))
}

fn raise(digit: char) -> char {
    match digit {
        '1' => '\u{b9}',
        '2' => '\u{b2}',
        '3' => '\u{b3}',
        _ => char::from_u32(0x2070 + digit.to_digit(10).unwrap_or(0)).unwrap_or(digit),
    }
}

fn grouped(text: &str) -> String {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let (sign, whole) = whole.strip_prefix('-').map_or(("", whole), |whole| ("-", whole));
    let mut out = sign.to_owned();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at) % 3 == 0 {
            out.push(',');
        }
        out.push(digit);
    }
    if !fraction.is_empty() {
        out.push('.');
        out.push_str(fraction);
    }
    out
}

/// Writes a value inside a list or a map, as a literal.
fn nested(call: &mut Call<'_>, value: &Value, out: &mut String) -> Result<(), EvalError> {
    call.work.spend(8)?;
    match value {
        Value::List(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                out.push_str(if at > 0 { ", " } else { "" });
                nested(call, item, out)?;
            }
            out.push(']');
        }
        Value::Map(map) => {
            let mut entries = Vec::new();
            for (key, value) in map.iter() {
                let key = match key {
                    Key::String(text) => quoted(text),
                    other => text_of(&other.value()).unwrap_or_default(),
                };
                let mut text = String::new();
                nested(call, value, &mut text)?;
                call.work.spend(text.len())?;
                entries.push((key, text));
            }
            entries.sort_by(|left, right| left.0.cmp(&right.0));
            let entries: Vec<_> = entries
                .into_iter()
                .map(|(key, value)| format!("{key}:{value}"))
                .collect();
            out.push_str(&format!("{{{}}}", entries.join(", ")));
        }
        Value::String(text) => {
            call.work.spend(text.len())?;
            out.push_str(&quoted(text));
        }
        Value::Bytes(bytes) => {
            call.work.spend(bytes.len())?;
            let Ok(text) = std::str::from_utf8(bytes) else {
                return Err(EvalError::failed(
                    "error during formatting: invalid UTF-8 in bytes, cannot convert to string",
                ));
            };
            out.push('b');
            out.push_str(&quoted(text));
        }
        Value::Double(number) if number.is_nan() => out.push_str("\"NaN\""),
        Value::Double(number) if number.is_infinite() => {
            out.push_str(if *number > 0.0 { "\"+Inf\"" } else { "\"-Inf\"" });
        }
        Value::Double(number) => out.push_str(&format!("{number:.6}")),
        Value::Timestamp(moment) => out.push_str(&format!("timestamp(\"{moment}\")")),
        Value::Duration(length) => out.push_str(&format!("duration(\"{length}\")")),
        Value::Null => out.push_str("null"),
        other => match text_of(other) {
            Some(text) if !matches!(other, Value::Opaque(_)) => out.push_str(&text),
            _ => {
                return Err(EvalError::failed(format!(
                    "no formatting function for {}",
                    other.type_name()
                )));
            }
        },
    }
    Ok(())
}

/// Quotes as Go's `%q` does.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{7}' => out.push_str("\\a"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{b}' => out.push_str("\\v"),
            control if u32::from(control) < 0x20 || control == '\u{7f}' => {
                out.push_str(&format!("\\x{:02x}", u32::from(control)));
            }
            other => out.push(other),
        }
    }
    out.push('"');
    out
}
