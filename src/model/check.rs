//! The first check of every document: is it one of ours, and does it say only what its kind may say.
//!
//! All errors of a document are reported at once, each at its line, with the nearest thing the user may have meant.

use std::collections::BTreeSet;

use jsonschema::error::{TypeKind, ValidationErrorKind};
use jsonschema::{JsonType, ValidationError, Validator};
use serde_json::Value;

use super::API_VERSION;
use super::schema::{KINDS, schema_of, validator};
use crate::diagnostic::{Finding, nearest};
use crate::text::FORMATS;
use crate::workspace::Document;

/// Checks one document; returns its kind when it is usable.
pub(super) fn check(document: &Document, findings: &mut Vec<Finding>) -> Option<&'static str> {
    let kind = header(document, findings)?;
    let Some(validator) = validator(kind) else {
        let message = format!("the schema of `{kind}` cannot be compiled");
        findings.push(Finding::error("unknown-kind", message));
        return None;
    };
    if validator.is_valid(&document.value) {
        return Some(kind);
    }
    let schema = schema_of(kind).unwrap_or_default();
    complain(document, "", &document.value, validator, &schema, findings);
    None
}

/// Says what is wrong with a value that stands at a JSON pointer of a document.
pub(super) fn complain(
    document: &Document,
    pointer: &str,
    value: &Value,
    validator: &Validator,
    schema: &Value,
    findings: &mut Vec<Finding>,
) {
    let errors: Vec<_> = validator.iter_errors(value).collect();
    let place = Place { document, pointer };
    let misspelt = misspelt(&place, schema, &errors);
    for error in &errors {
        explain(&place, schema, error, &misspelt, findings);
    }
}

/// Where the value begins that is checked.
struct Place<'a> {
    document: &'a Document,
    pointer: &'a str,
}

impl Place<'_> {
    /// The pointer of an error inside the document.
    fn of(&self, error: &ValidationError<'_>) -> String {
        format!("{}{}", self.pointer, error.instance_path())
    }
}

/// Reads what kind of document this is.
fn header(document: &Document, findings: &mut Vec<Finding>) -> Option<&'static str> {
    let mut refuse = |code: &'static str, pointer: &str, message: String, help: String| {
        let finding = Finding::error(code, message).at(document.locate(pointer));
        let field = (!pointer.is_empty()).then(|| pointer.to_owned());
        findings.push(Finding {
            field,
            ..finding.help(help)
        });
        None
    };
    let begin = format!("`apiVersion: {API_VERSION}`");
    let Some(map) = document.value.as_object() else {
        let message = "a document is a mapping with `apiVersion`, `kind`, `metadata` and `spec`";
        return refuse("not-a-document", "", message.into(), format!("begin with {begin}"));
    };
    match map.get("apiVersion") {
        Some(version) if *version == API_VERSION => {}
        Some(other) => {
            let message = format!("{} is not a version of formwork's documents", shown(other));
            let help = match other.as_str() {
                Some(version) if version.starts_with("formwork") => format!("write {begin}"),
                _ => format!(
                    "write {begin}; an admission policy belongs into `policies/`, any other Kubernetes manifest into the `extra` of an environment"
                ),
            };
            return refuse("unknown-api-version", "/apiVersion", message, help);
        }
        None => {
            return refuse(
                "not-a-document",
                "",
                "`apiVersion` is missing".into(),
                format!("add {begin}"),
            );
        }
    }
    let names: Vec<&str> = KINDS.iter().map(|kind| kind.name).collect();
    let Some(kind) = map.get("kind") else {
        let help = format!("add `kind:` with one of {}", list(&names));
        return refuse("not-a-document", "", "`kind` is missing".into(), help);
    };
    let known = names.iter().find(|name| kind == **name).copied();
    known.or_else(|| {
        let help = suggestion(kind.as_str().unwrap_or_default(), &names);
        refuse("unknown-kind", "/kind", format!("unknown kind {}", shown(kind)), help)
    })
}

/// Pointers of the fields that are there under a misspelt name: they are not said to be missing as well.
fn misspelt(place: &Place<'_>, schema: &Value, errors: &[ValidationError<'_>]) -> BTreeSet<String> {
    let mut pointers = BTreeSet::new();
    for error in errors {
        if let ValidationErrorKind::AdditionalProperties { unexpected } = error.kind() {
            let known = siblings(schema, &error.schema_path().to_string());
            let meant = unexpected
                .iter()
                .filter_map(|key| nearest(key, known.iter().map(String::as_str)));
            pointers.extend(meant.map(|key| format!("{}/{}", place.of(error), escape(key))));
        }
    }
    pointers
}

/// Turns one schema error into findings.
fn explain(
    place: &Place<'_>,
    schema: &Value,
    error: &ValidationError<'_>,
    misspelt: &BTreeSet<String>,
    findings: &mut Vec<Finding>,
) {
    let document = place.document;
    let pointer = place.of(error);
    let path = error.schema_path().to_string();
    let name = name_of(&pointer);
    let value = error.instance();
    let at = |code: &'static str, message: String| {
        Finding::error(code, message)
            .at(document.locate(&pointer))
            .field(pointer.clone())
    };
    findings.push(match error.kind() {
        ValidationErrorKind::AdditionalProperties { unexpected } => {
            let known = siblings(schema, &path);
            let known: Vec<&str> = known.iter().map(String::as_str).collect();
            let pattern = key_pattern(schema, &path);
            findings.extend(
                unexpected
                    .iter()
                    .map(|key| unknown(document, &pointer, key, &known, pattern)),
            );
            return;
        }
        ValidationErrorKind::Required { property } => {
            let property = property.as_str().unwrap_or_default();
            let field = format!("{pointer}/{}", escape(property));
            if misspelt.contains(&field) {
                return;
            }
            Finding::error("missing-field", format!("`{property}` is missing"))
                .at(document.locate_key(&pointer))
                .field(field)
                .help(format!("add `{property}:` to {}", subject(&pointer)))
        }
        ValidationErrorKind::Type { kind } => {
            let wanted = match kind {
                TypeKind::Single(kind) => type_name(*kind).to_owned(),
                TypeKind::Multiple(kinds) => list(&kinds.iter().map(type_name).collect::<Vec<_>>()),
            };
            let subject = subject(&pointer);
            let message = match value.as_ref() {
                Value::Null => format!("{subject} is empty"),
                Value::String(_) => format!("{subject} must be {wanted}, not the text {}", shown(value)),
                _ => format!("{subject} must be {wanted}, not {}", shown(value)),
            };
            at("wrong-type", message).help(type_help(value, &wanted))
        }
        ValidationErrorKind::Enum { options } => {
            let options = options.as_array().into_iter().flatten();
            let options: Vec<&str> = options.filter_map(Value::as_str).collect();
            at("unknown-value", format!("{} is not a value of `{name}`", shown(value)))
                .help(suggestion(value.as_str().unwrap_or_default(), &options))
        }
        ValidationErrorKind::Constant { expected_value } => {
            at("unknown-value", format!("{} is not a value of `{name}`", shown(value)))
                .help(format!("write `{}`", plain(expected_value)))
        }
        ValidationErrorKind::Minimum { limit } => {
            at("out-of-range", format!("{} is too small for `{name}`", shown(value)))
                .help(format!("the least is {limit}"))
        }
        ValidationErrorKind::Maximum { limit } => {
            at("out-of-range", format!("{} is too large for `{name}`", shown(value)))
                .help(format!("the most is {limit}"))
        }
        ValidationErrorKind::MinItems { limit } => {
            at("out-of-range", format!("`{name}` has too few items")).help(format!("the least is {limit}"))
        }
        ValidationErrorKind::MinLength { limit } => at("out-of-range", format!("`{name}` is too short")).help(format!(
            "write at least {limit} character{}",
            if *limit == 1 { "" } else { "s" }
        )),
        ValidationErrorKind::MaxLength { limit } => {
            at("out-of-range", format!("`{name}` is too long")).help(format!("write at most {limit} characters"))
        }
        ValidationErrorKind::Format { format } => format_finding(format, error, &at),
        // A pattern beside a format says the same less well.
        ValidationErrorKind::Pattern { .. } if pattern_has_format(schema, &path) => return,
        ValidationErrorKind::Pattern { pattern } => {
            let about = about(schema, &path)
                .map(|about| format!(": {about}"))
                .unwrap_or_default();
            at("bad-format", format!("{} is not valid for `{name}`", shown(value)))
                .help(format!("it must match `{pattern}`{about}"))
        }
        _ => at("bad-format", format!("{error}")),
    });
}

/// A field that its parent does not know, or whose name does not have the form that all names have there.
fn unknown(document: &Document, parent: &str, key: &str, known: &[&str], pattern: Option<&str>) -> Finding {
    let field = format!("{parent}/{}", escape(key));
    let finding = match pattern {
        None => Finding::error("unknown-field", format!("unknown field `{key}`")).help(suggestion(key, known)),
        Some(pattern) => Finding::error("bad-name", format!("`{key}` is not a name for {}", subject(parent)))
            .help(format!("it must match `{pattern}`")),
    };
    finding.at(document.locate_key(&field)).field(field)
}

/// The last key of a pointer: the field, also of an item of its list.
fn name_of(pointer: &str) -> &str {
    let mut parts = pointer.rsplit('/');
    parts.find(|part| part.parse::<usize>().is_err()).unwrap_or_default()
}

/// The value at a pointer in words.
fn subject(pointer: &str) -> String {
    match (pointer.rsplit('/').next(), name_of(pointer)) {
        (_, "") => "the document".into(),
        (Some(last), name) if last == name => format!("`{name}`"),
        (_, name) => format!("this item of `{name}`"),
    }
}

fn format_finding(name: &str, error: &ValidationError<'_>, at: &dyn Fn(&'static str, String) -> Finding) -> Finding {
    let text = error.instance().as_str().unwrap_or_default();
    let Some(format) = FORMATS.iter().find(|format| format.name == name) else {
        return at("bad-format", format!("{error}"));
    };
    match (format.check)(text) {
        Err(problem) => {
            let usual = match format.remedy {
                remedy if remedy.contains(format.example) => remedy.to_owned(),
                remedy => format!("{remedy}, for example `{}`", format.example),
            };
            at(problem.code.unwrap_or(format.code), problem.to_string()).help(problem.help.unwrap_or(usual))
        }
        Ok(()) => at(format.code, format!("`{text}` is not valid here")),
    }
}

/// The schema of the place where an error was found.
fn parent_schema<'a>(schema: &'a Value, path: &str) -> Option<&'a Value> {
    let mut here = schema;
    let (parent, _) = path.rsplit_once('/')?;
    for part in parent.split('/').skip(1) {
        let part = part.replace("~1", "/").replace("~0", "~");
        let next = match here {
            Value::Array(items) => items.get(part.parse::<usize>().ok()?)?,
            other => other.get(&part)?,
        };
        here = match next {
            Value::String(reference) if part == "$ref" => schema.pointer(reference.strip_prefix('#')?)?,
            other => other,
        };
    }
    Some(here)
}

fn siblings(schema: &Value, path: &str) -> Vec<String> {
    let properties = parent_schema(schema, path)
        .and_then(|parent| parent.get("properties"))
        .and_then(Value::as_object);
    properties.map(|map| map.keys().cloned().collect()).unwrap_or_default()
}

/// What every key must match at the place where an error was found, if keys are free there.
fn key_pattern<'a>(schema: &'a Value, path: &str) -> Option<&'a str> {
    let patterns = parent_schema(schema, path)?.get("patternProperties")?.as_object()?;
    patterns.keys().next().map(String::as_str)
}

/// The first sentence about the place where an error was found, as the end of another.
fn about(schema: &Value, path: &str) -> Option<String> {
    let description = parent_schema(schema, path)?.get("description")?.as_str()?;
    let sentence = description.split(". ").next()?.trim_end_matches('.');
    let (first, rest) = sentence.split_at_checked(1)?;
    Some(first.to_lowercase() + rest)
}

fn pattern_has_format(schema: &Value, path: &str) -> bool {
    parent_schema(schema, path).is_some_and(|parent| parent.get("format").is_some())
}

fn type_name(kind: JsonType) -> &'static str {
    match kind {
        JsonType::Array => "a list",
        JsonType::Boolean => "`true` or `false`",
        JsonType::Integer => "a whole number",
        JsonType::Null => "nothing",
        JsonType::Number => "a number",
        JsonType::Object => "a mapping",
        JsonType::String => "text",
    }
}

fn type_help(value: &Value, wanted: &str) -> String {
    match (value, wanted) {
        (Value::Null, _) => "give it a value or leave it out".into(),
        (Value::Number(_) | Value::Bool(_), "text") => format!("quote it: `\"{value}\"`"),
        (Value::String(text), "a list") => format!("write `[{text}]`"),
        (Value::String(text), "a whole number") if text.parse::<i64>().is_ok() => unquoted(text),
        (Value::String(text), "`true` or `false`") if ["true", "false"].contains(&text.as_str()) => unquoted(text),
        (_, "a mapping") => "write its fields below it, each `name: value` on a line of its own".into(),
        _ => format!("write {wanted}"),
    }
}

fn unquoted(text: &str) -> String {
    format!("write `{text}` without quotes")
}

/// "did you mean", or the whole list when nothing is near.
pub(super) fn suggestion(typed: &str, known: &[&str]) -> String {
    match nearest(typed, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None if known.is_empty() => "remove it".into(),
        None => format!("known here: {}", list(known)),
    }
}

fn list(names: &[&str]) -> String {
    let quote = |name: &&str| {
        if name.contains([' ', '`']) {
            (*name).to_owned()
        } else {
            format!("`{name}`")
        }
    };
    names.iter().map(quote).collect::<Vec<_>>().join(", ")
}

fn shown(value: &Value) -> String {
    match value {
        Value::Object(_) => "a mapping".into(),
        Value::Array(_) => "a list".into(),
        Value::Null => "an empty value".into(),
        Value::String(text) => {
            let end = if text.chars().nth(60).is_some() { "…" } else { "" };
            let shown: String = text.chars().take(60).collect();
            format!("`{}{end}`", shown.replace('\n', "\\n").replace('\t', "\\t"))
        }
        other => format!("`{}`", plain(other)),
    }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Escapes one reference token of a JSON pointer.
fn escape(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}
