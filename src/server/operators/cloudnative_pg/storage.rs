//! Volumes: their sizes, and the tablespaces.
//!
//! Where a size is left out, a claim template has to ask for storage.

use std::collections::BTreeSet;

use serde_json::Value;

use super::pages;
use crate::schema::Place;
use crate::server::judge::Judge;
use crate::server::operators::read::{at, items, map, place, text};
use crate::text::Quantity;

pub(super) fn check(object: &Value, judge: &mut Judge) {
    let nothing = Value::Null;
    let storage = at(object, &["spec", "storage"]).unwrap_or(&nothing);
    size(storage, place!("spec", "storage"), judge);
    if let Some(storage) = at(object, &["spec", "walStorage"]) {
        size(storage, place!("spec", "walStorage"), judge);
    }
    for (index, tablespace) in items(object, &["spec", "tablespaces"]).iter().enumerate() {
        let storage = at(tablespace, &["storage"]).unwrap_or(&nothing);
        size(storage, place!("spec", "tablespaces", index), judge);
    }
    tablespaces(object, judge);
    if at(object, &["spec", "ephemeralVolumeSource"]).is_some()
        && at(object, &["spec", "ephemeralVolumesSizeLimit", "temporaryData"]).is_some()
    {
        judge.duplicate(
            &pages::STORAGE,
            place!("spec", "ephemeralVolumeSource"),
            &Value::from(
                "Conflicting settings: provide either ephemeralVolumeSource or ephemeralVolumesSizeLimit.TemporaryData, \
                 not both.",
            ),
        );
    }
}

/// The storage that a volume asks for: its size, or the request of its claim template.
pub(super) fn requested(storage: &Value) -> Option<Quantity> {
    match text(storage, &["size"]) {
        "" => {
            at(storage, &["pvcTemplate"])?;
            let request = text(storage, &["pvcTemplate", "resources", "requests", "storage"]);
            let request = if request.is_empty() { "0" } else { request };
            request.parse().ok()
        }
        size => size.parse().ok(),
    }
}

fn size(storage: &Value, place: &Place<'_>, judge: &mut Judge) {
    let size = text(storage, &["size"]);
    if !size.is_empty() {
        if size.parse::<Quantity>().is_err() {
            judge.invalid(
                &pages::STORAGE,
                &place.field("size"),
                &Value::from(size),
                "Size value isn't valid",
            );
        }
    } else if requested(storage).is_none_or(|size| size == Quantity::mebibytes(0)) {
        judge.invalid(
            &pages::STORAGE,
            &place.field("size"),
            &Value::from(size),
            "Size not configured. Please add it, or a storage request in the pvcTemplate.",
        );
    }
}

fn tablespaces(object: &Value, judge: &mut Judge) {
    let (mut names, mut volumes) = (BTreeSet::new(), BTreeSet::new());
    let list = items(object, &["spec", "tablespaces"]);
    for (index, tablespace) in list.iter().enumerate() {
        let name = text(tablespace, &["name"]);
        let mut say = |reason: &str| {
            judge.invalid(
                &pages::TABLESPACE,
                place!("spec", "tablespaces", index),
                &Value::from(name),
                reason,
            )
        };
        if !names.insert(name.to_lowercase()) {
            say("duplicate tablespace name");
            continue;
        }
        if let Some(reason) = name_problem(name) {
            say(reason);
        }
        let volume = volume_name(name);
        if volumes.contains(&volume) {
            say(&format!(
                "tablespace name results in duplicate volume name \"{volume}\" after sanitization (special characters \
                 are converted to hyphens)"
            ));
        }
        volumes.insert(volume);
    }
    let classes = map(object, &["spec", "backup", "volumeSnapshot", "tablespaceClassName"]);
    for name in classes.into_iter().flatten().map(|(name, _)| name) {
        if !list.iter().any(|tablespace| text(tablespace, &["name"]) == name) {
            judge.invalid(
                &pages::TABLESPACE,
                place!("spec", "backup", "volumeSnapshot", "tablespaceClassName"),
                &Value::from(name.as_str()),
                format_args!(
                    "specified the VolumeSnapshot backup configuration for the tablespace: {name}, but it can't be \
                     found in the '.spec.tablespaces' stanza"
                ),
            );
        }
    }
}

fn name_problem(name: &str) -> Option<&'static str> {
    let is_identifier = name.starts_with(|letter: char| letter.is_ascii_alphabetic() || letter == '_')
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$'));
    if name.starts_with("pg_") {
        Some("tablespace names beginning 'pg_' are reserved for Postgres")
    } else if !is_identifier {
        Some(
            "tablespace names must be valid Postgres identifiers: alphanumeric characters, '_', '$', and must start \
             with a letter or an underscore",
        )
    } else {
        (name.len() > 63).then_some("the maximum length of an identifier is 63 characters")
    }
}

/// The volume of a tablespace in the Pod.
fn volume_name(name: &str) -> String {
    let name = match name.strip_prefix('_') {
        Some(rest) => format!("1{rest}"),
        None => name.to_owned(),
    };
    format!("tbs-{}", name.replace(['$', '_'], "-").to_lowercase())
}
