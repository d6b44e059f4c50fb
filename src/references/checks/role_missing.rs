//! The role and the accounts that a binding binds exist.

use crate::references::ends::End;
use crate::references::node::text;
use crate::references::{Check, Findings, World};

pub(super) const CHECK: Check = Check {
    id: "role-missing",
    title: "a binding names a role or an account that does not exist",
    why: "The binding is accepted and grants nothing, so what relies on it is forbidden at run time. Worse, whoever \
          makes a role or account of that name later gets what it binds.",
    fix: "correct the name, or add the role or account",
    bad: "apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: reader}
rules: []
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: readers}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: readers}",
    good: "apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: reader}
rules: []
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: readers}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: reader}",
    check,
};

const GROUP: &str = "rbac.authorization.k8s.io";

fn check(world: &World<'_>, findings: &mut Findings<'_, '_>) {
    for kind in ["RoleBinding", "ClusterRoleBinding"] {
        for binding in world.of(GROUP, kind) {
            let kind = binding.text("/roleRef/kind").unwrap_or_default();
            let role = End {
                group: GROUP,
                kind,
                namespace: if kind == "ClusterRole" { "" } else { binding.namespace },
                name: binding.text("/roleRef/name").unwrap_or_default(),
            };
            findings.missing(binding, "/roleRef/name", role);
            for (index, subject) in binding.list("/subjects").iter().enumerate() {
                if text(subject, "kind") != Some("ServiceAccount") {
                    continue;
                }
                let account = End {
                    group: "",
                    kind: "ServiceAccount",
                    namespace: text(subject, "namespace").unwrap_or(binding.namespace),
                    name: text(subject, "name").unwrap_or_default(),
                };
                findings.missing(binding, format!("/subjects/{index}/name"), account);
            }
        }
    }
}
