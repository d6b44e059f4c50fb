//! Templates in labels and annotations of alerts, as Go's `text/template` parses them.
//!
//! Only what cannot be right is refused: actions that are not closed, blocks without an end, functions and variables that do
//! not exist. What a template does with its values is not followed.

/// Functions of Prometheus and of the language itself.
const FUNCTIONS: &[&str] = &[
    "and",
    "args",
    "call",
    "eq",
    "externalURL",
    "first",
    "ge",
    "graphLink",
    "gt",
    "html",
    "humanize",
    "humanize1024",
    "humanizeDuration",
    "humanizePercentage",
    "humanizeTimestamp",
    "index",
    "js",
    "label",
    "le",
    "len",
    "lt",
    "match",
    "ne",
    "not",
    "now",
    "or",
    "parseDuration",
    "pathPrefix",
    "print",
    "printf",
    "println",
    "query",
    "queryEscape",
    "reReplaceAll",
    "safeHtml",
    "slice",
    "sortByLabel",
    "stripDomain",
    "stripPort",
    "strvalue",
    "tableLink",
    "title",
    "tmpl",
    "toDuration",
    "toLower",
    "toTime",
    "toUpper",
    "urlQueryEscape",
    "urlquery",
    "value",
];
/// Words with a meaning of their own.
const KEYWORDS: &[&str] = &["break", "continue", "false", "nil", "template", "true"];
/// What Prometheus defines in front of every template.
const VARIABLES: &[&str] = &["$", "$externalLabels", "$externalURL", "$labels", "$value"];

/// Returns why a template is refused.
pub(super) fn refusal(text: &str) -> Option<String> {
    let mut rest = text;
    let mut open: Vec<Block> = Vec::new();
    let mut variables: Vec<&str> = Vec::new();
    while let Some((_, tail)) = rest.split_once("{{") {
        let tail = match tail.strip_prefix('-') {
            Some(trimmed) if trimmed.starts_with(char::is_whitespace) => trimmed,
            _ => tail,
        };
        if let Some(comment) = tail.trim_start().strip_prefix("/*") {
            let Some((_, tail)) = comment.split_once("*/") else {
                return Some("unclosed comment".to_owned());
            };
            let tail = tail.trim_start();
            let Some(tail) = tail.strip_prefix('-').unwrap_or(tail).strip_prefix("}}") else {
                return Some("comment ends before closing delimiter".to_owned());
            };
            rest = tail;
            continue;
        }
        let (words, tail) = match action(tail) {
            Ok(action) => action,
            Err(reason) => return Some(reason),
        };
        if let Err(reason) = block(&words, &mut open) {
            return Some(reason);
        }
        if let Err(reason) = names(&words, &mut variables) {
            return Some(reason);
        }
        rest = tail;
    }
    (!open.is_empty()).then(|| "unexpected EOF".to_owned())
}

/// A part of a template that ends with `end`.
struct Block {
    may_break: bool,
    has_else: bool,
}

/// Reads an action to its end; returns its words without texts, and what follows it.
fn action(text: &str) -> Result<(Vec<&str>, &str), String> {
    let mut words = Vec::new();
    let mut rest = text;
    let mut parentheses = 0_u32;
    loop {
        rest = rest.trim_start();
        let close = rest
            .strip_prefix('-')
            .filter(|tail| tail.starts_with("}}"))
            .unwrap_or(rest);
        if let Some(tail) = close.strip_prefix("}}") {
            return match (parentheses, words.is_empty()) {
                (0, false) => Ok((words, tail)),
                (0, true) => Err("missing value for command".to_owned()),
                _ => Err("unclosed left paren".to_owned()),
            };
        }
        let Some(letter) = rest.chars().next() else {
            return Err("unclosed action".to_owned());
        };
        let length = match letter {
            '"' | '\'' => quoted(rest, letter)?,
            '`' => match rest.get(1..).and_then(|tail| tail.find('`')) {
                Some(end) => end + 2,
                None => return Err("unterminated raw quoted string".to_owned()),
            },
            '(' => {
                parentheses += 1;
                1
            }
            ')' if parentheses == 0 => return Err("unexpected right paren".to_owned()),
            ')' => {
                parentheses -= 1;
                1
            }
            ':' if rest.starts_with(":=") => 2,
            ':' => return Err("expected :=".to_owned()),
            '|' | ',' | '=' | '.' | '+' | '-' => 1,
            '$' | '_' => 1 + name_length(rest.get(1..).unwrap_or_default()),
            _ if letter.is_alphanumeric() => name_length(rest),
            _ => return Err(format!("unexpected {letter:?} in operand")),
        };
        let (word, tail) = rest.split_at(length);
        let is_field = words.last() == Some(&".");
        words.push(if is_field && letter.is_alphanumeric() {
            "field"
        } else {
            word
        });
        rest = tail;
    }
}

fn name_length(text: &str) -> usize {
    text.find(|letter: char| !letter.is_alphanumeric() && letter != '_')
        .unwrap_or(text.len())
}

fn quoted(text: &str, quote: char) -> Result<usize, String> {
    let mut letters = text.char_indices().skip(1);
    while let Some((position, letter)) = letters.next() {
        match letter {
            _ if letter == quote => return Ok(position + 1),
            '\n' => break,
            '\\' => drop(letters.next()),
            _ => {}
        }
    }
    Err(match quote {
        '"' => "unterminated quoted string".to_owned(),
        _ => "unterminated character constant".to_owned(),
    })
}

fn block(words: &[&str], open: &mut Vec<Block>) -> Result<(), String> {
    let Some(first) = words.first() else { return Ok(()) };
    match *first {
        "if" | "range" | "with" | "block" | "define" => {
            if words.len() == 1 {
                return Err(format!("missing value for {first}"));
            }
            let is_inside = open.last().is_some_and(|block| block.may_break);
            open.push(Block {
                may_break: *first == "range" || is_inside,
                has_else: false,
            });
        }
        "else" => match open.last_mut() {
            Some(block) if !block.has_else => block.has_else = words.len() == 1,
            _ => return Err("unexpected {{else}}".to_owned()),
        },
        "end" => {
            open.pop().ok_or("unexpected {{end}}")?;
        }
        "break" | "continue" if !open.last().is_some_and(|block| block.may_break) => {
            return Err(format!("{{{{{first}}}}} outside {{{{range}}}}"));
        }
        _ => {}
    }
    Ok(())
}

/// Every name is a function, a variable that was declared, or a field behind a dot.
fn names<'t>(words: &[&'t str], variables: &mut Vec<&'t str>) -> Result<(), String> {
    for (position, word) in words.iter().enumerate() {
        let follows = words.get(position + 1).copied().unwrap_or_default();
        let is_declared = matches!(follows, ":=" | "=" | ",");
        // A pipe at the end is let through, by Go as well.
        if matches!((*word, follows), ("|", "|") | (":=", "" | "|")) || (*word == "|" && position == 0) {
            return Err("missing value for command".to_owned());
        }
        if word.starts_with('$') {
            if is_declared {
                variables.push(word);
            } else if !VARIABLES.contains(word) && !variables.contains(word) {
                return Err(format!("undefined variable {word:?}"));
            }
        }
        let is_name = word.starts_with(|letter: char| letter.is_alphabetic() || letter == '_');
        let is_block = ["if", "range", "with", "else", "end", "block", "define"].contains(word) && position <= 1;
        if is_name && *word != "field" && !is_block && !FUNCTIONS.contains(word) && !KEYWORDS.contains(word) {
            return Err(format!("function {word:?} not defined"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::refusal;

    #[test]
    fn templates_of_real_alerts_are_taken() {
        for text in [
            "no action",
            "{{ $labels.instance }} is {{ $value | humanizePercentage }}",
            "{{- if gt $value 5.0 -}}much{{ else if eq $value 1.0 }}one{{ else }}little{{ end }}",
            "{{ with query \"up{job='a'}\" }}{{ . | first | value | printf \"%.2f\" }}{{ end }}",
            "{{ range $i, $x := query `up` }}{{ .Labels.job }}{{ $x.Value }}{{ break }}{{ end }}",
            "{{/* a note */}}{{ printf \"}}\" }}",
            "{{ $y = 1 }}{{ $y }}",
            "{{ $x := 1.5 }}{{ $x }}{{ (index $labels \"a\") }}",
            "{{ $labels.cluster }}}",
            "{{ define \"a\" }}{{ .arg0 }}{{ end }}{{ template \"a\" (args 1) }}",
        ] {
            assert_eq!(refusal(text), None, "{text}");
        }
    }

    #[test]
    fn broken_templates_are_refused() {
        for (text, reason) in [
            ("{{ $labels.instance }", "unexpected '}' in operand"),
            ("{{ $labels.instance", "unclosed action"),
            ("{{ if $value }}x", "unexpected EOF"),
            ("{{ end }}", "unexpected {{end}}"),
            ("{{ $instance }}", "undefined variable \"$instance\""),
            ("{{ $value | humanise }}", "function \"humanise\" not defined"),
            ("{{ }}", "missing value for command"),
            ("{{ | humanize }}", "missing value for command"),
            ("{{ printf \"a }}", "unterminated quoted string"),
            ("{{ (index $labels \"a\" }}", "unclosed left paren"),
        ] {
            assert_eq!(refusal(text).as_deref(), Some(reason), "{text}");
        }
    }
}
