//! Issuers: one kind each, and for ACME how its challenges are answered.
//!
//! Of the providers of DNS, only servers that take signed updates are looked into.

use serde_json::Value;

use super::pages;
use crate::schema::Place;
use crate::server::judge::Judge;
use crate::server::operators::read::{at, items, place, text, truth};
use crate::text::server::is_dns1123_subdomain;

pub(super) fn check(object: &Value, judge: &mut Judge) {
    let Some(spec) = at(object, &["spec"]) else { return };
    let kinds = ["acme", "ca", "selfSigned", "vault", "venafi"];
    let mut given = kinds.into_iter().filter(|kind| at(spec, &[kind]).is_some());
    let Some(first) = given.next() else {
        judge.required(&pages::ISSUER, place!("spec"), "at least one issuer must be configured");
        return;
    };
    for kind in given {
        judge.forbidden(
            &pages::ISSUER,
            place!("spec", kind),
            "may not specify more than one issuer type",
        );
    }
    match first {
        "acme" => acme(spec, judge),
        "ca" if text(spec, &["ca", "secretName"]).is_empty() => {
            judge.required(&pages::ISSUER, place!("spec", "ca", "secretName"), "");
        }
        _ => {}
    }
}

fn acme(spec: &Value, judge: &mut Judge) {
    if text(spec, &["acme", "privateKeySecretRef", "name"]).is_empty() {
        judge.required(
            &pages::ISSUER,
            place!("spec", "acme", "privateKeySecretRef", "name"),
            "private key secret name is a required field",
        );
    }
    if text(spec, &["acme", "server"]).is_empty() {
        judge.required(
            &pages::ISSUER,
            place!("spec", "acme", "server"),
            "acme server URL is a required field",
        );
    }
    if !text(spec, &["acme", "caBundle"]).is_empty() && truth(spec, &["acme", "skipTLSVerify"]) == Some(true) {
        judge.invalid(
            &pages::ISSUER,
            place!("spec", "acme", "caBundle"),
            &Value::from(""),
            "caBundle and skipTLSVerify are mutually exclusive and cannot both be set",
        );
    }
    if let Some(account) = at(spec, &["acme", "externalAccountBinding"])
        && text(account, &["keyID"]).is_empty()
    {
        judge.required(
            &pages::ISSUER,
            place!("spec", "acme", "externalAccountBinding", "keyID"),
            "the keyID field is required when using externalAccountBinding",
        );
    }
    for (index, solver) in items(spec, &["acme", "solvers"]).iter().enumerate() {
        self::solver(solver, place!("spec", "acme", "solvers", index), judge);
    }
}

fn solver(solver: &Value, place: &Place<'_>, judge: &mut Judge) {
    match (at(solver, &["http01"]), at(solver, &["dns01"])) {
        (None, None) => judge.required(&pages::ISSUER, place, "no solver type configured"),
        (Some(_), Some(_)) => judge.forbidden(
            &pages::ISSUER,
            place,
            "may not specify more than one solver type in a single solver",
        ),
        (None, Some(dns))
            if dns
                .as_object()
                .is_some_and(|dns| dns.keys().all(|key| key == "cnameStrategy")) =>
        {
            judge.required(&pages::ISSUER, &place.field("dns01"), "no DNS01 provider configured");
        }
        _ => {}
    }
    if let Some(server) = at(solver, &["dns01", "rfc2136"]) {
        name_server(server, place!(in place; "dns01", "rfc2136"), judge);
    }
    let Some(http) = at(solver, &["http01"]) else { return };
    let place = place.field("http01");
    match (at(http, &["ingress"]), at(http, &["gatewayHTTPRoute"])) {
        (None, None) => judge.required(&pages::ISSUER, &place, "no HTTP01 solver type configured"),
        (Some(_), Some(_)) => judge.required(&pages::ISSUER, &place, "only 1 HTTP01 solver type may be configured"),
        _ => {}
    }
    let Some(ingress) = at(http, &["ingress"]) else { return };
    let place = place.field("ingress");
    let ways = ["class", "ingressClassName", "name"];
    let has = |way: &&&str| match **way {
        "name" => !text(ingress, &["name"]).is_empty(),
        way => at(ingress, &[way]).is_some(),
    };
    if ways.iter().filter(has).count() > 1 {
        judge.forbidden(
            &pages::ISSUER,
            &place,
            "only one of 'ingressClassName', 'name' or 'class' should be specified",
        );
    }
    if let Some(class) = at(ingress, &["ingressClassName"]) {
        let reasons = is_dns1123_subdomain(class.as_str().unwrap_or_default());
        if !reasons.is_empty() {
            judge.invalid(
                &pages::ISSUER,
                &place.field("ingressClassName"),
                class,
                format_args!("must be a valid IngressClass name: {}", reasons.join(", ")),
            );
        }
    }
    let kind = text(ingress, &["serviceType"]);
    if !matches!(kind, "" | "ClusterIP" | "NodePort") {
        judge.invalid(
            &pages::ISSUER,
            &place.field("serviceType"),
            &Value::from(kind),
            "must be empty, \"ClusterIP\" or \"NodePort\"",
        );
    }
}

/// A server that takes updates, and the key with which they are signed.
fn name_server(server: &Value, place: &Place<'_>, judge: &mut Judge) {
    if text(server, &["nameserver"]).is_empty() {
        judge.required(&pages::ISSUER, &place.field("nameserver"), "");
    }
    let [algorithm, key] = ["tsigAlgorithm", "tsigKeyName"].map(|field| text(server, &[field]));
    let algorithms = ["HMACMD5", "HMACSHA1", "HMACSHA256", "HMACSHA512"];
    let is_known = algorithms.iter().any(|known| known.eq_ignore_ascii_case(algorithm));
    if !algorithm.is_empty() && !is_known {
        judge.unsupported(
            &pages::ISSUER,
            &place.field("tsigAlgorithm"),
            &Value::from(""),
            &algorithms,
        );
    }
    let secret = text(server, &["tsigSecretSecretRef", "name"]);
    if !key.is_empty() {
        for (field, reason) in [("name", "secret name is required"), ("key", "secret key is required")] {
            if text(server, &["tsigSecretSecretRef", field]).is_empty() {
                judge.required(&pages::ISSUER, place!(in place; "tsigSecretSecretRef", field), reason);
            }
        }
    } else if !secret.is_empty() && !text(server, &["tsigSecretSecretRef", "key"]).is_empty() {
        judge.required(&pages::ISSUER, &place.field("tsigKeyName"), "");
    }
}
