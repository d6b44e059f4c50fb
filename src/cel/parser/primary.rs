//! What expressions are made of: literals, names, calls, lists, maps and messages.

use super::*;

impl Parser {
    pub(super) fn primary(&mut self) -> Parsed {
        let start = self.span().start;
        let literal = |parser: &Self, value| parser.node(start, Kind::Literal(value));
        let (token, span) = self.next();
        match token {
            Token::Int(number) => match i64::try_from(number) {
                Ok(number) => literal(self, Value::Int(number)),
                Err(_) => Err(CompileError::new("Syntax error: invalid int literal", span)),
            },
            Token::Uint(number) => literal(self, Value::Uint(number)),
            Token::Double(number) => literal(self, Value::Double(number)),
            Token::String(text) => literal(self, Value::String(text)),
            Token::Bytes(bytes) => literal(self, Value::Bytes(bytes)),
            Token::Symbol("-") => self.negative(start),
            Token::Symbol("(") => {
                let mut inner = self.expression()?;
                self.expect(")")?;
                inner.span = start..self.end();
                Ok(inner)
            }
            Token::Symbol("[") => self.list(start),
            Token::Symbol("{") => self.map(start),
            Token::Symbol(".") => {
                let name = self.field()?;
                self.name(start, &format!(".{name}"), &name, span)
            }
            Token::Name(name) => match &*name {
                "true" => literal(self, Value::Bool(true)),
                "false" => literal(self, Value::Bool(false)),
                "null" => literal(self, Value::Null),
                _ => self.name(start, &name, &name, span),
            },
            _ => {
                self.at -= 1;
                Err(self.unexpected("{'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}"))
            }
        }
    }

    pub(super) fn negative(&mut self, start: usize) -> Parsed {
        let (token, span) = self.next();
        let value = match token {
            Token::Int(number) => match 0_i64.checked_sub_unsigned(number) {
                Some(number) => Value::Int(number),
                None => return Err(CompileError::new("Syntax error: invalid int literal", span)),
            },
            Token::Double(number) => Value::Double(-number),
            _ => {
                self.at -= 1;
                return Err(self.unexpected("a number"));
            }
        };
        self.node(start, Kind::Literal(value))
    }

    pub(super) fn name(&mut self, start: usize, full: &str, name: &str, span: Span) -> Parsed {
        if name == "in" {
            self.at -= 1;
            return Err(self.unexpected("IDENTIFIER"));
        }
        if RESERVED.contains(&name) {
            return Err(CompileError::new(format!("reserved identifier: {name}"), span));
        }
        if !self.sees("(") {
            return self.node(start, Kind::Identifier(full.into()));
        }
        let arguments = self.arguments()?;
        let expanded = macros::global(start..self.end(), full, arguments)?;
        self.node(start, expanded.kind)
    }

    pub(super) fn arguments(&mut self) -> Result<Vec<Expr>, CompileError> {
        self.expect("(")?;
        let mut arguments = Vec::new();
        while !self.take(")") {
            if !arguments.is_empty() {
                self.expect(",")?;
            }
            arguments.push(self.expression()?);
        }
        Ok(arguments)
    }

    pub(super) fn list(&mut self, start: usize) -> Parsed {
        let mut items = Vec::new();
        while !self.take("]") {
            if self.separator(items.is_empty(), "]")? {
                break;
            }
            let optional = self.take("?");
            items.push((optional, self.expression()?));
        }
        self.node(start, Kind::List(items))
    }

    pub(super) fn map(&mut self, start: usize) -> Parsed {
        let mut entries = Vec::new();
        while !self.take("}") {
            if self.separator(entries.is_empty(), "}")? {
                break;
            }
            let optional = self.take("?");
            let key = self.expression()?;
            self.expect(":")?;
            entries.push((optional, key, self.expression()?));
        }
        self.node(start, Kind::Map(entries))
    }

    /// Reads the comma before a member; tells whether it was the last one, which may stand even before nothing.
    pub(super) fn separator(&mut self, first: bool, close: &'static str) -> Result<bool, CompileError> {
        if first && !self.take(",") {
            return Ok(false);
        }
        if first {
            return self.expect(close).map(|()| true);
        }
        self.expect(",")?;
        Ok(self.take(close))
    }

    pub(super) fn fields(&mut self) -> Result<Vec<(bool, Arc<str>, Expr)>, CompileError> {
        self.expect("{")?;
        let mut fields = Vec::new();
        while !self.take("}") {
            if self.separator(fields.is_empty(), "}")? {
                break;
            }
            let optional = self.take("?");
            let name = self.field()?;
            self.expect(":")?;
            fields.push((optional, name, self.expression()?));
        }
        Ok(fields)
    }
}
