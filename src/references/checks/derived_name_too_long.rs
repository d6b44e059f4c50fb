//! Names that controllers make from a name are not too long either.

use crate::references::{Check, Findings, World};

pub(super) const CHECK: Check = Check {
    id: "derived-name-too-long",
    title: "a name that a controller makes from this one is too long",
    why: "The object is accepted. Its controller then fails to label the pods, or to make the services, and there is \
          never a pod.",
    fix: "shorten the name to the limit in the message",
    bad: "apiVersion: apps/v1
kind: StatefulSet
metadata: {name: message-queue-of-the-accounting-department-in-production}
spec: {template: {spec: {containers: [{name: queue, image: queue}]}}}",
    good: "apiVersion: apps/v1
kind: StatefulSet
metadata: {name: message-queue}
spec: {template: {spec: {containers: [{name: queue, image: queue}]}}}",
    check,
};

/// Group and kind, how long its name may be, and what is made from it.
const LIMITS: &[(&str, &str, usize, &str)] = &[
    // A label holds the name, a hyphen and ten characters of a hash.
    (
        "apps",
        "StatefulSet",
        52,
        "the label `controller-revision-hash` of its pods",
    ),
    // A service has 63 characters, of which `-rw` takes three.
    ("postgresql.cnpg.io", "Cluster", 60, "the service `…-rw`"),
    ("postgresql.cnpg.io", "Pooler", 63, "the service of its name"),
];

fn check(world: &World<'_>, findings: &mut Findings<'_, '_>) {
    for (group, kind, longest, made) in LIMITS {
        for node in world.of(group, kind).filter(|node| node.name().len() > *longest) {
            let length = node.name().len();
            let message = format!("{} has {length} characters, and {made} allows {longest}", node.called());
            findings.contradiction(node, "/metadata/name", &[], message);
        }
    }
}
