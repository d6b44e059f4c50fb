//! The spec of a cluster: its instances, their storage and settings, and how they are run.
//!
//! Settings of PostgreSQL are text throughout, numbers included, because the operator refuses anything else.

use std::collections::BTreeMap;

use super::{
    Bootstrap, ExternalCluster, KeyRef, Metadata, NameRef, NamedMetadata, Plugin, Replica, ServiceTemplate, fields,
};
use crate::kinds::{
    EnvVar, LabelSelector, NodeAffinity, PersistentVolumeClaimSpec, PodAffinity, PodAntiAffinity, Quantity,
    ResourceRequirements, SeccompProfile, Toleration, TopologySpreadConstraint,
};

fields! {
    ClusterSpec {
        description: Option<String>,
        instances: i64,
        image_name: Option<String>,
        image_pull_policy: Option<String>,
        image_pull_secrets: Vec<NameRef>,
        bootstrap: Option<Bootstrap>,
        external_clusters: Vec<ExternalCluster>,
        replica: Option<Replica>,
        storage: Option<Storage>,
        wal_storage: Option<Storage>,
        ephemeral_volumes_size_limit: Option<EphemeralVolumes>,
        resources: Option<ResourceRequirements>,
        env: Vec<EnvVar>,
        postgresql: Option<Postgresql>,
        plugins: Vec<Plugin>,
        managed: Option<Managed>,
        replication_slots: Option<ReplicationSlots>,
        monitoring: Option<Monitoring>,
        certificates: Option<Certificates>,
        superuser_secret: Option<NameRef>,
        enable_superuser_access: Option<bool>,
        #[serde(rename = "enablePDB")]
        enable_pdb: Option<bool>,
        primary_update_strategy: Option<String>,
        primary_update_method: Option<String>,
        primary_lease: Option<PrimaryLease>,
        start_delay: Option<i32>,
        stop_delay: Option<i32>,
        smart_shutdown_timeout: Option<i32>,
        switchover_delay: Option<i32>,
        failover_delay: Option<i32>,
        probes: Option<Probes>,
        affinity: Option<Affinity>,
        topology_spread_constraints: Vec<TopologySpreadConstraint>,
        priority_class_name: Option<String>,
        scheduler_name: Option<String>,
        seccomp_profile: Option<SeccompProfile>,
        inherited_metadata: Option<Metadata>,
        service_account_template: Option<ServiceAccountTemplate>,
        pod_selector_refs: Vec<PodSelectorRef>,
        node_maintenance_window: Option<NodeMaintenanceWindow>,
        log_level: Option<String>,
    }
}

fields! {
    Storage {
        size: Option<String>,
        storage_class: Option<String>,
        resize_in_use_volumes: Option<bool>,
        pvc_template: Option<PersistentVolumeClaimSpec>,
    }
    EphemeralVolumes {
        shm: Option<Quantity>,
        temporary_data: Option<Quantity>,
    }
    Postgresql {
        parameters: BTreeMap<String, String>,
        #[serde(rename = "pg_hba")]
        pg_hba: Vec<String>,
        #[serde(rename = "pg_ident")]
        pg_ident: Vec<String>,
        #[serde(rename = "shared_preload_libraries")]
        shared_preload_libraries: Vec<String>,
        synchronous: Option<Synchronous>,
        enable_alter_system: Option<bool>,
        promotion_timeout: Option<i32>,
    }
    Synchronous {
        method: String,
        number: i64,
        data_durability: Option<String>,
        failover_quorum: Option<bool>,
        max_standby_names_from_cluster: Option<i64>,
        standby_names_pre: Vec<String>,
        standby_names_post: Vec<String>,
    }
    Managed {
        roles: Vec<ManagedRole>,
        services: Option<ManagedServices>,
    }
    ManagedRole {
        name: String,
        comment: Option<String>,
        ensure: Option<String>,
        login: Option<bool>,
        inherit: Option<bool>,
        superuser: Option<bool>,
        createdb: Option<bool>,
        createrole: Option<bool>,
        replication: Option<bool>,
        bypassrls: Option<bool>,
        connection_limit: Option<i64>,
        valid_until: Option<String>,
        in_roles: Vec<String>,
        password_secret: Option<NameRef>,
        disable_password: Option<bool>,
    }
    ManagedServices {
        disabled_default_services: Vec<String>,
        additional: Vec<ManagedService>,
    }
    ManagedService {
        selector_type: String,
        update_strategy: Option<String>,
        service_template: ServiceTemplate,
    }
    ReplicationSlots {
        high_availability: Option<HighAvailabilitySlots>,
        synchronize_replicas: Option<SynchronizeReplicas>,
        update_interval: Option<i64>,
    }
    HighAvailabilitySlots {
        enabled: Option<bool>,
        slot_prefix: Option<String>,
        synchronize_logical_decoding: Option<bool>,
    }
    SynchronizeReplicas {
        enabled: bool,
        exclude_patterns: Vec<String>,
    }
    Monitoring {
        enable_pod_monitor: Option<bool>,
        disable_default_queries: Option<bool>,
        custom_queries_config_map: Vec<KeyRef>,
        custom_queries_secret: Vec<KeyRef>,
        #[serde(rename = "metricsQueriesTTL")]
        metrics_queries_ttl: Option<String>,
        tls: Option<MonitoringTLS>,
    }
    MonitoringTLS {
        enabled: Option<bool>,
    }
    Certificates {
        #[serde(rename = "serverTLSSecret")]
        server_tls_secret: Option<String>,
        #[serde(rename = "serverCASecret")]
        server_ca_secret: Option<String>,
        #[serde(rename = "replicationTLSSecret")]
        replication_tls_secret: Option<String>,
        #[serde(rename = "clientCASecret")]
        client_ca_secret: Option<String>,
        #[serde(rename = "serverAltDNSNames")]
        server_alt_dns_names: Vec<String>,
    }
    PrimaryLease {
        lease_duration_seconds: Option<i32>,
        released_lease_duration_seconds: Option<i32>,
        renew_deadline_seconds: Option<i32>,
        retry_period_seconds: Option<i32>,
    }
    Probes {
        startup: Option<DatabaseProbe>,
        readiness: Option<DatabaseProbe>,
        liveness: Option<LivenessProbe>,
    }
    DatabaseProbe {
        #[serde(rename = "type")]
        type_: Option<String>,
        maximum_lag: Option<Quantity>,
        initial_delay_seconds: Option<i32>,
        period_seconds: Option<i32>,
        timeout_seconds: Option<i32>,
        success_threshold: Option<i32>,
        failure_threshold: Option<i32>,
        termination_grace_period_seconds: Option<i64>,
    }
    LivenessProbe {
        isolation_check: Option<IsolationCheck>,
        initial_delay_seconds: Option<i32>,
        period_seconds: Option<i32>,
        timeout_seconds: Option<i32>,
        success_threshold: Option<i32>,
        failure_threshold: Option<i32>,
        termination_grace_period_seconds: Option<i64>,
    }
    IsolationCheck {
        enabled: Option<bool>,
        connection_timeout: Option<i64>,
        request_timeout: Option<i64>,
    }
    Affinity {
        enable_pod_anti_affinity: Option<bool>,
        pod_anti_affinity_type: Option<String>,
        topology_key: Option<String>,
        node_selector: BTreeMap<String, String>,
        node_affinity: Option<NodeAffinity>,
        additional_pod_affinity: Option<PodAffinity>,
        additional_pod_anti_affinity: Option<PodAntiAffinity>,
        tolerations: Vec<Toleration>,
    }
    ServiceAccountTemplate {
        metadata: NamedMetadata,
    }
    /// A name by which `pg_hba` can speak of pods.
    PodSelectorRef {
        name: String,
        selector: LabelSelector,
    }
    NodeMaintenanceWindow {
        in_progress: Option<bool>,
        #[serde(rename = "reusePVC")]
        reuse_pvc: Option<bool>,
    }
}
