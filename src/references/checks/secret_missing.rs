//! A Secret that is used exists: written, or made by a controller from something that is written.
//!
//! What is `optional` may be missing.

use crate::references::ends::End;
use crate::references::{Check, Findings, World};

pub(super) const CHECK: Check = Check {
    id: "secret-missing",
    title: "a Secret that is used is made by nobody",
    why: "The kubelet does not start a container whose Secret is missing, and operators wait for theirs in silence. \
          An ExternalSecret, a certificate, a bucket claim or a database must make it.",
    fix: "add what makes the Secret, or correct the name",
    bad: "apiVersion: cert-manager.io/v1
kind: Certificate
metadata: {name: web}
spec: {secretName: web-tls, issuerRef: {name: letsencrypt}}
---
apiVersion: cert-manager.io/v1
kind: Issuer
metadata: {name: letsencrypt}
spec: {selfSigned: {}}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web}
spec: {tls: [{secretName: web-tsl}]}",
    good: "apiVersion: cert-manager.io/v1
kind: Certificate
metadata: {name: web}
spec: {secretName: web-tls, issuerRef: {name: letsencrypt}}
---
apiVersion: cert-manager.io/v1
kind: Issuer
metadata: {name: letsencrypt}
spec: {selfSigned: {}}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web}
spec: {tls: [{secretName: web-tls}]}",
    check,
};

fn check(world: &World<'_>, findings: &mut Findings<'_, '_>) {
    for used in world.uses.iter().filter(|used| used.kind == "Secret") {
        let end = End {
            group: "",
            kind: "Secret",
            namespace: used.by.namespace,
            name: used.name,
        };
        if !world.exists(end) {
            findings.missing(used.by, used.place.pointer(), end);
        }
    }
}
