//! A disruption budget lets at least one pod go.

use serde_json::Value;

use crate::diagnostic::Level;
use crate::references::scaling::Scaler;
use crate::references::{Check, Findings, Node, World};

pub(super) const CHECK: Check = Check {
    id: "disruption-budget-blocks",
    title: "a PodDisruptionBudget lets no pod go",
    why: "A node with such a pod cannot be drained: the upgrade of the cluster stands still until somebody deletes the \
          pod by hand, usually at night.",
    fix: "use `maxUnavailable: 1`, or run more pods than must be available",
    bad: "apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: web}
spec: {minAvailable: 2, selector: {matchLabels: {app: web}}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: web}]}",
    good: "apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: web}
spec: {minAvailable: 1, selector: {matchLabels: {app: web}}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: web}]}",
    check,
};

fn check(world: &World<'_>, findings: &mut Findings<'_, '_>) {
    let scalers = Scaler::all(world);
    for budget in world.of("policy", "PodDisruptionBudget") {
        let Some(selector) = budget.at("/spec/selector") else {
            continue;
        };
        let selected = world.selected(budget.namespace, selector);
        let lasting: Vec<Node<'_>> = selected
            .certain
            .iter()
            .filter(|pods| pods.are_lasting())
            .map(|pods| pods.by)
            .collect();
        if lasting.is_empty() || selected.possible {
            continue;
        }
        let least: i64 = lasting.iter().map(|maker| least(*maker, &scalers)).sum();
        let (field, amount) = match (budget.at("/spec/minAvailable"), budget.at("/spec/maxUnavailable")) {
            (Some(amount), _) => ("minAvailable", amount),
            (None, Some(amount)) => ("maxUnavailable", amount),
            (None, None) => continue,
        };
        let Some(amount_of) = share(amount, least) else {
            continue;
        };
        let leaves = if field == "minAvailable" {
            least - amount_of
        } else {
            amount_of
        };
        // With no pod at all nothing is blocked.
        if least == 0 || leaves > 0 {
            continue;
        }
        let names: Vec<String> = lasting.iter().map(Node::called).collect();
        let amount = amount.as_str().map_or_else(|| amount.to_string(), str::to_owned);
        let message = format!(
            "{} lets no pod go: `{field}: {amount}` of the {least} of {}",
            budget.called(),
            names.join(", ")
        );
        let level = if world.is_built() { Level::Deny } else { Level::Warn };
        findings.say(level, budget, format!("/spec/{field}"), &lasting, message);
    }
}

/// The fewest pods that an object runs.
fn least(maker: Node<'_>, scalers: &[Scaler<'_>]) -> i64 {
    let scaled = scalers
        .iter()
        .find(|scaler| scaler.scales(maker))
        .map(|scaler| scaler.minimum);
    let written = maker
        .at("/spec/replicas")
        .or(maker.at("/spec/instances"))
        .and_then(Value::as_i64);
    scaled.or(written).unwrap_or(1)
}

/// A number of pods, or a share of all, rounded up as Kubernetes does.
fn share(amount: &Value, all: i64) -> Option<i64> {
    if let Some(number) = amount.as_i64() {
        return Some(number);
    }
    let percent: i64 = amount.as_str()?.strip_suffix('%')?.parse().ok()?;
    percent.checked_mul(all)?.checked_add(99).map(|sum| sum / 100)
}
