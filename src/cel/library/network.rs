//! Addresses and networks: `ip("…")`, `cidr("…")` and their functions.
//!
//! Zones and IPv4 addresses mapped into IPv6 are refused, as on the server.

use std::net::IpAddr;

use super::{Call, Outcome, failed, overload};
use crate::cel::value::{Opaque, Value};

fn address(text: &str) -> Result<IpAddr, String> {
    if text.contains('%') {
        return Err(format!("IP address {text:?} with zone value is not allowed"));
    }
    match text.parse::<IpAddr>() {
        Ok(IpAddr::V6(address)) if address.to_ipv4_mapped().is_some() => {
            Err(format!("IPv4-mapped IPv6 address {text:?} is not allowed"))
        }
        Ok(address) => Ok(address),
        Err(_) => Err(format!(
            "IP Address {text:?} parse error during conversion from string: ParseAddr({text:?}): unable to parse IP"
        )),
    }
}

fn network(text: &str) -> Result<(IpAddr, u8), String> {
    let prefix = "network address parse error during conversion from string";
    let Some((ip, bits)) = text.rsplit_once('/') else {
        return Err(format!("{prefix}: {prefix}: netip.ParsePrefix({text:?}): no '/'"));
    };
    if ip.contains('%') {
        return Err(format!(
            "{prefix}: netip.ParsePrefix({text:?}): IPv6 zones cannot be present in a prefix"
        ));
    }
    let ip = address(ip).map_err(|reason| format!("{prefix}: {reason}"))?;
    let plain = bits.bytes().all(|digit| digit.is_ascii_digit()) && !(bits.len() > 1 && bits.starts_with('0'));
    match bits.parse::<u8>() {
        Ok(bits) if plain && bits <= width(&ip) => Ok((ip, bits)),
        _ => Err(format!(
            "{prefix}: {prefix}: netip.ParsePrefix({text:?}): bad bits after slash: {bits:?}"
        )),
    }
}

fn width(address: &IpAddr) -> u8 {
    if address.is_ipv4() { 32 } else { 128 }
}

/// The address with everything behind the prefix cleared.
fn masked(address: &IpAddr, bits: u8) -> IpAddr {
    match address {
        IpAddr::V4(address) => {
            let mask = u32::MAX.checked_shl(32 - u32::from(bits.min(32))).unwrap_or(0);
            IpAddr::V4((u32::from(*address) & mask).into())
        }
        IpAddr::V6(address) => {
            let mask = u128::MAX.checked_shl(128 - u32::from(bits.min(128))).unwrap_or(0);
            IpAddr::V6((u128::from(*address) & mask).into())
        }
    }
}

fn contains(network: (&IpAddr, u8), address: &IpAddr) -> bool {
    network.0.is_ipv4() == address.is_ipv4() && masked(network.0, network.1) == masked(address, network.1)
}

pub(super) fn ip(_: &mut Call<'_>, arguments: &[Value]) -> Outcome {
    match arguments {
        [Value::String(text)] => match address(text) {
            Ok(address) => Ok(Value::Opaque(Opaque::Ip(address))),
            Err(message) => failed(message),
        },
        [Value::Opaque(Opaque::Cidr(address, _))] => Ok(Value::Opaque(Opaque::Ip(*address))),
        _ => overload("ip", arguments),
    }
}

pub(super) fn cidr(_: &mut Call<'_>, arguments: &[Value]) -> Outcome {
    let [Value::String(text)] = arguments else {
        return overload("cidr", arguments);
    };
    match network(text) {
        Ok((address, bits)) => Ok(Value::Opaque(Opaque::Cidr(address, bits))),
        Err(message) => failed(message),
    }
}

pub(super) fn is(call: &mut Call<'_>, arguments: &[Value]) -> Outcome {
    let [Value::String(text)] = arguments else {
        return overload(call.name, arguments);
    };
    match call.name {
        "isIP" => Ok(Value::Bool(address(text).is_ok())),
        "isCIDR" => Ok(Value::Bool(network(text).is_ok())),
        _ => match address(text) {
            Ok(address) => Ok(Value::Bool(address.to_string() == **text)),
            Err(message) => failed(message),
        },
    }
}

pub(super) fn property(call: &mut Call<'_>, arguments: &[Value]) -> Outcome {
    let [Value::Opaque(Opaque::Ip(address))] = arguments else {
        return overload(call.name, arguments);
    };
    let link_local = match address {
        IpAddr::V4(address) => address.is_link_local(),
        IpAddr::V6(address) => address.segments().first().is_some_and(|first| first & 0xffc0 == 0xfe80),
    };
    Ok(match call.name {
        "family" => Value::Int(if address.is_ipv4() { 4 } else { 6 }),
        "isUnspecified" => Value::Bool(address.is_unspecified()),
        "isLoopback" => Value::Bool(address.is_loopback()),
        "isLinkLocalUnicast" => Value::Bool(link_local),
        "isLinkLocalMulticast" => Value::Bool(match address {
            IpAddr::V4(address) => matches!(address.octets(), [224, 0, 0, _]),
            IpAddr::V6(address) => address.segments().first().is_some_and(|first| first & 0xff0f == 0xff02),
        }),
        _ => {
            let broadcast = matches!(address, IpAddr::V4(address) if address.is_broadcast());
            let special = address.is_unspecified() || address.is_loopback() || address.is_multicast();
            Value::Bool(!broadcast && !special && !link_local)
        }
    })
}

pub(super) fn contains_ip(call: &mut Call<'_>, arguments: &[Value]) -> Outcome {
    let (network, inner) = match arguments {
        [
            Value::Opaque(Opaque::Cidr(network, bits)),
            Value::Opaque(Opaque::Ip(inner)),
        ] => ((network, *bits), *inner),
        [Value::Opaque(Opaque::Cidr(network, bits)), Value::String(text)] => match address(text) {
            Ok(inner) => ((network, *bits), inner),
            Err(message) => return failed(message),
        },
        _ => return overload(call.name, arguments),
    };
    Ok(Value::Bool(contains(network, &inner)))
}

pub(super) fn contains_cidr(call: &mut Call<'_>, arguments: &[Value]) -> Outcome {
    let (outer, inner) = match arguments {
        [
            Value::Opaque(Opaque::Cidr(outer, bits)),
            Value::Opaque(Opaque::Cidr(inner, inner_bits)),
        ] => ((outer, *bits), (*inner, *inner_bits)),
        [Value::Opaque(Opaque::Cidr(outer, bits)), Value::String(text)] => match network(text) {
            Ok(inner) => ((outer, *bits), inner),
            Err(message) => return failed(message),
        },
        _ => return overload(call.name, arguments),
    };
    Ok(Value::Bool(outer.1 <= inner.1 && contains(outer, &inner.0)))
}

pub(super) fn part(call: &mut Call<'_>, arguments: &[Value]) -> Outcome {
    let [Value::Opaque(Opaque::Cidr(address, bits))] = arguments else {
        return overload(call.name, arguments);
    };
    Ok(match call.name {
        "prefixLength" => Value::Int(i64::from(*bits)),
        _ => Value::Opaque(Opaque::Cidr(masked(address, *bits), *bits)),
    })
}
