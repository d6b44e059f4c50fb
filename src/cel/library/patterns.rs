//! Regular expressions with the syntax and the meaning of RE2.
//!
//! A pattern is rewritten for the `regex` crate, which is as linear: classes such as `\d` are ASCII, and what only one
//! of the two engines knows is escaped or refused.

use std::sync::{Arc, OnceLock};

use regex::{Regex, RegexBuilder};

use super::{Call, Outcome, Row, overload};
use crate::cel::error::EvalError;
use crate::cel::value::Value;

pub(super) const FUNCTIONS: &[Row] = &[
    ("matches", &["(string, string) bool", "string.(string) bool"], matches),
    ("find", &["string.(string) string"], find),
    (
        "findAll",
        &["string.(string) list(string)", "string.(string, int) list(string)"],
        find_all,
    ),
];

/// A compiled pattern.
#[derive(Debug, Clone)]
pub struct Pattern(Regex);

impl Pattern {
    /// Tells whether the pattern is found in a text.
    pub fn is_match(&self, text: &str) -> bool {
        self.0.is_match(text)
    }

    /// Compiles a pattern; the error is the reason.
    pub fn new(text: &str) -> Result<Self, String> {
        let rewritten = rewritten(text)?;
        let built = RegexBuilder::new(&rewritten)
            .size_limit(1 << 22)
            .nest_limit(250)
            .build();
        built.map(Self).map_err(|_| format!("error parsing regexp: `{text}`"))
    }
}

/// The first pattern that a place in an expression computed: mostly it computes the same every time.
#[derive(Debug, Default)]
pub(in crate::cel) struct Seen(OnceLock<(Arc<str>, Pattern)>);

/// Finds the pattern of a call: the constant's, the one seen before, or a new one. What is remembered is charged for all
/// the same, so that no verdict depends on what came before.
fn with<T>(call: &mut Call<'_>, text: &Arc<str>, then: impl FnOnce(&Regex) -> T) -> Result<T, EvalError> {
    if let Some(Pattern(regex)) = call.pattern {
        return Ok(then(regex));
    }
    call.work.spend(text.len().saturating_mul(100))?;
    let seen = call.seen.and_then(|seen| seen.0.get());
    if let Some((_, Pattern(regex))) = seen.filter(|(known, _)| known == text) {
        return Ok(then(regex));
    }
    let pattern = Pattern::new(text).map_err(EvalError::failed)?;
    let found = then(&pattern.0);
    if let Some(seen) = call.seen.filter(|seen| seen.0.get().is_none()) {
        // Another thread may have been faster, with a pattern that is as good.
        let _ = seen.0.set((text.clone(), pattern));
    }
    Ok(found)
}

fn matches(call: &mut Call<'_>, arguments: &[Value]) -> Outcome {
    let [Value::String(text), Value::String(pattern)] = arguments else {
        return overload(call.name, arguments);
    };
    with(call, pattern, |regex| Value::Bool(regex.is_match(text)))
}

fn find(call: &mut Call<'_>, arguments: &[Value]) -> Outcome {
    let [Value::String(text), Value::String(pattern)] = arguments else {
        return overload(call.name, arguments);
    };
    with(call, pattern, |regex| {
        Value::text(regex.find(text).map_or("", |found| found.as_str()))
    })
}

fn find_all(call: &mut Call<'_>, arguments: &[Value]) -> Outcome {
    let (text, pattern, limit) = match arguments {
        [Value::String(text), Value::String(pattern)] => (text, pattern, -1),
        [Value::String(text), Value::String(pattern), Value::Int(limit)] => (text, pattern, *limit),
        _ => return overload(call.name, arguments),
    };
    call.work.spend(text.len())?;
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    with(call, pattern, |regex| {
        let found = regex.find_iter(text).take(limit);
        Value::list(found.map(|found| Value::text(found.as_str())).collect())
    })
}

/// RE2's syntax in the words of the `regex` crate.
fn rewritten(pattern: &str) -> Result<String, String> {
    let refuse = |reason: &str| Err(format!("error parsing regexp: {reason}: `{pattern}`"));
    let mut out = String::with_capacity(pattern.len() + 16);
    let mut rest = pattern;
    let mut class = false;
    let mut repeated = false;
    while let Some(letter) = rest.chars().next() {
        let after = rest.get(letter.len_utf8()..).unwrap_or_default();
        let was_repeated = std::mem::take(&mut repeated);
        match letter {
            '\\' => {
                rest = escape(after, class, &mut out)
                    .ok_or_else(|| format!("error parsing regexp: invalid escape sequence: `{pattern}`"))?;
                continue;
            }
            '[' if class => match after.starts_with(':') && after.contains(":]") {
                true => {
                    let end = rest.find(":]").map_or(rest.len(), |at| at + 2);
                    out.push_str(rest.get(..end).unwrap_or_default());
                    rest = rest.get(end..).unwrap_or_default();
                    continue;
                }
                false => out.push_str("\\["),
            },
            '[' => {
                class = true;
                out.push('[');
                let negated = after.strip_prefix('^');
                if negated.is_some() {
                    out.push('^');
                }
                rest = negated.unwrap_or(after);
                if let Some(tail) = rest.strip_prefix(']') {
                    out.push_str("\\]");
                    rest = tail;
                }
                continue;
            }
            ']' if class => {
                class = false;
                out.push(']');
            }
            '&' | '~' if class => {
                out.push('\\');
                out.push(letter);
            }
            '-' if class && after.starts_with('-') => out.push_str("\\-"),
            '{' if !class => match repetition(after) {
                Some((least, most, length)) => {
                    if was_repeated {
                        return refuse("invalid nested repetition operator");
                    }
                    if least > 1000 || most.is_some_and(|most| most > 1000 || most < least) {
                        return refuse("invalid repeat count");
                    }
                    repeated = true;
                    out.push('{');
                    out.push_str(after.get(..length).unwrap_or_default());
                    rest = after.get(length..).unwrap_or_default();
                    if let Some(tail) = rest.strip_prefix('?') {
                        out.push('?');
                        rest = tail;
                    }
                    continue;
                }
                None => out.push_str("\\{"),
            },
            '}' if !class => out.push_str("\\}"),
            '*' | '+' | '?' if !class => {
                if was_repeated {
                    return refuse("invalid nested repetition operator");
                }
                repeated = true;
                out.push(letter);
                if let Some(tail) = after.strip_prefix('?') {
                    out.push('?');
                    rest = tail;
                    continue;
                }
            }
            '(' if !class && after.starts_with('?') => {
                let end = after.find([':', ')', '<', '=', '!']).unwrap_or(0);
                let flags = after.get(1..end).unwrap_or_default();
                let named = after.starts_with("?P<") || after.starts_with("?<");
                if !named && !flags.chars().all(|flag| "imsU-".contains(flag)) {
                    return refuse("invalid or unsupported Perl syntax");
                }
                out.push('(');
            }
            _ => out.push(letter),
        }
        rest = after;
    }
    Ok(out)
}

/// Reads what is behind `{` as a repetition: its bounds and its length with the brace.
fn repetition(text: &str) -> Option<(u32, Option<u32>, usize)> {
    let end = text.find('}')?;
    let body = text.get(..end)?;
    let number = |digits: &str| -> Option<u32> {
        let plain = !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit());
        plain.then(|| digits.parse().unwrap_or(u32::MAX))
    };
    let (least, most) = match body.split_once(',') {
        None => (number(body)?, None),
        Some((least, "")) => (number(least)?, None),
        Some((least, most)) => (number(least)?, Some(number(most)?)),
    };
    Some((least, most, end + 1))
}

/// Rewrites an escape; returns what is behind it.
fn escape<'t>(after: &'t str, class: bool, out: &mut String) -> Option<&'t str> {
    let letter = after.chars().next()?;
    let rest = after.get(letter.len_utf8()..)?;
    let (open, close) = if class { ("", "") } else { ("[", "]") };
    let ascii = |members: &str| format!("{open}{members}{close}");
    match letter {
        'd' => out.push_str(&ascii("0-9")),
        'w' => out.push_str(&ascii("0-9A-Za-z_")),
        's' => out.push_str(&ascii("\\t\\n\\x0c\\r ")),
        'D' => out.push_str("[^0-9]"),
        'W' => out.push_str("[^0-9A-Za-z_]"),
        'S' => out.push_str("[^\\t\\n\\x0c\\r ]"),
        'b' | 'B' if !class => out.push_str(&format!("(?-u:\\{letter})")),
        'A' | 'z' if !class => {
            out.push('\\');
            out.push(letter);
        }
        'x' | 'p' | 'P' => {
            out.push('\\');
            out.push(letter);
            if rest.starts_with('{') {
                let (braced, tail) = rest.split_at(rest.find('}')? + 1);
                out.push_str(braced);
                return Some(tail);
            }
        }
        'a' | 'f' | 't' | 'n' | 'r' | 'v' => {
            out.push('\\');
            out.push(letter);
        }
        'Q' => {
            let (literal, tail) = rest.split_once("\\E").unwrap_or((rest, ""));
            out.push_str(&regex::escape(literal));
            return Some(tail);
        }
        '0'..='7' => {
            let digits = after
                .bytes()
                .take(3)
                .take_while(|digit| (b'0'..=b'7').contains(digit))
                .count();
            if letter != '0' && digits < 2 {
                return None;
            }
            let code = u32::from_str_radix(after.get(..digits)?, 8).ok()?;
            out.push_str(&format!("\\x{{{code:x}}}"));
            return after.get(digits..);
        }
        _ if letter.is_ascii_punctuation() => out.push_str(&format!("\\x{{{:x}}}", u32::from(letter))),
        _ => return None,
    }
    Some(rest)
}
