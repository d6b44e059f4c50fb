//! A folder of its own for a test.
//!
//! It is empty at first and gone when dropped.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::SystemTime;

use walkdir::{DirEntry, WalkDir};

pub(super) struct Folder(PathBuf);

impl Folder {
    pub(super) fn new() -> Self {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("formwork-emit-{}-{number}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(super) fn root(&self) -> &Path {
        &self.0
    }

    pub(super) fn write(&self, path: &str, text: &str) {
        let path = self.0.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Returns the text and the time of every file.
    pub(super) fn snapshot(&self) -> BTreeMap<String, (String, SystemTime)> {
        let content = |entry: &DirEntry| {
            (
                fs::read_to_string(entry.path()).unwrap(),
                entry.metadata().unwrap().modified().unwrap(),
            )
        };
        self.entries()
            .filter(|(_, entry)| entry.file_type().is_file())
            .map(|(path, entry)| (path, content(&entry)))
            .collect()
    }

    /// Returns the folders in it.
    pub(super) fn folders(&self) -> Vec<String> {
        self.entries()
            .filter(|(_, entry)| entry.file_type().is_dir())
            .map(|(path, _)| path)
            .collect()
    }

    fn entries(&self) -> impl Iterator<Item = (String, DirEntry)> {
        let entries = WalkDir::new(&self.0)
            .min_depth(1)
            .sort_by_file_name()
            .into_iter()
            .map(Result::unwrap);
        entries.map(|entry| {
            (
                entry
                    .path()
                    .strip_prefix(&self.0)
                    .unwrap()
                    .to_str()
                    .unwrap()
                    .replace('\\', "/"),
                entry,
            )
        })
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
