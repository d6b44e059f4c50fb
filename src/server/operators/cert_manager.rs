//! What the webhook of cert-manager 1.21 refuses in Certificates and Issuers.
//!
//! Fields that need a feature to be switched on are not judged: whether it is, the object does not say.

use std::net::IpAddr;

use serde_json::Value;

use super::read::{at, items, map, number, place, repeated, text, texts};
use crate::server::judge::Judge;
use crate::server::{Kind, Rules, unchanged};
use crate::text::go_duration;
use crate::text::server::{is_dns1123_subdomain, is_qualified_name, is_valid_label_value};

mod issuers;
mod pages;

const GROUP: &str = "cert-manager.io";

pub(in crate::server) const RULES: Rules = Rules {
    by: "cert-manager webhook",
    kinds: &[
        Kind {
            group: GROUP,
            kind: "Certificate",
            create: certificate,
            update: unchanged,
        },
        Kind {
            group: GROUP,
            kind: "Issuer",
            create: issuers::check,
            update: unchanged,
        },
        Kind {
            group: GROUP,
            kind: "ClusterIssuer",
            create: issuers::check,
            update: unchanged,
        },
    ],
    codes: &[&pages::CERTIFICATE, &pages::DURATION, &pages::KEY, &pages::ISSUER],
};

fn certificate(object: &Value, judge: &mut Judge) {
    let nothing = Value::Null;
    let spec = at(object, &["spec"]).unwrap_or(&nothing);
    secret(spec, judge);
    issuer_reference(spec, judge);
    subjects(spec, judge);
    private_key(spec, judge);
    durations(spec, judge);
    for (index, usage) in texts(spec, &["usages"]).enumerate() {
        if !USAGES.contains(&usage) {
            judge.invalid(
                &pages::CERTIFICATE,
                place!("spec", "usages", index),
                &Value::from(usage),
                "unknown keyusage",
            );
        }
    }
    if let Some(limit) = number(spec, &["revisionHistoryLimit"]).filter(|limit| *limit < 1) {
        judge.invalid(
            &pages::CERTIFICATE,
            place!("spec", "revisionHistoryLimit"),
            &Value::from(limit),
            "must not be less than 1",
        );
    }
    let formats = items(spec, &["additionalOutputFormats"])
        .iter()
        .map(|format| text(format, &["type"]));
    for (_, format) in repeated(formats) {
        judge.duplicate(
            &pages::CERTIFICATE,
            &place!("spec", "additionalOutputFormats").key("type"),
            &Value::from(format),
        );
    }
    keystores(spec, judge);
}

const USAGES: &[&str] = &[
    "any",
    "cert sign",
    "client auth",
    "code signing",
    "content commitment",
    "crl sign",
    "data encipherment",
    "decipher only",
    "digital signature",
    "email protection",
    "encipher only",
    "ipsec end system",
    "ipsec tunnel",
    "ipsec user",
    "key agreement",
    "key encipherment",
    "microsoft sgc",
    "netscape sgc",
    "ocsp signing",
    "s/mime",
    "server auth",
    "signing",
    "timestamping",
];

fn secret(spec: &Value, judge: &mut Judge) {
    let name = text(spec, &["secretName"]);
    if name.is_empty() {
        judge.required(&pages::CERTIFICATE, place!("spec", "secretName"), "must be specified");
    } else {
        judge.all_invalid(
            &pages::CERTIFICATE,
            place!("spec", "secretName"),
            &Value::from(name),
            is_dns1123_subdomain(name),
        );
    }
    for (key, value) in map(spec, &["secretTemplate", "labels"]).into_iter().flatten() {
        let (shown, text) = (Value::from(key.as_str()), value.as_str().unwrap_or_default());
        place!(let place = "spec", "secretTemplate", "labels");
        judge.all_invalid(&pages::CERTIFICATE, place, &shown, is_qualified_name(key));
        judge.all_invalid(&pages::CERTIFICATE, place, value, is_valid_label_value(text));
    }
    for (key, _) in map(spec, &["secretTemplate", "annotations"]).into_iter().flatten() {
        let shown = Value::from(key.as_str());
        place!(let place = "spec", "secretTemplate", "annotations");
        if key.starts_with("cert-manager.io/") && key != "cert-manager.io/allow-direct-injection" {
            judge.invalid(
                &pages::CERTIFICATE,
                place,
                &shown,
                "cert-manager.io/* annotations are not allowed",
            );
        }
        judge.all_invalid(
            &pages::CERTIFICATE,
            place,
            &shown,
            is_qualified_name(&key.to_lowercase()),
        );
    }
}

fn issuer_reference(spec: &Value, judge: &mut Judge) {
    let [name, kind, group] = ["name", "kind", "group"].map(|field| text(spec, &["issuerRef", field]));
    if name.is_empty() {
        judge.required(
            &pages::CERTIFICATE,
            place!("spec", "issuerRef", "name"),
            "must be specified",
        );
    }
    if matches!(group, "" | GROUP) && !matches!(kind, "" | "Issuer" | "ClusterIssuer") {
        judge.invalid(
            &pages::CERTIFICATE,
            place!("spec", "issuerRef", "kind"),
            &Value::from(kind),
            "must be one of Issuer or ClusterIssuer",
        );
    }
}

fn subjects(spec: &Value, judge: &mut Judge) {
    let name = text(spec, &["commonName"]);
    let has_literal = !text(spec, &["literalSubject"]).is_empty();
    let lists = ["dnsNames", "uris", "emailAddresses", "ipAddresses", "otherNames"];
    if name.is_empty() && !has_literal && lists.iter().all(|list| items(spec, &[list]).is_empty()) {
        judge.invalid(
            &pages::CERTIFICATE,
            place!("spec"),
            &Value::from(""),
            "at least one of commonName (from the commonName field or from a literalSubject), dnsNames, emailSANs, \
             ipAddresses, otherNames, or uriSANs must be set",
        );
    }
    if has_literal && !name.is_empty() {
        judge.invalid(
            &pages::CERTIFICATE,
            place!("spec", "commonName"),
            &Value::from(name),
            "When providing a `LiteralSubject` no `commonName` may be provided.",
        );
    }
    if name.len() > LONGEST_COMMON_NAME {
        judge.too_long(&pages::CERTIFICATE, place!("spec", "commonName"), LONGEST_COMMON_NAME);
    }
    for (index, address) in texts(spec, &["ipAddresses"]).enumerate() {
        if address.parse::<IpAddr>().is_err() {
            judge.invalid(
                &pages::CERTIFICATE,
                place!("spec", "ipAddresses", index),
                &Value::from(address),
                "invalid IP address",
            );
        }
    }
    for (index, address) in texts(spec, &["emailAddresses"]).enumerate() {
        // A name in front of the address is read, but is not the address itself.
        let is_address = address
            .split_once('@')
            .is_some_and(|(user, host)| !user.is_empty() && !host.is_empty());
        if !is_address || address.contains(['<', '>', ' ']) {
            judge.invalid(
                &pages::CERTIFICATE,
                place!("spec", "emailAddresses", index),
                &Value::from(address),
                "invalid email address: make sure the supplied value only contains the email address itself",
            );
        }
    }
}

/// What X.509 leaves room for.
const LONGEST_COMMON_NAME: usize = 64;

fn private_key(spec: &Value, judge: &mut Judge) {
    let algorithm = text(spec, &["privateKey", "algorithm"]);
    let size = number(spec, &["privateKey", "size"]).unwrap_or(0);
    let place_of_size = Value::from(size);
    match algorithm {
        "" | "RSA" if size > 0 && !(2048..=8192).contains(&size) => judge.invalid(
            &pages::KEY,
            place!("spec", "privateKey", "size"),
            &place_of_size,
            "must be between 2048 and 8192 for rsa keyAlgorithm",
        ),
        "ECDSA" if size > 0 && ![256, 384, 521].contains(&size) => judge.unsupported(
            &pages::KEY,
            place!("spec", "privateKey", "size"),
            &place_of_size,
            &["256", "384", "521"],
        ),
        "" | "RSA" | "ECDSA" | "Ed25519" => {}
        _ => judge.invalid(
            &pages::KEY,
            place!("spec", "privateKey", "algorithm"),
            &Value::from(algorithm),
            "must be either empty or one of rsa, ecdsa or ed25519",
        ),
    }
    let signature = text(spec, &["signatureAlgorithm"]);
    let (named, allowed): (&str, &[&str]) = match algorithm {
        "" | "RSA" => ("RSA", &["SHA256WithRSA", "SHA384WithRSA", "SHA512WithRSA"]),
        "ECDSA" => ("ECDSA", &["ECDSAWithSHA256", "ECDSAWithSHA384", "ECDSAWithSHA512"]),
        "Ed25519" => ("Ed25519", &["PureEd25519"]),
        _ => return,
    };
    if !signature.is_empty() && !allowed.contains(&signature) {
        judge.invalid(
            &pages::KEY,
            place!("spec", "signatureAlgorithm"),
            &Value::from(signature),
            format_args!(
                "for key algorithm {named} the allowed signature algorithms are [{}]",
                allowed.join(" ")
            ),
        );
    }
}

const SECOND: i64 = 1_000_000_000;
const HOUR: i64 = 3600 * SECOND;
/// Five minutes before the end there must still be time to renew.
const LEAST_BEFORE: i64 = 300 * SECOND;

fn durations(spec: &Value, judge: &mut Judge) {
    let mut read = |field: &str| -> Result<Option<i64>, ()> {
        let Some(value) = at(spec, &[field]).and_then(Value::as_str) else {
            return Ok(None);
        };
        if let Some(length) = go_duration(value) {
            return Ok(Some(length));
        }
        judge.say(
            &pages::DURATION,
            place!("spec", field),
            format_args!("time: invalid duration {value:?}"),
        );
        Err(())
    };
    let (Ok(duration), Ok(before)) = (read("duration"), read("renewBefore")) else {
        return;
    };
    if duration.is_none() && before.is_none() {
        return;
    }
    let duration = duration.unwrap_or(90 * 24 * HOUR);
    // The webhook shows what it compares, nanoseconds.
    let shown = |length: i64| Value::from(length);
    let mut say = |field: &str, value: &Value, reason: String| {
        judge.invalid(&pages::DURATION, place!("spec", field), value, reason);
    };
    if duration < HOUR {
        say(
            "duration",
            &shown(duration),
            "certificate duration must be greater than 1h0m0s".to_owned(),
        );
    }
    let share = number(spec, &["renewBeforePercentage"]);
    if let Some(before) = before {
        if let Some(share) = share {
            let reason = "renewBefore and renewBeforePercentage are mutually exclusive and cannot both be set";
            say("renewBefore", &shown(before), reason.to_owned());
            say("renewBeforePercentage", &Value::from(share), reason.to_owned());
        }
        if before < LEAST_BEFORE {
            say(
                "renewBefore",
                &shown(before),
                "certificate renewBefore must be greater than 5m0s".to_owned(),
            );
        }
        if before >= duration {
            say(
                "renewBefore",
                &shown(before),
                format!(
                    "certificate duration {} must be greater than renewBefore {}",
                    printed(duration),
                    printed(before)
                ),
            );
        }
    }
    if let Some(share) = share {
        let left = duration as f64 * (100 - share) as f64 / 100.0;
        if left < LEAST_BEFORE as f64 {
            say(
                "renewBeforePercentage",
                &Value::from(share),
                "certificate renewBeforePercentage must result in a renewBefore greater than 5m0s".to_owned(),
            );
        }
        if left >= duration as f64 {
            say(
                "renewBeforePercentage",
                &Value::from(share),
                "certificate renewBeforePercentage must result in a renewBefore less than duration".to_owned(),
            );
        }
    }
}

/// A length of time as Go prints it, without what is below a second.
fn printed(nanoseconds: i64) -> String {
    let seconds = nanoseconds / SECOND;
    let sign = if seconds < 0 { "-" } else { "" };
    let seconds = seconds.unsigned_abs();
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, 0, seconds) => format!("{sign}{seconds}s"),
        (0, minutes, seconds) => format!("{sign}{minutes}m{seconds}s"),
        (hours, minutes, seconds) => format!("{sign}{hours}h{minutes}m{seconds}s"),
    }
}

fn keystores(spec: &Value, judge: &mut Judge) {
    for (field, name) in [("jks", "JKS"), ("pkcs12", "PKCS#12")] {
        let Some(store) = at(spec, &["keystores", field]) else {
            continue;
        };
        let password = at(store, &["password"]).and_then(Value::as_str);
        let has_secret = !text(store, &["passwordSecretRef", "name"]).is_empty();
        place!(let place = "spec", "keystores", field);
        match password {
            Some(_) if has_secret => judge.forbidden(
                &pages::CERTIFICATE,
                place,
                format_args!("exactly one of passwordSecretRef and password must be provided for {name} keystores; cannot set both"),
            ),
            None if !has_secret => judge.forbidden(
                &pages::CERTIFICATE,
                place,
                format_args!("must set exactly one of passwordSecretRef and password must for {name} keystores"),
            ),
            _ => {}
        }
        if password == Some("") {
            judge.forbidden(
                &pages::CERTIFICATE,
                &place.field("password"),
                format_args!("literal password cannot be empty if set on {name} keystores"),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time_are_printed_as_go_prints_them() {
        assert_eq!(printed(90 * 24 * HOUR), "2160h0m0s");
        assert_eq!(printed(90 * SECOND), "1m30s");
        assert_eq!(printed(-5 * SECOND), "-5s");
    }
}
