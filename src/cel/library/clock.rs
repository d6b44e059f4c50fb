//! The parts of moments and of lengths of time.
//!
//! Without a time zone a moment is read in UTC, never in the zone of this machine.

use super::{Call, Outcome, Row, failed, overload};
use crate::cel::value::Value;

const CALENDAR: &[&str] = &["timestamp.() int", "timestamp.(string) int"];
const CLOCK: &[&str] = &["timestamp.() int", "timestamp.(string) int", "duration.() int"];

pub(super) const FUNCTIONS: &[Row] = &[
    ("getFullYear", CALENDAR, part),
    ("getMonth", CALENDAR, part),
    ("getDayOfYear", CALENDAR, part),
    ("getDayOfMonth", CALENDAR, part),
    ("getDate", CALENDAR, part),
    ("getDayOfWeek", CALENDAR, part),
    ("getHours", CLOCK, part),
    ("getMinutes", CLOCK, part),
    ("getSeconds", CLOCK, part),
    ("getMilliseconds", CLOCK, part),
];

fn part(call: &mut Call<'_>, arguments: &[Value]) -> Outcome {
    let (moment, zone) = match arguments {
        [Value::Timestamp(moment)] => (moment, None),
        [Value::Timestamp(moment), Value::String(zone)] => (moment, Some(&**zone)),
        [Value::Duration(length)] => {
            let nanoseconds: i64 = match call.name {
                "getHours" => 3_600_000_000_000,
                "getMinutes" => 60_000_000_000,
                "getSeconds" => 1_000_000_000,
                "getMilliseconds" => 1_000_000,
                _ => return overload(call.name, arguments),
            };
            return Ok(Value::Int(length.0 / nanoseconds));
        }
        _ => return overload(call.name, arguments),
    };
    let Some(at) = moment.civil(zone) else {
        return failed(format!("unknown time zone {}", zone.unwrap_or_default()));
    };
    Ok(Value::Int(match call.name {
        "getFullYear" => at.year,
        "getMonth" => at.month,
        "getDayOfYear" => at.year_day,
        "getDayOfMonth" => at.day - 1,
        "getDate" => at.day,
        "getDayOfWeek" => at.week_day,
        "getHours" => at.hour,
        "getMinutes" => at.minute,
        "getSeconds" => at.second,
        _ => at.millisecond,
    }))
}
