//! How Traefik speaks TLS: the options of every route that sets none, and a certificate for names of the cluster.
//!
//! Only one store and one set of options called `default` count in a whole cluster; both are here.

use crate::blueprint::names::*;
use crate::blueprint::{Build, Component, Place};
use crate::kinds::cert_manager::{Certificate, CertificateSpec, IssuerRef, PrivateKey};
use crate::kinds::traefik::{StoredCertificate, TLSOption, TLSOptionSpec, TLSStore, TLSStoreSpec};
use crate::manifest::Object;
use crate::model::{Cluster, Issuer};
use crate::words::*;

pub(super) const COMPONENT: Component = Component {
    name: "tls",
    summary: "Traefik's TLS options and default certificate",
    build: Build::Cluster(|at, cluster, _| build(at, cluster)),
    edges: Component::NO_EDGES,
    after: &["add-ons", "issuers", "namespaces"],
};

fn build(at: &Place, cluster: &Cluster) -> Vec<Object> {
    let mut objects = vec![options(at).into()];
    if let Some(issuer) = cluster.spec.issuers.first() {
        objects.extend([certificate(at, cluster, issuer).into(), store(at).into()]);
    }
    objects
}

fn options(at: &Place) -> TLSOption {
    TLSOption {
        metadata: at.meta_in(TRAEFIK_NAMESPACE, "default"),
        spec: TLSOptionSpec {
            min_version: some("VersionTLS12"),
            // Of TLS 1.2, only what has forward secrecy and authenticated encryption; TLS 1.3 has nothing else.
            cipher_suites: texts([
                "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
                "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
                "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
                "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
                "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
                "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
            ]),
            alpn_protocols: texts(["h2", "http/1.1"]),
            // Whoever asks for a name that is not ours learns nothing, not even a certificate.
            sni_strict: Some(true),
            ..default()
        },
    }
}

fn certificate(at: &Place, cluster: &Cluster, issuer: &Issuer) -> Certificate {
    Certificate {
        metadata: at.meta_in(TRAEFIK_NAMESPACE, WILDCARD_SECRET),
        spec: CertificateSpec {
            secret_name: WILDCARD_SECRET.into(),
            dns_names: vec![format!("*.{}", cluster.spec.domain)],
            issuer_ref: IssuerRef {
                name: issuer.name.to_string(),
                kind: some("ClusterIssuer"),
                group: some("cert-manager.io"),
            },
            duration: some("2160h"),
            renew_before_percentage: Some(33),
            private_key: some(PrivateKey {
                algorithm: some("ECDSA"),
                size: Some(256),
                rotation_policy: some("Always"),
                ..default()
            }),
            revision_history_limit: Some(3),
            ..default()
        },
    }
}

fn store(at: &Place) -> TLSStore {
    let wildcard = StoredCertificate {
        secret_name: WILDCARD_SECRET.into(),
    };
    TLSStore {
        metadata: at.meta_in(TRAEFIK_NAMESPACE, "default"),
        spec: TLSStoreSpec {
            default_certificate: some(wildcard.clone()),
            // With `sniStrict` the default certificate is never shown; a listed one is, to whoever asks for its names.
            certificates: vec![wildcard],
        },
    }
}

#[cfg(test)]
mod tests {
    use crate::fixture::{cluster_component, fleet, yaml};

    #[test]
    fn the_whole_cluster_has_one_store_and_one_set_of_options() {
        insta::assert_snapshot!(yaml(&cluster_component("tls", &fleet("", &[]))), @r#"
        apiVersion: traefik.io/v1alpha1
        kind: TLSOption
        metadata:
          name: default
          namespace: traefik
          labels:
            app.kubernetes.io/managed-by: formwork
            formwork/cluster: eu-central
          annotations:
            argocd.argoproj.io/sync-wave: "3"
        spec:
          alpnProtocols:
          - h2
          - http/1.1
          cipherSuites:
          - TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256
          - TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256
          - TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384
          - TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384
          - TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256
          - TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256
          minVersion: VersionTLS12
          sniStrict: true
        ---
        apiVersion: cert-manager.io/v1
        kind: Certificate
        metadata:
          name: wildcard-default-tls
          namespace: traefik
          labels:
            app.kubernetes.io/managed-by: formwork
            formwork/cluster: eu-central
          annotations:
            argocd.argoproj.io/sync-wave: "3"
        spec:
          dnsNames:
          - "*.eu.erp.formwork.example"
          duration: 2160h
          issuerRef:
            group: cert-manager.io
            kind: ClusterIssuer
            name: letsencrypt
          privateKey:
            algorithm: ECDSA
            rotationPolicy: Always
            size: 256
          renewBeforePercentage: 33
          revisionHistoryLimit: 3
          secretName: wildcard-default-tls
        ---
        apiVersion: traefik.io/v1alpha1
        kind: TLSStore
        metadata:
          name: default
          namespace: traefik
          labels:
            app.kubernetes.io/managed-by: formwork
            formwork/cluster: eu-central
          annotations:
            argocd.argoproj.io/sync-wave: "3"
        spec:
          certificates:
          - secretName: wildcard-default-tls
          defaultCertificate:
            secretName: wildcard-default-tls
        "#);
    }
}
