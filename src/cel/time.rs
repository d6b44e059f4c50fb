//! Moments and lengths of time as the server's evaluator has them.
//!
//! Arithmetic is checked against the years 1 to 9999 and against 64 bits of nanoseconds; no clock is read.

use std::cmp::Ordering;

use jiff::tz::TimeZone;

const SECOND: i64 = 1_000_000_000;
const EARLIEST: i64 = -62_135_596_800;
const LATEST: i64 = 253_402_300_799;

/// A moment with the offset it was written with.
#[derive(Debug, Clone, Copy, Default)]
pub struct Timestamp {
    seconds: i64,
    nanos: u32,
    offset: i32,
}

/// A length of time in nanoseconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Duration(pub i64);

impl PartialEq for Timestamp {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Timestamp {}

impl PartialOrd for Timestamp {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Timestamp {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.seconds, self.nanos).cmp(&(other.seconds, other.nanos))
    }
}

/// A moment split into the parts of a calendar and a clock.
#[derive(Debug, Clone, Copy)]
pub(super) struct Civil {
    pub(super) year: i64,
    pub(super) month: i64,
    pub(super) day: i64,
    pub(super) year_day: i64,
    pub(super) week_day: i64,
    pub(super) hour: i64,
    pub(super) minute: i64,
    pub(super) second: i64,
    pub(super) millisecond: i64,
}

impl Timestamp {
    /// Makes a moment from seconds since 1970.
    pub fn from_seconds(seconds: i64) -> Option<Self> {
        let valid = (EARLIEST..=LATEST).contains(&seconds);
        valid.then_some(Self {
            seconds,
            nanos: 0,
            offset: 0,
        })
    }

    /// Returns the seconds since 1970.
    pub fn seconds(&self) -> i64 {
        self.seconds
    }

    /// Reads RFC 3339.
    pub fn parse(text: &str) -> Option<Self> {
        let number = |from: usize, to: usize| -> Option<i64> {
            let digits = text.get(from..to)?;
            let plain = digits.bytes().all(|digit| digit.is_ascii_digit());
            plain.then(|| digits.parse().ok()).flatten()
        };
        let mark = |at: usize, wanted: char| text.get(at..)?.starts_with(wanted).then_some(());
        let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
        let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
        for (at, wanted) in [(4, '-'), (7, '-'), (10, 'T'), (13, ':'), (16, ':')] {
            mark(at, wanted)?;
        }
        let valid = (1..=12).contains(&month) && (1..=days_in(year, month)).contains(&day);
        if !valid || hour > 23 || minute > 59 || second > 59 {
            return None;
        }
        let mut rest = text.get(19..)?;
        let mut nanos = 0;
        if let Some(fraction) = rest.strip_prefix(['.', ',']) {
            let digits = fraction.bytes().take_while(u8::is_ascii_digit).count();
            let kept = fraction.get(..digits.min(9)).filter(|kept| !kept.is_empty())?;
            nanos = format!("{kept:0<9}").parse().ok()?;
            rest = fraction.get(digits..)?;
        }
        let offset = match rest {
            "Z" => 0,
            _ => zone_offset(rest)?,
        };
        let seconds = days_from_civil(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second - offset;
        let offset = i32::try_from(offset).ok()?;
        Some(Self {
            nanos,
            offset,
            ..Self::from_seconds(seconds)?
        })
    }

    /// Adds a length of time, within the calendar.
    pub fn plus(self, length: Duration) -> Option<Self> {
        self.shifted(i128::from(length.0))
    }

    /// Subtracts a length of time, within the calendar.
    pub fn minus(self, length: Duration) -> Option<Self> {
        self.shifted(-i128::from(length.0))
    }

    fn shifted(self, by: i128) -> Option<Self> {
        let nanos = self.total() + by;
        let seconds = i64::try_from(nanos.div_euclid(i128::from(SECOND))).ok()?;
        let nanos = u32::try_from(nanos.rem_euclid(i128::from(SECOND))).ok()?;
        let offset = self.offset;
        Some(Self {
            nanos,
            offset,
            ..Self::from_seconds(seconds)?
        })
    }

    fn total(self) -> i128 {
        i128::from(self.seconds) * i128::from(SECOND) + i128::from(self.nanos)
    }

    /// Returns the time since another moment.
    pub fn since(self, other: Self) -> Option<Duration> {
        i64::try_from(self.total() - other.total()).ok().map(Duration)
    }

    /// Splits the moment in a time zone: a name, an offset such as `+02:00`, or nothing for UTC.
    pub(super) fn civil(self, zone: Option<&str>) -> Option<Civil> {
        let offset = match zone {
            None | Some("" | "UTC") => 0,
            Some(name) => match named_offset(name) {
                Some(offset) => offset,
                None => self.offset_in(name)?,
            },
        };
        Some(split(self.seconds + offset, self.nanos))
    }

    fn offset_in(self, name: &str) -> Option<i64> {
        let zone = TimeZone::get(name).ok()?;
        let moment = jiff::Timestamp::from_second(self.seconds).ok()?;
        Some(i64::from(zone.to_offset(moment).seconds()))
    }
}

/// Prints as RFC 3339 with the offset it was read with.
impl std::fmt::Display for Timestamp {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let at = split(self.seconds + i64::from(self.offset), self.nanos);
        write!(
            out,
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}",
            at.year,
            at.month + 1,
            at.day,
            at.hour,
            at.minute,
            at.second
        )?;
        if self.nanos > 0 {
            let fraction = format!("{:09}", self.nanos);
            write!(out, ".{}", fraction.trim_end_matches('0'))?;
        }
        if self.offset == 0 {
            return out.write_str("Z");
        }
        let sign = if self.offset < 0 { '-' } else { '+' };
        let offset = self.offset.abs();
        write!(out, "{sign}{:02}:{:02}", offset / 3600, offset / 60 % 60)
    }
}

impl Duration {
    /// Reads Go's spelling, such as `1h30m` or `-1.5s`.
    pub fn parse(text: &str) -> Option<Self> {
        let (negative, mut rest) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        if rest == "0" {
            return Some(Self(0));
        }
        if rest.is_empty() {
            return None;
        }
        let mut total: i128 = 0;
        while !rest.is_empty() {
            let end = rest
                .find(|letter: char| !letter.is_ascii_digit() && letter != '.')
                .unwrap_or(rest.len());
            let (number, tail) = rest.split_at(end);
            let end = tail
                .find(|letter: char| letter.is_ascii_digit() || letter == '.')
                .unwrap_or(tail.len());
            let (unit, tail) = tail.split_at(end);
            total = total.checked_add(part(number, unit)?)?;
            rest = tail;
        }
        let total = if negative { -total } else { total };
        i64::try_from(total).ok().map(Self)
    }
}

/// Prints as seconds.
impl std::fmt::Display for Duration {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let whole = self.0 / SECOND;
        let seconds = whole as f64 + (self.0 % SECOND) as f64 / 1e9;
        write!(out, "{seconds}s")
    }
}

fn part(number: &str, unit: &str) -> Option<i128> {
    let scale: i128 = match unit {
        "ns" => 1,
        "us" | "\u{b5}s" | "\u{3bc}s" => 1000,
        "ms" => 1_000_000,
        "s" => i128::from(SECOND),
        "m" => 60 * i128::from(SECOND),
        "h" => 3600 * i128::from(SECOND),
        _ => return None,
    };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if whole.is_empty() && fraction.is_empty() || fraction.contains('.') {
        return None;
    }
    let whole: i128 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
    let kept = fraction.get(..fraction.len().min(18))?;
    let tenths: i128 = if kept.is_empty() { 0 } else { kept.parse().ok()? };
    let divisor = 10_i128.checked_pow(u32::try_from(kept.len()).ok()?)?;
    whole
        .checked_mul(scale)?
        .checked_add(tenths.checked_mul(scale)? / divisor)
}

/// An offset as RFC 3339 has it.
fn zone_offset(text: &str) -> Option<i64> {
    let valid = text.len() == 6 && text.starts_with(['+', '-']);
    let offset = valid.then(|| named_offset(text)).flatten()?;
    (offset.abs() <= 24 * 3600).then_some(offset)
}

/// An offset as a time zone's name: the sign may be missing.
fn named_offset(text: &str) -> Option<i64> {
    let (sign, digits) = match text.as_bytes().first()? {
        b'-' => (-1, text.get(1..)?),
        b'+' => (1, text.get(1..)?),
        _ => (1, text),
    };
    let (hours, minutes) = digits.split_once(':')?;
    let plain = |part: &str| !part.is_empty() && part.bytes().all(|digit| digit.is_ascii_digit());
    if !plain(hours) || !plain(minutes) {
        return None;
    }
    let (hours, minutes): (i64, i64) = (hours.parse().ok()?, minutes.parse().ok()?);
    let valid = hours <= 99 && minutes <= 59;
    valid.then_some(sign * (hours * 3600 + minutes * 60))
}

fn split(seconds: i64, nanos: u32) -> Civil {
    let days = seconds.div_euclid(86_400);
    let clock = seconds.rem_euclid(86_400);
    let (year, month, day) = civil_from_days(days);
    Civil {
        year,
        month: month - 1,
        day,
        year_day: days - days_from_civil(year, 1, 1),
        week_day: (days + 4).rem_euclid(7),
        hour: clock / 3600,
        minute: clock / 60 % 60,
        second: clock % 60,
        millisecond: i64::from(nanos) / 1_000_000,
    }
}

fn days_in(year: i64, month: i64) -> i64 {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days since 1970 of a date of the Gregorian calendar; years begin in March to put the leap day last.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    365 * year + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + of_year - 719_468
}

fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let mut year = 1970 + days.div_euclid(366);
    while days_from_civil(year + 1, 1, 1) <= days {
        year += 1;
    }
    while days_from_civil(year, 1, 1) > days {
        year -= 1;
    }
    let mut left = days - days_from_civil(year, 1, 1);
    let mut month = 1;
    while left >= days_in(year, month) && month < 12 {
        left -= days_in(year, month);
        month += 1;
    }
    (year, month, left + 1)
}
