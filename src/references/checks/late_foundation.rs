//! A namespace, and the definition of a kind, are applied before what needs them.
//!
//! By Argo CD's waves: within one wave it knows the order itself.

use std::collections::BTreeMap;

use crate::references::ends::End;
use crate::references::{Check, Findings, Node, World};

pub(super) const CHECK: Check = Check {
    id: "late-foundation",
    title: "an object is applied before its namespace or its kind",
    why: "The first delivery fails, and goes on failing, because the wave that would help comes after the one that \
          waits for it.",
    fix: "give the namespace or the definition an earlier wave",
    bad: "apiVersion: v1
kind: Namespace
metadata: {name: shop, annotations: {argocd.argoproj.io/sync-wave: \"2\"}}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: texts, namespace: shop}
data: {greeting: hello}",
    good: "apiVersion: v1
kind: Namespace
metadata: {name: shop, annotations: {argocd.argoproj.io/sync-wave: \"-1\"}}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: texts, namespace: shop}
data: {greeting: hello}",
    check,
};

fn check(world: &World<'_>, findings: &mut Findings<'_, '_>) {
    let definitions: BTreeMap<(&str, &str), Node<'_>> = world
        .of("apiextensions.k8s.io", "CustomResourceDefinition")
        .filter_map(|node| Some(((node.text("/spec/group")?, node.text("/spec/names/kind")?), node)))
        .filter(|(_, node)| wave(*node) != 0)
        .collect();
    let has_waves = world.of("", "Namespace").any(|namespace| wave(namespace) != 0);
    if definitions.is_empty() && !has_waves {
        return;
    }
    for &node in world.nodes() {
        let home = End {
            group: "",
            kind: "Namespace",
            namespace: "",
            name: node.namespace,
        };
        let namespace = world.find(home).first().map(|product| product.by);
        let definition = definitions
            .get(&(node.object.group(), node.object.kind.as_str()))
            .copied();
        for earlier in [namespace, definition].into_iter().flatten() {
            // Of several clusters, each has a wave of its own.
            if wave(earlier) > wave(node) && !world.is_ambiguous(earlier) {
                let message = format!(
                    "{} is applied in wave {}, and {} in wave {}",
                    node.called(),
                    wave(node),
                    earlier.called(),
                    wave(earlier)
                );
                findings.contradiction(node, "/metadata", &[earlier], message);
            }
        }
    }
}

fn wave(node: Node<'_>) -> i64 {
    let wave = node.object.annotation("argocd.argoproj.io/sync-wave");
    wave.and_then(|wave| wave.trim().parse().ok()).unwrap_or(0)
}
