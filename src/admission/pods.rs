//! Policies on pods that hold for what makes pods: one rule, written once, over every pod template.
//!
//! What comes out is an ordinary policy, so the cluster needs to know nothing of this.

use serde_json::{Value, json};

use super::spec::Rule;

/// The annotation of a policy that is written against the pods of any workload.
pub const POD_TEMPLATES: &str = "formwork/pod-templates";

/// The variable with the specification of the pod.
pub const POD_SPEC: &str = "podSpec";

/// The variable with the metadata of the pod.
pub const POD_META: &str = "podMeta";

/// The kinds that hold a pod template, by group, with the plurals.
const WORKLOADS: &[(&str, &[&str])] = &[
    ("apps", &["deployments", "statefulsets", "daemonsets", "replicasets"]),
    ("batch", &["jobs", "cronjobs"]),
    ("", &["replicationcontrollers", "podtemplates"]),
];

/// How many variables are put before the user's own.
pub(super) const VARIABLES: usize = 2;

/// Tells whether a policy is to hold for pod templates too.
pub fn wants_pod_templates(policy: &Value) -> bool {
    let annotations = policy.pointer("/metadata/annotations");
    annotations.and_then(|annotations| annotations.get(POD_TEMPLATES)?.as_str()) == Some("true")
}

/// Returns a policy with rules for all workloads where it has rules for pods, and with the variables `podSpec` and
/// `podMeta` before its own; a policy without the annotation is returned as it is.
pub fn expand(policy: &Value) -> Value {
    let mut policy = policy.clone();
    if !wants_pod_templates(&policy) {
        return policy;
    }
    for list in ["resourceRules", "excludeResourceRules"] {
        let rules = policy.pointer_mut(&format!("/spec/matchConstraints/{list}"));
        if let Some(rules) = rules.and_then(Value::as_array_mut) {
            let added: Vec<Value> = rules
                .iter()
                .filter(|rule| is_for_pods(rule))
                .flat_map(for_workloads)
                .collect();
            rules.extend(added);
        }
    }
    let Some(spec) = policy.get_mut("spec").and_then(Value::as_object_mut) else {
        return policy;
    };
    let variables = spec.entry("variables").or_insert_with(|| json!([]));
    if let Some(variables) = variables.as_array_mut() {
        let own = [(POD_SPEC, expression("spec")), (POD_META, expression("metadata"))];
        let own = own.map(|(name, expression)| json!({"name": name, "expression": expression}));
        variables.splice(0..0, own);
    }
    policy
}

/// Tells whether a rule is about pods and not about everything.
pub(super) fn names_pods(rule: &Rule) -> bool {
    rule.api_groups.iter().any(|group| group.is_empty()) && rule.resources.iter().any(|resource| resource == "pods")
}

/// Tells whether a rule is about something that makes pods.
pub(super) fn names_workloads(rule: &Rule) -> bool {
    WORKLOADS.iter().any(|(group, plurals)| {
        let holds = |items: &[String], wanted: &str| items.iter().any(|item| item == "*" || item == wanted);
        holds(&rule.api_groups, group) && plurals.iter().any(|plural| holds(&rule.resources, plural))
    })
}

fn is_for_pods(rule: &Value) -> bool {
    serde::Deserialize::deserialize(rule).is_ok_and(|rule: Rule| names_pods(&rule))
}

/// The rule again for each group of workloads; what the user's rule names already is named twice, which is harmless.
fn for_workloads(rule: &Value) -> Vec<Value> {
    let rules = WORKLOADS.iter().map(|(group, plurals)| {
        let mut rule = rule.clone();
        if let Some(rule) = rule.as_object_mut() {
            rule.insert("apiGroups".to_owned(), json!([group]));
            rule.insert("apiVersions".to_owned(), json!(["v1"]));
            rule.insert("resources".to_owned(), json!(plurals));
        }
        rule
    });
    rules.collect()
}

/// Where a part of the pod is, by kind; what a workload leaves out is an empty map.
fn expression(part: &str) -> String {
    let absent = "dyn({})";
    let paths = [
        ("object.kind == 'Pod'", format!("object.?{part}")),
        ("object.kind == 'PodTemplate'", format!("object.?template.?{part}")),
        (
            "object.kind == 'CronJob'",
            format!("object.?spec.?jobTemplate.?spec.?template.?{part}"),
        ),
    ];
    let branches: String = paths
        .iter()
        .map(|(condition, path)| format!("{condition} ? {path}.orValue({absent}) : "))
        .collect();
    format!("{branches}object.?spec.?template.?{part}.orValue({absent})")
}
