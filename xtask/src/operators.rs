//! The definitions of the operators' kinds that formwork emits, without descriptions, one a line.
//!
//! They come out of the same pinned modules as those that the conformance suite installs.

use std::path::Path;
use std::process::Command;

use formwork::kinds::{KINDS, KindInfo};
use serde_json::{Map, Value, json};

/// What only people read, or what formwork does not judge.
const LEFT_OUT: &[&str] = &["description", "externalDocs", "example", "title"];

/// Returns the text of the file: a line of JSON for each served version of each kind.
pub fn text(root: &Path) -> Result<String, Box<dyn std::error::Error>> {
    let suite = root.join("tests/conformance");
    let output = Command::new("go")
        .args(["run", ".", "definitions"])
        .current_dir(suite)
        .output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into());
    }
    let definitions: Vec<Value> = serde_json::from_slice(&output.stdout)?;
    let mut lines: Vec<String> = KINDS.iter().filter_map(|kind| line(kind, &definitions)).collect();
    lines.sort();
    Ok(lines.join("\n") + "\n")
}

fn line(kind: &KindInfo, definitions: &[Value]) -> Option<String> {
    let (group, version) = kind.api_version.split_once('/')?;
    let definition = definitions.iter().find(|definition| {
        let spec = &definition["content"]["spec"];
        spec["group"] == group && spec["names"]["kind"] == kind.kind
    })?;
    let spec = &definition["content"]["spec"];
    let version = spec["versions"].as_array()?.iter().find(|it| it["name"] == version)?;
    let mut schema = version["schema"]["openAPIV3Schema"].clone();
    // What a manifest says of its status is dropped by the server.
    if let Some(fields) = schema["properties"].as_object_mut() {
        fields.insert(
            "status".into(),
            json!({"type": "object", "x-kubernetes-preserve-unknown-fields": true}),
        );
    }
    let replicas = version["subresources"]["scale"]["specReplicasPath"].clone();
    let mut shape = json!({"name": version["name"], "schema": {"openAPIV3Schema": stripped(schema, false)}});
    if !replicas.is_null() {
        shape["subresources"] = json!({"scale": {"specReplicasPath": replicas}});
    }
    let line = json!({
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": format!("{}.{group}", kind.plural)},
        "spec": {"group": group, "names": {"kind": kind.kind, "plural": kind.plural}, "scope": spec["scope"], "versions": [shape]},
    });
    Some(line.to_string())
}

/// A schema without what only people read. Below `properties` every key is the name of a field.
fn stripped(value: Value, is_names: bool) -> Value {
    match value {
        Value::Object(object) => {
            let kept = object
                .into_iter()
                .filter(|(key, _)| is_names || !LEFT_OUT.contains(&key.as_str()));
            let kept = kept.map(|(key, value)| {
                let is_names = !is_names && key == "properties";
                let is_data = !is_names && ["default", "enum"].contains(&key.as_str());
                let value = if is_data { value } else { stripped(value, is_names) };
                (key, value)
            });
            Value::Object(kept.collect::<Map<_, _>>())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(|item| stripped(item, false)).collect()),
        other => other,
    }
}
