//! The defaults that depend on nothing else: type, field, value.
//!
//! They hold wherever a type occurs, as in the server: a probe in an init container of a CronJob is a probe.

use serde_json::{Value, json};

/// A default.
#[derive(Clone, Copy)]
pub(super) enum Constant {
    Text(&'static str),
    Number(i64),
    Flag(bool),
    /// An object that its own type fills.
    Object,
    /// A list of one text.
    Only(&'static str),
}

use Constant::{Flag, Number, Object, Only, Text};

impl Constant {
    /// Returns the default as JSON.
    pub(super) fn to_json(self) -> Value {
        match self {
            Text(text) => text.into(),
            Number(number) => number.into(),
            Flag(flag) => flag.into(),
            Object => json!({}),
            Only(text) => json!([text]),
        }
    }
}

/// The mode of files in volumes, octal 644.
const READABLE: Constant = Number(0o644);

/// The defaults, grouped by what they are about.
pub(super) static CONSTANTS: &[(&str, &str, Constant)] = &[
    // Pods.
    ("PodSpec", "dnsPolicy", Text("ClusterFirst")),
    ("PodSpec", "restartPolicy", Text("Always")),
    ("PodSpec", "schedulerName", Text("default-scheduler")),
    ("PodSpec", "securityContext", Object),
    ("PodSpec", "terminationGracePeriodSeconds", Number(30)),
    ("PodStatus", "phase", Text("Pending")),
    ("Container", "terminationMessagePath", Text("/dev/termination-log")),
    ("Container", "terminationMessagePolicy", Text("File")),
    (
        "EphemeralContainer",
        "terminationMessagePath",
        Text("/dev/termination-log"),
    ),
    ("EphemeralContainer", "terminationMessagePolicy", Text("File")),
    ("ContainerPort", "protocol", Text("TCP")),
    ("Probe", "failureThreshold", Number(3)),
    ("Probe", "periodSeconds", Number(10)),
    ("Probe", "successThreshold", Number(1)),
    ("Probe", "timeoutSeconds", Number(1)),
    ("HTTPGetAction", "path", Text("/")),
    ("HTTPGetAction", "scheme", Text("HTTP")),
    ("GRPCAction", "service", Text("")),
    ("ObjectFieldSelector", "apiVersion", Text("v1")),
    ("FileKeySelector", "optional", Flag(false)),
    // Volumes.
    ("ConfigMapVolumeSource", "defaultMode", READABLE),
    ("DownwardAPIVolumeSource", "defaultMode", READABLE),
    ("ProjectedVolumeSource", "defaultMode", READABLE),
    ("SecretVolumeSource", "defaultMode", READABLE),
    ("ServiceAccountTokenProjection", "expirationSeconds", Number(3600)),
    ("HostPathVolumeSource", "type", Text("")),
    ("AzureDiskVolumeSource", "cachingMode", Text("ReadWrite")),
    ("AzureDiskVolumeSource", "fsType", Text("ext4")),
    ("AzureDiskVolumeSource", "kind", Text("Shared")),
    ("AzureDiskVolumeSource", "readOnly", Flag(false)),
    ("ISCSIVolumeSource", "iscsiInterface", Text("default")),
    ("ISCSIPersistentVolumeSource", "iscsiInterface", Text("default")),
    ("RBDVolumeSource", "keyring", Text("/etc/ceph/keyring")),
    ("RBDVolumeSource", "pool", Text("rbd")),
    ("RBDVolumeSource", "user", Text("admin")),
    ("RBDPersistentVolumeSource", "keyring", Text("/etc/ceph/keyring")),
    ("RBDPersistentVolumeSource", "pool", Text("rbd")),
    ("RBDPersistentVolumeSource", "user", Text("admin")),
    ("ScaleIOVolumeSource", "fsType", Text("xfs")),
    ("ScaleIOVolumeSource", "storageMode", Text("ThinProvisioned")),
    ("ScaleIOPersistentVolumeSource", "fsType", Text("xfs")),
    ("ScaleIOPersistentVolumeSource", "storageMode", Text("ThinProvisioned")),
    // Storage.
    ("PersistentVolumeClaimSpec", "volumeMode", Text("Filesystem")),
    ("PersistentVolumeSpec", "persistentVolumeReclaimPolicy", Text("Retain")),
    ("PersistentVolumeSpec", "volumeMode", Text("Filesystem")),
    ("PersistentVolumeStatus", "phase", Text("Pending")),
    ("StorageClass", "reclaimPolicy", Text("Delete")),
    ("StorageClass", "volumeBindingMode", Text("Immediate")),
    ("CSIDriverSpec", "attachRequired", Flag(true)),
    ("CSIDriverSpec", "fsGroupPolicy", Text("ReadWriteOnceWithFSType")),
    ("CSIDriverSpec", "podInfoOnMount", Flag(false)),
    // Since 1.37.
    ("CSIDriverSpec", "preventPodSchedulingIfMissing", Flag(false)),
    ("CSIDriverSpec", "requiresRepublish", Flag(false)),
    ("CSIDriverSpec", "seLinuxMount", Flag(false)),
    ("CSIDriverSpec", "storageCapacity", Flag(false)),
    ("CSIDriverSpec", "volumeLifecycleModes", Only("Persistent")),
    // Workloads.
    ("DeploymentSpec", "progressDeadlineSeconds", Number(600)),
    ("DeploymentSpec", "replicas", Number(1)),
    ("DeploymentSpec", "revisionHistoryLimit", Number(10)),
    ("DeploymentStrategy", "type", Text("RollingUpdate")),
    ("RollingUpdateDeployment", "maxSurge", Text("25%")),
    ("RollingUpdateDeployment", "maxUnavailable", Text("25%")),
    ("DaemonSetSpec", "revisionHistoryLimit", Number(10)),
    ("DaemonSetUpdateStrategy", "type", Text("RollingUpdate")),
    ("RollingUpdateDaemonSet", "maxSurge", Number(0)),
    ("RollingUpdateDaemonSet", "maxUnavailable", Number(1)),
    ("StatefulSetSpec", "persistentVolumeClaimRetentionPolicy", Object),
    ("StatefulSetSpec", "podManagementPolicy", Text("OrderedReady")),
    ("StatefulSetSpec", "replicas", Number(1)),
    ("StatefulSetSpec", "revisionHistoryLimit", Number(10)),
    (
        "StatefulSetPersistentVolumeClaimRetentionPolicy",
        "whenDeleted",
        Text("Retain"),
    ),
    (
        "StatefulSetPersistentVolumeClaimRetentionPolicy",
        "whenScaled",
        Text("Retain"),
    ),
    ("RollingUpdateStatefulSetStrategy", "partition", Number(0)),
    // Since 1.37; before, the server drops the field.
    ("RollingUpdateStatefulSetStrategy", "maxUnavailable", Number(1)),
    ("ReplicaSetSpec", "replicas", Number(1)),
    ("ReplicationControllerSpec", "replicas", Number(1)),
    ("CronJobSpec", "concurrencyPolicy", Text("Allow")),
    ("CronJobSpec", "failedJobsHistoryLimit", Number(1)),
    ("CronJobSpec", "successfulJobsHistoryLimit", Number(3)),
    ("CronJobSpec", "suspend", Flag(false)),
    ("PodFailurePolicyOnPodConditionsPattern", "status", Text("True")),
    ("HorizontalPodAutoscalerSpec", "minReplicas", Number(1)),
    ("AutoscalingV2HorizontalPodAutoscalerSpec", "minReplicas", Number(1)),
    ("PriorityClass", "preemptionPolicy", Text("PreemptLowerPriority")),
    // Network.
    ("ServiceSpec", "sessionAffinity", Text("None")),
    ("ServiceSpec", "type", Text("ClusterIP")),
    ("ServicePort", "protocol", Text("TCP")),
    ("CoreV1EndpointPort", "protocol", Text("TCP")),
    ("EndpointPort", "name", Text("")),
    ("EndpointPort", "protocol", Text("TCP")),
    ("NetworkPolicyPort", "protocol", Text("TCP")),
    ("IngressClassParametersReference", "scope", Text("Cluster")),
    // Cluster.
    ("NamespaceStatus", "phase", Text("Active")),
    ("Secret", "type", Text("Opaque")),
    ("RoleRef", "apiGroup", Text("rbac.authorization.k8s.io")),
    ("MutatingWebhook", "failurePolicy", Text("Fail")),
    ("MutatingWebhook", "matchPolicy", Text("Equivalent")),
    ("MutatingWebhook", "namespaceSelector", Object),
    ("MutatingWebhook", "objectSelector", Object),
    ("MutatingWebhook", "reinvocationPolicy", Text("Never")),
    ("MutatingWebhook", "timeoutSeconds", Number(10)),
    ("ValidatingWebhook", "failurePolicy", Text("Fail")),
    ("ValidatingWebhook", "matchPolicy", Text("Equivalent")),
    ("ValidatingWebhook", "namespaceSelector", Object),
    ("ValidatingWebhook", "objectSelector", Object),
    ("ValidatingWebhook", "timeoutSeconds", Number(10)),
    ("RuleWithOperations", "scope", Text("*")),
    ("NamedRuleWithOperations", "scope", Text("*")),
    ("ServiceReference", "port", Number(443)),
    ("MatchResources", "matchPolicy", Text("Equivalent")),
    ("MatchResources", "namespaceSelector", Object),
    ("MatchResources", "objectSelector", Object),
    ("MutatingAdmissionPolicySpec", "failurePolicy", Text("Fail")),
    ("ValidatingAdmissionPolicySpec", "failurePolicy", Text("Fail")),
];
