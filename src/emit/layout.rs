//! Objects become files: one object a file, under a name that says what it is.

use std::collections::BTreeMap;

use super::yaml;
use crate::manifest::Object;

/// A file below the output folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Path in the output folder, with forward slashes.
    pub path: String,
    /// Its whole text.
    pub text: String,
}

/// Renders the objects of one unit into its folder, `<component>/<kind>-<name>.yaml`.
///
/// Where that is not enough to tell two objects apart, the name goes on with the group and the namespace.
pub fn render(folder: &str, objects: &[Object]) -> Vec<File> {
    let mut times: BTreeMap<String, usize> = BTreeMap::new();
    let short: Vec<String> = objects.iter().map(|object| stem(object, "")).collect();
    for stem in &short {
        *times.entry(stem.to_lowercase()).or_default() += 1;
    }
    let path = |(object, short): (&Object, String)| {
        let unique = times.get(&short.to_lowercase()).is_none_or(|times| *times == 1);
        let stem = if unique { short } else { long(object) };
        File {
            path: format!("{folder}/{stem}.yaml"),
            text: yaml::to_string(&object.value),
        }
    };
    objects.iter().zip(short).map(path).collect()
}

fn stem(object: &Object, more: &str) -> String {
    let component = if object.component.is_empty() {
        String::new()
    } else {
        format!("{}/", object.component)
    };
    // Names of RBAC objects may hold what a path may not.
    let name: String = object
        .name
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || c == '.' || c == '-' {
                c
            } else {
                '_'
            }
        })
        .collect();
    format!("{component}{}{more}-{name}", object.kind.to_lowercase())
}

fn long(object: &Object) -> String {
    let group = object.group();
    let namespace = object.namespace.as_deref().unwrap_or_default();
    let dot = if group.is_empty() { "" } else { "." };
    let dash = if namespace.is_empty() { "" } else { "-" };
    stem(object, &format!("{dot}{group}{dash}{namespace}"))
}
