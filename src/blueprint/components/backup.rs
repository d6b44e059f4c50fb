//! When base backups of the database are taken. The write-ahead log goes to the same place all the time.
//!
//! A backup is taken as soon as the schedule exists, so that an archive never lacks its beginning.

use crate::blueprint::names::*;
use crate::blueprint::{Build, Component, Place};
use crate::kinds::cnpg;
use crate::manifest::Object;
use crate::model::Environment;
use crate::words::*;

pub(super) const COMPONENT: Component = Component {
    name: "backup",
    summary: "the schedule of base backups",
    build: Build::Environment(build),
    edges: Component::NO_EDGES,
    after: &["database"],
};

fn build(at: &Place, env: &Environment) -> Vec<Object> {
    if !env.spec.backup.enabled {
        return vec![];
    }
    vec![schedule(at, env).into()]
}

fn schedule(at: &Place, env: &Environment) -> cnpg::ScheduledBackup {
    cnpg::ScheduledBackup {
        metadata: at.meta(DATABASE.name),
        spec: cnpg::ScheduledBackupSpec {
            // The operator counts seconds first.
            schedule: env.spec.backup.schedule.to_six_fields(),
            cluster: cnpg::NameRef {
                name: DATABASE.name.into(),
            },
            method: some("plugin"),
            plugin_configuration: some(cnpg::PluginConfiguration {
                name: BACKUP_PLUGIN.into(),
                ..default()
            }),
            target: some("prefer-standby"),
            // The records of backups go with the schedule; what is in the bucket stays.
            backup_owner_reference: some("self"),
            immediate: Some(true),
            ..default()
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{environment, yaml};

    fn built(env: &Environment) -> Vec<Object> {
        build(&Place::of_environment(env, vec![]), env)
    }

    #[test]
    fn the_schedule_of_production() {
        insta::assert_snapshot!(yaml(&built(&environment("", &[]))), @r#"
        apiVersion: postgresql.cnpg.io/v1
        kind: ScheduledBackup
        metadata:
          name: db
          namespace: hartmann-production
          labels:
            app.kubernetes.io/managed-by: formwork
            formwork/cost-centre: "4100"
            formwork/environment: production
            formwork/tenant: hartmann
            formwork/tier: production
        spec:
          backupOwnerReference: self
          cluster:
            name: db
          immediate: true
          method: plugin
          pluginConfiguration:
            name: barman-cloud.cloudnative-pg.io
          schedule: "0 30 1 * * *"
          target: prefer-standby
        "#);
    }

    #[test]
    fn a_schedule_has_six_fields_for_the_operator() {
        let env = environment("  backup: {schedule: \"@daily\"}\n", &[]);
        let schedule = built(&env)
            .iter()
            .find_map(|object| object.view::<cnpg::ScheduledBackup>())
            .unwrap();
        assert_eq!(schedule.spec.schedule, "0 0 0 * * *");
    }

    #[test]
    fn an_environment_may_go_without() {
        let env = environment(
            "  backup: {enabled: false}\n",
            &[("tier: production", "tier: development")],
        );
        assert!(built(&env).is_empty());
    }
}
