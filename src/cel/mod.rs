//! The expression language of Kubernetes' admission control: CEL, type-checked and evaluated as version 1.35 does.
//!
//! It is an evaluator of our own, because of what was measured: the `cel` crate has no type checker, no optionals'
//! checker, no two-variable macros and no cost limit, and a deep expression overflows its stack; on 2,088 expressions
//! `kube-cel` accepted 269 that the server rejects, refused 408 valid ones and panicked 60 times.
//!
//! The way is `parser → check → eval`: an expression is compiled once and evaluated as often as needed, from any
//! thread. No input panics, and a hostile expression ends with an error.

mod ast;
mod check;
mod cost;
mod declarations;
mod error;
mod eval;
mod lexer;
mod library;
mod macros;
mod messages;
mod node;
mod parser;
mod paths;
#[cfg(test)]
mod tests;
mod time;
mod types;
mod unify;
mod validators;
mod value;

pub use ast::Span;
pub use cost::{Budget, CALL_LIMIT};
pub use declarations::Declarations;
pub use error::{CompileError, ErrorKind, EvalError};
pub use eval::{Activation, Lazy, Reading};
pub use library::{names::Format, patterns::Pattern, quantity::Quantity, semver::Semver, url::Url};
pub use parser::is_word;
pub use paths::Path;
pub use time::{Duration, Timestamp};
pub use types::Type;
pub use value::{Identity, Key, List, Map, Opaque, Value};

use std::sync::Arc;

use eval::{Blame, Run};
use node::Node;

/// Sources with fewer signs than this cannot nest deeply.
const SHALLOW: usize = 16;

/// The stack for compiling the others.
const STACK: usize = 32 << 20;

/// What expressions are compiled against.
#[derive(Debug, Clone, Default)]
pub struct Environment {
    declarations: Declarations,
}

impl Environment {
    /// Makes an environment of the language, Kubernetes' libraries and the declarations.
    pub fn new(declarations: Declarations) -> Self {
        Self { declarations }
    }

    /// Parses and type-checks an expression; all errors are returned at once.
    pub fn compile(&self, source: &str) -> Result<Program, Vec<CompileError>> {
        with_stack(source, || self.compiled(source))
    }

    /// Type-checks an expression that is compiled against less: says what would fail when it is evaluated, and returns
    /// its type. The server's checker also warns of what works, because the evaluator knows no declared types.
    pub fn examine(&self, source: &str) -> Result<Type, Vec<CompileError>> {
        with_stack(source, || check::check_leniently(&parse(source)?, &self.declarations))
    }

    fn compiled(&self, source: &str) -> Result<Program, Vec<CompileError>> {
        let expr = parse(source)?;
        let (node, output) = check::check(&expr, &self.declarations)?;
        Ok(Program { node, output })
    }
}

fn parse(source: &str) -> Result<ast::Expr, Vec<CompileError>> {
    parser::parse(source).map_err(|error| vec![error])
}

/// What is long may be deep, and the stack of this thread may be short.
fn with_stack<T: Send>(
    source: &str,
    work: impl FnOnce() -> Result<T, Vec<CompileError>> + Send,
) -> Result<T, Vec<CompileError>> {
    let signs = source.bytes().filter(u8::is_ascii_punctuation).count();
    if signs < SHALLOW {
        return work();
    }
    let refuse = || {
        Err(vec![CompileError::new(
            "the expression could not be compiled",
            0..source.len(),
        )])
    };
    std::thread::scope(|scope| {
        let builder = std::thread::Builder::new().stack_size(STACK);
        match builder.spawn_scoped(scope, work) {
            Ok(thread) => thread.join().unwrap_or_else(|_| refuse()),
            Err(_) => refuse(),
        }
    })
}

/// A compiled expression.
pub struct Program {
    node: Node,
    output: Type,
}

impl Program {
    /// Returns the type of the result.
    pub fn output_type(&self) -> &Type {
        &self.output
    }

    /// Tells whether the expression asks for a variable.
    pub fn reads(&self, name: &str) -> bool {
        let mut found = false;
        self.node
            .walk(&mut |node| found |= matches!(node, Node::Variable(read) if **read == *name));
        found
    }

    /// Tells whether the expression asks for no other variables.
    pub fn reads_only(&self, names: &[&str]) -> bool {
        let mut found = true;
        self.node.walk(&mut |node| {
            found &= match node {
                Node::Variable(read) => names.contains(&&**read),
                Node::Unknown => false,
                _ => true,
            };
        });
        found
    }

    /// Returns what the expression reads of its variables: each path once, what is demanded before its conditions.
    pub fn paths(&self) -> Vec<Path> {
        let mut found = Vec::new();
        paths::collect(&self.node, &mut found);
        found
    }

    /// Returns the path that the whole expression is, if it is nothing but one.
    pub fn path(&self) -> Option<Path> {
        paths::path(&self.node)
    }

    /// Returns the paths that the expression read where it became false or failed, the place itself first.
    pub fn blame(&self, activation: &Activation<'_>) -> Vec<Reading> {
        Blame::new(activation).paths(&self.node)
    }

    /// Returns where the value of the expression, or what the steps lead to in it, comes from.
    pub fn origin(&self, activation: &Activation<'_>, steps: &[Arc<str>]) -> Option<Reading> {
        Blame::new(activation).origin(&self.node, steps)
    }

    /// Evaluates the expression; its cost is taken from the budget.
    pub fn eval(&self, activation: &Activation<'_>, budget: &mut Budget) -> Result<Value, EvalError> {
        let mut run = Run::new(activation);
        let outcome = run.evaluate(&self.node);
        budget.take(run.cost())?;
        outcome
    }
}

impl std::fmt::Debug for Program {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Program({})", self.output)
    }
}
