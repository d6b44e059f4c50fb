//! The names that a pod has and knows: DNS, hosts, its own.
//!
//! What a resolver could not use is refused.

use serde_json::Value;

use super::Pod;
use super::examples::pod;
use crate::diagnostic::codes::Code;
use crate::schema::Place;
use crate::server::common::{checked, get, is_true, list, text};
use crate::server::judge::Judge;
use crate::text::server;

pub(super) const DNS: Code = Code {
    id: "invalid-dns-configuration",
    title: "settings of a resolver that the API server refuses",
    why: "With `dnsPolicy: None` a pod has only the servers that `dnsConfig` names, so it needs one. Resolvers know three \
          servers and 32 search domains.",
    fix: "name one to three servers by address, or use `dnsPolicy: ClusterFirst`",
    bad: pod!("  dnsPolicy: None"),
    good: pod!("  dnsPolicy: None\n  dnsConfig: {nameservers: [10.96.0.10]}"),
};

pub(super) const HOST: Code = Code {
    id: "invalid-host-alias",
    title: "a name or an address of a host that is none",
    why: "Lines of `/etc/hosts` have an address and names; names of hosts consist of DNS labels, and that of a pod is one \
          label.",
    fix: "write an IP address and names in lowercase letters, digits and hyphens",
    bad: pod!("  hostAliases: [{ip: nas.hartmann-bau.example, hostnames: [nas]}]"),
    good: pod!("  hostAliases: [{ip: 10.20.0.5, hostnames: [nas]}]"),
};

const NAMESERVERS: usize = 3;
const SEARCHES: usize = 32;
const SEARCH_LENGTH: usize = 2048;
const HOSTNAME_LENGTH: usize = 64;

/// Judges what a pod is called and calls others.
pub(super) fn check(pod: &Pod<'_>, place: &Place<'_>, judge: &mut Judge) {
    dns(pod.spec, place, judge);
    let aliases = place.field("hostAliases");
    for (index, alias) in list(pod.spec, "hostAliases").iter().enumerate() {
        let place = aliases.index(index);
        let address = address_check(judge);
        checked(&HOST, alias, "ip", address, &place, judge);
        let names = place.field("hostnames");
        for (index, name) in list(alias, "hostnames").iter().enumerate() {
            let reasons = server::is_dns1123_subdomain(name.as_str().unwrap_or_default());
            judge.all_invalid(&HOST, &names.index(index), name, reasons);
        }
    }
    // The controller of a StatefulSet writes its own names over these.
    if !pod.is_numbered {
        checked(&HOST, pod.spec, "hostname", server::is_dns1123_label, place, judge);
        checked(&HOST, pod.spec, "subdomain", server::is_dns1123_label, place, judge);
    }
    if judge.minor >= 35 {
        hostname_override(pod.spec, place, judge);
    }
}

/// From 1.36 on addresses have no leading zeros.
fn address_check(judge: &Judge) -> fn(&str) -> Vec<String> {
    match judge.minor {
        ..36 => server::is_valid_ip_legacy,
        _ => server::is_valid_ip,
    }
}

fn hostname_override(spec: &Value, place: &Place<'_>, judge: &mut Judge) {
    let Some(value @ Value::String(name)) = spec.get("hostnameOverride") else {
        return;
    };
    let here = place.field("hostnameOverride");
    for field in ["setHostnameAsFQDN", "hostNetwork"] {
        if is_true(spec, field) {
            judge.forbidden(&HOST, &here, format!("may not be specified when {field} is true"));
        }
    }
    if name.len() > HOSTNAME_LENGTH {
        judge.too_long(&HOST, &here, HOSTNAME_LENGTH);
    }
    judge.all_invalid(&HOST, &here, value, server::is_dns1123_subdomain(name));
}

fn dns(spec: &Value, place: &Place<'_>, judge: &mut Judge) {
    let config = get(spec, "dnsConfig");
    let place = place.field("dnsConfig");
    let servers = place.field("nameservers");
    let needs_server = text(spec, "dnsPolicy") == "None";
    let Some(config) = config else {
        if needs_server {
            judge.required(&DNS, &place, "must provide `dnsConfig` when `dnsPolicy` is None");
        }
        return;
    };
    let addresses = list(config, "nameservers");
    if needs_server && addresses.is_empty() {
        let reason = "must provide at least one DNS nameserver when `dnsPolicy` is None";
        judge.required(&DNS, &servers, reason);
        return;
    }
    if addresses.len() > NAMESERVERS {
        let all = config.get("nameservers").unwrap_or(&Value::Null);
        judge.invalid(
            &DNS,
            &servers,
            all,
            format!("must not have more than {NAMESERVERS} nameservers"),
        );
    }
    for (index, address) in addresses.iter().enumerate() {
        let reasons = address_check(judge)(address.as_str().unwrap_or_default());
        judge.all_invalid(&DNS, &servers.index(index), address, reasons);
    }
    searches(config, &place.field("searches"), judge);
    let options = place.field("options");
    for (index, option) in list(config, "options").iter().enumerate() {
        if text(option, "name").is_empty() {
            judge.required(&DNS, &options.index(index), "must not be empty");
        }
    }
}

fn searches(config: &Value, place: &Place<'_>, judge: &mut Judge) {
    let searches = list(config, "searches");
    let all = config.get("searches").unwrap_or(&Value::Null);
    if searches.len() > SEARCHES {
        judge.invalid(
            &DNS,
            place,
            all,
            format!("must not have more than {SEARCHES} search paths"),
        );
    }
    let letters = searches.iter().filter_map(Value::as_str).map(str::len).sum::<usize>();
    if letters + searches.len().saturating_sub(1) > SEARCH_LENGTH {
        let reason =
            format!("must not have more than {SEARCH_LENGTH} characters (including spaces) in the search list");
        judge.invalid(&DNS, place, all, reason);
    }
    for (index, search) in searches.iter().enumerate() {
        let Some(name) = search.as_str().filter(|name| *name != ".") else {
            continue;
        };
        let name = name.strip_suffix('.').unwrap_or(name);
        judge.all_invalid(&DNS, &place.index(index), &Value::from(name), search_problems(name));
    }
}

/// A search domain may have underscores.
fn search_problems(name: &str) -> Vec<String> {
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let is_label = |label: &str| {
        let label = label.strip_prefix('_').unwrap_or(label);
        let ends = label.bytes().next().is_some_and(is_plain) && label.bytes().last().is_some_and(is_plain);
        ends && label.bytes().all(|byte| is_plain(byte) || matches!(byte, b'-' | b'_'))
    };
    let mut reasons = Vec::new();
    if name.len() > server::SUBDOMAIN_LENGTH {
        reasons.push(format!("must be no more than {} characters", server::SUBDOMAIN_LENGTH));
    }
    if !name.split('.').all(is_label) {
        reasons.push(
            "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and must \
             start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is \
             '_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?(\\._?[a-z0-9]([-_a-z0-9]*[a-z0-9])?)*')"
                .to_owned(),
        );
    }
    reasons
}
