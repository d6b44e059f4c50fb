//! The place that a database writes its backups to exists.

use crate::references::ends::End;
use crate::references::{Check, Findings, World};

pub(super) const CHECK: Check = Check {
    id: "backup-store-missing",
    title: "a database names an ObjectStore that does not exist",
    why: "No write-ahead log is archived, so no backup can be restored, and the disk of the database fills with what \
          waits to be archived until it stops.",
    fix: "name an ObjectStore of the same namespace as `barmanObjectName`",
    bad: "apiVersion: barmancloud.cnpg.io/v1
kind: ObjectStore
metadata: {name: backup}
---
apiVersion: postgresql.cnpg.io/v1
kind: Cluster
metadata: {name: db}
spec:
  instances: 3
  plugins: [{name: barman-cloud.cloudnative-pg.io, parameters: {barmanObjectName: backups}}]",
    good: "apiVersion: barmancloud.cnpg.io/v1
kind: ObjectStore
metadata: {name: backup}
---
apiVersion: postgresql.cnpg.io/v1
kind: Cluster
metadata: {name: db}
spec:
  instances: 3
  plugins: [{name: barman-cloud.cloudnative-pg.io, parameters: {barmanObjectName: backup}}]",
    check,
};

const PLACES: [&str; 2] = [
    "/spec/plugins/*/parameters/barmanObjectName",
    "/spec/externalClusters/*/plugin/parameters/barmanObjectName",
];

fn check(world: &World<'_>, findings: &mut Findings<'_, '_>) {
    for cluster in world.of("postgresql.cnpg.io", "Cluster") {
        for (spot, name) in PLACES.into_iter().flat_map(|at| cluster.each(at)) {
            let end = End {
                group: "barmancloud.cnpg.io",
                kind: "ObjectStore",
                namespace: cluster.namespace,
                name: name.as_str().unwrap_or_default(),
            };
            findings.missing(cluster, spot.pointer(""), end);
        }
    }
}
