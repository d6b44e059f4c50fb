//! YAML text to values, by the events of a strict parser.
//!
//! It never recurses, keeps no positions on the way, and goes on after a problem, with the next document at the latest.

use std::borrow::Cow;
use std::mem;
use std::ops::Range;
use std::sync::Arc;

use granit_parser::{Event, Parser, ScalarStyle, ScanError, Span, StrInput, StructureStyle};
use serde_json::{Map, Value};

use super::refusal::{self, Findings};
use super::scalar::{self, Plain};
use super::{Document, locate, syntax};
use crate::diagnostic::{Finding, Location, Source};

/// How deep lists and mappings may nest; inputs need about ten levels.
pub const MAXIMUM_DEPTH: usize = 64;

/// Reads all documents of a source.
pub(super) fn read(source: &Arc<Source>) -> (Vec<Document>, Vec<Finding>) {
    let mut reader = Reader::new(source);
    let mut parser = parser(&source.text);
    while let Some(next) = parser.next_event() {
        match next {
            Ok((event, span)) => reader.take(event, &span),
            Err(error) => {
                reader.fail(&error);
                // Only a source that is read in pieces can fail to go on.
                if parser.proceed_next_document().is_err() {
                    break;
                }
            }
        }
    }
    (reader.documents, reader.findings.finish())
}

/// Returns the parser that all of this room reads with; what it lets pass, the reader can name and refuse.
pub(super) fn parser(text: &str) -> Parser<'_, StrInput<'_>> {
    let mut options = granit_parser::options! {
        disallow_directives: true,
        emit_anchor_events: true,
        emit_unresolved_aliases: true,
        flow_nesting_limit: MAXIMUM_DEPTH,
        block_nesting_limit: MAXIMUM_DEPTH,
    };
    options.set_emit_comments(false);
    Parser::new_from_str_with_options(text, options)
}

/// An open list or mapping.
struct Frame {
    container: Container,
    /// Whether it is written by indentation, where a tab is never right.
    is_block: bool,
}

enum Container {
    Sequence(Vec<Value>),
    Mapping {
        start: usize,
        entries: Map<String, Value>,
        slot: Slot,
    },
}

/// What comes next in a mapping.
enum Slot {
    Key,
    Value(String),
    /// The value of a key that was refused.
    Refused,
}

struct Reader<'a> {
    source: &'a Arc<Source>,
    findings: Findings<'a>,
    documents: Vec<Document>,
    frames: Vec<Frame>,
    root: Option<Value>,
    /// Where the first line of the open document begins.
    start: usize,
    /// How many findings there were before the open document.
    findings_before: usize,
    /// Whether there is any tab to look for; there hardly ever is.
    has_tabs: bool,
}

impl<'a> Reader<'a> {
    fn new(source: &'a Arc<Source>) -> Self {
        Self {
            source,
            findings: Findings::new(source),
            documents: Vec::new(),
            frames: Vec::new(),
            root: None,
            start: 0,
            findings_before: 0,
            has_tabs: source.text.contains('\t'),
        }
    }

    fn take(&mut self, event: Event<'_>, span: &Span) {
        let range = span.byte_range().unwrap_or_default();
        if self.has_tabs && event.is_node() {
            self.refuse_tab(&event, range.start);
        }
        if event.tag().is_some() {
            let range = span
                .tag_span()
                .and_then(|tag| tag.byte_range())
                .unwrap_or(range.clone());
            let written = written(self.source, &range);
            self.findings.add(range, || refusal::tag(written));
        }
        match event {
            Event::DocumentStart(..) => self.open_document(range.start),
            Event::DocumentEnd => self.close_document(),
            Event::Anchor(..) => self.refuse_reference("anchor", range),
            Event::Alias(_) | Event::UnresolvedAlias(_) => {
                self.refuse_reference("alias", range);
                self.place(Value::Null);
            }
            Event::SequenceStart(style, ..) => self.open(Container::Sequence(Vec::new()), style, range),
            Event::MappingStart(style, ..) => {
                let container = Container::Mapping {
                    start: range.start,
                    entries: Map::new(),
                    slot: Slot::Key,
                };
                self.open(container, style, range);
            }
            Event::SequenceEnd | Event::MappingEnd => match self.frames.pop().map(|frame| frame.container) {
                Some(Container::Sequence(items)) => self.place(Value::Array(items)),
                Some(Container::Mapping { entries, .. }) => self.place(Value::Object(entries)),
                None => {}
            },
            Event::Scalar(text, style, _, tag) => {
                let is_plain = style == ScalarStyle::Plain && tag.is_none();
                self.scalar(text, is_plain, range);
            }
            _ => {}
        }
    }

    fn fail(&mut self, error: &ScanError) {
        let (span, finding) = syntax::explain(&self.source.text, error, MAXIMUM_DEPTH);
        self.findings.add(span, || finding);
        self.frames.clear();
        self.root = None;
    }

    fn open_document(&mut self, at: usize) {
        self.start = locate::line_start(&self.source.text, at);
        self.findings_before = self.findings.count();
        self.frames.clear();
        self.root = None;
    }

    fn close_document(&mut self) {
        let is_sound = self.findings.count() == self.findings_before;
        let Some(value) = self.root.take().filter(|_| is_sound) else {
            return;
        };
        self.documents.push(Document {
            source: Arc::clone(self.source),
            value: Arc::new(value),
            start: self.start,
        });
    }

    fn open(&mut self, container: Container, style: StructureStyle, range: Range<usize>) {
        if self.frames.len() == MAXIMUM_DEPTH {
            self.findings.add(range.clone(), || refusal::too_deep(MAXIMUM_DEPTH));
        }
        if self.expects_key() {
            let what = match container {
                Container::Sequence(_) => "is a list, not text",
                Container::Mapping { .. } => "is a mapping, not text",
            };
            self.findings.add(range, || refusal::shapeless_key(what));
        }
        self.frames.push(Frame {
            container,
            is_block: style == StructureStyle::Block,
        });
    }

    fn scalar(&mut self, text: Cow<'_, str>, is_plain: bool, range: Range<usize>) {
        // The parser reports a value that is not written at all as an empty `~`.
        let is_absent = is_plain && range.is_empty();
        if self.frames.is_empty() && is_absent {
            return;
        }
        if self.expects_key() {
            return self.key(text, is_plain, is_absent, range);
        }
        let plain = match is_plain {
            true if is_absent => Plain::Value(Value::Null),
            true => scalar::resolve(&text),
            false => Plain::Text,
        };
        match plain {
            Plain::Value(value) => self.place(value),
            Plain::Text => self.place(Value::String(text.into_owned())),
            Plain::Ambiguous(meaning) => {
                self.findings
                    .add(range, || refusal::ambiguous_scalar(&text, meaning.as_deref()));
                self.place(Value::Null);
            }
        }
    }

    fn key(&mut self, text: Cow<'_, str>, is_plain: bool, is_absent: bool, range: Range<usize>) {
        let Some(Frame {
            container: Container::Mapping { start, entries, slot },
            ..
        }) = self.frames.last_mut()
        else {
            return;
        };
        *slot = Slot::Refused;
        if is_absent {
            return self.findings.add(range, || refusal::shapeless_key("is empty"));
        }
        if written(self.source, &range).contains(['\n', '\r']) {
            return self
                .findings
                .add(range, || refusal::shapeless_key("spans several lines"));
        }
        match if is_plain { scalar::resolve(&text) } else { Plain::Text } {
            Plain::Text if entries.contains_key(&*text) => {
                self.findings.add(range, || {
                    let first = locate::key(&self.source.text, self.start, *start, &text);
                    let first = first.map(|span| Location {
                        source: Arc::clone(self.source),
                        span,
                    });
                    refusal::duplicate_key(&text, first)
                });
            }
            Plain::Text => *slot = Slot::Value(text.into_owned()),
            Plain::Ambiguous(_) if text == "<<" => self.findings.add(range, refusal::merge_key),
            Plain::Ambiguous(_) => self.findings.add(range, || refusal::ambiguous_scalar(&text, None)),
            Plain::Value(value) => self
                .findings
                .add(range, || refusal::non_string_key(&text, kind(&value))),
        }
    }

    /// Puts a finished value where the document is.
    fn place(&mut self, value: Value) {
        match self.frames.last_mut().map(|frame| &mut frame.container) {
            None => self.root = Some(value),
            Some(Container::Sequence(items)) => items.push(value),
            Some(Container::Mapping { entries, slot, .. }) => match mem::replace(slot, Slot::Key) {
                Slot::Value(key) => _ = entries.insert(key, value),
                Slot::Refused => {}
                // A list, mapping or alias in the place of a key has been refused already.
                Slot::Key => *slot = Slot::Refused,
            },
        }
    }

    fn expects_key(&self) -> bool {
        let container = self.frames.last().map(|frame| &frame.container);
        matches!(container, Some(Container::Mapping { slot: Slot::Key, .. }))
    }

    fn refuse_reference(&mut self, what: &str, range: Range<usize>) {
        let written = written(self.source, &range);
        self.findings.add(range, || refusal::anchor_or_alias(what, written));
    }

    /// Refuses a tab before a key or an item, which the parser counts as one column.
    fn refuse_tab(&mut self, event: &Event<'_>, at: usize) {
        let is_entry = self.frames.last().is_some_and(|frame| match &frame.container {
            Container::Sequence(_) => frame.is_block,
            Container::Mapping { slot, .. } => frame.is_block && matches!(slot, Slot::Key),
        });
        if let Some(tab) = tab_before(self.source, event, is_entry, at) {
            self.findings.add(tab, syntax::tab);
        }
    }
}

/// Returns the tab in the line before a key or an item of a block.
pub(super) fn tab_before(source: &Source, event: &Event<'_>, is_entry: bool, at: usize) -> Option<Range<usize>> {
    // A block in the place of an item begins with an entry of its own, on the same line.
    let opens_block = matches!(
        event,
        Event::SequenceStart(StructureStyle::Block, ..) | Event::MappingStart(StructureStyle::Block, ..)
    );
    if opens_block || !is_entry {
        return None;
    }
    let start = locate::line_start(&source.text, at);
    let tab = start + written(source, &(start..at)).find('\t')?;
    Some(tab..tab + 1)
}

/// Returns what a range of a source holds.
pub(super) fn written<'a>(source: &'a Source, range: &Range<usize>) -> &'a str {
    source.text.get(range.clone()).unwrap_or_default()
}

/// Returns what a value is, for a key that is none.
pub(super) fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        _ => "a number",
    }
}

#[cfg(test)]
mod tests {
    use super::super::parse;
    use super::super::tests::{show, source, values};
    use super::*;
    use serde_json::json;

    #[test]
    fn reads_plain_documents() {
        let text =
            "# head\na: 1\nb: [x, {c: 1.5}]\nd:\ne: |\n  one\n  two\nf: 'it''s'\ng: \"\\u00e9\"\nh: >-\n  a\n  b\n";
        let value =
            json!({"a": 1, "b": ["x", {"c": 1.5}], "d": null, "e": "one\ntwo\n", "f": "it's", "g": "é", "h": "a b"});
        assert_eq!(values(&text.replace('\n', "\r\n")), values(text));
        assert_eq!(values(text), [value]);
        assert_eq!(
            values("until: 2026-12-31\nage: 1h30m\nmemory: 512Mi\n"),
            [json!({"until": "2026-12-31", "age": "1h30m", "memory": "512Mi"})]
        );
        assert_eq!(values("\u{feff}a: 1"), [json!({"a": 1})]);
        assert_eq!(values("? a\n: b\n\"\": c\n"), [json!({"a": "b", "": "c"})]);
    }

    #[test]
    fn skips_documents_without_content() {
        assert_eq!(values(""), [] as [Value; 0]);
        assert_eq!(values("# nothing\n"), [] as [Value; 0]);
        assert_eq!(
            values("---\n# nothing\n---\n---\na: 1\n...\n# end\n---\n- b\n---\n"),
            [json!({"a": 1}), json!(["b"])]
        );
        assert_eq!(values("null"), [Value::Null]);
    }

    #[test]
    fn goes_on_with_the_next_document() {
        let text = "a: no\n---\nb: 1\n---\nc: [\n---\nd: 2\n---\ne: on\n---\n\u{e9}: 3\n";
        let (documents, _) = parse(&source(text));
        let places: Vec<_> = documents.iter().map(|document| document.locate("").line()).collect();
        assert_eq!(places, [3, 7, 11]);
        insta::assert_snapshot!(show(text), @r#"
        1:4 "no" ambiguous-scalar: unquoted `no` means different things to different YAML readers (write `"no"` for the text or `false` for the boolean)
        5:4 "[" yaml-syntax: `[` is never closed (add the closing `]`)
        9:4 "on" ambiguous-scalar: unquoted `on` means different things to different YAML readers (write `"on"` for the text or `true` for the boolean)
        "#);
    }

    #[test]
    fn bounds_depth() {
        let nest = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert_eq!(show(&nest(MAXIMUM_DEPTH)), "");
        insta::assert_snapshot!(show(&nest(MAXIMUM_DEPTH + 1)), @r#"
          1:65 "[" too-deep: more than 64 levels of nesting (flatten the lists and mappings)
        "#);
        insta::assert_snapshot!(show(&"[".repeat(100_000)), @r#"
          1:65 "[" too-deep: more than 64 levels of nesting (flatten the lists and mappings)
        "#);
        insta::assert_snapshot!(show(&"{a: ".repeat(100_000)), @r#"
          1:257 "{" too-deep: more than 64 levels of nesting (flatten the lists and mappings)
        "#);
        insta::assert_snapshot!(show(&"- ".repeat(100_000)), @r#"
          1:129 "-" too-deep: more than 64 levels of nesting (flatten the lists and mappings)
        "#);
        let mixed = format!("{}{}", "- ".repeat(40), nest(40));
        insta::assert_snapshot!(show(&mixed), @r#"
          1:105 "[" too-deep: more than 64 levels of nesting (flatten the lists and mappings)
        "#);
    }

    #[test]
    fn refuses_an_alias_bomb_at_once() {
        let mut text = "a0: &a0 [x]\n".to_owned();
        for level in 1..3_000 {
            let last = level - 1;
            text.push_str(&format!(
                "a{level}: &a{level} [*a{last}, *a{last}, *a{last}, *a{last}]\n"
            ));
        }
        let (documents, findings) = parse(&source(&text));
        assert!(documents.is_empty());
        assert_eq!(findings.len(), super::super::MAXIMUM_FINDINGS + 1);
        let last = findings.last().unwrap();
        assert_eq!(
            (&*last.code, &*last.message),
            ("too-many-findings", "14946 more findings in this file are not shown")
        );
    }
}
