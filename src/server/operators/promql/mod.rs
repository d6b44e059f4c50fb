//! Expressions of Prometheus, version 3, read as its own parser reads them: syntax, functions and types.
//!
//! What is accepted here its parser accepts with no feature switched on, and the other way round. The words are its words,
//! but of several complaints about one expression the first is given.

mod functions;
mod parser;
mod selector;
mod tokens;
mod types;

use std::collections::BTreeMap;
use std::sync::{LazyLock, RwLock};

/// How many texts are remembered; the alerts of a fleet are few texts in many places.
const REMEMBERED: usize = 4096;

static VERDICTS: LazyLock<RwLock<BTreeMap<String, Option<String>>>> = LazyLock::new(RwLock::default);

/// Returns why Prometheus refuses an expression.
pub(super) fn refusal(text: &str) -> Option<String> {
    if let Ok(verdicts) = VERDICTS.read()
        && let Some(verdict) = verdicts.get(text)
    {
        return verdict.clone();
    }
    let verdict = read(text);
    if let Ok(mut verdicts) = VERDICTS.write()
        && verdicts.len() < REMEMBERED
    {
        verdicts.insert(text.to_owned(), verdict.clone());
    }
    verdict
}

fn read(text: &str) -> Option<String> {
    let tokens = tokens::read(text);
    let fault = tokens.and_then(|tokens| parser::check(&tokens)).err()?;
    let before = text.get(..fault.position).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().map_or(0, str::len) + 1;
    Some(format!("{line}:{column}: parse error: {}", fault.message))
}

/// What is wrong, and at which byte.
#[derive(Debug)]
struct Fault {
    position: usize,
    message: String,
}

impl Fault {
    fn new(position: usize, message: impl Into<String>) -> Self {
        Self {
            position,
            message: message.into(),
        }
    }
}

/// Reads a duration: numbers with units from years down to milliseconds, each unit once; returns milliseconds.
pub(super) fn duration(text: &str) -> Result<u64, String> {
    const UNITS: [(&str, u64); 7] = [
        ("y", 365 * 86_400_000),
        ("w", 7 * 86_400_000),
        ("d", 86_400_000),
        ("h", 3_600_000),
        ("m", 60_000),
        ("s", 1000),
        ("ms", 1),
    ];
    /// What fits into Go's nanoseconds.
    const LONGEST: u64 = i64::MAX as u64 / 1_000_000;
    match text {
        "0" => return Ok(0),
        "" => return Err("empty duration string".to_owned()),
        _ => {}
    }
    let refused = || format!("not a valid duration string: {text:?}");
    let (mut total, mut next, mut rest) = (0_u64, 0, text);
    while !rest.is_empty() {
        let (number, tail) = rest.split_at(rest.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(rest.len()));
        let (unit, tail) = tail.split_at(tail.find(|letter: char| letter.is_ascii_digit()).unwrap_or(tail.len()));
        let number: u64 = number.parse().map_err(|_| refused())?;
        if unit.is_empty() {
            return Err(refused());
        }
        let place = UNITS.iter().position(|(name, _)| *name == unit);
        let place = place.ok_or_else(|| format!("unknown unit {unit:?} in duration {text:?}"))?;
        if place < next {
            return Err(refused());
        }
        next = place + 1;
        let scale = UNITS.get(place).map_or(1, |(_, scale)| *scale);
        let sum = number.checked_mul(scale).and_then(|part| total.checked_add(part));
        total = sum
            .filter(|sum| *sum <= LONGEST)
            .ok_or_else(|| "duration out of range".to_owned())?;
        rest = tail;
    }
    Ok(total)
}

#[cfg(test)]
mod tests;
