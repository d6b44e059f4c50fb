//! The kinds that every Kubernetes server from 1.33 to 1.37 knows.

/// A group, a version, whether the kinds are namespaced, and the kinds with their plurals.
pub(super) type Row = (
    &'static str,
    &'static str,
    bool,
    &'static [(&'static str, &'static str)],
);

pub(super) const BUILT_IN: &[Row] = &[
    (
        "",
        "v1",
        true,
        &[
            ("ConfigMap", "configmaps"),
            ("Endpoints", "endpoints"),
            ("Event", "events"),
            ("LimitRange", "limitranges"),
            ("PersistentVolumeClaim", "persistentvolumeclaims"),
            ("Pod", "pods"),
            ("PodTemplate", "podtemplates"),
            ("ReplicationController", "replicationcontrollers"),
            ("ResourceQuota", "resourcequotas"),
            ("Secret", "secrets"),
            ("Service", "services"),
            ("ServiceAccount", "serviceaccounts"),
        ],
    ),
    (
        "",
        "v1",
        false,
        &[
            ("ComponentStatus", "componentstatuses"),
            ("Namespace", "namespaces"),
            ("Node", "nodes"),
            ("PersistentVolume", "persistentvolumes"),
        ],
    ),
    (
        "admissionregistration.k8s.io",
        "v1",
        false,
        &[
            ("MutatingWebhookConfiguration", "mutatingwebhookconfigurations"),
            ("ValidatingAdmissionPolicy", "validatingadmissionpolicies"),
            ("ValidatingAdmissionPolicyBinding", "validatingadmissionpolicybindings"),
            ("ValidatingWebhookConfiguration", "validatingwebhookconfigurations"),
        ],
    ),
    (
        "apiextensions.k8s.io",
        "v1",
        false,
        &[("CustomResourceDefinition", "customresourcedefinitions")],
    ),
    ("apiregistration.k8s.io", "v1", false, &[("APIService", "apiservices")]),
    (
        "apps",
        "v1",
        true,
        &[
            ("ControllerRevision", "controllerrevisions"),
            ("DaemonSet", "daemonsets"),
            ("Deployment", "deployments"),
            ("ReplicaSet", "replicasets"),
            ("StatefulSet", "statefulsets"),
        ],
    ),
    (
        "authentication.k8s.io",
        "v1",
        false,
        &[
            ("SelfSubjectReview", "selfsubjectreviews"),
            ("TokenReview", "tokenreviews"),
        ],
    ),
    (
        "authorization.k8s.io",
        "v1",
        true,
        &[("LocalSubjectAccessReview", "localsubjectaccessreviews")],
    ),
    (
        "authorization.k8s.io",
        "v1",
        false,
        &[
            ("SelfSubjectAccessReview", "selfsubjectaccessreviews"),
            ("SelfSubjectRulesReview", "selfsubjectrulesreviews"),
            ("SubjectAccessReview", "subjectaccessreviews"),
        ],
    ),
    (
        "autoscaling",
        "v1",
        true,
        &[("HorizontalPodAutoscaler", "horizontalpodautoscalers")],
    ),
    (
        "autoscaling",
        "v2",
        true,
        &[("HorizontalPodAutoscaler", "horizontalpodautoscalers")],
    ),
    ("batch", "v1", true, &[("CronJob", "cronjobs"), ("Job", "jobs")]),
    (
        "certificates.k8s.io",
        "v1",
        false,
        &[("CertificateSigningRequest", "certificatesigningrequests")],
    ),
    ("coordination.k8s.io", "v1", true, &[("Lease", "leases")]),
    ("discovery.k8s.io", "v1", true, &[("EndpointSlice", "endpointslices")]),
    ("events.k8s.io", "v1", true, &[("Event", "events")]),
    (
        "flowcontrol.apiserver.k8s.io",
        "v1",
        false,
        &[
            ("FlowSchema", "flowschemas"),
            ("PriorityLevelConfiguration", "prioritylevelconfigurations"),
        ],
    ),
    (
        "networking.k8s.io",
        "v1",
        true,
        &[("Ingress", "ingresses"), ("NetworkPolicy", "networkpolicies")],
    ),
    (
        "networking.k8s.io",
        "v1",
        false,
        &[
            ("IPAddress", "ipaddresses"),
            ("IngressClass", "ingressclasses"),
            ("ServiceCIDR", "servicecidrs"),
        ],
    ),
    ("node.k8s.io", "v1", false, &[("RuntimeClass", "runtimeclasses")]),
    ("policy", "v1", true, &[("PodDisruptionBudget", "poddisruptionbudgets")]),
    (
        "rbac.authorization.k8s.io",
        "v1",
        true,
        &[("Role", "roles"), ("RoleBinding", "rolebindings")],
    ),
    (
        "rbac.authorization.k8s.io",
        "v1",
        false,
        &[
            ("ClusterRole", "clusterroles"),
            ("ClusterRoleBinding", "clusterrolebindings"),
        ],
    ),
    (
        "resource.k8s.io",
        "v1",
        true,
        &[
            ("ResourceClaim", "resourceclaims"),
            ("ResourceClaimTemplate", "resourceclaimtemplates"),
        ],
    ),
    (
        "resource.k8s.io",
        "v1",
        false,
        &[("DeviceClass", "deviceclasses"), ("ResourceSlice", "resourceslices")],
    ),
    (
        "scheduling.k8s.io",
        "v1",
        false,
        &[("PriorityClass", "priorityclasses")],
    ),
    (
        "storage.k8s.io",
        "v1",
        true,
        &[("CSIStorageCapacity", "csistoragecapacities")],
    ),
    (
        "storage.k8s.io",
        "v1",
        false,
        &[
            ("CSIDriver", "csidrivers"),
            ("CSINode", "csinodes"),
            ("StorageClass", "storageclasses"),
            ("VolumeAttachment", "volumeattachments"),
            ("VolumeAttributesClass", "volumeattributesclasses"),
        ],
    ),
];
