use std::path::Path;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::super::tests::source;
use super::*;

/// The values of a text without findings.
fn values(text: &str) -> Vec<Value> {
    let (documents, findings) = parse_manifests(&source(text));
    assert_eq!(findings, [], "{text:?}");
    documents.iter().map(|document| Value::clone(&document.value)).collect()
}

/// The findings about a text, a line each.
fn show(text: &str) -> String {
    let line = |finding: &Finding| {
        let at = finding.location.as_ref().unwrap();
        format!("{}:{} {}: {}\n", at.line(), at.column(), finding.code, finding.message)
    };
    parse_manifests(&source(text)).1.iter().map(line).collect()
}

#[test]
fn types_are_those_of_yaml_1_1() {
    let text = "label: y\nmode: 0644\nport: 1_000\nversion: 1.10\nwhole: 1.0\nsecond: !!str 12\nbytes: !!binary aGk=\n\
                own: !env HOME\nnone: ~\ntime: 12:30:45\nday: 2024-01-01\nequals: =\nquoted: 'no'\nnow: !!float 1\n";
    let value = json!({
        "label": true, "mode": 420, "port": 1000, "version": 1.1, "whole": 1, "second": "12", "bytes": "hi", "own": "HOME",
        "none": null, "time": "12:30:45", "day": "2024-01-01", "equals": "=", "quoted": "no", "now": 1,
    });
    assert_eq!(values(text), [value]);
    assert_eq!(
        values("on: 1\n2: b\n0x10: c\n1.5: d\n'yes': e\n"),
        [json!({"true": 1, "2": "b", "16": "c", "1.5": "d", "yes": "e"})]
    );
}

#[test]
fn aliases_and_merges_are_followed() {
    let text = "base: &base {image: a, pull: Always}\nlist: &list [1, *base]\nfirst: {<<: *base, image: b}\n\
                both: {<<: [{image: c}, *base]}\nagain: *list\n&key k: *key\n";
    let base = json!({"image": "a", "pull": "Always"});
    assert_eq!(
        values(text),
        [json!({
            "base": base, "list": [1, base], "first": {"image": "b", "pull": "Always"},
            "both": {"image": "c", "pull": "Always"}, "again": [1, base], "k": "k",
        })]
    );
}

#[test]
fn documents_are_cut_as_kubectl_cuts_them() {
    let text = "# head\n---\n# nothing\n--- # two\r\na: |\r\n  x\r\n\r\n---\nnull\n---\n- b\n...\n";
    assert_eq!(values(text), [json!({"a": "x\n"}), json!(["b"])]);
    assert_eq!(
        values("{\"a\":\n\t1}\n{\"b\": \"\\ud83d\\ude00\\/\"}\n"),
        [json!({"a": 1}), json!({"b": "😀/"})]
    );
    assert_eq!(values(""), [] as [Value; 0]);
    assert_eq!(
        values("a:\n  b: \"one\n  two\nthree\"\n  c: 'it''s\nok'\nd: 1\n"),
        [json!({"a": {"b": "one two three", "c": "it's ok"}, "d": 1})]
    );
}

#[test]
fn what_strict_reading_refuses_is_refused() {
    let mut table = String::new();
    for text in [
        "a: 1\nb: 2\n\"a\": 3",
        "a: .inf",
        "~: a",
        "[a]: b",
        "a: *x",
        "a: &x [*x]",
        "a: {<<: 1}",
        "x: &x {a: 1}\ny: {a: 2, <<: *x}",
        "x: &x {a: 1}\ny: {<<: *x, <<: *x}",
        "a: !!int x",
        "a: !!binary '*'",
        "a:\n\tb: 1",
        "--- {a: 1}",
        "%YAML 1.2\n---\na: 1",
        "a: [1\n---\nb: 2\n---\nc: ]",
    ] {
        table.push_str(&format!("{text:?}\n{}", show(text)));
    }
    insta::assert_snapshot!(table, @r###"
    "a: 1\nb: 2\n\"a\": 3"
    3:1 duplicate-key: key `a` is defined twice
    "a: .inf"
    1:4 ambiguous-scalar: `.inf` is no number that a server can be told
    "~: a"
    1:1 non-string-key: key `~` is null, not text
    "[a]: b"
    1:1 non-string-key: key is a list, not text
    "a: *x"
    1:4 anchor-or-alias: alias `*x` has no anchor above it
    "a: &x [*x]"
    1:8 anchor-or-alias: alias `*x` has no anchor above it
    "a: {<<: 1}"
    1:5 merge-key: `<<` takes over the fields of mappings only
    "x: &x {a: 1}\ny: {a: 2, <<: *x}"
    2:11 merge-key: `<<` also sets `a`, which is set above it: tools disagree about which of the two counts
    "x: &x {a: 1}\ny: {<<: *x, <<: *x}"
    2:13 duplicate-key: key `<<` is defined twice
    "a: !!int x"
    1:10 tag: `x` is not what its tag says
    "a: !!binary '*'"
    1:13 tag: `*` is not what its tag says
    "a:\n\tb: 1"
    2:1 yaml-syntax: tab in indentation
    "--- {a: 1}"
    1:1 yaml-syntax: content on the line of `---`
    "%YAML 1.2\n---\na: 1"
    1:1 yaml-syntax: YAML directives are not accepted
    "a: [1\n---\nb: 2\n---\nc: ]"
    1:4 yaml-syntax: `[` is never closed
    5:4 yaml-syntax: closing bracket without an opening one
    "###);
}

#[test]
fn places_lead_to_what_was_written() {
    let text = "x: &x {a: 1}\n0x10: b\ny:\n  <<: *x\n  c: 2\nz: *x\nq: 'one\ntwo'\n";
    let document = parse_manifests(&source(text)).0.remove(0);
    let mut shown = String::new();
    for pointer in ["/16", "/y/a", "/y/c", "/z/a", "/x/a", "/q"] {
        let (value, key) = (document.locate(pointer), document.locate_key(pointer));
        let text = &text[value.span.clone()];
        shown.push_str(&format!(
            "{pointer} {}:{} {text:?} {}:{}\n",
            value.line(),
            value.column(),
            key.line(),
            key.column()
        ));
    }
    insta::assert_snapshot!(shown, @r#"
    /16 2:7 "b" 2:1
    /y/a 4:3 "<<" 4:3
    /y/c 5:6 "2" 5:3
    /z/a 6:4 "*x" 6:4
    /x/a 1:11 "1" 1:8
    /q 1:1 "x" 1:1
    "#);
}

#[test]
fn nesting_and_repetition_are_bounded() {
    assert_eq!(show(&format!("{}{}", "[".repeat(200), "]".repeat(200))), "");
    assert!(show(&"[".repeat(100_000)).contains("too-deep"));
    assert!(show(&"- ".repeat(100_000)).contains("too-deep"));
    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..40 {
        let last = level - 1;
        bomb.push_str(&format!(
            "a{level}: &a{level} [*a{last}, *a{last}, *a{last}, *a{last}]\n"
        ));
    }
    assert!(show(&bomb).contains("repeat too much"));
    let chain: String = (0..5_000)
        .map(|level| format!("- &a{level} [*a{}]\n", level.max(1) - 1))
        .collect();
    assert!(!show(&chain).is_empty());
}

/// What `sigs.k8s.io/yaml` reads strictly is read as it reads it, and what it refuses is refused.
#[test]
fn agrees_with_the_tools_of_kubernetes() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpora/yaml/cases.jsonl");
    let Ok(cases) = std::fs::read_to_string(path) else {
        return;
    };
    let mut wrong = String::new();
    for case in cases.lines() {
        let case: Value = serde_json::from_str(case).unwrap();
        let text = case["yaml"].as_str().unwrap();
        // Those readers stop after the first document, and keep one of two keys that become one text.
        if text.starts_with("---\n---") || case["id"] == "dup-int-str" {
            continue;
        }
        let (documents, findings) = parse_manifests(&source(text));
        let ours = documents
            .first()
            .map_or(Value::Null, |document| Value::clone(&document.value));
        let ours = if findings.is_empty() { Some(ours) } else { None };
        // Fields that `<<` brought may be written again: only reading strictly, as nobody does who applies YAML, refuses it.
        let reading = if text.contains("<<") {
            &case["k8s"]
        } else {
            &case["k8sStrict"]
        };
        let theirs = serde_json::from_str::<Value>(reading.as_str().unwrap()).ok();
        if ours != theirs {
            wrong.push_str(&format!("{} {text:?}: {ours:?}, not {theirs:?}\n", case["id"]));
        }
    }
    assert_eq!(wrong, "");
}

proptest! {
    #[test]
    fn any_marks_are_read_or_refused(text in "[a1é \t\r\n:?\\[\\]{},'\"|>&*!%#~<.-]{0,40}") {
        for document in parse_manifests(&source(&text)).0 {
            let place = document.locate_key("/a/0");
            prop_assert!(text.get(place.span).is_some());
        }
    }
}
