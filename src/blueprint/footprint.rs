//! What objects take of a cluster when all of them are at their largest at the same time.
//!
//! It counts what the API server would count against a quota; arithmetic stops at the greatest number.

use std::collections::BTreeMap;

use crate::kinds::*;
use crate::manifest::Object;
use crate::text::Quantity as Amount;
use crate::words::MEBI;

/// CPU request of a container that names none, in thousandths of a core.
pub(super) const DEFAULT_CPU: u64 = 50;
/// Memory request of a container that names none, in bytes.
pub(super) const DEFAULT_MEMORY_REQUEST: u64 = 128 * MEBI;
/// Memory limit of a container that names none, in bytes.
pub(super) const DEFAULT_MEMORY_LIMIT: u64 = 512 * MEBI;

/// What pods, volumes and jobs take.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Footprint {
    /// Pods that run or are ending.
    pub pods: u64,
    /// What their containers take.
    pub load: Load,
    /// Memory limit of the largest container, in bytes.
    pub largest: u64,
    /// Job objects, those that have ended too.
    pub jobs: u64,
    /// Volume claims.
    pub claims: u64,
    /// Bytes by storage class; the class without a name is the cluster's default.
    pub storage: BTreeMap<String, u64>,
}

/// What containers take.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Load {
    /// CPU requests, in thousandths of a core.
    pub cpu: u64,
    /// Memory requests, in bytes.
    pub memory_request: u64,
    /// Memory limits, in bytes.
    pub memory_limit: u64,
}

impl Footprint {
    /// The footprint of objects together.
    pub fn of(objects: &[Object]) -> Self {
        let mut footprint = Self::default();
        for object in objects {
            match (object.group(), object.kind.as_str()) {
                ("apps", "Deployment") => footprint.deployment(object, objects),
                ("apps", "StatefulSet") => footprint.stateful_set(object, objects),
                ("batch", "Job") => footprint.job(object),
                ("batch", "CronJob") => footprint.cron_job(object),
                ("postgresql.cnpg.io", "Cluster") => footprint.database(object, objects),
                ("", "Pod") => footprint.pods(1, object.pod_spec().as_ref()),
                ("", "PersistentVolumeClaim") => footprint.claim(object),
                _ => {}
            }
        }
        footprint
    }

    /// A step of a roll-out starts as many pods as it may have more or fewer than wanted; the old ones that it ends
    /// still count until they are gone.
    fn deployment(&mut self, object: &Object, objects: &[Object]) {
        let Some(spec) = object.view::<Deployment>().and_then(|deployment| deployment.spec) else {
            return;
        };
        let wanted = at_most(object, spec.replicas, objects);
        let (surge, unavailable) = match spec.strategy {
            Some(strategy) if strategy.type_.as_deref() == Some("Recreate") => (0, wanted),
            strategy => {
                let rolling = strategy
                    .and_then(|strategy| strategy.rolling_update)
                    .unwrap_or_default();
                (part(rolling.max_surge, wanted), part(rolling.max_unavailable, wanted))
            }
        };
        let more = surge.saturating_mul(2).saturating_add(unavailable);
        self.pods(wanted.saturating_add(more), spec.template.spec.as_ref());
    }

    fn stateful_set(&mut self, object: &Object, objects: &[Object]) {
        let Some(spec) = object.view::<StatefulSet>().and_then(|set| set.spec) else {
            return;
        };
        let wanted = at_most(object, spec.replicas, objects);
        self.pods(wanted, spec.template.spec.as_ref());
        for claim in spec.volume_claim_templates.unwrap_or_default() {
            self.volumes(wanted, claim.spec.as_ref());
        }
    }

    /// The job of the next release is there before that of the last one is removed, but does not run beside it.
    fn job(&mut self, object: &Object) {
        let Some(spec) = object.view::<Job>().and_then(|job| job.spec) else {
            return;
        };
        self.jobs = self.jobs.saturating_add(2);
        self.pods(spec.parallelism.map_or(1, whole), spec.template.spec.as_ref());
    }

    fn cron_job(&mut self, object: &Object) {
        let Some(spec) = object.view::<CronJob>().and_then(|job| job.spec) else {
            return;
        };
        let kept = whole(spec.successful_jobs_history_limit.unwrap_or(3))
            .saturating_add(whole(spec.failed_jobs_history_limit.unwrap_or(1)));
        self.jobs = self.jobs.saturating_add(kept).saturating_add(1);
        let job = spec.job_template.spec.unwrap_or_default();
        self.pods(job.parallelism.map_or(1, whole), job.template.spec.as_ref());
    }

    /// The operator adds a job of the size of a server, one at a time, to make the first server or a further one.
    fn database(&mut self, object: &Object, objects: &[Object]) {
        let Some(spec) = object.view::<cnpg::Cluster>().map(|cluster| cluster.spec) else {
            return;
        };
        let instances = u64::try_from(spec.instances).unwrap_or_default();
        let mut containers = vec![spec.resources.clone()];
        let store = spec
            .plugins
            .iter()
            .find_map(|plugin| plugin.parameters.get("barmanObjectName"));
        if let Some(store) = store {
            let stores = objects.iter().filter(|object| object.name == *store);
            let sidecar = stores
                .filter_map(Object::view::<barman::ObjectStore>)
                .find_map(|store| store.spec.instance_sidecar_configuration);
            containers.push(sidecar.and_then(|sidecar| sidecar.resources));
        }
        let loads = containers.iter().map(|resources| Load::of(resources.as_ref()));
        self.largest = loads.clone().map(|load| load.memory_limit).fold(self.largest, u64::max);
        self.add(instances.saturating_add(1), loads.fold(Load::default(), Load::plus));
        self.jobs = self.jobs.saturating_add(instances);
        for volume in [spec.storage, spec.wal_storage].into_iter().flatten() {
            let size = volume.size.as_deref().and_then(|size| size.parse::<Amount>().ok());
            self.storage(instances, volume.storage_class, size.map_or(0, |size| size.bytes()));
        }
    }

    fn claim(&mut self, object: &Object) {
        let claim = object.view::<PersistentVolumeClaim>();
        self.volumes(1, claim.and_then(|claim| claim.spec).as_ref());
    }

    fn volumes(&mut self, copies: u64, claim: Option<&PersistentVolumeClaimSpec>) {
        let Some(claim) = claim else { return };
        let size = claim
            .resources
            .as_ref()
            .and_then(|resources| amount(resources.requests.as_ref(), "storage"));
        self.storage(
            copies,
            claim.storage_class_name.clone(),
            size.map_or(0, |size| size.bytes()),
        );
    }

    fn storage(&mut self, copies: u64, class: Option<String>, bytes: u64) {
        self.claims = self.claims.saturating_add(copies);
        let known = self.storage.entry(class.unwrap_or_default()).or_default();
        *known = known.saturating_add(copies.saturating_mul(bytes));
    }

    fn pods(&mut self, copies: u64, pod: Option<&PodSpec>) {
        let Some(pod) = pod else { return };
        let containers = pod.containers.iter().chain(pod.init_containers.iter().flatten());
        self.largest = containers
            .map(|container| Load::of(container.resources.as_ref()).memory_limit)
            .fold(self.largest, u64::max);
        self.add(copies, Load::of_pod(pod));
    }

    fn add(&mut self, copies: u64, load: Load) {
        self.pods = self.pods.saturating_add(copies);
        self.load = self.load.plus(load.times(copies));
    }
}

impl Load {
    /// What a pod takes: its containers together, or one of those that run before them, whichever is more.
    fn of_pod(pod: &PodSpec) -> Self {
        let mut beside = Self::default();
        let mut before = Self::default();
        for container in pod.init_containers.iter().flatten() {
            let load = Self::of(container.resources.as_ref());
            if container.restart_policy.as_deref() == Some("Always") {
                beside = beside.plus(load);
            } else {
                before = before.max(beside.plus(load));
            }
        }
        pod.containers
            .iter()
            .map(|container| Self::of(container.resources.as_ref()))
            .fold(beside, Self::plus)
            .max(before)
    }

    /// What one container takes. A request that is not named is the limit, and without either the default.
    pub fn of(resources: Option<&ResourceRequirements>) -> Self {
        let request = |name| amount(resources?.requests.as_ref(), name);
        let limit = |name| amount(resources?.limits.as_ref(), name);
        Self {
            cpu: request("cpu").or(limit("cpu")).map_or(DEFAULT_CPU, |cpu| cpu.millis()),
            memory_request: request("memory")
                .or(limit("memory"))
                .map_or(DEFAULT_MEMORY_REQUEST, |memory| memory.bytes()),
            memory_limit: limit("memory").map_or(DEFAULT_MEMORY_LIMIT, |memory| memory.bytes()),
        }
    }

    fn plus(self, other: Self) -> Self {
        self.with(other, u64::saturating_add)
    }

    fn max(self, other: Self) -> Self {
        self.with(other, u64::max)
    }

    fn times(self, copies: u64) -> Self {
        self.with(
            Self {
                cpu: copies,
                memory_request: copies,
                memory_limit: copies,
            },
            u64::saturating_mul,
        )
    }

    fn with(self, other: Self, operation: fn(u64, u64) -> u64) -> Self {
        Self {
            cpu: operation(self.cpu, other.cpu),
            memory_request: operation(self.memory_request, other.memory_request),
            memory_limit: operation(self.memory_limit, other.memory_limit),
        }
    }
}

/// The number of pods that a workload has, or may be given by an autoscaler.
pub fn at_most(object: &Object, replicas: Option<i32>, objects: &[Object]) -> u64 {
    let own = whole(replicas.unwrap_or(1));
    let scaled = objects.iter().filter_map(|scaler| {
        if let Some(scaler) = scaler.view::<keda::ScaledObject>() {
            let target = scaler.spec.scale_target_ref;
            let kind = target.kind.as_deref().unwrap_or("Deployment");
            return (kind == object.kind && target.name == object.name)
                .then(|| scaler.spec.max_replica_count.unwrap_or(100));
        }
        let spec = scaler.view::<HorizontalPodAutoscaler>()?.spec?;
        let target = spec.scale_target_ref;
        (target.kind == object.kind && target.name == object.name).then_some(spec.max_replicas)
    });
    scaled.map(whole).fold(own, u64::max)
}

/// A number of pods or a share of them, rounded up; a quarter when nothing is said, as Kubernetes has it.
fn part(of: Option<IntOrString>, pods: u64) -> u64 {
    match of {
        Some(IntOrString::Int(number)) => whole(number),
        Some(IntOrString::String(text)) => {
            let percent = text
                .strip_suffix('%')
                .and_then(|number| number.parse::<u64>().ok())
                .unwrap_or(100);
            pods.saturating_mul(percent).div_ceil(100)
        }
        None => pods.div_ceil(4),
    }
}

fn whole(number: i32) -> u64 {
    u64::try_from(number).unwrap_or_default()
}

fn amount(amounts: Option<&BTreeMap<String, Quantity>>, name: &str) -> Option<Amount> {
    amounts?.get(name)?.0.parse().ok()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::words::GIBI;

    fn footprint(objects: &[Value]) -> Footprint {
        let objects: Vec<Object> = objects
            .iter()
            .map(|value| Object::from_value(value.clone()).unwrap())
            .collect();
        Footprint::of(&objects)
    }

    /// A container with a CPU request, a memory request and a memory limit in mebibytes.
    fn container(cpu: &str, request: u64, limit: u64) -> Value {
        json!({"name": "c", "resources": {
            "requests": {"cpu": cpu, "memory": format!("{request}Mi")},
            "limits": {"memory": format!("{limit}Mi")},
        }})
    }

    fn deployment(strategy: Value) -> Value {
        json!({
            "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"},
            "spec": {"selector": {}, "strategy": strategy, "template": {"spec": {"containers": [container("1", 100, 200)]}}},
        })
    }

    fn scaler(maximum: i32) -> Value {
        json!({
            "apiVersion": "keda.sh/v1alpha1", "kind": "ScaledObject", "metadata": {"name": "web"},
            "spec": {"scaleTargetRef": {"name": "web"}, "maxReplicaCount": maximum, "triggers": []},
        })
    }

    #[test]
    fn a_deployment_counts_at_the_most_its_autoscaler_allows_and_in_the_middle_of_a_roll_out() {
        let surging = json!({"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}});
        let taken = footprint(&[deployment(surging), scaler(6)]);
        // Six that are wanted, a new one, and an old one that is ending.
        assert_eq!(taken.pods, 8);
        assert_eq!(
            taken.load,
            Load {
                cpu: 8000,
                memory_request: 800 * MEBI,
                memory_limit: 1600 * MEBI
            }
        );

        let giving_way = json!({"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 0, "maxUnavailable": 1}});
        assert_eq!(footprint(&[deployment(giving_way)]).pods, 2);
        assert_eq!(footprint(&[deployment(json!({"type": "Recreate"})), scaler(3)]).pods, 6);
        // Kubernetes' own: a quarter more and a quarter fewer.
        assert_eq!(footprint(&[deployment(json!({})), scaler(4)]).pods, 4 + 1 + 1 + 1);
    }

    #[test]
    fn the_other_autoscaler_counts_too() {
        let scaler = json!({
            "apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "metadata": {"name": "web"},
            "spec": {"scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}, "maxReplicas": 9},
        });
        assert_eq!(footprint(&[deployment(json!({"type": "Recreate"})), scaler]).pods, 18);
    }

    #[test]
    fn a_database_counts_its_sidecars_its_volumes_and_one_job() {
        let cluster = json!({
            "apiVersion": "postgresql.cnpg.io/v1", "kind": "Cluster", "metadata": {"name": "db"},
            "spec": {
                "instances": 3,
                "storage": {"size": "200Gi", "storageClass": "fast"},
                "walStorage": {"size": "20Gi", "storageClass": "fast"},
                "resources": {"requests": {"cpu": "4", "memory": "16Gi"}, "limits": {"cpu": "4", "memory": "16Gi"}},
                "plugins": [{"name": "barman-cloud.cloudnative-pg.io", "parameters": {"barmanObjectName": "backup"}}],
            },
        });
        let store = json!({
            "apiVersion": "barmancloud.cnpg.io/v1", "kind": "ObjectStore", "metadata": {"name": "backup"},
            "spec": {"configuration": {"destinationPath": "s3://b/"}, "instanceSidecarConfiguration": {"resources": {
                "requests": {"cpu": "100m", "memory": "256Mi"}, "limits": {"memory": "512Mi"},
            }}},
        });
        let taken = footprint(&[cluster, store]);
        assert_eq!(taken.pods, 4);
        assert_eq!(taken.load.cpu, 4 * 4100);
        assert_eq!(taken.load.memory_limit, 4 * (16 * GIBI + 512 * MEBI));
        assert_eq!((taken.claims, taken.storage["fast"]), (6, 3 * 220 * GIBI));
        assert_eq!((taken.jobs, taken.largest), (3, 16 * GIBI));
    }

    #[test]
    fn claims_count_on_their_own_and_from_templates() {
        let spec = json!({"storageClassName": "general", "resources": {"requests": {"storage": "2Gi"}}});
        let set = json!({
            "apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": "valkey"},
            "spec": {
                "selector": {}, "serviceName": "valkey", "replicas": 2, "volumeClaimTemplates": [{"spec": spec}],
                "template": {"spec": {"containers": [container("50m", 64, 64), {"name": "silent"}]}},
            },
        });
        let claim = json!({"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "files"},
            "spec": {"resources": {"requests": {"storage": "20Gi"}}}});
        let taken = footprint(&[set, claim]);
        assert_eq!(
            (taken.claims, &taken.storage["general"], &taken.storage[""]),
            (3, &(4 * GIBI), &(20 * GIBI))
        );
        // The container that says nothing gets the defaults.
        assert_eq!(taken.load.cpu, 2 * (50 + DEFAULT_CPU));
        assert_eq!(taken.load.memory_limit, 2 * (64 * MEBI + DEFAULT_MEMORY_LIMIT));
    }

    #[test]
    fn what_runs_before_the_containers_counts_where_it_is_more() {
        let sidecar =
            json!({"name": "s", "restartPolicy": "Always", "resources": {"limits": {"cpu": "1", "memory": "1Mi"}}});
        let pod = |before: Value| {
            json!({
                "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"},
                "spec": {"initContainers": [sidecar, before], "containers": [container("2", 10, 10)]},
            })
        };
        assert_eq!(footprint(&[pod(container("1", 10, 10))]).load.cpu, 3000);
        assert_eq!(footprint(&[pod(container("5", 10, 10))]).load.cpu, 6000);
    }

    #[test]
    fn jobs_count_while_they_are_kept() {
        let template = json!({"spec": {"containers": [container("1", 10, 10)]}});
        let job = json!({"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "j"}, "spec": {"template": template, "parallelism": 2}});
        let cron = json!({"apiVersion": "batch/v1", "kind": "CronJob", "metadata": {"name": "c"},
            "spec": {"schedule": "0 2 * * *", "jobTemplate": {"spec": {"template": template}}}});
        let (job, cron) = (footprint(&[job]), footprint(&[cron]));
        assert_eq!((job.jobs, job.pods, cron.jobs, cron.pods), (2, 2, 5, 1));
    }

    #[test]
    fn nothing_overflows() {
        let huge = json!({"name": "c", "resources": {"limits": {"cpu": "9E", "memory": "9Ei"}}});
        let pod = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": {"containers": [huge, huge, huge]}});
        assert_eq!(footprint(&[pod.clone(), pod]).load.cpu, u64::MAX);
    }
}
