//! CronJobs: when they run, and what the Jobs are that they make.
//!
//! Time zones are those of the IANA database; the server has its own copy, of which ours is as new.

use serde_json::Value;

use super::jobs;
use crate::diagnostic::codes::Code;
use crate::schema::Place;
use crate::server::common::{get, is_true, none_negative};
use crate::server::judge::Judge;
use crate::text::{Cron, TimeZone};

macro_rules! cron_job {
    ($spec:literal) => {
        concat!(
            "apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: vacuum, namespace: hartmann-bau-production}\nspec:\n",
            $spec,
            "  jobTemplate: {spec: {template: {spec: {restartPolicy: Never, containers: [{name: odoo, image: \
             \"registry.example/odoo:18.0\"}]}}}}\n"
        )
    };
}

pub(super) const SCHEDULE: Code = Code {
    id: "invalid-schedule",
    title: "a schedule of a CronJob that the API server refuses",
    why: "A schedule has five fields: minute, hour, day of the month, month and day of the week, or is a word such as \
          `@daily`. There are no seconds, and the time zone has a field of its own.",
    fix: "write five fields, such as `30 1 * * *` for every night at 01:30",
    bad: cron_job!("  schedule: 0 30 1 * * *\n"),
    good: cron_job!("  schedule: 30 1 * * *\n"),
};

pub(super) const ZONE: Code = Code {
    id: "invalid-time-zone",
    title: "a time zone that the API server does not know",
    why: "Zones have the names of the IANA database, such as `Europe/Berlin`. Abbreviations and differences to UTC would be \
          wrong for half of the year.",
    fix: "write the name of the nearest city in the database",
    bad: cron_job!("  schedule: 30 1 * * *\n  timeZone: UTC+2\n"),
    good: cron_job!("  schedule: 30 1 * * *\n  timeZone: Europe/Berlin\n"),
};

/// The counts and times of a CronJob.
const NUMBERS: &[&str] = &[
    "startingDeadlineSeconds",
    "successfulJobsHistoryLimit",
    "failedJobsHistoryLimit",
];

/// Judges a CronJob.
pub(super) fn create(object: &Value, judge: &mut Judge) {
    let Some(spec) = get(object, "spec") else { return };
    let object = Place::OBJECT;
    let place = object.field("spec");
    schedule(spec, &place, judge);
    time_zone(spec, &place, judge);
    none_negative(&jobs::COUNT, spec, NUMBERS, &place, judge);
    let Some(template) = get(spec, "jobTemplate") else {
        return;
    };
    let Some(job) = get(template, "spec") else { return };
    let place = place.field("jobTemplate");
    let place = place.field("spec");
    jobs::spec(job, &place, judge);
    if let Some(selector) = get(job, "selector") {
        let reason = "`selector` will be auto-generated";
        judge.invalid(&jobs::SELECTOR, &place.field("selector"), selector, reason);
    }
    if is_true(job, "manualSelector") {
        judge.unsupported(
            &jobs::SELECTOR,
            &place.field("manualSelector"),
            &Value::Bool(true),
            &["nil", "false"],
        );
    }
}

fn schedule(spec: &Value, place: &Place<'_>, judge: &mut Judge) {
    let Some(value @ Value::String(schedule)) = spec.get("schedule").filter(|schedule| *schedule != "") else {
        return;
    };
    let place = place.field("schedule");
    if schedule.contains("TZ") {
        let reason = "cannot use TZ or CRON_TZ in schedule, use timeZone field instead";
        judge.invalid(&SCHEDULE, &place, value, reason);
    } else if let Err(fault) = schedule.parse::<Cron>() {
        let fields: Vec<&str> = schedule.split_whitespace().collect();
        let reason = match fields.len() {
            5 => fault.message,
            _ if schedule.starts_with('@') => fault.message,
            number => format!("expected exactly 5 fields, found {number}: [{}]", fields.join(" ")),
        };
        judge.invalid(&SCHEDULE, &place, value, reason);
    }
}

fn time_zone(spec: &Value, place: &Place<'_>, judge: &mut Judge) {
    let Some(value @ Value::String(zone)) = spec.get("timeZone") else {
        return;
    };
    let place = place.field("timeZone");
    if zone.is_empty() {
        judge.invalid(&ZONE, &place, value, "timeZone must be nil or non-empty string");
    } else if zone.eq_ignore_ascii_case("local") {
        let reason = "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones";
        judge.invalid(&ZONE, &place, value, reason);
    } else if zone.parse::<TimeZone>().is_err() {
        judge.invalid(&ZONE, &place, value, format!("unknown time zone {zone}"));
    }
}
