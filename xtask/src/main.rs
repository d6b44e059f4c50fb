//! Writes `src/schema/kubernetes.txt`, the fields of every built-in kind of the Kubernetes versions that we know, and
//! `src/schema/operators.jsonl`, the definitions of the operators' kinds that we emit.
//!
//! The facts come from the OpenAPI documents inside the Go module `k8s.io/kubernetes` (Apache-2.0), which Go fetches;
//! descriptions are dropped. Run it by name, `cargo run -p xtask`, after raising a release below: the same releases
//! give the same bytes.

mod operators;
mod read;
mod write;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// The releases, one for each minor version that we know, oldest first.
const RELEASES: &[(u32, &str)] = &[
    (33, "v1.33.13"),
    (34, "v1.34.4"),
    (35, "v1.35.4"),
    (36, "v1.36.3"),
    (37, "v1.37.0"),
];

/// A kind, a type or a field, as text, and the minor versions that have it so.
type Rows = BTreeMap<String, Vec<u32>>;

/// All versions together.
#[derive(Default)]
struct Union {
    /// Rows of kinds.
    kinds: Rows,
    /// Types by their row.
    types: BTreeMap<String, Type>,
}

/// A type and its fields.
#[derive(Default)]
struct Type {
    /// The minor versions that have it.
    minors: Vec<u32>,
    fields: BTreeMap<String, Field>,
}

/// A field of a type.
#[derive(Default)]
struct Field {
    /// Whether it must be there, by the newest documents: what they changed was wrong before, the server was the same.
    is_required: bool,
    /// What it may be.
    shapes: Rows,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut union = Union::default();
    for &(minor, release) in RELEASES {
        let folder = module(release)?.join("api/openapi-spec/v3");
        for document in documents(&folder)? {
            read::kinds(&document, minor, &mut union);
            read::types(&document, minor, &mut union);
        }
    }
    let minors: Vec<u32> = RELEASES.iter().map(|(minor, _)| *minor).collect();
    let releases: Vec<&str> = RELEASES.iter().map(|(_, release)| *release).collect();
    let text = write::text(&union, &minors, &releases);
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    std::fs::write(root.join("src/schema/kubernetes.txt"), text)?;
    std::fs::write(root.join("src/schema/operators.jsonl"), operators::text(&root)?)?;
    Ok(())
}

/// The folder of a release of Kubernetes, fetched by Go when it is missing.
fn module(release: &str) -> Result<PathBuf, Box<dyn std::error::Error>> {
    let name = format!("k8s.io/kubernetes@{release}");
    let output = Command::new("go").args(["mod", "download", "-json", &name]).output()?;
    let answer: Value = serde_json::from_slice(&output.stdout)?;
    let folder = answer["Dir"].as_str().ok_or_else(|| format!("no {name}: {answer}"))?;
    Ok(folder.into())
}

/// The OpenAPI documents of a folder, one for each group and version.
fn documents(folder: &Path) -> Result<Vec<Value>, Box<dyn std::error::Error>> {
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        paths.push(entry?.path());
    }
    paths.sort();
    let read = |path: &PathBuf| Ok(serde_json::from_slice(&std::fs::read(path)?)?);
    paths.iter().map(read).collect()
}
