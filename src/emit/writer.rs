//! The one place that changes the output folder.
//!
//! Whenever it is stopped, the next build tells what it wrote from what others wrote, and completes the folder even if
//! the inputs have changed meanwhile. An output that is current is not touched.

use std::fmt::Display;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use super::ownership::{Digest, NAME, digest, render};
use super::sync::{Orphan, Output};
use super::wanted::{State, Want, Wanted};
use super::{disk, findings};
use crate::diagnostic::Finding;

/// What a build did to the output folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Summary {
    /// Number of files that were created or overwritten.
    pub written: usize,
    /// Number of files that were removed.
    pub removed: usize,
    /// Number of files that were left as they are.
    pub unchanged: usize,
}

/// A build under way; dropping it leaves a folder that the next build repairs.
#[derive(Debug)]
pub struct Writer<'a> {
    output: &'a Output,
    wanted: &'a Wanted,
    orphans: Vec<Orphan>,
    /// Which wanted files are in their place, by position.
    done: Vec<AtomicBool>,
    written: AtomicUsize,
}

impl Output {
    /// Begins to write, or says why that would destroy what formwork did not write.
    ///
    /// First what is to be written is recorded, so that it counts as ours even if the build is killed.
    pub fn begin<'a>(&'a self, wanted: &'a Wanted) -> Result<Writer<'a>, Box<Finding>> {
        let orphans = self.orphans(wanted);
        if let Some(finding) = self.refusals(wanted, &orphans).into_iter().next() {
            return Err(Box::new(finding));
        }
        for path in &self.leftovers {
            disk::remove(&self.root.join(path)).map_err(|error| self.failed(path, error))?;
        }
        if wanted.iter().any(Want::is_pending) {
            let pending = wanted.iter().filter(|want| want.is_pending());
            self.record(self.owned.iter(), pending.map(|want| (&*want.path, want.digest)), false)?;
        }
        let done = wanted.iter().map(|want| AtomicBool::new(!want.is_pending())).collect();
        Ok(Writer {
            output: self,
            wanted,
            orphans,
            done,
            written: AtomicUsize::new(0),
        })
    }

    fn record<'a>(
        &self,
        files: impl Iterator<Item = (&'a str, Digest)>,
        pending: impl Iterator<Item = (&'a str, Digest)>,
        is_last: bool,
    ) -> Result<(), Box<Finding>> {
        let fill = |file: &mut File| {
            let mut buffer = BufWriter::new(&mut *file);
            render(files, pending, &mut buffer)?;
            buffer.flush()?;
            drop(buffer);
            if is_last { file.sync_all() } else { Ok(()) }
        };
        disk::replace(&self.root.join(NAME), fill).map_err(|error| self.failed(NAME, error))
    }

    fn failed(&self, path: &str, reason: impl Display) -> Box<Finding> {
        Box::new(findings::write_failed(&self.shown(path), reason))
    }
}

impl Writer<'_> {
    /// Writes one file, if it has to be written.
    pub fn write(&self, path: &str, bytes: &[u8]) -> Result<(), Box<Finding>> {
        let Self { output, wanted, .. } = self;
        let position = wanted.position(path);
        let Some((want, done)) = position.and_then(|at| Some((wanted.get(at)?, self.done.get(at)?))) else {
            return Err(output.failed(path, "it was not announced"));
        };
        if !want.is_pending() {
            return Ok(());
        }
        if want.digest != digest(bytes) {
            return Err(output.failed(
                path,
                "other bytes were announced; an input has changed during the build",
            ));
        }
        let state = output.state(path, bytes);
        if let Some(finding) = output.refusal(path, state) {
            return Err(Box::new(finding));
        }
        if state != State::Unchanged {
            disk::replace(&output.root.join(path), |file| file.write_all(bytes))
                .map_err(|error| output.failed(path, error))?;
            self.written.fetch_add(1, Ordering::Relaxed);
        }
        done.store(true, Ordering::Relaxed);
        Ok(())
    }

    /// Removes what is no longer wanted and records the new state, if it is another.
    pub fn finish(self) -> Result<Summary, Box<Finding>> {
        let Self {
            output,
            wanted,
            orphans,
            done,
            written,
        } = self;
        if let Some((want, _)) = wanted.iter().zip(&done).find(|(_, done)| !done.load(Ordering::Relaxed)) {
            return Err(output.failed(&want.path, "its bytes were not given"));
        }
        for Orphan { path, .. } in &orphans {
            disk::remove(&output.root.join(path)).map_err(|error| output.failed(path, error))?;
        }
        // Also the folders of files that a killed build removed or did not come to write.
        let gone = output.owned.iter().chain(output.unwritten.iter()).map(|(path, _)| path);
        for path in gone.filter(|path| !wanted.contains(path) && output.obstacle(path).is_none()) {
            disk::prune(&output.root, path);
        }
        let written = written.into_inner();
        if !output.is_current(wanted) {
            output.record(wanted.digests(), std::iter::empty(), true)?;
            // Some systems cannot open a folder; they do not need it synchronized.
            let _ = File::open(&output.root).and_then(|folder| folder.sync_all());
        }
        Ok(Summary {
            written,
            removed: orphans.len(),
            unchanged: wanted.len().saturating_sub(written),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::fs;

    use super::*;
    use crate::emit::folder::Folder;

    type Tree = BTreeMap<String, String>;

    /// Reads `a/b=text c=text`.
    fn tree(text: &str) -> Tree {
        let files = text.split_whitespace().filter_map(|file| file.split_once('='));
        files.map(|(path, text)| (path.to_owned(), text.to_owned())).collect()
    }

    /// Builds a tree, or begins to and is killed after some files.
    fn build(folder: &Folder, files: &Tree, killed_after: Option<usize>) -> Result<Summary, Box<Finding>> {
        let output = Output::open(folder.root(), "generated")?;
        let wants = files
            .iter()
            .map(|(path, text)| output.inspect(path, text.as_bytes()))
            .collect();
        let wanted = output.collect(wants).unwrap();
        let writer = output.begin(&wanted)?;
        let pending: Vec<_> = wanted.iter().filter(|want| want.is_pending()).collect();
        for want in pending.iter().take(killed_after.unwrap_or(usize::MAX)) {
            writer.write(&want.path, files[&*want.path].as_bytes())?;
        }
        if let Some(next) = killed_after.map(|after| pending.get(after)) {
            if let Some(want) = next {
                let temporary = disk::temporary(&folder.root().join(&*want.path));
                fs::create_dir_all(temporary.parent().unwrap()).unwrap();
                fs::write(temporary, "ha").unwrap();
            }
            return Ok(Summary {
                written: 0,
                removed: 0,
                unchanged: 0,
            });
        }
        writer.finish()
    }

    /// Asserts that the folder holds exactly a tree, and that another build leaves it alone.
    fn assert_complete(folder: &Folder, files: &Tree) {
        let before = folder.snapshot();
        let present = before
            .iter()
            .filter(|(path, _)| path.as_str() != NAME)
            .map(|(path, (text, _))| (path, text));
        assert!(present.eq(files.iter()), "{before:#?}");
        let output = Output::open(folder.root(), "generated").unwrap();
        let wants = files
            .iter()
            .map(|(path, text)| output.inspect(path, text.as_bytes()))
            .collect();
        let wanted = output.collect(wants).unwrap();
        assert!(output.is_current(&wanted) && output.unowned(&wanted).is_empty() && output.leftovers.is_empty());
        let summary = build(folder, files, None).unwrap();
        assert_eq!(
            summary,
            Summary {
                written: 0,
                removed: 0,
                unchanged: files.len()
            }
        );
        assert_eq!(folder.snapshot(), before);
    }

    #[test]
    fn a_build_writes_overwrites_and_removes() {
        let folder = Folder::new();
        let summary = build(&folder, &tree("a/b/c=1 a/d=2 e=3"), None).unwrap();
        assert_eq!(
            summary,
            Summary {
                written: 3,
                removed: 0,
                unchanged: 0
            }
        );
        let files = tree("a/d=2 e=4 f/g=5");
        let summary = build(&folder, &files, None).unwrap();
        assert_eq!(
            summary,
            Summary {
                written: 2,
                removed: 1,
                unchanged: 1
            }
        );
        assert!(!folder.root().join("a/b").exists());
        assert_complete(&folder, &files);
    }

    #[test]
    fn nothing_wanted_makes_no_folder() {
        let folder = Folder::new();
        fs::remove_dir(folder.root()).unwrap();
        build(&folder, &Tree::new(), None).unwrap();
        assert!(!folder.root().exists());
    }

    #[test]
    fn a_killed_build_is_repaired_whatever_is_wanted_then() {
        let trees = [
            "a/x=1 a/y=1 b/x=1 c=1",
            "a/x=2 a/z=2 b/x=1 d/e/f=2 g=2",
            "a/x=3 a/y=3 d/e/h=3 g=2 i/j=3",
            "a/x=1 c=1",
        ];
        let trees = trees.map(tree);
        for (first, second) in (0..5).flat_map(|first| (0..6).map(move |second| (first, second))) {
            for last in &trees {
                let folder = Folder::new();
                build(&folder, &trees[0], None).unwrap();
                build(&folder, &trees[1], Some(first)).unwrap();
                build(&folder, &trees[2], Some(second)).unwrap();
                build(&folder, last, None).unwrap();
                assert_complete(&folder, last);
                assert!(
                    folder
                        .folders()
                        .iter()
                        .all(|path| last.keys().any(|file| file.starts_with(&format!("{path}/"))))
                );
            }
        }
    }

    #[test]
    fn a_build_killed_between_removals_and_record_is_repaired() {
        let folder = Folder::new();
        build(&folder, &tree("a/b/c=1 d=1"), None).unwrap();
        fs::remove_file(folder.root().join("a/b/c")).unwrap();
        fs::write(disk::temporary(&folder.root().join(NAME)), "{").unwrap();
        build(&folder, &tree("d=2"), None).unwrap();
        assert_complete(&folder, &tree("d=2"));
        assert!(folder.folders().is_empty());
    }

    #[test]
    fn an_edit_after_a_killed_build_is_kept() {
        let folder = Folder::new();
        build(&folder, &tree("a=1"), None).unwrap();
        build(&folder, &tree("a=2 b=2"), Some(2)).unwrap();
        folder.write("a", "edited");
        folder.write("b", "edited");
        assert_eq!(
            build(&folder, &tree("a=3 b=2"), None).unwrap_err().code,
            "edited-by-hand"
        );
        folder.write("a", "2");
        assert_eq!(build(&folder, &tree("a=3 b=2"), None).unwrap_err().code, "foreign-file");
        assert_eq!(folder.snapshot()["b"].0, "edited");
    }

    #[test]
    fn removal_leaves_what_others_wrote() {
        let folder = Folder::new();
        build(&folder, &tree("a/b/c=1 a/d/e=1 f=1"), None).unwrap();
        folder.write("a/b/foreign", "x");
        build(&folder, &tree("f=1"), None).unwrap();
        assert_eq!(folder.folders(), ["a", "a/b"]);
        assert_eq!(folder.snapshot()["a/b/foreign"].0, "x");
    }

    #[test]
    fn an_edited_orphan_stops_the_build() {
        let folder = Folder::new();
        build(&folder, &tree("a=1 b=1"), None).unwrap();
        folder.write("a", "edited");
        let before = folder.snapshot();
        let finding = build(&folder, &tree("b=2"), None).unwrap_err();
        assert_eq!(
            finding.message,
            "`generated/a` is no longer wanted, but was edited by hand"
        );
        assert_eq!(folder.snapshot(), before);
    }

    #[test]
    fn a_file_is_written_as_announced_or_not_at_all() {
        let folder = Folder::new();
        let output = Output::open(folder.root(), "generated").unwrap();
        let wanted = output
            .collect(vec![output.inspect("a", b"1"), output.inspect("b", b"1")])
            .unwrap();
        let writer = output.begin(&wanted).unwrap();
        let message = |result: Result<(), Box<Finding>>| result.unwrap_err().message;
        assert_eq!(
            message(writer.write("c", b"1")),
            "cannot write `generated/c`: it was not announced"
        );
        assert!(message(writer.write("a", b"2")).ends_with("an input has changed during the build"));
        folder.write("b", "appeared");
        assert_eq!(writer.write("b", b"1").unwrap_err().code, "foreign-file");
        writer.write("a", b"1").unwrap();
        let finding = writer.finish().unwrap_err();
        assert_eq!(finding.message, "cannot write `generated/b`: its bytes were not given");
        assert_eq!(finding.location.unwrap().source.path, "generated/b");
    }

    #[test]
    fn a_folder_without_record_is_adopted_if_it_holds_what_is_wanted() {
        let folder = Folder::new();
        folder.write("a", "1");
        let summary = build(&folder, &tree("a=1 b=1"), None).unwrap();
        assert_eq!(
            summary,
            Summary {
                written: 1,
                removed: 0,
                unchanged: 1
            }
        );
        assert_complete(&folder, &tree("a=1 b=1"));
        fs::remove_file(folder.root().join(NAME)).unwrap();
        build(&folder, &tree("a=1 b=1"), None).unwrap();
        assert_complete(&folder, &tree("a=1 b=1"));
    }
}
