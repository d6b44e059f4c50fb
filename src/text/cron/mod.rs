//! Schedules of five fields, read as Kubernetes reads a CronJob's (`robfig/cron` v3, `ParseStandard`).
//!
//! What is accepted here is accepted there and fires at the same minutes; the other spellings that operators want are
//! derived from it.

use super::duration::go_duration;
use super::{TextError, quoted};
use field::{DAY, HOUR, MINUTE, MONTH, STAR, WEEKDAY};

mod field;

super::text! {
    /// A schedule of five fields: minute, hour, day of the month, month, day of the week.
    pub struct Cron(String, Schedule);
    read: read,
    name: "formwork-cron",
    code: "bad-cron",
    pattern: r"^(@\S.*|\s*\S+(\s+\S+){4}\s*)$",
    example: "30 1 * * *",
    remedy: "write minute, hour, day, month and weekday, such as `30 1 * * *` for every night at 01:30",
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Schedule {
    Fields {
        minute: u64,
        hour: u64,
        day: u64,
        month: u64,
        weekday: u64,
    },
    Every {
        seconds: u64,
    },
}

impl Cron {
    /// Returns the five fields, with a descriptor such as `@daily` spelled out; `@every` has none.
    pub fn to_five_fields(&self) -> Option<String> {
        let fields: Vec<&str> = spelled_out(self.as_str())?.split_whitespace().collect();
        Some(fields.join(" "))
    }

    /// Returns the schedule for a reader that wants seconds first, such as a ScheduledBackup; `@every` stays as it is.
    ///
    /// That reader is `robfig/cron` v1, which takes `*/2` for a star when both days are given and so would fire less
    /// often than a CronJob; a range means the same to both.
    pub fn to_six_fields(&self) -> String {
        let Some(text) = spelled_out(self.as_str()) else {
            return self.as_str().to_owned();
        };
        let fields = text
            .split_whitespace()
            .enumerate()
            .map(|(position, field)| match position {
                2 => DAY.without_stepped_star(field),
                4 => WEEKDAY.without_stepped_star(field),
                _ => field.to_owned(),
            });
        std::iter::once("0".to_owned())
            .chain(fields)
            .collect::<Vec<_>>()
            .join(" ")
    }

    /// Returns the longest time between two firings in seconds, or nothing if it never fires, as on the 30th of
    /// February.
    ///
    /// Wall clock: the hour that a change of daylight saving time may add is not counted.
    pub fn longest_gap(&self) -> Option<u64> {
        let (minute, hour) = match self.1 {
            Schedule::Every { seconds } => return Some(seconds),
            Schedule::Fields { minute, hour, .. } => (minute, hour),
        };
        let of_the_day = |time: &u64| bit(hour, time / 60) && bit(minute, time % 60);
        let times: Vec<u64> = (0..24 * 60).filter(of_the_day).collect();
        let (first, last) = (times.first()?, times.last()?);
        let of_one_day = times.windows(2).filter_map(|pair| Some(pair.last()? - pair.first()?));
        let mut longest = of_one_day.max().unwrap_or(0);
        if self.falls_on_every_day() {
            return Some(longest.max(24 * 60 + first - last) * 60);
        }
        // Nine years hold three leap days; the schedule repeats after that, but for the century.
        let days = std::iter::successors(Some(jiff::civil::date(2024, 1, 1)), |date| date.tomorrow().ok());
        let days = days
            .take_while(|date| date.year() < 2033)
            .enumerate()
            .filter(|(_, date)| self.falls_on(*date));
        let days: Vec<u64> = days.map(|(position, _)| position as u64).collect();
        days.first()?;
        for (earlier, later) in days.iter().zip(days.iter().skip(1)) {
            longest = longest.max((later - earlier) * 24 * 60 + first - last);
        }
        Some(longest * 60)
    }

    fn falls_on_every_day(&self) -> bool {
        let all =
            |bits: u64, mut positions: std::ops::RangeInclusive<u64>| positions.all(|position| bit(bits, position));
        match self.1 {
            Schedule::Every { .. } => true,
            Schedule::Fields {
                day, month, weekday, ..
            } => all(day, 1..=31) && all(month, 1..=12) && all(weekday, 0..=6),
        }
    }

    fn falls_on(&self, date: jiff::civil::Date) -> bool {
        let Schedule::Fields {
            day, month, weekday, ..
        } = self.1
        else {
            return true;
        };
        let in_month = bit(month, date.month() as u64);
        let on_day = bit(day, date.day() as u64);
        let on_weekday = bit(weekday, date.weekday().to_sunday_zero_offset() as u64);
        // Two restricted days are alternatives.
        in_month
            && if (day | weekday) & STAR > 0 {
                on_day && on_weekday
            } else {
                on_day || on_weekday
            }
    }
}

fn bit(bits: u64, position: u64) -> bool {
    (bits >> position) & 1 > 0
}

fn read(text: &str) -> Result<Schedule, TextError> {
    if text.contains("TZ") {
        return Err(TextError::new(format!("{} names a time zone", quoted(text)))
            .help("give the time zone in a field of its own, beside the schedule"));
    }
    if let Some(duration) = text.strip_prefix("@every ") {
        let nanos = go_duration(duration)
            .ok_or_else(|| TextError::new(format!("{} is not a duration", quoted(duration))).help("write `1h30m`"))?;
        return Ok(Schedule::Every {
            seconds: u64::try_from(nanos / 1_000_000_000).unwrap_or(0).max(1),
        });
    }
    let Some(text) = spelled_out(text) else {
        return Err(TextError::new(format!("{} is not a known schedule", quoted(text)))
            .help("use `@hourly`, `@daily`, `@weekly`, `@monthly`, `@yearly` or five fields"));
    };
    let fields: Vec<&str> = text.split_whitespace().collect();
    let &[minute, hour, day, month, weekday] = fields.as_slice() else {
        let error = TextError::new(format!("{} has {} fields, not 5", quoted(text), fields.len()));
        return Err(if fields.len() == 6 {
            error.help("leave out the seconds, or the year")
        } else {
            error
        });
    };
    Ok(Schedule::Fields {
        minute: MINUTE.read(minute)?,
        hour: HOUR.read(hour)?,
        day: DAY.read(day)?,
        month: MONTH.read(month)?,
        weekday: WEEKDAY.read(weekday)?,
    })
}

/// Returns the fields of a descriptor, other texts as they are, and nothing for what has no fields.
fn spelled_out(text: &str) -> Option<&str> {
    match text {
        "@yearly" | "@annually" => Some("0 0 1 1 *"),
        "@monthly" => Some("0 0 1 * *"),
        "@weekly" => Some("0 0 * * 0"),
        "@daily" | "@midnight" => Some("0 0 * * *"),
        "@hourly" => Some("0 * * * *"),
        _ if text.starts_with('@') => None,
        _ => Some(text),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::tests::{accepts, refusal};
    use super::*;

    const DAY_SECONDS: u64 = 24 * 3600;

    fn cron(text: &str) -> Cron {
        text.parse().unwrap()
    }

    #[test]
    fn accepts_what_kubernetes_accepts() {
        accepts::<Cron>(&[
            "30 1 * * *",
            "*/15 0-6,22 1,15 JAN-mar MON-Fri",
            "0 0 ? * ?",
            " 0  0\t* * * ",
            "5/15 * * * *",
            "@hourly",
            "@every 1h30m",
            "@every -1s",
            "0 0 30 2 *",
            "0,,30 0 * * *",
            "+5 0 * * *",
            "*-x 0 * * *",
            ", 0 * * *",
        ]);
    }

    #[test]
    fn refusals_say_which_field() {
        let refusals = [
            ("", "`` has 0 fields, not 5"),
            ("0 0 * *", "`0 0 * *` has 4 fields, not 5"),
            (
                "0 0 1 * * *",
                "`0 0 1 * * *` has 6 fields, not 5; leave out the seconds, or the year",
            ),
            ("60 0 * * *", "the minute `60` is not within 0 and 59"),
            ("0 24 * * *", "the hour `24` is not within 0 and 23"),
            ("0 0 0 * *", "the day of the month `0` is not within 1 and 31"),
            (
                "0 0 * * 7",
                "the day of the week `7` is not within 0 and 6; write Sunday as `0`",
            ),
            ("0 0 * * 5-1", "the day of the week `5-1` ends before it begins"),
            ("*/0 * * * *", "the minute `*/0` has the step zero"),
            ("*/x * * * *", "the minute `*/x` has a step that is not a number"),
            ("1/2/3 * * * *", "the minute `1/2/3` has more than one step"),
            ("1-2-3 * * * *", "the minute `1-2-3` has more than one `-`"),
            (
                "0 0 * FEBRUARY *",
                "the month `FEBRUARY` is neither a number nor a name such as `jan`",
            ),
            (
                "0 0 L * *",
                "the day of the month `L` is not a number; Kubernetes knows no `L` or `W`; name the days themselves",
            ),
            (
                "@never",
                "`@never` is not a known schedule; use `@hourly`, `@daily`, `@weekly`, `@monthly`, `@yearly` or five fields",
            ),
            ("@every 1d", "`1d` is not a duration; write `1h30m`"),
            (
                "TZ=Europe/Berlin 0 0 * * *",
                "`TZ=Europe/Berlin 0 0 * * *` names a time zone; give the time zone in a field of its own, beside the schedule",
            ),
        ];
        for (text, message) in refusals {
            assert_eq!(refusal::<Cron>(text), message);
        }
        for text in [
            "0 0 * * 1#2",
            "0 0 15W * *",
            " @daily",
            "0 0 - * *",
            "*/-5 * * * *",
            "1.5 * * * *",
        ] {
            refusal::<Cron>(text);
        }
    }

    #[test]
    fn other_readers_get_their_spelling() {
        assert_eq!(cron("30  1 * * *").to_six_fields(), "0 30 1 * * *");
        assert_eq!(cron("@weekly").to_six_fields(), "0 0 0 * * 0");
        assert_eq!(cron("@every 6h").to_six_fields(), "@every 6h");
        assert_eq!(cron("*/5 */2 */2,9 * */1").to_six_fields(), "0 */5 */2 1-31/2,9 * */1");
        assert_eq!(cron("0 0 1 * */2").to_six_fields(), "0 0 0 1 * 0-6/2");
        assert_eq!(cron("@daily").to_five_fields().as_deref(), Some("0 0 * * *"));
        assert_eq!(cron("@every 6h").to_five_fields(), None);
    }

    #[test]
    fn gaps_are_the_longest() {
        let gaps = [
            ("30 1 * * *", Some(DAY_SECONDS)),
            ("* * * * *", Some(60)),
            ("*/7 * * * *", Some(420)),
            ("0 0,6 * * *", Some(18 * 3600)),
            ("0 3 * * 1-5", Some(3 * DAY_SECONDS)),
            ("0 0 1 * *", Some(31 * DAY_SECONDS)),
            ("0 0 31 * *", Some(61 * DAY_SECONDS)),
            ("0 0 1 1 *", Some(366 * DAY_SECONDS)),
            ("0 0 29 2 *", Some(1461 * DAY_SECONDS)),
            ("0 0 30 2 *", None),
            ("0 0 13 * 5", Some(7 * DAY_SECONDS)),
            (", * * * *", None),
            ("@hourly", Some(3600)),
            ("@every 90m30s", Some(5430)),
            ("@every 1ms", Some(1)),
        ];
        for (text, gap) in gaps {
            assert_eq!(cron(text).longest_gap(), gap, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_accepted_schedule_has_an_answer(text in "([0-9*?,/-]{1,5}|[A-Za-z]{3}) ([0-9*]{1,2}) ([0-9*]{1,2}) [*] [*0-6]") {
            if let Ok(cron) = text.parse::<Cron>() {
                let started = std::time::Instant::now();
                prop_assert!(cron.longest_gap().is_none_or(|gap| gap >= 60));
                prop_assert!(started.elapsed().as_millis() < 1000);
                prop_assert!(cron.to_six_fields().starts_with("0 "));
            }
        }
    }
}
