//! Who acts in the namespace: an account of its own for each workload, and the roles of people by their groups.
//!
//! No workload gets a token of the API server, and nobody gets into the pods of a live environment.

use std::collections::{BTreeMap, BTreeSet};

use crate::blueprint::names::*;
use crate::blueprint::{Build, Component, Place, Workload};
use crate::kinds::*;
use crate::manifest::Object;
use crate::model::{Engine, Environment, Groups, Sessions};
use crate::text::Group;
use crate::words::*;

pub(super) const COMPONENT: Component = Component {
    name: "identity",
    summary: "service accounts and the rights of people",
    build: Build::Environment(build),
    edges: Component::NO_EDGES,
    after: &["namespace"],
};

/// A kind of people, and the cluster roles of `access` that they have.
struct Persona {
    groups: fn(&Groups) -> &[Group],
    everywhere: &'static [&'static str],
    outside_live: &'static [&'static str],
}

const PERSONAS: &[Persona] = &[
    Persona {
        groups: |groups| &groups.platform_engineer,
        everywhere: &["view", "logs", "operate"],
        outside_live: &["debug"],
    },
    Persona {
        groups: |groups| &groups.erp_consultant,
        everywhere: &["view", "logs"],
        outside_live: &["debug"],
    },
    Persona {
        groups: |groups| &groups.support,
        everywhere: &["view", "logs"],
        outside_live: &[],
    },
    Persona {
        groups: |groups| &groups.client_administrator,
        everywhere: &["status"],
        outside_live: &[],
    },
    Persona {
        groups: |groups| &groups.auditor,
        everywhere: &["audit"],
        outside_live: &[],
    },
    Persona {
        groups: |groups| &groups.dba,
        everywhere: &["database"],
        outside_live: &["debug"],
    },
];

fn build(at: &Place, env: &Environment) -> Vec<Object> {
    let mut objects: Vec<Object> = workloads(env)
        .iter()
        .map(|workload| account(at, workload).into())
        .collect();
    objects.extend(
        groups_by_role(env)
            .into_iter()
            .map(|(role, groups)| binding(at, role, groups).into()),
    );
    if env.cluster.spec.gitops.engine == Engine::Flux {
        objects.push(flux(at, env).into());
    }
    objects
}

/// The workloads of ours; the database's account is made by its operator.
fn workloads(env: &Environment) -> Vec<Workload> {
    let mut workloads = vec![CRON, MIGRATION, WEB];
    if env.release.spec.sessions == Sessions::Redis {
        workloads.push(CACHE);
    }
    workloads
}

fn account(at: &Place, workload: &Workload) -> ServiceAccount {
    ServiceAccount {
        metadata: at.meta(workload.name),
        automount_service_account_token: Some(false),
        ..default()
    }
}

/// The groups of the platform and of the tenant that have each role here; roles that nobody has are left out.
fn groups_by_role(env: &Environment) -> BTreeMap<&'static str, BTreeSet<&str>> {
    let mut found: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for persona in PERSONAS {
        let groups = [&env.platform.spec.groups, &env.tenant.spec.groups].map(persona.groups);
        let groups: Vec<&str> = groups.into_iter().flatten().map(Group::as_str).collect();
        if groups.is_empty() {
            continue;
        }
        let outside_live = persona.outside_live.iter().filter(|_| !env.spec.tier.is_live());
        for role in persona.everywhere.iter().chain(outside_live) {
            found.entry(role).or_default().extend(&groups);
        }
    }
    found
}

fn binding(at: &Place, role: &str, groups: BTreeSet<&str>) -> RoleBinding {
    let subjects = groups.into_iter().map(|group| Subject {
        api_group: some("rbac.authorization.k8s.io"),
        kind: "Group".into(),
        name: group.into(),
        ..default()
    });
    RoleBinding {
        metadata: at.meta(role),
        role_ref: role_ref(role),
        subjects: Some(subjects.collect()),
    }
}

/// Flux applies the tenant's objects under an account that has no rights elsewhere.
fn flux(at: &Place, env: &Environment) -> RoleBinding {
    let account = Subject {
        kind: "ServiceAccount".into(),
        name: reconciler(env.tenant.name.as_str()),
        namespace: some(FLUX_NAMESPACE),
        ..default()
    };
    RoleBinding {
        metadata: at.meta(RECONCILER),
        role_ref: role_ref(RECONCILER),
        subjects: some([account]),
    }
}

fn role_ref(role: &str) -> RoleRef {
    RoleRef {
        api_group: "rbac.authorization.k8s.io".into(),
        kind: "ClusterRole".into(),
        name: format!("{ROLE_PREFIX}{role}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{cluster_component, component, environment, fleet, yaml_of};

    /// All personas with a group of their own each.
    const GROUPS: (&str, &str) = (
        "auditor: [internal-audit]",
        "auditor: [internal-audit]\n    erpConsultant: [consultants]\n    support: [helpdesk]\n    dba: [dbas]",
    );

    fn names(objects: &[Object], kind: &str) -> Vec<String> {
        objects
            .iter()
            .filter(|object| object.kind == kind)
            .map(|object| object.name.clone())
            .collect()
    }

    /// Who has which role, `view: a b`.
    fn rights(objects: &[Object]) -> Vec<String> {
        let bindings = objects.iter().filter_map(Object::view::<RoleBinding>);
        bindings
            .map(|binding| {
                let groups: Vec<String> = binding
                    .subjects
                    .unwrap_or_default()
                    .into_iter()
                    .map(|subject| subject.name)
                    .collect();
                format!("{}: {}", binding.role_ref.name, groups.join(" "))
            })
            .collect()
    }

    #[test]
    fn production() {
        let objects = component("identity", &environment("", &[]));
        assert_eq!(
            names(&objects, "ServiceAccount"),
            ["cron", "migration", "web", "valkey"]
        );
        insta::assert_snapshot!(yaml_of("ServiceAccount", "web", &objects), @r#"
        apiVersion: v1
        kind: ServiceAccount
        metadata:
          name: web
          namespace: hartmann-production
          labels:
            app.kubernetes.io/managed-by: formwork
            formwork/cost-centre: "4100"
            formwork/environment: production
            formwork/tenant: hartmann
            formwork/tier: production
          annotations:
            argocd.argoproj.io/sync-wave: "1"
        automountServiceAccountToken: false
        "#);
        insta::assert_snapshot!(yaml_of("RoleBinding", "view", &objects), @r#"
        apiVersion: rbac.authorization.k8s.io/v1
        kind: RoleBinding
        metadata:
          name: view
          namespace: hartmann-production
          labels:
            app.kubernetes.io/managed-by: formwork
            formwork/cost-centre: "4100"
            formwork/environment: production
            formwork/tenant: hartmann
            formwork/tier: production
          annotations:
            argocd.argoproj.io/sync-wave: "1"
        roleRef:
          apiGroup: rbac.authorization.k8s.io
          kind: ClusterRole
          name: formwork-view
        subjects:
        - name: hartmann-consultants
          apiGroup: rbac.authorization.k8s.io
          kind: Group
        - name: platform-engineers
          apiGroup: rbac.authorization.k8s.io
          kind: Group
        "#);
    }

    #[test]
    fn nobody_gets_into_the_pods_of_production() {
        let objects = component("identity", &environment("", &[GROUPS]));
        assert_eq!(
            rights(&objects),
            [
                "formwork-audit: internal-audit",
                "formwork-database: dbas",
                "formwork-logs: consultants hartmann-consultants helpdesk platform-engineers",
                "formwork-operate: platform-engineers",
                "formwork-status: hartmann-it",
                "formwork-view: consultants hartmann-consultants helpdesk platform-engineers",
            ]
        );
    }

    #[test]
    fn engineers_consultants_and_database_people_get_into_other_pods() {
        let env = environment("", &[GROUPS, ("tier: production", "tier: staging")]);
        let rights = rights(&component("identity", &env));
        assert_eq!(
            rights[2],
            "formwork-debug: consultants dbas hartmann-consultants platform-engineers"
        );
        assert_eq!(rights.len(), 7);
    }

    #[test]
    fn a_group_of_platform_and_tenant_is_bound_once() {
        let env = environment("", &[("[hartmann-consultants]", "[platform-engineers]")]);
        assert!(rights(&component("identity", &env)).contains(&"formwork-view: platform-engineers".to_owned()));
    }

    #[test]
    fn a_role_that_nobody_has_is_not_bound() {
        assert!(!names(&component("identity", &environment("", &[])), "RoleBinding").contains(&"database".to_owned()));
    }

    #[test]
    fn every_bound_role_is_there() {
        let flux = ("engine: argocd", "engine: flux");
        let roles = cluster_component("access", &fleet("", &[flux]));
        let roles: BTreeSet<String> = roles.into_iter().map(|role| role.name).collect();
        let objects = component(
            "identity",
            &environment("", &[GROUPS, flux, ("tier: production", "tier: training")]),
        );
        let bound = objects
            .iter()
            .filter_map(Object::view::<RoleBinding>)
            .map(|binding| binding.role_ref.name);
        assert_eq!(bound.collect::<BTreeSet<_>>(), roles);
    }

    #[test]
    fn flux_acts_under_the_account_of_the_tenant() {
        let objects = component("identity", &environment("", &[("engine: argocd", "engine: flux")]));
        insta::assert_snapshot!(yaml_of("RoleBinding", "reconciler", &objects), @r#"
        apiVersion: rbac.authorization.k8s.io/v1
        kind: RoleBinding
        metadata:
          name: reconciler
          namespace: hartmann-production
          labels:
            app.kubernetes.io/managed-by: formwork
            formwork/cost-centre: "4100"
            formwork/environment: production
            formwork/tenant: hartmann
            formwork/tier: production
        roleRef:
          apiGroup: rbac.authorization.k8s.io
          kind: ClusterRole
          name: formwork-reconciler
        subjects:
        - name: tenant-hartmann
          kind: ServiceAccount
          namespace: flux-system
        "#);
    }
}
