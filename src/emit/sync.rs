//! The output folder as it lies on the disk, compared with what is wanted.
//!
//! It only reads. A file counts as ours only if it holds exactly what the record says that we wrote, or were about to
//! write when a build was killed; nothing is read through a symbolic link.

use std::collections::BTreeSet;
use std::fs::{self, FileType};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::disk::is_temporary;
use super::findings;
use super::ownership::{Digest, Files, NAME, Record, digest};
use super::wanted::{State, Want, Wanted, is_valid};
use crate::diagnostic::Finding;

/// A recorded file that is on the disk and no longer wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Orphan {
    /// Path in the output folder.
    pub path: String,
    /// Whether it holds other bytes than formwork wrote.
    pub edited: bool,
}

/// The output folder.
#[derive(Debug)]
pub struct Output {
    pub(super) root: PathBuf,
    name: String,
    /// What formwork wrote, killed builds included.
    pub(super) owned: Files,
    /// Whether the record on the disk says the same in the canonical form.
    recorded: bool,
    /// Links, sockets and other things that are neither files nor folders.
    obstacles: BTreeSet<String>,
    /// Temporary files of a killed build.
    pub(super) leftovers: Vec<String>,
    /// Files that a killed build did not come to write; it may have made their folders.
    pub(super) unwritten: Files,
    /// Files that the record does not list.
    unrecorded: Vec<String>,
}

impl Output {
    /// Reads the record of the folder `root` and lists what lies in it; findings call the folder `name`.
    ///
    /// A folder that does not exist is an empty one.
    pub fn open(root: &Path, name: &str) -> Result<Self, Box<Finding>> {
        let mut output = Self {
            root: root.to_owned(),
            name: name.to_owned(),
            owned: Files::default(),
            recorded: true,
            obstacles: BTreeSet::new(),
            leftovers: Vec::new(),
            unwritten: Files::default(),
            unrecorded: Vec::new(),
        };
        match fs::symlink_metadata(root) {
            Ok(metadata) if metadata.is_dir() => {}
            Ok(_) => return Err(findings::output_folder(name, "it is not a folder").into()),
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(output),
            Err(error) => return Err(findings::output_folder(name, error).into()),
        }
        let pending = output.read_record()?;
        output.walk()?;
        output.repair(pending);
        Ok(output)
    }

    /// Compares one wanted file with the disk.
    pub fn inspect(&self, path: &str, bytes: &[u8]) -> Want {
        Want {
            path: path.into(),
            digest: digest(bytes),
            state: self.state(path, bytes),
        }
    }

    /// Says what lies in the place of a wanted file.
    pub fn state(&self, path: &str, bytes: &[u8]) -> State {
        match self.look(path) {
            Err(_) => State::Foreign,
            Ok(None) => State::Missing,
            Ok(Some(found)) if found == bytes => State::Unchanged,
            Ok(Some(found)) => match self.owned.get(path) {
                None => State::Foreign,
                Some(written) if written == digest(found) => State::Stale,
                Some(_) => State::EditedByHand,
            },
        }
    }

    /// Returns the bytes of a file, unless there is none or it is not for us to read.
    pub fn read(&self, path: &str) -> Option<Vec<u8>> {
        self.look(path).ok().flatten()
    }

    /// Returns a path as findings show it.
    pub fn shown(&self, path: &str) -> String {
        format!("{}/{path}", self.name)
    }

    /// Returns the recorded files whose path is to be kept, as they are: another build looks after them.
    pub fn recorded(&self, keep: impl Fn(&str) -> bool) -> Vec<Want> {
        let kept = self.owned.iter().filter(|(path, _)| keep(path));
        kept.map(|(path, digest)| Want {
            path: path.into(),
            digest,
            state: State::Unchanged,
        })
        .collect()
    }

    /// Collects the wanted files, or says which paths cannot be written together.
    pub fn collect(&self, files: Vec<Want>) -> Result<Wanted, Vec<Finding>> {
        Wanted::collect(files, &self.name)
    }

    /// Returns the recorded files that are on the disk and no longer wanted.
    pub fn orphans(&self, wanted: &Wanted) -> Vec<Orphan> {
        let gone = self.owned.iter().filter(|(path, _)| !wanted.contains(path));
        let orphan = |(path, written): (&str, Digest)| match self.look(path) {
            Ok(None) => None,
            Ok(Some(found)) => Some(Orphan {
                path: path.to_owned(),
                edited: digest(found) != written,
            }),
            Err(_) => Some(Orphan {
                path: path.to_owned(),
                edited: true,
            }),
        };
        gone.filter_map(orphan).collect()
    }

    /// Returns the files of the folder that are neither recorded nor wanted.
    pub fn unowned(&self, wanted: &Wanted) -> Vec<String> {
        self.unrecorded
            .iter()
            .filter(|path| !wanted.contains(path))
            .cloned()
            .collect()
    }

    /// Says why the wanted files must not be written: each would destroy what formwork did not write.
    pub fn refusals(&self, wanted: &Wanted, orphans: &[Orphan]) -> Vec<Finding> {
        let files = wanted.iter().filter_map(|want| self.refusal(&want.path, want.state));
        let edited = orphans.iter().filter(|orphan| orphan.edited);
        files
            .chain(edited.map(|orphan| findings::edited_orphan(&self.shown(&orphan.path))))
            .collect()
    }

    /// Says whether the folder holds what is wanted, its record included.
    pub fn is_current(&self, wanted: &Wanted) -> bool {
        let is_recorded = self.recorded && self.owned.iter().eq(wanted.digests());
        is_recorded && wanted.iter().all(|want| want.state == State::Unchanged)
    }

    pub(super) fn refusal(&self, path: &str, state: State) -> Option<Finding> {
        match state {
            State::EditedByHand => Some(findings::edited_by_hand(&self.shown(path))),
            State::Foreign => Some(findings::foreign_file(&self.shown(self.obstacle(path).unwrap_or(path)))),
            State::Unchanged | State::Missing | State::Stale => None,
        }
    }

    /// Returns the first part of the path where something lies that is neither file nor folder.
    pub(super) fn obstacle<'a>(&self, path: &'a str) -> Option<&'a str> {
        let mut parts = path
            .match_indices('/')
            .filter_map(|(end, _)| path.get(..end))
            .chain([path]);
        parts.find(|part| self.obstacles.contains(*part))
    }

    /// Reads a file; an error means that something else is in its place.
    fn look(&self, path: &str) -> io::Result<Option<Vec<u8>>> {
        if !is_valid(path) || self.obstacle(path).is_some() {
            return Err(ErrorKind::InvalidInput.into());
        }
        match fs::read(self.root.join(path)) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Reads the record, and returns what a killed build was about to write.
    fn read_record(&mut self) -> Result<Files, Box<Finding>> {
        let path = self.root.join(NAME);
        let refuse = |reason: &dyn std::fmt::Display| findings::ownership_record(&self.shown(NAME), reason);
        match fs::symlink_metadata(&path) {
            Ok(metadata) if metadata.is_file() => {}
            Ok(_) => return Err(refuse(&"it is not a file").into()),
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Files::default()),
            Err(error) => return Err(refuse(&error).into()),
        }
        let text = fs::read_to_string(&path).map_err(|error| refuse(&error))?;
        let record = Record::read(&text).map_err(|reason| refuse(&reason))?;
        self.recorded = record.pending.is_empty() && record.is_canonical(&text);
        self.owned = record.files;
        Ok(record.pending)
    }

    /// Lists the folder, one level after the other.
    fn walk(&mut self) -> Result<(), Box<Finding>> {
        let mut folders = vec![String::new()];
        while !folders.is_empty() {
            let listed: Vec<_> = folders.par_iter().map(|folder| self.list(folder)).collect();
            folders.clear();
            for level in listed {
                let Level { inner, others } = level.map_err(|error| findings::output_folder(&self.name, error))?;
                folders.extend(inner);
                others.into_iter().for_each(|(path, kind)| self.note(path, kind));
            }
        }
        self.unrecorded.sort_unstable();
        Ok(())
    }

    /// Lists one folder, whose path ends with a slash; the output folder's own is empty.
    fn list(&self, folder: &str) -> io::Result<Level> {
        let mut level = Level::default();
        for entry in fs::read_dir(self.root.join(folder))? {
            let entry = entry?;
            let kind = entry.file_type()?;
            let path = format!("{folder}{}", entry.file_name().to_string_lossy());
            let is_recorded = || kind.is_file() && self.owned.get(&path).is_some();
            if !kind.is_dir() {
                if !is_recorded() {
                    level.others.push((path, kind));
                }
            } else if path != ".git" {
                // A folder that is a repository of its own keeps its history in it.
                level.inner.push(path + "/");
            }
        }
        Ok(level)
    }

    fn note(&mut self, path: String, kind: FileType) {
        if is_temporary(path.rsplit('/').next().unwrap_or_default()) {
            self.leftovers.push(path);
            return;
        }
        if path != NAME && self.owned.get(&path).is_none() {
            self.unrecorded.push(path.clone());
        }
        if !kind.is_file() {
            self.obstacles.insert(path);
        }
    }

    /// Takes what a killed build had written for ours.
    fn repair(&mut self, pending: Files) {
        let is_written = |path: &str, wanted: Digest| {
            self.look(path)
                .is_ok_and(|found| found.is_some_and(|bytes| digest(bytes) == wanted))
        };
        let (written, unwritten) = pending.partition(is_written);
        self.owned.update(written);
        self.unwritten = unwritten;
        let owned = &self.owned;
        self.unrecorded.retain(|path| owned.get(path).is_none());
    }
}

/// What lies in one folder, without the recorded files.
#[derive(Default)]
struct Level {
    inner: Vec<String>,
    others: Vec<(String, FileType)>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::emit::folder::Folder;
    use crate::emit::ownership::render;

    /// Records files as if formwork had written `1` to each.
    fn record(folder: &Folder, paths: &[&str], pending: &[(&str, &str)]) {
        let mut text = Vec::new();
        let files = paths.iter().map(|path| (*path, digest("1")));
        render(
            files,
            pending.iter().map(|(path, text)| (*path, digest(text))),
            &mut text,
        )
        .unwrap();
        folder.write(NAME, std::str::from_utf8(&text).unwrap());
    }

    fn open(folder: &Folder) -> Output {
        Output::open(folder.root(), "generated").unwrap()
    }

    #[test]
    fn every_state_is_told() {
        let folder = Folder::new();
        record(&folder, &["edited", "gone", "same", "stale"], &[]);
        for (path, text) in [
            ("edited", "x"),
            ("foreign", "x"),
            ("same", "1"),
            ("stale", "1"),
            ("unrecorded", "2"),
        ] {
            folder.write(path, text);
        }
        folder.write("folder/x", "1");
        let output = open(&folder);
        assert_eq!(output.state("same", b"1"), State::Unchanged);
        assert_eq!(output.state("unrecorded", b"2"), State::Unchanged);
        assert_eq!(output.state("edited", b"x"), State::Unchanged);
        assert_eq!(output.state("gone", b"1"), State::Missing);
        assert_eq!(output.state("new/one", b"1"), State::Missing);
        assert_eq!(output.state("stale", b"2"), State::Stale);
        assert_eq!(output.state("edited", b"2"), State::EditedByHand);
        assert_eq!(output.state("foreign", b"2"), State::Foreign);
        assert_eq!(output.state("folder", b"2"), State::Foreign);
        assert_eq!(output.state("same/x", b"2"), State::Foreign);
        assert_eq!(output.state("../x", b"2"), State::Foreign);
        assert_eq!(output.read("stale").unwrap(), b"1");
        assert_eq!(output.read("gone"), None);
    }

    #[test]
    fn what_is_in_the_way_is_refused() {
        let folder = Folder::new();
        record(&folder, &["a", "b", "c"], &[]);
        for path in ["a", "b", "d"] {
            folder.write(path, "x");
        }
        let output = open(&folder);
        let wanted = output
            .collect(vec![output.inspect("a", b"2"), output.inspect("d", b"2")])
            .unwrap();
        let orphans = output.orphans(&wanted);
        assert_eq!(
            orphans,
            [Orphan {
                path: "b".into(),
                edited: true
            }]
        );
        let refusals = output.refusals(&wanted, &orphans);
        let messages: Vec<_> = refusals
            .iter()
            .map(|finding| format!("{}: {}", finding.code, finding.message))
            .collect();
        insta::assert_snapshot!(messages.join("\n"), @r"
        edited-by-hand: `generated/a` was edited by hand
        foreign-file: `generated/d` is in the way and was not written by formwork
        edited-by-hand: `generated/b` is no longer wanted, but was edited by hand
        ");
        assert!(!output.is_current(&wanted));
    }

    #[test]
    fn what_nobody_owns_is_told() {
        let folder = Folder::new();
        record(&folder, &["a", "b"], &[]);
        for path in ["a", "b", "c", "d/e", ".git/config", ".x.formwork-tmp"] {
            folder.write(path, "1");
        }
        let output = open(&folder);
        let wanted = output.collect(vec![output.inspect("c", b"1")]).unwrap();
        assert_eq!(output.unowned(&wanted), ["d/e"]);
        assert_eq!(output.leftovers, [".x.formwork-tmp"]);
    }

    #[test]
    fn a_journal_counts_for_what_is_written() {
        let folder = Folder::new();
        record(&folder, &["a", "b"], &[("a", "2"), ("b", "2"), ("c", "2"), ("d", "2")]);
        for (path, text) in [("a", "2"), ("b", "1"), ("c", "2")] {
            folder.write(path, text);
        }
        let output = open(&folder);
        for path in ["a", "b", "c"] {
            assert_eq!(output.state(path, b"3"), State::Stale, "{path}");
        }
        let wanted = output.collect(vec![]).unwrap();
        assert_eq!(output.unowned(&wanted), [""; 0]);
        assert_eq!(output.orphans(&wanted).len(), 3);
        assert!(output.unwritten.iter().map(|(path, _)| path).eq(["b", "d"]));
    }

    #[test]
    fn a_record_that_cannot_be_understood_is_an_error() {
        let folder = Folder::new();
        folder.write(NAME, "<<<<<<< HEAD\n");
        let finding = Output::open(folder.root(), "generated").unwrap_err();
        assert_eq!(finding.code, "ownership-record");
        assert_eq!(
            finding.message,
            "cannot understand `generated/ownership.json`: expected value at line 1 column 1"
        );
        let help = "run `git checkout -- generated/ownership.json`, or delete the folder `generated` and build again";
        assert_eq!(finding.help.unwrap(), help);
    }

    #[test]
    fn a_record_of_another_form_is_not_current() {
        let folder = Folder::new();
        folder.write(NAME, "{\"version\":1,\"files\":{}}");
        let output = open(&folder);
        assert!(!output.is_current(&output.collect(vec![]).unwrap()));
        record(&folder, &[], &[]);
        let output = open(&folder);
        assert!(output.is_current(&output.collect(vec![]).unwrap()));
    }

    #[cfg(unix)]
    #[test]
    fn links_are_not_followed() {
        use std::os::unix::fs::symlink;
        let (folder, elsewhere) = (Folder::new(), Folder::new());
        record(&folder, &["a/b", "link"], &[]);
        elsewhere.write("b", "1");
        symlink(elsewhere.root(), folder.root().join("a")).unwrap();
        symlink(elsewhere.root().join("b"), folder.root().join("link")).unwrap();
        let output = open(&folder);
        for path in ["a", "a/b", "a/new", "link"] {
            assert_eq!(output.state(path, b"1"), State::Foreign, "{path}");
        }
        let finding = output.refusal("a/b", State::Foreign).unwrap();
        assert_eq!(
            finding.message,
            "`generated/a` is in the way and was not written by formwork"
        );
        assert!(
            output
                .orphans(&output.collect(vec![]).unwrap())
                .iter()
                .all(|orphan| orphan.edited)
        );
        let root = elsewhere.root().join("root");
        symlink(folder.root(), &root).unwrap();
        assert_eq!(Output::open(&root, "generated").unwrap_err().code, "output-folder");
        std::fs::remove_file(folder.root().join(NAME)).unwrap();
        symlink(elsewhere.root().join("b"), folder.root().join(NAME)).unwrap();
        assert_eq!(
            Output::open(folder.root(), "generated").unwrap_err().code,
            "ownership-record"
        );
    }
}
