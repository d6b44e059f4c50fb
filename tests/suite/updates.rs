//! What a build does to clusters that run an earlier one: data that would go, and changes that a server refuses.

use std::process::Command;

use crate::support::Workspace;

const LEAVE: &str = "spec:\n  dataRemoval: {until: 2026-12-31, objects: [\"*\"], reason: the contract ended and the archive was handed over}\n";
const ENVIRONMENT: &str = "environments/halvorsen/production.yaml";
/// What only that environment uses.
const CLASS: &str = "environments/resilience/strict.yaml";

fn git(workspace: &Workspace, arguments: &[&str]) {
    let identity = ["-c", "user.name=test", "-c", "user.email=test@formwork.example"];
    let mut command = Command::new("git");
    let output = command.args(identity).args(arguments).current_dir(workspace.root());
    assert!(output.output().unwrap().status.success(), "git {arguments:?}");
}

/// An environment goes in two steps: the output says that its data may go, and then it goes.
#[test]
fn an_environment_with_data_is_removed_in_two_steps() {
    let workspace = Workspace::of("rich", "updates-removal");
    workspace.build(&[]);
    let text = workspace.read(ENVIRONMENT);
    workspace.remove(ENVIRONMENT);
    let before = workspace.generated();
    let denied = workspace.run(&["build", "--today", "2026-11-22"]);
    assert_eq!(denied.code, 1, "{}", denied.err);
    let message = "deny[data-removal]: `halvorsen/production` would lose ";
    assert!(denied.err.contains(message), "{}", denied.err);
    assert!(
        denied.err.contains("Cluster/db (the database server and its volumes)"),
        "{}",
        denied.err
    );
    assert!(workspace.generated() == before, "a build that denies writes nothing");

    workspace.write(ENVIRONMENT, text.replace("spec:\n", LEAVE));
    workspace.build(&["--today", "2026-11-22"]);
    workspace.remove(ENVIRONMENT);
    workspace.remove(CLASS);
    let late = workspace.run(&["build", "--today", "2027-01-01"]);
    assert!(late.err.contains("leave to do so ended on 2026-12-31"), "{}", late.err);
    workspace.build(&["--today", "2026-11-22"]);
    let rest = workspace.generated();
    assert!(
        !rest.keys().any(|path| path.contains("halvorsen/production")),
        "the environment is gone"
    );
}

/// The output folder may be ahead of the clusters already; `--base` names what they have.
#[test]
fn a_revision_is_a_base() {
    let workspace = Workspace::of("rich", "updates-base");
    workspace.build(&[]);
    git(&workspace, &["init", "-q"]);
    git(&workspace, &["add", "-A"]);
    git(&workspace, &["commit", "-q", "-m", "first"]);
    workspace.write(ENVIRONMENT, workspace.read(ENVIRONMENT).replace("spec:\n", LEAVE));
    workspace.build(&["--today", "2026-11-22"]);
    workspace.remove(ENVIRONMENT);
    workspace.remove(CLASS);
    workspace.build(&["--today", "2026-11-22"]);
    let unseen = workspace.run(&["check", "--today", "2026-11-22"]);
    assert_eq!(unseen.code, 0, "{}", unseen.err);
    let seen = workspace.run(&["check", "--today", "2026-11-22", "--base", "HEAD"]);
    assert_eq!(seen.code, 1, "{}", seen.err);
    assert!(seen.err.contains("deny[data-removal]"), "{}", seen.err);
    let nothing = workspace.run(&["check", "--base", "no-such-branch"]);
    assert_eq!(nothing.code, 2, "{}", nothing.err);
    assert!(nothing.err.contains("`no-such-branch` is no folder"), "{}", nothing.err);
}
