//! The middlewares, TLS options, transports and services of Traefik that a route names exist, in its own namespace.
//!
//! `namespace-name@kubernetescrd` is followed too; what other providers bring is not known here.

use crate::references::ends::End;
use crate::references::node::{Spot, text};
use crate::references::{Check, Findings, Node, World};
use serde_json::Value;

pub(super) const CHECK: Check = Check {
    id: "route-part-missing",
    title: "a route uses a part of Traefik that does not exist",
    why: "Traefik drops a route of which a middleware, TLS option, transport or service is missing, or lies in a \
          namespace that it must not reach; visitors get 404.",
    fix: "add it to the namespace of the route, or correct the name",
    bad: "apiVersion: traefik.io/v1alpha1
kind: Middleware
metadata: {name: headers}
spec: {headers: {frameDeny: true}}
---
apiVersion: traefik.io/v1alpha1
kind: IngressRoute
metadata: {name: web}
spec:
  routes:
    - match: Host(`shop.example`)
      middlewares: [{name: header}]
      services: [{name: api@internal, kind: TraefikService}]",
    good: "apiVersion: traefik.io/v1alpha1
kind: Middleware
metadata: {name: headers}
spec: {headers: {frameDeny: true}}
---
apiVersion: traefik.io/v1alpha1
kind: IngressRoute
metadata: {name: web}
spec:
  routes:
    - match: Host(`shop.example`)
      middlewares: [{name: headers}]
      services: [{name: api@internal, kind: TraefikService}]",
    check,
};

/// What names a part, where, in which field, and the kind of the part.
const PLACES: &[(&str, &str, &str, &str)] = &[
    ("IngressRoute", "/spec/routes/*/middlewares/*", "name", "Middleware"),
    ("IngressRoute", "/spec/routes/*/services/*", "name", "TraefikService"),
    (
        "IngressRoute",
        "/spec/routes/*/services/*",
        "serversTransport",
        "ServersTransport",
    ),
    ("IngressRoute", "/spec/tls/options", "name", "TLSOption"),
    ("IngressRoute", "/spec/tls/store", "name", "TLSStore"),
    (
        "IngressRouteTCP",
        "/spec/routes/*/middlewares/*",
        "name",
        "MiddlewareTCP",
    ),
    (
        "IngressRouteTCP",
        "/spec/routes/*/services/*",
        "serversTransport",
        "ServersTransportTCP",
    ),
    ("IngressRouteTCP", "/spec/tls/options", "name", "TLSOption"),
    ("Middleware", "/spec/chain/middlewares/*", "name", "Middleware"),
    (
        "Middleware",
        "/spec/errors/service",
        "serversTransport",
        "ServersTransport",
    ),
    ("TraefikService", "/spec/mirroring", "name", "TraefikService"),
    ("TraefikService", "/spec/mirroring/mirrors/*", "name", "TraefikService"),
    ("TraefikService", "/spec/weighted/services/*", "name", "TraefikService"),
];

fn check(world: &World<'_>, findings: &mut Findings<'_, '_>) {
    for (kind, at, field, part) in PLACES {
        for route in world.of("traefik.io", kind) {
            for (spot, reference) in route.each(at) {
                let is_other = *part == "TraefikService" && text(reference, "kind") != Some("TraefikService");
                if !is_other {
                    follow(world, route, (spot, reference, field), part, findings);
                }
            }
        }
    }
}

fn follow(
    world: &World<'_>,
    route: Node<'_>,
    (spot, reference, field): (Spot, &Value, &str),
    kind: &'static str,
    findings: &mut Findings<'_, '_>,
) {
    let Some(written) = text(reference, field) else {
        return;
    };
    let pointer = || spot.pointer(&format!("/{field}"));
    let namespace = text(reference, "namespace")
        .filter(|_| field == "name")
        .unwrap_or(route.namespace);
    let (namespace, name) = match written.split_once('@') {
        None => (namespace, written),
        Some((joined, "kubernetescrd")) => {
            // Hyphens join and occur, so the namespace is one that is known.
            let own = joined
                .strip_prefix(route.namespace)
                .and_then(|rest| rest.strip_prefix('-'));
            match own.filter(|_| !route.namespace.is_empty()) {
                Some(name) => (route.namespace, name),
                None => return,
            }
        }
        Some(_) => return,
    };
    let end = End {
        group: "traefik.io",
        kind,
        namespace,
        name,
    };
    if world.is_built() && namespace != route.namespace {
        let message = format!(
            "{} refers to {kind} `{name}` in `{namespace}`, and Traefik must not leave a route's namespace",
            route.called()
        );
        findings.contradiction(route, pointer(), &[], message);
    } else if !world.exists(end) {
        findings.missing(route, pointer(), end);
    }
}
