//! How findings are written: `--format` and `--color`.

use formwork::cli::{DENIED, STALE, UNUSABLE};
use serde_json::{Value, json};

use crate::support::Workspace;

const PRODUCTION: &str = "environments/halvorsen/production.yaml";

#[test]
fn findings_are_json_for_scripts() {
    let workspace = Workspace::small("cli-json");
    workspace.edit(PRODUCTION, "users: 60", "users: 60\n  databse: {}");
    let build = workspace.run(&["build", "--format", "json"]);
    assert_eq!((build.code, build.err.as_str()), (UNUSABLE, ""));
    let summary = json!({
        "audit": 0, "deny": 0, "error": 1, "warn": 0,
        "environments": 0, "objects": 0, "changed": 0, "removed": 0, "unchanged": 0, "waived": 0, "stale": false,
    });
    let expected = json!({
        "version": 1,
        "findings": [{
            "code": "unknown-field",
            "level": "error",
            "message": "unknown field `databse`",
            "help": "did you mean `database`?",
            "file": PRODUCTION,
            "line": 11,
            "column": 3,
            "field": "/spec/databse",
        }],
        "summary": summary,
    });
    assert_eq!(serde_json::from_str::<Value>(&build.out).unwrap(), expected);
}

#[test]
fn staleness_is_a_finding_for_machines() {
    let workspace = Workspace::small("cli-stale-json");
    for (format, says) in [
        ("json", "\"stale-output\""),
        ("sarif", "stale-output"),
        ("github", "::error"),
        ("junit", "<failure"),
    ] {
        let check = workspace.run(&["check", "--format", format]);
        assert_eq!(check.code, STALE, "{format}");
        assert!(check.out.contains(says), "{format}: {}", check.out);
        assert_eq!(check.err, "", "{format}");
    }
}

#[test]
fn every_format_shows_findings_and_objects() {
    let workspace = Workspace::small("cli-formats");
    workspace.edit(
        PRODUCTION,
        "users: 60",
        "users: 60\n  extra:\n    - {apiVersion: v1, kind: Secret, metadata: {name: smtp}}",
    );
    let report = |format: &str| {
        let build = workspace.run(&["build", "--format", format]);
        assert_eq!(build.code, DENIED, "{format}");
        assert_eq!(build.out.is_empty(), format == "text", "{format}");
        build.out + &build.err
    };
    let json: Value = serde_json::from_str(&report("json")).unwrap();
    let object = json!({"apiVersion": "v1", "kind": "Secret", "namespace": "halvorsen-production", "name": "smtp"});
    assert_eq!(json["findings"][0]["object"], object);
    let sarif: Value = serde_json::from_str(&report("sarif")).unwrap();
    assert_eq!(sarif["version"], "2.1.0");
    assert_eq!(sarif["runs"][0]["results"][0]["ruleId"], "literal-secret");
    assert!(report("github").starts_with("::error file=environments/halvorsen/production.yaml,line=12,"));
    assert!(report("junit").starts_with("<?xml"));
    assert!(report("text").starts_with("deny[literal-secret]: "));
}

#[test]
fn colour_is_only_used_when_asked_for() {
    let workspace = Workspace::small("cli-colour");
    workspace.edit(PRODUCTION, "users: 60", "users: sixty");
    assert!(!workspace.run(&[]).err.contains('\u{1b}'));
    assert!(workspace.run(&["--color", "always"]).err.contains('\u{1b}'));
    assert!(
        !workspace
            .run_with(&["--color", "never"], &[("CLICOLOR_FORCE", "1")])
            .err
            .contains('\u{1b}')
    );
}
