//! Formats of texts and numbers, as the server reads them.
//!
//! Built-in kinds are decoded (`native`), custom resources are looked at (`custom`): the one reads times of RFC 3339
//! only, the other is laxer.

use serde_json::Value;

use crate::cel::{Format, Timestamp};
use crate::text::server;

/// Digits after the point of a time with microseconds.
const MICROSECOND_DIGITS: usize = 6;

/// Returns why the server's decoder refuses a text.
pub(super) fn native(format: &str, text: &str) -> Option<String> {
    let accepted = match format {
        "quantity" => return server::is_quantity(text.trim()).into_iter().next(),
        "date-time" => Timestamp::parse(text).is_some(),
        "micro-time" => Timestamp::parse(text).is_some() && fraction(text) == MICROSECOND_DIGITS,
        "byte" => return (!is_base64(text)).then(|| "illegal base64 data".to_owned()),
        _ => true,
    };
    let layout = if format == "micro-time" {
        "2006-01-02T15:04:05.000000Z07:00"
    } else {
        "2006-01-02T15:04:05Z07:00"
    };
    (!accepted).then(|| format!("parsing time {}: not as {layout}", Value::from(text)))
}

/// How many digits follow the point.
fn fraction(text: &str) -> usize {
    let digits = text.split_once('.').map_or("", |(_, rest)| rest);
    digits.bytes().take_while(u8::is_ascii_digit).count()
}

/// Base64 with padding, in one or several lines.
fn is_base64(text: &str) -> bool {
    let mut signs = text.bytes().filter(|sign| !matches!(sign, b'\r' | b'\n'));
    let is_plain = |sign: &u8| sign.is_ascii_alphanumeric() || matches!(sign, b'+' | b'/');
    let count = signs.clone().count();
    let plain = signs.clone().take_while(is_plain).count();
    count % 4 == 0 && count - plain <= 2 && signs.all(|sign| is_plain(&sign) || sign == b'=') && {
        let mut rest = text.bytes().filter(|sign| !matches!(sign, b'\r' | b'\n')).skip(plain);
        rest.all(|sign| sign == b'=')
    }
}

/// Tells whether the server's validator of schemas takes a text for the format; unknown formats take any.
pub(super) fn custom(format: &str, text: &str) -> bool {
    let named = |name: &str| Format::find(name).is_none_or(|format| format.accepts(text));
    let hexadecimal = |text: &str| text.bytes().all(|sign| sign.is_ascii_hexdigit());
    match format {
        "" => true,
        "date-time" => named("datetime"),
        "date" => named("date"),
        "byte" => named("byte"),
        "uri" => named("uri"),
        "uuid" => named("uuid"),
        "ipv4" => server::is_valid_ip_legacy(text).is_empty() && text.contains('.'),
        "ipv6" => server::is_valid_ip_legacy(text).is_empty() && text.contains(':'),
        "cidr" => server::is_valid_cidr_legacy(text).is_empty(),
        "duration" => crate::cel::Duration::parse(text).is_some() || is_wordy_duration(text),
        "bsonobjectid" => text.len() == 24 && hexadecimal(text),
        "hexcolor" => {
            let digits = text.strip_prefix('#').unwrap_or(text);
            matches!(digits.len(), 3 | 6) && hexadecimal(digits)
        }
        "k8s-short-name" => named("dns1123Label"),
        "k8s-long-name" => named("dns1123Subdomain"),
        _ => true,
    }
}

/// `2 days`, as Scala has it: some number before some unit.
fn is_wordy_duration(text: &str) -> bool {
    const UNITS: &[&str] = &[
        "ns", "nano", "us", "µs", "micro", "ms", "milli", "s", "sec", "m", "min", "h", "hr", "hour", "d", "day", "w",
        "wk", "week",
    ];
    let mut words = text
        .split(|letter: char| !letter.is_alphabetic())
        .filter(|word| !word.is_empty());
    let starts = text.trim_start().starts_with(|letter: char| letter.is_ascii_digit());
    starts && words.any(|word| UNITS.iter().any(|unit| word.to_lowercase().starts_with(unit)))
}

/// A number without fraction. What YAML writes as `1.0` arrives as `1`.
pub(in crate::schema) fn whole(value: &Value) -> Option<i128> {
    let number = value.as_number()?;
    let whole = number
        .as_i64()
        .map(i128::from)
        .or_else(|| number.as_u64().map(i128::from));
    whole.or_else(|| {
        let float = number
            .as_f64()
            .filter(|float| float.fract() == 0.0 && float.abs() < 1e36)?;
        format!("{float:.0}").parse().ok()
    })
}
