//! Buckets as custom resources: Rook's and NooBaa's claim, and Crossplane's AWS provider with its namespaced kinds.
//!
//! Crossplane describes a bucket in several objects; all but the first name the bucket through `bucketRef`.

use std::collections::BTreeMap;

use super::custom::{fields, kind};

kind!(
    /// A request for a bucket with its own credentials (lib-bucket-provisioner, as Rook and NooBaa serve it).
    ObjectBucketClaim(ObjectBucketClaimSpec) = Namespaced "objectbucket.io" / "v1alpha1" / "objectbucketclaims"
);
kind!(
    /// A bucket (provider-upjet-aws 2, as all below).
    Bucket(BucketSpec) = Namespaced "s3.aws.m.upbound.io" / "v1beta1" / "buckets"
);
kind!(
    /// Whether a bucket keeps overwritten objects (provider-upjet-aws 2).
    BucketVersioning(BucketVersioningSpec) = Namespaced "s3.aws.m.upbound.io" / "v1beta1" / "bucketversionings"
);
kind!(
    /// When a bucket's objects expire or move (provider-upjet-aws 2).
    BucketLifecycleConfiguration(BucketLifecycleConfigurationSpec) =
        Namespaced "s3.aws.m.upbound.io" / "v1beta1" / "bucketlifecycleconfigurations"
);
kind!(
    /// How a bucket's objects are encrypted at rest (provider-upjet-aws 2).
    BucketServerSideEncryptionConfiguration(BucketServerSideEncryptionConfigurationSpec) =
        Namespaced "s3.aws.m.upbound.io" / "v1beta1" / "bucketserversideencryptionconfigurations"
);
kind!(
    /// The walls that keep a bucket private (provider-upjet-aws 2).
    BucketPublicAccessBlock(BucketPublicAccessBlockSpec) =
        Namespaced "s3.aws.m.upbound.io" / "v1beta1" / "bucketpublicaccessblocks"
);

fields! {
    ObjectBucketClaimSpec {
        bucket_name: Option<String>,
        generate_bucket_name: Option<String>,
        storage_class_name: Option<String>,
        additional_config: BTreeMap<String, String>,
    }
}

fields! {
    BucketSpec {
        for_provider: BucketParameters,
        provider_config_ref: Option<ProviderConfigRef>,
        management_policies: Vec<String>,
    }
    BucketVersioningSpec {
        for_provider: BucketVersioningParameters,
        provider_config_ref: Option<ProviderConfigRef>,
        management_policies: Vec<String>,
    }
    BucketLifecycleConfigurationSpec {
        for_provider: BucketLifecycleParameters,
        provider_config_ref: Option<ProviderConfigRef>,
        management_policies: Vec<String>,
    }
    BucketServerSideEncryptionConfigurationSpec {
        for_provider: BucketEncryptionParameters,
        provider_config_ref: Option<ProviderConfigRef>,
        management_policies: Vec<String>,
    }
    BucketPublicAccessBlockSpec {
        for_provider: BucketPublicAccessParameters,
        provider_config_ref: Option<ProviderConfigRef>,
        management_policies: Vec<String>,
    }
    ProviderConfigRef {
        kind: String,
        name: String,
    }
    BucketRef {
        name: String,
    }
    BucketParameters {
        region: String,
        object_lock_enabled: Option<bool>,
        force_destroy: Option<bool>,
        tags: BTreeMap<String, String>,
    }
    BucketVersioningParameters {
        region: String,
        bucket_ref: Option<BucketRef>,
        versioning_configuration: Option<VersioningConfiguration>,
    }
    VersioningConfiguration {
        status: Option<String>,
    }
    BucketPublicAccessParameters {
        region: String,
        bucket_ref: Option<BucketRef>,
        block_public_acls: Option<bool>,
        block_public_policy: Option<bool>,
        ignore_public_acls: Option<bool>,
        restrict_public_buckets: Option<bool>,
    }
    BucketEncryptionParameters {
        region: String,
        bucket_ref: Option<BucketRef>,
        rule: Vec<EncryptionRule>,
    }
    EncryptionRule {
        apply_server_side_encryption_by_default: Option<DefaultEncryption>,
        bucket_key_enabled: Option<bool>,
    }
    DefaultEncryption {
        sse_algorithm: Option<String>,
        kms_master_key_id: Option<String>,
    }
}

fields! {
    BucketLifecycleParameters {
        region: String,
        bucket_ref: Option<BucketRef>,
        rule: Vec<LifecycleRule>,
    }
    /// A rule; every part that upstream allows once is a list all the same.
    LifecycleRule {
        id: Option<String>,
        status: Option<String>,
        filter: Vec<LifecycleFilter>,
        expiration: Vec<Expiration>,
        noncurrent_version_expiration: Vec<NoncurrentVersionExpiration>,
        transition: Vec<Transition>,
        noncurrent_version_transition: Vec<NoncurrentVersionTransition>,
        abort_incomplete_multipart_upload: Vec<AbortIncompleteMultipartUpload>,
    }
    LifecycleFilter {
        prefix: Option<String>,
    }
    Expiration {
        days: Option<i64>,
        date: Option<String>,
        expired_object_delete_marker: Option<bool>,
    }
    NoncurrentVersionExpiration {
        noncurrent_days: Option<i64>,
        newer_noncurrent_versions: Option<i64>,
    }
    Transition {
        days: Option<i64>,
        date: Option<String>,
        storage_class: Option<String>,
    }
    NoncurrentVersionTransition {
        noncurrent_days: Option<i64>,
        newer_noncurrent_versions: Option<i64>,
        storage_class: Option<String>,
    }
    AbortIncompleteMultipartUpload {
        days_after_initiation: Option<i64>,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::kinds::unknown_fields;

    #[test]
    fn a_lifecycle_rule_is_lists_all_the_way() {
        let mut value = json!({
            "apiVersion": "s3.aws.m.upbound.io/v1beta1",
            "kind": "BucketLifecycleConfiguration",
            "metadata": {"name": "exports"},
            "spec": {
                "forProvider": {
                    "region": "eu-central-1",
                    "bucketRef": {"name": "exports"},
                    "rule": [{
                        "id": "expire",
                        "status": "Enabled",
                        "filter": [{"prefix": ""}],
                        "expiration": [{"days": 30}],
                        "abortIncompleteMultipartUpload": [{"daysAfterInitiation": 7}],
                    }],
                },
                "providerConfigRef": {"kind": "ClusterProviderConfig", "name": "aws"},
            },
        });
        assert_eq!(unknown_fields(&value), Some(Ok(vec![])));
        value["spec"]["forProvider"]["rule"][0]["expiration"] = json!({"days": 30});
        let error = unknown_fields(&value).unwrap().unwrap_err();
        assert_eq!(
            error,
            "spec.forProvider.rule[0].expiration: invalid type: map, expected a sequence"
        );
    }
}
