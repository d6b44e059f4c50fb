//! One folder, one case: `tests/cases/<name>/in` is a workspace, `out/report.txt` what a build of it must say.
//!
//! `in/base` names a folder of `tests/bases` that is laid first, and `in/delete` what is then removed. `in/compare` lists
//! the files, or how their paths begin, that must be as in `out/generated`. A case that is refused writes nothing.
//! `UPDATE_CASES=1 cargo test cases` rewrites `out`: read the difference.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use similar::TextDiff;

use crate::support::{Workspace, entries, package, tree};

type Tree = BTreeMap<String, Vec<u8>>;

/// Every case and its expected report, by name.
pub(crate) fn reports() -> BTreeMap<String, String> {
    let read = |name: String| {
        let report = fs::read_to_string(folder(&name).join("out/report.txt")).unwrap_or_default();
        (name, report)
    };
    names().into_iter().map(read).collect()
}

fn names() -> Vec<String> {
    let cases = entries(&package().join("tests/cases"));
    cases
        .iter()
        .map(|case| case.file_name().unwrap().to_str().unwrap().to_owned())
        .collect()
}

fn folder(name: &str) -> PathBuf {
    package().join("tests/cases").join(name)
}

#[test]
fn every_case_says_what_it_should() {
    let failures: Vec<String> = names().par_iter().filter_map(|name| check(name).err()).collect();
    assert!(
        failures.is_empty(),
        "{}\n`UPDATE_CASES=1 cargo test cases` accepts this",
        failures.join("\n")
    );
}

/// Builds a case and compares; the error is the difference.
fn check(name: &str) -> Result<(), String> {
    let workspace = prepare(name);
    let run = workspace.run(&["build", "--quiet"]);
    let report = format!("exit: {}\n{}", run.code, run.err);
    let mut written = workspace.generated();
    assert_eq!(run.out, "", "{name}: findings go to standard error");
    assert_eq!(
        run.code == 0,
        !written.is_empty(),
        "{name}: exit code {} and {} files",
        run.code,
        written.len()
    );
    let compared = fs::read_to_string(folder(name).join("in/compare")).unwrap_or_default();
    written.retain(|path, _| compared.lines().any(|prefix| path.starts_with(prefix)));
    let out = folder(name).join("out");
    if update() {
        accept(&out, &report, &written);
        return Ok(());
    }
    let expected = fs::read_to_string(out.join("report.txt")).unwrap_or_default();
    let report = difference(&format!("{name}/out/report.txt"), &expected, &report);
    let differences = report + &trees(name, &tree(&out.join("generated")), &written);
    if differences.is_empty() {
        Ok(())
    } else {
        Err(differences)
    }
}

/// Lays out the workspace of a case.
fn prepare(name: &str) -> Workspace {
    let input = folder(name).join("in");
    let workspace = Workspace::empty(&format!("case-{name}"));
    if let Ok(base) = fs::read_to_string(input.join("base")) {
        workspace.lay(&package().join("tests/bases").join(base.trim()));
    }
    workspace.lay(&input);
    for path in fs::read_to_string(input.join("delete")).unwrap_or_default().lines() {
        workspace.remove(path);
    }
    unusual(name, &workspace);
    workspace
}

/// Files that a repository cannot hold, or should not.
fn unusual(name: &str, workspace: &Workspace) {
    match name {
        "file-too-large" => workspace.write("environments/notes.yaml", "# nothing but notes\n".repeat(60_000)),
        #[cfg(unix)]
        "symbolic-link" => {
            std::os::unix::fs::symlink("/etc/hostname", workspace.path("environments/shared.yaml")).unwrap();
        }
        #[cfg(unix)]
        "unreadable-file" => {
            let made = std::process::Command::new("mkfifo")
                .arg(workspace.path("environments/pipe.yaml"))
                .status();
            assert!(made.unwrap().success());
        }
        _ => {}
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "how a person accepts new results; no byte of output depends on it"
)]
fn update() -> bool {
    std::env::var("UPDATE_CASES").is_ok_and(|value| value == "1")
}

fn accept(out: &Path, report: &str, written: &Tree) {
    fs::create_dir_all(out).unwrap();
    fs::write(out.join("report.txt"), report).unwrap();
    let generated = out.join("generated");
    if generated.is_dir() {
        fs::remove_dir_all(&generated).unwrap();
    }
    for (path, bytes) in written {
        let path = generated.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
}

fn trees(name: &str, expected: &Tree, written: &Tree) -> String {
    let text = |tree: &Tree, path: &str| {
        let bytes = tree.get(path).map(Vec::as_slice).unwrap_or_default();
        String::from_utf8_lossy(bytes).into_owned()
    };
    let paths: BTreeSet<&String> = expected.keys().chain(written.keys()).collect();
    let compare = |path: &String| {
        let title = format!("{name}/out/generated/{path}");
        difference(&title, &text(expected, path), &text(written, path))
    };
    paths.into_iter().map(compare).collect()
}

fn difference(title: &str, expected: &str, actual: &str) -> String {
    if expected == actual {
        return String::new();
    }
    TextDiff::from_lines(expected, actual)
        .unified_diff()
        .header(title, "now")
        .to_string()
}

#[test]
fn a_hostile_file_is_reported_within_bounds() {
    let workspace = Workspace::small("cases-many-findings");
    workspace.write("environments/hostile.yaml", "- {a: 1, a: 2}\n".repeat(5000));
    let run = workspace.run(&["build"]);
    assert_eq!(run.code, 2);
    assert_eq!(run.err.matches("error[duplicate-key]").count(), 50);
    assert!(
        run.err
            .contains("error[too-many-findings]: 4950 more findings in this file are not shown"),
        "{}",
        run.err
    );
    assert!(run.err.ends_with("51 errors\nnothing was written\n"), "{}", run.err);
}
