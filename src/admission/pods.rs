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
/// `podMeta` before its own, and without the annotation; a policy that has none is returned as it is.
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
    let own = [(POD_SPEC, "spec"), (POD_META, "metadata")];
    let own = own.map(|(name, part)| json!({"name": name, "expression": expression(part, &policy)}));
    let Some(spec) = policy.get_mut("spec").and_then(Value::as_object_mut) else {
        return policy;
    };
    let variables = spec.entry("variables").or_insert_with(|| json!([]));
    if let Some(variables) = variables.as_array_mut() {
        variables.splice(0..0, own);
    }
    // It is an ordinary policy now, which must not be expanded again.
    if let Some(Value::Object(annotations)) = policy.pointer_mut("/metadata/annotations") {
        annotations.remove(POD_TEMPLATES);
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

/// Where a part of the pod is, by kind as far as the policy's rules name it; what a workload leaves out is an empty map.
fn expression(part: &str, policy: &Value) -> String {
    let absent = "dyn({})";
    let paths = [
        ("pods", "Pod", format!("object.?{part}")),
        ("podtemplates", "PodTemplate", format!("object.?template.?{part}")),
        (
            "cronjobs",
            "CronJob",
            format!("object.?spec.?jobTemplate.?spec.?template.?{part}"),
        ),
    ];
    let rules = policy
        .pointer("/spec/matchConstraints/resourceRules")
        .and_then(Value::as_array);
    let is_named = |plural: &str| {
        let resources = rules
            .into_iter()
            .flatten()
            .filter_map(|rule| rule.get("resources")?.as_array());
        resources.flatten().any(|resource| {
            let base = resource.as_str().and_then(|resource| resource.split('/').next());
            base.is_some_and(|base| base == "*" || base == plural)
        })
    };
    let branches: String = paths
        .iter()
        .filter(|(plural, ..)| is_named(plural))
        .map(|(_, kind, path)| format!("object.kind == '{kind}' ? {path}.orValue({absent}) : "))
        .collect();
    format!("{branches}object.?spec.?template.?{part}.orValue({absent})")
}

#[cfg(test)]
mod tests {
    use super::super::tests::{clean, compile, create};
    use super::*;

    const POLICY: &str = "apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata:
  name: p
  annotations: {formwork/pod-templates: \"true\"}
spec:
  matchConstraints:
    resourceRules:
      - {apiGroups: [''], apiVersions: [v1], operations: [CREATE], resources: [pods], scope: Namespaced}
      - {apiGroups: [''], apiVersions: [v1], operations: [CREATE], resources: [services]}
  variables:
    - name: all
      expression: variables.podSpec.?containers.orValue([]) + variables.podSpec.?initContainers.orValue([])
  validations:
    - expression: variables.all.all(c, !c.?stdin.orValue(false))
      messageExpression: '\"pod of \" + string(variables.podMeta.?labels.app.orValue(\"nobody\"))'
    - expression: variables.podSpec.?hostNetwork.orValue(false) == false
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: b}
spec: {policyName: p, validationActions: [Deny]}
";

    fn template(metadata: Value) -> Value {
        let mut template = json!({"spec": {
            "hostNetwork": true,
            "containers": [{"name": "a"}],
            "initContainers": [{"name": "b"}, {"name": "c", "stdin": true}],
        }});
        if !metadata.is_null() {
            template["metadata"] = metadata;
        }
        template
    }

    #[test]
    fn every_pod_template_is_judged() {
        let policies = clean(POLICY);
        let labels = json!({"labels": {"app": "web"}});
        let of = |metadata: Value| json!({"spec": {"template": template(metadata)}});
        let mut pod = template(json!({"name": "x", "namespace": "shop", "labels": {"app": "web"}}));
        let mut held = json!({"template": template(labels.clone())});
        let mut cron = json!({"spec": {"jobTemplate": of(Value::Null)}});
        let mut table = String::new();
        for (api_version, kind, object) in [
            ("v1", "Pod", &mut pod),
            ("v1", "PodTemplate", &mut held),
            ("batch/v1", "CronJob", &mut cron),
            ("v1", "ReplicationController", &mut of(labels.clone())),
            ("apps/v1", "Deployment", &mut of(labels.clone())),
            ("apps/v1", "StatefulSet", &mut of(json!({}))),
            ("apps/v1", "DaemonSet", &mut of(Value::Null)),
            ("apps/v1", "ReplicaSet", &mut of(labels.clone())),
            ("batch/v1", "Job", &mut of(labels.clone())),
            ("batch/v1", "Job", &mut json!({"spec": {}})),
            ("v1", "Service", &mut json!({})),
            ("v1", "ConfigMap", &mut of(labels.clone())),
        ] {
            object["apiVersion"] = json!(api_version);
            object["kind"] = json!(kind);
            table.push_str(&format!("{kind}\n"));
            for verdict in policies.judge(&create(object)) {
                table.push_str(&format!("  {} {:?}\n", verdict.message, verdict.field));
            }
        }
        insta::assert_snapshot!(table, @r#"
        Pod
          pod of web Some("/spec/initContainers/1/stdin")
          failed expression: variables.podSpec.?hostNetwork.orValue(false) == false Some("/spec/hostNetwork")
        PodTemplate
          pod of web Some("/template/spec/initContainers/1/stdin")
          failed expression: variables.podSpec.?hostNetwork.orValue(false) == false Some("/template/spec/hostNetwork")
        CronJob
          pod of nobody Some("/spec/jobTemplate/spec/template/spec/initContainers/1/stdin")
          failed expression: variables.podSpec.?hostNetwork.orValue(false) == false Some("/spec/jobTemplate/spec/template/spec/hostNetwork")
        ReplicationController
          pod of web Some("/spec/template/spec/initContainers/1/stdin")
          failed expression: variables.podSpec.?hostNetwork.orValue(false) == false Some("/spec/template/spec/hostNetwork")
        Deployment
          pod of web Some("/spec/template/spec/initContainers/1/stdin")
          failed expression: variables.podSpec.?hostNetwork.orValue(false) == false Some("/spec/template/spec/hostNetwork")
        StatefulSet
          pod of nobody Some("/spec/template/spec/initContainers/1/stdin")
          failed expression: variables.podSpec.?hostNetwork.orValue(false) == false Some("/spec/template/spec/hostNetwork")
        DaemonSet
          pod of nobody Some("/spec/template/spec/initContainers/1/stdin")
          failed expression: variables.podSpec.?hostNetwork.orValue(false) == false Some("/spec/template/spec/hostNetwork")
        ReplicaSet
          pod of web Some("/spec/template/spec/initContainers/1/stdin")
          failed expression: variables.podSpec.?hostNetwork.orValue(false) == false Some("/spec/template/spec/hostNetwork")
        Job
          pod of web Some("/spec/template/spec/initContainers/1/stdin")
          failed expression: variables.podSpec.?hostNetwork.orValue(false) == false Some("/spec/template/spec/hostNetwork")
        Job
        Service
        ConfigMap
        "#);
    }

    #[test]
    fn a_policy_becomes_an_ordinary_one() {
        let policy = json!({
            "metadata": {"annotations": {POD_TEMPLATES: "true"}},
            "spec": {"matchConstraints": {"resourceRules": [
                {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["pods"]},
                {"apiGroups": ["apps"], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["pods"]},
            ]}},
        });
        let expanded = expand(&policy);
        let variables = expanded["spec"]["variables"].as_array().unwrap();
        insta::assert_snapshot!(variables[1], @r#"{"expression":"object.kind == 'Pod' ? object.?metadata.orValue(dyn({})) : object.kind == 'PodTemplate' ? object.?template.?metadata.orValue(dyn({})) : object.kind == 'CronJob' ? object.?spec.?jobTemplate.?spec.?template.?metadata.orValue(dyn({})) : object.?spec.?template.?metadata.orValue(dyn({}))","name":"podMeta"}"#);
        let rules = expanded["spec"]["matchConstraints"]["resourceRules"]
            .as_array()
            .unwrap();
        insta::assert_snapshot!(rules[2], @r#"{"apiGroups":["apps"],"apiVersions":["v1"],"operations":["CREATE"],"resources":["deployments","statefulsets","daemonsets","replicasets"]}"#);
        assert_eq!(rules.len(), 5);
        let mut plain = policy;
        plain["metadata"] = json!({});
        assert_eq!(expand(&plain), plain);
    }

    #[test]
    fn mistakes_point_into_the_users_file() {
        let text = POLICY.replace("?initContainers", "?initContainers.and(1)");
        let findings = compile(&text).1;
        let at = findings[0].location.as_ref().unwrap();
        assert!(at.source.text[at.span.clone()].contains("and(1)"), "{findings:#?}");
        assert_eq!(
            (at.line(), findings[0].field.as_deref()),
            (13, Some("/spec/variables/0/expression"))
        );
        let twice = POLICY.replace("name: all", "name: podMeta");
        let finding = &compile(&twice).1[0];
        assert_eq!(finding.field.as_deref(), Some("/spec/variables/0/name"));
    }
}
