//! Values of the charts `cloudnative-pg` (0.29) and `plugin-barman-cloud` (0.7).
//!
//! The images that they put into the pods of environments are written out, since image policies must name them.

use serde_json::{Value, json};

use super::{monitor_labels, monitored, resources, spread};
use crate::blueprint::names::PRIORITY_LIVE;
use crate::model::Cluster;

pub(super) fn operator(cluster: &Cluster) -> Value {
    json!({
        "image": {"repository": "ghcr.io/cloudnative-pg/cloudnative-pg"},
        "replicaCount": 2,
        "crds": {"create": true},
        // A new operator replaces the manager inside running servers; otherwise it would restart every database.
        "config": {"data": {"ENABLE_INSTANCE_MANAGER_INPLACE_UPDATES": "true"}},
        "priorityClassName": PRIORITY_LIVE,
        "topologySpreadConstraints": spread("cloudnative-pg"),
        "resources": resources("100m", "256Mi", "512Mi"),
        "monitoring": {
            "podMonitorEnabled": monitored(cluster),
            "podMonitorAdditionalLabels": monitor_labels(cluster),
        },
    })
}

pub(super) fn backup_plugin() -> Value {
    json!({
        "sidecarImage": {"registry": "ghcr.io", "repository": "cloudnative-pg/plugin-barman-cloud-sidecar"},
        "crds": {"create": true},
        "priorityClassName": PRIORITY_LIVE,
        "resources": resources("50m", "128Mi", "256Mi"),
    })
}
