//! A disruption budget protects pods.

use crate::references::{Check, Findings, World, nobody, selector};

pub(super) const CHECK: Check = Check {
    id: "disruption-budget-without-pods",
    title: "a PodDisruptionBudget protects no pods",
    why: "The pods that it was written for may all be evicted at once when nodes are drained.",
    fix: "select labels that the pods have",
    bad: "apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: web}
spec: {maxUnavailable: 1, selector: {matchLabels: {app: wbe}}}
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
    for budget in world.of("policy", "PodDisruptionBudget") {
        let Some(chosen) = budget.at("/spec/selector").filter(|it| !selector::is_everything(it)) else {
            continue;
        };
        if world.selected(budget.namespace, chosen).is_empty() {
            nobody::complain(world, findings, budget, "/spec/selector", (budget.namespace, chosen));
        }
    }
}
