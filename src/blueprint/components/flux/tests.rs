//! What guards Flux's Kustomizations.

use super::*;
use crate::fixture::{cluster_component, fleet, yaml_of};

const FLUX: (&str, &str) = ("engine: argocd", "engine: flux");
const DEVELOPMENT: (&str, &str) = ("tier: production", "tier: development");

fn kustomization_of(component: &str, replace: &[(&str, &str)]) -> Kustomization {
    let objects = cluster_component("flux", &fleet("", replace));
    let name = format!("hartmann-production-{component}");
    objects
        .iter()
        .find(|object| object.name == name)
        .and_then(Object::view)
        .unwrap()
}

#[test]
fn the_source_is_the_folder_of_the_output() {
    let objects = cluster_component("flux", &fleet("", &[FLUX]));
    insta::assert_snapshot!(yaml_of("GitRepository", "platform", &objects), @r#"
    apiVersion: source.toolkit.fluxcd.io/v1
    kind: GitRepository
    metadata:
      name: platform
      namespace: flux-system
      labels:
        app.kubernetes.io/managed-by: formwork
        formwork/cluster: eu-central
    spec:
      ignore: |
        /*
        !/generated/
        /generated/ownership.json
        /generated/runbooks/
      interval: 1m
      ref:
        branch: main
      url: https://git.formwork.example/platform/erp.git
    "#);
}

#[test]
fn a_folder_within_a_folder_is_let_in_step_by_step() {
    assert_eq!(
        ignore("deploy/out"),
        "/*\n!/deploy/\n/deploy/*\n!/deploy/out/\n/deploy/out/ownership.json\n/deploy/out/runbooks/\n"
    );
    assert_eq!(ignore(""), "/ownership.json\n/runbooks/\n");
}

#[test]
fn a_component_is_one_kustomization() {
    let objects = cluster_component("flux", &fleet("", &[FLUX]));
    insta::assert_snapshot!(yaml_of("Kustomization", "hartmann-production-migration", &objects), @r#"
    apiVersion: kustomize.toolkit.fluxcd.io/v1
    kind: Kustomization
    metadata:
      name: hartmann-production-migration
      namespace: flux-system
      labels:
        app.kubernetes.io/managed-by: formwork
        formwork/cost-centre: "4100"
        formwork/environment: production
        formwork/tenant: hartmann
        formwork/tier: production
    spec:
      deletionPolicy: MirrorPrune
      dependsOn:
      - name: hartmann-production-cache
      - name: hartmann-production-configuration
      - name: hartmann-production-database
      - name: hartmann-production-identity
      - name: hartmann-production-network
      - name: hartmann-production-storage
      force: false
      interval: 10m
      path: "./generated/environments/hartmann/production/migration"
      prune: true
      retryInterval: 2m
      serviceAccountName: tenant-hartmann
      sourceRef:
        kind: GitRepository
        name: platform
      timeout: 125m
      wait: true
    "#);
    insta::assert_snapshot!(yaml_of("Kustomization", "hartmann-production-database", &objects), @r#"
    apiVersion: kustomize.toolkit.fluxcd.io/v1
    kind: Kustomization
    metadata:
      name: hartmann-production-database
      namespace: flux-system
      labels:
        app.kubernetes.io/managed-by: formwork
        formwork/cost-centre: "4100"
        formwork/environment: production
        formwork/tenant: hartmann
        formwork/tier: production
    spec:
      deletionPolicy: Orphan
      dependsOn:
      - name: hartmann-production-secrets
      - name: hartmann-production-storage
      force: false
      healthCheckExprs:
      - apiVersion: postgresql.cnpg.io/v1
        current: status.conditions.exists(e, e.type == 'Ready' && e.status == 'True') || status.conditions.exists(e, e.type == 'cnpg.io/hibernation' && e.status == 'True')
        kind: Cluster
      interval: 10m
      path: "./generated/environments/hartmann/production/database"
      prune: false
      retryInterval: 2m
      serviceAccountName: tenant-hartmann
      sourceRef:
        kind: GitRepository
        name: platform
      timeout: 30m
      wait: true
    "#);
    insta::assert_snapshot!(yaml_of("Kustomization", "add-ons", &objects), @r#"
    apiVersion: kustomize.toolkit.fluxcd.io/v1
    kind: Kustomization
    metadata:
      name: add-ons
      namespace: flux-system
      labels:
        app.kubernetes.io/managed-by: formwork
        formwork/cluster: eu-central
    spec:
      deletionPolicy: Orphan
      dependsOn:
      - name: namespaces
      - name: priority-classes
      force: false
      interval: 10m
      path: "./generated/clusters/eu-central/add-ons"
      prune: false
      retryInterval: 2m
      sourceRef:
        kind: GitRepository
        name: platform
      timeout: 45m
      wait: true
    "#);
}

#[test]
fn data_outlives_its_environment_unless_it_can_be_lost() {
    for component in delivery::DATA_COMPONENTS {
        let kept = kustomization_of(component, &[FLUX]).spec;
        assert_eq!(
            (kept.prune, kept.deletion_policy.as_deref()),
            (false, Some("Orphan")),
            "{component}"
        );
        let lost = kustomization_of(component, &[FLUX, DEVELOPMENT]).spec;
        let policy = if *component == "namespace" {
            "Orphan"
        } else {
            "MirrorPrune"
        };
        assert_eq!(
            (lost.prune, lost.deletion_policy.as_deref()),
            (true, Some(policy)),
            "{component}"
        );
    }
}

#[test]
fn the_rights_to_clear_up_are_still_there_when_an_environment_goes() {
    let objects = cluster_component("flux", &fleet("", &[FLUX, DEVELOPMENT]));
    let account = objects.iter().find(|object| object.kind == "ServiceAccount").unwrap();
    assert_eq!(
        account.annotation("kustomize.toolkit.fluxcd.io/prune"),
        Some("disabled")
    );
    let identity = kustomization_of("identity", &[FLUX, DEVELOPMENT]).spec;
    assert_eq!(identity.deletion_policy.as_deref(), Some("Orphan"));
}

#[test]
fn nothing_waits_for_a_claim_whose_pod_comes_later() {
    let storage = kustomization_of("storage", &[FLUX]).spec;
    assert_eq!(storage.wait, Some(false));
    assert!(
        storage
            .health_checks
            .iter()
            .all(|check| check.kind != "PersistentVolumeClaim")
    );
    assert_eq!(kustomization_of("cache", &[FLUX]).spec.wait, Some(true));
}

#[test]
fn a_tenant_does_not_set_its_own_bounds() {
    let account = |component| kustomization_of(component, &[FLUX]).spec.service_account_name;
    assert!(BOUNDS.iter().all(|component| account(component).is_none()));
    assert_eq!(account("odoo").as_deref(), Some("tenant-hartmann"));
    let storage = kustomization_of("storage", &[FLUX]).spec;
    assert!(
        storage
            .depends_on
            .iter()
            .any(|earlier| earlier.name == "hartmann-production-identity")
    );
}

#[test]
fn the_longest_name_fits_a_label() {
    // The model refuses a namespace of more than 48 characters.
    let of_environment = |it: &&Component| matches!(it.build, Build::Environment(_) | Build::Closing(_));
    let names = crate::blueprint::COMPONENTS
        .iter()
        .filter(of_environment)
        .map(|it| it.name);
    assert!(names.clone().count() > 3);
    assert_eq!(
        names.filter(|name| 48 + 1 + name.len() > 63).collect::<Vec<_>>(),
        [""; 0]
    );
}

#[test]
fn where_argo_cd_reconciles_there_is_nothing_of_flux() {
    assert!(cluster_component("flux", &fleet("", &[])).is_empty());
}
