//! An object is applied by one delivery of its cluster.
//!
//! Manifests that are given may be bases and overlays, so two of one name are only recorded there.

use std::collections::BTreeSet;

use crate::diagnostic::Level;
use crate::references::ends::End;
use crate::references::{Check, Findings, World};

pub(super) const CHECK: Check = Check {
    id: "applied-twice",
    title: "two deliveries apply one object",
    why: "Each delivery changes the object back to what it has, and the one that is removed first takes it away from \
          the other.",
    fix: "rename one of the two, or keep it in one place",
    bad: "apiVersion: v1
kind: ConfigMap
metadata: {name: texts}
data: {greeting: hello}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: texts}
data: {greeting: welcome}",
    good: "apiVersion: v1
kind: ConfigMap
metadata: {name: texts}
data: {greeting: hello}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: more-texts}
data: {greeting: welcome}",
    check,
};

fn check(world: &World<'_>, findings: &mut Findings<'_, '_>) {
    let mut said = BTreeSet::new();
    for &node in world.nodes() {
        let end = End {
            group: node.object.group(),
            kind: &node.object.kind,
            namespace: node.namespace,
            name: &node.object.name,
        };
        if let Some(origin) = world.other_owner(end) {
            let message = format!("{} is also among {}", node.called(), origin.name());
            findings.say(Level::Deny, node, "/metadata/name", &[], message);
        } else if world.is_ambiguous(node) && said.insert((end.group, end.kind, end.namespace, end.name)) {
            let all = world.find(end).iter().map(|product| product.by);
            let others: Vec<_> = all
                .filter(|other| other.object.value != node.object.value && other.index != node.index)
                .collect();
            if !others.is_empty() {
                let message = format!("{} is written more than once, and differently", node.called());
                findings.say(Level::Audit, node, "/metadata/name", &others, message);
            }
        }
    }
}
