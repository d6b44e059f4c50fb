//! Manifests that somebody wrote elsewhere: held against schemas, rules and admission policies, as they are.
//!
//! No workspace is needed. A finding points at the line of the file, also inside a `List`.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::admission::{self, Operation, Request, Resources};
use crate::defaults;
use crate::diagnostic::{Finding, Level};
use crate::manifest::Object;
use crate::policy::{self, Rule};
use crate::references::{self, World};
use crate::schema::Schemas;
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

/// What manifests are held against.
pub struct Judges<'a> {
    /// The kinds that the server knows.
    pub schemas: &'a Schemas,
    /// The policies that it holds.
    pub policies: &'a Policies,
    /// Rules in Rust.
    pub rules: &'a [Rule],
    /// What is on the cluster already.
    pub base: &'a [Manifest],
}

/// Judges manifests: what an API server refuses, what rules and admission policies deny.
pub fn review(manifests: &[Manifest], judges: &Judges<'_>) -> Vec<Finding> {
    let stored: BTreeMap<_, &Object> = judges
        .base
        .iter()
        .map(|manifest| (identity(&manifest.object), &manifest.object))
        .collect();
    let namespaces: BTreeMap<&str, Value> = manifests
        .iter()
        .filter(|manifest| manifest.object.kind == "Namespace" && manifest.object.group().is_empty())
        .map(|manifest| (manifest.object.name.as_str(), defaulted(&manifest.object)))
        .collect();
    let mut findings = Vec::new();
    let mut unknown = BTreeSet::new();
    for manifest in manifests {
        let object = &manifest.object;
        let value = defaulted(object);
        let old = stored.get(&identity(object)).map(|old| defaulted(old));
        let mut of_object: Vec<Finding> = unknown_kind(object, judges.schemas, &mut unknown).into_iter().collect();
        let problems = validate::refusals(judges.schemas, object, &value, old.as_ref());
        of_object.extend(problems.into_iter().map(|problem| validate::refusal(object, problem)));
        of_object.extend(policy::judge(None, std::slice::from_ref(object), &[], judges.rules));
        validate::check_object(object, &mut of_object);
        of_object.extend(admit(object, &value, old.as_ref(), judges.policies, &namespaces));
        for mut finding in of_object {
            let field = finding.field.clone().unwrap_or_default();
            let place = || manifest.document.locate_key(&format!("{}{field}", manifest.pointer));
            finding.location = finding.location.take().or_else(|| Some(place()));
            findings.push(finding);
        }
    }
    findings.extend(dangling(manifests));
    findings
}

/// References that lead nowhere, with both ends.
fn dangling(manifests: &[Manifest]) -> Vec<Finding> {
    let world = World::open(manifests.iter().map(|manifest| &manifest.object));
    let locate = |index: usize, field: &str| {
        let manifest = manifests.get(index)?;
        Some(manifest.document.locate_key(&format!("{}{field}", manifest.pointer)))
    };
    let place = |found: references::Found| {
        let mut finding = found.finding;
        finding.location = locate(found.at, finding.field.as_deref().unwrap_or_default());
        for other in found.others {
            let what = manifests
                .get(other)
                .map(|manifest| manifest.object.reference().to_string());
            finding.related.extend(locate(other, "/metadata/name").zip(what));
        }
        finding
    };
    references::check(&world).into_iter().map(place).collect()
}

/// Says of the first object of a kind that it has no schema.
fn unknown_kind<'o>(
    object: &'o Object,
    schemas: &Schemas,
    unknown: &mut BTreeSet<(&'o str, &'o str)>,
) -> Option<Finding> {
    let (api_version, kind) = (object.api_version.as_str(), object.kind.as_str());
    let is_known = schemas.find(api_version, kind).is_some() || schemas.availability(api_version, kind).is_some();
    if is_known || !unknown.insert((api_version, kind)) {
        return None;
    }
    let message = format!("no schema is known for `{api_version}` {kind}, so its fields are not checked");
    let help = "give its CustomResourceDefinition with `--crds`";
    let mut finding = Finding::new("unknown-object-kind", Level::Audit, message)
        .field("/kind")
        .help(help);
    finding.object = Some(object.reference());
    Some(finding)
}

/// Who an object is to the server, whatever its version.
fn identity(object: &Object) -> (&str, &str, Option<&str>, &str) {
    (object.group(), &object.kind, object.namespace.as_deref(), &object.name)
}

fn admit(
    object: &Object,
    value: &Value,
    old: Option<&Value>,
    policies: &Policies,
    namespaces: &BTreeMap<&str, Value>,
) -> Vec<Finding> {
    if policies.compiled.is_empty() {
        return Vec::new();
    }
    let namespace = object.namespace.as_deref().and_then(|name| namespaces.get(name));
    let request = Request {
        operation: match old {
            Some(_) => Operation::Update,
            None => Operation::Create,
        },
        object: value,
        old,
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::diagnostic::Source;
    use crate::text::KubernetesVersion;
    use crate::workspace::parse;

    /// Findings about the structure of manifests, a line each.
    fn reviewed(version: &str, text: &str) -> String {
        let source = Source {
            path: "k8s.yaml".to_owned(),
            text: text.to_owned(),
        };
        let (documents, findings) = parse(&Arc::new(source));
        assert_eq!(findings, []);
        let (manifests, findings) = manifests(&documents);
        assert_eq!(findings, []);
        let mut schemas = Schemas::new(&version.parse::<KubernetesVersion>().unwrap());
        for document in &documents {
            assert_eq!(schemas.add_crds(std::slice::from_ref(&document.value)), []);
        }
        let (policies, _) = Policies::compile(vec![]);
        let judges = Judges {
            schemas: &schemas,
            policies: &policies,
            rules: &[],
            base: &[],
        };
        let findings = review(&manifests, &judges);
        let line = |finding: &Finding| {
            let at = finding.location.as_ref().unwrap();
            let (line, column, level, code) = (at.line(), at.column(), finding.level.name(), &finding.code);
            format!("{line}:{column} {level}[{code}] {}\n", finding.message)
        };
        findings.iter().map(line).collect()
    }

    const MANIFESTS: &str = "apiVersion: v1
kind: List
items:
  - apiVersion: apps/v1
    kind: Deployment
    metadata: {name: web, namespace: shop}
    spec:
      replica: 2
      selector: {matchLabels: {app: web}}
      template:
        metadata: {labels: {app: web}}
        spec:
          containers:
            - name: web
              image: web:1
              restartPolicyRules: []
              env: [{name: PORT, value: 80}]
---
{apiVersion: v1, kind: Endpoints, metadata: {name: old, namespace: shop}}
---
{apiVersion: example.com/v1, kind: Kettle, metadata: {name: one, namespace: shop}, spec: {size: big}}
---
{apiVersion: example.com/v1, kind: Kettle, metadata: {name: two, namespace: shop}, spec: {size: big}}
";

    #[test]
    fn fields_are_held_against_the_version() {
        insta::assert_snapshot!(reviewed("1.33", MANIFESTS), @r#"
        8:7 deny[unknown-object-field] unknown field "spec.replica"
        17:34 deny[wrong-object-type] spec.template.spec.containers[0].env[0].value: json: cannot unmarshal number 80 into Go value of type string
        16:15 deny[field-too-new] unknown field "spec.template.spec.containers[0].restartPolicyRules"
        19:2 warn[deprecated-api] `v1` Endpoints is deprecated since Kubernetes 1.33
        21:30 audit[unknown-object-kind] no schema is known for `example.com/v1` Kettle, so its fields are not checked
        "#);
        let newest = reviewed(KubernetesVersion::newest().as_str(), MANIFESTS);
        assert!(
            !newest.contains("field-too-new") && newest.contains("unknown-object-field"),
            "{newest}"
        );
    }

    #[test]
    fn custom_resources_are_held_against_their_definition() {
        let definition = "---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: kettles.example.com}
spec:
  group: example.com
  names: {kind: Kettle, plural: kettles}
  scope: Namespaced
  versions:
    - name: v1
      served: true
      storage: true
      schema:
        openAPIV3Schema:
          type: object
          properties:
            spec: {type: object, properties: {size: {type: integer}}}
";
        let (_, kettles) = MANIFESTS.split_once("---\n").unwrap();
        insta::assert_snapshot!(reviewed("1.37", &format!("{kettles}{definition}")), @r#"
        1:2 warn[deprecated-api] `v1` Endpoints is deprecated since Kubernetes 1.33
        3:91 deny[wrong-object-type] spec.size: Invalid value: "string": spec.size in body must be of type integer: "string"
        5:91 deny[wrong-object-type] spec.size: Invalid value: "string": spec.size in body must be of type integer: "string"
        "#);
    }
}
