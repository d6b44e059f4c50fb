//! The alerts of an environment, each told once: what raises it, what it means, where to look and what to do.
//!
//! The PrometheusRule and the runbook are both made from these records, so that no alert is without its section and
//! none refers to a metric of an exporter that is not there.

mod business;
mod cache;
mod database;
mod way_in;
mod workloads;

use super::names::{BACKUP_STORE, HTTP, WEB_SERVICE};
use crate::model::{AddOn, Environment};
use crate::words::GIBI;

/// One alert. `$name` in its texts stands for a value of the environment (see [`Values`]).
#[derive(Debug)]
pub(super) struct Alert {
    /// Its name, in capitalised words without blanks.
    pub name: &'static str,
    /// How urgent it is in a live environment.
    pub severity: Severity,
    /// Whether what it watches is part of the environment.
    pub applies: fn(&Environment) -> bool,
    /// What raises it, in PromQL.
    pub expression: &'static str,
    /// How long that must last.
    pub lasts: &'static str,
    /// The message of one line, after the environment's name.
    pub summary: &'static str,
    /// What it means for the people who work there.
    pub meaning: &'static str,
    /// Commands for a first look.
    pub looks: &'static [&'static str],
    /// What to do then.
    pub remedy: &'static str,
}

/// How urgent an alert is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Severity {
    /// Wakes somebody.
    Critical,
    /// Waits for the morning.
    Warning,
}

impl Severity {
    /// The value of the label `severity`.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Severity::Critical => "critical",
            Severity::Warning => "warning",
        }
    }
}

/// Whether Prometheus is there and may raise alerts.
pub(super) fn raised(env: &Environment) -> bool {
    env.spec.monitoring.alerts && env.cluster.has(AddOn::Prometheus)
}

/// The alerts of an environment by subject, in reading order; none where none are raised.
pub(super) fn alerts(env: &Environment) -> Vec<(&'static str, Vec<&'static Alert>)> {
    let subjects = [
        ("way-in", way_in::ALERTS),
        ("workloads", workloads::ALERTS),
        ("database", database::ALERTS),
        ("cache", cache::ALERTS),
        ("business", business::ALERTS),
    ];
    let mut found = Vec::new();
    for (subject, all) in subjects {
        let here: Vec<&Alert> = all.iter().filter(|alert| raised(env) && (alert.applies)(env)).collect();
        if !here.is_empty() {
            found.push((subject, here));
        }
    }
    found
}

impl Alert {
    /// Returns the severity in this environment: nobody is woken for a copy of production.
    pub(super) fn severity(&self, env: &Environment) -> Severity {
        if env.spec.tier.is_live() {
            self.severity
        } else {
            Severity::Warning
        }
    }

    /// Returns what raises it in this environment; one that may be switched off raises nothing while it is.
    pub(super) fn expression(&self, env: &Environment, values: &Values) -> String {
        let expression = values.fill(self.expression);
        if env.spec.tier.is_live() {
            return expression;
        }
        let off = format!(
            "kube_deployment_spec_replicas{{namespace=\"{}\",deployment=\"web\"}} == 0",
            env.namespace
        );
        format!("({expression})\nunless on () ({off})")
    }

    /// Returns the heading of its section, `Login failing`.
    pub(super) fn title(&self) -> String {
        let words = self.words().join(" ");
        let mut letters = words.chars();
        letters
            .next()
            .map(|first| first.to_uppercase().chain(letters).collect())
            .unwrap_or_default()
    }

    /// Returns the anchor that forges make from that heading, `login-failing`.
    pub(super) fn anchor(&self) -> String {
        self.words().join("-")
    }

    fn words(&self) -> Vec<String> {
        let mut words: Vec<String> = Vec::new();
        for letter in self.name.chars() {
            match words.last_mut() {
                Some(word) if letter.is_lowercase() => word.push(letter),
                _ => words.push(letter.to_lowercase().collect()),
            }
        }
        words
    }
}

/// What the names in the texts stand for in one environment. No name begins with another one.
pub(super) struct Values([(&'static str, String); 11]);

impl Values {
    pub(super) fn of(env: &Environment) -> Self {
        let monitoring = &env.spec.monitoring;
        Self([
            ("namespace", env.namespace.clone()),
            ("file", format!("environments/{}.yaml", env.id())),
            ("host", env.canonical_host().to_owned()),
            ("routers", routers(env)),
            ("error_percent", monitoring.error_percent.to_string()),
            ("latency_milliseconds", monitoring.latency_milliseconds.to_string()),
            ("database", env.database_name()),
            ("instances", env.spec.database.instances.to_string()),
            ("backup_age", backup_age(env).to_string()),
            ("backup_bucket", env.bucket(BACKUP_STORE)),
            ("wal_files", wal_files(env).to_string()),
        ])
    }

    /// Replaces each `$name` in a text.
    pub(super) fn fill(&self, text: &str) -> String {
        let mut filled = String::with_capacity(2 * text.len());
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('$') {
            filled.push_str(before);
            let known = self
                .0
                .iter()
                .find_map(|(name, value)| Some((after.strip_prefix(name)?, value.as_str())));
            let (behind, value) = known.unwrap_or((after, "$"));
            filled.push_str(value);
            rest = behind;
        }
        filled.push_str(rest);
        filled
    }
}

/// The address that the synthetic login visits. Where only some may come, the exporter is not among them and asks the
/// service instead.
pub(super) fn probed(env: &Environment) -> String {
    if is_open(env) {
        format!("https://{}/web/login", env.canonical_host())
    } else {
        format!("http://{WEB_SERVICE}.{}.svc:{}/web/login", env.namespace, HTTP)
    }
}

/// Whether everyone may come.
pub(super) fn is_open(env: &Environment) -> bool {
    env.spec.ingress.allow_from.is_empty() && env.spec.ingress.forward_auth.is_none()
}

/// Traefik's services of the environment's route, as a pattern: each rule has one, named after the rule's digest.
pub(super) fn routers(env: &Environment) -> String {
    format!("{}-{WEB_SERVICE}-[0-9a-f]+@kubernetescrd", env.namespace)
}

/// Seconds after which a base backup is overdue: the longest gap of its schedule and two hours to take it.
fn backup_age(env: &Environment) -> u64 {
    env.spec.backup.schedule.longest_gap().unwrap_or_default() + 2 * 3600
}

/// Files of the write-ahead log (16 MiB each) in a tenth of its volume, at most a gibibyte.
fn wal_files(env: &Environment) -> u64 {
    (env.sizing.wal_storage / 10).min(GIBI) >> 24
}

fn always(_: &Environment) -> bool {
    true
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::fixture::environment;

    fn all() -> impl Iterator<Item = &'static Alert> {
        [
            way_in::ALERTS,
            workloads::ALERTS,
            database::ALERTS,
            cache::ALERTS,
            business::ALERTS,
        ]
        .into_iter()
        .flatten()
    }

    fn texts(alert: &Alert) -> Vec<&'static str> {
        let mut texts = vec![alert.expression, alert.summary, alert.meaning, alert.remedy];
        texts.extend(alert.looks);
        texts
    }

    #[test]
    fn names_and_anchors_are_unique() {
        let anchors: BTreeSet<String> = all().map(Alert::anchor).collect();
        assert_eq!(anchors.len(), all().count());
    }

    #[test]
    fn titles_and_anchors_are_made_from_names() {
        let alert = database::ALERTS
            .iter()
            .find(|alert| alert.name == "TransactionIdsRunningOut")
            .unwrap();
        assert_eq!(alert.title(), "Transaction ids running out");
        assert_eq!(alert.anchor(), "transaction-ids-running-out");
    }

    #[test]
    fn every_name_in_a_text_has_a_value() {
        let values = Values::of(&environment("", &[]));
        for alert in all() {
            for text in texts(alert) {
                assert!(!values.fill(text).contains('$'), "{}: {text}", alert.name);
            }
        }
    }

    #[test]
    fn no_name_begins_with_another() {
        let Values(values) = Values::of(&environment("", &[]));
        for (name, _) in &values {
            let beginning = values.iter().filter(|(other, _)| other.starts_with(name));
            assert_eq!(beginning.count(), 1, "{name}");
        }
    }

    #[test]
    fn every_value_is_used() {
        let Values(values) = Values::of(&environment("", &[]));
        for (name, _) in values {
            assert!(
                all().any(|alert| texts(alert).iter().any(|text| text.contains(&format!("${name}")))),
                "{name}"
            );
        }
    }

    #[test]
    fn every_series_is_of_this_environment() {
        // A selector without the namespace would alert on the neighbour's database.
        for alert in all() {
            for selector in alert.expression.split('{').skip(1) {
                let own = ["namespace=\"$namespace\"", "service=~\"$routers\""];
                assert!(
                    own.iter()
                        .any(|label| selector.split('}').next().unwrap().contains(label)),
                    "{}",
                    alert.name
                );
            }
        }
    }

    #[test]
    fn sections_that_are_referred_to_exist() {
        let titles: BTreeSet<String> = all().map(Alert::title).collect();
        for alert in all() {
            for named in alert
                .remedy
                .split("*")
                .skip(1)
                .step_by(2)
                .filter(|text| *text != "Retry")
            {
                assert!(titles.contains(named), "{}: {named}", alert.name);
            }
        }
    }

    #[test]
    fn metrics_are_those_of_exporters_that_are_deployed() {
        const EXPORTERS: &[&str] = &[
            "probe_",
            "traefik_service_",
            "certmanager_certificate_",
            "externalsecret_",
            "kube_",
            "kubelet_volume_stats_",
            "cnpg_",
            "barman_cloud_cloudnative_pg_io_",
            "redis_",
        ];
        for alert in all() {
            for selector in alert.expression.split('{').rev().skip(1).collect::<Vec<_>>() {
                let metric = selector
                    .rsplit(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_')
                    .next()
                    .unwrap();
                assert!(
                    EXPORTERS.iter().any(|exporter| metric.starts_with(exporter)),
                    "{}: {metric}",
                    alert.name
                );
            }
        }
    }
}
