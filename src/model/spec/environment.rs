//! `kind: Environment`: one running Odoo of one tenant.

use std::collections::BTreeMap;

use schemars::{JsonSchema, Schema};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{DataRemoval, Tier, layered};
use crate::text::{Cidr, Cron, Date, Host, Name, Quantity, Retention, Size, Url};

/// One running Odoo of one tenant. What it leaves out comes from the tenant, the cluster, the platform, the resilience
/// class and the built-in profile of its tier, in that order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(transform = identity_required)]
pub struct EnvironmentSpec {
    /// The tenant it belongs to (`kind: Tenant`).
    pub tenant: Name,
    /// What it is for.
    pub tier: Tier,
    /// Whether it has its own database server or lives in a shared pool.
    #[serde(default)]
    pub tenancy: Tenancy,
    /// The cluster it runs on (`kind: Cluster`).
    pub cluster: Name,
    /// The release it runs (`kind: Release`).
    pub release: Name,
    /// The resilience class: `bronze`, `silver`, `gold` or a `kind: Resilience` of your own.
    pub resilience: Name,
    /// The business calendar (`kind: Calendar`); the tenant's when absent.
    #[serde(default)]
    pub calendar: Option<Name>,
    /// Public host names; `<environment>.<tenant>.<cluster domain>` when empty. The first one is canonical.
    #[serde(default)]
    pub hosts: Vec<Host>,
    /// Named users who work in it. Workers, memory, connections and the database are sized from this number.
    #[schemars(range(min = 1, max = 20_000))]
    pub users: u32,
    /// The last day of a temporary environment; after it, `formwork` reports it.
    #[serde(default)]
    pub expires: Option<Date>,
    /// Leave to remove data that the environment holds, for a time; without it a build that would is refused.
    #[serde(default)]
    pub data_removal: Option<DataRemoval>,
    /// The Odoo processes.
    pub odoo: Odoo,
    /// Where attachments are kept.
    pub filestore: Filestore,
    /// The PostgreSQL cluster.
    pub database: Database,
    /// Backups of the database to object storage.
    pub backup: Backup,
    /// Valkey, which holds the sessions.
    pub cache: Cache,
    /// How the web tier grows and shrinks.
    pub autoscaling: Autoscaling,
    /// The way in: routes, limits and who may come.
    pub ingress: Ingress,
    /// What the pods may reach outside the cluster.
    pub egress: Egress,
    /// Alerts and probes.
    pub monitoring: Monitoring,
    /// Final merges on named objects; checked like everything else.
    #[serde(default)]
    pub overrides: Vec<Override>,
    /// Raw manifests that go through the same checks and into the same folder.
    #[serde(default)]
    pub extra: Vec<Extra>,
}

impl EnvironmentSpec {
    /// The fields that make an environment this one; only the environment itself may set them.
    pub const IDENTITY: &[&str] = &[
        "tenant",
        "tier",
        "tenancy",
        "cluster",
        "release",
        "hosts",
        "expires",
        "dataRemoval",
        "overrides",
        "extra",
    ];
}

fn identity_required(schema: &mut Schema) {
    schema.insert(
        "required".into(),
        serde_json::json!(["tenant", "tier", "cluster", "release"]),
    );
}

/// Whether an environment has its own database server.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Tenancy {
    /// In a pool with other tenants.
    Shared,
    /// Its own namespace, database server and cache.
    #[default]
    Dedicated,
}

/// The Odoo processes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(transform = layered)]
pub struct Odoo {
    /// HTTP workers of one web pod; 0 is the threaded server, for development only. Derived from `users` when absent.
    #[serde(default)]
    #[schemars(range(min = 0, max = 16))]
    pub workers: Option<u32>,
    /// CPU request of one web pod. Derived from the workers when absent.
    #[serde(default)]
    pub cpu: Option<Quantity>,
    /// Memory limit of one web pod. Derived from the workers when absent.
    #[serde(default)]
    pub memory: Option<Size>,
    /// Pods that run scheduled actions. Derived from `users` when absent.
    #[serde(default)]
    #[schemars(range(min = 1, max = 8))]
    pub cron_pods: Option<u32>,
    /// Scheduled actions that one cron pod runs at the same time. Derived from `users` when absent.
    #[serde(default)]
    #[schemars(range(min = 1, max = 8))]
    pub cron_threads: Option<u32>,
    /// Modules installed when the database is created, beyond those of the release.
    #[serde(default)]
    pub modules: Vec<ModuleName>,
    /// Seconds of wall time after which a request is killed (`limit_time_real`); long reports and imports need more.
    #[schemars(range(min = 60, max = 7200))]
    pub request_timeout: u32,
    /// Whether new databases carry demonstration data.
    pub demo_data: bool,
    /// Further options of `odoo.conf`; those that the platform owns are refused.
    #[serde(default)]
    pub config: BTreeMap<OptionName, ConfigValue>,
}

/// The technical name of an Odoo module.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct ModuleName(#[schemars(regex(pattern = r"^[a-z][a-z0-9_]*$"))] pub String);

/// The name of an option of `odoo.conf`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct OptionName(#[schemars(regex(pattern = r"^[a-z][a-z0-9_]*$"))] pub String);

/// A value of `odoo.conf`: one line of text, so that it cannot smuggle a second option.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct ConfigValue(#[schemars(regex(pattern = r"^[ -~]*$"))] pub String);

/// Where attachments are kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(transform = layered)]
pub struct Filestore {
    /// A shared volume, or a bucket (the release then needs the modules `fs_attachment` and `fs_attachment_s3`).
    pub backend: FilestoreBackend,
    /// Size of the shared volume; with a bucket it only holds what Odoo writes before the module is active.
    pub size: Size,
    /// Days that a deleted or overwritten attachment stays recoverable in the bucket.
    #[schemars(range(min = 1, max = 3650))]
    pub noncurrent_days: u32,
}

/// Where attachments are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum FilestoreBackend {
    /// A volume that all pods mount (ReadWriteMany).
    Volume,
    /// An object storage bucket.
    Bucket,
}

/// The PostgreSQL cluster.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(transform = layered)]
pub struct Database {
    /// PostgreSQL major version; the platform lists the image of each.
    #[schemars(range(min = 14, max = 18))]
    pub version: u32,
    /// Servers: one primary, the others standbys.
    #[schemars(range(min = 1, max = 7))]
    pub instances: u32,
    /// Whether a commit waits for a standby.
    pub synchronous: Synchronous,
    /// Size of the data volume. It can grow, never shrink.
    pub storage: Size,
    /// Size of the volume of the write-ahead log; a tenth of `storage`, between 5Gi and 100Gi, when absent.
    #[serde(default)]
    pub wal_storage: Option<Size>,
    /// CPU of one server, request and limit. Derived from `users` when absent.
    #[serde(default)]
    pub cpu: Option<Quantity>,
    /// Memory of one server, request and limit. Derived from `users` when absent.
    #[serde(default)]
    pub memory: Option<Size>,
    /// `max_connections`. Derived from the connection budget of all pods at their maximum when absent.
    #[serde(default)]
    #[schemars(range(min = 20, max = 2000))]
    pub max_connections: Option<u32>,
    /// Further PostgreSQL parameters; those that CloudNativePG fixes are refused.
    #[serde(default)]
    pub parameters: BTreeMap<ParameterName, ConfigValue>,
}

/// The name of a PostgreSQL parameter, with the name of its extension before it if it has one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct ParameterName(
    #[schemars(regex(pattern = r"^[A-Za-z_][A-Za-z0-9_$]*([.][A-Za-z_][A-Za-z0-9_$]*)?$"))] pub String,
);

/// Whether a commit waits for a standby.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Synchronous {
    /// Commits do not wait.
    None,
    /// Commits wait while a standby is there.
    Preferred,
    /// Commits stop without a standby: no transaction is lost with one server.
    Required,
}

/// Backups of the database to object storage.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(transform = layered)]
pub struct Backup {
    /// Whether base backups and the write-ahead log are archived.
    pub enabled: bool,
    /// When base backups are taken, as a cron expression of five fields in UTC.
    pub schedule: Cron,
    /// How long backups are kept (`30d`, `8w`, `12m`).
    pub retention: Retention,
    /// Incarnation of the archive: raise it when the database is restored or rebuilt, so that it never writes into the
    /// archive of its predecessor.
    #[schemars(range(min = 1, max = 9999))]
    pub incarnation: u32,
}

/// Valkey, which holds the sessions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(transform = layered)]
pub struct Cache {
    /// Memory for sessions (`maxmemory`). Derived from `users` when absent.
    #[serde(default)]
    pub memory: Option<Size>,
    /// Size of the volume of its append-only file.
    pub storage: Size,
}

/// How the web tier grows and shrinks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(transform = layered)]
pub struct Autoscaling {
    /// Web pods that always run. Derived from `users` and the resilience class when absent.
    #[serde(default)]
    #[schemars(range(min = 1, max = 100))]
    pub minimum: Option<u32>,
    /// Web pods at most. Derived from `users` when absent; the connection budget is made for this number.
    #[serde(default)]
    #[schemars(range(min = 1, max = 100))]
    pub maximum: Option<u32>,
    /// The least that `minimum` may be derived to.
    #[schemars(range(min = 1, max = 100))]
    pub floor: u32,
    /// Share of the CPU request, in percent, above which pods are added.
    #[schemars(range(min = 10, max = 95))]
    pub cpu_percent: u32,
}

/// The way in: routes, limits and who may come.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(transform = layered)]
pub struct Ingress {
    /// The ClusterIssuer of the certificate; the cluster's first one when absent.
    #[serde(default)]
    pub issuer: Option<Name>,
    /// Networks that may come; everyone when empty.
    pub allow_from: Vec<Cidr>,
    /// Address of an authentication service that every request is shown to first (single sign-on in front of
    /// non-production).
    #[serde(default)]
    pub forward_auth: Option<Url>,
    /// Requests a second from one address.
    #[schemars(range(min = 1, max = 10_000))]
    pub requests_per_second: u32,
    /// Login attempts a minute from one address.
    #[schemars(range(min = 1, max = 600))]
    pub logins_per_minute: u32,
    /// Requests in flight for one host. Twice the workers at the maximum number of pods when absent.
    #[serde(default)]
    #[schemars(range(min = 10, max = 10_000))]
    pub requests_in_flight: Option<u32>,
    /// Largest upload; Odoo itself refuses more than 128 MiB unless it is told otherwise.
    pub upload_limit: Size,
}

/// What the pods may reach outside the cluster.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(transform = layered)]
pub struct Egress {
    /// Whether Odoo may reach HTTPS services on public addresses (banks, payment, tax portals).
    pub internet: bool,
    /// Whether Odoo may send and fetch mail (ports 465, 587 and 993 on public addresses).
    pub mail: bool,
    /// Further networks that Odoo may reach, with their TCP ports.
    #[serde(default)]
    pub networks: Vec<EgressNetwork>,
}

/// A network that Odoo may reach.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EgressNetwork {
    /// Its addresses.
    pub cidr: Cidr,
    /// TCP ports.
    #[schemars(length(min = 1), inner(range(min = 1)))]
    pub ports: Vec<u16>,
}

/// Alerts and probes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(transform = layered)]
pub struct Monitoring {
    /// Whether alerts are raised at all.
    pub alerts: bool,
    /// Share of failed requests, in percent, above which the alert is critical.
    #[schemars(range(min = 1, max = 50))]
    pub error_percent: u32,
    /// 95th percentile of request time, in milliseconds, above which a warning is raised.
    #[schemars(range(min = 100, max = 60_000))]
    pub latency_milliseconds: u32,
}

/// A final merge on one object of the environment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Override {
    /// Kind of the object, `Deployment`.
    pub kind: String,
    /// Name of the object, `web`.
    pub name: String,
    /// The fields to change, as a strategic merge: maps merge, list items with the same key (`name`) merge, `null`
    /// removes, everything else replaces.
    pub patch: Map<String, Value>,
    /// Why the blueprint does not fit here.
    #[schemars(length(min = 10))]
    pub reason: String,
}

/// A raw manifest of the environment's namespace.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Extra(pub Map<String, Value>);

impl JsonSchema for Extra {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Manifest".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> Schema {
        schemars::json_schema!({
            "type": "object",
            "description": "A Kubernetes manifest. Its namespace is the environment's.",
            "required": ["apiVersion", "kind", "metadata"],
            "properties": {
                "apiVersion": { "type": "string" },
                "kind": { "type": "string" },
                "metadata": { "type": "object", "required": ["name"], "properties": { "name": { "type": "string" } } }
            }
        })
    }
}
