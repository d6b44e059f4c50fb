//! Lengths of time: durations in Go's spelling, and how long backups are kept.
//!
//! An accepted duration means the same to every program that reads the output, so only what they share is accepted.

use super::{TextError, quoted};

super::text! {
    /// A duration in hours, minutes and seconds, which Flux, Argo CD and Prometheus all read alike.
    pub struct Duration(String, u64);
    read: duration,
    name: "formwork-duration",
    code: "bad-duration",
    pattern: "^([0-9]+h)?([0-9]+m)?([0-9]+s)?([0-9]+ms)?$",
    example: "1h30m",
    remedy: "write hours, minutes and seconds, such as `90s`, `10m` or `1h30m`",
}

super::text! {
    /// How long something is kept, in days, weeks or months.
    pub struct Retention(String, u64);
    read: retention,
    name: "formwork-retention",
    code: "bad-duration",
    pattern: "^[1-9][0-9]*[dwm]$",
    example: "30d",
    remedy: "write a number of days, weeks or months, such as `30d`, `4w` or `6m`",
}

impl Duration {
    /// Returns the duration in seconds, a fraction rounded up.
    pub fn seconds(&self) -> u64 {
        self.1.div_ceil(1000)
    }

    /// Returns the duration in thousandths of a second.
    pub fn millis(&self) -> u64 {
        self.1
    }
}

impl Retention {
    /// Returns the days; a month has 31, as in Barman.
    pub fn days(&self) -> u64 {
        self.1
    }
}

fn duration(text: &str) -> Result<u64, TextError> {
    let shown = quoted(text);
    if text.is_empty() {
        return Err(TextError::new("the duration is empty"));
    }
    let mut units = [("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)].into_iter();
    let mut rest = text;
    let mut millis = 0_u64;
    while !rest.is_empty() {
        let end = rest.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(rest.len());
        let (number, tail) = rest.split_at(end);
        let end = tail.find(|letter: char| !letter.is_alphabetic()).unwrap_or(tail.len());
        let (unit, tail) = tail.split_at(end);
        let Some((_, scale)) = units.find(|(name, _)| *name == unit && !number.is_empty()) else {
            return Err(bad_duration(text, number, unit, &shown));
        };
        let part = number.parse::<u64>().ok().and_then(|number| number.checked_mul(scale));
        let sum = part
            .and_then(|part| millis.checked_add(part))
            .filter(|sum| *sum <= LONGEST_MILLIS);
        millis = sum.ok_or_else(|| TextError::new(format!("{shown} is longer than 292 years")))?;
        rest = tail;
    }
    Ok(millis)
}

/// What fits into Go's nanoseconds.
const LONGEST_MILLIS: u64 = i64::MAX as u64 / 1_000_000;

fn bad_duration(text: &str, number: &str, unit: &str, shown: &str) -> TextError {
    if unit.is_empty() && number == text {
        return TextError::new(format!("{shown} has no unit")).help(format!("write `{number}s` or `{number}m`"));
    }
    let error = TextError::new(match unit {
        "" => format!("{shown} is not made of whole numbers and units"),
        "h" | "m" | "s" | "ms" => format!("{shown} is not in the order hours, minutes, seconds"),
        _ => format!(
            "{shown} has the unit {}, not one of `h`, `m`, `s` and `ms`",
            quoted(unit)
        ),
    });
    let hours = match unit {
        "d" => number.parse::<u64>().ok().and_then(|days| days.checked_mul(24)),
        "w" => number.parse::<u64>().ok().and_then(|weeks| weeks.checked_mul(7 * 24)),
        _ => None,
    };
    match hours {
        Some(hours) => error.help(format!("write `{hours}h`")),
        None => error,
    }
}

fn retention(text: &str) -> Result<u64, TextError> {
    let error = || TextError::new(format!("{} is not a number of days, weeks or months", quoted(text)));
    let days = match text.chars().last() {
        Some('d') => 1,
        Some('w') => 7,
        Some('m') => 31,
        _ => return Err(error()),
    };
    let number = text.strip_suffix(['d', 'w', 'm']).unwrap_or_default();
    if number.starts_with('0') || !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(error());
    }
    let days = number.parse::<u64>().ok().and_then(|number| number.checked_mul(days));
    days.filter(|days| *days <= 36_600).ok_or_else(|| match number {
        "" => error(),
        _ => TextError::new(format!("{} is longer than a century", quoted(text))),
    })
}

/// Reads a duration as Go's `time.ParseDuration` does and returns its nanoseconds.
pub(crate) fn go_duration(text: &str) -> Option<i64> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let mut rest = unsigned;
    let mut total = 0_u64;
    while !rest.is_empty() && unsigned != "0" {
        let (whole, tail) = digits(rest);
        let (fraction, tail) = match tail.strip_prefix('.') {
            Some(tail) => digits(tail),
            None => ("", tail),
        };
        let end = tail
            .find(|letter: char| letter == '.' || letter.is_ascii_digit())
            .unwrap_or(tail.len());
        let (unit, tail) = tail.split_at(end);
        let scale = scale(unit).filter(|_| !whole.is_empty() || !fraction.is_empty())?;
        let whole: u64 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
        let part = whole.checked_mul(scale)?.checked_add(fraction_of(fraction, scale))?;
        total = total.checked_add(part).filter(|total| *total <= 1 << 63)?;
        rest = tail;
    }
    let negative = text.starts_with('-');
    match i64::try_from(total) {
        _ if unsigned.is_empty() => None,
        Ok(total) => Some(if negative { -total } else { total }),
        Err(_) => negative.then_some(i64::MIN),
    }
}

fn digits(text: &str) -> (&str, &str) {
    text.split_at(text.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(text.len()))
}

fn scale(unit: &str) -> Option<u64> {
    match unit {
        "ns" => Some(1),
        "us" | "µs" | "μs" => Some(1000),
        "ms" => Some(1_000_000),
        "s" => Some(1_000_000_000),
        "m" => Some(60_000_000_000),
        "h" => Some(3_600_000_000_000),
        _ => None,
    }
}

/// Returns a fraction of a unit, rounded down; digits beyond the 18th cannot make a nanosecond.
fn fraction_of(digits: &str, scale: u64) -> u64 {
    let digits: String = digits.chars().take(18).collect();
    let fraction =
        u128::from(digits.parse::<u64>().unwrap_or(0)) * u128::from(scale) / 10_u128.pow(digits.len() as u32);
    u64::try_from(fraction).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::super::tests::{accepts, refusal};
    use super::*;

    #[test]
    fn durations_are_read_by_all() {
        accepts::<Duration>(&["90s", "10m", "1h30m", "240h", "500ms", "0s", "1h0m5s"]);
        let duration: Duration = "1h30m5s1ms".parse().unwrap();
        assert_eq!((duration.seconds(), duration.millis()), (5406, 5_405_001));
        assert_eq!(
            refusal::<Duration>("1d"),
            "`1d` has the unit `d`, not one of `h`, `m`, `s` and `ms`; write `24h`"
        );
        assert_eq!(
            refusal::<Duration>("2w"),
            "`2w` has the unit `w`, not one of `h`, `m`, `s` and `ms`; write `336h`"
        );
        assert_eq!(refusal::<Duration>("90"), "`90` has no unit; write `90s` or `90m`");
        assert_eq!(
            refusal::<Duration>("30m1h"),
            "`30m1h` is not in the order hours, minutes, seconds"
        );
        assert_eq!(
            refusal::<Duration>("1.5h"),
            "`1.5h` is not made of whole numbers and units"
        );
        assert_eq!(refusal::<Duration>("9999999h"), "`9999999h` is longer than 292 years");
        for text in [
            "",
            "-1h",
            "+1h",
            "1h 30m",
            "h",
            "1h1h",
            "1µs",
            "1H",
            "99999999999999999999s",
            "1h3",
        ] {
            refusal::<Duration>(text);
        }
    }

    #[test]
    fn retentions_are_whole_days() {
        let days = |text: &str| text.parse::<Retention>().unwrap().days();
        assert_eq!((days("30d"), days("4w"), days("6m")), (30, 28, 186));
        assert_eq!(
            refusal::<Retention>("30"),
            "`30` is not a number of days, weeks or months"
        );
        assert_eq!(
            refusal::<Retention>("99999999999999999999d"),
            "`99999999999999999999d` is longer than a century"
        );
        for text in ["", "d", "0d", "030d", "+3d", "1y", "1D", "3d "] {
            refusal::<Retention>(text);
        }
    }

    #[test]
    fn go_reads_more_than_we_accept() {
        assert_eq!(go_duration("1h30m"), Some(5_400_000_000_000));
        assert_eq!(go_duration("-1.5h.5s1µs"), Some(-5_400_500_001_000));
        assert_eq!(go_duration("0"), Some(0));
        assert_eq!(go_duration("-2562047h47m16.854775808s"), Some(i64::MIN));
        for text in [
            "",
            "+",
            ".s",
            "1",
            "1d",
            "1h ",
            "00",
            "2562047h47m16.854775808s",
            "99999999999999999999h",
        ] {
            assert_eq!(go_duration(text), None, "{text}");
        }
    }
}
