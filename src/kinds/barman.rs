//! The custom resource of the Barman Cloud plugin 0.14: where the backups of a database cluster lie.
//!
//! Of the object stores only S3 is typed, because that is what the blueprint writes.

use std::collections::BTreeMap;

use super::{
    EnvVar, ResourceRequirements,
    custom::{fields, kind},
};

kind!(
    /// A place for base backups and WAL files (plugin-barman-cloud 0.14).
    ObjectStore(ObjectStoreSpec) = Namespaced "barmancloud.cnpg.io" / "v1" / "objectstores"
);

fields! {
    ObjectStoreSpec {
        retention_policy: Option<String>,
        configuration: Configuration,
        instance_sidecar_configuration: Option<Sidecar>,
    }
    /// Says where and how to store. It has no `serverName`, which the operator wants in the plugin's parameters.
    Configuration {
        destination_path: String,
        #[serde(rename = "endpointURL")]
        endpoint_url: Option<String>,
        #[serde(rename = "endpointCA")]
        endpoint_ca: Option<SecretKey>,
        s3_credentials: Option<S3Credentials>,
        wal: Option<Wal>,
        data: Option<Data>,
        tags: BTreeMap<String, String>,
        history_tags: BTreeMap<String, String>,
    }
    S3Credentials {
        access_key_id: Option<SecretKey>,
        secret_access_key: Option<SecretKey>,
        session_token: Option<SecretKey>,
        region: Option<SecretKey>,
        #[serde(rename = "inheritFromIAMRole")]
        inherit_from_iam_role: Option<bool>,
    }
    SecretKey {
        name: String,
        key: String,
    }
    Wal {
        compression: Option<String>,
        encryption: Option<String>,
        max_parallel: Option<i64>,
        archive_additional_command_args: Vec<String>,
        restore_additional_command_args: Vec<String>,
    }
    Data {
        compression: Option<String>,
        encryption: Option<String>,
        jobs: Option<i32>,
        immediate_checkpoint: Option<bool>,
        additional_command_args: Vec<String>,
        restore_additional_command_args: Vec<String>,
    }
    Sidecar {
        resources: Option<ResourceRequirements>,
        env: Vec<EnvVar>,
        log_level: Option<String>,
        retention_policy_interval_seconds: Option<i64>,
        additional_container_args: Vec<String>,
    }
}
