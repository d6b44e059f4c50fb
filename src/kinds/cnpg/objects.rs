//! What stands beside a cluster and names it: databases, roles, poolers, scheduled backups.
//!
//! Each reference to the cluster is fixed once the object exists.

use std::collections::BTreeMap;

use super::{NameRef, ServiceTemplate, fields};
use crate::kinds::{DeploymentStrategy, PodTemplateSpec};

fields! {
    DatabaseSpec {
        cluster: NameRef,
        name: String,
        ensure: Option<String>,
        owner: String,
        template: Option<String>,
        encoding: Option<String>,
        locale: Option<String>,
        locale_provider: Option<String>,
        locale_collate: Option<String>,
        #[serde(rename = "localeCType")]
        locale_ctype: Option<String>,
        icu_locale: Option<String>,
        icu_rules: Option<String>,
        builtin_locale: Option<String>,
        connection_limit: Option<i64>,
        allow_connections: Option<bool>,
        is_template: Option<bool>,
        tablespace: Option<String>,
        extensions: Vec<Extension>,
        schemas: Vec<Schema>,
        database_reclaim_policy: Option<String>,
    }
    Extension {
        name: String,
        ensure: Option<String>,
        schema: Option<String>,
        version: Option<String>,
    }
    Schema {
        name: String,
        ensure: Option<String>,
        owner: Option<String>,
    }
    DatabaseRoleSpec {
        cluster: NameRef,
        name: String,
        comment: Option<String>,
        ensure: Option<String>,
        login: Option<bool>,
        inherit: Option<bool>,
        createdb: Option<bool>,
        connection_limit: Option<i64>,
        valid_until: Option<String>,
        in_roles: Vec<String>,
        password_secret: Option<NameRef>,
        disable_password: Option<bool>,
        client_certificate: Option<ClientCertificate>,
        database_role_reclaim_policy: Option<String>,
    }
    ClientCertificate {
        enabled: Option<bool>,
    }
    PoolerSpec {
        cluster: NameRef,
        instances: Option<i32>,
        #[serde(rename = "type")]
        type_: Option<String>,
        pgbouncer: PgBouncer,
        template: Option<PodTemplateSpec>,
        deployment_strategy: Option<DeploymentStrategy>,
        service_template: Option<ServiceTemplate>,
    }
    PgBouncer {
        pool_mode: Option<String>,
        parameters: BTreeMap<String, String>,
        #[serde(rename = "pg_hba")]
        pg_hba: Vec<String>,
        paused: Option<bool>,
        image: Option<String>,
    }
    ScheduledBackupSpec {
        schedule: String,
        cluster: NameRef,
        method: Option<String>,
        plugin_configuration: Option<PluginConfiguration>,
        target: Option<String>,
        backup_owner_reference: Option<String>,
        immediate: Option<bool>,
        suspend: Option<bool>,
        online: Option<bool>,
    }
    PluginConfiguration {
        name: String,
        parameters: BTreeMap<String, String>,
    }
}
