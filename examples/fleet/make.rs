//! A workspace of any number of production environments, made from those of this repository.
//!
//! Equal numbers give equal workspaces, and a smaller fleet is part of a larger one.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Production environments of this repository, each with the address that its tenant has here.
const ORIGINALS: [(&str, &str, &str); 7] = [
    ("kestrel", "production-eu", "kestrel.example"),
    ("northgate", "production", "northgate.example"),
    ("holt-civil", "production", "holt.example"),
    ("kestrel", "production-us", "kestrel.example"),
    ("holt-interiors", "production", "holt.example"),
    ("kestrel", "production-ap", "kestrel.example"),
    ("holt-roofing", "production", "apexroofing.example"),
];

/// Documents that all of these share.
const SHARED: [&str; 5] = ["platform.yaml", "calendars", "clusters", "releases", "resilience"];

/// Writes the workspace into a folder, which must not have one yet; returns the document of the last environment.
pub(crate) fn make(environments: usize, folder: &Path) -> io::Result<PathBuf> {
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("environments");
    let to = folder.join("environments");
    fs::create_dir_all(folder)?;
    fs::create_dir(&to)?;
    for name in SHARED {
        copy(&from.join(name), &to.join(name))?;
    }
    let mut last = PathBuf::new();
    for (number, (tenant, environment, domain)) in ORIGINALS.iter().cycle().take(environments).enumerate() {
        let copy_number = number / ORIGINALS.len() + 1;
        let copied = format!("{tenant}-{copy_number:03}");
        fs::create_dir_all(to.join(&copied))?;
        for file in ["tenant.yaml", &format!("{environment}.yaml")] {
            let text = fs::read_to_string(from.join(tenant).join(file))?;
            last = to.join(&copied).join(file);
            fs::write(&last, renamed(&text, tenant, &copied, domain))?;
        }
    }
    Ok(last)
}

/// Gives a document to another tenant, under addresses of its own.
fn renamed(text: &str, tenant: &str, copied: &str, domain: &str) -> String {
    let mut renamed = String::new();
    for line in text.lines() {
        let line = match line.trim_start().split_once(": ") {
            Some(("tenant" | "name", name)) if name == tenant => line.replace(tenant, copied),
            Some(("hosts" | "domains", _)) => line.replace(domain, &format!("{copied}.{domain}")),
            _ => line.to_owned(),
        };
        renamed.push_str(&line);
        renamed.push('\n');
    }
    renamed
}

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    if from.is_file() {
        return fs::copy(from, to).map(drop);
    }
    fs::create_dir(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        copy(&entry.path(), &to.join(entry.file_name()))?;
    }
    Ok(())
}
