//! How much of the cluster a namespace and each of its containers may take.
//!
//! Both are computed from the environment's own objects, overrides and raw manifests included, so neither ever refuses
//! one of them; what somebody adds by hand meets a wall soon.

use std::collections::BTreeMap;

use crate::blueprint::footprint::{DEFAULT_CPU, DEFAULT_MEMORY_LIMIT, DEFAULT_MEMORY_REQUEST, Footprint};
use crate::blueprint::{Build, Component, Place};
use crate::kinds::*;
use crate::manifest::Object;
use crate::model::Environment;
use crate::words::*;

pub(super) const COMPONENT: Component = Component {
    name: "quota",
    summary: "what the namespace and each of its containers may take",
    build: Build::Closing(build),
    edges: Component::NO_EDGES,
    after: &["namespace"],
};

fn build(at: &Place, _: &Environment, objects: &[Object]) -> Vec<Object> {
    let footprint = Footprint::of(objects);
    vec![
        limit_range(at, &footprint).into(),
        resource_quota(at, &footprint).into(),
    ]
}

/// Containers that operators add without resources get some, or the quota would refuse their pods.
///
/// CPU has no maximum: Kubernetes would make a limit of it, and a throttled Odoo or database fails slowly.
fn limit_range(at: &Place, footprint: &Footprint) -> LimitRange {
    let largest = footprint.largest.max(DEFAULT_MEMORY_LIMIT);
    LimitRange {
        metadata: at.meta("defaults"),
        spec: some(LimitRangeSpec {
            limits: vec![LimitRangeItem {
                type_: "Container".into(),
                default_request: some([
                    ("cpu".to_owned(), cpu(DEFAULT_CPU)),
                    ("memory".to_owned(), bytes(DEFAULT_MEMORY_REQUEST)),
                ]),
                default: some([("memory".to_owned(), bytes(DEFAULT_MEMORY_LIMIT))]),
                max: some([("memory".to_owned(), bytes(largest))]),
                ..default()
            }],
        }),
    }
}

fn resource_quota(at: &Place, footprint: &Footprint) -> ResourceQuota {
    let load = footprint.load;
    let number = |count: u64| Quantity(roomy(count, 1).to_string());
    let storage = footprint
        .storage
        .values()
        .fold(0, |sum: u64, bytes| sum.saturating_add(*bytes));
    let mut hard = BTreeMap::from([
        ("count/jobs.batch".to_owned(), number(footprint.jobs)),
        ("limits.memory".to_owned(), bytes(roomy(load.memory_limit, GIBI))),
        ("persistentvolumeclaims".to_owned(), number(footprint.claims)),
        ("pods".to_owned(), number(footprint.pods)),
        ("requests.cpu".to_owned(), cpu(roomy(load.cpu, 500))),
        ("requests.memory".to_owned(), bytes(roomy(load.memory_request, GIBI))),
        ("requests.storage".to_owned(), bytes(roomy(storage, GIBI))),
        // The way in is the cluster's ingress and no other.
        ("services.loadbalancers".to_owned(), Quantity("0".into())),
        ("services.nodeports".to_owned(), Quantity("0".into())),
    ]);
    for (class, taken) in footprint.storage.iter().filter(|(class, _)| !class.is_empty()) {
        hard.insert(
            format!("{class}.storageclass.storage.k8s.io/requests.storage"),
            bytes(roomy(*taken, GIBI)),
        );
    }
    ResourceQuota {
        metadata: at.meta("environment"),
        spec: some(ResourceQuotaSpec {
            hard: some(hard),
            ..default()
        }),
        ..default()
    }
}

/// A quarter more, up to the next whole step: room for a volume that grows by hand, and for old pods that take longer
/// to end than a step of their roll-out.
fn roomy(amount: u64, step: u64) -> u64 {
    amount
        .saturating_add(amount.div_ceil(4))
        .div_ceil(step)
        .saturating_mul(step)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::blueprint::{COMPONENTS, Unit, assemble};
    use crate::fixture::{component, environment, yaml, yaml_of};
    use crate::text::Quantity as Amount;

    /// A web deployment, a database of two servers and a shared volume.
    fn objects() -> Vec<Object> {
        let resources = json!({"requests": {"cpu": "1", "memory": "1610Mi"}, "limits": {"memory": "4Gi"}});
        let rolling = json!({"maxSurge": 1, "maxUnavailable": 0});
        let values = [
            json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}, "spec": {
                "selector": {}, "replicas": 4, "strategy": {"type": "RollingUpdate", "rollingUpdate": rolling},
                "template": {"spec": {"containers": [{"name": "odoo", "resources": resources}]}},
            }}),
            json!({"apiVersion": "postgresql.cnpg.io/v1", "kind": "Cluster", "metadata": {"name": "db"}, "spec": {
                "instances": 2, "storage": {"size": "20Gi", "storageClass": "block-retain"},
                "resources": {"limits": {"cpu": "4", "memory": "16Gi"}},
            }}),
            json!({"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "filestore"}, "spec": {
                "storageClassName": "files-retain", "resources": {"requests": {"storage": "20Gi"}},
            }}),
        ];
        values.into_iter().filter_map(Object::from_value).collect()
    }

    #[test]
    fn of_a_few_objects() {
        let env = environment("", &[]);
        let at = Place::of_environment(&env, vec![]);
        insta::assert_snapshot!(yaml(&build(&at, &env, &objects())), @r#"
        apiVersion: v1
        kind: LimitRange
        metadata:
          name: defaults
          namespace: hartmann-production
          labels:
            app.kubernetes.io/managed-by: formwork
            formwork/cost-centre: "4100"
            formwork/environment: production
            formwork/tenant: hartmann
            formwork/tier: production
        spec:
          limits:
          - default:
              memory: 512Mi
            defaultRequest:
              cpu: 50m
              memory: 128Mi
            max:
              memory: 16Gi
            type: Container
        ---
        apiVersion: v1
        kind: ResourceQuota
        metadata:
          name: environment
          namespace: hartmann-production
          labels:
            app.kubernetes.io/managed-by: formwork
            formwork/cost-centre: "4100"
            formwork/environment: production
            formwork/tenant: hartmann
            formwork/tier: production
        spec:
          hard:
            block-retain.storageclass.storage.k8s.io/requests.storage: 50Gi
            count/jobs.batch: "3"
            files-retain.storageclass.storage.k8s.io/requests.storage: 25Gi
            limits.memory: 90Gi
            persistentvolumeclaims: "4"
            pods: "12"
            requests.cpu: 22500m
            requests.memory: 72Gi
            requests.storage: 75Gi
            services.loadbalancers: "0"
            services.nodeports: "0"
        "#);
    }

    #[test]
    fn processor_time_has_no_maximum_that_would_become_a_limit() {
        let limits = yaml_of("LimitRange", "defaults", &component("quota", &environment("", &[])));
        assert_eq!(limits.matches("cpu:").count(), 1, "{limits}");
    }

    #[test]
    fn every_environment_fits_its_quota_and_little_else_does() {
        for users in ["users: 5", "users: 240", "users: 3000"] {
            let env = environment("", &[("users: 240", users)]);
            let objects = assemble(&Unit::Environment(env.clone()), COMPONENTS);
            let taken = Footprint::of(&objects);
            let quota = component("quota", &env)
                .into_iter()
                .find(|object| object.kind == "ResourceQuota")
                .unwrap();
            let hard = |key: &str| {
                quota.value["spec"]["hard"][key]
                    .as_str()
                    .unwrap()
                    .parse::<Amount>()
                    .unwrap()
            };
            let rows = [
                (hard("requests.cpu").millis(), taken.load.cpu, 500),
                (hard("requests.memory").bytes(), taken.load.memory_request, GIBI),
                (hard("limits.memory").bytes(), taken.load.memory_limit, GIBI),
                (hard("requests.storage").bytes(), taken.storage.values().sum(), GIBI),
                (hard("pods").bytes(), taken.pods, 1),
                (hard("persistentvolumeclaims").bytes(), taken.claims, 1),
            ];
            for (allowed, taken, step) in rows {
                assert!(allowed >= taken + taken / 4, "{allowed} is too little for {taken}");
                assert!(allowed <= taken + taken / 4 + step, "{allowed} is too much for {taken}");
            }
        }
    }

    #[test]
    fn no_container_is_larger_than_its_limit_range_allows() {
        let larger = "  overrides:\n    - kind: Deployment\n      name: web\n      reason: reports of many pages\n      \
                      patch: {spec: {template: {spec: {containers: [{name: odoo, resources: {limits: {memory: 20Gi}}}]}}}}\n";
        let limits = yaml_of("LimitRange", "defaults", &component("quota", &environment(larger, &[])));
        assert!(limits.contains("memory: 20Gi"), "{limits}");
    }
}
