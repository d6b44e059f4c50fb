//! The custom resources of CloudNativePG 1.30: database clusters, what lives in them, their backups and poolers.
//!
//! Backups go through a plugin: the built-in object store is gone from 1.31 and has no field here.

mod bootstrap;
mod cluster;
mod objects;

use std::collections::BTreeMap;

pub use {bootstrap::*, cluster::*, objects::*};

use super::{
    ServiceSpec,
    custom::{fields, kind},
};

kind!(
    /// A PostgreSQL primary with its standbys (CloudNativePG 1.30).
    Cluster(ClusterSpec) = Namespaced "postgresql.cnpg.io" / "v1" / "clusters"
);
kind!(
    /// A database inside a cluster (CloudNativePG 1.30).
    Database(DatabaseSpec) = Namespaced "postgresql.cnpg.io" / "v1" / "databases"
);
kind!(
    /// A login or group inside a cluster (CloudNativePG 1.30).
    DatabaseRole(DatabaseRoleSpec) = Namespaced "postgresql.cnpg.io" / "v1" / "databaseroles"
);
kind!(
    /// PgBouncer in front of a cluster (CloudNativePG 1.30).
    Pooler(PoolerSpec) = Namespaced "postgresql.cnpg.io" / "v1" / "poolers"
);
kind!(
    /// Base backups of a cluster by the clock (CloudNativePG 1.30).
    ScheduledBackup(ScheduledBackupSpec) = Namespaced "postgresql.cnpg.io" / "v1" / "scheduledbackups"
);

fields! {
    /// Names an object in the same namespace.
    NameRef {
        name: String,
    }
    /// Names a key of a secret or a config map.
    KeyRef {
        name: String,
        key: String,
    }
    Metadata {
        annotations: BTreeMap<String, String>,
        labels: BTreeMap<String, String>,
    }
    NamedMetadata {
        name: Option<String>,
        annotations: BTreeMap<String, String>,
        labels: BTreeMap<String, String>,
    }
    ServiceTemplate {
        metadata: Option<NamedMetadata>,
        spec: Option<ServiceSpec>,
    }
}
