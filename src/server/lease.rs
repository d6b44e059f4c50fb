//! Leases.
//!
//! The field for a preferred holder belongs to a feature that is off, so a server drops it.

use serde_json::Value;

use super::common::{self, get, whole};
use super::judge::Judge;
use super::{API_SERVER, Kind, Rules, unchanged};
use crate::diagnostic::codes::Code;
use crate::schema::Place;

pub(super) const RULES: Rules = Rules {
    by: API_SERVER,
    kinds: &[Kind {
        group: "coordination.k8s.io",
        kind: "Lease",
        create,
        update: unchanged,
    }],
    codes: &[&LEASE],
};

const LEASE: Code = Code {
    id: "lease-duration",
    title: "a lease that ends before it begins",
    why: "A lease lasts at least one second, and cannot have changed hands less than zero times.",
    fix: "set `leaseDurationSeconds` to 1 or more, or leave the lease to the program that holds it",
    bad: "apiVersion: coordination.k8s.io/v1\nkind: Lease\nmetadata: {name: odoo-cron, namespace: \
          hartmann-bau-production}\nspec: {leaseDurationSeconds: 0}",
    good: "apiVersion: coordination.k8s.io/v1\nkind: Lease\nmetadata: {name: odoo-cron, namespace: \
           hartmann-bau-production}\nspec: {leaseDurationSeconds: 15}",
};

fn create(object: &Value, judge: &mut Judge) {
    let Some(spec) = get(object, "spec") else { return };
    let place = Place::OBJECT;
    let place = place.field("spec");
    if let Some(seconds) = get(spec, "leaseDurationSeconds")
        && whole(seconds).is_some_and(|seconds| seconds <= 0)
    {
        let place = place.field("leaseDurationSeconds");
        judge.invalid(&LEASE, &place, seconds, "must be greater than 0");
    }
    common::not_negative(&LEASE, spec, "leaseTransitions", &place, judge);
}
