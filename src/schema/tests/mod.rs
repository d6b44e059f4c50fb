//! The room as a whole: what is right is accepted, what is wrong is found, by every version.

mod custom;
mod expressions;
mod mutants;
mod native;
mod rules;

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Kind, Problem, Schemas};
use crate::text::KubernetesVersion;

const VERSIONS: [&str; 5] = ["1.33", "1.34", "1.35", "1.36", "1.37"];

fn schemas(version: &str) -> Schemas {
    Schemas::new(&version.parse::<KubernetesVersion>().unwrap())
}

/// Schemas that most tests can share.
static SCHEMAS: LazyLock<Schemas> = LazyLock::new(|| schemas("1.36"));

/// Every object below a folder of the repository, or beside it; none when the folder is not there.
fn objects(folder: &str) -> Vec<(PathBuf, Value)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let files = walkdir::WalkDir::new(folder)
        .sort_by_file_name()
        .into_iter()
        .filter_map(Result::ok);
    let files = files.filter(|entry| entry.path().extension().is_some_and(|extension| extension == "yaml"));
    let mut objects = Vec::new();
    for file in files {
        let text = std::fs::read_to_string(file.path()).unwrap();
        for document in serde_yaml::Deserializer::from_str(&text) {
            let value = Value::deserialize(document).unwrap();
            if value["apiVersion"].is_string() {
                objects.push((file.path().to_owned(), value));
            }
        }
    }
    objects
}

fn lines(name: &str) -> Vec<Value> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../shared/corpora")
        .join(name);
    let text = std::fs::read_to_string(path).unwrap_or_default();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn kind<'s>(schemas: &'s Schemas, object: &Value) -> Option<&'s Kind> {
    let text = |key: &str| object[key].as_str().unwrap_or_default();
    schemas.find(text("apiVersion"), text("kind"))
}

fn validate(schemas: &Schemas, object: &Value) -> Vec<Problem> {
    schemas.validate(kind(schemas, object).unwrap(), object)
}

/// The problems as lines: where, code, message, help.
fn shown(schemas: &Schemas, object: Value) -> String {
    let problems = validate(schemas, &object).into_iter().map(|problem| {
        let help = problem.help.map(|help| format!(" ({help})")).unwrap_or_default();
        format!("{} [{}] {}{help}\n", problem.pointer, problem.code, problem.message)
    });
    problems.collect()
}

/// Holds that objects are accepted, and returns how many have an unknown kind.
fn accepts(schemas: &Schemas, objects: &[(PathBuf, Value)]) -> usize {
    let mut unknown = 0;
    for (path, object) in objects {
        match kind(schemas, object) {
            None => unknown += 1,
            Some(kind) => assert_eq!(schemas.validate(kind, object), [], "{}", path.display()),
        }
    }
    unknown
}

/// A definition whose `spec` has a schema.
fn definition(spec: &Value) -> Value {
    json!({
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": "things.example.com"},
        "spec": {
            "group": "example.com", "scope": "Namespaced", "names": {"kind": "Thing", "plural": "things"},
            "versions": [{
                "name": "v1", "served": true, "storage": true,
                "subresources": {"scale": {"specReplicasPath": ".spec.replicas", "statusReplicasPath": ".status.replicas"}},
                "schema": {"openAPIV3Schema": {"type": "object", "properties": {"spec": spec}}},
            }],
        },
    })
}

fn thing(spec: Value) -> Value {
    json!({"apiVersion": "example.com/v1", "kind": "Thing", "metadata": {"name": "a"}, "spec": spec})
}

/// The problems of a custom resource whose `spec` has a schema.
fn things(schema: Value, spec: Value) -> String {
    let mut schemas = schemas("1.36");
    assert_eq!(schemas.add_crds(&[definition(&schema)]), []);
    shown(&schemas, thing(spec))
}

fn deployment() -> Value {
    json!({
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"},
        "spec": {
            "replicas": 2,
            "selector": {"matchLabels": {"app": "web"}},
            "template": {
                "metadata": {"labels": {"app": "web"}},
                "spec": {"containers": [{
                    "name": "web", "image": "web:1", "imagePullPolicy": "Always",
                    "env": [{"name": "A", "value": "b"}],
                    "ports": [{"containerPort": 80}],
                    "resources": {"limits": {"memory": "1Gi", "cpu": 1}},
                    "livenessProbe": {"httpGet": {"port": "http"}},
                }]},
            },
        },
    })
}

/// A deployment with another value somewhere.
fn with(pointer: &str, value: Value) -> Value {
    let mut object = deployment();
    *object.pointer_mut(pointer).unwrap() = value;
    object
}

#[test]
fn our_output_is_accepted_by_every_version() {
    let objects = objects("generated");
    assert!(objects.len() > 1000);
    for version in VERSIONS {
        let unknown = accepts(&schemas(version), &objects);
        assert!(unknown < objects.len());
    }
}

#[test]
fn every_kind_has_its_types() {
    for version in VERSIONS {
        let schemas = schemas(version);
        assert!(schemas.kinds().count() > 80, "{version}");
        for kind in schemas.kinds() {
            assert!(
                schemas.get(kind.schema).field("apiVersion").is_some(),
                "{version} {}",
                kind.kind
            );
        }
    }
    let role = SCHEMAS.find("rbac.authorization.k8s.io/v1", "ClusterRole").unwrap();
    assert_eq!(
        (&*role.plural, role.group(), role.is_namespaced),
        ("clusterroles", "rbac.authorization.k8s.io", false)
    );
}

#[test]
fn versions_of_the_api_come_and_go() {
    let say = |version: &str, api: &str, kind: &str| {
        let problem = schemas(version).availability(api, kind);
        problem.map_or("-".to_owned(), |problem| {
            format!(
                "[{}] {} ({})",
                problem.code,
                problem.message,
                problem.help.unwrap_or_default()
            )
        })
    };
    let all = [
        say("1.33", "apps/v1", "Deployment"),
        say("1.33", "apps/v1beta1", "Deployment"),
        say("1.33", "policy/v1beta1", "PodSecurityPolicy"),
        say("1.33", "resource.k8s.io/v1", "ResourceClaim"),
        say("1.37", "resource.k8s.io/v1beta1", "ResourceClaim"),
        say("1.36", "scheduling.k8s.io/v1alpha1", "Workload"),
        say("1.36", "v1", "Endpoints"),
        say("1.36", "example.com/v1", "Thing"),
    ];
    insta::assert_snapshot!(all.join("\n"), @"
    -
    [removed-api] `apps/v1beta1` Deployment was removed in Kubernetes 1.16 (use `apps/v1`)
    [removed-api] `policy/v1beta1` PodSecurityPolicy was removed in Kubernetes 1.25 ()
    [api-too-new] `resource.k8s.io/v1` ResourceClaim is new in Kubernetes 1.34, the cluster runs 1.33 (use `resource.k8s.io/v1beta2`)
    [deprecated-api] `resource.k8s.io/v1beta1` ResourceClaim is deprecated since Kubernetes 1.33 (use `resource.k8s.io/v1`)
    [removed-api] `scheduling.k8s.io/v1alpha1` Workload was removed in Kubernetes 1.36 (use `scheduling.k8s.io/v1alpha2`)
    [deprecated-api] `v1` Endpoints is deprecated since Kubernetes 1.33 (use `discovery.k8s.io/v1`)
    -
    ");
}
