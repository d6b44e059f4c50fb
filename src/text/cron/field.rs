//! One field of a schedule, read item by item.
//!
//! Every oddity of the original is kept: empty items, signs, and what may follow a star.

use super::super::{TextError, quoted};

/// The bit that marks a field with a star: such a field does not restrict the day.
pub(super) const STAR: u64 = 1 << 63;

/// The range of a field and the names of its values, the first of which stands for the least.
pub(super) struct Field {
    what: &'static str,
    least: u64,
    greatest: u64,
    names: &'static [&'static str],
}

pub(super) const MINUTE: Field = Field {
    what: "minute",
    least: 0,
    greatest: 59,
    names: &[],
};
pub(super) const HOUR: Field = Field {
    what: "hour",
    least: 0,
    greatest: 23,
    names: &[],
};
pub(super) const DAY: Field = Field {
    what: "day of the month",
    least: 1,
    greatest: 31,
    names: &[],
};
pub(super) const MONTH: Field = Field {
    what: "month",
    least: 1,
    greatest: 12,
    names: &[
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ],
};
pub(super) const WEEKDAY: Field = Field {
    what: "day of the week",
    least: 0,
    greatest: 6,
    names: &["sun", "mon", "tue", "wed", "thu", "fri", "sat"],
};

impl Field {
    /// Returns the values of a field as bits.
    pub(super) fn read(&self, text: &str) -> Result<u64, TextError> {
        // Empty items are skipped by the server, too, even if there is no other.
        text.split(',')
            .filter(|item| !item.is_empty())
            .try_fold(0, |bits, item| Ok(bits | self.range(item)?))
    }

    /// Returns a field that spells a star with a step as a range.
    pub(super) fn without_stepped_star(&self, text: &str) -> String {
        let items = text.split(',').map(|item| match item.split_once('/') {
            Some((range, step)) if is_star(range) && number(step) != Some(1) => {
                format!("{}-{}/{step}", self.least, self.greatest)
            }
            _ => item.to_owned(),
        });
        items.collect::<Vec<_>>().join(",")
    }

    fn range(&self, text: &str) -> Result<u64, TextError> {
        let wrong = |what: &str| TextError::new(format!("the {} {} {what}", self.what, quoted(text)));
        let (range, step) = match text.split_once('/') {
            Some((range, step)) => (range, Some(step)),
            None => (text, None),
        };
        if step.is_some_and(|step| step.contains('/')) {
            return Err(wrong("has more than one step"));
        }
        let (low, high) = match range.split_once('-') {
            Some((low, high)) => (low, Some(high)),
            None => (range, None),
        };
        let star = is_star(range);
        let (first, last) = match high {
            _ if star => (self.least, self.greatest),
            Some(high) if high.contains('-') => return Err(wrong("has more than one `-`")),
            Some(high) => (self.value(low)?, self.value(high)?),
            None if step.is_some() => (self.value(low)?, self.greatest),
            None => (self.value(low)?, self.value(low)?),
        };
        let step = step.map_or(Ok(1), |step| {
            number(step).ok_or_else(|| wrong("has a step that is not a number"))
        })?;
        if first < self.least || last > self.greatest {
            let error = wrong(&format!("is not within {} and {}", self.least, self.greatest));
            let sunday = self.names.first() == Some(&"sun") && last == 7;
            return Err(if sunday {
                error.help("write Sunday as `0`")
            } else {
                error
            });
        }
        if first > last {
            return Err(wrong("ends before it begins"));
        }
        if step == 0 {
            return Err(wrong("has the step zero"));
        }
        let step = usize::try_from(step).unwrap_or(usize::MAX);
        let bits = (first..=last).step_by(step).fold(0, |bits, value| bits | 1 << value);
        Ok(if star && step == 1 { bits | STAR } else { bits })
    }

    fn value(&self, text: &str) -> Result<u64, TextError> {
        if let Some(position) = self.names.iter().position(|name| name.eq_ignore_ascii_case(text)) {
            return Ok(self.least + position as u64);
        }
        number(text).ok_or_else(|| {
            let what = match self.names.first() {
                Some(name) => format!("is neither a number nor a name such as `{name}`"),
                None => "is not a number".to_owned(),
            };
            let error = TextError::new(format!("the {} {} {what}", self.what, quoted(text)));
            let letters = text.trim_start_matches(|letter: char| letter.is_ascii_digit());
            match letters {
                "L" | "W" | "LW" => error.help("Kubernetes knows no `L` or `W`; name the days themselves"),
                _ if letters.starts_with('#') => error.help("Kubernetes knows no `#`; name the days themselves"),
                _ => error,
            }
        })
    }
}

/// Returns whether a range is a star; what follows a hyphen then has no meaning, and is allowed.
fn is_star(range: &str) -> bool {
    matches!(range.split('-').next(), Some("*" | "?"))
}

/// Reads a number as Go's `Atoi` does, sign included.
fn number(text: &str) -> Option<u64> {
    text.parse::<i64>().ok()?.try_into().ok()
}
