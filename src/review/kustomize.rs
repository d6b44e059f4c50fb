//! What in a folder belongs to kustomize: its own files, and the patches and settings that they name.
//!
//! Those are parts of manifests, so nobody can judge them before kustomize has put them together.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::workspace::Document;

/// The names under which kustomize finds its file.
const FILES: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

/// Lists of a kustomization that name parts of manifests, and the field of an item that holds the name; an item may be
/// the name itself.
const LISTS: [(&str, &str); 9] = [
    ("patches", "path"),
    ("patchesStrategicMerge", ""),
    ("patchesJson6902", "path"),
    ("replacements", "path"),
    ("configurations", ""),
    ("transformers", ""),
    ("generators", ""),
    ("validators", ""),
    ("helmCharts", "valuesFile"),
];

/// Whether a file is called as kustomize wants it.
pub(super) fn is_file(name: &str) -> bool {
    FILES.contains(&name)
}

/// Whether a document is read by kustomize only.
pub(super) fn is_kustomization(document: &Document) -> bool {
    let file = document.source.path.rsplit('/').next().unwrap_or_default();
    let version = document.value.get("apiVersion").and_then(Value::as_str);
    version.map_or(is_file(file), |version| version.starts_with("kustomize.config.k8s.io/"))
}

/// Returns the paths that kustomizations name as parts of manifests: files, or folders of them.
pub(super) fn inputs<'d>(documents: impl Iterator<Item = &'d Document>) -> BTreeSet<String> {
    let mut paths = BTreeSet::new();
    for document in documents.filter(|document| is_kustomization(document)) {
        let folder = document.source.path.rsplit_once('/').map_or("", |(folder, _)| folder);
        for (list, field) in LISTS {
            let items = document.value.get(list).and_then(Value::as_array);
            let names = items.into_iter().flatten().filter_map(|item| match item {
                Value::String(name) => Some(name.as_str()),
                item => item.get(field).and_then(Value::as_str),
            });
            paths.extend(names.filter(|name| !name.contains('\n')).map(|name| join(folder, name)));
        }
    }
    paths
}

/// Whether a file is one of some paths, or lies below one.
pub(super) fn is_below(paths: &BTreeSet<String>, file: &str) -> bool {
    let file = join("", file);
    let ends = file.match_indices('/').map(|(at, _)| at).chain([file.len()]);
    ends.into_iter()
        .any(|end| file.get(..end).is_some_and(|path| paths.contains(path)))
}

/// Joins paths and takes `.` and `..` out of them.
fn join(folder: &str, name: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in folder.split('/').chain(name.split('/')) {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => _ = parts.pop(),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_a_kustomization_names_is_found() {
        let value = json!({
            "resources": ["base.yaml"],
            "patches": [{"path": "../patches/a.yaml"}, {"patch": "- op: add"}],
            "patchesStrategicMerge": ["./b.yaml", "kind: X\nmetadata: {}"],
            "transformers": ["labels"],
        });
        let document = Document::from_value("/k8s/./overlay/kustomization.yaml", value);
        let paths = inputs([&document].into_iter());
        let found: Vec<&str> = paths.iter().map(String::as_str).collect();
        assert_eq!(
            found,
            ["k8s/overlay/b.yaml", "k8s/overlay/labels", "k8s/patches/a.yaml"]
        );
        assert!(is_below(&paths, "/k8s/overlay/labels/x.yaml") && is_below(&paths, "/k8s/overlay/b.yaml"));
        assert!(!is_below(&paths, "/k8s/overlay/labels.yaml") && !is_below(&paths, "/k8s/overlay/base.yaml"));
    }

    #[test]
    fn flux_has_kustomizations_of_its_own() {
        let of = |version| {
            is_kustomization(&Document::from_value(
                "a/kustomization.yaml",
                json!({"apiVersion": version, "kind": "Kustomization"}),
            ))
        };
        assert!(of("kustomize.config.k8s.io/v1beta1") && !of("kustomize.toolkit.fluxcd.io/v1"));
        assert!(is_kustomization(&Document::from_value(
            "kustomization.yaml",
            json!({"resources": []})
        )));
    }
}
