//! The addresses of a Service, and which of them may change.
//!
//! What a manifest leaves out the cluster has allocated, so a change is only sure when both manifests say something.

use std::net::IpAddr;

use serde_json::Value;

use crate::diagnostic::codes::Code;
use crate::schema::Place;
use crate::server::common::{get, list, text};
use crate::server::judge::Judge;
use crate::server::{API_SERVER, Rules};

use super::address;

pub(in crate::server) const RULES: Rules = Rules {
    by: API_SERVER,
    kinds: &[],
    codes: &[&ADDRESS, &IMMUTABLE],
};

const ADDRESS: Code = Code {
    id: "service-address",
    title: "an address of a Service that the API server refuses",
    why: "`clusterIP` is `None`, an address of the cluster's range, or left to the cluster; `clusterIPs` begins with the \
          same. `externalIPs` are addresses that others can reach: none of the machine itself or of its link.",
    fix: "remove `clusterIP` and `clusterIPs` so that the cluster chooses, and list routable `externalIPs`",
    bad: "apiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: hartmann-bau-production}\nspec:\n  \
          selector: {app: odoo}\n  ports: [{port: 8069}]\n  clusterIP: none",
    good: "apiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: hartmann-bau-production}\nspec:\n  \
           selector: {app: odoo}\n  ports: [{port: 8069}]\n  clusterIP: None",
};

const IMMUTABLE: Code = Code {
    id: "immutable-service-address",
    title: "a Service that cannot change its address or its load balancer",
    why: "Pods and load balancers have learnt the first address, its family and the class of the load balancer. A Service \
          that has an address does not become headless, nor the reverse.",
    fix: "create a Service of another name, move its clients, and remove this one",
    bad: "apiVersion: v1\nkind: Service\nmetadata: {name: db, namespace: hartmann-bau-production}\nspec:\n  \
          selector: {app: postgresql}\n  ports: [{port: 5432}]\n---\n\
          apiVersion: v1\nkind: Service\nmetadata: {name: db, namespace: hartmann-bau-production}\nspec:\n  \
          selector: {app: postgresql}\n  ports: [{port: 5432}]\n  clusterIP: None",
    good: "apiVersion: v1\nkind: Service\nmetadata: {name: db, namespace: hartmann-bau-production}\nspec:\n  \
           selector: {app: postgresql}\n  ports: [{port: 5432}]\n---\n\
           apiVersion: v1\nkind: Service\nmetadata: {name: db, namespace: hartmann-bau-production}\nspec:\n  \
           selector: {app: pooler}\n  ports: [{port: 5432}]",
};

const NONE: &str = "None";
const ONCE: &str = "may not change once set";

/// Returns the addresses that a manifest asks for; the server copies the single one to the list.
fn addresses(spec: &Value) -> Vec<&str> {
    let listed: Vec<&str> = list(spec, "clusterIPs").iter().filter_map(Value::as_str).collect();
    match text(spec, "clusterIP") {
        "" => listed,
        single if listed.is_empty() => vec![single],
        _ => listed,
    }
}

/// Tells whether a Service has no address of its own.
pub(super) fn is_headless(spec: &Value) -> bool {
    addresses(spec) == [NONE]
}

/// Judges the addresses that others have given to a Service.
pub(super) fn external(spec: &Value, place: &Place<'_>, judge: &mut Judge) {
    let place = place.field("externalIPs");
    for (index, value) in list(spec, "externalIPs").iter().enumerate() {
        address::reachable(&ADDRESS, value, &place.index(index), judge);
    }
}

/// Judges the addresses of a Service that is not an alias.
pub(super) fn check(spec: &Value, place: &Place<'_>, judge: &mut Judge) {
    let of_families = place.field("ipFamilies");
    let families = list(spec, "ipFamilies");
    for (index, family) in families.iter().enumerate() {
        if families.iter().take(index).any(|earlier| earlier == family) {
            judge.duplicate(&ADDRESS, &of_families.index(index), family);
        }
    }
    let place = place.field("clusterIPs");
    let addresses = addresses(spec);
    let Some(first) = addresses.first() else { return };
    let all = || Value::from(addresses.clone());
    match text(spec, "clusterIP") {
        "" => judge.invalid(
            &ADDRESS,
            &place,
            &all(),
            "must be empty when `clusterIP` is not specified",
        ),
        single if single != *first => judge.invalid(&ADDRESS, &place, &all(), "first value must match `clusterIP`"),
        _ => {}
    }
    let mut read: Vec<IpAddr> = Vec::new();
    for (index, text) in addresses.iter().enumerate() {
        if index == 0 && *text == NONE {
            if addresses.len() > 1 {
                judge.invalid(&ADDRESS, &place, &all(), "'None' must be the first and only value");
            }
            continue;
        }
        read.extend(address::address(&ADDRESS, &(*text).into(), &place.index(index), judge));
    }
    if addresses.len() > 2 {
        judge.invalid(&ADDRESS, &place, &all(), "may only hold up to 2 values");
    }
    if read.len() < addresses.len() {
        return;
    }
    if let [one, other, ..] = read.as_slice()
        && (one.is_ipv4() == other.is_ipv4() || read.len() > 2)
    {
        let reason = "may specify no more than one IP for each IP family";
        judge.invalid(&ADDRESS, &place, &all(), reason);
    }
    for (index, (address, family)) in read.iter().zip(families).enumerate() {
        let actual = if address.is_ipv4() { "IPv4" } else { "IPv6" };
        let expected = family.as_str().unwrap_or(actual);
        if expected != actual {
            let value = Value::from(addresses.get(index).copied());
            let reason = format_args!("expected an {expected} value as indicated by `ipFamilies[{index}]`");
            judge.invalid(&ADDRESS, &place.index(index), &value, reason);
        }
    }
}

/// Judges a change.
pub(super) fn update(old: &Value, new: &Value, judge: &mut Judge) {
    let (Some(old), Some(new)) = (get(old, "spec"), get(new, "spec")) else {
        return;
    };
    let place = Place::OBJECT;
    let place = place.field("spec");
    balancer(old, new, &place, judge);
    if [old, new].iter().any(|spec| text(spec, "type") == "ExternalName") {
        return;
    }
    let (before, after) = (addresses(old), addresses(new));
    let (was_headless, is_headless) = (before == [NONE], after == [NONE]);
    let changes = before
        .first()
        .is_some_and(|before| after.first().is_some_and(|after| before != after));
    if changes || (is_headless && before.is_empty()) {
        let of_addresses = place.field("clusterIPs");
        judge.invalid(&IMMUTABLE, &of_addresses.index(0), &after.into(), ONCE);
        return;
    }
    let families = (list(old, "ipFamilies"), list(new, "ipFamilies"));
    if let (Some(before), Some(after)) = (families.0.first(), families.1.first())
        && before != after
        && !was_headless
        && !is_headless
    {
        let of_families = place.field("ipFamilies");
        judge.invalid(&IMMUTABLE, &of_families.index(0), &families.1.into(), ONCE);
    }
}

fn balancer(old: &Value, new: &Value, place: &Place<'_>, judge: &mut Judge) {
    if [old, new].iter().any(|spec| text(spec, "type") != "LoadBalancer") {
        return;
    }
    let (before, after) = (get(old, "loadBalancerClass"), get(new, "loadBalancerClass"));
    if before != after {
        let after = after.unwrap_or(&Value::Null);
        judge.invalid(&IMMUTABLE, &place.field("loadBalancerClass"), after, ONCE);
    }
    let is_local = |spec: &&Value| text(spec, "externalTrafficPolicy") == "Local";
    let field = "healthCheckNodePort";
    if let (Some(before), Some(after)) = (get(old, field), get(new, field))
        && before != after
        && [old, new].iter().all(is_local)
    {
        judge.forbidden(&IMMUTABLE, &place.field(field), crate::server::common::IMMUTABLE);
    }
}
