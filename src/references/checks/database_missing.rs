//! What stands beside a PostgreSQL cluster names one that exists, and a cluster names sources that it describes.

use crate::references::ends::End;
use crate::references::findings::shown;
use crate::references::node::text;
use crate::references::{Check, Findings, Node, World};

pub(super) const CHECK: Check = Check {
    id: "database-missing",
    title: "a database, backup or pooler names a cluster that does not exist",
    why: "The operator waits for the cluster without an error: no backup is ever taken, no database made, and nobody \
          is told.",
    fix: "name a Cluster of the same namespace, or an entry of `externalClusters`",
    bad: "apiVersion: postgresql.cnpg.io/v1
kind: Cluster
metadata: {name: db}
spec: {instances: 3, storage: {size: 10Gi}}
---
apiVersion: postgresql.cnpg.io/v1
kind: ScheduledBackup
metadata: {name: nightly}
spec: {schedule: 0 0 2 * * *, cluster: {name: database}}",
    good: "apiVersion: postgresql.cnpg.io/v1
kind: Cluster
metadata: {name: db}
spec: {instances: 3, storage: {size: 10Gi}}
---
apiVersion: postgresql.cnpg.io/v1
kind: ScheduledBackup
metadata: {name: nightly}
spec: {schedule: 0 0 2 * * *, cluster: {name: db}}",
    check,
};

const GROUP: &str = "postgresql.cnpg.io";
const BESIDE: [&str; 7] = [
    "Backup",
    "Database",
    "DatabaseRole",
    "Pooler",
    "Publication",
    "ScheduledBackup",
    "Subscription",
];
/// Where a cluster names an entry of its `externalClusters`.
const SOURCES: [&str; 4] = [
    "/spec/bootstrap/initdb/import/source/externalCluster",
    "/spec/bootstrap/pg_basebackup/source",
    "/spec/bootstrap/recovery/source",
    "/spec/replica/source",
];

fn check(world: &World<'_>, findings: &mut Findings<'_, '_>) {
    for kind in BESIDE {
        for node in world.of(GROUP, kind) {
            let name = node.text("/spec/cluster/name").unwrap_or_default();
            let end = in_namespace(node, "Cluster", name);
            findings.missing(node, "/spec/cluster/name", end);
        }
    }
    for cluster in world.of(GROUP, "Cluster") {
        let backup = cluster.text("/spec/bootstrap/recovery/backup/name").unwrap_or_default();
        findings.missing(
            cluster,
            "/spec/bootstrap/recovery/backup/name",
            in_namespace(cluster, "Backup", backup),
        );
        if let Some(kind) = cluster.text("/spec/imageCatalogRef/kind") {
            let mut end = in_namespace(
                cluster,
                kind,
                cluster.text("/spec/imageCatalogRef/name").unwrap_or_default(),
            );
            if kind.starts_with("Cluster") {
                end.namespace = "";
            }
            findings.missing(cluster, "/spec/imageCatalogRef/name", end);
        }
        sources(cluster, findings);
    }
}

fn in_namespace<'e>(node: Node<'e>, kind: &'e str, name: &'e str) -> End<'e> {
    End {
        group: GROUP,
        kind,
        namespace: node.namespace,
        name,
    }
}

fn sources(cluster: Node<'_>, findings: &mut Findings<'_, '_>) {
    let described = cluster.list("/spec/externalClusters").iter();
    let known: Vec<&str> = described.filter_map(|external| text(external, "name")).collect();
    for pointer in SOURCES {
        let Some(source) = cluster.text(pointer).filter(|source| !known.contains(source)) else {
            continue;
        };
        let message = format!("{} has no external cluster `{source}`", cluster.called());
        let found = findings.contradiction(cluster, pointer, &[], message);
        if !known.is_empty() {
            found.help(format!("it describes {}", shown(&known)));
        }
    }
}
