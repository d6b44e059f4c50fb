//! Network policies: peers, ranges of addresses and ports.
//!
//! What a policy lets through is the business of other rooms.

use serde_json::Value;

use crate::diagnostic::codes::Code;
use crate::schema::Place;
use crate::server::common::{self, get, label_selector, list, text, whole};
use crate::server::judge::Judge;
use crate::server::{API_SERVER, Kind, Rules, unchanged};

use super::address;

pub(in crate::server) const RULES: Rules = Rules {
    by: API_SERVER,
    kinds: &[Kind {
        group: "networking.k8s.io",
        kind: "NetworkPolicy",
        create,
        update: unchanged,
    }],
    codes: &[&PEER, &BLOCK, &PORT, &TYPES],
};

const PEER: Code = Code {
    id: "network-policy-peer",
    title: "a peer of a network policy that names nobody, or too much",
    why: "A peer is pods, namespaces, pods in namespaces, or a range of addresses that stands alone. An empty peer is no \
          way to say everybody: for that, leave out `from` or `to`.",
    fix: "give the peer a `podSelector`, a `namespaceSelector` or an `ipBlock` of its own",
    bad: "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: web, namespace: \
          hartmann-bau-production}\nspec:\n  podSelector: {matchLabels: {app: odoo}}\n  ingress:\n  - from: [{}]",
    good: "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: web, namespace: \
           hartmann-bau-production}\nspec:\n  podSelector: {matchLabels: {app: odoo}}\n  ingress:\n  \
           - from: [{podSelector: {}}]",
};

const BLOCK: Code = Code {
    id: "network-policy-range",
    title: "a range of addresses that a network policy cannot have",
    why: "`cidr` is a range such as `10.20.0.0/16`, and each of `except` is a smaller range inside it.",
    fix: "write ranges with their prefix length, and exceptions inside the range",
    bad: "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: smtp, namespace: \
          hartmann-bau-production}\nspec:\n  podSelector: {}\n  egress:\n  \
          - to: [{ipBlock: {cidr: 10.20.0.0/16, except: [10.0.0.0/8]}}]",
    good: "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: smtp, namespace: \
           hartmann-bau-production}\nspec:\n  podSelector: {}\n  egress:\n  \
           - to: [{ipBlock: {cidr: 10.0.0.0/8, except: [10.20.0.0/16]}}]",
};

const PORT: Code = Code {
    id: "network-policy-port",
    title: "a port of a network policy that the API server refuses",
    why: "A port is a number or the name of a container's port. A range of ports goes from the number in `port` to \
          `endPort`.",
    fix: "write a number from 1 to 65535 or a port's name, and `endPort` only after a number",
    bad: "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: web, namespace: \
          hartmann-bau-production}\nspec:\n  podSelector: {}\n  ingress:\n  - ports: [{port: 8072, endPort: 8069}]",
    good: "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: web, namespace: \
           hartmann-bau-production}\nspec:\n  podSelector: {}\n  ingress:\n  - ports: [{port: 8069, endPort: 8072}]",
};

const TYPES: Code = Code {
    id: "network-policy-types",
    title: "more directions than there are",
    why: "A policy is about `Ingress`, about `Egress` or about both.",
    fix: "name each direction once",
    bad: "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: deny, namespace: \
          hartmann-bau-production}\nspec: {podSelector: {}, policyTypes: [Ingress, Egress, Ingress]}",
    good: "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: deny, namespace: \
           hartmann-bau-production}\nspec: {podSelector: {}, policyTypes: [Ingress, Egress]}",
};

fn create(object: &Value, judge: &mut Judge) {
    let Some(spec) = get(object, "spec") else { return };
    let place = Place::OBJECT;
    let place = place.field("spec");
    if let Some(selector) = get(spec, "podSelector") {
        label_selector(selector, &place.field("podSelector"), judge);
    }
    for (direction, peers) in [("ingress", "from"), ("egress", "to")] {
        let place = place.field(direction);
        for (index, rule) in list(spec, direction).iter().enumerate() {
            let place = place.index(index);
            let of_ports = place.field("ports");
            for (index, port) in list(rule, "ports").iter().enumerate() {
                check_port(port, &of_ports.index(index), judge);
            }
            let of_peers = place.field(peers);
            for (index, peer) in list(rule, peers).iter().enumerate() {
                check_peer(peer, &of_peers.index(index), judge);
            }
        }
    }
    let types = list(spec, "policyTypes");
    if types.len() > 2 {
        let reason = "may not specify more than two policyTypes";
        judge.invalid(&TYPES, &place.field("policyTypes"), &types.into(), reason);
    }
}

fn check_port(port: &Value, place: &Place<'_>, judge: &mut Judge) {
    let number = get(port, "port");
    if let Some(number) = number {
        common::port_number_or_name(&PORT, number, &place.field("port"), judge);
    }
    let Some(end) = get(port, "endPort") else { return };
    let place = place.field("endPort");
    match number {
        None => judge.invalid(&PORT, &place, end, "may not be specified when `port` is not specified"),
        Some(Value::String(_)) => {
            judge.invalid(&PORT, &place, end, "may not be specified when `port` is non-numeric");
        }
        Some(number) => {
            if whole(end) < whole(number) {
                judge.invalid(&PORT, &place, end, "must be greater than or equal to `port`");
            }
            common::port_number(&PORT, end, &place, judge);
        }
    }
}

fn check_peer(peer: &Value, place: &Place<'_>, judge: &mut Judge) {
    let mut selectors = 0;
    for field in ["podSelector", "namespaceSelector"] {
        if let Some(selector) = get(peer, field) {
            selectors += 1;
            label_selector(selector, &place.field(field), judge);
        }
    }
    match get(peer, "ipBlock") {
        None if selectors == 0 => judge.required(&PEER, place, "must specify a peer"),
        None => {}
        Some(block) => {
            check_block(block, &place.field("ipBlock"), judge);
            if selectors > 0 {
                judge.forbidden(&PEER, place, "may not specify both ipBlock and another peer");
            }
        }
    }
}

fn check_block(block: &Value, place: &Place<'_>, judge: &mut Judge) {
    let cidr = text(block, "cidr");
    if cidr.is_empty() {
        return;
    }
    let reasons = address::range_problems(cidr, judge.minor);
    judge.all_invalid(&BLOCK, &place.field("cidr"), &cidr.into(), reasons);
    let Some(outer) = address::range(cidr) else { return };
    let place = place.field("except");
    for (index, value) in list(block, "except").iter().enumerate() {
        let place = place.index(index);
        let Some(text) = value.as_str() else { continue };
        let reasons = address::range_problems(text, judge.minor);
        judge.all_invalid(&BLOCK, &place, value, reasons);
        let Some(inner) = address::range(text) else { continue };
        if outer.1 >= inner.1 || !address::contains(outer, inner) {
            judge.invalid(&BLOCK, &place, value, "must be a strict subset of `cidr`");
        }
    }
}
