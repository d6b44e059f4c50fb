//! Odoo itself: the pods that serve people, the pods that run scheduled actions, and their service.

use crate::blueprint::names::*;
use crate::blueprint::{Build, Component, Edge, Peer, Place, Workload};
use crate::kinds::*;
use crate::manifest::Object;
use crate::model::{Environment, FilestoreBackend, OptionName, Sessions};
use crate::words::*;

use super::configuration;

pub(super) const COMPONENT: Component = Component {
    name: "odoo",
    summary: "Odoo's web and cron pods and their service",
    build: Build::Environment(build),
    edges,
    after: &["migration"],
};

/// Seconds that a pod stays after it was told to go, so that Traefik sends it no new requests.
const DRAIN_SECONDS: i64 = 15;
/// Seconds that a scheduled action may take (`limit_time_real_cron`), unless the environment says otherwise.
const CRON_SECONDS: i64 = 3600;

fn build(at: &Place, env: &Environment) -> Vec<Object> {
    let mut objects = vec![web(at, env).into(), cron(at, env).into(), service(at, env).into()];
    if env.sizing.maximum > 1 {
        objects.push(disruption_budget(at).into());
    }
    objects
}

fn edges(env: &Environment) -> Vec<Edge> {
    let (web, cron) = (Peer::Workload(WEB), Peer::Workload(CRON));
    let ports: &[u16] = if env.sizing.workers == 0 {
        &[HTTP]
    } else {
        &[HTTP, GEVENT]
    };
    let mut edges: Vec<Edge> = ports
        .iter()
        .map(|port| Edge::tcp(TRAEFIK, web.clone(), [*port]))
        .collect();
    for odoo in [&web, &cron] {
        edges.extend(dependencies(env, odoo));
        if env.spec.egress.internet {
            edges.push(Edge::tcp(odoo.clone(), Peer::Internet, [443]));
        }
        if env.spec.egress.mail {
            edges.push(Edge::tcp(odoo.clone(), Peer::Internet, [465, 587, 993]));
        }
        for network in &env.spec.egress.networks {
            for port in &network.ports {
                edges.push(Edge::tcp(
                    odoo.clone(),
                    Peer::Network(network.cidr.to_string()),
                    [*port],
                ));
            }
        }
        if env.release.spec.queue {
            // The job runner of whichever pod leads hands jobs to the web pods over HTTP.
            edges.push(Edge::tcp(odoo.clone(), web.clone(), [HTTP]));
        }
    }
    edges
}

/// What every Odoo process needs.
pub(super) fn dependencies(env: &Environment, odoo: &Peer) -> Vec<Edge> {
    let mut edges = vec![Edge::tcp(odoo.clone(), Peer::Workload(DATABASE), [POSTGRESQL])];
    if env.release.spec.sessions == Sessions::Redis {
        edges.push(Edge::tcp(odoo.clone(), Peer::Workload(CACHE), [VALKEY]));
    }
    if env.spec.filestore.backend == FilestoreBackend::Bucket {
        let port = env.cluster.spec.object_storage.endpoint.port();
        edges.push(Edge::tcp(odoo.clone(), Peer::ObjectStorage, [port]));
    }
    edges
}

fn web(at: &Place, env: &Environment) -> Deployment {
    let sizing = &env.sizing;
    // The event loop stays responsive while all workers are busy; the threaded server has none.
    let alive = if sizing.workers == 0 { "http" } else { "gevent" };
    let mut ports = vec![port("http", HTTP)];
    if sizing.workers > 0 {
        ports.push(port("gevent", GEVENT));
    }
    let container = Container {
        ports: some(ports),
        resources: some(odoo_resources(
            sizing.web_cpu,
            sizing.web_memory_request,
            sizing.web_memory_limit,
        )),
        startup_probe: some(startup("http")),
        readiness_probe: some(ContainerProbe {
            period_seconds: Some(10),
            timeout_seconds: Some(5),
            failure_threshold: Some(3),
            ..http_probe("/web/health", "http")
        }),
        liveness_probe: some(ContainerProbe {
            period_seconds: Some(20),
            timeout_seconds: Some(10),
            failure_threshold: Some(6),
            ..http_probe("/web/health", alive)
        }),
        lifecycle: some(Lifecycle {
            pre_stop: some(LifecycleHandler {
                sleep: some(SleepAction { seconds: DRAIN_SECONDS }),
                ..default()
            }),
            ..default()
        }),
        ..odoo_container(env, &[])
    };
    let pod = PodSpec {
        termination_grace_period_seconds: Some(i64::from(env.spec.odoo.request_timeout) + 60),
        ..odoo_pod(env, &WEB, container)
    };
    Deployment {
        metadata: at.workload_meta(&WEB),
        spec: some(DeploymentSpec {
            // The autoscaler owns the number where it may change.
            replicas: (sizing.minimum == sizing.maximum).then(|| count(sizing.minimum)),
            revision_history_limit: Some(5),
            progress_deadline_seconds: Some(900),
            strategy: some(rolling(0, 1)),
            selector: WEB.selector(),
            template: PodTemplateSpec {
                metadata: some(at.pod_meta(&WEB)),
                spec: some(pod),
            },
            ..default()
        }),
        ..default()
    }
}

fn cron(at: &Place, env: &Environment) -> Deployment {
    let sizing = &env.sizing;
    let threads = format!("--max-cron-threads={}", sizing.cron_threads);
    let memory = (310 + 325 * u64::from(sizing.cron_threads)) * MEBI;
    let container = Container {
        // With `--workers=-1` there is no HTTP worker, but the event loop answers probes.
        ports: some([port("gevent", GEVENT)]),
        resources: some(odoo_resources(250, memory, 3 * GIBI)),
        startup_probe: some(startup("gevent")),
        liveness_probe: some(ContainerProbe {
            period_seconds: Some(30),
            timeout_seconds: Some(10),
            failure_threshold: Some(6),
            ..http_probe("/web/health", "gevent")
        }),
        readiness_probe: some(ContainerProbe {
            period_seconds: Some(10),
            timeout_seconds: Some(5),
            failure_threshold: Some(3),
            ..http_probe("/web/health?db_server_status=1", "gevent")
        }),
        ..odoo_container(env, &["--workers=-1", &threads])
    };
    let pod = PodSpec {
        termination_grace_period_seconds: Some(cron_seconds(env) + 60),
        ..odoo_pod(env, &CRON, container)
    };
    Deployment {
        metadata: at.workload_meta(&CRON),
        spec: some(DeploymentSpec {
            replicas: some(count(sizing.cron_pods)),
            revision_history_limit: Some(5),
            progress_deadline_seconds: Some(900),
            strategy: some(rolling(1, 0)),
            selector: CRON.selector(),
            template: PodTemplateSpec {
                metadata: some(at.pod_meta(&CRON)),
                spec: some(pod),
            },
            ..default()
        }),
        ..default()
    }
}

fn service(at: &Place, env: &Environment) -> Service {
    let mut ports = vec![service_port("http", HTTP)];
    if env.sizing.workers > 0 {
        ports.push(service_port("gevent", GEVENT));
    }
    Service {
        metadata: at.meta(WEB_SERVICE),
        spec: some(ServiceSpec {
            type_: some("ClusterIP"),
            selector: WEB.selector().match_labels,
            ports: some(ports),
            ..default()
        }),
        ..default()
    }
}

fn disruption_budget(at: &Place) -> PodDisruptionBudget {
    PodDisruptionBudget {
        metadata: at.meta(WEB.name),
        spec: some(PodDisruptionBudgetSpec {
            max_unavailable: Some(IntOrString::Int(1)),
            unhealthy_pod_eviction_policy: some("AlwaysAllow"),
            selector: some(WEB.selector()),
            ..default()
        }),
        ..default()
    }
}

/// A pod of Odoo, with its volumes and its place among the nodes.
pub(super) fn odoo_pod(env: &Environment, workload: &Workload, container: Container) -> PodSpec {
    let (user, group) = user(env);
    PodSpec {
        service_account_name: some(workload.name),
        priority_class_name: some(if env.spec.tier.is_live() {
            PRIORITY_LIVE
        } else {
            PRIORITY_OTHER
        }),
        topology_spread_constraints: some(spread(&workload.selector())),
        containers: vec![container],
        volumes: some([
            configuration::volume(env),
            claim_volume("data", FILESTORE_CLAIM),
            scratch_volume("tmp", "1Gi"),
        ]),
        ..on_pool(env, confined(user, group))
    }
}

/// A container of Odoo, without ports and probes.
///
/// Its command replaces the entry point of the image, which would put the password on the command line.
pub(super) fn odoo_container(env: &Environment, arguments: &[&str]) -> Container {
    let mut command = vec![
        "odoo".to_owned(),
        format!("--config={}/odoo.conf", configuration::MOUNT),
    ];
    command.extend(arguments.iter().map(|argument| (*argument).to_owned()));
    Container {
        name: "odoo".into(),
        image: some(env.release.spec.image.to_string()),
        command: some(command),
        env: some(variables(env)),
        volume_mounts: some([
            mount_read_only("config", configuration::MOUNT),
            mount("data", "/var/lib/odoo"),
            mount("tmp", "/tmp"),
        ]),
        ..hardened()
    }
}

/// The official images from 18 on run as 100:101, those before as 101:101; the image names its user, and Kubernetes
/// cannot tell that a name is not root.
fn user(env: &Environment) -> (i64, i64) {
    if env.release.spec.odoo.major() >= 18 {
        (100, 101)
    } else {
        (101, 101)
    }
}

/// The pod on the node pool of its tier, if the cluster keeps one.
pub(super) fn on_pool(env: &Environment, pod: PodSpec) -> PodSpec {
    let Some(pool) = env.cluster.node_pool(env.spec.tier) else {
        return pod;
    };
    let labels = pool.labels.iter().map(|(key, value)| (key.clone(), value.to_string()));
    let tolerations = pool
        .labels
        .iter()
        .filter(|_| pool.tainted)
        .map(|(key, value)| Toleration {
            key: some(key.as_str()),
            operator: some("Equal"),
            value: some(value.to_string()),
            effect: some("NoSchedule"),
            ..default()
        });
    PodSpec {
        node_selector: Some(labels.collect()),
        tolerations: Some(tolerations.collect::<Vec<_>>()).filter(|list| !list.is_empty()),
        ..pod
    }
}

/// What Odoo, its modules and `psql` read from the environment. Nothing else named `ODOO_…` may be there: Odoo 19 takes
/// each for an option, over the file.
fn variables(env: &Environment) -> Vec<EnvVar> {
    let mut variables = vec![
        crate::words::env("PGHOST", DATABASE_SERVICE),
        crate::words::env("PGPORT", POSTGRESQL.to_string()),
        crate::words::env("PGUSER", DATABASE_OWNER),
        crate::words::env("PGDATABASE", env.database_name()),
        crate::words::env("PGSSLMODE", "require"),
        env_secret("PGPASSWORD", DATABASE_SECRET, "password"),
        crate::words::env("ODOO_HTTP_SOCKET_TIMEOUT", "10"),
    ];
    if configuration::reads_environment(env) {
        variables.push(env_secret("ODOO_ADMIN_PASSWD", ADMIN_SECRET, "password"));
    }
    if env.release.spec.sessions == Sessions::Redis {
        variables.push(crate::words::env("ODOO_SESSION_REDIS", "1"));
        // The scheme of the address decides about TLS; the module's own default would wait a minute for it.
        variables.push(env_secret("ODOO_SESSION_REDIS_URL", SESSION_SECRET, "url"));
        variables.push(crate::words::env("ODOO_SESSION_REDIS_PREFIX", &env.namespace));
    }
    if env.release.spec.queue {
        variables.push(crate::words::env("ODOO_QUEUE_JOB_CHANNELS", "root:4"));
        variables.push(crate::words::env("ODOO_QUEUE_JOB_HOST", WEB_SERVICE));
        variables.push(crate::words::env("ODOO_QUEUE_JOB_PORT", HTTP.to_string()));
        variables.push(crate::words::env("ODOO_QUEUE_JOB_SCHEME", "http"));
    }
    if env.spec.filestore.backend == FilestoreBackend::Bucket {
        let file = ConfigMapKeySelector {
            name: configuration::config_name(env),
            key: "server-environment.conf".into(),
            ..default()
        };
        variables.push(EnvVar {
            name: "SERVER_ENV_CONFIG".into(),
            value_from: some(EnvVarSource {
                config_map_key_ref: some(file),
                ..default()
            }),
            ..default()
        });
        variables.push(crate::words::env("RUNNING_ENV", env.spec.tier.as_str()));
        variables.push(env_secret("AWS_ACCESS_KEY_ID", ATTACHMENTS_SECRET, "AWS_ACCESS_KEY_ID"));
        variables.push(env_secret(
            "AWS_SECRET_ACCESS_KEY",
            ATTACHMENTS_SECRET,
            "AWS_SECRET_ACCESS_KEY",
        ));
    }
    variables
}

/// Up to five minutes for the first start: the registry loads, and the database must answer.
fn startup(port: &str) -> ContainerProbe {
    ContainerProbe {
        period_seconds: Some(5),
        timeout_seconds: Some(5),
        failure_threshold: Some(60),
        ..http_probe("/web/health?db_server_status=1", port)
    }
}

/// Resources of an Odoo container, with room for reports and uploads on the node's disk.
pub(super) fn odoo_resources(cpu_millis: u64, memory_request: u64, memory_limit: u64) -> ResourceRequirements {
    let mut resources = resources(cpu_millis, memory_request, memory_limit);
    resources
        .requests
        .get_or_insert_default()
        .insert("ephemeral-storage".into(), Quantity("512Mi".into()));
    resources
        .limits
        .get_or_insert_default()
        .insert("ephemeral-storage".into(), Quantity("2Gi".into()));
    resources
}

fn rolling(unavailable: i32, surge: i32) -> DeploymentStrategy {
    DeploymentStrategy {
        type_: some("RollingUpdate"),
        rolling_update: some(RollingUpdateDeployment {
            max_unavailable: Some(IntOrString::Int(unavailable)),
            max_surge: Some(IntOrString::Int(surge)),
        }),
    }
}

/// Seconds that a scheduled action may take, as configured.
fn cron_seconds(env: &Environment) -> i64 {
    let set = env
        .spec
        .odoo
        .config
        .get(&OptionName("limit_time_real_cron".into()))
        .and_then(|value| value.0.parse().ok());
    set.unwrap_or(CRON_SECONDS).max(CRON_SECONDS)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::fixture::{component, environment, yaml_of};
    use crate::manifest::Object;

    fn at(object: &Object, pointer: &str) -> serde_json::Value {
        object.value.pointer(pointer).cloned().unwrap_or_default()
    }

    fn of(settings: &str, replace: &[(&str, &str)]) -> Vec<Object> {
        component("odoo", &environment(settings, replace))
    }

    #[test]
    fn web_deployment() {
        insta::assert_snapshot!(yaml_of("Deployment", "web", &of("", &[])), @r#"
        apiVersion: apps/v1
        kind: Deployment
        metadata:
          name: web
          namespace: hartmann-production
          labels:
            app.kubernetes.io/component: web
            app.kubernetes.io/managed-by: formwork
            app.kubernetes.io/name: odoo
            formwork/cost-centre: "4100"
            formwork/environment: production
            formwork/tenant: hartmann
            formwork/tier: production
          annotations:
            argocd.argoproj.io/sync-wave: "4"
        spec:
          progressDeadlineSeconds: 900
          revisionHistoryLimit: 5
          selector:
            matchLabels:
              app.kubernetes.io/component: web
              app.kubernetes.io/name: odoo
          strategy:
            rollingUpdate:
              maxSurge: 1
              maxUnavailable: 0
            type: RollingUpdate
          template:
            metadata:
              labels:
                app.kubernetes.io/component: web
                app.kubernetes.io/managed-by: formwork
                app.kubernetes.io/name: odoo
                formwork/cost-centre: "4100"
                formwork/environment: production
                formwork/tenant: hartmann
                formwork/tier: production
            spec:
              automountServiceAccountToken: false
              containers:
              - name: odoo
                command:
                - odoo
                - --config=/etc/odoo/odoo.conf
                env:
                - name: PGHOST
                  value: db-rw
                - name: PGPORT
                  value: "5432"
                - name: PGUSER
                  value: odoo
                - name: PGDATABASE
                  value: hartmann
                - name: PGSSLMODE
                  value: require
                - name: PGPASSWORD
                  valueFrom:
                    secretKeyRef:
                      key: password
                      name: db-app
                - name: ODOO_HTTP_SOCKET_TIMEOUT
                  value: "10"
                - name: ODOO_ADMIN_PASSWD
                  valueFrom:
                    secretKeyRef:
                      key: password
                      name: odoo-admin
                - name: ODOO_SESSION_REDIS
                  value: "1"
                - name: ODOO_SESSION_REDIS_URL
                  valueFrom:
                    secretKeyRef:
                      key: url
                      name: valkey-session
                - name: ODOO_SESSION_REDIS_PREFIX
                  value: hartmann-production
                image: registry.formwork.example/erp/odoo:19.0-20261008@sha256:9bf832744e8d8c7459658b56320ab31b1f80bfb19f2640081292751614b3f142
                lifecycle:
                  preStop:
                    sleep:
                      seconds: 15
                livenessProbe:
                  failureThreshold: 6
                  httpGet:
                    path: /web/health
                    port: gevent
                  periodSeconds: 20
                  timeoutSeconds: 10
                ports:
                - name: http
                  containerPort: 8069
                  protocol: TCP
                - name: gevent
                  containerPort: 8072
                  protocol: TCP
                readinessProbe:
                  failureThreshold: 3
                  httpGet:
                    path: /web/health
                    port: http
                  periodSeconds: 10
                  timeoutSeconds: 5
                resources:
                  limits:
                    ephemeral-storage: 2Gi
                    memory: 4Gi
                  requests:
                    cpu: "1"
                    ephemeral-storage: 512Mi
                    memory: 1610Mi
                securityContext:
                  allowPrivilegeEscalation: false
                  capabilities:
                    drop:
                    - ALL
                  readOnlyRootFilesystem: true
                startupProbe:
                  failureThreshold: 60
                  httpGet:
                    path: /web/health?db_server_status=1
                    port: http
                  periodSeconds: 5
                  timeoutSeconds: 5
                volumeMounts:
                - name: config
                  mountPath: /etc/odoo
                  readOnly: true
                - name: data
                  mountPath: /var/lib/odoo
                - name: tmp
                  mountPath: /tmp
              enableServiceLinks: false
              priorityClassName: odoo-live
              securityContext:
                fsGroup: 101
                fsGroupChangePolicy: OnRootMismatch
                runAsGroup: 101
                runAsNonRoot: true
                runAsUser: 100
                seccompProfile:
                  type: RuntimeDefault
              serviceAccountName: web
              terminationGracePeriodSeconds: 660
              topologySpreadConstraints:
              - labelSelector:
                  matchLabels:
                    app.kubernetes.io/component: web
                    app.kubernetes.io/name: odoo
                matchLabelKeys:
                - pod-template-hash
                maxSkew: 1
                topologyKey: topology.kubernetes.io/zone
                whenUnsatisfiable: ScheduleAnyway
              - labelSelector:
                  matchLabels:
                    app.kubernetes.io/component: web
                    app.kubernetes.io/name: odoo
                matchLabelKeys:
                - pod-template-hash
                maxSkew: 1
                topologyKey: kubernetes.io/hostname
                whenUnsatisfiable: ScheduleAnyway
              volumes:
              - name: config
                projected:
                  sources:
                  - configMap:
                      name: odoo-5a93b8ff
              - name: data
                persistentVolumeClaim:
                  claimName: filestore
              - name: tmp
                emptyDir:
                  sizeLimit: 1Gi
        "#);
    }

    #[test]
    fn cron_deployment_answers_probes_on_the_event_loop() {
        let objects = of("", &[]);
        let container = "/spec/template/spec/containers/0";
        assert_eq!(
            at(&objects[1], &format!("{container}/command")),
            json!([
                "odoo",
                "--config=/etc/odoo/odoo.conf",
                "--workers=-1",
                "--max-cron-threads=2"
            ])
        );
        assert_eq!(
            at(&objects[1], &format!("{container}/livenessProbe/httpGet/port")),
            "gevent"
        );
        assert_eq!(at(&objects[1], &format!("{container}/ports/0/containerPort")), 8072);
        assert_eq!(
            at(&objects[1], "/spec/template/spec/terminationGracePeriodSeconds"),
            3660
        );
    }

    #[test]
    fn user_is_a_number_that_fits_the_image() {
        for (series, user, group) in [("19.0", 100, 101), ("18.0", 100, 101), ("17.0", 101, 101)] {
            let objects = of("", &[("odoo: \"19.0\"", &format!("odoo: \"{series}\""))]);
            let context = at(&objects[0], "/spec/template/spec/securityContext");
            assert_eq!(
                (context["runAsUser"].as_i64(), context["runAsGroup"].as_i64()),
                (Some(user), Some(group)),
                "{series}"
            );
            assert_eq!(context["fsGroup"], group);
        }
    }

    #[test]
    fn service_links_are_off() {
        for object in of("", &[]).iter().filter(|object| object.kind == "Deployment") {
            assert_eq!(at(object, "/spec/template/spec/enableServiceLinks"), false);
        }
    }

    #[test]
    fn threaded_server_has_no_event_loop() {
        let objects = of("  odoo: {workers: 0}\n", &[("tier: production", "tier: development")]);
        assert_eq!(
            at(
                &objects[0],
                "/spec/template/spec/containers/0/livenessProbe/httpGet/port"
            ),
            "http"
        );
        assert_eq!(
            at(&objects[0], "/spec/template/spec/containers/0/ports")
                .as_array()
                .map(Vec::len),
            Some(1)
        );
        assert_eq!(at(&objects[2], "/spec/ports").as_array().map(Vec::len), Some(1));
    }

    #[test]
    fn websocket_health_is_never_probed() {
        let text = of("", &[])
            .iter()
            .map(|object| object.value.to_string())
            .collect::<String>();
        assert!(!text.contains("/websocket/health"));
    }

    #[test]
    fn only_known_odoo_variables_reach_the_container() {
        let objects = of("", &[("modules: [base", "queue: true\n  modules: [base")]);
        let allowed = ["ODOO_ADMIN_PASSWD", "ODOO_HTTP_SOCKET_TIMEOUT"];
        for variable in at(&objects[0], "/spec/template/spec/containers/0/env")
            .as_array()
            .unwrap()
        {
            let name = variable["name"].as_str().unwrap();
            let known = allowed.contains(&name)
                || name.starts_with("ODOO_SESSION_REDIS")
                || name.starts_with("ODOO_QUEUE_JOB_");
            assert!(known || !name.starts_with("ODOO_"), "{name}");
        }
    }

    #[test]
    fn passwords_stay_off_the_command_line() {
        for object in of("", &[]) {
            assert!(
                !at(&object, "/spec/template/spec/containers/0/command")
                    .to_string()
                    .contains("password")
            );
        }
    }

    #[test]
    fn autoscaler_owns_the_replicas_it_may_change() {
        assert!(at(&of("", &[])[0], "/spec/replicas").is_null());
        let fixed = of("  autoscaling: {minimum: 3, maximum: 3}\n", &[]);
        assert_eq!(at(&fixed[0], "/spec/replicas"), 3);
    }

    #[test]
    fn grace_outlasts_the_longest_request() {
        let objects = of("  odoo: {requestTimeout: 1800}\n", &[]);
        assert_eq!(
            at(&objects[0], "/spec/template/spec/terminationGracePeriodSeconds"),
            1860
        );
    }
}
