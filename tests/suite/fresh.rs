//! What is committed is what the program would write: the schema, our own workspace, the examples of the pages.

use std::path::Path;

use formwork::diagnostic::codes::CODES;
use formwork::model::schema_of;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::codes::said;
use crate::support::{files, package, relative, run};

#[test]
fn the_schema_is_what_the_program_prints() {
    let printed = run(package(), &["schema"], &[]);
    let committed = std::fs::read_to_string(package().join("environments/formwork.schema.json")).unwrap();
    assert_eq!(printed.code, 0);
    assert!(
        printed.out == committed,
        "run `formwork schema > environments/formwork.schema.json`"
    );
}

/// Needs `generated/`, which `formwork build` writes.
#[test]
fn our_own_output_is_up_to_date() {
    let check = run(package(), &["check"], &[]);
    assert_eq!(
        check.code, 0,
        "run `formwork build` and commit `generated/`:\n{}",
        check.err
    );
}

#[test]
fn editors_accept_our_own_documents() {
    let schema = std::fs::read_to_string(package().join("environments/formwork.schema.json")).unwrap();
    let validator = jsonschema::validator_for(&serde_json::from_str(&schema).unwrap()).unwrap();
    for path in yaml_files(&package().join("environments")) {
        for document in documents(&std::fs::read_to_string(&path).unwrap()) {
            let errors: Vec<String> = validator
                .iter_errors(&document)
                .map(|error| error.to_string())
                .collect();
            assert!(errors.is_empty(), "{}: {errors:#?}", path.display());
        }
    }
}

#[test]
fn documents_name_the_schema_for_editors() {
    let workspaces = ["environments", "src/cli/template/environments"];
    for root in workspaces.map(|folder| package().join(folder)) {
        for path in yaml_files(&root) {
            let depth = relative(&root, &path).matches('/').count();
            let schema = format!(
                "# yaml-language-server: $schema={}formwork.schema.json",
                "../".repeat(depth)
            );
            let text = std::fs::read_to_string(&path).unwrap();
            assert_eq!(text.lines().next(), Some(schema.as_str()), "{}", path.display());
        }
    }
}

/// Examples are fragments: nothing is required of them, but what they say must be valid.
#[test]
fn examples_of_good_inputs_are_valid() {
    let about_inputs = said(|source| ["model", "text"].contains(&source.room()));
    let mut problems = Vec::new();
    for page in CODES
        .iter()
        .filter(|page| about_inputs.contains(page.id) || is_hatch(page.id))
    {
        for document in documents(page.good).into_iter().filter(Value::is_object) {
            let kind = document["kind"].as_str().unwrap_or("Environment");
            let mut schema = schema_of(kind).unwrap_or_else(|| panic!("{}: no kind `{kind}`", page.id));
            forget_required(&mut schema);
            let errors = jsonschema::validator_for(&schema).unwrap();
            problems.extend(
                errors
                    .iter_errors(&document)
                    .map(|error| format!("{}: {error}", page.id)),
            );
        }
    }
    assert!(problems.is_empty(), "{problems:#?}");
}

/// Findings that `validate` says about a setting of an environment.
fn is_hatch(id: &str) -> bool {
    id.starts_with("override-") || id.starts_with("extra-")
}

fn forget_required(schema: &mut Value) {
    match schema {
        Value::Object(map) => {
            if map.get("required").is_some_and(Value::is_array) {
                map.insert("required".into(), json!([]));
            }
            map.values_mut().for_each(forget_required);
        }
        Value::Array(items) => items.iter_mut().for_each(forget_required),
        _ => {}
    }
}

fn yaml_files(folder: &Path) -> Vec<std::path::PathBuf> {
    let found: Vec<_> = files(folder)
        .into_iter()
        .filter(|path| path.extension().is_some_and(|end| end == "yaml"))
        .collect();
    assert!(!found.is_empty(), "{} has no document", folder.display());
    found
}

fn documents(text: &str) -> Vec<Value> {
    serde_yaml::Deserializer::from_str(text)
        .map(|document| Value::deserialize(document).unwrap())
        .collect()
}
