//! What guards the way in.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::*;
use crate::fixture::{component, environment};

/// The specification of one object as it will be written.
fn spec(kind: &str, name: &str, objects: &[Object]) -> String {
    let object = objects.iter().find(|object| object.kind == kind && object.name == name);
    crate::emit::yaml::to_string(&object.unwrap().value["spec"])
}

fn routes(env: &Arc<Environment>) -> Vec<Route> {
    let objects = component("ingress", env);
    objects
        .iter()
        .find_map(|object| object.view::<IngressRoute>())
        .unwrap()
        .spec
        .routes
}

fn middleware(name: &str, env: &Arc<Environment>) -> MiddlewareSpec {
    let objects = component("ingress", env);
    objects
        .iter()
        .find(|object| object.name == name)
        .unwrap()
        .view::<Middleware>()
        .unwrap()
        .spec
}

fn names(route: &Route) -> Vec<&str> {
    route
        .middlewares
        .iter()
        .map(|middleware| middleware.name.as_str())
        .collect()
}

const CLOSED_TO_OTHERS: &str =
    "  ingress: {allowFrom: [198.51.100.0/24], forwardAuth: \"https://login.formwork.example/oauth2/auth\"}\n";

#[test]
fn routes_of_production() {
    let objects = component("ingress", &environment("", &[]));
    insta::assert_snapshot!(spec("IngressRoute", "web", &objects), @"
    entryPoints:
    - websecure
    ingressClassName: traefik
    routes:
    - kind: Rule
      match: Host(`production.hartmann.eu.erp.formwork.example`) && Path(`/websocket`)
      middlewares:
      - name: headers
      - name: websocket-rate-limit
      priority: 1000
      services:
      - name: web
        kind: Service
        passHostHeader: true
        port: gevent
        serversTransport: odoo
        strategy: p2c
    - kind: Rule
      match: Host(`production.hartmann.eu.erp.formwork.example`) && PathPrefix(`/websocket/`)
      middlewares:
      - name: headers
      - name: websocket-rate-limit
      priority: 990
      services:
      - name: web
        kind: Service
        passHostHeader: true
        port: gevent
        serversTransport: odoo
        strategy: p2c
    - kind: Rule
      match: Host(`production.hartmann.eu.erp.formwork.example`) && PathRegexp(`^/(web/database|xmlrpc/db|xmlrpc/2/db|metrics|monitoring|queue_job)(/|$)`)
      middlewares:
      - name: not-found
      priority: 980
      services:
      - name: web
        kind: Service
        passHostHeader: true
        port: http
        serversTransport: odoo
        strategy: p2c
    - kind: Rule
      match: Host(`production.hartmann.eu.erp.formwork.example`) && Method(`POST`) && PathRegexp(`^(/[^/]+)?/web/(login|reset_password|signup|session/authenticate)(/|$)`)
      middlewares:
      - name: headers
      - name: login-rate-limit
      - name: small-body
      - name: in-flight
      priority: 970
      services:
      - name: web
        kind: Service
        passHostHeader: true
        port: http
        serversTransport: odoo
        strategy: p2c
    - kind: Rule
      match: Host(`production.hartmann.eu.erp.formwork.example`)
      middlewares:
      - name: headers
      - name: rate-limit
      - name: body
      - name: in-flight
      - name: compress
      priority: 10
      services:
      - name: web
        kind: Service
        passHostHeader: true
        port: http
        serversTransport: odoo
        strategy: p2c
    tls:
      options:
        name: modern
      secretName: web-tls
    ");
}

#[test]
fn certificate_of_production() {
    let objects = component("ingress", &environment("", &[]));
    insta::assert_snapshot!(spec("Certificate", "web", &objects), @"
    dnsNames:
    - production.hartmann.eu.erp.formwork.example
    issuerRef:
      group: cert-manager.io
      kind: ClusterIssuer
      name: letsencrypt
    privateKey:
      algorithm: ECDSA
      rotationPolicy: Always
      size: 256
    secretName: web-tls
    ");
}

#[test]
fn middlewares_of_production() {
    let objects = component("ingress", &environment(CLOSED_TO_OTHERS, &[]));
    let text: String = objects
        .iter()
        .filter(|object| object.kind == "Middleware")
        .map(|object| format!("# {}\n{}", object.name, spec("Middleware", &object.name, &objects)))
        .collect();
    insta::assert_snapshot!(text, @r#"
    # headers
    headers:
      contentTypeNosniff: true
      customResponseHeaders:
        Server: ""
        X-Powered-By: ""
      permissionsPolicy: camera=(self), microphone=(self), geolocation=(self)
      referrerPolicy: strict-origin-when-cross-origin
      stsIncludeSubdomains: true
      stsSeconds: 31536000
    # rate-limit
    rateLimit:
      average: 100
      burst: 300
      period: 1s
      sourceCriterion:
        ipStrategy:
          ipv6Subnet: 64
    # login-rate-limit
    rateLimit:
      average: 10
      burst: 10
      period: 1m
      sourceCriterion:
        ipStrategy:
          ipv6Subnet: 64
    # websocket-rate-limit
    rateLimit:
      average: 24
      burst: 240
      period: 1s
      sourceCriterion:
        ipStrategy:
          ipv6Subnet: 64
    # body
    buffering:
      maxRequestBodyBytes: 138412032
      memRequestBodyBytes: 2097152
      memResponseBodyBytes: 4194304
    # small-body
    buffering:
      maxRequestBodyBytes: 65536
      memRequestBodyBytes: 65536
      memResponseBodyBytes: 4194304
    # in-flight
    inFlightReq:
      amount: 50
      sourceCriterion:
        requestHost: true
    # compress
    compress:
      encodings:
      - zstd
      - br
      - gzip
      excludedContentTypes:
      - image/png
      - image/jpeg
      - application/pdf
      - application/zip
      minResponseBodyBytes: 1024
    # not-found
    ipAllowList:
      rejectStatusCode: 404
      sourceRange:
      - "127.0.0.1/32"
    # allow-from
    ipAllowList:
      rejectStatusCode: 403
      sourceRange:
      - "198.51.100.0/24"
    # forward-auth
    forwardAuth:
      address: https://login.formwork.example/oauth2/auth
      authResponseHeaders:
      - X-Auth-Request-User
      - X-Auth-Request-Email
      maxResponseBodySize: 1048576
      trustForwardHeader: false
    "#);
}

#[test]
fn tls_and_transport_of_production() {
    let objects = component("ingress", &environment("", &[]));
    insta::assert_snapshot!(spec("TLSOption", "modern", &objects), @"
    alpnProtocols:
    - h2
    - http/1.1
    cipherSuites:
    - TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256
    - TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256
    - TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384
    - TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384
    - TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256
    - TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256
    minVersion: VersionTLS12
    sniStrict: true
    ");
    insta::assert_snapshot!(spec("ServersTransport", "odoo", &objects), @"
    disableHTTP2: true
    forwardingTimeouts:
      dialTimeout: 5s
      idleConnTimeout: 90s
      responseHeaderTimeout: 660s
    ");
}

#[test]
fn trap_3_websocket_follows_the_mode() {
    let with_workers = routes(&environment("", &[]));
    let threaded = routes(&environment(
        "  odoo: {workers: 0}\n",
        &[("tier: production", "tier: development")],
    ));
    let ports = |routes: &[Route]| -> Vec<String> {
        let port = |route: &Route| route.services[0].port.clone();
        routes
            .iter()
            .map(|route| match port(route) {
                Some(IntOrString::String(name)) => name,
                other => panic!("{other:?}"),
            })
            .collect()
    };
    assert_eq!(ports(&with_workers), ["gevent", "gevent", "http", "http", "http"]);
    assert_eq!(ports(&threaded), ["http"; 5]);
}

#[test]
fn trap_9_database_manager_is_not_found_at_the_edge() {
    let env = environment("", &[]);
    let closed = routes(&env)
        .into_iter()
        .find(|route| route.match_.contains("web/database"))
        .unwrap();
    assert_eq!(names(&closed), ["not-found"]);
    assert_eq!(
        middleware("not-found", &env).ip_allow_list.unwrap().reject_status_code,
        Some(404)
    );
    assert!(
        routes(&env)
            .iter()
            .all(|route| route.priority <= closed.priority || route.match_.contains("/websocket"))
    );
}

#[test]
fn trap_10_uploads_are_buffered_and_answers_awaited() {
    let env = environment("  odoo: {requestTimeout: 1200}\n", &[]);
    let all = routes(&env).pop().unwrap();
    assert_eq!(names(&all), ["headers", "rate-limit", "body", "in-flight", "compress"]);
    assert_eq!(
        middleware("body", &env).buffering.unwrap().max_request_body_bytes,
        Some(132 << 20)
    );
    assert!(spec("ServersTransport", "odoo", &component("ingress", &env)).contains("responseHeaderTimeout: 1260s"));
}

#[test]
fn trap_11_nothing_on_websockets_that_waits_or_counts() {
    let env = environment(CLOSED_TO_OTHERS, &[]);
    for route in routes(&env).iter().filter(|route| route.match_.contains("/websocket")) {
        assert_eq!(
            names(route),
            ["allow-from", "headers", "websocket-rate-limit", "forward-auth"]
        );
        for name in names(route) {
            let step = middleware(name, &env);
            assert!(
                step.buffering.is_none() && step.in_flight_req.is_none() && step.compress.is_none(),
                "{name}"
            );
        }
    }
    let steps = component("ingress", &env);
    let mut steps = steps.iter().filter_map(|object| object.view::<Middleware>());
    assert!(steps.all(|step| step.spec.retry.is_none()));
}

#[test]
fn trap_13_every_reference_is_made_here() {
    let env = environment(CLOSED_TO_OTHERS, &[]);
    let objects = component("ingress", &env);
    assert!(
        objects
            .iter()
            .all(|object| object.namespace.as_deref() == Some("hartmann-production"))
    );
    let made: BTreeSet<(&str, &str)> = objects
        .iter()
        .map(|object| (object.kind.as_str(), object.name.as_str()))
        .collect();
    let route = objects
        .iter()
        .find_map(|object| object.view::<IngressRoute>())
        .unwrap()
        .spec;
    let tls = route.tls.unwrap();
    let option = tls.options.unwrap();
    assert!(made.contains(&("TLSOption", option.name.as_str())) && option.namespace.is_none());
    for rule in &route.routes {
        for reference in &rule.middlewares {
            assert!(
                made.contains(&("Middleware", reference.name.as_str())),
                "{}",
                reference.name
            );
            assert!(reference.namespace.is_none());
        }
        assert!(made.contains(&(
            "ServersTransport",
            rule.services[0].servers_transport.as_deref().unwrap()
        )));
    }
}

#[test]
fn every_middleware_is_used() {
    let env = environment(CLOSED_TO_OTHERS, &[]);
    let routes = routes(&env);
    let used: BTreeSet<&str> = routes.iter().flat_map(names).collect();
    let objects = component("ingress", &env);
    let made: BTreeSet<&str> = objects
        .iter()
        .filter(|object| object.kind == "Middleware")
        .map(|object| object.name.as_str())
        .collect();
    assert_eq!(used, made);
}

#[test]
fn trap_14_hosts_are_names_and_not_patterns() {
    let env = environment("  hosts: [erp.hartmann.example, portal.hartmann.example]\n", &[]);
    for route in routes(&env) {
        assert!(
            route
                .match_
                .starts_with("(Host(`erp.hartmann.example`) || Host(`portal.hartmann.example`))"),
            "{}",
            route.match_
        );
        assert!(!route.match_.contains("HostRegexp"));
    }
}

#[test]
fn trap_24_the_certificate_lies_beside_the_route_and_names_every_host() {
    let env = environment("  hosts: [erp.hartmann.example, portal.hartmann.example]\n", &[]);
    let objects = component("ingress", &env);
    let certificate = objects
        .iter()
        .find_map(|object| object.view::<cert_manager::Certificate>())
        .unwrap();
    let route = objects.iter().find_map(|object| object.view::<IngressRoute>()).unwrap();
    assert_eq!(Some(certificate.spec.secret_name), route.spec.tls.unwrap().secret_name);
    assert_eq!(
        certificate.spec.dns_names,
        ["erp.hartmann.example", "portal.hartmann.example"]
    );
}

#[test]
fn priorities_are_unique() {
    let routes = routes(&environment("", &[]));
    let priorities: BTreeSet<i64> = routes.iter().map(|route| route.priority.unwrap()).collect();
    assert_eq!(priorities.len(), routes.len());
    assert!(priorities.iter().all(|priority| *priority > 0));
}

#[test]
fn the_allow_list_comes_first_everywhere() {
    for route in routes(&environment(CLOSED_TO_OTHERS, &[])) {
        assert_eq!(names(&route).first(), Some(&"allow-from"), "{}", route.match_);
    }
}

#[test]
fn passwords_are_tried_slowly_also_behind_a_language() {
    let login = routes(&environment("", &[]))
        .into_iter()
        .find(|route| route.match_.contains("POST"))
        .unwrap();
    assert!(names(&login).contains(&"login-rate-limit") && names(&login).contains(&"small-body"));
    assert!(login.match_.contains("PathRegexp(`^(/[^/]+)?/web/(login|"));
}

#[test]
fn the_framing_rules_are_left_to_odoo() {
    let headers = middleware("headers", &environment("", &[])).headers.unwrap();
    assert!(headers.frame_deny.is_none() && headers.content_security_policy.is_none());
    assert_eq!(headers.sts_seconds, Some(31_536_000));
}
