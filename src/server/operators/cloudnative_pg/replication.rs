//! Copies: synchronous replicas, replica clusters, replication slots, and where the write-ahead log is archived.
//!
//! What the webhook adds to an absent section, high availability slots for instance, counts as switched on.

use serde_json::Value;

use super::bootstrap::external;
use super::cluster::{instances, major};
use super::pages;
use super::parameters::{election, is_on, uses_extension};
use crate::server::judge::Judge;
use crate::server::operators::read::{annotation, at, items, number, place, text, truth};
use crate::server::operators::regular;

pub(super) fn check(object: &Value, judge: &mut Judge) {
    legacy_replicas(object, judge);
    synchronous(object, judge);
    election(object, judge);
    replica(object, judge);
    slots(object, judge);
    archive(object, judge);
}

fn legacy_replicas(object: &Value, judge: &mut Judge) {
    let of = |field: &str| number(object, &["spec", field]).unwrap_or(0);
    let (least, most) = (of("minSyncReplicas"), of("maxSyncReplicas"));
    let mut say = |field: &str, value: i64, reason: &str| {
        judge.invalid(&pages::SYNCHRONOUS, place!("spec", field), &Value::from(value), reason);
    };
    if least < 0 {
        say(
            "minSyncReplicas",
            least,
            "minSyncReplicas must be a non negative integer",
        );
    }
    if least > most {
        say(
            "minSyncReplicas",
            least,
            "minSyncReplicas cannot be greater than maxSyncReplicas",
        );
    }
    if most < 0 {
        say(
            "maxSyncReplicas",
            most,
            "maxSyncReplicas must be a non negative integer",
        );
    }
    if most >= instances(object) {
        say(
            "maxSyncReplicas",
            most,
            "maxSyncReplicas must be lower than the number of instances",
        );
    }
}

fn synchronous(object: &Value, judge: &mut Judge) {
    let path = ["spec", "postgresql", "synchronous"];
    let settings = at(object, &path);
    let quorum = annotation(object, "alpha.cnpg.io/failoverQuorum").map(|text| (text, go_bool(text)));
    place!(let place = "spec", "postgresql", "synchronous");
    match quorum {
        Some((text, None)) => judge.invalid(
            &pages::SYNCHRONOUS,
            place!("metadata", "annotations", "alpha.cnpg.io/failoverQuorum"),
            &Value::from(text),
            "Invalid failoverQuorum annotation value, expected boolean.",
        ),
        Some((_, Some(true))) if settings.is_none() => judge.required(
            &pages::SYNCHRONOUS,
            place,
            "Invalid failoverQuorum configuration: synchronous replication configuration is required.",
        ),
        _ => {}
    }
    let Some(settings) = settings else { return };
    let count = number(settings, &["number"]).unwrap_or(0);
    let listed = items(settings, &["standbyNamesPre"]).len() + items(settings, &["standbyNamesPost"]).len();
    let listed = i64::try_from(listed).unwrap_or(i64::MAX);
    if count >= instances(object).saturating_add(listed) {
        judge.invalid(
            &pages::SYNCHRONOUS,
            place,
            settings,
            "Invalid synchronous configuration: the number of synchronous replicas must be less than the total number \
             of instances and the provided standby names.",
        );
    }
    let legacy = ["minSyncReplicas", "maxSyncReplicas"];
    if legacy
        .iter()
        .any(|field| number(object, &["spec", field]).unwrap_or(0) > 0)
    {
        judge.invalid(
            &pages::SYNCHRONOUS,
            place,
            settings,
            "Can't have both legacy synchronous replica configuration and new one",
        );
    }
    // The annotation of earlier versions overrides the field.
    let field = truth(settings, &["failoverQuorum"]).unwrap_or(false);
    let is_quorum = quorum.and_then(|(_, value)| value).unwrap_or(field);
    if is_quorum && count <= listed {
        judge.invalid(
            &pages::SYNCHRONOUS,
            place,
            settings,
            "Invalid failoverQuorum configuration: spec.postgresql.synchronous.number must be greater than the total \
             number of instances in spec.postgresql.synchronous.standbyNamesPre and \
             spec.postgresql.synchronous.standbyNamesPost to allow automatic failover.",
        );
    }
}

/// A truth value as Go reads one.
fn go_bool(text: &str) -> Option<bool> {
    match text {
        "1" | "t" | "T" | "TRUE" | "true" | "True" => Some(true),
        "0" | "f" | "F" | "FALSE" | "false" | "False" => Some(false),
        _ => None,
    }
}

/// Whether the Cluster follows another one.
pub(super) fn is_replica(object: &Value) -> bool {
    let Some(replica) = at(object, &["spec", "replica"]) else {
        return false;
    };
    truth(replica, &["enabled"]).unwrap_or_else(|| {
        let own = match text(replica, &["self"]) {
            "" => text(object, &["metadata", "name"]),
            own => own,
        };
        own != text(replica, &["primary"])
    })
}

fn replica(object: &Value, judge: &mut Judge) {
    let Some(replica) = at(object, &["spec", "replica"]) else {
        return;
    };
    let primary = text(replica, &["primary"]);
    if !primary.is_empty() && at(replica, &["enabled"]).is_some() {
        judge.forbidden(
            &pages::REPLICA,
            place!("spec", "replicaCluster", "enabled"),
            "replica mode enabled is not compatible with the primary field",
        );
    }
    let copies = ["pg_basebackup", "recovery"];
    // A running Cluster may become a replica, however it began.
    if is_replica(object)
        && !judge.is_stored
        && !copies
            .iter()
            .any(|method| at(object, &["spec", "bootstrap", method]).is_some())
    {
        judge.invalid(
            &pages::REPLICA,
            place!("spec", "replicaCluster"),
            &Value::from(primary),
            "replica mode bootstrap is compatible only with pg_basebackup or recovery",
        );
    }
    for (field, shown) in [
        ("source", "primaryServerName"),
        ("self", "self"),
        ("primary", "primary"),
    ] {
        let name = text(replica, &[field]);
        let is_optional = field != "source";
        if external(object, name).is_none() && !(is_optional && name.is_empty()) {
            judge.invalid(
                &pages::REPLICA,
                place!("spec", "replicaCluster", shown),
                &Value::from(name),
                format_args!("External cluster {name} not found"),
            );
        }
    }
    token(object, replica, judge);
}

fn token(object: &Value, replica: &Value, judge: &mut Judge) {
    let token = text(replica, &["promotionToken"]);
    if token.is_empty() {
        return;
    }
    let value = Value::from(token);
    if at(replica, &["minApplyDelay"]).is_some() {
        judge.invalid(
            &pages::REPLICA,
            place!("spec", "replicaCluster", "minApplyDelay"),
            &value,
            "minApplyDelay cannot be applied with a promotion token",
        );
    } else if is_replica(object) {
        judge.invalid(
            &pages::REPLICA,
            place!("spec", "replicaCluster", "token"),
            &value,
            "promotionToken is only allowed for primary clusters",
        );
    } else if !is_base64(token) {
        judge.invalid(
            &pages::REPLICA,
            place!("spec", "replicaCluster", "token"),
            &value,
            "Invalid promotionToken format: Base64 decoding failed",
        );
    }
}

/// The alphabet and the padding of standard Base64; Go skips line breaks.
fn is_base64(text: &str) -> bool {
    let letters: String = text.chars().filter(|letter| !matches!(letter, '\r' | '\n')).collect();
    let digits = letters.trim_end_matches('=');
    letters.len().is_multiple_of(4)
        && letters.len() - digits.len() <= 2
        && digits
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/'))
}

fn slots(object: &Value, judge: &mut Judge) {
    let slots = at(object, &["spec", "replicationSlots"]).unwrap_or(&Value::Null);
    let is_available = truth(slots, &["highAvailability", "enabled"]).unwrap_or(true);
    let are_synchronized = truth(slots, &["synchronizeReplicas", "enabled"]).unwrap_or(true);
    if is_available || are_synchronized {
        let patterns = items(slots, &["synchronizeReplicas", "excludePatterns"]).iter();
        let refused = patterns.filter_map(Value::as_str).find_map(regular::refusal);
        if let Some(reason) = refused {
            judge.invalid(
                &pages::SLOTS,
                place!("spec", "replicationSlots", "synchronizeReplicas", "excludePatterns"),
                &Value::from(reason),
                "Cannot configure synchronizeReplicas. Invalid regexes were found",
            );
        }
    }
    let fails_over = uses_extension(object, "pg_failover_slots");
    if fails_over {
        failover_slots(object, is_available, judge);
    } else if truth(slots, &["highAvailability", "synchronizeLogicalDecoding"]) == Some(true) {
        logical_decoding(object, judge);
    }
}

fn failover_slots(object: &Value, is_available: bool, judge: &mut Judge) {
    if !is_on(object, "hot_standby_feedback") {
        judge.invalid(
            &pages::SLOTS,
            place!("spec", "postgresql", "parameters", "hot_standby_feedback"),
            &Value::from(false),
            "`hot_standby_feedback` must be enabled to use  extension",
        );
    }
    if !is_available {
        judge.invalid(
            &pages::SLOTS,
            place!("spec", "replicationSlots", "highAvailability"),
            &Value::from("nil or false"),
            "High Availability replication slots must be enabled",
        );
    }
}

fn logical_decoding(object: &Value, judge: &mut Judge) {
    let Some(major) = major(object) else { return };
    if major < 17 {
        judge.invalid(
            &pages::SLOTS,
            place!(
                "spec",
                "replicationSlots",
                "highAvailability",
                "synchronizeLogicalDecoding"
            ),
            &Value::from(true),
            "pg_failover_slots extension must be enabled to use synchronizeLogicalDecoding with Postgres versions < 17",
        );
        return;
    }
    let field = "`spec.replicationSlots.highAvailability.synchronizeLogicalDecoding`";
    if !is_on(object, "hot_standby_feedback") {
        judge.invalid(
            &pages::SLOTS,
            place!("spec", "postgresql", "parameters", "hot_standby_feedback"),
            &Value::from(false),
            format_args!("`hot_standby_feedback` must be enabled to enable {field}"),
        );
    }
    if !is_on(object, "sync_replication_slots") {
        judge.invalid(
            &pages::SLOTS,
            place!("spec", "postgresql", "parameters", "sync_replication_slots"),
            &Value::from(false),
            format_args!(
                "either `sync_replication_slots` setting or pg_failover_slots extension must be enabled to enable {field}"
            ),
        );
    }
}

/// One place takes the write-ahead log, and what says how long backups are kept can be read.
fn archive(object: &Value, judge: &mut Judge) {
    let store = at(object, &["spec", "backup", "barmanObjectStore"]);
    if let Some(store) = store {
        super::backups::credentials(store, place!("spec", "backup", "barmanObjectStore"), judge);
    }
    let retention = text(object, &["spec", "backup", "retentionPolicy"]);
    if !retention.is_empty() && !super::backups::is_retention(retention) {
        judge.invalid(
            &pages::ARCHIVE,
            place!("spec", "backup", "retentionPolicy"),
            &Value::from(retention),
            "not a valid retention policy",
        );
    }
    let archivers: Vec<&str> = items(object, &["spec", "plugins"])
        .iter()
        .filter(|plugin| truth(plugin, &["enabled"]).unwrap_or(true))
        .filter(|plugin| truth(plugin, &["isWALArchiver"]) == Some(true))
        .map(|plugin| text(plugin, &["name"]))
        .collect();
    let reasons = [
        (
            store.is_some() && !archivers.is_empty(),
            "Cannot enable a WAL archiver plugin when barmanObjectStore is configured",
        ),
        (archivers.len() > 1, "Cannot enable more than one WAL archiver plugin"),
    ];
    for (_, reason) in reasons.iter().filter(|(applies, _)| *applies) {
        judge.invalid(
            &pages::ARCHIVE,
            place!("spec", "plugins"),
            &Value::from(archivers.clone()),
            reason,
        );
    }
}
