//! Regular expressions as Go reads them, in which nearly all operators are written.
//!
//! What is refused here does not compile there and the other way round; the messages are Go's. The crate `regex` differs in
//! the corners: it nests classes, takes no lone brace for itself and sets no bound to a count.

/// Returns why Go refuses an expression.
pub(super) fn refusal(text: &str) -> Option<String> {
    let mut reader = Reader {
        whole: text,
        rest: text,
        open: 0,
        names: Vec::new(),
    };
    let reason = reader.alternatives().err()?;
    Some(format!("error parsing regexp: {reason}"))
}

struct Reader<'t> {
    whole: &'t str,
    rest: &'t str,
    /// How many groups are open.
    open: usize,
    /// The names of groups so far.
    names: Vec<&'t str>,
}

/// What was read last, to which a repetition may apply: nothing, or something that is repeated this many times at most.
#[derive(Clone, Copy)]
enum Last<'t> {
    Nothing,
    Once(u32),
    /// Followed by the operator in this text.
    Repeated(&'t str, u32),
}

/// Go counts to a thousand, also where counts are nested.
const MOST: u32 = 1000;
/// Go nests a thousand groups.
const DEEPEST: usize = 1000;

impl<'t> Reader<'t> {
    /// Reads to the end of the text, or of the group that is open; returns the greatest count inside.
    fn alternatives(&mut self) -> Result<u32, String> {
        let mut last = Last::Nothing;
        let mut most = 1;
        while let Some(letter) = self.rest.chars().next() {
            let before = self.rest;
            match letter {
                '|' => {
                    self.skip(1);
                    last = Last::Nothing;
                }
                ')' if self.open > 0 => return Ok(most),
                ')' => return Err(format!("unexpected ): `{}`", self.whole)),
                '(' => {
                    last = match (self.group()?, last) {
                        (Some(group), _) => group,
                        // Flags stand between a repetition and what it repeats as if they were not there.
                        (None, Last::Repeated(_, count)) => Last::Once(count),
                        (None, before) => before,
                    }
                }
                '*' | '+' | '?' => {
                    self.skip(1);
                    last = self.repeat(before, last, 1)?;
                }
                '{' => match self.count() {
                    Some((least, greatest)) => {
                        if greatest.unwrap_or(least) > MOST || least > MOST || greatest.is_some_and(|most| least > most)
                        {
                            return Err(format!("invalid repeat count: `{}`", self.since(before)));
                        }
                        last = self.repeat(before, last, greatest.unwrap_or(least).max(1))?;
                    }
                    None => {
                        self.skip(1);
                        last = Last::Once(1);
                    }
                },
                '[' => {
                    self.class()?;
                    last = Last::Once(1);
                }
                '\\' => {
                    self.escape()?;
                    last = Last::Once(1);
                }
                _ => {
                    self.skip(letter.len_utf8());
                    last = Last::Once(1);
                }
            }
            if let Last::Once(count) | Last::Repeated(_, count) = last {
                most = most.max(count);
            }
        }
        if self.open > 0 {
            return Err(format!("missing closing ): `{}`", self.whole));
        }
        Ok(most)
    }

    fn skip(&mut self, bytes: usize) {
        self.rest = self.rest.get(bytes..).unwrap_or_default();
    }

    /// The text that was read since another one was the rest.
    fn since(&self, before: &'t str) -> &'t str {
        before.get(..before.len() - self.rest.len()).unwrap_or_default()
    }

    fn repeat(&mut self, before: &'t str, last: Last<'t>, count: u32) -> Result<Last<'t>, String> {
        if self.rest.starts_with('?') {
            self.skip(1);
        }
        let operator = self.since(before);
        match last {
            Last::Nothing => Err(format!("missing argument to repetition operator: `{operator}`")),
            Last::Repeated(first, _) => {
                let both = first.get(..first.len() - self.rest.len()).unwrap_or(operator);
                Err(format!("invalid nested repetition operator: `{both}`"))
            }
            Last::Once(inner) => match inner.saturating_mul(count) {
                product if count > 1 && product > MOST => Err(format!("invalid repeat count: `{operator}`")),
                product => Ok(Last::Repeated(before, product)),
            },
        }
    }

    /// Reads `{2}`, `{2,}` or `{2,3}`; anything else is a brace like any letter.
    fn count(&mut self) -> Option<(u32, Option<u32>)> {
        let inner = self.rest.strip_prefix('{')?;
        let (inner, _) = inner.split_once('}')?;
        let number = |text: &str| {
            let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
            let is_plain = text.len() == 1 || !text.starts_with('0');
            (is_number && is_plain).then(|| text.parse().unwrap_or(u32::MAX))
        };
        let range = match inner.split_once(',') {
            None => (number(inner)?, None),
            Some((least, "")) => (number(least)?, None),
            Some((least, most)) => (number(least)?, Some(number(most)?)),
        };
        self.skip(inner.len() + 2);
        Some(range)
    }

    /// Reads a group, or flags for what follows.
    fn group(&mut self) -> Result<Option<Last<'t>>, String> {
        let before = self.rest;
        self.skip(1);
        if let Some(rest) = self.rest.strip_prefix("?P<").or_else(|| self.rest.strip_prefix("?<")) {
            let Some((name, rest)) = rest.split_once('>') else {
                return Err(format!("invalid named capture: `{before}`"));
            };
            self.rest = rest;
            if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
                return Err(format!("invalid named capture: `{}`", self.since(before)));
            }
            if self.names.contains(&name) {
                return Err(format!("duplicate capture group name: `{name}`"));
            }
            self.names.push(name);
        } else if self.rest.starts_with('?') {
            self.skip(1);
            if !self.flags(before)? {
                return Ok(None);
            }
        }
        self.open += 1;
        if self.open > DEEPEST {
            return Err("expression nests too deeply".to_owned());
        }
        let most = self.alternatives()?;
        self.open -= 1;
        self.skip(1);
        Ok(Some(Last::Once(most)))
    }

    /// Reads flags; tells whether a group follows.
    fn flags(&mut self, before: &'t str) -> Result<bool, String> {
        let (mut is_negated, mut has_flag) = (false, false);
        while let Some(letter) = self.rest.chars().next() {
            self.skip(letter.len_utf8());
            match letter {
                'i' | 'm' | 's' | 'U' => has_flag = true,
                '-' if !is_negated => {
                    is_negated = true;
                    has_flag = false;
                }
                ':' | ')' if !is_negated || has_flag => return Ok(letter == ':'),
                _ => break,
            }
        }
        let read = self.since(before);
        if read == before && !before.ends_with(')') {
            return Err(format!("missing closing ): `{}`", self.whole));
        }
        Err(format!("invalid or unsupported Perl syntax: `{read}`"))
    }

    /// Reads an escape outside a class.
    fn escape(&mut self) -> Result<(), String> {
        let before = self.rest;
        match before.chars().nth(1) {
            Some('Q') => {
                self.skip(2);
                self.rest = self.rest.split_once("\\E").map_or("", |(_, rest)| rest);
                Ok(())
            }
            Some('A' | 'b' | 'B' | 'z') => {
                self.skip(2);
                Ok(())
            }
            _ => self.escaped().map(drop),
        }
    }

    /// Reads an escape that stands for letters; returns the one, if it is one.
    fn escaped(&mut self) -> Result<Option<char>, String> {
        let before = self.rest;
        self.skip(1);
        let Some(letter) = self.rest.chars().next() else {
            return Err("trailing backslash at end of expression: ``".to_owned());
        };
        self.skip(letter.len_utf8());
        let one = match letter {
            'd' | 'D' | 's' | 'S' | 'w' | 'W' => return Ok(None),
            'p' | 'P' => return self.property(before).map(|()| None),
            'a' => Some('\u{7}'),
            'f' => Some('\u{c}'),
            'n' => Some('\n'),
            'r' => Some('\r'),
            't' => Some('\t'),
            'v' => Some('\u{b}'),
            'x' => self.hexadecimal(),
            '1'..='7' if !self.rest.starts_with(|next: char| ('0'..='7').contains(&next)) => None,
            '0'..='7' => {
                let most = 2;
                let digits = self.rest.chars().take(most);
                let digits: String = digits.take_while(|digit| ('0'..='7').contains(digit)).collect();
                self.skip(digits.len());
                u32::from_str_radix(&format!("{letter}{digits}"), 8)
                    .ok()
                    .and_then(char::from_u32)
            }
            _ if letter.is_ascii() && !letter.is_ascii_alphanumeric() => Some(letter),
            _ => None,
        };
        one.map(Some)
            .ok_or_else(|| format!("invalid escape sequence: `{}`", self.since(before)))
    }

    fn hexadecimal(&mut self) -> Option<char> {
        let digits = if let Some(rest) = self.rest.strip_prefix('{') {
            let (digits, _) = rest.split_once('}')?;
            self.skip(digits.len() + 2);
            digits
        } else {
            let digits = self.rest.get(..2)?;
            self.skip(2);
            digits
        };
        let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        let number = u32::from_str_radix(digits, 16).ok().filter(|_| is_number)?;
        // Halves of surrogates are letters to Go.
        (number <= 0x10_FFFF).then(|| char::from_u32(number).unwrap_or('\u{FFFD}'))
    }

    /// Reads the name of a property of letters; which names there are, the crate `regex` knows as well.
    fn property(&mut self, before: &'t str) -> Result<(), String> {
        let first = self.rest.chars().next();
        let name = match first {
            Some('{') => match self.rest.split_once('}') {
                Some((name, rest)) => {
                    self.rest = rest;
                    name.get(1..).unwrap_or_default()
                }
                None => return Err(format!("invalid character class range: `{before}`")),
            },
            Some(letter) => {
                let (name, rest) = self.rest.split_at(letter.len_utf8());
                self.rest = rest;
                name
            }
            None => return Err(format!("invalid character class range: `{before}`")),
        };
        let name = name.strip_prefix('^').unwrap_or(name);
        let is_known = name == "Any" || regex::Regex::new(&format!(r"\p{{{name}}}")).is_ok();
        match is_known {
            true => Ok(()),
            false => Err(format!("invalid character class range: `{}`", self.since(before))),
        }
    }

    fn class(&mut self) -> Result<(), String> {
        let whole = self.rest;
        self.skip(1);
        if self.rest.starts_with('^') {
            self.skip(1);
        }
        let mut is_first = true;
        while is_first || !self.rest.starts_with(']') {
            let before = self.rest;
            if before.is_empty() {
                return Err(format!("missing closing ]: `{whole}`"));
            }
            is_first = false;
            if let Some((name, rest)) = before.strip_prefix("[:").and_then(|rest| rest.split_once(":]")) {
                self.rest = rest;
                if !NAMES.contains(&name.strip_prefix('^').unwrap_or(name)) {
                    return Err(format!("invalid character class range: `{}`", self.since(before)));
                }
                continue;
            }
            if before.starts_with("\\p") || before.starts_with("\\P") {
                self.escaped()?;
                continue;
            }
            if let Some('d' | 'D' | 's' | 'S' | 'w' | 'W') =
                before.strip_prefix('\\').and_then(|rest| rest.chars().next())
            {
                self.skip(2);
                continue;
            }
            let low = self.member(whole)?;
            let is_range = self.rest.starts_with('-') && !self.rest.starts_with("-]") && self.rest.len() > 1;
            if is_range {
                self.skip(1);
                let high = self.member(whole)?;
                if high < low {
                    return Err(format!("invalid character class range: `{}`", self.since(before)));
                }
            }
        }
        self.skip(1);
        Ok(())
    }

    fn member(&mut self, whole: &str) -> Result<char, String> {
        match self.rest.chars().next() {
            None => Err(format!("missing closing ]: `{whole}`")),
            Some('\\') => {
                let before = self.rest;
                self.escaped()?
                    .ok_or_else(|| format!("invalid escape sequence: `{}`", self.since(before)))
            }
            Some(letter) => {
                self.skip(letter.len_utf8());
                Ok(letter)
            }
        }
    }
}

/// The names of classes inside brackets.
const NAMES: &[&str] = &[
    "alnum", "alpha", "ascii", "blank", "cntrl", "digit", "graph", "lower", "print", "punct", "space", "upper", "word",
    "xdigit",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_go_compiles_is_taken() {
        for text in [
            "",
            "a|b|",
            "^(?:acme|northgate)-[a-z0-9-]+$",
            r"(?P<host>[^.]+)\.example\.com",
            r"(?<path>/web)(?i)x(?i-s:y)",
            "a{,3}b{x}{",
            "[[]a-z][]a]",
            r"\Qa.b(\E+\d\pL\p{Greek}\x{1F600}\012",
            "[[:alpha:]_]*?",
            "a{1000}",
            "x*?",
            "()*",
            "(a{3}){300}",
            "^*",
            "a*(?i)*",
            "[a&&b~~c-]",
        ] {
            assert_eq!(refusal(text), None, "{text}");
        }
    }

    #[test]
    fn what_go_does_not_compile_is_refused_in_its_words() {
        let reasons = [
            ("(a", "missing closing ): `(a`"),
            ("a)", "unexpected ): `a)`"),
            ("*a", "missing argument to repetition operator: `*`"),
            ("a**", "invalid nested repetition operator: `**`"),
            ("a+{2}", "invalid nested repetition operator: `+{2}`"),
            ("[a", "missing closing ]: `[a`"),
            ("[z-a]", "invalid character class range: `z-a`"),
            (r"\y", r"invalid escape sequence: `\y`"),
            (r"(a)\1", r"invalid escape sequence: `\1`"),
            (r"a\", "trailing backslash at end of expression: ``"),
            ("(?=a)", "invalid or unsupported Perl syntax: `(?=`"),
            ("(?<!a)b", "invalid named capture: `(?<!a)b`"),
            ("a{1001}", "invalid repeat count: `{1001}`"),
            ("a{3,2}", "invalid repeat count: `{3,2}`"),
            ("(?P<a>x)(?P<a>y)", "duplicate capture group name: `a`"),
        ];
        for (text, reason) in reasons {
            assert_eq!(
                refusal(text).as_deref(),
                Some(format!("error parsing regexp: {reason}").as_str()),
                "{text}"
            );
        }
    }
}
