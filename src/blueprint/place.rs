//! Where objects are made: namespace, labels and selectors. Nobody else types a label.

use std::collections::BTreeMap;

use super::edges::Edge;
use crate::kinds::*;
use crate::model::{Cluster, Environment};
use crate::words::*;

/// A kind of pods within an environment, by the labels that select them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Workload {
    /// Its name; objects that belong to it are called so.
    pub name: &'static str,
    /// Labels that select its pods.
    pub labels: &'static [(&'static str, &'static str)],
}

impl Workload {
    /// The selector of its pods.
    pub fn selector(&self) -> LabelSelector {
        LabelSelector {
            match_labels: some(self.owned_labels()),
            ..default()
        }
    }

    fn owned_labels(&self) -> BTreeMap<String, String> {
        self.labels
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect()
    }
}

/// Where objects are made.
#[derive(Debug, Clone)]
pub struct Place {
    /// Namespace of the environment; empty for a cluster.
    pub namespace: String,
    /// Labels of every object.
    pub labels: BTreeMap<String, String>,
    /// All declared connections of the environment.
    pub edges: Vec<Edge>,
}

impl Place {
    pub(super) fn of_environment(environment: &Environment, edges: Vec<Edge>) -> Self {
        let labels = map([
            ("app.kubernetes.io/managed-by", "formwork"),
            ("formwork/tenant", environment.tenant.name.as_str()),
            ("formwork/environment", environment.name.as_str()),
            ("formwork/tier", environment.spec.tier.as_str()),
            ("formwork/cost-centre", environment.tenant.spec.cost_centre.as_str()),
        ]);
        Self {
            namespace: environment.namespace.clone(),
            labels,
            edges,
        }
    }

    pub(super) fn of_cluster(cluster: &Cluster) -> Self {
        let labels = map([
            ("app.kubernetes.io/managed-by", "formwork"),
            ("formwork/cluster", cluster.name.as_str()),
        ]);
        Self {
            namespace: String::new(),
            labels,
            edges: Vec::new(),
        }
    }

    /// Metadata of an object in the environment's namespace.
    pub fn meta(&self, name: &str) -> ObjectMeta {
        self.meta_in(&self.namespace, name)
    }

    /// Metadata of an object in a namespace of the platform.
    pub fn meta_in(&self, namespace: &str, name: &str) -> ObjectMeta {
        ObjectMeta {
            namespace: some(namespace),
            ..self.cluster_meta(name)
        }
    }

    /// Metadata of a cluster-scoped object.
    pub fn cluster_meta(&self, name: &str) -> ObjectMeta {
        ObjectMeta {
            name: some(name),
            labels: some(self.labels.clone()),
            ..default()
        }
    }

    /// Metadata of a workload's controller: its pods' labels on it too.
    pub fn workload_meta(&self, workload: &Workload) -> ObjectMeta {
        ObjectMeta {
            labels: some(self.workload_labels(workload)),
            ..self.meta(workload.name)
        }
    }

    /// Metadata of a workload's pods.
    pub fn pod_meta(&self, workload: &Workload) -> ObjectMeta {
        ObjectMeta {
            labels: some(self.workload_labels(workload)),
            ..default()
        }
    }

    fn workload_labels(&self, workload: &Workload) -> BTreeMap<String, String> {
        let mut labels = self.labels.clone();
        labels.extend(workload.owned_labels());
        labels
    }
}
