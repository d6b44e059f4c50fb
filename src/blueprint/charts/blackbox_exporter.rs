//! Values of the chart `prometheus-blackbox-exporter` (0.28): two of it, with the one module that login probes use.

use serde_json::{Value, json};

use super::resources;

pub(super) fn values() -> Value {
    json!({
        // The address that the cluster's `monitoring.blackbox` names unless it is told otherwise.
        "fullnameOverride": "blackbox-exporter",
        "replicas": 2,
        "podDisruptionBudget": {"maxUnavailable": 1},
        "podSecurityContext": {"seccompProfile": {"type": "RuntimeDefault"}},
        "resources": resources("25m", "32Mi", "128Mi"),
        "config": {
            "modules": {
                "http_2xx": {
                    "prober": "http",
                    "timeout": "15s",
                    "http": {"follow_redirects": true, "preferred_ip_protocol": "ip4", "valid_http_versions": ["HTTP/1.1", "HTTP/2.0"]},
                },
            },
        },
    })
}
