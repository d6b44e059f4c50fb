//! The certificate issuers of a cluster: ACME accounts that prove a name by DNS, so that nothing need be reachable.

use serde_json::Value;

use crate::blueprint::{Build, Component, Place};
use crate::kinds::cert_manager::{Acme, ClusterIssuer, IssuerSpec, SecretKey, Solver};
use crate::manifest::Object;
use crate::model::{Cluster, Issuer};
use crate::words::*;

pub(super) const COMPONENT: Component = Component {
    name: "issuers",
    summary: "the certificate issuers",
    build: Build::Cluster(|at, cluster, _| build(at, cluster)),
    edges: Component::NO_EDGES,
    after: &["add-ons"],
};

fn build(at: &Place, cluster: &Cluster) -> Vec<Object> {
    cluster
        .spec
        .issuers
        .iter()
        .map(|given| issuer(at, given).into())
        .collect()
}

fn issuer(at: &Place, issuer: &Issuer) -> ClusterIssuer {
    ClusterIssuer {
        metadata: at.cluster_meta(issuer.name.as_str()),
        spec: IssuerSpec {
            acme: some(Acme {
                server: issuer.server.to_string(),
                email: some(issuer.email.to_string()),
                // cert-manager makes the account's key and keeps it here, in its own namespace.
                private_key_secret_ref: SecretKey {
                    name: format!("{}-account", issuer.name),
                    ..default()
                },
                solvers: vec![Solver {
                    dns01: Value::Object(issuer.dns01.clone()),
                    ..default()
                }],
                ..default()
            }),
            ..default()
        },
    }
}

#[cfg(test)]
mod tests {
    use crate::fixture::{cluster_component, fleet, yaml};

    #[test]
    fn an_issuer_solves_by_dns() {
        insta::assert_snapshot!(yaml(&cluster_component("issuers", &fleet("", &[]))), @r#"
        apiVersion: cert-manager.io/v1
        kind: ClusterIssuer
        metadata:
          name: letsencrypt
          labels:
            app.kubernetes.io/managed-by: formwork
            formwork/cluster: eu-central
          annotations:
            argocd.argoproj.io/sync-wave: "2"
        spec:
          acme:
            email: platform@formwork.example
            privateKeySecretRef:
              name: letsencrypt-account
            server: https://acme-v02.api.letsencrypt.org/directory
            solvers:
            - dns01:
                rfc2136:
                  nameserver: ns1.formwork.example:53
                  tsigAlgorithm: HMACSHA256
                  tsigKeyName: acme
                  tsigSecretSecretRef:
                    key: secret
                    name: acme-tsig
        "#);
    }
}
