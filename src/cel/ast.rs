//! The syntax tree of an expression.
//!
//! Each node knows where it stands in the source and how deep it is, so that whatever walks the tree is bounded.

use std::ops::Range;
use std::sync::Arc;

use super::value::Value;

/// A byte range of the source.
pub type Span = Range<usize>;

/// The deepest tree that is accepted; the server stops at the same number.
pub(super) const DEEPEST: u16 = 250;

/// A node.
#[derive(Debug, Clone)]
pub(super) struct Expr {
    pub(super) span: Span,
    pub(super) depth: u16,
    pub(super) kind: Kind,
}

/// What a node is; macros are already expanded.
#[derive(Debug, Clone)]
pub(super) enum Kind {
    Literal(Value),
    Identifier(Arc<str>),
    Select(Box<Expr>, Arc<str>),
    OptionalSelect(Box<Expr>, Arc<str>),
    Has(Box<Expr>, Arc<str>),
    Call {
        function: Arc<str>,
        target: Option<Box<Expr>>,
        arguments: Vec<Expr>,
    },
    And(Vec<Expr>),
    Or(Vec<Expr>),
    List(Vec<(bool, Expr)>),
    Map(Vec<(bool, Expr, Expr)>),
    Message(Arc<str>, Vec<(bool, Arc<str>, Expr)>),
    Loop(Box<Loop>),
    Bind(Box<Bind>),
}

/// A macro over a list or a map.
#[derive(Debug, Clone)]
pub(super) struct Loop {
    pub(super) kind: LoopKind,
    pub(super) range: Expr,
    pub(super) first: Arc<str>,
    pub(super) second: Option<Arc<str>>,
    pub(super) filter: Option<Expr>,
    pub(super) step: Expr,
}

/// Which macro it was; the rest of the difference is in the fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LoopKind {
    All,
    Exists,
    ExistsOne,
    List,
    Map,
    MapEntry,
}

/// A macro that gives a value a name.
#[derive(Debug, Clone)]
pub(super) struct Bind {
    pub(super) kind: BindKind,
    pub(super) target: Expr,
    pub(super) name: Arc<str>,
    pub(super) body: Expr,
}

/// Which macro it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BindKind {
    OptionalMap,
    OptionalFlatMap,
    SortBy,
}

impl Expr {
    /// Makes a node; its depth follows from its parts.
    pub(super) fn new(span: Span, kind: Kind) -> Self {
        let depth = kind.deepest().saturating_add(1);
        Self { span, depth, kind }
    }
}

impl Kind {
    fn deepest(&self) -> u16 {
        let most = |parts: &mut dyn Iterator<Item = &Expr>| parts.map(|part| part.depth).max().unwrap_or(0);
        match self {
            Self::Literal(_) | Self::Identifier(_) => 0,
            Self::Select(of, _) | Self::OptionalSelect(of, _) | Self::Has(of, _) => of.depth,
            Self::Call { target, arguments, .. } => most(&mut target.as_deref().into_iter().chain(arguments)),
            Self::And(parts) | Self::Or(parts) => most(&mut parts.iter()),
            Self::List(parts) => most(&mut parts.iter().map(|(_, part)| part)),
            Self::Map(parts) => most(&mut parts.iter().flat_map(|(_, key, value)| [key, value])),
            Self::Message(_, parts) => most(&mut parts.iter().map(|(_, _, part)| part)),
            Self::Loop(of) => most(&mut [&of.range, &of.step].into_iter().chain(&of.filter)),
            Self::Bind(of) => most(&mut [&of.target, &of.body].into_iter()),
        }
    }
}
