//! Values of the chart `external-secrets` (2.9): two controllers of which one leads, two webhooks.

use serde_json::{Value, json};

use super::{monitor_labels, monitored, resources};
use crate::blueprint::names::PRIORITY_LIVE;
use crate::model::Cluster;

pub(super) fn values(cluster: &Cluster) -> Value {
    json!({
        "installCRDs": true,
        // Without its kinds every secret that it made would be gone.
        "crds": {"annotations": {"helm.sh/resource-policy": "keep"}},
        "replicaCount": 2,
        // Without it both would work at once.
        "leaderElect": true,
        "priorityClassName": PRIORITY_LIVE,
        "podDisruptionBudget": {"enabled": true, "minAvailable": 1},
        "resources": resources("50m", "128Mi", "512Mi"),
        "webhook": {
            "replicaCount": 2,
            "priorityClassName": PRIORITY_LIVE,
            "podDisruptionBudget": {"enabled": true, "minAvailable": 1},
            "resources": resources("25m", "64Mi", "256Mi"),
        },
        "certController": {
            "priorityClassName": PRIORITY_LIVE,
            "resources": resources("25m", "128Mi", "512Mi"),
        },
        "serviceMonitor": {
            "enabled": monitored(cluster),
            // Argo CD renders before the kinds of Prometheus are there; the chart would leave the monitor out.
            "renderMode": "alwaysRender",
            // The namespace of the secret stays, not that of the operator.
            "honorLabels": true,
            "additionalLabels": monitor_labels(cluster),
        },
    })
}
