//! A page as `formwork explain` prints it, whoever wrote it: the program, a rule in Rust, or a document of the workspace.

use super::Code;
use crate::diagnostic::Level;

/// What a code means and what to do about it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Page {
    /// The code.
    pub id: String,
    /// What was found: a lowercase phrase.
    pub title: String,
    /// Why that is a problem.
    pub why: String,
    /// The remedy: a lowercase imperative.
    pub fix: String,
    /// The smallest example that is refused, if there is one.
    pub bad: String,
    /// The same example, accepted.
    pub good: String,
    /// Where the demand comes from.
    pub references: Vec<String>,
    /// How bad it is, where that does not depend on the case.
    pub level: Option<Level>,
}

impl From<&Code> for Page {
    fn from(code: &Code) -> Self {
        Self {
            id: code.id.into(),
            title: code.title.into(),
            why: code.why.into(),
            fix: code.fix.into(),
            bad: code.bad.into(),
            good: code.good.into(),
            ..Self::default()
        }
    }
}
