//! How the tools of Kubernetes cut a file into documents, before anybody reads them.
//!
//! Pieces lie inside the text, in order, and no line of a document is lost.

use std::borrow::Cow;
use std::ops::Range;

use serde::de::IgnoredAny;

use super::super::locate::line_start;

/// How far a line is moved by [`Piece::widen`]: deeper than any block is indented.
const WIDTH: usize = 1_024;

/// How many texts in quotes may be widened in a document: each costs another reading of it.
const MAXIMUM_WIDENINGS: usize = 256;

/// Cuts a text at the lines that begin with `---`, or between JSON values. The second list holds such lines that say more,
/// which are refused.
pub(super) fn cut(text: &str) -> (Vec<Range<usize>>, Vec<Range<usize>>) {
    if let Some(values) = json(text) {
        return (values, Vec::new());
    }
    let (mut pieces, mut refused) = (Vec::new(), Vec::new());
    let (mut start, mut at) = (0, 0);
    for line in text.split_inclusive('\n') {
        if let Some(rest) = line.strip_prefix("---") {
            let rest = rest.trim();
            if !rest.is_empty() && !rest.starts_with('#') {
                refused.push(at..at + line.trim_end().len());
            }
            pieces.push(start..at);
            start = at + line.len();
        }
        at += line.len();
    }
    pieces.push(start..text.len());
    (pieces, refused)
}

/// The values of a text that is nothing but several JSON values.
fn json(text: &str) -> Option<Vec<Range<usize>>> {
    if !text.trim_start().starts_with('{') {
        return None;
    }
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<IgnoredAny>();
    let mut pieces = Vec::new();
    let mut start = 0;
    while let Some(value) = values.next() {
        value.ok()?;
        pieces.push(start..values.byte_offset());
        start = values.byte_offset();
    }
    Some(pieces)
}

/// A piece of a text, as it is given to the parser.
pub(super) struct Piece<'t> {
    text: &'t str,
    start: usize,
    /// Where lines were moved to the right, in bytes of the text.
    moved: Vec<usize>,
    widenings: usize,
}

impl<'t> Piece<'t> {
    pub(super) fn new(text: &'t str, range: Range<usize>) -> Self {
        Self {
            text: text.get(range.clone()).unwrap_or_default(),
            start: range.start,
            moved: Vec::new(),
            widenings: 0,
        }
    }

    /// What the parser reads.
    pub(super) fn text(&self) -> Cow<'t, str> {
        if self.moved.is_empty() {
            return Cow::Borrowed(self.text);
        }
        let mut text = String::with_capacity(self.text.len() + self.moved.len() * WIDTH);
        let mut done = 0;
        for at in &self.moved {
            text.push_str(self.text.get(done..*at).unwrap_or_default());
            text.extend(std::iter::repeat_n(' ', WIDTH));
            done = *at;
        }
        text.push_str(self.text.get(done..).unwrap_or_default());
        Cow::Owned(text)
    }

    /// Turns places of what the parser read into places of the whole text.
    pub(super) fn place(&self, range: Range<usize>) -> Range<usize> {
        self.start + self.back(range.start)..self.start + self.back(range.end)
    }

    fn back(&self, offset: usize) -> usize {
        for (index, at) in self.moved.iter().enumerate().rev() {
            let start = at + index * WIDTH;
            if offset > start {
                return offset - index * WIDTH - WIDTH.min(offset - start);
            }
        }
        offset.min(self.text.len())
    }

    /// Moves the lines of the text in quotes around a place to the right, where blanks at the start of a line mean nothing.
    /// The tools accept such lines below the indentation of their key, the parser does not. Returns whether it helps.
    pub(super) fn widen(&mut self, place: Range<usize>) -> bool {
        self.widenings += 1;
        let at = self.back(place.start);
        let Some(lines) = quoted(self.text, at).filter(|_| self.widenings <= MAXIMUM_WIDENINGS) else {
            return false;
        };
        let before = self.moved.len();
        self.moved.extend(lines);
        self.moved.sort_unstable();
        self.moved.dedup();
        self.moved.len() > before
    }
}

/// The starts of the lines, but the first, of the text in quotes that holds an offset.
fn quoted(text: &str, at: usize) -> Option<Vec<usize>> {
    let mut end = line_start(text, at);
    while end > 0 {
        let start = line_start(text, end - 1);
        let line = text.get(start..end)?;
        let quotes = line.match_indices(['"', '\'']).map(|(index, _)| start + index);
        let opening = |quote: &usize| {
            let before = text.get(start..*quote).unwrap_or_default();
            before.trim_start().is_empty() || before.ends_with(": ") || before.ends_with("- ")
        };
        for quote in quotes.filter(opening) {
            if let Some(close) = closing(text, quote).filter(|close| *close >= at) {
                let lines = text.get(quote..close)?.match_indices('\n');
                return Some(lines.map(|(index, _)| quote + index + 1).collect());
            }
        }
        end = start;
    }
    None
}

/// Where a text in quotes ends.
fn closing(text: &str, open: usize) -> Option<usize> {
    let mut letters = text.get(open..)?.char_indices();
    let (_, quote) = letters.next()?;
    let mut letters = letters.peekable();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '\\' if quote == '"' => _ = letters.next(),
            _ if letter == quote && quote == '\'' && letters.peek().is_some_and(|(_, next)| *next == quote) => {
                letters.next();
            }
            _ if letter == quote => return Some(open + at),
            _ => {}
        }
    }
    None
}
