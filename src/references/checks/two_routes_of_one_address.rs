//! An address leads to one place.

use std::collections::BTreeMap;

use crate::diagnostic::Level;
use crate::references::node::{list, text};
use crate::references::{Check, Findings, Node, World};

pub(super) const CHECK: Check = Check {
    id: "two-routes-of-one-address",
    title: "two routes answer to one address",
    why: "The ingress takes one of them, which one depends on the order in which it read them; after a restart it can \
          be the other.",
    fix: "remove one of the routes, or give them different hosts, paths or priorities",
    bad: "apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: shop}
spec: {rules: [{host: shop.example, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: shop, port: {number: 80}}}}]}}]}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: cart}
spec: {rules: [{host: shop.example, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: shop, port: {number: 80}}}}]}}]}
---
apiVersion: v1
kind: Service
metadata: {name: shop}
spec: {ports: [{port: 80}]}",
    good: "apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: shop}
spec: {rules: [{host: shop.example, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: shop, port: {number: 80}}}}]}}]}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: cart}
spec: {rules: [{host: shop.example, http: {paths: [{path: /cart, pathType: Prefix, backend: {service: {name: shop, port: {number: 80}}}}]}}]}
---
apiVersion: v1
kind: Service
metadata: {name: shop}
spec: {ports: [{port: 80}]}",
    check,
};

/// What answers where, by the parts of the address.
type Known<'a> = BTreeMap<Vec<String>, Node<'a>>;

fn check(world: &World<'_>, findings: &mut Findings<'_, '_>) {
    let mut known = Known::new();
    for route in world.of("traefik.io", "IngressRoute") {
        let class = route
            .text("/spec/ingressClassName")
            .or(route.object.annotation("kubernetes.io/ingress.class"));
        let points: Vec<&str> = route
            .list("/spec/entryPoints")
            .iter()
            .filter_map(|it| it.as_str())
            .collect();
        for (spot, rule) in route.each("/spec/routes/*") {
            let (Some(expression), priority) = (text(rule, "match"), rule.get("priority")) else {
                continue;
            };
            let mut address: Vec<String> = vec!["route".into(), class.unwrap_or_default().into(), points.join(",")];
            address.extend([expression.split_whitespace().collect(), format!("{priority:?}")]);
            take(world, findings, &mut known, (route, spot.pointer("/match")), address);
        }
    }
    for route in world.of("networking.k8s.io", "Ingress") {
        let class = route
            .text("/spec/ingressClassName")
            .or(route.object.annotation("kubernetes.io/ingress.class"));
        let annotations = route.at("/metadata/annotations").and_then(|it| it.as_object());
        // A canary takes a share of another's visitors.
        if annotations.is_some_and(|all| all.keys().any(|key| key.ends_with("/canary"))) {
            continue;
        }
        for (spot, rule) in route.each("/spec/rules/*") {
            let paths = rule.pointer("/http").map_or(&[][..], |http| list(http, "paths"));
            for (index, path) in paths.iter().enumerate() {
                let part = |field| text(path, field).unwrap_or_default().to_owned();
                let host = text(rule, "host").unwrap_or_default().to_owned();
                let address = vec![
                    "ingress".into(),
                    class.unwrap_or_default().into(),
                    host,
                    part("path"),
                    part("pathType"),
                ];
                let pointer = spot.pointer(&format!("/http/paths/{index}/path"));
                take(world, findings, &mut known, (route, pointer), address);
            }
        }
    }
}

fn take<'a>(
    world: &World<'_>,
    findings: &mut Findings<'_, '_>,
    known: &mut Known<'a>,
    (route, pointer): (Node<'a>, String),
    address: Vec<String>,
) {
    let first = *known.entry(address).or_insert(route);
    if (first.namespace, first.name()) == (route.namespace, route.name()) {
        return;
    }
    let level = if world.is_built() { Level::Deny } else { Level::Warn };
    let message = format!("{} answers to the same address as {}", route.called(), first.called());
    findings.say(level, route, pointer, &[first], message);
}
