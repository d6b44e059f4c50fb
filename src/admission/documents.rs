//! Documents become policies with their bindings and parameters; whatever is wrong with them is said here.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value as Json;

use super::binding::{Binding, Param};
use super::check;
use super::judge::Bound;
use super::pods;
use super::policy::{self, Policy};
use super::resources::{Resources, split};
use super::review::Review;
use super::scope::{self, CLUSTER};
use super::spec;
use super::typing::Typing;
use crate::cel::Value;
use crate::diagnostic::{Finding, Level, nearest};
use crate::kinds;
use crate::text::server::SUBDOMAIN_LENGTH;
use crate::workspace::Document;

const GROUP: &str = "admissionregistration.k8s.io";

/// Sorts documents by what they are, checks them, and brings them together.
pub(super) fn bind(documents: &[Document], resources: &Resources) -> (Vec<Bound>, Vec<Finding>) {
    let (mut typing, mut findings) = Typing::new(documents);
    let own: Vec<Json> = documents
        .iter()
        .filter(|of| kind(of).is_some())
        .map(|of| Json::clone(&of.value))
        .collect();
    let mut emitted = scope::scoped(&own, resources);
    emitted.retain(|value| value.get("kind").and_then(Json::as_str) == Some("ValidatingAdmissionPolicyBinding"));
    let mut policies: Vec<Read<'_>> = Vec::new();
    let mut bindings: Vec<(&Document, String, spec::Binding)> = Vec::new();
    for document in documents {
        let mut review = Review::new(document);
        match kind(document) {
            Some("ValidatingAdmissionPolicy") if is_first(document, documents, &mut review) => {
                policies.extend(read_policy(document, resources, &mut typing, &mut review));
            }
            Some("ValidatingAdmissionPolicyBinding") if is_first(document, documents, &mut review) => {
                let spec: Option<spec::Binding> = read(document, &mut review);
                room(&name(document), &emitted, &mut review);
                bindings.extend(spec.map(|spec| {
                    check::binding(&spec, resources, &mut review);
                    (document, name(document), spec)
                }));
            }
            _ => {}
        }
        findings.append(&mut review.findings);
    }
    let mut bound = Vec::new();
    let known: Vec<String> = policies.iter().map(|read| read.policy.name.clone()).collect();
    for Read { document, policy } in policies {
        let params = params(&policy, documents);
        let namespaced = policy
            .param_kind
            .as_ref()
            .map(|kind| is_namespaced(kind, &params, resources));
        let own = bindings.iter().filter(|(_, _, spec)| spec.policy_name == policy.name);
        let own: Vec<_> = own.collect();
        let mut review = Review::new(document);
        if own.is_empty() {
            let message = format!(
                "no binding names the policy `{}`, so it is never evaluated",
                policy.name
            );
            let help = "add a ValidatingAdmissionPolicyBinding whose `policyName` is its name";
            review.say("policy-unbound", Level::Warn, "/metadata/name", message, help);
        }
        findings.append(&mut review.findings);
        for (document, _, spec) in &own {
            let mut review = Review::new(document);
            check::parameters(spec, &policy, &params, &mut review);
            findings.append(&mut review.findings);
        }
        let compiled = own.iter().map(|(_, name, spec)| Binding::new(name, spec, namespaced));
        let bindings: Vec<Binding> = compiled.collect();
        if !bindings.is_empty() {
            bound.push(Bound {
                needs_old: policy.needs_old() || bindings.iter().any(Binding::selects_objects),
                policy,
                bindings,
                params,
            });
        }
    }
    for (document, _, spec) in &bindings {
        if !spec.policy_name.is_empty() && !known.contains(&spec.policy_name) {
            let mut review = Review::new(document);
            let help = match nearest(&spec.policy_name, known.iter().map(String::as_str)) {
                Some(name) => format!("did you mean `{name}`?"),
                None => "write the name of a ValidatingAdmissionPolicy, or add one".to_owned(),
            };
            let message = format!("there is no policy `{}`", spec.policy_name);
            review.refuse("unknown-policy", "/spec/policyName", message, help);
            findings.append(&mut review.findings);
        }
    }
    (bound, findings)
}

struct Read<'a> {
    document: &'a Document,
    policy: Policy,
}

fn kind(document: &Document) -> Option<&str> {
    let text = |field: &str| document.value.get(field).and_then(Json::as_str);
    let (group, _) = split(text("apiVersion")?);
    (group == GROUP).then(|| text("kind")).flatten()
}

fn name(document: &Document) -> String {
    let name = document.value.pointer("/metadata/name").and_then(Json::as_str);
    name.unwrap_or_default().to_owned()
}

/// Two objects of one name would overwrite each other in the cluster.
fn is_first(document: &Document, documents: &[Document], review: &mut Review<'_>) -> bool {
    let same = |other: &&Document| kind(other) == kind(document) && name(other) == name(document);
    let Some(first) = documents
        .iter()
        .find(same)
        .filter(|first| !std::ptr::eq(*first, document))
    else {
        return true;
    };
    let message = format!(
        "there are two of kind {} named `{}`",
        kind(document).unwrap_or_default(),
        name(document)
    );
    review.refuse(
        "duplicate-policy",
        "/metadata/name",
        message,
        "give one of them another name",
    );
    if let Some(finding) = review.findings.last_mut() {
        finding
            .related
            .push((first.locate("/metadata/name"), "first defined here".to_owned()));
    }
    false
}

/// A binding is emitted a second time for what lives outside namespaces, under a name of its own.
fn room(own: &str, emitted: &[Json], review: &mut Review<'_>) {
    let second = format!("{own}{CLUSTER}");
    if own.len() <= SUBDOMAIN_LENGTH && second.len() > SUBDOMAIN_LENGTH {
        let message = format!("the name leaves no room for `{CLUSTER}`");
        let help = format!("shorten it to {} characters", SUBDOMAIN_LENGTH - CLUSTER.len());
        review.refuse("policy-invalid", "/metadata/name", message, help);
    }
    let is_second = |value: &&Json| value.pointer("/metadata/name").and_then(Json::as_str) == Some(&second);
    if emitted.iter().filter(is_second).count() > 1 {
        let message = format!("`{second}` is the name under which this binding is emitted for cluster-scoped objects");
        review.refuse(
            "duplicate-policy",
            "/metadata/name",
            message,
            "give one of the two another name",
        );
    }
}

fn read_policy<'a>(
    document: &'a Document,
    resources: &Resources,
    typing: &mut Typing,
    review: &mut Review<'a>,
) -> Option<Read<'a>> {
    let mut spec: spec::Policy = read(document, review)?;
    let with_pods = pods::wants_pod_templates(&document.value);
    if with_pods {
        spec = spec::Policy::deserialize(pods::expand(&document.value).get("spec")?).ok()?;
        review.shift_variables(pods::VARIABLES);
    }
    check::policy(&name(document), &spec, resources, review);
    let typed = typing.of(&spec, with_pods, resources);
    let policy = policy::compile(&name(document), &spec, typed, review);
    Some(Read { document, policy })
}

/// Reads the specification of a document, held strictly against its type.
fn read<T: for<'de> Deserialize<'de>>(document: &Document, review: &mut Review<'_>) -> Option<T> {
    let value = &document.value;
    check::metadata(&document.value, review);
    match kinds::unknown_fields(value) {
        Some(Ok(fields)) => fields.iter().for_each(|field| review.unknown(field)),
        Some(Err(problem)) => {
            let (path, problem) = problem.split_once(": ").unwrap_or(("", &problem));
            let help = "write the field as the Kubernetes API has it";
            review.refuse("wrong-type", &pointer(path), problem, help);
            return None;
        }
        None => {
            let message = "only version `v1` of admission policies is read";
            review.refuse(
                "unknown-api-version",
                "/apiVersion",
                message,
                format!("write `{GROUP}/v1`"),
            );
            return None;
        }
    }
    T::deserialize(value.get("spec")?).ok()
}

/// `spec.rules[0].scope` as a JSON pointer.
fn pointer(path: &str) -> String {
    let path = path.replace('[', ".").replace(']', "");
    path.split('.')
        .filter(|step| !step.is_empty())
        .map(|step| format!("/{step}"))
        .collect()
}

/// The objects of the kind that a policy takes its parameters from, by namespace and name.
fn params(policy: &Policy, documents: &[Document]) -> Vec<Param> {
    let Some(kind) = &policy.param_kind else {
        return Vec::new();
    };
    let text = |value: &Json, pointer: &str| {
        value
            .pointer(pointer)
            .and_then(Json::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    let mut found = BTreeMap::new();
    for value in documents.iter().map(|document| &document.value) {
        if text(value, "/apiVersion") != kind.api_version || text(value, "/kind") != kind.kind {
            continue;
        }
        let (namespace, name) = (text(value, "/metadata/namespace"), text(value, "/metadata/name"));
        let param = Param {
            labels: serde_json::json!({"metadata": {"labels": value.pointer("/metadata/labels")}}),
            value: Value::from(&**value),
            namespace: namespace.clone(),
            name: name.clone(),
        };
        found.insert((namespace, name), param);
    }
    found.into_values().collect()
}

/// A kind that nobody declared lives where its objects do.
fn is_namespaced(kind: &spec::ParamKind, params: &[Param], resources: &Resources) -> bool {
    let known = resources
        .find(&kind.api_version, &kind.kind)
        .map(|known| known.namespaced);
    known.unwrap_or_else(|| params.iter().any(|param| !param.namespace.is_empty()))
}
