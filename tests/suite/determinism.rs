//! Same input, same bytes: whatever the machine, the number of threads or the names of the files.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::support::{Workspace, files, run, tree};

type Tree = BTreeMap<String, Vec<u8>>;

/// What `tests/bases/rich` compiles to.
fn usual(name: &str) -> (Workspace, Tree) {
    let workspace = Workspace::of("rich", name);
    let files = workspace.build(&[]);
    (workspace, files)
}

/// Says which files differ, not how: a difference here is never about the content.
fn assert_same(what: &str, usual: &Tree, other: &Tree) {
    let paths = usual
        .keys()
        .chain(other.keys())
        .filter(|path| usual.get(*path) != other.get(*path));
    let paths: Vec<&String> = paths.collect();
    assert!(paths.is_empty(), "{what}: {paths:#?}");
}

#[test]
fn threads_do_not_matter() {
    let (workspace, usual) = usual("determinism-threads");
    for jobs in ["1", "4"] {
        workspace.remove("generated");
        assert_same(jobs, &usual, &workspace.build(&["--jobs", jobs]));
    }
}

#[test]
fn the_machine_does_not_matter() {
    let (workspace, usual) = usual("determinism-machine");
    for variables in [
        [("TZ", "Asia/Tokyo"), ("LC_ALL", "C")],
        [("TZ", "America/New_York"), ("LC_ALL", "tr_TR.UTF-8")],
        [("HOME", "/nowhere"), ("LANG", "ar_SA.UTF-8")],
    ] {
        workspace.remove("generated");
        let build = workspace.run_with(&["build", "--quiet"], &variables);
        assert_eq!((build.code, build.err.as_str()), (0, ""));
        assert_same(variables[0].1, &usual, &workspace.generated());
    }
}

#[test]
fn the_place_does_not_matter() {
    let (workspace, usual) = usual("determinism-place");
    let (root, parent) = (workspace.root(), workspace.root().parent().unwrap());
    let name = root.file_name().unwrap().to_str().unwrap();
    let below = workspace.path("environments/clusters");
    for (folder, root) in [(parent, Some(name)), (Path::new("/"), root.to_str()), (&below, None)] {
        workspace.remove("generated");
        let root = root.map(|root| ["--root", root]).unwrap_or(["--jobs", "2"]);
        let build = run(folder, &[&["build", "--quiet"], root.as_slice()].concat(), &[]);
        assert_eq!((build.code, build.err.as_str()), (0, ""));
        assert_same(&folder.display().to_string(), &usual, &workspace.generated());
    }
}

#[test]
fn the_day_does_not_matter() {
    let (workspace, usual) = usual("determinism-day");
    workspace.remove("generated");
    assert_same("another day", &usual, &workspace.build(&["--today", "2027-02-28"]));
}

#[test]
fn names_and_folders_of_files_do_not_matter() {
    let (workspace, usual) = usual("determinism-names");
    let texts: Vec<String> = documents(&workspace);

    workspace.remove("environments");
    workspace.remove("generated");
    let turned: Vec<&str> = texts.iter().rev().map(String::as_str).collect();
    workspace.write("environments/everything.yml", turned.join("---\n"));
    assert_same("one file, turned round", &usual, &workspace.build(&[]));

    workspace.remove("environments");
    for (index, text) in texts.iter().enumerate() {
        let folder = ["z", "a/b/c", "m"][index % 3];
        workspace.write(
            &format!("environments/{folder}/{}.yaml", (index * 7) % 10),
            "# nothing yet\n",
        );
        workspace.write(&format!("environments/{folder}/{:02}.yaml", 99 - index), text);
    }
    assert_same("a file each, elsewhere", &usual, &workspace.build(&[]));
}

/// The text of every document.
fn documents(workspace: &Workspace) -> Vec<String> {
    let files = tree(&workspace.path("environments"));
    let texts = files.values().map(|bytes| String::from_utf8(bytes.clone()).unwrap());
    texts
        .flat_map(|text| text.split("---\n").map(str::to_owned).collect::<Vec<_>>())
        .collect()
}

#[test]
fn a_second_build_writes_nothing() {
    let (workspace, usual) = usual("determinism-again");
    let changed = |path: &PathBuf| std::fs::metadata(path).unwrap().modified().unwrap();
    let times = || {
        files(&workspace.path("generated"))
            .iter()
            .map(changed)
            .collect::<Vec<_>>()
    };
    let before = times();
    assert_same("again", &usual, &workspace.build(&[]));
    assert!(before == times(), "a file that was up to date was written");
}
