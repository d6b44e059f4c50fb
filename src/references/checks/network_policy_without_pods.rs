//! A network policy is about pods, and so are those of its own namespace that it lets in and out.

use crate::references::{Check, Findings, World, nobody, selector};

pub(super) const CHECK: Check = Check {
    id: "network-policy-without-pods",
    title: "a NetworkPolicy selects no pods",
    why: "What it was to shield is open to everybody, or, where everything is denied, what it was to let pass is \
          blocked.",
    fix: "select labels that the pods have",
    bad: "apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: web}
spec: {podSelector: {matchLabels: {app: wbe}}, policyTypes: [Ingress]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: web}]}",
    good: "apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: web}
spec: {podSelector: {matchLabels: {app: web}}, policyTypes: [Ingress]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: web}]}",
    check,
};

const PEERS: [&str; 2] = ["/spec/ingress/*/from/*", "/spec/egress/*/to/*"];

fn check(world: &World<'_>, findings: &mut Findings<'_, '_>) {
    for policy in world.of("networking.k8s.io", "NetworkPolicy") {
        let mut chosen = Vec::new();
        chosen.extend(
            policy
                .at("/spec/podSelector")
                .map(|it| ("/spec/podSelector".to_owned(), it)),
        );
        for (spot, peer) in PEERS.into_iter().flat_map(|at| policy.each(at)) {
            // With a selector of namespaces it is about pods of others.
            if let (Some(pods), None) = (peer.get("podSelector"), peer.get("namespaceSelector")) {
                chosen.push((spot.pointer("/podSelector"), pods));
            }
        }
        for (pointer, chosen) in chosen.into_iter().filter(|(_, it)| !selector::is_everything(it)) {
            if world.selected(policy.namespace, chosen).is_empty() {
                nobody::complain(world, findings, policy, &pointer, (policy.namespace, chosen));
            }
        }
    }
}
