//! The cluster roles that people and Flux are given, environment by environment, by role bindings of `identity`.
//!
//! They name every resource and every verb. None of a person's roles reads a secret, runs a workload or hands on rights.

use std::sync::Arc;

use crate::blueprint::names::*;
use crate::blueprint::{Build, Component, Place};
use crate::kinds::*;
use crate::manifest::Object;
use crate::model::{Cluster, Engine, Environment};
use crate::words::*;

pub(super) const COMPONENT: Component = Component {
    name: "access",
    summary: "the cluster roles of people and of Flux",
    build: Build::Cluster(build),
    edges: Component::NO_EDGES,
    after: &[],
};

/// An API group, resources of it, and what may be done with them.
type Grant = (&'static str, &'static str, &'static str);

const READ: &str = "get list watch";
const APPLY: &str = "create delete get list patch update watch";

/// Look at everything but secrets.
const VIEW: &[Grant] = &[
    ("", "namespaces", "get"),
    (
        "",
        "configmaps events limitranges persistentvolumeclaims pods resourcequotas serviceaccounts services",
        READ,
    ),
    ("acme.cert-manager.io", "challenges orders", READ),
    ("apps", "deployments replicasets statefulsets", READ),
    ("autoscaling", "horizontalpodautoscalers", READ),
    ("barmancloud.cnpg.io", "objectstores", READ),
    ("batch", "cronjobs jobs", READ),
    ("cert-manager.io", "certificaterequests certificates", READ),
    ("discovery.k8s.io", "endpointslices", READ),
    ("events.k8s.io", "events", READ),
    ("external-secrets.io", "externalsecrets", READ),
    ("keda.sh", "scaledobjects triggerauthentications", READ),
    ("metrics.k8s.io", "pods", "get list"),
    (
        "monitoring.coreos.com",
        "podmonitors probes prometheusrules servicemonitors",
        READ,
    ),
    ("networking.k8s.io", "networkpolicies", READ),
    ("objectbucket.io", "objectbucketclaims", READ),
    ("policy", "poddisruptionbudgets", READ),
    (
        "postgresql.cnpg.io",
        "backups clusters databaseroles databases poolers scheduledbackups",
        READ,
    ),
    ("s3.aws.m.upbound.io", BUCKETS, READ),
    (
        "traefik.io",
        "ingressroutes middlewares serverstransports tlsoptions traefikservices",
        READ,
    ),
];

const BUCKETS: &str = "bucketlifecycleconfigurations bucketpublicaccessblocks buckets \
                       bucketserversideencryptionconfigurations bucketversionings";

/// Read what the pods say.
const LOGS: &[Grant] = &[("", "pods/log", "get")];

/// Restart, scale, back up, and let a failed migration run again. No workload can be changed: a changed one could read
/// any secret.
const OPERATE: &[Grant] = &[
    ("", "pods", "delete"),
    ("", "pods/eviction", "create"),
    ("apps", "deployments/scale statefulsets/scale", "get patch update"),
    ("batch", "jobs", "delete"),
    ("postgresql.cnpg.io", "backups", "create"),
];

/// Get into the pods. `kubectl` opens these connections by `get` where it can use websockets.
const DEBUG: &[Grant] = &[("", "pods/exec pods/portforward", "create get")];

/// See whether it runs, and no more.
const STATUS: &[Grant] = &[
    ("apps", "deployments statefulsets", READ),
    ("batch", "jobs", READ),
    ("cert-manager.io", "certificates", READ),
    ("postgresql.cnpg.io", "backups clusters", READ),
];

/// See rights, walls, limits, backups, and where secrets come from.
const AUDIT: &[Grant] = &[
    ("", "namespaces", "get"),
    ("", "limitranges resourcequotas serviceaccounts", READ),
    ("barmancloud.cnpg.io", "objectstores", READ),
    ("cert-manager.io", "certificates", READ),
    ("external-secrets.io", "externalsecrets", READ),
    ("networking.k8s.io", "networkpolicies", READ),
    ("policy", "poddisruptionbudgets", READ),
    ("postgresql.cnpg.io", "backups scheduledbackups", READ),
    ("rbac.authorization.k8s.io", "rolebindings roles", READ),
];

/// Look after the database, and back it up before something risky.
const DATABASE_CARE: &[Grant] = &[
    ("", "events persistentvolumeclaims pods", READ),
    ("barmancloud.cnpg.io", "objectstores", READ),
    (
        "postgresql.cnpg.io",
        "clusters databaseroles databases poolers scheduledbackups",
        READ,
    ),
    ("postgresql.cnpg.io", "backups", "create get list watch"),
];

/// Apply a tenant's objects. Namespace, quota, rights and network policies are not among them: the platform applies
/// those. Pods and replica sets are read to tell whether a deployment is ready.
const RECONCILE: &[Grant] = &[
    ("", "configmaps persistentvolumeclaims services", APPLY),
    ("", "pods", READ),
    ("apps", "deployments statefulsets", APPLY),
    ("apps", "replicasets", READ),
    ("autoscaling", "horizontalpodautoscalers", APPLY),
    ("barmancloud.cnpg.io", "objectstores", APPLY),
    ("batch", "jobs", APPLY),
    ("cert-manager.io", "certificates", APPLY),
    ("external-secrets.io", "externalsecrets", APPLY),
    ("keda.sh", "scaledobjects", APPLY),
    ("monitoring.coreos.com", "podmonitors probes prometheusrules", APPLY),
    ("objectbucket.io", "objectbucketclaims", APPLY),
    ("policy", "poddisruptionbudgets", APPLY),
    ("postgresql.cnpg.io", "clusters scheduledbackups", APPLY),
    ("s3.aws.m.upbound.io", BUCKETS, APPLY),
    (
        "traefik.io",
        "ingressroutes middlewares serverstransports tlsoptions",
        APPLY,
    ),
];

fn build(at: &Place, cluster: &Cluster, _: &[Arc<Environment>]) -> Vec<Object> {
    let mut roles = vec![
        role(
            at,
            "audit",
            "Sees rights, walls, limits, backups, and where secrets come from.",
            AUDIT,
        ),
        role(
            at,
            "database",
            "Sees the database and takes backups of it.",
            DATABASE_CARE,
        ),
        role(at, "debug", "Gets into pods. Bound in no live environment.", DEBUG),
        role(at, "logs", "Reads the logs of pods.", LOGS),
        role(
            at,
            "operate",
            "Restarts, scales, takes backups and repeats failed jobs.",
            OPERATE,
        ),
        role(at, "status", "Sees whether the environment runs.", STATUS),
        role(at, "view", "Sees everything but secrets.", VIEW),
    ];
    if cluster.spec.gitops.engine == Engine::Flux {
        roles.push(role(at, RECONCILER, "Lets Flux apply a tenant's objects.", RECONCILE));
    }
    roles
}

fn role(at: &Place, name: &str, purpose: &str, grants: &[Grant]) -> Object {
    let words = |text: &str| text.split(' ').map(str::to_owned).collect();
    let rules = grants.iter().map(|(group, resources, verbs)| PolicyRule {
        api_groups: some(texts([group])),
        resources: Some(words(resources)),
        verbs: words(verbs),
        ..default()
    });
    ClusterRole {
        metadata: ObjectMeta {
            annotations: some(map([("kubernetes.io/description", purpose)])),
            ..at.cluster_meta(&format!("{ROLE_PREFIX}{name}"))
        },
        rules: Some(rules.collect()),
        ..default()
    }
    .into()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::blueprint::{COMPONENTS, Unit, assemble};
    use crate::fixture::{cluster_component, environment, fleet, yaml_of};

    /// The roles of people, all of them but Flux's.
    const PEOPLE: [&[Grant]; 7] = [AUDIT, DATABASE_CARE, DEBUG, LOGS, OPERATE, STATUS, VIEW];

    #[test]
    fn operate() {
        let objects = cluster_component("access", &fleet("", &[]));
        insta::assert_snapshot!(yaml_of("ClusterRole", "formwork-operate", &objects), @r#"
        apiVersion: rbac.authorization.k8s.io/v1
        kind: ClusterRole
        metadata:
          name: formwork-operate
          labels:
            app.kubernetes.io/managed-by: formwork
            formwork/cluster: eu-central
          annotations:
            argocd.argoproj.io/sync-wave: "0"
            kubernetes.io/description: Restarts, scales, takes backups and repeats failed jobs.
        rules:
        - apiGroups:
          - ""
          resources:
          - pods
          verbs:
          - delete
        - apiGroups:
          - ""
          resources:
          - pods/eviction
          verbs:
          - create
        - apiGroups:
          - apps
          resources:
          - deployments/scale
          - statefulsets/scale
          verbs:
          - get
          - patch
          - update
        - apiGroups:
          - batch
          resources:
          - jobs
          verbs:
          - delete
        - apiGroups:
          - postgresql.cnpg.io
          resources:
          - backups
          verbs:
          - create
        "#);
    }

    fn words(text: &str) -> Vec<&str> {
        text.split(' ').collect()
    }

    #[test]
    fn every_grant_is_named_and_in_order() {
        for (group, resources, verbs) in PEOPLE.iter().chain([&RECONCILE]).copied().flatten() {
            assert!(
                words(resources).is_sorted() && words(verbs).is_sorted(),
                "{group} {resources} {verbs}"
            );
            assert!(
                !group.contains('*') && !resources.contains('*') && !verbs.contains('*'),
                "{group} {resources}"
            );
        }
    }

    #[test]
    fn nobody_reads_secrets_or_hands_on_rights() {
        let denied = ["secrets", "serviceaccounts/token", "bind", "escalate", "impersonate"];
        for (_, resources, verbs) in PEOPLE.iter().chain([&RECONCILE]).copied().flatten() {
            assert!(
                words(resources)
                    .into_iter()
                    .chain(words(verbs))
                    .all(|word| !denied.contains(&word))
            );
        }
    }

    #[test]
    fn people_change_no_workload() {
        let mut found = BTreeSet::new();
        for (_, resources, verbs) in PEOPLE.into_iter().flatten() {
            for verb in words(verbs).into_iter().filter(|verb| !words(READ).contains(verb)) {
                found.extend(
                    words(resources)
                        .into_iter()
                        .map(|resource| format!("{verb} {resource}")),
                );
            }
        }
        assert_eq!(
            Vec::from_iter(found),
            [
                "create backups",
                "create pods/eviction",
                "create pods/exec",
                "create pods/portforward",
                "delete jobs",
                "delete pods",
                "patch deployments/scale",
                "patch statefulsets/scale",
                "update deployments/scale",
                "update statefulsets/scale",
            ]
        );
    }

    #[test]
    fn only_debug_gets_into_pods() {
        let entrances = [
            "pods/attach",
            "pods/ephemeralcontainers",
            "pods/exec",
            "pods/portforward",
            "pods/proxy",
        ];
        for (_, resources, _) in PEOPLE.into_iter().filter(|grants| *grants != DEBUG).flatten() {
            assert!(
                !words(resources).iter().any(|resource| entrances.contains(resource)),
                "{resources}"
            );
        }
    }

    #[test]
    fn flux_has_a_role_where_flux_reconciles() {
        let names = |fleet| {
            cluster_component("access", &fleet)
                .iter()
                .map(|object| object.name.clone())
                .collect::<BTreeSet<_>>()
        };
        assert!(!names(fleet("", &[])).contains("formwork-reconciler"));
        assert!(names(fleet("", &[("engine: argocd", "engine: flux")])).contains("formwork-reconciler"));
    }

    #[test]
    fn flux_may_apply_what_the_other_components_emit() {
        let platform = ["namespace", "quota", "identity", "network"];
        for backend in [
            "backend: existing",
            "backend: object-bucket-claim\n    class: rook",
            "backend: crossplane-aws\n    class: aws",
        ] {
            for (scaler, queue) in [("keda", "true"), ("hpa", "false")] {
                let env = environment(
                    "",
                    &[
                        ("engine: argocd", "engine: flux"),
                        ("backend: existing", backend),
                        ("autoscaler: keda", &format!("autoscaler: {scaler}")),
                        ("odoo: \"19.0\"", &format!("odoo: \"19.0\"\n  queue: {queue}")),
                    ],
                );
                for object in assemble(&Unit::Environment(env), COMPONENTS) {
                    if platform.contains(&object.component.as_ref()) {
                        continue;
                    }
                    let kind = crate::kinds::find(&object.api_version, &object.kind).unwrap();
                    let granted = RECONCILE.iter().any(|(group, resources, verbs)| {
                        *group == object.group() && words(resources).contains(&kind.plural) && *verbs == APPLY
                    });
                    assert!(
                        granted,
                        "{} {} of {}",
                        object.api_version, object.kind, object.component
                    );
                }
            }
        }
    }
}
