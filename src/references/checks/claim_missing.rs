//! The claim whose volume pods mount exists.
//!
//! Claims of stateful sets and of databases are made by their controllers.

use crate::references::ends::End;
use crate::references::node::list;
use crate::references::{Check, Findings, World};

pub(super) const CHECK: Check = Check {
    id: "claim-missing",
    title: "pods mount a PersistentVolumeClaim that does not exist",
    why: "The scheduler finds no node for a pod whose claim is missing, and goes on looking without end.",
    fix: "add the PersistentVolumeClaim, or correct the name",
    bad: "apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: files}
spec: {accessModes: [ReadWriteMany]}
---
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers: [{name: web, image: web}]
  volumes: [{name: files, persistentVolumeClaim: {claimName: filestore}}]",
    good: "apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: files}
spec: {accessModes: [ReadWriteMany]}
---
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers: [{name: web, image: web}]
  volumes: [{name: files, persistentVolumeClaim: {claimName: files}}]",
    check,
};

fn check(world: &World<'_>, findings: &mut Findings<'_, '_>) {
    for pods in world.all_pods() {
        let Some((base, spec)) = pods.spec else {
            continue;
        };
        for (index, volume) in list(spec, "volumes").iter().enumerate() {
            let name = volume
                .pointer("/persistentVolumeClaim/claimName")
                .and_then(|it| it.as_str());
            let Some(name) = name else {
                continue;
            };
            let end = End {
                group: "",
                kind: "PersistentVolumeClaim",
                namespace: pods.by.namespace,
                name,
            };
            if !world.exists(end) {
                let pointer = format!("{base}/volumes/{index}/persistentVolumeClaim/claimName");
                findings.missing(pods.by, pointer, end);
            }
        }
    }
}
