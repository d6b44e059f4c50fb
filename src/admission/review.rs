//! What is wrong with a document, said where it stands in the user's file.

use std::ops::Range;

use serde_json::Value;

use crate::cel::CompileError;
use crate::diagnostic::{Finding, Level, Location, ObjectReference};
use crate::workspace::Document;

/// The findings about one document.
pub(super) struct Review<'a> {
    document: &'a Document,
    /// How many variables were put before the user's own.
    shift: usize,
    pub(super) findings: Vec<Finding>,
}

impl<'a> Review<'a> {
    pub(super) fn new(document: &'a Document) -> Self {
        Self {
            document,
            shift: 0,
            findings: Vec::new(),
        }
    }

    /// Counts the variables that the user's file does not have.
    pub(super) fn shift_variables(&mut self, by: usize) {
        self.shift = by;
    }

    /// Says what is wrong with the value at a pointer.
    pub(super) fn refuse(
        &mut self,
        code: &'static str,
        pointer: &str,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.say(code, Level::Error, pointer, message, help);
    }

    /// Says something at a level.
    pub(super) fn say(
        &mut self,
        code: &'static str,
        level: Level,
        pointer: &str,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        let pointer = self.own(pointer);
        let location = self.document.locate(&pointer);
        self.push(Finding::new(code, level, message).help(help), &pointer, location);
    }

    /// Says that a field is not known, at its key.
    pub(super) fn unknown(&mut self, pointer: &str) {
        let field = pointer
            .rsplit('/')
            .next()
            .unwrap_or_default()
            .replace("~1", "/")
            .replace("~0", "~");
        let finding = Finding::error("unknown-field", format!("unknown field `{field}`"))
            .help("remove it, or write the name that the Kubernetes API has for it");
        let location = self.document.locate_key(pointer);
        self.push(finding, pointer, location);
    }

    /// Says what is wrong inside the expression at a pointer.
    pub(super) fn syntax(&mut self, pointer: &str, errors: &[CompileError]) {
        let pointer = self.own(pointer);
        for error in errors {
            let help = match &error.suggestion {
                _ if pointer.contains("/matchConditions/") && error.message.contains("'variables'") => {
                    "conditions know no variables: write the whole expression".to_owned()
                }
                _ if pointer.ends_with("/messageExpression") && error.message.contains("'authorizer'") => {
                    "messages cannot ask the authorizer".to_owned()
                }
                Some(name) => format!("did you mean `{name}`?"),
                None => "the message is the one of the Kubernetes API server, which would refuse the policy".to_owned(),
            };
            let finding = Finding::error("policy-syntax", error.message.clone()).help(help);
            let location = self.document.locate_text(&pointer, self.span(&pointer, &error.span));
            self.push(finding, &pointer, location);
        }
    }

    /// Says what in an expression does not fit the kinds that the policy matches.
    pub(super) fn types(&mut self, pointer: &str, errors: &[CompileError], kinds: &str) {
        let pointer = self.own(pointer);
        for error in errors {
            let help = match &error.suggestion {
                Some(name) => format!("did you mean `{name}`?"),
                None => format!("the types are those of {kinds}; `dyn()` around a value makes it anything"),
            };
            let finding = Finding::error("policy-type", error.message.clone()).help(help);
            let location = self.document.locate_text(&pointer, self.span(&pointer, &error.span));
            self.push(finding, &pointer, location);
        }
    }

    /// Says that an expression has the wrong type.
    pub(super) fn wrong_type(&mut self, pointer: &str, message: String, help: &str) {
        let pointer = self.own(pointer);
        let end = self.text(&pointer).map_or(0, |text| text.trim_end().len());
        let location = self.document.locate_text(&pointer, 0..end);
        let finding = Finding::error("policy-syntax", message).help(help);
        self.push(finding, &pointer, location);
    }

    fn push(&mut self, finding: Finding, pointer: &str, location: Location) {
        let mut finding = finding.at(location).field(pointer);
        finding.object = reference(&self.document.value);
        self.findings.push(finding);
    }

    /// An empty span at the end of a text that ends in a line break would point below it.
    fn span(&self, pointer: &str, span: &Range<usize>) -> Range<usize> {
        let end = self.text(pointer).map_or(span.end, |text| text.trim_end().len());
        span.start.min(end)..span.end.min(end)
    }

    fn text(&self, pointer: &str) -> Option<&str> {
        self.document.value.pointer(pointer)?.as_str()
    }

    /// The pointer in the user's file.
    fn own(&self, pointer: &str) -> String {
        let moved = pointer.strip_prefix("/spec/variables/").and_then(|rest| {
            let (index, rest) = rest.split_once('/').unwrap_or((rest, ""));
            let index = index.parse::<usize>().ok()?.checked_sub(self.shift)?;
            let slash = if rest.is_empty() { "" } else { "/" };
            Some(format!("/spec/variables/{index}{slash}{rest}"))
        });
        moved.unwrap_or_else(|| pointer.to_owned())
    }
}

/// Who a document is.
pub(super) fn reference(value: &Value) -> Option<ObjectReference> {
    let text = |pointer: &str| value.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
    Some(ObjectReference {
        api_version: text("/apiVersion")?,
        kind: text("/kind")?,
        namespace: text("/metadata/namespace"),
        name: text("/metadata/name")?,
    })
}
