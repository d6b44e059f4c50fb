//! Where things are in a text, found by reading it again.
//!
//! Most documents never need a position, so none is kept; a finding pays for its own. Answers are always ranges inside
//! the text, on character boundaries.

use std::iter::Peekable;
use std::ops::Range;

use granit_parser::Event;

use super::{decoded, foreign};

/// The places of a value and of its key.
pub(super) struct Places {
    /// The first token of the value, or its key if it has no text.
    pub(super) value: Range<usize>,
    /// The key, or the first token of the value if it has no key.
    pub(super) key: Range<usize>,
}

/// Finds the value at a JSON pointer in the document that begins at `start`, or the deepest one on the way to it.
pub(super) fn locate(text: &str, start: usize, pointer: &str) -> Places {
    let mut events = events(text, start);
    let Some(mut node) = events.next() else {
        return Places {
            value: start..start,
            key: start..start,
        };
    };
    let root = first_token(text, &node);
    let mut places = Places {
        value: root.clone(),
        key: root,
    };
    for segment in pointer.split('/').skip(1) {
        let segment = segment.replace("~1", "/").replace("~0", "~");
        let Some((key, child)) = child(&node, &segment, &mut events) else {
            places.key = places.value.clone();
            return places;
        };
        let token = first_token(text, &child);
        places = match key {
            Some(key) if token.is_empty() => Places {
                value: key.clone(),
                key,
            },
            Some(key) => Places { value: token, key },
            None => Places {
                value: token.clone(),
                key: token,
            },
        };
        node = child;
    }
    places
}

/// Finds where a byte range of the decoded text at a JSON pointer is written.
pub(super) fn text(text: &str, start: usize, pointer: &str, wanted: Range<usize>) -> Option<Range<usize>> {
    let mut events = events(text, start);
    let mut node = events.next()?;
    for segment in pointer.split('/').skip(1) {
        let segment = segment.replace("~1", "/").replace("~0", "~");
        node = child(&node, &segment, &mut events)?.1;
    }
    let (Event::Scalar(decoded, style, ..), range) = node else {
        return None;
    };
    decoded::map(text, range, style, &decoded, wanted)
}

/// Finds the first time that a key is written in the mapping that begins at `mapping`.
pub(super) fn key(text: &str, start: usize, mapping: usize, key: &str) -> Option<Range<usize>> {
    let mut events = events(text, start);
    let node = events.find(|(event, range)| matches!(event, Event::MappingStart(..)) && range.start == mapping)?;
    child(&node, key, &mut events)?.0
}

/// Returns where the line of an offset begins.
pub(super) fn line_start(text: &str, offset: usize) -> usize {
    text.get(..offset)
        .and_then(|before| before.rfind(['\n', '\r']))
        .map_or(0, |end| end + 1)
}

type Node<'a> = (Event<'a>, Range<usize>);

fn events(text: &str, start: usize) -> Peekable<impl Iterator<Item = Node<'_>>> {
    foreign::parser(text.get(start..).unwrap_or_default())
        .map_while(Result::ok)
        .filter(|(event, _)| !matches!(event, Event::StreamStart | Event::DocumentStart(..)))
        .map(move |(event, span)| (event, span.byte_range().unwrap_or_default()))
        .map(move |(event, range)| (event, start + range.start..start + range.end))
        .peekable()
}

/// Walks to one entry of a list or mapping, and to its key if it has one. What no entry writes may come by a `<<`, which is
/// then shown.
fn child<'a>(
    (event, _): &Node<'a>,
    segment: &str,
    events: &mut impl Iterator<Item = Node<'a>>,
) -> Option<(Option<Range<usize>>, Node<'a>)> {
    match event {
        Event::MappingStart(..) => {
            let mut merge = None;
            loop {
                let Some((event, range)) = events.next().filter(|(event, _)| *event != Event::MappingEnd) else {
                    return merge;
                };
                let is_wanted = is_key(&event, segment);
                let is_merge = matches!(&event, Event::Scalar(key, style, _, tag)
                    if foreign::is_merge(key, *style, tag.as_deref()));
                skip(&event, events)?;
                let value = events.next()?;
                if is_wanted {
                    return Some((Some(range), value));
                }
                skip(&value.0, events)?;
                if is_merge {
                    // Nothing can be found inside an alias, so the search ends here.
                    merge = Some((Some(range.clone()), (Event::Alias(0), range)));
                }
            }
        }
        Event::SequenceStart(..) => {
            let index: usize = segment.parse().ok()?;
            for _ in 0..index {
                let (event, _) = events.next().filter(|(event, _)| *event != Event::SequenceEnd)?;
                skip(&event, events)?;
            }
            Some((None, events.next().filter(|(event, _)| *event != Event::SequenceEnd)?))
        }
        _ => None,
    }
}

/// Whether a key is written as the text, or read as it: `0x10` as `16`.
fn is_key(event: &Event<'_>, segment: &str) -> bool {
    let Event::Scalar(key, style, _, tag) = event else {
        return false;
    };
    key == segment || foreign::key_text(key, *style, tag.as_deref()).is_some_and(|key| key == segment)
}

/// Walks to the end of a list or mapping that has just begun.
fn skip<'a>(event: &Event<'a>, events: &mut impl Iterator<Item = Node<'a>>) -> Option<()> {
    let weigh = |event: &Event<'_>| match event {
        Event::SequenceStart(..) | Event::MappingStart(..) => 1,
        Event::SequenceEnd | Event::MappingEnd => -1,
        _ => 0,
    };
    let mut depth = weigh(event);
    while depth > 0 {
        depth += weigh(&events.next()?.0);
    }
    Some(())
}

/// Returns what of a node is worth underlining: a scalar, an opening bracket, the first key or the first dash.
fn first_token(text: &str, (event, range): &Node<'_>) -> Range<usize> {
    let length = if !range.is_empty() || matches!(event, Event::Scalar(..)) {
        // A block scalar takes its line breaks along.
        text.get(range.clone()).unwrap_or_default().trim_end().len()
    } else {
        let line = text
            .get(range.start..)
            .and_then(|rest| rest.lines().next())
            .unwrap_or_default();
        let is_item = line == "-" || line.starts_with("- ");
        let end = if is_item {
            1
        } else {
            line.find(": ").unwrap_or(line.len())
        };
        line.get(..end)
            .unwrap_or_default()
            .trim_end()
            .trim_end_matches(':')
            .len()
    };
    range.start..range.start + length
}

#[cfg(test)]
mod tests {
    use super::super::tests::source;
    use super::super::{Document, parse};

    fn shown(document: &Document, pointer: &str) -> (String, String) {
        let show = |location: crate::diagnostic::Location| {
            let text = &location.source.text[location.span.clone()];
            format!("{}:{} {text}", location.line(), location.column())
        };
        (show(document.locate(pointer)), show(document.locate_key(pointer)))
    }

    #[test]
    fn finds_values_and_keys() {
        let text = "# head\n\n  kind: Tenant\n  \"a/b~c\": {d: [1, 'é', {e: 2}]}\n  list:\n  - x: 1\n    z:\n  - [z]\n  \
                    nest:\n    - - q\n      - r\n  block: |\n    one\n    two\n\n  last: \"ü\"\n";
        let document = parse(&source(text)).0.remove(0);
        let mut table = String::new();
        for pointer in "/ /kind /a~1b~0c /a~1b~0c/d /a~1b~0c/d/1 /a~1b~0c/d/2/e /list /list/0 /list/0/x /list/0/z /list/1 \
                        /list/1/0 /nest /nest/0 /nest/0/1 /block /last /absent /list/2 /list/0/absent/more /list/x /kind/x"
            .split_whitespace()
            .map(|pointer| if pointer == "/" { "" } else { pointer })
        {
            let (value, key) = shown(&document, pointer);
            table.push_str(&format!("{pointer:<18} {value:?} {key:?}\n"));
        }
        insta::assert_snapshot!(table, @r#"
                           "3:3 kind" "3:3 kind"
        /kind              "3:9 Tenant" "3:3 kind"
        /a~1b~0c           "4:12 {" "4:3 \"a/b~c\""
        /a~1b~0c/d         "4:16 [" "4:13 d"
        /a~1b~0c/d/1       "4:20 'é'" "4:20 'é'"
        /a~1b~0c/d/2/e     "4:29 2" "4:26 e"
        /list              "6:5 x" "5:3 list"
        /list/0            "6:5 x" "6:5 x"
        /list/0/x          "6:8 1" "6:5 x"
        /list/0/z          "7:5 z" "7:5 z"
        /list/1            "8:5 [" "8:5 ["
        /list/1/0          "8:6 z" "8:6 z"
        /nest              "10:5 -" "9:3 nest"
        /nest/0            "10:7 -" "10:7 -"
        /nest/0/1          "11:9 r" "11:9 r"
        /block             "13:5 one\n    two" "12:3 block"
        /last              "16:9 \"ü\"" "16:3 last"
        /absent            "3:3 kind" "3:3 kind"
        /list/2            "6:5 x" "6:5 x"
        /list/0/absent/more "6:5 x" "6:5 x"
        /list/x            "6:5 x" "6:5 x"
        /kind/x            "3:9 Tenant" "3:9 Tenant"
        "#);
    }

    #[test]
    fn finds_places_in_later_documents() {
        let documents = parse(&source(
            "a: 1\n--- # x\na: 2\n---\n  a: 3\n  b: 4\n...\n\n  a: 5\n  b: 6\n--- [7]\n--- 8\n",
        ))
        .0;
        let places: Vec<_> = documents.iter().map(|document| shown(document, "/b").0).collect();
        assert_eq!(places, ["1:1 a", "3:1 a", "6:6 4", "10:6 6", "11:5 [", "12:5 8"]);
    }

    #[test]
    fn finds_places_in_built_documents() {
        let value = serde_json::json!({"spec": {"hosts": ["a", "\u{feff}\u{7f}\u{85}"], "x": {}}});
        let document = Document::from_value("built.yaml", value.clone());
        assert_eq!(parse(&document.source).0[0].value, value.into());
        assert_eq!(shown(&document, "/spec/hosts/1").0, "5:7 \"\\ufeff\\u007f\\u0085\"");
        assert_eq!(
            shown(&document, "/spec/x"),
            ("7:10 {".to_owned(), "7:5 \"x\"".to_owned())
        );
        assert_eq!(
            Document::from_value("", serde_json::Value::Null).locate("/a/b").span,
            0..4
        );
    }
}
