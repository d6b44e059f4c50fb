//! Values of the chart `keda` (2.20): two of each part, and rights to scale Deployments and StatefulSets only.

use serde_json::{Value, json};

use super::{monitor_labels, monitored, resources};
use crate::blueprint::names::PRIORITY_LIVE;
use crate::model::Cluster;

pub(super) fn values(cluster: &Cluster) -> Value {
    let metrics = json!({
        "enabled": monitored(cluster),
        "serviceMonitor": {"enabled": monitored(cluster), "additionalLabels": monitor_labels(cluster)},
    });
    json!({
        // Without its kinds every autoscaler would be gone.
        "crds": {"install": true, "additionalAnnotations": {"helm.sh/resource-policy": "keep"}},
        "operator": {"replicaCount": 2},
        "metricsServer": {"replicaCount": 2},
        "webhooks": {"replicaCount": 2},
        "podDisruptionBudget": {
            "operator": {"maxUnavailable": 1},
            "metricServer": {"maxUnavailable": 1},
            "webhooks": {"maxUnavailable": 1},
        },
        "priorityClassName": PRIORITY_LIVE,
        "resources": {
            "operator": resources("100m", "128Mi", "512Mi"),
            "metricServer": resources("50m", "64Mi", "256Mi"),
            "webhooks": resources("25m", "64Mi", "256Mi"),
        },
        // The chart's default may scale any kind there is.
        "rbac": {"enabledCustomScaledRefKinds": false},
        "prometheus": {"operator": metrics, "metricServer": metrics, "webhooks": metrics},
    })
}
