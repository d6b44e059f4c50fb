//! Tokens read as an expression, by precedence.
//!
//! Faults of syntax are returned at once; faults of types are remembered and told only if the syntax is right, as
//! Prometheus does.

use super::Fault;
use super::functions::{EXPERIMENTAL, aggregation, find};
use super::tokens::{Placed, Token};
use super::types::{Form, Node, Type};

pub(super) struct Parser<'p, 't> {
    tokens: &'p [Placed<'t>],
    next: usize,
    /// The first fault of types.
    fault: Option<Fault>,
    /// How many expressions are open inside each other.
    depth: usize,
}

/// What is nested deeper than any expression is refused rather than followed.
const DEEPEST: usize = 200;

/// Reads an expression to its end.
pub(super) fn check(tokens: &[Placed<'_>]) -> Result<(), Fault> {
    let mut parser = Parser {
        tokens,
        next: 0,
        fault: None,
        depth: 0,
    };
    if *parser.token() == Token::End {
        return Err(Fault::new(0, "no expression found in input"));
    }
    parser.expression(0)?;
    if *parser.token() != Token::End {
        return parser.unexpected("", "");
    }
    parser.fault.map_or(Ok(()), Err)
}

/// How strongly an operator binds; the power binds to the right.
fn strength(token: &Token<'_>) -> Option<(&'static str, u8)> {
    Some(match token {
        Token::Word(word) => match word.to_ascii_lowercase().as_str() {
            "or" => ("or", 1),
            "and" => ("and", 2),
            "unless" => ("unless", 2),
            "atan2" => ("atan2", 5),
            _ => return None,
        },
        Token::Sign(sign @ ("==" | "!=" | "<" | ">" | "<=" | ">=" | "</" | ">/")) => (sign, 3),
        Token::Sign(sign @ ("+" | "-")) => (sign, 4),
        Token::Sign(sign @ ("*" | "/" | "%")) => (sign, 5),
        Token::Sign("^") => ("^", POWER),
        _ => return None,
    })
}

const POWER: u8 = 6;

/// What stands between an operator and its right side.
#[derive(Default)]
struct Matching {
    is_bool: bool,
    is_on: bool,
    labels: Vec<String>,
    is_grouped: bool,
    included: Vec<String>,
}

impl<'t> Parser<'_, 't> {
    pub(super) fn token(&self) -> &Token<'t> {
        self.tokens.get(self.next).map_or(&Token::End, |(token, _)| token)
    }

    pub(super) fn position(&self) -> usize {
        let placed = self.tokens.get(self.next).or(self.tokens.last());
        placed.map_or(0, |(_, position)| *position)
    }

    pub(super) fn step(&mut self) {
        self.next += 1;
    }

    pub(super) fn is_at(&self, sign: &str) -> bool {
        matches!(self.token(), Token::Sign(at) if *at == sign)
    }

    pub(super) fn take(&mut self, sign: &str) -> bool {
        let found = self.is_at(sign);
        self.next += usize::from(found);
        found
    }

    fn is_word(&self, word: &str) -> bool {
        matches!(self.token(), Token::Word(at) if at.eq_ignore_ascii_case(word))
    }

    fn take_word(&mut self, word: &str) -> bool {
        let found = self.is_word(word);
        self.next += usize::from(found);
        found
    }

    /// Remembers a fault of types.
    pub(super) fn later(&mut self, position: usize, message: String) {
        self.fault.get_or_insert(Fault { position, message });
    }

    pub(super) fn unexpected<T>(&self, context: &str, expected: &str) -> Result<T, Fault> {
        let found = match self.token() {
            Token::Word(word) | Token::Metric(word) => format!("identifier {word:?}"),
            Token::Number(number) => format!("number {number:?}"),
            Token::Text(text) => format!("string {text:?}"),
            Token::Sign(sign) => format!("{sign:?}"),
            Token::End => "end of input".to_owned(),
        };
        let context = if context.is_empty() {
            String::new()
        } else {
            format!(" in {context}")
        };
        let expected = if expected.is_empty() {
            String::new()
        } else {
            format!(", expected {expected}")
        };
        Err(Fault::new(
            self.position(),
            format!("unexpected {found}{context}{expected}"),
        ))
    }

    /// Reads an expression of operators that bind at least this strongly.
    fn expression(&mut self, least: u8) -> Result<Node, Fault> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(Fault::new(self.position(), "expression is nested too deeply"));
        }
        let start = self.position();
        let mut left = self.operand()?;
        while let Some((operator, strength)) = strength(self.token()) {
            if strength < least {
                break;
            }
            self.step();
            let matching = self.matching()?;
            let right = self.expression(strength + u8::from(strength != POWER))?;
            left = self.binary(start, operator, &matching, left, right);
        }
        self.depth -= 1;
        Ok(left)
    }

    /// Reads what stands between operators, with its modifiers.
    fn operand(&mut self) -> Result<Node, Fault> {
        let start = self.position();
        if self.take("+") || self.take("-") {
            let node = self.expression(POWER)?;
            if !matches!(node.gives, Type::Scalar | Type::Vector) {
                let message = "unary expression only allowed on expressions of type scalar or instant vector, got";
                self.later(start, format!("{message} {:?}", node.gives.name()));
            }
            let is_number = node.form == Form::Number;
            return Ok(Node::new(
                node.gives,
                if is_number { Form::Number } else { Form::Other },
            ));
        }
        let mut node = self.primary(start)?;
        loop {
            if self.is_at("[") {
                node = self.range(start, node)?;
            } else if self.take_word("offset") {
                self.offset(start, &mut node)?;
            } else if self.take("@") {
                self.moment(start, &mut node)?;
            } else {
                return Ok(node);
            }
        }
    }

    fn primary(&mut self, start: usize) -> Result<Node, Fault> {
        match self.token().clone() {
            Token::Number(_) => {
                self.step();
                Ok(Node::new(Type::Scalar, Form::Number))
            }
            Token::Text(_) => {
                self.step();
                Ok(Node::new(Type::Text, Form::Other))
            }
            Token::Sign("(") => {
                self.step();
                let node = self.expression(0)?;
                if !self.take(")") {
                    return self.unexpected("", "");
                }
                Ok(Node::new(node.gives, Form::Other))
            }
            Token::Sign("{") => self.selector(start, None),
            Token::Metric(name) => {
                self.step();
                self.selector(start, Some(name))
            }
            Token::Word(word) => {
                self.step();
                self.word(start, word)
            }
            _ => self.unexpected("", ""),
        }
    }

    /// A word is an aggregation, a function or a metric, by what follows it.
    fn word(&mut self, start: usize, word: &'t str) -> Result<Node, Fault> {
        let keyword = word.to_ascii_lowercase();
        if let Some(parameter) = aggregation(&keyword)
            && (self.is_at("(") || self.is_word("by") || self.is_word("without"))
        {
            return self.aggregate(start, &keyword, parameter);
        }
        // These are no metrics, the others of the keywords may be.
        let is_reserved = ["on", "ignoring", "bool", "group_left", "group_right", "atan2"].contains(&keyword.as_str());
        let is_modifier = ["by", "without", "offset", "and", "or", "unless"].contains(&keyword.as_str());
        if is_reserved || (is_modifier && self.is_at("(")) {
            self.next -= 1;
            return self.unexpected("", "");
        }
        match self.is_at("(") {
            true => self.call(start, word),
            false => self.selector(start, Some(word)),
        }
    }

    fn arguments(&mut self) -> Result<Vec<(Node, usize)>, Fault> {
        let mut arguments = Vec::new();
        if !self.take("(") {
            return self.unexpected("aggregation", "");
        }
        if self.take(")") {
            return Ok(arguments);
        }
        loop {
            let position = self.position();
            arguments.push((self.expression(0)?, position));
            if self.take(")") {
                return Ok(arguments);
            }
            if !self.take(",") {
                return self.unexpected("", "");
            }
            if self.is_at(")") {
                return Err(Fault::new(
                    self.position(),
                    "trailing commas not allowed in function call args",
                ));
            }
        }
    }

    fn call(&mut self, start: usize, name: &str) -> Result<Node, Fault> {
        let arguments = self.arguments()?;
        let Some(function) = find(name) else {
            return Err(Fault::new(
                start,
                match EXPERIMENTAL.contains(&name) {
                    true => format!("function {name:?} is not enabled"),
                    false => format!("unknown function with name {name:?}"),
                },
            ));
        };
        let (count, takes) = (arguments.len(), function.takes.len());
        let required = takes - usize::from(function.more != Some(0));
        let most = function.more.map(|more| required + more);
        if function.more == Some(0) && count != takes {
            self.later(
                start,
                format!("expected {takes} argument(s) in call to {name:?}, got {count}"),
            );
        } else if count < required {
            self.later(
                start,
                format!("expected at least {required} argument(s) in call to {name:?}, got {count}"),
            );
        } else if let Some(most) = most.filter(|most| count > *most) {
            self.later(
                start,
                format!("expected at most {most} argument(s) in call to {name:?}, got {count}"),
            );
        }
        let types = function.takes.iter().chain(function.takes.last().into_iter().cycle());
        for ((argument, position), wanted) in arguments.iter().zip(types) {
            if argument.gives != *wanted {
                self.later(
                    *position,
                    format!(
                        "expected type {} in call to function {name:?}, got {}",
                        wanted.name(),
                        argument.gives.name()
                    ),
                );
            }
        }
        Ok(Node::new(function.gives, Form::Other))
    }

    fn aggregate(&mut self, start: usize, name: &str, parameter: Option<Type>) -> Result<Node, Fault> {
        let is_grouped = self.take_word("by") || self.take_word("without");
        if is_grouped {
            self.labels()?;
        }
        let arguments = self.arguments()?;
        if !is_grouped && (self.take_word("by") || self.take_word("without")) {
            self.labels()?;
        }
        if arguments.is_empty() {
            return Err(Fault::new(start, "no arguments for aggregate expression provided"));
        }
        if matches!(name, "limitk" | "limit_ratio") {
            return Err(Fault::new(
                start,
                format!(
                    "{name}() is experimental and must be enabled with --enable-feature=promql-experimental-functions"
                ),
            ));
        }
        let wanted = 1 + usize::from(parameter.is_some());
        if arguments.len() != wanted {
            return Err(Fault::new(
                start,
                format!(
                    "wrong number of arguments for aggregate expression provided, expected {wanted}, got {}",
                    arguments.len()
                ),
            ));
        }
        let kinds = [(Type::Vector, "aggregation expression")]
            .into_iter()
            .chain(parameter.map(|wanted| (wanted, "aggregation parameter")));
        for ((argument, position), (wanted, context)) in arguments.iter().rev().zip(kinds) {
            if argument.gives != wanted {
                self.later(
                    *position,
                    format!(
                        "expected type {} in {context}, got {}",
                        wanted.name(),
                        argument.gives.name()
                    ),
                );
            }
        }
        Ok(Node::new(Type::Vector, Form::Other))
    }

    /// Reads names of labels in parentheses.
    fn labels(&mut self) -> Result<Vec<String>, Fault> {
        if !self.take("(") {
            return self.unexpected("grouping opts", "\"(\"");
        }
        let mut labels = Vec::new();
        while !self.take(")") {
            match self.token() {
                Token::Word(word) if !word.eq_ignore_ascii_case("without") => labels.push((*word).to_owned()),
                Token::Metric(word) => labels.push((*word).to_owned()),
                Token::Text(text) if !text.is_empty() => labels.push(text.clone()),
                _ => return self.unexpected("grouping opts", "label"),
            }
            self.step();
            if !self.take(",") && !self.is_at(")") {
                return self.unexpected("grouping opts", "\",\" or \")\"");
            }
        }
        Ok(labels)
    }
}

mod modifiers;
