//! Manifests that somebody else wrote, read exactly as the tools of Kubernetes read them.
//!
//! Anchors, merge keys and the types of YAML 1.1 mean what they mean to `sigs.k8s.io/yaml`; what its strict reading
//! refuses is refused. Nesting and what aliases repeat are bounded, so no text takes more memory than its size allows.

mod chunks;
mod files;
mod mapping;
mod scalar;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::mem;
use std::ops::Range;
use std::sync::Arc;

use granit_parser::{ErrorKind, Event, Parser, ScalarStyle, StrInput, StructureStyle, Tag};
use serde_json::Value;

use super::refusal::{self, Findings};
use super::{Document, locate, reader, syntax};
use crate::diagnostic::{Finding, Location, Source};

use chunks::Piece;
pub use files::{MAXIMUM_MANIFEST_SIZE, ManifestFile, manifest_files};
use mapping::{Mapping, Slot, weigh};
use scalar::Scalar;

/// How deep the lists and mappings of a manifest may nest; definitions of resources need about sixty levels.
const MAXIMUM_DEPTH: usize = 256;

/// How much aliases may add to a file, in bytes of text and 16 for each value: more than a server stores of an object.
const MAXIMUM_REPETITION: usize = 4_194_304;

/// Reads all manifests of a file's text; documents without content are skipped.
///
/// Every problem is a finding, of every document, up to [`super::MAXIMUM_FINDINGS`]; a document with a finding is not
/// returned.
pub fn parse_manifests(source: &Arc<Source>) -> (Vec<Document>, Vec<Finding>) {
    let mut reader = Reader::new(source);
    let (pieces, refused) = chunks::cut(&source.text);
    for line in refused {
        reader.findings.add(line, syntax::separator);
    }
    for range in pieces {
        let mut piece = Piece::new(&source.text, range);
        let before = (reader.documents.len(), reader.findings.mark(), reader.repetition);
        while !reader.read(&mut piece) {
            reader.documents.truncate(before.0);
            reader.findings.reset(before.1);
            reader.repetition = before.2;
        }
    }
    (reader.documents, reader.findings.finish())
}

/// Returns the parser that manifests are read and searched with; whatever the strict one accepts, it reads the same.
pub(super) fn parser(text: &str) -> Parser<'_, StrInput<'_>> {
    let mut options = granit_parser::options! {
        disallow_directives: true,
        emit_unresolved_aliases: true,
        flow_nesting_limit: MAXIMUM_DEPTH,
        block_nesting_limit: MAXIMUM_DEPTH,
    };
    options.set_emit_comments(false);
    Parser::new_from_str_with_options(text, options)
}

/// Returns the text that a key is read as; none for a key that is refused.
pub(super) fn key_text<'a>(text: &'a str, style: ScalarStyle, tag: Option<&Tag>) -> Option<Cow<'a, str>> {
    match read(text, style, tag) {
        Scalar::Text => Some(Cow::Borrowed(text)),
        Scalar::Decoded(text) => Some(Cow::Owned(text)),
        Scalar::Value(value) => scalar::key(&value).map(Cow::Owned),
        Scalar::NotInJson => Some(Cow::Owned(text.to_lowercase())),
        Scalar::Mistagged => None,
    }
}

/// Whether a key takes over the fields of other mappings.
pub(super) fn is_merge(text: &str, style: ScalarStyle, tag: Option<&Tag>) -> bool {
    text == "<<" && style == ScalarStyle::Plain && tag.is_none()
}

fn read(text: &str, style: ScalarStyle, tag: Option<&Tag>) -> Scalar {
    match tag {
        Some(tag) => scalar::tagged(text, tag),
        None if style == ScalarStyle::Plain => scalar::resolve(text),
        None => Scalar::Text,
    }
}

/// An open list or mapping.
struct Frame {
    container: Container,
    /// The anchor that is set on it; 0 when none is.
    anchor: usize,
    /// Whether it is written by indentation, where a tab is never right.
    is_block: bool,
}

enum Container {
    Sequence(Vec<Value>),
    Mapping(Mapping),
}

struct Reader<'a> {
    source: &'a Arc<Source>,
    findings: Findings<'a>,
    documents: Vec<Document>,
    frames: Vec<Frame>,
    root: Option<Value>,
    /// What the anchors of the open document stand for.
    anchors: BTreeMap<usize, Value>,
    /// How much aliases may still repeat.
    repetition: usize,
    /// Where the first line of the open document begins.
    start: usize,
    /// How many findings there were before the open document.
    findings_before: usize,
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
            anchors: BTreeMap::new(),
            repetition: MAXIMUM_REPETITION,
            start: 0,
            findings_before: 0,
            has_tabs: source.text.contains('\t'),
        }
    }

    /// Reads the documents of a piece; returns whether that is done, or has to be done again.
    fn read(&mut self, piece: &mut Piece<'_>) -> bool {
        let text = piece.text();
        let mut parser = parser(&text);
        while let Some(next) = parser.next_event() {
            match next {
                Ok((event, span)) => self.take(event, piece.place(span.byte_range().unwrap_or_default())),
                Err(error) => {
                    let (span, finding) = syntax::explain(&text, &error, MAXIMUM_DEPTH);
                    if *error.kind() == ErrorKind::InvalidQuotedScalarIndent && piece.widen(span.clone()) {
                        return false;
                    }
                    self.findings.add(piece.place(span), || finding);
                    self.clear();
                    // Only a source that is read in pieces can fail to go on.
                    if parser.proceed_next_document().is_err() {
                        break;
                    }
                }
            }
        }
        true
    }

    fn take(&mut self, event: Event<'_>, range: Range<usize>) {
        if self.has_tabs && event.is_node() {
            self.refuse_tab(&event, range.start);
        }
        match event {
            Event::DocumentStart(..) => self.open_document(range.start),
            Event::DocumentEnd => self.close_document(),
            Event::Alias(anchor) => self.alias(anchor, range),
            Event::UnresolvedAlias(_) => self.alias(0, range),
            Event::SequenceStart(style, anchor, _) => self.open(Container::Sequence(Vec::new()), style, anchor, range),
            Event::MappingStart(style, anchor, _) => {
                let start = range.start;
                let mapping = Mapping {
                    start,
                    ..Mapping::default()
                };
                self.open(Container::Mapping(mapping), style, anchor, range);
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(),
            Event::Scalar(text, style, anchor, tag) => self.scalar(text, style, anchor, tag.as_deref(), range),
            _ => {}
        }
    }

    fn clear(&mut self) {
        self.frames.clear();
        self.anchors.clear();
        self.root = None;
    }

    fn open_document(&mut self, at: usize) {
        self.start = locate::line_start(&self.source.text, at);
        self.findings_before = self.findings.count();
        self.clear();
    }

    fn close_document(&mut self) {
        let is_sound = self.findings.count() == self.findings_before;
        let Some(value) = self.root.take().filter(|value| is_sound && !value.is_null()) else {
            return;
        };
        self.documents.push(Document {
            source: Arc::clone(self.source),
            value: Arc::new(value),
            start: self.start,
        });
    }

    fn open(&mut self, container: Container, style: StructureStyle, anchor: usize, range: Range<usize>) {
        if self.frames.len() == MAXIMUM_DEPTH {
            self.findings.add(range.clone(), || refusal::too_deep(MAXIMUM_DEPTH));
        }
        if let Some(mapping) = self.mapping_before_key() {
            mapping.slot = Slot::Refused;
            let what = match container {
                Container::Sequence(_) => "is a list, not text",
                Container::Mapping(_) => "is a mapping, not text",
            };
            self.findings.add(range, || refusal::shapeless_key(what));
        }
        self.frames.push(Frame {
            container,
            anchor,
            is_block: style == StructureStyle::Block,
        });
    }

    fn close(&mut self) {
        let Some(frame) = self.frames.pop() else {
            return;
        };
        let value = match frame.container {
            Container::Sequence(items) => Value::Array(items),
            Container::Mapping(mapping) => Value::Object(mapping.entries),
        };
        self.place(value, frame.anchor);
    }

    fn scalar(
        &mut self,
        text: Cow<'_, str>,
        style: ScalarStyle,
        anchor: usize,
        tag: Option<&Tag>,
        range: Range<usize>,
    ) {
        // The parser reports a value that is not written at all as an empty `~`.
        let is_absent = style == ScalarStyle::Plain && range.is_empty();
        let written = if is_absent { "" } else { &*text };
        let value = match read(written, style, tag) {
            Scalar::Text if is_absent => Value::String(String::new()),
            Scalar::Text => Value::String(text.clone().into_owned()),
            Scalar::Decoded(text) => Value::String(text),
            Scalar::Value(value) => value,
            // As a key, the infinite is a text.
            Scalar::NotInJson if self.mapping_before_key().is_some() => Value::String(text.to_lowercase()),
            Scalar::NotInJson => {
                self.findings.add(range.clone(), || refusal::not_in_json(&text));
                Value::Null
            }
            Scalar::Mistagged => {
                self.findings.add(range.clone(), || refusal::mistagged(&text));
                Value::Null
            }
        };
        if let Some(mapping) = self.mapping_before_key() {
            if is_merge(&text, style, tag) {
                return self.merge_key(range);
            }
            mapping.slot = Slot::Refused;
            self.remember(anchor, &value);
            return self.key(&value, range);
        }
        self.place(value, anchor);
    }

    fn key(&mut self, value: &Value, range: Range<usize>) {
        let Some(key) = scalar::key(value) else {
            let written = reader::written(self.source, &range);
            return self
                .findings
                .add(range, || refusal::non_string_key(written, reader::kind(value)));
        };
        let Some(Frame {
            container: Container::Mapping(mapping),
            ..
        }) = self.frames.last_mut()
        else {
            return;
        };
        let is_known = mapping.entries.contains_key(&key);
        if is_known && !mapping.merged.as_mut().is_some_and(|merged| merged.remove(&key)) {
            let (source, start, mapping) = (self.source, self.start, mapping.start);
            return self.findings.add(range, || {
                let first = locate::key(&source.text, start, mapping, &key);
                let at = |span| Location {
                    source: Arc::clone(source),
                    span,
                };
                refusal::duplicate_key(&key, first.map(at))
            });
        }
        mapping.slot = Slot::Value(key);
    }

    fn merge_key(&mut self, range: Range<usize>) {
        let Some(mapping) = self.mapping_before_key() else {
            return;
        };
        if mapping.merged.is_some() {
            mapping.slot = Slot::Refused;
            return self.findings.add(range, || refusal::duplicate_key("<<", None));
        }
        mapping.slot = Slot::Merge(range);
    }

    fn alias(&mut self, anchor: usize, range: Range<usize>) {
        let value = match self.anchors.get(&anchor) {
            Some(value) => match weigh(value, self.repetition) {
                Some(rest) => {
                    self.repetition = rest;
                    value.clone()
                }
                None => {
                    self.repetition = 0;
                    self.findings.add(range.clone(), refusal::too_many_repetitions);
                    Value::Null
                }
            },
            None => {
                let written = reader::written(self.source, &range);
                self.findings.add(range.clone(), || refusal::unknown_anchor(written));
                Value::Null
            }
        };
        match self.mapping_before_key() {
            Some(mapping) => {
                mapping.slot = Slot::Refused;
                self.key(&value, range);
            }
            None => self.place(value, 0),
        }
    }

    /// Keeps what an anchor stands for. A copy counts as a repetition: anchors may stand inside anchors.
    fn remember(&mut self, anchor: usize, value: &Value) {
        if anchor == 0 {
            return;
        }
        if let Some(rest) = weigh(value, self.repetition) {
            self.repetition = rest;
            self.anchors.insert(anchor, value.clone());
        } else {
            self.repetition = 0;
        }
    }

    /// Puts a finished value where the document is.
    fn place(&mut self, value: Value, anchor: usize) {
        self.remember(anchor, &value);
        match self.frames.last_mut().map(|frame| &mut frame.container) {
            None => self.root = Some(value),
            Some(Container::Sequence(items)) => items.push(value),
            Some(Container::Mapping(mapping)) => match mem::take(&mut mapping.slot) {
                Slot::Value(key) => _ = mapping.entries.insert(key, value),
                Slot::Merge(at) => {
                    if let Err(refusal) = mapping.merge(value) {
                        self.findings.add(at, || *refusal);
                    }
                }
                Slot::Refused | Slot::Key => {}
            },
        }
    }

    /// The open mapping, if its next entry begins here.
    fn mapping_before_key(&mut self) -> Option<&mut Mapping> {
        match self.frames.last_mut().map(|frame| &mut frame.container) {
            Some(Container::Mapping(mapping)) if matches!(mapping.slot, Slot::Key) => Some(mapping),
            _ => None,
        }
    }

    /// Refuses a tab before a key or an item, which the parser counts as one column.
    fn refuse_tab(&mut self, event: &Event<'_>, at: usize) {
        let is_entry = self.frames.last().is_some_and(|frame| match &frame.container {
            Container::Sequence(_) => frame.is_block,
            Container::Mapping(mapping) => frame.is_block && matches!(mapping.slot, Slot::Key),
        });
        if let Some(tab) = reader::tab_before(self.source, event, is_entry, at) {
            self.findings.add(tab, syntax::tab);
        }
    }
}
