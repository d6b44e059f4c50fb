//! A route leads to a Service that exists, at a port that it has.
//!
//! Ingress, Traefik's routes and the Gateway API alike.

use serde_json::Value;

use crate::references::ends::End;
use crate::references::node::{Spot, text};
use crate::references::pods::{self, Port};
use crate::references::{Check, Findings, Node, World};

pub(super) const CHECK: Check = Check {
    id: "route-without-service",
    title: "a route leads to a Service or a port that does not exist",
    why: "Visitors of the route get an error page, and Traefik leaves the whole route out, those parts included that \
          are right.",
    fix: "name a Service of the same namespace and one of its ports",
    bad: "apiVersion: traefik.io/v1alpha1
kind: IngressRoute
metadata: {name: web}
spec: {routes: [{match: Host(`shop.example`), services: [{name: web, port: 8080}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {ports: [{name: http, port: 80}]}",
    good: "apiVersion: traefik.io/v1alpha1
kind: IngressRoute
metadata: {name: web}
spec: {routes: [{match: Host(`shop.example`), services: [{name: web, port: 80}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {ports: [{name: http, port: 80}]}",
    check,
};

/// Group and kind, and where it names a service.
const PLACES: &[(&str, &str, &str)] = &[
    ("gateway.networking.k8s.io", "GRPCRoute", "/spec/rules/*/backendRefs/*"),
    ("gateway.networking.k8s.io", "HTTPRoute", "/spec/rules/*/backendRefs/*"),
    ("networking.k8s.io", "Ingress", "/spec/defaultBackend/service"),
    (
        "networking.k8s.io",
        "Ingress",
        "/spec/rules/*/http/paths/*/backend/service",
    ),
    ("traefik.io", "IngressRoute", "/spec/routes/*/services/*"),
    ("traefik.io", "IngressRouteTCP", "/spec/routes/*/services/*"),
    ("traefik.io", "IngressRouteUDP", "/spec/routes/*/services/*"),
    ("traefik.io", "Middleware", "/spec/errors/service"),
    ("traefik.io", "TraefikService", "/spec/mirroring"),
    ("traefik.io", "TraefikService", "/spec/mirroring/mirrors/*"),
    ("traefik.io", "TraefikService", "/spec/weighted/services/*"),
];

fn check(world: &World<'_>, findings: &mut Findings<'_, '_>) {
    for (group, kind, at) in PLACES {
        for route in world.of(group, kind) {
            for (spot, reference) in route.each(at) {
                if matches!(text(reference, "kind"), None | Some("Service")) {
                    follow(world, route, (spot, reference), findings);
                }
            }
        }
    }
}

fn follow(world: &World<'_>, route: Node<'_>, (spot, reference): (Spot, &Value), findings: &mut Findings<'_, '_>) {
    let end = End {
        group: "",
        kind: "Service",
        namespace: text(reference, "namespace").unwrap_or(route.namespace),
        name: text(reference, "name").unwrap_or_default(),
    };
    let (field, wanted) = port(reference);
    // Amazon's controller answers by itself under this name.
    if wanted.and_then(Value::as_str) == Some("use-annotation") {
        return;
    }
    let services = world.find(end);
    let Some(first) = services.first() else {
        findings.missing(route, spot.pointer("/name"), end);
        return;
    };
    let mut ports = Vec::new();
    for service in services {
        match service.ports() {
            Some(more) => ports.extend(more),
            None => return,
        }
    }
    let is_it = |port: &Port<'_>| match wanted {
        Some(Value::String(name)) => port.name == name || port.number.to_string() == *name,
        Some(wanted) => wanted.as_i64() == Some(port.number),
        None => true,
    };
    if !ports.iter().any(is_it) {
        let wanted = wanted.map(|wanted| {
            wanted
                .as_str()
                .map_or_else(|| wanted.to_string(), |name| format!("`{name}`"))
        });
        let service = first.called("Service", end.name);
        let message = format!(
            "{} leads to port {} of {service}, which does not have it",
            route.called(),
            wanted.unwrap_or_default()
        );
        findings
            .contradiction(route, spot.pointer(field), &[first.by], message)
            .help(format!("its ports are {}", pods::shown(&ports)));
    }
}

/// The port of a reference and where it is: a field of its own, or a name or number inside.
fn port(reference: &Value) -> (&'static str, Option<&Value>) {
    let port = reference.get("port");
    match (
        port.and_then(|port| port.get("name")),
        port.and_then(|port| port.get("number")),
    ) {
        (Some(name), _) => ("/port/name", Some(name)),
        (None, Some(number)) => ("/port/number", Some(number)),
        (None, None) => ("/port", port.filter(|port| !port.is_object())),
    }
}
