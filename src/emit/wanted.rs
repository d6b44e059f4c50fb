//! The files that a compilation wants, and which paths they may have.
//!
//! A set of wanted files can be written to every disk: nothing leads out of the folder, and no two files are one on a
//! disk that ignores case.

use std::cmp::Ordering;

use super::disk::is_temporary;
use super::findings;
use super::ownership::{Digest, NAME};
use crate::diagnostic::Finding;

/// What lies in the place of a wanted file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// The wanted bytes.
    Unchanged,
    /// Nothing.
    Missing,
    /// Other bytes that formwork wrote, and may overwrite.
    Stale,
    /// A file that formwork wrote and somebody changed.
    EditedByHand,
    /// Something that formwork did not write.
    Foreign,
}

/// One wanted file, without its bytes.
#[derive(Debug, Clone)]
pub struct Want {
    /// Path in the output folder, with forward slashes.
    pub path: Box<str>,
    /// Digest of the wanted bytes.
    pub digest: Digest,
    /// What was found in its place.
    pub state: State,
}

impl Want {
    /// Says whether the file has to be written.
    pub fn is_pending(&self) -> bool {
        matches!(self.state, State::Missing | State::Stale)
    }
}

/// All files that a compilation wants, sorted by path.
#[derive(Debug, Default)]
pub struct Wanted(Vec<Want>);

impl Wanted {
    /// Collects the wanted files of the folder `name`, or says which of them cannot be written.
    pub(super) fn collect(mut files: Vec<Want>, name: &str) -> Result<Self, Vec<Finding>> {
        // They come in runs that are sorted already, which this sort makes use of.
        files.sort_by(|one, other| one.path.cmp(&other.path));
        let mut neighbours: Vec<&Want> = files.iter().collect();
        neighbours.sort_by(|one, other| folded(&one.path).cmp(folded(&other.path)));
        let shown = |want: &Want| format!("{name}/{}", want.path);
        let invalid = neighbours
            .iter()
            .filter(|want| !is_valid(&want.path))
            .map(|want| findings::output_path(&shown(want)));
        let collisions = neighbours.windows(2).filter_map(|pair| match pair {
            [one, other] => collision(&one.path, &other.path).map(|finding| finding(&shown(other), &shown(one))),
            _ => None,
        });
        let findings: Vec<_> = invalid.chain(collisions).collect();
        if !findings.is_empty() {
            return Err(findings);
        }
        Ok(Self(files))
    }

    /// Returns the files in the order of their paths.
    pub fn iter(&self) -> impl Iterator<Item = &Want> {
        self.0.iter()
    }

    /// Returns the number of files.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Says whether nothing is wanted.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn position(&self, path: &str) -> Option<usize> {
        self.0.binary_search_by(|want| (*want.path).cmp(path)).ok()
    }

    pub(super) fn contains(&self, path: &str) -> bool {
        self.position(path).is_some()
    }

    pub(super) fn get(&self, position: usize) -> Option<&Want> {
        self.0.get(position)
    }

    pub(super) fn digests(&self) -> impl Iterator<Item = (&str, Digest)> {
        self.0.iter().map(|want| (&*want.path, want.digest))
    }
}

/// Says whether a path is relative, leads nowhere else, and can be held by every file system.
pub(super) fn is_valid(path: &str) -> bool {
    // The bound leaves room for the name of a temporary file.
    let fits = |segment: &str| {
        (1..=240).contains(&segment.len())
            && segment
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
            && !matches!(segment, "." | "..")
            && !segment.eq_ignore_ascii_case(".git")
            && !is_temporary(segment)
    };
    path.split('/').all(fits) && !path.eq_ignore_ascii_case(NAME)
}

/// Returns a path without its case, such that paths with the same folders are neighbours when sorted.
fn folded(path: &str) -> impl Iterator<Item = u8> {
    path.bytes()
        .map(|byte| if byte == b'/' { 0 } else { byte.to_ascii_lowercase() })
}

/// Names what is wrong with two paths that are neighbours without their case.
fn collision(one: &str, other: &str) -> Option<fn(&str, &str) -> Finding> {
    let (mut left, mut right) = (one.split('/'), other.split('/'));
    loop {
        match (left.next(), right.next()) {
            (Some(a), Some(b)) if a == b => {}
            (Some(a), Some(b)) if folded(a).cmp(folded(b)) == Ordering::Equal => return Some(findings::case_collision),
            (Some(_), Some(_)) => return None,
            _ => return Some(findings::path_collision),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::emit::digest;

    fn findings(paths: &[&str]) -> Vec<String> {
        let want = |path: &&str| Want {
            path: (*path).into(),
            digest: digest(path),
            state: State::Missing,
        };
        let files = paths.iter().map(want).collect();
        let findings = Wanted::collect(files, "generated").err().unwrap_or_default();
        findings
            .into_iter()
            .map(|finding| format!("{}: {}", finding.code, finding.message))
            .collect()
    }

    #[test]
    fn good_paths_are_sorted() {
        let want = |path: &str| Want {
            path: path.into(),
            digest: digest(path),
            state: State::Missing,
        };
        let wanted = Wanted::collect(vec![want("b"), want("a/c"), want("B.yaml"), want("a-b")], "x").unwrap();
        assert!(wanted.iter().map(|want| &*want.path).eq(["B.yaml", "a-b", "a/c", "b"]));
        assert!(wanted.contains("a/c") && !wanted.contains("a"));
    }

    #[test]
    fn bad_paths_are_refused() {
        let long = "x".repeat(241);
        let paths = "/a a/ a//b . .. a/../b .git/config a\\b é a:b ownership.json Ownership.JSON .x.formwork-tmp";
        for path in paths.split(' ').chain(["", "a b", &long]) {
            assert!(!is_valid(path), "{path}");
        }
        for path in ["a", "a.yaml", ".gitattributes", "a/ownership.json", "...", "A_b-c/1"] {
            assert!(is_valid(path), "{path}");
        }
        assert_eq!(
            findings(&["../a"]),
            ["output-path: `generated/../a` is not a path that every machine can hold"]
        );
    }

    #[test]
    fn collisions_are_found() {
        let case = "are the same on a disk that ignores case";
        assert_eq!(
            findings(&["a/b", "A/c"]),
            [format!("case-collision: `generated/A/c` and `generated/a/b` {case}")]
        );
        assert_eq!(findings(&["a/b", "a-x", "a/B"]).len(), 1);
        assert_eq!(
            findings(&["a/b", "a/b"]),
            ["path-collision: `generated/a/b` and `generated/a/b` cannot both be written"]
        );
        assert_eq!(findings(&["a.b", "a/b", "a", "a-b"]).len(), 1);
        assert_eq!(findings(&["a/b", "a/c", "a-b", "b/a"]), [""; 0]);
    }
}
