//! PostgreSQL: one CloudNativePG cluster, sized from the number of users, and what its exporter asks Odoo's tables.
//!
//! What is built here passes the operator's own webhook, whatever the sizes.

mod parameters;
mod queries;

use std::collections::BTreeMap;

use crate::blueprint::names::*;
use crate::blueprint::{Build, Component, Edge, Peer, Place};
use crate::kinds::{cnpg, *};
use crate::manifest::Object;
use crate::model::{AddOn, Environment, Synchronous};
use crate::words::*;

use super::odoo;

pub(super) const COMPONENT: Component = Component {
    name: "database",
    summary: "the PostgreSQL cluster and its queries for monitoring",
    build: Build::Environment(build),
    edges,
    after: &["secrets", "storage"],
};

/// Seconds for which a server waits for clients to leave by themselves. Odoo keeps its connections, so none will.
const SMART_SHUTDOWN_SECONDS: i32 = 15;
/// Seconds in which a server must have stopped, or it is killed and recovers from its log.
const STOP_SECONDS: i32 = 300;

fn build(at: &Place, env: &Environment) -> Vec<Object> {
    vec![queries::config_map(at, env).into(), cluster(at, env).into()]
}

fn edges(env: &Environment) -> Vec<Edge> {
    let database = Peer::Workload(DATABASE);
    let mut edges = vec![
        Edge::tcp(database.clone(), database.clone(), [POSTGRESQL, DATABASE_STATUS]),
        Edge::tcp(CNPG_OPERATOR, database.clone(), [POSTGRESQL, DATABASE_STATUS]),
        // A policy sees the service's port or the one behind it.
        Edge::tcp(database.clone(), Peer::ApiServer, [443, 6443]),
    ];
    if env.cluster.has(AddOn::Prometheus) {
        edges.push(Edge::tcp(PROMETHEUS, database.clone(), [DATABASE_METRICS]));
    }
    if env.spec.backup.enabled {
        edges.push(Edge::tcp(
            database,
            Peer::ObjectStorage,
            [env.cluster.spec.object_storage.endpoint.port()],
        ));
    }
    edges
}

fn cluster(at: &Place, env: &Environment) -> cnpg::Cluster {
    let (database, sizing) = (&env.spec.database, &env.sizing);
    let several = database.instances > 1;
    let image = env.platform.spec.images.postgresql.get(&database.version.to_string());
    cnpg::Cluster {
        metadata: at.meta(DATABASE.name),
        spec: cnpg::ClusterSpec {
            instances: database.instances.into(),
            image_name: image.map(ToString::to_string),
            primary_update_strategy: some("unsupervised"),
            primary_update_method: some(if several { "switchover" } else { "restart" }),
            enable_superuser_access: Some(false),
            // The budget of a single server would keep its node from ever being drained.
            enable_pdb: Some(several),
            smart_shutdown_timeout: Some(SMART_SHUTDOWN_SECONDS),
            stop_delay: Some(STOP_SECONDS),
            switchover_delay: Some(STOP_SECONDS),
            bootstrap: some(cnpg::Bootstrap {
                initdb: some(initdb(env)),
                ..default()
            }),
            storage: some(storage(env, sizing.database_storage)),
            wal_storage: some(storage(env, sizing.wal_storage)),
            resources: some(guaranteed(sizing.database_cpu, sizing.database_memory)),
            affinity: some(affinity(env)),
            topology_spread_constraints: if several { vec![over_zones()] } else { vec![] },
            priority_class_name: some(if env.spec.tier.is_live() {
                PRIORITY_LIVE
            } else {
                PRIORITY_OTHER
            }),
            postgresql: some(cnpg::Postgresql {
                parameters: parameters::of(env),
                pg_hba: encrypted_only(),
                synchronous: synchronous(env),
                ..default()
            }),
            plugins: if env.spec.backup.enabled {
                vec![archiver(env)]
            } else {
                vec![]
            },
            monitoring: some(cnpg::Monitoring {
                enable_pod_monitor: Some(false),
                custom_queries_config_map: vec![cnpg::KeyRef {
                    name: DATABASE_QUERIES.into(),
                    key: queries::KEY.into(),
                }],
                ..default()
            }),
            // Said even for one server: the operator refuses that the section disappears when servers are taken away.
            replication_slots: some(cnpg::ReplicationSlots {
                high_availability: some(cnpg::HighAvailabilitySlots {
                    enabled: Some(true),
                    ..default()
                }),
                ..default()
            }),
            inherited_metadata: some(cnpg::Metadata {
                labels: inherited(at),
                ..default()
            }),
            ..default()
        },
    }
}

/// An empty database. Its owner may not create extensions, so the two that Odoo looks for are made here.
fn initdb(env: &Environment) -> cnpg::Initdb {
    cnpg::Initdb {
        database: some(env.database_name()),
        owner: some(DATABASE_OWNER),
        secret: some(cnpg::NameRef {
            name: DATABASE_SECRET.into(),
        }),
        encoding: some("UTF8"),
        locale_provider: some("libc"),
        locale_collate: some("C"),
        locale_ctype: some("C.UTF-8"),
        data_checksums: Some(true),
        post_init_application_sql: texts([
            "CREATE EXTENSION IF NOT EXISTS pg_trgm",
            "CREATE EXTENSION IF NOT EXISTS unaccent",
        ]),
        ..default()
    }
}

fn storage(env: &Environment, size: u64) -> cnpg::Storage {
    cnpg::Storage {
        size: some(bytes(size).0),
        storage_class: some(env.cluster.spec.storage_classes.database.as_str()),
        resize_in_use_volumes: Some(true),
        ..default()
    }
}

/// Servers of a live database never share a node; elsewhere a full cluster is no reason not to start.
fn affinity(env: &Environment) -> cnpg::Affinity {
    let pool = odoo::on_pool(env, default());
    cnpg::Affinity {
        enable_pod_anti_affinity: Some(true),
        pod_anti_affinity_type: some(if env.spec.tier.is_live() {
            "required"
        } else {
            "preferred"
        }),
        topology_key: some("kubernetes.io/hostname"),
        node_selector: pool.node_selector.unwrap_or_default(),
        tolerations: pool.tolerations.unwrap_or_default(),
        ..default()
    }
}

fn over_zones() -> TopologySpreadConstraint {
    let servers = map([("cnpg.io/cluster", DATABASE.name), ("cnpg.io/podRole", "instance")]);
    TopologySpreadConstraint {
        max_skew: 1,
        topology_key: "topology.kubernetes.io/zone".into(),
        when_unsatisfiable: "ScheduleAnyway".into(),
        label_selector: some(LabelSelector {
            match_labels: some(servers),
            ..default()
        }),
        ..default()
    }
}

/// The operator's last rule would let the owner in without TLS. Odoo opens the database `postgres` too, hence `all`.
fn encrypted_only() -> Vec<String> {
    vec![
        format!("hostssl all {DATABASE_OWNER} all scram-sha-256"),
        format!("host all {DATABASE_OWNER} all reject"),
    ]
}

/// With the quorum, a standby takes over by itself only when it surely holds every transaction that was confirmed.
fn synchronous(env: &Environment) -> Option<cnpg::Synchronous> {
    let durability = match env.spec.database.synchronous {
        Synchronous::None => return None,
        Synchronous::Preferred => "preferred",
        Synchronous::Required => "required",
    };
    some(cnpg::Synchronous {
        method: "any".into(),
        number: 1,
        data_durability: some(durability),
        failover_quorum: Some(true),
        ..default()
    })
}

/// The plugin that archives. A database that was made anew writes under a new server name: it would refuse to begin in
/// an archive that is not empty.
fn archiver(env: &Environment) -> cnpg::Plugin {
    let server = format!("{}-{:04}", DATABASE.name, env.spec.backup.incarnation);
    cnpg::Plugin {
        name: BACKUP_PLUGIN.into(),
        enabled: Some(true),
        is_wal_archiver: Some(true),
        parameters: map([("barmanObjectName", BACKUP_STORE), ("serverName", &server)]),
    }
}

/// Our own labels, for what the operator makes. Who manages it is said by the operator itself.
fn inherited(at: &Place) -> BTreeMap<String, String> {
    let own = at.labels.iter().filter(|(key, _)| key.starts_with("formwork/"));
    own.map(|(key, value)| (key.clone(), value.clone())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{environment, yaml_of};

    fn built(env: &Environment) -> Vec<Object> {
        build(&Place::of_environment(env, vec![]), env)
    }

    fn spec(env: &Environment) -> cnpg::ClusterSpec {
        built(env)
            .iter()
            .find_map(|object| object.view::<cnpg::Cluster>())
            .unwrap()
            .spec
    }

    #[test]
    fn the_cluster_of_production() {
        insta::assert_snapshot!(yaml_of("Cluster", "db", &built(&environment("", &[]))), @r#"
        apiVersion: postgresql.cnpg.io/v1
        kind: Cluster
        metadata:
          name: db
          namespace: hartmann-production
          labels:
            app.kubernetes.io/managed-by: formwork
            formwork/cost-centre: "4100"
            formwork/environment: production
            formwork/tenant: hartmann
            formwork/tier: production
        spec:
          affinity:
            enablePodAntiAffinity: true
            podAntiAffinityType: required
            topologyKey: kubernetes.io/hostname
          bootstrap:
            initdb:
              dataChecksums: true
              database: hartmann
              encoding: UTF8
              localeCType: C.UTF-8
              localeCollate: C
              localeProvider: libc
              owner: odoo
              postInitApplicationSQL:
              - CREATE EXTENSION IF NOT EXISTS pg_trgm
              - CREATE EXTENSION IF NOT EXISTS unaccent
              secret:
                name: db-app
          enablePDB: true
          enableSuperuserAccess: false
          imageName: registry.formwork.example/platform/postgresql:17.6-standard-trixie@sha256:3c0956f55c7559c49f12b4b20c9045b4eb9b45eb605bab29021eb3c5629b312e
          inheritedMetadata:
            labels:
              formwork/cost-centre: "4100"
              formwork/environment: production
              formwork/tenant: hartmann
              formwork/tier: production
          instances: 2
          monitoring:
            customQueriesConfigMap:
            - name: db-queries
              key: queries.yaml
            enablePodMonitor: false
          plugins:
          - name: barman-cloud.cloudnative-pg.io
            enabled: true
            isWALArchiver: true
            parameters:
              barmanObjectName: backup
              serverName: db-0001
          postgresql:
            parameters:
              autovacuum_vacuum_scale_factor: "0.05"
              effective_cache_size: 12GB
              idle_in_transaction_session_timeout: 1h
              jit: "off"
              log_checkpoints: "on"
              log_lock_waits: "on"
              log_min_duration_statement: "1000"
              maintenance_work_mem: 1GB
              max_connections: "150"
              max_slot_wal_keep_size: 2GB
              max_wal_size: 2GB
              min_wal_size: 1GB
              pg_stat_statements.max: "5000"
              pg_stat_statements.track: top
              random_page_cost: "1.1"
              shared_buffers: 4GB
              wal_compression: lz4
              wal_level: replica
              work_mem: 27MB
            pg_hba:
            - hostssl all odoo all scram-sha-256
            - host all odoo all reject
            synchronous:
              dataDurability: preferred
              failoverQuorum: true
              method: any
              number: 1
          primaryUpdateMethod: switchover
          primaryUpdateStrategy: unsupervised
          priorityClassName: odoo-live
          replicationSlots:
            highAvailability:
              enabled: true
          resources:
            limits:
              cpu: "4"
              memory: 16Gi
            requests:
              cpu: "4"
              memory: 16Gi
          smartShutdownTimeout: 15
          stopDelay: 300
          storage:
            resizeInUseVolumes: true
            size: 20Gi
            storageClass: block-retain
          switchoverDelay: 300
          topologySpreadConstraints:
          - labelSelector:
              matchLabels:
                cnpg.io/cluster: db
                cnpg.io/podRole: instance
            maxSkew: 1
            topologyKey: topology.kubernetes.io/zone
            whenUnsatisfiable: ScheduleAnyway
          walStorage:
            resizeInUseVolumes: true
            size: 5Gi
            storageClass: block-retain
        "#);
    }

    #[test]
    fn commits_wait_as_promised() {
        let durability = |resilience: &str| {
            let spec = spec(&environment(&format!("  resilience: {resilience}\n"), &[]));
            spec.postgresql
                .unwrap()
                .synchronous
                .map(|synchronous| (spec.instances, synchronous.data_durability.unwrap()))
        };
        assert_eq!(durability("silver"), Some((2, "preferred".into())));
        assert_eq!(durability("gold"), Some((3, "required".into())));
        let bronze = environment("", &[("tier: production", "tier: staging")]);
        assert_eq!(spec(&bronze).postgresql.unwrap().synchronous, None);
    }

    #[test]
    fn one_server_does_not_hold_up_its_node() {
        let spec = spec(&environment("", &[("tier: production", "tier: development")]));
        assert_eq!((spec.instances, spec.enable_pdb), (1, Some(false)));
        assert_eq!(spec.primary_update_method.as_deref(), Some("restart"));
        assert_eq!(
            spec.affinity.unwrap().pod_anti_affinity_type.as_deref(),
            Some("preferred")
        );
        assert!(spec.topology_spread_constraints.is_empty());
    }

    #[test]
    fn a_pool_of_nodes_is_asked_for_and_tolerated() {
        let pool = "monitoring: {}\n  nodePools:\n    - {name: erp, tiers: [production], labels: {erp/pool: live}, tainted: true}\n---\napiVersion: formwork/v1alpha1\nkind: Tenant";
        let env = environment(
            "",
            &[("---\napiVersion: formwork/v1alpha1\nkind: Tenant", &format!("  {pool}"))],
        );
        let affinity = spec(&env).affinity.unwrap();
        assert_eq!(affinity.node_selector, map([("erp/pool", "live")]));
        assert_eq!(affinity.tolerations[0].key.as_deref(), Some("erp/pool"));
    }

    #[test]
    fn an_image_has_a_tag_and_a_digest() {
        let image = spec(&environment("", &[])).image_name.unwrap();
        assert!(image.contains(":17.6-standard-trixie@sha256:"), "{image}");
    }

    #[test]
    fn each_incarnation_writes_into_an_archive_of_its_own() {
        let server = |settings: &str| {
            let spec = spec(&environment(settings, &[]));
            let names: Vec<_> = spec
                .plugins
                .iter()
                .map(|plugin| plugin.parameters["serverName"].clone())
                .collect();
            names.join(",")
        };
        assert_eq!(server(""), "db-0001");
        assert_eq!(server("  backup: {incarnation: 12}\n"), "db-0012");
    }

    #[test]
    fn without_backups_nothing_is_archived() {
        let env = environment(
            "  backup: {enabled: false}\n",
            &[("tier: production", "tier: development")],
        );
        assert!(spec(&env).plugins.is_empty());
        assert!(!edges(&env).iter().any(|edge| edge.to == Peer::ObjectStorage));
    }

    #[test]
    fn the_section_of_slots_never_disappears() {
        for tier in ["production", "development"] {
            let env = environment("", &[("tier: production", &format!("tier: {tier}"))]);
            assert_eq!(
                spec(&env).replication_slots.unwrap().high_availability.unwrap().enabled,
                Some(true)
            );
        }
    }

    #[test]
    fn servers_reach_each_other_the_operator_the_api_and_the_archive() {
        let lines: Vec<String> = edges(&environment("", &[]))
            .iter()
            .map(|edge| {
                let end = |peer: &Peer| match peer {
                    Peer::Workload(workload) => workload.name.to_owned(),
                    Peer::Platform { namespace, .. } => (*namespace).to_owned(),
                    other => format!("{other:?}"),
                };
                let ports: Vec<_> = edge.ports.iter().map(|port| port.number).collect();
                format!("{} -> {} {ports:?}", end(&edge.from), end(&edge.to))
            })
            .collect();
        assert_eq!(
            lines,
            [
                "db -> db [5432, 8000]",
                "cnpg-system -> db [5432, 8000]",
                "db -> ApiServer [443, 6443]",
                "monitoring -> db [9187]",
                "db -> ObjectStorage [443]",
            ]
        );
    }
}
