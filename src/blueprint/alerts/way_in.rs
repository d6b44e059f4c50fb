//! Alerts on what people meet first: the login page, failed and slow requests, the certificate.
//!
//! They count requests, not websockets: Traefik measures a websocket until it closes, which takes hours.

use super::Severity::{Critical, Warning};
use super::{Alert, always};

pub(super) const ALERTS: &[Alert] = &[
    Alert {
        name: "LoginFailing",
        severity: Critical,
        applies: always,
        expression: r#"probe_success{job="odoo-login",namespace="$namespace"} == 0"#,
        lasts: "3m",
        summary: "the login page does not answer",
        meaning: "Nobody can log in. Whoever is logged in already is most likely stuck as well.",
        looks: &[
            "curl --head https://$host/web/login",
            "kubectl -n $namespace exec deployment/web -- curl --silent --head http://localhost:8069/web/login",
            "kubectl -n $namespace get pods,endpointslices",
            "kubectl -n $namespace logs deployment/web --since=15m --tail=200",
            "kubectl -n traefik logs -l app.kubernetes.io/name=traefik --since=15m --tail=100",
        ],
        remedy: "Pods that are not ready: follow the events of one with `kubectl -n $namespace describe pod`. Pods that \
            are ready while the page answers 500: the database comes first, see *Database down*. Pods that are ready \
            while the page answers 404 or a foreign certificate: Traefik has dropped the route, and its log says which \
            middleware or secret it misses. A release or a change of this environment in the last hour: roll it back.",
    },
    Alert {
        name: "RequestsFailing",
        severity: Critical,
        applies: always,
        expression: r#"100 * sum(rate(traefik_service_requests_total{service=~"$routers",code=~"5.."}[5m]))
  / sum(rate(traefik_service_requests_total{service=~"$routers"}[5m])) > $error_percent
and sum(increase(traefik_service_requests_total{service=~"$routers",code=~"5.."}[5m])) >= 5"#,
        lasts: "5m",
        summary: "more than $error_percent % of the requests fail",
        meaning: "People see error pages. 500 comes from Odoo, 502 and 504 from Traefik when a pod dies or takes longer \
            than a request may, 503 when no pod is ready.",
        looks: &[
            "kubectl -n $namespace get pods",
            "kubectl -n $namespace logs -l app.kubernetes.io/component=web --since=15m --tail=-1 --max-log-requests=20 --prefix | grep -E 'ERROR|CRITICAL|Traceback' | tail -50",
            "kubectl -n $namespace get events --sort-by=.lastTimestamp | tail -30",
        ],
        remedy: "One traceback over and over: a module is at fault, so roll the release back or have its author look. \
            `could not connect`, `too many clients`: see *Connections high* and *Database down*. Workers that are \
            killed at their time limit: one report or import is too long; find it in the log and have it run as a \
            scheduled action.",
    },
    Alert {
        name: "RequestsSlow",
        severity: Warning,
        applies: always,
        expression: r#"1000 * histogram_quantile(0.95, sum by (le) (
  rate(traefik_service_request_duration_seconds_bucket{service=~"$routers",protocol="http"}[10m])
)) > $latency_milliseconds"#,
        lasts: "15m",
        summary: "one request in twenty takes longer than $latency_milliseconds ms",
        meaning: "Work is slow for everyone. Most often all workers are busy, or the database waits for a lock or its disk.",
        looks: &[
            "kubectl -n $namespace top pods --containers",
            "kubectl -n $namespace get horizontalpodautoscalers",
            "kubectl -n $namespace exec -it svc/db-rw -c postgres -- psql $database -c \"SELECT pid, now() - query_start AS since, wait_event_type, left(query, 90) FROM pg_stat_activity WHERE state <> 'idle' ORDER BY 2 DESC LIMIT 10\"",
        ],
        remedy: "All web pods busy and at their maximum: raise `autoscaling.maximum` in `$file`. One query for minutes: \
            end it with `SELECT pg_cancel_backend(pid)` and tell the author of the report. Database pods at their \
            processor limit: raise `database.cpu` in the next maintenance window.",
    },
    Alert {
        name: "CertificateExpiring",
        severity: Critical,
        applies: always,
        expression: r#"probe_ssl_earliest_cert_expiry{job="odoo-login",namespace="$namespace"} - time() < 14 * 86400
or certmanager_certificate_expiration_timestamp_seconds{namespace="$namespace"} - time() < 14 * 86400"#,
        lasts: "1h",
        summary: "the certificate expires within two weeks",
        meaning: "It should have been renewed by now. When it expires, browsers refuse the site, and there is no way \
            round the refusal.",
        looks: &[
            "kubectl -n $namespace get certificates,certificaterequests,orders,challenges",
            "kubectl -n $namespace describe certificate web",
            "kubectl -n cert-manager logs -l app.kubernetes.io/name=cert-manager --since=1h --tail=100",
        ],
        remedy: "A challenge that waits for its DNS record: check the solver's credentials and the zone. A certificate \
            that is renewed here while visitors still get the old one: restart Traefik's pods one after the other. \
            `cmctl renew web -n $namespace` asks for a new one at once.",
    },
    Alert {
        name: "CertificateNotReady",
        severity: Warning,
        applies: always,
        expression: r#"certmanager_certificate_ready_status{namespace="$namespace",condition="True"} == 0"#,
        lasts: "30m",
        summary: "the certificate cannot be issued",
        meaning: "A new host has no certificate yet, or a renewal fails. An older certificate is served until it expires.",
        looks: &[
            "kubectl -n $namespace describe certificate web",
            "kubectl -n $namespace describe orders,challenges",
            "kubectl get clusterissuers",
        ],
        remedy: "Read the challenge's reason: a host that does not lie in the issuer's zones, credentials of the DNS \
            provider that have expired, or the authority's rate limit, which only time heals. Hosts come from `hosts` \
            in `$file`.",
    },
];
