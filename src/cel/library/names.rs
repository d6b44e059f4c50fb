//! Named formats of strings: `format.dns1123Label().validate("…")`.
//!
//! A refusal is the server's sentence.

use std::sync::LazyLock;

use regex::Regex;

use super::{Call, Outcome, Row, overload};
use crate::cel::time::Timestamp;
use crate::cel::value::{Opaque, Value};

/// A named format.
pub struct Format {
    pub(in crate::cel) name: &'static str,
    /// How long its pattern counts in the cost.
    pub(in crate::cel) pattern: u64,
    check: fn(&str) -> Vec<String>,
}

impl Format {
    /// Returns the format of a name, `dns1123Label`.
    pub fn find(name: &str) -> Option<&'static Self> {
        FORMATS.iter().find(|format| format.name == name)
    }

    /// Tells whether a text has the format.
    pub fn accepts(&self, text: &str) -> bool {
        (self.check)(text).is_empty()
    }
}

impl std::fmt::Debug for Format {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(self.name)
    }
}

pub(super) const FUNCTIONS: &[Row] = &[
    ("format.named", &["(string) optional(Format)"], named),
    ("format.dns1123Label", CONSTANT, constant),
    ("format.dns1123Subdomain", CONSTANT, constant),
    ("format.dns1035Label", CONSTANT, constant),
    ("format.qualifiedName", CONSTANT, constant),
    ("format.dns1123LabelPrefix", CONSTANT, constant),
    ("format.dns1123SubdomainPrefix", CONSTANT, constant),
    ("format.dns1035LabelPrefix", CONSTANT, constant),
    ("format.labelValue", CONSTANT, constant),
    ("format.uri", CONSTANT, constant),
    ("format.uuid", CONSTANT, constant),
    ("format.byte", CONSTANT, constant),
    ("format.date", CONSTANT, constant),
    ("format.datetime", CONSTANT, constant),
    ("validate", &["Format.(string) optional(list(string))"], validate),
];

const CONSTANT: &[&str] = &["() Format"];

static FORMATS: &[Format] = &[
    Format {
        name: "dns1123Label",
        pattern: 30,
        check: |text| label(text),
    },
    Format {
        name: "dns1123Subdomain",
        pattern: 60,
        check: |text| subdomain(text),
    },
    Format {
        name: "dns1035Label",
        pattern: 30,
        check: |text| label_1035(text),
    },
    Format {
        name: "qualifiedName",
        pattern: 60,
        check: qualified,
    },
    Format {
        name: "dns1123LabelPrefix",
        pattern: 30,
        check: |text| label(&without_dash(text)),
    },
    Format {
        name: "dns1123SubdomainPrefix",
        pattern: 60,
        check: |text| subdomain(&without_dash(text)),
    },
    Format {
        name: "dns1035LabelPrefix",
        pattern: 30,
        check: |text| label_1035(&without_dash(text)),
    },
    Format {
        name: "labelValue",
        pattern: 40,
        check: label_value,
    },
    Format {
        name: "uri",
        pattern: 1103,
        check: |text| super::url::Url::parse(text).err().into_iter().collect(),
    },
    Format {
        name: "uuid",
        pattern: 72,
        check: |text| unless(uuid(text), "does not match the UUID format"),
    },
    Format {
        name: "byte",
        pattern: 84,
        check: |text| unless(base64(text), "invalid base64"),
    },
    Format {
        name: "date",
        pattern: 72,
        check: |text| unless(date(text), "invalid date"),
    },
    Format {
        name: "datetime",
        pattern: 72,
        check: |text| unless(datetime(text), "invalid datetime"),
    },
];

fn format(name: &str) -> Option<Value> {
    Format::find(name).map(|found| Value::Opaque(Opaque::Format(found)))
}

fn named(call: &mut Call<'_>, arguments: &[Value]) -> Outcome {
    match arguments {
        [Value::String(name)] => Ok(format(name).map_or(Value::Optional(None), Value::some)),
        _ => overload(call.name, arguments),
    }
}

fn constant(call: &mut Call<'_>, arguments: &[Value]) -> Outcome {
    match call.name.strip_prefix("format.").and_then(format) {
        Some(format) => Ok(format),
        None => overload(call.name, arguments),
    }
}

fn validate(call: &mut Call<'_>, arguments: &[Value]) -> Outcome {
    let [Value::Opaque(Opaque::Format(format)), Value::String(text)] = arguments else {
        return overload(call.name, arguments);
    };
    call.work.spend(text.len().saturating_mul(4))?;
    let refusals = (format.check)(text);
    if refusals.is_empty() {
        return Ok(Value::Optional(None));
    }
    Ok(Value::some(Value::list(
        refusals.into_iter().map(Value::text).collect(),
    )))
}

fn unless(valid: bool, refusal: &str) -> Vec<String> {
    if valid { Vec::new() } else { vec![refusal.to_owned()] }
}

/// A generated name is checked with a letter in the place of its last dash.
fn without_dash(text: &str) -> String {
    match text.strip_suffix('-') {
        Some(stem) if !stem.is_empty() => format!("{stem}a"),
        _ => text.to_owned(),
    }
}

macro_rules! pattern {
    ($name:ident, $pattern:expr) => {
        static $name: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(concat!("^(?:", $pattern, ")$")).ok());
    };
}

const LABEL: &str = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
const LABEL_1035: &str = "[a-z]([-a-z0-9]*[a-z0-9])?";
const SUBDOMAIN: &str = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*";
const NAME: &str = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]";
const LABEL_VALUE: &str = "(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?";

pattern!(LABEL_PATTERN, "[a-z0-9]([-a-z0-9]*[a-z0-9])?");
pattern!(LABEL_1035_PATTERN, "[a-z]([-a-z0-9]*[a-z0-9])?");
pattern!(
    SUBDOMAIN_PATTERN,
    r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*"
);
pattern!(NAME_PATTERN, "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]");
pattern!(LABEL_VALUE_PATTERN, "(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?");
pattern!(
    UUID_PATTERN,
    "(?i)[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}"
);

fn fits(pattern: &LazyLock<Option<Regex>>, text: &str) -> bool {
    pattern.as_ref().is_some_and(|pattern| pattern.is_match(text))
}

fn too_long(text: &str, most: usize, unit: &str) -> Option<String> {
    (text.len() > most).then(|| format!("must be no more than {most} {unit}"))
}

/// The server's sentence of what fits a pattern.
fn explained(sentence: &str, pattern: &str, examples: &[&str]) -> String {
    let mut examples = examples.iter();
    let mut shown = format!("'{}', ", examples.next().unwrap_or(&""));
    for example in examples {
        shown.push_str(&format!(" or '{example}', "));
    }
    format!("{sentence} (e.g. {shown}regex used for validation is '{pattern}')")
}

fn label(text: &str) -> Vec<String> {
    let sentence = "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character";
    let wrong = || explained(sentence, LABEL, &["my-name", "123-abc"]);
    let shape = (!fits(&LABEL_PATTERN, text)).then(wrong);
    too_long(text, 63, "characters").into_iter().chain(shape).collect()
}

fn label_1035(text: &str) -> Vec<String> {
    let sentence = "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character";
    let wrong = || explained(sentence, LABEL_1035, &["my-name", "abc-123"]);
    let shape = (!fits(&LABEL_1035_PATTERN, text)).then(wrong);
    too_long(text, 63, "characters").into_iter().chain(shape).collect()
}

fn subdomain(text: &str) -> Vec<String> {
    let sentence = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character";
    let wrong = || explained(sentence, SUBDOMAIN, &["example.com"]);
    let shape = (!fits(&SUBDOMAIN_PATTERN, text)).then(wrong);
    too_long(text, 253, "characters").into_iter().chain(shape).collect()
}

fn label_value(text: &str) -> Vec<String> {
    let sentence = "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";
    let wrong = || explained(sentence, LABEL_VALUE, &["MyValue", "my_value", "12345"]);
    let shape = (!fits(&LABEL_VALUE_PATTERN, text)).then(wrong);
    too_long(text, 63, "bytes").into_iter().chain(shape).collect()
}

fn qualified(text: &str) -> Vec<String> {
    let sentence = "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";
    let examples = ["MyName", "my.name", "123-abc"];
    let parts: Vec<_> = text.split('/').collect();
    let mut refusals = Vec::new();
    let name = match parts.as_slice() {
        [name] => name,
        [prefix, name] => {
            match prefix.is_empty() {
                true => refusals.push("prefix part must be non-empty".to_owned()),
                false => refusals.extend(
                    subdomain(prefix)
                        .into_iter()
                        .map(|refusal| format!("prefix part {refusal}")),
                ),
            }
            name
        }
        _ => {
            let refusal = explained(&format!("a valid label key {sentence}"), NAME, &examples);
            return vec![format!(
                "{refusal} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"
            )];
        }
    };
    if name.is_empty() {
        refusals.push("name part must be non-empty".to_owned());
    } else if let Some(long) = too_long(name, 63, "bytes") {
        refusals.push(format!("name part {long}"));
    }
    if !fits(&NAME_PATTERN, name) {
        refusals.push(format!("name part {}", explained(sentence, NAME, &examples)));
    }
    refusals
}

fn uuid(text: &str) -> bool {
    fits(&UUID_PATTERN, text)
}

fn base64(text: &str) -> bool {
    let text = text.replace(['\r', '\n'], "");
    let stem = text.trim_end_matches('=');
    let valid = stem
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'+' || byte == b'/');
    valid && text.len().is_multiple_of(4) && text.len() - stem.len() <= 2
}

fn date(text: &str) -> bool {
    text.len() == 10 && Timestamp::parse(&format!("{text}T00:00:00Z")).is_some()
}

fn datetime(text: &str) -> bool {
    let upper = text.to_ascii_uppercase();
    Timestamp::parse(&upper).is_some()
}
