//! Admission policies and their bindings, as objects that somebody else wrote.
//!
//! Whether expressions compile, and what they decide, is the business of the room of that name.

use serde_json::Value;

use super::common::{self, at, get, label_selector, list, text};
use super::judge::Judge;
use super::metadata::path_segment_problems;
use super::{API_SERVER, Kind, Rules, unchanged};
use crate::diagnostic::codes::Code;
use crate::schema::Place;
use crate::text::server;

pub(super) const RULES: Rules = Rules {
    by: API_SERVER,
    kinds: &[
        Kind {
            group: "admissionregistration.k8s.io",
            kind: "ValidatingAdmissionPolicy",
            create: policy,
            update: unchanged,
        },
        Kind {
            group: "admissionregistration.k8s.io",
            kind: "ValidatingAdmissionPolicyBinding",
            create: binding,
            update: unchanged,
        },
    ],
    codes: &[&RULE, &POLICY, &BINDING],
};

const RULE: Code = Code {
    id: "admission-rule",
    title: "a rule about requests that covers itself",
    why: "`*` stands for everything, so it stands alone; `pods/*` covers `pods/exec`. Empty texts stand for nothing but the \
          core group.",
    fix: "keep the wildcard, or the list",
    bad: "apiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingWebhookConfiguration\nmetadata: {name: odoo}\nwebhooks:\n\
          - name: check.odoo.example.com\n  sideEffects: None\n  admissionReviewVersions: [v1]\n  \
          clientConfig: {url: \"https://checks.example.com\"}\n  rules: [{apiGroups: [\"*\", apps], apiVersions: [v1], \
          operations: [CREATE], resources: [deployments]}]",
    good: "apiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingWebhookConfiguration\nmetadata: {name: odoo}\nwebhooks:\n\
           - name: check.odoo.example.com\n  sideEffects: None\n  admissionReviewVersions: [v1]\n  \
           clientConfig: {url: \"https://checks.example.com\"}\n  rules: [{apiGroups: [apps], apiVersions: [v1], \
           operations: [CREATE], resources: [deployments]}]",
};

const POLICY: Code = Code {
    id: "admission-policy",
    title: "an admission policy that the API server refuses",
    why: "A policy matches some resources and validates or annotates something. Conditions and annotations have qualified \
          names, each once, and messages are one line.",
    fix: "correct the field in the message",
    bad: "apiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingAdmissionPolicy\nmetadata: {name: replicas}\nspec:\n  \
          matchConstraints: {resourceRules: [{apiGroups: [apps], apiVersions: [v1], operations: [CREATE], \
          resources: [deployments]}]}\n  validations: [{expression: \"true\", message: \"two\\nlines\"}]",
    good: "apiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingAdmissionPolicy\nmetadata: {name: replicas}\nspec:\n  \
           matchConstraints: {resourceRules: [{apiGroups: [apps], apiVersions: [v1], operations: [CREATE], \
           resources: [deployments]}]}\n  validations: [{expression: \"true\", message: one line}]",
};

const BINDING: Code = Code {
    id: "admission-binding",
    title: "a binding of an admission policy that the API server refuses",
    why: "A binding says what happens: `Deny`, `Warn` or `Audit`, each once, and not both of the first two. Parameters are \
          chosen by a name or by a selector.",
    fix: "keep `Deny` of the two, and one way to choose parameters",
    bad: "apiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingAdmissionPolicyBinding\nmetadata: {name: replicas}\n\
          spec: {policyName: replicas, validationActions: [Deny, Warn]}",
    good: "apiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingAdmissionPolicyBinding\nmetadata: {name: replicas}\n\
           spec: {policyName: replicas, validationActions: [Deny]}",
};

const MOST_CONDITIONS: usize = 64;
const MOST_ANNOTATIONS: usize = 20;
const NOTHING: &str = "validations or auditAnnotations must contain at least one item";

/// Judges for which requests something is called.
pub(super) fn rule(rule: &Value, place: &Place<'_>, judge: &mut Judge) {
    for (field, what) in [
        ("operations", "operations"),
        ("apiGroups", "API groups"),
        ("apiVersions", "API versions"),
    ] {
        let items = list(rule, field);
        if items.len() > 1 && items.iter().any(|item| item == "*") {
            let reason = format_args!("if '*' is present, must not specify other {what}");
            judge.invalid(&RULE, &place.field(field), &items.into(), reason);
        }
    }
    let versions = place.field("apiVersions");
    for (index, version) in list(rule, "apiVersions").iter().enumerate() {
        if version == "" {
            judge.required(&RULE, &versions.index(index), "");
        }
    }
    resources(list(rule, "resources"), &place.field("resources"), judge);
    let names = list(rule, "resourceNames");
    let place = place.field("resourceNames");
    for (index, name) in names.iter().enumerate() {
        let place = place.index(index);
        judge.all_invalid(
            &RULE,
            &place,
            name,
            path_segment_problems(name.as_str().unwrap_or_default()),
        );
        if names.iter().take(index).any(|earlier| earlier == name) {
            judge.duplicate(&RULE, &place, name);
        }
    }
}

fn resources(items: &[Value], place: &Place<'_>, judge: &mut Judge) {
    for (index, item) in items.iter().enumerate() {
        let Some(name) = item.as_str() else { continue };
        if name.is_empty() {
            judge.required(&RULE, &place.index(index), "");
        }
        let Some((resource, part)) = name.split_once('/') else {
            continue;
        };
        for cover in [format!("{resource}/*"), format!("*/{part}")] {
            if items.iter().take(index).any(|earlier| *earlier == *cover) {
                let reason = format_args!("if '{cover}' is present, must not specify {name}");
                judge.invalid(&RULE, &place.index(index), item, reason);
            }
        }
    }
    let has = |name: &str| items.iter().any(|item| item == name);
    if items.len() > 1 && has("*/*") {
        let reason = "if '*/*' is present, must not specify other resources";
        judge.invalid(&RULE, place, &items.into(), reason);
    }
    // The server looks at the last one without a slash only.
    let mut names = items.iter().filter_map(Value::as_str);
    let last = names.rfind(|name| !name.is_empty() && !name.contains('/'));
    if has("*") && last.is_some_and(|last| last != "*") {
        let reason = "if '*' is present, must not specify other resources without subresources";
        judge.invalid(&RULE, place, &items.into(), reason);
    }
}

/// Judges the conditions of a webhook or a policy.
pub(super) fn conditions(owner: &Value, place: &Place<'_>, judge: &mut Judge) {
    let place = place.field("matchConditions");
    let conditions = list(owner, "matchConditions");
    if conditions.len() > MOST_CONDITIONS {
        judge.too_many(&POLICY, &place, conditions.len(), MOST_CONDITIONS);
    }
    for (index, condition) in conditions.iter().enumerate() {
        common::checked(
            &POLICY,
            condition,
            "name",
            server::is_qualified_name,
            &place.index(index),
            judge,
        );
    }
}

fn constraints(constraints: &Value, place: &Place<'_>, judge: &mut Judge) {
    for field in ["namespaceSelector", "objectSelector"] {
        if let Some(selector) = get(constraints, field) {
            label_selector(selector, &place.field(field), judge);
        }
    }
    for field in ["resourceRules", "excludeResourceRules"] {
        let place = place.field(field);
        for (index, named) in list(constraints, field).iter().enumerate() {
            rule(named, &place.index(index), judge);
        }
    }
}

fn policy(object: &Value, judge: &mut Judge) {
    let Some(spec) = get(object, "spec") else { return };
    let place = Place::OBJECT;
    let place = place.field("spec");
    if let Some(matched) = get(spec, "matchConstraints") {
        let place = place.field("matchConstraints");
        if list(matched, "resourceRules").is_empty() {
            judge.required(&POLICY, &place.field("resourceRules"), "");
        }
        constraints(matched, &place, judge);
    }
    conditions(spec, &place, judge);
    let annotations = list(spec, "auditAnnotations");
    let validations = list(spec, "validations");
    if annotations.is_empty() && validations.is_empty() {
        judge.required(&POLICY, &place.field("validations"), NOTHING);
        judge.required(&POLICY, &place.field("auditAnnotations"), NOTHING);
    }
    let of_validations = place.field("validations");
    for (index, validation) in validations.iter().enumerate() {
        messages(validation, &of_validations.index(index), judge);
    }
    let place = place.field("auditAnnotations");
    if annotations.len() > MOST_ANNOTATIONS {
        judge.too_many(&POLICY, &place, annotations.len(), MOST_ANNOTATIONS);
    }
    let name = at(object, &["metadata", "name"])
        .and_then(Value::as_str)
        .unwrap_or_default();
    for (index, annotation) in annotations.iter().enumerate() {
        let (place, field) = (place.index(index), "key");
        let key = format!("{name}/{}", text(annotation, field));
        let reasons = server::is_qualified_name(&key);
        judge.all_invalid(&POLICY, &place.field(field), &key.into(), reasons);
        let key = text(annotation, field);
        if annotations
            .iter()
            .take(index)
            .any(|earlier| text(earlier, field) == key)
        {
            judge.duplicate(&POLICY, &place.field(field), &key.into());
        }
    }
}

fn messages(validation: &Value, place: &Place<'_>, judge: &mut Judge) {
    for field in ["message", "messageExpression"] {
        let given = text(validation, field);
        let place = place.field(field);
        if !given.is_empty() && given.trim().is_empty() {
            judge.invalid(&POLICY, &place, &given.into(), "must be non-empty if specified");
        } else if field == "message" && given.trim().contains(['\n', '\r']) {
            judge.invalid(&POLICY, &place, &given.into(), "must not contain line breaks");
        }
    }
}

fn binding(object: &Value, judge: &mut Judge) {
    let Some(spec) = get(object, "spec") else { return };
    let place = Place::OBJECT;
    let place = place.field("spec");
    common::checked(
        &BINDING,
        spec,
        "policyName",
        server::is_dns1123_subdomain,
        &place,
        judge,
    );
    if let Some(matched) = get(spec, "matchResources") {
        constraints(matched, &place.field("matchResources"), judge);
    }
    if let Some(parameters) = get(spec, "paramRef") {
        let place = place.field("paramRef");
        common::checked(&BINDING, parameters, "name", path_segment_problems, &place, judge);
        if let Some(selector) = get(parameters, "selector") {
            label_selector(selector, &place.field("selector"), judge);
        }
        let has_name = !text(parameters, "name").is_empty();
        match get(parameters, "selector") {
            None if !has_name => judge.required(&BINDING, &place, "one of name or selector must be specified"),
            Some(_) if has_name => {
                for field in ["name", "selector"] {
                    judge.forbidden(
                        &BINDING,
                        &place.field(field),
                        "name and selector are mutually exclusive",
                    );
                }
            }
            _ => {}
        }
    }
    let actions = list(spec, "validationActions");
    let place = place.field("validationActions");
    if actions.is_empty() {
        judge.required(&BINDING, &place, "");
    }
    let has = |name: &str| actions.iter().any(|action| action == name);
    if has("Deny") && has("Warn") {
        let reason = "must not contain both Deny and Warn (repeating the same validation failure information in the API \
                      response and headers serves no purpose)";
        judge.invalid(&BINDING, &place, &actions.into(), reason);
    }
}
