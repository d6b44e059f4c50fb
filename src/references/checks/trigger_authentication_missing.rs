//! The credentials that an event-driven autoscaler asks its source with exist.

use crate::references::ends::End;
use crate::references::node::text;
use crate::references::{Check, Findings, World};

pub(super) const CHECK: Check = Check {
    id: "trigger-authentication-missing",
    title: "a trigger names a TriggerAuthentication that does not exist",
    why: "KEDA cannot ask the source without it, so the autoscaler never gets ready and nothing scales.",
    fix: "add the TriggerAuthentication, or correct the name",
    bad: "apiVersion: keda.sh/v1alpha1
kind: TriggerAuthentication
metadata: {name: queue}
---
apiVersion: keda.sh/v1alpha1
kind: ScaledJob
metadata: {name: worker}
spec: {triggers: [{type: rabbitmq, authenticationRef: {name: qeue}}]}",
    good: "apiVersion: keda.sh/v1alpha1
kind: TriggerAuthentication
metadata: {name: queue}
---
apiVersion: keda.sh/v1alpha1
kind: ScaledJob
metadata: {name: worker}
spec: {triggers: [{type: rabbitmq, authenticationRef: {name: queue}}]}",
    check,
};

fn check(world: &World<'_>, findings: &mut Findings<'_, '_>) {
    for kind in ["ScaledObject", "ScaledJob"] {
        for node in world.of("keda.sh", kind) {
            for (spot, reference) in node.each("/spec/triggers/*/authenticationRef") {
                let kind = text(reference, "kind").unwrap_or("TriggerAuthentication");
                let is_wide = kind == "ClusterTriggerAuthentication";
                let end = End {
                    group: "keda.sh",
                    kind,
                    namespace: if is_wide { "" } else { node.namespace },
                    name: text(reference, "name").unwrap_or_default(),
                };
                findings.missing(node, spot.pointer("/name"), end);
            }
        }
    }
}
