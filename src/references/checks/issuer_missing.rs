//! The issuer of a certificate exists.

use crate::references::ends::End;
use crate::references::{Check, Findings, World};

pub(super) const CHECK: Check = Check {
    id: "issuer-missing",
    title: "a certificate names an issuer that does not exist",
    why: "The request for the certificate waits for ever, its Secret is never made, and visitors get a warning about \
          the default certificate.",
    fix: "name an issuer of the cluster; `kind` is `Issuer` unless it says `ClusterIssuer`",
    bad: "apiVersion: cert-manager.io/v1
kind: ClusterIssuer
metadata: {name: letsencrypt}
---
apiVersion: cert-manager.io/v1
kind: Certificate
metadata: {name: web}
spec: {secretName: web-tls, issuerRef: {name: letsencrypt}}",
    good: "apiVersion: cert-manager.io/v1
kind: ClusterIssuer
metadata: {name: letsencrypt}
---
apiVersion: cert-manager.io/v1
kind: Certificate
metadata: {name: web}
spec: {secretName: web-tls, issuerRef: {kind: ClusterIssuer, name: letsencrypt}}",
    check,
};

const GROUP: &str = "cert-manager.io";

fn check(world: &World<'_>, findings: &mut Findings<'_, '_>) {
    let issuer = |kind, namespace, name| End {
        group: GROUP,
        kind,
        namespace: if kind == "ClusterIssuer" { "" } else { namespace },
        name,
    };
    for certificate in world.of(GROUP, "Certificate") {
        let text = |field: &str| certificate.text(&format!("/spec/issuerRef/{field}"));
        if text("group").unwrap_or(GROUP) == GROUP {
            let kind = text("kind").unwrap_or("Issuer");
            let end = issuer(kind, certificate.namespace, text("name").unwrap_or_default());
            findings.missing(certificate, "/spec/issuerRef/name", end);
        }
    }
    for ingress in world.of("networking.k8s.io", "Ingress") {
        for (key, kind) in [("cluster-issuer", "ClusterIssuer"), ("issuer", "Issuer")] {
            if let Some(name) = ingress.object.annotation(&format!("{GROUP}/{key}")) {
                let pointer = format!("/metadata/annotations/{GROUP}~1{key}");
                findings.missing(ingress, pointer, issuer(kind, ingress.namespace, name));
            }
        }
    }
}
