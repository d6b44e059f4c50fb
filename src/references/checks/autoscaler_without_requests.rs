//! An autoscaler that goes by a share of what pods request has pods that request it.
//!
//! A LimitRange of the namespace may request it for them.

use serde_json::Value;

use crate::diagnostic::Level;
use crate::references::node::text;
use crate::references::pods::Pods;
use crate::references::scaling::Scaler;
use crate::references::{Check, Findings, World};

pub(super) const CHECK: Check = Check {
    id: "autoscaler-without-requests",
    title: "an autoscaler goes by a share of a request that a container does not make",
    why: "A share of nothing cannot be computed: the autoscaler reports `missing request` and never scales. One \
          container without the request is enough, also one that was added later.",
    fix: "set the request on every container, or go by one container that has it",
    bad: "apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  maxReplicas: 4
  metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 70}}}]
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec: {template: {spec: {containers: [{name: web, image: web}]}}}",
    good: "apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  maxReplicas: 4
  metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 70}}}]
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec: {template: {spec: {containers: [{name: web, image: web, resources: {requests: {cpu: 500m}}}]}}}",
    check,
};

/// A share that an autoscaler goes by: where it says so, of which resource, and perhaps of which container alone.
struct Share<'a> {
    pointer: String,
    resource: &'a str,
    container: Option<&'a str>,
}

fn check(world: &World<'_>, findings: &mut Findings<'_, '_>) {
    for scaler in Scaler::all(world) {
        let pods = world
            .pods(scaler.by.namespace)
            .iter()
            .find(|pods| scaler.scales(pods.by));
        let Some(pods) = pods.filter(|pods| pods.spec.is_some()) else {
            continue;
        };
        for share in shares(&scaler) {
            let defaulted = is_defaulted(world, scaler.by.namespace, share.resource);
            // Where a limit range may do it that is not at hand, it is a question.
            let level = if world.is_built() { Level::Deny } else { Level::Warn };
            for message in lacking(pods, &share, defaulted) {
                let message = format!(
                    "{} goes by its share of {}, and {message}",
                    scaler.by.called(),
                    share.resource
                );
                findings.say(level, scaler.by, share.pointer.clone(), &[pods.by], message);
            }
        }
    }
}

fn shares<'a>(scaler: &Scaler<'a>) -> Vec<Share<'a>> {
    let node = scaler.by;
    let mut found = Vec::new();
    for (spot, metric) in node.each("/spec/metrics/*") {
        for (field, named) in [("resource", false), ("containerResource", true)] {
            let Some(source) = metric.get(field) else {
                continue;
            };
            if source.pointer("/target/type").is_some_and(|it| it == "Utilization") {
                found.push(Share {
                    pointer: spot.pointer(&format!("/{field}")),
                    resource: text(source, "name").unwrap_or_default(),
                    container: text(source, "container").filter(|_| named),
                });
            }
        }
    }
    if node.at("/spec/targetCPUUtilizationPercentage").is_some() {
        found.push(Share {
            pointer: "/spec/targetCPUUtilizationPercentage".into(),
            resource: "cpu",
            container: None,
        });
    }
    for (spot, trigger) in node.each("/spec/triggers/*") {
        let resource = text(trigger, "type").filter(|it| ["cpu", "memory"].contains(it));
        let is_share = matches!(text(trigger, "metricType"), None | Some("Utilization"));
        if let (Some(resource), true) = (resource, is_share) {
            found.push(Share {
                pointer: spot.pointer(""),
                resource,
                container: trigger.pointer("/metadata/containerName").and_then(Value::as_str),
            });
        }
    }
    found
}

/// What containers lack; those that run first and end do not count.
fn lacking(pods: &Pods<'_>, share: &Share<'_>, defaulted: bool) -> Vec<String> {
    let asks = |value: &Value| {
        let amount = |field: &str| value.get("resources").and_then(|it| it.get(field)?.get(share.resource));
        amount("requests").or(amount("limits")).is_some()
    };
    let lasting = pods
        .containers()
        .filter(|(field, _, container)| *field == "containers" || text(container, "restartPolicy") == Some("Always"));
    let name = |container| text(container, "name").unwrap_or_default();
    let all: Vec<&Value> = lasting.map(|(_, _, container)| container).collect();
    let maker = pods.by.called();
    match share.container {
        Some(wanted) if !all.iter().any(|container| name(container) == wanted) => {
            vec![format!("{maker} has no container `{wanted}`")]
        }
        _ if defaulted || pods.spec.is_some_and(|(_, spec)| asks(spec)) => Vec::new(),
        wanted => {
            let counted = all
                .iter()
                .filter(|container| wanted.is_none_or(|wanted| name(container) == wanted));
            let silent = counted.filter(|container| !asks(container));
            silent
                .map(|container| format!("container `{}` of {maker} requests none", name(container)))
                .collect()
        }
    }
}

/// Whether a limit range requests a resource for containers that do not.
fn is_defaulted(world: &World<'_>, namespace: &str, resource: &str) -> bool {
    let ranges = world.of("", "LimitRange").filter(|range| range.namespace == namespace);
    ranges.flat_map(|range| range.list("/spec/limits")).any(|limit| {
        let has = |field: &str| limit.get(field).is_some_and(|amounts| amounts.get(resource).is_some());
        text(limit, "type") == Some("Container") && (has("defaultRequest") || has("default"))
    })
}
