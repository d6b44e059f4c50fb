//! The verdicts of the real evaluator, beside ours; its cases lie beside the project, not in it.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Value, json};

use super::*;
use crate::workspace::Document;

fn lines(name: &str) -> Vec<Value> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../shared/corpora/vap")
        .join(name);
    let text = std::fs::read_to_string(path).unwrap_or_default();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The policy with a binding to the parameters, if there are any.
fn compile(policy: &Value, params: &Value) -> Policies {
    let mut spec = json!({"policyName": policy["metadata"]["name"], "validationActions": ["Deny"]});
    let mut documents = vec![Document::from_value("policy.yaml", policy.clone())];
    if let Some(kind) = policy["spec"].get("paramKind") {
        let mut params = params.clone();
        params["apiVersion"] = kind["apiVersion"].clone();
        params["kind"] = kind["kind"].clone();
        spec["paramRef"] = json!({"name": params["metadata"]["name"], "parameterNotFoundAction": "Deny"});
        documents.push(Document::from_value("params.yaml", params));
    }
    let binding = json!({
        "apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingAdmissionPolicyBinding",
        "metadata": {"name": "binding"}, "spec": spec,
    });
    documents.push(Document::from_value("binding.yaml", binding));
    let (policies, findings) = Policies::compile(&documents, &Resources::default());
    let errors: Vec<_> = findings
        .iter()
        .filter(|finding| finding.level == Level::Error)
        .collect();
    assert!(errors.is_empty(), "{}: {errors:#?}", policy["metadata"]["name"]);
    policies
}

#[test]
fn all_verdicts_and_messages_are_the_evaluators() {
    let policies: BTreeMap<String, Value> = lines("policies.jsonl")
        .into_iter()
        .map(|line| (line["name"].as_str().unwrap().to_owned(), line["policy"].clone()))
        .collect();
    let mut compiled: BTreeMap<(String, String), Policies> = BTreeMap::new();
    let mut wrong = Vec::new();
    for case in lines("cases.jsonl") {
        let name = case["policy"].as_str().unwrap();
        let key = (name.to_owned(), case["params"].to_string());
        let policies = compiled
            .entry(key)
            .or_insert_with(|| compile(&policies[name], &case["params"]));
        let operation = match case["operation"].as_str() {
            Some("UPDATE") => Operation::Update,
            _ => Operation::Create,
        };
        let verdicts = policies.judge(&Request {
            operation,
            object: &case["object"],
            old: case.get("oldObject"),
            namespace: None,
        });
        let ours: Vec<&str> = verdicts.iter().map(|verdict| verdict.message.as_str()).collect();
        let decisions = case["oracle"]["decisions"].as_array().unwrap();
        let theirs = decisions.iter().filter(|decision| decision["action"] == "deny");
        let theirs: Vec<&str> = theirs.map(|decision| decision["message"].as_str().unwrap()).collect();
        let verdict = if ours.is_empty() { "pass" } else { "fail" };
        if verdict != case["expected"] || ours != theirs {
            wrong.push(format!("{} {name}: {ours:?}, not {theirs:?}", case["id"]));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
