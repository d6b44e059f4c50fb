//! What an unquoted scalar means: text, a canonical value, or something that YAML readers disagree about.
//!
//! YAML 1.1 (PyYAML, and Kubernetes in part) and YAML 1.2 read `no`, `0644` or `1:30` differently, so these are never
//! read as anything; only plain dates stay text, because nobody but this crate reads its inputs.

use serde_json::{Number, Value};
use std::borrow::Cow;

/// The reading of an unquoted scalar.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Plain {
    /// The text itself.
    Text,
    /// A null, boolean or number in the one spelling that all readers share.
    Value(Value),
    /// A spelling that readers disagree about, with what else than text may be meant: "`false` for the boolean".
    Ambiguous(Option<String>),
}

/// Reads an unquoted scalar.
pub(super) fn resolve(text: &str) -> Plain {
    match text.as_bytes() {
        [] => Plain::Value(Value::Null),
        [b'0'..=b'9' | b'+' | b'-' | b'.', ..] => number(text),
        b"~" => Plain::Ambiguous(Some("`null` for nothing".to_owned())),
        b"=" | b"<<" => Plain::Ambiguous(None),
        // `false` is the longest of the words that mean something.
        short if short.len() <= 5 => word(text),
        _ => Plain::Text,
    }
}

fn word(text: &str) -> Plain {
    let is_one_of = |words: &[&str]| words.iter().any(|word| text.eq_ignore_ascii_case(word));
    match text {
        "null" => Plain::Value(Value::Null),
        "true" => Plain::Value(Value::Bool(true)),
        "false" => Plain::Value(Value::Bool(false)),
        _ if is_one_of(&["y", "yes", "on", "true"]) => Plain::Ambiguous(Some("`true` for the boolean".to_owned())),
        _ if is_one_of(&["n", "no", "off", "false"]) => Plain::Ambiguous(Some("`false` for the boolean".to_owned())),
        _ if is_one_of(&["null"]) => Plain::Ambiguous(Some("`null` for nothing".to_owned())),
        _ => Plain::Text,
    }
}

fn number(text: &str) -> Plain {
    if let Some(value) = canonical(text) {
        return Plain::Value(value);
    }
    let (sign, body) = match text.split_at_checked(1) {
        Some(("-", body)) => ("-", body),
        Some(("+", body)) => ("", body),
        _ => ("", text),
    };
    if is_time(text) || is_sexagesimal(body) || [".inf", ".nan"].iter().any(|name| body.eq_ignore_ascii_case(name)) {
        return Plain::Ambiguous(None);
    }
    let body = if body.contains('_') {
        Cow::Owned(body.replace('_', ""))
    } else {
        Cow::Borrowed(body)
    };
    integer(sign, &body)
        .or_else(|| float(sign, &body))
        .map_or(Plain::Text, Plain::Ambiguous)
}

/// Reads a number in its only spelling: no sign `+`, no leading zero, no exponent, and no digit that would be lost, so
/// that `1.10` never becomes `1.1` in silence.
fn canonical(text: &str) -> Option<Value> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = digits
        .split_once('.')
        .map_or((digits, None), |(whole, rest)| (whole, Some(rest)));
    if !is_digits(whole) || (whole.len() > 1 && whole.starts_with('0')) {
        return None;
    }
    let Some(fraction) = fraction else {
        let integer = text
            .parse::<i64>()
            .map(Value::from)
            .or_else(|_| text.parse::<u64>().map(Value::from));
        return integer.ok().filter(|_| text != "-0");
    };
    let float: f64 = text.parse().ok().filter(|_| is_digits(fraction))?;
    let shortest = if fraction == "0" {
        format!("{float:.1}")
    } else {
        float.to_string()
    };
    Number::from_f64(float).filter(|_| shortest == text).map(Value::Number)
}

/// Recognises the integers that are not canonical, and says which canonical ones they may stand for.
fn integer(sign: &str, body: &str) -> Option<Option<String>> {
    let parse = |digits: &str, radix| u64::from_str_radix(digits, radix).ok();
    let show = |value: u64| format!("{sign}{value}");
    for (prefix, radix) in [("0x", 16), ("0o", 8), ("0b", 2)] {
        let Some((start, digits)) = body.split_at_checked(2) else {
            continue;
        };
        let fits = !digits.is_empty() && digits.chars().all(|character| character.is_digit(radix));
        if fits && start.eq_ignore_ascii_case(prefix) {
            return Some(parse(digits, radix).map(show).and_then(|literal| numeral(&literal)));
        }
    }
    if !is_digits(body) {
        return None;
    }
    let Some(decimal) = parse(body, 10) else {
        return Some(None);
    };
    let octal = parse(body, 8).filter(|octal| body.starts_with('0') && *octal != decimal);
    Some(match octal {
        Some(octal) => Some(format!("`{sign}{decimal}` or `{sign}{octal}` for the number")),
        None => numeral(&show(decimal)),
    })
}

/// Recognises the decimal fractions that are not canonical, and says which canonical one they may stand for.
fn float(sign: &str, body: &str) -> Option<Option<String>> {
    let (mantissa, exponent) = body
        .split_once(['e', 'E'])
        .map_or((body, None), |(mantissa, exponent)| (mantissa, Some(exponent)));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let has_digits = !(whole.is_empty() && fraction.is_empty());
    let is_mantissa =
        has_digits && (whole.is_empty() || is_digits(whole)) && (fraction.is_empty() || is_digits(fraction));
    if !is_mantissa || !exponent.is_none_or(|exponent| is_digits(exponent.strip_prefix(['+', '-']).unwrap_or(exponent)))
    {
        return None;
    }
    Some(
        body.parse::<f64>()
            .ok()
            .and_then(|value| numeral(&format!("{sign}{value}"))),
    )
}

/// Says that a number may be meant, unless its canonical spelling would be refused too.
fn numeral(literal: &str) -> Option<String> {
    canonical(literal).map(|_| format!("`{literal}` for the number"))
}

/// Recognises numbers to base 60, `1:30`, also with leading zeros, so that `08:30` and `18:30` fare alike.
fn is_sexagesimal(body: &str) -> bool {
    let (body, fraction) = body.split_once('.').unwrap_or((body, ""));
    let is_loose = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit() || byte == b'_');
    let mut parts = body.split(':');
    let first = parts.next().unwrap_or_default();
    first.starts_with(|character: char| character.is_ascii_digit())
        && is_loose(first)
        && is_loose(fraction)
        && body.contains(':')
        && parts.all(|part| part.len() <= 2 && is_digits(part) && part.parse::<u8>().is_ok_and(|number| number < 60))
}

/// Recognises a date with a time, and a date with fewer digits than `YYYY-MM-DD`, which some readers turn into times.
fn is_time(text: &str) -> bool {
    let end = text
        .find(|character: char| !character.is_ascii_digit() && character != '-')
        .unwrap_or(text.len());
    let (date, rest) = text.split_at(end);
    let mut parts = date.split('-');
    let (Some(year), Some(month), Some(day), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
        return false;
    };
    if year.len() != 4 || !matches!((month.len(), day.len()), (1..=2, 1..=2)) {
        return false;
    }
    if rest.is_empty() {
        return date.len() < "YYYY-MM-DD".len();
    }
    let time = rest.trim_start_matches(['T', 't', ' ', '\t']);
    time.len() < rest.len()
        && time.contains(':')
        && time.starts_with(|character: char| character.is_ascii_digit())
        && time
            .chars()
            .all(|character| character.is_ascii_digit() || ":.+-Zz \t".contains(character))
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn canonical_spellings_are_values() {
        for (text, value) in [
            ("true", json!(true)),
            ("false", json!(false)),
            ("null", json!(null)),
            ("0", json!(0)),
            ("-12", json!(-12)),
            ("18446744073709551615", json!(u64::MAX)),
            ("-9223372036854775808", json!(i64::MIN)),
            ("1.5", json!(1.5)),
            ("17.0", json!(17.0)),
            ("-0.25", json!(-0.25)),
        ] {
            assert_eq!(resolve(text), Plain::Value(value), "{text}");
        }
        assert!(matches!(resolve("12"), Plain::Value(Value::Number(number)) if number.is_u64()));
    }

    #[test]
    fn text_stays_text() {
        for text in "10m 512Mi 1h30m 2026-12-31 1.2.3 17.0-20260723 v1 nope yesterday None none 10.0.0.0/8 8080:80 \
                     0b3f9c2 0xyz 12ab34 -- - . ... -x 1e e5 1e5x tt on-call =x <<x 2026-01-31-nightly a:b 10:99 \
                     1:2:x ::1 https://x:80/ 2026-13 +a _1 é"
            .split_whitespace()
        {
            assert_eq!(resolve(text), Plain::Text, "{text}");
        }
        assert_eq!(resolve("30 2 * * 0"), Plain::Text);
        assert_eq!(resolve("2026-01-31 to 2026-02-01"), Plain::Text);
    }

    #[test]
    fn disputed_spellings_are_refused_with_what_they_may_mean() {
        let mut table = String::new();
        for text in "y N yes No ON off yEs True FALSE Null NULL ~ = << 1_000 0644 010 08 007 -012 00 -0 0o17 0x1F -0x10 \
                     0b1 0B1 0X_f 1:30 12:30:45 08:30 22:22 1:30.5 .5 1. -1. .inf -.INF .nan .NaN +1 +_1 1e3 1E3 12e5 1.5e+3 \
                     1e-7 1e999 1.10 1.20 1_0.5 0.1_5 01.5 2026-1-2 2026-01-31T10:00:00Z 2026-01-31t1:00:00.5+02:00 \
                     18446744073709551616 -9223372036854775809 0xFFFFFFFFFFFFFFFFF 1.00000000000000000001"
            .split_whitespace()
            .chain(["2026-01-31 10:00:00"])
        {
            let Plain::Ambiguous(meaning) = resolve(text) else { panic!("{text} is not refused") };
            table.push_str(&format!("{text} = {}\n", meaning.as_deref().unwrap_or("text only")));
        }
        insta::assert_snapshot!(table, @r"
        y = `true` for the boolean
        N = `false` for the boolean
        yes = `true` for the boolean
        No = `false` for the boolean
        ON = `true` for the boolean
        off = `false` for the boolean
        yEs = `true` for the boolean
        True = `true` for the boolean
        FALSE = `false` for the boolean
        Null = `null` for nothing
        NULL = `null` for nothing
        ~ = `null` for nothing
        = = text only
        << = text only
        1_000 = `1000` for the number
        0644 = `644` or `420` for the number
        010 = `10` or `8` for the number
        08 = `8` for the number
        007 = `7` for the number
        -012 = `-12` or `-10` for the number
        00 = `0` for the number
        -0 = text only
        0o17 = `15` for the number
        0x1F = `31` for the number
        -0x10 = `-16` for the number
        0b1 = `1` for the number
        0B1 = `1` for the number
        0X_f = `15` for the number
        1:30 = text only
        12:30:45 = text only
        08:30 = text only
        22:22 = text only
        1:30.5 = text only
        .5 = `0.5` for the number
        1. = `1` for the number
        -1. = `-1` for the number
        .inf = text only
        -.INF = text only
        .nan = text only
        .NaN = text only
        +1 = `1` for the number
        +_1 = `1` for the number
        1e3 = `1000` for the number
        1E3 = `1000` for the number
        12e5 = `1200000` for the number
        1.5e+3 = `1500` for the number
        1e-7 = `0.0000001` for the number
        1e999 = text only
        1.10 = `1.1` for the number
        1.20 = `1.2` for the number
        1_0.5 = `10.5` for the number
        0.1_5 = `0.15` for the number
        01.5 = `1.5` for the number
        2026-1-2 = text only
        2026-01-31T10:00:00Z = text only
        2026-01-31t1:00:00.5+02:00 = text only
        18446744073709551616 = text only
        -9223372036854775809 = text only
        0xFFFFFFFFFFFFFFFFF = text only
        1.00000000000000000001 = `1` for the number
        2026-01-31 10:00:00 = text only
        ");
    }
}
