//! What makes Argo CD reconcile a cluster: projects that say who may put what where, and applications.
//!
//! To start, apply this folder once where Argo CD runs; from then on the application `<cluster>-delivery` keeps it.
//! An application whose namespaces hold data has no finalizer, so that deleting it deletes nothing else.

mod projects;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::blueprint::charts::{self, Installation};
use crate::blueprint::names::*;
use crate::blueprint::{Build, Component, Delivery, Place, Unit, assemble, delivery};
use crate::kinds::ObjectMeta;
use crate::kinds::argo::*;
use crate::manifest::Object;
use crate::model::{Cluster, Engine, Environment};
use crate::words::*;

pub(super) const COMPONENT: Component = Component {
    name: "argocd",
    summary: "Argo CD's projects and applications",
    build: Build::Delivery(Delivery {
        cluster: of_whole_cluster,
        environment: of_whole_environment,
    }),
    edges: Component::NO_EDGES,
    after: &[],
};

/// When each application is made; the projects and the application of this folder come first of all.
const FOUNDATION: usize = 1;
const ADD_ONS: usize = 2;
const PLATFORM: usize = 5;
const ENVIRONMENTS: usize = 6;

/// The cluster that Argo CD itself runs on, which also holds its projects and applications.
const HERE: &str = "https://kubernetes.default.svc";
/// Where charts put objects besides their own namespaces: services of the control plane, rights to read its settings.
const CHART_NAMESPACE: &str = "kube-system";

fn of_whole_cluster(cluster: &Cluster, environments: &[Arc<Environment>], components: &[Component]) -> Vec<Object> {
    if cluster.spec.gitops.engine != Engine::Argocd {
        return vec![];
    }
    let at = &Place::of_cluster(cluster);
    let unit = Unit::Cluster(Arc::new(cluster.clone()), environments.into());
    let built = assemble(&unit, components);
    let parts = delivery::parts(&built, components);
    let later = |part: &&delivery::Part<'_>| delivery::comes_after(&part.name, "add-ons", components);
    let (platform, foundation): (Vec<_>, Vec<_>) = parts.iter().partition(later);
    let mut tenants: BTreeMap<&str, Vec<&Environment>> = BTreeMap::new();
    for environment in environments {
        let of_tenant = tenants.entry(environment.tenant.name.as_str()).or_default();
        of_tenant.push(environment);
    }

    let mut objects = vec![projects::platform(at, cluster, &parts).into(), root(at, cluster).into()];
    objects.extend(of_parts(at, cluster, &unit, "foundation", FOUNDATION, &foundation).map(Object::from));
    objects.extend(of_parts(at, cluster, &unit, "platform", PLATFORM, &platform).map(Object::from));
    let installations = charts::installations(cluster);
    objects.extend(installations.iter().map(|it| Object::from(of_add_on(at, cluster, it))));
    objects.extend(
        tenants
            .values()
            .filter_map(|it| Some(projects::tenant(at, cluster, it)?.into())),
    );
    objects
}

fn of_whole_environment(env: &Environment, _: &[Object], _: &[Component]) -> Vec<Object> {
    if env.cluster.spec.gitops.engine != Engine::Argocd {
        return vec![];
    }
    vec![of_environment(env).into()]
}

/// The application of this folder. Its objects lie where Argo CD runs, not on the cluster.
fn root(at: &Place, cluster: &Cluster) -> Application {
    let unit = Unit::Delivery(Arc::new(cluster.clone()), [].into());
    Application {
        metadata: meta(at, &format!("{}-delivery", cluster.name), 0),
        spec: ApplicationSpec {
            project: projects::platform_name(cluster),
            source: some(folder(cluster, &unit.folder(), None)),
            destination: here(),
            revision_history_limit: Some(10),
            sync_policy: some(sync(&[])),
            ..default()
        },
    }
}

/// The application of some components of the cluster; nothing without components.
fn of_parts(
    at: &Place,
    cluster: &Cluster,
    unit: &Unit,
    name: &str,
    wave: usize,
    parts: &[&delivery::Part<'_>],
) -> Option<Application> {
    let folders: Vec<String> = parts.iter().map(|part| format!("{}/*", part.name)).collect();
    if folders.is_empty() {
        return None;
    }
    Some(Application {
        metadata: meta(at, &format!("{}-{name}", cluster.name), wave),
        spec: ApplicationSpec {
            project: projects::platform_name(cluster),
            source: some(folder(
                cluster,
                &unit.folder(),
                Some(format!("{{{}}}", folders.join(","))),
            )),
            destination: destination(cluster, CHART_NAMESPACE),
            revision_history_limit: Some(10),
            // The kinds of add-ons may come later.
            sync_policy: some(sync(&["SkipDryRunOnMissingResource=true"])),
            ..default()
        },
    })
}

fn of_add_on(at: &Place, cluster: &Cluster, installation: &Installation<'_>) -> Application {
    let wave = ADD_ONS + charts::turn(installation.add_on, cluster);
    Application {
        metadata: meta(at, &format!("{}-{}", cluster.name, installation.add_on.as_str()), wave),
        spec: ApplicationSpec {
            project: projects::platform_name(cluster),
            source: some(Source {
                repo_url: installation.chart.repository.to_string(),
                chart: some(installation.chart.chart.to_string()),
                target_revision: some(installation.chart.version.as_str()),
                helm: some(Helm {
                    release_name: some(installation.release),
                    values_object: installation.values.clone(),
                    ..default()
                }),
                ..default()
            }),
            destination: destination(cluster, installation.namespace),
            revision_history_limit: Some(10),
            sync_policy: some(sync(&["SkipDryRunOnMissingResource=true"])),
            ..default()
        },
    }
}

fn of_environment(env: &Environment) -> Application {
    let at = Place::of_environment(env, Vec::new());
    let metadata = meta(&at, &env.namespace, ENVIRONMENTS);
    // Where nothing is lost by it, deleting the application deletes what it made. The API server warns of a finalizer
    // without a path; this form means the same.
    let finalizers =
        (!delivery::is_protected(env)).then(|| texts(["resources-finalizer.argocd.argoproj.io/foreground"]));
    let scaled = env.sizing.minimum != env.sizing.maximum;
    let replicas = IgnoreDifference {
        group: some("apps"),
        kind: "Deployment".into(),
        name: some(WEB.name),
        json_pointers: texts(["/spec/replicas"]),
        ..default()
    };
    Application {
        metadata: ObjectMeta { finalizers, ..metadata },
        spec: ApplicationSpec {
            project: projects::tenant_name(&env.tenant, &env.cluster),
            source: some(folder(&env.cluster, &delivery::environment_folder(env), None)),
            destination: destination(&env.cluster, &env.namespace),
            revision_history_limit: Some(20),
            ignore_differences: if scaled { vec![replicas] } else { vec![] },
            sync_policy: some(sync(&[])),
            ..default()
        },
    }
}

fn meta(at: &Place, name: &str, wave: usize) -> ObjectMeta {
    let annotations = map([
        // Admission webhooks fill in fields, which is no difference.
        (
            "argocd.argoproj.io/compare-options",
            "ServerSideDiff=true,IncludeMutationWebhook=true",
        ),
        ("argocd.argoproj.io/sync-wave", &wave.to_string()),
    ]);
    ObjectMeta {
        annotations: some(annotations),
        ..at.meta_in(ARGOCD_NAMESPACE, name)
    }
}

/// A folder of the output, or some files in it.
fn folder(cluster: &Cluster, folder: &str, include: Option<String>) -> Source {
    let repository = &cluster.platform.spec.repository;
    Source {
        repo_url: repository.url.to_string(),
        target_revision: some(repository.branch.as_str()),
        path: Some(delivery::path(&cluster.platform, folder)),
        directory: some(Directory {
            recurse: Some(true),
            include,
            ..default()
        }),
        ..default()
    }
}

fn sync(more: &[&str]) -> SyncPolicy {
    let options = [
        "ServerSideApply=true",
        "ApplyOutOfSyncOnly=true",
        "PrunePropagationPolicy=foreground",
        "PruneLast=true",
        "RespectIgnoreDifferences=true",
        "FailOnSharedResource=true",
    ];
    SyncPolicy {
        automated: some(Automated {
            prune: Some(true),
            self_heal: Some(true),
            allow_empty: Some(false),
            enabled: Some(true),
        }),
        // Forty minutes in all: Argo CD gives a failed revision up, and a new cluster's operators take their time.
        retry: some(Retry {
            limit: Some(10),
            refresh: Some(true),
            backoff: some(Backoff {
                duration: some("30s"),
                factor: Some(2),
                max_duration: some("5m"),
            }),
        }),
        sync_options: options.iter().chain(more).map(|option| (*option).to_owned()).collect(),
        ..default()
    }
}

fn here() -> Destination {
    Destination {
        server: some(HERE),
        namespace: some(ARGOCD_NAMESPACE),
        ..default()
    }
}

fn destination(cluster: &Cluster, namespace: &str) -> Destination {
    Destination {
        server: some(cluster.spec.gitops.server.as_str()),
        namespace: some(namespace),
        ..default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::blueprint::COMPONENTS;
    use crate::fixture::{cluster_component, fleet, yaml_of};

    const DEVELOPMENT: (&str, &str) = ("tier: production", "tier: development");

    #[test]
    fn an_environment_is_one_application() {
        let objects = cluster_component("argocd", &fleet("", &[]));
        insta::assert_snapshot!(yaml_of("Application", "hartmann-production", &objects), @r#"
        apiVersion: argoproj.io/v1alpha1
        kind: Application
        metadata:
          name: hartmann-production
          namespace: argocd
          labels:
            app.kubernetes.io/managed-by: formwork
            formwork/cost-centre: "4100"
            formwork/environment: production
            formwork/tenant: hartmann
            formwork/tier: production
          annotations:
            argocd.argoproj.io/compare-options: ServerSideDiff=true,IncludeMutationWebhook=true
            argocd.argoproj.io/sync-wave: "6"
        spec:
          destination:
            namespace: hartmann-production
            server: https://kubernetes.default.svc
          ignoreDifferences:
          - name: web
            group: apps
            jsonPointers:
            - /spec/replicas
            kind: Deployment
          project: hartmann-eu-central
          revisionHistoryLimit: 20
          source:
            directory:
              recurse: true
            path: generated/environments/hartmann/production
            repoURL: https://git.formwork.example/platform/erp.git
            targetRevision: main
          syncPolicy:
            automated:
              allowEmpty: false
              enabled: true
              prune: true
              selfHeal: true
            retry:
              backoff:
                duration: 30s
                factor: 2
                maxDuration: 5m
              limit: 10
              refresh: true
            syncOptions:
            - ServerSideApply=true
            - ApplyOutOfSyncOnly=true
            - PrunePropagationPolicy=foreground
            - PruneLast=true
            - RespectIgnoreDifferences=true
            - FailOnSharedResource=true
        "#);
    }

    #[test]
    fn an_add_on_is_one_application() {
        let objects = cluster_component("argocd", &fleet("", &[]));
        insta::assert_snapshot!(yaml_of("Application", "eu-central-barman-cloud", &objects), @r#"
        apiVersion: argoproj.io/v1alpha1
        kind: Application
        metadata:
          name: eu-central-barman-cloud
          namespace: argocd
          labels:
            app.kubernetes.io/managed-by: formwork
            formwork/cluster: eu-central
          annotations:
            argocd.argoproj.io/compare-options: ServerSideDiff=true,IncludeMutationWebhook=true
            argocd.argoproj.io/sync-wave: "4"
        spec:
          destination:
            namespace: cnpg-system
            server: https://kubernetes.default.svc
          project: platform-eu-central
          revisionHistoryLimit: 10
          source:
            chart: plugin-barman-cloud
            helm:
              releaseName: barman-cloud
              valuesObject:
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
            repoURL: https://cloudnative-pg.github.io/charts
            targetRevision: "0.7.0"
          syncPolicy:
            automated:
              allowEmpty: false
              enabled: true
              prune: true
              selfHeal: true
            retry:
              backoff:
                duration: 30s
                factor: 2
                maxDuration: 5m
              limit: 10
              refresh: true
            syncOptions:
            - ServerSideApply=true
            - ApplyOutOfSyncOnly=true
            - PrunePropagationPolicy=foreground
            - PruneLast=true
            - RespectIgnoreDifferences=true
            - FailOnSharedResource=true
            - SkipDryRunOnMissingResource=true
        "#);
    }

    #[test]
    fn only_what_can_be_lost_goes_with_its_application() {
        let finalizers = |replace: &[(&str, &str)]| {
            let objects = cluster_component("argocd", &fleet("", replace));
            let applications = objects.iter().filter_map(Object::view::<Application>);
            let with_finalizer = applications.filter(|application| application.metadata.finalizers.is_some());
            with_finalizer
                .filter_map(|application| application.metadata.name)
                .collect::<Vec<_>>()
        };
        assert_eq!(finalizers(&[]), [""; 0]);
        assert_eq!(finalizers(&[DEVELOPMENT]), ["hartmann-production"]);
    }

    #[test]
    fn every_folder_of_the_cluster_is_in_one_application() {
        let fleet = fleet("", &[]);
        let unit = &Unit::all(&fleet)[0];
        let applications: Vec<Application> = cluster_component("argocd", &fleet)
            .iter()
            .filter_map(Object::view)
            .collect();
        let sources = || {
            applications
                .iter()
                .filter_map(|it| it.spec.source.as_ref()?.directory.as_ref()?.include.clone())
        };
        for part in delivery::parts(&assemble(unit, COMPONENTS), COMPONENTS) {
            let folder = format!("{}/*", part.name);
            let has = |include: &String| include.trim_matches(['{', '}']).split(',').any(|it| it == folder);
            assert_eq!(sources().filter(has).count(), 1, "{folder}");
        }
    }

    #[test]
    fn the_autoscaler_owns_the_number_of_pods() {
        let fixed = fleet("  autoscaling: {minimum: 3, maximum: 3}\n", &[]);
        let objects = cluster_component("argocd", &fixed);
        assert!(!yaml_of("Application", "hartmann-production", &objects).contains("ignoreDifferences"));
    }

    #[test]
    fn where_flux_reconciles_there_is_nothing_of_argo_cd() {
        assert!(cluster_component("argocd", &fleet("", &[("engine: argocd", "engine: flux")])).is_empty());
    }
}
