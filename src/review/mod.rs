//! Manifests that somebody wrote elsewhere: held against schemas, rules and admission policies, as they are.
//!
//! No workspace is needed. A finding points at the line of the file, also inside a `List`.

mod kustomize;
mod read;

use std::collections::BTreeMap;
use std::sync::Arc;

use rayon::prelude::*;
use serde_json::Value;

use crate::admission::{self, Operation, Request, Resources};
use crate::defaults;
use crate::diagnostic::{Finding, Level, Location};
use crate::manifest::Object;
use crate::policy::{self, Rule};
use crate::references::{self, World};
use crate::schema::Schemas;
use crate::validate;
use crate::workspace::Document;

pub use read::{Input, documents, read};

/// How many bytes of JSON an API server stores of an object (1.5 MiB, the limit of etcd for a request).
const MAXIMUM_OBJECT_SIZE: usize = 1_572_864;

/// One manifest, and where it is written.
#[derive(Debug, Clone)]
pub struct Manifest {
    /// The object.
    pub object: Object,
    document: Document,
    /// JSON pointer of the object inside the document.
    pointer: String,
}

impl Manifest {
    /// Returns where the key at a JSON pointer of the object is written.
    pub fn locate_key(&self, pointer: &str) -> Location {
        self.document.locate_key(&format!("{}{pointer}", self.pointer))
    }

    /// Returns the object as a document, for those who look for parameters of policies.
    pub fn document(&self) -> Document {
        let mut document = self.document.clone();
        document.value = Arc::new(self.object.value.clone());
        document
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
    let judge = |manifest: &Manifest| {
        let object = &manifest.object;
        let value = defaulted(object);
        let old = stored.get(&identity(object)).map(|old| defaulted(old));
        let problems = validate::refusals(judges.schemas, object, &value, old.as_ref());
        let refusal = |problem| validate::refusal(object, problem);
        let mut findings: Vec<Finding> = problems.into_iter().map(refusal).collect();
        findings.extend(size(manifest));
        findings.extend(policy::judge(None, std::slice::from_ref(object), &[], judges.rules));
        findings.extend(admit(object, &value, old.as_ref(), judges.policies, &namespaces));
        for finding in &mut findings {
            let field = finding.field.as_deref().unwrap_or_default();
            let place = || manifest.locate_key(field);
            finding.location = finding.location.take().or_else(|| Some(place()));
            if is_unfilled(object, field) {
                finding.level = finding.level.max(Level::Audit);
                finding.help = Some("fill the placeholder in and validate the result".to_owned());
            }
        }
        findings
    };
    let mut findings: Vec<Finding> = manifests.par_iter().flat_map_iter(judge).collect();
    findings.extend(unknown(manifests, judges.schemas));
    findings.extend(dangling(manifests));
    findings
}

/// Whether a field holds the placeholder of a tool that fills it in later: `${APP}` of Flux, `{{name}}` of many others.
fn is_unfilled(object: &Object, field: &str) -> bool {
    let text = object.value.pointer(field).and_then(Value::as_str).unwrap_or_default();
    let has = |open: &str, close: &str| text.split_once(open).is_some_and(|(_, rest)| rest.contains(close));
    has("${", "}") || has("{{", "}}")
}

/// Says which kinds have no schema, each once.
fn unknown(manifests: &[Manifest], schemas: &Schemas) -> Vec<Finding> {
    let mut kinds: BTreeMap<(&str, &str), Vec<&Manifest>> = BTreeMap::new();
    for manifest in manifests {
        let (api_version, kind) = (manifest.object.api_version.as_str(), manifest.object.kind.as_str());
        if schemas.find(api_version, kind).is_none() && schemas.availability(api_version, kind).is_none() {
            kinds.entry((api_version, kind)).or_default().push(manifest);
        }
    }
    let say = |((api_version, kind), manifests): ((&str, &str), Vec<&Manifest>)| {
        let first = manifests.first()?;
        let objects = match manifests.len() {
            1 => "of 1 object".to_owned(),
            count => format!("of {count} objects"),
        };
        let message = format!("no schema is known for `{api_version}` {kind}: the fields {objects} are not checked");
        let finding = Finding::new("unknown-object-kind", Level::Audit, message).field("/kind");
        let help = "give its CustomResourceDefinition with `--crds`";
        Some(finding.at(first.locate_key("/kind")).help(help))
    };
    kinds.into_iter().filter_map(say).collect()
}

/// Says that no cluster can store the object.
fn size(manifest: &Manifest) -> Option<Finding> {
    let object = &manifest.object;
    // JSON without blanks is never longer than what it was written as, unless aliases repeat parts of it.
    if manifest.document.source.text.len() * 2 < MAXIMUM_OBJECT_SIZE {
        return None;
    }
    let size = serde_json::to_string(&object.value).map_or(0, |json| json.len());
    if size <= MAXIMUM_OBJECT_SIZE {
        return None;
    }
    let message = format!("the object takes {size} bytes, a cluster stores at most {MAXIMUM_OBJECT_SIZE}");
    let mut finding = Finding::new("document-too-large", Level::Deny, message);
    finding.object = Some(object.reference());
    Some(finding.help("split it, or keep the data in an image or a bucket"))
}

/// References that lead nowhere, with both ends.
fn dangling(manifests: &[Manifest]) -> Vec<Finding> {
    let world = World::open(manifests.iter().map(|manifest| &manifest.object));
    let locate = |index: usize, field: &str| {
        let manifest = manifests.get(index)?;
        Some(manifest.locate_key(field))
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
    use super::*;
    use crate::diagnostic::Source;
    use crate::text::KubernetesVersion;

    /// Findings about the structure of manifests, a line each.
    fn reviewed(version: &str, text: &str) -> String {
        let source = Source {
            path: "k8s.yaml".to_owned(),
            text: text.to_owned(),
        };
        let mut schemas = Schemas::new(&version.parse::<KubernetesVersion>().unwrap());
        let input = read(&[], Some(source), &schemas);
        assert_eq!(input.findings, []);
        let manifests = input.manifests;
        for manifest in &manifests {
            assert_eq!(schemas.add_crds(std::slice::from_ref(&manifest.object.value)), []);
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
        21:30 audit[unknown-object-kind] no schema is known for `example.com/v1` Kettle: the fields of 2 objects are not checked
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
