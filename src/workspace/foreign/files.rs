//! Which files below a path may hold manifests, and their text.
//!
//! Nothing is followed out of a folder: symbolic links and hidden entries are passed over. Sizes are bounded before reading,
//! and the order depends on nothing but the paths.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use walkdir::{DirEntry, WalkDir};

use super::super::load;
use crate::diagnostic::{Finding, Source};

/// How many bytes a file of manifests may hold (16 MiB); the largest definitions of resources take two.
pub const MAXIMUM_MANIFEST_SIZE: u64 = 16_777_216;

/// What files of manifests end with.
const EXTENSIONS: [&str; 3] = ["yaml", "yml", "json"];

/// A file that may hold manifests.
#[derive(Debug)]
pub struct ManifestFile {
    /// The path as it was given, or as it was found below what was given, with `/`.
    pub path: String,
    /// Whether the file itself was given, and not a folder above it.
    pub is_named: bool,
    file: Result<PathBuf, Box<Finding>>,
}

/// Returns files whatever they are called, and all YAML and JSON files below folders, sorted by path.
pub fn manifest_files(paths: &[PathBuf]) -> Vec<ManifestFile> {
    let mut files: Vec<ManifestFile> = paths.iter().flat_map(|path| below(path)).collect();
    files.sort_by(|one, next| (&one.path, !one.is_named).cmp(&(&next.path, !next.is_named)));
    files.dedup_by(|next, one| one.path == next.path);
    files
}

impl ManifestFile {
    /// Reads the text.
    pub fn read(&self) -> Result<Arc<Source>, Box<Finding>> {
        let file = match &self.file {
            Ok(file) => file,
            Err(refusal) => {
                let place = load::locate(self.path.clone(), String::new(), 0);
                return Err(Box::new(Finding::clone(refusal).at(place)));
            }
        };
        load::source(&self.path, file, MAXIMUM_MANIFEST_SIZE)
    }
}

fn below(path: &Path) -> Vec<ManifestFile> {
    let shown = path.to_string_lossy().replace('\\', "/");
    let shown = match shown.trim_end_matches('/') {
        "" => "/",
        shown => shown,
    };
    if !path.is_dir() {
        return vec![ManifestFile {
            path: shown.to_owned(),
            is_named: true,
            file: Ok(path.to_path_buf()),
        }];
    }
    let entries = WalkDir::new(path).follow_root_links(true).into_iter();
    let found = entries.filter_entry(|entry| !is_hidden(entry)).filter_map(|entry| {
        let (inner, file) = match entry {
            Ok(entry) => (load::relative(path, may_hold(&entry)?), Ok(entry.path().to_path_buf())),
            Err(error) => {
                let inner = load::relative(path, error.path().unwrap_or(path));
                (inner, Err(load::unreadable(error.io_error())))
            }
        };
        Some(ManifestFile {
            path: format!("{shown}/{inner}"),
            is_named: false,
            file,
        })
    });
    found.collect()
}

fn is_hidden(entry: &DirEntry) -> bool {
    entry.depth() > 0 && entry.file_name().to_string_lossy().starts_with('.')
}

/// Returns the path of an entry that is a YAML or JSON file.
fn may_hold(entry: &DirEntry) -> Option<&Path> {
    let extension = entry.path().extension()?;
    let is_known = EXTENSIONS.iter().any(|known| extension.eq_ignore_ascii_case(known));
    (is_known && entry.file_type().is_file()).then(|| entry.path())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn folders_give_their_visible_manifests() {
        let root = std::env::temp_dir().join(format!("formwork-files-{}", std::process::id()));
        let _ = fs::remove_dir_all(&root);
        for path in [
            "b.yaml",
            "a/c.YML",
            "a/d.json",
            ".git/e.yaml",
            "a/.f.yaml",
            "g.txt",
            "h",
        ] {
            let path = root.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "\u{feff}x: 1").unwrap();
        }
        let given = [root.clone(), root.join("h"), root.join("b.yaml"), root.join("absent")];
        let files = manifest_files(&given);
        let shown = |file: &ManifestFile| {
            let path = file.path.trim_start_matches(&*root.to_string_lossy()).to_owned();
            let text = file
                .read()
                .map_or_else(|finding| finding.message, |source| source.text.clone());
            format!("{path} {} {text}", file.is_named)
        };
        let shown: Vec<String> = files.iter().map(shown).collect();
        assert_eq!(
            shown,
            [
                "/a/c.YML false x: 1",
                "/a/d.json false x: 1",
                "/absent true cannot be read: entity not found",
                "/b.yaml true x: 1",
                "/h true x: 1",
            ]
        );
        fs::remove_dir_all(&root).unwrap();
    }
}
