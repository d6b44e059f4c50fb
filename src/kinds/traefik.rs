//! The custom resources of Traefik 3.7: routes, what happens to a request on the way, and how connections are made.
//!
//! Upstream lets a duration be a number too; here it is always text with its unit.

use std::collections::BTreeMap;

use super::{
    IntOrString,
    custom::{fields, kind},
};

kind!(
    /// An HTTP router for one entry point and many rules (Traefik 3.7).
    IngressRoute(IngressRouteSpec) = Namespaced "traefik.io" / "v1alpha1" / "ingressroutes"
);
kind!(
    /// One step on a request's way to its service (Traefik 3.7). Exactly one of its fields is set.
    Middleware(MiddlewareSpec) = Namespaced "traefik.io" / "v1alpha1" / "middlewares"
);
kind!(
    /// The TLS versions and ciphers a router accepts (Traefik 3.7).
    TLSOption(TLSOptionSpec) = Namespaced "traefik.io" / "v1alpha1" / "tlsoptions"
);
kind!(
    /// The certificates served where a router names none (Traefik 3.7). Only the one named `default` counts.
    TLSStore(TLSStoreSpec) = Namespaced "traefik.io" / "v1alpha1" / "tlsstores"
);
kind!(
    /// How Traefik connects to the pods of a service (Traefik 3.7).
    ServersTransport(ServersTransportSpec) = Namespaced "traefik.io" / "v1alpha1" / "serverstransports"
);
kind!(
    /// Several services behind one name, by weight or as a fallback (Traefik 3.7).
    TraefikService(TraefikServiceSpec) = Namespaced "traefik.io" / "v1alpha1" / "traefikservices"
);

fields! {
    /// Names another object of Traefik.
    Reference {
        name: String,
        namespace: Option<String>,
    }
    IngressRouteSpec {
        entry_points: Vec<String>,
        ingress_class_name: Option<String>,
        routes: Vec<Route>,
        tls: Option<RouteTLS>,
        parent_refs: Vec<Reference>,
    }
    /// A rule, its middlewares in order, and the services that answer.
    Route {
        kind: Option<String>,
        #[serde(rename = "match")]
        match_: String,
        priority: Option<i64>,
        middlewares: Vec<Reference>,
        services: Vec<Backend>,
        observability: Option<Observability>,
    }
    /// A service as a router or another service sees it.
    Backend {
        kind: Option<String>,
        name: String,
        namespace: Option<String>,
        port: Option<IntOrString>,
        scheme: Option<String>,
        strategy: Option<String>,
        weight: Option<i64>,
        pass_host_header: Option<bool>,
        servers_transport: Option<String>,
        #[serde(rename = "nativeLB")]
        native_lb: Option<bool>,
        sticky: Option<Sticky>,
        health_check: Option<HealthCheck>,
        passive_health_check: Option<PassiveHealthCheck>,
    }
    Sticky {
        cookie: Option<Cookie>,
    }
    Cookie {
        name: Option<String>,
        domain: Option<String>,
        path: Option<String>,
        max_age: Option<i64>,
        http_only: Option<bool>,
        same_site: Option<String>,
        secure: Option<bool>,
    }
    HealthCheck {
        scheme: Option<String>,
        mode: Option<String>,
        method: Option<String>,
        hostname: Option<String>,
        port: Option<i64>,
        path: Option<String>,
        status: Option<i64>,
        headers: BTreeMap<String, String>,
        follow_redirects: Option<bool>,
        interval: Option<String>,
        unhealthy_interval: Option<String>,
        timeout: Option<String>,
    }
    PassiveHealthCheck {
        failure_window: Option<String>,
        max_failed_attempts: Option<i64>,
    }
    Observability {
        access_logs: Option<bool>,
        metrics: Option<bool>,
        tracing: Option<bool>,
        trace_verbosity: Option<String>,
    }
    RouteTLS {
        secret_name: Option<String>,
        options: Option<Reference>,
        store: Option<Reference>,
        cert_resolver: Option<String>,
        domains: Vec<Domain>,
    }
    Domain {
        main: Option<String>,
        sans: Vec<String>,
    }
}

fields! {
    MiddlewareSpec {
        buffering: Option<Buffering>,
        chain: Option<Chain>,
        circuit_breaker: Option<CircuitBreaker>,
        compress: Option<Compress>,
        errors: Option<Errors>,
        forward_auth: Option<ForwardAuth>,
        headers: Option<Headers>,
        in_flight_req: Option<InFlightReq>,
        ip_allow_list: Option<IPAllowList>,
        rate_limit: Option<RateLimit>,
        redirect_scheme: Option<RedirectScheme>,
        retry: Option<Retry>,
    }
    Buffering {
        max_request_body_bytes: Option<i64>,
        mem_request_body_bytes: Option<i64>,
        max_response_body_bytes: Option<i64>,
        mem_response_body_bytes: Option<i64>,
        retry_expression: Option<String>,
    }
    Chain {
        middlewares: Vec<Reference>,
    }
    CircuitBreaker {
        expression: Option<String>,
        check_period: Option<String>,
        fallback_duration: Option<String>,
        recovery_duration: Option<String>,
        response_code: Option<i64>,
    }
    Compress {
        encodings: Vec<String>,
        default_encoding: Option<String>,
        included_content_types: Vec<String>,
        excluded_content_types: Vec<String>,
        min_response_body_bytes: Option<i64>,
    }
    /// The page that stands in for an answer with one of these states.
    Errors {
        status: Vec<String>,
        status_rewrites: BTreeMap<String, i64>,
        query: Option<String>,
        service: Option<Backend>,
        error_request_headers: Vec<String>,
    }
    ForwardAuth {
        address: Option<String>,
        trust_forward_header: Option<bool>,
        auth_request_headers: Vec<String>,
        auth_response_headers: Vec<String>,
        auth_response_headers_regex: Option<String>,
        add_auth_cookies_to_response: Vec<String>,
        forward_body: Option<bool>,
        max_body_size: Option<i64>,
        max_response_body_size: Option<i64>,
        preserve_location_header: Option<bool>,
        preserve_request_method: Option<bool>,
        tls: Option<ForwardAuthTLS>,
    }
    ForwardAuthTLS {
        ca_secret: Option<String>,
        cert_secret: Option<String>,
        insecure_skip_verify: Option<bool>,
    }
    Headers {
        sts_seconds: Option<i64>,
        sts_include_subdomains: Option<bool>,
        sts_preload: Option<bool>,
        #[serde(rename = "forceSTSHeader")]
        force_sts_header: Option<bool>,
        content_type_nosniff: Option<bool>,
        browser_xss_filter: Option<bool>,
        frame_deny: Option<bool>,
        custom_frame_options_value: Option<String>,
        content_security_policy: Option<String>,
        content_security_policy_report_only: Option<String>,
        referrer_policy: Option<String>,
        permissions_policy: Option<String>,
        allowed_hosts: Vec<String>,
        custom_request_headers: BTreeMap<String, String>,
        custom_response_headers: BTreeMap<String, String>,
    }
    InFlightReq {
        amount: Option<i64>,
        source_criterion: Option<SourceCriterion>,
    }
    IPAllowList {
        source_range: Vec<String>,
        ip_strategy: Option<IPStrategy>,
        reject_status_code: Option<i64>,
    }
    RateLimit {
        average: Option<i64>,
        period: Option<String>,
        burst: Option<i64>,
        source_criterion: Option<SourceCriterion>,
        redis: Option<RateLimitRedis>,
    }
    /// Counters shared by the pods of Traefik; without it each pod counts for itself.
    RateLimitRedis {
        endpoints: Vec<String>,
        secret: Option<String>,
        db: Option<i64>,
        tls: Option<RateLimitTLS>,
        pool_size: Option<i64>,
        min_idle_conns: Option<i64>,
        max_active_conns: Option<i64>,
        dial_timeout: Option<String>,
        read_timeout: Option<String>,
        write_timeout: Option<String>,
    }
    RateLimitTLS {
        ca_secret: Option<String>,
        cert_secret: Option<String>,
        insecure_skip_verify: Option<bool>,
    }
    /// What counts as one source of requests.
    SourceCriterion {
        ip_strategy: Option<IPStrategy>,
        request_header_name: Option<String>,
        request_host: Option<bool>,
    }
    IPStrategy {
        depth: Option<i64>,
        #[serde(rename = "excludedIPs")]
        excluded_ips: Vec<String>,
        ipv6_subnet: Option<i64>,
    }
    RedirectScheme {
        scheme: Option<String>,
        port: Option<String>,
        permanent: Option<bool>,
    }
    Retry {
        attempts: Option<i64>,
        initial_interval: Option<String>,
        timeout: Option<String>,
        status: Vec<String>,
        max_request_body_bytes: Option<i64>,
        disable_retry_on_network_error: Option<bool>,
        retry_non_idempotent_method: Option<bool>,
    }
}

fields! {
    TLSOptionSpec {
        min_version: Option<String>,
        max_version: Option<String>,
        cipher_suites: Vec<String>,
        curve_preferences: Vec<String>,
        alpn_protocols: Vec<String>,
        sni_strict: Option<bool>,
        disable_session_tickets: Option<bool>,
        client_auth: Option<ClientAuth>,
    }
    ClientAuth {
        secret_names: Vec<String>,
        client_auth_type: Option<String>,
    }
    TLSStoreSpec {
        default_certificate: Option<StoredCertificate>,
        certificates: Vec<StoredCertificate>,
    }
    StoredCertificate {
        secret_name: String,
    }
    ServersTransportSpec {
        server_name: Option<String>,
        #[serde(rename = "rootCAs")]
        root_cas: Vec<RootCA>,
        certificates_secrets: Vec<String>,
        insecure_skip_verify: Option<bool>,
        max_idle_conns_per_host: Option<i64>,
        #[serde(rename = "disableHTTP2")]
        disable_http2: Option<bool>,
        forwarding_timeouts: Option<ForwardingTimeouts>,
    }
    RootCA {
        secret: Option<String>,
        config_map: Option<String>,
    }
    ForwardingTimeouts {
        dial_timeout: Option<String>,
        response_header_timeout: Option<String>,
        idle_conn_timeout: Option<String>,
        read_idle_timeout: Option<String>,
        ping_timeout: Option<String>,
    }
    TraefikServiceSpec {
        weighted: Option<Weighted>,
        failover: Option<Failover>,
    }
    Weighted {
        services: Vec<Backend>,
        sticky: Option<Sticky>,
    }
    Failover {
        service: Backend,
        fallback: Backend,
        errors: FailoverErrors,
    }
    FailoverErrors {
        status: Vec<String>,
        max_request_body_bytes: Option<i64>,
    }
}
