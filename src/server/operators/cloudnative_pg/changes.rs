//! What of a Cluster may not change while it lives.
//!
//! The webhook compares the image with the version that the operator recorded in the status; a manifest has no status, so
//! the image of the manifest before stands for it.

use std::collections::BTreeMap;

use serde_json::Value;

use super::cluster::major;
use super::pages;
use super::parameters::parameter;
use super::storage::requested;
use crate::server::judge::Judge;
use crate::server::operators::read::{at, items, map, number, place, text, truth};

pub(super) fn check(old: &Value, new: &Value, judge: &mut Judge) {
    version(old, new, judge);
    image_and_parameters(old, new, judge);
    for field in ["storage", "walStorage"] {
        if let Some((reason, size)) = shrinks(at(old, &["spec", field]), at(new, &["spec", field])) {
            judge.invalid(&pages::SHRUNK, place!("spec", field), &Value::from(size), reason);
        }
    }
    if at(old, &["spec", "walStorage"]).is_some() && at(new, &["spec", "walStorage"]).is_none() {
        judge.invalid(
            &pages::SHRUNK,
            place!("spec", "walStorage"),
            &Value::Null,
            "walStorage cannot be disabled once configured",
        );
    }
    tablespaces(old, new, judge);
    users(old, new, judge);
    slots(old, new, judge);
    let (before, after) = (parameter(old, "wal_level"), parameter(new, "wal_level"));
    let before = before.unwrap_or("logical");
    if after == Some("minimal") && before != "minimal" && !before.is_empty() {
        judge.invalid(
            &pages::CHANGE,
            place!("spec", "postgresql", "parameters", "wal_level"),
            &Value::from("minimal"),
            format_args!("Change of `wal_level` to `minimal` not allowed on an existing cluster (from {before})"),
        );
    }
}

fn version(old: &Value, new: &Value, judge: &mut Judge) {
    let (Some(before), Some(after)) = (major(old), major(new)) else {
        return;
    };
    let reason = if before > after {
        format!("can't downgrade from major {before} to {after}")
    } else if before < after && after < 16 {
        "major upgrades are only supported to version 16 or higher".to_owned()
    } else {
        return;
    };
    place!(let spec = "spec");
    let value = Value::from(after.to_string());
    match at(new, &["spec", "imageCatalogRef"]) {
        Some(_) => judge.invalid(
            &pages::CHANGE,
            place!(in spec; "imageCatalogRef", "major"),
            &value,
            reason,
        ),
        None => judge.invalid(&pages::CHANGE, place!(in spec; "imageName"), &value, reason),
    }
}

/// A switchover restarts the primary with either a new image or new parameters.
fn image_and_parameters(old: &Value, new: &Value, judge: &mut Judge) {
    let image = text(new, &["spec", "imageName"]);
    if text(new, &["spec", "primaryUpdateMethod"]) != "switchover" || text(old, &["spec", "imageName"]) == image {
        return;
    }
    let path = ["spec", "postgresql", "parameters"];
    let (before, after) = (map(old, &path), map(new, &path));
    let names = before.into_iter().chain(after).flat_map(|map| map.keys());
    let differences: BTreeMap<&str, [&str; 2]> = names
        .map(|name| {
            (
                name.as_str(),
                [old, new].map(|object| parameter(object, name).or_else(|| default(name)).unwrap_or_default()),
            )
        })
        .filter(|(name, [before, after])| before != after && *name != "archive_mode")
        .collect();
    if !differences.is_empty() {
        judge.invalid(
            &pages::CHANGE,
            place!("spec", "imageName"),
            &Value::from(image),
            format_args!(
                "Can't change image name and configuration at the same time when `primaryUpdateMethod` is set to \
                 `switchover`. There are differences in PostgreSQL configuration parameters: {}",
                serde_json::to_string(&differences).unwrap_or_default()
            ),
        );
    }
}

/// What the operator writes into a Cluster that leaves a parameter out.
fn default(name: &str) -> Option<&'static str> {
    Some(match name {
        "archive_timeout" => "5min",
        "dynamic_shared_memory_type" => "posix",
        "full_page_writes" | "logging_collector" | "wal_log_hints" => "on",
        "log_destination" => "csvlog",
        "log_directory" => "/controller/log",
        "log_filename" => "postgres",
        "log_rotation_age" | "log_rotation_size" => "0",
        "log_truncate_on_rotation" => "false",
        "max_parallel_workers" | "max_replication_slots" | "max_worker_processes" => "32",
        "shared_memory_type" => "mmap",
        "ssl_max_protocol_version" | "ssl_min_protocol_version" => "TLSv1.3",
        "wal_keep_size" => "512MB",
        "wal_level" => "logical",
        "wal_receiver_timeout" | "wal_sender_timeout" => "5s",
        _ => return None,
    })
}

/// Why a volume may not become this small, with the size that it shall have.
fn shrinks(old: Option<&Value>, new: Option<&Value>) -> Option<(String, String)> {
    let (before, after) = (requested(old?)?, requested(new?)?);
    let (from, to) = (before.as_str(), after.as_str());
    (after < before).then(|| {
        (
            format!("can't shrink existing storage from {from} to {to}"),
            to.to_owned(),
        )
    })
}

fn tablespaces(old: &Value, new: &Value, judge: &mut Judge) {
    let before = items(old, &["spec", "tablespaces"]);
    let list = at(new, &["spec", "tablespaces"]);
    if !before.is_empty() && list.is_none() {
        judge.invalid(
            &pages::SHRUNK,
            place!("spec", "tablespaces"),
            &Value::Null,
            "tablespaces section cannot be deleted once created",
        );
        return;
    }
    for (index, tablespace) in before.iter().enumerate() {
        let mut after = items(new, &["spec", "tablespaces"]).iter();
        let name = text(tablespace, &["name"]);
        match after.find(|other| text(other, &["name"]) == name) {
            Some(other) => {
                if let Some((reason, size)) = shrinks(at(tablespace, &["storage"]), at(other, &["storage"])) {
                    judge.invalid(
                        &pages::SHRUNK,
                        place!("spec", "tablespaces", index),
                        &Value::from(size),
                        reason,
                    );
                }
            }
            None => judge.invalid(
                &pages::SHRUNK,
                place!("spec", "tablespaces", index),
                list.unwrap_or(&Value::Null),
                "no tablespace can be deleted once created",
            ),
        }
    }
}

/// The files belong to the user of the first start; the defaults of the resource are 26 for both.
fn users(old: &Value, new: &Value, judge: &mut Judge) {
    for (field, title) in [("postgresGID", "GID"), ("postgresUID", "UID")] {
        let of = |object| number(object, &["spec", field]).unwrap_or(26);
        if of(old) != of(new) {
            judge.invalid(
                &pages::CHANGE,
                place!("spec", field),
                &Value::from(of(new)),
                format_args!("{title} is an immutable field in the spec"),
            );
        }
    }
}

/// The operator knows its replication slots by their prefix.
fn slots(old: &Value, new: &Value, judge: &mut Judge) {
    let path = ["spec", "replicationSlots", "highAvailability"];
    let nothing = Value::Null;
    let of = |object| at(object, &path).unwrap_or(&nothing);
    let prefix = |slots| match text(slots, &["slotPrefix"]) {
        "" => "_cnpg_",
        prefix => prefix,
    };
    let (before, after) = (of(old), of(new));
    if truth(before, &["enabled"]).unwrap_or(true) && prefix(before) != prefix(after) {
        judge.invalid(
            &pages::CHANGE,
            place!("spec", "replicationSlots", "highAvailability", "slotPrefix"),
            &Value::from(prefix(after)),
            "Cannot change replication slot prefix while highAvailability is enabled",
        );
    }
}
