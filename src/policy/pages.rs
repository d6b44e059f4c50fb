//! The pages of everything that a workspace is held against: rules, policies on environments, admission policies.
//!
//! The examples of a document's page are the first cases of its test.

use serde_json::{Map, Value};

use super::Rule;
use crate::diagnostic::Level;
use crate::diagnostic::codes::Page;
use crate::model::{Policies, PolicyCase};
use crate::workspace::Document;

/// Returns the pages of rules and of the policies of a workspace, by code. `yaml` writes the examples.
pub fn pages(rules: &[Rule], policies: &Policies, yaml: fn(&Value) -> String) -> Vec<Page> {
    let mut pages: Vec<Page> = rules.iter().map(Rule::page).collect();
    pages.extend(policies.environment.iter().map(|policy| Page {
        id: policy.name.to_string(),
        title: policy.spec.title.clone(),
        why: policy.spec.why.clone(),
        fix: policy.spec.remedy.clone(),
        references: policy.spec.references.clone(),
        level: Some(policy.spec.level.into()),
        ..Page::default()
    }));
    pages.extend(
        policies
            .admission
            .iter()
            .filter_map(|document| admission(document, policies)),
    );
    for page in &mut pages {
        if let Some(test) = policies.tests.iter().find(|test| test.spec.policy.as_str() == page.id) {
            let example = |cases: &[PolicyCase]| cases.first().map_or_else(String::new, |case| yaml(&shown(case)));
            page.bad = example(&test.spec.denied);
            page.good = example(&test.spec.accepted);
        }
    }
    pages.sort_by(|one, next| one.id.cmp(&next.id));
    pages
}

/// The page of an admission policy, from its annotations.
fn admission(document: &Document, policies: &Policies) -> Option<Page> {
    let value = &document.value;
    if value.get("kind")? != "ValidatingAdmissionPolicy" {
        return None;
    }
    let name = value.pointer("/metadata/name")?.as_str()?;
    let note = |note: &str| super::note(value, note).unwrap_or_default();
    let references = note("references");
    Some(Page {
        id: name.to_owned(),
        title: note("title"),
        why: note("why"),
        fix: note("remedy"),
        references: references
            .split(',')
            .map(|it| it.trim().to_owned())
            .filter(|it| !it.is_empty())
            .collect(),
        level: level(name, policies),
        ..Page::default()
    })
}

/// The worst that a binding of the policy does.
fn level(name: &str, policies: &Policies) -> Option<Level> {
    let bindings = policies.admission.iter().map(|document| &document.value);
    let bindings = bindings.filter(|it| it.pointer("/spec/policyName").is_some_and(|policy| policy == name));
    let actions = bindings.filter_map(|it| it.pointer("/spec/validationActions")?.as_array());
    actions
        .flatten()
        .filter_map(|action| match action.as_str()? {
            "Deny" => Some(Level::Deny),
            "Warn" => Some(Level::Warn),
            _ => Some(Level::Audit),
        })
        .min()
}

/// What a case is about, without its name.
fn shown(case: &PolicyCase) -> Value {
    let parts = [
        ("environment", &case.environment),
        ("tenant", &case.tenant),
        ("cluster", &case.cluster),
        ("platform", &case.platform),
        ("release", &case.release),
        ("resilience", &case.resilience),
        ("oldObject", &case.old_object),
    ];
    if let Some(object) = &case.object
        && case.old_object.is_none()
    {
        return Value::Object(object.clone());
    }
    let mut shown: Map<String, Value> = parts
        .into_iter()
        .filter_map(|(name, part)| Some((name.to_owned(), Value::Object(part.clone()?))))
        .collect();
    if let Some(object) = &case.object {
        shown.insert("object".into(), Value::Object(object.clone()));
    }
    Value::Object(shown)
}
