//! Valkey: the sessions of one environment. Losing it means to log in again, so one server is enough.
//!
//! Every client has a name and a password, and sees only what it needs.

use std::collections::BTreeMap;

use crate::blueprint::names::*;
use crate::blueprint::{Build, Component, Edge, Peer, Place, stamp};
use crate::kinds::*;
use crate::manifest::Object;
use crate::model::{AddOn, Environment, Sessions};
use crate::words::*;

use super::{odoo, storage};

pub(super) const COMPONENT: Component = Component {
    name: "cache",
    summary: "Valkey for the sessions",
    build: Build::Environment(build),
    edges,
    after: &["identity", "secrets"],
};

/// The claim of the volume. It stands by itself, since the claim template of a stateful set can never be changed.
const CLAIM: &str = "valkey";

fn build(at: &Place, env: &Environment) -> Vec<Object> {
    if env.release.spec.sessions != Sessions::Redis {
        return vec![];
    }
    vec![
        config_map(at, env).into(),
        claim(at, env).into(),
        service(at).into(),
        server(at, env).into(),
    ]
}

fn edges(env: &Environment) -> Vec<Edge> {
    if env.release.spec.sessions != Sessions::Redis || !env.cluster.has(AddOn::Prometheus) {
        return vec![];
    }
    vec![Edge::tcp(PROMETHEUS, Peer::Workload(CACHE), [VALKEY_METRICS])]
}

fn config_map(at: &Place, env: &Environment) -> ConfigMap {
    ConfigMap {
        metadata: at.meta(&config_name(env)),
        immutable: Some(true),
        data: some(config(env)),
        ..default()
    }
}

fn config_name(env: &Environment) -> String {
    stamp(CACHE.name, &config(env))
}

/// When memory runs out, the sessions that were not used for longest go. Every write is logged, so no snapshots.
fn config(env: &Environment) -> BTreeMap<String, String> {
    let text = format!(
        "port {VALKEY}\n\
         protected-mode yes\n\
         aclfile /etc/valkey-acl/users.acl\n\
         maxmemory {}\n\
         maxmemory-policy volatile-lru\n\
         dir /data\n\
         appendonly yes\n\
         appendfsync everysec\n\
         save \"\"\n",
        env.sizing.cache_memory
    );
    BTreeMap::from([("valkey.conf".to_owned(), text)])
}

fn claim(at: &Place, env: &Environment) -> PersistentVolumeClaim {
    let class = env.cluster.spec.storage_classes.general.as_str();
    storage::claim(at, CLAIM, "ReadWriteOnce", Some(class), env.spec.cache.storage.as_str())
}

/// An address that stays when the pod moves, so that no client waits for an old one to be forgotten.
fn service(at: &Place) -> Service {
    Service {
        metadata: at.meta(CACHE_SERVICE),
        spec: some(ServiceSpec {
            type_: some("ClusterIP"),
            selector: CACHE.selector().match_labels,
            ports: some([service_port("redis", VALKEY)]),
            ..default()
        }),
        ..default()
    }
}

/// A stateful set, because it never runs two pods on one log.
fn server(at: &Place, env: &Environment) -> StatefulSet {
    let mut containers = vec![valkey(env)];
    if env.cluster.has(AddOn::Prometheus) {
        containers.push(exporter(env));
    }
    let pod = PodSpec {
        service_account_name: some(CACHE.name),
        priority_class_name: some(if env.spec.tier.is_live() {
            PRIORITY_LIVE
        } else {
            PRIORITY_OTHER
        }),
        termination_grace_period_seconds: Some(60),
        containers,
        volumes: some([
            config_volume("config", &config_name(env)),
            users(),
            claim_volume("data", CLAIM),
        ]),
        ..odoo::on_pool(env, confined(1000, 1000))
    };
    StatefulSet {
        metadata: at.workload_meta(&CACHE),
        spec: some(StatefulSetSpec {
            service_name: some(CACHE_SERVICE),
            replicas: Some(1),
            selector: CACHE.selector(),
            template: PodTemplateSpec {
                metadata: some(at.pod_meta(&CACHE)),
                spec: some(pod),
            },
            ..default()
        }),
        ..default()
    }
}

/// Its command replaces the entry point of the image, which would look for files that it may not change.
fn valkey(env: &Environment) -> Container {
    let memory = limit(env.sizing.cache_memory);
    Container {
        name: "valkey".into(),
        image: some(env.platform.spec.images.valkey.to_string()),
        command: some(texts(["valkey-server", "/etc/valkey/valkey.conf"])),
        ports: some([port("redis", VALKEY)]),
        resources: some(resources(100, memory, memory)),
        // Reading the log back takes as long as there are sessions.
        startup_probe: some(ContainerProbe {
            period_seconds: Some(2),
            failure_threshold: Some(60),
            ..tcp_probe("redis")
        }),
        readiness_probe: some(ContainerProbe {
            period_seconds: Some(5),
            ..tcp_probe("redis")
        }),
        liveness_probe: some(ContainerProbe {
            period_seconds: Some(20),
            failure_threshold: Some(6),
            ..tcp_probe("redis")
        }),
        volume_mounts: some([
            mount_read_only("config", "/etc/valkey"),
            mount_read_only("users", "/etc/valkey-acl"),
            mount("data", "/data"),
        ]),
        ..hardened()
    }
}

/// `maxmemory` is seven tenths of it: the rest is for connections and for rewriting the log.
fn limit(maxmemory: u64) -> u64 {
    (maxmemory.div_ceil(7) * 10).next_multiple_of(32 * MEBI)
}

fn exporter(env: &Environment) -> Container {
    Container {
        name: "exporter".into(),
        image: some(env.platform.spec.images.valkey_exporter.to_string()),
        env: some([
            crate::words::env("REDIS_ADDR", format!("redis://localhost:{VALKEY}")),
            crate::words::env("REDIS_USER", "exporter"),
            env_secret("REDIS_PASSWORD", CACHE_ACL_SECRET, "exporter-password"),
        ]),
        ports: some([port("metrics", VALKEY_METRICS)]),
        resources: some(resources(10, 32 * MEBI, 64 * MEBI)),
        liveness_probe: some(ContainerProbe {
            period_seconds: Some(30),
            timeout_seconds: Some(5),
            failure_threshold: Some(6),
            ..http_probe("/health", "metrics")
        }),
        ..hardened()
    }
}

/// The users without the exporter's password, which only the exporter may read.
fn users() -> Volume {
    let item = KeyToPath {
        key: "users.acl".into(),
        path: "users.acl".into(),
        ..default()
    };
    let source = SecretVolumeSource {
        secret_name: some(CACHE_ACL_SECRET),
        items: some([item]),
        ..default()
    };
    Volume {
        name: "users".into(),
        secret: some(source),
        ..default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{environment, yaml_of};

    fn built(env: &Environment) -> Vec<Object> {
        build(&Place::of_environment(env, vec![]), env)
    }

    #[test]
    fn one_server_with_its_exporter() {
        let objects = built(&environment("", &[]));
        insta::assert_snapshot!(yaml_of("StatefulSet", "valkey", &objects), @r#"
        apiVersion: apps/v1
        kind: StatefulSet
        metadata:
          name: valkey
          namespace: hartmann-production
          labels:
            app.kubernetes.io/component: cache
            app.kubernetes.io/managed-by: formwork
            app.kubernetes.io/name: valkey
            formwork/cost-centre: "4100"
            formwork/environment: production
            formwork/tenant: hartmann
            formwork/tier: production
        spec:
          replicas: 1
          selector:
            matchLabels:
              app.kubernetes.io/component: cache
              app.kubernetes.io/name: valkey
          serviceName: valkey
          template:
            metadata:
              labels:
                app.kubernetes.io/component: cache
                app.kubernetes.io/managed-by: formwork
                app.kubernetes.io/name: valkey
                formwork/cost-centre: "4100"
                formwork/environment: production
                formwork/tenant: hartmann
                formwork/tier: production
            spec:
              automountServiceAccountToken: false
              containers:
              - name: valkey
                command:
                - valkey-server
                - /etc/valkey/valkey.conf
                image: registry.formwork.example/platform/valkey:8.1.4@sha256:7ccf008884afa35db3be1a6b1d134b0080d8a9de991a62baa8896281aa3dd840
                livenessProbe:
                  failureThreshold: 6
                  periodSeconds: 20
                  tcpSocket:
                    port: redis
                ports:
                - name: redis
                  containerPort: 6379
                  protocol: TCP
                readinessProbe:
                  periodSeconds: 5
                  tcpSocket:
                    port: redis
                resources:
                  limits:
                    memory: 192Mi
                  requests:
                    cpu: 100m
                    memory: 192Mi
                securityContext:
                  allowPrivilegeEscalation: false
                  capabilities:
                    drop:
                    - ALL
                  readOnlyRootFilesystem: true
                startupProbe:
                  failureThreshold: 60
                  periodSeconds: 2
                  tcpSocket:
                    port: redis
                volumeMounts:
                - name: config
                  mountPath: /etc/valkey
                  readOnly: true
                - name: users
                  mountPath: /etc/valkey-acl
                  readOnly: true
                - name: data
                  mountPath: /data
              - name: exporter
                env:
                - name: REDIS_ADDR
                  value: redis://localhost:6379
                - name: REDIS_USER
                  value: exporter
                - name: REDIS_PASSWORD
                  valueFrom:
                    secretKeyRef:
                      key: exporter-password
                      name: valkey-acl
                image: registry.formwork.example/platform/redis-exporter:v1.88.0@sha256:f8197f6f2c29adda12263dc6a4f8ad341c0f669677c3011c60824b8dd18e5893
                livenessProbe:
                  failureThreshold: 6
                  httpGet:
                    path: /health
                    port: metrics
                  periodSeconds: 30
                  timeoutSeconds: 5
                ports:
                - name: metrics
                  containerPort: 9121
                  protocol: TCP
                resources:
                  limits:
                    memory: 64Mi
                  requests:
                    cpu: 10m
                    memory: 32Mi
                securityContext:
                  allowPrivilegeEscalation: false
                  capabilities:
                    drop:
                    - ALL
                  readOnlyRootFilesystem: true
              enableServiceLinks: false
              priorityClassName: odoo-live
              securityContext:
                fsGroup: 1000
                fsGroupChangePolicy: OnRootMismatch
                runAsGroup: 1000
                runAsNonRoot: true
                runAsUser: 1000
                seccompProfile:
                  type: RuntimeDefault
              serviceAccountName: valkey
              terminationGracePeriodSeconds: 60
              volumes:
              - name: config
                configMap:
                  name: valkey-8384b22f
              - name: users
                secret:
                  items:
                  - key: users.acl
                    path: users.acl
                  secretName: valkey-acl
              - name: data
                persistentVolumeClaim:
                  claimName: valkey
        "#);
    }

    #[test]
    fn its_configuration_follows_the_memory() {
        let env = environment("", &[]);
        insta::assert_snapshot!(config(&env)["valkey.conf"], @r#"
        port 6379
        protected-mode yes
        aclfile /etc/valkey-acl/users.acl
        maxmemory 134217728
        maxmemory-policy volatile-lru
        dir /data
        appendonly yes
        appendfsync everysec
        save ""
        "#);
        let larger = environment("  cache: {memory: 1Gi}\n", &[]);
        assert_ne!(config_name(&env), config_name(&larger));
        assert!(config(&larger)["valkey.conf"].contains("maxmemory 1073741824\n"));
    }

    #[test]
    fn its_address_stays_when_the_pod_moves() {
        let service = yaml_of("Service", "valkey", &built(&environment("", &[])));
        assert!(
            service.contains("type: ClusterIP") && !service.contains("clusterIP: None"),
            "{service}"
        );
    }

    #[test]
    fn its_volume_can_grow() {
        let objects = built(&environment("  cache: {storage: 4Gi}\n", &[]));
        insta::assert_snapshot!(yaml_of("PersistentVolumeClaim", "valkey", &objects), @r#"
        apiVersion: v1
        kind: PersistentVolumeClaim
        metadata:
          name: valkey
          namespace: hartmann-production
          labels:
            app.kubernetes.io/managed-by: formwork
            formwork/cost-centre: "4100"
            formwork/environment: production
            formwork/tenant: hartmann
            formwork/tier: production
        spec:
          accessModes:
          - ReadWriteOnce
          resources:
            requests:
              storage: 4Gi
          storageClassName: block
        "#);
        let server = objects.iter().find_map(|object| object.view::<StatefulSet>()).unwrap();
        assert_eq!(server.spec.unwrap().volume_claim_templates, None);
    }

    #[test]
    fn the_exporter_cannot_read_the_users_and_the_server_not_the_password() {
        let objects = built(&environment("", &[]));
        let pod = objects.iter().find_map(Object::pod_spec).unwrap();
        let mounts = |container: &Container| container.volume_mounts.clone().unwrap_or_default();
        assert!(
            pod.containers
                .iter()
                .any(|container| container.name == "exporter" && mounts(container).is_empty())
        );
        let volumes = pod.volumes.unwrap();
        let users = volumes.iter().find_map(|volume| volume.secret.as_ref()).unwrap();
        let keys: Vec<_> = users.items.iter().flatten().map(|item| item.key.as_str()).collect();
        assert_eq!(keys, ["users.acl"]);
    }

    #[test]
    fn memory_leaves_room_above_maxmemory() {
        assert_eq!(limit(128 * MEBI), 192 * MEBI);
        for maxmemory in [MEBI, 64 * MEBI, 100 * MEBI, 3 * GIBI, i64::MAX as u64] {
            let limit = limit(maxmemory);
            assert!(u128::from(limit) * 7 >= u128::from(maxmemory) * 10 && limit.is_multiple_of(32 * MEBI));
        }
    }

    #[test]
    fn sessions_on_the_volume_need_no_server() {
        let env = environment("", &[("modules: [base,", "sessions: volume\n  modules: [base,")]);
        assert!(built(&env).is_empty());
        assert!(edges(&env).is_empty());
    }

    #[test]
    fn without_prometheus_nobody_exports() {
        let env = environment("  monitoring: {alerts: false}\n", &[("keda, prometheus,", "keda,")]);
        let pod = built(&env).iter().find_map(Object::pod_spec).unwrap();
        assert_eq!(pod.containers.len(), 1);
        assert!(edges(&env).is_empty());
    }
}
