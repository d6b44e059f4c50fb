//! Custom resources: what their definitions say is held, as the server holds it.

use serde_json::{Value, json};

use super::{accepts, definition, deployment, objects, schemas, things};

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
    /spec/set/1 [duplicate-list-key] spec.set[1]: Duplicate value: "x" (merge the items, or take one away)
    /spec/replicas [object-value-out-of-range] .spec.replicas: Invalid value: -1: should be a non-negative integer
    "#);
}

#[test]
fn null_is_refused_unless_it_is_a_value_or_has_a_default() {
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
    assert_eq!(things(schema.clone(), json!({"a": "x", "b": null, "c": null})), "");
    insta::assert_snapshot!(things(schema, json!({"a": null, "d": [null], "e": {"k": null}})), @r#"
    /spec/a [wrong-object-type] spec.a: Invalid value: "null": spec.a in body must be of type string: "null" (leave the field out: server-side apply refuses null where it is no value)
    /spec/d/0 [wrong-object-type] spec.d[0]: Invalid value: "null": spec.d[0] in body must be of type string: "null" (leave the field out: server-side apply refuses null where it is no value)
    /spec/e/k [wrong-object-type] spec.e.k: Invalid value: "null": spec.e.k in body must be of type string: "null" (leave the field out: server-side apply refuses null where it is no value)
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
