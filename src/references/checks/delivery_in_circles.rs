//! Deliveries that wait for each other do not do so in a circle.

use std::collections::BTreeMap;

use crate::references::node::text;
use crate::references::{Check, Findings, Node, World};

pub(super) const CHECK: Check = Check {
    id: "delivery-in-circles",
    title: "deliveries wait for each other",
    why: "Flux refuses all of them, and nothing of theirs is applied any more.",
    fix: "take one `dependsOn` of the circle away",
    bad: "apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: database}
spec: {dependsOn: [{name: web}]}
---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: web}
spec: {dependsOn: [{name: database}]}",
    good: "apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: database}
spec: {}
---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: web}
spec: {dependsOn: [{name: database}]}",
    check,
};

const KINDS: [(&str, &str); 2] = [
    ("kustomize.toolkit.fluxcd.io", "Kustomization"),
    ("helm.toolkit.fluxcd.io", "HelmRelease"),
];

type Names<'a> = (&'a str, &'a str);

fn check(world: &World<'_>, findings: &mut Findings<'_, '_>) {
    for (group, kind) in KINDS {
        let named: BTreeMap<Names<'_>, Node<'_>> = world
            .of(group, kind)
            .map(|node| ((node.namespace, node.name()), node))
            .collect();
        let mut rank: BTreeMap<usize, bool> = BTreeMap::new();
        for &node in named.values() {
            if let Some(circle) = circle(node, &named, &mut rank) {
                let names: Vec<String> = circle.iter().map(|node| format!("`{}`", node.name())).collect();
                let message = format!("{kind} {} wait for each other in this order", names.join(", "));
                if let Some(first) = circle.first() {
                    findings.contradiction(*first, "/spec/dependsOn", circle.get(1..).unwrap_or_default(), message);
                }
            }
        }
    }
}

/// The circle that a delivery leads into, if nobody led into it before. A rank says whether all behind it is settled.
fn circle<'a>(
    start: Node<'a>,
    named: &BTreeMap<Names<'a>, Node<'a>>,
    settled: &mut BTreeMap<usize, bool>,
) -> Option<Vec<Node<'a>>> {
    if settled.contains_key(&start.index) {
        return None;
    }
    settled.insert(start.index, false);
    let mut path = vec![(start, 0)];
    while let Some((node, next)) = path.last_mut() {
        let Some(reference) = node.list("/spec/dependsOn").get(*next) else {
            settled.insert(node.index, true);
            path.pop();
            continue;
        };
        *next += 1;
        let namespace = text(reference, "namespace").unwrap_or(node.namespace);
        let name = text(reference, "name").unwrap_or_default();
        let Some(&earlier) = named.get(&(namespace, name)) else {
            continue;
        };
        match settled.get(&earlier.index) {
            Some(true) => {}
            Some(false) => {
                let circle: Vec<Node<'a>> = path
                    .iter()
                    .map(|(node, _)| *node)
                    .skip_while(|node| node.index != earlier.index)
                    .collect();
                settled.extend(path.iter().map(|(node, _)| (node.index, true)));
                return Some(circle);
            }
            None => {
                settled.insert(earlier.index, false);
                path.push((earlier, 0));
            }
        }
    }
    None
}
