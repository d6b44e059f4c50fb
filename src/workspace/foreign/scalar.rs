//! What a scalar is to the tools of Kubernetes: the types of YAML 1.1 as `sigs.k8s.io/yaml` reads them.
//!
//! It is exact where it surprises: `no` is a boolean, `0644` is 420, `1.10` is 1.1 and `1_000` is 1000.

use granit_parser::Tag;
use serde_json::{Number, Value};

/// The reading of a scalar.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Scalar {
    /// The text itself.
    Text,
    /// A null, boolean or number.
    Value(Value),
    /// Bytes that were written in base64, as the text that they become.
    Decoded(String),
    /// A number that JSON has no form for: `.inf`.
    NotInJson,
    /// What its tag says it is not.
    Mistagged,
}

/// Reads an unquoted scalar.
pub(super) fn resolve(text: &str) -> Scalar {
    match text.as_bytes().first() {
        None => Scalar::Value(Value::Null),
        Some(b'y' | b'Y' | b'n' | b'N' | b't' | b'T' | b'f' | b'F' | b'o' | b'O' | b'~') => word(text),
        Some(b'.') if is_special(text) => Scalar::NotInJson,
        Some(b'.') => float(text).map_or(Scalar::Text, Scalar::Value),
        Some(b'+' | b'-') if text.get(1..).is_some_and(is_infinite) => Scalar::NotInJson,
        Some(b'0'..=b'9' | b'+' | b'-') => number(text).map_or(Scalar::Text, Scalar::Value),
        _ => Scalar::Text,
    }
}

/// Reads a scalar with a tag, quoted or not.
pub(super) fn tagged(text: &str, tag: &Tag) -> Scalar {
    if tag.handle().is_empty() && tag.suffix() == "!" || tag.handle() == "!" && tag.suffix().is_empty() {
        return resolve(text);
    }
    let name = tag.suffix_in_namespace("tag:yaml.org,2002:");
    match (name.as_deref(), resolve(text)) {
        (Some("binary"), _) => base64(text).map_or(Scalar::Mistagged, Scalar::Decoded),
        (Some("bool"), Scalar::Value(value)) if value.is_boolean() => Scalar::Value(value),
        (Some("null"), Scalar::Value(value)) if value.is_null() => Scalar::Value(value),
        (Some("int"), Scalar::Value(value)) if value.is_i64() || value.is_u64() => Scalar::Value(value),
        (Some("float"), Scalar::Value(value)) if value.is_number() => Scalar::Value(value),
        (Some("float"), Scalar::NotInJson) => Scalar::NotInJson,
        (Some("bool" | "null" | "int" | "float"), _) => Scalar::Mistagged,
        _ => Scalar::Text,
    }
}

/// Returns the text that a null, boolean or number becomes as a key; there is none for a null, and none for integers that
/// only fit without a sign.
pub(super) fn key(value: &Value) -> Option<String> {
    match value {
        Value::Bool(value) => Some(value.to_string()),
        Value::Number(number) => match (number.as_i64(), number.is_f64()) {
            (Some(integer), _) => Some(integer.to_string()),
            (None, true) => number.as_f64().map(short),
            (None, false) => None,
        },
        Value::String(text) => Some(text.clone()),
        _ => None,
    }
}

/// Writes a fraction as Go does in its shortest form for 32 bits.
fn short(value: f64) -> String {
    #[expect(clippy::cast_possible_truncation, reason = "the tools keep 32 bits of a key")]
    let value = value as f32;
    let scientific = format!("{value:e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or_default();
    if (-4..6).contains(&exponent) {
        return value.to_string();
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{mantissa}e{sign}{:02}", exponent.abs())
}

fn word(text: &str) -> Scalar {
    Scalar::Value(match text {
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => Value::Bool(true),
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => Value::Bool(false),
        "~" | "null" | "Null" | "NULL" => Value::Null,
        _ => return Scalar::Text,
    })
}

fn is_special(text: &str) -> bool {
    is_infinite(text) || matches!(text, ".nan" | ".NaN" | ".NAN")
}

fn is_infinite(text: &str) -> bool {
    matches!(text, ".inf" | ".Inf" | ".INF")
}

/// Reads an integer in any notation, or a decimal fraction; underscores between digits do not count.
fn number(text: &str) -> Option<Value> {
    let bare;
    let text = if text.contains('_') {
        bare = text.replace('_', "");
        &bare
    } else {
        text
    };
    integer(text).or_else(|| float(text))
}

fn integer(text: &str) -> Option<Value> {
    let (is_negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (radix, digits) = match digits.as_bytes() {
        [b'0', b'x' | b'X', ..] => (16, digits.get(2..)?),
        [b'0', b'o' | b'O', ..] => (8, digits.get(2..)?),
        [b'0', b'b' | b'B', ..] => (2, digits.get(2..)?),
        [b'0', _, ..] => (8, digits.get(1..)?),
        _ => (10, digits),
    };
    if !digits.starts_with(|first: char| first.is_ascii_hexdigit()) {
        return None;
    }
    let size = u64::from_str_radix(digits, radix).ok()?;
    match is_negative {
        true => 0_i64.checked_sub_unsigned(size).map(Value::from),
        // The tools know no unsigned number with a sign.
        false if text.starts_with('+') && i64::try_from(size).is_err() => None,
        false => Some(Value::from(size)),
    }
}

/// Reads a decimal fraction. What is whole is an integer to JSON, hence to the server.
fn float(text: &str) -> Option<Value> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (mantissa, exponent) = digits.split_once(['e', 'E']).unwrap_or((digits, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let are_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let power = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    if !are_digits(whole) || !are_digits(fraction) || whole.len() + fraction.len() == 0 {
        return None;
    }
    if !are_digits(power) || power.is_empty() {
        return None;
    }
    let value: f64 = text.parse().ok()?;
    if value.fract() == 0.0
        && let Ok(whole) = value.to_string().parse::<i64>()
    {
        return Some(Value::from(whole));
    }
    Number::from_f64(value).map(Value::Number)
}

/// Decodes base64 with padding; bytes that are no text become the replacement character, as in the tools' JSON.
fn base64(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let (mut bits, mut count, mut padding) = (0_u32, 0_u32, 0_u32);
    for byte in text.bytes().filter(|byte| !matches!(byte, b'\n' | b'\r')) {
        let digit = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            b'=' => {
                padding += 1;
                continue;
            }
            _ => return None,
        };
        if padding > 0 {
            return None;
        }
        bits = (bits << 6 | u32::from(digit)) & 0xff_ffff;
        count += 1;
        if count % 4 != 1 {
            let shift = 6 - 2 * ((count - 1) % 4);
            bytes.push(u8::try_from((bits >> shift) & 0xff).ok()?);
        }
    }
    let is_whole = match count % 4 {
        0 => padding == 0,
        2 => padding == 2,
        3 => padding == 1,
        _ => false,
    };
    is_whole.then(|| String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn words_and_numbers_are_those_of_the_tools() {
        for (text, value) in [
            ("y", json!(true)),
            ("ON", json!(true)),
            ("No", json!(false)),
            ("~", json!(null)),
            ("NULL", json!(null)),
            ("", json!(null)),
            ("0644", json!(420)),
            ("-012", json!(-10)),
            ("0o17", json!(15)),
            ("08", json!(8)),
            ("1_000", json!(1000)),
            ("0x_1F", json!(31)),
            ("-0x10", json!(-16)),
            ("0b101", json!(5)),
            ("+1", json!(1)),
            ("-0", json!(0)),
            ("1.10", json!(1.1)),
            ("1.0", json!(1)),
            ("1.", json!(1)),
            (".5", json!(0.5)),
            ("1e3", json!(1000)),
            ("1_0.5", json!(10.5)),
            ("18446744073709551615", json!(u64::MAX)),
            ("-9223372036854775808", json!(i64::MIN)),
            ("18446744073709551616", json!(18_446_744_073_709_551_616.0)),
        ] {
            assert_eq!(resolve(text), Scalar::Value(value), "{text}");
        }
        for text in
            "yEs tRUE nULL none 1:30 12:30:45 2024-01-01 10m 1.2.3 1e999 . + - -- 0x 0xg 0b2 = << 1e 1e+ .e5 +_ _1 é"
                .split_whitespace()
        {
            assert_eq!(resolve(text), Scalar::Text, "{text}");
        }
        for text in [".inf", "-.Inf", "+.INF", ".NaN"] {
            assert_eq!(resolve(text), Scalar::NotInJson, "{text}");
        }
    }

    #[test]
    fn keys_are_texts() {
        for (value, text) in [
            (json!(true), "true"),
            (json!(420), "420"),
            (json!(1.1), "1.1"),
            (json!(0.00001), "1e-05"),
            (json!(1.5e9), "1.5e+09"),
        ] {
            assert_eq!(key(&value).as_deref(), Some(text));
        }
        assert_eq!(key(&json!(null)), None);
    }

    #[test]
    fn base64_is_read_strictly() {
        for (text, bytes) in [("aGVsbG8=", "hello"), ("aGVs\nbG8h", "hello!"), ("", ""), ("YQ==", "a")] {
            assert_eq!(base64(text).as_deref(), Some(bytes), "{text}");
        }
        for text in ["a", "aG=s", "aGVsbG8", "aGVs bG8h", "YQ==="] {
            assert_eq!(base64(text), None, "{text}");
        }
    }
}
