//! Resource quantities: `quantity("1.5Gi")` and its functions.
//!
//! A quantity is exact to a billionth and capped at 63 bits, as on the server.

use std::cmp::Ordering;
use std::sync::Arc;

use super::{Call, Outcome, failed, overload};
use crate::cel::value::{Opaque, Value};

/// A quantity in billionths, and the whole number with a power of ten that the server keeps where it can: only such a
/// quantity is ever an integer to it.
#[derive(Debug, Clone, Copy)]
pub struct Quantity {
    billionths: i128,
    amount: Option<(i64, i32)>,
}

const ONE: i128 = 1_000_000_000;
const LARGEST: i128 = i64::MAX as i128 * ONE;

impl Quantity {
    /// Reads a quantity; the error is the server's sentence.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        const SHAPE: &str =
            "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
        const SUFFIX: &str = "unable to parse quantity's suffix";
        let negative = text.starts_with('-');
        let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
        let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
        let (whole, rest) = unsigned.split_at(digits(unsigned));
        let (fraction, suffix) = match rest.strip_prefix('.') {
            Some(rest) => rest.split_at(digits(rest)),
            None => ("", rest),
        };
        let exponent = suffix.trim_start_matches(|letter| "eEinumkKMGTP".contains(letter));
        let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        if text.is_empty() || digits(exponent) != exponent.len() {
            return Err(SHAPE);
        }
        let (two, ten) = scale(suffix).ok_or(SUFFIX)?;
        let whole = whole.trim_start_matches('0');
        let amount = amount(whole, fraction, two, ten);
        let amount = amount.map(|(value, scale)| (if negative { -value } else { value }, scale));
        let billionths = billionths(whole, fraction, two, ten);
        Ok(Self {
            billionths: if negative { -billionths } else { billionths },
            amount,
        })
    }

    fn whole(self) -> Option<i64> {
        match self.amount? {
            (value, scale @ 0..) => scaled(value, scale),
            _ => None,
        }
    }

    fn plus(self, other: Self) -> Self {
        let amount = match (self.amount, other.amount) {
            (Some(left), Some((0, _))) => Some(left),
            (Some((0, _)), Some(right)) => Some(right),
            (Some((left, left_scale)), Some((right, right_scale))) => {
                let least = left_scale.min(right_scale);
                let left = scaled(left, left_scale - least);
                let right = scaled(right, right_scale - least);
                left.zip(right)
                    .and_then(|(left, right)| left.checked_add(right))
                    .map(|sum| (sum, least))
            }
            _ => None,
        };
        Self {
            billionths: self.billionths.saturating_add(other.billionths),
            amount,
        }
    }

    fn negated(self) -> Self {
        Self {
            billionths: -self.billionths,
            amount: self.amount.map(|(value, scale)| (value.saturating_neg(), scale)),
        }
    }

    pub(in crate::cel) fn compare(&self, other: &Self) -> Ordering {
        self.billionths.cmp(&other.billionths)
    }
}

fn scaled(value: i64, scale: i32) -> Option<i64> {
    value.checked_mul(10_i64.checked_pow(u32::try_from(scale).ok()?)?)
}

/// The server's short form, for what has few digits.
fn amount(whole: &str, fraction: &str, two: u32, ten: i32) -> Option<(i64, i32)> {
    let length = whole.len().max(1) + fraction.len();
    let most = match two {
        0 => 18,
        _ if !fraction.is_empty() => return None,
        _ => 14_usize.checked_sub(usize::try_from(two).ok()? * 3)?,
    };
    let scale = ten.checked_sub(i32::try_from(fraction.len()).ok()?)?;
    if length > most || scale < -9 {
        return None;
    }
    let value: i64 = format!("0{whole}{fraction}").parse().ok()?;
    value
        .checked_mul(1024_i64.checked_pow(two)?)
        .map(|value| (value, scale))
}

/// The powers of 1024 and of ten that a suffix stands for.
fn scale(suffix: &str) -> Option<(u32, i32)> {
    let decimal = |power| Some((0, power));
    match suffix {
        "" => decimal(0),
        "n" => decimal(-9),
        "u" => decimal(-6),
        "m" => decimal(-3),
        "k" => decimal(3),
        "M" => decimal(6),
        "G" => decimal(9),
        "T" => decimal(12),
        "P" => decimal(15),
        "E" => decimal(18),
        "Ki" => Some((1, 0)),
        "Mi" => Some((2, 0)),
        "Gi" => Some((3, 0)),
        "Ti" => Some((4, 0)),
        "Pi" => Some((5, 0)),
        "Ei" => Some((6, 0)),
        _ => decimal(suffix.strip_prefix(['e', 'E'])?.parse().ok()?),
    }
}

/// Rounds up to a billionth, caps at the largest.
fn billionths(whole: &str, fraction: &str, two: u32, ten: i32) -> i128 {
    let digits = format!("{whole}{fraction}");
    let digits = digits.trim_start_matches('0');
    if digits.is_empty() {
        return 0;
    }
    let shift = i64::from(ten) + 9 - i64::try_from(fraction.len()).unwrap_or(i64::MAX);
    let length = i64::try_from(digits.len()).unwrap_or(i64::MAX);
    if length.saturating_add(shift) > 37 {
        return if two > 0 { LARGEST } else { i128::MAX / 4 };
    }
    if length.saturating_add(shift) < -20 {
        return 1;
    }
    let binary = 1024_i128.pow(two.min(6));
    let kept = digits.get(..digits.len().min(28)).unwrap_or(digits);
    let dropped = digits.len() - kept.len();
    let inexact = digits
        .get(kept.len()..)
        .is_some_and(|rest| rest.contains(|digit| digit != '0'));
    let shift = shift + i64::try_from(dropped).unwrap_or(0);
    let value: i128 = kept.parse().unwrap_or(i128::MAX);
    let power = u32::try_from(shift.unsigned_abs()).unwrap_or(u32::MAX);
    let power = 10_i128.checked_pow(power);
    let scaled = value.checked_mul(binary);
    let value = match (scaled, power) {
        (Some(value), Some(power)) if shift >= 0 => value.checked_mul(power).unwrap_or(LARGEST),
        (Some(value), Some(power)) => value / power + i128::from(value % power != 0 || inexact),
        (None, Some(power)) if shift < 0 => (value / power).saturating_mul(binary),
        (Some(_), None) if shift < 0 => 1,
        _ => LARGEST,
    };
    if two > 0 { value.min(LARGEST) } else { value }
}

pub(super) fn parse(_: &mut Call<'_>, arguments: &[Value]) -> Outcome {
    let [Value::String(text)] = arguments else {
        return overload("quantity", arguments);
    };
    match Quantity::parse(text) {
        Ok(quantity) => Ok(Value::Opaque(Opaque::Quantity(Arc::new(quantity)))),
        Err(message) => failed(message),
    }
}

pub(super) fn is(_: &mut Call<'_>, arguments: &[Value]) -> Outcome {
    match arguments {
        [Value::String(text)] => Ok(Value::Bool(Quantity::parse(text).is_ok())),
        _ => overload("isQuantity", arguments),
    }
}

pub(super) fn number(call: &mut Call<'_>, arguments: &[Value]) -> Outcome {
    let [Value::Opaque(Opaque::Quantity(quantity))] = arguments else {
        return overload(call.name, arguments);
    };
    match call.name {
        "sign" => Ok(Value::Int(quantity.billionths.signum() as i64)),
        "isInteger" => Ok(Value::Bool(quantity.whole().is_some())),
        "asApproximateFloat" => Ok(Value::Double(quantity.billionths as f64 / ONE as f64)),
        _ => match quantity.whole() {
            Some(number) => Ok(Value::Int(number)),
            None => failed("cannot convert value to integer"),
        },
    }
}

pub(super) fn add(call: &mut Call<'_>, arguments: &[Value]) -> Outcome {
    let (left, right) = match arguments {
        [
            Value::Opaque(Opaque::Quantity(left)),
            Value::Opaque(Opaque::Quantity(right)),
        ] => (**left, **right),
        [Value::Opaque(Opaque::Quantity(left)), Value::Int(right)] => {
            let billionths = i128::from(*right) * ONE;
            (
                **left,
                Quantity {
                    billionths,
                    amount: Some((*right, 0)),
                },
            )
        }
        _ => return overload(call.name, arguments),
    };
    let right = if call.name == "sub" { right.negated() } else { right };
    Ok(Value::Opaque(Opaque::Quantity(Arc::new(left.plus(right)))))
}

/// The comparisons that quantities and versions share.
pub(super) fn compare(call: &mut Call<'_>, arguments: &[Value]) -> Outcome {
    let order = match arguments {
        [
            Value::Opaque(Opaque::Quantity(left)),
            Value::Opaque(Opaque::Quantity(right)),
        ] => left.compare(right),
        [
            Value::Opaque(Opaque::Semver(left)),
            Value::Opaque(Opaque::Semver(right)),
        ] => left.compare(right),
        _ => return overload(call.name, arguments),
    };
    Ok(match call.name {
        "isGreaterThan" => Value::Bool(order == Ordering::Greater),
        "isLessThan" => Value::Bool(order == Ordering::Less),
        _ => Value::Int(order as i64),
    })
}
