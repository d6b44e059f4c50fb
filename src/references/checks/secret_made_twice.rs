//! A Secret has one maker.

use std::collections::BTreeMap;

use crate::diagnostic::Level;
use crate::references::products::{Part, Product};
use crate::references::{Check, Findings, World};

pub(super) const CHECK: Check = Check {
    id: "secret-made-twice",
    title: "two objects make one Secret",
    why: "Each controller writes its own content over the other's. Two certificates of one Secret ask the issuer for \
          new ones without end, until it refuses.",
    fix: "give one of them another Secret",
    bad: "apiVersion: cert-manager.io/v1
kind: Certificate
metadata: {name: web}
spec: {secretName: tls, issuerRef: {name: internal}}
---
apiVersion: cert-manager.io/v1
kind: Certificate
metadata: {name: mail}
spec: {secretName: tls, issuerRef: {name: internal}}
---
apiVersion: cert-manager.io/v1
kind: Issuer
metadata: {name: internal}
spec: {selfSigned: {}}",
    good: "apiVersion: cert-manager.io/v1
kind: Certificate
metadata: {name: web}
spec: {secretName: web-tls, issuerRef: {name: internal}}
---
apiVersion: cert-manager.io/v1
kind: Certificate
metadata: {name: mail}
spec: {secretName: mail-tls, issuerRef: {name: internal}}
---
apiVersion: cert-manager.io/v1
kind: Issuer
metadata: {name: internal}
spec: {selfSigned: {}}",
    check,
};

fn check(world: &World<'_>, findings: &mut Findings<'_, '_>) {
    for (name, products) in world.ends_of("", "Secret") {
        if products.len() < 2 {
            continue;
        }
        // What an ingress asks for is one certificate, also when two of them ask; a Secret may wait to be filled.
        let mut makers: BTreeMap<(&str, &str), &Product<'_>> = BTreeMap::new();
        for product in products {
            let is_filled = product.part != Part::Itself || product.keys().is_some();
            if is_filled && product.by.object.kind != "Ingress" && product.by.object.kind != "Issuer" {
                makers
                    .entry((product.by.object.kind.as_str(), product.by.name()))
                    .or_insert(product);
            }
        }
        let mut makers = makers.into_values();
        let Some(first) = makers.next() else {
            continue;
        };
        for second in makers {
            let is_plain = first.part == Part::Itself || second.part == Part::Itself;
            let level = if is_plain && !world.is_built() {
                Level::Warn
            } else {
                Level::Deny
            };
            let message = format!(
                "{} makes Secret `{name}`, and so does {}",
                second.by.called(),
                first.by.called()
            );
            let pointer = match second.part {
                Part::Certified => "/spec/secretName",
                Part::External if second.by.text("/spec/target/name").is_some() => "/spec/target/name",
                _ => "/metadata/name",
            };
            findings.say(level, second.by, pointer, &[first.by], message);
        }
    }
}
