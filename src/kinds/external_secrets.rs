//! The custom resources of External Secrets 2.9: which secret is fetched, from which store, into which shape.
//!
//! The provider of a store is free-form, because each vault has its own fields.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{
    LabelSelector,
    custom::{fields, kind},
};

kind!(
    /// A secret fetched from a store and kept up to date (External Secrets 2.9).
    ExternalSecret(ExternalSecretSpec) = Namespaced "external-secrets.io" / "v1" / "externalsecrets"
);
kind!(
    /// A store of secrets and the namespaces that may read it (External Secrets 2.9).
    ClusterSecretStore(ClusterSecretStoreSpec) = Cluster "external-secrets.io" / "v1" / "clustersecretstores"
);

fields! {
    ExternalSecretSpec {
        refresh_policy: Option<String>,
        refresh_interval: Option<String>,
        secret_store_ref: Option<StoreRef>,
        target: Option<Target>,
        data: Vec<Data>,
        data_from: Vec<DataFrom>,
        sync_windows: Option<SyncWindows>,
    }
    StoreRef {
        kind: Option<String>,
        name: Option<String>,
    }
    Target {
        name: Option<String>,
        creation_policy: Option<String>,
        deletion_policy: Option<String>,
        immutable: Option<bool>,
        template: Option<Template>,
    }
    /// The secret's shape, with the fetched values filled in.
    Template {
        #[serde(rename = "type")]
        type_: Option<String>,
        engine_version: Option<String>,
        merge_policy: Option<String>,
        metadata: Option<TemplateMetadata>,
        data: BTreeMap<String, String>,
        template_from: Vec<TemplateFrom>,
    }
    TemplateMetadata {
        annotations: BTreeMap<String, String>,
        labels: BTreeMap<String, String>,
    }
    TemplateFrom {
        target: Option<String>,
        literal: Option<String>,
        config_map: Option<TemplateRef>,
        secret: Option<TemplateRef>,
    }
    TemplateRef {
        name: String,
        items: Vec<TemplateItem>,
    }
    TemplateItem {
        key: String,
        template_as: Option<String>,
    }
    Data {
        secret_key: String,
        remote_ref: RemoteRef,
        source_ref: Option<SourceRef>,
    }
    RemoteRef {
        key: String,
        property: Option<String>,
        version: Option<String>,
        conversion_strategy: Option<String>,
        decoding_strategy: Option<String>,
        metadata_policy: Option<String>,
    }
    DataFrom {
        extract: Option<RemoteRef>,
        find: Option<Find>,
        rewrite: Vec<Rewrite>,
        source_ref: Option<SourceRef>,
    }
    Find {
        name: Option<FindName>,
        path: Option<String>,
        tags: BTreeMap<String, String>,
        conversion_strategy: Option<String>,
        decoding_strategy: Option<String>,
    }
    FindName {
        regexp: Option<String>,
    }
    Rewrite {
        regexp: Option<RewriteRegexp>,
        transform: Option<RewriteTransform>,
    }
    RewriteRegexp {
        source: String,
        target: String,
    }
    RewriteTransform {
        template: String,
    }
    SourceRef {
        generator_ref: Option<GeneratorRef>,
        store_ref: Option<StoreRef>,
    }
    GeneratorRef {
        api_version: Option<String>,
        kind: String,
        name: String,
    }
    SyncWindows {
        kind: String,
        windows: Vec<SyncWindow>,
    }
    SyncWindow {
        schedule: String,
        duration: String,
    }
}

fields! {
    ClusterSecretStoreSpec {
        provider: Value,
        conditions: Vec<Condition>,
        controller: Option<String>,
        retry_settings: Option<RetrySettings>,
    }
    /// A way for a namespace to be let in; one that holds is enough.
    Condition {
        namespace_selector: Option<LabelSelector>,
        namespaces: Vec<String>,
        namespace_regexes: Vec<String>,
    }
    RetrySettings {
        max_retries: Option<i32>,
        retry_interval: Option<String>,
    }
}
