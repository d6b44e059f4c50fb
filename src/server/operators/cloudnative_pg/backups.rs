//! Backups: when they are made, how, and where they go.
//!
//! A schedule has six fields here, seconds first; with five, the webhook warns and reads minutes as seconds.

use serde_json::Value;

use super::{BY, GROUP, is_unchecked, pages};
use crate::schema::Place;
use crate::server::judge::Judge;
use crate::server::operators::cron::{self, Dialect};
use crate::server::operators::read::{annotation, at, place, text, truth};
use crate::server::{Kind, Rules, unchanged};

pub(in crate::server) const RULES: Rules = Rules {
    by: BY,
    kinds: &[
        Kind {
            group: GROUP,
            kind: "ScheduledBackup",
            create: scheduled,
            update: unchanged,
        },
        Kind {
            group: GROUP,
            kind: "Backup",
            create: backup,
            update: unchanged,
        },
    ],
    codes: &[&pages::SCHEDULE, &pages::FIVE_FIELDS, &pages::BACKUP],
};

fn scheduled(object: &Value, judge: &mut Judge) {
    let schedule = text(object, &["spec", "schedule"]);
    if let Some(reason) = cron::refusal(schedule, Dialect::Seconds) {
        judge.invalid(
            &pages::SCHEDULE,
            place!("spec", "schedule"),
            &Value::from(schedule),
            reason,
        );
    } else if !schedule.starts_with('@') && schedule.split_whitespace().count() == 5 {
        judge.invalid(
            &pages::FIVE_FIELDS,
            place!("spec", "schedule"),
            &Value::from(schedule),
            "Schedule parameter may not have the right number of arguments (usually six arguments are needed): the \
             first of these five is read as seconds",
        );
    }
    online(object, "the method", judge);
}

fn backup(object: &Value, judge: &mut Judge) {
    if is_unchecked(object) {
        return;
    }
    online(object, "the backup method", judge);
    if text(object, &["spec", "method"]) == "plugin"
        && text(object, &["spec", "pluginConfiguration", "name"]).is_empty()
    {
        judge.invalid(
            &pages::BACKUP,
            place!("spec", "pluginConfiguration"),
            &Value::Null,
            "cannot be empty when the backup method is plugin",
        );
    }
    let name = "cnpg.io/volumeSnapshotDeadline";
    if let Some(value) = annotation(object, name).filter(|value| !value.is_empty() && value.parse::<i64>().is_err()) {
        judge.invalid(
            &pages::BACKUP,
            place!("metadata", "annotations", name),
            &Value::from(value),
            "must be an integer",
        );
    }
}

/// Only a snapshot of the volumes can be taken of a running or of a stopped server.
fn online(object: &Value, method: &str, judge: &mut Judge) {
    // The default of the resource is the method that goes away.
    if !matches!(text(object, &["spec", "method"]), "" | "barmanObjectStore") {
        return;
    }
    for (field, title) in [("online", "Online"), ("onlineConfiguration", "OnlineConfiguration")] {
        if let Some(value) = at(object, &["spec", field]) {
            judge.invalid(
                &pages::BACKUP,
                place!("spec", field),
                value,
                format_args!("{title} parameter can be specified only if {method} is volumeSnapshot"),
            );
        }
    }
}

/// How long backups are kept, as Barman reads it: the end of the text decides.
pub(super) fn is_retention(text: &str) -> bool {
    let Some(number) = text.strip_suffix(['d', 'w', 'm']) else {
        return false;
    };
    let mut digits = number.chars().rev().take_while(char::is_ascii_digit);
    digits.any(|digit| digit != '0')
}

/// How the object store is entered: exactly one kind of credentials, and those complete.
pub(super) fn credentials(store: &Value, place: &Place<'_>, judge: &mut Judge) {
    let [azure, aws, google] =
        ["azureCredentials", "s3Credentials", "googleCredentials"].map(|field| at(store, &[field]));
    if let Some(azure) = azure {
        self::azure(azure, &place.field("azureCredentials"), judge);
    }
    if let Some(aws) = aws {
        self::aws(aws, &place.field("awsCredentials"), judge);
    }
    if let Some(google) = google {
        self::google(
            google,
            place!("spec", "backupConfiguration", "googleCredentials"),
            judge,
        );
    }
    let count = [azure, aws, google].iter().flatten().count();
    if count != 1 {
        let what = if count == 0 { "missing" } else { "too many" };
        judge.invalid(
            &pages::ARCHIVE,
            place,
            store,
            format_args!(
                "{what} credentials. One and only one of azureCredentials, s3Credentials and googleCredentials are \
                 required"
            ),
        );
    }
}

fn azure(azure: &Value, place: &Place<'_>, judge: &mut Judge) {
    let has = |field: &str| at(azure, &[field]).is_some();
    let is = |field: &str| truth(azure, &[field]) == Some(true);
    let methods = [
        is("inheritFromAzureAD"),
        is("useDefaultAzureCredentials"),
        has("storageKey"),
        has("storageSasToken"),
    ];
    let count = methods.iter().filter(|used| **used).count();
    let is_connected = has("connectionString");
    let reasons = [
        (
            count != 1 && !is_connected,
            "when connection string is not specified, one and only one of storage key, storage SAS token, Azure AD \
             authentication, or default Azure credentials is required",
        ),
        (
            (count != 0 || has("storageAccount")) && is_connected,
            "when connection string is specified, the other parameters must be empty",
        ),
        (
            (has("storageKey") || has("storageSasToken")) && !has("storageAccount"),
            "storage account must be specified when using storage key or SAS token",
        ),
    ];
    for (_, reason) in reasons.iter().filter(|(applies, _)| *applies) {
        judge.invalid(&pages::ARCHIVE, place, azure, reason);
    }
}

fn aws(aws: &Value, place: &Place<'_>, judge: &mut Judge) {
    let (id, key) = (
        at(aws, &["accessKeyId"]).is_some(),
        at(aws, &["secretAccessKey"]).is_some(),
    );
    let count = usize::from(truth(aws, &["inheritFromIAMRole"]) == Some(true)) + usize::from(id || key);
    let reasons = [
        (
            id != key,
            "when using AWS credentials both accessKeyId and secretAccessKey must be provided",
        ),
        (count == 0, "at least one AWS authentication method should be supplied"),
        (count > 1, "only one AWS authentication method should be supplied"),
    ];
    for (_, reason) in reasons.iter().filter(|(applies, _)| *applies) {
        judge.invalid(&pages::ARCHIVE, place, aws, reason);
    }
}

fn google(google: &Value, place: &Place<'_>, judge: &mut Judge) {
    let has_key = at(google, &["applicationCredentials"]).is_some();
    let reason = match truth(google, &["gkeEnvironment"]).unwrap_or(false) {
        false if !has_key => "if gkeEnvironment is false, secret with credentials must be provided",
        true if has_key => "if gkeEnvironment is true, secret with credentials must not be provided",
        _ => return,
    };
    judge.invalid(&pages::ARCHIVE, place, google, reason);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_retention_is_a_number_of_days_weeks_or_months() {
        assert!(is_retention("30d") && is_retention("10w") && is_retention("x7m"));
        assert!(!is_retention("0d") && !is_retention("30") && !is_retention("30 d") && !is_retention("d"));
    }
}
