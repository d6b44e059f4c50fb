//! The house policies as their users meet them: what is taken away from a good environment is missed, at the right line.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::support::{Workspace, package, tree};

/// What is written below `overrides:`, with `# here` at the line that must be blamed, and the code that must blame it.
const CHANGES: &[(&str, &str)] = &[
    (
        "missing-readiness-probe",
        "Deployment web containers: # here\n [{name: odoo, readinessProbe: null}]",
    ),
    (
        "unpinned-image",
        "Deployment web containers:\n - name: odoo\n   image: registry.nordic-erp.example/erp/odoo:19.0 # here",
    ),
    (
        "missing-memory-limit",
        "Deployment web containers: # here\n [{name: odoo, resources: {limits: null}}]",
    ),
    (
        "privilege-escalation",
        "Deployment web containers: # here\n [{name: odoo, securityContext: {allowPrivilegeEscalation: true}}]",
    ),
    (
        "mounted-service-account-token",
        "Deployment web automountServiceAccountToken: # here\n true",
    ),
];

#[test]
fn what_an_override_takes_away_is_missed() {
    for (code, change) in CHANGES {
        let workspace = house(&format!("house-{code}"));
        let (target, patch) = change.split_once(" web ").unwrap();
        let path = "environments/halvorsen/production.yaml";
        let mut text = fs::read_to_string(workspace.path(path)).unwrap();
        text += &format!(
            "  overrides:\n    - kind: {target}\n      name: web\n      reason: a test of the house policies (HAL-1)\n      \
             patch:\n        spec:\n          template:\n            spec:\n              {}\n",
            patch.replace('\n', "\n               ")
        );
        workspace.write(path, &text);
        let line = text.lines().position(|line| line.ends_with("# here")).unwrap() + 1;
        let run = workspace.run(&["check", "--format", "json"]);
        assert!(blames(&run.out, code, path, line), "{code} at line {line}: {}", run.out);
    }
}

/// Settings that the model refuses by itself.
#[test]
fn what_a_document_takes_away_is_missed() {
    for (code, path, from, to) in [
        (
            "image-not-pinned",
            "environments/releases/odoo-19.yaml",
            "@sha256:9bf832744e8d8c7459658b56320ab31b1f80bfb19f2640081292751614b3f142",
            "",
        ),
        (
            "backup-disabled",
            "environments/halvorsen/production.yaml",
            "  users: 60\n",
            "  users: 60\n  backup:\n    enabled: false\n",
        ),
    ] {
        let workspace = house(&format!("house-{code}"));
        let text = fs::read_to_string(workspace.path(path)).unwrap().replace(from, to);
        workspace.write(path, &text);
        let run = workspace.run(&["check", "--format", "json"]);
        let findings: Value = serde_json::from_str(&run.out).unwrap();
        let found = findings["findings"].as_array().unwrap();
        let it = found.iter().find(|finding| finding["code"] == code);
        assert!(it.is_some_and(|finding| finding["file"] == path), "{code}: {}", run.out);
    }
}

/// The emitted policies accept the output that they were emitted with, and refuse it with a line less.
#[test]
fn the_emitted_policies_say_what_the_build_says() {
    let generated = package().join("generated");
    let folders = ["environments/kestrel/production-eu", "clusters/eu-central"];
    let workspace = Workspace::empty("house-emitted");
    for folder in folders {
        for (path, bytes) in tree(&generated.join(folder)) {
            workspace.write(&format!("{folder}/{path}"), bytes);
        }
    }
    let validate = || {
        let run = workspace.run(&[
            "validate",
            ".",
            "--policies",
            "clusters/eu-central/policies",
            "--format",
            "json",
        ]);
        (run.code, run.out)
    };
    assert_eq!(validate().0, 0, "{}", validate().1);
    for (code, file, line) in [
        (
            "privilege-escalation",
            "odoo/deployment-web.yaml",
            "          allowPrivilegeEscalation: false\n",
        ),
        (
            "missing-memory-limit",
            "odoo/deployment-cron.yaml",
            "            memory: ",
        ),
        (
            "loose-quota",
            "quota/resourcequota-environment.yaml",
            "    limits.memory: ",
        ),
        (
            "unarchived-database",
            "database/cluster-db.yaml",
            "    isWALArchiver: true\n",
        ),
        (
            "mislabelled-object",
            "odoo/service-web.yaml",
            "    formwork/cost-centre: ",
        ),
    ] {
        let path = format!("environments/kestrel/production-eu/{file}");
        let good = fs::read_to_string(workspace.path(&path)).unwrap();
        let start = good.find(line).unwrap_or_else(|| panic!("{file} has no `{line}`"));
        let end = start + good[start..].find('\n').unwrap() + 1;
        workspace.write(&path, format!("{}{}", &good[..start], &good[end..]));
        let (_, report) = validate();
        let findings: Value = serde_json::from_str(&report).unwrap();
        let of_file = |finding: &&Value| {
            finding["file"]
                .as_str()
                .is_some_and(|found| Path::new(found).ends_with(&path))
        };
        let codes: Vec<&Value> = findings["findings"]
            .as_array()
            .unwrap()
            .iter()
            .filter(of_file)
            .map(|finding| &finding["code"])
            .collect();
        assert!(codes.iter().any(|found| *found == code), "without {line:?}: {codes:?}");
        workspace.write(&path, good);
    }
}

/// The small workspace with the house policies.
fn house(name: &str) -> Workspace {
    let workspace = Workspace::small(name);
    for (path, bytes) in tree(&package().join("policies")) {
        if !path.starts_with("waivers/") {
            workspace.write(&format!("policies/{path}"), bytes);
        }
    }
    workspace
}

fn blames(report: &str, code: &str, file: &str, line: usize) -> bool {
    let report: Value = serde_json::from_str(report).unwrap();
    let found = report["findings"].as_array().unwrap();
    found
        .iter()
        .any(|finding| finding["code"] == code && finding["file"] == file && finding["line"] == line)
}
