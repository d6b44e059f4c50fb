//! The account that pods run as exists.

use crate::references::ends::End;
use crate::references::node::text;
use crate::references::{Check, Findings, World};

pub(super) const CHECK: Check = Check {
    id: "service-account-missing",
    title: "pods run as a ServiceAccount that does not exist",
    why: "The Deployment is accepted and its pods are refused one by one, so an update stands still while the old pods \
          go on running, until a node is drained.",
    fix: "add the ServiceAccount, or correct the name",
    bad: "apiVersion: v1
kind: ServiceAccount
metadata: {name: web}
---
apiVersion: v1
kind: Pod
metadata: {name: web}
spec: {serviceAccountName: wbe, containers: [{name: web, image: web}]}",
    good: "apiVersion: v1
kind: ServiceAccount
metadata: {name: web}
---
apiVersion: v1
kind: Pod
metadata: {name: web}
spec: {serviceAccountName: web, containers: [{name: web, image: web}]}",
    check,
};

fn check(world: &World<'_>, findings: &mut Findings<'_, '_>) {
    for pods in world.all_pods() {
        let Some((base, spec)) = pods.spec else {
            continue;
        };
        if let Some(name) = text(spec, "serviceAccountName") {
            let end = End {
                group: "",
                kind: "ServiceAccount",
                namespace: pods.by.namespace,
                name,
            };
            if !world.exists(end) {
                findings.missing(pods.by, format!("{base}/serviceAccountName"), end);
            }
        }
    }
}
