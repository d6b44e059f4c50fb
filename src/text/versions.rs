//! Versions of the products that an environment runs on.
//!
//! Only versions that this program can compile for are accepted.

use super::{TextError, quoted};

super::text! {
    /// A version of Kubernetes, major and minor.
    pub struct KubernetesVersion(String, u32);
    read: kubernetes,
    name: "formwork-kubernetes-version",
    code: "bad-version",
    pattern: r"^1\.3[3-7]$",
    example: "1.36",
    remedy: "write a version from `1.33` to `1.37`, in quotes",
}

super::text! {
    /// A version of Odoo, major and minor.
    pub struct OdooVersion(String, u32);
    read: odoo,
    name: "formwork-odoo-version",
    code: "bad-version",
    pattern: r"^(17|18|19|20)\.0$",
    example: "19.0",
    remedy: "write one of `17.0`, `18.0`, `19.0` and `20.0`, in quotes",
}

/// The newest minor version of Kubernetes.
const NEWEST: u32 = 37;

impl KubernetesVersion {
    /// Returns the newest version that this program can compile for.
    pub fn newest() -> Self {
        Self(format!("1.{NEWEST}"), NEWEST)
    }

    /// Returns the minor version, 36 of `1.36`.
    pub fn minor(&self) -> u32 {
        self.1
    }
}

impl OdooVersion {
    /// Returns the major version, 19 of `19.0`.
    pub fn major(&self) -> u32 {
        self.1
    }
}

fn kubernetes(text: &str) -> Result<u32, TextError> {
    let (major, minor) = two_numbers(text)?;
    if major == 1 && (33..=NEWEST).contains(&minor) {
        return Ok(minor);
    }
    Err(TextError::new(format!("Kubernetes {} is not supported", quoted(text))))
}

fn odoo(text: &str) -> Result<u32, TextError> {
    let (major, minor) = two_numbers(text)?;
    if (17..=20).contains(&major) && minor == 0 {
        return Ok(major);
    }
    Err(TextError::new(format!("Odoo {} is not supported", quoted(text))).code("unsupported-odoo"))
}

fn two_numbers(text: &str) -> Result<(u32, u32), TextError> {
    let numbers = text
        .split_once('.')
        .and_then(|(major, minor)| Some((number(major)?, number(minor)?)));
    let error = || TextError::new(format!("{} is not a version of the form `major.minor`", quoted(text)));
    numbers.ok_or_else(|| match text.strip_prefix('v') {
        Some(version) if two_numbers(version).is_ok() => error().help(format!("write {}", quoted(version))),
        _ => error(),
    })
}

fn number(text: &str) -> Option<u32> {
    // Equal versions are equal texts: no sign, no leading zero.
    text.parse().ok().filter(|number: &u32| number.to_string() == text)
}

#[cfg(test)]
mod tests {
    use super::super::tests::{accepts, refusal};
    use super::*;

    #[test]
    fn only_supported_versions() {
        accepts::<KubernetesVersion>(&["1.33", "1.37"]);
        accepts::<OdooVersion>(&["17.0", "18.0", "19.0", "20.0"]);
        assert_eq!("1.36".parse::<KubernetesVersion>().unwrap().minor(), 36);
        assert_eq!("18.0".parse::<OdooVersion>().unwrap().major(), 18);
        assert_eq!(
            refusal::<KubernetesVersion>("1.32"),
            "Kubernetes `1.32` is not supported"
        );
        assert_eq!(
            refusal::<KubernetesVersion>("v1.36"),
            "`v1.36` is not a version of the form `major.minor`; write `1.36`"
        );
        assert_eq!(
            refusal::<OdooVersion>("18"),
            "`18` is not a version of the form `major.minor`"
        );
        assert_eq!(refusal::<OdooVersion>("18.1"), "Odoo `18.1` is not supported");
        for text in ["", "1.36.2", "1.+36", "1.036", "01.36", "1.", ".36", "2.36"] {
            refusal::<KubernetesVersion>(text);
        }
    }
}
