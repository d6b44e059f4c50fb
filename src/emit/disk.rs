//! The few changes that the output makes to a disk.
//!
//! A file is there with all its bytes or as it was before; what a killed build leaves behind is known by its name.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

const SUFFIX: &str = ".formwork-tmp";

/// Says whether a file name is one of those that a killed build leaves behind.
pub(super) fn is_temporary(name: &str) -> bool {
    name.starts_with('.') && name.ends_with(SUFFIX)
}

/// Returns where the bytes of a file lie until they are complete.
pub(super) fn temporary(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}{SUFFIX}"))
}

/// Writes a whole file beside its place and moves it there, creating the folders on the way.
pub(super) fn replace(path: &Path, fill: impl FnOnce(&mut File) -> io::Result<()>) -> io::Result<()> {
    let temporary = temporary(path);
    let mut file = create(&temporary)?;
    let moved = fill(&mut file).and_then(|()| fs::rename(&temporary, path));
    if moved.is_err() {
        // The first failure is the one to tell.
        let _ = fs::remove_file(&temporary);
    }
    moved
}

/// Creates a file that is not there yet, so that a link of that name is not followed.
fn create(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    match (options.open(path), path.parent()) {
        (Err(error), Some(folder)) if error.kind() == ErrorKind::NotFound => {
            fs::create_dir_all(folder)?;
            options.open(path)
        }
        (result, _) => result,
    }
}

/// Removes a file that may be gone already.
pub(super) fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Removes the folders of a path that are empty, from the innermost up to but without `root`.
pub(super) fn prune(root: &Path, path: &str) {
    let mut folder = path;
    while let Some((parent, _)) = folder.rsplit_once('/') {
        folder = parent;
        match fs::remove_dir(root.join(folder)) {
            Err(error) if error.kind() != ErrorKind::NotFound => return,
            _ => {}
        }
    }
}
