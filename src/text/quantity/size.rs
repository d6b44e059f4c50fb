//! Sizes of memory and disks.
//!
//! A size is a whole number of bytes greater than zero, which rules out `512m`, the usual slip for `512Mi`.

use std::str::FromStr;

use super::super::{TextError, quoted};
use super::{NANO, Quantity};

/// A size of memory or of a disk, in bytes; two spellings of one size are equal.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Size(Quantity);

super::super::text! {
    impl Size;
    about: "A size of memory or of a disk, as Kubernetes writes it.",
    name: "formwork-size",
    code: "bad-quantity",
    pattern: "^[+]?[0-9]*[.]?[0-9]*[eEikKMGTP]*[-+]?[0-9]*$",
    example: "20Gi",
    remedy: "write a number of bytes with one of the suffixes `Mi`, `Gi`, `Ti`, `M`, `G`, `T`, such as `20Gi`",
}

impl Size {
    /// Returns the number of bytes.
    pub fn bytes(&self) -> u64 {
        self.0.bytes()
    }

    /// Returns the size as the quantity that a manifest takes.
    pub fn quantity(&self) -> &Quantity {
        &self.0
    }

    /// Returns the text as the API server stores it.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl FromStr for Size {
    type Err = TextError;

    fn from_str(text: &str) -> Result<Self, TextError> {
        let quantity: Quantity = text.parse()?;
        let shown = quoted(text);
        if quantity.nanos <= 0 {
            return Err(TextError::new(format!("{shown} is not greater than zero")));
        }
        if quantity.nanos % NANO != 0 {
            let error = TextError::new(format!("{shown} is not a whole number of bytes"));
            return Err(match text.strip_suffix('m') {
                Some(number) => error.help(format!("`m` is a thousandth; write {}", quoted(&format!("{number}Mi")))),
                None => error,
            });
        }
        if quantity.nanos / NANO > i128::from(i64::MAX) {
            return Err(TextError::new(format!("{shown} is more than Kubernetes can count")));
        }
        Ok(Self(quantity))
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::tests::{accepts, refusal};
    use super::*;

    #[test]
    fn sizes_are_whole_bytes() {
        accepts::<Size>(&["1", "200G", "20Gi", "0.5Gi", "1e3", "2048M", "1000m", "8191Pi"]);
        assert_eq!("20Gi".parse::<Size>().unwrap().bytes(), 20 << 30);
        assert_eq!("200G".parse::<Size>().unwrap().bytes(), 200_000_000_000);
        assert_eq!("1.5Gi".parse::<Size>().unwrap().to_string(), "1536Mi");
        assert_eq!("1Gi".parse::<Size>().unwrap(), "1024Mi".parse().unwrap());
        assert_eq!(
            refusal::<Size>("512m"),
            "`512m` is not a whole number of bytes; `m` is a thousandth; write `512Mi`"
        );
        assert_eq!(refusal::<Size>("0"), "`0` is not greater than zero");
        assert_eq!(refusal::<Size>("Gi"), "`Gi` is not greater than zero");
        assert_eq!(refusal::<Size>("-1Gi"), "`-1Gi` is not greater than zero");
        assert_eq!(refusal::<Size>("1.1Ki"), "`1.1Ki` is not a whole number of bytes");
        assert_eq!(refusal::<Size>("1000E"), "`1000E` is more than Kubernetes can count");
        assert_eq!(refusal::<Size>("20GB"), "`20GB` is not a quantity");
        assert_eq!(refusal::<Size>("20gi"), "`20gi` is not a quantity");
    }
}
