//! The way in: the certificate, the routes of all hosts, and what a request passes on its way to Odoo.
//!
//! Everything a route refers to is made here, in its own namespace: Traefik drops a route with a reference it cannot
//! follow, and follows none into another namespace.

#[cfg(test)]
mod tests;

use crate::blueprint::names::*;
use crate::blueprint::{Build, Component, Place};
use crate::kinds::traefik::*;
use crate::kinds::{IntOrString, cert_manager};
use crate::manifest::Object;
use crate::model::Environment;
use crate::words::*;

pub(super) const COMPONENT: Component = Component {
    name: "ingress",
    summary: "certificate, routes, limits and headers",
    build: Build::Environment(build),
    edges: Component::NO_EDGES,
    after: &["odoo"],
};

// Middlewares, in the order in which a request passes them.
const ALLOW_FROM: &str = "allow-from";
const HEADERS: &str = "headers";
const RATE: &str = "rate-limit";
const LOGIN_RATE: &str = "login-rate-limit";
const WEBSOCKET_RATE: &str = "websocket-rate-limit";
const FORWARD_AUTH: &str = "forward-auth";
const BODY: &str = "body";
const SMALL_BODY: &str = "small-body";
const IN_FLIGHT: &str = "in-flight";
const COMPRESS: &str = "compress";
const NOT_FOUND: &str = "not-found";

/// TLSOption of the route.
const TLS_OPTION: &str = "modern";
/// ServersTransport of the route.
const TRANSPORT: &str = "odoo";

/// What nobody needs from outside: the database manager (which answers even when it is switched off), metrics, and the
/// job runner's door. Whole path segments, so that a page called `/metrics-we-trust` stays.
const CLOSED: &str = "^/(web/database|xmlrpc/db|xmlrpc/2/db|metrics|monitoring|queue_job)(/|$)";

/// Where passwords are tried, also behind a language (`/de/web/login`).
const LOGIN: &str = "^(/[^/]+)?/web/(login|reset_password|signup|session/authenticate)(/|$)";

/// Seconds beyond Odoo's own limit before Traefik gives up: Odoo kills the worker first and says so in its log.
const PATIENCE: u32 = 60;
/// Bytes of a request or response that are kept in memory; the rest goes to Traefik's disk.
const MEMORY: i64 = 2 << 20;
/// Bytes that a login form may have.
const LOGIN_FORM: u64 = 64 << 10;

fn build(at: &Place, env: &Environment) -> Vec<Object> {
    let mut objects = vec![
        certificate(at, env).into(),
        route(at, env).into(),
        TLSOption {
            metadata: at.meta(TLS_OPTION),
            spec: modern_tls(),
        }
        .into(),
        transport(at, env).into(),
    ];
    objects.extend(middlewares(env).into_iter().map(|(name, spec)| {
        Middleware {
            metadata: at.meta(name),
            spec,
        }
        .into()
    }));
    objects
}

fn certificate(at: &Place, env: &Environment) -> cert_manager::Certificate {
    let issuer = env
        .spec
        .ingress
        .issuer
        .as_ref()
        .or_else(|| env.cluster.spec.issuers.first().map(|issuer| &issuer.name));
    cert_manager::Certificate {
        metadata: at.meta(WEB_SERVICE),
        spec: cert_manager::CertificateSpec {
            secret_name: CERTIFICATE_SECRET.into(),
            issuer_ref: cert_manager::IssuerRef {
                name: issuer.map(ToString::to_string).unwrap_or_default(),
                kind: some("ClusterIssuer"),
                group: some("cert-manager.io"),
            },
            dns_names: env.hosts.iter().map(ToString::to_string).collect(),
            private_key: some(cert_manager::PrivateKey {
                algorithm: some("ECDSA"),
                size: Some(256),
                rotation_policy: some("Always"),
                ..default()
            }),
            ..default()
        },
    }
}

fn route(at: &Place, env: &Environment) -> IngressRoute {
    IngressRoute {
        metadata: at.meta(WEB_SERVICE),
        spec: IngressRouteSpec {
            entry_points: texts(["websecure"]),
            ingress_class_name: some("traefik"),
            routes: rules(env),
            tls: some(RouteTLS {
                secret_name: some(CERTIFICATE_SECRET),
                options: some(reference(TLS_OPTION)),
                ..default()
            }),
            ..default()
        },
    }
}

/// The rules, most urgent first. Every path of every host leads somewhere on purpose.
fn rules(env: &Environment) -> Vec<Route> {
    // With workers the event loop answers websockets, and nothing else does; the threaded server has one port.
    let events = if env.sizing.workers == 0 { "http" } else { "gevent" };
    vec![
        // Neither a buffer nor a count of requests: a websocket is one request that lasts for hours.
        rule(
            env,
            1000,
            "Path(`/websocket`)",
            events,
            &[ALLOW_FROM, HEADERS, WEBSOCKET_RATE, FORWARD_AUTH],
        ),
        rule(
            env,
            990,
            "PathPrefix(`/websocket/`)",
            events,
            &[ALLOW_FROM, HEADERS, WEBSOCKET_RATE, FORWARD_AUTH],
        ),
        rule(
            env,
            980,
            &format!("PathRegexp(`{CLOSED}`)"),
            "http",
            &[ALLOW_FROM, NOT_FOUND],
        ),
        rule(
            env,
            970,
            &format!("Method(`POST`) && PathRegexp(`{LOGIN}`)"),
            "http",
            &[ALLOW_FROM, HEADERS, LOGIN_RATE, FORWARD_AUTH, SMALL_BODY, IN_FLIGHT],
        ),
        rule(
            env,
            10,
            "",
            "http",
            &[ALLOW_FROM, HEADERS, RATE, FORWARD_AUTH, BODY, IN_FLIGHT, COMPRESS],
        ),
    ]
}

fn rule(env: &Environment, priority: i64, path: &str, port: &str, middlewares: &[&str]) -> Route {
    let hosts = hosts(env);
    Route {
        kind: some("Rule"),
        match_: if path.is_empty() {
            hosts
        } else {
            format!("{hosts} && {path}")
        },
        priority: Some(priority),
        middlewares: middlewares
            .iter()
            .filter(|name| is_used(env, name))
            .map(|name| reference(name))
            .collect(),
        services: vec![Backend {
            kind: some("Service"),
            name: WEB_SERVICE.into(),
            port: Some(IntOrString::String(port.into())),
            // The pod with fewer requests of two: one long report must not queue others behind it.
            strategy: some("p2c"),
            pass_host_header: Some(true),
            servers_transport: some(TRANSPORT),
            ..default()
        }],
        ..default()
    }
}

/// `Host` and no pattern: TLS options do not reach routes with `HostRegexp`.
fn hosts(env: &Environment) -> String {
    let hosts: Vec<String> = env.hosts.iter().map(|host| format!("Host(`{host}`)")).collect();
    if hosts.len() == 1 {
        hosts.concat()
    } else {
        format!("({})", hosts.join(" || "))
    }
}

fn reference(name: &str) -> Reference {
    Reference {
        name: name.into(),
        ..default()
    }
}

/// Whether requests pass this middleware in this environment.
fn is_used(env: &Environment, middleware: &str) -> bool {
    match middleware {
        ALLOW_FROM => !env.spec.ingress.allow_from.is_empty(),
        FORWARD_AUTH => env.spec.ingress.forward_auth.is_some(),
        _ => true,
    }
}

/// The middlewares, by name. Each pod of Traefik counts for itself, so a limit holds per pod of Traefik.
fn middlewares(env: &Environment) -> Vec<(&'static str, MiddlewareSpec)> {
    let ingress = &env.spec.ingress;
    let requests = i64::from(ingress.requests_per_second);
    let logins = i64::from(ingress.logins_per_minute);
    let users = i64::from(env.spec.users);
    let networks: Vec<String> = ingress.allow_from.iter().map(ToString::to_string).collect();
    let mut middlewares = vec![
        (HEADERS, headers()),
        // A page of Odoo loads dozens of files at once.
        (RATE, rate(requests, "1s", 3 * requests)),
        (LOGIN_RATE, rate(logins, "1m", logins)),
        // After a roll-out everyone comes back at once, often from one office and so from one address.
        (WEBSOCKET_RATE, rate((users / 10).max(5), "1s", users.max(20))),
        (BODY, buffer(ingress.upload_limit.bytes())),
        (SMALL_BODY, buffer(LOGIN_FORM)),
        (IN_FLIGHT, in_flight(env)),
        (COMPRESS, compress()),
        (NOT_FOUND, allow(texts(["127.0.0.1/32"]), 404)),
        (ALLOW_FROM, allow(networks, 403)),
    ];
    if let Some(address) = &ingress.forward_auth {
        middlewares.push((FORWARD_AUTH, forward_auth(address.as_str())));
    }
    middlewares.retain(|(name, _)| is_used(env, name));
    middlewares
}

/// Odoo sets `X-Frame-Options` and the frame policy itself, and its pages need inline scripts. Its session cookie is
/// not marked secure, which strict transport makes up for.
fn headers() -> MiddlewareSpec {
    MiddlewareSpec {
        headers: some(Headers {
            sts_seconds: Some(31_536_000),
            sts_include_subdomains: Some(true),
            content_type_nosniff: Some(true),
            referrer_policy: some("strict-origin-when-cross-origin"),
            permissions_policy: some("camera=(self), microphone=(self), geolocation=(self)"),
            custom_response_headers: map([("Server", ""), ("X-Powered-By", "")]),
            ..default()
        }),
        ..default()
    }
}

/// Per address; of IPv6 a whole network counts as one, since each customer has one.
fn rate(average: i64, period: &str, burst: i64) -> MiddlewareSpec {
    let network = IPStrategy {
        ipv6_subnet: Some(64),
        ..default()
    };
    MiddlewareSpec {
        rate_limit: some(RateLimit {
            average: Some(average),
            period: some(period),
            burst: Some(burst),
            source_criterion: some(SourceCriterion {
                ip_strategy: some(network),
                ..default()
            }),
            ..default()
        }),
        ..default()
    }
}

/// Odoo expects a proxy that reads slow clients: a worker serves one request at a time, and gives up on a silent one.
fn buffer(largest: u64) -> MiddlewareSpec {
    let largest = i64::try_from(largest).unwrap_or(i64::MAX);
    MiddlewareSpec {
        buffering: some(Buffering {
            max_request_body_bytes: Some(largest),
            mem_request_body_bytes: Some(MEMORY.min(largest)),
            mem_response_body_bytes: Some(2 * MEMORY),
            ..default()
        }),
        ..default()
    }
}

/// Behind the buffer, so that it counts work and not slow lines.
fn in_flight(env: &Environment) -> MiddlewareSpec {
    MiddlewareSpec {
        in_flight_req: some(InFlightReq {
            amount: Some(env.sizing.requests_in_flight.into()),
            source_criterion: some(SourceCriterion {
                request_host: Some(true),
                ..default()
            }),
        }),
        ..default()
    }
}

fn compress() -> MiddlewareSpec {
    MiddlewareSpec {
        compress: some(Compress {
            encodings: texts(["zstd", "br", "gzip"]),
            min_response_body_bytes: Some(1024),
            excluded_content_types: texts(["image/png", "image/jpeg", "application/pdf", "application/zip"]),
            ..default()
        }),
        ..default()
    }
}

fn allow(networks: Vec<String>, otherwise: i64) -> MiddlewareSpec {
    MiddlewareSpec {
        ip_allow_list: some(IPAllowList {
            source_range: networks,
            reject_status_code: Some(otherwise),
            ..default()
        }),
        ..default()
    }
}

fn forward_auth(address: &str) -> MiddlewareSpec {
    MiddlewareSpec {
        forward_auth: some(ForwardAuth {
            address: some(address),
            // What a client claims about where it comes from is not passed on.
            trust_forward_header: Some(false),
            auth_response_headers: texts(["X-Auth-Request-User", "X-Auth-Request-Email"]),
            max_response_body_size: Some(1 << 20),
            ..default()
        }),
        ..default()
    }
}

/// TLS as every entry of the platform offers it: 1.2 with forward secrecy, 1.3, and no answer to a foreign name.
pub(super) fn modern_tls() -> TLSOptionSpec {
    TLSOptionSpec {
        min_version: some("VersionTLS12"),
        sni_strict: Some(true),
        alpn_protocols: texts(["h2", "http/1.1"]),
        cipher_suites: texts([
            "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
            "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
            "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
            "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
            "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
            "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
        ]),
        ..default()
    }
}

fn transport(at: &Place, env: &Environment) -> ServersTransport {
    ServersTransport {
        metadata: at.meta(TRANSPORT),
        spec: ServersTransportSpec {
            // Odoo speaks HTTP/1.1 at most.
            disable_http2: Some(true),
            forwarding_timeouts: some(ForwardingTimeouts {
                dial_timeout: some("5s"),
                response_header_timeout: some(format!("{}s", env.spec.odoo.request_timeout + PATIENCE)),
                idle_conn_timeout: some("90s"),
                ..default()
            }),
            ..default()
        },
    }
}
