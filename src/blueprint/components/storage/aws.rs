//! A bucket on AWS as Crossplane makes it: five objects, since AWS sets each side of a bucket by a call of its own.
//!
//! Whoever deletes the objects keeps the bucket, its old versions and its walls.

use crate::blueprint::Place;
use crate::kinds::ObjectMeta;
use crate::kinds::object_storage::*;
use crate::manifest::Object;
use crate::model::Environment;
use crate::words::*;

/// Days after which the parts of an upload that never ended are removed.
const ABANDONED_UPLOAD_DAYS: i64 = 7;

/// A private, encrypted bucket that keeps what was overwritten or deleted for some days.
pub(super) fn bucket(at: &Place, env: &Environment, name: &str, purpose: &str, days_kept: i64) -> Vec<Object> {
    vec![
        itself(at, env, name, purpose).into(),
        versioning(at, env, name).into(),
        lifecycle(at, env, name, days_kept).into(),
        encryption(at, env, name).into(),
        privacy(at, env, name).into(),
    ]
}

fn itself(at: &Place, env: &Environment, name: &str, purpose: &str) -> Bucket {
    Bucket {
        metadata: ObjectMeta {
            annotations: some(map([("crossplane.io/external-name", &env.bucket(purpose))])),
            ..at.meta(name)
        },
        spec: BucketSpec {
            for_provider: BucketParameters {
                region: region(env),
                ..default()
            },
            provider_config_ref: provider(env),
            management_policies: without_deletion(),
        },
    }
}

fn versioning(at: &Place, env: &Environment, name: &str) -> BucketVersioning {
    BucketVersioning {
        metadata: at.meta(name),
        spec: BucketVersioningSpec {
            for_provider: BucketVersioningParameters {
                region: region(env),
                bucket_ref: reference(name),
                versioning_configuration: some(VersioningConfiguration {
                    status: some("Enabled"),
                }),
            },
            provider_config_ref: provider(env),
            management_policies: without_deletion(),
        },
    }
}

/// Only what is no longer current expires: if backups stop, the last ones stay.
fn lifecycle(at: &Place, env: &Environment, name: &str, days_kept: i64) -> BucketLifecycleConfiguration {
    let rule = LifecycleRule {
        id: some("expire-noncurrent"),
        status: some("Enabled"),
        filter: vec![LifecycleFilter { prefix: some("") }],
        expiration: vec![Expiration {
            expired_object_delete_marker: Some(true),
            ..default()
        }],
        noncurrent_version_expiration: vec![NoncurrentVersionExpiration {
            noncurrent_days: Some(days_kept),
            ..default()
        }],
        abort_incomplete_multipart_upload: vec![AbortIncompleteMultipartUpload {
            days_after_initiation: Some(ABANDONED_UPLOAD_DAYS),
        }],
        ..default()
    };
    BucketLifecycleConfiguration {
        metadata: at.meta(name),
        spec: BucketLifecycleConfigurationSpec {
            for_provider: BucketLifecycleParameters {
                region: region(env),
                bucket_ref: reference(name),
                rule: vec![rule],
            },
            provider_config_ref: provider(env),
            management_policies: without_deletion(),
        },
    }
}

fn encryption(at: &Place, env: &Environment, name: &str) -> BucketServerSideEncryptionConfiguration {
    let aes = DefaultEncryption {
        sse_algorithm: some("AES256"),
        ..default()
    };
    BucketServerSideEncryptionConfiguration {
        metadata: at.meta(name),
        spec: BucketServerSideEncryptionConfigurationSpec {
            for_provider: BucketEncryptionParameters {
                region: region(env),
                bucket_ref: reference(name),
                rule: vec![EncryptionRule {
                    apply_server_side_encryption_by_default: some(aes),
                    ..default()
                }],
            },
            provider_config_ref: provider(env),
            management_policies: without_deletion(),
        },
    }
}

fn privacy(at: &Place, env: &Environment, name: &str) -> BucketPublicAccessBlock {
    BucketPublicAccessBlock {
        metadata: at.meta(name),
        spec: BucketPublicAccessBlockSpec {
            for_provider: BucketPublicAccessParameters {
                region: region(env),
                bucket_ref: reference(name),
                block_public_acls: Some(true),
                block_public_policy: Some(true),
                ignore_public_acls: Some(true),
                restrict_public_buckets: Some(true),
            },
            provider_config_ref: provider(env),
            management_policies: without_deletion(),
        },
    }
}

fn region(env: &Environment) -> String {
    env.cluster.spec.object_storage.region.to_string()
}

fn reference(name: &str) -> Option<BucketRef> {
    some(BucketRef { name: name.into() })
}

fn provider(env: &Environment) -> Option<ProviderConfigRef> {
    let class = env.cluster.spec.object_storage.class.as_ref()?;
    some(ProviderConfigRef {
        kind: "ClusterProviderConfig".into(),
        name: class.to_string(),
    })
}

/// Everything but `Delete`.
fn without_deletion() -> Vec<String> {
    texts(["Observe", "Create", "Update", "LateInitialize"])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{environment, yaml_of};

    fn built() -> Vec<Object> {
        let env = environment(
            "",
            &[("backend: existing", "backend: crossplane-aws\n    class: aws-erp")],
        );
        bucket(
            &Place::of_environment(&env, vec![]),
            &env,
            "backup-bucket",
            "backup",
            37,
        )
    }

    #[test]
    fn a_bucket_is_called_as_s3_wants_it() {
        insta::assert_snapshot!(yaml_of("Bucket", "backup-bucket", &built()), @r#"
        apiVersion: s3.aws.m.upbound.io/v1beta1
        kind: Bucket
        metadata:
          name: backup-bucket
          namespace: hartmann-production
          labels:
            app.kubernetes.io/managed-by: formwork
            formwork/cost-centre: "4100"
            formwork/environment: production
            formwork/tenant: hartmann
            formwork/tier: production
          annotations:
            crossplane.io/external-name: fw-eu-hartmann-production-backup
        spec:
          forProvider:
            region: eu-central-1
          managementPolicies:
          - Observe
          - Create
          - Update
          - LateInitialize
          providerConfigRef:
            kind: ClusterProviderConfig
            name: aws-erp
        "#);
    }

    #[test]
    fn only_what_is_no_longer_current_expires() {
        insta::assert_snapshot!(yaml_of("BucketLifecycleConfiguration", "backup-bucket", &built()), @r#"
        apiVersion: s3.aws.m.upbound.io/v1beta1
        kind: BucketLifecycleConfiguration
        metadata:
          name: backup-bucket
          namespace: hartmann-production
          labels:
            app.kubernetes.io/managed-by: formwork
            formwork/cost-centre: "4100"
            formwork/environment: production
            formwork/tenant: hartmann
            formwork/tier: production
        spec:
          forProvider:
            bucketRef:
              name: backup-bucket
            region: eu-central-1
            rule:
            - abortIncompleteMultipartUpload:
              - daysAfterInitiation: 7
              expiration:
              - expiredObjectDeleteMarker: true
              filter:
              - prefix: ""
              id: expire-noncurrent
              noncurrentVersionExpiration:
              - noncurrentDays: 37
              status: Enabled
          managementPolicies:
          - Observe
          - Create
          - Update
          - LateInitialize
          providerConfigRef:
            kind: ClusterProviderConfig
            name: aws-erp
        "#);
    }

    #[test]
    fn a_bucket_and_its_walls_outlive_their_objects() {
        let objects = built();
        assert_eq!(objects.len(), 5);
        for object in objects {
            let policies = object.value["spec"]["managementPolicies"].to_string();
            assert!(
                !policies.contains("Delete") && !policies.contains('*'),
                "{}",
                object.kind
            );
        }
    }
}
