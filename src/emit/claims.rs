//! What readers take plain scalars for: the types of yaml.org's YAML 1.1 repository, PyYAML, go-yaml and Ruby.
//!
//! A judge for the tests of the emitter, written from the readers' own patterns and without a look at the emitter.

/// Names the type that some reader gives to a plain scalar, if it is not a string everywhere.
pub(super) fn claimed(text: &str) -> Option<&'static str> {
    let claim = match text {
        "" | "~" | "null" | "Null" | "NULL" => "null",
        "<<" | "=" => "merge or value",
        _ if is_bool(text) => "bool",
        _ if is_integer(text) || is_go_integer(text) => "integer",
        _ if is_float(text) => "float",
        _ if is_sexagesimal(text) => "sexagesimal",
        _ if is_timestamp(text) => "timestamp",
        _ => return None,
    };
    Some(claim)
}

fn is_bool(text: &str) -> bool {
    let forms = ["y", "yes", "n", "no", "true", "false", "on", "off"];
    forms.iter().any(|form| form.eq_ignore_ascii_case(text))
}

fn unsigned(text: &str) -> &str {
    text.strip_prefix(['-', '+']).unwrap_or(text)
}

/// Says whether a text is not empty and all its characters are in a set.
fn all(text: &str, set: &str) -> bool {
    !text.is_empty() && text.chars().all(|character| set.contains(character))
}

/// `[-+]?0b[0-1_]+`, `[-+]?0x[0-9a-fA-F_]+`, `[-+]?[0-9][0-9_,]*`, and the octal of YAML 1.2.
fn is_integer(text: &str) -> bool {
    let text = unsigned(text);
    let prefixed = |prefix: &str, set| text.strip_prefix(prefix).is_some_and(|digits| all(digits, set));
    prefixed("0b", "01_")
        || prefixed("0o", "01234567_")
        || prefixed("0x", "0123456789abcdefABCDEF_")
        || text.starts_with(|first: char| first.is_ascii_digit()) && all(text, "0123456789_,")
}

/// go-yaml drops every underscore and lets `strconv.ParseInt` find the base, in either case of the prefix.
fn is_go_integer(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_digit() || matches!(first, '+' | '-' | '.'))
        && is_integer(&text.replace('_', "").to_ascii_lowercase())
}

/// `[-+]?(\.[0-9_]+|[0-9][0-9_,]*(\.[0-9_.]*)?)([eE][-+]?[0-9]+)?` and the words for infinity and no number.
fn is_float(text: &str) -> bool {
    let text = unsigned(text);
    let word = text.strip_prefix('.').unwrap_or(text).to_ascii_lowercase();
    if matches!(word.as_str(), "inf" | "nan" | "infinity") {
        return true;
    }
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    mantissa.contains(|character: char| character.is_ascii_digit())
        && mantissa.starts_with(|first: char| first.is_ascii_digit() || matches!(first, '.' | '_'))
        && (!mantissa.starts_with('_') || text.starts_with('+'))
        && all(mantissa, "0123456789_,.")
        && all(unsigned(exponent), "0123456789_")
}

/// `[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?`
fn is_sexagesimal(text: &str) -> bool {
    let mut parts = unsigned(text).split(':');
    let first = parts
        .next()
        .is_some_and(|part| !part.starts_with('_') && all(part, "0123456789_"));
    let rest: Vec<_> = parts.collect();
    first && !rest.is_empty() && rest.iter().all(|part| all(part, "0123456789_."))
}

/// `2001-12-14`, `2001-12-14t21:59:43.10-05:00`, `2001-12-14 21:59:43.10 -5` and whatever resembles them.
fn is_timestamp(text: &str) -> bool {
    let year = text
        .split_once('-')
        .is_some_and(|(year, _)| year.len() == 4 && all(year, "0123456789"));
    year && all(text, "0123456789-+:. \ttTzZ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn claims_what_readers_claim() {
        let claimed_forms = "yes N Off ~ << = 1 -0x1F 0b1_0 0O17 +_1 1_000 1,000 1e3 1. .5 0.1_5 -.INF .nan 190:20:30 \
                             1:30.5 2026-01-01 2026-01-01T00:00:00Z 9E6_";
        for text in claimed_forms.split(' ').chain(["", "2026-01-01 00:00:00"]) {
            assert!(claimed(text).is_some(), "{text}");
        }
        for text in "a 10m 1.2.3k yesterday 0xg -c e3 1-1 _1 x:1".split(' ') {
            assert_eq!(claimed(text), None, "{text}");
        }
    }
}
