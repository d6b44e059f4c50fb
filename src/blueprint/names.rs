//! Names, ports and labels that two components share.

use super::edges::Peer;
use super::place::Workload;

/// The Odoo pods that serve people.
pub const WEB: Workload = Workload {
    name: "web",
    labels: &[
        ("app.kubernetes.io/name", "odoo"),
        ("app.kubernetes.io/component", "web"),
    ],
};
/// The Odoo pods that run scheduled actions.
pub const CRON: Workload = Workload {
    name: "cron",
    labels: &[
        ("app.kubernetes.io/name", "odoo"),
        ("app.kubernetes.io/component", "cron"),
    ],
};
/// The Odoo pods that install and upgrade.
pub const MIGRATION: Workload = Workload {
    name: "migration",
    labels: &[
        ("app.kubernetes.io/name", "odoo"),
        ("app.kubernetes.io/component", "migration"),
    ],
};
/// The PostgreSQL servers; the operator sets these labels, on its jobs the first one only.
pub const DATABASE: Workload = Workload {
    name: "db",
    labels: &[("cnpg.io/cluster", "db")],
};
/// Valkey.
pub const CACHE: Workload = Workload {
    name: "valkey",
    labels: &[
        ("app.kubernetes.io/name", "valkey"),
        ("app.kubernetes.io/component", "cache"),
    ],
};

/// HTTP port of Odoo.
pub const HTTP: u16 = 8069;
/// Port of Odoo's event loop: websocket and, with workers, nothing else.
pub const GEVENT: u16 = 8072;
/// PostgreSQL.
pub const POSTGRESQL: u16 = 5432;
/// Status port of CloudNativePG's instance manager.
pub const DATABASE_STATUS: u16 = 8000;
/// Metrics port of CloudNativePG's instance manager.
pub const DATABASE_METRICS: u16 = 9187;
/// Valkey.
pub const VALKEY: u16 = 6379;
/// Metrics port of the Valkey exporter.
pub const VALKEY_METRICS: u16 = 9121;

/// Service of the web pods.
pub const WEB_SERVICE: &str = "web";
/// Service of the primary database server; CloudNativePG makes it.
pub const DATABASE_SERVICE: &str = "db-rw";
/// The role that owns the database; never `postgres`, which Odoo refuses.
pub const DATABASE_OWNER: &str = "odoo";
/// Secret with `username` and `password` of the database's owner.
pub const DATABASE_SECRET: &str = "db-app";
/// Secret with the keys of the backup bucket: `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`.
pub const BACKUP_SECRET: &str = "backup-bucket";
/// Secret with the keys of the attachments bucket: `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`.
pub const ATTACHMENTS_SECRET: &str = "attachments-bucket";
/// Secret with `url` for Odoo's sessions.
pub const SESSION_SECRET: &str = "valkey-session";
/// Secret with `users.acl` and `exporter-password`.
pub const CACHE_ACL_SECRET: &str = "valkey-acl";
/// Secret with `password`, the hash of Odoo's master password.
pub const ADMIN_SECRET: &str = "odoo-admin";
/// Claim of the shared volume.
pub const FILESTORE_CLAIM: &str = "filestore";
/// ObjectStore of the backups: where the plugin puts them.
pub const BACKUP_STORE: &str = "backup";
/// Secret of the certificate that routes use.
pub const CERTIFICATE_SECRET: &str = "web-tls";

/// Namespace of Traefik.
pub const TRAEFIK_NAMESPACE: &str = "traefik";
/// Namespace of the PostgreSQL operator and its backup plugin.
pub const CNPG_NAMESPACE: &str = "cnpg-system";
/// Namespace of Prometheus and the blackbox exporter.
pub const MONITORING_NAMESPACE: &str = "monitoring";
/// Namespace of Argo CD.
pub const ARGOCD_NAMESPACE: &str = "argocd";
/// Namespace of the parameters of admission policies.
pub const POLICY_NAMESPACE: &str = "formwork-policies";
/// Namespace of Flux.
pub const FLUX_NAMESPACE: &str = "flux-system";

/// Traefik's pods.
pub const TRAEFIK: Peer = Peer::Platform {
    namespace: TRAEFIK_NAMESPACE,
    labels: &[("app.kubernetes.io/name", "traefik")],
};
/// Prometheus' pods.
pub const PROMETHEUS: Peer = Peer::Platform {
    namespace: MONITORING_NAMESPACE,
    labels: &[("app.kubernetes.io/name", "prometheus")],
};
/// The PostgreSQL operator's pods.
pub const CNPG_OPERATOR: Peer = Peer::Platform {
    namespace: CNPG_NAMESPACE,
    labels: &[("app.kubernetes.io/name", "cloudnative-pg")],
};

/// Priority class of live environments.
pub const PRIORITY_LIVE: &str = "odoo-live";
/// Priority class of all other environments.
pub const PRIORITY_OTHER: &str = "odoo-other";

/// Service of Valkey.
pub const CACHE_SERVICE: &str = "valkey";
/// Config map with the queries of the database exporter.
pub const DATABASE_QUERIES: &str = "db-queries";
/// Label of a secret or config map whose changes the PostgreSQL operator follows at once.
pub const DATABASE_RELOAD: &str = "cnpg.io/reload";
/// Name by which the PostgreSQL operator calls its backup plugin.
pub const BACKUP_PLUGIN: &str = "barman-cloud.cloudnative-pg.io";
/// Namespace of cert-manager.
pub const CERT_MANAGER_NAMESPACE: &str = "cert-manager";
/// Namespace of External Secrets.
pub const EXTERNAL_SECRETS_NAMESPACE: &str = "external-secrets";
/// Namespace of KEDA.
pub const KEDA_NAMESPACE: &str = "keda";
/// Namespace of the Sigstore policy controller.
pub const POLICY_CONTROLLER_NAMESPACE: &str = "cosign-system";
/// Secret of the certificate for all names directly below a cluster's domain.
pub const WILDCARD_SECRET: &str = "wildcard-default-tls";

/// The service account as which Flux applies a tenant's objects.
pub fn reconciler(tenant: &str) -> String {
    format!("tenant-{tenant}")
}

/// What the names of the cluster roles begin with.
pub const ROLE_PREFIX: &str = "formwork-";
/// The cluster role with which Flux applies a tenant's objects, below `ROLE_PREFIX`.
pub const RECONCILER: &str = "reconciler";

/// The blackbox exporter's pods, by the label of its usual chart.
pub const BLACKBOX_EXPORTER: Peer = Peer::Platform {
    namespace: MONITORING_NAMESPACE,
    labels: &[("app.kubernetes.io/name", "prometheus-blackbox-exporter")],
};
