//! The secret stores of a cluster, each open to the namespaces of its tiers alone.
//!
//! This is the wall between production's secrets and the rest: a store refuses a namespace of another tier, whatever
//! is written there.

use serde_json::Value;

use crate::blueprint::{Build, Component, Place};
use crate::kinds::external_secrets::{ClusterSecretStore, ClusterSecretStoreSpec, Condition};
use crate::kinds::{LabelSelector, LabelSelectorRequirement};
use crate::manifest::Object;
use crate::model::{Cluster, SecretStore};
use crate::words::*;

pub(super) const COMPONENT: Component = Component {
    name: "secret-stores",
    summary: "the secret stores and the tiers that may read them",
    build: Build::Cluster(|at, cluster, _| build(at, cluster)),
    edges: Component::NO_EDGES,
    after: &["add-ons"],
};

fn build(at: &Place, cluster: &Cluster) -> Vec<Object> {
    cluster
        .spec
        .secret_stores
        .iter()
        .filter_map(|given| Some(store(at, given)?.into()))
        .collect()
}

/// Nothing for a store that exists already.
fn store(at: &Place, store: &SecretStore) -> Option<ClusterSecretStore> {
    let tiers = store.tiers.iter().map(|tier| tier.as_str().to_owned());
    let of_tiers = LabelSelectorRequirement {
        key: "formwork/tier".into(),
        operator: "In".into(),
        values: Some(tiers.collect()),
    };
    Some(ClusterSecretStore {
        metadata: at.cluster_meta(store.name.as_str()),
        spec: ClusterSecretStoreSpec {
            provider: Value::Object(store.provider.clone()?),
            conditions: vec![Condition {
                namespace_selector: some(LabelSelector {
                    match_expressions: some([of_tiers]),
                    ..default()
                }),
                ..default()
            }],
            ..default()
        },
    })
}

#[cfg(test)]
mod tests {
    use crate::fixture::{cluster_component, fleet, yaml};

    #[test]
    fn a_store_admits_the_namespaces_of_its_tiers_and_one_that_exists_is_left_alone() {
        insta::assert_snapshot!(yaml(&cluster_component("secret-stores", &fleet("", &[]))), @r#"
        apiVersion: external-secrets.io/v1
        kind: ClusterSecretStore
        metadata:
          name: vault-live
          labels:
            app.kubernetes.io/managed-by: formwork
            formwork/cluster: eu-central
          annotations:
            argocd.argoproj.io/sync-wave: "2"
        spec:
          conditions:
          - namespaceSelector:
              matchExpressions:
              - key: formwork/tier
                operator: In
                values:
                - production
                - recovery
          provider:
            vault:
              path: live
              server: https://vault.formwork.example
              version: v2
        "#);
    }
}
