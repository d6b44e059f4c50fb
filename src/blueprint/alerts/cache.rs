//! Alerts on Valkey, which holds the sessions.
//!
//! Losing it logs people out and loses nothing else.

use super::Alert;
use super::Severity::{Critical, Warning};
use crate::model::{Environment, Sessions};

pub(super) const ALERTS: &[Alert] = &[
    Alert {
        name: "CacheDown",
        severity: Critical,
        applies: keeps_sessions,
        expression: r#"absent(redis_up{namespace="$namespace"} == 1)"#,
        lasts: "3m",
        summary: "Valkey does not answer",
        meaning: "Without sessions nobody can log in or stay logged in.",
        looks: &[
            "kubectl -n $namespace get pods,persistentvolumeclaims -l app.kubernetes.io/name=valkey",
            "kubectl -n $namespace logs statefulset/valkey --all-containers --tail=100",
        ],
        remedy: "A pod that is pending: its volume or its node. A damaged append-only file: \
            `valkey-check-aof --fix` in the pod, or an empty volume, which only logs everybody out. A pod that runs: \
            the exporter's password, or the monitor.",
    },
    Alert {
        name: "CacheMemoryHigh",
        severity: Warning,
        applies: keeps_sessions,
        expression: r#"100 * redis_memory_used_bytes{namespace="$namespace"} / redis_memory_max_bytes{namespace="$namespace"} > 85"#,
        lasts: "15m",
        summary: "Valkey's memory is more than 85 % full",
        meaning: "When it is full, the sessions nearest to their end are thrown away.",
        looks: &[
            "kubectl -n $namespace top pods -l app.kubernetes.io/name=valkey --containers",
            "kubectl -n $namespace logs statefulset/valkey -c valkey --tail=50",
        ],
        remedy: "Raise `cache.memory` in `$file`. A sudden rise comes from a robot that opens a session with every request: find it \
            in Traefik's access log.",
    },
    Alert {
        name: "SessionsEvicted",
        severity: Warning,
        applies: keeps_sessions,
        expression: r#"increase(redis_evicted_keys_total{namespace="$namespace"}[15m]) > 0"#,
        lasts: "0m",
        summary: "sessions were thrown away for want of memory",
        meaning: "Some people had to log in again, and may have lost what they were typing.",
        looks: &["kubectl -n $namespace top pods -l app.kubernetes.io/name=valkey --containers"],
        remedy: "As under *Cache memory high*, but today.",
    },
];

fn keeps_sessions(env: &Environment) -> bool {
    env.release.spec.sessions == Sessions::Redis
}
