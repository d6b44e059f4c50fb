//! What makes Flux reconcile a cluster: the source, and one Kustomization for each folder of a component.
//!
//! To start, apply this folder once to the cluster; from then on the Kustomization `delivery` keeps it. A Kustomization
//! is there exactly when its folder is, since Flux fails on a path that does not exist.
//!
//! When an environment goes, Flux clears up in the name of the tenant, which needs its account and its rights for that.
//! Both therefore stay, with the namespace and the other bounds, and people remove them.

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::blueprint::names::*;
use crate::blueprint::{Build, Component, Delivery, Place, Unit, assemble, delivery};
use crate::kinds::flux::*;
use crate::kinds::{ObjectMeta, ServiceAccount};
use crate::manifest::Object;
use crate::model::{Cluster, Engine, Environment};
use crate::words::*;

pub(super) const COMPONENT: Component = Component {
    name: "flux",
    summary: "Flux's source and Kustomizations",
    build: Build::Delivery(Delivery {
        cluster: of_whole_cluster,
        environment: of_whole_environment,
    }),
    edges: Component::NO_EDGES,
    after: &[],
};

/// The source and everything that comes from it.
const SOURCE: &str = "platform";
/// Components that set the bounds of a tenant; the tenant's own account may not apply them.
const BOUNDS: &[&str] = &["identity", "namespace", "network", "quota"];
/// Components without which data that is kept would be lost after all.
const GUARDS: &[&str] = &["backup", "secrets"];

fn of_whole_cluster(cluster: &Cluster, environments: &[Arc<Environment>], components: &[Component]) -> Vec<Object> {
    if cluster.spec.gitops.engine != Engine::Flux {
        return vec![];
    }
    let at = &Place::of_cluster(cluster);
    let cluster = Arc::new(cluster.clone());
    let mut objects = vec![source(at, &cluster).into(), root(at, &cluster).into()];
    let tenants: BTreeSet<&str> = environments
        .iter()
        .map(|environment| environment.tenant.name.as_str())
        .collect();
    objects.extend(tenants.into_iter().map(|tenant| account(at, tenant).into()));
    let unit = Unit::Cluster(cluster.clone(), environments.into());
    let built = assemble(&unit, components);
    let parts = delivery::parts(&built, components);
    objects.extend(parts.iter().map(|part| of_cluster(at, &cluster, &unit, part).into()));
    objects
}

fn of_whole_environment(env: &Environment, objects: &[Object], components: &[Component]) -> Vec<Object> {
    if env.cluster.spec.gitops.engine != Engine::Flux {
        return vec![];
    }
    let parts = delivery::parts(objects, components);
    parts
        .iter()
        .map(|part| of_environment(env, part, &parts).into())
        .collect()
}

fn source(at: &Place, cluster: &Cluster) -> GitRepository {
    let repository = &cluster.platform.spec.repository;
    GitRepository {
        metadata: at.meta_in(FLUX_NAMESPACE, SOURCE),
        spec: GitRepositorySpec {
            url: repository.url.to_string(),
            secret_ref: repository.secret.as_ref().map(|secret| NameRef {
                name: secret.to_string(),
            }),
            interval: "1m".into(),
            ref_: some(GitRef {
                branch: some(repository.branch.as_str()),
                ..default()
            }),
            ignore: some(ignore(&delivery::path(&cluster.platform, ""))),
            ..default()
        },
    }
}

/// Everything but the folder of the output, in the manner of `.gitignore`: a folder is let in step by step, since what
/// lies in an ignored one cannot be.
fn ignore(path: &str) -> String {
    let mut lines = String::new();
    let mut folder = String::new();
    for segment in path.split('/').filter(|segment| !segment.is_empty()) {
        lines += &format!("{folder}/*\n!{folder}/{segment}/\n");
        folder += &format!("/{segment}");
    }
    lines + &format!("{folder}/ownership.json\n{folder}/runbooks/\n")
}

fn account(at: &Place, tenant: &str) -> ServiceAccount {
    let annotations = map([("kustomize.toolkit.fluxcd.io/prune", "disabled")]);
    // Flux only speaks in its name; no pod runs as it.
    ServiceAccount {
        metadata: ObjectMeta {
            annotations: some(annotations),
            ..at.meta_in(FLUX_NAMESPACE, &reconciler(tenant))
        },
        automount_service_account_token: Some(false),
        ..default()
    }
}

/// The Kustomization of this folder.
fn root(at: &Place, cluster: &Arc<Cluster>) -> Kustomization {
    let unit = Unit::Delivery(cluster.clone(), [].into());
    Kustomization {
        metadata: at.meta_in(FLUX_NAMESPACE, "delivery"),
        spec: KustomizationSpec {
            prune: true,
            deletion_policy: some("Orphan"),
            timeout: some("5m"),
            ..kustomization(&delivery::path(&cluster.platform, &unit.folder()))
        },
    }
}

fn of_cluster(at: &Place, cluster: &Cluster, unit: &Unit, part: &delivery::Part<'_>) -> Kustomization {
    let add_ons = part.name == "add-ons";
    Kustomization {
        metadata: at.meta_in(FLUX_NAMESPACE, &part.name),
        spec: KustomizationSpec {
            // With an add-on go its kinds, and with a kind all objects of it: people remove add-ons.
            prune: !add_ons,
            deletion_policy: some("Orphan"),
            wait: Some(true),
            timeout: some(if add_ons { "45m" } else { "5m" }),
            depends_on: part
                .after
                .iter()
                .map(|earlier| DependsOn {
                    name: earlier.clone(),
                    ..default()
                })
                .collect(),
            ..kustomization(&delivery::path(
                &cluster.platform,
                &format!("{}/{}", unit.folder(), part.name),
            ))
        },
    }
}

fn of_environment(env: &Environment, part: &delivery::Part<'_>, parts: &[delivery::Part<'_>]) -> Kustomization {
    let component = part.name.as_str();
    let (prune, deletion_policy) = clearing(env, component);
    let waits = !part.objects.iter().any(|object| is_unbound(object, &part.objects));
    Kustomization {
        metadata: Place::of_environment(env, Vec::new()).meta_in(FLUX_NAMESPACE, &name(env, component)),
        spec: KustomizationSpec {
            prune,
            deletion_policy: some(deletion_policy),
            wait: Some(waits),
            // Only read where `wait` is not set.
            health_checks: if waits { vec![] } else { health_checks(&part.objects) },
            health_check_exprs: if component == "database" {
                vec![database_health()]
            } else {
                vec![]
            },
            timeout: Some(timeout(env, component)),
            service_account_name: (!BOUNDS.contains(&component)).then(|| reconciler(env.tenant.name.as_str())),
            depends_on: depends_on(env, part, parts),
            ..kustomization(&delivery::path(
                &env.platform,
                &format!("{}/{component}", delivery::environment_folder(env)),
            ))
        },
    }
}

/// Whether objects that are gone from the folder are pruned, and what happens to all when the environment goes.
fn clearing(env: &Environment, component: &str) -> (bool, &'static str) {
    let protected = delivery::is_protected(env);
    let holds_data = protected && delivery::DATA_COMPONENTS.contains(&component);
    let stays = holds_data || BOUNDS.contains(&component) || protected && GUARDS.contains(&component);
    (!holds_data, if stays { "Orphan" } else { "MirrorPrune" })
}

/// What the first component of an environment waits for on the cluster: the kinds, the rights and the priorities.
const FOUNDATION: &[&str] = &["access", "add-ons", "priority-classes"];

/// What a component comes after, and the tenant's rights where it is applied with them.
fn depends_on(env: &Environment, part: &delivery::Part<'_>, parts: &[delivery::Part<'_>]) -> Vec<DependsOn> {
    let bounded = |name: &str| BOUNDS.contains(&name);
    let mut earlier: BTreeSet<&str> = part.after.iter().map(String::as_str).collect();
    if !bounded(&part.name) && earlier.iter().all(|name| bounded(name)) {
        earlier.extend(
            parts
                .iter()
                .map(|part| part.name.as_str())
                .filter(|name| *name == "identity"),
        );
    }
    let cluster = FOUNDATION
        .iter()
        .filter(|_| part.name == "namespace")
        .map(|name| (*name).to_owned());
    let names = earlier.into_iter().map(|earlier| name(env, earlier)).chain(cluster);
    names.map(|name| DependsOn { name, ..default() }).collect()
}

/// The name of an environment's Kustomization. Flux writes it as a label onto every object, so it must fit one.
fn name(env: &Environment, component: &str) -> String {
    format!("{}-{component}", env.namespace)
}

fn kustomization(path: &str) -> KustomizationSpec {
    KustomizationSpec {
        interval: "10m".into(),
        retry_interval: some("2m"),
        source_ref: SourceRef {
            kind: "GitRepository".into(),
            name: SOURCE.into(),
            ..default()
        },
        path: Some(format!("./{path}")),
        force: Some(false),
        ..default()
    }
}

/// Whether it is a claim for a volume whose first pod comes in a later part. Storage may bind it only then, and a
/// Kustomization that waits for the claim would wait for ever.
fn is_unbound(object: &Object, part: &[&Object]) -> bool {
    object.kind == "PersistentVolumeClaim" && !part.iter().any(|other| delivery::mounts(other, &object.name))
}

/// Everything that is ready by itself.
fn health_checks(objects: &[&Object]) -> Vec<HealthCheck> {
    let others = objects.iter().filter(|object| !is_unbound(object, objects));
    let check = |object: &&Object| HealthCheck {
        api_version: Some(object.api_version.clone()),
        kind: object.kind.clone(),
        name: object.name.clone(),
        namespace: object.namespace.clone(),
    };
    others.map(check).collect()
}

/// A hibernated database is never ready, and that is well.
fn database_health() -> HealthCheckExpr {
    let holds = |condition: &str| format!("status.conditions.exists(e, e.type == '{condition}' && e.status == 'True')");
    HealthCheckExpr {
        api_version: "postgresql.cnpg.io/v1".into(),
        kind: some("Cluster"),
        current: format!("{} || {}", holds("Ready"), holds("cnpg.io/hibernation")),
        ..default()
    }
}

/// How long a component may take until it is ready.
fn timeout(env: &Environment, component: &str) -> String {
    match component {
        "migration" => format!("{}m", env.release.spec.upgrade.timeout.div_ceil(60) + 5),
        // Servers join one after the other, and each copies the database.
        "database" => "30m".into(),
        // Longer than the Deployments' own deadline, so that theirs is the message.
        "odoo" => "20m".into(),
        _ => "5m".into(),
    }
}
