//! Excerpts of the sources, with carets under the places a finding is about.
//!
//! Whatever a source holds (lines of a megabyte, tabs, CRLF, spans beyond its end), its excerpt is short and correct.

use annotate_snippets::{AnnotationKind, Element, Origin, Snippet, normalize_untrusted_str};

use super::position;
use crate::diagnostic::{Finding, Location};

/// No caret is longer, and no source is shown further behind it: beyond that an excerpt stops being one.
const REACH: usize = 100;
/// How far into a line, in bytes, a place may be for the line to be shown.
const FAR: usize = 4096;

/// A place to be marked; without words where it is the finding's own.
struct Mark<'a> {
    location: &'a Location,
    what: Option<&'a str>,
}

/// One excerpt per file, the file of the finding itself first.
pub(super) fn excerpts(finding: &Finding) -> Vec<Element<'_>> {
    let own = finding.location.as_ref();
    let bare = own.filter(|location| !is_shown(location)).map(|location| {
        let origin = Origin::path(harmless(&location.source.path));
        match position(location) {
            Some((line, column)) => origin.line(line).char_column(column),
            None => origin,
        }
    });
    let own = own.into_iter().map(|location| Mark { location, what: None });
    let related = finding.related.iter().map(|(location, what)| Mark {
        location,
        what: Some(what),
    });
    let mut files: Vec<Vec<Mark<'_>>> = Vec::new();
    for mark in own.chain(related).filter(|mark| is_shown(mark.location)) {
        let same = |marks: &&mut Vec<Mark<'_>>| marks.iter().all(|other| other.location.source == mark.location.source);
        match files.iter_mut().find(same) {
            Some(marks) => marks.push(mark),
            None => files.push(vec![mark]),
        }
    }
    bare.map(Element::from)
        .into_iter()
        .chain(files.iter().filter_map(|marks| excerpt(marks)))
        .collect()
}

/// Whether a place can be shown with its line: the file was readable, and the place is not far out in a line of data,
/// which every finding of that line would have to walk through.
pub(super) fn is_shown(location: &Location) -> bool {
    let text = location.source.text.as_str();
    let start = location.clamped().start;
    !text.is_empty() && start - line_around(text, start).0 <= FAR
}

/// The lines of one file from its first to its last mark.
fn excerpt<'a>(marks: &[Mark<'_>]) -> Option<Element<'a>> {
    let source = &marks.first()?.location.source;
    let text = source.text.as_str();
    let lines: Vec<_> = marks
        .iter()
        .map(|mark| line_around(text, mark.location.clamped().start))
        .collect();
    let first = lines.iter().map(|line| line.0).min()?;
    let last = lines.iter().map(|line| line.1).max()?;

    let mut shown = String::new();
    let mut annotations = Vec::new();
    let mut start = first;
    for line in text.get(first..last)?.split('\n') {
        let mut reach = REACH;
        for (mark, _) in marks.iter().zip(&lines).filter(|(_, around)| around.0 == start) {
            let span = mark.location.clamped();
            let from = (span.start - start).min(line.len());
            let to = floor(line, (span.end - start).min(from + REACH)).max(from);
            reach = reach.max(to + REACH);
            let kind = if mark.what.is_none() {
                AnnotationKind::Primary
            } else {
                AnnotationKind::Context
            };
            annotations.push(
                kind.span(shown.len() + from..shown.len() + to)
                    .label(mark.what.map(harmless)),
            );
        }
        let end = floor(line, reach);
        shown.push_str(line.get(..end).unwrap_or_default());
        shown.push_str(if end < line.len() { "...\n" } else { "\n" });
        start += line.len() + 1;
    }
    let number = text.get(..first)?.matches('\n').count() + 1;
    let snippet = Snippet::source(shown).line_start(number).path(harmless(&source.path));
    Some(snippet.annotations(annotations).into())
}

/// Start and end of the line that holds an offset, without its line feed.
fn line_around(text: &str, at: usize) -> (usize, usize) {
    let (before, after) = text.split_at_checked(at).unwrap_or((text, ""));
    let start = before.rfind('\n').map_or(0, |feed| feed + 1);
    (start, at + after.find('\n').unwrap_or(after.len()))
}

/// The last character boundary not after an offset.
fn floor(text: &str, at: usize) -> usize {
    (0..=at.min(text.len()))
        .rev()
        .find(|at| text.is_char_boundary(*at))
        .unwrap_or_default()
}

/// What stands at a place whose line is not shown.
pub(super) fn near(location: &Location) -> Option<String> {
    if is_shown(location) {
        return None;
    }
    let line = location.source.text.get(location.clamped().start..)?.lines().next()?;
    let shown = line.get(..floor(line, REACH))?;
    Some(if shown.len() < line.len() {
        format!("{shown}...")
    } else {
        shown.into()
    })
}

/// A text for one line of a terminal: control characters become pictures of themselves.
pub(super) fn harmless(text: &str) -> String {
    normalize_untrusted_str(text).replace('\n', "␊")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::samples;
    use crate::report::text::write;
    use proptest::prelude::*;
    use serde_json::Map;
    use std::ops::Range;

    fn show(text: &str, span: Range<usize>) -> String {
        let source = samples::source("a.yaml", text);
        write(
            &[Finding::error("x", "y").at(samples::span(&source, span))],
            &Map::new(),
            false,
        )
    }

    #[test]
    fn carets_stand_under_wide_characters_and_after_tabs() {
        insta::assert_snapshot!(show("name: \u{1f600}\t漢字: x\r\nb: c\r\n", 11..17), @"
        error[x]: y
         --> a.yaml:1:9
          |
        1 | name: 😀    漢字: x
          |             ^^^^

        1 error
        ");
    }

    #[test]
    fn the_end_of_a_file_can_be_pointed_at() {
        insta::assert_snapshot!(show("a: b\n", 5..5), @"
        error[x]: y
         --> a.yaml:2:1
          |
        2 |
          | ^

        1 error
        ");
        insta::assert_snapshot!(show("a: b", 99..120), @"
        error[x]: y
         --> a.yaml:1:5
          |
        1 | a: b
          |     ^

        1 error
        ");
    }

    #[test]
    fn a_span_of_several_lines_shows_the_first() {
        insta::assert_snapshot!(show("a: |\n  b\n  c\n", 3..12), @"
        error[x]: y
         --> a.yaml:1:4
          |
        1 | a: |
          |    ^

        1 error
        ");
    }

    #[test]
    fn a_long_span_and_a_long_line_are_cut() {
        insta::assert_snapshot!(show(&format!("a: {}", "0123456789".repeat(100_000)), 3..900_000), @"
        error[x]: y
         --> a.yaml:1:4
          |
        1 | a: 0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789...
          |    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^

        1 error
        ");
    }

    #[test]
    fn far_out_in_a_long_line_only_the_text_is_shown() {
        insta::assert_snapshot!(show(&"é漢".repeat(100_000), 200_002..200_006), @"
        error[x]: y
        --> a.yaml:1:80002
         = near: 漢é漢é漢é漢é漢é漢é漢é漢é漢é漢é漢é漢é漢é漢é漢é漢é漢é漢é漢é漢é...

        1 error
        ");
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn any_span_of_any_text_renders(
            text in "([ -~]|\\PC|[\r\n\t]|[\0-\u{9f}]){1,300}",
            (start, end) in (0..1300usize, 0..1300usize),
            others in prop::collection::vec((0..1300usize, 0..1300usize), 0..4),
        ) {
            let source = samples::source("a.yaml", &text);
            let mut finding = Finding::error("x", text.as_str()).at(samples::span(&source, start..end));
            for (start, end) in others {
                finding = finding.with(samples::span(&source, start..end), text.as_str());
            }
            let place = crate::report::place(finding.location.as_ref().unwrap());
            prop_assert!(write(&[finding], &Map::new(), false).contains(&place));
        }
    }
}
