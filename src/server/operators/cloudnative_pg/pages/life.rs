//! The pages about how a Cluster begins, what it holds and how it changes.
//!
//! One page for each idea, not for each of the webhook's validators.

use crate::diagnostic::codes::Code;

pub(in super::super) const BOOTSTRAP: Code = Code {
    id: "postgres-bootstrap",
    title: "a beginning that the operator cannot carry out",
    why: "A Cluster begins in one way: a new database, a recovery or a copy. A database comes with its owner; an import says which databases it takes; a snapshot excludes other sources.",
    fix: "leave one method, and complete what the message names",
    bad: "apiVersion: postgresql.cnpg.io/v1\n\
          kind: Cluster\n\
          metadata: {name: db, namespace: hartmann-bau-production}\n\
          spec:\n\
          \x20 instances: 1\n\
          \x20 storage: {size: 20Gi}\n\
          \x20 bootstrap:\n\
          \x20   initdb:\n\
          \x20     database: odoo\n\
          \x20     import:\n\
          \x20       type: microservice\n\
          \x20       databases: [odoo, crm]\n\
          \x20       source: {externalCluster: old}\n\
          \x20 externalClusters:\n\
          \x20 - {name: old, connectionParameters: {host: pg.hartmann-bau.example}}",
    good: "apiVersion: postgresql.cnpg.io/v1\n\
          kind: Cluster\n\
          metadata: {name: db, namespace: hartmann-bau-production}\n\
          spec:\n\
          \x20 instances: 1\n\
          \x20 storage: {size: 20Gi}\n\
          \x20 bootstrap:\n\
          \x20   initdb:\n\
          \x20     database: odoo\n\
          \x20     import:\n\
          \x20       type: microservice\n\
          \x20       databases: [odoo]\n\
          \x20       source: {externalCluster: old}\n\
          \x20 externalClusters:\n\
          \x20 - {name: old, connectionParameters: {host: pg.hartmann-bau.example}}",
};

pub(in super::super) const RECOVERY_TARGET: Code = Code {
    id: "postgres-recovery-target",
    title: "a point of recovery that cannot be found",
    why: "There is one target: a time, a position, a transaction, a name, or the end of the backup. Only by time and position can the operator choose the backup itself; for others it needs `backupID`.",
    fix: "keep one target, write a time as `2026-11-22T06:00:00Z`, and name the backup where it is needed",
    bad: "apiVersion: postgresql.cnpg.io/v1\n\
          kind: Cluster\n\
          metadata: {name: db, namespace: hartmann-bau-production}\n\
          spec:\n\
          \x20 instances: 1\n\
          \x20 storage: {size: 20Gi}\n\
          \x20 bootstrap:\n\
          \x20   recovery:\n\
          \x20     source: production\n\
          \x20     recoveryTarget: {targetTime: yesterday evening}\n\
          \x20 externalClusters:\n\
          \x20 - name: production\n\
          \x20   plugin: {name: barman-cloud.cloudnative-pg.io}",
    good: "apiVersion: postgresql.cnpg.io/v1\n\
          kind: Cluster\n\
          metadata: {name: db, namespace: hartmann-bau-production}\n\
          spec:\n\
          \x20 instances: 1\n\
          \x20 storage: {size: 20Gi}\n\
          \x20 bootstrap:\n\
          \x20   recovery:\n\
          \x20     source: production\n\
          \x20     recoveryTarget: {targetTime: \"2026-11-21T18:00:00Z\"}\n\
          \x20 externalClusters:\n\
          \x20 - name: production\n\
          \x20   plugin: {name: barman-cloud.cloudnative-pg.io}",
};

pub(in super::super) const EXTERNAL_CLUSTER: Code = Code {
    id: "postgres-external-cluster",
    title: "a source that is not among the external clusters",
    why: "A recovery or copy takes its source from `externalClusters` of the same Cluster, by name. An entry there says how the server or its archive is reached, and its name becomes that of a folder.",
    fix: "add the external cluster, or correct the name",
    bad: "apiVersion: postgresql.cnpg.io/v1\n\
          kind: Cluster\n\
          metadata: {name: db, namespace: hartmann-bau-production}\n\
          spec:\n\
          \x20 instances: 1\n\
          \x20 storage: {size: 20Gi}\n\
          \x20 bootstrap:\n\
          \x20   recovery: {source: produktion}\n\
          \x20 externalClusters:\n\
          \x20 - name: production\n\
          \x20   plugin: {name: barman-cloud.cloudnative-pg.io}",
    good: "apiVersion: postgresql.cnpg.io/v1\n\
          kind: Cluster\n\
          metadata: {name: db, namespace: hartmann-bau-production}\n\
          spec:\n\
          \x20 instances: 1\n\
          \x20 storage: {size: 20Gi}\n\
          \x20 bootstrap:\n\
          \x20   recovery: {source: production}\n\
          \x20 externalClusters:\n\
          \x20 - name: production\n\
          \x20   plugin: {name: barman-cloud.cloudnative-pg.io}",
};

pub(in super::super) const REPLICA: Code = Code {
    id: "postgres-replica-cluster",
    title: "a replica cluster that cannot follow its source",
    why: "A replica cluster begins as a copy or a recovery, knows its source, itself and the primary as external clusters, and is promoted either by `enabled` or by `primary`. A promotion token belongs to a primary only.",
    fix: "name the source, and begin from a backup or a running server",
    bad: "apiVersion: postgresql.cnpg.io/v1\n\
          kind: Cluster\n\
          metadata: {name: db, namespace: hartmann-bau-production}\n\
          spec:\n\
          \x20 instances: 1\n\
          \x20 storage: {size: 20Gi}\n\
          \x20 replica: {enabled: true, source: production}\n\
          \x20 externalClusters:\n\
          \x20 - {name: production, connectionParameters: {host: pg.hartmann-bau.example}}",
    good: "apiVersion: postgresql.cnpg.io/v1\n\
          kind: Cluster\n\
          metadata: {name: db, namespace: hartmann-bau-production}\n\
          spec:\n\
          \x20 instances: 1\n\
          \x20 storage: {size: 20Gi}\n\
          \x20 replica: {enabled: true, source: production}\n\
          \x20 bootstrap:\n\
          \x20   pg_basebackup: {source: production}\n\
          \x20 externalClusters:\n\
          \x20 - {name: production, connectionParameters: {host: pg.hartmann-bau.example}}",
};

pub(in super::super) const STORAGE: Code = Code {
    id: "postgres-storage",
    title: "a volume without a size that can be read",
    why: "The operator asks for a volume of `size`, or of what the claim template requests; without either it does not know how much.",
    fix: "write the size as a quantity, `20Gi`",
    bad: "apiVersion: postgresql.cnpg.io/v1\n\
          kind: Cluster\n\
          metadata: {name: db, namespace: hartmann-bau-production}\n\
          spec:\n\
          \x20 instances: 1\n\
          \x20 storage: {size: 20 GB}",
    good: "apiVersion: postgresql.cnpg.io/v1\n\
          kind: Cluster\n\
          metadata: {name: db, namespace: hartmann-bau-production}\n\
          spec:\n\
          \x20 instances: 1\n\
          \x20 storage: {size: 20Gi}",
};

pub(in super::super) const TABLESPACE: Code = Code {
    id: "postgres-tablespace",
    title: "a tablespace that PostgreSQL or its volume cannot have",
    why: "The name of a tablespace is an identifier of PostgreSQL that does not begin with `pg_`. Two names must also differ when they are written as volumes, in lowercase with hyphens.",
    fix: "rename the tablespace",
    bad: "apiVersion: postgresql.cnpg.io/v1\n\
          kind: Cluster\n\
          metadata: {name: db, namespace: hartmann-bau-production}\n\
          spec:\n\
          \x20 instances: 1\n\
          \x20 storage: {size: 20Gi}\n\
          \x20 tablespaces:\n\
          \x20 - {name: pg_archive, storage: {size: 5Gi}}",
    good: "apiVersion: postgresql.cnpg.io/v1\n\
          kind: Cluster\n\
          metadata: {name: db, namespace: hartmann-bau-production}\n\
          spec:\n\
          \x20 instances: 1\n\
          \x20 storage: {size: 20Gi}\n\
          \x20 tablespaces:\n\
          \x20 - {name: archive, storage: {size: 5Gi}}",
};

pub(in super::super) const SHRUNK: Code = Code {
    id: "postgres-storage-shrinks",
    title: "a volume of a running Cluster that gets smaller or disappears",
    why: "Volumes grow only. Storage for the write-ahead log and tablespaces cannot be taken away again, because the data in them would go with them.",
    fix: "keep the size, or move to a new Cluster that recovers from the backup of this one",
    bad: "apiVersion: postgresql.cnpg.io/v1\n\
          kind: Cluster\n\
          metadata: {name: db, namespace: hartmann-bau-production}\n\
          spec:\n\
          \x20 instances: 1\n\
          \x20 storage: {size: 20Gi}\n\
          ---\n\
          apiVersion: postgresql.cnpg.io/v1\n\
          kind: Cluster\n\
          metadata: {name: db, namespace: hartmann-bau-production}\n\
          spec:\n\
          \x20 instances: 1\n\
          \x20 storage: {size: 10Gi}",
    good: "apiVersion: postgresql.cnpg.io/v1\n\
          kind: Cluster\n\
          metadata: {name: db, namespace: hartmann-bau-production}\n\
          spec:\n\
          \x20 instances: 1\n\
          \x20 storage: {size: 20Gi}\n\
          ---\n\
          apiVersion: postgresql.cnpg.io/v1\n\
          kind: Cluster\n\
          metadata: {name: db, namespace: hartmann-bau-production}\n\
          spec:\n\
          \x20 instances: 1\n\
          \x20 storage: {size: 40Gi}",
};

pub(in super::super) const CHANGE: Code = Code {
    id: "postgres-cluster-change",
    title: "a change that a running Cluster cannot make",
    why: "PostgreSQL does not go back to an older major version, the user who owns the files stays, and a switchover takes either a new image or new parameters, not both at once.",
    fix: "undo the change, or split it into two that are applied one after the other",
    bad: "apiVersion: postgresql.cnpg.io/v1\n\
          kind: Cluster\n\
          metadata: {name: db, namespace: hartmann-bau-production}\n\
          spec:\n\
          \x20 instances: 1\n\
          \x20 storage: {size: 20Gi}\n\
          \x20 imageName: registry.hartmann-bau.example/postgresql:17.6\n\
          ---\n\
          apiVersion: postgresql.cnpg.io/v1\n\
          kind: Cluster\n\
          metadata: {name: db, namespace: hartmann-bau-production}\n\
          spec:\n\
          \x20 instances: 1\n\
          \x20 storage: {size: 20Gi}\n\
          \x20 imageName: registry.hartmann-bau.example/postgresql:16.10",
    good: "apiVersion: postgresql.cnpg.io/v1\n\
          kind: Cluster\n\
          metadata: {name: db, namespace: hartmann-bau-production}\n\
          spec:\n\
          \x20 instances: 1\n\
          \x20 storage: {size: 20Gi}\n\
          \x20 imageName: registry.hartmann-bau.example/postgresql:17.6\n\
          ---\n\
          apiVersion: postgresql.cnpg.io/v1\n\
          kind: Cluster\n\
          metadata: {name: db, namespace: hartmann-bau-production}\n\
          spec:\n\
          \x20 instances: 1\n\
          \x20 storage: {size: 20Gi}\n\
          \x20 imageName: registry.hartmann-bau.example/postgresql:18.1",
};
