//! The classes that objects name exist on the cluster: of storage, routes, priorities, runtimes and snapshots.
//!
//! In a build they are those that the cluster declares.

use crate::references::ends::End;
use crate::references::{Check, Findings, World};

pub(super) const CHECK: Check = Check {
    id: "class-missing",
    title: "an object names a class that the cluster does not have",
    why: "A claim of an unknown storage class waits for ever, pods of an unknown priority or runtime class are refused \
          when their controller makes them, and a route of an unknown class is served by nobody.",
    fix: "name a class of the cluster, or declare it in the cluster's document",
    bad: "apiVersion: scheduling.k8s.io/v1
kind: PriorityClass
metadata: {name: live}
value: 1000
---
apiVersion: v1
kind: Pod
metadata: {name: web}
spec: {priorityClassName: lively, containers: [{name: web, image: web}]}",
    good: "apiVersion: scheduling.k8s.io/v1
kind: PriorityClass
metadata: {name: live}
value: 1000
---
apiVersion: v1
kind: Pod
metadata: {name: web}
spec: {priorityClassName: live, containers: [{name: web, image: web}]}",
    check,
};

const STORAGE: (&str, &str) = ("storage.k8s.io", "StorageClass");
const INGRESS: (&str, &str) = ("networking.k8s.io", "IngressClass");
const PRIORITY: (&str, &str) = ("scheduling.k8s.io", "PriorityClass");
const RUNTIME: (&str, &str) = ("node.k8s.io", "RuntimeClass");
const SNAPSHOT: (&str, &str) = ("snapshot.storage.k8s.io", "VolumeSnapshotClass");

/// Group and kind, where it names a class, and of which kind.
const PLACES: &[(&str, &str, &str, (&str, &str))] = &[
    ("", "PersistentVolumeClaim", "/spec/storageClassName", STORAGE),
    (
        "apps",
        "StatefulSet",
        "/spec/volumeClaimTemplates/*/spec/storageClassName",
        STORAGE,
    ),
    ("networking.k8s.io", "Ingress", "/spec/ingressClassName", INGRESS),
    (
        "objectbucket.io",
        "ObjectBucketClaim",
        "/spec/storageClassName",
        STORAGE,
    ),
    ("postgresql.cnpg.io", "Cluster", "/spec/priorityClassName", PRIORITY),
    ("postgresql.cnpg.io", "Cluster", "/spec/storage/storageClass", STORAGE),
    (
        "postgresql.cnpg.io",
        "Cluster",
        "/spec/tablespaces/*/storage/storageClass",
        STORAGE,
    ),
    (
        "postgresql.cnpg.io",
        "Cluster",
        "/spec/walStorage/storageClass",
        STORAGE,
    ),
    (
        "snapshot.storage.k8s.io",
        "VolumeSnapshot",
        "/spec/volumeSnapshotClassName",
        SNAPSHOT,
    ),
    ("traefik.io", "IngressRoute", "/spec/ingressClassName", INGRESS),
];

fn check(world: &World<'_>, findings: &mut Findings<'_, '_>) {
    for (group, kind, at, class) in PLACES {
        for node in world.of(group, kind) {
            for (spot, name) in node.each(at) {
                let end = named(*class, name.as_str().unwrap_or_default());
                if !world.exists(end) {
                    findings.missing(node, spot.pointer(""), end);
                }
            }
        }
    }
    for pods in world.all_pods() {
        let Some((base, spec)) = pods.spec else {
            continue;
        };
        for (field, class) in [("priorityClassName", PRIORITY), ("runtimeClassName", RUNTIME)] {
            let end = named(
                class,
                spec.get(field).and_then(|name| name.as_str()).unwrap_or_default(),
            );
            if !end.name.is_empty() && !world.exists(end) {
                findings.missing(pods.by, format!("{base}/{field}"), end);
            }
        }
    }
}

fn named<'e>((group, kind): (&'static str, &'static str), name: &'e str) -> End<'e> {
    End {
        group,
        kind,
        namespace: "",
        name,
    }
}
