//! The command line as a contract: commands, options, exit codes.

use formwork::cli::{CLEAN, UNUSABLE};
use formwork::model::KINDS;
use serde_json::Value;

use crate::codes::pages;
use crate::support::{Workspace, run};

#[test]
fn a_page_explains_each_code() {
    let folder = Workspace::empty("cli-explain");
    let list = folder.run(&["explain"]);
    assert_eq!(list.code, CLEAN);
    let listed = |id: &str| list.out.lines().any(|line| line.split(' ').next() == Some(id));
    let missing: Vec<String> = pages()
        .into_iter()
        .map(|page| page.id)
        .filter(|id| !listed(id))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
    let page = folder.run(&["explain", "unknown-field"]);
    assert_eq!(page.code, CLEAN);
    assert!(page.out.starts_with("unknown-field: "), "{}", page.out);
    let typo = folder.run(&["explain", "unknown-feild"]);
    assert_eq!((typo.code, typo.out.as_str()), (UNUSABLE, ""));
    assert!(typo.err.contains("did you mean `unknown-field`?"), "{}", typo.err);
}

#[test]
fn every_setting_knows_its_line() {
    let workspace = Workspace::of("rich", "cli-origins");
    let page = workspace.run(&["explain", "halvorsen/staging"]);
    assert_eq!(page.code, CLEAN);
    let line = |setting: &str| {
        page.out
            .lines()
            .find(|line| line.starts_with(setting))
            .unwrap_or_else(|| panic!("{setting}: {}", page.out))
    };
    assert!(
        line("users: 25 ").ends_with(" environments/halvorsen/tenant.yaml:20 (tenant, staging)"),
        "{}",
        page.out
    );
    assert!(
        line("autoscaling.cpuPercent: 65 ").contains(" environments/clusters/fjord.yaml:"),
        "{}",
        page.out
    );
    assert!(
        line("backup.retention: \"7d\" ").contains("resilience bronze"),
        "{}",
        page.out
    );
    let typo = workspace.run(&["explain", "halvorsen/stagin"]);
    assert_eq!(typo.code, UNUSABLE);
    assert!(typo.err.contains("did you mean `halvorsen/staging`?"), "{}", typo.err);
}

#[test]
fn schemas_are_printed() {
    let folder = Workspace::empty("cli-schema");
    for kind in KINDS {
        let schema = folder.run(&["schema", kind.name]);
        assert_eq!(schema.code, CLEAN);
        assert_eq!(serde_json::from_str::<Value>(&schema.out).unwrap()["title"], kind.name);
    }
    let unknown = folder.run(&["schema", "Environmet"]);
    assert_eq!(unknown.code, UNUSABLE);
    assert!(
        unknown.err.contains("`Environmet`") && unknown.err.contains("Environment"),
        "{}",
        unknown.err
    );
}

#[test]
fn a_new_workspace_builds_and_is_clean() {
    let folder = Workspace::empty("cli-init");
    let init = folder.run(&["init", "new"]);
    assert_eq!(init.code, CLEAN, "{}", init.err);
    let build = folder.run(&["--root", "new", "--quiet"]);
    assert_eq!((build.code, build.err.as_str()), (CLEAN, ""));
    assert_eq!(folder.run(&["check", "--root", "new"]).code, CLEAN);
    let again = folder.run(&["init", "new"]);
    assert_eq!(again.code, UNUSABLE);
    assert!(again.err.contains("`new` is not empty"), "{}", again.err);
}

#[test]
fn a_wrong_call_is_told_from_findings() {
    let workspace = Workspace::small("cli-usage");
    for arguments in [
        &["frobnicate"][..],
        &["--frobnicate"],
        &["build", "extra"],
        &["--shard", "0/3"],
        &["--shard", "4/3"],
        &["--shard", "1"],
        &["--today", "tomorrow"],
        &["--format", "yaml"],
        &["--jobs", "many"],
        &["init"],
    ] {
        let run = workspace.run(arguments);
        assert_eq!((run.code, run.out.as_str()), (UNUSABLE, ""), "{arguments:?}");
        assert!(run.err.starts_with("error: "), "{arguments:?}: {}", run.err);
    }
    assert!(workspace.generated().is_empty());
}

#[test]
fn no_workspace_is_said() {
    let outside = std::env::temp_dir();
    let build = run(&outside, &[], &[]);
    assert_eq!(build.code, UNUSABLE);
    assert!(
        build.err.contains("no workspace here") && build.err.contains("formwork init"),
        "{}",
        build.err
    );
}

#[test]
fn help_tells_every_command_and_the_exit_codes() {
    let folder = Workspace::empty("cli-help");
    let help = folder.run(&["--help"]);
    assert_eq!((help.code, help.err.as_str()), (CLEAN, ""));
    for word in [
        "build",
        "check",
        "explain",
        "schema",
        "init",
        "--only",
        "--shard",
        "--today",
        "Exit codes:",
    ] {
        assert!(help.out.contains(word), "{word}");
    }
    let version = folder.run(&["--version"]);
    assert_eq!(version.out, format!("formwork {}\n", env!("CARGO_PKG_VERSION")));
}
