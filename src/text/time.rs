//! Time zones, days and times of day.
//!
//! Zones come from the database that is built in, so a name is good or bad on every machine alike.

use jiff::tz::TimeZoneDatabase;

use super::{TextError, quoted};

super::text! {
    /// A time zone by its name in the IANA database.
    pub struct TimeZone(String);
    read: time_zone,
    name: "formwork-time-zone",
    code: "bad-time-zone",
    pattern: "^[-A-Za-z0-9+._]{1,14}(/[-A-Za-z0-9+._]{1,14})*$",
    example: "Europe/Berlin",
    remedy: "write a name of the IANA database, such as `Europe/Berlin` or `UTC`",
}

super::text! {
    /// A day of the calendar, as year, month and day.
    pub struct Date(String, jiff::civil::Date);
    read: date,
    name: "formwork-date",
    code: "bad-date",
    pattern: "^[0-9]{4}-[0-9]{2}-[0-9]{2}$",
    example: "2027-01-31",
    remedy: "write year, month and day, such as `2027-01-31`",
}

super::text! {
    /// A time of day on a clock of 24 hours; YAML 1.1 takes it for a number unless it is in quotes.
    pub struct DayTime(String, u16);
    read: day_time,
    name: "formwork-day-time",
    code: "bad-schedule",
    pattern: "^[0-2][0-9]:[0-5][0-9]$",
    example: "07:30",
    remedy: "write hours and minutes in quotes, such as `\"07:30\"`",
}

impl TimeZone {
    /// Returns the rules of the zone.
    pub fn rules(&self) -> jiff::tz::TimeZone {
        TimeZoneDatabase::bundled()
            .get(self.as_str())
            .unwrap_or(jiff::tz::TimeZone::UTC)
    }
}

impl Date {
    /// Returns the day.
    pub fn day(&self) -> jiff::civil::Date {
        self.1
    }
}

impl DayTime {
    /// Returns the minutes since midnight.
    pub fn minutes(&self) -> u16 {
        self.1
    }
}

fn time_zone(text: &str) -> Result<(), TextError> {
    if text.eq_ignore_ascii_case("local") {
        return Err(TextError::new(format!(
            "{} is a different zone on every machine",
            quoted(text)
        )));
    }
    // Looking it up would forgive case, which the server's file system does not.
    let known = TimeZoneDatabase::bundled()
        .available()
        .any(|name| name.as_str() == text);
    if known && text.split('/').all(is_zone_part) {
        return Ok(());
    }
    let error = TextError::new(format!("{} is not a time zone of the IANA database", quoted(text)));
    Err(match nearest_zone(text) {
        Some(name) => error.help(format!("did you mean `{name}`?")),
        None => error,
    })
}

/// Returns whether the server accepts one part of the name of a zone.
fn is_zone_part(part: &str) -> bool {
    let allowed = |letter: char| letter.is_ascii_alphanumeric() || "._-+".contains(letter);
    (1..=14).contains(&part.len()) && part.chars().all(allowed) && !part.starts_with('-') && part != "." && part != ".."
}

fn nearest_zone(text: &str) -> Option<String> {
    let typed = text.trim().replace(' ', "_").to_ascii_lowercase();
    let tolerated = typed.len() / 4;
    let distance = |name: &str| {
        let name = name.to_ascii_lowercase();
        // A city alone names its zone well enough, and is the commonest mistake.
        let name = if typed.contains('/') {
            &name
        } else {
            name.rsplit('/').next().unwrap_or_default()
        };
        let near = name.len().abs_diff(typed.len()) <= tolerated;
        near.then(|| strsim::osa_distance(&typed, name))
            .filter(|distance| *distance <= tolerated)
    };
    let database = TimeZoneDatabase::bundled();
    database
        .available()
        .filter_map(|name| Some((distance(name.as_str())?, name.as_str().to_owned())))
        .min()
        .map(|(_, name)| name)
}

fn date(text: &str) -> Result<jiff::civil::Date, TextError> {
    let error = |what| TextError::new(format!("{} is not {what}", quoted(text)));
    let mut parts = text
        .splitn(3, '-')
        .map(|part| Some(part).filter(|part| part.bytes().all(|byte| byte.is_ascii_digit())));
    let mut next = |length| {
        parts
            .next()
            .flatten()
            .filter(|part| part.len() == length)?
            .parse::<i16>()
            .ok()
    };
    let (Some(year), Some(month), Some(day)) = (next(4), next(2), next(2)) else {
        return Err(error("a date of the form `2027-01-31`"));
    };
    jiff::civil::Date::new(year, month as i8, day as i8).map_err(|_| error("a day of the calendar"))
}

fn day_time(text: &str) -> Result<u16, TextError> {
    let number = |text: &str| {
        let digits = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse::<u16>().ok().filter(|_| digits)
    };
    let parts = text
        .split_once(':')
        .and_then(|(hours, minutes)| Some((number(hours)?, number(minutes)?)));
    match parts {
        Some((hours @ 0..24, minutes @ 0..60)) => Ok(hours * 60 + minutes),
        Some((24, 0)) => Err(TextError::new("`24:00` is not a time of day").help("write `\"00:00\"`")),
        _ => Err(TextError::new(format!(
            "{} is not a time of day between `00:00` and `23:59`",
            quoted(text)
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{accepts, refusal};
    use super::*;

    #[test]
    fn zones_are_of_the_database() {
        accepts::<TimeZone>(&[
            "UTC",
            "Europe/Berlin",
            "America/Argentina/Buenos_Aires",
            "Etc/GMT+5",
            "CET",
            "Asia/Calcutta",
        ]);
        assert_eq!(
            refusal::<TimeZone>("Europe/Berln"),
            "`Europe/Berln` is not a time zone of the IANA database; did you mean `Europe/Berlin`?"
        );
        assert!(refusal::<TimeZone>("europe/berlin").ends_with("did you mean `Europe/Berlin`?"));
        assert!(refusal::<TimeZone>("Berlin").ends_with("did you mean `Europe/Berlin`?"));
        assert!(refusal::<TimeZone>("America/New York").ends_with("did you mean `America/New_York`?"));
        assert!(refusal::<TimeZone>("Local").contains("on every machine"));
        for text in [
            "",
            "Etc/Unknown",
            "../etc",
            "+01:00",
            "Europe/",
            "Mars/Olympus",
            &"x".repeat(100_000),
        ] {
            assert!(!refusal::<TimeZone>(text).contains("did you mean"), "{text}");
        }
        for name in TimeZoneDatabase::bundled().available() {
            let zone: TimeZone = name.as_str().parse().unwrap();
            assert_eq!(zone.rules().iana_name(), Some(name.as_str()));
        }
    }

    #[test]
    fn days_and_times() {
        accepts::<Date>(&["2024-02-29", "2027-01-31"]);
        assert_eq!(
            "2027-01-31".parse::<Date>().unwrap().day(),
            jiff::civil::date(2027, 1, 31)
        );
        assert_eq!(
            refusal::<Date>("2027-02-29"),
            "`2027-02-29` is not a day of the calendar"
        );
        assert_eq!(
            refusal::<Date>("31.01.2027"),
            "`31.01.2027` is not a date of the form `2027-01-31`"
        );
        for text in [
            "",
            "2027-1-31",
            "20270131",
            "2027-01-31T00:00",
            "-2027-01-31",
            "+027-01-31",
            "2027-13-01",
            "2027-01-31-",
        ] {
            refusal::<Date>(text);
        }
        accepts::<DayTime>(&["00:00", "07:30", "23:59"]);
        assert_eq!("07:30".parse::<DayTime>().unwrap().minutes(), 450);
        assert_eq!(
            refusal::<DayTime>("24:00"),
            "`24:00` is not a time of day; write `\"00:00\"`"
        );
        assert_eq!(
            refusal::<DayTime>("7:30"),
            "`7:30` is not a time of day between `00:00` and `23:59`"
        );
        for text in ["", "450", "23:60", "0730", "+7:30", "07:30:00", "7.30"] {
            refusal::<DayTime>(text);
        }
    }
}
