//! A pod has one disruption budget.
//!
//! The PostgreSQL operator makes one for its pods unless it is told not to.

use serde_json::Value;

use crate::references::{Check, Findings, Node, World};

pub(super) const CHECK: Check = Check {
    id: "two-disruption-budgets",
    title: "pods have two PodDisruptionBudgets",
    why: "Kubernetes evicts no pod that more than one budget is about; each try is answered with an error, and the node \
          cannot be drained.",
    fix: "keep one of the budgets, or let them select different pods",
    bad: "apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: all}
spec: {maxUnavailable: 1, selector: {}}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: web}
spec: {maxUnavailable: 1, selector: {matchLabels: {app: web}}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: web}]}",
    good: "apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: web}
spec: {maxUnavailable: 1, selector: {matchLabels: {app: web}}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: web}]}",
    check,
};

fn check(world: &World<'_>, findings: &mut Findings<'_, '_>) {
    // By the place of what makes the pods.
    let mut protected: std::collections::BTreeMap<usize, Node<'_>> = std::collections::BTreeMap::new();
    for budget in world.of("policy", "PodDisruptionBudget") {
        let Some(selector) = budget.at("/spec/selector") else {
            continue;
        };
        let mut already = None;
        for pods in world.selected(budget.namespace, selector).certain {
            let own = pods.by;
            let is_operators =
                own.is("postgresql.cnpg.io", "Cluster") && own.at("/spec/enablePDB") != Some(&Value::Bool(false));
            let first = protected
                .entry(own.index)
                .or_insert(if is_operators { own } else { budget });
            if first.index != budget.index && first.name() != budget.name() || is_operators {
                already = Some((own, *first));
            }
        }
        if let Some((pods, first)) = already {
            let other = if first.index == pods.index {
                "one that the operator makes".to_owned()
            } else {
                first.called()
            };
            let message = format!(
                "{} is about pods of {}, and so is {other}",
                budget.called(),
                pods.called()
            );
            findings.contradiction(budget, "/spec/selector", &[pods, first], message);
        }
    }
}
