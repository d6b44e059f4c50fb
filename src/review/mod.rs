//! Manifests that somebody wrote elsewhere: held against rules and admission policies, as they are.
//!
//! No workspace is needed. A finding points at the line of the file, also inside a `List`.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::admission::{self, Operation, Request, Resources};
use crate::defaults;
use crate::diagnostic::Finding;
use crate::manifest::Object;
use crate::policy::{self, Rule};
use crate::validate;
use crate::workspace::Document;

/// One manifest, and where it is written.
#[derive(Debug, Clone)]
pub struct Manifest {
    /// The object.
    pub object: Object,
    document: Document,
    /// JSON pointer of the object inside the document.
    pointer: String,
}

/// Takes the objects out of documents; lists of objects are opened.
pub fn manifests(documents: &[Document]) -> (Vec<Manifest>, Vec<Finding>) {
    let mut found = Vec::new();
    let mut findings = Vec::new();
    for document in documents {
        open(document, &document.value, String::new(), &mut found, &mut findings);
    }
    (found, findings)
}

fn open(document: &Document, value: &Value, pointer: String, found: &mut Vec<Manifest>, findings: &mut Vec<Finding>) {
    let kind = value.get("kind").and_then(Value::as_str).unwrap_or_default();
    match value.get("items").and_then(Value::as_array) {
        Some(items) if kind.ends_with("List") => {
            for (index, item) in items.iter().enumerate() {
                open(document, item, format!("{pointer}/items/{index}"), found, findings);
            }
        }
        _ => match Object::from_value(value.clone()) {
            Some(object) => found.push(Manifest {
                object,
                document: document.clone(),
                pointer,
            }),
            None => findings.push(
                Finding::error(
                    "not-a-manifest",
                    "a manifest has `apiVersion`, `kind` and `metadata.name`",
                )
                .at(document.locate(&pointer))
                .help("add what is missing, or leave the file out"),
            ),
        },
    }
}

/// Admission policies, and the documents that they come from.
pub struct Policies {
    compiled: admission::Policies,
    documents: Vec<Document>,
}

impl Policies {
    /// Compiles policies and bindings; any other document may be a parameter.
    pub fn compile(documents: Vec<Document>) -> (Self, Vec<Finding>) {
        let (compiled, findings) = admission::Policies::compile(&documents, &Resources::default());
        (Self { compiled, documents }, findings)
    }

    fn document(&self, policy: &str) -> Option<&Document> {
        self.documents.iter().find(|document| {
            let value = &document.value;
            value
                .get("kind")
                .is_some_and(|kind| kind == "ValidatingAdmissionPolicy")
                && value.pointer("/metadata/name").is_some_and(|name| name == policy)
        })
    }
}

/// Judges manifests: what an API server refuses, what rules and admission policies deny.
pub fn review(manifests: &[Manifest], policies: &Policies, rules: &[Rule]) -> Vec<Finding> {
    let namespaces: BTreeMap<&str, Value> = manifests
        .iter()
        .filter(|manifest| manifest.object.kind == "Namespace" && manifest.object.group().is_empty())
        .map(|manifest| (manifest.object.name.as_str(), defaulted(&manifest.object)))
        .collect();
    let mut findings = Vec::new();
    for manifest in manifests {
        let object = &manifest.object;
        let mut of_object = policy::judge(None, std::slice::from_ref(object), &[], rules);
        validate::check_object(object, &mut of_object);
        of_object.extend(admit(object, policies, &namespaces));
        for mut finding in of_object {
            let field = finding.field.clone().unwrap_or_default();
            let place = || manifest.document.locate_key(&format!("{}{field}", manifest.pointer));
            finding.location = finding.location.take().or_else(|| Some(place()));
            findings.push(finding);
        }
    }
    findings
}

fn admit(object: &Object, policies: &Policies, namespaces: &BTreeMap<&str, Value>) -> Vec<Finding> {
    if policies.compiled.is_empty() {
        return Vec::new();
    }
    let value = defaulted(object);
    let namespace = object.namespace.as_deref().and_then(|name| namespaces.get(name));
    let request = Request {
        operation: Operation::Create,
        object: &value,
        old: None,
        namespace,
    };
    let verdicts = policies.compiled.judge(&request).into_iter();
    verdicts
        .map(|verdict| {
            let document = policies.document(&verdict.policy);
            policy::denial(object, verdict, document)
        })
        .collect()
}

fn defaulted(object: &Object) -> Value {
    let mut value = object.value.clone();
    defaults::apply(&mut value);
    value
}
