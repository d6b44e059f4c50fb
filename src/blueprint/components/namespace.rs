//! The namespace of an environment, which says whose it is and what its pods may never do.
//!
//! Pod Security is pinned to the cluster's own version, so that an upgrade of the cluster changes no verdict unseen.

use crate::blueprint::{Build, Component, Place};
use crate::kinds::*;
use crate::manifest::Object;
use crate::model::{AddOn, Cluster, Environment};
use crate::words::*;

pub(super) const COMPONENT: Component = Component {
    name: "namespace",
    summary: "the namespace and its Pod Security level",
    build: Build::Environment(build),
    edges: Component::NO_EDGES,
    after: &[],
};

fn build(at: &Place, env: &Environment) -> Vec<Object> {
    vec![namespace(at, env).into()]
}

fn namespace(at: &Place, env: &Environment) -> Namespace {
    let mut labels = at.labels.clone();
    labels.extend(pod_security("restricted", &env.cluster));
    if env.cluster.has(AddOn::PolicyController) {
        labels.insert("policy.sigstore.dev/include".into(), "true".into());
    }
    let tenant = &env.tenant.spec;
    labels.insert("formwork/sensitivity".into(), tenant.sensitivity.as_str().into());
    let mut annotations = map([
        ("formwork/display-name", &tenant.display_name),
        ("formwork/owner", tenant.owner.as_str()),
    ]);
    if let Some(calendar) = &env.calendar {
        annotations.insert("formwork/calendar".into(), calendar.name.to_string());
    }
    // The next build reads here what the environment said before it was removed.
    if let Some(removal) = &env.spec.data_removal {
        annotations.insert(DATA_REMOVAL_UNTIL.into(), removal.until.to_string());
        annotations.insert(DATA_REMOVAL_OBJECTS.into(), removal.objects.join(","));
    }
    Namespace {
        metadata: ObjectMeta {
            labels: some(labels),
            annotations: some(annotations),
            ..at.cluster_meta(&env.namespace)
        },
        ..default()
    }
}

/// Labels that hold the pods of a namespace to a Pod Security level, as the cluster's version defines it.
pub(super) fn pod_security(level: &str, cluster: &Cluster) -> [(String, String); 6] {
    let version = format!("v{}", cluster.spec.kubernetes_version);
    let label = |name: &str, value: &str| (format!("pod-security.kubernetes.io/{name}"), value.to_owned());
    [
        label("enforce", level),
        label("enforce-version", &version),
        label("audit", level),
        label("audit-version", &version),
        label("warn", level),
        label("warn-version", &version),
    ]
}

#[cfg(test)]
mod tests {
    use crate::fixture::{component, environment, yaml};

    #[test]
    fn production() {
        insta::assert_snapshot!(yaml(&component("namespace", &environment("", &[]))), @r#"
        apiVersion: v1
        kind: Namespace
        metadata:
          name: hartmann-production
          labels:
            app.kubernetes.io/managed-by: formwork
            formwork/cost-centre: "4100"
            formwork/environment: production
            formwork/sensitivity: standard
            formwork/tenant: hartmann
            formwork/tier: production
            pod-security.kubernetes.io/audit: restricted
            pod-security.kubernetes.io/audit-version: v1.36
            pod-security.kubernetes.io/enforce: restricted
            pod-security.kubernetes.io/enforce-version: v1.36
            pod-security.kubernetes.io/warn: restricted
            pod-security.kubernetes.io/warn-version: v1.36
            policy.sigstore.dev/include: "true"
          annotations:
            argocd.argoproj.io/sync-options: Prune=confirm,Delete=confirm
            argocd.argoproj.io/sync-wave: "0"
            formwork/display-name: Hartmann Bau GmbH
            formwork/owner: it@hartmann.example
        "#);
    }

    #[test]
    fn pod_security_follows_the_version_of_the_cluster() {
        let env = environment("", &[(r#""1.36""#, r#""1.34""#)]);
        let labels = yaml(&component("namespace", &env));
        assert_eq!(labels.matches("-version: v1.34").count(), 3, "{labels}");
    }

    #[test]
    fn signatures_are_asked_for_where_something_verifies_them() {
        let env = environment("", &[(", policy-controller]", "]")]);
        assert!(!yaml(&component("namespace", &env)).contains("sigstore"));
    }
}
