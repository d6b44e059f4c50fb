//! Roles and their bindings.
//!
//! Whether the applier may grant what a role says depends on the applier, and is not judged.

use serde_json::Value;

use super::common::{self, get, label_selector, list, text};
use super::judge::Judge;
use super::metadata::path_segment_problems;
use super::{API_SERVER, Kind, Rules, unchanged};
use crate::diagnostic::codes::Code;
use crate::schema::Place;
use crate::text::server;

pub(super) const RULES: Rules = Rules {
    by: API_SERVER,
    kinds: &[
        Kind {
            group: GROUP,
            kind: "Role",
            create: role,
            update: unchanged,
        },
        Kind {
            group: GROUP,
            kind: "ClusterRole",
            create: role,
            update: unchanged,
        },
        Kind {
            group: GROUP,
            kind: "RoleBinding",
            create: binding,
            update,
        },
        Kind {
            group: GROUP,
            kind: "ClusterRoleBinding",
            create: binding,
            update,
        },
    ],
    codes: &[&RULE, &REFERENCE, &SUBJECT, &IMMUTABLE],
};

const RULE: Code = Code {
    id: "role-rule",
    title: "a rule of a role that grants nothing",
    why: "A rule names API groups (`\"\"` is the core), resources and verbs. Paths that are no resources stand in rules of \
          their own, in a ClusterRole, since they are in no namespace.",
    fix: "fill in `apiGroups`, `resources` and `verbs`, or move `nonResourceURLs` into a rule of a ClusterRole",
    bad: "apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {name: logs, namespace: \
          hartmann-bau-production}\nrules: [{resources: [pods/log], verbs: [get]}]",
    good: "apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {name: logs, namespace: \
           hartmann-bau-production}\nrules: [{apiGroups: [\"\"], resources: [pods/log], verbs: [get]}]",
};

const REFERENCE: Code = Code {
    id: "role-reference",
    title: "a binding to what is no role",
    why: "A RoleBinding refers to a Role of its namespace or to a ClusterRole, a ClusterRoleBinding to a ClusterRole only; \
          both belong to the group `rbac.authorization.k8s.io`.",
    fix: "write `kind: ClusterRole`, or use a RoleBinding",
    bad: "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\nmetadata: {name: operators}\n\
          roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: operate}\n\
          subjects: [{apiGroup: rbac.authorization.k8s.io, kind: Group, name: odoo-operators}]",
    good: "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\nmetadata: {name: operators}\n\
           roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: operate}\n\
           subjects: [{apiGroup: rbac.authorization.k8s.io, kind: Group, name: odoo-operators}]",
};

const SUBJECT: Code = Code {
    id: "binding-subject",
    title: "a subject of a binding that cannot be",
    why: "Users and groups belong to the API group `rbac.authorization.k8s.io`. A service account belongs to no group; in \
          a ClusterRoleBinding it needs its namespace.",
    fix: "write `kind: ServiceAccount` with name and namespace and without `apiGroup`",
    bad: "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\nmetadata: {name: metrics}\n\
          roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: metrics}\n\
          subjects: [{kind: ServiceAccount, name: prometheus}]",
    good: "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\nmetadata: {name: metrics}\n\
           roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: metrics}\n\
           subjects: [{kind: ServiceAccount, name: prometheus, namespace: monitoring}]",
};

const IMMUTABLE: Code = Code {
    id: "immutable-role-reference",
    title: "a binding that is given another role",
    why: "Who may change a binding could otherwise grant any role to its subjects.",
    fix: "create a binding of another name for the other role, then remove this one",
    bad: "apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {name: operate, namespace: \
          hartmann-bau-production}\nroleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: view}\n---\n\
          apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {name: operate, namespace: \
          hartmann-bau-production}\nroleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: operate}",
    good: "apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {name: operate, namespace: \
           hartmann-bau-production}\nroleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: operate}\n---\n\
           apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {name: operate, namespace: \
           hartmann-bau-production}\nroleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: operate}\n\
           subjects: [{kind: ServiceAccount, name: deployer, namespace: argocd}]",
};

const GROUP: &str = "rbac.authorization.k8s.io";

fn role(object: &Value, judge: &mut Judge) {
    let is_namespaced = text(object, "kind") == "Role";
    let place = Place::OBJECT;
    let of_rules = place.field("rules");
    for (index, rule) in list(object, "rules").iter().enumerate() {
        check_rule(rule, is_namespaced, &of_rules.index(index), judge);
    }
    let Some(aggregation) = get(object, "aggregationRule") else {
        return;
    };
    let place = place.field("aggregationRule");
    let place = place.field("clusterRoleSelectors");
    for (index, selector) in list(aggregation, "clusterRoleSelectors").iter().enumerate() {
        label_selector(selector, &place.index(index), judge);
    }
}

fn check_rule(rule: &Value, is_namespaced: bool, place: &Place<'_>, judge: &mut Judge) {
    let is_empty = |field: &str| list(rule, field).is_empty() && get(rule, field).is_none_or(Value::is_array);
    if let Some(paths) = get(rule, "nonResourceURLs").filter(|_| !is_empty("nonResourceURLs")) {
        let place = place.field("nonResourceURLs");
        if is_namespaced {
            let reason = "namespaced rules cannot apply to non-resource URLs";
            judge.invalid(&RULE, &place, paths, reason);
        }
        if ["apiGroups", "resources", "resourceNames"]
            .iter()
            .any(|field| !is_empty(field))
        {
            let reason = "rules cannot apply to both regular resources and non-resource URLs";
            judge.invalid(&RULE, &place, paths, reason);
        }
        return;
    }
    for (field, one) in [("apiGroups", "api group"), ("resources", "resource")] {
        if is_empty(field) {
            let reason = format!("resource rules must supply at least one {one}");
            judge.required(&RULE, &place.field(field), &reason);
        }
    }
}

fn binding(object: &Value, judge: &mut Judge) {
    let place = Place::OBJECT;
    let is_namespaced = text(object, "kind") == "RoleBinding";
    if let Some(role) = get(object, "roleRef") {
        let place = place.field("roleRef");
        common::checked(&REFERENCE, role, "name", path_segment_problems, &place, judge);
        if text(role, "kind") == "Role" && !is_namespaced {
            judge.unsupported(&REFERENCE, &place.field("kind"), &"Role".into(), &["ClusterRole"]);
        }
    }
    let place = place.field("subjects");
    for (index, subject) in list(object, "subjects").iter().enumerate() {
        check_subject(subject, is_namespaced, &place.index(index), judge);
    }
}

fn check_subject(subject: &Value, is_namespaced: bool, place: &Place<'_>, judge: &mut Judge) {
    let group = text(subject, "apiGroup");
    let of_group = place.field("apiGroup");
    match text(subject, "kind") {
        "ServiceAccount" => {
            common::checked(&SUBJECT, subject, "name", server::is_dns1123_subdomain, place, judge);
            if !group.is_empty() {
                judge.unsupported(&SUBJECT, &of_group, &group.into(), &[""]);
            }
            if !is_namespaced && get(subject, "namespace").is_none_or(|namespace| namespace == "") {
                judge.required(&SUBJECT, &place.field("namespace"), "");
            }
        }
        "User" | "Group" if !group.is_empty() && group != GROUP => {
            judge.unsupported(&SUBJECT, &of_group, &group.into(), &[GROUP]);
        }
        _ => {}
    }
}

fn update(old: &Value, new: &Value, judge: &mut Judge) {
    let (before, after) = (get(old, "roleRef"), get(new, "roleRef"));
    if common::same(before, after) {
        return;
    }
    let field = |name: &str| after.and_then(|role| role.get(name)).unwrap_or(&Value::Null);
    let (group, kind, name) = (field("apiGroup"), field("kind"), field("name"));
    let place = Place::OBJECT;
    // The server prints its own type, of which the fields begin with capitals.
    let message = format_args!(
        "Invalid value: {{\"APIGroup\":{group},\"Kind\":{kind},\"Name\":{name}}}: {}",
        common::IMMUTABLE
    );
    judge.say(&IMMUTABLE, &place.field("roleRef"), message);
}
