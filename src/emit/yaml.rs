//! The canonical YAML of a value.
//!
//! Equal values give equal bytes, whatever the order of their maps, and every reader gets the value back: block style,
//! keys in reading order, no folding, no anchors, no tags.

use std::fmt::Write as _;

use serde_json::{Map, Number, Value};

use super::scalar::{self, newline};

/// Appends `value` as one canonical document, with a final newline and without `---`.
///
/// The recursion is as deep as the value, which is bounded by whoever reads it from text.
pub fn write(value: &Value, out: &mut String) {
    match value {
        Value::Object(map) if !map.is_empty() => mapping(map, 0, DOCUMENT, out),
        Value::Array(items) if !items.is_empty() => sequence(items, 0, out),
        _ => leaf(value, 2, out),
    }
    out.push('\n');
}

/// Returns `value` as one canonical document.
pub fn to_string(value: &Value) -> String {
    // Most objects are between one and four kilobytes long.
    let mut out = String::with_capacity(2048);
    write(value, &mut out);
    out
}

// Keys that a reader looks for first; the others follow in alphabetical order.
const DOCUMENT: &[&str] = &["apiVersion", "kind", "metadata"];
const METADATA: &[&str] = &["name", "namespace", "labels", "annotations"];
const ITEM: &[&str] = &["name"];

/// YAML bounds a key without `?` to 1,024 characters.
const LONGEST_SIMPLE_KEY: usize = 1000;

fn mapping(map: &Map<String, Value>, indent: usize, first: &[&str], out: &mut String) {
    let mut separate = false;
    let mut write = |key: &str, value: &Value| {
        if separate {
            newline(indent, out);
        }
        separate = true;
        entry(key, value, indent, out);
    };
    for key in first {
        if let Some(value) = map.get(*key) {
            write(key, value);
        }
    }
    let others = map.iter().filter(|(key, _)| !first.contains(&key.as_str()));
    // A feature of serde_json, which any dependency can switch on, decides the order of its maps.
    if map.keys().is_sorted() {
        others.for_each(|(key, value)| write(key, value));
    } else {
        let mut sorted: Vec<_> = others.collect();
        sorted.sort_unstable_by_key(|(key, _)| key.as_str());
        sorted.into_iter().for_each(|(key, value)| write(key, value));
    }
}

fn entry(key: &str, value: &Value, indent: usize, out: &mut String) {
    let start = out.len();
    scalar::key(key, out);
    if out.len() - start > LONGEST_SIMPLE_KEY {
        out.insert_str(start, "? ");
        newline(indent, out);
    }
    out.push(':');
    match value {
        Value::Object(map) if !map.is_empty() => {
            newline(indent + 2, out);
            mapping(map, indent + 2, if key == "metadata" { METADATA } else { &[] }, out);
        }
        Value::Array(items) if !items.is_empty() => {
            newline(indent, out);
            sequence(items, indent, out);
        }
        _ => {
            out.push(' ');
            leaf(value, indent + 2, out);
        }
    }
}

fn sequence(items: &[Value], indent: usize, out: &mut String) {
    for (position, item) in items.iter().enumerate() {
        if position > 0 {
            newline(indent, out);
        }
        out.push_str("- ");
        match item {
            Value::Object(map) if !map.is_empty() => mapping(map, indent + 2, ITEM, out),
            Value::Array(items) if !items.is_empty() => sequence(items, indent + 2, out),
            _ => leaf(item, indent + 2, out),
        }
    }
}

/// Writes a scalar or an empty collection; `indent` is the column of the lines of a literal block.
fn leaf(value: &Value, indent: usize, out: &mut String) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(true) => out.push_str("true"),
        Value::Bool(false) => out.push_str("false"),
        Value::Number(number) => self::number(number, out),
        Value::String(text) => scalar::value(text, indent, out),
        Value::Array(_) => out.push_str("[]"),
        Value::Object(_) => out.push_str("{}"),
    }
}

/// Writes a number; YAML 1.1 takes a float for one only with a point in it and a sign in its exponent.
fn number(number: &Number, out: &mut String) {
    let start = out.len();
    // Writing to a `String` cannot fail.
    let _ = write!(out, "{number}");
    let Some((mantissa, exponent)) = out.get(start..).and_then(|text| text.split_once('e')) else {
        return;
    };
    let point = if mantissa.contains('.') { "" } else { ".0" };
    let sign = if exponent.starts_with(['-', '+']) { "" } else { "+" };
    let float = format!("{mantissa}{point}e{sign}{exponent}");
    out.truncate(start);
    out.push_str(&float);
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::emit::claims::claimed;

    #[test]
    fn a_deployment_reads_as_reviewers_know_it() {
        let value = json!({
            "spec": {
                "template": {
                    "spec": {
                        "containers": [{
                            "env": [{ "value": "on", "name": "PROXY_MODE" }],
                            "args": ["--workers=4", "17.0", "-c"],
                            "image": "registry.example.com/odoo:17.0",
                            "name": "odoo",
                            "resources": { "limits": { "memory": "4Gi", "cpu": "1" } },
                            "command": ["sh", "-c", "set -e\nexec odoo\n"],
                        }],
                        "volumes": [{ "emptyDir": {}, "name": "tmp" }],
                        "tolerations": [],
                    },
                    "metadata": { "labels": { "app": "odoo" } },
                },
                "replicas": 2,
                "selector": { "matchLabels": { "app": "odoo" } },
            },
            "metadata": {
                "annotations": { "b": "true", "a": "two words" },
                "labels": { "app": "odoo" },
                "finalizers": ["x"],
                "namespace": "acme-production",
                "name": "odoo",
            },
            "kind": "Deployment",
            "apiVersion": "apps/v1",
        });
        insta::assert_snapshot!(to_string(&value), @r#"
        apiVersion: apps/v1
        kind: Deployment
        metadata:
          name: odoo
          namespace: acme-production
          labels:
            app: odoo
          annotations:
            a: two words
            b: "true"
          finalizers:
          - x
        spec:
          replicas: 2
          selector:
            matchLabels:
              app: odoo
          template:
            metadata:
              labels:
                app: odoo
            spec:
              containers:
              - name: odoo
                args:
                - --workers=4
                - "17.0"
                - -c
                command:
                - sh
                - -c
                - |
                  set -e
                  exec odoo
                env:
                - name: PROXY_MODE
                  value: "on"
                image: registry.example.com/odoo:17.0
                resources:
                  limits:
                    cpu: "1"
                    memory: 4Gi
              tolerations: []
              volumes:
              - name: tmp
                emptyDir: {}
        "#);
    }

    #[test]
    fn every_shape_has_a_form() {
        insta::assert_snapshot!(to_string(&json!([[1, [2], []], {}, { "a": null, "name": true }, "a\n\nb"])), @r"
        - - 1
          - - 2
          - []
        - {}
        - name: true
          a: null
        - |-
          a

          b
        ");
        assert_eq!(to_string(&json!("a\nb\n")), "|\n  a\n  b\n");
        assert_eq!(to_string(&json!({})), "{}\n");
    }

    #[test]
    fn floats_stay_floats() {
        for (value, text) in [
            (1.0, "1.0\n"),
            (-0.5, "-0.5\n"),
            (1e300, "1.0e+300\n"),
            (5e-324, "5.0e-324\n"),
            (1.5e-9, "1.5e-9\n"),
            (f64::MAX, "1.7976931348623157e+308\n"),
        ] {
            assert_eq!(to_string(&json!(value)), text);
        }
        assert_eq!(
            to_string(&json!([u64::MAX, i64::MIN])),
            "- 18446744073709551615\n- -9223372036854775808\n"
        );
    }

    #[test]
    fn a_key_too_long_for_a_simple_key_is_explicit() {
        let long = "k".repeat(2000);
        for value in [json!(1), json!([1, [2]]), json!({ "a": [1] }), json!("a\nb"), json!([])] {
            let value = json!({ "list": [{ &long: value, "name": "x" }], &long: value });
            assert_eq!(serde_yaml::from_str::<Value>(&to_string(&value)).unwrap(), value);
        }
    }

    /// Says whether the independent reader gets back a document of the string as value, item and key.
    fn comes_back(text: &str) -> bool {
        let value = json!({ "value": text, "items": [text, { text: text }], text: { text: [text] } });
        serde_yaml::from_str::<Value>(&to_string(&value)).is_ok_and(|read| read == value)
    }

    #[test]
    fn hostile_strings_come_back() {
        // The corpus lies beside the repository on the machines that have it.
        let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpora/yaml/hostile-strings.json");
        let Ok(text) = std::fs::read_to_string(corpus) else {
            return;
        };
        for case in serde_json::from_str::<Vec<Value>>(&text).unwrap() {
            let text = case["string"].as_str().unwrap();
            assert!(comes_back(text), "{text:?}");
            let written = to_string(&json!(text));
            let plain = !written.starts_with(['"', '|']);
            assert!(!plain || claimed(text).is_none(), "{text:?}");
        }
    }

    /// Characters with a meaning in some YAML, or none in any.
    const HOSTILE: &str = "[-+?:,#&*!|>'\"%@`{}=<~^$;()/\\\\ \t\n\r\u{0}\u{7}\u{1b}\u{7f}\u{85}\u{a0}\u{ad}\u{2028}\u{2029}\
                           \u{202e}\u{feff}\u{fffe}\u{1f600}\u{e9}\u{4e2d}0-9eExXoObB_.yYnNTtZzifkaA\\[\\]]{0,8}";
    const NUMERIC: &str = "[-+]{0,2}[0-9]{0,4}[-+eExXoObB_.:,TtZz 0-9]{0,8}[a-z]?";

    fn text() -> impl Strategy<Value = String> {
        let words = prop::sample::select(vec![
            "y", "No", "ON", "null", "~", "<<", "=", "true", "name", "metadata", "---", "...",
        ]);
        prop_oneof![4 => HOSTILE, 2 => NUMERIC, 1 => any::<String>(), 1 => words.prop_map(str::to_owned)]
    }

    fn document() -> impl Strategy<Value = Value> {
        let number = prop_oneof![
            any::<i64>().prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            any::<f64>().prop_filter_map("finite", |float| Number::from_f64(float).map(Value::from)),
        ];
        let leaf = prop_oneof![
            1 => Just(Value::Null),
            1 => any::<bool>().prop_map(Value::from),
            2 => number,
            6 => text().prop_map(Value::from),
        ];
        leaf.prop_recursive(5, 48, 5, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
                prop::collection::btree_map(text(), inner, 0..5).prop_map(|map| map.into_iter().collect()),
            ]
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn documents_come_back(value in document()) {
            let written = to_string(&value);
            let read: Value = serde_yaml::from_str(&written).map_err(|error| TestCaseError::fail(format!("{error}\n{written}")))?;
            prop_assert_eq!(read, value, "{}", written);
        }

        #[test]
        fn no_reader_claims_a_plain_string(text in text()) {
            let written = to_string(&Value::from(text.as_str()));
            let plain = !written.starts_with(['"', '|']);
            prop_assert!(!plain || claimed(&text).is_none() && written.trim_end_matches('\n') == text);
            prop_assert!(written.chars().all(|character| character == '\n' || character == '\t' || !character.is_control()));
        }
    }
}
