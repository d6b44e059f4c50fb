//! The store that secrets come from exists.

use serde_json::Value;

use crate::references::ends::End;
use crate::references::node::{Spot, text};
use crate::references::{Check, Findings, Node, World};

pub(super) const CHECK: Check = Check {
    id: "secret-store-missing",
    title: "an ExternalSecret names a store that does not exist",
    why: "Its Secret is never made, or never renewed, and what uses the Secret does not start.",
    fix: "name a store of the cluster; `kind` is `SecretStore` unless it says `ClusterSecretStore`",
    bad: "apiVersion: external-secrets.io/v1
kind: ClusterSecretStore
metadata: {name: vault}
---
apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata: {name: database}
spec: {secretStoreRef: {name: vault}}",
    good: "apiVersion: external-secrets.io/v1
kind: ClusterSecretStore
metadata: {name: vault}
---
apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata: {name: database}
spec: {secretStoreRef: {kind: ClusterSecretStore, name: vault}}",
    check,
};

const PLACES: &[(&str, &str)] = &[
    ("ExternalSecret", "/spec/secretStoreRef"),
    ("ExternalSecret", "/spec/data/*/sourceRef/storeRef"),
    ("ExternalSecret", "/spec/dataFrom/*/sourceRef/storeRef"),
    ("PushSecret", "/spec/secretStoreRefs/*"),
];

fn check(world: &World<'_>, findings: &mut Findings<'_, '_>) {
    for (kind, at) in PLACES {
        for node in world.of("external-secrets.io", kind) {
            for (spot, reference) in node.each(at) {
                follow(node, spot, reference, findings);
            }
        }
    }
}

fn follow(node: Node<'_>, spot: Spot, reference: &Value, findings: &mut Findings<'_, '_>) {
    let kind = text(reference, "kind").unwrap_or("SecretStore");
    let end = End {
        group: "external-secrets.io",
        kind,
        namespace: if kind == "ClusterSecretStore" {
            ""
        } else {
            node.namespace
        },
        name: text(reference, "name").unwrap_or_default(),
    };
    findings.missing(node, spot.pointer("/name"), end);
}
