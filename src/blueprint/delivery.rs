//! What an object must say to the engine that reconciles it: its turn, and that data is not thrown away.
//!
//! One order serves both engines. A component names what must be ready before it; Argo CD gets that as sync waves, Flux
//! as Kustomizations that depend on each other (see `components::flux`).

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::Component;
use crate::manifest::Object;
use crate::model::{Cluster, Engine, Environment, Platform, Tier};

/// Kinds whose deletion loses data, by group and kind.
const DATA_KINDS: &[(&str, &str)] = &[
    ("", "Namespace"),
    ("", "PersistentVolumeClaim"),
    ("apps", "StatefulSet"),
    ("barmancloud.cnpg.io", "ObjectStore"),
    ("objectbucket.io", "ObjectBucketClaim"),
    ("postgresql.cnpg.io", "Cluster"),
    ("s3.aws.m.upbound.io", "Bucket"),
];

/// Components whose objects hold data; what is in them is never pruned as a whole.
pub(super) const DATA_COMPONENTS: &[&str] = &["cache", "database", "namespace", "storage"];

/// Whether the environment's data must outlive a mistake.
pub(super) fn is_protected(environment: &Environment) -> bool {
    environment.spec.tier != Tier::Development
}

/// A folder of the output as the repository knows it.
pub(super) fn path(platform: &Platform, folder: &str) -> String {
    let segments = platform.spec.repository.path.split('/').chain(folder.split('/'));
    segments
        .filter(|segment| !matches!(*segment, "" | "."))
        .collect::<Vec<_>>()
        .join("/")
}

/// The folder of an environment's objects.
pub(super) fn environment_folder(environment: &Environment) -> String {
    format!("environments/{}", environment.id())
}

/// A component of a unit that has objects, and so a folder of its own.
#[derive(Debug)]
pub(super) struct Part<'a> {
    /// Its name, which is also the folder's.
    pub name: String,
    /// Its objects.
    pub objects: Vec<&'a Object>,
    /// The parts of the same unit that must be ready before it.
    pub after: BTreeSet<String>,
}

/// The parts of a unit, by name, from all its objects.
pub(super) fn parts<'a>(objects: &'a [Object], components: &[Component]) -> Vec<Part<'a>> {
    let mut folders: BTreeMap<&str, Vec<&Object>> = BTreeMap::new();
    for object in objects {
        folders.entry(&object.component).or_default().push(object);
    }
    let present: BTreeSet<String> = folders.keys().map(|name| (*name).to_owned()).collect();
    let part = |(name, objects): (&str, Vec<&'a Object>)| Part {
        after: after(name, &present, components),
        name: name.to_owned(),
        objects,
    };
    folders.into_iter().map(part).collect()
}

/// The present components that come before one. Those before an absent component come before what comes after it; a
/// component that is not of the blueprint, such as the folder of extra manifests, comes last.
fn after(name: &str, present: &BTreeSet<String>, components: &[Component]) -> BTreeSet<String> {
    if !components.iter().any(|component| component.name == name) {
        return present.iter().filter(|other| *other != name).cloned().collect();
    }
    direct(name, components)
        .flat_map(|earlier| match present.get(earlier) {
            Some(earlier) => BTreeSet::from([earlier.clone()]),
            None => after(earlier, present, components),
        })
        .collect()
}

/// Whether a component comes after another, however many lie between them.
pub(super) fn comes_after(name: &str, other: &str, components: &[Component]) -> bool {
    direct(name, components).any(|earlier| earlier == other || comes_after(earlier, other, components))
}

/// The components that one itself says it comes after, as far as the blueprint has them. None comes after itself,
/// however many lie between (a test holds that), so whoever follows them comes to an end.
fn direct(name: &str, components: &[Component]) -> impl Iterator<Item = &'static str> {
    let named = components.iter().filter(move |component| component.name == name);
    let earlier = named.flat_map(|component| component.after.iter().copied());
    earlier.filter(|earlier| components.iter().any(|component| component.name == *earlier))
}

pub(super) fn decorate_environment(objects: &mut [Object], environment: &Environment, components: &[Component]) {
    decorate(
        objects,
        environment.cluster.spec.gitops.engine,
        is_protected(environment),
        components,
    );
}

pub(super) fn decorate_cluster(objects: &mut [Object], cluster: &Cluster, components: &[Component]) {
    decorate(objects, cluster.spec.gitops.engine, true, components);
}

fn decorate(objects: &mut [Object], engine: Engine, protect: bool, components: &[Component]) {
    let waves: Vec<usize> = match engine {
        Engine::Argocd => waves(objects, components),
        Engine::Flux => vec![0; objects.len()],
    };
    for (object, wave) in objects.iter_mut().zip(waves) {
        let holds_data = protect && DATA_KINDS.contains(&(object.group(), object.kind.as_str()));
        match engine {
            Engine::Argocd => {
                object.annotate("argocd.argoproj.io/sync-wave", &wave.to_string());
                if holds_data {
                    object.annotate("argocd.argoproj.io/sync-options", "Prune=confirm,Delete=confirm");
                }
            }
            Engine::Flux => {
                if holds_data {
                    object.annotate("kustomize.toolkit.fluxcd.io/prune", "disabled");
                }
            }
        }
    }
}

fn waves(objects: &[Object], components: &[Component]) -> Vec<usize> {
    let mut turns = BTreeMap::new();
    for object in objects {
        let name: &str = &object.component;
        turns.entry(name).or_insert_with(|| turn(name, components));
    }
    objects.iter().map(|object| wave(object, objects, &turns)).collect()
}

/// The turn of an object's component; a volume claim goes with the first pods that mount it. Storage may bind a claim
/// only then, and Argo CD waits until what it has made is well before it makes what comes next.
fn wave(object: &Object, objects: &[Object], turns: &BTreeMap<&str, usize>) -> usize {
    let turn = |object: &Object| turns.get(&*object.component).copied();
    let own = turn(object).unwrap_or_default();
    if object.kind != "PersistentVolumeClaim" {
        return own;
    }
    let users = objects.iter().filter(|other| mounts(other, &object.name));
    users.filter_map(turn).min().unwrap_or(own)
}

/// Whether pods of the object mount the claim.
pub(super) fn mounts(object: &Object, claim: &str) -> bool {
    let Some(pod) = object.pod_pointer().and_then(|pointer| object.value.pointer(pointer)) else {
        return false;
    };
    let volumes = pod.get("volumes").and_then(Value::as_array).into_iter().flatten();
    volumes
        .filter_map(|volume| volume.pointer("/persistentVolumeClaim/claimName"))
        .any(|name| name == claim)
}

/// How many components must come before: the longest chain of `after`. A component that is not of the blueprint, such
/// as the folder of extra manifests, comes last.
fn turn(name: &str, components: &[Component]) -> usize {
    if !components.iter().any(|component| component.name == name) {
        return components.len();
    }
    direct(name, components)
        .map(|earlier| turn(earlier, components) + 1)
        .max()
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::blueprint::{Build, COMPONENTS, Unit, assemble};
    use crate::fixture::{cluster_component, environment, fleet};
    use crate::kinds::argo::Application;
    use crate::kinds::flux::Kustomization;

    const FLUX: (&str, &str) = ("engine: argocd", "engine: flux");
    const DEVELOPMENT: (&str, &str) = ("tier: production", "tier: development");
    /// Another environment of the same tenant, and one of another.
    const MORE: &str = "
---
apiVersion: formwork/v1alpha1
kind: Environment
metadata: {name: sandbox}
spec: {tenant: hartmann, tier: development, cluster: eu-central, release: odoo-19}
---
apiVersion: formwork/v1alpha1
kind: Tenant
metadata: {name: kranich}
spec: {displayName: Kranich AG, costCentre: '4200', owner: it@kranich.example}
---
apiVersion: formwork/v1alpha1
kind: Environment
metadata: {name: staging}
spec: {tenant: kranich, tier: staging, cluster: eu-central, release: odoo-19, backup: {enabled: false}}
";

    /// The environment's objects as both engines bring them to the cluster.
    fn brought(engine: &[(&str, &str)], settings: &str) -> BTreeMap<(String, String), Value> {
        let objects = assemble(&Unit::Environment(environment(settings, engine)), COMPONENTS);
        let own = objects
            .into_iter()
            .filter(|object| (object.kind.as_str(), object.name.as_str()) != ("RoleBinding", "reconciler"));
        own.map(|mut object| {
            let metadata = object.value["metadata"].as_object_mut().unwrap();
            if let Some(Value::Object(annotations)) = metadata.get_mut("annotations") {
                annotations.retain(|key, _| {
                    !key.starts_with("argocd.argoproj.io/") && !key.starts_with("kustomize.toolkit.fluxcd.io/")
                });
                if annotations.is_empty() {
                    metadata.remove("annotations");
                }
            }
            ((object.kind, object.name), object.value)
        })
        .collect()
    }

    #[test]
    fn a_tenant_has_the_same_objects_by_either_engine() {
        assert_eq!(brought(&[], ""), brought(&[FLUX], ""));
        let settings = "  backup: {enabled: false}\n";
        assert_eq!(
            brought(&[DEVELOPMENT], settings),
            brought(&[DEVELOPMENT, FLUX], settings)
        );
    }

    #[test]
    fn a_claim_comes_with_the_first_pods_that_mount_it() {
        let objects = assemble(&Unit::Environment(environment("", &[])), COMPONENTS);
        let wave = |kind| {
            let found = objects
                .iter()
                .find(|object| object.kind == kind && object.name != "valkey")
                .unwrap();
            found.annotation("argocd.argoproj.io/sync-wave").unwrap()
        };
        assert_eq!(wave("PersistentVolumeClaim"), wave("Job"));
        assert_ne!(wave("PersistentVolumeClaim"), wave("ObjectStore"));
    }

    #[test]
    fn components_come_after_known_ones_of_their_own_kind_and_never_after_themselves() {
        let of_environment =
            |component: &Component| matches!(component.build, Build::Environment(_) | Build::Closing(_));
        for component in COMPONENTS {
            assert!(
                !comes_after(component.name, component.name, COMPONENTS),
                "{}",
                component.name
            );
            for earlier in component.after {
                let earlier = COMPONENTS
                    .iter()
                    .find(|other| other.name == *earlier)
                    .unwrap_or_else(|| panic!("{} after {earlier}", component.name));
                assert_eq!(
                    of_environment(component),
                    of_environment(earlier),
                    "{} after {}",
                    component.name,
                    earlier.name
                );
            }
        }
    }

    #[test]
    fn what_comes_before_an_absent_component_comes_before_what_follows_it() {
        let middle = Component {
            name: "middle",
            after: &["first"],
            ..COMPONENTS[0]
        };
        let components = [
            Component {
                name: "first",
                after: &[],
                ..middle
            },
            middle,
            Component {
                name: "last",
                after: &["middle"],
                ..middle
            },
        ];
        let present = BTreeSet::from(["first".to_owned(), "last".to_owned(), "extra".to_owned()]);
        assert_eq!(
            after("last", &present, &components),
            BTreeSet::from(["first".to_owned()])
        );
        assert_eq!(
            after("extra", &present, &components),
            BTreeSet::from(["first".to_owned(), "last".to_owned()])
        );
    }

    /// Every folder with objects of the fleet's only cluster, as the repository knows it.
    fn folders(fleet: &crate::model::Fleet) -> BTreeSet<String> {
        let of_unit = |unit: &Unit| {
            let folder = unit.folder();
            let is_delivery = matches!(unit, Unit::Delivery(..));
            let objects = assemble(unit, COMPONENTS);
            let folders = objects.into_iter().map(move |object| match is_delivery {
                true => folder.clone(),
                false => format!("{folder}/{}", object.component),
            });
            folders.map(|folder| path(&fleet.platform, &folder)).collect::<Vec<_>>()
        };
        Unit::all(fleet).iter().flat_map(of_unit).collect()
    }

    #[test]
    fn every_folder_has_one_kustomization_and_every_kustomization_a_folder() {
        for replace in [
            vec![FLUX],
            vec![FLUX, DEVELOPMENT],
            vec![FLUX, (", policy-controller]", "]")],
        ] {
            let fleet = fleet(MORE, &replace);
            let kustomizations = kustomizations(&fleet);
            let paths: Vec<String> = kustomizations.iter().filter_map(|it| it.spec.path.clone()).collect();
            let expected = folders(&fleet)
                .into_iter()
                .map(|folder| format!("./{folder}"))
                .collect::<BTreeSet<_>>();
            assert_eq!(paths.len(), kustomizations.len());
            assert_eq!(paths.len(), expected.len());
            assert_eq!(paths.into_iter().collect::<BTreeSet<_>>(), expected);
        }
    }

    #[test]
    fn kustomizations_depend_on_each_other_without_a_circle() {
        let mut waiting: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for kustomization in kustomizations(&fleet(MORE, &[FLUX])) {
            let earlier = kustomization
                .spec
                .depends_on
                .into_iter()
                .map(|earlier| earlier.name)
                .collect();
            let name = kustomization.metadata.name.unwrap();
            assert!(name.len() <= 63, "{name}");
            assert!(waiting.insert(name, earlier).is_none());
        }
        while !waiting.is_empty() {
            let ready: BTreeSet<String> = waiting
                .iter()
                .filter(|(_, earlier)| earlier.is_empty())
                .map(|(name, _)| name.clone())
                .collect();
            assert!(!ready.is_empty(), "{waiting:#?}");
            waiting.retain(|name, _| !ready.contains(name));
            waiting
                .values_mut()
                .for_each(|earlier| earlier.retain(|name| !ready.contains(name)));
        }
    }

    #[test]
    fn every_environment_has_one_application_on_its_folder() {
        let fleet = fleet(MORE, &[]);
        let expected: BTreeMap<String, String> = fleet
            .environments
            .iter()
            .map(|it| {
                (
                    it.namespace.clone(),
                    path(&fleet.platform, &Unit::Environment(it.clone()).folder()),
                )
            })
            .collect();
        let applications = deliveries::<Application>(&fleet);
        let found = applications
            .into_iter()
            .filter(|it| expected.contains_key(it.metadata.name.as_deref().unwrap()))
            .map(|it| (it.metadata.name.unwrap(), it.spec.source.unwrap().path.unwrap()));
        assert_eq!(found.collect::<BTreeMap<_, _>>(), expected);
    }

    fn kustomizations(fleet: &crate::model::Fleet) -> Vec<Kustomization> {
        deliveries(fleet)
    }

    fn deliveries<K: k8s_openapi::Resource + serde::de::DeserializeOwned>(fleet: &crate::model::Fleet) -> Vec<K> {
        let objects = ["argocd", "flux"].map(|engine| cluster_component(engine, fleet));
        objects.iter().flatten().filter_map(Object::view).collect()
    }
}
