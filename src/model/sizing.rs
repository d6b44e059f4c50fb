//! Numbers derived from the number of users: processes, memory, connections.
//!
//! The formulas are Odoo's own deployment guide (one worker serves about six concurrent users; a worker takes about
//! 325 MiB) with measured idle sizes on top; whatever an environment sets wins over what is derived.

use schemars::JsonSchema;
use serde::{Serialize, Serializer};

use super::spec::{EnvironmentSpec, ReleaseSpec, Tier};
use crate::text::{Quantity, Size};

const MEBI: u64 = 1 << 20;
const GIBI: u64 = 1 << 30;

/// Numbers derived from `users`, or set instead.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Sizing {
    /// HTTP workers of one web pod; 0 is the threaded server.
    pub workers: u32,
    /// Web pods that always run.
    pub minimum: u32,
    /// Web pods at most.
    pub maximum: u32,
    /// CPU request of one web pod, in thousandths of a core.
    #[serde(serialize_with = "cores")]
    #[schemars(with = "Quantity")]
    pub web_cpu: u64,
    /// Memory request of one web pod, in bytes.
    #[serde(serialize_with = "bytes")]
    #[schemars(with = "Size")]
    pub web_memory_request: u64,
    /// Memory limit of one web pod, in bytes.
    #[serde(serialize_with = "bytes")]
    #[schemars(with = "Size")]
    pub web_memory_limit: u64,
    /// Pods that run scheduled actions.
    pub cron_pods: u32,
    /// Scheduled actions of one cron pod at the same time.
    pub cron_threads: u32,
    /// Connections that one process may open to one database (`db_maxconn`).
    pub connections_per_process: u32,
    /// Connections of all pods at their maximum, with one more web pod during a roll-out.
    pub connection_budget: u32,
    /// `max_connections` of PostgreSQL.
    pub max_connections: u32,
    /// CPU of one database server, in thousandths of a core.
    #[serde(serialize_with = "cores")]
    #[schemars(with = "Quantity")]
    pub database_cpu: u64,
    /// Memory of one database server, in bytes.
    #[serde(serialize_with = "bytes")]
    #[schemars(with = "Size")]
    pub database_memory: u64,
    /// Size of the data volume, in bytes.
    #[serde(serialize_with = "bytes")]
    #[schemars(with = "Size")]
    pub database_storage: u64,
    /// Size of the write-ahead log's volume, in bytes.
    #[serde(serialize_with = "bytes")]
    #[schemars(with = "Size")]
    pub wal_storage: u64,
    /// `maxmemory` of Valkey, in bytes.
    #[serde(serialize_with = "bytes")]
    #[schemars(with = "Size")]
    pub cache_memory: u64,
    /// Requests in flight for one host.
    pub requests_in_flight: u32,
}

/// Writes thousandths of a core as Kubernetes does.
fn cores<S: Serializer>(millis: &u64, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&format_args!("{millis}m"))
}

/// Writes bytes as a text, because a quantity is one.
fn bytes<S: Serializer>(bytes: &u64, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(bytes)
}

/// Soft limit of a worker's address space, in bytes; a worker over it ends after its request (`limit_memory_soft`).
pub const WORKER_MEMORY_SOFT: u64 = 1536 * MEBI;
/// Hard limit of a worker's address space, in bytes (`limit_memory_hard`).
pub const WORKER_MEMORY_HARD: u64 = 2048 * MEBI;
/// Connections kept for people, monitoring, the operator and jobs.
pub const RESERVED_CONNECTIONS: u32 = 20;

impl Sizing {
    /// Derives the numbers of an environment.
    pub(super) fn of(spec: &EnvironmentSpec, release: &ReleaseSpec) -> Self {
        let needed = concurrent(spec.users).div_ceil(6).max(1);
        let workers = spec.odoo.workers.unwrap_or(match needed {
            0..=4 => 2,
            5..=40 => 4,
            _ => 6,
        });
        let per_pod = workers.max(1);
        let usual = needed.div_ceil(per_pod);
        let minimum = spec
            .autoscaling
            .minimum
            .unwrap_or_else(|| spec.autoscaling.floor.max(usual.div_ceil(2)));
        let peak = if spec.tier.is_live() {
            (usual * 3).div_ceil(2)
        } else {
            usual
        };
        let maximum = spec.autoscaling.maximum.unwrap_or(peak).max(minimum);
        let cron_pods = spec.odoo.cron_pods.unwrap_or(if spec.users > 500 { 2 } else { 1 });
        let cron_threads = spec.odoo.cron_threads.unwrap_or(if spec.users > 50 { 2 } else { 1 });
        let budget = (maximum + 1) * Self::connections_of_web(workers)
            + (cron_pods + 1) * Self::connections_of_cron(cron_threads, release.queue);
        let (cpu, memory) = database(spec.users, spec.tier);
        let storage = spec.database.storage.bytes();
        Self {
            workers,
            minimum,
            maximum,
            web_cpu: spec.odoo.cpu.as_ref().map_or(web_cpu(workers), |cpu| cpu.millis()),
            web_memory_request: (310 + 325 * u64::from(per_pod)) * MEBI,
            web_memory_limit: spec
                .odoo
                .memory
                .as_ref()
                .map_or(web_memory(workers), |memory| memory.bytes()),
            cron_pods,
            cron_threads,
            connections_per_process: if workers == 0 { 16 } else { 8 },
            connection_budget: budget,
            max_connections: spec.database.max_connections.unwrap_or_else(|| max_connections(budget)),
            database_cpu: spec.database.cpu.as_ref().map_or(cpu, |cpu| cpu.millis()),
            database_memory: spec.database.memory.as_ref().map_or(memory, |memory| memory.bytes()),
            database_storage: storage,
            wal_storage: spec
                .database
                .wal_storage
                .as_ref()
                .map_or_else(|| wal(storage), |size| size.bytes()),
            cache_memory: spec
                .cache
                .memory
                .as_ref()
                .map_or_else(|| cache(spec.users), |memory| memory.bytes()),
            requests_in_flight: spec
                .ingress
                .requests_in_flight
                .unwrap_or((2 * maximum * per_pod).max(50)),
        }
    }

    /// Connections of one web pod: two a worker, and those of the event loop and the two processes around it.
    pub fn connections_of_web(workers: u32) -> u32 {
        workers.saturating_mul(2).saturating_add(3)
    }

    /// Connections of one cron pod: two a thread, those around them, and those of the queue's runner and its jobs.
    pub fn connections_of_cron(threads: u32, queue: bool) -> u32 {
        let queue = if queue { 4 } else { 0 };
        threads.saturating_mul(2).saturating_add(3 + queue)
    }

    /// The least memory limit with which a web pod's workers stay under their own hard limit first.
    pub fn least_web_memory(workers: u32) -> u64 {
        let formula = (512 + 325 * u64::from(workers.max(1))) * MEBI;
        formula.max(WORKER_MEMORY_HARD + GIBI)
    }
}

/// Users at work at the same time: half of a small office, a third of a large firm.
fn concurrent(users: u32) -> u32 {
    let share = match users {
        0..=20 => 500,
        21..=200 => 500 - (users - 20) * 100 / 180,
        201..=1200 => 400 - (users - 200) * 100 / 1000,
        _ => 300,
    };
    (users * share).div_ceil(1000)
}

/// A quarter of a core a worker, a third from six workers on.
fn web_cpu(workers: u32) -> u64 {
    match workers {
        0 => 250,
        1..=5 => u64::from(workers) * 250,
        _ => u64::from(workers) * 1000 / 3,
    }
}

/// Half a gibibyte and 870 MiB a worker, in steps of 256 MiB.
fn web_memory(workers: u32) -> u64 {
    let formula = (512 + 870 * u64::from(workers.max(1))) * MEBI;
    formula
        .max(Sizing::least_web_memory(workers))
        .next_multiple_of(256 * MEBI)
}

/// A quarter more than the budget and the reserve, in steps of 25, at least 100.
fn max_connections(budget: u32) -> u32 {
    (budget * 5 / 4 + RESERVED_CONNECTIONS).next_multiple_of(25).max(100)
}

/// CPU (thousandths) and memory (bytes) of a database server. Copies of production serve few people: one step less.
fn database(users: u32, tier: Tier) -> (u64, u64) {
    const STEPS: [(u32, u64, u64); 7] = [
        (0, 500, 1),
        (30, 1000, 2),
        (60, 2000, 4),
        (120, 2000, 8),
        (250, 4000, 16),
        (600, 8000, 32),
        (u32::MAX, 16_000, 64),
    ];
    let step = STEPS
        .iter()
        .position(|(most, ..)| users <= *most)
        .unwrap_or(STEPS.len() - 1);
    let step = if tier.is_live() { step } else { step.saturating_sub(1) };
    STEPS
        .get(step)
        .map_or((1000, 2 * GIBI), |(_, cpu, memory)| (*cpu, memory * GIBI))
}

/// A tenth of the data, between 5 and 100 GiB, whole gibibytes.
fn wal(storage: u64) -> u64 {
    (storage / 10).next_multiple_of(GIBI).clamp(5 * GIBI, 100 * GIBI)
}

/// A session takes 2 to 4 KB; the numbers leave room for anonymous portal visitors.
fn cache(users: u32) -> u64 {
    match users {
        0..=50 => 64 * MEBI,
        51..=500 => 128 * MEBI,
        _ => 256 * MEBI,
    }
}
