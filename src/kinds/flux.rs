//! The custom resources of Flux 2.9: where manifests and charts come from, and what applies them.
//!
//! The values of a chart are free-form, because each chart has its own.

use std::collections::BTreeMap;

use serde_json::Value;

use super::custom::{fields, kind};

kind!(
    /// A Git repository that is fetched (source-controller 1.9).
    GitRepository(GitRepositorySpec) = Namespaced "source.toolkit.fluxcd.io" / "v1" / "gitrepositories"
);
kind!(
    /// An OCI artifact that is pulled (source-controller 1.9).
    OCIRepository(OCIRepositorySpec) = Namespaced "source.toolkit.fluxcd.io" / "v1" / "ocirepositories"
);
kind!(
    /// A repository of charts (source-controller 1.9).
    HelmRepository(HelmRepositorySpec) = Namespaced "source.toolkit.fluxcd.io" / "v1" / "helmrepositories"
);
kind!(
    /// A folder of manifests that is applied (kustomize-controller 1.9).
    Kustomization(KustomizationSpec) = Namespaced "kustomize.toolkit.fluxcd.io" / "v1" / "kustomizations"
);
kind!(
    /// A chart that is installed and upgraded (helm-controller 1.6).
    HelmRelease(HelmReleaseSpec) = Namespaced "helm.toolkit.fluxcd.io" / "v2" / "helmreleases"
);

fields! {
    GitRepositorySpec {
        url: String,
        interval: String,
        timeout: Option<String>,
        provider: Option<String>,
        #[serde(rename = "ref")]
        ref_: Option<GitRef>,
        secret_ref: Option<NameRef>,
        verify: Option<GitVerification>,
        ignore: Option<String>,
        sparse_checkout: Vec<String>,
        recurse_submodules: Option<bool>,
        suspend: Option<bool>,
    }
    GitRef {
        branch: Option<String>,
        tag: Option<String>,
        semver: Option<String>,
        name: Option<String>,
        commit: Option<String>,
    }
    GitVerification {
        mode: Option<String>,
        secret_ref: NameRef,
    }
    OCIRepositorySpec {
        url: String,
        interval: String,
        timeout: Option<String>,
        provider: Option<String>,
        #[serde(rename = "ref")]
        ref_: Option<OCIRef>,
        layer_selector: Option<LayerSelector>,
        secret_ref: Option<NameRef>,
        cert_secret_ref: Option<NameRef>,
        service_account_name: Option<String>,
        verify: Option<Verification>,
        ignore: Option<String>,
        insecure: Option<bool>,
        suspend: Option<bool>,
    }
    OCIRef {
        tag: Option<String>,
        semver: Option<String>,
        semver_filter: Option<String>,
        digest: Option<String>,
    }
    LayerSelector {
        media_type: Option<String>,
        operation: Option<String>,
    }
    Verification {
        provider: String,
        secret_ref: Option<NameRef>,
        #[serde(rename = "matchOIDCIdentity")]
        match_oidc_identity: Vec<OIDCIdentity>,
    }
    OIDCIdentity {
        issuer: String,
        subject: String,
    }
    HelmRepositorySpec {
        url: String,
        #[serde(rename = "type")]
        type_: Option<String>,
        interval: Option<String>,
        timeout: Option<String>,
        provider: Option<String>,
        secret_ref: Option<NameRef>,
        cert_secret_ref: Option<NameRef>,
        pass_credentials: Option<bool>,
        insecure: Option<bool>,
        suspend: Option<bool>,
    }
    NameRef {
        name: String,
    }
    SourceRef {
        api_version: Option<String>,
        kind: String,
        name: String,
        namespace: Option<String>,
    }
}

fields! {
    KustomizationSpec {
        interval: String,
        retry_interval: Option<String>,
        timeout: Option<String>,
        source_ref: SourceRef,
        path: Option<String>,
        components: Vec<String>,
        prune: bool,
        deletion_policy: Option<String>,
        wait: Option<bool>,
        force: Option<bool>,
        suspend: Option<bool>,
        service_account_name: Option<String>,
        target_namespace: Option<String>,
        common_metadata: Option<CommonMetadata>,
        depends_on: Vec<DependsOn>,
        health_checks: Vec<HealthCheck>,
        health_check_exprs: Vec<HealthCheckExpr>,
        post_build: Option<PostBuild>,
        decryption: Option<Decryption>,
        images: Vec<Image>,
        patches: Vec<Patch>,
        ignore: Vec<Ignore>,
    }
    CommonMetadata {
        annotations: BTreeMap<String, String>,
        labels: BTreeMap<String, String>,
    }
    DependsOn {
        name: String,
        namespace: Option<String>,
        ready_expr: Option<String>,
    }
    HealthCheck {
        api_version: Option<String>,
        kind: String,
        name: String,
        namespace: Option<String>,
    }
    HealthCheckExpr {
        api_version: String,
        kind: Option<String>,
        current: String,
        in_progress: Option<String>,
        failed: Option<String>,
    }
    PostBuild {
        substitute: BTreeMap<String, String>,
        substitute_from: Vec<SubstituteFrom>,
        substitute_strategy: Option<String>,
    }
    SubstituteFrom {
        kind: String,
        name: String,
        optional: Option<bool>,
    }
    Decryption {
        provider: String,
        secret_ref: Option<NameRef>,
        service_account_name: Option<String>,
    }
    Image {
        name: String,
        new_name: Option<String>,
        new_tag: Option<String>,
        digest: Option<String>,
    }
    Patch {
        patch: String,
        target: Option<Target>,
    }
    /// Fields that somebody else owns.
    Ignore {
        paths: Vec<String>,
        target: Option<Target>,
    }
    Target {
        group: Option<String>,
        version: Option<String>,
        kind: Option<String>,
        name: Option<String>,
        namespace: Option<String>,
        label_selector: Option<String>,
        annotation_selector: Option<String>,
    }
}

fields! {
    HelmReleaseSpec {
        interval: String,
        timeout: Option<String>,
        chart: Option<ChartTemplate>,
        chart_ref: Option<SourceRef>,
        release_name: Option<String>,
        target_namespace: Option<String>,
        storage_namespace: Option<String>,
        service_account_name: Option<String>,
        suspend: Option<bool>,
        max_history: Option<i64>,
        depends_on: Vec<DependsOn>,
        values: Value,
        values_from: Vec<ValuesFrom>,
        common_metadata: Option<CommonMetadata>,
        install: Option<Install>,
        upgrade: Option<Upgrade>,
        rollback: Option<Rollback>,
        uninstall: Option<Uninstall>,
        test: Option<Test>,
        drift_detection: Option<DriftDetection>,
        wait_strategy: Option<WaitStrategy>,
        health_check_exprs: Vec<HealthCheckExpr>,
    }
    ChartTemplate {
        metadata: Option<CommonMetadata>,
        spec: ChartTemplateSpec,
    }
    ChartTemplateSpec {
        chart: String,
        version: Option<String>,
        source_ref: SourceRef,
        interval: Option<String>,
        reconcile_strategy: Option<String>,
        values_files: Vec<String>,
        verify: Option<ChartVerification>,
    }
    ChartVerification {
        provider: String,
        secret_ref: Option<NameRef>,
    }
    ValuesFrom {
        kind: String,
        name: String,
        values_key: Option<String>,
        target_path: Option<String>,
        optional: Option<bool>,
    }
    Install {
        crds: Option<String>,
        create_namespace: Option<bool>,
        timeout: Option<String>,
        strategy: Option<Strategy>,
        remediation: Option<InstallRemediation>,
        disable_wait: Option<bool>,
        disable_wait_for_jobs: Option<bool>,
        server_side_apply: Option<bool>,
    }
    Upgrade {
        crds: Option<String>,
        timeout: Option<String>,
        strategy: Option<Strategy>,
        remediation: Option<UpgradeRemediation>,
        cleanup_on_fail: Option<bool>,
        force: Option<bool>,
        disable_wait: Option<bool>,
        disable_wait_for_jobs: Option<bool>,
        server_side_apply: Option<String>,
    }
    Strategy {
        name: String,
        retry_interval: Option<String>,
    }
    InstallRemediation {
        retries: Option<i64>,
        remediate_last_failure: Option<bool>,
        ignore_test_failures: Option<bool>,
    }
    UpgradeRemediation {
        retries: Option<i64>,
        strategy: Option<String>,
        remediate_last_failure: Option<bool>,
        ignore_test_failures: Option<bool>,
    }
    Rollback {
        timeout: Option<String>,
        cleanup_on_fail: Option<bool>,
        disable_wait: Option<bool>,
        disable_wait_for_jobs: Option<bool>,
    }
    Uninstall {
        timeout: Option<String>,
        keep_history: Option<bool>,
        disable_wait: Option<bool>,
        deletion_propagation: Option<String>,
    }
    Test {
        enable: Option<bool>,
        timeout: Option<String>,
        ignore_failures: Option<bool>,
        filters: Vec<TestFilter>,
    }
    TestFilter {
        name: String,
        exclude: Option<bool>,
    }
    DriftDetection {
        mode: Option<String>,
        ignore: Vec<Ignore>,
    }
    WaitStrategy {
        name: String,
    }
}
