//! Functions of strings.
//!
//! Positions are code points; only ASCII letters change case.

use super::{Call, Outcome, Row, failed, overload};
use crate::cel::value::Value;

pub(super) const FUNCTIONS: &[Row] = &[
    ("contains", &["string.(string) bool"], test),
    ("startsWith", &["string.(string) bool"], test),
    ("endsWith", &["string.(string) bool"], test),
    ("charAt", &["string.(int) string"], char_at),
    ("lowerAscii", &["string.() string"], map),
    ("upperAscii", &["string.() string"], map),
    ("trim", &["string.() string"], map),
    ("strings.quote", &["(string) string"], map),
    (
        "replace",
        &["string.(string, string) string", "string.(string, string, int) string"],
        replace,
    ),
    (
        "split",
        &["string.(string) list(string)", "string.(string, int) list(string)"],
        split,
    ),
    (
        "substring",
        &["string.(int) string", "string.(int, int) string"],
        substring,
    ),
    (
        "join",
        &["list(string).() string", "list(string).(string) string"],
        join,
    ),
];

fn test(call: &mut Call<'_>, arguments: &[Value]) -> Outcome {
    let [Value::String(text), Value::String(part)] = arguments else {
        return overload(call.name, arguments);
    };
    Ok(Value::Bool(match call.name {
        "contains" => text.contains(&**part),
        "startsWith" => text.starts_with(&**part),
        _ => text.ends_with(&**part),
    }))
}

fn map(call: &mut Call<'_>, arguments: &[Value]) -> Outcome {
    let [Value::String(text)] = arguments else {
        return overload(call.name, arguments);
    };
    call.work.spend(text.len())?;
    Ok(Value::text(match call.name {
        "lowerAscii" => text.to_ascii_lowercase(),
        "upperAscii" => text.to_ascii_uppercase(),
        "trim" => text.trim().to_owned(),
        _ => quote(text),
    }))
}

fn quote(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for letter in text.chars() {
        match letter {
            '\u{7}' => out.push_str("\\a"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{b}' => out.push_str("\\v"),
            '\\' => out.push_str("\\\\"),
            '"' => out.push_str("\\\""),
            _ => out.push(letter),
        }
    }
    out.push('"');
    out
}

fn out_of_range(position: i64) -> Outcome {
    failed(format!("index out of range: {position}"))
}

/// The byte at which a code point begins; the end of the text counts as one.
fn byte_at(text: &str, position: i64) -> Option<usize> {
    let position = usize::try_from(position).ok()?;
    let ends = std::iter::once(text.len());
    text.char_indices().map(|(at, _)| at).chain(ends).nth(position)
}

fn char_at(call: &mut Call<'_>, arguments: &[Value]) -> Outcome {
    let [Value::String(text), Value::Int(position)] = arguments else {
        return overload(call.name, arguments);
    };
    let Some(rest) = byte_at(text, *position).and_then(|at| text.get(at..)) else {
        return out_of_range(*position);
    };
    Ok(Value::text(rest.chars().take(1).collect::<String>()))
}

fn substring(call: &mut Call<'_>, arguments: &[Value]) -> Outcome {
    let (text, start, end) = match arguments {
        [Value::String(text), Value::Int(start)] => (text, *start, None),
        [Value::String(text), Value::Int(start), Value::Int(end)] => (text, *start, Some(*end)),
        _ => return overload(call.name, arguments),
    };
    call.work.spend(text.len())?;
    if let Some(end) = end.filter(|end| start > *end) {
        return failed(format!("invalid substring range. start: {start}, end: {end}"));
    }
    let Some(from) = byte_at(text, start) else {
        return out_of_range(start);
    };
    let Some(to) = end.map_or(Some(text.len()), |end| byte_at(text, end)) else {
        return out_of_range(end.unwrap_or(start));
    };
    Ok(Value::text(text.get(from..to).unwrap_or_default()))
}

pub(super) fn index_of(call: &mut Call<'_>, arguments: &[Value]) -> Outcome {
    let (text, part, offset) = match arguments {
        [Value::String(text), Value::String(part)] => (text, part, None),
        [Value::String(text), Value::String(part), Value::Int(offset)] => (text, part, Some(*offset)),
        _ => return overload(call.name, arguments),
    };
    call.work.spend(text.len())?;
    let count = |text: &str| i64::try_from(text.chars().count()).unwrap_or(i64::MAX);
    let length = count(text);
    let first = call.name == "indexOf";
    if part.is_empty() {
        return Ok(Value::Int(offset.unwrap_or(if first { 0 } else { length })));
    }
    if let Some(offset) = offset {
        if offset < 0 {
            return out_of_range(offset);
        }
        if offset >= length {
            return Ok(Value::Int(-1));
        }
    }
    let found = if first {
        let from = offset.and_then(|offset| byte_at(text, offset)).unwrap_or(0);
        let rest = text.get(from..).unwrap_or_default();
        rest.find(&**part).map(|at| from + at)
    } else {
        let last = offset.and_then(|offset| byte_at(text, offset)).unwrap_or(text.len());
        let end = last.saturating_add(part.len()).min(text.len());
        // The end may fall into a code point; what begins there is behind the offset anyway.
        let end = (end..=text.len())
            .find(|end| text.is_char_boundary(*end))
            .unwrap_or(text.len());
        let within = text.get(..end).unwrap_or_default();
        within.rfind(&**part)
    };
    let position = found.map_or(-1, |at| count(text.get(..at).unwrap_or_default()));
    Ok(Value::Int(position))
}

fn replace(call: &mut Call<'_>, arguments: &[Value]) -> Outcome {
    let (text, old, new, limit) = match arguments {
        [Value::String(text), Value::String(old), Value::String(new)] => (text, old, new, -1),
        [
            Value::String(text),
            Value::String(old),
            Value::String(new),
            Value::Int(limit),
        ] => (text, old, new, *limit),
        _ => return overload(call.name, arguments),
    };
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let count = text.matches(&**old).take(limit).count();
    call.work
        .spend(text.len().saturating_add(count.saturating_mul(new.len())))?;
    Ok(Value::text(text.replacen(&**old, new, limit)))
}

fn split(call: &mut Call<'_>, arguments: &[Value]) -> Outcome {
    let (text, separator, limit) = match arguments {
        [Value::String(text), Value::String(separator)] => (text, separator, -1),
        [Value::String(text), Value::String(separator), Value::Int(limit)] => (text, separator, *limit),
        _ => return overload(call.name, arguments),
    };
    call.work.spend(text.len())?;
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    if limit == 0 {
        return Ok(Value::list(Vec::new()));
    }
    if !separator.is_empty() {
        return Ok(Value::list(text.splitn(limit, &**separator).map(Value::text).collect()));
    }
    let mut parts = Vec::new();
    let mut rest = &**text;
    while let Some(letter) = rest.chars().next() {
        let end = if parts.len() + 1 == limit {
            rest.len()
        } else {
            letter.len_utf8()
        };
        let (part, tail) = rest.split_at(end);
        parts.push(Value::text(part));
        rest = tail;
    }
    Ok(Value::list(parts))
}

fn join(call: &mut Call<'_>, arguments: &[Value]) -> Outcome {
    let (items, separator) = match arguments {
        [Value::List(items)] => (items, ""),
        [Value::List(items), Value::String(separator)] => (items, &**separator),
        _ => return overload(call.name, arguments),
    };
    let mut out = String::new();
    for (at, item) in items.iter().enumerate() {
        let Value::String(part) = item else {
            return overload(call.name, arguments);
        };
        if at > 0 {
            out.push_str(separator);
        }
        call.work.spend(part.len() + separator.len())?;
        out.push_str(part);
    }
    Ok(Value::text(out))
}
