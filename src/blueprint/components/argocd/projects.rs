//! The projects of Argo CD: what the platform may do on a cluster, and what one tenant may do in its namespaces.
//!
//! A folder that somebody has smuggled something into is stopped here, whatever the application asks for.

use std::collections::BTreeSet;

use super::{CHART_NAMESPACE, destination, here};
use crate::blueprint::names::*;
use crate::blueprint::{Place, charts, delivery};
use crate::kinds::KINDS;
use crate::kinds::argo::*;
use crate::model::{Cluster, Environment, Groups, Tenant};
use crate::text::Group;
use crate::words::*;

/// Cluster-wide kinds that charts bring and no component does.
const CHART_KINDS: &[(&str, &str)] = &[
    ("admissionregistration.k8s.io", "MutatingWebhookConfiguration"),
    ("admissionregistration.k8s.io", "ValidatingWebhookConfiguration"),
    ("apiextensions.k8s.io", "CustomResourceDefinition"),
    ("apiregistration.k8s.io", "APIService"),
    ("networking.k8s.io", "IngressClass"),
    ("rbac.authorization.k8s.io", "ClusterRole"),
    ("rbac.authorization.k8s.io", "ClusterRoleBinding"),
];

/// What some personas may do with the applications of a project.
struct Role {
    name: &'static str,
    description: &'static str,
    groups: fn(&Groups) -> Vec<&Group>,
    actions: &'static [&'static str],
}

const ENGINEER: Role = Role {
    name: "engineer",
    description: "Looks, reads logs and syncs",
    groups: |groups| groups.platform_engineer.iter().collect(),
    actions: &["applications, get", "applications, sync", "logs, get"],
};
const AUDITOR: Role = Role {
    name: "auditor",
    description: "Looks",
    groups: |groups| groups.auditor.iter().collect(),
    actions: &["applications, get"],
};
const VIEWER: Role = Role {
    name: "viewer",
    description: "Looks",
    groups: |groups| {
        [
            &groups.client_administrator,
            &groups.dba,
            &groups.erp_consultant,
            &groups.support,
        ]
        .into_iter()
        .flatten()
        .collect()
    },
    actions: &["applications, get"],
};

/// What the platform itself may do: everything that its components and charts bring, and nothing else cluster-wide.
pub(super) fn platform(at: &Place, cluster: &Cluster, parts: &[delivery::Part<'_>]) -> AppProject {
    let installations = charts::installations(cluster);
    let built = || parts.iter().flat_map(|part| &part.objects);
    let mut namespaces: BTreeSet<&str> = built().filter_map(|object| object.namespace.as_deref()).collect();
    namespaces.insert(CHART_NAMESPACE);
    namespaces.extend(installations.iter().map(|it| it.namespace));
    let mut kinds: BTreeSet<(&str, &str)> = CHART_KINDS.iter().copied().collect();
    kinds.extend(
        built()
            .filter(|object| object.namespace.is_none())
            .map(|object| (object.group(), object.kind.as_str())),
    );
    let charts: BTreeSet<String> = installations.iter().map(|it| it.chart.repository.to_string()).collect();
    let destinations = namespaces.into_iter().map(|namespace| destination(cluster, namespace));
    let name = platform_name(cluster);
    AppProject {
        metadata: at.meta_in(ARGOCD_NAMESPACE, &name),
        spec: AppProjectSpec {
            description: Some(format!("The platform on {}", cluster.name)),
            source_repos: [cluster.platform.spec.repository.url.to_string()]
                .into_iter()
                .chain(charts)
                .collect(),
            destinations: [here()].into_iter().chain(destinations).collect(),
            cluster_resource_whitelist: kinds
                .into_iter()
                .map(|(group, kind)| resource(group, kind, None))
                .collect(),
            roles: roles(&name, &[AUDITOR, ENGINEER], &[&cluster.platform.spec.groups]),
            ..default()
        },
    }
}

/// What one tenant may do: kinds that components build, in the namespaces of its own environments.
pub(super) fn tenant(at: &Place, cluster: &Cluster, environments: &[&Environment]) -> Option<AppProject> {
    let tenant = &environments.first()?.tenant;
    let name = tenant_name(tenant, cluster);
    let namespaces = environments.iter().map(|environment| environment.namespace.as_str());
    Some(AppProject {
        metadata: at.meta_in(ARGOCD_NAMESPACE, &name),
        spec: AppProjectSpec {
            description: some(tenant.spec.display_name.as_str()),
            source_repos: vec![cluster.platform.spec.repository.url.to_string()],
            destinations: namespaces
                .clone()
                .map(|namespace| destination(cluster, namespace))
                .collect(),
            cluster_resource_whitelist: namespaces
                .map(|namespace| resource("", "Namespace", Some(namespace)))
                .collect(),
            namespace_resource_whitelist: tenant_kinds(environments),
            orphaned_resources: some(OrphanedResources {
                warn: Some(true),
                // cert-manager and the backup schedule make these without an owner.
                ignore: vec![
                    orphan("", "Secret", Some(CERTIFICATE_SECRET)),
                    orphan("postgresql.cnpg.io", "Backup", None),
                ],
            }),
            roles: roles(
                &name,
                &[AUDITOR, ENGINEER, VIEWER],
                &[&cluster.platform.spec.groups, &tenant.spec.groups],
            ),
            ..default()
        },
    })
}

/// The kinds that components build in namespaces, and those of raw manifests. The engines' own kinds would let a tenant
/// out of its project, and a `TLSStore` counts for the whole cluster.
fn tenant_kinds(environments: &[&Environment]) -> Vec<NamespaceResource> {
    let known = KINDS
        .iter()
        .filter(|info| info.namespaced)
        .map(|info| (info.api_version, info.kind));
    let extra = environments.iter().flat_map(|environment| &environment.spec.extra);
    let extra = extra.filter_map(|extra| Some((extra.0.get("apiVersion")?.as_str()?, extra.0.get("kind")?.as_str()?)));
    let group = |api_version: &'_ str| api_version.rsplit_once('/').map_or("", |(group, _)| group).to_owned();
    let kinds: BTreeSet<(String, &str)> = known
        .chain(extra)
        .map(|(version, kind)| (group(version), kind))
        .collect();
    let forbidden = |group: &str, kind: &str| {
        group == "argoproj.io" || group.ends_with(".fluxcd.io") || (group, kind) == ("traefik.io", "TLSStore")
    };
    kinds
        .into_iter()
        .filter(|(group, kind)| !forbidden(group, kind))
        .map(|(group, kind)| NamespaceResource {
            group: Some(group),
            kind: kind.into(),
        })
        .collect()
}

/// The roles of a project with the groups of its people; one that nobody has is left out.
fn roles(project: &str, roles: &[Role], groups: &[&Groups]) -> Vec<ProjectRole> {
    let role = |role: &Role| {
        let groups: BTreeSet<String> = groups
            .iter()
            .flat_map(|groups| (role.groups)(groups))
            .map(ToString::to_string)
            .collect();
        let policy = |action: &&str| format!("p, proj:{project}:{}, {action}, {project}/*, allow", role.name);
        ProjectRole {
            name: role.name.into(),
            description: some(role.description),
            groups: groups.into_iter().collect(),
            policies: role.actions.iter().map(policy).collect(),
        }
    };
    roles.iter().map(role).filter(|role| !role.groups.is_empty()).collect()
}

fn resource(group: &str, kind: &str, name: Option<&str>) -> ClusterResource {
    ClusterResource {
        group: some(group),
        kind: kind.into(),
        name: name.map(Into::into),
    }
}

fn orphan(group: &str, kind: &str, name: Option<&str>) -> OrphanedResource {
    OrphanedResource {
        group: some(group),
        kind: some(kind),
        name: name.map(Into::into),
    }
}

/// The name of the platform's project.
pub(super) fn platform_name(cluster: &Cluster) -> String {
    format!("platform-{}", cluster.name)
}

/// The name of a tenant's project.
pub(super) fn tenant_name(tenant: &Tenant, cluster: &Cluster) -> String {
    format!("{}-{}", tenant.name, cluster.name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::blueprint::{COMPONENTS, Unit, assemble};
    use crate::fixture::{cluster_component, environment, fleet, yaml, yaml_of};
    use crate::kinds::find;

    #[test]
    fn a_tenant_stays_in_its_namespaces() {
        let objects = cluster_component("argocd", &fleet("", &[]));
        let mut project = objects
            .into_iter()
            .find(|object| object.name == "hartmann-eu-central")
            .unwrap();
        // Another test is about these.
        project.value["spec"]
            .as_object_mut()
            .unwrap()
            .remove("namespaceResourceWhitelist");
        insta::assert_snapshot!(yaml(&[project]), @r#"
        apiVersion: argoproj.io/v1alpha1
        kind: AppProject
        metadata:
          name: hartmann-eu-central
          namespace: argocd
          labels:
            app.kubernetes.io/managed-by: formwork
            formwork/cluster: eu-central
        spec:
          clusterResourceWhitelist:
          - name: hartmann-production
            group: ""
            kind: Namespace
          description: Hartmann Bau GmbH
          destinations:
          - namespace: hartmann-production
            server: https://kubernetes.default.svc
          orphanedResources:
            ignore:
            - name: web-tls
              group: ""
              kind: Secret
            - group: postgresql.cnpg.io
              kind: Backup
            warn: true
          roles:
          - name: auditor
            description: Looks
            groups:
            - internal-audit
            policies:
            - p, proj:hartmann-eu-central:auditor, applications, get, hartmann-eu-central/*, allow
          - name: engineer
            description: Looks, reads logs and syncs
            groups:
            - platform-engineers
            policies:
            - p, proj:hartmann-eu-central:engineer, applications, get, hartmann-eu-central/*, allow
            - p, proj:hartmann-eu-central:engineer, applications, sync, hartmann-eu-central/*, allow
            - p, proj:hartmann-eu-central:engineer, logs, get, hartmann-eu-central/*, allow
          - name: viewer
            description: Looks
            groups:
            - hartmann-consultants
            - hartmann-it
            policies:
            - p, proj:hartmann-eu-central:viewer, applications, get, hartmann-eu-central/*, allow
          sourceRepos:
          - https://git.formwork.example/platform/erp.git
        "#);
    }

    #[test]
    fn the_platform_may_make_what_it_makes_and_nothing_else_cluster_wide() {
        let objects = cluster_component("argocd", &fleet("", &[]));
        insta::assert_snapshot!(yaml_of("AppProject", "platform-eu-central", &objects), @r#"
        apiVersion: argoproj.io/v1alpha1
        kind: AppProject
        metadata:
          name: platform-eu-central
          namespace: argocd
          labels:
            app.kubernetes.io/managed-by: formwork
            formwork/cluster: eu-central
        spec:
          clusterResourceWhitelist:
          - group: ""
            kind: Namespace
          - group: admissionregistration.k8s.io
            kind: MutatingWebhookConfiguration
          - group: admissionregistration.k8s.io
            kind: ValidatingWebhookConfiguration
          - group: apiextensions.k8s.io
            kind: CustomResourceDefinition
          - group: apiregistration.k8s.io
            kind: APIService
          - group: cert-manager.io
            kind: ClusterIssuer
          - group: external-secrets.io
            kind: ClusterSecretStore
          - group: networking.k8s.io
            kind: IngressClass
          - group: policy.sigstore.dev
            kind: ClusterImagePolicy
          - group: rbac.authorization.k8s.io
            kind: ClusterRole
          - group: rbac.authorization.k8s.io
            kind: ClusterRoleBinding
          - group: scheduling.k8s.io
            kind: PriorityClass
          description: The platform on eu-central
          destinations:
          - namespace: argocd
            server: https://kubernetes.default.svc
          - namespace: cert-manager
            server: https://kubernetes.default.svc
          - namespace: cnpg-system
            server: https://kubernetes.default.svc
          - namespace: cosign-system
            server: https://kubernetes.default.svc
          - namespace: external-secrets
            server: https://kubernetes.default.svc
          - namespace: keda
            server: https://kubernetes.default.svc
          - namespace: kube-system
            server: https://kubernetes.default.svc
          - namespace: monitoring
            server: https://kubernetes.default.svc
          - namespace: traefik
            server: https://kubernetes.default.svc
          roles:
          - name: auditor
            description: Looks
            groups:
            - internal-audit
            policies:
            - p, proj:platform-eu-central:auditor, applications, get, platform-eu-central/*, allow
          - name: engineer
            description: Looks, reads logs and syncs
            groups:
            - platform-engineers
            policies:
            - p, proj:platform-eu-central:engineer, applications, get, platform-eu-central/*, allow
            - p, proj:platform-eu-central:engineer, applications, sync, platform-eu-central/*, allow
            - p, proj:platform-eu-central:engineer, logs, get, platform-eu-central/*, allow
          sourceRepos:
          - https://git.formwork.example/platform/erp.git
          - https://charts.external-secrets.io
          - https://charts.jetstack.io
          - https://cloudnative-pg.github.io/charts
          - https://kedacore.github.io/charts
          - https://prometheus-community.github.io/helm-charts
          - https://sigstore.github.io/helm-charts
          - https://traefik.github.io/charts
        "#);
    }

    #[test]
    fn a_tenant_may_make_everything_that_its_environments_have() {
        let extra = "  extra: [{apiVersion: example.com/v1, kind: Kettle, metadata: {name: tea}}]\n";
        for backend in [
            "existing",
            "object-bucket-claim\n    class: rook",
            "crossplane-aws\n    class: aws",
        ] {
            let env = environment(extra, &[("backend: existing", &format!("backend: {backend}"))]);
            let allowed = tenant_kinds(&[&env]);
            for object in assemble(&Unit::Environment(env.clone()), COMPONENTS) {
                let known = allowed
                    .iter()
                    .any(|it| (it.group.as_deref(), &it.kind) == (Some(object.group()), &object.kind));
                let namespaced = find(&object.api_version, &object.kind).is_none_or(|info| info.namespaced);
                assert!(
                    known || !namespaced && object.kind == "Namespace",
                    "{} {}",
                    object.api_version,
                    object.kind
                );
            }
            assert!(
                allowed
                    .iter()
                    .all(|it| it.group.as_deref() != Some("argoproj.io") && it.kind != "TLSStore")
            );
        }
    }
}
