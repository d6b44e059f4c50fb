//! Expressions cut into tokens.
//!
//! Comments and space are gone; inside brackets only lengths of time are let through, inside braces names and texts.

use super::{Fault, duration};

/// A piece of an expression.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token<'t> {
    /// A name or a keyword.
    Word(&'t str),
    /// A name with a colon, which only a metric has.
    Metric(&'t str),
    /// A number, or a length of time in seconds.
    Number(f64),
    /// What a quoted text says.
    Text(String),
    /// An operator or a mark.
    Sign(&'static str),
    /// The end.
    End,
}

/// A token and the byte at which it begins.
pub(super) type Placed<'t> = (Token<'t>, usize);

struct Reader<'t> {
    text: &'t str,
    at: usize,
    tokens: Vec<Placed<'t>>,
    parentheses: usize,
    in_braces: bool,
    in_brackets: bool,
}

/// Longer signs come before those that they begin with.
const SIGNS: &[&str] = &[
    "==", "=~", "=", "!=", "!~", "<=", "</", "<", ">=", ">/", ">", "+", "-", "*", "/", "%", "^", "@", ",", "(", ")",
    "{", "}", "[", "]",
];

/// Cuts an expression into tokens, the last of which is the end.
pub(super) fn read(text: &str) -> Result<Vec<Placed<'_>>, Fault> {
    let mut reader = Reader {
        text,
        at: 0,
        tokens: Vec::new(),
        parentheses: 0,
        in_braces: false,
        in_brackets: false,
    };
    while reader.token()? {}
    Ok(reader.tokens)
}

impl<'t> Reader<'t> {
    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn push(&mut self, token: Token<'t>, bytes: usize) {
        self.tokens.push((token, self.at));
        self.at += bytes;
    }

    fn fault<T>(&self, message: impl Into<String>) -> Result<T, Fault> {
        Err(Fault::new(self.at, message))
    }

    /// Reads one token; tells whether there may be more.
    fn token(&mut self) -> Result<bool, Fault> {
        let rest = self.rest();
        let Some(letter) = rest.chars().next() else {
            if self.in_braces {
                return self.fault("unexpected end of input inside braces");
            }
            if self.in_brackets {
                return self.fault("unclosed left bracket");
            }
            if self.parentheses > 0 {
                return self.fault("unclosed left parenthesis");
            }
            self.push(Token::End, 0);
            return Ok(false);
        };
        match letter {
            ' ' | '\t' | '\n' | '\r' => self.at += 1,
            '#' => self.at += rest.find(['\n', '\r']).unwrap_or(rest.len()),
            '"' | '\'' | '`' if !self.in_brackets => self.quoted(letter)?,
            '0'..='9' if !self.in_braces => self.number()?,
            '.' if !self.in_braces && rest.get(1..).is_some_and(starts_with_digit) => self.number()?,
            ':' if self.in_brackets => self.push(Token::Sign(":"), 1),
            'a'..='z' | 'A'..='Z' | '_' | ':' if !(self.in_brackets || self.in_braces && letter == ':') => self.word(),
            _ => self.sign(letter)?,
        }
        Ok(true)
    }

    fn word(&mut self) {
        let rest = self.rest();
        let takes_colon = !self.in_braces;
        let is_part = |letter: char| letter.is_ascii_alphanumeric() || letter == '_' || (takes_colon && letter == ':');
        let word = rest
            .split_at(rest.find(|letter: char| !is_part(letter)).unwrap_or(rest.len()))
            .0;
        let token = match word {
            _ if takes_colon && word.eq_ignore_ascii_case("inf") => Token::Number(f64::INFINITY),
            _ if takes_colon && word.eq_ignore_ascii_case("nan") => Token::Number(f64::NAN),
            _ if word.contains(':') => Token::Metric(word),
            _ => Token::Word(word),
        };
        self.push(token, word.len());
    }

    fn sign(&mut self, letter: char) -> Result<(), Fault> {
        let rest = self.rest();
        let found = SIGNS.iter().find(|sign| rest.starts_with(**sign)).copied();
        let Some(sign) = found else {
            return match letter {
                '!' => self.fault("unexpected character after '!'"),
                _ if self.in_braces => self.fault(format!("unexpected character inside braces: {letter:?}")),
                _ if self.in_brackets => self.fault(format!("unexpected character in duration expression: {letter:?}")),
                _ => self.fault(format!("unexpected character: {letter:?}")),
            };
        };
        let inside = [",", "=", "=~", "!=", "!~", "}"];
        match sign {
            _ if self.in_braces && !inside.contains(&sign) => {
                // A longer sign may begin with one that may stand here.
                return match inside.iter().find(|sign| rest.starts_with(**sign)) {
                    Some(sign) => {
                        self.push(Token::Sign(sign), sign.len());
                        Ok(())
                    }
                    None => self.fault(format!("unexpected character inside braces: {letter:?}")),
                };
            }
            "=~" | "!~" if !self.in_braces => {
                return self.fault(format!("unexpected character after {letter:?}: '~'"));
            }
            "{" => self.in_braces = true,
            "}" if self.in_braces => self.in_braces = false,
            "}" => return self.fault("unexpected character: '}'"),
            "[" if self.in_brackets => return self.fault("unexpected left bracket '['"),
            "[" => self.in_brackets = true,
            "]" if self.in_brackets => self.in_brackets = false,
            "]" => return self.fault("unexpected right bracket ']'"),
            "(" => self.parentheses += 1,
            ")" => match self.parentheses.checked_sub(1) {
                Some(count) => self.parentheses = count,
                None => return self.fault("unexpected right parenthesis ')'"),
            },
            "@" | "=" | "==" | "!=" | "<" | ">" | "<=" | ">=" | "</" | ">/" if self.in_brackets => {
                return self.fault(format!("unexpected character in duration expression: {letter:?}"));
            }
            _ => {}
        }
        self.push(Token::Sign(sign), sign.len());
        Ok(())
    }

    fn number(&mut self) -> Result<(), Fault> {
        let rest = self.rest();
        if let Some(length) = number_length(rest) {
            let text = rest.get(..length).unwrap_or_default().replace('_', "");
            let hexadecimal = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X"));
            let value = match hexadecimal {
                Some(digits) => i64::from_str_radix(digits, 16).map_or(f64::INFINITY, |value| value as f64),
                None => text.parse().unwrap_or(f64::INFINITY),
            };
            if value.is_infinite() {
                return self.fault(format!("error parsing number: {text:?} is out of range"));
            }
            self.push(Token::Number(value), length);
            return Ok(());
        }
        let end = rest
            .find(|letter: char| !letter.is_ascii_alphanumeric())
            .unwrap_or(rest.len());
        let text = rest.get(..end).unwrap_or_default();
        if rest.get(end..).is_some_and(|rest| rest.starts_with(['_', '.'])) || !is_duration(text) {
            return self.fault(format!("bad number or duration syntax: {text:?}"));
        }
        let millis = duration(text).map_err(|reason| Fault::new(self.at, reason))?;
        self.push(Token::Number(millis as f64 / 1000.0), end);
        Ok(())
    }

    fn quoted(&mut self, quote: char) -> Result<(), Fault> {
        let rest = self.rest();
        let mut letters = rest.char_indices().skip(1);
        let mut text = String::new();
        while let Some((position, letter)) = letters.next() {
            match letter {
                _ if letter == quote => {
                    self.push(Token::Text(text), position + 1);
                    return Ok(());
                }
                '\u{FFFD}' => return self.fault("invalid UTF-8 rune"),
                '\n' if quote != '`' => return self.fault("unterminated quoted string"),
                '\\' if quote != '`' => {
                    let mut next = || letters.next().map(|(_, letter)| letter);
                    match escaped(&mut next, quote) {
                        Ok(letter) => text.push(letter),
                        Err(message) => return self.fault(message),
                    }
                }
                _ => text.push(letter),
            }
        }
        self.fault(match quote {
            '`' => "unterminated raw string",
            _ => "unterminated quoted string",
        })
    }
}

fn starts_with_digit(text: &str) -> bool {
    text.starts_with(|letter: char| letter.is_ascii_digit())
}

/// Reads what follows a backslash.
fn escaped(next: &mut dyn FnMut() -> Option<char>, quote: char) -> Result<char, String> {
    let first = next().ok_or("escape sequence not terminated")?;
    let (count, base) = match first {
        'a' => return Ok('\u{7}'),
        'b' => return Ok('\u{8}'),
        'f' => return Ok('\u{c}'),
        'n' => return Ok('\n'),
        'r' => return Ok('\r'),
        't' => return Ok('\t'),
        'v' => return Ok('\u{b}'),
        '\\' => return Ok('\\'),
        _ if first == quote => return Ok(quote),
        '0'..='7' => (3, 8),
        'x' => (2, 16),
        'u' => (4, 16),
        'U' => (8, 16),
        _ => return Err(format!("unknown escape sequence U+{:04X} {first:?}", u32::from(first))),
    };
    let mut value = if base == 8 { first.to_digit(8).unwrap_or(0) } else { 0 };
    for _ in usize::from(base == 8)..count {
        let letter = next().ok_or("escape sequence not terminated")?;
        let digit = letter.to_digit(base);
        let digit = digit.ok_or_else(|| {
            format!(
                "illegal character U+{:04X} {letter:?} in escape sequence",
                u32::from(letter)
            )
        })?;
        value = value.saturating_mul(base).saturating_add(digit);
    }
    let most = if count <= 3 { 255 } else { 0x10_FFFF };
    let letter = char::from_u32(value).filter(|_| value <= most);
    letter.ok_or_else(|| "escape sequence is an invalid Unicode code point".to_owned())
}

/// Numbers and units in turn; of years there may be one number, at the front. Which units there are is read later.
fn is_duration(text: &str) -> bool {
    let mut rest = text;
    let mut is_first = true;
    while !rest.is_empty() {
        let tail = rest.trim_start_matches(|letter: char| letter.is_ascii_digit());
        let units: &[char] = if is_first {
            &['s', 'm', 'h', 'd', 'w', 'y']
        } else {
            &['s', 'm', 'h', 'd', 'w']
        };
        let Some(unit) = tail.strip_prefix(units) else {
            return false;
        };
        if tail.len() == rest.len() {
            return false;
        }
        rest = unit.strip_prefix('s').unwrap_or(unit);
        is_first = false;
    }
    !is_first
}

/// The length of a number at the front: decimal, hexadecimal or with an exponent, with underscores between digits.
fn number_length(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let byte = |at: usize| bytes.get(at).copied().unwrap_or(0);
    let is_hexadecimal = byte(0) == b'0' && matches!(byte(1), b'x' | b'X');
    let is_digit = |byte: u8| match is_hexadecimal {
        true => byte.is_ascii_hexdigit(),
        false => byte.is_ascii_digit(),
    };
    let mut at = if is_hexadecimal {
        2 + usize::from(byte(2) == b'_')
    } else {
        0
    };
    let (mut has_dot, mut has_exponent) = (false, false);
    loop {
        match byte(at) {
            b'.' if has_dot || is_hexadecimal => return None,
            b'.' => {
                has_dot = true;
                at += 1;
                if matches!(byte(at), b'_' | b'.') {
                    return None;
                }
            }
            digit if is_digit(digit) => at += 1,
            b'e' | b'E' if has_exponent => return None,
            b'e' | b'E' => {
                has_exponent = true;
                at += 1 + usize::from(matches!(byte(at + 1), b'+' | b'-'));
                if matches!(byte(at), b'.' | b'_' | b'e' | b'E' | 0) {
                    return None;
                }
            }
            b'_' => {
                at += 1;
                if matches!(byte(at), b'.' | b'_' | b'e' | b'E' | 0) {
                    return None;
                }
            }
            _ => break,
        }
    }
    let ends = !byte(at).is_ascii_alphanumeric() && byte(at) != b'_';
    (ends && at > 0).then_some(at)
}
