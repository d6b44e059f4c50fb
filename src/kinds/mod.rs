//! Every Kubernetes type that a component builds or a rule looks at, under one roof.
//!
//! Built-in types are upstream's own; custom resources hold only the fields that are set here. A misspelt field
//! therefore does not compile, and `unknown_fields` finds one in an object that came as text.
//!
//! Custom resources stay inside the module of their project (`cnpg::Cluster`), because projects share words.

pub mod argo;
pub mod barman;
pub mod cert_manager;
pub mod cnpg;
mod custom;
pub mod external_secrets;
pub mod flux;
pub mod keda;
pub mod monitoring;
pub mod object_storage;
mod registry;
pub mod sigstore;
pub mod traefik;

pub use registry::{KINDS, KindInfo, find, unknown_fields};

// Common to all.
pub use k8s_openapi::apimachinery::pkg::{
    api::resource::Quantity,
    apis::meta::v1::{LabelSelector, LabelSelectorRequirement, ObjectMeta, OwnerReference},
    util::intstr::IntOrString,
};

// Workloads.
pub use k8s_openapi::api::apps::v1::{
    Deployment, DeploymentSpec, DeploymentStrategy, RollingUpdateDeployment, RollingUpdateStatefulSetStrategy,
    StatefulSet, StatefulSetPersistentVolumeClaimRetentionPolicy, StatefulSetSpec, StatefulSetUpdateStrategy,
};
pub use k8s_openapi::api::autoscaling::v2::{
    ContainerResourceMetricSource, CrossVersionObjectReference, HPAScalingPolicy, HPAScalingRules,
    HorizontalPodAutoscaler, HorizontalPodAutoscalerBehavior, HorizontalPodAutoscalerSpec, MetricSpec, MetricTarget,
    ResourceMetricSource,
};
pub use k8s_openapi::api::batch::v1::{
    CronJob, CronJobSpec, Job, JobSpec, JobTemplateSpec, PodFailurePolicy, PodFailurePolicyOnExitCodesRequirement,
    PodFailurePolicyOnPodConditionsPattern, PodFailurePolicyRule,
};
pub use k8s_openapi::api::policy::v1::{PodDisruptionBudget, PodDisruptionBudgetSpec};
pub use k8s_openapi::api::scheduling::v1::PriorityClass;

// Pods. The probe of a container gives way to the `Probe` of the Prometheus operator.
pub use k8s_openapi::api::core::v1::{
    Affinity, Capabilities, Container, ContainerPort, EnvFromSource, EnvVar, EnvVarSource, ExecAction, GRPCAction,
    HTTPGetAction, HTTPHeader, Lifecycle, LifecycleHandler, LocalObjectReference, NodeAffinity, NodeSelector,
    NodeSelectorRequirement, NodeSelectorTerm, PodAffinity, PodAffinityTerm, PodAntiAffinity, PodSecurityContext,
    PodSpec, PodTemplateSpec, PreferredSchedulingTerm, Probe as ContainerProbe, ResourceRequirements, SeccompProfile,
    SecurityContext, SleepAction, TCPSocketAction, Toleration, TopologySpreadConstraint, WeightedPodAffinityTerm,
};
pub use k8s_openapi::api::core::v1::{
    ConfigMapEnvSource, ConfigMapKeySelector, ObjectFieldSelector, ResourceFieldSelector, SecretEnvSource,
    SecretKeySelector,
};

// Volumes.
pub use k8s_openapi::api::core::v1::{
    CSIVolumeSource, ConfigMapProjection, ConfigMapVolumeSource, DownwardAPIProjection, DownwardAPIVolumeFile,
    DownwardAPIVolumeSource, EmptyDirVolumeSource, EphemeralVolumeSource, KeyToPath, PersistentVolumeClaim,
    PersistentVolumeClaimSpec, PersistentVolumeClaimTemplate, PersistentVolumeClaimVolumeSource, ProjectedVolumeSource,
    SecretProjection, SecretVolumeSource, ServiceAccountTokenProjection, TypedLocalObjectReference,
    TypedObjectReference, Volume, VolumeMount, VolumeProjection, VolumeResourceRequirements,
};
pub use k8s_openapi::api::storage::v1::StorageClass;

// Namespaces and what they hold.
pub use k8s_openapi::api::core::v1::{
    ConfigMap, LimitRange, LimitRangeItem, LimitRangeSpec, Namespace, ResourceQuota, ResourceQuotaSpec, ScopeSelector,
    ScopedResourceSelectorRequirement, Service, ServiceAccount, ServicePort, ServiceSpec,
};
pub use k8s_openapi::api::networking::v1::{
    IPBlock, NetworkPolicy, NetworkPolicyEgressRule, NetworkPolicyIngressRule, NetworkPolicyPeer, NetworkPolicyPort,
    NetworkPolicySpec,
};
pub use k8s_openapi::api::rbac::v1::{
    AggregationRule, ClusterRole, ClusterRoleBinding, PolicyRule, Role, RoleBinding, RoleRef, Subject,
};

// Admission.
pub use k8s_openapi::api::admissionregistration::v1::{
    AuditAnnotation, MatchCondition, MatchResources, NamedRuleWithOperations, ParamKind, ParamRef,
    ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding, ValidatingAdmissionPolicyBindingSpec,
    ValidatingAdmissionPolicySpec, Validation, Variable,
};
