//! Values of the chart `traefik` (41): the one way in, redundant and strict.
//!
//! Certificates come from cert-manager and routes from `IngressRoute` objects alone.

use serde_json::{Value, json};

use super::{monitor_labels, monitored, resources, spread};
use crate::blueprint::names::{PRIORITY_LIVE, TRAEFIK_NAMESPACE};
use crate::model::Cluster;

pub(super) fn values(cluster: &Cluster) -> Value {
    json!({
        "global": {"checkNewVersion": false, "sendAnonymousUsage": false},
        "api": {"dashboard": false},
        "deployment": {
            "replicas": 3,
            // Longer than the grace times of `websecure` together.
            "terminationGracePeriodSeconds": 330,
            // Uploads are buffered here; one takes up to the upload limit of its environment.
            "tmpVolume": {"emptyDir": {"sizeLimit": "10Gi"}},
        },
        "podDisruptionBudget": {"enabled": true, "maxUnavailable": 1},
        "topologySpreadConstraints": spread("traefik"),
        "priorityClassName": PRIORITY_LIVE,
        "resources": resources("500m", "256Mi", "1Gi"),
        // A client must not see the load balancer's address in place of its own, or all share one rate limit.
        "service": {"spec": {"type": "LoadBalancer", "externalTrafficPolicy": "Local"}},
        "ingressClass": {"enabled": true, "isDefaultClass": false},
        "providers": {
            "kubernetesCRD": {
                "allowCrossNamespace": false,
                "allowExternalNameServices": false,
                // 503 and not 404 while an environment is scaled to nothing.
                "allowEmptyServices": true,
                // An empty list would be no restriction at all.
                "crossProviderNamespaces": [TRAEFIK_NAMESPACE],
                "defaultTLSResourcesNamespace": TRAEFIK_NAMESPACE,
            },
            "kubernetesIngress": {"enabled": false},
        },
        "ports": {
            "web": {
                "http": {"redirections": {"entryPoint": {"to": "websecure", "scheme": "https", "permanent": true}}},
            },
            "websecure": {
                "http": {
                    // `/web%2Fdatabase` would pass the closed paths, and Odoo reads it as `/web/database`.
                    "encodedCharacters": {"allowEncodedSlash": false},
                    // `X_Forwarded_For` would reach Odoo under the name of the real header.
                    "underscoreHeadersStrategy": "delete",
                },
                "transport": {
                    // Large uploads take longer than Traefik's minute.
                    "respondingTimeouts": {"readTimeout": "600s", "idleTimeout": "180s"},
                    "lifeCycle": {"requestAcceptGraceTimeout": "15s", "graceTimeOut": "300s"},
                },
            },
        },
        "log": {"format": "json", "level": "INFO"},
        "accessLog": {
            "enabled": true,
            "format": "json",
            // Links to reset a password carry their token in the query.
            "fields": {"headers": {"defaultMode": "drop"}, "queryParameters": {"defaultMode": "drop"}},
        },
        "metrics": {
            "prometheus": {
                "addRoutersLabels": true,
                // Odoo's reports take long; the chart's last bucket ends at five seconds.
                "buckets": "0.1,0.3,1,3,10,30,60",
                "service": {"enabled": monitored(cluster)},
                // Argo CD renders before the kinds of Prometheus are there.
                "disableAPICheck": true,
                "serviceMonitor": {
                    "enabled": monitored(cluster),
                    "interval": "30s",
                    // Traefik's own `service` label stays; alerts and autoscaling select by it.
                    "honorLabels": true,
                    "additionalLabels": monitor_labels(cluster),
                },
            },
        },
    })
}
