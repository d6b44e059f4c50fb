//! Which workspace, which output and which part of the work: `--root`, `--out`, `--only`, `--shard`.

use formwork::cli::{CLEAN, STALE, UNUSABLE};

use crate::support::{Workspace, tree};

#[test]
fn only_limits_the_work() {
    let workspace = Workspace::of("rich", "cli-only");
    let whole = workspace.build(&[]);
    workspace.remove("generated");
    let build = workspace.run(&["--only", "berg/*"]);
    assert_eq!(build.code, CLEAN);
    assert!(build.err.starts_with("2 environments, "), "{}", build.err);
    let part = workspace.generated();
    let own = |path: &str| path.contains("environments/berg/") || path.starts_with("runbooks/berg/");
    let expected = whole.iter().filter(|(path, _)| own(path));
    assert!(part.iter().filter(|(path, _)| *path != "ownership.json").eq(expected));

    // What is outside of the work is kept, even where it is stale.
    workspace.build(&[]);
    workspace.edit("environments/halvorsen/production.yaml", "users: 240", "users: 900");
    assert_eq!(workspace.run(&["check", "--only", "berg/*"]).code, CLEAN);
    assert_eq!(workspace.run(&["check", "--only", "halvorsen/production"]).code, STALE);
    workspace.build(&["--only", "berg/*"]);
    assert_eq!(workspace.generated(), whole);
}

#[test]
fn a_selection_of_nothing_is_a_slip() {
    let workspace = Workspace::small("cli-nothing");
    let build = workspace.run(&["--only", "halverson/*"]);
    assert_eq!(build.code, UNUSABLE);
    assert!(
        build.err.starts_with("error: no environment matches `halverson/*`\n"),
        "{}",
        build.err
    );
    assert!(workspace.generated().is_empty());
}

#[test]
fn shards_together_are_the_whole() {
    let workspace = Workspace::of("rich", "cli-shards");
    let whole = workspace.build(&[]);
    workspace.remove("generated");
    let mut environments = 0;
    for shard in ["1/3", "2/3", "3/3"] {
        let build = workspace.run(&["--shard", shard]);
        assert_eq!(build.code, CLEAN);
        environments += build.err.split(' ').next().unwrap().parse::<usize>().unwrap();
    }
    assert_eq!(environments, 6);
    assert!(workspace.generated() == whole);
}

#[test]
fn root_and_out_name_the_folders() {
    let workspace = Workspace::small("cli-folders");
    let elsewhere = Workspace::empty("cli-folders-elsewhere");
    let (root, out) = (workspace.root().to_str().unwrap(), elsewhere.path("out"));
    let build = elsewhere.run(&["--quiet", "--root", root, "--out", out.to_str().unwrap()]);
    assert_eq!((build.code, build.err.as_str()), (CLEAN, ""));
    assert!(workspace.generated().is_empty());
    assert!(tree(&out) == workspace.build(&[]));
    let nowhere = elsewhere.run(&["--root", "nowhere"]);
    assert_eq!(nowhere.code, UNUSABLE);
    assert!(nowhere.err.starts_with("error: "), "{}", nowhere.err);
}
