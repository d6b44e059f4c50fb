//! No dead setting: whatever a document may say changes the output or refuses it, or `settings.yaml` says why not.
//!
//! The rows are found by the JSON Schema, so that a new field without a row fails, and a row without a field too.

use std::collections::{BTreeMap, BTreeSet};

use formwork::Compiler;
use formwork::diagnostic::Level;
use formwork::model::{KINDS, resolve, schema_of};
use formwork::workspace::{Document, Workspace, load};
use rayon::prelude::*;
use serde_json::{Map, Value};

use crate::support::{TODAY, package};

/// One row of `settings.yaml`: a setting, and another value than `tests/bases/rich` gives it.
struct Row {
    kind: String,
    pointer: String,
    value: Value,
    /// The code of the finding that refuses the value.
    refused: Option<String>,
    /// Why the output does not depend on it.
    silent: Option<String>,
}

fn rows() -> Vec<Row> {
    let table: BTreeMap<String, BTreeMap<String, Value>> = serde_yaml::from_str(include_str!("settings.yaml")).unwrap();
    let row = |kind: &str, pointer: &str, value: &Value| {
        let text = |name: &str| value.get(name).map(|text| text.as_str().unwrap().to_owned());
        let (refused, silent) = (text("refused"), text("silent"));
        let value = if refused.is_some() || silent.is_some() {
            &value["value"]
        } else {
            value
        };
        Row {
            kind: kind.into(),
            pointer: pointer.into(),
            value: value.clone(),
            refused,
            silent,
        }
    };
    let kinds = table.iter();
    kinds
        .flat_map(|(kind, rows)| rows.iter().map(move |(pointer, value)| row(kind, pointer, value)))
        .collect()
}

#[test]
fn every_setting_has_a_row() {
    let mut rows: BTreeSet<(String, String)> = rows().into_iter().map(|row| (row.kind, row.pointer)).collect();
    let mut missing = Vec::new();
    for kind in KINDS.iter().filter(|kind| !kind.judges) {
        let schema = schema_of(kind.name).unwrap();
        let spec = schema.pointer("/properties/spec").unwrap();
        let mut found = Vec::new();
        leaves(
            &schema,
            spec,
            String::new(),
            &|pointer| rows.contains(&(kind.name.into(), pointer.into())),
            &mut found,
        );
        for pointer in found {
            let row = (kind.name.to_owned(), pointer);
            if !rows.remove(&row) {
                missing.push(row);
            }
        }
    }
    assert!(
        missing.is_empty(),
        "tests/suite/settings.yaml has no row for {missing:#?}"
    );
    assert!(
        rows.is_empty(),
        "tests/suite/settings.yaml has rows for what no document may say: {rows:#?}"
    );
}

/// Collects the settings below a schema; a pointer that `is_row` is one, whatever lies below.
fn leaves(root: &Value, schema: &Value, at: String, is_row: &dyn Fn(&str) -> bool, found: &mut Vec<String>) {
    let schema = match schema.get("$ref").and_then(Value::as_str) {
        Some(reference) => root.pointer(reference.trim_start_matches('#')).unwrap(),
        None => schema,
    };
    let properties = schema.get("properties").and_then(Value::as_object);
    match (properties, schema.get("items")) {
        _ if is_row(&at) => found.push(at),
        (Some(properties), _) => {
            for (name, schema) in properties {
                leaves(root, schema, format!("{at}/{name}"), is_row, found);
            }
        }
        (None, Some(items)) if has_fields(root, items) => leaves(root, items, format!("{at}/0"), is_row, found),
        _ => found.push(at),
    }
}

fn has_fields(root: &Value, schema: &Value) -> bool {
    let reference = schema.get("$ref").and_then(Value::as_str);
    let schema = reference
        .and_then(|reference| root.pointer(reference.trim_start_matches('#')))
        .unwrap_or(schema);
    schema.get("properties").is_some()
}

#[test]
fn every_setting_changes_the_output() {
    let base = package().join("tests/bases/rich");
    let (workspace, findings) = load(&base, &["environments"]);
    assert_eq!(findings, []);
    let usual = compile(&workspace.documents).unwrap();
    let problem = |row: &Row| {
        let name = format!("{} {}", row.kind, row.pointer);
        let documents = match changed(&workspace.documents, row) {
            Ok(documents) => documents,
            Err(problem) => return Some(format!("{name}: {problem}")),
        };
        match (compile(&documents), &row.refused, &row.silent) {
            (Err(findings), Some(code), _) if findings.starts_with(&format!("{code}:")) => None,
            (Err(findings), ..) => Some(format!("{name}: the other value is refused: {findings}")),
            (Ok(_), Some(code), _) => Some(format!("{name}: the other value is not refused by {code}")),
            (Ok(files), None, None) if files == usual => Some(format!("{name}: changes nothing")),
            (Ok(files), None, Some(why)) if files != usual => Some(format!("{name}: changes something, not: {why}")),
            (Ok(_), None, _) => None,
        }
    };
    let problems: Vec<String> = rows().par_iter().filter_map(problem).collect();
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

/// The document of each kind whose settings are changed.
const CHANGED: &[(&str, &str)] = &[
    ("Calendar", "environments/calendars/bygg.yaml"),
    ("Cluster", "environments/clusters/fjord.yaml"),
    ("Environment", "environments/halvorsen/production.yaml"),
    ("Platform", "environments/platform.yaml"),
    ("Release", "environments/releases/odoo-19.yaml"),
    ("Resilience", "environments/resilience/strict.yaml"),
    ("Tenant", "environments/halvorsen/tenant.yaml"),
];

/// The documents with one setting of one of them changed.
fn changed(documents: &[Document], row: &Row) -> Result<Vec<Document>, String> {
    let (_, path) = CHANGED
        .iter()
        .find(|(kind, _)| *kind == row.kind)
        .ok_or("no document to change")?;
    let chosen = documents
        .iter()
        .find(|document| document.source.path == *path)
        .ok_or("no such document")?;
    let mut value = Value::clone(&chosen.value);
    set(&mut value, &format!("/spec{}", row.pointer), &row.value)?;
    let replace = |document: &Document| {
        if document.value == chosen.value {
            Document::from_value(&document.source.path, value.clone())
        } else {
            document.clone()
        }
    };
    Ok(documents.iter().map(replace).collect())
}

/// Sets the value at a pointer, which must be another one; the mappings on the way are made, lists are not.
fn set(value: &mut Value, pointer: &str, new: &Value) -> Result<(), String> {
    let mut here = value;
    for part in pointer.trim_start_matches('/').split('/') {
        here = match here {
            Value::Array(items) => part
                .parse()
                .ok()
                .and_then(|index: usize| items.get_mut(index))
                .ok_or("no such item")?,
            Value::Object(map) => map.entry(part).or_insert_with(|| Value::Object(Map::new())),
            _ => return Err(format!("`{part}` lies below a plain value")),
        };
    }
    if here == new {
        return Err("the other value is the same as in tests/bases/rich".into());
    }
    here.clone_from(new);
    Ok(())
}

/// All files, or the first thing that is wrong with the documents.
fn compile(documents: &[Document]) -> Result<BTreeMap<String, String>, String> {
    let (fleet, mut findings) = resolve(&Workspace::new(documents.to_vec()), &TODAY.parse().unwrap());
    let (files, complaints) = fleet
        .map(|fleet| Compiler::default().compile(&fleet))
        .unwrap_or_default();
    findings.extend(complaints);
    match findings.iter().find(|finding| finding.level <= Level::Deny) {
        None => Ok(files),
        Some(finding) => Err(format!("{}: {}", finding.code, finding.message)),
    }
}
