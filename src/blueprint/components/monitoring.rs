//! What Prometheus watches in an environment: metrics of the database and of Valkey, a login from outside, and the
//! alerts.
//!
//! Nothing comes before it but the namespace, so that a first installation that fails is noticed too.

use std::collections::BTreeMap;

use crate::blueprint::names::*;
use crate::blueprint::{Build, Component, Edge, Peer, Place, alerts};
use crate::kinds::monitoring::*;
use crate::kinds::{LabelSelector, ObjectMeta};
use crate::manifest::Object;
use crate::model::{AddOn, Environment, Sessions};
use crate::words::*;

pub(super) const COMPONENT: Component = Component {
    name: "monitoring",
    summary: "monitors, the synthetic login and the alerts",
    build: Build::Environment(build),
    edges,
    after: &["namespace"],
};

fn build(at: &Place, env: &Environment) -> Vec<Object> {
    if !env.cluster.has(AddOn::Prometheus) {
        return Vec::new();
    }
    let mut objects = vec![pod_monitor(at, env, DATABASE.name, servers()).into()];
    if has_cache(env) {
        objects.push(pod_monitor(at, env, CACHE.name, CACHE.selector()).into());
    }
    if env.cluster.has(AddOn::BlackboxExporter) {
        objects.push(login(at, env).into());
    }
    if alerts::raised(env) {
        objects.push(rules(at, env).into());
    }
    objects
}

/// The exporters' own components let Prometheus in.
fn edges(env: &Environment) -> Vec<Edge> {
    if !env.cluster.has(AddOn::BlackboxExporter) || alerts::is_open(env) {
        return Vec::new();
    }
    vec![Edge::tcp(BLACKBOX_EXPORTER, Peer::Workload(WEB), [HTTP])]
}

fn has_cache(env: &Environment) -> bool {
    env.release.spec.sessions == Sessions::Redis
}

/// The database's servers, without the operator's jobs, which have no metrics.
fn servers() -> LabelSelector {
    LabelSelector {
        match_labels: some(map([
            ("cnpg.io/cluster", DATABASE.name),
            ("cnpg.io/podRole", "instance"),
        ])),
        ..default()
    }
}

/// Metadata with the label by which Prometheus selects monitors and rules.
fn selected(at: &Place, env: &Environment, name: &str) -> ObjectMeta {
    let mut metadata = at.meta(name);
    metadata
        .labels
        .get_or_insert_default()
        .insert("release".into(), env.cluster.spec.monitoring.release.to_string());
    metadata
}

fn pod_monitor(at: &Place, env: &Environment, name: &str, selector: LabelSelector) -> PodMonitor {
    PodMonitor {
        metadata: selected(at, env, name),
        spec: PodMonitorSpec {
            selector,
            pod_metrics_endpoints: vec![PodEndpoint {
                port: some("metrics"),
                interval: some("30s"),
                scrape_timeout: some("10s"),
                ..default()
            }],
            ..default()
        },
    }
}

fn login(at: &Place, env: &Environment) -> Probe {
    Probe {
        metadata: selected(at, env, "login"),
        spec: ProbeSpec {
            job_name: some("odoo-login"),
            interval: some("60s"),
            scrape_timeout: some("20s"),
            module: some("http_2xx"),
            prober: some(Prober {
                url: env.cluster.spec.monitoring.blackbox.clone(),
                scheme: some("http"),
                path: some("/probe"),
            }),
            targets: some(Targets {
                static_config: some(StaticConfig {
                    static_: vec![alerts::probed(env)],
                    labels: subject(env),
                    ..default()
                }),
            }),
            ..default()
        },
    }
}

/// Labels that tell whose series or alert it is; the namespace is what Alertmanager routes by.
fn subject(env: &Environment) -> BTreeMap<String, String> {
    map([
        ("namespace", &env.namespace),
        ("tenant", env.tenant.name.as_str()),
        ("environment", env.name.as_str()),
        ("tier", env.spec.tier.as_str()),
    ])
}

fn rules(at: &Place, env: &Environment) -> PrometheusRule {
    let values = alerts::Values::of(env);
    let groups = alerts::alerts(env).into_iter().map(|(subject, alerts)| RuleGroup {
        name: format!("{}.{subject}", env.namespace),
        rules: alerts.into_iter().map(|alert| rule(env, alert, &values)).collect(),
        ..default()
    });
    PrometheusRule {
        metadata: selected(at, env, "environment"),
        spec: PrometheusRuleSpec {
            groups: groups.collect(),
        },
    }
}

fn rule(env: &Environment, alert: &alerts::Alert, values: &alerts::Values) -> Rule {
    let mut labels = subject(env);
    labels.insert("severity".into(), alert.severity(env).as_str().into());
    Rule {
        alert: some(alert.name),
        expr: alert.expression(env, values),
        for_: some(alert.lasts),
        // One that comes and goes is one alert, not many.
        keep_firing_for: some("5m"),
        labels,
        annotations: map([
            ("summary", &format!("{}: {}", env.id(), values.fill(alert.summary))),
            ("description", &values.fill(alert.meaning)),
            ("runbook_url", &runbook_url(env, alert)),
        ]),
        ..default()
    }
}

fn runbook_url(env: &Environment, alert: &alerts::Alert) -> String {
    let runbooks = env.platform.spec.runbooks.as_str().trim_end_matches('/');
    format!("{runbooks}/{}.md#{}", env.id(), alert.anchor())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::sync::Arc;

    use super::*;
    use crate::fixture::{component, environment};

    /// The specification of one object as it will be written.
    fn spec(kind: &str, name: &str, objects: &[Object]) -> String {
        let object = objects.iter().find(|object| object.kind == kind && object.name == name);
        crate::emit::yaml::to_string(&object.unwrap().value["spec"])
    }

    fn alerts_of(env: &Arc<Environment>) -> Vec<Rule> {
        let objects = component("monitoring", env);
        let rules = objects
            .iter()
            .find_map(|object| object.view::<PrometheusRule>())
            .unwrap();
        rules.spec.groups.into_iter().flat_map(|group| group.rules).collect()
    }

    fn alert(name: &str, env: &Arc<Environment>) -> Option<Rule> {
        alerts_of(env)
            .into_iter()
            .find(|rule| rule.alert.as_deref() == Some(name))
    }

    const TRAINING: &[(&str, &str)] = &[("tier: production", "tier: training")];

    #[test]
    fn monitors_of_production() {
        let objects = component("monitoring", &environment("", &[]));
        insta::assert_snapshot!(spec("PodMonitor", "db", &objects), @"
        podMetricsEndpoints:
        - interval: 30s
          port: metrics
          scrapeTimeout: 10s
        selector:
          matchLabels:
            cnpg.io/cluster: db
            cnpg.io/podRole: instance
        ");
        insta::assert_snapshot!(spec("PodMonitor", "valkey", &objects), @"
        podMetricsEndpoints:
        - interval: 30s
          port: metrics
          scrapeTimeout: 10s
        selector:
          matchLabels:
            app.kubernetes.io/component: cache
            app.kubernetes.io/name: valkey
        ");
        insta::assert_snapshot!(spec("Probe", "login", &objects), @"
        interval: 60s
        jobName: odoo-login
        module: http_2xx
        prober:
          path: /probe
          scheme: http
          url: blackbox-exporter.monitoring.svc:9115
        scrapeTimeout: 20s
        targets:
          staticConfig:
            labels:
              environment: production
              namespace: hartmann-production
              tenant: hartmann
              tier: production
            static:
            - https://production.hartmann.eu.erp.formwork.example/web/login
        ");
    }

    #[test]
    fn an_alert_of_production() {
        let rule = alert("RequestsFailing", &environment("", &[])).unwrap();
        insta::assert_snapshot!(crate::emit::yaml::to_string(&serde_json::to_value(rule).unwrap()), @r#"
        alert: RequestsFailing
        annotations:
          description: People see error pages. 500 comes from Odoo, 502 and 504 from Traefik when a pod dies or takes longer than a request may, 503 when no pod is ready.
          runbook_url: https://git.formwork.example/platform/erp/runbooks/hartmann/production.md#requests-failing
          summary: "hartmann/production: more than 5 % of the requests fail"
        expr: |-
          100 * sum(rate(traefik_service_requests_total{service=~"hartmann-production-web-[0-9a-f]+@kubernetescrd",code=~"5.."}[5m]))
            / sum(rate(traefik_service_requests_total{service=~"hartmann-production-web-[0-9a-f]+@kubernetescrd"}[5m])) > 5
          and sum(increase(traefik_service_requests_total{service=~"hartmann-production-web-[0-9a-f]+@kubernetescrd",code=~"5.."}[5m])) >= 5
        for: 5m
        keep_firing_for: 5m
        labels:
          environment: production
          namespace: hartmann-production
          severity: critical
          tenant: hartmann
          tier: production
        "#);
    }

    #[test]
    fn alerts_of_production_by_group() {
        let objects = component("monitoring", &environment("", &[]));
        let rules = objects
            .iter()
            .find_map(|object| object.view::<PrometheusRule>())
            .unwrap();
        let text: String = rules
            .spec
            .groups
            .iter()
            .map(|group| {
                let alerts: Vec<String> = group
                    .rules
                    .iter()
                    .map(|rule| format!("{}/{}", rule.alert.as_deref().unwrap(), rule.labels["severity"]))
                    .collect();
                format!("{}: {}\n", group.name, alerts.join(" "))
            })
            .collect();
        insta::assert_snapshot!(text, @"
        hartmann-production.way-in: LoginFailing/critical RequestsFailing/critical RequestsSlow/warning CertificateExpiring/critical CertificateNotReady/warning
        hartmann-production.workloads: CrashLooping/critical OutOfMemory/warning ReplicasUnavailable/warning RolloutStuck/warning JobFailed/critical VolumeFilling/warning VolumeFullSoon/critical AutoscalerAtMaximum/warning AutoscalerBlind/warning SecretNotReady/warning
        hartmann-production.database: DatabaseDown/critical StandbyMissing/warning ReplicationBehind/warning BackupTooOld/critical ArchivingFailing/critical ArchiveBacklog/warning ConnectionsHigh/warning TransactionIdsRunningOut/warning
        hartmann-production.cache: CacheDown/critical CacheMemoryHigh/warning SessionsEvicted/warning
        hartmann-production.business: ActionsOverdue/warning ActionsFailing/warning MailBacklog/warning
        ");
    }

    #[test]
    fn prometheus_finds_monitors_and_rules_by_their_label() {
        for object in component("monitoring", &environment("", &[])) {
            assert_eq!(
                object.value.pointer("/metadata/labels/release").unwrap(),
                "kube-prometheus-stack",
                "{}",
                object.name
            );
        }
    }

    #[test]
    fn alerts_only_on_what_is_there() {
        let all = environment("  database: {instances: 2}\n  egress: {mail: true}\n", &[]);
        let names: BTreeSet<String> = alerts_of(&all).into_iter().filter_map(|rule| rule.alert).collect();
        assert!(names.contains("StandbyMissing") && names.contains("MailBacklog") && names.contains("CacheDown"));
        let bare = environment(
            "  database: {instances: 1, synchronous: none}\n  egress: {mail: false}\n  backup: {enabled: false}\n  autoscaling: {minimum: 1, maximum: 1, floor: 1}\n",
            &[
                ("tier: production", "tier: training"),
                ("odoo: \"19.0\"", "odoo: \"19.0\"\n  sessions: volume"),
            ],
        );
        let names: BTreeSet<String> = alerts_of(&bare).into_iter().filter_map(|rule| rule.alert).collect();
        for gone in [
            "StandbyMissing",
            "ReplicationBehind",
            "MailBacklog",
            "CacheDown",
            "BackupTooOld",
            "ArchivingFailing",
            "AutoscalerAtMaximum",
            "QueueBacklog",
        ] {
            assert!(!names.contains(gone), "{gone}");
        }
        assert!(
            !component("monitoring", &bare)
                .iter()
                .any(|object| object.name == "valkey")
        );
    }

    #[test]
    fn nothing_without_prometheus_and_no_rules_without_alerts() {
        let silent = environment("  monitoring: {alerts: false}\n", &[]);
        assert!(
            !component("monitoring", &silent)
                .iter()
                .any(|object| object.kind == "PrometheusRule")
        );
        let without = environment(
            "  monitoring: {alerts: false}\n",
            &[(
                "keda, prometheus, blackbox-exporter, policy-controller]",
                "keda, policy-controller]",
            )],
        );
        assert!(component("monitoring", &without).is_empty());
    }

    #[test]
    fn thresholds_come_from_the_environment() {
        let env = environment(
            "  monitoring: {errorPercent: 2, latencyMilliseconds: 1500}\n  backup: {schedule: \"30 1 * * *\"}\n",
            &[],
        );
        assert!(alert("RequestsFailing", &env).unwrap().expr.contains("> 2\n"));
        assert!(alert("RequestsSlow", &env).unwrap().expr.ends_with("> 1500"));
        // 26 hours: the gap of a nightly schedule and two hours to take the backup.
        assert!(alert("BackupTooOld", &env).unwrap().expr.contains("> 93600"));
    }

    #[test]
    fn copies_wake_nobody_and_are_silent_while_they_are_off() {
        for rule in alerts_of(&environment("", TRAINING)) {
            assert_eq!(rule.labels["severity"], "warning");
            assert!(rule.expr.ends_with("unless on () (kube_deployment_spec_replicas{namespace=\"hartmann-production\",deployment=\"web\"} == 0)"));
        }
        assert!(
            alerts_of(&environment("", &[]))
                .iter()
                .all(|rule| !rule.expr.contains("unless"))
        );
    }

    #[test]
    fn no_alert_counts_websockets_as_slow() {
        let rule = alert("RequestsSlow", &environment("", &[])).unwrap();
        assert!(rule.expr.contains("protocol=\"http\""));
    }

    #[test]
    fn a_closed_environment_is_asked_from_inside() {
        let env = environment("  ingress: {allowFrom: [198.51.100.0/24]}\n", &[]);
        let probe = spec("Probe", "login", &component("monitoring", &env));
        assert!(probe.contains("http://web.hartmann-production.svc:8069/web/login"));
        assert_eq!(edges(&env), [Edge::tcp(BLACKBOX_EXPORTER, Peer::Workload(WEB), [HTTP])]);
        assert_eq!(edges(&environment("", &[])), []);
    }

    #[test]
    fn every_alert_tells_whose_it_is_and_where_its_runbook_is() {
        for rule in alerts_of(&environment("", &[])) {
            for label in ["severity", "namespace", "tenant", "environment", "tier"] {
                assert!(rule.labels.contains_key(label), "{label}");
            }
            let url = &rule.annotations["runbook_url"];
            assert!(
                url.starts_with("https://git.formwork.example/platform/erp/runbooks/hartmann/production.md#"),
                "{url}"
            );
        }
    }

    #[test]
    fn the_database_exporter_is_asked_for_what_alerts_read() {
        let env = environment(
            "  egress: {mail: true}\n",
            &[("odoo: \"19.0\"", "odoo: \"19.0\"\n  queue: true")],
        );
        let objects = component("database", &env);
        let queries = objects.iter().find(|object| object.name == DATABASE_QUERIES).unwrap();
        let queries = queries.value.pointer("/data/queries.yaml").unwrap().as_str().unwrap();
        let queries: serde_json::Value = serde_yaml::from_str(queries).unwrap();
        let mut metrics = BTreeSet::new();
        for (name, query) in queries.as_object().unwrap() {
            for column in query["metrics"].as_array().unwrap() {
                metrics.extend(
                    column
                        .as_object()
                        .unwrap()
                        .keys()
                        .map(|column| format!("cnpg_{name}_{column}")),
                );
            }
        }
        let asked: Vec<String> = alerts_of(&env)
            .iter()
            .flat_map(|rule| {
                rule.expr
                    .split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_')
            })
            .filter(|word| word.starts_with("cnpg_odoo_"))
            .map(str::to_owned)
            .collect();
        assert!(
            asked.len() >= 5 && asked.iter().all(|metric| metrics.contains(metric)),
            "{asked:?}"
        );
    }

    #[test]
    fn monitors_select_the_pods_that_there_are() {
        let env = environment("", &[]);
        let cache = component("cache", &env);
        let cache = cache
            .iter()
            .find_map(|object| object.view::<crate::kinds::StatefulSet>())
            .unwrap();
        let template = cache.spec.unwrap().template;
        let labels = template.metadata.unwrap().labels.unwrap();
        assert!(
            CACHE
                .labels
                .iter()
                .all(|(key, value)| labels.get(*key).is_some_and(|label| label == value))
        );
        let ports = template
            .spec
            .unwrap()
            .containers
            .into_iter()
            .filter_map(|container| container.ports)
            .flatten();
        assert!(ports.into_iter().any(|port| port.name.as_deref() == Some("metrics")));
    }
}
