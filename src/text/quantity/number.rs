//! The number inside a quantity: exact decimal digits, read and spelled by the server's rules.
//!
//! Digits are kept as digits, since the server computes without limit and a machine word would round or overflow.

use super::Quantity;

/// The server's words for a text that is no quantity at all.
const BAD_FORMAT: &str = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
/// The server's words for a suffix that it does not know.
pub(super) const BAD_SUFFIX: &str = "unable to parse quantity's suffix";
/// The server's words for a quantity without any digit.
pub(super) const BAD_NUMBER: &str = "unable to parse numeric part of quantity";

/// Nano-units in one unit; nothing finer is kept.
pub(super) const NANO: i128 = 1_000_000_000;
/// The largest quantity with a binary suffix; the server cuts greater ones down to it.
const LARGEST: i128 = i64::MAX as i128;

/// How a quantity is spelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Notation {
    Decimal,
    Binary,
    Exponent,
}

/// Reads a quantity; the error is the server's message.
pub(super) fn read(text: &str) -> Result<Quantity, &'static str> {
    let parts = split(text).ok_or(BAD_FORMAT)?;
    let (notation, exponent) = scale(parts.suffix).ok_or(BAD_SUFFIX)?;
    let quick = parts.is_quick(notation, exponent);
    if parts.whole.is_empty() && parts.fraction.is_empty() && !quick {
        // The server takes a number without digits for zero, but only where it does not need its decimal library.
        return Err(BAD_NUMBER);
    }
    let mut number = Number::new(parts.whole, parts.fraction);
    match notation {
        Notation::Binary => number.times_1024(exponent / 10),
        Notation::Decimal | Notation::Exponent => number.exponent += exponent,
    }
    number.round_up_to_nanos();
    let nanos = match notation {
        Notation::Binary => number.nanos().min(LARGEST * NANO),
        Notation::Decimal | Notation::Exponent => number.nanos(),
    };
    let nanos = if parts.negative { -nanos } else { nanos };
    let text = match notation {
        _ if nanos == 0 => "0".to_owned(),
        _ if quick && parts.are_kept(notation, exponent) => text.to_owned(),
        Notation::Binary => spell(nanos, notation),
        Notation::Decimal | Notation::Exponent => number.spell(parts.negative, notation),
    };
    Ok(Quantity { text, nanos, notation })
}

/// A text taken apart.
struct Parts<'a> {
    negative: bool,
    whole: &'a str,
    fraction: &'a str,
    suffix: &'a str,
}

fn split(text: &str) -> Option<Parts<'_>> {
    if text.is_empty() {
        return None;
    }
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (whole, rest) = split_digits(unsigned);
    let (fraction, suffix) = match rest.strip_prefix('.') {
        Some(rest) => split_digits(rest),
        None => ("", rest),
    };
    let exponent = suffix.trim_start_matches(|letter| "eEinumkKMGTP".contains(letter));
    let digits = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    let well_formed = digits.bytes().all(|byte| byte.is_ascii_digit());
    well_formed.then_some(Parts {
        negative: text.starts_with('-'),
        whole,
        fraction,
        suffix,
    })
}

fn split_digits(text: &str) -> (&str, &str) {
    let end = text.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(text.len());
    text.split_at(end)
}

/// Returns the notation of a suffix and its exponent: of ten, or of two if the notation is binary.
fn scale(suffix: &str) -> Option<(Notation, i64)> {
    let decimal = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"];
    if let Some(position) = decimal.iter().position(|known| *known == suffix) {
        return Some((Notation::Decimal, 3 * position as i64 - 9));
    }
    let binary = ["Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
    if let Some(position) = binary.iter().position(|known| *known == suffix) {
        return Some((Notation::Binary, 10 * position as i64 + 10));
    }
    let exponent: i64 = suffix.strip_prefix(['e', 'E'])?.parse().ok()?;
    // The server keeps 32 bits of the exponent, whatever they then say.
    Some((Notation::Exponent, i64::from(exponent as i32)))
}

impl Parts<'_> {
    /// Returns the digits as the server counts them: at least one before the point, no needless zeros in front.
    fn digits(&self) -> String {
        match self.whole.trim_start_matches('0') {
            "" => format!("0{}", self.fraction),
            whole => format!("{whole}{}", self.fraction),
        }
    }

    /// Returns whether the server reads the number into a machine word.
    fn is_quick(&self, notation: Notation, exponent: i64) -> bool {
        let length = self.digits().len() as i64;
        match notation {
            Notation::Binary => self.fraction.is_empty() && length + exponent * 3 / 10 < 15,
            Notation::Decimal | Notation::Exponent => length <= 18 && exponent - self.fraction.len() as i64 >= -9,
        }
    }

    /// Returns whether the server keeps such a number as it was typed, which it does to what it takes for canonical.
    fn are_kept(&self, notation: Notation, exponent: i64) -> bool {
        let digits = self.digits();
        match notation {
            Notation::Binary => digits.parse::<i64>().is_ok_and(|value| value % 8 != 0),
            Notation::Decimal | Notation::Exponent => {
                let scale = exponent - self.fraction.len() as i64;
                scale % 3 == 0 && !digits.starts_with('0') && !digits.ends_with("000")
            }
        }
    }
}

/// A number without sign: its digits, most significant first and without leading zeros, times a power of ten.
struct Number {
    digits: Vec<u8>,
    exponent: i64,
}

impl Number {
    fn new(whole: &str, fraction: &str) -> Self {
        let digits = whole.bytes().chain(fraction.bytes()).map(|digit| digit - b'0');
        Self {
            digits: digits.skip_while(|digit| *digit == 0).collect(),
            exponent: -(fraction.len() as i64),
        }
    }

    fn times_1024(&mut self, times: i64) {
        for _ in 0..times {
            let mut carry = 0_u32;
            for digit in self.digits.iter_mut().rev() {
                carry += u32::from(*digit) * 1024;
                *digit = (carry % 10) as u8;
                carry /= 10;
            }
            self.push_front(carry);
        }
    }

    fn push_front(&mut self, mut value: u32) {
        while value > 0 {
            self.digits.insert(0, (value % 10) as u8);
            value /= 10;
        }
    }

    fn round_up_to_nanos(&mut self) {
        if self.exponent >= -9 || self.digits.is_empty() {
            return;
        }
        let dropped = usize::try_from(-9 - self.exponent)
            .unwrap_or(usize::MAX)
            .min(self.digits.len());
        let inexact = self.digits.drain(self.digits.len() - dropped..).any(|digit| digit > 0);
        self.exponent = -9;
        if !inexact {
            return;
        }
        for digit in self.digits.iter_mut().rev() {
            *digit = (*digit + 1) % 10;
            if *digit > 0 {
                return;
            }
        }
        self.push_front(1);
    }

    /// Returns the number in nano-units, the greatest that there is if it is greater.
    fn nanos(&self) -> i128 {
        if self.digits.is_empty() {
            return 0;
        }
        let zeros = usize::try_from(self.exponent + 9).unwrap_or(usize::MAX);
        if self.digits.len().saturating_add(zeros) > 38 {
            return i128::MAX;
        }
        let digits = self.digits.iter().copied().chain(std::iter::repeat_n(0, zeros));
        digits.fold(0, |value, digit| value * 10 + i128::from(digit))
    }

    /// Returns the canonical text: whole digits and the greatest exponent that is a multiple of three.
    fn spell(&self, negative: bool, notation: Notation) -> String {
        let zeros = self.digits.iter().rev().take_while(|digit| **digit == 0).count();
        let exponent = self.exponent + zeros as i64;
        let padding = exponent.rem_euclid(3);
        let digits = self.digits.iter().rev().skip(zeros).rev().copied();
        let digits = digits
            .chain((0..padding).map(|_| 0))
            .map(|digit| char::from(b'0' + digit));
        let mut text: String = negative.then_some('-').into_iter().chain(digits).collect();
        match exponent - padding {
            0 => {}
            exponent if notation == Notation::Exponent => text.push_str(&format!("e{exponent}")),
            // The server has no suffix beyond `E` and silently writes none; so the amount is lost there, too.
            exponent => text.push_str(decimal_suffix(exponent)),
        }
        text
    }
}

fn decimal_suffix(exponent: i64) -> &'static str {
    match exponent {
        -9 => "n",
        -6 => "u",
        -3 => "m",
        3 => "k",
        6 => "M",
        9 => "G",
        12 => "T",
        15 => "P",
        18 => "E",
        _ => "",
    }
}

/// Returns the canonical text of an amount.
pub(super) fn spell(nanos: i128, notation: Notation) -> String {
    if nanos == 0 {
        return "0".to_owned();
    }
    let mut units = nanos / NANO;
    // Below 1Ki, and where a unit would have to be broken, the server changes to decimal.
    let binary = notation == Notation::Binary && nanos % NANO == 0 && units.abs() >= 1024;
    if !binary {
        let notation = if notation == Notation::Binary {
            Notation::Decimal
        } else {
            notation
        };
        let number = Number {
            exponent: -9,
            ..Number::new(&nanos.unsigned_abs().to_string(), "")
        };
        return number.spell(nanos < 0, notation);
    }
    let mut suffixes = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"].into_iter();
    let mut suffix = suffixes.next();
    while units % 1024 == 0 && suffixes.len() > 0 {
        units /= 1024;
        suffix = suffixes.next();
    }
    format!("{units}{}", suffix.unwrap_or_default())
}
