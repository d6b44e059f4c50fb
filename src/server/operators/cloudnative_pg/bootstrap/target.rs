//! The point to which a recovery goes.
//!
//! What PostgreSQL would take as a time is taken here too, whatever the calendar says of it.

use serde_json::Value;

use super::pages;
use crate::server::judge::Judge;
use crate::server::operators::read::{at, place, text};

pub(super) fn check(target: &Value, from_snapshot: bool, judge: &mut Judge) {
    let [time, name, xid, lsn] =
        ["targetTime", "targetName", "targetXID", "targetLSN"].map(|field| text(target, &[field]));
    let is_immediate = at(target, &["targetImmediate"]).is_some();
    let given = [time, name, xid, lsn].iter().filter(|text| !text.is_empty()).count();
    place!(let path = "spec", "bootstrap", "recovery", "recoveryTarget");
    let mut invalid = |value: &Value, reason: &str| judge.invalid(&pages::RECOVERY_TARGET, path, value, reason);
    if given + usize::from(is_immediate) > 1 {
        invalid(target, "Recovery target options are mutually exclusive");
    }
    if !time.is_empty() && !is_time(time) {
        invalid(&Value::from(time), "The format of TargetTime is invalid");
    }
    if !lsn.is_empty() && !is_position(lsn) {
        invalid(&Value::from(lsn), "Invalid TargetLSN");
    }
    let mut field = |field: &str, value: &Value, reason: &str| {
        judge.invalid(
            &pages::RECOVERY_TARGET,
            place!("spec", "bootstrap", "recovery", "recoveryTarget", field),
            value,
            reason,
        );
    };
    if !xid.is_empty() && (xid.starts_with('+') || xid.parse::<u32>().is_err()) {
        field(
            "targetXID",
            &Value::from(xid),
            "recovery target xid must be a non-negative 32-bit integer",
        );
    }
    if name.len() >= 64 {
        field(
            "targetName",
            &Value::from(name),
            "recovery target name must be shorter than 64 bytes",
        );
    }
    if name.contains(|letter: char| letter.is_ascii_control()) {
        field(
            "targetName",
            &Value::from(name),
            "recovery target name must not contain ASCII control characters",
        );
    }
    let timeline = text(target, &["targetTLI"]);
    if !matches!(timeline, "" | "latest") && timeline.parse::<i64>().is_ok_and(|line| line < 1)
        || !matches!(timeline, "" | "latest") && timeline.parse::<i64>().is_err()
    {
        field(
            "targetTLI",
            target,
            "recovery target timeline can be set to 'latest' or a positive integer",
        );
    }
    let has_label = !name.is_empty() || !xid.is_empty() || is_immediate;
    if has_label && !from_snapshot && text(target, &["backupID"]).is_empty() {
        judge.required(&pages::RECOVERY_TARGET, path, "BackupID is missing");
    }
}

/// A position in the write-ahead log: two hexadecimal numbers and a slash.
fn is_position(text: &str) -> bool {
    let is_number = |text: &str| !text.starts_with('+') && u64::from_str_radix(text, 16).is_ok();
    text.split_once('/')
        .is_some_and(|(high, low)| is_number(high) && is_number(low))
}

/// A time as PostgreSQL prints it, or as the internet writes it.
fn is_time(text: &str) -> bool {
    is_postgres_time(text) || is_internet_time(text)
}

fn is_postgres_time(text: &str) -> bool {
    let text = text.strip_suffix(" BC").unwrap_or(text);
    let Some((year, rest)) = text.split_once('-') else {
        return false;
    };
    let year = year.strip_prefix('+').unwrap_or(year);
    let is_number = |text: &str| text.parse::<i64>().is_ok();
    if !is_number(year) || !shape(rest.get(..5).unwrap_or_default(), "00-00") {
        return false;
    }
    let Some(rest) = rest.get(5..).filter(|rest| !rest.is_empty()) else {
        return true;
    };
    if !shape(rest.get(..9).unwrap_or_default(), " 00:00:00") {
        return false;
    }
    let rest = rest.get(9..).unwrap_or_default();
    let rest = match rest.strip_prefix('.') {
        Some(fraction) => {
            let end = fraction.find(['-', '+', 'Z', ' ']).unwrap_or(fraction.len());
            let (digits, rest) = fraction.split_at(end);
            if !is_number(digits) {
                return false;
            }
            rest
        }
        None => rest,
    };
    matches!(rest, "" | "Z")
        || rest
            .strip_prefix(['+', '-'])
            .is_some_and(|zone| ["00", "00:00", "00:00:00"].iter().any(|form| shape(zone, form)))
}

/// `T` between date and time; a fraction and a zone may follow.
fn is_internet_time(text: &str) -> bool {
    let Some((date, time)) = text.split_once('T') else {
        return false;
    };
    if !shape(date, "0000-00-00") || date.parse::<jiff::civil::Date>().is_err() {
        return false;
    }
    let end = time.find(['Z', '+', '-']).unwrap_or(time.len());
    let (clock, zone) = time.split_at(end);
    let (clock, fraction) = clock.split_once(['.', ',']).unwrap_or((clock, "0"));
    let fields: Vec<&str> = clock.split(':').collect();
    let within = |text: &str, most: u8| text.parse::<u8>().is_ok_and(|number| number <= most);
    let is_clock = match fields.as_slice() {
        [hour, minute, second] => {
            (shape(hour, "00") || shape(hour, "0"))
                && shape(minute, "00")
                && shape(second, "00")
                && within(hour, 23)
                && within(minute, 59)
                && within(second, 59)
        }
        _ => false,
    };
    let is_zone = matches!(zone, "" | "Z")
        || zone.get(1..).is_some_and(|zone| {
            shape(zone, "00:00") && within(zone.get(..2).unwrap_or(""), 24) && within(zone.get(3..).unwrap_or(""), 60)
        });
    is_clock && is_zone && !fraction.is_empty() && fraction.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether a text has the form of another one, in which `0` is any digit.
fn shape(text: &str, form: &str) -> bool {
    text.len() == form.len()
        && text.bytes().zip(form.bytes()).all(|(byte, form)| match form {
            b'0' => byte.is_ascii_digit(),
            _ => byte == form,
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_the_operator_reads_them() {
        for text in [
            "2021-09-01 10:22:47",
            "2021-09-01 10:22:47.000000+06",
            "2021-09-01 10:22:47.000000+06:00",
            "2021-09-01T10:22:47Z",
            "2021-09-01T10:22:47+00:00",
            "2021-09-01T10:22:47",
            "2006-01-02T15:04:05.000000Z",
            "2021-09-01",
            "44-03-15 12:00:00 BC",
        ] {
            assert!(is_time(text), "{text}");
        }
        for text in [
            "",
            "now",
            "2021-9-1",
            "2021-09-01 10:22",
            "2021-02-30T10:22:47Z",
            "2021-09-01T24:22:47Z",
            "2021-09-01 10:22:47 Europe/Berlin",
        ] {
            assert!(!is_time(text), "{text}");
        }
    }

    #[test]
    fn positions_are_two_hexadecimal_numbers() {
        assert!(is_position("0/7000060") && is_position("1A/FF"));
        assert!(!is_position("7000060") && !is_position("1/2/3") && !is_position("x/1") && !is_position("/1"));
    }
}
