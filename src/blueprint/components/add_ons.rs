//! The add-ons of a cluster that Flux reconciles, as Helm releases. Argo CD's are Applications (see `argocd`).
//!
//! Each waits for those whose kinds it uses, and what somebody changes by hand is changed back.

use std::collections::BTreeMap;

use crate::blueprint::charts::{self, Installation};
use crate::blueprint::names::FLUX_NAMESPACE;
use crate::blueprint::{Build, Component, Place};
use crate::kinds::flux::*;
use crate::manifest::Object;
use crate::model::{Cluster, Engine};
use crate::words::*;

pub(super) const COMPONENT: Component = Component {
    name: "add-ons",
    summary: "the operators and the ingress, as Helm releases",
    build: Build::Cluster(|at, cluster, _| build(at, cluster)),
    edges: Component::NO_EDGES,
    after: &["namespaces", "priority-classes"],
};

fn build(at: &Place, cluster: &Cluster) -> Vec<Object> {
    if cluster.spec.gitops.engine != Engine::Flux {
        return vec![];
    }
    let installations = charts::installations(cluster);
    let repositories = repositories(&installations);
    let sources = repositories.iter().map(|(url, name)| repository(at, url, name).into());
    let releases = installations.iter().filter_map(|installation| {
        let repository = repositories.get(installation.chart.repository.as_str())?;
        Some(release(at, installation, repository).into())
    });
    sources.chain(releases).collect()
}

/// The chart repositories by address, each named after the first add-on that comes from it.
fn repositories<'a>(installations: &[Installation<'a>]) -> BTreeMap<&'a str, &'static str> {
    let mut repositories = BTreeMap::new();
    for installation in installations {
        repositories
            .entry(installation.chart.repository.as_str())
            .or_insert(installation.add_on.as_str());
    }
    repositories
}

fn repository(at: &Place, url: &str, name: &str) -> HelmRepository {
    HelmRepository {
        metadata: at.meta_in(FLUX_NAMESPACE, name),
        spec: HelmRepositorySpec {
            url: url.into(),
            interval: some("12h"),
            ..default()
        },
    }
}

fn release(at: &Place, installation: &Installation<'_>, repository: &str) -> HelmRelease {
    let earlier = installation.after.iter().map(|add_on| DependsOn {
        name: add_on.as_str().into(),
        ..default()
    });
    HelmRelease {
        metadata: at.meta_in(FLUX_NAMESPACE, installation.add_on.as_str()),
        spec: HelmReleaseSpec {
            interval: "30m".into(),
            timeout: some("10m"),
            chart: some(ChartTemplate {
                spec: ChartTemplateSpec {
                    chart: installation.chart.chart.to_string(),
                    version: some(installation.chart.version.as_str()),
                    source_ref: SourceRef {
                        kind: "HelmRepository".into(),
                        name: repository.into(),
                        ..default()
                    },
                    interval: some("12h"),
                    ..default()
                },
                ..default()
            }),
            release_name: some(installation.release),
            target_namespace: some(installation.namespace),
            storage_namespace: some(installation.namespace),
            max_history: Some(5),
            depends_on: earlier.collect(),
            values: installation.values.clone(),
            install: some(Install {
                crds: some("CreateReplace"),
                remediation: some(InstallRemediation {
                    retries: Some(3),
                    ..default()
                }),
                ..default()
            }),
            upgrade: some(Upgrade {
                // Helm itself never upgrades kinds.
                crds: some("CreateReplace"),
                cleanup_on_fail: Some(true),
                remediation: some(UpgradeRemediation {
                    retries: Some(3),
                    strategy: some("rollback"),
                    remediate_last_failure: Some(true),
                    ..default()
                }),
                ..default()
            }),
            drift_detection: some(DriftDetection {
                mode: some("enabled"),
                ..default()
            }),
            ..default()
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{cluster_component, fleet, yaml_of};

    const FLUX: (&str, &str) = ("engine: argocd", "engine: flux");

    #[test]
    fn flux_gets_helm_releases() {
        let objects = cluster_component("add-ons", &fleet("", &[FLUX]));
        insta::assert_snapshot!(yaml_of("HelmRepository", "cloudnative-pg", &objects), @r#"
        apiVersion: source.toolkit.fluxcd.io/v1
        kind: HelmRepository
        metadata:
          name: cloudnative-pg
          namespace: flux-system
          labels:
            app.kubernetes.io/managed-by: formwork
            formwork/cluster: eu-central
        spec:
          interval: 12h
          url: https://cloudnative-pg.github.io/charts
        "#);
        insta::assert_snapshot!(yaml_of("HelmRelease", "barman-cloud", &objects), @r#"
        apiVersion: helm.toolkit.fluxcd.io/v2
        kind: HelmRelease
        metadata:
          name: barman-cloud
          namespace: flux-system
          labels:
            app.kubernetes.io/managed-by: formwork
            formwork/cluster: eu-central
        spec:
          chart:
            spec:
              chart: plugin-barman-cloud
              interval: 12h
              sourceRef:
                kind: HelmRepository
                name: cloudnative-pg
              version: "0.7.0"
          dependsOn:
          - name: cert-manager
          - name: cloudnative-pg
          driftDetection:
            mode: enabled
          install:
            crds: CreateReplace
            remediation:
              retries: 3
          interval: 30m
          maxHistory: 5
          releaseName: barman-cloud
          storageNamespace: cnpg-system
          targetNamespace: cnpg-system
          timeout: 10m
          upgrade:
            cleanupOnFail: true
            crds: CreateReplace
            remediation:
              remediateLastFailure: true
              retries: 3
              strategy: rollback
          values:
            crds:
              create: true
            priorityClassName: odoo-live
            resources:
              limits:
                memory: 256Mi
              requests:
                cpu: 50m
                memory: 128Mi
            sidecarImage:
              registry: ghcr.io
              repository: cloudnative-pg/plugin-barman-cloud-sidecar
        "#);
    }

    #[test]
    fn argo_cd_gets_nothing_here() {
        assert!(cluster_component("add-ons", &fleet("", &[])).is_empty());
    }

    #[test]
    fn two_charts_of_one_repository_share_it() {
        let objects = cluster_component("add-ons", &fleet("", &[FLUX]));
        let count = |kind| objects.iter().filter(|object| object.kind == kind).count();
        assert_eq!((count("HelmRepository"), count("HelmRelease")), (7, 9));
    }

    #[test]
    fn a_release_waits_only_for_add_ons_of_its_cluster() {
        let fleet = fleet(
            "  monitoring: {alerts: false}\n",
            &[FLUX, ("keda, prometheus,", "keda,")],
        );
        for object in cluster_component("add-ons", &fleet) {
            let Some(release) = object.view::<HelmRelease>() else {
                continue;
            };
            let earlier: Vec<_> = release
                .spec
                .depends_on
                .iter()
                .map(|earlier| earlier.name.as_str())
                .collect();
            let expected: &[&str] = if object.name == "barman-cloud" {
                &["cert-manager", "cloudnative-pg"]
            } else {
                &[]
            };
            assert_eq!(earlier, expected, "{}", object.name);
        }
    }

    #[test]
    fn prometheus_selects_by_the_name_of_its_release() {
        let given = (
            "  autoscaler: keda",
            "  monitoring: {release: metrics}\n  autoscaler: keda",
        );
        let objects = cluster_component("add-ons", &fleet("", &[FLUX, given]));
        let releases: Vec<HelmRelease> = objects.iter().filter_map(Object::view).collect();
        let release = |name| {
            releases
                .iter()
                .find(|it| it.metadata.name.as_deref() == Some(name))
                .unwrap()
        };
        assert_eq!(release("prometheus").spec.release_name.as_deref(), Some("metrics"));
        assert_eq!(
            release("traefik").spec.values["metrics"]["prometheus"]["serviceMonitor"]["additionalLabels"]["release"],
            "metrics"
        );
    }
}
