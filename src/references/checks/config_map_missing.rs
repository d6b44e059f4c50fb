//! A ConfigMap that is used exists.
//!
//! What is `optional` may be missing.

use crate::references::ends::End;
use crate::references::{Check, Findings, World};

pub(super) const CHECK: Check = Check {
    id: "config-map-missing",
    title: "a ConfigMap that is used does not exist",
    why: "The kubelet does not start a container whose configuration is missing: the pod waits with \
          `CreateContainerConfigError`, or for its volume, until the ConfigMap appears.",
    fix: "add the ConfigMap, correct the name, or mark the use `optional`",
    bad: "apiVersion: v1
kind: ConfigMap
metadata: {name: texts}
data: {greeting: hello}
---
apiVersion: v1
kind: Pod
metadata: {name: web}
spec: {containers: [{name: web, image: web, envFrom: [{configMapRef: {name: text}}]}]}",
    good: "apiVersion: v1
kind: ConfigMap
metadata: {name: texts}
data: {greeting: hello}
---
apiVersion: v1
kind: Pod
metadata: {name: web}
spec: {containers: [{name: web, image: web, envFrom: [{configMapRef: {name: texts}}]}]}",
    check,
};

fn check(world: &World<'_>, findings: &mut Findings<'_, '_>) {
    for used in world.uses.iter().filter(|used| used.kind == "ConfigMap") {
        let end = End {
            group: "",
            kind: "ConfigMap",
            namespace: used.by.namespace,
            name: used.name,
        };
        if !world.exists(end) {
            findings.missing(used.by, used.place.pointer(), end);
        }
    }
}
