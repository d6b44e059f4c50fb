//! Who gives way when a cluster is full: live environments never to others.
//!
//! Neither class is the default, so that pods which are not ours keep the priority they have.

use std::sync::Arc;

use crate::blueprint::names::*;
use crate::blueprint::{Build, Component, Place};
use crate::kinds::*;
use crate::manifest::Object;
use crate::model::{Cluster, Environment};
use crate::words::*;

pub(super) const COMPONENT: Component = Component {
    name: "priority-classes",
    summary: "the priorities of live and other environments",
    build: Build::Cluster(build),
    edges: Component::NO_EDGES,
    after: &[],
};

fn build(at: &Place, _: &Cluster, _: &[Arc<Environment>]) -> Vec<Object> {
    vec![live(at).into(), other(at).into()]
}

fn live(at: &Place) -> PriorityClass {
    PriorityClass {
        metadata: at.cluster_meta(PRIORITY_LIVE),
        value: 100_000,
        preemption_policy: some("PreemptLowerPriority"),
        global_default: Some(false),
        description: some("Live environments. On a full cluster they displace the others."),
    }
}

fn other(at: &Place) -> PriorityClass {
    PriorityClass {
        metadata: at.cluster_meta(PRIORITY_OTHER),
        value: 10_000,
        preemption_policy: some("Never"),
        global_default: Some(false),
        description: some("All other environments. They wait for room and displace nobody."),
    }
}

#[cfg(test)]
mod tests {
    use crate::fixture::{cluster_component, fleet, yaml};

    #[test]
    fn both() {
        insta::assert_snapshot!(yaml(&cluster_component("priority-classes", &fleet("", &[]))), @r#"
        apiVersion: scheduling.k8s.io/v1
        kind: PriorityClass
        metadata:
          name: odoo-live
          labels:
            app.kubernetes.io/managed-by: formwork
            formwork/cluster: eu-central
          annotations:
            argocd.argoproj.io/sync-wave: "0"
        description: Live environments. On a full cluster they displace the others.
        globalDefault: false
        preemptionPolicy: PreemptLowerPriority
        value: 100000
        ---
        apiVersion: scheduling.k8s.io/v1
        kind: PriorityClass
        metadata:
          name: odoo-other
          labels:
            app.kubernetes.io/managed-by: formwork
            formwork/cluster: eu-central
          annotations:
            argocd.argoproj.io/sync-wave: "0"
        description: All other environments. They wait for room and displace nobody.
        globalDefault: false
        preemptionPolicy: Never
        value: 10000
        "#);
    }
}
