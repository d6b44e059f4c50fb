//! Values of the chart `kube-prometheus-stack` (88): two Prometheus servers, two Alertmanagers, no Grafana.
//!
//! Nothing here is a secret; a Grafana would bring a password, and receivers of alerts their tokens.

use serde_json::{Value, json};

use super::resources;
use crate::blueprint::names::PRIORITY_LIVE;
use crate::model::Cluster;

pub(super) fn values(cluster: &Cluster) -> Value {
    json!({
        "crds": {"enabled": true},
        "grafana": {"enabled": false},
        // Managed control planes cannot be scraped, and the chart's alerts would say that they are down.
        "kubeControllerManager": {"enabled": false},
        "kubeScheduler": {"enabled": false},
        "kubeEtcd": {"enabled": false},
        "kubeProxy": {"enabled": false},
        "prometheus": {
            "podDisruptionBudget": {"enabled": true, "minAvailable": 1},
            "prometheusSpec": {
                "replicas": 2,
                "retention": "30d",
                // Before the volume is full.
                "retentionSize": "85GB",
                "storageSpec": volume(cluster, "100Gi"),
                "priorityClassName": PRIORITY_LIVE,
                "resources": resources("500m", "2Gi", "6Gi"),
            },
        },
        "alertmanager": {
            "podDisruptionBudget": {"enabled": true, "minAvailable": 1},
            "alertmanagerSpec": {
                "replicas": 2,
                "storage": volume(cluster, "1Gi"),
                "priorityClassName": PRIORITY_LIVE,
                "resources": resources("25m", "64Mi", "256Mi"),
            },
        },
        "prometheusOperator": {
            "resources": resources("50m", "128Mi", "512Mi"),
            "prometheusConfigReloader": {"resources": resources("10m", "32Mi", "128Mi")},
            "admissionWebhooks": {"patch": {"resources": resources("10m", "32Mi", "128Mi")}},
        },
        "kube-state-metrics": {
            "resources": resources("25m", "128Mi", "512Mi"),
            // Alerts are routed by what the namespace is for.
            "metricLabelsAllowlist": ["namespaces=[formwork/tenant,formwork/environment,formwork/tier]"],
        },
        "prometheus-node-exporter": {"resources": resources("25m", "32Mi", "128Mi")},
    })
}

fn volume(cluster: &Cluster, size: &str) -> Value {
    json!({
        "volumeClaimTemplate": {
            "spec": {
                "storageClassName": cluster.spec.storage_classes.general,
                "accessModes": ["ReadWriteOnce"],
                "resources": {"requests": {"storage": size}},
            },
        },
    })
}
