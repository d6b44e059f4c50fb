//! Where the characters of a decoded scalar stand in the text that it was read from.
//!
//! The scalar is decoded once more, character by character with its place; where that does not give the very text that
//! the parser gave, there is no answer, so an answer is never wrong.

use std::ops::Range;

use granit_parser::ScalarStyle;

/// Returns the range of the source that became `wanted`, a byte range of the scalar's decoded text.
pub(super) fn map(
    text: &str,
    scalar: Range<usize>,
    style: ScalarStyle,
    decoded: &str,
    wanted: Range<usize>,
) -> Option<Range<usize>> {
    let raw = text.get(scalar.clone())?;
    let mut pieces = match style {
        ScalarStyle::Plain => flow(raw, Quote::None),
        ScalarStyle::SingleQuoted => flow(raw.strip_prefix('\'')?.strip_suffix('\'')?, Quote::Single),
        ScalarStyle::DoubleQuoted => flow(raw.strip_prefix('"')?.strip_suffix('"')?, Quote::Double),
        ScalarStyle::Literal | ScalarStyle::Folded => Some(block(text, scalar.start, decoded)?),
    }?;
    let offset = match style {
        ScalarStyle::Plain => scalar.start,
        ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => scalar.start + 1,
        ScalarStyle::Literal | ScalarStyle::Folded => 0,
    };
    for piece in &mut pieces {
        piece.source = piece.source.start + offset..piece.source.end + offset;
    }
    if !pieces.iter().map(|piece| piece.is).eq(decoded.chars()) {
        return None;
    }
    narrow(&pieces, wanted)
}

/// One character of the decoded text, and what was written for it.
struct Piece {
    is: char,
    source: Range<usize>,
}

fn narrow(pieces: &[Piece], wanted: Range<usize>) -> Option<Range<usize>> {
    let mut found: Option<Range<usize>> = None;
    let mut at = 0;
    for piece in pieces {
        let next = at + piece.is.len_utf8();
        let touches = at < wanted.end && next > wanted.start;
        if touches || (at == wanted.start && wanted.is_empty()) {
            let start = found.map_or(piece.source.start, |found| found.start);
            let end = if touches { piece.source.end } else { start };
            found = Some(start..end);
        }
        at = next;
    }
    // The end of the text is a place too: that is where something is missing.
    let end = pieces.last().map(|last| last.source.end);
    found.or(end.filter(|_| wanted.start >= at).map(|end| end..end))
}

#[derive(Clone, Copy, PartialEq)]
enum Quote {
    None,
    Single,
    Double,
}

/// Decodes what may be folded over lines: plain and quoted text, without its quotes.
fn flow(raw: &str, quote: Quote) -> Option<Vec<Piece>> {
    let mut pieces = Vec::with_capacity(raw.len());
    // Blanks before a line break are dropped, unless they were escaped.
    let mut kept = 0;
    let mut at = 0;
    while let Some(next) = raw.get(at..)?.chars().next() {
        let mut length = next.len_utf8();
        match next {
            '\n' | '\r' => {
                let blank = pieces.iter().skip(kept).rev();
                let drop = blank
                    .take_while(|piece: &&Piece| matches!(piece.is, ' ' | '\t'))
                    .count();
                pieces.truncate(pieces.len() - drop);
                length = fold(raw.get(at..)?, at, &mut pieces);
                kept = pieces.len();
            }
            '\'' if quote == Quote::Single => {
                length = 2;
                pieces.push(piece('\'', at, length));
            }
            '\\' if quote == Quote::Double => {
                let rest = raw.get(at + 1..)?;
                if rest.starts_with(['\n', '\r']) {
                    length = 1 + fold_away(rest, at + 1, &mut pieces);
                } else {
                    let (is, taken) = unescape(rest)?;
                    length = 1 + taken;
                    pieces.push(piece(is, at, length));
                }
                kept = pieces.len();
            }
            _ => pieces.push(piece(next, at, length)),
        }
        at += length;
    }
    Some(pieces)
}

fn piece(is: char, at: usize, length: usize) -> Piece {
    Piece {
        is,
        source: at..at + length,
    }
}

/// One line break becomes a space, more become one fewer; returns how much was read.
fn fold(rest: &str, at: usize, pieces: &mut Vec<Piece>) -> usize {
    let (breaks, length) = breaks(rest);
    match breaks {
        0 | 1 => pieces.push(piece(' ', at, length)),
        _ => pieces.extend((1..breaks).map(|_| piece('\n', at, length))),
    }
    length
}

/// The same after a backslash, which takes the first line break away.
fn fold_away(rest: &str, at: usize, pieces: &mut Vec<Piece>) -> usize {
    let (breaks, length) = breaks(rest);
    pieces.extend((1..breaks).map(|_| piece('\n', at, length)));
    length
}

/// Counts the line breaks at the start of a text, and measures them with the blanks among and after them.
fn breaks(rest: &str) -> (usize, usize) {
    let length = rest.len() - rest.trim_start_matches([' ', '\t', '\n', '\r']).len();
    let blank = rest.get(..length).unwrap_or_default();
    let pairs = blank.matches("\r\n").count();
    (blank.matches(['\n', '\r']).count() - pairs, length)
}

/// Reads an escape after its backslash; returns the character and how long the rest of the escape is.
fn unescape(rest: &str) -> Option<(char, usize)> {
    let mark = rest.chars().next()?;
    let digits = match mark {
        'x' => 2,
        'u' => 4,
        'U' => 8,
        _ => 0,
    };
    if digits > 0 {
        let number = u32::from_str_radix(rest.get(1..=digits)?, 16).ok()?;
        if (0xd800..0xdc00).contains(&number) {
            let low = u32::from_str_radix(rest.get(1 + digits..)?.strip_prefix("\\u")?.get(..4)?, 16).ok()?;
            let joined = 0x10000 + ((number - 0xd800) << 10) + low.checked_sub(0xdc00)?;
            return Some((char::from_u32(joined)?, 1 + digits + 6));
        }
        return Some((char::from_u32(number)?, 1 + digits));
    }
    let is = match mark {
        '0' => '\0',
        'a' => '\u{7}',
        'b' => '\u{8}',
        't' | '\t' => '\t',
        'n' => '\n',
        'v' => '\u{b}',
        'f' => '\u{c}',
        'r' => '\r',
        'e' => '\u{1b}',
        'N' => '\u{85}',
        '_' => '\u{a0}',
        'L' => '\u{2028}',
        'P' => '\u{2029}',
        ' ' | '"' | '/' | '\\' => mark,
        _ => return None,
    };
    Some((is, mark.len_utf8()))
}

/// Follows a block scalar line by line: a line of the source begins where its indentation ends, and what stands between
/// lines is whatever the decoded text has there.
fn block(text: &str, start: usize, decoded: &str) -> Option<Vec<Piece>> {
    let lines = lines_from(text, first_line(text, start));
    let spaces = |line: &str| line.len() - line.trim_start_matches(' ').len();
    let has_text = |line: &&str| !line.trim_matches(' ').is_empty();
    // An indentation that is written in the header leaves the first line blanks of its own.
    let own = spaces(decoded.split('\n').find(has_text)?);
    let indent = spaces(lines.clone().map(|(_, line)| line).find(has_text)?).checked_sub(own)?;
    let mut pieces = Vec::with_capacity(decoded.len());
    let mut rest = decoded;
    for (at, line) in lines {
        let content = line.get(indent..).unwrap_or_default();
        if !content.is_empty() {
            while !rest.starts_with(content) {
                let between = rest.chars().next().filter(|next| matches!(next, ' ' | '\n'))?;
                pieces.push(piece(between, at, 0));
                rest = rest.get(1..)?;
            }
            for (offset, letter) in content.char_indices() {
                pieces.push(piece(letter, at + indent + offset, letter.len_utf8()));
            }
            rest = rest.get(content.len()..)?;
        }
        if rest.trim_matches('\n').is_empty() {
            pieces.extend(rest.chars().map(|letter| piece(letter, at + line.len(), 0)));
            break;
        }
    }
    Some(pieces)
}

/// Returns where the first line of a block begins: blank lines before its content belong to it.
fn first_line(text: &str, start: usize) -> usize {
    let mut first = super::locate::line_start(text, start);
    while let Some(before) = text.get(..first.saturating_sub(1)) {
        let previous = super::locate::line_start(text, before.len());
        let blank = text.get(previous..first).is_some_and(|line| line.trim().is_empty());
        if !blank || previous >= first {
            break;
        }
        first = previous;
    }
    first
}

/// The lines from an offset on, without their breaks.
fn lines_from(text: &str, start: usize) -> impl Iterator<Item = (usize, &str)> + Clone {
    let mut at = start;
    let rest = text.get(start..).unwrap_or_default();
    rest.split_inclusive('\n').map(move |line| {
        let here = at;
        at += line.len();
        (here, line.trim_end_matches(['\n', '\r']))
    })
}

#[cfg(test)]
mod tests {
    use super::super::tests::source;
    use super::super::{Document, parse};
    use proptest::prelude::*;

    /// What of the text stands for a part of the value of `e`.
    fn shown<'a>(document: &'a Document, part: &str) -> &'a str {
        let value = document.value["e"].as_str().unwrap();
        let at = value.find(part).unwrap();
        let span = document.locate_text("/e", at..at + part.len()).span;
        &document.source.text[span]
    }

    #[test]
    fn a_part_is_found_in_every_style() {
        for (text, part, written) in [
            ("e: object.spec == 1 # x", "spec", "spec"),
            ("{e: object.spec, f: 1}", "spec", "spec"),
            ("e: 'it''s ok'", "'s ok", "''s ok"),
            ("e: \"a\\u00e9\\tb c\"", "\u{e9}\t", "\\u00e9\\t"),
            ("e: \"\\U0001F600x\"", "x", "x"),
            ("e: \"\\ud83d\\ude00x\"", "x", "x"),
            ("e: one\n  two\n\n  three", "two", "two"),
            ("e: one\n  two\n\n  three", "three", "three"),
            ("e: 'one  \n\n\n   two'", "two", "two"),
            ("e: \"one \\\n   two \\  \n three\"", "two", "two"),
            ("e: \"one \\\n   two \\  \n three\"", "three", "three"),
            ("e: |\n  one\n  two(\n", "two(", "two("),
            ("e: |\r\n  one\r\n  two(\r\n", "two(", "two("),
            ("e: |2\n     one\n    two(\n", "two(", "two("),
            ("e: |\n\n\n  one\n\n  two\n", "one\n\ntwo", "one\n\n  two"),
            ("e: |-\n  one\n\n\n", "one", "one"),
            ("e: |+\n  one\n\n\nf: 1\n", "one", "one"),
            ("e: >\n  one\n  two\n\n    three\n  four\n", "two", "two"),
            ("e: >\n  one\n  two\n\n    three\n  four\n", "  three", "  three"),
            ("e: >\n  one\n  two\n\n    three\n  four\n", "four", "four"),
            ("e: >-\n\n  one\n  two\n", "one two", "one\n  two"),
            ("e: >+\n  é one\n\n  two\n\n", "two", "two"),
        ] {
            let (documents, findings) = parse(&source(text));
            assert_eq!(findings, [], "{text:?}");
            assert_eq!(shown(&documents[0], part), written, "{text:?} {}", documents[0].value);
        }
    }

    #[test]
    fn what_has_no_place_is_shown_as_a_whole() {
        let document = parse(&source("e: abc\nm: 12\nl: [1]\n")).0.remove(0);
        let shown = |pointer: &str, range| {
            let span = document.locate_text(pointer, range).span;
            (span.start, document.source.text[span].to_owned())
        };
        assert_eq!(shown("/e", 3..3), (6, String::new()));
        assert_eq!(shown("/e", 0..99), (3, "abc".to_owned()));
        assert_eq!(shown("/m", 0..1), (10, "1".to_owned()));
        assert_eq!(shown("/l", 0..1), (16, "[".to_owned()));
        assert_eq!(shown("/absent", 0..1), (0, "e".to_owned()));
        let huge = Document::from_value("x", serde_json::json!({"e": "a\u{7f}\n\u{feff}b"}));
        assert_eq!(self::shown(&huge, "b"), "b");
    }

    /// Writes lines in one of the styles that block and quoted text have.
    fn written(lines: &[String], style: usize, indent: usize) -> String {
        let pad = " ".repeat(indent);
        let joined: String = lines.iter().map(|line| format!("{pad}{line}\n")).collect();
        match style {
            0 => format!("e: |\n{joined}"),
            1 => format!("e: >-\n{joined}"),
            2 => format!("e: |{indent}+\n{joined}"),
            3 => format!("e: '{}'\n", joined.trim()),
            4 => format!("e: \"{}\"\n", joined.trim()),
            _ => format!("e: x{}\n", joined.trim()),
        }
    }

    proptest! {
        /// Every part that is found again is the part: with its folding undone, the source says the same.
        #[test]
        fn parts_of_any_scalar_are_the_parts(
            lines in prop::collection::vec("[a-c é]{0,6}", 1..6),
            style in 0_usize..6,
            indent in 1_usize..5,
            cut in (0_usize..40, 0_usize..40),
        ) {
            let text = written(&lines, style, indent);
            let (documents, findings) = parse(&source(&text));
            prop_assume!(findings.is_empty());
            let document = &documents[0];
            // Nothing was written for a blank text but its mark, which is shown.
            let Some(value) = document.value["e"].as_str().filter(|value| !value.trim().is_empty()) else {
                return Ok(());
            };
            let ends: Vec<usize> = value.char_indices().map(|(at, _)| at).chain([value.len()]).collect();
            let (from, to) = (ends[cut.0.min(ends.len() - 1)], ends[cut.1.min(ends.len() - 1)]);
            let range = from.min(to)..from.max(to);
            let location = document.locate_text("/e", range.clone());
            let source = text.get(location.span).unwrap();
            let bare = |text: &str| text.replace([' ', '\n'], "");
            prop_assert_eq!(bare(source), bare(&value[range]), "{:?} {:?}", text, value);
        }

        #[test]
        fn any_part_of_any_text_has_a_place(text in "[a1é \t\r\n:\\\\'\"|>+2-]{0,40}", cut in (0_usize..50, 0_usize..50)) {
            let text = format!("e: {text}");
            for document in parse(&source(&text)).0 {
                let location = document.locate_text("/e", cut.0..cut.1);
                prop_assert!(text.get(location.span).is_some());
            }
        }
    }
}
