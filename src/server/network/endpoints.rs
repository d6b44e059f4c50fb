//! Endpoints and EndpointSlices that are written by hand: addresses and ports outside the cluster.
//!
//! Services without a selector get their endpoints this way.

use std::net::IpAddr;

use serde_json::Value;

use crate::diagnostic::codes::Code;
use crate::schema::Place;
use crate::server::common::{self, get, list, text};
use crate::server::judge::Judge;
use crate::server::{API_SERVER, Kind, Rules, unchanged};
use crate::text::server;

use super::address;

pub(in crate::server) const RULES: Rules = Rules {
    by: API_SERVER,
    kinds: &[
        Kind {
            group: "",
            kind: "Endpoints",
            create: endpoints,
            update: unchanged,
        },
        Kind {
            group: "discovery.k8s.io",
            kind: "EndpointSlice",
            create: slice,
            update,
        },
    ],
    codes: &[&ADDRESS, &PORT, &HINT, &IMMUTABLE],
};

const ADDRESS: Code = Code {
    id: "endpoint-address",
    title: "an address of an endpoint that the API server refuses",
    why: "Endpoints are addresses that every node can reach, of the family that the slice says; in a slice of names, DNS \
          names of at least two parts. Each endpoint has one at least.",
    fix: "write routable addresses of the family in `addressType`",
    bad: "apiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\nmetadata: {name: db, namespace: \
          hartmann-bau-production}\naddressType: IPv4\nports: [{name: \"\", port: 5432}]\nendpoints: \
          [{addresses: [127.0.0.1]}]",
    good: "apiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\nmetadata: {name: db, namespace: \
           hartmann-bau-production}\naddressType: IPv4\nports: [{name: \"\", port: 5432}]\nendpoints: \
           [{addresses: [10.20.0.5]}]",
};

const PORT: Code = Code {
    id: "endpoint-port",
    title: "a port of endpoints that the API server refuses",
    why: "The ports of endpoints carry the names of the Service's ports, which are different DNS labels.",
    fix: "name each port as the Service does",
    bad: "apiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\nmetadata: {name: db, namespace: \
          hartmann-bau-production}\naddressType: IPv4\nports: [{name: sql, port: 5432}, {name: sql, port: 6432}]\n\
          endpoints: [{addresses: [10.20.0.5]}]",
    good: "apiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\nmetadata: {name: db, namespace: \
           hartmann-bau-production}\naddressType: IPv4\nports: [{name: sql, port: 5432}, {name: pool, port: 6432}]\n\
           endpoints: [{addresses: [10.20.0.5]}]",
};

const HINT: Code = Code {
    id: "endpoint-hint",
    title: "what is said about where an endpoint runs cannot be",
    why: "Node, host name and zones are names that the cluster has to know.",
    fix: "write the name of the node or the zone as the cluster has it, each zone once",
    bad: "apiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\nmetadata: {name: db, namespace: \
          hartmann-bau-production}\naddressType: IPv4\nports: [{name: sql, port: 5432}]\n\
          endpoints: [{addresses: [10.20.0.5], hostname: db.internal}]",
    good: "apiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\nmetadata: {name: db, namespace: \
           hartmann-bau-production}\naddressType: IPv4\nports: [{name: sql, port: 5432}]\n\
           endpoints: [{addresses: [10.20.0.5], hostname: db}]",
};

const IMMUTABLE: Code = Code {
    id: "immutable-address-type",
    title: "an EndpointSlice that changes the family of its addresses",
    why: "A slice is about one family for good.",
    fix: "create another EndpointSlice for the other family",
    bad: "apiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\nmetadata: {name: db, namespace: \
          hartmann-bau-production}\naddressType: IPv4\nports: [{name: sql, port: 5432}]\nendpoints: \
          [{addresses: [10.20.0.5]}]\n---\n\
          apiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\nmetadata: {name: db, namespace: \
          hartmann-bau-production}\naddressType: IPv6\nports: [{name: sql, port: 5432}]\nendpoints: \
          [{addresses: [\"2001:db8::5\"]}]",
    good: "apiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\nmetadata: {name: db, namespace: \
           hartmann-bau-production}\naddressType: IPv4\nports: [{name: sql, port: 5432}]\nendpoints: \
           [{addresses: [10.20.0.5]}]\n---\n\
           apiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\nmetadata: {name: db, namespace: \
           hartmann-bau-production}\naddressType: IPv4\nports: [{name: sql, port: 5432}]\nendpoints: \
           [{addresses: [10.20.0.6]}]",
};

const MOST_ADDRESSES: usize = 100;
const MOST_ENDPOINTS: usize = 1000;
const MOST_HINTS: usize = 8;

fn endpoints(object: &Value, judge: &mut Judge) {
    let place = Place::OBJECT;
    let place = place.field("subsets");
    for (index, subset) in list(object, "subsets").iter().enumerate() {
        let place = place.index(index);
        if get(subset, "addresses").is_none() && get(subset, "notReadyAddresses").is_none() {
            judge.required(&ADDRESS, &place, "must specify `addresses` or `notReadyAddresses`");
        }
        for field in ["addresses", "notReadyAddresses"] {
            let place = place.field(field);
            for (index, one) in list(subset, field).iter().enumerate() {
                let place = place.index(index);
                if let Some(address) = get(one, "ip") {
                    address::reachable(&ADDRESS, address, &place.field("ip"), judge);
                }
                common::checked(&HINT, one, "hostname", server::is_dns1123_label, &place, judge);
                node_name(one, &place, judge);
            }
        }
        let ports = list(subset, "ports");
        let of_ports = place.field("ports");
        for (index, port) in ports.iter().enumerate() {
            let place = of_ports.index(index);
            match text(port, "name") {
                "" if ports.len() > 1 => judge.required(&PORT, &place.field("name"), ""),
                _ => common::checked(&PORT, port, "name", server::is_dns1123_label, &place, judge),
            }
            if let Some(number) = get(port, "port") {
                common::port_number(&PORT, number, &place.field("port"), judge);
            }
            common::checked(&PORT, port, "appProtocol", server::is_qualified_name, &place, judge);
        }
    }
}

fn slice(object: &Value, judge: &mut Judge) {
    let place = Place::OBJECT;
    slice_ports(object, &place.field("ports"), judge);
    let place = place.field("endpoints");
    let endpoints = list(object, "endpoints");
    if endpoints.len() > MOST_ENDPOINTS {
        return judge.too_many(&ADDRESS, &place, endpoints.len(), MOST_ENDPOINTS);
    }
    for (index, endpoint) in endpoints.iter().enumerate() {
        let place = place.index(index);
        addresses(endpoint, text(object, "addressType"), &place.field("addresses"), judge);
        node_name(endpoint, &place, judge);
        if let Some(name) = get(endpoint, "hostname") {
            let reasons = server::is_dns1123_label(name.as_str().unwrap_or_default());
            judge.all_invalid(&HINT, &place.field("hostname"), name, reasons);
        }
        if let Some(hints) = get(endpoint, "hints") {
            let place = place.field("hints");
            names(hints, "forZones", server::is_valid_label_value, &place, judge);
            names(hints, "forNodes", server::is_dns1123_subdomain, &place, judge);
        }
    }
}

fn slice_ports(object: &Value, place: &Place<'_>, judge: &mut Judge) {
    let ports = list(object, "ports");
    for (index, port) in ports.iter().enumerate() {
        let place = place.index(index);
        let name = text(port, "name");
        common::checked(&PORT, port, "name", server::is_dns1123_label, &place, judge);
        if ports.iter().take(index).any(|other| text(other, "name") == name) {
            judge.duplicate(&PORT, &place.field("name"), &name.into());
        }
        common::checked(&PORT, port, "appProtocol", server::is_qualified_name, &place, judge);
    }
}

fn addresses(endpoint: &Value, family: &str, place: &Place<'_>, judge: &mut Judge) {
    let addresses = list(endpoint, "addresses");
    if addresses.len() > MOST_ADDRESSES {
        judge.too_many(&ADDRESS, place, addresses.len(), MOST_ADDRESSES);
    }
    for (index, address) in addresses.iter().enumerate() {
        let (of_all, place) = (place, place.index(index));
        let text = address.as_str().unwrap_or_default();
        let is_v6 = text.contains(':') && text.parse().is_ok_and(|read: IpAddr| read.to_canonical().is_ipv6());
        match family {
            "IPv4" => {
                if is_v6 {
                    judge.invalid(&ADDRESS, of_all, address, "must be an IPv4 address");
                }
                address::reachable(&ADDRESS, address, &place, judge);
            }
            "IPv6" => {
                let reasons = server::is_valid_ip(text);
                let is_read = reasons.is_empty();
                judge.all_invalid(&ADDRESS, &place, address, reasons);
                if is_read && !is_v6 {
                    judge.invalid(&ADDRESS, of_all, address, "must be an IPv6 address");
                }
                if is_read {
                    address::reachable(&ADDRESS, address, &place, judge);
                }
            }
            "FQDN" => judge.all_invalid(&ADDRESS, &place, address, server::is_fully_qualified_domain_name(text)),
            _ => {}
        }
    }
}

fn node_name(endpoint: &Value, place: &Place<'_>, judge: &mut Judge) {
    if let Some(name) = get(endpoint, "nodeName") {
        let reasons = server::is_dns1123_subdomain(name.as_str().unwrap_or_default());
        judge.all_invalid(&HINT, &place.field("nodeName"), name, reasons);
    }
}

/// Judges the names of zones or nodes that an endpoint is meant for.
fn names(hints: &Value, field: &str, check: fn(&str) -> Vec<String>, place: &Place<'_>, judge: &mut Judge) {
    let place = place.field(field);
    let items = list(hints, field);
    if items.len() > MOST_HINTS {
        return judge.too_many(&HINT, &place, items.len(), MOST_HINTS);
    }
    for (index, item) in items.iter().enumerate() {
        let place = place.index(index);
        let place = place.field("name");
        let name = text(item, "name");
        let value = Value::from(name);
        if items.iter().take(index).any(|earlier| text(earlier, "name") == name) {
            judge.duplicate(&HINT, &place, &value);
        }
        judge.all_invalid(&HINT, &place, &value, check(name));
    }
}

fn update(old: &Value, new: &Value, judge: &mut Judge) {
    let place = Place::OBJECT;
    if text(old, "addressType") != text(new, "addressType") {
        common::declared_immutable(&IMMUTABLE, new, "addressType", &place, judge);
    }
}
