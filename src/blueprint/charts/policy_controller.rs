//! Values of the chart `policy-controller` (0.10): an image that no policy names is refused.
//!
//! It looks only at namespaces with the label `policy.sigstore.dev/include: "true"`.

use serde_json::{Value, json};

use super::resources;
use crate::blueprint::names::PRIORITY_LIVE;

pub(super) fn values() -> Value {
    json!({
        "webhook": {
            "replicaCount": 2,
            "configData": {"no-match-policy": "deny"},
            "priorityClass": PRIORITY_LIVE,
            // Pods wait for its verdict; the chart's fifth of a core makes them wait long.
            "resources": {"requests": {"cpu": "100m", "memory": "256Mi"}, "limits": {"cpu": "1", "memory": "512Mi"}},
            "podSecurityContext": {"runAsNonRoot": true, "seccompProfile": {"type": "RuntimeDefault"}},
        },
        "leasescleanup": {"resources": resources("10m", "32Mi", "128Mi")},
    })
}
