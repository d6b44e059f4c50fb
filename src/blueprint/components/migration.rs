//! The job that installs Odoo into an empty database and upgrades a used one, before the new pods start.

use crate::blueprint::names::*;
use crate::blueprint::{Build, Component, Edge, Peer, Place, stamp};
use crate::kinds::*;
use crate::manifest::Object;
use crate::model::Environment;
use crate::words::*;

use super::{configuration, odoo};

pub(super) const COMPONENT: Component = Component {
    name: "migration",
    summary: "the job that installs and upgrades Odoo's modules",
    build: Build::Environment(build),
    edges,
    after: &["cache", "configuration", "database", "identity", "network", "storage"],
};

fn build(at: &Place, env: &Environment) -> Vec<Object> {
    vec![job(at, env).into()]
}

fn edges(env: &Environment) -> Vec<Edge> {
    odoo::dependencies(env, &Peer::Workload(MIGRATION))
}

/// A job cannot be changed, so its name follows its content: a new release makes a new job. It is kept after it has
/// ended, since either engine would make a deleted one again.
fn job(at: &Place, env: &Environment) -> Job {
    let template = template(at, env);
    let name = stamp(&format!("migrate-{}", env.release.name), &template);
    Job {
        metadata: ObjectMeta {
            labels: template.metadata.as_ref().and_then(|metadata| metadata.labels.clone()),
            ..at.meta(&name)
        },
        spec: some(JobSpec {
            // A migration that failed half-way is looked at by a person, not tried again.
            backoff_limit: Some(0),
            active_deadline_seconds: Some(env.release.spec.upgrade.timeout.into()),
            template,
            ..default()
        }),
        ..default()
    }
}

fn template(at: &Place, env: &Environment) -> PodTemplateSpec {
    let container = Container {
        name: "migration".into(),
        command: some(texts(["/bin/sh", &format!("{}/migrate.sh", configuration::MOUNT)])),
        resources: some(odoo::odoo_resources(500, GIBI, 4 * GIBI)),
        ..odoo::odoo_container(env, &[])
    };
    let pod = PodSpec {
        restart_policy: some("Never"),
        topology_spread_constraints: None,
        ..odoo::odoo_pod(env, &MIGRATION, container)
    };
    PodTemplateSpec {
        metadata: some(at.pod_meta(&MIGRATION)),
        spec: some(pod),
    }
}

#[cfg(test)]
mod tests {
    use crate::fixture::{component, environment};

    fn job(settings: &str, replace: &[(&str, &str)]) -> crate::manifest::Object {
        component("migration", &environment(settings, replace)).remove(0)
    }

    #[test]
    fn a_changed_template_makes_another_job() {
        let other = job("", &[("odoo-19\n", "odoo-19-next\n")]);
        assert_ne!(job("", &[]).name, other.name);
        assert_eq!(job("", &[]).name, job("  autoscaling: {maximum: 9}\n", &[]).name);
    }

    #[test]
    fn it_is_neither_tried_again_nor_thrown_away() {
        let spec = job("", &[]).value["spec"].clone();
        assert_eq!(spec["backoffLimit"], 0);
        assert!(spec.get("ttlSecondsAfterFinished").is_none());
        assert_eq!(spec["activeDeadlineSeconds"], 7200);
    }
}
