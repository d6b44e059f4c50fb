//! Semantic versions: `semver("1.2.3")` and its functions.
//!
//! Strict as the specification by default; `true` as a second argument forgives `v`, missing parts and leading zeros.

use std::cmp::Ordering;
use std::sync::Arc;

use super::{Call, Outcome, failed, overload};
use crate::cel::value::{Opaque, Value};

/// A version; what is behind `+` plays no part in comparisons.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Semver {
    numbers: [u64; 3],
    before: Vec<Identifier>,
    build: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Identifier {
    Number(u64),
    Text(String),
}

impl Semver {
    /// Reads a version; the error is the server's sentence.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.is_empty() {
            return Err("Version string empty".to_owned());
        }
        let mut parts = text.splitn(3, '.');
        let (Some(major), Some(minor), Some(rest)) = (parts.next(), parts.next(), parts.next()) else {
            return Err("No Major.Minor.Patch elements found".to_owned());
        };
        let (rest, build) = match rest.split_once('+') {
            Some((rest, build)) => (rest, Some(build)),
            None => (rest, None),
        };
        let (patch, before) = match rest.split_once('-') {
            Some((patch, before)) => (patch, Some(before)),
            None => (rest, None),
        };
        let numbers = [
            number(major, "major")?,
            number(minor, "minor")?,
            number(patch, "patch")?,
        ];
        let before = before.map_or_else(|| Ok(Vec::new()), |text| text.split('.').map(identifier).collect())?;
        let build = build.map_or_else(|| Ok(Vec::new()), |text| text.split('.').map(metadata).collect())?;
        Ok(Self { numbers, before, build })
    }

    fn parse_forgiving(text: &str) -> Result<Self, String> {
        let text = text.strip_prefix('v').unwrap_or(text);
        let mut parts: Vec<String> = text.splitn(3, '.').map(without_zeros).collect();
        if parts.len() < 3 && parts.last().is_some_and(|last| last.contains(['+', '-'])) {
            return Err("Short version cannot contain PreRelease/Build meta data".to_owned());
        }
        parts.resize(3, "0".to_owned());
        Self::parse(&parts.join("."))
    }

    pub(in crate::cel) fn compare(&self, other: &Self) -> Ordering {
        self.numbers
            .cmp(&other.numbers)
            .then_with(|| match (self.before.is_empty(), other.before.is_empty()) {
                (true, true) => Ordering::Equal,
                (true, false) => Ordering::Greater,
                (false, true) => Ordering::Less,
                (false, false) => self.before.cmp(&other.before),
            })
    }
}

/// Prints as it is compared, with what is behind `+`.
impl std::fmt::Display for Semver {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [major, minor, patch] = self.numbers;
        write!(out, "{major}.{minor}.{patch}")?;
        for (at, identifier) in self.before.iter().enumerate() {
            out.write_str(if at == 0 { "-" } else { "." })?;
            match identifier {
                Identifier::Number(number) => write!(out, "{number}")?,
                Identifier::Text(text) => out.write_str(text)?,
            }
        }
        for (at, text) in self.build.iter().enumerate() {
            out.write_str(if at == 0 { "+" } else { "." })?;
            out.write_str(text)?;
        }
        Ok(())
    }
}

fn without_zeros(part: &str) -> String {
    if part.len() < 2 {
        return part.to_owned();
    }
    let trimmed = part.trim_start_matches('0');
    match trimmed.starts_with(|digit: char| digit.is_ascii_digit()) {
        true => trimmed.to_owned(),
        false => format!("0{trimmed}"),
    }
}

fn number(text: &str, part: &str) -> Result<u64, String> {
    if text.is_empty() || !text.bytes().all(|digit| digit.is_ascii_digit()) {
        return Err(format!("Invalid character(s) found in {part} number {text:?}"));
    }
    if text.len() > 1 && text.starts_with('0') {
        return Err(format!("{part} number must not contain leading zeroes {text:?}"));
    }
    text.parse().map_err(|_| format!("{part} number {text:?} is too large"))
}

fn plain(text: &str) -> bool {
    text.bytes()
        .all(|letter| letter.is_ascii_alphanumeric() || letter == b'-')
}

fn identifier(text: &str) -> Result<Identifier, String> {
    if text.is_empty() {
        return Err("Prerelease is empty".to_owned());
    }
    if text.bytes().all(|digit| digit.is_ascii_digit()) {
        return number(text, "Numeric PreRelease").map(Identifier::Number);
    }
    match plain(text) {
        true => Ok(Identifier::Text(text.to_owned())),
        false => Err(format!("Invalid character(s) found in prerelease {text:?}")),
    }
}

fn metadata(text: &str) -> Result<String, String> {
    match (text.is_empty(), plain(text)) {
        (true, _) => Err("Build meta data is empty".to_owned()),
        (_, false) => Err(format!("Invalid character(s) found in build meta data {text:?}")),
        _ => Ok(text.to_owned()),
    }
}

fn read(arguments: &[Value]) -> Option<Result<Semver, String>> {
    match arguments {
        [Value::String(text)] | [Value::String(text), Value::Bool(false)] => Some(Semver::parse(text)),
        [Value::String(text), Value::Bool(true)] => Some(Semver::parse_forgiving(text)),
        _ => None,
    }
}

pub(super) fn parse(_: &mut Call<'_>, arguments: &[Value]) -> Outcome {
    match read(arguments) {
        Some(Ok(version)) => Ok(Value::Opaque(Opaque::Semver(Arc::new(version)))),
        Some(Err(message)) => failed(message),
        None => overload("semver", arguments),
    }
}

pub(super) fn is(_: &mut Call<'_>, arguments: &[Value]) -> Outcome {
    match read(arguments) {
        Some(read) => Ok(Value::Bool(read.is_ok())),
        None => overload("isSemver", arguments),
    }
}

pub(super) fn part(call: &mut Call<'_>, arguments: &[Value]) -> Outcome {
    let [Value::Opaque(Opaque::Semver(version))] = arguments else {
        return overload(call.name, arguments);
    };
    let [major, minor, patch] = version.numbers;
    let part = match call.name {
        "major" => major,
        "minor" => minor,
        _ => patch,
    };
    Ok(Value::Int(part as i64))
}
