//! Alerts on pods, roll-outs, jobs, volumes, autoscaling and secrets, whatever runs in them.
//!
//! They read the API server's view (kube-state-metrics, kubelet) and so hold when the workloads themselves say nothing.

use super::Severity::{Critical, Warning};
use super::{Alert, always};
use crate::model::Environment;

pub(super) const ALERTS: &[Alert] = &[
    Alert {
        name: "CrashLooping",
        severity: Critical,
        applies: always,
        expression: r#"max by (pod, container) (
  max_over_time(kube_pod_container_status_waiting_reason{namespace="$namespace",reason="CrashLoopBackOff"}[5m])
) == 1"#,
        lasts: "10m",
        summary: "a container crashes again and again",
        meaning: "What it does is not done: pages for `web`, scheduled actions for `cron`, sessions for `valkey`.",
        looks: &[
            "kubectl -n $namespace get pods",
            "kubectl -n $namespace logs POD --all-containers --previous --tail=100",
            "kubectl -n $namespace describe pod POD",
        ],
        remedy: "Exit code 255 of Odoo: the database or the configuration; the last lines of the log say which. A pod \
            that crashes since the last change: revert the change. 137: see *Out of memory*.",
    },
    Alert {
        name: "OutOfMemory",
        severity: Warning,
        applies: always,
        expression: r#"increase(kube_pod_container_status_restarts_total{namespace="$namespace"}[15m]) > 0
and on (pod, container)
  kube_pod_container_status_last_terminated_reason{namespace="$namespace",reason="OOMKilled"} == 1"#,
        lasts: "0m",
        summary: "a container was killed for its memory",
        meaning: "All requests of that pod were cut off. Odoo's own limits should have ended one worker first.",
        looks: &[
            "kubectl -n $namespace top pods --containers",
            "kubectl -n $namespace get pods -o custom-columns=POD:.metadata.name,RESTARTS:.status.containerStatuses[*].restartCount,REASON:.status.containerStatuses[*].lastState.terminated.reason",
            "kubectl -n $namespace logs POD --previous --tail=100",
        ],
        remedy: "Once, during a large report or import: nothing. Every day: raise `odoo.memory` (or `database.memory`, \
            `cache.memory`) in `$file`, or have fewer workers in a pod.",
    },
    Alert {
        name: "ReplicasUnavailable",
        severity: Warning,
        applies: always,
        expression: r#"kube_deployment_status_replicas_available{namespace="$namespace"}
  < on (deployment) kube_deployment_spec_replicas{namespace="$namespace"}"#,
        lasts: "15m",
        summary: "fewer pods are available than wanted",
        meaning: "The rest carries the load; the next failure may be one too many.",
        looks: &[
            "kubectl -n $namespace get deployments,pods -o wide",
            "kubectl -n $namespace get events --field-selector type=Warning --sort-by=.lastTimestamp | tail -30",
            "kubectl -n $namespace describe resourcequotas",
        ],
        remedy: "Pending pods: the events name what is missing (processor time, memory, a volume in another zone, the \
            quota). Running pods that are not ready: see *Login failing*.",
    },
    Alert {
        name: "RolloutStuck",
        severity: Warning,
        applies: always,
        expression: r#"kube_deployment_status_observed_generation{namespace="$namespace"}
  != on (deployment) kube_deployment_metadata_generation{namespace="$namespace"}
or on (deployment) kube_deployment_status_condition{namespace="$namespace",condition="Progressing",status="false"} == 1"#,
        lasts: "15m",
        summary: "a roll-out does not come to its end",
        meaning: "Old pods keep working; the release or setting that was merged is not live.",
        looks: &[
            "kubectl -n $namespace rollout status deployment/web --timeout=5s",
            "kubectl -n $namespace rollout status deployment/cron --timeout=5s",
            "kubectl -n $namespace get replicasets,jobs,pods",
        ],
        remedy: "See why the newest pod is not ready (its events, then its log). If that takes longer than the change is \
            worth, revert the change: the old pods are still there.",
    },
    Alert {
        name: "JobFailed",
        severity: Critical,
        applies: always,
        expression: r#"kube_job_failed{namespace="$namespace",condition="true"} == 1"#,
        lasts: "1m",
        summary: "a job failed",
        meaning: "If it is the migration, the release is not live and the database may be half-way between two releases; \
            it is not tried again by itself.",
        looks: &[
            "kubectl -n $namespace get jobs",
            "kubectl -n $namespace logs job/JOB --all-containers --tail=200",
            "kubectl -n $namespace get pods -l app.kubernetes.io/component=migration",
        ],
        remedy: "Find the module and the reason in the log. A passing cause (no connection, the time limit): delete the \
            job, and the engine makes it again. A module at fault: revert the release if nothing was changed yet; if \
            tables were changed, restore to the moment before.",
    },
    Alert {
        name: "VolumeFilling",
        severity: Warning,
        applies: always,
        expression: r#"100 * kubelet_volume_stats_used_bytes{namespace="$namespace"}
  / kubelet_volume_stats_capacity_bytes{namespace="$namespace"} > 80"#,
        lasts: "15m",
        summary: "a volume is more than 80 % full",
        meaning: "Nothing stops yet. A full volume stops the database, or every upload.",
        looks: &[
            "kubectl -n $namespace get persistentvolumeclaims",
            "kubectl -n $namespace exec svc/db-rw -c postgres -- df -h",
            "kubectl -n $namespace exec deployment/web -- df -h /var/lib/odoo",
        ],
        remedy: "Raise `database.storage`, `database.walStorage`, `filestore.size` or `cache.storage` in `$file`: \
            volumes grow while they are used. A write-ahead log that grows by itself has another cause, see *Archive \
            backlog* and *Archiving failing*.",
    },
    Alert {
        name: "VolumeFullSoon",
        severity: Critical,
        applies: always,
        expression: r#"predict_linear(kubelet_volume_stats_available_bytes{namespace="$namespace"}[6h], 86400) < 0
and 2 * kubelet_volume_stats_available_bytes{namespace="$namespace"}
  < kubelet_volume_stats_capacity_bytes{namespace="$namespace"}"#,
        lasts: "1h",
        summary: "a volume is full within a day",
        meaning: "At this pace the volume is full within 24 hours, and whatever writes to it stops.",
        looks: &[
            "kubectl -n $namespace get persistentvolumeclaims",
            "kubectl -n $namespace exec svc/db-rw -c postgres -- df -h",
            "kubectl -n $namespace exec -it svc/db-rw -c postgres -- psql $database -c 'SELECT relname, pg_size_pretty(pg_total_relation_size(oid)) FROM pg_class ORDER BY pg_total_relation_size(oid) DESC LIMIT 10'",
        ],
        remedy: "Grow the volume first (as under *Volume filling*), then look for the cause: an import, a table of logs \
            that nobody empties, an archive that does not take the write-ahead log.",
    },
    Alert {
        name: "AutoscalerAtMaximum",
        severity: Warning,
        applies: scales,
        expression: r#"kube_horizontalpodautoscaler_status_current_replicas{namespace="$namespace"}
  >= on (horizontalpodautoscaler) kube_horizontalpodautoscaler_spec_max_replicas{namespace="$namespace"}"#,
        lasts: "30m",
        summary: "the web pods have been at their maximum for half an hour",
        meaning: "More load now means slower pages. At month-end this may be right; every day it is too small a maximum.",
        looks: &[
            "kubectl -n $namespace get horizontalpodautoscalers",
            "kubectl -n $namespace top pods -l app.kubernetes.io/component=web",
        ],
        remedy: "Raise `autoscaling.maximum` in `$file`; the connections of the database are sized with it. A single \
            visitor that causes the load: see Traefik's access log, and set a lower `ingress.requestsPerSecond`.",
    },
    Alert {
        name: "AutoscalerBlind",
        severity: Warning,
        applies: scales,
        expression: r#"kube_horizontalpodautoscaler_status_condition{namespace="$namespace",condition="ScalingActive",status="false"} == 1"#,
        lasts: "15m",
        summary: "the autoscaler cannot read the load",
        meaning: "The number of web pods stays as it is, whatever the load.",
        looks: &[
            "kubectl -n $namespace describe horizontalpodautoscalers",
            "kubectl -n $namespace get events --field-selector type=Warning | grep -iE 'scale|metric' | tail -20",
            "kubectl get apiservices | grep metrics",
        ],
        remedy: "The conditions name the source that fails: the metrics server (processor time) or Prometheus (requests \
            in flight). Until it is back, set `autoscaling.minimum` in `$file` to what the hour needs.",
    },
    Alert {
        name: "SecretNotReady",
        severity: Warning,
        applies: always,
        expression: r#"externalsecret_status_condition{namespace="$namespace",condition="Ready",status="False"} == 1"#,
        lasts: "15m",
        summary: "a secret cannot be read from the store",
        meaning: "What runs keeps the value it has. A changed password does not arrive, and a new pod may not start.",
        looks: &[
            "kubectl -n $namespace get externalsecrets",
            "kubectl -n $namespace describe externalsecrets | grep -A5 Conditions",
            "kubectl get clustersecretstores",
        ],
        remedy: "A store that is not ready: its own access has expired, and every environment of the tier has this \
            alert. One secret alone: its path or key is missing in the store; the message names it.",
    },
];

fn scales(env: &Environment) -> bool {
    env.sizing.minimum != env.sizing.maximum
}
