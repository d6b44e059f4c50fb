//! The custom resource of the Sigstore policy controller 0.15: which images must be signed, and by whom.
//!
//! Every list may be left out; the controller judges an image by the policies whose glob it matches.

use super::{
    LabelSelector,
    custom::{fields, kind},
};

kind!(
    /// The signatures that images with these names need (policy-controller 0.15).
    ClusterImagePolicy(ClusterImagePolicySpec) = Cluster "policy.sigstore.dev" / "v1beta1" / "clusterimagepolicies"
);

fields! {
    ClusterImagePolicySpec {
        mode: Option<String>,
        images: Vec<Image>,
        #[serde(rename = "match")]
        match_: Vec<Match>,
        authorities: Vec<Authority>,
        policy: Option<Policy>,
    }
    Image {
        glob: String,
    }
    Match {
        group: Option<String>,
        version: Option<String>,
        resource: Option<String>,
        selector: Option<LabelSelector>,
    }
    /// One way for an image to pass.
    Authority {
        name: Option<String>,
        key: Option<Key>,
        keyless: Option<Keyless>,
        #[serde(rename = "static")]
        static_: Option<Static>,
        ctlog: Option<TransparencyLog>,
        source: Vec<Source>,
        attestations: Vec<Attestation>,
        rfc3161timestamp: Option<Timestamp>,
        signature_format: Option<String>,
    }
    Key {
        data: Option<String>,
        secret_ref: Option<SecretRef>,
        kms: Option<String>,
        hash_algorithm: Option<String>,
    }
    SecretRef {
        name: String,
        namespace: Option<String>,
    }
    Keyless {
        url: Option<String>,
        identities: Vec<Identity>,
        trust_root_ref: Option<String>,
        #[serde(rename = "ca-cert")]
        ca_cert: Option<Key>,
    }
    Identity {
        issuer: Option<String>,
        issuer_reg_exp: Option<String>,
        subject: Option<String>,
        subject_reg_exp: Option<String>,
    }
    Static {
        action: String,
        message: Option<String>,
    }
    TransparencyLog {
        url: Option<String>,
        trust_root_ref: Option<String>,
    }
    Source {
        oci: Option<String>,
        tag_prefix: Option<String>,
        signature_pull_secrets: Vec<PullSecret>,
    }
    PullSecret {
        name: String,
    }
    Attestation {
        name: String,
        predicate_type: String,
        policy: Option<Policy>,
    }
    Policy {
        #[serde(rename = "type")]
        type_: String,
        data: Option<String>,
        config_map_ref: Option<ConfigMapRef>,
        include_spec: Option<bool>,
        include_object_meta: Option<bool>,
        include_type_meta: Option<bool>,
        fetch_config_file: Option<bool>,
    }
    ConfigMapRef {
        name: String,
        namespace: Option<String>,
        key: Option<String>,
    }
    Timestamp {
        trust_root_ref: Option<String>,
    }
}
