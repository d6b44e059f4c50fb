//! How a Cluster begins: a new database, an import, a recovery, or a copy of a running server.
//!
//! A source is one of the Cluster's own external clusters; whether that server exists is not known here.

use serde_json::Value;

use super::pages;
use crate::server::judge::Judge;
use crate::server::operators::read::{at, items, place, text, texts};

mod target;

pub(super) fn check(object: &Value, judge: &mut Judge) {
    external_clusters(object, judge);
    let Some(bootstrap) = at(object, &["spec", "bootstrap"]) else {
        return;
    };
    let methods = ["initdb", "recovery", "pg_basebackup"];
    if methods
        .iter()
        .filter(|method| at(bootstrap, &[method]).is_some())
        .count()
        > 1
    {
        judge.forbidden(
            &pages::BOOTSTRAP,
            place!("spec", "bootstrap"),
            "Only one bootstrap method can be specified at a time",
        );
    }
    // The webhook completes the method that it takes first, in this order, and only that one.
    let used = ["recovery", "pg_basebackup", "initdb"]
        .into_iter()
        .find(|method| at(bootstrap, &[method]).is_some());
    for method in methods {
        if let Some(settings) = at(bootstrap, &[method]) {
            database(method, settings, used == Some(method), judge);
        }
    }
    if let Some(settings) = at(bootstrap, &["initdb"]) {
        new_database(settings, judge);
    }
    if let Some(settings) = at(bootstrap, &["pg_basebackup"]) {
        let source = text(settings, &["source"]);
        if external(object, source).is_none() {
            judge.invalid(
                &pages::EXTERNAL_CLUSTER,
                place!("spec", "bootstrap", "pg_basebackup", "source"),
                &Value::from(source),
                format_args!("External cluster {source} not found"),
            );
        }
    }
    if let Some(settings) = at(bootstrap, &["recovery"]) {
        recovery(object, settings, judge);
    }
}

/// The external cluster of a name.
pub(super) fn external<'v>(object: &'v Value, name: &str) -> Option<&'v Value> {
    let mut clusters = items(object, &["spec", "externalClusters"]).iter();
    clusters.find(|cluster| text(cluster, &["name"]) == name)
}

/// A database and its owner come together; of the method in use the webhook fills in what it can.
fn database(method: &str, settings: &Value, is_used: bool, judge: &mut Judge) {
    let (database, owner) = (text(settings, &["database"]), text(settings, &["owner"]));
    let is_monolith = text(settings, &["import", "type"]) == "monolith";
    let has_default = is_used && !(method == "initdb" && is_monolith);
    if !database.is_empty() && owner.is_empty() && !is_used {
        judge.invalid(
            &pages::BOOTSTRAP,
            place!("spec", "bootstrap", method, "owner"),
            &Value::from(""),
            "You need to specify the database owner user",
        );
    }
    if database.is_empty() && !owner.is_empty() && !has_default {
        judge.invalid(
            &pages::BOOTSTRAP,
            place!("spec", "bootstrap", method, "database"),
            &Value::from(""),
            "You need to specify the database name",
        );
    }
}

fn new_database(settings: &Value, judge: &mut Judge) {
    let segment = at(settings, &["walSegmentSize"]).and_then(Value::as_i64).unwrap_or(0);
    if segment != 0 && segment & (segment - 1) != 0 {
        judge.invalid(
            &pages::BOOTSTRAP,
            place!("spec", "bootstrap", "initdb", "walSegmentSize"),
            &Value::from(segment),
            "WAL segment size must be a power of 2",
        );
    }
    for list in ["secretRefs", "configMapRefs"] {
        for item in items(settings, &["postInitApplicationSQLRefs", list]) {
            if text(item, &["name"]).is_empty() || text(item, &["key"]).is_empty() {
                judge.invalid(
                    &pages::BOOTSTRAP,
                    place!("spec", "bootstrap", "initdb", "postInitApplicationSQLRefs", list),
                    item,
                    "key and name must be specified",
                );
            }
        }
    }
    if let Some(import) = at(settings, &["import"]) {
        import_of(import, judge);
    }
}

fn import_of(import: &Value, judge: &mut Judge) {
    let databases = at(import, &["databases"]).unwrap_or(&Value::Null);
    let names: Vec<&str> = texts(import, &["databases"]).collect();
    let roles: Vec<&str> = texts(import, &["roles"]).collect();
    let mut say = |field: &str, value: &Value, reason: &str| {
        judge.invalid(
            &pages::BOOTSTRAP,
            place!("spec", "bootstrap", "initdb", "import", field),
            value,
            reason,
        );
    };
    match text(import, &["type"]) {
        "microservice" => {
            if names.len() != 1 {
                say(
                    "databases",
                    databases,
                    "You need to specify a single database for the `microservice` import type",
                );
            }
            if !roles.is_empty() {
                say(
                    "roles",
                    databases,
                    "You cannot specify roles to import for the `microservice` import type",
                );
            }
            if let [name] = names.as_slice()
                && name.contains('*')
            {
                say(
                    "databases",
                    databases,
                    "You cannot specify any wildcard for the `microservice` import type",
                );
            }
        }
        "monolith" => {
            if names.is_empty() {
                say(
                    "databases",
                    databases,
                    "You need to specify at least a database for the `monolith` import type",
                );
            }
            if names.len() > 1 && names.contains(&"*") {
                say(
                    "databases",
                    databases,
                    "Wildcard import cannot be used along other database names",
                );
            }
            if roles.len() > 1 && roles.contains(&"*") {
                say(
                    "roles",
                    databases,
                    "Wildcard import cannot be used along other role names",
                );
            }
            if let Some(statements) = at(import, &["postImportApplicationSQL"])
                && statements.as_array().is_some_and(|list| !list.is_empty())
            {
                say(
                    "postImportApplicationSQL",
                    statements,
                    "postImportApplicationSQL is not allowed for the `monolith` import type",
                );
            }
        }
        kind => say("type", &Value::from(kind), "Unrecognized import type"),
    }
}

fn recovery(object: &Value, recovery: &Value, judge: &mut Judge) {
    let source = text(recovery, &["source"]);
    if !source.is_empty() {
        let found = external(object, source);
        let mut say = |reason: String| {
            judge.invalid(
                &pages::EXTERNAL_CLUSTER,
                place!("spec", "bootstrap", "recovery", "source"),
                &Value::from(source),
                reason,
            );
        };
        if found.is_none() {
            say(format!("External cluster {source} not found"));
        }
        if !found.is_some_and(is_reachable) {
            say(format!(
                "External cluster {source} cannot be used for recovery: missing connection parameters, Barman, or \
                 CNPG-i configuration"
            ));
        }
    }
    snapshots(object, recovery, judge);
    if let Some(target) = at(recovery, &["recoveryTarget"]) {
        let from_snapshot = at(recovery, &["volumeSnapshots"]).is_some();
        target::check(target, from_snapshot, judge);
    }
}

fn snapshots(object: &Value, recovery: &Value, judge: &mut Judge) {
    let Some(snapshots) = at(recovery, &["volumeSnapshots"]) else {
        return;
    };
    place!(let place = "spec", "bootstrap", "recovery");
    if let Some(backup) = at(recovery, &["backup"]) {
        judge.invalid(
            &pages::BOOTSTRAP,
            place!("spec", "bootstrap", "recovery", "backup"),
            backup,
            "Recovery from dataSource is not compatible with other types of recovery",
        );
        return;
    }
    let backup = text(recovery, &["recoveryTarget", "backupID"]);
    if !backup.is_empty() {
        judge.invalid(
            &pages::BOOTSTRAP,
            place!("spec", "bootstrap", "recovery", "recoveryTarget", "backupID"),
            &Value::from(backup),
            "Cannot specify a backupID when recovering using a DataSource",
        );
        return;
    }
    let mut volume = |source: &Value, is_log: bool| {
        let kind = (text(source, &["apiGroup"]), text(source, &["kind"]));
        if !matches!(
            kind,
            ("snapshot.storage.k8s.io", "VolumeSnapshot") | ("", "PersistentVolumeClaim")
        ) {
            let reason = "Only VolumeSnapshots and PersistentVolumeClaims are supported";
            place!(let recovery = "spec", "bootstrap", "recovery");
            match is_log {
                true => judge.invalid(
                    &pages::BOOTSTRAP,
                    place!(in recovery; "dataSource", "walStorage"),
                    source,
                    reason,
                ),
                false => judge.invalid(&pages::BOOTSTRAP, place!(in recovery; "storage"), source, reason),
            }
        }
    };
    volume(at(snapshots, &["storage"]).unwrap_or(&Value::Null), false);
    let Some(log) = at(snapshots, &["walStorage"]) else {
        return;
    };
    volume(log, true);
    if at(object, &["spec", "walStorage"]).is_none() {
        judge.invalid(
            &pages::BOOTSTRAP,
            place!(in place; "dataSource", "walStorage"),
            log,
            "A WAL storage configuration is required when recovering using a DataSource for WALs",
        );
    }
}

/// Whether an external cluster says how it is reached.
fn is_reachable(cluster: &Value) -> bool {
    ["connectionParameters", "barmanObjectStore", "plugin"]
        .iter()
        .any(|field| at(cluster, &[field]).is_some())
}

fn external_clusters(object: &Value, judge: &mut Judge) {
    let clusters = items(object, &["spec", "externalClusters"]);
    for (index, cluster) in clusters.iter().enumerate() {
        if !is_reachable(cluster) {
            judge.required(
                &pages::EXTERNAL_CLUSTER,
                place!("spec", "externalClusters", index),
                "one of connectionParameters, plugin and barmanObjectStore is required",
            );
        }
        for path in [
            &["name"] as &[&str],
            &["sslCert", "name"],
            &["sslCert", "key"],
            &["sslKey", "name"],
            &["sslKey", "key"],
            &["sslRootCert", "name"],
            &["sslRootCert", "key"],
        ] {
            let value = text(cluster, path);
            if !matches!(value, "." | "..") && !value.contains(['/', '\\']) {
                continue;
            }
            let reason = "cannot contain a path separator or a '..' component";
            place!(let cluster = "spec", "externalClusters", index);
            let value = Value::from(value);
            match path {
                [outer, inner] => {
                    judge.invalid(
                        &pages::EXTERNAL_CLUSTER,
                        place!(in cluster; *outer, *inner),
                        &value,
                        reason,
                    );
                }
                _ => judge.invalid(&pages::EXTERNAL_CLUSTER, place!(in cluster; "name"), &value, reason),
            }
        }
    }
    let names = clusters.iter().map(|cluster| text(cluster, &["name"]));
    if super::super::read::repeated(names).next().is_some()
        && let Some(list) = at(object, &["spec", "externalClusters"])
    {
        judge.invalid(
            &pages::EXTERNAL_CLUSTER,
            place!("spec", "externalClusters"),
            list,
            "the list of external clusters contains duplicate values",
        );
    }
}
