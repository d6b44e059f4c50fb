//! Source text to tokens.
//!
//! Numbers and strings are decoded here; what cannot be read is an error with its place, never a panic.

use std::sync::Arc;

use super::CompileError;
use super::ast::Span;

/// A token.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    Name(Arc<str>),
    Int(u64),
    Uint(u64),
    Double(f64),
    String(Arc<str>),
    Bytes(Arc<[u8]>),
    Symbol(&'static str),
    End,
}

/// Splits the source.
pub(super) fn tokens(source: &str) -> Result<Vec<(Token, Span)>, CompileError> {
    let mut lexer = Lexer { source, at: 0 };
    let mut tokens = Vec::new();
    loop {
        lexer.skip_blank();
        let start = lexer.at;
        let token = lexer.token()?;
        let end = token == Token::End;
        tokens.push((token, start..lexer.at));
        if end {
            return Ok(tokens);
        }
    }
}

/// Longest first.
const SYMBOLS: &[&str] = &[
    "==", "!=", "<=", ">=", "&&", "||", "<", ">", "+", "-", "*", "/", "%", "!", "?", ":", ".", ",", "(", ")", "[", "]",
    "{", "}",
];

struct Lexer<'a> {
    source: &'a str,
    at: usize,
}

impl Lexer<'_> {
    fn rest(&self) -> &str {
        self.source.get(self.at..).unwrap_or_default()
    }

    fn skip_blank(&mut self) {
        loop {
            let rest = self.rest();
            let blank = rest.len() - rest.trim_start_matches([' ', '\t', '\r', '\n', '\u{c}']).len();
            let comment = match rest.get(blank..) {
                Some(text) if text.starts_with("//") => text.find('\n').unwrap_or(text.len()),
                _ => 0,
            };
            if blank + comment == 0 {
                return;
            }
            self.at += blank + comment;
        }
    }

    fn token(&mut self) -> Result<Token, CompileError> {
        let rest = self.rest();
        let mut letters = rest.chars();
        let (Some(first), second) = (letters.next(), letters.next()) else {
            return Ok(Token::End);
        };
        if let Some(text) = self.string()? {
            return Ok(text);
        }
        if first.is_ascii_digit() || first == '.' && second.is_some_and(|digit| digit.is_ascii_digit()) {
            return self.number();
        }
        let rest = self.rest();
        if first.is_ascii_alphabetic() || first == '_' {
            let end = rest
                .find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_')
                .unwrap_or(rest.len());
            let name: Arc<str> = rest.get(..end).unwrap_or_default().into();
            self.at += end;
            return Ok(Token::Name(name));
        }
        if let Some(symbol) = SYMBOLS.iter().find(|symbol| rest.starts_with(**symbol)) {
            self.at += symbol.len();
            return Ok(Token::Symbol(symbol));
        }
        let message = match first {
            '`' => "unsupported syntax: '`'".to_owned(),
            _ => format!("Syntax error: token recognition error at: '{first}'"),
        };
        Err(CompileError::new(message, self.at..self.at + first.len_utf8()))
    }

    fn number(&mut self) -> Result<Token, CompileError> {
        let rest = self.rest();
        let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
        let from = |at: usize| rest.get(at..).unwrap_or_default();
        let hexadecimal = rest.starts_with("0x") && from(2).starts_with(|digit: char| digit.is_ascii_hexdigit());
        let mut end;
        let mut float = false;
        if hexadecimal {
            end = 2 + from(2).bytes().take_while(u8::is_ascii_hexdigit).count();
        } else {
            end = digits(rest);
            let fraction = match from(end).strip_prefix('.') {
                Some(after) => digits(after),
                None => 0,
            };
            if fraction > 0 {
                float = true;
                end += 1 + fraction;
            }
            if from(end).starts_with(['e', 'E']) {
                let sign = usize::from(from(end + 1).starts_with(['+', '-']));
                let exponent = digits(from(end + 1 + sign));
                if exponent > 0 {
                    float = true;
                    end += 1 + sign + exponent;
                }
            }
        }
        let text = rest.get(..end).unwrap_or_default();
        let unsigned = !float && from(end).starts_with(['u', 'U']);
        let span = self.at..self.at + end;
        let whole = match text.strip_prefix("0x") {
            Some(digits) => u64::from_str_radix(digits, 16),
            None => text.parse(),
        };
        let token = match (float, unsigned, whole) {
            (true, ..) => match text.parse::<f64>() {
                Ok(number) if number.is_finite() => Token::Double(number),
                _ => return Err(CompileError::new("Syntax error: invalid double literal", span)),
            },
            (_, true, Ok(number)) => Token::Uint(number),
            (_, false, Ok(number)) => Token::Int(number),
            (_, true, Err(_)) => return Err(CompileError::new("Syntax error: invalid uint literal", span)),
            (_, false, Err(_)) => return Err(CompileError::new("Syntax error: invalid int literal", span)),
        };
        self.at += end + usize::from(unsigned);
        Ok(token)
    }

    fn string(&mut self) -> Result<Option<Token>, CompileError> {
        let rest = self.rest();
        let bytes = rest.starts_with(['b', 'B']);
        let raw = rest
            .get(usize::from(bytes)..)
            .unwrap_or_default()
            .starts_with(['r', 'R']);
        let prefix = usize::from(bytes) + usize::from(raw);
        let text = rest.get(prefix..).unwrap_or_default();
        let quote = match text.chars().next() {
            Some('"') if text.starts_with("\"\"\"") => "\"\"\"",
            Some('\'') if text.starts_with("'''") => "'''",
            Some('"') => "\"",
            Some('\'') => "'",
            _ => return Ok(None),
        };
        let body = text.get(quote.len()..).unwrap_or_default();
        let Some(length) = closing(body, quote, raw) else {
            let span = self.at..self.source.len();
            return Err(CompileError::new(
                "Syntax error: token recognition error: unclosed string",
                span,
            ));
        };
        let span = self.at..self.at + prefix + quote.len() * 2 + length;
        let content = body.get(..length).unwrap_or_default();
        let content = content.replace("\r\n", "\n").replace('\r', "\n");
        let token = match (raw, bytes) {
            (true, false) => Some(Token::String(content.into())),
            (true, true) => Some(Token::Bytes(content.into_bytes().into())),
            (false, false) => unescaped(&content).map(|text| Token::String(text.into())),
            (false, true) => unescaped_bytes(&content).map(|bytes| Token::Bytes(bytes.into())),
        };
        self.at = span.end;
        token
            .map(Some)
            .ok_or_else(|| CompileError::new("Syntax error: invalid escape sequence in a string", span))
    }
}

fn closing(body: &str, quote: &str, raw: bool) -> Option<usize> {
    let mut escaped = false;
    for (at, letter) in body.char_indices() {
        if escaped {
            escaped = false;
        } else if letter == '\\' && !raw {
            escaped = true;
        } else if body.get(at..)?.starts_with(quote) {
            return Some(at);
        } else if quote.len() == 1 && matches!(letter, '\n' | '\r') {
            return None;
        }
    }
    None
}

/// One step of unescaping: a plain character, a code point, or a byte value.
enum Piece {
    Plain(char),
    Wide(u32),
    Narrow(u32),
}

fn pieces(text: &str) -> Option<Vec<Piece>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        rest = rest.get(letter.len_utf8()..)?;
        if letter != '\\' {
            pieces.push(Piece::Plain(letter));
            continue;
        }
        let escape = rest.chars().next()?;
        let (piece, used) = match escape {
            'a' => (Piece::Plain('\u{7}'), 1),
            'b' => (Piece::Plain('\u{8}'), 1),
            'f' => (Piece::Plain('\u{c}'), 1),
            'n' => (Piece::Plain('\n'), 1),
            'r' => (Piece::Plain('\r'), 1),
            't' => (Piece::Plain('\t'), 1),
            'v' => (Piece::Plain('\u{b}'), 1),
            '\\' | '?' | '"' | '\'' | '`' => (Piece::Plain(escape), 1),
            'x' | 'X' => (Piece::Narrow(digits(rest.get(1..3)?, 16)?), 3),
            'u' => (Piece::Wide(digits(rest.get(1..5)?, 16)?), 5),
            'U' => (Piece::Wide(digits(rest.get(1..9)?, 16)?), 9),
            '0'..='3' => (Piece::Narrow(digits(rest.get(..3)?, 8)?), 3),
            _ => return None,
        };
        pieces.push(piece);
        rest = rest.get(used..)?;
    }
    Some(pieces)
}

fn digits(text: &str, radix: u32) -> Option<u32> {
    let plain = text.chars().all(|digit| digit.is_digit(radix));
    plain.then(|| u32::from_str_radix(text, radix).ok()).flatten()
}

fn unescaped(text: &str) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    for piece in pieces(text)? {
        out.push(match piece {
            Piece::Plain(letter) => letter,
            Piece::Wide(code) | Piece::Narrow(code) => char::from_u32(code)?,
        });
    }
    Some(out)
}

fn unescaped_bytes(text: &str) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len());
    for piece in pieces(text)? {
        match piece {
            Piece::Plain(letter) => out.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes()),
            Piece::Narrow(code) => out.push(u8::try_from(code).ok()?),
            Piece::Wide(_) => return None,
        }
    }
    Some(out)
}
