//! `formwork init`: a workspace that builds.

use std::path::Path;

use super::{CLEAN, UNUSABLE, say, schema};
use crate::model::workspace_schema;

macro_rules! template {
    ($($path:literal),+ $(,)?) => { &[$(($path, include_str!(concat!("template/", $path)))),+] };
}

/// The files of a new workspace.
const FILES: &[(&str, &str)] = template![
    "environments/acme/production.yaml",
    "environments/acme/staging.yaml",
    "environments/acme/tenant.yaml",
    "environments/calendars/office.yaml",
    "environments/clusters/main.yaml",
    "environments/platform.yaml",
    "environments/releases/odoo-19.yaml",
    "policies/README.md",
];

pub(super) fn run(folder: &Path) -> u8 {
    match write(folder) {
        Ok(()) => {
            let shown = folder.display();
            say(format!(
                "made a workspace in {shown}\nnext: formwork --root {shown}, then read {shown}/generated and {shown}/environments"
            ));
            CLEAN
        }
        Err(problem) => {
            say(format!("error: {problem}"));
            UNUSABLE
        }
    }
}

fn write(folder: &Path) -> Result<(), String> {
    let failed = |path: &Path, error: std::io::Error| format!("`{}` cannot be written: {error}", path.display());
    if std::fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some()) {
        return Err(format!("`{}` is not empty; choose a new folder", folder.display()));
    }
    let schema = schema::text(&workspace_schema());
    let files = FILES
        .iter()
        .copied()
        .chain([("environments/formwork.schema.json", schema.as_str())]);
    for (path, text) in files {
        let path = folder.join(path);
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent).map_err(|error| failed(parent, error))?;
        }
        std::fs::write(&path, text).map_err(|error| failed(&path, error))?;
    }
    Ok(())
}
