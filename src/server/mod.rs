//! What an API server refuses in an object whose structure is right: the rules of its own code, and those of the webhooks
//! that operators install.
//!
//! An object is judged as the server judges it: completed by `defaults`, with the server's paths and words. A rule knows one
//! object, and for updates the one before; what several objects must agree on is the business of other rooms.

mod access;
mod admission;
mod autoscaling;
mod claim;
mod claims;
mod common;
mod config;
mod definitions;
mod disruption;
mod judge;
mod lease;
mod limits;
mod metadata;
mod metrics;
mod namespace;
mod network;
mod operators;
mod pods;
mod priority;
mod quota;
mod resource;
mod storage;
mod structural;
#[cfg(test)]
mod tests;
mod volume;
mod webhooks;
mod workloads;

use std::sync::LazyLock;

use serde_json::Value;

use crate::diagnostic::codes::Code;
use crate::schema::Problem;
use judge::Judge;

/// The rules of one kind.
struct Kind {
    /// The API group, empty for the core; every version of it is meant.
    group: &'static str,
    /// The kind.
    kind: &'static str,
    /// Judges an object that is about to be stored.
    create: fn(&Value, &mut Judge),
    /// Judges the change from the stored object to the new one, which `create` has judged already.
    update: fn(&Value, &Value, &mut Judge),
}

/// Whose code refuses what the kind-independent rules and most kinds' rules are about.
const API_SERVER: &str = "kube-apiserver";

/// A file of rules.
struct Rules {
    /// Whose code refuses it: [`API_SERVER`], the webhook of an operator, or a program that reads the objects.
    by: &'static str,
    /// The kinds that it judges.
    kinds: &'static [Kind],
    /// The pages of what it says. The examples are whole manifests: of two, the first is the stored object.
    codes: &'static [&'static Code],
}

/// Every file of rules.
const RULES: &[&Rules] = &[
    &access::RULES,
    &admission::RULES,
    &autoscaling::RULES,
    &claim::RULES,
    &claims::RULES,
    &common::RULES,
    &config::RULES,
    &definitions::RULES,
    &disruption::RULES,
    &lease::RULES,
    &limits::RULES,
    &metadata::RULES,
    &metrics::RULES,
    &namespace::RULES,
    &network::endpoints::RULES,
    &network::ingress::RULES,
    &network::ingress_class::RULES,
    &network::policy::RULES,
    &network::service::RULES,
    &network::service_address::RULES,
    &operators::argo::RULES,
    &operators::cert_manager::RULES,
    &operators::cloudnative_pg::BACKUPS,
    &operators::cloudnative_pg::CLUSTER,
    &operators::cloudnative_pg::DATABASES,
    &operators::external_secrets::RULES,
    &operators::flux::RULES,
    &operators::keda::RULES,
    &operators::prometheus::RULES,
    &operators::sigstore::RULES,
    &operators::traefik::RULES,
    &pods::RULES,
    &priority::RULES,
    &quota::RULES,
    &storage::RULES,
    &structural::RULES,
    &volume::RULES,
    &webhooks::RULES,
    &workloads::RULES,
];

/// No rule about updates.
const fn unchanged(_: &Value, _: &Value, _: &mut Judge) {}

/// Every kind with rules, sorted by group and kind.
static KINDS: LazyLock<Vec<&'static Kind>> = LazyLock::new(|| {
    let mut kinds: Vec<&Kind> = RULES.iter().flat_map(|rules| rules.kinds).collect();
    kinds.sort_by_key(|kind| (kind.group, kind.kind));
    kinds
});

/// Returns the pages of everything that this room says, each with whose code refuses it. The examples are whole manifests;
/// of two documents the first is what is stored already.
pub fn codes() -> impl Iterator<Item = (&'static str, &'static Code)> {
    RULES
        .iter()
        .flat_map(|rules| rules.codes.iter().map(|code| (rules.by, *code)))
}

/// Says what a server of a minor version of Kubernetes refuses in an object, which is complete with its defaults, and in
/// the change from `old`, if there is one.
pub fn check(object: &Value, old: Option<&Value>, minor: u32) -> Vec<Problem> {
    let mut judge = Judge {
        minor,
        is_stored: old.is_some(),
        problems: Vec::new(),
    };
    metadata::check(object, &mut judge);
    operators::argo::annotations(object, &mut judge);
    if let Some(kind) = find(object) {
        (kind.create)(object, &mut judge);
        if let Some(old) = old {
            (kind.update)(old, object, &mut judge);
        }
    }
    judge.problems
}

fn find(object: &Value) -> Option<&'static Kind> {
    let text = |field: &str| object.get(field)?.as_str();
    let (api_version, kind) = (text("apiVersion")?, text("kind")?);
    let group = api_version.split_once('/').map_or("", |(group, _)| group);
    let index = KINDS
        .binary_search_by(|known| (known.group, known.kind).cmp(&(group, kind)))
        .ok()?;
    KINDS.get(index).copied()
}
