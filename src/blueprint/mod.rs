//! The blueprint: components that turn the model into objects. Nothing here can fail.

mod alerts;
mod charts;
pub mod components;
mod delivery;
mod edges;
mod footprint;
mod hatches;
pub mod names;
mod place;
mod runbook;

pub use components::{COMPONENTS, facts, policies_of};
pub use edges::{Edge, Peer, Port, Protocol};
pub use footprint::{Footprint, Load, at_most};
pub use hatches::EXTRA;
pub use place::{Place, Workload};
pub use runbook::{runbook, sections};

use std::borrow::Cow;
use std::sync::Arc;

use crate::manifest::Object;
use crate::model::{Cluster, Environment, Fleet};

/// A part of the blueprint.
#[derive(Debug, Clone, Copy)]
pub struct Component {
    /// Its name, which is also the folder of its objects.
    pub name: &'static str,
    /// One line for people.
    pub summary: &'static str,
    /// How it makes its objects.
    pub build: Build,
    /// What its pods talk to; network policies are derived from it.
    pub edges: fn(&Environment) -> Vec<Edge>,
    /// Components of the same environment or cluster that must be ready before it is applied.
    pub after: &'static [&'static str],
}

impl Component {
    /// For components without pods.
    pub const NO_EDGES: fn(&Environment) -> Vec<Edge> = |_| Vec::new();
}

/// How a component makes its objects.
#[derive(Debug, Clone, Copy)]
pub enum Build {
    /// For one environment.
    Environment(fn(&Place, &Environment) -> Vec<Object>),
    /// For one environment, once all its other objects are known.
    Closing(fn(&Place, &Environment, &[Object]) -> Vec<Object>),
    /// For one cluster and the environments on it.
    Cluster(fn(&Place, &Cluster, &Environments) -> Vec<Object>),
    /// What makes the engine of a cluster reconcile all of this.
    Delivery(Delivery),
}

/// The environments on one cluster.
pub type Environments = [Arc<Environment>];

/// How an engine is told what to reconcile. What concerns one environment is made with it, from its objects, so that
/// nothing is assembled twice.
#[derive(Debug, Clone, Copy)]
pub struct Delivery {
    /// For a cluster and what all its environments share.
    pub cluster: fn(&Cluster, &Environments, &[Component]) -> Vec<Object>,
    /// For one environment.
    pub environment: fn(&Environment, &[Object], &[Component]) -> Vec<Object>,
}

/// What is compiled by itself.
#[derive(Debug, Clone)]
pub enum Unit {
    /// One environment.
    Environment(Arc<Environment>),
    /// The objects of one cluster.
    Cluster(Arc<Cluster>, Arc<[Arc<Environment>]>),
    /// The delivery of one cluster.
    Delivery(Arc<Cluster>, Arc<[Arc<Environment>]>),
}

impl Unit {
    /// All units of a fleet, in the order of their folders.
    pub fn all(fleet: &Fleet) -> Vec<Unit> {
        let mut units = Vec::new();
        for cluster in &fleet.clusters {
            let environments: Arc<[Arc<Environment>]> = fleet.on(cluster).cloned().collect();
            units.push(Unit::Cluster(cluster.clone(), environments.clone()));
            units.push(Unit::Delivery(cluster.clone(), environments));
        }
        units.extend(fleet.environments.iter().cloned().map(Unit::Environment));
        units
    }

    /// The folder of its files, below the output folder.
    pub fn folder(&self) -> String {
        match self {
            Unit::Environment(environment) => delivery::environment_folder(environment),
            Unit::Cluster(cluster, _) => format!("clusters/{}", cluster.name),
            Unit::Delivery(cluster, _) => format!("delivery/{}", cluster.name),
        }
    }

    /// Everything that it writes, by the beginnings of the paths; no two units share one.
    pub fn prefixes(&self) -> Vec<String> {
        match self {
            Unit::Environment(environment) => {
                let (id, cluster) = (environment.id(), &environment.cluster.name);
                vec![
                    format!("environments/{id}/"),
                    format!("delivery/{cluster}/environments/{id}/"),
                    format!("runbooks/{id}.md"),
                ]
            }
            Unit::Cluster(cluster, _) => vec![format!("clusters/{}/", cluster.name)],
            Unit::Delivery(cluster, _) => ["argocd", "flux"]
                .map(|engine| format!("delivery/{}/{engine}/", cluster.name))
                .into(),
        }
    }

    /// What findings call it: `tenant/environment`, or the name of the cluster.
    pub fn subject(&self) -> String {
        match self {
            Unit::Environment(environment) => environment.id(),
            Unit::Cluster(cluster, _) | Unit::Delivery(cluster, _) => cluster.name.to_string(),
        }
    }

    /// The cluster that its objects come to.
    pub fn cluster(&self) -> &Cluster {
        match self {
            Unit::Environment(environment) => &environment.cluster,
            Unit::Cluster(cluster, _) | Unit::Delivery(cluster, _) => cluster,
        }
    }

    /// The environment, if it is one.
    pub fn environment(&self) -> Option<&Environment> {
        match self {
            Unit::Environment(environment) => Some(environment),
            _ => None,
        }
    }
}

/// Makes the objects of one unit, in the order of the components.
pub fn assemble(unit: &Unit, components: &[Component]) -> Vec<Object> {
    match unit {
        Unit::Environment(environment) => assemble_environment(environment, components),
        Unit::Cluster(cluster, environments) => {
            let place = Place::of_cluster(cluster);
            let mut objects = Vec::new();
            for component in components {
                if let Build::Cluster(build) = component.build {
                    objects.extend(owned(component, build(&place, cluster, environments)));
                }
            }
            delivery::decorate_cluster(&mut objects, cluster, components);
            objects
        }
        Unit::Delivery(cluster, environments) => {
            let mut objects = Vec::new();
            for component in components {
                if let Build::Delivery(delivery) = component.build {
                    objects.extend(owned(component, (delivery.cluster)(cluster, environments, components)));
                }
            }
            objects
        }
    }
}

/// The connections that components declare for a unit; only environments have any.
pub fn edges(unit: &Unit, components: &[Component]) -> Vec<Edge> {
    unit.environment()
        .map(|environment| declared(environment, components))
        .unwrap_or_default()
}

fn declared(environment: &Environment, components: &[Component]) -> Vec<Edge> {
    components
        .iter()
        .flat_map(|component| (component.edges)(environment))
        .collect()
}

fn assemble_environment(environment: &Environment, components: &[Component]) -> Vec<Object> {
    let place = Place::of_environment(environment, declared(environment, components));
    let mut objects = Vec::with_capacity(64);
    for component in components {
        if let Build::Environment(build) = component.build {
            objects.extend(owned(component, build(&place, environment)));
        }
    }
    hatches::override_objects(&mut objects, &environment.spec.overrides);
    objects.extend(hatches::extra_objects(&place, &environment.spec.extra));
    for component in components {
        if let Build::Closing(build) = component.build {
            let mut closing: Vec<Object> = owned(component, build(&place, environment, &objects)).collect();
            hatches::override_objects(&mut closing, &environment.spec.overrides);
            objects.extend(closing);
        }
    }
    delivery::decorate_environment(&mut objects, environment, components);
    objects
}

/// Makes what tells the engine to reconcile an environment, given the environment's objects. It goes below the folder of
/// the cluster's delivery.
pub fn deliver(environment: &Environment, objects: &[Object], components: &[Component]) -> Vec<Object> {
    let folder = format!("environments/{}", environment.id());
    let mut delivered = Vec::new();
    for component in components {
        if let Build::Delivery(delivery) = component.build {
            delivered.extend((delivery.environment)(environment, objects, components));
        }
    }
    delivered
        .iter_mut()
        .for_each(|object| object.component = Cow::Owned(folder.clone()));
    delivered
}

fn owned(component: &Component, objects: Vec<Object>) -> impl Iterator<Item = Object> + use<> {
    let name = component.name;
    objects.into_iter().map(move |object| Object {
        component: Cow::Borrowed(name),
        ..object
    })
}

/// A name that follows content: the base and eight hexadecimal digits of the content's digest.
pub fn stamp(base: &str, content: &impl serde::Serialize) -> String {
    use sha2::Digest;
    let bytes = serde_json::to_vec(content).unwrap_or_default();
    let digest = sha2::Sha256::digest(&bytes);
    let suffix: String = digest.iter().take(4).map(|byte| format!("{byte:02x}")).collect();
    // Job names become label values of at most 63 characters.
    let base: String = base.chars().take(63 - 1 - suffix.len()).collect();
    format!("{}-{suffix}", base.trim_end_matches('-'))
}
