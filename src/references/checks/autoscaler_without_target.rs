//! What an autoscaler scales exists and can be scaled.

use crate::references::ends::End;
use crate::references::scaling::Scaler;
use crate::references::{Check, Findings, World};

pub(super) const CHECK: Check = Check {
    id: "autoscaler-without-target",
    title: "an autoscaler scales nothing",
    why: "The autoscaler reports the failure in its own status, where nobody looks, and the workload stays at the \
          number of pods that it began with, also under load.",
    fix: "name a Deployment or StatefulSet of the same namespace in `scaleTargetRef`",
    bad: "apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: agent}
spec: {scaleTargetRef: {apiVersion: apps/v1, kind: DaemonSet, name: agent}, maxReplicas: 4}
---
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: agent}
spec: {template: {spec: {containers: [{name: agent, image: agent}]}}}",
    good: "apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: agent}
spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: agent}, maxReplicas: 4}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: agent}
spec: {template: {spec: {containers: [{name: agent, image: agent}]}}}",
    check,
};

/// Built-in kinds with a number of pods that can be set.
const SCALABLE: [(&str, &str); 4] = [
    ("apps", "Deployment"),
    ("apps", "StatefulSet"),
    ("apps", "ReplicaSet"),
    ("", "ReplicationController"),
];

fn check(world: &World<'_>, findings: &mut Findings<'_, '_>) {
    for scaler in Scaler::all(world) {
        let (group, kind, name) = (scaler.group, scaler.kind, scaler.name);
        let is_built_in = ["", "apps", "batch"].contains(&group);
        if is_built_in && !SCALABLE.contains(&(group, kind)) {
            let message = format!(
                "{} is to scale {kind} `{name}`, and no {kind} can be scaled",
                scaler.by.called()
            );
            findings.contradiction(scaler.by, format!("{}/kind", scaler.reference), &[], message);
            continue;
        }
        let end = End {
            group,
            kind,
            namespace: scaler.by.namespace,
            name,
        };
        if !world.exists(end) {
            findings.missing(scaler.by, format!("{}/name", scaler.reference), end);
        }
    }
}
