//! The custom resources of cert-manager 1.21: certificates and who signs them.
//!
//! A challenge solver is free-form, because each DNS provider has its own fields.

use std::collections::BTreeMap;

use serde_json::Value;

use super::custom::{fields, kind};

kind!(
    /// A certificate that is issued into a secret and renewed there (cert-manager 1.21).
    Certificate(CertificateSpec) = Namespaced "cert-manager.io" / "v1" / "certificates"
);
kind!(
    /// An authority that signs for every namespace (cert-manager 1.21). Exactly one of its fields is set.
    ClusterIssuer(IssuerSpec) = Cluster "cert-manager.io" / "v1" / "clusterissuers"
);

fields! {
    CertificateSpec {
        secret_name: String,
        secret_template: Option<SecretTemplate>,
        issuer_ref: IssuerRef,
        common_name: Option<String>,
        dns_names: Vec<String>,
        ip_addresses: Vec<String>,
        uris: Vec<String>,
        #[serde(rename = "isCA")]
        is_ca: Option<bool>,
        usages: Vec<String>,
        duration: Option<String>,
        renew_before: Option<String>,
        renew_before_percentage: Option<i32>,
        private_key: Option<PrivateKey>,
        revision_history_limit: Option<i32>,
        subject: Option<Subject>,
    }
    SecretTemplate {
        annotations: BTreeMap<String, String>,
        labels: BTreeMap<String, String>,
    }
    IssuerRef {
        name: String,
        kind: Option<String>,
        group: Option<String>,
    }
    PrivateKey {
        algorithm: Option<String>,
        encoding: Option<String>,
        size: Option<i64>,
        rotation_policy: Option<String>,
    }
    Subject {
        organizations: Vec<String>,
        organizational_units: Vec<String>,
        countries: Vec<String>,
    }
}

fields! {
    IssuerSpec {
        acme: Option<Acme>,
        ca: Option<CA>,
        self_signed: Option<SelfSigned>,
    }
    Acme {
        server: String,
        email: Option<String>,
        private_key_secret_ref: SecretKey,
        external_account_binding: Option<ExternalAccountBinding>,
        preferred_chain: Option<String>,
        profile: Option<String>,
        ca_bundle: Option<String>,
        solvers: Vec<Solver>,
    }
    SecretKey {
        name: String,
        key: Option<String>,
    }
    ExternalAccountBinding {
        #[serde(rename = "keyID")]
        key_id: String,
        key_secret_ref: SecretKey,
    }
    Solver {
        selector: Option<SolverSelector>,
        dns01: Value,
        http01: Value,
    }
    SolverSelector {
        dns_names: Vec<String>,
        dns_zones: Vec<String>,
        match_labels: BTreeMap<String, String>,
    }
    CA {
        secret_name: String,
        crl_distribution_points: Vec<String>,
        #[serde(rename = "issuingCertificateURLs")]
        issuing_certificate_urls: Vec<String>,
        ocsp_servers: Vec<String>,
    }
    SelfSigned {
        crl_distribution_points: Vec<String>,
    }
}
