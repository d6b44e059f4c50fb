//! The one language every room complains in: findings with a code, a level, a place and a remedy.
//!
//! Nothing here reads or prints; `report` renders findings and `cli` prints them.

pub mod codes;

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

/// How bad a finding is, worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// The input cannot be used; nothing is compiled from it (exit code 2).
    Error,
    /// The output must not be written (exit code 1).
    Deny,
    /// Said, and written all the same.
    Warn,
    /// Recorded only.
    Audit,
}

impl Level {
    /// Returns the name that users read and scripts match, `deny`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Deny => "deny",
            Self::Warn => "warn",
            Self::Audit => "audit",
        }
    }
}

/// A file as it was read: its path relative to the workspace root (forward slashes) and its text.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Source {
    /// Path relative to the workspace root, with forward slashes.
    pub path: String,
    /// The whole text; empty when it was not readable as UTF-8.
    pub text: String,
}

/// A range of bytes in a source.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Location {
    /// The file.
    pub source: Arc<Source>,
    /// Byte range in [`Source::text`]; always on character boundaries and inside the text.
    pub span: Range<usize>,
}

impl Location {
    /// The line, counted from 1.
    pub fn line(&self) -> usize {
        self.before().matches('\n').count() + 1
    }

    /// The column, counted in characters from 1.
    pub fn column(&self) -> usize {
        self.before().rsplit('\n').next().unwrap_or_default().chars().count() + 1
    }

    /// Returns the span, moved back onto character boundaries inside the text: whoever built the location by hand may
    /// have missed them, and a report must not fail over it.
    pub fn clamped(&self) -> Range<usize> {
        let start = self.boundary(self.span.start);
        start..self.boundary(self.span.end).max(start)
    }

    fn boundary(&self, at: usize) -> usize {
        let text = &self.source.text;
        let mut at = at.min(text.len());
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        at
    }

    fn before(&self) -> &str {
        self.source.text.get(..self.clamped().start).unwrap_or_default()
    }
}

/// The identity of a Kubernetes object, as far as a finding needs it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ObjectReference {
    /// Group and version, `apps/v1`.
    pub api_version: String,
    /// Kind, `Deployment`.
    pub kind: String,
    /// Namespace, absent on cluster-scoped kinds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// Name.
    pub name: String,
}

impl fmt::Display for ObjectReference {
    /// Writes `apps/v1 Deployment acme-production/web`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} ", self.api_version, self.kind)?;
        if let Some(namespace) = &self.namespace {
            write!(f, "{namespace}/")?;
        }
        f.write_str(&self.name)
    }
}

/// Why a finding need not hold.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub struct Waived {
    /// The name of the waiver.
    pub waiver: String,
    /// Who answers for it.
    pub owner: String,
    /// Why.
    pub reason: String,
    /// Where the work that ends it is tracked.
    pub ticket: String,
    /// The last day on which it counts.
    pub until: String,
}

impl fmt::Display for Waived {
    /// Writes `connector until 2027-01-31, erp@kestrel.example: the vendor … (ERP-4711)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            waiver,
            owner,
            reason,
            ticket,
            until,
        } = self;
        write!(f, "{waiver} until {until}, {owner}: {reason} ({ticket})")
    }
}

/// One complaint.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// Stable kebab-case code that names the violation, `unknown-field`.
    pub code: Cow<'static, str>,
    /// How bad it is.
    pub level: Level,
    /// What is wrong: a lowercase phrase without full stop, backticks round what the user typed.
    pub message: String,
    /// What goes wrong because of it, in sentences.
    pub why: Option<String>,
    /// What to do about it.
    pub help: Option<String>,
    /// Where: the offending text.
    pub location: Option<Location>,
    /// Other places that matter, each with what it is ("first defined here").
    pub related: Vec<(Location, String)>,
    /// The object it is about.
    pub object: Option<ObjectReference>,
    /// JSON pointer of the field inside the document or object.
    pub field: Option<String>,
    /// What part of the fleet it is about: `tenant/environment`, or the name of a cluster.
    pub subject: Option<String>,
    /// The policy that was broken.
    pub policy: Option<String>,
    /// The waiver that covers it.
    pub waived_by: Option<Waived>,
}

impl Finding {
    /// Returns a finding with only a code, a level and a message.
    pub fn new(code: impl Into<Cow<'static, str>>, level: Level, message: impl Into<String>) -> Self {
        Self {
            code: code.into(),
            level,
            message: message.into(),
            why: None,
            help: None,
            location: None,
            related: Vec::new(),
            object: None,
            field: None,
            subject: None,
            policy: None,
            waived_by: None,
        }
    }

    /// Returns an error: unusable input.
    pub fn error(code: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        Self::new(code, Level::Error, message)
    }

    /// Sets the remedy.
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Sets the place.
    pub fn at(mut self, location: Location) -> Self {
        self.location = Some(location);
        self
    }

    /// Adds another place, with what it is.
    pub fn with(mut self, location: Location, what: impl Into<String>) -> Self {
        self.related.push((location, what.into()));
        self
    }

    /// Sets the JSON pointer of the field.
    pub fn field(mut self, pointer: impl Into<String>) -> Self {
        self.field = Some(pointer.into());
        self
    }
}

/// The known word nearest to what was typed, when it is near enough to be a slip.
pub fn nearest<'a>(typed: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let folded = typed.to_lowercase().replace(['_', '-'], "");
    known
        .into_iter()
        .map(|word| {
            (
                strsim::damerau_levenshtein(&folded, &word.to_lowercase().replace(['_', '-'], "")),
                word,
            )
        })
        .filter(|(distance, word)| *distance <= word.len().max(3) / 3)
        .min()
        .map(|(_, word)| word)
}
