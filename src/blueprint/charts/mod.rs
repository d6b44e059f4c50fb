//! The add-ons' charts: where each is installed, after which others, and with which values.
//!
//! Both engines install the same charts with the same values; what a workspace sets wins over what the house sets.

mod blackbox_exporter;
mod cert_manager;
mod external_secrets;
mod keda;
mod policy_controller;
mod postgresql;
mod prometheus;
mod traefik;

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::names::*;
use crate::kinds::LabelSelector;
use crate::model::{AddOn, Chart, Cluster};
use crate::words;

/// One add-on as it is installed on one cluster.
#[derive(Debug, Clone)]
pub(super) struct Installation<'a> {
    /// Which one.
    pub add_on: AddOn,
    /// Its chart, pinned by the platform.
    pub chart: &'a Chart,
    /// Name of the Helm release.
    pub release: &'a str,
    /// Namespace that it is installed into.
    pub namespace: &'static str,
    /// All its values.
    pub values: Value,
    /// Add-ons of the same cluster that must be there first, because it makes objects of their kinds.
    pub after: Vec<AddOn>,
}

/// The add-ons of a cluster that the platform has charts for, by name and without repetition.
pub(super) fn installations(cluster: &Cluster) -> Vec<Installation<'_>> {
    let add_ons: BTreeSet<AddOn> = cluster.spec.add_ons.iter().copied().collect();
    let installation = |add_on| Some((add_on, cluster.platform.spec.charts.get(&add_on)?));
    add_ons
        .into_iter()
        .filter_map(installation)
        .map(|(add_on, chart)| Installation {
            add_on,
            chart,
            release: release(add_on, cluster),
            namespace: namespace(add_on),
            values: values(add_on, cluster, chart),
            after: after(add_on)
                .iter()
                .copied()
                .filter(|earlier| cluster.has(*earlier))
                .collect(),
        })
        .collect()
}

/// How many add-ons must come before: the longest chain of `after`.
pub(super) fn turn(add_on: AddOn, cluster: &Cluster) -> usize {
    let earlier = after(add_on).iter().filter(|earlier| cluster.has(**earlier));
    earlier.map(|earlier| turn(*earlier, cluster) + 1).max().unwrap_or(0)
}

/// Images that the PostgreSQL operator and its backup plugin put into the pods of environments.
pub(super) fn images_in_environments(cluster: &Cluster) -> Vec<String> {
    let text = |values: &Value, pointer: &str| values.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
    let image = |installation: Installation<'_>| match installation.add_on {
        AddOn::CloudnativePg => text(&installation.values, "/image/repository"),
        AddOn::BarmanCloud => {
            let registry = text(&installation.values, "/sidecarImage/registry")?;
            Some(format!(
                "{registry}/{}",
                text(&installation.values, "/sidecarImage/repository")?
            ))
        }
        _ => None,
    };
    installations(cluster).into_iter().filter_map(image).collect()
}

fn namespace(add_on: AddOn) -> &'static str {
    match add_on {
        AddOn::Traefik => TRAEFIK_NAMESPACE,
        AddOn::CertManager => CERT_MANAGER_NAMESPACE,
        AddOn::CloudnativePg | AddOn::BarmanCloud => CNPG_NAMESPACE,
        AddOn::ExternalSecrets => EXTERNAL_SECRETS_NAMESPACE,
        AddOn::Keda => KEDA_NAMESPACE,
        AddOn::Prometheus | AddOn::BlackboxExporter => MONITORING_NAMESPACE,
        AddOn::PolicyController => POLICY_CONTROLLER_NAMESPACE,
    }
}

/// The add-on's name; Prometheus selects monitors and rules by the name of its own release.
fn release(add_on: AddOn, cluster: &Cluster) -> &str {
    match add_on {
        AddOn::Prometheus => cluster.spec.monitoring.release.as_str(),
        _ => add_on.as_str(),
    }
}

/// Prometheus brings the kinds of monitors, so it comes before everything that is monitored.
fn after(add_on: AddOn) -> &'static [AddOn] {
    match add_on {
        AddOn::Prometheus => &[],
        AddOn::BarmanCloud => &[AddOn::CertManager, AddOn::CloudnativePg],
        _ => &[AddOn::Prometheus],
    }
}

fn values(add_on: AddOn, cluster: &Cluster, chart: &Chart) -> Value {
    let mut values = match add_on {
        AddOn::Traefik => traefik::values(cluster),
        AddOn::CertManager => cert_manager::values(cluster),
        AddOn::CloudnativePg => postgresql::operator(cluster),
        AddOn::BarmanCloud => postgresql::backup_plugin(),
        AddOn::ExternalSecrets => external_secrets::values(cluster),
        AddOn::Keda => keda::values(cluster),
        AddOn::Prometheus => prometheus::values(cluster),
        AddOn::PolicyController => policy_controller::values(),
        AddOn::BlackboxExporter => blackbox_exporter::values(),
    };
    merge(&mut values, &Value::Object(chart.values.clone()));
    values
}

/// Merges as Helm does: maps key by key, everything else whole. A null stays, since it tells Helm to forget the
/// chart's own default.
fn merge(into: &mut Value, from: &Value) {
    match (into, from) {
        (Value::Object(into), Value::Object(from)) => {
            for (key, value) in from {
                merge(into.entry(key.as_str()).or_insert(Value::Null), value);
            }
        }
        (into, from) => *into = from.clone(),
    }
}

/// Requests and a limit of memory; processor time has no limit, as in our own pods.
fn resources(cpu: &str, memory: &str, most_memory: &str) -> Value {
    json!({"requests": {"cpu": cpu, "memory": memory}, "limits": {"memory": most_memory}})
}

/// Pods with a label `app.kubernetes.io/name`, spread over zones and nodes.
fn spread(name: &str) -> Value {
    let labels = words::map([("app.kubernetes.io/name", name)]);
    json!(words::spread(&LabelSelector {
        match_labels: Some(labels),
        ..words::default()
    }))
}

/// Whether Prometheus is there to read monitors; without it their kinds are unknown.
fn monitored(cluster: &Cluster) -> bool {
    cluster.has(AddOn::Prometheus)
}

/// The label that Prometheus selects monitors by.
fn monitor_labels(cluster: &Cluster) -> Value {
    json!({"release": cluster.spec.monitoring.release})
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::fleet;

    fn values_of(add_on: AddOn, replace: &[(&str, &str)]) -> Value {
        let fleet = fleet("", replace);
        let installations = installations(&fleet.clusters[0]);
        installations.into_iter().find(|it| it.add_on == add_on).unwrap().values
    }

    #[test]
    fn what_the_workspace_sets_wins_and_null_is_left_to_helm() {
        let set = "version: \"41.3.0\", values: {deployment: {replicas: null}, api: {debug: true}, extraObjects: [1]}";
        let values = values_of(AddOn::Traefik, &[("version: \"41.3.0\"", set)]);
        assert_eq!(values["deployment"]["replicas"], Value::Null);
        assert!(values["deployment"].get("replicas").is_some());
        assert_eq!(values["deployment"]["terminationGracePeriodSeconds"], 330);
        assert_eq!(values["api"], json!({"dashboard": false, "debug": true}));
        assert_eq!(values["extraObjects"], json!([1]));
    }

    #[test]
    fn no_chart_makes_monitors_where_prometheus_is_not() {
        let text = |replace| {
            let fleet = fleet("  monitoring: {alerts: false}\n", replace);
            let values: Vec<Value> = installations(&fleet.clusters[0])
                .into_iter()
                .map(|it| it.values)
                .collect();
            json!(values).to_string()
        };
        let enabled = [
            "onitor\":{\"additionalLabels\":{\"release\":\"kube-prometheus-stack\"},\"enabled\":true",
            "podMonitorEnabled\":true",
        ];
        assert!(enabled.iter().all(|it| text(&[]).contains(it)));
        assert!(
            !enabled
                .iter()
                .any(|it| text(&[("keda, prometheus,", "keda,")]).contains(it))
        );
    }

    #[test]
    fn prometheus_comes_first_and_the_backup_plugin_last() {
        let fleet = fleet("", &[]);
        let turns = installations(&fleet.clusters[0])
            .into_iter()
            .map(|it| (it.add_on.as_str(), turn(it.add_on, &fleet.clusters[0])));
        assert_eq!(
            turns.filter(|(_, turn)| *turn != 1).collect::<Vec<_>>(),
            [("barman-cloud", 2), ("prometheus", 0)]
        );
    }

    #[test]
    fn the_way_in_is_encrypted_and_its_headers_cannot_be_forged() {
        let ports = &values_of(AddOn::Traefik, &[])["ports"];
        assert_eq!(ports["web"]["http"]["redirections"]["entryPoint"]["to"], "websecure");
        assert_eq!(ports["websecure"]["http"]["underscoreHeadersStrategy"], "delete");
        assert_eq!(
            ports["websecure"]["http"]["encodedCharacters"]["allowEncodedSlash"],
            false
        );
    }

    #[test]
    fn a_route_reaches_its_own_namespace_only() {
        let provider = &values_of(AddOn::Traefik, &[])["providers"]["kubernetesCRD"];
        assert_eq!(provider["allowCrossNamespace"], false);
        assert_eq!(provider["crossProviderNamespaces"], json!(["traefik"]));
    }

    #[test]
    fn uploads_are_not_cut_after_a_minute_and_fit_the_buffer() {
        let values = values_of(AddOn::Traefik, &[]);
        assert_eq!(
            values["ports"]["websecure"]["transport"]["respondingTimeouts"]["readTimeout"],
            "600s"
        );
        assert_eq!(values["deployment"]["tmpVolume"]["emptyDir"]["sizeLimit"], "10Gi");
    }

    #[test]
    fn an_image_that_no_policy_names_is_refused() {
        assert_eq!(
            values_of(AddOn::PolicyController, &[])["webhook"]["configData"]["no-match-policy"],
            "deny"
        );
    }

    #[test]
    fn the_house_sets_no_secret() {
        for installation in installations(&fleet("", &[]).clusters[0]) {
            let text = installation.values.to_string().to_lowercase();
            assert!(!text.contains("password") && !text.contains("token"), "{text}");
        }
    }
}
