//! The custom resources of Argo CD 3.5: what a project may do, and which folder is kept equal to which namespace.
//!
//! The values of a chart are free-form, because each chart has its own.

use std::collections::BTreeMap;

use serde_json::Value;

use super::custom::{fields, kind};

kind!(
    /// The bounds within which applications may act (Argo CD 3.5).
    AppProject(AppProjectSpec) = Namespaced "argoproj.io" / "v1alpha1" / "appprojects"
);
kind!(
    /// A source of manifests and the place they are applied to (Argo CD 3.5).
    Application(ApplicationSpec) = Namespaced "argoproj.io" / "v1alpha1" / "applications"
);

fields! {
    AppProjectSpec {
        description: Option<String>,
        source_repos: Vec<String>,
        source_namespaces: Vec<String>,
        source_integrity: Option<SourceIntegrity>,
        signature_keys: Vec<SignatureKey>,
        destinations: Vec<Destination>,
        destination_service_accounts: Vec<DestinationServiceAccount>,
        permit_only_project_scoped_clusters: Option<bool>,
        cluster_resource_whitelist: Vec<ClusterResource>,
        cluster_resource_blacklist: Vec<ClusterResource>,
        namespace_resource_whitelist: Vec<NamespaceResource>,
        namespace_resource_blacklist: Vec<NamespaceResource>,
        orphaned_resources: Option<OrphanedResources>,
        roles: Vec<ProjectRole>,
        sync_windows: Vec<SyncWindow>,
    }
    SourceIntegrity {
        git: GitIntegrity,
    }
    GitIntegrity {
        policies: Vec<GitPolicy>,
    }
    GitPolicy {
        repos: Vec<GitPolicyRepo>,
        gpg: GpgPolicy,
    }
    GitPolicyRepo {
        url: String,
    }
    GpgPolicy {
        keys: Vec<String>,
        mode: String,
    }
    SignatureKey {
        #[serde(rename = "keyID")]
        key_id: String,
    }
    Destination {
        name: Option<String>,
        server: Option<String>,
        namespace: Option<String>,
    }
    DestinationServiceAccount {
        server: String,
        namespace: Option<String>,
        default_service_account: String,
    }
    /// A kind in a group. The group is optional only in Rust: the core group is `some("")`, and must be written.
    ClusterResource {
        group: Option<String>,
        kind: String,
        name: Option<String>,
    }
    /// A kind in a group, as in [`ClusterResource`].
    NamespaceResource {
        group: Option<String>,
        kind: String,
    }
    OrphanedResources {
        warn: Option<bool>,
        ignore: Vec<OrphanedResource>,
    }
    OrphanedResource {
        group: Option<String>,
        kind: Option<String>,
        name: Option<String>,
    }
    ProjectRole {
        name: String,
        description: Option<String>,
        groups: Vec<String>,
        policies: Vec<String>,
    }
    SyncWindow {
        kind: Option<String>,
        schedule: Option<String>,
        duration: Option<String>,
        time_zone: Option<String>,
        applications: Vec<String>,
        namespaces: Vec<String>,
        clusters: Vec<String>,
        and_operator: Option<bool>,
        manual_sync: Option<bool>,
        sync_overrun: Option<bool>,
        description: Option<String>,
    }
}

fields! {
    ApplicationSpec {
        project: String,
        source: Option<Source>,
        sources: Vec<Source>,
        destination: Destination,
        revision_history_limit: Option<i64>,
        ignore_differences: Vec<IgnoreDifference>,
        info: Vec<Info>,
        sync_policy: Option<SyncPolicy>,
    }
    Source {
        name: Option<String>,
        #[serde(rename = "repoURL")]
        repo_url: String,
        target_revision: Option<String>,
        path: Option<String>,
        chart: Option<String>,
        #[serde(rename = "ref")]
        ref_: Option<String>,
        directory: Option<Directory>,
        helm: Option<Helm>,
        kustomize: Option<Kustomize>,
    }
    Directory {
        recurse: Option<bool>,
        include: Option<String>,
        exclude: Option<String>,
    }
    Helm {
        release_name: Option<String>,
        namespace: Option<String>,
        values_object: Value,
        value_files: Vec<String>,
        ignore_missing_value_files: Option<bool>,
        parameters: Vec<HelmParameter>,
        api_versions: Vec<String>,
        kube_version: Option<String>,
        pass_credentials: Option<bool>,
        skip_crds: Option<bool>,
        skip_schema_validation: Option<bool>,
        skip_tests: Option<bool>,
    }
    HelmParameter {
        name: String,
        value: Option<String>,
        force_string: Option<bool>,
    }
    Kustomize {
        namespace: Option<String>,
        images: Vec<String>,
        components: Vec<String>,
        common_annotations: BTreeMap<String, String>,
        common_labels: BTreeMap<String, String>,
    }
    IgnoreDifference {
        group: Option<String>,
        kind: String,
        name: Option<String>,
        namespace: Option<String>,
        json_pointers: Vec<String>,
        jq_path_expressions: Vec<String>,
        managed_fields_managers: Vec<String>,
    }
    Info {
        name: String,
        value: String,
    }
    SyncPolicy {
        automated: Option<Automated>,
        retry: Option<Retry>,
        managed_namespace_metadata: Option<NamespaceMetadata>,
        sync_options: Vec<String>,
    }
    Automated {
        enabled: Option<bool>,
        prune: Option<bool>,
        self_heal: Option<bool>,
        allow_empty: Option<bool>,
    }
    Retry {
        limit: Option<i64>,
        refresh: Option<bool>,
        backoff: Option<Backoff>,
    }
    Backoff {
        duration: Option<String>,
        factor: Option<i64>,
        max_duration: Option<String>,
    }
    NamespaceMetadata {
        annotations: BTreeMap<String, String>,
        labels: BTreeMap<String, String>,
    }
}
