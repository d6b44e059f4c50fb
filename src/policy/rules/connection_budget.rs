//! PostgreSQL grants the connections that all pods may open together, once everything that came as text is merged in.
//!
//! `model::demands` refuses a setting that is too small; here the objects count, with the same arithmetic.

use serde_json::Value;

use crate::blueprint::at_most;
use crate::blueprint::names::{CRON, DATABASE, WEB};
use crate::diagnostic::Level;
use crate::manifest::Object;
use crate::model::{RESERVED_CONNECTIONS, Sizing};
use crate::policy::{Bundle, Check, Findings, Rule};

pub(super) const RULE: Rule = Rule {
    id: "connection-budget",
    title: "Odoo may open more connections than PostgreSQL grants",
    why: "Every worker and every cron thread holds connections of its own, in each pod that autoscaling may add. The \
          budget is reckoned at full scale, with one more pod during a roll-out, and leaves a reserve for backups, \
          monitoring and administrators; beyond it, requests fail exactly when load is highest.",
    fix: "raise `database.maxConnections` together with the database's memory, or lower workers or replicas",
    references: &["PostgreSQL, Connections and Authentication: max_connections"],
    bad: "spec:\n  autoscaling: {maximum: 16}\n  database: {maxConnections: 100}",
    good: "spec:\n  autoscaling: {maximum: 16}\n  database: {maxConnections: 300}",
    level: Level::Deny,
    check: Check::Bundle(check),
};

/// What PostgreSQL allows when nobody says otherwise.
const DEFAULT_MAXIMUM: u64 = 100;
/// What PgBouncer opens for one database and user when nobody says otherwise.
const DEFAULT_POOL: u64 = 20;

fn check(bundle: &Bundle<'_>, findings: &mut Findings<'_>) {
    let mut databases = bundle.of_kind("postgresql.cnpg.io", "Cluster");
    let Some(database) = databases.find(|object| object.name == DATABASE.name) else {
        return;
    };
    let pointer = "/spec/postgresql/parameters/max_connections";
    let allowed = number(database.value.pointer(pointer)).unwrap_or(DEFAULT_MAXIMUM);
    let (web, web_pods) = odoo(bundle, WEB.name);
    let (cron, cron_pods) = odoo(bundle, CRON.name);
    let pooled = bundle
        .of_kind("postgresql.cnpg.io", "Pooler")
        .map(pool)
        .fold(0, u64::saturating_add);
    let taken = web.saturating_add(cron).saturating_add(pooled);
    let needed = taken.saturating_add(RESERVED_CONNECTIONS.into());
    if needed <= allowed {
        return;
    }
    let message = format!(
        "{web_pods} web and {cron_pods} cron pods may open {taken} connections, and {RESERVED_CONNECTIONS} are \
         reserved, but PostgreSQL allows {allowed}"
    );
    match culprit(bundle, database) {
        Some((object, pointer)) => findings.push(object, pointer, message),
        None => findings.push(database, pointer, message),
    }
}

/// What somebody wrote that changed the sum, when it was not the database's own limit.
fn culprit<'a>(bundle: &Bundle<'a>, database: &Object) -> Option<(&'a Object, &'static str)> {
    let changed = |object: &Object, pointer: &str| {
        let changes = &bundle.environment.spec.overrides;
        changes.iter().any(|change| {
            let patched = pointer
                .strip_prefix("/spec")
                .and_then(|rest| change.patch.get("spec")?.pointer(rest));
            change.kind == object.kind && change.name == object.name && patched.is_some()
        })
    };
    if changed(database, "/spec/postgresql/parameters/max_connections") {
        return None;
    }
    bundle.objects.iter().find_map(|object| {
        let fields: &[&'static str] = match object.kind.as_str() {
            "Pooler" => return Some((object, "/spec")),
            "ScaledObject" => &["/spec/maxReplicaCount"],
            "HorizontalPodAutoscaler" => &["/spec/maxReplicas"],
            "Deployment" => &["/spec/replicas", "/spec/template/spec/containers"],
            _ => &[],
        };
        fields
            .iter()
            .find(|pointer| changed(object, pointer))
            .map(|pointer| (object, *pointer))
    })
}

/// The connections of all pods of an Odoo deployment, one more than it may have, and how many it may have.
fn odoo(bundle: &Bundle<'_>, name: &str) -> (u64, u64) {
    let mut deployments = bundle.of_kind("apps", "Deployment");
    let Some(object) = deployments.find(|object| object.name == name) else {
        return (0, 0);
    };
    let replicas = object.value.pointer("/spec/replicas").and_then(Value::as_i64);
    let pods = at_most(
        object,
        replicas.and_then(|number| i32::try_from(number).ok()),
        bundle.objects,
    );
    let (sizing, release) = (&bundle.environment.sizing, &bundle.environment.release.spec);
    let each = if name == WEB.name {
        let workers = option(object, "--workers=").unwrap_or(sizing.workers);
        Sizing::connections_of_web(workers)
    } else {
        let threads = option(object, "--max-cron-threads=").unwrap_or(sizing.cron_threads);
        Sizing::connections_of_cron(threads, release.queue)
    };
    (pods.saturating_add(1).saturating_mul(each.into()), pods)
}

/// A number on the command line of the first container, which wins over the configuration file.
fn option(object: &Object, name: &str) -> Option<u32> {
    let container = object.value.pointer("/spec/template/spec/containers/0")?;
    let lists = ["command", "args"]
        .into_iter()
        .filter_map(|list| container.get(list)?.as_array());
    let mut words = lists.flatten().filter_map(Value::as_str);
    words.find_map(|word| word.strip_prefix(name)?.parse().ok())
}

/// What a pooler may open: its pool for Odoo's one database and user, in each of its pods.
fn pool(pooler: &Object) -> u64 {
    let spec = |pointer: &str| number(pooler.value.pointer(pointer));
    let size = spec("/spec/pgbouncer/parameters/default_pool_size").unwrap_or(DEFAULT_POOL);
    size.saturating_mul(spec("/spec/instances").unwrap_or(1))
}

/// A number, which custom resources often hold as text.
fn number(value: Option<&Value>) -> Option<u64> {
    let value = value?;
    value.as_u64().or_else(|| value.as_str()?.trim().parse().ok())
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::fixture::{environment, judged};

    fn said(overrides: &str) -> String {
        judged(&RULE, &environment(overrides, &[])).join("\n")
    }

    #[test]
    fn what_the_model_derives_suffices() {
        assert_eq!(said(""), "");
    }

    #[test]
    fn an_override_of_either_side_is_caught_at_its_line() {
        insta::assert_snapshot!(
            said("  overrides:\n    - kind: Cluster\n      name: db\n      reason: less memory for it\n      patch: {spec: {postgresql: {parameters: {max_connections: \"60\"}}}}\n"),
            @r#"
        patch: {spec: {postgresql: {parameters: {max_connections: "60"}}}} | 6 web and 1 cron pods may open 91 connections, and 20 are reserved, but PostgreSQL allows 60
        "#
        );
        insta::assert_snapshot!(
            said("  overrides:\n    - kind: ScaledObject\n      name: web\n      reason: the end of the year\n      patch: {spec: {maxReplicaCount: 40}}\n"),
            @"
        patch: {spec: {maxReplicaCount: 40}} | 40 web and 1 cron pods may open 465 connections, and 20 are reserved, but PostgreSQL allows 150
        "
        );
    }

    #[test]
    fn a_pooler_and_the_command_line_count() {
        let pooler = "  extra:\n    - apiVersion: postgresql.cnpg.io/v1\n      kind: Pooler\n      metadata: {name: pool}\n      spec: {cluster: {name: db}, instances: 3, pgbouncer: {poolMode: session, parameters: {default_pool_size: \"50\"}}}\n";
        insta::assert_snapshot!(said(pooler), @r#"
        spec: {cluster: {name: db}, instances: 3, pgbouncer: {poolMode: session, parameters: {default_pool_size: "50"}}} | 6 web and 1 cron pods may open 241 connections, and 20 are reserved, but PostgreSQL allows 150
        "#);
        let workers = "  overrides:\n    - kind: Deployment\n      name: web\n      reason: more for each pod\n      patch: {spec: {template: {spec: {containers: [{name: odoo, args: [--workers=16]}]}}}}\n";
        insta::assert_snapshot!(said(workers), @"
        patch: {spec: {template: {spec: {containers: [{name: odoo, args: [--workers=16]}]}}}} | 6 web and 1 cron pods may open 259 connections, and 20 are reserved, but PostgreSQL allows 150
        ");
    }
}
