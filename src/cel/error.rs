//! What goes wrong when an expression is compiled or evaluated.
//!
//! Both kinds carry the server's words.

use super::ast::Span;

/// Why an expression does not compile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompileError {
    /// What is wrong, as the server says it.
    pub message: String,
    /// Where, in bytes of the source.
    pub span: Span,
    /// A name that was probably meant.
    pub suggestion: Option<String>,
}

impl CompileError {
    pub(super) fn new(message: impl Into<String>, span: Span) -> Self {
        Self {
            message: message.into(),
            span,
            suggestion: None,
        }
    }
}

/// Why an evaluation has no value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EvalError(Box<Inner>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Inner {
    kind: ErrorKind,
    message: String,
}

/// What kind of failure it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// The expression failed on this input, as it would on the server.
    Failed,
    /// The evaluation cost more than one expression may.
    CallLimit,
    /// The budget that the expressions share is used up.
    Budget,
    /// Only the cluster knows: the expression asks the authorizer, or for what was declared unknown.
    Unknown,
}

impl EvalError {
    /// A failure of the expression on its input.
    pub fn failed(message: impl Into<String>) -> Self {
        Self::of(ErrorKind::Failed, message)
    }

    /// An answer that only the cluster has.
    pub fn unknown(message: impl Into<String>) -> Self {
        Self::of(ErrorKind::Unknown, message)
    }

    pub(super) fn of(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            kind,
            message: message.into(),
        }))
    }

    /// Returns what kind of failure it is.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Returns the message, as the server says it.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// Tells whether `&&` and `||` may not absorb it.
    pub(super) fn is_final(&self) -> bool {
        matches!(self.0.kind, ErrorKind::CallLimit | ErrorKind::Budget)
    }
}

impl std::fmt::Display for EvalError {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(&self.0.message)
    }
}

impl std::error::Error for EvalError {}
