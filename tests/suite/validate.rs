//! `formwork validate`: which files are taken, how they are read, and how findings leave.

use formwork::cli::{CLEAN, DENIED, UNUSABLE};
use serde_json::Value;

use crate::support::{Run, Workspace};

const CONFIG: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: texts}\ndata: {greeting: hello}\n";

/// The findings of a run, a line each.
fn told(run: &Run) -> Vec<String> {
    let report: Value = serde_json::from_str(&run.out).unwrap();
    let text = |value: &Value| value.as_str().unwrap_or_default().replace('\\', "/");
    let line = |finding: &Value| {
        let place = format!("{}:{}:{}", text(&finding["file"]), finding["line"], finding["column"]);
        let [level, code, message] = ["level", "code", "message"].map(|field| text(&finding[field]));
        match finding["file"].is_string() {
            true => format!("{level}[{code}] {place}"),
            false => format!("{level}[{code}] {message}"),
        }
    };
    report["findings"].as_array().unwrap().iter().map(line).collect()
}

fn validate(folder: &Workspace, paths: &[&str]) -> Run {
    folder.run(&[&["validate", "--format", "json"], paths].concat())
}

/// The repository of somebody who uses all the usual tools.
fn repository(name: &str) -> Workspace {
    let folder = Workspace::empty(name);
    folder.write("k8s/config.yaml", CONFIG);
    folder.write(
        "k8s/list.json",
        "{\"apiVersion\": \"v1\", \"kind\": \"ConfigMapList\", \"items\": [{\"metadata\": {\"name\": \"a\"}}]}\n",
    );
    folder.write(
        "k8s/job.yaml",
        "apiVersion: batch/v1\nkind: Job\nmetadata: {generateName: once-}\nspec:\n  template:\n    spec:\n      \
         restartPolicy: Never\n      containers: [{name: a, image: a}]\n",
    );
    folder.write(
        "k8s/kustomization.yaml",
        "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [config.yaml]\npatches: [{path: patch.yaml}]\n",
    );
    folder.write(
        "k8s/patch.yaml",
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {replicas: 2}\n",
    );
    folder.write("compose.yaml", "services:\n  web: {image: web}\n");
    folder.write(".github/workflows/ci.yaml", "on: push\n");
    folder.write(
        "kind.yaml",
        "apiVersion: kind.x-k8s.io/v1alpha4\nkind: Cluster\nnodes: [{role: worker}]\n",
    );
    folder.write("chart/Chart.yaml", "apiVersion: v2\nname: web\n");
    folder.write("chart/values.yaml", "image: web\n");
    folder.write(
        "chart/templates/config.yaml",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: \"{{ .Release.Name }}\"}\n",
    );
    folder.write(
        "other.yaml",
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ name }}\n",
    );
    folder
}

#[test]
fn a_repository_is_more_than_manifests() {
    let folder = repository("validate-folder");
    let run = validate(&folder, &["."]);
    assert_eq!(run.code, CLEAN, "{}", run.out);
    assert_eq!(
        told(&run),
        [
            "audit[not-a-manifest] 2 files are input of kustomize and were passed over: `./k8s/kustomization.yaml`, `./k8s/patch.yaml`",
            "audit[not-a-manifest] 2 files are templates and were passed over: `./chart/templates/config.yaml`, `./other.yaml`",
            "audit[not-a-manifest] 3 files hold no manifest and were passed over: `./chart/Chart.yaml`, `./chart/values.yaml`, `./compose.yaml`",
        ]
    );
    let report: Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!(
        (&report["summary"]["files"], &report["summary"]["objects"]),
        (&3.into(), &3.into())
    );
}

#[test]
fn a_named_file_must_hold_manifests() {
    let folder = repository("validate-named");
    for (path, told_of) in [
        ("compose.yaml", "error[not-a-manifest] compose.yaml:1:1"),
        ("kind.yaml", "error[not-a-manifest] kind.yaml:1:1"),
        ("other.yaml", "error[not-a-manifest] other.yaml:4:10"),
        ("absent.yaml", "error[unreadable-file] absent.yaml:null:null"),
    ] {
        let run = validate(&folder, &[path]);
        assert_eq!((run.code, told(&run)), (UNUSABLE, vec![told_of.to_owned()]), "{path}");
    }
    folder.write("half.yaml", format!("{CONFIG}---\nkind: ConfigMap\n"));
    assert_eq!(
        told(&validate(&folder, &["."]))[0],
        "error[not-a-manifest] ./half.yaml:6:1"
    );
}

/// What a server refuses because of YAML, it refuses here, at its line.
#[test]
fn manifests_mean_what_they_mean_to_the_cluster() {
    let folder = Workspace::empty("validate-yaml");
    let text = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\n  labels: {enabled: y}\nspec:\n  containers:\n  - &web\n    \
                name: web\n    image: web\n    env: [{name: MODE, value: 0644}]\n  - <<: *web\n    name: other\n";
    folder.write("pod.yaml", text);
    let run = validate(&folder, &["pod.yaml"]);
    assert_eq!(run.code, DENIED);
    let wrong = "deny[wrong-object-type] pod.yaml";
    assert_eq!(
        told(&run),
        [
            format!("{wrong}:5:12"),
            format!("{wrong}:11:24"),
            format!("{wrong}:12:5")
        ]
    );
    folder.write("twice.yaml", format!("{CONFIG}data: {{}}\n"));
    assert_eq!(
        told(&validate(&folder, &["twice.yaml"])),
        ["error[duplicate-key] twice.yaml:5:1"]
    );
}

/// Who applies manifests may say the namespace, and what fills placeholders in comes later.
#[test]
fn what_others_complete_is_not_denied() {
    let folder = Workspace::empty("validate-incomplete");
    folder.write("config.yaml", CONFIG.replace("texts", "\"${APP}\""));
    let run = validate(&folder, &["config.yaml"]);
    assert_eq!(
        (run.code, told(&run)),
        (CLEAN, vec!["audit[invalid-name] config.yaml:3:12".to_owned()])
    );
    folder.write(
        "secret.yaml",
        "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\ndata: {a: 'ENC[x]'}\nsops: {mac: x}\n",
    );
    let run = validate(&folder, &["."]);
    assert!(
        told(&run)[0].contains("1 file is encrypted by SOPS and was passed over"),
        "{}",
        run.out
    );
}

#[test]
fn an_object_that_no_cluster_stores_is_denied() {
    let folder = Workspace::empty("validate-large");
    folder.write("large.yaml", CONFIG.replace("hello", &"x".repeat(1_600_000)));
    let run = validate(&folder, &["large.yaml"]);
    assert_eq!(run.code, DENIED);
    assert!(
        told(&run).contains(&"deny[document-too-large] large.yaml:1:1".to_owned()),
        "{:?}",
        told(&run)
    );
    folder.write("huge.yaml", "#".repeat(17_000_000));
    assert_eq!(
        told(&validate(&folder, &["huge.yaml"])),
        ["error[file-too-large] huge.yaml:null:null"]
    );
}

#[test]
fn an_unknown_kind_is_said_once() {
    let folder = Workspace::empty("validate-unknown");
    let kettle = |name: &str| format!("{{apiVersion: example.com/v1, kind: Kettle, metadata: {{name: {name}}}}}\n");
    folder.write("kettles.yaml", format!("---\n{}---\n{}", kettle("one"), kettle("two")));
    let run = folder.run(&["validate", "kettles.yaml"]);
    assert_eq!(run.code, CLEAN);
    assert!(
        run.err.contains("the fields of 2 objects are not checked"),
        "{}",
        run.err
    );
    assert!(
        run.err
            .ends_with("2 objects in 1 file: accepted, 1 finding, 1 unknown kind\n"),
        "{}",
        run.err
    );
}

#[test]
fn every_format_has_findings_about_manifests() {
    let folder = Workspace::empty("validate-formats");
    folder.write("bad.yaml", CONFIG.replace("texts", "Texts"));
    for (format, says) in [
        ("text", "bad.yaml:3:12"),
        ("json", "\"column\": 12"),
        ("sarif", "\"startLine\": 3"),
        ("github", "file=bad.yaml,line=3"),
        ("junit", "bad.yaml:3:12"),
    ] {
        let run = folder.run(&["validate", "bad.yaml", "--format", format]);
        let said = run.out + &run.err;
        assert!(run.code == DENIED && said.contains(says), "{format}: {said}");
    }
}
