//! Schedules as the library reads them that most operators use, `robfig/cron`.
//!
//! The messages are the library's; which fields there are differs by program.

use crate::text::go_duration;

/// How a program set the library up.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    /// Version 1 with seconds first and an optional weekday, as CloudNativePG reads a ScheduledBackup.
    Seconds,
    /// Version 3 with five fields and no descriptors, as KEDA reads a window of time and Argo CD a sync window.
    Fields,
}

/// A field: its name, its least and its greatest value, and names of values.
struct Field(u64, u64, &'static [&'static str]);

const SECOND: Field = Field(0, 59, &[]);
const MINUTE: Field = Field(0, 59, &[]);
const HOUR: Field = Field(0, 23, &[]);
const DAY: Field = Field(1, 31, &[]);
const MONTH: Field = Field(
    1,
    12,
    &[
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ],
);
const WEEKDAY: Field = Field(0, 6, &["sun", "mon", "tue", "wed", "thu", "fri", "sat"]);

/// Returns why the library refuses a schedule.
pub(super) fn refusal(text: &str, dialect: Dialect) -> Option<String> {
    let message = match dialect {
        Dialect::Seconds => seconds(text),
        Dialect::Fields => fields(text),
    }
    .err()?;
    Some(match dialect {
        // The first version began its messages with a capital.
        Dialect::Seconds => capitalised(&message),
        Dialect::Fields => message,
    })
}

fn seconds(text: &str) -> Result<(), String> {
    if text.is_empty() {
        return Err("empty spec string".to_owned());
    }
    if text.starts_with('@') {
        return descriptor(text);
    }
    let fields: Vec<&str> = text.split_whitespace().collect();
    if !(5..=6).contains(&fields.len()) {
        return Err(format!("expected 5 to 6 fields, found {}: {text}", fields.len()));
    }
    each(&fields, &[SECOND, MINUTE, HOUR, DAY, MONTH, WEEKDAY])
}

fn fields(text: &str) -> Result<(), String> {
    if text.is_empty() {
        return Err("empty spec string".to_owned());
    }
    let mut text = text;
    if let Some(zone) = text.strip_prefix("TZ=").or_else(|| text.strip_prefix("CRON_TZ=")) {
        let (name, rest) = zone.split_once(' ').ok_or_else(|| format!("bad location {zone}"))?;
        if jiff::tz::TimeZone::get(name).is_err() && !matches!(name, "" | "Local") {
            return Err(format!("provided bad location {name}: unknown time zone {name}"));
        }
        text = rest.trim();
    }
    if text.starts_with('@') {
        return Err(format!("parser does not accept descriptors: {text}"));
    }
    let fields: Vec<&str> = text.split_whitespace().collect();
    if fields.len() != 5 {
        return Err(format!(
            "expected exactly 5 fields, found {}: [{}]",
            fields.len(),
            fields.join(" ")
        ));
    }
    each(&fields, &[MINUTE, HOUR, DAY, MONTH, WEEKDAY])
}

fn descriptor(text: &str) -> Result<(), String> {
    match text {
        "@yearly" | "@annually" | "@monthly" | "@weekly" | "@daily" | "@midnight" | "@hourly" => Ok(()),
        _ => match text.strip_prefix("@every ") {
            Some(every) if go_duration(every).is_some() => Ok(()),
            Some(every) => Err(format!(
                "failed to parse duration {text}: time: invalid duration \"{every}\""
            )),
            None => Err(format!("unrecognized descriptor: {text}")),
        },
    }
}

fn each(texts: &[&str], fields: &[Field]) -> Result<(), String> {
    texts.iter().zip(fields).try_for_each(|(text, field)| {
        let mut ranges = text.split(',').filter(|range| !range.is_empty());
        ranges.try_for_each(|range| field.range(range))
    })
}

impl Field {
    fn range(&self, text: &str) -> Result<(), String> {
        let (range, step) = match text.split_once('/') {
            Some((range, step)) => (range, Some(step)),
            None => (text, None),
        };
        let (low, high) = match range.split_once('-') {
            Some((low, high)) => (low, Some(high)),
            None => (range, None),
        };
        let (first, mut last) = match high {
            _ if matches!(low, "*" | "?") => (self.0, self.1),
            Some(high) if high.contains('-') => return Err(format!("too many hyphens: {text}")),
            Some(high) => (self.value(low)?, self.value(high)?),
            None => (self.value(low)?, self.value(low)?),
        };
        let step = match step {
            Some(step) if step.contains('/') => return Err(format!("too many slashes: {text}")),
            Some(step) => integer(step)?,
            None => 1,
        };
        if text.contains('/') && high.is_none() {
            last = self.1;
        }
        if first < self.0 {
            return Err(format!(
                "beginning of range ({first}) below minimum ({}): {text}",
                self.0
            ));
        }
        if last > self.1 {
            return Err(format!("end of range ({last}) above maximum ({}): {text}", self.1));
        }
        if first > last {
            return Err(format!(
                "beginning of range ({first}) beyond end of range ({last}): {text}"
            ));
        }
        if step == 0 {
            return Err(format!("step of range should be a positive number: {text}"));
        }
        Ok(())
    }

    fn value(&self, text: &str) -> Result<u64, String> {
        let named = self.2.iter().position(|name| name.eq_ignore_ascii_case(text));
        match named.and_then(|position| u64::try_from(position).ok()) {
            Some(position) => Ok(self.0 + position),
            None => integer(text),
        }
    }
}

fn integer(text: &str) -> Result<u64, String> {
    let number: i64 = text
        .parse()
        .map_err(|_| format!("failed to parse int from {text}: strconv.Atoi: parsing {text:?}: invalid syntax"))?;
    u64::try_from(number).map_err(|_| format!("negative number ({number}) not allowed: {text}"))
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters
        .next()
        .map(|first| first.to_ascii_uppercase().to_string() + letters.as_str())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schedules_are_read_as_the_library_reads_them() {
        for text in [
            "0 30 1 * * *",
            "0 30 1 * *",
            "@daily",
            "@every 1h",
            "0 0/5 * ? JAN-mar sun",
        ] {
            assert_eq!(refusal(text, Dialect::Seconds), None, "{text}");
        }
        for text in [
            "30 1 * * *",
            "0 22 * * 1-5",
            "*/5 8-18/2 1,15 * SAT",
            "TZ=Europe/Berlin 0 8 * * *",
        ] {
            assert_eq!(refusal(text, Dialect::Fields), None, "{text}");
        }
    }

    #[test]
    fn the_messages_are_the_librarys() {
        let said = |text, dialect| refusal(text, dialect).unwrap();
        assert_eq!(
            said("30 1 * *", Dialect::Seconds),
            "Expected 5 to 6 fields, found 4: 30 1 * *"
        );
        assert_eq!(
            said("60 * * * * *", Dialect::Seconds),
            "End of range (60) above maximum (59): 60"
        );
        assert_eq!(
            said("@daily", Dialect::Fields),
            "parser does not accept descriptors: @daily"
        );
        assert_eq!(
            said("0 0 1 * *  *", Dialect::Fields),
            "expected exactly 5 fields, found 6: [0 0 1 * * *]"
        );
        assert_eq!(
            said("0 8-3 * * *", Dialect::Fields),
            "beginning of range (8) beyond end of range (3): 8-3"
        );
        assert_eq!(
            said("x * * * *", Dialect::Fields),
            "failed to parse int from x: strconv.Atoi: parsing \"x\": invalid syntax"
        );
    }
}
