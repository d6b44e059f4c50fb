//! The custom resources of the Prometheus operator 0.93: what is scraped, what is probed, and what raises an alert.
//!
//! Upstream lets an expression be a number too; here it is always text.

use std::collections::BTreeMap;

use super::{
    ConfigMapKeySelector, IntOrString, LabelSelector, SecretKeySelector,
    custom::{fields, kind},
};

kind!(
    /// Pods whose metrics are scraped without a service (Prometheus operator 0.93).
    PodMonitor(PodMonitorSpec) = Namespaced "monitoring.coreos.com" / "v1" / "podmonitors"
);
kind!(
    /// Services whose endpoints are scraped (Prometheus operator 0.93).
    ServiceMonitor(ServiceMonitorSpec) = Namespaced "monitoring.coreos.com" / "v1" / "servicemonitors"
);
kind!(
    /// Addresses that the blackbox exporter visits (Prometheus operator 0.93).
    Probe(ProbeSpec) = Namespaced "monitoring.coreos.com" / "v1" / "probes"
);
kind!(
    /// Alerts and recorded series (Prometheus operator 0.93).
    PrometheusRule(PrometheusRuleSpec) = Namespaced "monitoring.coreos.com" / "v1" / "prometheusrules"
);

fields! {
    PodMonitorSpec {
        selector: LabelSelector,
        namespace_selector: Option<NamespaceSelector>,
        pod_metrics_endpoints: Vec<PodEndpoint>,
        pod_target_labels: Vec<String>,
        job_label: Option<String>,
        sample_limit: Option<i64>,
    }
    PodEndpoint {
        port: Option<String>,
        port_number: Option<i32>,
        path: Option<String>,
        scheme: Option<String>,
        params: BTreeMap<String, Vec<String>>,
        interval: Option<String>,
        scrape_timeout: Option<String>,
        honor_labels: Option<bool>,
        filter_running: Option<bool>,
        authorization: Option<Authorization>,
        basic_auth: Option<BasicAuth>,
        tls_config: Option<TLSConfig>,
        relabelings: Vec<Relabeling>,
        metric_relabelings: Vec<Relabeling>,
    }
    ServiceMonitorSpec {
        selector: LabelSelector,
        namespace_selector: Option<NamespaceSelector>,
        endpoints: Vec<ServiceEndpoint>,
        target_labels: Vec<String>,
        pod_target_labels: Vec<String>,
        job_label: Option<String>,
        sample_limit: Option<i64>,
    }
    ServiceEndpoint {
        port: Option<String>,
        target_port: Option<IntOrString>,
        path: Option<String>,
        scheme: Option<String>,
        params: BTreeMap<String, Vec<String>>,
        interval: Option<String>,
        scrape_timeout: Option<String>,
        honor_labels: Option<bool>,
        filter_running: Option<bool>,
        authorization: Option<Authorization>,
        basic_auth: Option<BasicAuth>,
        bearer_token_file: Option<String>,
        tls_config: Option<TLSConfig>,
        relabelings: Vec<Relabeling>,
        metric_relabelings: Vec<Relabeling>,
    }
    NamespaceSelector {
        any: Option<bool>,
        match_names: Vec<String>,
    }
    Authorization {
        #[serde(rename = "type")]
        type_: Option<String>,
        credentials: Option<SecretKeySelector>,
    }
    BasicAuth {
        username: Option<SecretKeySelector>,
        password: Option<SecretKeySelector>,
    }
    TLSConfig {
        ca: Option<SecretOrConfigMap>,
        cert: Option<SecretOrConfigMap>,
        key_secret: Option<SecretKeySelector>,
        server_name: Option<String>,
        min_version: Option<String>,
        insecure_skip_verify: Option<bool>,
    }
    SecretOrConfigMap {
        secret: Option<SecretKeySelector>,
        config_map: Option<ConfigMapKeySelector>,
    }
    Relabeling {
        action: Option<String>,
        source_labels: Vec<String>,
        separator: Option<String>,
        regex: Option<String>,
        modulus: Option<i64>,
        target_label: Option<String>,
        replacement: Option<String>,
    }
}

fields! {
    ProbeSpec {
        job_name: Option<String>,
        prober: Option<Prober>,
        module: Option<String>,
        targets: Option<Targets>,
        interval: Option<String>,
        scrape_timeout: Option<String>,
        sample_limit: Option<i64>,
        metric_relabelings: Vec<Relabeling>,
    }
    /// The exporter that visits; its address has no scheme.
    Prober {
        url: String,
        scheme: Option<String>,
        path: Option<String>,
    }
    Targets {
        static_config: Option<StaticConfig>,
    }
    StaticConfig {
        #[serde(rename = "static")]
        static_: Vec<String>,
        labels: BTreeMap<String, String>,
        relabeling_configs: Vec<Relabeling>,
    }
}

fields! {
    PrometheusRuleSpec {
        groups: Vec<RuleGroup>,
    }
    RuleGroup {
        name: String,
        interval: Option<String>,
        limit: Option<i64>,
        labels: BTreeMap<String, String>,
        #[serde(rename = "query_offset")]
        query_offset: Option<String>,
        rules: Vec<Rule>,
    }
    Rule {
        alert: Option<String>,
        record: Option<String>,
        expr: String,
        #[serde(rename = "for")]
        for_: Option<String>,
        #[serde(rename = "keep_firing_for")]
        keep_firing_for: Option<String>,
        labels: BTreeMap<String, String>,
        annotations: BTreeMap<String, String>,
    }
}
