//! The room as a whole: what is right is accepted, what is wrong is found, by every version.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use proptest::prelude::*;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Kind, Problem, Schemas};
use crate::cel::{Declarations, Environment};
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
                "subresources": {"scale": {"specReplicasPath": ".spec.replicas"}},
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
fn custom_resources_are_accepted_by_their_definitions() {
    let definitions: Vec<Value> = objects("../shared/crds").into_iter().map(|(_, value)| value).collect();
    if definitions.is_empty() {
        return;
    }
    let mut schemas = schemas("1.36");
    assert_eq!(schemas.add_crds(&definitions), []);
    for folder in ["generated", "../shared/samples"] {
        assert_eq!(accepts(&schemas, &objects(folder)), 0, "{folder}");
    }
}

#[test]
fn the_corpus_of_definitions_is_structurally_right() {
    for case in lines("crd-cel/schema_levels.jsonl")
        .into_iter()
        .chain(lines("crd-cel/validation_expressions.jsonl"))
    {
        // The corpus ran rules only: the server would also have said that both alternatives fit, that it does not know a
        // field, or that an empty list is no object.
        if case["schema"].get("oneOf").is_some() || case["obj"] == json!([]) {
            continue;
        }
        let mut schemas = schemas("1.35");
        assert_eq!(schemas.add_crds(&[definition(&case["schema"])]), [], "{}", case["name"]);
        let mut problems = validate(&schemas, &thing(case["obj"].clone()));
        problems.retain(|problem| problem.code != "unknown-object-field");
        assert_eq!(problems, [], "{}", case["name"]);
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
fn unknown_fields_are_explained() {
    let mut object = deployment();
    object["spec"]["replica"] = 3.into();
    object["spec"]["template"]["spec"]["containers"][0]["ImagePullPolicy"] = Value::Null;
    object["metadata"]["labells"] = json!({});
    object["whatever"] = true.into();
    insta::assert_snapshot!(shown(&SCHEMAS, object), @r#"
    /metadata/labells [unknown-object-field] unknown field "metadata.labells" (did you mean `labels`?)
    /spec/replica [unknown-object-field] unknown field "spec.replica" (did you mean `replicas`?)
    /spec/template/spec/containers/0/ImagePullPolicy [unknown-object-field] unknown field "spec.template.spec.containers[0].ImagePullPolicy" (fields are case-sensitive: write `imagePullPolicy`)
    /whatever [unknown-object-field] unknown field "whatever"
    "#);
}

#[test]
fn fields_newer_than_the_cluster_are_refused() {
    let rules = json!([{"action": "Restart", "exitCodes": {"operator": "In", "values": [42]}}]);
    let mut object = deployment();
    object["spec"]["template"]["spec"]["containers"][0]["restartPolicyRules"] = rules;
    insta::assert_snapshot!(shown(&schemas("1.33"), object.clone()), @r#"
    /spec/template/spec/containers/0/restartPolicyRules [field-too-new] unknown field "spec.template.spec.containers[0].restartPolicyRules" (the field is new in Kubernetes 1.34, the cluster runs 1.33)
    "#);
    assert_eq!(shown(&schemas("1.34"), object), "");
}

#[test]
fn wrong_types_are_explained() {
    let container = "/spec/template/spec/containers/0";
    let at = |field: &str| format!("{container}/{field}");
    let mutants = [
        with("/spec/replicas", json!("2")),
        with("/spec/replicas", json!(3_000_000_000_u32)),
        with("/spec/replicas", json!(1.5)),
        with(&at("env/0/value"), json!(8069)),
        with(&at("ports"), json!({})),
        with(&at("resources/limits/memory"), json!("2GB")),
        with(&at("livenessProbe/httpGet/port"), json!(true)),
        with(&at("imagePullPolicy"), json!("always")),
        with("/metadata/name", json!(["a"])),
        with("/spec/selector", json!(null)),
        with(&at("name"), json!("")),
    ];
    let all: String = mutants.into_iter().map(|object| shown(&SCHEMAS, object)).collect();
    insta::assert_snapshot!(all, @r#"
    /spec/replicas [wrong-object-type] spec.replicas: json: cannot unmarshal string into Go value of type int32 (take the quotes off: 2)
    /spec/replicas [object-value-out-of-range] spec.replicas: json: cannot unmarshal number 3000000000 into Go value of type int32
    /spec/replicas [wrong-object-type] spec.replicas: json: cannot unmarshal number 1.5 into Go value of type int32
    /spec/template/spec/containers/0/env/0/value [wrong-object-type] spec.template.spec.containers[0].env[0].value: json: cannot unmarshal number 8069 into Go value of type string (put it in quotes: "8069")
    /spec/template/spec/containers/0/ports [wrong-object-type] spec.template.spec.containers[0].ports: json: cannot unmarshal object into Go value of type array (write a list, `- …`)
    /spec/template/spec/containers/0/resources/limits/memory [bad-object-format] spec.template.spec.containers[0].resources.limits[memory]: quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'
    /spec/template/spec/containers/0/livenessProbe/httpGet/port [wrong-object-type] spec.template.spec.containers[0].livenessProbe.httpGet.port: json: cannot unmarshal bool into Go value of type IntOrString
    /spec/template/spec/containers/0/imagePullPolicy [unknown-object-value] spec.template.spec.containers[0].imagePullPolicy: Unsupported value: "always": supported values: "Always", "IfNotPresent", "Never" (write `Always`)
    /metadata/name [wrong-object-type] metadata.name: json: cannot unmarshal array into Go value of type string
    /spec/selector [missing-object-field] spec.selector: Required value (set `selector`)
    /spec/template/spec/containers/0/name [missing-object-field] spec.template.spec.containers[0].name: Required value (set `name`)
    "#);
}

#[test]
fn what_the_decoder_takes_is_accepted() {
    let container = "/spec/template/spec/containers/0";
    for (pointer, value) in [
        ("/spec/replicas", json!(null)),
        ("/spec/replicas", json!(2.0)),
        ("/spec/template/metadata", json!(null)),
        (&format!("{container}/env"), json!(null)),
        (&format!("{container}/imagePullPolicy"), json!("")),
        (&format!("{container}/livenessProbe/httpGet/port"), json!(80)),
        (&format!("{container}/resources/limits/cpu"), json!("500m")),
        (&format!("{container}/resources/limits/cpu"), json!(0.5)),
    ] {
        assert_eq!(shown(&SCHEMAS, with(pointer, value.clone())), "", "{pointer}: {value}");
    }
}

#[test]
fn status_is_only_decoded() {
    let mut object = deployment();
    object["status"] = json!({"conditions": [{}], "replicas": 1});
    assert_eq!(shown(&SCHEMAS, object.clone()), "");
    object["status"]["replicas"] = "1".into();
    assert!(shown(&SCHEMAS, object).starts_with("/status/replicas [wrong-object-type]"));
}

#[test]
fn keys_of_lists_are_unique_with_their_defaults() {
    let mut object = deployment();
    let container = &mut object["spec"]["template"]["spec"]["containers"][0];
    container["ports"] = json!([{"containerPort": 80}, {"containerPort": 80, "protocol": "TCP"}]);
    container["env"] = json!([{"name": "A"}, {"name": "B"}, {"name": "A", "value": "x"}]);
    insta::assert_snapshot!(shown(&SCHEMAS, object), @r#"
    /spec/template/spec/containers/0/env/2 [duplicate-list-key] spec.template.spec.containers[0].env[2]: Duplicate value: {"name":"A"}
    /spec/template/spec/containers/0/ports/1 [duplicate-list-key] spec.template.spec.containers[0].ports[1]: Duplicate value: {"containerPort":80,"protocol":"TCP"}
    "#);
}

#[test]
fn texts_with_a_syntax_are_read() {
    let lease = |time: &str| {
        json!({
            "apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": {"name": "a"}, "spec": {"renewTime": time},
        })
    };
    assert_eq!(shown(&SCHEMAS, lease("2026-01-02T03:04:05.123456Z")), "");
    let secret = |data: Value| {
        json!({
            "apiVersion": "v1", "kind": "Secret", "metadata": {"name": "a"}, "data": {"a": data},
        })
    };
    for data in [json!("YQ=="), json!("YQ=\n="), json!(""), json!(null), json!([97])] {
        assert_eq!(shown(&SCHEMAS, secret(data)), "");
    }
    let wrong = [
        lease("2026-01-02T03:04:05Z"),
        lease("yesterday"),
        secret(json!("YQ")),
        secret(json!("=YQ=")),
    ];
    let all: String = wrong.into_iter().map(|object| shown(&SCHEMAS, object)).collect();
    insta::assert_snapshot!(all, @r#"
    /spec/renewTime [bad-object-format] spec.renewTime: parsing time "2026-01-02T03:04:05Z": not as 2006-01-02T15:04:05.000000Z07:00
    /spec/renewTime [bad-object-format] spec.renewTime: parsing time "yesterday": not as 2006-01-02T15:04:05.000000Z07:00
    /data/a [bad-object-format] data[a]: illegal base64 data
    /data/a [bad-object-format] data[a]: illegal base64 data
    "#);
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

#[test]
fn definitions_are_obeyed() {
    let schema = json!({
        "type": "object", "required": ["size", "mode"],
        "properties": {
            "replicas": {"type": "integer", "format": "int32"},
            "size": {"type": "integer", "minimum": 1, "maximum": 5},
            "mode": {"type": "string", "enum": ["a", "b"], "default": "a"},
            "name": {"type": "string", "pattern": "^[a-z]+$", "maxLength": 5},
            "when": {"type": "string", "format": "date-time"},
            "port": {"x-kubernetes-int-or-string": true},
            "set": {"type": "array", "maxItems": 3, "x-kubernetes-list-type": "set", "items": {"type": "string"}},
            "one": {"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "string"}},
                    "oneOf": [{"required": ["a"]}, {"required": ["b"]}]},
            "whole": {"type": "object", "x-kubernetes-embedded-resource": true,
                      "x-kubernetes-preserve-unknown-fields": true},
            "map": {"type": "object", "additionalProperties": {"type": "integer"}},
        },
    });
    let good = json!({"size": 2.0, "name": "abc", "when": "2026-01-02T03:04:05Z", "port": "http", "map": {"a": 1},
                      "one": {"a": "x"}, "whole": {"apiVersion": "v1", "kind": "X", "else": 1}});
    assert_eq!(things(schema.clone(), good), "");
    let bad = json!({"size": 9, "mode": "A", "name": "ABC", "when": "now", "port": true, "set": ["x", "x"], "map": {"a": "1"},
                     "one": {"a": "x", "b": "y"}, "whole": {"metadata": {"nam": "x"}}, "seize": 1, "replicas": -1});
    insta::assert_snapshot!(things(schema, bad), @r#"
    /spec/seize [unknown-object-field] unknown field "spec.seize" (did you mean `size`?)
    /spec/whole/metadata/nam [unknown-object-field] unknown field "spec.whole.metadata.nam" (did you mean `name`?)
    /spec/map/a [wrong-object-type] spec.map.a: Invalid value: "string": spec.map.a in body must be of type integer: "string" (take the quotes off: 1)
    /spec/mode [unknown-object-value] spec.mode: Unsupported value: "A": supported values: "a", "b" (write `a`)
    /spec/name [bad-object-format] spec.name: Invalid value: "ABC": spec.name in body should match '^[a-z]+$'
    /spec/one [no-matching-alternative] "spec.one" must validate one and only one schema (oneOf). Found 2 valid alternatives
    /spec/port [wrong-object-type] spec.port: Invalid value: "boolean": spec.port in body must be of type integer,string: "boolean"
    /spec/size [object-value-out-of-range] spec.size: Invalid value: 9: spec.size in body should be less than or equal to 5
    /spec/when [bad-object-format] spec.when: Invalid value: "now": spec.when in body must be of type date-time: "now"
    /spec/whole [missing-object-field] spec.whole.apiVersion: Required value (set `apiVersion`)
    /spec/whole [missing-object-field] spec.whole.kind: Required value (set `kind`)
    /spec/set/1 [duplicate-list-key] spec.set[1]: Duplicate value: "x"
    /spec/replicas [object-value-out-of-range] .spec.replicas: Invalid value: -1: should be a non-negative integer
    "#);
}

#[test]
fn null_is_absent_unless_it_is_a_value() {
    let schema = json!({
        "type": "object", "required": ["a"],
        "properties": {
            "a": {"type": "string"},
            "b": {"type": "string", "default": "x"},
            "c": {"type": "string", "nullable": true},
            "d": {"type": "array", "items": {"type": "string"}},
            "e": {"type": "object", "additionalProperties": {"type": "string"}},
        },
    });
    assert_eq!(
        things(
            schema.clone(),
            json!({"a": "x", "b": null, "c": null, "d": null, "e": {"k": null}})
        ),
        ""
    );
    insta::assert_snapshot!(things(schema, json!({"a": null, "d": [null]})), @r#"
    /spec/d/0 [wrong-object-type] spec.d[0]: Invalid value: "null": spec.d[0] in body must be of type string: "null"
    /spec [missing-object-field] spec.a: Required value (set `a`)
    "#);
}

#[test]
fn what_cannot_be_used_as_a_definition_is_said() {
    let mut schemas = schemas("1.36");
    let old = json!({"apiVersion": "apiextensions.k8s.io/v1beta1", "kind": "CustomResourceDefinition"});
    let mut empty = definition(&json!({}));
    empty["spec"]["versions"][0]["schema"] = Value::Null;
    let pattern = definition(&json!({"type": "string", "pattern": "(?=x)"}));
    let findings = schemas.add_crds(&[old, empty, pattern, deployment()]);
    let messages: Vec<&str> = findings.iter().map(|finding| finding.message.as_str()).collect();
    insta::assert_snapshot!(messages.join("\n"), @"
    the definition `without name` is not of `apiextensions.k8s.io/v1`
    a version of the definition `things.example.com` has no name or no schema
    the definition `things.example.com` has a pattern that is no regular expression: error parsing regexp: `(?=x)`
    ");
}

#[test]
fn expressions_know_the_fields() {
    let compile = |kinds: &[&Kind], expression: &str| {
        let (declarations, of) = SCHEMAS.declare(kinds, Declarations::new());
        let environment = Environment::new(declarations.variable("object", of));
        environment.compile(expression).map(|_| ()).map_err(|errors| {
            let error = &errors[0];
            format!("{} {:?}", error.message, error.suggestion)
        })
    };
    let deployment = SCHEMAS.find("apps/v1", "Deployment").unwrap();
    for right in [
        "object.spec.replicas > 1 && object.metadata.labels['a'] == 'b'",
        "object.spec.template.spec.containers.all(c, c.image.contains('@') && has(c.resources.limits))",
        "object.spec.template.spec.containers.all(c, quantity(c.resources.limits['memory']).isLessThan(quantity('1Gi')))",
        "object.spec.strategy.rollingUpdate.maxSurge == 1 || object.spec.strategy.rollingUpdate.maxSurge == '25%'",
        "object.metadata.namespace != '' && object.metadata.__namespace__ != ''",
        "timestamp(object.metadata.creationTimestamp) < timestamp('2026-01-01T00:00:00Z')",
        "object.metadata.?annotations[?'a'].orValue('') == '' && object != null",
    ] {
        assert_eq!(compile(&[deployment], right), Ok(()), "{right}");
    }
    for (wrong, error) in [
        (
            "object.spec.replicsa > 1",
            "undefined field 'replicsa' Some(\"replicas\")",
        ),
        (
            "object.spec.template.spec.containers.all(c, c.imge == '')",
            "undefined field 'imge' Some(\"image\")",
        ),
        (
            "object.spec.replicas == '1'",
            "found no matching overload for '_==_' applied to '(int, string)' None",
        ),
    ] {
        assert_eq!(compile(&[deployment], wrong), Err(error.to_owned()), "{wrong}");
    }
    let definition = SCHEMAS
        .find("apiextensions.k8s.io/v1", "CustomResourceDefinition")
        .unwrap();
    assert_eq!(
        compile(
            &[definition],
            "object.spec.versions.all(v, v.schema.openAPIV3Schema.properties.size() > 0)"
        ),
        Ok(())
    );
    // What one of the kinds has is known, and all containers are alike.
    let cron = SCHEMAS.find("batch/v1", "CronJob").unwrap();
    let both = "object.kind == 'CronJob' ? object.spec.jobTemplate.spec.template.spec.containers : \
                object.spec.template.spec.containers + object.spec.template.spec.ephemeralContainers";
    assert_eq!(compile(&[deployment, cron], both), Ok(()));
    assert_eq!(
        compile(&[deployment, cron], "object.spec.schedul == ''"),
        Err("undefined field 'schedul' Some(\"schedule\")".to_owned())
    );
}

/// Every place in a value, as pointers, but for those that the server gives no meaning to.
fn places(value: &Value, pointer: String, found: &mut Vec<String>) {
    match value {
        Value::Object(object) => {
            for (name, value) in object {
                let here = format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"));
                found.push(here.clone());
                places(value, here, found);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                places(item, format!("{pointer}/{index}"), found);
            }
        }
        _ => {}
    }
}

/// Objects of built-in kinds that we emit.
static EMITTED: LazyLock<Vec<Value>> = LazyLock::new(|| {
    let objects = objects("generated").into_iter().map(|(_, object)| object);
    objects
        .filter(|object| kind(&SCHEMAS, object).is_some())
        .step_by(7)
        .collect()
});

proptest! {
    /// A name that no field has, a value of no known type, a missing field: the problem is where the change is.
    #[test]
    fn a_mutant_is_found_where_it_was_changed(object in 0..10_000_usize, place in 0..10_000_usize, how in 0..3) {
        let object = &EMITTED[object % EMITTED.len()];
        let kind = kind(&SCHEMAS, object).unwrap();
        let mut found = Vec::new();
        places(object, String::new(), &mut found);
        let pointer = &found[place % found.len()];
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        let mut mutant = object.clone();
        let is_map = is_map(kind, parent);
        match how {
            0 if !is_map => {
                let fields = mutant.pointer_mut(parent).unwrap().as_object_mut().unwrap();
                let value = fields.remove(name).unwrap();
                fields.insert(format!("{name}-x"), value);
                let problems = SCHEMAS.validate(kind, &mutant);
                let here = format!("{pointer}-x");
                prop_assert!(problems.iter().any(|problem| problem.pointer == here), "{here}: {problems:?}");
            }
            1 => {
                let value = mutant.pointer_mut(pointer).unwrap();
                let other = if value.is_object() { json!("text") } else { json!({"a": "b"}) };
                *value = other;
                let problems = SCHEMAS.validate(kind, &mutant);
                prop_assert!(problems.iter().any(|problem| problem.pointer == *pointer), "{pointer}: {problems:?}");
            }
            _ if is_required(kind, parent, name) => {
                mutant.pointer_mut(parent).unwrap().as_object_mut().unwrap().remove(name);
                let problems = SCHEMAS.validate(kind, &mutant);
                prop_assert!(problems.iter().any(|problem| problem.pointer == parent), "{pointer}: {problems:?}");
            }
            _ => {}
        }
    }
}

/// The schema at a place.
fn schema<'s>(kind: &Kind, pointer: &str) -> &'s super::Schema {
    let mut schema = SCHEMAS.get(kind.schema);
    for name in pointer.split('/').skip(1) {
        let name = name.replace("~1", "/");
        let field = schema.field(&name).map(|field| field.schema);
        schema = SCHEMAS.get(field.or(schema.values).or(schema.items).unwrap());
    }
    schema
}

fn is_map(kind: &Kind, pointer: &str) -> bool {
    schema(kind, pointer).values.is_some()
}

fn is_required(kind: &Kind, pointer: &str, name: &str) -> bool {
    schema(kind, pointer).required.iter().any(|required| required == name)
}
