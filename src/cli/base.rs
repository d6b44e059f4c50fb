//! `--base`: an earlier output, in a folder or in a revision of the repository, which Git reads.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Mutex;

use super::say;
use crate::compiler::Base;

/// An output in a folder.
struct Folder(PathBuf);

impl Base for Folder {
    fn read(&self, path: &str) -> Option<Vec<u8>> {
        std::fs::read(self.0.join(path)).ok()
    }

    fn paths(&self) -> Vec<String> {
        let files = walkdir::WalkDir::new(&self.0).into_iter().filter_map(Result::ok);
        let files = files.filter(|entry| entry.file_type().is_file());
        files
            .filter_map(|entry| Some(entry.path().strip_prefix(&self.0).ok()?.to_str()?.replace('\\', "/")))
            .collect()
    }
}

/// An output as a revision has it. One process of Git answers all questions, one after the other.
struct Revision {
    /// The folder that holds the output folder.
    parent: PathBuf,
    /// The name of the output folder.
    name: String,
    commit: String,
    git: Mutex<Answers>,
}

struct Answers {
    // Ends when its input does.
    _process: Child,
    questions: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Revision {
    fn open(folder: &Path, revision: &str) -> Option<Self> {
        let parent = folder.parent().filter(|parent| !parent.as_os_str().is_empty());
        let parent = parent.unwrap_or(Path::new(".")).to_owned();
        let name = folder.file_name()?.to_str()?.to_owned();
        let revision = format!("{revision}^{{commit}}");
        let commit = git(
            &parent,
            &["rev-parse", "--verify", "--quiet", "--end-of-options", &revision],
        )?;
        let mut process = Command::new("git")
            .args(["cat-file", "--batch"])
            .current_dir(&parent)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .ok()?;
        let git = Answers {
            questions: process.stdin.take()?,
            answers: BufReader::new(process.stdout.take()?),
            _process: process,
        };
        Some(Self {
            parent,
            name,
            commit: commit.trim().to_owned(),
            git: Mutex::new(git),
        })
    }
}

impl Base for Revision {
    fn read(&self, path: &str) -> Option<Vec<u8>> {
        let mut git = self.git.lock().ok()?;
        let question = format!("{}:./{}/{path}\n", self.commit, self.name);
        git.questions.write_all(question.as_bytes()).ok()?;
        git.questions.flush().ok()?;
        let mut head = String::new();
        git.answers.read_line(&mut head).ok()?;
        // `<id> blob <size>`, or `<question> missing`.
        let (_, size) = head.trim_end().split_once(" blob ")?;
        let mut bytes = vec![0; size.parse().ok()?];
        git.answers.read_exact(&mut bytes).ok()?;
        git.answers.read_line(&mut String::new()).ok()?;
        Some(bytes)
    }

    fn paths(&self) -> Vec<String> {
        let folder = format!("{}/", self.name);
        let listed = git(
            &self.parent,
            &["ls-tree", "-r", "-z", "--name-only", &self.commit, "--", &folder],
        );
        let listed = listed.unwrap_or_default();
        let paths = listed.split('\0').filter_map(|path| path.strip_prefix(&folder));
        paths.map(str::to_owned).collect()
    }
}

/// What Git prints; nothing when it fails.
fn git(folder: &Path, arguments: &[&str]) -> Option<String> {
    let output = Command::new("git").args(arguments).current_dir(folder).output().ok()?;
    String::from_utf8(output.stdout)
        .ok()
        .filter(|_| output.status.success())
}

/// Opens the base that `--base` names; `folder` is the output folder. What is wrong is printed.
pub(super) fn open(given: &str, folder: &Path) -> Option<Box<dyn Base>> {
    if Path::new(given).is_dir() {
        return Some(Box::new(Folder(given.into())));
    }
    if let Some(revision) = Revision::open(folder, given) {
        return Some(Box::new(revision));
    }
    say(format!(
        "error: `{given}` is no folder and no revision of this repository"
    ));
    say("help: name an earlier output folder or a commit, tag or branch; a shallow clone has to fetch it first");
    None
}
