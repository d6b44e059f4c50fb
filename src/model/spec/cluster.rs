//! `kind: Cluster`: one Kubernetes cluster and what it offers.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{Defaults, Tier};
use crate::text::{BucketName, Cidr, Email, Host, KubernetesVersion, LabelValue, Name, Url};

/// One Kubernetes cluster: where it is, how it is delivered to, and what it offers to environments.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ClusterSpec {
    /// Region of its provider, `eu-central-1`.
    pub region: LabelValue,
    /// Failure domains that its nodes lie in.
    #[schemars(length(min = 1))]
    pub zones: Vec<LabelValue>,
    /// Kubernetes minor version, quoted: `"1.36"`.
    pub kubernetes_version: KubernetesVersion,
    /// Tiers that may run here; all when empty.
    #[serde(default)]
    pub tiers: Vec<Tier>,
    /// Domain under which environments without a host of their own are reached.
    pub domain: Host,
    /// How manifests reach it.
    pub gitops: Gitops,
    /// Storage classes by use.
    pub storage_classes: StorageClasses,
    /// Object storage for backups and attachments.
    pub object_storage: ObjectStorage,
    /// The secret store of each tier: the wall between production's secrets and the rest.
    #[schemars(length(min = 1))]
    pub secret_stores: Vec<SecretStore>,
    /// Certificate issuers; environments use the first one unless they say otherwise.
    #[schemars(length(min = 1))]
    pub issuers: Vec<Issuer>,
    /// Add-ons installed from the platform's pinned charts.
    pub add_ons: Vec<AddOn>,
    /// What scales the web pods.
    #[serde(default)]
    pub autoscaler: Autoscaler,
    /// Addresses that network policies need.
    pub network: Network,
    /// Node pools by tier.
    #[serde(default)]
    pub node_pools: Vec<NodePool>,
    /// Where monitoring lives.
    #[serde(default)]
    pub monitoring: ClusterMonitoring,
    /// Defaults of environments on this cluster.
    #[serde(default)]
    pub defaults: Defaults,
}

/// How manifests reach the cluster.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Gitops {
    /// The engine that reconciles.
    pub engine: Engine,
    /// Address of the cluster's API server as Argo CD knows it.
    #[serde(default = "in_cluster")]
    #[schemars(regex(pattern = r"^https://[a-z0-9.:-]+$"))]
    pub server: String,
}

fn in_cluster() -> String {
    "https://kubernetes.default.svc".into()
}

/// The engine that reconciles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Engine {
    /// Argo CD: Applications and AppProjects.
    Argocd,
    /// Flux: sources and Kustomizations.
    Flux,
}

/// Storage classes by use.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct StorageClasses {
    /// Fast block storage that keeps its volumes (`reclaimPolicy: Retain`), for databases.
    pub database: Name,
    /// Storage that many pods mount at once (ReadWriteMany), for the filestore.
    #[serde(default)]
    pub shared: Option<Name>,
    /// Block storage for everything else.
    pub general: Name,
}

/// Object storage for backups and attachments.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ObjectStorage {
    /// How buckets come to be.
    pub backend: BucketBackend,
    /// Address of the S3 interface.
    pub endpoint: Url,
    /// Region the buckets lie in.
    pub region: LabelValue,
    /// What bucket names begin with; they go on with tenant, environment and purpose.
    pub prefix: BucketName,
    /// Storage class of bucket claims, or provider configuration of Crossplane.
    #[serde(default)]
    pub class: Option<Name>,
    /// Networks of the endpoint, for network policies.
    #[schemars(length(min = 1))]
    pub networks: Vec<Cidr>,
}

/// How buckets come to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum BucketBackend {
    /// They exist already; their keys come from the secret store.
    Existing,
    /// ObjectBucketClaims (Rook, NooBaa).
    ObjectBucketClaim,
    /// Crossplane's AWS provider; keys come from the secret store.
    CrossplaneAws,
}

/// A secret store and the tiers it serves.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SecretStore {
    /// Name of the ClusterSecretStore.
    pub name: Name,
    /// Tiers whose namespaces may use it.
    #[schemars(length(min = 1))]
    pub tiers: Vec<Tier>,
    /// Its provider as External Secrets takes it. Absent: the store exists already and is only referred to.
    #[serde(default)]
    pub provider: Option<Map<String, Value>>,
}

/// A certificate issuer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Issuer {
    /// Name of the ClusterIssuer.
    pub name: Name,
    /// Address of the ACME directory.
    pub server: Url,
    /// Where expiry warnings go.
    pub email: Email,
    /// How DNS-01 challenges are solved, as cert-manager takes it (`rfc2136`, `route53` …).
    pub dns01: Map<String, Value>,
}

/// An add-on that environments rely on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum AddOn {
    /// The ingress.
    Traefik,
    /// Certificates.
    CertManager,
    /// The PostgreSQL operator.
    CloudnativePg,
    /// Its backup plugin.
    BarmanCloud,
    /// Secrets from the store.
    ExternalSecrets,
    /// Event-driven autoscaling.
    Keda,
    /// Prometheus, Alertmanager and their operator.
    Prometheus,
    /// Verification of image signatures at admission.
    PolicyController,
    /// Probes of login pages from outside the pods.
    BlackboxExporter,
}

impl AddOn {
    /// The name as it is written in documents and paths.
    pub fn as_str(self) -> &'static str {
        match self {
            AddOn::Traefik => "traefik",
            AddOn::CertManager => "cert-manager",
            AddOn::CloudnativePg => "cloudnative-pg",
            AddOn::BarmanCloud => "barman-cloud",
            AddOn::ExternalSecrets => "external-secrets",
            AddOn::Keda => "keda",
            AddOn::Prometheus => "prometheus",
            AddOn::PolicyController => "policy-controller",
            AddOn::BlackboxExporter => "blackbox-exporter",
        }
    }
}

/// What scales the web pods.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Autoscaler {
    /// KEDA: processor use and requests in flight.
    #[default]
    Keda,
    /// Kubernetes' own HorizontalPodAutoscaler: processor use.
    Hpa,
}

/// Addresses that network policies need.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Network {
    /// Addresses of the API server: the service address and the endpoints behind it, since policies see both.
    #[schemars(length(min = 1))]
    pub api_server: Vec<Cidr>,
    /// Address of NodeLocal DNSCache, where it is used.
    #[serde(default)]
    pub node_local_dns: Option<Cidr>,
    /// Networks that are not the internet: pods, services, nodes, offices. The cloud's metadata address is always
    /// excepted.
    #[schemars(length(min = 1))]
    pub private: Vec<Cidr>,
}

/// A node pool kept for some tiers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NodePool {
    /// Its name.
    pub name: Name,
    /// Tiers that run on it.
    #[schemars(length(min = 1))]
    pub tiers: Vec<Tier>,
    /// Labels of its nodes.
    pub labels: BTreeMap<String, LabelValue>,
    /// Whether its nodes carry the labels as `NoSchedule` taints too.
    #[serde(default)]
    pub tainted: bool,
}

/// Where monitoring lives.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct ClusterMonitoring {
    /// Value of the label `release` that Prometheus selects monitors and rules by.
    #[schemars(regex(pattern = r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$"))]
    pub release: String,
    /// Address of Prometheus, for autoscaling on load.
    #[schemars(regex(pattern = r"^https?://[a-z0-9.:-]+$"))]
    pub prometheus: String,
    /// Host and port of the blackbox exporter.
    #[schemars(regex(pattern = r"^[a-z0-9.-]+:[0-9]{1,5}$"))]
    pub blackbox: String,
}

impl Default for ClusterMonitoring {
    fn default() -> Self {
        Self {
            release: "kube-prometheus-stack".into(),
            prometheus: "http://prometheus-operated.monitoring.svc:9090".into(),
            blackbox: "blackbox-exporter.monitoring.svc:9115".into(),
        }
    }
}
