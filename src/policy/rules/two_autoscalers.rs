//! One autoscaler owns the number of pods of a workload, and nobody writes a fixed number beside it.
//!
//! KEDA makes a HorizontalPodAutoscaler of its own, so one of each is two as well.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::diagnostic::Level;
use crate::manifest::Object;
use crate::policy::{Bundle, Check, Findings, Rule};

pub(super) const RULE: Rule = Rule {
    id: "two-autoscalers",
    title: "the number of pods has two owners",
    why: "Two autoscalers of one workload, or an autoscaler and a fixed `replicas`, set the number in turns: pods are \
          started and ended without end, and each delivery throws the number back.",
    fix: "keep one autoscaler for a workload, and leave `replicas` out beside it",
    references: &[
        "Kubernetes documentation, Horizontal Pod Autoscaling: Migrating Deployments and StatefulSets",
        "KEDA documentation, Scaling Deployments",
    ],
    bad: "kind: Deployment\nmetadata: {name: web}\nspec: {replicas: 3}\n---\n\
          kind: ScaledObject\nspec: {scaleTargetRef: {name: web}, maxReplicaCount: 6}",
    good: "kind: Deployment\nmetadata: {name: web}\nspec: {}\n---\n\
           kind: ScaledObject\nspec: {scaleTargetRef: {name: web}, maxReplicaCount: 6}",
    level: Level::Deny,
    check: Check::Bundle(check),
};

fn check(bundle: &Bundle<'_>, findings: &mut Findings<'_>) {
    let mut owners: BTreeMap<(&str, &str), &Object> = BTreeMap::new();
    for object in bundle.objects {
        let Some((target, pointer)) = target(object) else {
            continue;
        };
        let (kind, name) = target;
        if let Some(first) = owners.get(&target) {
            let message = format!("{} `{}` scales {kind} `{name}` already", first.kind, first.name);
            findings.push(object, &pointer, message);
        } else {
            owners.insert(target, object);
        }
    }
    for object in bundle.objects {
        let Some(owner) = owners.get(&(object.kind.as_str(), object.name.as_str())) else {
            continue;
        };
        if object.group() == "apps" && object.value.pointer("/spec/replicas").is_some() {
            let message = format!("{} `{}` owns the number of pods", owner.kind, owner.name);
            findings.push(object, "/spec/replicas", message);
        }
    }
}

/// The kind and name that an autoscaler scales, and the place where it says so.
fn target(object: &Object) -> Option<((&str, &str), String)> {
    let reference = match (object.group(), object.kind.as_str()) {
        ("autoscaling", "HorizontalPodAutoscaler") | ("keda.sh", "ScaledObject") => "/spec/scaleTargetRef",
        _ => return None,
    };
    let target = object.value.pointer(reference)?;
    let kind = target.get("kind").and_then(Value::as_str).unwrap_or("Deployment");
    let name = target.get("name").and_then(Value::as_str)?;
    Some(((kind, name), format!("{reference}/name")))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::fixture::{environment, judged};

    fn said(settings: &str) -> String {
        judged(&RULE, &environment(settings, &[])).join("\n")
    }

    #[test]
    fn one_owner_whichever_it_is() {
        assert_eq!(said(""), "");
        assert_eq!(said("  autoscaling: {minimum: 3, maximum: 3}\n"), "");
    }

    #[test]
    fn a_second_autoscaler_and_a_fixed_number_are_caught() {
        let second = "
  extra:
    - apiVersion: autoscaling/v2
      kind: HorizontalPodAutoscaler
      metadata: {name: web}
      spec: {scaleTargetRef: {kind: Deployment, name: web, apiVersion: apps/v1}, maxReplicas: 4}
";
        insta::assert_snapshot!(said(second), @"
        spec: {scaleTargetRef: {kind: Deployment, name: web, apiVersion: apps/v1}, maxReplicas: 4} | ScaledObject `web` scales Deployment `web` already
        ");
        let fixed = "
  overrides:
    - kind: Deployment
      name: web
      reason: always three of them
      patch: {spec: {replicas: 3}}
";
        insta::assert_snapshot!(said(fixed), @"
        patch: {spec: {replicas: 3}} | ScaledObject `web` owns the number of pods
        ");
    }
}
