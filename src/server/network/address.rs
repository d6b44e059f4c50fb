//! Addresses and ranges of addresses, in the fields of the network and of custom resources that copy them.
//!
//! Since Kubernetes 1.36 the server is strict about leading zeros and about IPv4 addresses written as IPv6.

use std::net::IpAddr;

use serde_json::Value;

use crate::diagnostic::codes::Code;
use crate::schema::Place;
use crate::server::judge::Judge;
use crate::text::server;

/// The first minor version that refuses leading zeros and mapped addresses.
const STRICT: u32 = 36;

/// Refuses what is no address; returns the address otherwise.
pub(super) fn address(code: &Code, value: &Value, place: &Place<'_>, judge: &mut Judge) -> Option<IpAddr> {
    let text = value.as_str()?;
    let reasons = server::is_valid_ip_legacy(text);
    let is_read = reasons.is_empty();
    judge.all_invalid(code, place, value, reasons);
    if !is_read {
        return None;
    }
    let strict = text.parse::<IpAddr>().ok();
    if judge.minor >= STRICT {
        match strict {
            None => judge.invalid(code, place, value, "must not have leading 0s"),
            Some(address) if is_mapped(address) => {
                judge.invalid(code, place, value, "must not be an IPv4-mapped IPv6 address");
            }
            Some(address) => return Some(canonical(address)),
        }
        return None;
    }
    // What has leading zeros is taken, and not looked at any further here.
    strict.map(canonical)
}

/// Refuses an address that no other machine could reach.
pub(super) fn reachable(code: &Code, value: &Value, place: &Place<'_>, judge: &mut Judge) {
    let Some(address) = address(code, value, place, judge) else {
        return;
    };
    if address.is_unspecified() {
        let text = value.as_str().unwrap_or_default();
        judge.invalid(code, place, value, format_args!("may not be unspecified ({text})"));
    }
    let (is_link, is_multicast) = match address {
        IpAddr::V4(address) => (address.is_link_local(), address.octets().starts_with(&[224, 0, 0])),
        IpAddr::V6(address) => {
            let first = address.segments().first().copied().unwrap_or_default();
            (address.is_unicast_link_local(), first & 0xff0f == 0xff02)
        }
    };
    if address.is_loopback() {
        let reason = "may not be in the loopback range (127.0.0.0/8, ::1/128)";
        judge.invalid(code, place, value, reason);
    }
    if is_link {
        let reason = "may not be in the link-local range (169.254.0.0/16, fe80::/10)";
        judge.invalid(code, place, value, reason);
    }
    if is_multicast {
        let reason = "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)";
        judge.invalid(code, place, value, reason);
    }
}

/// Returns the reasons why a text is no range of addresses.
pub(super) fn range_problems(text: &str, minor: u32) -> Vec<String> {
    let mut reasons = server::is_valid_cidr_legacy(text);
    if !reasons.is_empty() || minor < STRICT {
        return reasons;
    }
    let (address, length) = text.split_once('/').unwrap_or((text, ""));
    match address.parse::<IpAddr>() {
        Ok(address) if is_mapped(address) => reasons.push("must not have an IPv4-mapped IPv6 address".to_owned()),
        Ok(_) if length == "0" || !length.starts_with('0') => {}
        _ => reasons.push("must not have leading 0s in IP or prefix length".to_owned()),
    }
    reasons
}

/// Returns the first address of a range and the length of its prefix, if it is written without leading zeros.
pub(super) fn range(text: &str) -> Option<(IpAddr, u8)> {
    let (address, length) = text.split_once('/')?;
    let address = address.parse::<IpAddr>().ok()?;
    let length = length.parse::<u8>().ok()?;
    let bits = if address.is_ipv4() { 32 } else { 128 };
    (length <= bits).then_some((address, length))
}

/// Tells whether a range contains the first address of another one.
pub(super) fn contains(outer: (IpAddr, u8), inner: (IpAddr, u8)) -> bool {
    let shared = |bits: u32, difference: u32| difference >= bits;
    match (outer.0, inner.0) {
        (IpAddr::V4(one), IpAddr::V4(other)) => {
            let other = other.to_bits() & prefix(u32::from(inner.1), 32) as u32;
            shared(u32::from(outer.1), (one.to_bits() ^ other).leading_zeros())
        }
        (IpAddr::V6(one), IpAddr::V6(other)) => {
            let other = other.to_bits() & prefix(u32::from(inner.1), 128);
            shared(u32::from(outer.1), (one.to_bits() ^ other).leading_zeros())
        }
        _ => false,
    }
}

/// Bits that begin with ones.
fn prefix(length: u32, bits: u32) -> u128 {
    u128::MAX.checked_shl(bits.saturating_sub(length)).unwrap_or(0)
}

fn is_mapped(address: IpAddr) -> bool {
    matches!(address, IpAddr::V6(address) if address.to_ipv4_mapped().is_some())
}

/// To Go, a mapped address is the one that it stands for.
fn canonical(address: IpAddr) -> IpAddr {
    address.to_canonical()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_contains_smaller_ones() {
        let contains = |outer: &str, inner: &str| contains(range(outer).unwrap(), range(inner).unwrap());
        assert!(contains("10.0.0.0/8", "10.1.2.3/16"));
        assert!(contains("0.0.0.0/0", "10.1.2.3/16"));
        assert!(contains("2001:db8::/32", "2001:db8:1::/48"));
        assert!(!contains("10.0.0.0/8", "11.0.0.0/16"));
        assert!(!contains("10.0.0.0/8", "2001:db8::/32"));
        assert_eq!(range("10.0.0.0/33"), None);
    }

    #[test]
    fn leading_zeros_are_refused_since_1_36() {
        assert_eq!(range_problems("10.0.0.0/08", 35), Vec::<String>::new());
        assert_eq!(
            range_problems("10.0.0.0/08", 36),
            ["must not have leading 0s in IP or prefix length"]
        );
        assert_eq!(range_problems("0.0.0.0/0", 36), Vec::<String>::new());
    }
}
