//! The image policies of a cluster: who must have signed what runs in environments.
//!
//! The policy controller refuses an image that no policy names, so the images that the PostgreSQL operator puts into
//! pods by itself are named too.

use crate::blueprint::{Build, Component, Place, charts};
use crate::kinds::sigstore::*;
use crate::manifest::Object;
use crate::model::{AddOn, Cluster, ImageSignature, Signer};
use crate::words::*;

pub(super) const COMPONENT: Component = Component {
    name: "image-policies",
    summary: "the signatures that images need",
    build: Build::Cluster(|at, cluster, _| build(at, cluster)),
    edges: Component::NO_EDGES,
    after: &["add-ons"],
};

/// Sigstore's public authority, which issues certificates for signing identities.
const FULCIO: &str = "https://fulcio.sigstore.dev";
/// Sigstore's public log of signatures.
const REKOR: &str = "https://rekor.sigstore.dev";

fn build(at: &Place, cluster: &Cluster) -> Vec<Object> {
    if !cluster.has(AddOn::PolicyController) {
        return vec![];
    }
    let declared = cluster
        .platform
        .spec
        .image_signatures
        .iter()
        .map(|given| signed(at, given).into());
    declared.chain(of_operator(at, cluster).map(Into::into)).collect()
}

fn signed(at: &Place, signature: &ImageSignature) -> ClusterImagePolicy {
    let authority = signature.signer.as_ref().map_or_else(trusted, keyless);
    policy(at, signature.name.as_str(), signature.images.clone(), authority)
}

fn of_operator(at: &Place, cluster: &Cluster) -> Option<ClusterImagePolicy> {
    let images = charts::images_in_environments(cluster);
    // The name goes on with a tag, or with the digest that the controller puts in its place.
    let globs: Vec<String> = images.into_iter().map(|image| format!("{image}*")).collect();
    (!globs.is_empty()).then(|| policy(at, "database-operator", globs, trusted()))
}

fn policy(at: &Place, name: &str, globs: Vec<String>, authority: Authority) -> ClusterImagePolicy {
    ClusterImagePolicy {
        metadata: at.cluster_meta(name),
        spec: ClusterImagePolicySpec {
            mode: some("enforce"),
            images: globs.into_iter().map(|glob| Image { glob }).collect(),
            authorities: vec![authority],
            ..default()
        },
    }
}

/// A signature by an identity, made with a key that lived for minutes, and entered into the public log.
fn keyless(signer: &Signer) -> Authority {
    let identity = Identity {
        issuer: some(signer.issuer.to_string()),
        subject_reg_exp: some(signer.subject.as_str()),
        ..default()
    };
    Authority {
        name: some("signer"),
        keyless: some(Keyless {
            url: some(FULCIO),
            identities: vec![identity],
            ..default()
        }),
        ctlog: some(TransparencyLog {
            url: some(REKOR),
            ..default()
        }),
        ..default()
    }
}

/// No signature: the registry and the digest are trusted.
fn trusted() -> Authority {
    Authority {
        name: some("trusted"),
        static_: some(Static {
            action: "pass".into(),
            ..default()
        }),
        ..default()
    }
}

#[cfg(test)]
mod tests {
    use crate::fixture::{cluster_component, fleet, yaml, yaml_of};

    #[test]
    fn images_need_their_signer() {
        let objects = cluster_component("image-policies", &fleet("", &[]));
        insta::assert_snapshot!(yaml_of("ClusterImagePolicy", "erp-releases", &objects), @r#"
        apiVersion: policy.sigstore.dev/v1beta1
        kind: ClusterImagePolicy
        metadata:
          name: erp-releases
          labels:
            app.kubernetes.io/managed-by: formwork
            formwork/cluster: eu-central
          annotations:
            argocd.argoproj.io/sync-wave: "2"
        spec:
          authorities:
          - name: signer
            ctlog:
              url: https://rekor.sigstore.dev
            keyless:
              identities:
              - issuer: https://token.formwork.example
                subjectRegExp: ^https://git[.]formwork[.]example/erp/images@refs/tags/.+$
              url: https://fulcio.sigstore.dev
          images:
          - glob: registry.formwork.example/erp/**
          mode: enforce
        "#);
    }

    #[test]
    fn images_of_the_operator_are_named_since_the_controller_refuses_the_unknown() {
        let objects = cluster_component("image-policies", &fleet("", &[]));
        insta::assert_snapshot!(yaml_of("ClusterImagePolicy", "database-operator", &objects), @r#"
        apiVersion: policy.sigstore.dev/v1beta1
        kind: ClusterImagePolicy
        metadata:
          name: database-operator
          labels:
            app.kubernetes.io/managed-by: formwork
            formwork/cluster: eu-central
          annotations:
            argocd.argoproj.io/sync-wave: "2"
        spec:
          authorities:
          - name: trusted
            static:
              action: pass
          images:
          - glob: ghcr.io/cloudnative-pg/cloudnative-pg*
          - glob: ghcr.io/cloudnative-pg/plugin-barman-cloud-sidecar*
          mode: enforce
        "#);
    }

    #[test]
    fn a_mirrored_operator_is_named_as_it_is_mirrored() {
        let mirrored = r#"version: "0.29.0", values: {image: {repository: registry.formwork.example/platform/cnpg}}"#;
        let fleet = fleet("", &[(r#"version: "0.29.0""#, mirrored)]);
        let objects = cluster_component("image-policies", &fleet);
        let policy = yaml_of("ClusterImagePolicy", "database-operator", &objects);
        assert!(
            policy.contains("glob: registry.formwork.example/platform/cnpg*"),
            "{policy}"
        );
    }

    #[test]
    fn without_the_controller_there_are_none() {
        let fleet = fleet("", &[(", policy-controller]", "]")]);
        assert_eq!(yaml(&cluster_component("image-policies", &fleet)), "");
    }
}
