//! Tokens to a syntax tree.
//!
//! Precedence and the quirks of the server's grammar (an even number of `!` disappears, a minus sign belongs to the
//! number behind it) are kept; nesting is bounded.

mod primary;

use std::sync::Arc;

use super::CompileError;
use super::ast::{DEEPEST, Expr, Kind, Span};
use super::lexer::{self, Token};
use super::macros;
use super::value::Value;

/// The longest source that is read, in bytes.
const LONGEST: usize = 100_000;

/// How deep parentheses and brackets may nest.
const NESTED: u16 = 250;

/// Parses the source.
pub(super) fn parse(source: &str) -> Result<Expr, CompileError> {
    if source.len() > LONGEST {
        return Err(CompileError::new("expression is longer than 100000 bytes", 0..LONGEST));
    }
    let tokens = lexer::tokens(source)?;
    let mut parser = Parser {
        tokens,
        at: 0,
        nested: 0,
    };
    let expression = parser.expression()?;
    match parser.peek() {
        Token::End => Ok(expression),
        _ => Err(parser.unexpected("<EOF>")),
    }
}

type Parsed = Result<Expr, CompileError>;

struct Parser {
    tokens: Vec<(Token, Span)>,
    at: usize,
    nested: u16,
}

/// Binary operators from loosest to tightest.
const LEVELS: &[&[&str]] = &[&["==", "!=", "<", "<=", ">", ">=", "in"], &["+", "-"], &["*", "/", "%"]];

const RESERVED: &[&str] = &[
    "as",
    "break",
    "const",
    "continue",
    "else",
    "for",
    "function",
    "if",
    "import",
    "let",
    "loop",
    "package",
    "namespace",
    "return",
    "var",
    "void",
    "while",
];

/// Tells whether a text is a word of the language, which cannot name a variable and stands escaped where it names a field.
pub fn is_word(text: &str) -> bool {
    ["true", "false", "null", "in"].contains(&text) || RESERVED.contains(&text)
}

impl Parser {
    fn peek(&self) -> &Token {
        self.tokens.get(self.at).map_or(&Token::End, |(token, _)| token)
    }

    fn span(&self) -> Span {
        self.tokens.get(self.at).map_or(0..0, |(_, span)| span.clone())
    }

    /// The end of what was read last.
    fn end(&self) -> usize {
        let last = self.at.checked_sub(1).and_then(|at| self.tokens.get(at));
        last.map_or(0, |(_, span)| span.end)
    }

    fn next(&mut self) -> (Token, Span) {
        let token = (self.peek().clone(), self.span());
        self.at += 1;
        token
    }

    fn take(&mut self, symbol: &str) -> bool {
        let found = matches!(self.peek(), Token::Symbol(found) if *found == symbol);
        self.at += usize::from(found);
        found
    }

    fn sees(&self, symbol: &str) -> bool {
        matches!(self.peek(), Token::Symbol(found) if *found == symbol)
    }

    fn expect(&mut self, symbol: &'static str) -> Result<(), CompileError> {
        if self.take(symbol) {
            return Ok(());
        }
        Err(self.unexpected(&format!("'{symbol}'")))
    }

    fn unexpected(&self, expected: &str) -> CompileError {
        let found = match self.peek() {
            Token::End => "<EOF>".to_owned(),
            Token::Symbol(symbol) => (*symbol).to_owned(),
            Token::Name(name) => name.to_string(),
            Token::String(text) => format!("{text:?}"),
            other => format!("{other:?}"),
        };
        let message = format!("Syntax error: mismatched input '{found}' expecting {expected}");
        CompileError::new(message, self.span())
    }

    fn node(&self, start: usize, kind: Kind) -> Parsed {
        let expr = Expr::new(start..self.end(), kind);
        match expr.depth > DEEPEST {
            true => Err(too_deep(expr.span)),
            false => Ok(expr),
        }
    }

    fn call(&self, start: usize, function: &str, arguments: Vec<Expr>) -> Parsed {
        self.node(
            start,
            Kind::Call {
                function: function.into(),
                target: None,
                arguments,
            },
        )
    }

    fn expression(&mut self) -> Parsed {
        let start = self.span().start;
        if self.nested >= NESTED {
            return Err(too_deep(self.span()));
        }
        self.nested += 1;
        let mut parsed = self.either()?;
        if self.take("?") {
            let yes = self.either()?;
            self.expect(":")?;
            let no = self.expression()?;
            parsed = self.call(start, "_?_:_", vec![parsed, yes, no])?;
        }
        self.nested -= 1;
        Ok(parsed)
    }

    fn either(&mut self) -> Parsed {
        let start = self.span().start;
        let mut parts = vec![self.both()?];
        while self.take("||") {
            parts.push(self.both()?);
        }
        match parts.len() {
            1 => parts.pop().ok_or_else(|| self.unexpected("an expression")),
            _ => self.node(start, Kind::Or(parts)),
        }
    }

    fn both(&mut self) -> Parsed {
        let start = self.span().start;
        let mut parts = vec![self.binary(0)?];
        while self.take("&&") {
            parts.push(self.binary(0)?);
        }
        match parts.len() {
            1 => parts.pop().ok_or_else(|| self.unexpected("an expression")),
            _ => self.node(start, Kind::And(parts)),
        }
    }

    fn binary(&mut self, level: usize) -> Parsed {
        let Some(operators) = LEVELS.get(level) else {
            return self.unary();
        };
        let start = self.span().start;
        let mut left = self.binary(level + 1)?;
        loop {
            let operator = match self.peek() {
                Token::Symbol(symbol) if operators.contains(symbol) => *symbol,
                Token::Name(name) if level == 0 && &**name == "in" => "in",
                _ => return Ok(left),
            };
            self.at += 1;
            let right = self.binary(level + 1)?;
            let function = match operator {
                "in" => "@in".to_owned(),
                _ => format!("_{operator}_"),
            };
            left = self.call(start, &function, vec![left, right])?;
        }
    }

    fn unary(&mut self) -> Parsed {
        let start = self.span().start;
        let (symbol, function) = match self.peek() {
            Token::Symbol("!") => ("!", "!_"),
            Token::Symbol("-") if !self.number_follows() => ("-", "-_"),
            _ => return self.member(),
        };
        let mut count = 0_usize;
        while self.sees(symbol) {
            self.at += 1;
            count += 1;
        }
        let operand = self.member()?;
        match count % 2 {
            0 => Ok(operand),
            _ => self.call(start, function, vec![operand]),
        }
    }

    fn number_follows(&self) -> bool {
        let next = self.tokens.get(self.at + 1).map(|(token, _)| token);
        matches!(next, Some(Token::Int(_) | Token::Double(_)))
    }

    fn member(&mut self) -> Parsed {
        let start = self.span().start;
        let mut parsed = self.primary()?;
        loop {
            if self.take(".") {
                let optional = self.take("?");
                let field = self.field()?;
                if !optional && self.sees("(") {
                    let arguments = self.arguments()?;
                    let span = start..self.end();
                    parsed = macros::member(span, field, parsed, arguments)?;
                    parsed = self.node(start, parsed.kind)?;
                } else {
                    let of = Box::new(parsed);
                    let kind = match optional {
                        true => Kind::OptionalSelect(of, field),
                        false => Kind::Select(of, field),
                    };
                    parsed = self.node(start, kind)?;
                }
            } else if self.take("[") {
                let function = if self.take("?") { "_[?_]" } else { "_[_]" };
                let index = self.expression()?;
                self.expect("]")?;
                parsed = self.call(start, function, vec![parsed, index])?;
            } else if self.sees("{") {
                let Some(name) = dotted(&parsed) else {
                    return Ok(parsed);
                };
                let fields = self.fields()?;
                parsed = self.node(start, Kind::Message(name.into(), fields))?;
            } else {
                return Ok(parsed);
            }
        }
    }

    /// A field name: reserved words may be fields, the operators and literals spelled as words may not.
    fn field(&mut self) -> Result<Arc<str>, CompileError> {
        match self.peek() {
            Token::Name(name) if !matches!(&**name, "in" | "true" | "false" | "null") => {
                let name = name.clone();
                self.at += 1;
                Ok(name)
            }
            _ => Err(self.unexpected("IDENTIFIER")),
        }
    }
}

/// Reads `a.b.c` as one name.
pub(super) fn dotted(expr: &Expr) -> Option<String> {
    let mut parts = Vec::new();
    let mut expr = expr;
    loop {
        match &expr.kind {
            Kind::Select(of, field) => {
                parts.push(&**field);
                expr = of;
            }
            Kind::Identifier(name) => {
                parts.push(name);
                parts.reverse();
                return Some(parts.join("."));
            }
            _ => return None,
        }
    }
}

fn too_deep(span: Span) -> CompileError {
    CompileError::new("expression recursion limit exceeded: 250", span)
}
