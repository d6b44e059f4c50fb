//! The namespaces of the add-ons that a cluster has, each at the strictest Pod Security level its chart allows.
//!
//! The namespace of Argo CD or Flux is not among them: the engine was there before us.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::namespace::pod_security;
use crate::blueprint::names::*;
use crate::blueprint::{Build, Component, Place};
use crate::kinds::*;
use crate::manifest::Object;
use crate::model::{AddOn, Cluster, Environment};
use crate::words::*;

pub(super) const COMPONENT: Component = Component {
    name: "namespaces",
    summary: "the namespaces of the add-ons",
    build: Build::Cluster(build),
    edges: Component::NO_EDGES,
    after: &[],
};

fn build(at: &Place, cluster: &Cluster, _: &[Arc<Environment>]) -> Vec<Object> {
    let needed: BTreeMap<&str, &str> = cluster.spec.add_ons.iter().map(|add_on| home(*add_on)).collect();
    needed
        .into_iter()
        .map(|(name, level)| namespace(at, cluster, name, level).into())
        .collect()
}

/// The namespace of an add-on and the Pod Security level that its chart passes as it comes.
fn home(add_on: AddOn) -> (&'static str, &'static str) {
    match add_on {
        AddOn::Traefik => (TRAEFIK_NAMESPACE, "restricted"),
        AddOn::CertManager => (CERT_MANAGER_NAMESPACE, "restricted"),
        AddOn::CloudnativePg | AddOn::BarmanCloud => (CNPG_NAMESPACE, "restricted"),
        AddOn::ExternalSecrets => (EXTERNAL_SECRETS_NAMESPACE, "restricted"),
        AddOn::Keda => (KEDA_NAMESPACE, "restricted"),
        // The node exporter reads `/proc` and `/sys` of the node and listens on the node's own address.
        AddOn::Prometheus | AddOn::BlackboxExporter => (MONITORING_NAMESPACE, "privileged"),
        // The job that tidies up once the chart is removed says nothing about its user.
        AddOn::PolicyController => (POLICY_CONTROLLER_NAMESPACE, "baseline"),
    }
}

fn namespace(at: &Place, cluster: &Cluster, name: &str, level: &str) -> Namespace {
    let mut labels = at.labels.clone();
    labels.extend(pod_security(level, cluster));
    Namespace {
        metadata: ObjectMeta {
            labels: some(labels),
            ..at.cluster_meta(name)
        },
        ..default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{cluster_component, fleet, yaml_of};

    #[test]
    fn production() {
        let objects = cluster_component("namespaces", &fleet("", &[]));
        insta::assert_snapshot!(yaml_of("Namespace", "cnpg-system", &objects), @r#"
        apiVersion: v1
        kind: Namespace
        metadata:
          name: cnpg-system
          labels:
            app.kubernetes.io/managed-by: formwork
            formwork/cluster: eu-central
            pod-security.kubernetes.io/audit: restricted
            pod-security.kubernetes.io/audit-version: v1.36
            pod-security.kubernetes.io/enforce: restricted
            pod-security.kubernetes.io/enforce-version: v1.36
            pod-security.kubernetes.io/warn: restricted
            pod-security.kubernetes.io/warn-version: v1.36
          annotations:
            argocd.argoproj.io/sync-options: Prune=confirm,Delete=confirm
            argocd.argoproj.io/sync-wave: "0"
        "#);
    }

    #[test]
    fn each_chart_gets_the_level_it_passes() {
        let objects = cluster_component("namespaces", &fleet("", &[]));
        let level =
            |object: &Object| object.value["metadata"]["labels"]["pod-security.kubernetes.io/enforce"].to_string();
        let levels: Vec<String> = objects
            .iter()
            .map(|object| format!("{} {}", object.name, level(object)))
            .collect();
        assert_eq!(
            levels,
            [
                r#"cert-manager "restricted""#,
                r#"cnpg-system "restricted""#,
                r#"cosign-system "baseline""#,
                r#"external-secrets "restricted""#,
                r#"keda "restricted""#,
                r#"monitoring "privileged""#,
                r#"traefik "restricted""#,
            ]
        );
    }

    #[test]
    fn an_absent_add_on_has_no_namespace() {
        let objects = cluster_component("namespaces", &fleet("", &[(", policy-controller]", "]")]));
        assert!(objects.iter().all(|object| object.name != "cosign-system"));
    }
}
