//! The only room that reads the disk for inputs: files become YAML documents, and documents know their lines.
//!
//! It knows YAML text and not what the text means. In inputs, whatever two YAML readers could take differently is refused;
//! manifests that somebody else wrote are read as the tools of Kubernetes read them.

mod decoded;
mod foreign;
mod load;
mod locate;
mod reader;
mod refusal;
mod scalar;
mod syntax;

use std::fmt::Write;
use std::ops::Range;
use std::sync::Arc;

use serde_json::Value;

use crate::diagnostic::{Finding, Location, Source};

pub use foreign::{MAXIMUM_MANIFEST_SIZE, ManifestFile, manifest_files, parse_manifests};
pub use load::{DEFINITIONS, MAXIMUM_FILE_SIZE, load};
pub use reader::MAXIMUM_DEPTH;
pub use refusal::MAXIMUM_FINDINGS;

/// One YAML document: a value, and the text that it was read from.
#[derive(Debug, Clone)]
pub struct Document {
    /// The file that holds the document.
    pub source: Arc<Source>,
    /// What the document says; objects, lists, strings, booleans, nulls and numbers, with integers kept exact.
    pub value: Arc<Value>,
    /// Where the document's first line begins, in bytes: `locate` reads again from there.
    start: usize,
}

impl Document {
    /// Returns the document that an embedder built as a value, under a path that need not exist.
    ///
    /// Its text is the value as JSON, which is YAML too, so that findings can show a line of it.
    pub fn from_value(path: &str, value: Value) -> Self {
        let text = escape(&serde_json::to_string_pretty(&value).unwrap_or_default());
        let source = Source {
            path: path.to_owned(),
            text,
        };
        Self {
            source: Arc::new(source),
            value: Arc::new(value),
            start: 0,
        }
    }

    /// Returns where the value at a JSON pointer starts; a list or mapping is shown by its first token, and a value
    /// without text by its key.
    ///
    /// A pointer that leads nowhere falls back to the deepest value on its way that exists.
    pub fn locate(&self, pointer: &str) -> Location {
        self.location(locate::locate(&self.source.text, self.start, pointer).value)
    }

    /// Returns where the key at a JSON pointer is written; an item of a list has none and is shown itself.
    ///
    /// A pointer that leads nowhere falls back to the deepest value on its way that exists.
    pub fn locate_key(&self, pointer: &str) -> Location {
        self.location(locate::locate(&self.source.text, self.start, pointer).key)
    }

    /// Returns where a byte range of the text at a JSON pointer is written, through quotes, escapes and folded lines.
    ///
    /// What was not written as text, or cannot be mapped, is shown as a whole.
    pub fn locate_text(&self, pointer: &str, range: Range<usize>) -> Location {
        match locate::text(&self.source.text, self.start, pointer, range) {
            Some(span) => self.location(span),
            None => self.locate(pointer),
        }
    }

    fn location(&self, span: Range<usize>) -> Location {
        Location {
            source: Arc::clone(&self.source),
            span,
        }
    }
}

/// All documents of a run, in an order that depends on nothing but their paths.
#[derive(Debug, Clone, Default)]
pub struct Workspace {
    /// The documents by path, then by position in the file.
    pub documents: Vec<Document>,
    /// Whether something could not be read: a document that is not here may exist all the same.
    pub is_partial: bool,
}

impl Workspace {
    /// Returns a workspace of these documents, in order.
    pub fn new(mut documents: Vec<Document>) -> Self {
        documents.sort_by(|left, right| (&left.source.path, left.start).cmp(&(&right.source.path, right.start)));
        Self {
            documents,
            is_partial: false,
        }
    }
}

/// Reads all documents of one file's text; documents without content are skipped.
///
/// Every problem is a finding, of every document, up to [`MAXIMUM_FINDINGS`]; a document with a finding is not returned.
pub fn parse(source: &Arc<Source>) -> (Vec<Document>, Vec<Finding>) {
    reader::read(source)
}

/// Escapes what JSON lets stand inside strings and YAML does not.
fn escape(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for character in json.chars() {
        match character {
            '\n' => text.push('\n'),
            '\u{feff}' | '\u{fffe}' | '\u{ffff}' => _ = write!(text, "\\u{:04x}", u32::from(character)),
            _ if character.is_control() => _ = write!(text, "\\u{:04x}", u32::from(character)),
            _ => text.push(character),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;
    use std::path::Path;

    pub(super) fn source(text: &str) -> Arc<Source> {
        Arc::new(Source {
            path: "test.yaml".to_owned(),
            text: text.to_owned(),
        })
    }

    /// The findings about a text, a line each.
    pub(super) fn show(text: &str) -> String {
        let mut table = String::new();
        for finding in parse(&source(text)).1 {
            let at = finding.location.unwrap();
            let help = finding.help.unwrap_or_default();
            let shown = at
                .source
                .text
                .get(at.span.clone())
                .unwrap()
                .lines()
                .next()
                .unwrap_or_default();
            let _ = writeln!(
                table,
                "  {}:{} {shown:?} {}: {} ({help})",
                at.line(),
                at.column(),
                finding.code,
                finding.message
            );
        }
        table
    }

    /// The values of a text without findings.
    pub(super) fn values(text: &str) -> Vec<Value> {
        let (documents, findings) = parse(&source(text));
        assert_eq!(findings, []);
        documents.iter().map(|document| Value::clone(&document.value)).collect()
    }

    #[test]
    fn a_workspace_is_sorted() {
        let document = |path: &str, start| Document {
            start,
            ..Document::from_value(path, json!(start))
        };
        let workspace = Workspace::new(vec![
            document("b", 7),
            document("a/c", 0),
            document("b", 3),
            document("a-c", 0),
        ]);
        let order: Vec<_> = workspace
            .documents
            .iter()
            .map(|document| (&*document.source.path, document.start))
            .collect();
        assert_eq!(order, [("a-c", 0), ("a/c", 0), ("b", 3), ("b", 7)]);
    }

    fn json_values() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            // Eighths have few digits: JSON writes others with exponents, which YAML readers disagree about.
            any::<i32>().prop_map(|eighths| Value::from(f64::from(eighths) / 8.0)),
            any::<String>().prop_map(Value::from),
            "[ynofNOalse~<=.:0-9_x+-]{0,6}".prop_map(Value::from),
        ];
        leaf.prop_recursive(5, 40, 6, |inner| {
            let key = prop_oneof![any::<String>(), "[a-c~/]{0,2}"];
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                prop::collection::btree_map(key, inner, 0..6).prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    /// Every pointer into a value.
    fn pointers(value: &Value, at: &str, all: &mut Vec<String>) {
        all.push(at.to_owned());
        match value {
            Value::Array(items) => {
                items
                    .iter()
                    .enumerate()
                    .for_each(|(index, item)| pointers(item, &format!("{at}/{index}"), all));
            }
            Value::Object(map) => map.iter().for_each(|(key, item)| {
                pointers(
                    item,
                    &format!("{at}/{}", key.replace('~', "~0").replace('/', "~1")),
                    all,
                );
            }),
            _ => {}
        }
    }

    /// Checks what must hold of any text: places lie inside it, and no document has a finding.
    fn check(text: &str) {
        let (documents, findings) = parse(&source(text));
        assert!(findings.len() <= MAXIMUM_FINDINGS + 1);
        for location in findings.iter().flat_map(|finding| &finding.location) {
            assert!(text.get(location.span.clone()).is_some());
        }
        for document in documents {
            let mut all = Vec::new();
            pointers(&document.value, "", &mut all);
            for pointer in all {
                let (value, key) = (document.locate(&pointer), document.locate_key(&pointer));
                assert!(text.get(value.span).is_some() && text.get(key.span).is_some());
            }
        }
    }

    /// Takes a second; anything that grows with the square of a text would take minutes.
    #[test]
    fn hostile_texts_are_read_or_refused_at_once() {
        for unit in [
            "---\n]\n",
            "a: 1\n",
            "\ta: 1\n",
            "- &a *b\n",
            "- \"a\n",
            "\"",
            "[",
            "]",
            "{a: ",
            "- ",
            "x",
            "1",
            "1:",
            "? a\n",
            "# a\n",
            "--- a\n",
            "--- a\u{1}\n",
            "\t",
            "---\na: 1\n\tb: 2\n",
            "x\n",
            "- !a b\n",
            "*a ",
            "%a\n",
            "---\na: 1\na: 2\n",
        ] {
            for text in [
                unit.repeat(60_000 / unit.len()),
                format!("a: [{}", unit.repeat(60_000 / unit.len())),
            ] {
                let (documents, findings) = parse(&source(&text));
                assert!(
                    !documents.is_empty() || !findings.is_empty() || text.starts_with(['#', '\t']),
                    "{unit:?}"
                );
                assert!(findings.len() <= MAXIMUM_FINDINGS + 1);
            }
        }
        // Each of these has its own mapping, and a first key to show.
        let (_, findings) = parse(&source(
            &(0..20_000)
                .map(|n| format!("k{n}: {{a: 1, a: 2}}\n"))
                .collect::<String>(),
        ));
        assert_eq!(findings.len(), MAXIMUM_FINDINGS + 1);
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in any::<String>()) {
            check(&text);
        }

        #[test]
        fn any_marks_are_read_or_refused(text in "[a1é \t\r\n:?\\[\\]{},'\"|>&*!%#~<.-]{0,40}") {
            check(&text);
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
            check(&String::from_utf8_lossy(&bytes));
        }

        #[test]
        fn any_json_is_read_as_itself_and_located(value in json_values()) {
            let document = Document::from_value("built", value.clone());
            prop_assert_eq!(values(&document.source.text), [value.clone()]);
            let mut all = Vec::new();
            pointers(&value, "", &mut all);
            for pointer in all {
                let text = document.locate(&pointer);
                let text = &document.source.text[text.span];
                match value.pointer(&pointer).unwrap() {
                    Value::Array(_) => prop_assert_eq!(text, "["),
                    Value::Object(_) => prop_assert_eq!(text, "{"),
                    leaf => prop_assert_eq!(&serde_json::from_str::<Value>(text).unwrap(), leaf),
                }
            }
        }
    }

    /// Compares as JSON does, where 1.0 is 1.
    fn agree(left: &Value, right: &Value) -> bool {
        match (left, right) {
            (Value::Number(left), Value::Number(right)) => left.as_f64() == right.as_f64(),
            (Value::Array(left), Value::Array(right)) => {
                left.len() == right.len() && left.iter().zip(right).all(|(left, right)| agree(left, right))
            }
            (Value::Object(left), Value::Object(right)) => {
                left.len() == right.len()
                    && left
                        .iter()
                        .all(|(key, value)| right.get(key).is_some_and(|other| agree(value, other)))
            }
            _ => left == right,
        }
    }

    /// What the readers of Kubernetes agree about is read as they read it, or refused.
    #[test]
    fn agrees_with_kubernetes_or_refuses() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpora/yaml/cases.jsonl");
        let Ok(cases) = std::fs::read_to_string(path) else {
            return;
        };
        for case in cases.lines() {
            let case: Value = serde_json::from_str(case).unwrap();
            let text = case["yaml"].as_str().unwrap();
            check(text);
            let (documents, findings) = parse(&source(text));
            let readings = ["k8s", "k8sStrict", "goyaml3"].map(|reader| case[reader].as_str().unwrap());
            // Those readers stop after the first document.
            if !findings.is_empty() || readings.iter().any(|reading| *reading != readings[0]) || text.contains("\n---")
            {
                continue;
            }
            let ours = documents
                .first()
                .map_or(Value::Null, |document| Value::clone(&document.value));
            let theirs = serde_json::from_str::<Value>(readings[0]);
            assert!(
                theirs.is_ok_and(|theirs| agree(&ours, &theirs)),
                "{}: {ours}",
                case["id"]
            );
        }
    }
}
