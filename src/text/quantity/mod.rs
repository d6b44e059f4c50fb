//! Amounts of CPU, memory and storage, read and printed as `k8s.io/apimachinery` does (`api/resource`).
//!
//! A quantity prints as the API server would store it, so a manifest and its live object never differ in spelling.

use std::cmp::Ordering;
use std::iter::Sum;
use std::ops::{Add, Mul};
use std::str::FromStr;

use super::{TextError, quoted};
use number::{BAD_NUMBER, BAD_SUFFIX, NANO, Notation, read, spell};

mod number;
mod size;

pub use size::Size;

/// An amount of a Kubernetes resource; two spellings of one amount are equal.
#[derive(Debug, Clone)]
pub struct Quantity {
    text: String,
    nanos: i128,
    notation: Notation,
}

super::text! {
    impl Quantity;
    about: "An amount of CPU, memory or storage, as Kubernetes writes it.",
    name: "formwork-quantity",
    code: "bad-quantity",
    pattern: "^[+-]?[0-9]*[.]?[0-9]*[eEinumkKMGTP]*[-+]?[0-9]*$",
    example: "500m",
    remedy: "write a number with one of the suffixes `m`, `k`, `M`, `G`, `T`, `Ki`, `Mi`, `Gi`, `Ti`, or none",
}

impl Quantity {
    /// Returns an amount of mebibytes.
    pub fn mebibytes(count: u64) -> Self {
        Self::new(i128::from(count) * (NANO << 20), Notation::Binary)
    }

    /// Returns an amount of gibibytes.
    pub fn gibibytes(count: u64) -> Self {
        Self::new(i128::from(count) * (NANO << 30), Notation::Binary)
    }

    /// Returns an amount of CPU in thousandths of a core.
    pub fn cpu_millis(count: u64) -> Self {
        Self::new(i128::from(count) * (NANO / 1000), Notation::Decimal)
    }

    /// Returns the text as the API server stores it.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Returns the amount in whole units, bytes if it is memory; fractions are rounded up, negative amounts to zero.
    pub fn bytes(&self) -> u64 {
        self.units_of(NANO)
    }

    /// Returns the amount in thousandths, millicores if it is CPU; fractions are rounded up, negative amounts to zero.
    pub fn millis(&self) -> u64 {
        self.units_of(NANO / 1000)
    }

    fn units_of(&self, unit: i128) -> u64 {
        let nanos = self.nanos.max(0);
        let whole = nanos / unit + i128::from(nanos % unit > 0);
        u64::try_from(whole).unwrap_or(u64::MAX)
    }

    fn new(nanos: i128, notation: Notation) -> Self {
        Self {
            text: spell(nanos, notation),
            nanos,
            notation,
        }
    }
}

impl PartialEq for Quantity {
    fn eq(&self, other: &Self) -> bool {
        self.nanos == other.nanos
    }
}

impl Eq for Quantity {}

impl PartialOrd for Quantity {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Quantity {
    fn cmp(&self, other: &Self) -> Ordering {
        self.nanos.cmp(&other.nanos)
    }
}

impl Add<&Quantity> for Quantity {
    type Output = Self;

    fn add(self, other: &Quantity) -> Self {
        let notation = if self.nanos == 0 { other.notation } else { self.notation };
        Self::new(self.nanos.saturating_add(other.nanos), notation)
    }
}

impl Mul<u64> for &Quantity {
    type Output = Quantity;

    fn mul(self, times: u64) -> Quantity {
        Quantity::new(self.nanos.saturating_mul(i128::from(times)), self.notation)
    }
}

impl<'a> Sum<&'a Quantity> for Quantity {
    fn sum<I: Iterator<Item = &'a Quantity>>(terms: I) -> Self {
        terms.fold(Self::new(0, Notation::Decimal), |total, term| total + term)
    }
}

impl FromStr for Quantity {
    type Err = TextError;

    fn from_str(text: &str) -> Result<Self, TextError> {
        read(text).map_err(|fault| {
            let shown = quoted(text);
            match fault {
                BAD_SUFFIX => bad_suffix(text, &shown),
                BAD_NUMBER => TextError::new(format!("{shown} has no digits")),
                _ => TextError::new(format!("{shown} is not a quantity")),
            }
        })
    }
}

/// Checks a quantity and returns the server's own message.
pub fn is_quantity(text: &str) -> Vec<String> {
    read(text).err().map(str::to_owned).into_iter().collect()
}

fn bad_suffix(text: &str, shown: &str) -> TextError {
    let suffix = text.trim_start_matches(|letter: char| !letter.is_ascii_alphabetic());
    let error = TextError::new(format!("{shown} has a suffix that Kubernetes does not know"));
    match suffix {
        "K" | "ki" | "KI" => error.help("write `Ki` for 1024, `k` for 1000"),
        "mi" | "MI" => error.help("write `Mi`"),
        "gi" | "GI" => error.help("write `Gi`"),
        "ti" | "TI" => error.help("write `Ti`"),
        _ => error,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::tests::{accepts, refusal};
    use super::*;

    fn quantity(text: &str) -> Quantity {
        text.parse().unwrap()
    }

    #[test]
    fn texts_are_spelled_as_the_server_stores_them() {
        let spellings = [
            ("0.5", "500m"),
            ("1.5Gi", "1536Mi"),
            ("1024Mi", "1Gi"),
            ("1000000Ki", "1000000Ki"),
            ("0.5m", "500u"),
            ("1.1Ki", "1126400m"),
            ("0.5Ki", "512"),
            ("10Ei", "9223372036854775807"),
            ("-10Ei", "-9223372036854775807"),
            ("0.0000000001", "1n"),
            ("12E6", "12E6"),
            ("1e21", "1e21"),
            ("12345e-4", "1234500e-6"),
            ("Gi", "0"),
            ("-0", "0"),
        ];
        for (typed, stored) in spellings {
            assert_eq!(quantity(typed).as_str(), stored, "{typed}");
        }
    }

    #[test]
    fn amounts_add_multiply_and_compare() {
        assert_eq!((quantity("1Gi") + &quantity("512Mi")).as_str(), "1536Mi");
        assert_eq!((quantity("0") + &quantity("1Gi")).as_str(), "1Gi");
        assert_eq!((quantity("500m") + &quantity("1.5")).as_str(), "2");
        assert_eq!((&quantity("250m") * 6).as_str(), "1500m");
        assert_eq!(
            [quantity("1"), quantity("500m")].iter().sum::<Quantity>().as_str(),
            "1500m"
        );
        assert_eq!(quantity("1Gi"), quantity("1073741824"));
        assert!(quantity("1G") < quantity("1Gi") && quantity("-1") < quantity("1n"));
        assert_eq!(
            (quantity("1.5").bytes(), quantity("1n").millis(), quantity("-1").bytes()),
            (2, 1, 0)
        );
        assert_eq!(quantity("1e400").bytes(), u64::MAX);
        assert_eq!(Quantity::mebibytes(2048).as_str(), "2Gi");
        assert_eq!(Quantity::gibibytes(u64::MAX).bytes(), u64::MAX);
        assert_eq!(Quantity::cpu_millis(1500).as_str(), "1500m");
        assert_eq!(Quantity::cpu_millis(2000).millis(), 2000);
    }

    #[test]
    fn refusals_say_what_is_wrong() {
        accepts::<Quantity>(&["1k", "1.", ".5", "1E", "1e3", "12E6", "+1", "1e-3"]);
        assert_eq!(
            refusal::<Quantity>("1K"),
            "`1K` has a suffix that Kubernetes does not know; write `Ki` for 1024, `k` for 1000"
        );
        assert_eq!(
            refusal::<Quantity>("1mi"),
            "`1mi` has a suffix that Kubernetes does not know; write `Mi`"
        );
        assert_eq!(refusal::<Quantity>("1MB"), "`1MB` is not a quantity");
        assert_eq!(refusal::<Quantity>(".e-10"), "`.e-10` has no digits");
        assert_eq!(refusal::<Quantity>("Ei"), "`Ei` has no digits");
        for text in [
            "", "1e", "1e3m", "1Zi", "1g", "1_000", "1 Gi", "..", "1Gi2", "--1", "０",
        ] {
            refusal::<Quantity>(text);
        }
    }

    proptest! {
        #[test]
        fn what_is_printed_reads_the_same(
            number in "[+-]?[0-9]{1,15}(\\.[0-9]{0,12})?",
            suffix in "(n|u|m|k|M|G|Ki|Mi|Gi|Ti|Ei|e-?[0-9]{1,2})?",
        ) {
            // Beyond `E` the server drops the suffix: `1000E` is stored as `1`.
            let typed = quantity(&format!("{number}{suffix}"));
            let printed = quantity(typed.as_str());
            prop_assert_eq!(&printed, &typed);
            prop_assert_eq!(printed.as_str(), typed.as_str());
        }

        #[test]
        fn sums_read_the_same(left in 0_u64..1 << 50, right in 0_u64..1 << 50) {
            let sum = Quantity::mebibytes(left) + &Quantity::cpu_millis(right);
            prop_assert_eq!(quantity(sum.as_str()), sum);
        }
    }
}
