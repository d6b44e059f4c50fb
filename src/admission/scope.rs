//! The documents as a cluster gets them: each binding is narrowed to what this crate delivers.
//!
//! A policy must not refuse what others run in the same cluster. Namespaces of ours bear a label; what lives outside
//! namespaces bears one itself, and needs a binding of its own because no namespace selects it.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::pods::expand;
use super::resources::Resources;
use super::spec::Rule;

/// The label of every namespace that belongs to a tenant.
pub const TENANT: &str = "formwork/tenant";

/// The label of every object of ours, and its value.
pub const MANAGED_BY: (&str, &str) = ("app.kubernetes.io/managed-by", "formwork");

/// What the name of the binding for cluster-scoped objects ends in.
pub(super) const CLUSTER: &str = "-cluster";

/// Returns the documents as they are emitted: policies expanded, bindings narrowed, all others as they are.
pub fn scoped(documents: &[Value], resources: &Resources) -> Vec<Value> {
    let mut emitted = Vec::with_capacity(documents.len());
    for document in documents {
        match document.get("kind").and_then(Value::as_str) {
            Some("ValidatingAdmissionPolicy") => emitted.push(expand(document)),
            Some("ValidatingAdmissionPolicyBinding") => {
                let name = document.pointer("/spec/policyName");
                let is_it = |other: &&Value| {
                    other.get("kind").and_then(Value::as_str) == Some("ValidatingAdmissionPolicy")
                        && other.pointer("/metadata/name") == name
                };
                let policy = documents.iter().find(is_it).map(expand).unwrap_or_default();
                emitted.extend(narrowed(document, scopes(&policy, resources)));
            }
            _ => emitted.push(document.clone()),
        }
    }
    emitted
}

/// Which scopes the rules of something can match.
#[derive(Clone, Copy, Default)]
struct Scopes {
    namespaced: bool,
    cluster: bool,
}

fn scopes(policy: &Value, resources: &Resources) -> Scopes {
    let mut scopes = Scopes::default();
    let rules = policy
        .pointer("/spec/matchConstraints/resourceRules")
        .and_then(Value::as_array);
    for rule in rules
        .into_iter()
        .flatten()
        .filter_map(|rule| Rule::deserialize(rule).ok())
    {
        let known: Vec<bool> = resources
            .all()
            .iter()
            .filter(|resource| rule.names(resource))
            .map(|resource| resource.namespaced)
            .collect();
        // Of a resource that nobody declared nothing is known.
        let is_plain = |name: &String| !name.contains('*');
        let all_known = rule.resources.iter().chain(&rule.api_groups).all(is_plain)
            && rule.resources.iter().all(|name| {
                let plural = name.split('/').next().unwrap_or_default();
                resources
                    .all()
                    .iter()
                    .any(|resource| resource.plural == plural && rule.names(resource))
            });
        let scope = rule.scope.as_deref();
        scopes.namespaced |= scope != Some("Cluster") && (!all_known || known.contains(&true));
        scopes.cluster |= scope != Some("Namespaced") && (!all_known || known.contains(&false));
    }
    scopes
}

fn narrowed(binding: &Value, scopes: Scopes) -> Vec<Value> {
    let mut emitted = Vec::new();
    if scopes.namespaced || !scopes.cluster {
        let mut binding = binding.clone();
        let limited = !scopes.cluster || limit(&mut binding, "Namespaced");
        if limited && let Some(constraints) = constraints(&mut binding) {
            require(
                constraints,
                "namespaceSelector",
                json!({"key": TENANT, "operator": "Exists"}),
            );
            emitted.push(binding);
        }
    }
    if scopes.cluster {
        let mut binding = binding.clone();
        let name = binding
            .pointer("/metadata/name")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let name = format!("{name}{CLUSTER}");
        if let Some(metadata) = binding.get_mut("metadata").and_then(Value::as_object_mut) {
            metadata.insert("name".to_owned(), name.into());
        }
        let (label, value) = MANAGED_BY;
        if limit(&mut binding, "Cluster")
            && let Some(constraints) = constraints(&mut binding)
        {
            require(
                constraints,
                "objectSelector",
                json!({"key": label, "operator": "In", "values": [value]}),
            );
            emitted.push(binding);
        }
    }
    emitted
}

/// The object at `spec.matchResources`, made when it is missing.
fn constraints(binding: &mut Value) -> Option<&mut Map<String, Value>> {
    let spec = binding.get_mut("spec")?.as_object_mut()?;
    spec.entry("matchResources")
        .or_insert_with(|| json!({}))
        .as_object_mut()
}

/// Limits the rules of a binding to a scope; returns whether it can still match anything.
fn limit(binding: &mut Value, scope: &str) -> bool {
    let Some(constraints) = constraints(binding) else {
        return false;
    };
    let rules = constraints.entry("resourceRules").or_insert_with(|| json!([]));
    let Some(rules) = rules.as_array_mut() else {
        return false;
    };
    if rules.is_empty() {
        rules.push(json!({
            "apiGroups": ["*"], "apiVersions": ["*"], "operations": ["*"], "resources": ["*/*"], "scope": scope,
        }));
        return true;
    }
    rules.retain_mut(|rule| {
        let given = rule.get("scope").and_then(Value::as_str).unwrap_or("*");
        let fits = given == "*" || given == scope;
        if let Some(rule) = rule.as_object_mut() {
            rule.insert("scope".to_owned(), scope.into());
        }
        fits
    });
    !rules.is_empty()
}

/// Adds a requirement to a selector; all of its requirements must hold.
fn require(constraints: &mut Map<String, Value>, selector: &str, requirement: Value) {
    let selector = constraints.entry(selector).or_insert_with(|| json!({}));
    let Some(selector) = selector.as_object_mut() else {
        return;
    };
    let all = selector.entry("matchExpressions").or_insert_with(|| json!([]));
    if let Some(all) = all.as_array_mut()
        && !all.contains(&requirement)
    {
        all.push(requirement);
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::create;
    use super::super::{Policies, Request};
    use super::*;
    use crate::workspace::Document;

    fn policy(rules: Value) -> Value {
        json!({
            "apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingAdmissionPolicy",
            "metadata": {"name": "p"},
            "spec": {"matchConstraints": {"resourceRules": rules}, "validations": [{"expression": "false"}]},
        })
    }

    fn binding(constraints: Value) -> Value {
        let mut spec = json!({"policyName": "p", "validationActions": ["Deny"]});
        if !constraints.is_null() {
            spec["matchResources"] = constraints;
        }
        json!({
            "apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingAdmissionPolicyBinding",
            "metadata": {"name": "b"}, "spec": spec,
        })
    }

    fn rule(group: &str, resource: &str) -> Value {
        json!({"apiGroups": [group], "apiVersions": ["*"], "operations": ["*"], "resources": [resource]})
    }

    fn compile(documents: &[Value]) -> Policies {
        let documents = documents
            .iter()
            .map(|value| Document::from_value("p.yaml", value.clone()));
        let (policies, findings) = Policies::compile(&documents.collect::<Vec<_>>(), &Resources::default());
        assert_eq!(findings, []);
        policies
    }

    fn names(documents: &[Value]) -> Vec<&str> {
        documents
            .iter()
            .map(|document| document["metadata"]["name"].as_str().unwrap())
            .collect()
    }

    #[test]
    fn a_binding_is_split_only_where_both_scopes_are_matched() {
        for (rules, expected) in [
            (json!([rule("", "configmaps")]), vec!["p", "b"]),
            (
                json!([rule("", "configmaps"), rule("", "namespaces")]),
                vec!["p", "b", "b-cluster"],
            ),
            (json!([rule("", "namespaces")]), vec!["p", "b-cluster"]),
            (json!([rule("*", "*")]), vec!["p", "b", "b-cluster"]),
            (json!([rule("example.com", "kettles")]), vec!["p", "b", "b-cluster"]),
        ] {
            let emitted = scoped(&[policy(rules.clone()), binding(Value::Null)], &Resources::default());
            assert_eq!(names(&emitted), expected, "{rules}");
        }
        let mut only = rule("*", "*");
        only["scope"] = json!("Cluster");
        let emitted = scoped(
            &[
                policy(json!([rule("*", "*")])),
                binding(json!({"resourceRules": [only]})),
            ],
            &Resources::default(),
        );
        assert_eq!(names(&emitted), ["p", "b-cluster"]);
        insta::assert_snapshot!(emitted[1]["spec"], @r#"{"matchResources":{"objectSelector":{"matchExpressions":[{"key":"app.kubernetes.io/managed-by","operator":"In","values":["formwork"]}]},"resourceRules":[{"apiGroups":["*"],"apiVersions":["*"],"operations":["*"],"resources":["*"],"scope":"Cluster"}]},"policyName":"p","validationActions":["Deny"]}"#);
        let emitted = scoped(
            &[
                policy(json!([rule("", "configmaps")])),
                binding(json!({"namespaceSelector": {"matchLabels": {"a": "b"}}})),
            ],
            &Resources::default(),
        );
        insta::assert_snapshot!(emitted[1]["spec"], @r#"{"matchResources":{"namespaceSelector":{"matchExpressions":[{"key":"formwork/tenant","operator":"Exists"}],"matchLabels":{"a":"b"}}},"policyName":"p","validationActions":["Deny"]}"#);
    }

    #[test]
    fn the_name_of_the_second_binding_must_be_free() {
        let mut taken = binding(Value::Null);
        taken["metadata"]["name"] = json!("b-cluster");
        let mut long = binding(Value::Null);
        long["metadata"]["name"] = json!("b".repeat(250));
        let said = |rules: Value| {
            let documents = [policy(rules), binding(Value::Null), taken.clone(), long.clone()];
            let documents = documents.map(|value| Document::from_value("p.yaml", value));
            let findings = Policies::compile(&documents, &Resources::default()).1;
            findings
                .into_iter()
                .map(|finding| finding.message)
                .collect::<Vec<_>>()
                .join("\n")
        };
        insta::assert_snapshot!(said(json!([rule("*", "*")])), @r"
        `b-cluster` is the name under which this binding is emitted for cluster-scoped objects
        the name leaves no room for `-cluster`
        ");
        insta::assert_snapshot!(said(json!([rule("", "configmaps")])), @"the name leaves no room for `-cluster`");
    }

    /// In scope the verdicts are those of the originals, and outside there are none.
    #[test]
    fn verdicts_are_the_same_in_scope_and_none_outside() {
        let namespace = |labels: Value| json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop", "labels": labels}});
        let (ours, theirs) = (namespace(json!({TENANT: "acme"})), namespace(json!({})));
        let (label, value) = MANAGED_BY;
        let object = |api_version: &str, kind: &str, namespaced: bool, owned: bool| {
            let mut object = json!({"apiVersion": api_version, "kind": kind, "metadata": {"name": "x"}});
            if namespaced {
                object["metadata"]["namespace"] = json!("shop");
            }
            if owned {
                object["metadata"]["labels"] = json!({label: value});
            }
            object
        };
        let constraints = [
            Value::Null,
            json!({"resourceRules": [rule("*", "*")]}),
            json!({"excludeResourceRules": [rule("", "configmaps")]}),
            json!({"objectSelector": {"matchLabels": {label: value}}}),
        ];
        for rules in [
            json!([rule("*", "*")]),
            json!([
                rule("", "configmaps"),
                rule("rbac.authorization.k8s.io", "clusterroles")
            ]),
        ] {
            for constraints in &constraints {
                let originals = [policy(rules.clone()), binding(constraints.clone())];
                let (before, after) = (compile(&originals), compile(&scoped(&originals, &Resources::default())));
                for (api_version, kind, namespaced) in [
                    ("v1", "ConfigMap", true),
                    ("v1", "Secret", true),
                    ("rbac.authorization.k8s.io/v1", "ClusterRole", false),
                    ("v1", "Namespace", false),
                ] {
                    for (owned, space) in [(true, &ours), (false, &ours), (true, &theirs), (false, &theirs)] {
                        let object = object(api_version, kind, namespaced, owned);
                        let request = Request {
                            namespace: namespaced.then_some(space),
                            ..create(&object)
                        };
                        let in_scope = if namespaced { space == &ours } else { owned };
                        let refused = |policies: &Policies| policies.judge(&request).len();
                        let expected = if in_scope { refused(&before) } else { 0 };
                        assert_eq!(refused(&after), expected, "{rules} {constraints} {object}");
                    }
                }
            }
        }
    }
}
