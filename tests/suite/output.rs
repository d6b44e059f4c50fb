//! `build` and `check`: when something is written, when nothing is, and what is never touched.

use formwork::cli::{CLEAN, DENIED, STALE, UNUSABLE};

use crate::support::Workspace;

const PRODUCTION: &str = "environments/halvorsen/production.yaml";
const WEB: &str = "generated/environments/halvorsen/production/odoo/deployment-web.yaml";

#[test]
fn a_build_is_followed_by_a_clean_check() {
    let workspace = Workspace::small("cli-build");
    let build = workspace.run(&[]);
    assert_eq!((build.code, build.out.as_str()), (CLEAN, ""));
    let written = workspace.generated().len();
    let objects = written - 2; // Neither the record nor the runbook is one.
    let files = written - 1;
    assert_eq!(
        build.err,
        format!("1 environment, {objects} objects: {files} files written, 0 removed, 0 unchanged\n")
    );
    let check = workspace.run(&["check"]);
    assert_eq!(check.code, CLEAN);
    assert_eq!(
        check.err,
        format!("1 environment, {objects} objects: all {files} files are up to date\n")
    );
    assert_eq!(
        workspace.run(&["build"]).err,
        format!("1 environment, {objects} objects: 0 files written, 0 removed, {files} unchanged\n")
    );
}

#[test]
fn a_stale_output_is_shown_and_left_alone() {
    let workspace = Workspace::small("cli-stale");
    let before = workspace.build(&[]);
    workspace.edit(PRODUCTION, "users: 60", "users: 60\n  odoo: {requestTimeout: 1234}");
    let check = workspace.run(&["check"]);
    assert_eq!(check.code, STALE);
    let change = "change environments/halvorsen/production/ingress/serverstransport-odoo.yaml\n";
    assert!(check.err.contains(change), "{}", check.err);
    assert!(check.err.contains("\n-"), "a difference is shown: {}", check.err);
    assert!(check.err.contains("1294"), "{}", check.err);
    assert!(
        check
            .err
            .ends_with("help: run `formwork build` and commit `generated/`\n"),
        "{}",
        check.err
    );
    assert_eq!(workspace.generated(), before);
    assert_eq!(workspace.run(&["check", "--quiet"]).err, "");
    workspace.build(&[]);
    assert_eq!(workspace.run(&["check"]).code, CLEAN);
}

#[test]
fn a_first_check_lists_what_is_missing() {
    let workspace = Workspace::small("cli-first-check");
    let check = workspace.run(&["check"]);
    assert_eq!(check.code, STALE);
    assert!(check.err.starts_with("     add clusters/fjord/"), "{}", check.err);
    assert!(workspace.generated().is_empty());
}

#[test]
fn nothing_is_written_beside_an_error() {
    let workspace = Workspace::small("cli-error");
    let before = workspace.build(&[]);
    workspace.edit(PRODUCTION, "users: 60", "users: 90\n  zebra: 1");
    let build = workspace.run(&["build"]);
    assert_eq!(build.code, UNUSABLE);
    assert!(build.err.ends_with("1 error\nnothing was written\n"), "{}", build.err);
    assert_eq!(workspace.run(&["check"]).code, UNUSABLE);
    assert_eq!(workspace.generated(), before);
}

#[test]
fn nothing_is_written_beside_a_denial() {
    let workspace = Workspace::small("cli-denial");
    let before = workspace.build(&[]);
    workspace.edit(PRODUCTION, "users: 60", "users: 90\n  expires: 2026-11-21");
    for command in ["build", "check"] {
        let run = workspace.run(&[command]);
        assert_eq!(run.code, DENIED);
        assert!(run.err.starts_with("deny[expired-environment]: "), "{}", run.err);
    }
    assert_eq!(workspace.generated(), before);
}

#[test]
fn an_edit_by_hand_is_never_overwritten() {
    let workspace = Workspace::small("cli-edited");
    workspace.build(&[]);
    let edited = workspace
        .read(WEB)
        .replace("terminationGracePeriodSeconds: ", "terminationGracePeriodSeconds: 1");
    workspace.write(WEB, &edited);
    workspace.edit(PRODUCTION, "users: 60", "users: 600");
    for command in ["build", "check"] {
        let run = workspace.run(&[command]);
        assert_eq!(run.code, DENIED);
        assert!(
            run.err
                .starts_with(&format!("deny[edited-by-hand]: `{WEB}` was edited by hand\n")),
            "{}",
            run.err
        );
        assert_eq!(workspace.read(WEB), edited);
    }
    workspace.remove(WEB);
    workspace.build(&[]);
}

#[test]
fn a_foreign_file_is_never_overwritten() {
    let workspace = Workspace::small("cli-foreign");
    workspace.write(WEB, "mine: true\n");
    let build = workspace.run(&["build"]);
    assert_eq!(build.code, DENIED);
    assert!(
        build
            .err
            .starts_with(&format!("deny[foreign-file]: `{WEB}` is in the way")),
        "{}",
        build.err
    );
    assert_eq!(workspace.generated().len(), 1);
}

#[test]
fn an_unowned_file_is_said_and_left_alone() {
    let workspace = Workspace::small("cli-unowned");
    workspace.write("generated/notes.txt", "mine\n");
    let build = workspace.run(&["build", "--quiet"]);
    assert_eq!(build.code, CLEAN);
    assert!(
        build
            .err
            .starts_with("warn[unowned-file]: `generated/notes.txt` was not written by formwork"),
        "{}",
        build.err
    );
    assert_eq!(workspace.read("generated/notes.txt"), "mine\n");
}

#[test]
fn what_is_no_longer_wanted_is_removed() {
    let workspace = Workspace::small("cli-orphans");
    let before = workspace.build(&[]);
    workspace.write(
        "environments/halvorsen/second.yaml",
        workspace.read(PRODUCTION).replace("name: production", "name: second").replace(
            "spec:\n",
            "spec:\n  dataRemoval: {until: 2099-12-31, objects: [\"*\"], reason: it only stands in for one that goes}\n",
        ),
    );
    assert!(workspace.build(&[]).len() > before.len());
    workspace.remove("environments/halvorsen/second.yaml");
    let build = workspace.run(&["build"]);
    assert_eq!(build.code, CLEAN);
    assert!(!build.err.contains(" 0 removed"), "{}", build.err);
    assert_eq!(workspace.generated(), before);
    assert!(
        !workspace.path("generated/environments/halvorsen/second").exists(),
        "no empty folder is left"
    );
}

#[test]
fn a_damaged_record_is_not_guessed_at() {
    let workspace = Workspace::small("cli-record");
    let before = workspace.build(&[]).len();
    workspace.write("generated/ownership.json", "{");
    let build = workspace.run(&["build"]);
    assert_eq!(build.code, UNUSABLE);
    assert!(build.err.starts_with("error[ownership-record]: "), "{}", build.err);
    assert_eq!(workspace.generated().len(), before);
}

#[test]
fn an_output_that_is_no_folder_is_refused() {
    let workspace = Workspace::small("cli-no-folder");
    workspace.write("generated", "a file\n");
    let build = workspace.run(&["build"]);
    assert_eq!(build.code, UNUSABLE);
    assert!(build.err.starts_with("error[output-folder]: "), "{}", build.err);
    assert_eq!(workspace.read("generated"), "a file\n");
}
