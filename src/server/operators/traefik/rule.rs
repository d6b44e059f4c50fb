//! Rules of Traefik's routes, syntax of version 3, as its own parser reads them.
//!
//! That parser is Go's for expressions: a line may end only where an expression cannot, for a semicolon is read there.

use std::net::IpAddr;

use crate::server::operators::regular;

/// Matchers, with the least and the greatest number of their arguments.
const MATCHERS: &[(&str, usize, usize)] = &[
    ("ClientIP", 1, 1),
    ("Header", 2, 2),
    ("HeaderRegexp", 2, 2),
    ("Host", 1, 1),
    ("HostRegexp", 1, 1),
    ("Method", 1, 1),
    ("Path", 1, 1),
    ("PathPrefix", 1, 1),
    ("PathRegexp", 1, 1),
    ("Query", 1, 2),
    ("QueryRegexp", 1, 2),
];

#[derive(Debug, Clone, PartialEq)]
enum Token<'t> {
    Name(&'t str),
    Text(String),
    Number(&'t str),
    Sign(&'static str),
    /// A line ends here, and with it the expression.
    Line,
    End,
}

/// Returns why Traefik refuses a rule.
pub(super) fn refusal(text: &str) -> Option<String> {
    let tokens = match tokens(text) {
        Ok(tokens) => tokens,
        Err(reason) => return Some(reason),
    };
    let mut reader = Reader {
        tokens: &tokens,
        next: 0,
        depth: 0,
    };
    reader.whole().err()
}

fn tokens(text: &str) -> Result<Vec<Token<'_>>, String> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        let (length, token) = match letter {
            '\n' => {
                // Go reads a semicolon where the line could be the end.
                let ends = matches!(
                    tokens.last(),
                    Some(Token::Name(_) | Token::Text(_) | Token::Number(_) | Token::Sign(")"))
                );
                (1, ends.then_some(Token::Line))
            }
            ' ' | '\t' | '\r' => (1, None),
            '`' => {
                let inner = rest.get(1..).unwrap_or_default();
                let Some((text, _)) = inner.split_once('`') else {
                    return Err("raw string literal not terminated".to_owned());
                };
                (text.len() + 2, Some(Token::Text(text.replace('\r', ""))))
            }
            '"' => {
                let (text, length) = quoted(rest)?;
                (length, Some(Token::Text(text)))
            }
            '0'..='9' => {
                let end = rest.find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '.');
                let end = end.unwrap_or(rest.len());
                (end, rest.get(..end).map(Token::Number))
            }
            _ if letter.is_alphabetic() || letter == '_' => {
                let end = rest.find(|letter: char| !letter.is_alphanumeric() && letter != '_');
                let end = end.unwrap_or(rest.len());
                (end, rest.get(..end).map(Token::Name))
            }
            _ => {
                let signs = ["&&", "||", "!", "(", ")", ","];
                let Some(sign) = signs.into_iter().find(|sign| rest.starts_with(sign)) else {
                    return Err(format!("unexpected {letter:?}"));
                };
                (sign.len(), Some(Token::Sign(sign)))
            }
        };
        tokens.extend(token);
        rest = rest.get(length..).unwrap_or_default();
    }
    // A line at the end is none.
    if tokens.last() == Some(&Token::Line) {
        tokens.pop();
    }
    tokens.push(Token::End);
    Ok(tokens)
}

/// Reads a text in double quotes; returns what it says, and its length.
fn quoted(text: &str) -> Result<(String, usize), String> {
    let mut letters = text.char_indices().skip(1);
    let mut said = String::new();
    while let Some((position, letter)) = letters.next() {
        match letter {
            '"' => return Ok((said, position + 1)),
            '\n' => break,
            '\\' => match letters.next().map(|(_, letter)| letter) {
                Some(letter @ ('\\' | '"')) => said.push(letter),
                Some('n') => said.push('\n'),
                Some('t') => said.push('\t'),
                Some('r') => said.push('\r'),
                Some('a' | 'b' | 'f' | 'v') => said.push(' '),
                // The value of a number is not needed to tell whether the rule is right.
                Some('x' | 'u' | 'U' | '0'..='7') => said.push('?'),
                _ => return Err("unknown escape sequence".to_owned()),
            },
            _ => said.push(letter),
        }
    }
    Err("string literal not terminated".to_owned())
}

struct Reader<'r, 't> {
    tokens: &'r [Token<'t>],
    next: usize,
    depth: usize,
}

/// What is nested deeper than any rule is refused rather than followed.
const DEEPEST: usize = 200;

impl Reader<'_, '_> {
    fn whole(&mut self) -> Result<(), String> {
        if *self.token() == Token::End {
            return Err("expected operand, found 'EOF'".to_owned());
        }
        self.alternatives()?;
        match self.token() {
            Token::End => Ok(()),
            Token::Line => {
                Err("the line ends the rule: end it with `&&` or `||`, or write the rule in one line".to_owned())
            }
            token => Err(format!("unexpected {}", shown(token))),
        }
    }

    fn token(&self) -> &Token<'_> {
        self.tokens.get(self.next).unwrap_or(&Token::End)
    }

    fn take(&mut self, sign: &'static str) -> bool {
        let found = *self.token() == Token::Sign(sign);
        self.next += usize::from(found);
        found
    }

    fn alternatives(&mut self) -> Result<(), String> {
        loop {
            loop {
                self.operand()?;
                if !self.take("&&") {
                    break;
                }
            }
            if !self.take("||") {
                return Ok(());
            }
        }
    }

    fn operand(&mut self) -> Result<(), String> {
        while self.take("!") {}
        if self.take("(") {
            self.depth += 1;
            if self.depth > DEEPEST {
                return Err("the rule is nested too deeply".to_owned());
            }
            self.alternatives()?;
            self.depth -= 1;
            return match self.take(")") {
                true => Ok(()),
                false => Err(format!("expected ')', found {}", shown(self.token()))),
            };
        }
        let Some(Token::Name(name)) = self.tokens.get(self.next) else {
            return Err(format!("expected operand, found {}", shown(self.token())));
        };
        self.next += 1;
        if !self.take("(") {
            return Err(format!("{name} is not defined"));
        }
        let arguments = self.arguments()?;
        matcher(name, &arguments)
    }

    fn arguments(&mut self) -> Result<Vec<String>, String> {
        let mut arguments = Vec::new();
        while !self.take(")") {
            match self.token() {
                Token::Text(text) => arguments.push(text.clone()),
                Token::Name(name) => return Err(format!("{name} is not defined")),
                Token::Number(number) => return Err(format!("the argument {number} is not a string")),
                token => return Err(format!("expected operand, found {}", shown(token))),
            }
            self.next += 1;
            if !self.take(",") && *self.token() != Token::Sign(")") {
                return Err(format!("missing ',' in argument list, found {}", shown(self.token())));
            }
        }
        Ok(arguments)
    }
}

fn shown(token: &Token<'_>) -> String {
    match token {
        Token::Name(name) | Token::Number(name) => (*name).to_owned(),
        Token::Text(text) => format!("{text:?}"),
        Token::Sign(sign) => format!("'{sign}'"),
        Token::Line => "the end of the line".to_owned(),
        Token::End => "'EOF'".to_owned(),
    }
}

/// Judges one matcher.
fn matcher(name: &str, arguments: &[String]) -> Result<(), String> {
    let is_spelling = |known: &str| {
        let mut title = known.to_ascii_lowercase();
        if let Some(first) = title.get_mut(..1) {
            first.make_ascii_uppercase();
        }
        name == known || name == title || name == known.to_ascii_lowercase() || name == known.to_ascii_uppercase()
    };
    let Some((known, least, most)) = MATCHERS.iter().find(|(known, ..)| is_spelling(known)) else {
        return Err(format!("unsupported function: {name}"));
    };
    if arguments.is_empty() {
        return Err(format!("no args for matcher {known}"));
    }
    if arguments.iter().any(String::is_empty) {
        return Err(format!("empty args for matcher {known}, [{}]", arguments.join(" ")));
    }
    let count = arguments.len();
    if !(*least..=*most).contains(&count) {
        let expected = if least == most {
            format!("[{least}]")
        } else {
            format!("[{least} {most}]")
        };
        return Err(format!(
            "unexpected number of parameters; got {count}, expected one of {expected}"
        ));
    }
    let (Some(first), Some(last)) = (arguments.first(), arguments.last()) else {
        return Ok(());
    };
    match *known {
        "Host" | "HostRegexp" if !first.is_ascii() => Err(format!(
            "invalid value {first:?} for {known} matcher, non-ASCII characters are not allowed"
        )),
        "Path" | "PathPrefix" if !first.starts_with('/') => Err(format!("path {first:?} does not start with a '/'")),
        "ClientIP" if !is_range(first) => Err(format!(
            "initializing IP checker for ClientIP matcher: invalid CIDR address: {first}"
        )),
        "HostRegexp" | "PathRegexp" | "HeaderRegexp" => compiled(known, last),
        "QueryRegexp" if count == 2 => compiled(known, last),
        _ => Ok(()),
    }
}

fn compiled(matcher: &str, expression: &str) -> Result<(), String> {
    let named = if matcher == "PathRegexp" { "PathPrefix" } else { matcher };
    match regular::refusal(expression) {
        Some(reason) => Err(format!("compiling {named} matcher: {reason}")),
        None => Ok(()),
    }
}

/// An address, or a range of them.
pub(super) fn is_range(text: &str) -> bool {
    let is_address = |text: &str| text.parse::<IpAddr>().ok();
    if is_address(text).is_some() {
        return true;
    }
    let Some((address, length)) = text.split_once('/') else {
        return false;
    };
    let most = match is_address(address) {
        Some(IpAddr::V4(_)) => 32,
        Some(IpAddr::V6(_)) => 128,
        None => return false,
    };
    !length.starts_with('+') && length.parse::<u8>().is_ok_and(|length| length <= most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_that_traefik_routes_by_are_taken() {
        for text in [
            "Host(`shop.example.com`)",
            "Host(`a.example`) && (PathPrefix(`/web/database`) || Path(`/x`)) && !Method(`GET`)",
            "HostRegexp(`^.+\\.example\\.com$`) || host(\"b.example\")",
            "Header(`X-A`, `b`) && HeaderRegexp(`X-B`, `^c`) && Query(`d`) && QueryRegexp(`e`, `f`)",
            "ClientIP(`10.0.0.0/8`) || ClientIP(`2001:db8::1`)",
            "Host(`a`) &&\n  PathPrefix(`/`)\n",
            "PathRegexp(`^/a{2}`,)",
            "HOST(`*`)",
        ] {
            assert_eq!(refusal(text), None, "{text}");
        }
    }

    #[test]
    fn rules_that_traefik_drops_are_refused() {
        for (text, reason) in [
            ("", "expected operand, found 'EOF'"),
            ("Host(`a`", "missing ',' in argument list, found 'EOF'"),
            ("Host(`a`) PathPrefix(`/`)", "unexpected PathPrefix"),
            ("Host(`a`) & Path(`/`)", "unexpected '&'"),
            (
                "Host(`a`)\n  && Path(`/`)",
                "the line ends the rule: end it with `&&` or `||`, or write the rule in one line",
            ),
            ("Host(shop)", "shop is not defined"),
            (
                "Host(`a`, `b`)",
                "unexpected number of parameters; got 2, expected one of [1]",
            ),
            ("Host()", "no args for matcher Host"),
            ("Host(``)", "empty args for matcher Host, []"),
            ("Hosts(`a`)", "unsupported function: Hosts"),
            ("PathPrefix(`web`)", "path \"web\" does not start with a '/'"),
            (
                "ClientIP(`10.0.0.0/33`)",
                "initializing IP checker for ClientIP matcher: invalid CIDR address: 10.0.0.0/33",
            ),
            (
                "PathRegexp(`(`)",
                "compiling PathPrefix matcher: error parsing regexp: missing closing ): `(`",
            ),
            (
                "Host(`bücher.example`)",
                "invalid value \"bücher.example\" for Host matcher, non-ASCII characters are not allowed",
            ),
        ] {
            assert_eq!(refusal(text).as_deref(), Some(reason), "{text}");
        }
    }
}
