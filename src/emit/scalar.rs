//! Strings as YAML scalars: plain, literal block or double-quoted.
//!
//! A string is plain only where neither a YAML 1.1 nor a YAML 1.2 reader could take it for anything else, so no text
//! changes its type between the reviewer, kubectl, Argo CD and Flux.

use std::fmt::Write as _;

/// Writes a string value; `indent` is the column of the lines of a literal block.
pub(super) fn value(text: &str, indent: usize, out: &mut String) {
    let seen = scan(text);
    if is_plain(text, seen) {
        out.push_str(text);
    } else if is_block(text, seen) {
        block(text, indent, out);
    } else {
        quoted(text, out);
    }
}

/// Writes a key, which is never a block.
pub(super) fn key(text: &str, out: &mut String) {
    if is_plain(text, scan(text)) {
        out.push_str(text);
    } else {
        quoted(text, out);
    }
}

/// Starts a line at a column.
pub(super) fn newline(indent: usize, out: &mut String) {
    const BLANKS: &str = "                                                                ";
    out.push('\n');
    match BLANKS.get(..indent) {
        Some(blanks) => out.push_str(blanks),
        None => out.extend(std::iter::repeat_n(' ', indent)),
    }
}

// What a byte means for the style of the scalar that holds it.
const BLANK: u8 = 1;
const COLON: u8 = 1 << 1;
const HASH: u8 = 1 << 2;
/// A letter that occurs in no number, in no base, and in no timestamp.
const WORDY: u8 = 1 << 3;
const BREAK: u8 = 1 << 4;
const TAB: u8 = 1 << 5;
const CONTROL: u8 = 1 << 6;
const WIDE: u8 = 1 << 7;

static CLASSES: [u8; 256] = classes();

const fn classes() -> [u8; 256] {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < table.len() {
        table[byte] = match byte as u8 {
            b' ' => BLANK,
            b':' => COLON,
            b'#' => HASH,
            b'g'..=b'm' | b'p'..=b's' | b'u'..=b'w' | b'G'..=b'M' | b'P'..=b'S' | b'U'..=b'W' => WORDY,
            b'\n' => BREAK,
            b'\t' => TAB,
            0..=31 | 127 => CONTROL,
            128..=255 => WIDE,
            _ => 0,
        };
        byte += 1;
    }
    table
}

/// Returns the classes of all bytes of a text together.
fn scan(text: &str) -> u8 {
    text.bytes().fold(0, |seen, byte| seen | CLASSES[usize::from(byte)])
}

fn is_plain(text: &str, seen: u8) -> bool {
    seen & (BREAK | TAB | CONTROL) == 0
        && starts_like_text(text, seen)
        && (seen & (BLANK | COLON | HASH) == 0 || is_free_of_indicators(text))
        && (seen & WIDE == 0 || text.chars().all(is_literal))
        && !is_reserved(text)
}

/// Says whether the beginning rules out an indicator, a number and a timestamp.
fn starts_like_text(text: &str, seen: u8) -> bool {
    match text.as_bytes() {
        [b'-', b'-', next, ..] | [b'-', next, ..] => next.is_ascii_alphabetic(),
        // A digit needs a letter that no number has, and no colon: `10m`, `4Gi`, but not `1e3`, `0xff` or `12:30`.
        [b'0'..=b'9', ..] => seen & WORDY != 0 && seen & COLON == 0,
        [first, ..] => first.is_ascii_alphabetic() || b"/_(^$\\;".contains(first),
        [] => false,
    }
}

/// Says whether blanks, colons and hashes stand where they mean nothing.
fn is_free_of_indicators(text: &str) -> bool {
    let pairs = || text.as_bytes().windows(2);
    !text.ends_with([' ', ':']) && !pairs().any(|pair| pair == b": " || pair == b" #")
}

/// Says whether some reader takes the word for a boolean, a null or a number, in whatever case.
fn is_reserved(text: &str) -> bool {
    let word = text.strip_prefix('-').unwrap_or(text);
    let words: &[&str] = match word.len() {
        1 => &["y", "n"],
        2 => &["no", "on"],
        3 => &["yes", "off", "nan", "inf"],
        4 => &["true", "null"],
        5 => &["false"],
        8 => &["infinity"],
        _ => return false,
    };
    words.iter().any(|reserved| word.eq_ignore_ascii_case(reserved))
}

/// Says whether a character may stand for itself: every reader takes it, and a reviewer sees what it is. That leaves
/// out invisible characters, those that reorder a line, and the supplementary planes, as kubectl does.
fn is_literal(character: char) -> bool {
    match character {
        '\u{a0}' | '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{2000}'..='\u{200f}' | '\u{2028}'..='\u{202f}' => false,
        '\u{205f}'..='\u{206f}' | '\u{feff}' | '\u{fff0}'..='\u{ffff}' => false,
        ' '..='~' | '\u{a1}'..='\u{ffef}' => true,
        _ => false,
    }
}

/// Says whether a literal block gives the text back, and keeps it when an editor trims the ends of its lines.
fn is_block(text: &str, seen: u8) -> bool {
    if seen & BREAK == 0 || seen & CONTROL != 0 {
        return false;
    }
    let body = text.strip_suffix('\n').unwrap_or(text);
    let trimmed = |line: &str| !line.ends_with([' ', '\t']);
    !body.starts_with([' ', '\t', '\n'])
        && !body.is_empty()
        && !body.ends_with('\n')
        && body.split('\n').all(trimmed)
        && (seen & WIDE == 0
            || body
                .chars()
                .all(|character| matches!(character, '\n' | '\t') || is_literal(character)))
}

fn block(text: &str, indent: usize, out: &mut String) {
    let body = text.strip_suffix('\n');
    out.push_str(if body.is_some() { "|" } else { "|-" });
    for line in body.unwrap_or(text).split('\n') {
        if line.is_empty() {
            out.push('\n');
        } else {
            newline(indent, out);
            out.push_str(line);
        }
    }
}

fn quoted(text: &str, out: &mut String) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            _ if is_literal(character) => out.push(character),
            _ => escaped(character, out),
        }
    }
    out.push('"');
}

fn escaped(character: char, out: &mut String) {
    let code = u32::from(character);
    // Writing to a `String` cannot fail.
    let _ = if code > 0xffff {
        write!(out, "\\U{code:08X}")
    } else {
        write!(out, "\\u{code:04X}")
    };
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::emit::claims::claimed;

    fn written(text: &str) -> String {
        let mut out = String::new();
        value(text, 2, &mut out);
        out
    }

    #[test]
    fn text_is_plain() {
        let words = "odoo odoo.example.com https://example.com:8443/web registry.example.com:5000/odoo@sha256:0a1b \
                     --max-cron-threads=2 -c 10m 4Gi 100Mi /var/lib/odoo $(POD_NAME) _x a#b a:b caf\u{e9}";
        for text in words.split(' ').chain(["a, b and c's [d] {e}", "two  words"]) {
            assert_eq!(written(text), text);
        }
    }

    #[test]
    fn ambiguous_text_is_quoted() {
        let words = "y No ON off Yes true FALSE Null ~ = << nan -inf 17.0 1e3 0x1F 0o17 0b1 1_000 +_1 .5 1. .inf 12:30 \
                     2026-01-01 0644 -1 - --- a: !x &x *x @x `x` %x | > [a] {a 'a' 100% 1.2.3.4 12e4f0 \u{e9}";
        for text in words.split(' ').chain(["", "- a", "? a", "a: b", "a #b", "a ", " a"]) {
            assert_eq!(written(text), format!("\"{text}\""));
        }
    }

    #[test]
    fn unprintable_and_invisible_characters_are_escaped() {
        assert_eq!(
            written("a\u{0}\u{7f}\u{85}\u{2028}\u{feff}\u{202e}"),
            r#""a\u0000\u007F\u0085\u2028\uFEFF\u202E""#
        );
        assert_eq!(written("a\u{a0}\u{1f600}"), r#""a\u00A0\U0001F600""#);
        assert_eq!(written("\"\\\t\r"), r#""\"\\\t\r""#);
    }

    #[test]
    fn safe_text_of_several_lines_is_a_block() {
        assert_eq!(written("a\nb\n"), "|\n  a\n  b");
        assert_eq!(written("a\n\n\tb"), "|-\n  a\n\n  \tb");
        assert_eq!(written("# a: b\n--- é\n"), "|\n  # a: b\n  --- é");
        assert_eq!(written("#!/bin/sh\n- x\n"), "|\n  #!/bin/sh\n  - x");
    }

    #[test]
    fn other_text_of_several_lines_is_quoted() {
        let texts = "\n|\na| a\nb|\ta\nb|a \nb|a\t\nb|a\nb\n\n|a\n \nb|a\r\nb\n|a\u{2028}\nb|a\nb ";
        for text in texts.split('|') {
            assert!(written(text).starts_with('"'), "{text:?}");
        }
    }

    #[test]
    fn no_reader_claims_a_plain_scalar() {
        let alphabet: Vec<_> = "y n o e x 0 1 9 _ - + . : k = < ~ T Z inf"
            .split(' ')
            .chain([" "])
            .collect();
        let count = alphabet.len();
        for number in 0..count.pow(4) {
            let text: String = (0..4)
                .map(|place| alphabet[number / count.pow(place) % count])
                .collect();
            let plain = written(&text);
            assert!(
                plain.starts_with('"') || claimed(&plain).is_none(),
                "{text:?} is {:?}",
                claimed(&plain)
            );
        }
    }
}
