//! Where data outlives its pods: the shared volume, the buckets, and the place of the database's backups.
//!
//! Buckets keep what was overwritten or deleted for a while, and none goes with the object that asked for it.

mod aws;

use crate::blueprint::names::*;
use crate::blueprint::{Build, Component, Place};
use crate::kinds::object_storage::{ObjectBucketClaim, ObjectBucketClaimSpec};
use crate::kinds::{barman, *};
use crate::manifest::Object;
use crate::model::{BucketBackend, Environment, FilestoreBackend, Sizing};
use crate::words::*;

pub(super) const COMPONENT: Component = Component {
    name: "storage",
    summary: "the shared volume, buckets and the place of the backups",
    build: Build::Environment(build),
    edges: Component::NO_EDGES,
    after: &["namespace"],
};

/// Days for which a backup stays recoverable after Barman has removed it, beyond its retention.
const BACKUP_GRACE_DAYS: i64 = 7;

fn build(at: &Place, env: &Environment) -> Vec<Object> {
    let mut objects: Vec<Object> = vec![filestore(at, env).into()];
    if env.spec.filestore.backend == FilestoreBackend::Bucket {
        let kept = i64::from(env.spec.filestore.noncurrent_days);
        objects.extend(bucket(at, env, ATTACHMENTS_SECRET, "attachments", kept));
    }
    if env.spec.backup.enabled {
        let retention = i64::try_from(env.spec.backup.retention.days()).unwrap_or(i64::MAX);
        let kept = retention.saturating_add(BACKUP_GRACE_DAYS);
        objects.extend(bucket(at, env, BACKUP_SECRET, "backup", kept));
        objects.push(backup_store(at, env).into());
    }
    objects
}

/// Whether buckets are claimed; the claim then makes the secret with their keys, under its own name.
pub(super) fn claims_buckets(env: &Environment) -> bool {
    env.cluster.spec.object_storage.backend == BucketBackend::ObjectBucketClaim
}

fn filestore(at: &Place, env: &Environment) -> PersistentVolumeClaim {
    let class = env.cluster.spec.storage_classes.shared.as_ref();
    claim(
        at,
        FILESTORE_CLAIM,
        "ReadWriteMany",
        class.map(|class| class.as_str()),
        env.spec.filestore.size.as_str(),
    )
}

/// A claim for a volume. It can grow; a claim template of a stateful set could not.
pub(super) fn claim(at: &Place, name: &str, mode: &str, class: Option<&str>, size: &str) -> PersistentVolumeClaim {
    PersistentVolumeClaim {
        metadata: at.meta(name),
        spec: some(PersistentVolumeClaimSpec {
            access_modes: some(texts([mode])),
            storage_class_name: class.map(str::to_owned),
            resources: some(VolumeResourceRequirements {
                requests: some([("storage".to_owned(), Quantity(size.into()))]),
                ..default()
            }),
            ..default()
        }),
        ..default()
    }
}

fn bucket(at: &Place, env: &Environment, name: &str, purpose: &str, days_kept: i64) -> Vec<Object> {
    match env.cluster.spec.object_storage.backend {
        BucketBackend::Existing => vec![],
        BucketBackend::ObjectBucketClaim => vec![bucket_claim(at, env, name, purpose).into()],
        BucketBackend::CrossplaneAws => aws::bucket(at, env, name, purpose, days_kept),
    }
}

fn bucket_claim(at: &Place, env: &Environment, name: &str, purpose: &str) -> ObjectBucketClaim {
    let class = env.cluster.spec.object_storage.class.as_ref();
    ObjectBucketClaim {
        metadata: at.meta(name),
        spec: ObjectBucketClaimSpec {
            bucket_name: some(env.bucket(purpose)),
            storage_class_name: class.map(ToString::to_string),
            ..default()
        },
    }
}

/// Where backups go. What is written there lies under the server name that the database gives, one for each incarnation.
fn backup_store(at: &Place, env: &Environment) -> barman::ObjectStore {
    let storage = &env.cluster.spec.object_storage;
    let encryption = encryption_on_request(env);
    let key = |key: &str| {
        some(barman::SecretKey {
            name: BACKUP_SECRET.into(),
            key: key.into(),
        })
    };
    barman::ObjectStore {
        metadata: at.meta(BACKUP_STORE),
        spec: barman::ObjectStoreSpec {
            retention_policy: some(env.spec.backup.retention.to_string()),
            configuration: barman::Configuration {
                destination_path: format!("s3://{}/", env.bucket("backup")),
                endpoint_url: some(storage.endpoint.to_string()),
                s3_credentials: some(barman::S3Credentials {
                    access_key_id: key("AWS_ACCESS_KEY_ID"),
                    secret_access_key: key("AWS_SECRET_ACCESS_KEY"),
                    ..default()
                }),
                wal: some(barman::Wal {
                    compression: some("zstd"),
                    encryption: encryption.clone(),
                    max_parallel: Some(4),
                    ..default()
                }),
                data: some(barman::Data {
                    compression: some("snappy"),
                    encryption,
                    jobs: Some(2),
                    ..default()
                }),
                ..default()
            },
            instance_sidecar_configuration: some(barman::Sidecar {
                resources: some(sidecar_resources(&env.sizing)),
                env: sidecar_variables(env),
                retention_policy_interval_seconds: Some(1800),
                ..default()
            }),
        },
    }
}

/// AWS encrypts whoever asks; other stores refuse the question unless they have been given a key service.
fn encryption_on_request(env: &Environment) -> Option<String> {
    let asks = env.cluster.spec.object_storage.backend == BucketBackend::CrossplaneAws;
    asks.then(|| "AES256".to_owned())
}

/// The region, which the store itself would take from a secret only. Stores other than AWS know nothing of the checksums
/// that its newer clients add to every request.
fn sidecar_variables(env: &Environment) -> Vec<EnvVar> {
    let storage = &env.cluster.spec.object_storage;
    let mut variables = vec![crate::words::env("AWS_DEFAULT_REGION", storage.region.as_str())];
    if storage.backend != BucketBackend::CrossplaneAws {
        variables.push(crate::words::env("AWS_REQUEST_CHECKSUM_CALCULATION", "when_required"));
        variables.push(crate::words::env("AWS_RESPONSE_CHECKSUM_VALIDATION", "when_required"));
    }
    variables
}

/// An eighth of the database's processor time, within bounds: a base backup compresses all of it. Requests equal limits,
/// or the pod of the database would lose its guarantee.
fn sidecar_resources(sizing: &Sizing) -> ResourceRequirements {
    guaranteed((sizing.database_cpu / 8).clamp(100, 1000), 512 * MEBI)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{environment, yaml_of};
    use crate::kinds::object_storage::BucketLifecycleConfiguration;

    const BUCKET: &str = "  filestore: {backend: bucket, noncurrentDays: 90}\n";
    const CLAIM: (&str, &str) = (
        "backend: existing",
        "backend: object-bucket-claim\n    class: ceph-bucket",
    );
    const AWS: (&str, &str) = ("backend: existing", "backend: crossplane-aws\n    class: aws-erp");

    fn built(env: &Environment) -> Vec<Object> {
        build(&Place::of_environment(env, vec![]), env)
    }

    fn kinds(env: &Environment) -> Vec<String> {
        built(env)
            .iter()
            .map(|object| format!("{} {}", object.kind, object.name))
            .collect()
    }

    fn store(env: &Environment) -> barman::ObjectStoreSpec {
        built(env)
            .iter()
            .find_map(|object| object.view::<barman::ObjectStore>())
            .unwrap()
            .spec
    }

    #[test]
    fn all_pods_share_the_volume() {
        let objects = built(&environment("", &[]));
        insta::assert_snapshot!(yaml_of("PersistentVolumeClaim", "filestore", &objects), @r#"
        apiVersion: v1
        kind: PersistentVolumeClaim
        metadata:
          name: filestore
          namespace: hartmann-production
          labels:
            app.kubernetes.io/managed-by: formwork
            formwork/cost-centre: "4100"
            formwork/environment: production
            formwork/tenant: hartmann
            formwork/tier: production
        spec:
          accessModes:
          - ReadWriteMany
          resources:
            requests:
              storage: 20Gi
          storageClassName: files-retain
        "#);
    }

    #[test]
    fn backups_go_to_a_bucket_of_their_own() {
        insta::assert_snapshot!(yaml_of("ObjectStore", "backup", &built(&environment("", &[]))), @r#"
        apiVersion: barmancloud.cnpg.io/v1
        kind: ObjectStore
        metadata:
          name: backup
          namespace: hartmann-production
          labels:
            app.kubernetes.io/managed-by: formwork
            formwork/cost-centre: "4100"
            formwork/environment: production
            formwork/tenant: hartmann
            formwork/tier: production
        spec:
          configuration:
            data:
              compression: snappy
              jobs: 2
            destinationPath: s3://fw-eu-hartmann-production-backup/
            endpointURL: https://s3.eu-central-1.formwork.example
            s3Credentials:
              accessKeyId:
                key: AWS_ACCESS_KEY_ID
                name: backup-bucket
              secretAccessKey:
                key: AWS_SECRET_ACCESS_KEY
                name: backup-bucket
            wal:
              compression: zstd
              maxParallel: 4
          instanceSidecarConfiguration:
            env:
            - name: AWS_DEFAULT_REGION
              value: eu-central-1
            - name: AWS_REQUEST_CHECKSUM_CALCULATION
              value: when_required
            - name: AWS_RESPONSE_CHECKSUM_VALIDATION
              value: when_required
            resources:
              limits:
                cpu: 500m
                memory: 512Mi
              requests:
                cpu: 500m
                memory: 512Mi
            retentionPolicyIntervalSeconds: 1800
          retentionPolicy: "30d"
        "#);
    }

    #[test]
    fn existing_buckets_are_left_alone() {
        assert_eq!(
            kinds(&environment(BUCKET, &[])),
            ["PersistentVolumeClaim filestore", "ObjectStore backup"]
        );
    }

    #[test]
    fn a_claim_is_called_as_the_secret_that_it_makes() {
        let objects = built(&environment(BUCKET, &[CLAIM]));
        insta::assert_snapshot!(yaml_of("ObjectBucketClaim", ATTACHMENTS_SECRET, &objects), @r#"
        apiVersion: objectbucket.io/v1alpha1
        kind: ObjectBucketClaim
        metadata:
          name: attachments-bucket
          namespace: hartmann-production
          labels:
            app.kubernetes.io/managed-by: formwork
            formwork/cost-centre: "4100"
            formwork/environment: production
            formwork/tenant: hartmann
            formwork/tier: production
        spec:
          bucketName: fw-eu-hartmann-production-attachments
          storageClassName: ceph-bucket
        "#);
        let backup = objects.iter().find_map(|object| {
            object
                .view::<ObjectBucketClaim>()
                .filter(|_| object.name == BACKUP_SECRET)
        });
        assert_eq!(
            backup.unwrap().spec.bucket_name.as_deref(),
            Some("fw-eu-hartmann-production-backup")
        );
    }

    #[test]
    fn removed_backups_stay_recoverable_for_a_week_beyond_their_retention() {
        let objects = built(&environment(BUCKET, &[AWS]));
        let days = |name: &str| {
            let mut rules = objects.iter().filter(|object| object.name == name);
            let rules = rules
                .find_map(|object| object.view::<BucketLifecycleConfiguration>())
                .unwrap();
            rules.spec.for_provider.rule[0].noncurrent_version_expiration[0].noncurrent_days
        };
        assert_eq!(
            (days(BACKUP_SECRET), days(ATTACHMENTS_SECRET)),
            (Some(30 + 7), Some(90))
        );
    }

    #[test]
    fn only_aws_is_asked_to_encrypt_and_to_check() {
        let (aws, other) = (store(&environment("", &[AWS])), store(&environment("", &[])));
        let encryption = |store: &barman::ObjectStoreSpec| store.configuration.wal.clone().unwrap().encryption;
        assert_eq!(
            (encryption(&aws).as_deref(), encryption(&other)),
            (Some("AES256"), None)
        );
        let variables = |store: barman::ObjectStoreSpec| store.instance_sidecar_configuration.unwrap().env.len();
        assert_eq!((variables(aws), variables(other)), (1, 3));
    }

    #[test]
    fn the_sidecar_keeps_the_guarantee_of_the_database() {
        for users in [1, 240, 20_000] {
            let env = environment("", &[("users: 240", &format!("users: {users}"))]);
            let resources = store(&env).instance_sidecar_configuration.unwrap().resources.unwrap();
            assert_eq!(resources.requests, resources.limits);
        }
    }
}
