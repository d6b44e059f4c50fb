//! The admission policies of the house, as a cluster gets them: narrowed to what is ours, waivers as exclusions.
//!
//! A cluster then gives the verdicts that the build gave. What the documents say was checked where they were read.

use std::sync::Arc;

use serde_json::Value;

use super::namespace::pod_security;
use crate::admission::{self, Exclusion, Resources};
use crate::blueprint::names::POLICY_NAMESPACE;
use crate::blueprint::{Build, Component, Place};
use crate::kinds::*;
use crate::manifest::Object;
use crate::model::{Cluster, Environment, Platform, Waiver};
use crate::text::glob;
use crate::words::*;

pub(super) const COMPONENT: Component = Component {
    name: "policies",
    summary: "the admission policies of the house",
    build: Build::Cluster(build),
    edges: Component::NO_EDGES,
    after: &["namespaces"],
};

/// The name of the ConfigMap with what policies want to know of the platform.
const FACTS: &str = "formwork-facts";

fn build(at: &Place, cluster: &Cluster, environments: &[Arc<Environment>]) -> Vec<Object> {
    let policies = &cluster.platform.policies;
    if policies.admission.is_empty() {
        return vec![];
    }
    let mut objects = vec![namespace(at, cluster).into()];
    objects.push(Object::from(ConfigMap {
        metadata: at.meta_in(POLICY_NAMESPACE, FACTS),
        ..facts(&cluster.platform)
    }));
    let documents: Vec<Value> = policies.admission.iter().map(|it| Value::clone(&it.value)).collect();
    for mut value in admission::scoped(&documents, &Resources::default()) {
        for waiver in &policies.waivers {
            except(&mut value, waiver, cluster, environments);
        }
        label(&mut value, at);
        objects.extend(Object::from_value(value));
    }
    objects
}

fn namespace(at: &Place, cluster: &Cluster) -> Namespace {
    let mut labels = at.labels.clone();
    labels.extend(pod_security("restricted", cluster));
    Namespace {
        metadata: ObjectMeta {
            labels: some(labels),
            ..at.cluster_meta(POLICY_NAMESPACE)
        },
        ..default()
    }
}

/// What policies may want to know of the platform, as their parameter.
pub fn facts(platform: &Platform) -> ConfigMap {
    ConfigMap {
        metadata: ObjectMeta {
            name: some(FACTS),
            namespace: some(POLICY_NAMESPACE),
            ..default()
        },
        data: some(map([("registries", platform.spec.registries.join(",").as_str())])),
        ..default()
    }
}

/// Exempts from a policy what a waiver covers on this cluster.
fn except(value: &mut Value, waiver: &Waiver, cluster: &Cluster, environments: &[Arc<Environment>]) {
    let name = value
        .pointer("/metadata/name")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let is_policy = value
        .get("kind")
        .is_some_and(|kind| kind == "ValidatingAdmissionPolicy");
    if !is_policy || !waiver.spec.policies.iter().any(|policy| policy.as_str() == name) {
        return;
    }
    let subject = &waiver.spec.subject;
    let is_meant = |environment: &&Arc<Environment>| {
        let id = environment.id();
        subject.environments.iter().any(|pattern| glob::matches(pattern, &id))
    };
    let mut namespaces: Vec<String> = environments
        .iter()
        .filter(is_meant)
        .map(|it| it.namespace.clone())
        .collect();
    if subject
        .clusters
        .iter()
        .any(|pattern| glob::matches(pattern, cluster.name.as_str()))
    {
        // What belongs to no environment lies in no namespace, as far as policies reach.
        namespaces.push(String::new());
    }
    if namespaces.is_empty() {
        return;
    }
    if subject.objects.is_empty() {
        let exclusion = Exclusion {
            namespaces: namespaces.clone(),
            ..Exclusion::default()
        };
        admission::except(value, waiver.name.as_str(), &exclusion);
    }
    for (index, object) in subject.objects.iter().enumerate() {
        let exclusion = Exclusion {
            namespaces: namespaces.clone(),
            kinds: if glob::is_pattern(&object.kind) {
                vec![]
            } else {
                vec![object.kind.clone()]
            },
            names: vec![object.name.clone()],
        };
        let name = if index == 0 {
            waiver.name.to_string()
        } else {
            format!("{}-{}", waiver.name, index + 1)
        };
        admission::except(value, &name, &exclusion);
    }
}

/// Says whose the object is.
fn label(value: &mut Value, at: &Place) {
    let Some(metadata) = value.get_mut("metadata").and_then(Value::as_object_mut) else {
        return;
    };
    let labels = metadata
        .entry("labels")
        .or_insert_with(|| Value::Object(Default::default()));
    if let Value::Object(labels) = labels {
        labels.extend(at.labels.iter().map(|(key, text)| (key.clone(), text.as_str().into())));
    }
}
