//! What a cluster has though no object at hand says so: what its definition declares, and what its other units make.
//!
//! Only identities are kept, so that a fleet of any size has a small inventory.

use std::collections::BTreeMap;

use super::ends::End;
use crate::manifest::Object;
use crate::model::{AddOn, Cluster, Engine};

/// Who says that something exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// The definition of the cluster.
    Declared,
    /// The cluster's own objects.
    Cluster,
    /// The delivery of the cluster.
    Delivery,
}

impl Origin {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Declared => "the definition of the cluster",
            Self::Cluster => "the objects of the cluster",
            Self::Delivery => "the delivery of the cluster",
        }
    }
}

/// What exists on one cluster.
#[derive(Debug, Clone, Default)]
pub struct Inventory {
    known: BTreeMap<String, Origin>,
}

/// The inventories of a fleet, by the name of the cluster.
pub type Inventories = BTreeMap<String, Inventory>;

impl Inventory {
    /// What the definition of a cluster declares.
    pub fn of(cluster: &Cluster) -> Self {
        let mut inventory = Self::default();
        let mut declare = |group, kind, name: &str| {
            let namespace = "";
            let end = End {
                group,
                kind,
                namespace,
                name,
            };
            inventory.known.insert(key(end), Origin::Declared);
        };
        let spec = &cluster.spec;
        // The engine itself was installed before anything that it applies.
        let engine = match spec.gitops.engine {
            Engine::Argocd => "argocd",
            Engine::Flux => "flux-system",
        };
        declare("", "Namespace", engine);
        let classes = &spec.storage_classes;
        for class in [Some(&classes.database), classes.shared.as_ref(), Some(&classes.general)] {
            class
                .into_iter()
                .for_each(|class| declare("storage.k8s.io", "StorageClass", class.as_str()));
        }
        if let Some(class) = &spec.object_storage.class {
            declare("storage.k8s.io", "StorageClass", class.as_str());
        }
        for store in &spec.secret_stores {
            declare("external-secrets.io", "ClusterSecretStore", store.name.as_str());
        }
        if spec.add_ons.contains(&AddOn::Traefik) {
            declare("networking.k8s.io", "IngressClass", "traefik");
        }
        inventory
    }

    /// Adds objects that another unit of the cluster makes.
    pub fn add(&mut self, objects: &[Object], origin: Origin) {
        for object in objects {
            let end = End {
                group: object.group(),
                kind: &object.kind,
                namespace: object.namespace.as_deref().unwrap_or_default(),
                name: &object.name,
            };
            self.known.insert(key(end), origin);
        }
    }

    pub(super) fn origin(&self, end: End<'_>) -> Option<Origin> {
        self.known.get(&key(end)).copied()
    }
}

fn key(end: End<'_>) -> String {
    let End {
        group,
        kind,
        namespace,
        name,
    } = end;
    format!("{kind}.{group}/{namespace}/{name}")
}

/// Whether every cluster has it from the start.
pub(super) fn is_built_in(end: End<'_>) -> bool {
    let name = end.name;
    match (end.group, end.kind) {
        ("", "ServiceAccount") => name == "default",
        ("", "ConfigMap") => name == "kube-root-ca.crt",
        ("", "Service") => name == "kubernetes" && end.namespace == "default",
        ("", "Namespace") => name == "default" || name.starts_with("kube-"),
        ("rbac.authorization.k8s.io", "ClusterRole") => {
            ["cluster-admin", "admin", "edit", "view"].contains(&name) || name.starts_with("system:")
        }
        ("rbac.authorization.k8s.io", "Role") => name.starts_with("system:") || end.namespace == "kube-system",
        ("scheduling.k8s.io", "PriorityClass") => name.starts_with("system-"),
        ("argoproj.io", "AppProject") => name == "default",
        _ => false,
    }
}
