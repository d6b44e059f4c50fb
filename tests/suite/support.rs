//! The harness: a workspace in a folder of its own, the real program in it, and what that said.
//!
//! The program sees no environment variable that a test does not give it, and the day is always the same.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use formwork::cli::CLEAN;

/// The day of all tests.
pub(crate) const TODAY: &str = "2026-11-22";

/// The folder of this package.
pub(crate) fn package() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A folder for one test, removed when the test succeeds.
pub(crate) struct Workspace {
    root: PathBuf,
}

impl Workspace {
    /// Returns an empty folder; two tests need two names.
    pub(crate) fn empty(name: &str) -> Self {
        let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        if root.exists() {
            fs::remove_dir_all(&root).unwrap();
        }
        fs::create_dir_all(&root).unwrap();
        Self { root }
    }

    /// Returns a copy of `tests/bases/<base>`.
    pub(crate) fn of(base: &str, name: &str) -> Self {
        let workspace = Self::empty(name);
        workspace.lay(&package().join("tests/bases").join(base));
        workspace
    }

    /// Returns a copy of `tests/bases/small`: one production environment of one tenant on one cluster.
    pub(crate) fn small(name: &str) -> Self {
        Self::of("small", name)
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }

    /// Copies a folder over this one.
    pub(crate) fn lay(&self, folder: &Path) {
        assert!(folder.is_dir(), "there is no folder {}", folder.display());
        for (path, bytes) in tree(folder) {
            self.write(&path, bytes);
        }
    }

    pub(crate) fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub(crate) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// Replaces a text that must be there.
    pub(crate) fn edit(&self, path: &str, from: &str, to: &str) {
        let text = self.read(path);
        assert!(text.contains(from), "{path} has no `{from}`");
        self.write(path, text.replace(from, to));
    }

    pub(crate) fn remove(&self, path: &str) {
        let path = self.path(path);
        if path.is_dir() {
            fs::remove_dir_all(path).unwrap();
        } else {
            fs::remove_file(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        }
    }

    /// The files of `generated/` by path.
    pub(crate) fn generated(&self) -> BTreeMap<String, Vec<u8>> {
        tree(&self.path("generated"))
    }

    /// Runs the program in the workspace.
    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        self.run_with(arguments, &[])
    }

    /// Runs the program in the workspace, with environment variables.
    pub(crate) fn run_with(&self, arguments: &[&str], variables: &[(&str, &str)]) -> Run {
        run(&self.root, arguments, variables)
    }

    /// Builds, which must succeed without any finding, and returns `generated/`.
    pub(crate) fn build(&self, arguments: &[&str]) -> BTreeMap<String, Vec<u8>> {
        let run = self.run(&[&["build", "--quiet"], arguments].concat());
        assert_eq!((run.code, run.err.as_str()), (CLEAN, ""));
        self.generated()
    }
}

impl Drop for Workspace {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            let _ = fs::remove_dir_all(&self.root);
        }
    }
}

/// What a run of the program said.
#[derive(Debug)]
pub(crate) struct Run {
    pub code: u8,
    pub out: String,
    /// Without the time that the run took.
    pub err: String,
}

/// Runs the program in a folder.
pub(crate) fn run(folder: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> Run {
    let mut command = Command::new(env!("CARGO_BIN_EXE_formwork"));
    command
        .current_dir(folder)
        .env_clear()
        .envs(variables.iter().copied())
        .args(arguments);
    if !arguments.contains(&"--today") {
        command.args(["--today", TODAY]);
    }
    let output = command.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Run {
        code: output
            .status
            .code()
            .and_then(|code| u8::try_from(code).ok())
            .expect("the program was killed"),
        out: text(output.stdout),
        err: without_times(&text(output.stderr)),
    }
}

/// Takes ` (0.37 s)` out of a text.
fn without_times(text: &str) -> String {
    let mut rest = text;
    let mut kept = String::new();
    while let Some((before, after)) = rest.split_once(" (") {
        kept.push_str(before);
        match after.split_once(" s)") {
            Some((time, later)) if time.parse::<f64>().is_ok() => rest = later,
            _ => {
                kept.push_str(" (");
                rest = after;
            }
        }
    }
    kept + rest
}

/// All files of a folder by their path in it, with forward slashes; a folder that does not exist has none.
pub(crate) fn tree(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    files(folder)
        .into_iter()
        .map(|path| (relative(folder, &path), fs::read(&path).unwrap()))
        .collect()
}

/// All files below a folder, sorted.
pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in entries(folder) {
        if entry.is_dir() {
            found.extend(files(&entry));
        } else {
            found.push(entry);
        }
    }
    found
}

/// The entries of a folder, sorted; none if it does not exist.
pub(crate) fn entries(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

/// The path of a file in a folder, with forward slashes.
pub(crate) fn relative(folder: &Path, path: &Path) -> String {
    let parts = path
        .strip_prefix(folder)
        .unwrap()
        .iter()
        .map(|part| part.to_str().unwrap());
    parts.collect::<Vec<_>>().join("/")
}

#[test]
fn only_times_are_taken_out() {
    assert_eq!(without_times("a (b) (0.37 s)\nc (1 s) (x s)"), "a (b)\nc (x s)");
}
