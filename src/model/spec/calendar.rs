//! `kind: Calendar`: the business calendar of a tenant.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::text::{Cron, Date, DayTime, Duration, TimeZone};

/// When a company works, closes its month and wants no change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CalendarSpec {
    /// IANA time zone, `Europe/Berlin`.
    pub time_zone: TimeZone,
    /// Working hours of the week.
    #[serde(default)]
    pub working_hours: Vec<WorkingHours>,
    /// Days without work.
    #[serde(default)]
    pub holidays: Vec<Date>,
    /// Recurring times when changes are welcome.
    #[serde(default)]
    pub maintenance: Vec<Window>,
    /// Recurring peaks: payroll, month-end.
    #[serde(default)]
    pub peaks: Vec<Window>,
    /// Stretches of days without any change: year-end close, bid deadlines.
    #[serde(default)]
    pub freezes: Vec<Freeze>,
}

/// Working hours on some days of the week.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct WorkingHours {
    /// Days of the week.
    #[schemars(length(min = 1))]
    pub days: Vec<Weekday>,
    /// First minute, quoted: `"07:00"`.
    pub from: DayTime,
    /// First minute after, quoted: `"18:00"`.
    pub to: DayTime,
}

/// A day of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the names say it")]
pub enum Weekday {
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}

/// A recurring window.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Window {
    /// What it is, `payroll`.
    #[schemars(length(min = 1, max = 63))]
    pub name: String,
    /// When it opens, as a cron expression of five fields in the calendar's time zone.
    pub schedule: Cron,
    /// How long it lasts.
    pub duration: Duration,
}

/// A stretch of days without any change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Freeze {
    /// What it is, `year-end close 2026`.
    #[schemars(length(min = 1, max = 63))]
    pub name: String,
    /// First day.
    pub from: Date,
    /// Last day.
    pub to: Date,
}
