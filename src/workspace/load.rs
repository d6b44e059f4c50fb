//! Files of the workspace, from the disk to documents.
//!
//! Nothing outside the given folders is read: symbolic links are refused, sizes are bounded before reading, and the
//! result is the same for any number of threads and any order of the directory.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;
use walkdir::{DirEntry, WalkDir};

use super::{Document, MAXIMUM_MANIFEST_SIZE, Workspace, parse, parse_manifests};
use crate::diagnostic::{Finding, Location, Source};

/// How many bytes a file may hold (1 MiB); a description of an environment takes a few thousand.
pub const MAXIMUM_FILE_SIZE: u64 = 1_048_576;

/// Where CustomResourceDefinitions lie, as upstream ships them; they are read as the tools of Kubernetes read them.
pub const DEFINITIONS: &str = "environments/crds/";

/// Reads every `*.yaml` and `*.yml` file under some folders of `root`; a folder that does not exist has none.
///
/// Paths in sources and findings are relative to `root`, with `/`.
pub fn load(root: &Path, folders: &[&str]) -> (Workspace, Vec<Finding>) {
    let mut entries: Vec<Entry> = folders.iter().flat_map(|folder| walk(root, folder)).collect();
    entries.sort_by(|left, right| left.path.cmp(&right.path));
    entries.dedup_by(|left, right| left.path == right.path);
    let read: Vec<_> = entries.into_par_iter().map(Entry::read).collect();
    let (documents, findings): (Vec<_>, Vec<_>) = read.into_iter().unzip();
    let findings: Vec<Finding> = findings.into_iter().flatten().collect();
    let workspace = Workspace {
        is_partial: !findings.is_empty(),
        ..Workspace::new(documents.into_iter().flatten().collect())
    };
    (workspace, findings)
}

/// Something met on the walk: a file to read, or why there is none.
struct Entry {
    path: String,
    file: Result<PathBuf, Box<Finding>>,
}

fn walk(root: &Path, folder: &str) -> impl Iterator<Item = Entry> {
    WalkDir::new(root.join(folder))
        .follow_root_links(false)
        .into_iter()
        .filter_map(|entry| match entry {
            Ok(entry) => {
                let path = relative(root, entry.path());
                Some(Entry {
                    path,
                    file: judge(&entry)?.map(|()| entry.into_path()),
                })
            }
            Err(error) => {
                let is_absent = error
                    .io_error()
                    .is_some_and(|error| error.kind() == io::ErrorKind::NotFound);
                if is_absent && error.depth() == 0 {
                    return None;
                }
                let path = relative(root, error.path().unwrap_or(root));
                Some(Entry {
                    path,
                    file: Err(unreadable(error.io_error())),
                })
            }
        })
}

/// Returns whether an entry can be read, or nothing if it is none of ours.
fn judge(entry: &DirEntry) -> Option<Result<(), Box<Finding>>> {
    let kind = entry.file_type();
    if kind.is_symlink() {
        let help = "put the file or folder itself here";
        return Some(Err(refuse("symbolic-link", "symbolic links are not followed", help)));
    }
    if entry.depth() == 0 && !kind.is_dir() {
        return Some(Err(refuse("unreadable-file", "expected a folder", "make it a folder")));
    }
    let extension = entry.path().extension()?;
    let is_yaml = ["yaml", "yml"]
        .iter()
        .any(|known| extension.eq_ignore_ascii_case(known));
    if kind.is_dir() || !is_yaml {
        return None;
    }
    let refusal = || refuse("unreadable-file", "not a regular file", "remove it, or make it a file");
    Some(kind.is_file().then_some(()).ok_or_else(refusal))
}

impl Entry {
    fn read(self) -> (Vec<Document>, Vec<Finding>) {
        let file = match self.file {
            Ok(file) => file,
            Err(refusal) => return (Vec::new(), vec![refusal.at(locate(self.path, String::new(), 0))]),
        };
        // Definitions come as their projects ship them.
        let (limit, parse): (_, fn(&Arc<Source>) -> _) = match self.path.starts_with(DEFINITIONS) {
            true => (MAXIMUM_MANIFEST_SIZE, parse_manifests),
            false => (MAXIMUM_FILE_SIZE, parse),
        };
        match source(&self.path, &file, limit) {
            Ok(source) => parse(&source),
            Err(refusal) => (Vec::new(), vec![*refusal]),
        }
    }
}

/// Reads a file of at most `limit` bytes under the path that findings show.
pub(super) fn source(shown: &str, file: &Path, limit: u64) -> Result<Arc<Source>, Box<Finding>> {
    let path = shown.to_owned();
    let bytes = match read(file, limit) {
        Ok(bytes) => bytes,
        Err(refusal) => return Err(Box::new(refusal.at(locate(path, String::new(), 0)))),
    };
    match String::from_utf8(bytes) {
        // The mark is invisible: kept, it would push the columns of the first line by one.
        Ok(text) => {
            let text = text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text);
            Ok(Arc::new(Source { path, text }))
        }
        Err(error) => {
            let at = error.utf8_error().valid_up_to();
            let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
            let refusal = refuse("not-utf8", format!("byte {at} is not UTF-8"), "save the file as UTF-8");
            Err(Box::new(refusal.at(locate(path, text, at))))
        }
    }
}

fn read(path: &Path, limit: u64) -> Result<Vec<u8>, Box<Finding>> {
    let unreadable = |error: io::Error| unreadable(Some(&error));
    let file = File::open(path).map_err(unreadable)?;
    let size = file.metadata().map_err(unreadable)?.len();
    let mut bytes = Vec::new();
    // The bound also holds for a file that grows, or that does not tell its size.
    if size <= limit {
        file.take(limit + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    }
    let size = size.max(bytes.len() as u64);
    if size > limit {
        let message = format!("file holds {size} bytes, more than {limit}");
        return Err(refuse("file-too-large", message, "split it into several files"));
    }
    Ok(bytes)
}

pub(super) fn unreadable(error: Option<&io::Error>) -> Box<Finding> {
    // Kinds read the same on every system; messages of the system do not.
    let why = error.map_or_else(|| "unknown reason".to_owned(), |error| error.kind().to_string());
    let message = format!("cannot be read: {why}");
    refuse("unreadable-file", message, "check that it exists and may be read")
}

fn refuse(code: &'static str, message: impl Into<String>, help: &str) -> Box<Finding> {
    Box::new(Finding::error(code, message).help(help))
}

pub(super) fn locate(path: String, text: String, at: usize) -> Location {
    let end = at
        + text
            .get(at..)
            .and_then(|rest| rest.chars().next())
            .map_or(0, char::len_utf8);
    Location {
        source: Arc::new(Source { path, text }),
        span: at..end,
    }
}

pub(super) fn relative(root: &Path, path: &Path) -> String {
    let path = path.strip_prefix(root).unwrap_or(path);
    path.components()
        .map(|part| part.as_os_str().to_string_lossy())
        .collect::<Vec<_>>()
        .join("/")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    /// A folder that is removed at the end of its test.
    struct Scratch(PathBuf);

    impl Scratch {
        fn new(name: &str, files: &[(&str, &[u8])]) -> Self {
            let root = std::env::temp_dir().join(format!("formwork-{}-{name}", std::process::id()));
            let _ = fs::remove_dir_all(&root);
            for (path, content) in files {
                let path = root.join(path);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, content).unwrap();
            }
            Self(root)
        }

        fn show(&self, folders: &[&str]) -> String {
            let (workspace, findings) = load(&self.0, folders);
            let mut table = String::new();
            for document in &workspace.documents {
                table.push_str(&format!("{} {}\n", document.source.path, document.value));
            }
            for finding in &findings {
                let at = finding.location.as_ref().unwrap();
                let (path, code) = (&at.source.path, &finding.code);
                table.push_str(&format!(
                    "{path}:{}:{} {code}: {}\n",
                    at.line(),
                    at.column(),
                    finding.message
                ));
            }
            table
        }
    }

    impl Drop for Scratch {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn reads_folders_in_order() {
        let scratch = Scratch::new(
            "order",
            &[
                ("environments/b/two.yml", b"at: 4\n"),
                ("environments/b.yaml", b"at: 1\n---\nat: 2\n"),
                ("environments/b/One.YAML", b"\xef\xbb\xbfat: 3\n"),
                ("environments/readme.md", b"at: no\n"),
                ("policies/empty.yaml", b""),
                ("policies/bad.yaml", b"a: [\n---\nb: no\n"),
                ("other/ignored.yaml", b"a: no\n"),
            ],
        );
        insta::assert_snapshot!(scratch.show(&["policies", "environments", "absent"]), @r#"
        environments/b.yaml {"at":1}
        environments/b.yaml {"at":2}
        environments/b/One.YAML {"at":3}
        environments/b/two.yml {"at":4}
        policies/bad.yaml:1:4 yaml-syntax: `[` is never closed
        policies/bad.yaml:3:4 ambiguous-scalar: unquoted `no` means different things to different YAML readers
        "#);
        assert_eq!(
            scratch.show(&["environments/b", "environments", "policies"]),
            scratch.show(&["policies", "environments"])
        );
        assert_eq!(scratch.show(&["absent"]), "");
    }

    #[test]
    fn refuses_files_that_are_not_text_or_too_large() {
        let limit = MAXIMUM_FILE_SIZE as usize;
        let scratch = Scratch::new(
            "size",
            &[
                ("in/full.yaml", &[b'#'; MAXIMUM_FILE_SIZE as usize]),
                ("in/latin.yaml", b"a: 1\nb: \xc3\xa9\xff\xfe\n"),
                ("in/large.yaml", &vec![b'#'; limit + 1]),
                ("in/utf16.yaml", b"\xff\xfea\0"),
                ("file", b"a: 1"),
            ],
        );
        insta::assert_snapshot!(scratch.show(&["in", "file"]), @r"
        file:1:1 unreadable-file: expected a folder
        in/large.yaml:1:1 file-too-large: file holds 1048577 bytes, more than 1048576
        in/latin.yaml:2:5 not-utf8: byte 10 is not UTF-8
        in/utf16.yaml:1:1 not-utf8: byte 0 is not UTF-8
        ");
    }

    #[cfg(unix)]
    #[test]
    fn refuses_symbolic_links_and_special_files() {
        use std::os::unix::{fs::symlink, net::UnixListener};
        let scratch = Scratch::new("links", &[("outside/a.yaml", b"a: 1\n"), ("in/b.yaml", b"b: 1\n")]);
        let at = |path: &str| scratch.0.join(path);
        symlink(at("outside/a.yaml"), at("in/file.yaml")).unwrap();
        symlink(at("outside"), at("in/folder")).unwrap();
        symlink(at("nowhere"), at("in/dangling")).unwrap();
        symlink(at("outside"), at("root")).unwrap();
        let _socket = UnixListener::bind(at("in/socket.yaml")).unwrap();
        insta::assert_snapshot!(scratch.show(&["in", "root"]), @r#"
        in/b.yaml {"b":1}
        in/dangling:1:1 symbolic-link: symbolic links are not followed
        in/file.yaml:1:1 symbolic-link: symbolic links are not followed
        in/folder:1:1 symbolic-link: symbolic links are not followed
        in/socket.yaml:1:1 unreadable-file: not a regular file
        root:1:1 symbolic-link: symbolic links are not followed
        "#);
    }
}
