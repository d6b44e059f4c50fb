//! Built-in kinds: what the decoder takes, and what it says of the rest.

use serde_json::{Value, json};

use super::{SCHEMAS, deployment, schemas, shown, with};

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
    /spec/template/spec/containers/0/env/2 [duplicate-list-key] spec.template.spec.containers[0].env[2]: Duplicate value: {"name":"A"} (merge the items: a plain create may take both, but server-side apply, which both engines use, refuses them)
    /spec/template/spec/containers/0/ports/1 [duplicate-list-key] spec.template.spec.containers[0].ports[1]: Duplicate value: {"containerPort":80,"protocol":"TCP"} (merge the items: a plain create may take both, but server-side apply, which both engines use, refuses them)
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
