//! The server's checks of IP addresses and ranges, strict and as the old fields take them.
//!
//! The sloppy reader stands for Go's parser before 1.17, which ignored leading zeros.

use std::net::{IpAddr, Ipv6Addr};

const BAD_IP: &str = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)";
const BAD_CIDR: &str = "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)";

/// Checks an IP address in a field that takes only the canonical form.
pub fn is_valid_ip(text: &str) -> Vec<String> {
    let Some(address) = parse_ip_sloppy(text) else {
        return vec![BAD_IP.to_owned()];
    };
    let strict = text.parse::<IpAddr>();
    if strict.is_err() {
        return vec!["must not have leading 0s".to_owned()];
    }
    if mapped(&address) {
        return vec!["must not be an IPv4-mapped IPv6 address".to_owned()];
    }
    canonical(text, address.to_string())
}

/// Checks an IP address in one of the old fields, which also take leading zeros and mapped addresses.
pub fn is_valid_ip_legacy(text: &str) -> Vec<String> {
    match parse_ip_sloppy(text) {
        Some(_) => Vec::new(),
        None => vec![BAD_IP.to_owned()],
    }
}

/// Checks an address range in a field that takes only the canonical form.
pub fn is_valid_cidr(text: &str) -> Vec<String> {
    let Some((address, length)) = parse_cidr_sloppy(text) else {
        return vec![BAD_CIDR.to_owned()];
    };
    let (host, mask) = text.split_once('/').unwrap_or((text, ""));
    if host.parse::<IpAddr>().is_err() || mask != length.to_string() {
        return vec!["must not have leading 0s in IP or prefix length".to_owned()];
    }
    if mapped(&address) {
        return vec!["must not have an IPv4-mapped IPv6 address".to_owned()];
    }
    let network = network(address, length);
    if network != address {
        return vec!["must not have bits set beyond the prefix length".to_owned()];
    }
    canonical(text, format!("{network}/{length}"))
}

/// Checks an address range in one of the old fields, such as a NetworkPolicy's `cidr`.
pub fn is_valid_cidr_legacy(text: &str) -> Vec<String> {
    match parse_cidr_sloppy(text) {
        Some(_) => Vec::new(),
        None => vec![BAD_CIDR.to_owned()],
    }
}

/// Reads an address and the length of its prefix, leading zeros allowed.
pub(in crate::text) fn parse_cidr_sloppy(text: &str) -> Option<(IpAddr, u8)> {
    let (address, length) = text.split_once('/')?;
    let address = parse_ip_sloppy(address)?;
    let digits = !length.is_empty() && length.bytes().all(|byte| byte.is_ascii_digit());
    let length = without_zeros(length).parse().ok().filter(|_| digits)?;
    (length <= bits(&address)).then_some((address, length))
}

/// Returns the first address of a range: the bits beyond the prefix cleared.
pub(in crate::text) fn network(address: IpAddr, length: u8) -> IpAddr {
    let cleared = u32::from(bits(&address).saturating_sub(length));
    match address {
        IpAddr::V4(address) => IpAddr::V4((address.to_bits() & u32::MAX.checked_shl(cleared).unwrap_or(0)).into()),
        IpAddr::V6(address) => IpAddr::V6((address.to_bits() & u128::MAX.checked_shl(cleared).unwrap_or(0)).into()),
    }
}

/// Reads an address as Go did before it refused leading zeros.
fn parse_ip_sloppy(text: &str) -> Option<IpAddr> {
    let plain = |text: &str, separator: char| {
        text.split(separator)
            .map(without_zeros)
            .collect::<Vec<_>>()
            .join(&separator.to_string())
    };
    if !text.contains(':') {
        return plain(text, '.').parse().ok().map(IpAddr::V4);
    }
    let text = match text.rsplit_once(':') {
        Some((head, tail)) if tail.contains('.') => format!("{}:{}", plain(head, ':'), plain(tail, '.')),
        _ => plain(text, ':'),
    };
    text.parse::<Ipv6Addr>().ok().map(IpAddr::V6)
}

fn without_zeros(digits: &str) -> &str {
    match digits.trim_start_matches('0') {
        "" if !digits.is_empty() => "0",
        trimmed => trimmed,
    }
}

fn bits(address: &IpAddr) -> u8 {
    if address.is_ipv4() { 32 } else { 128 }
}

fn mapped(address: &IpAddr) -> bool {
    matches!(address, IpAddr::V6(address) if address.to_ipv4_mapped().is_some())
}

fn canonical(text: &str, canonical: String) -> Vec<String> {
    match text == canonical {
        true => Vec::new(),
        false => vec![format!("must be in canonical form (\"{canonical}\")")],
    }
}
