//! Values of the chart `cert-manager` (1.21): two of each controller, and kinds that outlive the chart.

use serde_json::{Value, json};

use super::{monitor_labels, monitored, resources};
use crate::blueprint::names::{CERT_MANAGER_NAMESPACE, PRIORITY_LIVE};
use crate::model::Cluster;

pub(super) fn values(cluster: &Cluster) -> Value {
    json!({
        "crds": {"enabled": true, "keep": true},
        "global": {
            "priorityClassName": PRIORITY_LIVE,
            // Its own namespace, so that it needs no rights in `kube-system`.
            "leaderElection": {"namespace": CERT_MANAGER_NAMESPACE},
        },
        "replicaCount": 2,
        "podDisruptionBudget": {"enabled": true, "maxUnavailable": 1},
        "resources": resources("50m", "128Mi", "512Mi"),
        "webhook": {
            "replicaCount": 2,
            "podDisruptionBudget": {"enabled": true, "maxUnavailable": 1},
            "resources": resources("25m", "64Mi", "256Mi"),
        },
        "cainjector": {
            "replicaCount": 2,
            "podDisruptionBudget": {"enabled": true, "maxUnavailable": 1},
            "resources": resources("25m", "128Mi", "512Mi"),
        },
        "startupapicheck": {"resources": resources("10m", "64Mi", "128Mi")},
        "prometheus": {
            "servicemonitor": {"enabled": monitored(cluster), "honorLabels": true, "labels": monitor_labels(cluster)},
        },
    })
}
