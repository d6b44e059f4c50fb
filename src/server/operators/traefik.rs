//! Routes, middlewares and TLS options as Traefik reads them.
//!
//! Traefik has no webhook: what it cannot read it leaves out, and only its log says so. Then requests meet a 404, a missing
//! limit, or the settings of somebody else.

use serde_json::Value;

use super::read::{at, items, map, number, place, text, texts, truth};
use super::regular;
use crate::schema::Place;
use crate::server::judge::Judge;
use crate::server::{Kind, Rules, unchanged};
use crate::text::go_duration;

mod pages;
mod rule;

const GROUP: &str = "traefik.io";

pub(in crate::server) const RULES: Rules = Rules {
    by: "Traefik",
    kinds: &[
        Kind {
            group: GROUP,
            kind: "IngressRoute",
            create: route,
            update: unchanged,
        },
        Kind {
            group: GROUP,
            kind: "Middleware",
            create: middleware,
            update: unchanged,
        },
        Kind {
            group: GROUP,
            kind: "TLSOption",
            create: tls_option,
            update: unchanged,
        },
    ],
    codes: &[
        &pages::RULE,
        &pages::PRIORITY,
        &pages::MIDDLEWARE_TYPE,
        &pages::MIDDLEWARE,
        &pages::TLS,
    ],
};

/// Go's greatest integer, of which Traefik keeps a thousand for itself.
const HIGHEST_PRIORITY: i64 = i64::MAX - 1000;

fn route(object: &Value, judge: &mut Judge) {
    for (index, route) in items(object, &["spec", "routes"]).iter().enumerate() {
        place!(let place = "spec", "routes", index);
        let rule = text(route, &["match"]);
        // The syntax of version 2 is read by another parser.
        if text(route, &["syntax"]) != "v2"
            && at(route, &["match"]).is_some_and(Value::is_string)
            && let Some(reason) = rule::refusal(rule)
        {
            let shown = Value::from(rule);
            judge.invalid(
                &pages::RULE,
                &place.field("match"),
                &shown,
                format_args!("{reason}; Traefik drops the route"),
            );
        }
        if let Some(priority) = number(route, &["priority"]).filter(|priority| *priority > HIGHEST_PRIORITY) {
            judge.invalid(
                &pages::PRIORITY,
                &place.field("priority"),
                &Value::from(priority),
                format_args!(
                    "the router priority {priority} exceeds the max user-defined priority {HIGHEST_PRIORITY}; Traefik \
                     drops the route"
                ),
            );
        }
    }
}

fn middleware(object: &Value, judge: &mut Judge) {
    let Some(spec) = map(object, &["spec"]) else { return };
    let types: Vec<&str> = spec
        .iter()
        .filter(|(name, value)| !value.is_null() && *name != "plugin")
        .map(|(name, _)| name.as_str())
        .collect();
    let plugins = map(object, &["spec", "plugin"]).map_or(0, serde_json::Map::len);
    match types.len() + plugins {
        0 => judge.say(
            &pages::MIDDLEWARE_TYPE,
            place!("spec"),
            "invalid middleware configuration: invalid middleware type or middleware does not exist",
        ),
        1 => {}
        _ => judge.say(
            &pages::MIDDLEWARE_TYPE,
            place!("spec"),
            format_args!(
                "cannot create middleware: multi-types middleware not supported, consider declaring two different \
                 pieces of middleware instead: {}",
                types.join(", ")
            ),
        ),
    }
    place!(let place = "spec");
    for (name, settings) in spec {
        settings_of(name, settings, &place.field(name), judge);
    }
}

fn settings_of(name: &str, settings: &Value, place: &Place<'_>, judge: &mut Judge) {
    let mut say = |place: &Place<'_>, reason: &str| {
        judge.say(
            &pages::MIDDLEWARE,
            place,
            format_args!("{reason}; Traefik drops the routes that use it"),
        );
    };
    match name {
        "ipAllowList" | "ipWhiteList" => {
            let place = place.field("sourceRange");
            if items(settings, &["sourceRange"]).is_empty() {
                say(&place, "sourceRange is empty, IPAllowLister not created");
            }
            for range in texts(settings, &["sourceRange"]).filter(|range| !rule::is_range(range)) {
                say(&place, &format!("cannot parse CIDRs: invalid CIDR address: {range}"));
            }
        }
        "rateLimit" => match at(settings, &["period"]) {
            Some(Value::String(period)) if period.parse::<i64>().is_err() => match go_duration(period) {
                None => say(&place.field("period"), &format!("time: invalid duration {period:?}")),
                Some(nanoseconds) if nanoseconds < 0 => say(
                    &place.field("period"),
                    &format!("negative value not valid for period: {period}"),
                ),
                Some(_) => {}
            },
            Some(Value::Number(period)) if period.as_i64().is_some_and(|period| period < 0) => say(
                &place.field("period"),
                &format!("negative value not valid for period: {period}s"),
            ),
            _ => {}
        },
        "redirectRegex" | "replacePathRegex" => {
            if let Some(reason) = regular::refusal(text(settings, &["regex"])) {
                say(&place.field("regex"), &reason);
            }
        }
        "stripPrefixRegex" => {
            for expression in texts(settings, &["regex"]) {
                if let Some(reason) = regular::refusal(expression.trim()) {
                    say(&place.field("regex"), &reason);
                }
            }
        }
        "headers" => {
            for expression in texts(settings, &["accessControlAllowOriginListRegex"]) {
                if let Some(reason) = regular::refusal(expression) {
                    say(
                        &place.field("accessControlAllowOriginListRegex"),
                        &format!("error occurred during origin parsing: {reason}"),
                    );
                }
            }
        }
        "redirectScheme" if text(settings, &["scheme"]).is_empty() => {
            say(&place.field("scheme"), "you must provide a target scheme");
        }
        "retry" => retry(settings, place, &mut say),
        "compress" => compress(settings, place, &mut say),
        "forwardAuth" if text(settings, &["address"]).is_empty() => {
            say(&place.field("address"), "forward authentication requires an address");
        }
        "basicAuth" | "digestAuth" if text(settings, &["secret"]).is_empty() => {
            say(&place.field("secret"), "auth secret must be set");
        }
        _ => {}
    }
}

type Say<'s> = &'s mut dyn FnMut(&Place<'_>, &str);

fn retry(settings: &Value, place: &Place<'_>, say: Say<'_>) {
    let attempts = number(settings, &["attempts"]).unwrap_or(0);
    if attempts <= 0 {
        say(
            &place.field("attempts"),
            &format!("incorrect (or empty) value for attempt ({attempts})"),
        );
    }
    if truth(settings, &["disableRetryOnNetworkError"]) == Some(true) && items(settings, &["status"]).is_empty() {
        say(
            place,
            "retry middleware requires at least HTTP status codes or retry on TCP",
        );
    }
}

fn compress(settings: &Value, place: &Place<'_>, say: Say<'_>) {
    const ENCODINGS: [&str; 3] = ["gzip", "br", "zstd"];
    if !items(settings, &["excludedContentTypes"]).is_empty() && !items(settings, &["includedContentTypes"]).is_empty()
    {
        say(
            place,
            "excludedContentTypes and includedContentTypes options are mutually exclusive",
        );
    }
    for encoding in texts(settings, &["encodings"]).filter(|encoding| !ENCODINGS.contains(encoding)) {
        say(&place.field("encodings"), &format!("unsupported encoding: {encoding}"));
    }
}

fn tls_option(object: &Value, judge: &mut Judge) {
    let mut say = |field: &str, value: &str, reason: String| {
        judge.invalid(
            &pages::TLS,
            place!("spec", field),
            &Value::from(value),
            format_args!("{reason}; Traefik drops the option"),
        );
    };
    for field in ["minVersion", "maxVersion"] {
        let version = text(object, &["spec", field]);
        // An unknown version is ignored without a word, which leaves Traefik's own default.
        let known = ["", "VersionTLS10", "VersionTLS11", "VersionTLS12", "VersionTLS13"];
        if !known.contains(&version) {
            say(
                field,
                version,
                "unknown TLS version, must be VersionTLS10, VersionTLS11, VersionTLS12 or VersionTLS13".to_owned(),
            );
        }
    }
    for cipher in texts(object, &["spec", "cipherSuites"]).filter(|cipher| !CIPHERS.contains(cipher)) {
        say("cipherSuites", cipher, format!("invalid CipherSuite: {cipher}"));
    }
    for curve in texts(object, &["spec", "curvePreferences"]).filter(|curve| !CURVES.contains(curve)) {
        say(
            "curvePreferences",
            curve,
            format!("invalid CurveID in curvePreferences: {curve}"),
        );
    }
    let kind = text(object, &["spec", "clientAuth", "clientAuthType"]);
    if matches!(kind, "VerifyClientCertIfGiven" | "RequireAndVerifyClientCert")
        && items(object, &["spec", "clientAuth", "secretNames"]).is_empty()
    {
        say(
            "clientAuth",
            kind,
            format!("invalid clientAuthType: {kind}, CAFiles is required"),
        );
    }
}

const CIPHERS: &[&str] = &[
    "TLS_AES_128_GCM_SHA256",
    "TLS_AES_256_GCM_SHA384",
    "TLS_CHACHA20_POLY1305_SHA256",
    "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA",
    "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256",
    "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
    "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA",
    "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
    "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305",
    "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
    "TLS_ECDHE_ECDSA_WITH_RC4_128_SHA",
    "TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA",
    "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA",
    "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256",
    "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
    "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA",
    "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
    "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305",
    "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
    "TLS_ECDHE_RSA_WITH_RC4_128_SHA",
    "TLS_FALLBACK_SCSV",
    "TLS_RSA_WITH_3DES_EDE_CBC_SHA",
    "TLS_RSA_WITH_AES_128_CBC_SHA",
    "TLS_RSA_WITH_AES_128_CBC_SHA256",
    "TLS_RSA_WITH_AES_128_GCM_SHA256",
    "TLS_RSA_WITH_AES_256_CBC_SHA",
    "TLS_RSA_WITH_AES_256_GCM_SHA384",
    "TLS_RSA_WITH_RC4_128_SHA",
];

const CURVES: &[&str] = &[
    "CurveP256",
    "CurveP384",
    "CurveP521",
    "SecP256r1MLKEM768",
    "SecP384r1MLKEM1024",
    "X25519",
    "X25519MLKEM768",
    "secp256r1",
    "secp256r1mlkem768",
    "secp384r1",
    "secp384r1mlkem1024",
    "secp521r1",
    "x25519",
    "x25519mlkem768",
];
