//! Odoo itself: the pods that serve people, the pods that run scheduled actions, and their service.

#[cfg(test)]
mod tests;

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
