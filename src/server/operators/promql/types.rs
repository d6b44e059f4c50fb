//! What an expression gives, and what was read so far of a selector.
//!
//! The four types are those of Prometheus.

/// What an expression gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Type {
    Scalar,
    Vector,
    Matrix,
    Text,
}

impl Type {
    /// Returns the name in the documentation, which messages use.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Scalar => "scalar",
            Self::Vector => "instant vector",
            Self::Matrix => "range vector",
            Self::Text => "string",
        }
    }
}

/// What an expression is, as far as modifiers behind it ask.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Form {
    /// Metrics by name and labels.
    Selector,
    /// Metrics over a time, or an expression over a time.
    Range,
    /// A number that stands for itself.
    Number,
    /// Anything else.
    Other,
}

/// An expression that was read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Node {
    pub(super) gives: Type,
    pub(super) form: Form,
    /// Whether an offset other than zero was given.
    pub(super) is_shifted: bool,
    /// Whether a moment was given by `@` and a number.
    pub(super) has_moment: bool,
    /// Whether a moment was given by `@` and a word.
    pub(super) has_edge: bool,
}

impl Node {
    pub(super) fn new(gives: Type, form: Form) -> Self {
        Self {
            gives,
            form,
            is_shifted: false,
            has_moment: false,
            has_edge: false,
        }
    }
}
