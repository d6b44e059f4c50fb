//! The secrets of an environment, each fetched by External Secrets from the store of its tier.
//!
//! Only references are written; no value ever passes through here.

use std::collections::BTreeMap;

use crate::blueprint::names::*;
use crate::blueprint::{Build, Component, Place};
use crate::kinds::external_secrets::*;
use crate::manifest::Object;
use crate::model::{Environment, FilestoreBackend, Sessions};
use crate::words::*;

use super::{configuration, storage};

pub(super) const COMPONENT: Component = Component {
    name: "secrets",
    summary: "secrets from the store of the tier",
    build: Build::Environment(build),
    edges: Component::NO_EDGES,
    after: &["namespace"],
};

const OPAQUE: &str = "Opaque";

fn build(at: &Place, env: &Environment) -> Vec<Object> {
    let mut secrets = vec![database(at, env)];
    if configuration::reads_environment(env) {
        secrets.push(administrator(at, env));
    }
    if env.release.spec.sessions == Sessions::Redis {
        secrets.extend([session_address(at, env), cache_users(at, env)]);
    }
    // A claimed bucket comes with its own keys.
    if !storage::claims_buckets(env) {
        if env.spec.backup.enabled {
            secrets.push(bucket_keys(at, env, BACKUP_SECRET));
        }
        if env.spec.filestore.backend == FilestoreBackend::Bucket {
            secrets.push(bucket_keys(at, env, ATTACHMENTS_SECRET));
        }
    }
    secrets.into_iter().map(Object::from).collect()
}

/// A secret made from one entry of the store: each property is fetched and may stand in the template as `{{ .property }}`.
pub(super) fn from_store(
    at: &Place,
    env: &Environment,
    name: &str,
    store_key: &str,
    type_: &str,
    template: &[(&str, &str)],
    properties: &[&str],
) -> ExternalSecret {
    fetched(at, env, name, store_key, shape(at, type_, template), properties)
}

fn fetched(
    at: &Place,
    env: &Environment,
    name: &str,
    store_key: &str,
    template: Template,
    properties: &[&str],
) -> ExternalSecret {
    let store = env.cluster.secret_store(env.spec.tier);
    let key = format!("{}/{store_key}", env.secrets());
    let property = |property: &&str| Data {
        secret_key: (*property).into(),
        remote_ref: RemoteRef {
            key: key.clone(),
            property: some(*property),
            ..default()
        },
        ..default()
    };
    ExternalSecret {
        metadata: at.meta(name),
        spec: ExternalSecretSpec {
            refresh_policy: some("Periodic"),
            refresh_interval: some("1h"),
            secret_store_ref: store.map(|store| StoreRef {
                kind: some("ClusterSecretStore"),
                name: some(store.name.as_str()),
            }),
            target: some(Target {
                name: some(name),
                creation_policy: some("Owner"),
                // A store that lost the entry for a moment must not take the secret from running pods.
                deletion_policy: some("Retain"),
                template: some(template),
                ..default()
            }),
            data: properties.iter().map(property).collect(),
            ..default()
        },
    }
}

/// A template says everything: the secret inherits neither labels nor keys.
fn shape(at: &Place, type_: &str, data: &[(&str, &str)]) -> Template {
    Template {
        type_: some(type_),
        engine_version: some("v2"),
        merge_policy: some("Replace"),
        metadata: some(labelled(&at.labels)),
        data: data
            .iter()
            .map(|(key, text)| ((*key).to_owned(), (*text).to_owned()))
            .collect(),
        ..default()
    }
}

fn labelled(labels: &BTreeMap<String, String>) -> TemplateMetadata {
    TemplateMetadata {
        labels: labels.clone(),
        ..default()
    }
}

/// The owner of the database. With the label, the operator sets a changed password without being asked.
fn database(at: &Place, env: &Environment) -> ExternalSecret {
    let data = [("username", DATABASE_OWNER), ("password", "{{ .password }}")];
    let mut labels = at.labels.clone();
    labels.insert(DATABASE_RELOAD.into(), "true".into());
    let template = Template {
        metadata: some(labelled(&labels)),
        ..shape(at, "kubernetes.io/basic-auth", &data)
    };
    fetched(at, env, DATABASE_SECRET, "database", template, &["password"])
}

fn administrator(at: &Place, env: &Environment) -> ExternalSecret {
    let data = [("password", "{{ .password }}")];
    from_store(at, env, ADMIN_SECRET, "odoo-admin", OPAQUE, &data, &["password"])
}

/// Only an address can carry a user name. `urlquery` writes a blank as `+`, which the reader of the address would keep.
fn session_address(at: &Place, env: &Environment) -> ExternalSecret {
    let password = r#"{{ .odoo | urlquery | replace "+" "%20" }}"#;
    let url = format!("redis://odoo:{password}@{CACHE_SERVICE}:{VALKEY}/0");
    from_store(at, env, SESSION_SECRET, "valkey", OPAQUE, &[("url", &url)], &["odoo"])
}

/// The users of Valkey, by the digests of their passwords. Nobody comes in without a name.
///
/// The module `session_redis` writes two colons before its prefix (`session::<prefix>:<id>`) and says one; both are let
/// through. The exporter looks at the server and at no key.
fn cache_users(at: &Place, env: &Environment) -> ExternalSecret {
    let prefix = &env.namespace;
    let users = format!(
        "user default off\n\
         user odoo on #{{{{ .odoo | sha256sum }}}} resetchannels ~session:{prefix}:* ~session::{prefix}:* \
         +@read +@write +@keyspace +@connection -@dangerous\n\
         user exporter on #{{{{ .exporter | sha256sum }}}} resetchannels -@all +@connection -@dangerous \
         +info +config|get +slowlog|get +slowlog|len +latency|latest +latency|histogram\n"
    );
    let data = [("users.acl", users.as_str()), ("exporter-password", "{{ .exporter }}")];
    from_store(
        at,
        env,
        CACHE_ACL_SECRET,
        "valkey",
        OPAQUE,
        &data,
        &["odoo", "exporter"],
    )
}

/// The keys of a bucket, under the names that every S3 client reads.
fn bucket_keys(at: &Place, env: &Environment, name: &str) -> ExternalSecret {
    let data = [
        ("AWS_ACCESS_KEY_ID", "{{ .AWS_ACCESS_KEY_ID }}"),
        ("AWS_SECRET_ACCESS_KEY", "{{ .AWS_SECRET_ACCESS_KEY }}"),
    ];
    from_store(
        at,
        env,
        name,
        name,
        OPAQUE,
        &data,
        &["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"],
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{environment, yaml_of};

    fn built(env: &Environment) -> Vec<Object> {
        build(&Place::of_environment(env, vec![]), env)
    }

    fn names(env: &Environment) -> Vec<String> {
        built(env).into_iter().map(|object| object.name).collect()
    }

    fn template(env: &Environment, name: &str, key: &str) -> String {
        let secret = built(env).into_iter().find(|object| object.name == name).unwrap();
        secret.value["spec"]["target"]["template"]["data"][key]
            .as_str()
            .unwrap()
            .to_owned()
    }

    #[test]
    fn the_owner_of_the_database_is_followed_by_the_operator() {
        insta::assert_snapshot!(yaml_of("ExternalSecret", "db-app", &built(&environment("", &[]))), @r#"
        apiVersion: external-secrets.io/v1
        kind: ExternalSecret
        metadata:
          name: db-app
          namespace: hartmann-production
          labels:
            app.kubernetes.io/managed-by: formwork
            formwork/cost-centre: "4100"
            formwork/environment: production
            formwork/tenant: hartmann
            formwork/tier: production
        spec:
          data:
          - remoteRef:
              key: tenants/hartmann/production/database
              property: password
            secretKey: password
          refreshInterval: 1h
          refreshPolicy: Periodic
          secretStoreRef:
            kind: ClusterSecretStore
            name: vault-live
          target:
            creationPolicy: Owner
            deletionPolicy: Retain
            name: db-app
            template:
              data:
                password: "{{ .password }}"
                username: odoo
              engineVersion: v2
              mergePolicy: Replace
              metadata:
                labels:
                  app.kubernetes.io/managed-by: formwork
                  cnpg.io/reload: "true"
                  formwork/cost-centre: "4100"
                  formwork/environment: production
                  formwork/tenant: hartmann
                  formwork/tier: production
              type: kubernetes.io/basic-auth
        "#);
    }

    #[test]
    fn users_of_valkey_see_only_what_they_need() {
        insta::assert_snapshot!(template(&environment("", &[]), "valkey-acl", "users.acl"), @"
        user default off
        user odoo on #{{ .odoo | sha256sum }} resetchannels ~session:hartmann-production:* ~session::hartmann-production:* +@read +@write +@keyspace +@connection -@dangerous
        user exporter on #{{ .exporter | sha256sum }} resetchannels -@all +@connection -@dangerous +info +config|get +slowlog|get +slowlog|len +latency|latest +latency|histogram
        ");
    }

    /// The module builds its keys from `session:`, a colon and the prefix.
    #[test]
    fn session_keys_may_have_two_colons() {
        let users = template(&environment("", &[]), "valkey-acl", "users.acl");
        assert!(users.contains(" ~session::hartmann-production:* "), "{users}");
    }

    #[test]
    fn a_password_survives_the_address_it_stands_in() {
        let url = template(&environment("", &[]), "valkey-session", "url");
        assert_eq!(
            url,
            r#"redis://odoo:{{ .odoo | urlquery | replace "+" "%20" }}@valkey:6379/0"#
        );
    }

    #[test]
    fn every_secret_comes_from_the_store_of_the_tier() {
        for (tier, store) in [
            ("production", "vault-live"),
            ("staging", "vault-test"),
            ("development", "vault-test"),
        ] {
            let env = environment("", &[("tier: production", &format!("tier: {tier}"))]);
            for object in built(&env) {
                let secret = object.view::<ExternalSecret>().unwrap();
                assert_eq!(secret.spec.secret_store_ref.unwrap().name.as_deref(), Some(store));
                for data in &secret.spec.data {
                    assert!(
                        data.remote_ref.key.starts_with("tenants/hartmann/production/"),
                        "{}",
                        data.remote_ref.key
                    );
                }
            }
        }
    }

    #[test]
    fn only_what_is_used_is_fetched() {
        let all = [
            "db-app",
            "odoo-admin",
            "valkey-session",
            "valkey-acl",
            "backup-bucket",
            "attachments-bucket",
        ];
        let bucket = "  filestore: {backend: bucket}\n";
        assert_eq!(names(&environment(bucket, &[])), all);
        assert_eq!(names(&environment("", &[])), all[..5]);
        let on_volume = ("modules: [base,", "sessions: volume\n  modules: [base,");
        assert_eq!(
            names(&environment("", &[on_volume])),
            ["db-app", "odoo-admin", "backup-bucket"]
        );
        let claimed = (
            "backend: existing",
            "backend: object-bucket-claim\n    class: ceph-bucket",
        );
        assert_eq!(names(&environment(bucket, &[claimed])), all[..4]);
    }

    #[test]
    fn before_19_the_master_password_stands_in_the_file_only() {
        assert!(!names(&environment("", &[("\"19.0\"", "\"18.0\"")])).contains(&ADMIN_SECRET.to_owned()));
    }
}
