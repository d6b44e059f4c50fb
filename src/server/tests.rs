//! Every rule's examples, and what a change of the stored object is.

use serde_json::Value;

use super::{API_SERVER, codes};
use crate::defaults;
use crate::diagnostic::Source;
use crate::schema::Schemas;
use crate::text::KubernetesVersion;
use crate::workspace::parse;

/// Reads the manifests of an example, complete with their defaults.
fn example(text: &str) -> Vec<Value> {
    let source = Source {
        path: "example.yaml".to_owned(),
        text: text.to_owned(),
    };
    let (documents, findings) = parse(&std::sync::Arc::new(source));
    assert_eq!(findings, [], "{text}");
    documents
        .into_iter()
        .map(|document| {
            let mut value = Value::clone(&document.value);
            defaults::apply(&mut value);
            value
        })
        .collect()
}

/// What is said of the last of one or two manifests: `code: message`.
fn said(text: &str, schemas: &Schemas) -> Vec<(&'static str, String)> {
    let version = KubernetesVersion::newest();
    let objects = example(text);
    let (object, old) = match objects.as_slice() {
        [object] => (object, None),
        [old, object] => (object, Some(old)),
        _ => panic!("an example is one manifest, or two: {text}"),
    };
    let name = |field: &str| object.get(field).and_then(Value::as_str).unwrap_or_default();
    let mut problems = super::check(object, old, version.minor());
    if let Some(kind) = schemas.find(name("apiVersion"), name("kind")) {
        problems.extend(schemas.validate(kind, object));
    }
    problems
        .into_iter()
        .map(|problem| (problem.code, problem.message))
        .collect()
}

#[test]
fn examples_are_judged_as_their_pages_say() {
    let schemas = Schemas::new(&KubernetesVersion::newest());
    for (by, code) in codes() {
        let bad = said(code.bad, &schemas);
        assert!(
            bad.iter().any(|(id, _)| *id == code.id),
            "the bad example of `{}` is not refused for it: {bad:?}",
            code.id
        );
        // Of a custom resource, the definition may say the same first.
        assert!(
            by != API_SERVER || bad.iter().all(|(id, _)| *id == code.id),
            "the bad example of `{}` is refused for more: {bad:?}",
            code.id
        );
        assert_eq!(said(code.good, &schemas), [], "the good example of `{}`", code.id);
    }
}

#[test]
fn rules_of_the_server_are_about_kinds_that_it_has() {
    let schemas = Schemas::new(&KubernetesVersion::newest());
    for rules in super::RULES.iter().filter(|rules| rules.by == API_SERVER) {
        for kind in rules.kinds {
            let is_known = schemas
                .kinds()
                .any(|known| known.group() == kind.group && &*known.kind == kind.kind);
            assert!(is_known, "there is no {} in `{}`", kind.kind, kind.group);
        }
    }
}
