//! Extensions that come as images of their own, and names of variables that belong to the operator.
//!
//! Paths are those inside the image of an extension and stay there.

use std::collections::BTreeSet;

use serde_json::Value;

use super::pages;
use crate::server::judge::Judge;
use crate::server::operators::read::{at, items, place, text};

/// What the webhook says of a name that [`is_reserved`].
pub(super) const RESERVED: &str = "the usage of this environment variable is reserved for the operator";

pub(super) fn check(object: &Value, judge: &mut Judge) {
    let (mut names, mut volumes) = (BTreeSet::new(), BTreeSet::new());
    let extensions = items(object, &["spec", "postgresql", "extensions"]);
    for (index, extension) in extensions.iter().enumerate() {
        let name = text(extension, &["name"]);
        let value = Value::from(name);
        place!(let place = "spec", "postgresql", "extensions", index);
        if name.is_empty() {
            judge.invalid(&pages::POD, place!(in place; "name"), &value, "value cannot be empty");
            continue;
        }
        if !names.insert(name) {
            judge.duplicate(&pages::POD, place!(in place; "name"), &value);
            continue;
        }
        let volume = format!("ext-{}", name.replace('_', "-"));
        if volumes.contains(&volume) {
            judge.invalid(
                &pages::POD,
                place!(in place; "name"),
                &value,
                format_args!(
                    "extension name results in duplicate volume name \"{volume}\" after sanitization (underscores are \
                     converted to hyphens)"
                ),
            );
        }
        volumes.insert(volume);
        if at(object, &["spec", "imageCatalogRef"]).is_none() && text(extension, &["image", "reference"]).is_empty() {
            judge.invalid(
                &pages::POD,
                place!(in place; "image", "reference"),
                &Value::from(""),
                format_args!("Image reference for extension `{name}` must be set when no image catalog is configured"),
            );
        }
        for list in [
            "extension_control_path",
            "dynamic_library_path",
            "ld_library_path",
            "bin_path",
        ] {
            paths(index, extension, list, judge);
        }
        variables(index, extension, judge);
    }
}

fn paths(extension: usize, value: &Value, list: &str, judge: &mut Judge) {
    let mut known = BTreeSet::new();
    for (index, path) in items(value, &[list]).iter().enumerate() {
        place!(let place = "spec", "postgresql", "extensions", extension, list, index);
        let Some(text) = path.as_str() else { continue };
        if text.is_empty() {
            judge.invalid(&pages::POD, place, path, "value cannot be empty");
        } else if known.contains(text) {
            judge.duplicate(&pages::POD, place, path);
        } else if escapes(text) {
            judge.invalid(&pages::POD, place, path, "path must not escape the extension directory");
        } else {
            known.insert(text);
        }
    }
}

/// Whether the simplest form of a path begins with two dots, be it a step upwards or a name.
fn escapes(path: &str) -> bool {
    let mut steps: Vec<&str> = Vec::new();
    for step in path.split('/').filter(|step| !matches!(*step, "" | ".")) {
        match step {
            ".." if steps.last().is_some_and(|last| *last != "..") => drop(steps.pop()),
            ".." if path.starts_with('/') => {}
            _ => steps.push(step),
        }
    }
    !path.starts_with('/') && steps.first().is_some_and(|first| first.starts_with(".."))
}

fn variables(extension: usize, value: &Value, judge: &mut Judge) {
    let mut names = BTreeSet::new();
    for (index, variable) in items(value, &["env"]).iter().enumerate() {
        let name = text(variable, &["name"]);
        place!(let place = "spec", "postgresql", "extensions", extension, "env", index);
        if is_reserved(name) {
            judge.invalid(&pages::POD, place!(in place; "name"), &Value::from(name), RESERVED);
        }
        let field = match name {
            "PATH" => Some("bin_path"),
            "LD_LIBRARY_PATH" => Some("ld_library_path"),
            _ => None,
        };
        if let Some(field) = field {
            judge.forbidden(
                &pages::POD,
                place!(in place; "name"),
                format_args!("{name} must be configured via spec.postgresql.extensions[{extension}].{field}"),
            );
        }
        let unknown = placeholders(text(variable, &["value"]));
        if !unknown.is_empty() {
            judge.invalid(
                &pages::POD,
                place!(in place; "value"),
                &Value::from(text(variable, &["value"])),
                format_args!(
                    "unsupported placeholder(s): {}; supported: ${{image_root}}",
                    unknown.join(", ")
                ),
            );
        }
        if !names.insert(name) {
            judge.duplicate(&pages::POD, place!(in place; "name"), &Value::from(name));
        }
    }
}

/// The placeholders that the operator does not fill in; two dollars stand for one.
fn placeholders(text: &str) -> Vec<String> {
    let mut unknown = Vec::new();
    let mut rest = text;
    while let Some((before, tail)) = rest.split_once("${") {
        rest = tail;
        let dollars = before.len() - before.trim_end_matches('$').len() + 1;
        if let Some((name, tail)) = tail.split_once('}')
            && !name.is_empty()
        {
            if dollars % 2 == 1 && name != "image_root" {
                unknown.push(format!("${{{name}}}"));
            }
            rest = tail;
        }
    }
    unknown
}

/// Whether the operator sets a variable itself.
pub(super) fn is_reserved(name: &str) -> bool {
    let name = name.to_uppercase();
    name.starts_with("CNPG_")
        || name.starts_with("PG")
        || matches!(name.as_str(), "POD_NAME" | "NAMESPACE" | "CLUSTER_NAME")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_stays_inside() {
        assert!(escapes("../lib") && escapes("a/../../b") && escapes("..data"));
        assert!(!escapes("/../lib") && !escapes("a/../b") && !escapes("share"));
    }

    #[test]
    fn only_the_root_of_the_image_is_filled_in() {
        assert_eq!(placeholders("${image_root}/lib:$${HOME}:${HOME}"), ["${HOME}"]);
        assert_eq!(placeholders("${} $x"), [] as [&str; 0]);
    }
}
