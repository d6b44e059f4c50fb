//! One autoscaler owns the number of pods of a workload, and nobody writes a fixed number beside it.
//!
//! KEDA makes a HorizontalPodAutoscaler of its own, so one of each is two as well.

use std::collections::BTreeMap;

use crate::diagnostic::Level;
use crate::references::ends::End;
use crate::references::products::Part;
use crate::references::scaling::Scaler;
use crate::references::{Check, Findings, World};

pub(super) const CHECK: Check = Check {
    id: "two-autoscalers",
    title: "the number of pods has two owners",
    why: "Two autoscalers of one workload, or an autoscaler and a fixed `replicas`, set the number in turns: pods are \
          started and ended without end, and each delivery throws the number back.",
    fix: "keep one autoscaler for a workload, and leave `replicas` out beside it",
    bad: "apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec: {replicas: 3, template: {spec: {containers: [{name: web, image: web}]}}}
---
apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata: {name: web}
spec: {scaleTargetRef: {name: web}, maxReplicaCount: 6}",
    good: "apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec: {template: {spec: {containers: [{name: web, image: web}]}}}
---
apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata: {name: web}
spec: {scaleTargetRef: {name: web}, maxReplicaCount: 6}",
    check,
};

fn check(world: &World<'_>, findings: &mut Findings<'_, '_>) {
    let mut owners: BTreeMap<End<'_>, Scaler<'_>> = BTreeMap::new();
    // The one that can do more is the one to keep.
    for scaler in Scaler::all(world).into_iter().rev() {
        let target = End {
            group: scaler.group,
            kind: scaler.kind,
            namespace: scaler.by.namespace,
            name: scaler.name,
        };
        let first = owners.entry(target).or_insert(scaler);
        if (first.by.name(), &first.by.object.kind) != (scaler.by.name(), &scaler.by.object.kind) {
            let message = format!("{} scales {} `{}` already", first.by.called(), scaler.kind, scaler.name);
            let pointer = format!("{}/name", scaler.reference);
            findings.contradiction(scaler.by, pointer, &[first.by], message);
        }
    }
    for (target, owner) in owners {
        let Some(product) = world.find(target).iter().find(|product| product.part == Part::Itself) else {
            continue;
        };
        if product.by.at("/spec/replicas").is_some() {
            // A delivery may be told to pass over the number.
            let level = if world.is_built() { Level::Deny } else { Level::Warn };
            let message = format!("{} owns the number of pods", owner.by.called());
            findings.say(level, product.by, "/spec/replicas", &[owner.by], message);
        }
    }
}
