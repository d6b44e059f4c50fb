//! Rules of definitions say what the server says, when an object is made and when it is changed.

use serde_json::{Value, json};

use super::{SCHEMAS, definition, lines, schemas, shown, thing};
use crate::schema::{Problem, Schemas};

/// The cluster that knows things whose `spec` has a schema.
fn cluster(schema: &Value) -> Schemas {
    let mut schemas = SCHEMAS.without_kinds();
    assert_eq!(schemas.add_crds(&[definition(schema)]), []);
    schemas
}

fn failed(problems: Vec<Problem>) -> Vec<String> {
    let failed = problems
        .into_iter()
        .filter(|problem| problem.code == "definition-rule-failed");
    failed.map(|problem| problem.message).collect()
}

/// What the rules of a schema say of a value, or of a change.
fn judged(schema: &Value, old: &Value, new: &Value) -> Vec<String> {
    let schemas = cluster(schema);
    let kind = schemas.find("example.com/v1", "Thing").unwrap();
    let new = thing(new.clone());
    failed(match old {
        Value::Null => schemas.validate(kind, &new),
        old => schemas.validate_update(kind, &thing(old.clone()), &new),
    })
}

/// A schema with one more rule at its root.
fn with_rule(schema: &Value, rule: &str) -> Value {
    let mut schema = schema.clone();
    schema["x-kubernetes-validations"] = json!([{"rule": rule}]);
    schema
}

#[test]
fn the_corpus_of_expressions_is_judged_as_by_the_server() {
    let (mut valid, mut wrong) = (0, 0);
    let mut others = Vec::new();
    for case in lines("crd-cel/validation_expressions.jsonl") {
        let (schema, mut object) = (&case["schema"], case["obj"].clone());
        if schema["type"] == "object" && object.is_array() {
            object = json!({});
        }
        for rule in case["valid"].as_array().into_iter().flatten() {
            valid += 1;
            let rule = rule.as_str().unwrap();
            for said in judged(&with_rule(schema, rule), &case["oldObj"], &object) {
                others.push(format!("{}: {said}", case["name"]));
            }
        }
        for (rule, part) in case["errors"].as_object().into_iter().flatten() {
            wrong += 1;
            let said = judged(&with_rule(schema, rule), &case["oldObj"], &object).join("; ");
            // Where the server's parser has other words than ours, the verdict counts.
            let part = part.as_str().unwrap().replace("ERROR: <input>:1:5: ", "");
            if said.is_empty() || !said.contains(&part) && !part.contains("mismatched input") {
                others.push(format!("{}: {rule}: {said}, not {part}", case["name"]));
            }
        }
    }
    assert_eq!(others, Vec::<String>::new(), "{valid} valid and {wrong} wrong rules");
}

#[test]
fn the_corpora_of_schemas_and_of_changes_are_judged_as_by_the_server() {
    let mut others = Vec::new();
    let cases = lines("crd-cel/schema_levels.jsonl")
        .into_iter()
        .chain(lines("crd-cel/ratcheting.jsonl"));
    for case in cases {
        // A budget is given to the judge in tests of his own, only a root has a kind of its own, and one case has lost its
        // rules.
        let is_elsewhere = case["runtimeCostBudget"] == 1 || case["newObj"]["apiVersion"] == "v2";
        if is_elsewhere || case["name"] == "properties.allOf.additionalProperties.allOf.properties" {
            continue;
        }
        let new = case.get("newObj").unwrap_or(&case["obj"]);
        let said = judged(&case["schema"], &case["oldObj"], new);
        let wanted = case["errors"].as_array().cloned().unwrap_or_default();
        let is_said = |wanted: &Value| {
            let wanted = wanted.as_str().unwrap().replace("root", "spec");
            said.iter().any(|said| said.contains(&wanted))
        };
        if wanted.len() != said.len() || !wanted.iter().all(is_said) {
            others.push(format!("{}: {said:?}, not {wanted:?}", case["name"]));
        }
    }
    assert_eq!(others, Vec::<String>::new());
}

#[test]
fn a_failing_rule_says_what_is_wrong_where() {
    let schema = json!({
        "type": "object",
        "x-kubernetes-validations": [
            {"rule": "self.min <= self.max", "message": "min exceeds max", "fieldPath": ".max"},
            {"rule": "!has(self.old)", "reason": "FieldValueForbidden", "fieldPath": "['old']"},
            {"rule": "has(self.must)", "reason": "FieldValueRequired", "message": "must be there"},
            {"rule": "self.max < 5", "messageExpression": "'at most 5, not ' + string(self.max)"},
            {"rule": "self.max < 5", "messageExpression": "''", "message": " plain "},
            {"rule": "self.port < 5"},
            {"rule": "self.map['b'] == 'x'"},
            {"rule": "self.map.all(k, k.startsWith('b'))", "fieldPath": ".map.a", "message": "keys"},
        ],
        "properties": {
            "min": {"type": "integer"}, "max": {"type": "integer"}, "old": {"type": "string"}, "must": {"type": "string"},
            "port": {"x-kubernetes-int-or-string": true},
            "map": {"type": "object", "additionalProperties": {"type": "string"}},
            "names": {"type": "array", "items": {"type": "string", "x-kubernetes-validations": [{"rule": "self != 'x'"}]}},
        },
    });
    let spec = json!({"min": 9, "max": 8, "old": "a", "port": "http", "map": {"a": "b"}, "names": ["y", "x"]});
    insta::assert_snapshot!(shown(&cluster(&schema), thing(spec)), @r#"
    /spec/max [definition-rule-failed] spec.max: Invalid value: min exceeds max (the definition's rule is `self.min <= self.max`)
    /spec/old [definition-rule-failed] spec.old: Forbidden: failed rule: !has(self.old) (the expression is a rule of the kind's definition)
    /spec [definition-rule-failed] spec: Required value: must be there (the definition's rule is `has(self.must)`)
    /spec [definition-rule-failed] spec: Invalid value: at most 5, not 8 (the expression is a rule of the kind's definition)
    /spec [definition-rule-failed] spec: Invalid value: plain (the definition's rule is `self.max < 5`)
    /spec [definition-rule-failed] spec: Invalid value: "object": 'no such overload: _<_': call arguments did not match a supported operator, function or macro signature for rule: self.port < 5
    /spec [definition-rule-failed] spec: Invalid value: "object": no such key: b evaluating rule: self.map['b'] == 'x'
    /spec/map/a [definition-rule-failed] spec.map[a]: Invalid value: keys (the definition's rule is `self.map.all(k, k.startsWith('b'))`)
    /spec/names/1 [definition-rule-failed] spec.names[1]: Invalid value: "x": failed rule: self != 'x' (the expression is a rule of the kind's definition)
    "#);
    let wrong_type = json!({"min": "9", "max": 8});
    assert_eq!(judged(&schema, &Value::Null, &wrong_type), Vec::<String>::new());
}

#[test]
fn a_change_is_compared_with_what_was() {
    let item = json!({"type": "object", "properties": {
        "name": {"type": "string"},
        "size": {"type": "integer", "x-kubernetes-validations": [{"rule": "self >= oldSelf", "message": "must grow"}]},
    }});
    let schema = json!({"type": "object", "properties": {
        "items": {"type": "array", "items": item, "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name"]},
        "kept": {"type": "string", "x-kubernetes-validations": [{"rule": "self.startsWith('a')"}]},
        "fixed": {"type": "string", "x-kubernetes-validations": [
            {"rule": "oldSelf.hasValue() ? self == oldSelf.value() : self == 'a'", "optionalOldSelf": true},
        ]},
    }});
    let old = json!({"items": [{"name": "a", "size": 5}, {"name": "b", "size": 5}], "kept": "bbb"});
    let say = |new: Value| judged(&schema, &old, &new).join("\n");
    assert_eq!(
        say(json!({"items": [{"name": "b", "size": 6}, {"name": "c", "size": 1}], "kept": "bbb"})),
        ""
    );
    assert_eq!(
        say(json!({"items": [{"name": "b", "size": 4}], "kept": "bbb"})),
        "spec.items[0].size: Invalid value: 4: must grow"
    );
    assert_eq!(
        say(json!({"kept": "bb", "fixed": "b"})),
        "spec.fixed: Invalid value: \"b\": failed rule: oldSelf.hasValue() ? self == oldSelf.value() : self == 'a'\n\
         spec.kept: Invalid value: \"bb\": failed rule: self.startsWith('a')"
    );
}

#[test]
fn what_was_wrong_before_may_stay() {
    let schema = json!({"type": "object", "required": ["must"], "properties": {
        "must": {"type": "string"},
        "text": {"type": "string", "maxLength": 3},
        "other": {"type": "string"},
        "list": {"type": "array", "items": {"type": "string", "maxLength": 3}},
        "set": {"type": "array", "items": {"type": "string"}, "x-kubernetes-list-type": "set"},
        "map": {"type": "object", "additionalProperties": {"type": "string"}},
        "filled": {"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "string", "default": "x"}}},
    }});
    let schemas = cluster(&schema);
    let kind = schemas.find("example.com/v1", "Thing").unwrap();
    let old = json!({"must": "a", "text": "long", "list": ["long", "a"], "set": ["a", "a"],
                     "map": {"a": "b"}, "filled": {"a": "b"}});
    let say = |new: Value| {
        let problems = schemas.validate_update(kind, &thing(old.clone()), &thing(new));
        problems
            .into_iter()
            .map(|problem| problem.pointer)
            .collect::<Vec<_>>()
            .join(" ")
    };
    assert_eq!(
        say(json!({"must": "b", "other": "x", "text": "long", "list": ["long", "a"], "map": {}, "filled": {}})),
        "/spec/map"
    );
    assert_eq!(
        say(json!({"must": "b", "text": "longer", "list": ["long", "b"]})),
        "/spec/list/0 /spec/text"
    );
    assert_eq!(say(json!({"text": "long"})), "/spec");
    assert_eq!(say(json!({"must": "b", "set": ["a", "a"]})), "/spec/set/1");
}

#[test]
fn rules_see_the_defaults() {
    let schema = json!({"type": "object", "default": {}, "properties": {"a": {"type": "string", "default": "x"}},
                        "x-kubernetes-validations": [{"rule": "self.a == 'x'"}]});
    let schemas = cluster(&schema);
    let kind = schemas.find("example.com/v1", "Thing").unwrap();
    let mut object = thing(json!({}));
    assert_eq!(schemas.validate(kind, &object), []);
    object.as_object_mut().unwrap().remove("spec");
    assert_eq!(schemas.completed(kind, &object)["spec"], json!({"a": "x"}));
    let config = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}, "data": null});
    let kind = SCHEMAS.find("v1", "ConfigMap").unwrap();
    assert_eq!(*SCHEMAS.completed(kind, &config), config);
}

#[test]
fn a_definition_whose_rules_the_server_refuses_is_refused() {
    let document = definition(&json!({
        "type": "object",
        "x-kubernetes-validations": [
            {"rule": "self.nam == 'a'"},
            {"rule": "self.name"},
            {"rule": "self.name != ''", "messageExpression": "1", "reason": "Because", "fieldPath": ".nam"},
            {"rule": "self.name != 'b'", "optionalOldSelf": true},
            {"rule": "self.name\n!= 'c'"},
            {"rule": "self.name != 'd'", "message": "no\nmore"},
            {"rule": " "},
        ],
        "properties": {
            "name": {"type": "string"},
            "list": {"type": "array", "items": {"type": "string", "x-kubernetes-validations": [{"rule": "self == oldSelf"}]}},
        },
    }));
    insta::assert_snapshot!(shown(&SCHEMAS, document), @r#"
    /spec/versions/0/schema/openAPIV3Schema/properties/spec/x-kubernetes-validations/0/rule [bad-definition-rule] spec.versions[0].schema.openAPIV3Schema.properties[spec].x-kubernetes-validations[0].rule: Invalid value: "self.nam == 'a'": compilation failed: undefined field 'nam' (did you mean `name`?)
    /spec/versions/0/schema/openAPIV3Schema/properties/spec/x-kubernetes-validations/1/rule [bad-definition-rule] spec.versions[0].schema.openAPIV3Schema.properties[spec].x-kubernetes-validations[1].rule: Invalid value: "self.name": cel expression must evaluate to a bool
    /spec/versions/0/schema/openAPIV3Schema/properties/spec/x-kubernetes-validations/2/reason [bad-definition-rule] spec.versions[0].schema.openAPIV3Schema.properties[spec].x-kubernetes-validations[2].reason: Unsupported value: "Because": supported values: "FieldValueDuplicate", "FieldValueForbidden", "FieldValueInvalid", "FieldValueRequired"
    /spec/versions/0/schema/openAPIV3Schema/properties/spec/x-kubernetes-validations/2/fieldPath [bad-definition-rule] spec.versions[0].schema.openAPIV3Schema.properties[spec].x-kubernetes-validations[2].fieldPath: Invalid value: ".nam": must be a valid path
    /spec/versions/0/schema/openAPIV3Schema/properties/spec/x-kubernetes-validations/2/messageExpression [bad-definition-rule] spec.versions[0].schema.openAPIV3Schema.properties[spec].x-kubernetes-validations[2].messageExpression: Invalid value: "1": messageExpression must evaluate to a string
    /spec/versions/0/schema/openAPIV3Schema/properties/spec/x-kubernetes-validations/3/optionalOldSelf [bad-definition-rule] spec.versions[0].schema.openAPIV3Schema.properties[spec].x-kubernetes-validations[3].optionalOldSelf: Invalid value: true: may not be set if oldSelf is not used in rule
    /spec/versions/0/schema/openAPIV3Schema/properties/spec/x-kubernetes-validations/4 [bad-definition-rule] spec.versions[0].schema.openAPIV3Schema.properties[spec].x-kubernetes-validations[4]: Required value: message must be specified if rule contains line breaks
    /spec/versions/0/schema/openAPIV3Schema/properties/spec/x-kubernetes-validations/5/message [bad-definition-rule] spec.versions[0].schema.openAPIV3Schema.properties[spec].x-kubernetes-validations[5].message: Invalid value: must not contain line breaks
    /spec/versions/0/schema/openAPIV3Schema/properties/spec/x-kubernetes-validations/6/rule [bad-definition-rule] spec.versions[0].schema.openAPIV3Schema.properties[spec].x-kubernetes-validations[6].rule: Required value: rule is not specified
    /spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/list/items/x-kubernetes-validations/0/rule [bad-definition-rule] spec.versions[0].schema.openAPIV3Schema.properties[spec].properties[list].items.x-kubernetes-validations[0].rule: Invalid value: "self == oldSelf": oldSelf cannot be used on the uncorrelatable portion of the schema: the items of a list without keys
    "#);
}

#[test]
fn definitions_in_use_are_right() {
    for (path, document) in super::objects("../shared/crds") {
        assert_eq!(shown(&SCHEMAS, document), "", "{}", path.display());
    }
}

#[test]
fn the_type_of_an_object_is_never_what_it_was() {
    let mut document = definition(&json!({"type": "object"}));
    let schema = &mut document["spec"]["versions"][0]["schema"]["openAPIV3Schema"];
    schema["properties"]["kind"] = json!({"type": "string", "x-kubernetes-validations": [{"rule": "self == 'Pod'"}]});
    let mut schemas = schemas("1.36");
    assert_eq!(schemas.add_crds(&[document]), []);
    let kind = schemas.find("example.com/v1", "Thing").unwrap();
    let object = thing(json!({}));
    assert_eq!(
        failed(schemas.validate_update(kind, &object, &object)),
        ["kind: Invalid value: \"Thing\": failed rule: self == 'Pod'"]
    );
}

#[test]
fn what_rules_cannot_see_is_kept_apart() {
    let schema = json!({"type": "object", "properties": {
        "when": {"type": "string", "format": "date-time", "x-kubernetes-validations": [{"rule": "self.getFullYear() > 2000"}]},
        "data": {"type": "string", "format": "byte", "x-kubernetes-validations": [{"rule": "self == b'odoo'"}]},
        "wait": {"type": "string", "format": "duration", "x-kubernetes-validations": [{"rule": "self > duration('1m')"}]},
        "any": {"x-kubernetes-preserve-unknown-fields": true},
    }, "x-kubernetes-validations": [{"rule": "!has(oldSelf.when) || self == oldSelf"}]});
    let good = json!({"when": "2026-01-02T03:04:05Z", "data": "b2Rvbw==", "wait": "1h", "any": {"b": [1]}});
    assert_eq!(judged(&schema, &good, &good), Vec::<String>::new());
    let bad = json!({"when": "1999-01-02T03:04:05Z", "data": "b2Rv", "wait": "5s", "any": {"b": [2]}});
    assert_eq!(judged(&schema, &good, &bad).len(), 4);
    // A text that is not what its format says is refused for that alone.
    assert_eq!(
        judged(&schema, &Value::Null, &json!({"when": "now"})),
        Vec::<String>::new()
    );
}
