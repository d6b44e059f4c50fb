//! What the parser's errors mean to the person who wrote the text.
//!
//! Each becomes one `yaml-syntax` finding at the character that is wrong, with a remedy for every common mistake.

use std::borrow::Cow;
use std::ops::Range;

use granit_parser::{ErrorKind, ScanError};

use super::refusal;
use crate::diagnostic::Finding;

/// Returns where a parser error is, and what to say about it; `depth` is how deep the text may nest.
pub(super) fn explain(text: &str, error: &ScanError, depth: usize) -> (Range<usize>, Finding) {
    let at = position(text, error);
    let at = match error.kind() {
        kind if is_about_tab(kind) => nearest_tab(text, at),
        // The parser points at the start of the scalar that holds the character.
        ErrorKind::UnexpectedCharacter { character } => seek(text, at, *character),
        _ => at,
    };
    let length = text
        .get(at..)
        .and_then(|rest| rest.chars().next())
        .filter(|next| !"\r\n".contains(*next));
    let span = at..at + length.map_or(0, char::len_utf8);
    if *error.kind() == ErrorKind::RecursionLimitExceeded {
        return (span, refusal::too_deep(depth));
    }
    let (message, help) = describe(error.kind());
    let finding = Finding::error("yaml-syntax", message);
    (span, if help.is_empty() { finding } else { finding.help(help) })
}

fn position(text: &str, error: &ScanError) -> usize {
    error
        .marker()
        .byte_offset()
        .filter(|at| text.is_char_boundary(*at))
        .unwrap_or(text.len())
}

/// Refuses a tab in indentation.
pub(super) fn tab() -> Finding {
    Finding::error("yaml-syntax", "tab in indentation").help(SPACES)
}

/// Refuses content on the line of `---`, which `kubectl` splits files at.
pub(super) fn separator() -> Finding {
    Finding::error("yaml-syntax", "content on the line of `---`").help("put it on the next line")
}

const SPACES: &str = "YAML forbids tabs there: use spaces instead";

fn is_about_tab(kind: &ErrorKind) -> bool {
    use ErrorKind as Kind;
    matches!(
        kind,
        Kind::TabNotAllowed
            | Kind::TabInBlockIndentation
            | Kind::TabInIndentation
            | Kind::TabInPlainScalar
            | Kind::TabAtBlockScalarStart
            | Kind::InvalidBlockEntryWhitespace
            | Kind::InvalidMappingValueWhitespace
    )
}

/// Returns the tab right before an offset, where the parser stands behind it, or the next one.
fn nearest_tab(text: &str, at: usize) -> usize {
    let before = text.get(..at).unwrap_or_default();
    if before.ends_with('\t') {
        before.trim_end_matches('\t').len()
    } else {
        seek(text, at, '\t')
    }
}

fn seek(text: &str, at: usize, character: char) -> usize {
    text.get(at..)
        .and_then(|rest| rest.find(character))
        .map_or(at, |distance| at + distance)
}

fn describe(kind: &ErrorKind) -> (Cow<'static, str>, Cow<'static, str>) {
    use ErrorKind as Kind;
    let (message, help) = match kind {
        _ if is_about_tab(kind) => ("tab in indentation", SPACES),
        Kind::UnexpectedCharacter { character } if character.is_control() => {
            let code = u32::from(*character);
            let message = format!("control character U+{code:04X} is not allowed");
            return (
                message.into(),
                format!("remove it, or write `\\u{code:04X}` inside double quotes").into(),
            );
        }
        Kind::UnexpectedCharacter { character: '`' } => ("a value cannot start with a backtick", "quote the value"),
        Kind::UnexpectedCharacter { character } => {
            return (
                format!("a value cannot start with `{character}`").into(),
                "quote the value".into(),
            );
        }
        Kind::UnclosedQuotedScalar => ("quote is never closed", "add the closing quote"),
        Kind::DocumentIndicatorInQuotedScalar => (
            "quoted text runs into the next document",
            "add the closing quote before this line",
        ),
        Kind::InvalidQuotedScalarIndent => (
            "quoted text continues on a line that is not indented",
            "add the closing quote, or indent the lines of the text more than its key",
        ),
        Kind::InvalidTrailingSingleQuotedScalar => (
            "text after a closing single quote",
            "write `''` for a single quote inside single quotes",
        ),
        Kind::InvalidTrailingDoubleQuotedScalar => (
            "text after a closing double quote",
            "write `\\\"` for a double quote inside double quotes",
        ),
        Kind::UnknownQuotedScalarEscape => (
            "unknown escape in double quotes",
            "write `\\\\` for a backslash, or use single quotes",
        ),
        Kind::UnclosedFlowCollection { open } => {
            return (
                format!("`{open}` is never closed").into(),
                format!("add the closing `{}`", closing(*open)).into(),
            );
        }
        Kind::MismatchedFlowCollectionEnd { open, close } => {
            let message = format!("`{open}` is closed by `{close}`");
            return (message.into(), format!("close it by `{}`", closing(*open)).into());
        }
        Kind::MisplacedFlowCollectionEnd => ("closing bracket without an opening one", "remove it, or quote the text"),
        Kind::ExpectedFlowSequenceSeparator | Kind::UnexpectedEofFlowSequence => (
            "expected `,` or `]`",
            "separate the items by `,` and close the list by `]`",
        ),
        Kind::ExpectedFlowMappingSeparator | Kind::UnexpectedEofFlowMapping => (
            "expected `,` or `}`",
            "separate the entries by `,` and close the mapping by `}`",
        ),
        Kind::InvalidColonPlacement => (
            "`:` cannot stand here",
            "close the `[` or `{` before it, or quote the text that holds the `:`",
        ),
        Kind::MappingValueNotAllowed => (
            "a second `:` cannot stand here",
            "quote the text that holds `: `, or put the key on a line of its own, aligned with the keys above",
        ),
        Kind::MappingKeyNotAllowed => ("a key cannot stand here", "put the key on a line of its own"),
        Kind::ExpectedBlockMappingKey | Kind::InvalidIndentation => (
            "expected a key in line with the keys above",
            "indent the keys of one mapping alike",
        ),
        Kind::ExpectedBlockSequenceEntry => (
            "expected a `- ` item in line with the items above",
            "indent the items of one list alike",
        ),
        Kind::BlockSequenceEntryNotAllowed => (
            "a list item cannot stand here",
            "start the list on the line below its key",
        ),
        Kind::SimpleKeyExpected => (
            "expected `: ` after the key",
            "write `key: value`, or `- item` with a space after the dash",
        ),
        Kind::ExpectedDocumentStart => (
            "expected the end of the document",
            "indent the keys of one mapping alike, or start a new document by a line `---`",
        ),
        Kind::DirectiveDisallowed => (
            "YAML directives are not accepted",
            "remove the line that starts with `%`",
        ),
        Kind::MissingAnchorOrAliasName => ("a value cannot start with a bare `*` or `&`", "quote the value"),
        Kind::CommentNotSeparated => (
            "`#` right after a value",
            "put a space before the comment, or quote the text",
        ),
        Kind::BomInsideDocument => (
            "byte order mark inside the text",
            "remove the invisible character U+FEFF",
        ),
        _ => return (in_words(kind).into(), "".into()),
    };
    (message.into(), help.into())
}

fn closing(open: char) -> char {
    if open == '{' { '}' } else { ']' }
}

/// Returns the parser's own name of the rest: `MissingLowSurrogate` reads as "missing low surrogate".
fn in_words(kind: &ErrorKind) -> String {
    let name = format!("{kind:?}");
    let mut words = String::new();
    for character in name.chars().take_while(char::is_ascii_alphanumeric) {
        if character.is_ascii_uppercase() && !words.is_empty() {
            words.push(' ');
        }
        words.push(character.to_ascii_lowercase());
    }
    words
}

#[cfg(test)]
mod tests {
    use super::super::tests::show;

    #[test]
    fn mistakes_are_explained_where_they_are() {
        let mut table = String::new();
        for text in [
            "a: b: c",
            "a: 1\n b: 2",
            "a:\n  b: 1\n c: 2",
            "a:\n  - b\n c: 1",
            " a: 1\nb: 2",
            "a: - b",
            "- a\n-b",
            "a: [1, 2\nb: 3",
            "a: [1, 2",
            "a: {b: 1",
            "a: [1}",
            "a: 1\n]",
            "a: \"x",
            "a: 'it's'",
            "a: \"x\" y",
            "a: \"\\q\"",
            "a: \"\\ud800\"",
            "a: 'x\n---\nb: 1",
            "a: ü @\nb: @x",
            "a: `x`",
            "a: %x",
            "a: *",
            "a: \"é\u{7}\"",
            "a: x\u{0}y",
            "a: 1\n\u{feff}b: 2",
            "%YAML 1.2\n---\na: 1",
            "a: \"b\"#c",
            "? a\n? - b\n  c\n",
        ] {
            table.push_str(&format!("{text:?}\n{}", show(text)));
        }
        insta::assert_snapshot!(table, @r##"
        "a: b: c"
          1:5 ":" yaml-syntax: a second `:` cannot stand here (quote the text that holds `: `, or put the key on a line of its own, aligned with the keys above)
        "a: 1\n b: 2"
          2:3 ":" yaml-syntax: a second `:` cannot stand here (quote the text that holds `: `, or put the key on a line of its own, aligned with the keys above)
        "a:\n  b: 1\n c: 2"
          3:2 "c" yaml-syntax: expected a key in line with the keys above (indent the keys of one mapping alike)
        "a:\n  - b\n c: 1"
          3:2 "c" yaml-syntax: expected a key in line with the keys above (indent the keys of one mapping alike)
        " a: 1\nb: 2"
          2:1 "b" yaml-syntax: expected the end of the document (indent the keys of one mapping alike, or start a new document by a line `---`)
        "a: - b"
          1:4 "-" yaml-syntax: a list item cannot stand here (start the list on the line below its key)
        "- a\n-b"
          2:1 "-" yaml-syntax: expected `: ` after the key (write `key: value`, or `- item` with a space after the dash)
        "a: [1, 2\nb: 3"
          2:2 ":" yaml-syntax: `:` cannot stand here (close the `[` or `{` before it, or quote the text that holds the `:`)
        "a: [1, 2"
          1:4 "[" yaml-syntax: `[` is never closed (add the closing `]`)
        "a: {b: 1"
          1:4 "{" yaml-syntax: `{` is never closed (add the closing `}`)
        "a: [1}"
          1:4 "[" yaml-syntax: `[` is closed by `}` (close it by `]`)
        "a: 1\n]"
          2:1 "]" yaml-syntax: closing bracket without an opening one (remove it, or quote the text)
        "a: \"x"
          1:4 "\"" yaml-syntax: quote is never closed (add the closing quote)
        "a: 'it's'"
          1:8 "s" yaml-syntax: text after a closing single quote (write `''` for a single quote inside single quotes)
        "a: \"x\" y"
          1:8 "y" yaml-syntax: text after a closing double quote (write `\"` for a double quote inside double quotes)
        "a: \"\\q\""
          1:4 "\"" yaml-syntax: unknown escape in double quotes (write `\\` for a backslash, or use single quotes)
        "a: \"\\ud800\""
          1:4 "\"" yaml-syntax: missing low surrogate ()
        "a: 'x\n---\nb: 1"
          2:1 "-" yaml-syntax: quoted text continues on a line that is not indented (add the closing quote, or indent the lines of the text more than its key)
        "a: ü @\nb: @x"
          2:4 "@" yaml-syntax: a value cannot start with `@` (quote the value)
        "a: `x`"
          1:4 "`" yaml-syntax: a value cannot start with a backtick (quote the value)
        "a: %x"
          1:4 "%" yaml-syntax: a value cannot start with `%` (quote the value)
        "a: *"
          1:4 "*" yaml-syntax: a value cannot start with a bare `*` or `&` (quote the value)
        "a: \"é\u{7}\""
          1:6 "\u{7}" yaml-syntax: control character U+0007 is not allowed (remove it, or write `\u0007` inside double quotes)
        "a: x\0y"
          1:5 "\0" yaml-syntax: control character U+0000 is not allowed (remove it, or write `\u0000` inside double quotes)
        "a: 1\n\u{feff}b: 2"
          2:1 "\u{feff}" yaml-syntax: byte order mark inside the text (remove the invisible character U+FEFF)
        "%YAML 1.2\n---\na: 1"
          1:1 "%" yaml-syntax: YAML directives are not accepted (remove the line that starts with `%`)
        "a: \"b\"#c"
          1:7 "#" yaml-syntax: `#` right after a value (put a space before the comment, or quote the text)
        "? a\n? - b\n  c\n"
          2:3 "" non-string-key: key is a list, not text (write the key as text on one line, `key: value`)
          3:3 "c" yaml-syntax: expected `: ` after the key (write `key: value`, or `- item` with a space after the dash)
        "##);
    }

    #[test]
    fn tabs_are_named_where_they_stand() {
        let mut table = String::new();
        for text in [
            "a:\n\tb: 1",
            "a:\n  \tb: 1",
            "a: 1\n\tb: 2",
            "\ta: 1",
            "a:\n \t- b",
            "a:\n  - b\n \t- c",
            "- \tb: 1",
            "a: >-\n\tb",
            "-\t- b",
            "? a\n:\tb: c",
            "- a: 1\n\tb: 2",
        ] {
            table.push_str(&format!("{text:?}\n{}", show(text)));
        }
        insta::assert_snapshot!(table, @r#"
        "a:\n\tb: 1"
          2:1 "\t" yaml-syntax: tab in indentation (YAML forbids tabs there: use spaces instead)
        "a:\n  \tb: 1"
          2:3 "\t" yaml-syntax: tab in indentation (YAML forbids tabs there: use spaces instead)
        "a: 1\n\tb: 2"
          2:1 "\t" yaml-syntax: tab in indentation (YAML forbids tabs there: use spaces instead)
        "\ta: 1"
          1:1 "\t" yaml-syntax: tab in indentation (YAML forbids tabs there: use spaces instead)
        "a:\n \t- b"
          2:2 "\t" yaml-syntax: tab in indentation (YAML forbids tabs there: use spaces instead)
        "a:\n  - b\n \t- c"
          3:2 "\t" yaml-syntax: tab in indentation (YAML forbids tabs there: use spaces instead)
        "- \tb: 1"
          1:3 "\t" yaml-syntax: tab in indentation (YAML forbids tabs there: use spaces instead)
        "a: >-\n\tb"
          2:1 "\t" yaml-syntax: tab in indentation (YAML forbids tabs there: use spaces instead)
        "-\t- b"
          1:2 "\t" yaml-syntax: tab in indentation (YAML forbids tabs there: use spaces instead)
        "? a\n:\tb: c"
          2:4 ":" yaml-syntax: a second `:` cannot stand here (quote the text that holds `: `, or put the key on a line of its own, aligned with the keys above)
        "- a: 1\n\tb: 2"
          2:1 "\t" yaml-syntax: tab in indentation (YAML forbids tabs there: use spaces instead)
        "#);
        assert_eq!(
            show("a:\t1\nb: \"x\ty\"\nc: [\n  \tz\n]\nd: |\n  x\ty\n  \tz\ne:\tx\ty # \t\n\t\nf: 1\n"),
            ""
        );
    }
}
