//! Where the data of a cluster comes from: a new database, a backup, another cluster.
//!
//! Of the ways to begin, `Bootstrap` holds exactly one; other clusters are named once and referred to by name.

use std::collections::BTreeMap;

use super::{KeyRef, NameRef, fields};
use crate::kinds::SecretKeySelector;

fields! {
    /// How the data first came to be; exactly one of its fields is set.
    Bootstrap {
        initdb: Option<Initdb>,
        recovery: Option<Recovery>,
        #[serde(rename = "pg_basebackup")]
        pg_basebackup: Option<Basebackup>,
    }
    Initdb {
        database: Option<String>,
        owner: Option<String>,
        secret: Option<NameRef>,
        encoding: Option<String>,
        locale: Option<String>,
        locale_provider: Option<String>,
        locale_collate: Option<String>,
        #[serde(rename = "localeCType")]
        locale_ctype: Option<String>,
        icu_locale: Option<String>,
        icu_rules: Option<String>,
        builtin_locale: Option<String>,
        data_checksums: Option<bool>,
        wal_segment_size: Option<i64>,
        import: Option<Import>,
        #[serde(rename = "postInitSQL")]
        post_init_sql: Vec<String>,
        #[serde(rename = "postInitApplicationSQL")]
        post_init_application_sql: Vec<String>,
        #[serde(rename = "postInitTemplateSQL")]
        post_init_template_sql: Vec<String>,
        #[serde(rename = "postInitApplicationSQLRefs")]
        post_init_application_sql_refs: Option<SQLRefs>,
    }
    SQLRefs {
        config_map_refs: Vec<KeyRef>,
        secret_refs: Vec<KeyRef>,
    }
    /// A dump of another cluster's databases, restored here.
    Import {
        #[serde(rename = "type")]
        type_: String,
        databases: Vec<String>,
        roles: Vec<String>,
        source: ImportSource,
        schema_only: Option<bool>,
        pg_dump_extra_options: Vec<String>,
        pg_restore_extra_options: Vec<String>,
        pg_restore_predata_options: Vec<String>,
        pg_restore_data_options: Vec<String>,
        pg_restore_postdata_options: Vec<String>,
        #[serde(rename = "postImportApplicationSQL")]
        post_import_application_sql: Vec<String>,
    }
    ImportSource {
        external_cluster: String,
    }
    Recovery {
        source: Option<String>,
        backup: Option<NameRef>,
        volume_snapshots: Option<VolumeSnapshots>,
        recovery_target: Option<RecoveryTarget>,
        database: Option<String>,
        owner: Option<String>,
        secret: Option<NameRef>,
    }
    RecoveryTarget {
        #[serde(rename = "backupID")]
        backup_id: Option<String>,
        target_time: Option<String>,
        target_name: Option<String>,
        #[serde(rename = "targetLSN")]
        target_lsn: Option<String>,
        #[serde(rename = "targetXID")]
        target_xid: Option<String>,
        #[serde(rename = "targetTLI")]
        target_tli: Option<String>,
        target_immediate: Option<bool>,
        exclusive: Option<bool>,
    }
    VolumeSnapshots {
        storage: ObjectRef,
        wal_storage: Option<ObjectRef>,
    }
    ObjectRef {
        api_group: Option<String>,
        kind: String,
        name: String,
    }
    Basebackup {
        source: String,
        database: Option<String>,
        owner: Option<String>,
        secret: Option<NameRef>,
    }
    /// A cluster that is not this object: the origin of a recovery, an import or a replica.
    ExternalCluster {
        name: String,
        plugin: Option<Plugin>,
        connection_parameters: BTreeMap<String, String>,
        password: Option<SecretKeySelector>,
        ssl_cert: Option<SecretKeySelector>,
        ssl_key: Option<SecretKeySelector>,
        ssl_root_cert: Option<SecretKeySelector>,
    }
    Plugin {
        name: String,
        enabled: Option<bool>,
        #[serde(rename = "isWALArchiver")]
        is_wal_archiver: Option<bool>,
        parameters: BTreeMap<String, String>,
    }
    /// The cluster's place among several; the token is issued by the former primary.
    Replica {
        #[serde(rename = "self")]
        self_: Option<String>,
        primary: Option<String>,
        source: String,
        promotion_token: Option<String>,
        min_apply_delay: Option<String>,
        enabled: Option<bool>,
    }
}
