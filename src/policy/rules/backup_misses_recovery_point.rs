//! What is archived of a database suffices for the recovery point that its resilience class promises.
//!
//! The model refuses settings that cannot; here the objects are read as the operator reads them.

use serde_json::Value;

use crate::blueprint::names::DATABASE;
use crate::diagnostic::Level;
use crate::manifest::Object;
use crate::model::Synchronous;
use crate::policy::{Bundle, Check, Findings, Rule};
use crate::text::Cron;

pub(super) const RULE: Rule = Rule {
    id: "backup-misses-recovery-point",
    title: "backups cannot keep the promised recovery point",
    why: "A database is restored from a base backup and the write-ahead log archived since. When either is missing, \
          switched off or too old, a disaster costs more work than was promised, and it is noticed on that day.",
    fix: "leave schedule, archive and object store as the blueprint makes them, or choose another resilience class",
    references: &["CloudNativePG documentation, Backup", "BSI IT-Grundschutz CON.3"],
    bad: "kind: ScheduledBackup\nspec: {schedule: \"0 30 1 * * 0\", suspend: true}",
    good: "kind: ScheduledBackup\nspec: {schedule: \"0 30 1 * * *\"}",
    level: Level::Deny,
    check: Check::Bundle(check),
};

const DAY_SECONDS: u64 = 86_400;
/// `archive_timeout` of CloudNativePG when nobody says otherwise.
const ARCHIVE_SECONDS: u64 = 300;

fn check(bundle: &Bundle<'_>, findings: &mut Findings<'_>) {
    if !bundle.environment.spec.backup.enabled {
        return;
    }
    let mut databases = bundle.of_kind("postgresql.cnpg.io", "Cluster");
    let Some(database) = databases.find(|object| object.name == DATABASE.name) else {
        return;
    };
    archive(bundle, database, findings);
    schedule(bundle, findings);
}

/// The write-ahead log goes to a store that is there, and often enough.
fn archive(bundle: &Bundle<'_>, database: &Object, findings: &mut Findings<'_>) {
    let plugins = database.value.pointer("/spec/plugins").and_then(Value::as_array);
    let is = |plugin: &Value, field: &str, default| plugin.get(field).map_or(default, |value| value == true);
    let mut archivers = plugins
        .into_iter()
        .flatten()
        .filter(|plugin| is(plugin, "enabled", true) && is(plugin, "isWALArchiver", false));
    let Some(archiver) = archivers.next() else {
        findings.push(database, "/spec/plugins", "no plugin archives the write-ahead log");
        return;
    };
    let store = archiver.pointer("/parameters/barmanObjectName").and_then(Value::as_str);
    let is_there = |object: &Object| Some(object.name.as_str()) == store;
    if !bundle.of_kind("barmancloud.cnpg.io", "ObjectStore").any(is_there) {
        let message = format!(
            "the archive goes to the object store `{}`, which is not there",
            store.unwrap_or_default()
        );
        findings.push(database, "/spec/plugins", message);
    }
    let point = &bundle.environment.resilience.spec.recovery_point;
    let pointer = "/spec/postgresql/parameters/archive_timeout";
    let timeout = database.value.pointer(pointer).map_or(Some(ARCHIVE_SECONDS), seconds);
    // With a standby that every commit waits for, the archive is not what the promise rests on.
    let is_rare = timeout.is_none_or(|timeout| timeout == 0 || timeout > point.seconds().max(ARCHIVE_SECONDS));
    if is_rare && bundle.environment.spec.database.synchronous != Synchronous::Required {
        let class = &bundle.environment.resilience.name;
        let message = format!("the archive may be older than the {point} that `{class}` promises");
        findings.push(database, pointer, message);
    }
}

/// Base backups are taken, and at least one a day.
fn schedule(bundle: &Bundle<'_>, findings: &mut Findings<'_>) {
    let point = &bundle.environment.resilience.spec.recovery_point;
    let longest = point.seconds().max(DAY_SECONDS);
    let mut complaint = None;
    for object in bundle.of_kind("postgresql.cnpg.io", "ScheduledBackup") {
        let text = |pointer: &str| object.value.pointer(pointer).and_then(Value::as_str);
        if text("/spec/cluster/name") != Some(DATABASE.name) {
            continue;
        }
        let schedule = text("/spec/schedule").unwrap_or_default();
        let gap = five_fields(schedule).and_then(|cron| cron.longest_gap());
        complaint = Some(match gap {
            _ if object.value.pointer("/spec/suspend") == Some(&Value::Bool(true)) => {
                (object, "/spec/suspend", "base backups are suspended".to_owned())
            }
            Some(gap) if gap <= longest => return,
            Some(gap) => {
                let message = format!("base backups are up to {} hours apart", gap / 3600);
                (object, "/spec/schedule", message)
            }
            None => (object, "/spec/schedule", format!("`{schedule}` never comes")),
        });
    }
    match complaint {
        Some((object, pointer, message)) => findings.push(object, pointer, message),
        None => findings.setting("/backup/enabled", "backups are enabled, but nothing takes base backups"),
    }
}

/// The operator's schedule without its seconds; a text of five fields or a name is taken as it is.
fn five_fields(schedule: &str) -> Option<Cron> {
    let fields = schedule.split_whitespace().count();
    let rest = schedule.trim().split_once(char::is_whitespace).filter(|_| fields == 6);
    rest.map_or(schedule, |(_, rest)| rest.trim()).parse().ok()
}

/// A time of PostgreSQL, of which seconds are the unit: `300`, `5min`, `1h`.
fn seconds(value: &Value) -> Option<u64> {
    let text = value.as_str()?.trim();
    let split = text.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at_checked(split)?;
    let number: u64 = number.parse().ok()?;
    let factor = match unit.trim() {
        "" | "s" => 1,
        "min" => 60,
        "h" => 3600,
        "d" => DAY_SECONDS,
        "ms" | "us" => return Some(number / 1000),
        _ => return None,
    };
    number.checked_mul(factor)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::fixture::{environment, judged};

    fn said(kind: &str, name: &str, patch: &str) -> String {
        let settings = format!(
            "  overrides:\n    - kind: {kind}\n      name: {name}\n      reason: under test for a while\n      patch: {patch}\n"
        );
        judged(&RULE, &environment(&settings, &[])).join("\n")
    }

    #[test]
    fn what_the_blueprint_archives_suffices() {
        assert!(judged(&RULE, &environment("", &[])).is_empty());
        let without = environment(
            "  backup: {enabled: false}\n",
            &[("tier: production", "tier: development")],
        );
        assert!(judged(&RULE, &without).is_empty());
    }

    #[test]
    fn what_an_override_takes_away_is_caught() {
        insta::assert_snapshot!(said("ScheduledBackup", "db", "{spec: {suspend: true}}"), @"
        patch: {spec: {suspend: true}} | base backups are suspended
        ");
        insta::assert_snapshot!(said("ScheduledBackup", "db", "{spec: {schedule: \"0 0 3 * * 0\"}}"), @r#"
        patch: {spec: {schedule: "0 0 3 * * 0"}} | base backups are up to 168 hours apart
        "#);
        insta::assert_snapshot!(said("ScheduledBackup", "db", "{spec: {cluster: {name: other}}}"), @"
        tenant: hartmann | backups are enabled, but nothing takes base backups
        ");
        insta::assert_snapshot!(said("Cluster", "db", "{spec: {plugins: null}}"), @"
        patch: {spec: {plugins: null}} | no plugin archives the write-ahead log
        ");
        insta::assert_snapshot!(said("Cluster", "db", "{spec: {plugins: [{name: barman-cloud.cloudnative-pg.io, isWALArchiver: false}]}}"), @"
        patch: {spec: {plugins: [{name: barman-cloud.cloudnative-pg.io, isWALArchiver: false}]}} | no plugin archives the write-ahead log
        ");
        insta::assert_snapshot!(said("Cluster", "db", "{spec: {plugins: [{name: barman-cloud.cloudnative-pg.io, parameters: {barmanObjectName: gone}}]}}"), @"
        patch: {spec: {plugins: [{name: barman-cloud.cloudnative-pg.io, parameters: {barmanObjectName: gone}}]}} | the archive goes to the object store `gone`, which is not there
        ");
        insta::assert_snapshot!(said("Cluster", "db", "{spec: {postgresql: {parameters: {archive_timeout: 1h}}}}"), @"
        patch: {spec: {postgresql: {parameters: {archive_timeout: 1h}}}} | the archive may be older than the 15m that `silver` promises
        ");
    }

    #[test]
    fn times_of_postgresql() {
        for (text, wanted) in [
            ("300", Some(300)),
            ("5min", Some(300)),
            ("1 h", Some(3600)),
            ("2w", None),
            ("", None),
        ] {
            assert_eq!(seconds(&json!(text)), wanted, "{text}");
        }
    }
}
