//! The spec of a pod as a whole, and where a Pod and a template differ.
//!
//! Names of other objects are checked for their form; whether there is such an object is not known here.

use serde_json::Value;

use super::containers::EPHEMERAL;
use super::examples::pod;
use super::{Pod, aliases, containers, nodes, peers, ports, resources, security, volumes, windows};
use crate::diagnostic::codes::Code;
use crate::schema::Place;
use crate::server::common::{checked, get, list, not_negative, text, whole};
use crate::server::judge::Judge;
use crate::text::server;

pub(super) const NAME: Code = Code {
    id: "invalid-reference-name",
    title: "a name of another object that none can have",
    why: "Service accounts, priority classes, runtime classes and nodes have the names of DNS subdomains, so nothing is \
          called like this.",
    fix: "write the name as the object has it",
    bad: pod!("  serviceAccountName: Odoo"),
    good: pod!("  serviceAccountName: odoo"),
};

pub(super) const DEADLINE: Code = Code {
    id: "invalid-pod-deadline",
    title: "a time of a pod that the API server refuses",
    why: "A pod that may run for some time only may run for at least a second; a grace period is not negative.",
    fix: "write a number of seconds, at least 1 for `activeDeadlineSeconds`",
    bad: pod!("  activeDeadlineSeconds: 0"),
    good: pod!("  activeDeadlineSeconds: 600"),
};

pub(super) const GATE: Code = Code {
    id: "invalid-pod-gate",
    title: "a gate of a pod that the API server refuses",
    why: "Gates have names like labels have keys, since controllers open them by name. A pod that waits at a gate has no node \
          yet.",
    fix: "write the name of the gate as its controller has it, and leave `nodeName` out",
    bad: pod!("  readinessGates: [{conditionType: load balancer ready}]"),
    good: pod!("  readinessGates: [{conditionType: example.com/load-balancer-ready}]"),
};

/// Names of other objects in a spec.
const NAMES: &[&str] = &[
    "serviceAccountName",
    "nodeName",
    "priorityClassName",
    "runtimeClassName",
];

/// Judges what Pods and templates have in common.
pub(super) fn check(pod: &Pod<'_>, place: &Place<'_>, judge: &mut Judge) {
    if !pod.spec.is_object() {
        return;
    }
    volumes::check(pod, place, judge);
    resources::pod_claims(pod, place, judge);
    containers::check(pod, place, judge);
    resources::of_pod(pod, place, judge);
    ports::host_network(pod, place, judge);
    security::of_pod(pod, place, judge);
    nodes::check(pod, place, judge);
    peers::check(pod, place, judge);
    aliases::check(pod, place, judge);
    gates(pod.spec, place, judge);
    windows::check(pod, place, judge);
    for field in NAMES {
        checked(&NAME, pod.spec, field, server::is_dns1123_subdomain, place, judge);
    }
    if let Some(value) = pod.spec.get("activeDeadlineSeconds")
        && whole(value).is_some_and(|seconds| !(1..=i64::from(i32::MAX)).contains(&seconds))
    {
        let reason = "must be between 1 and 2147483647, inclusive";
        judge.invalid(&DEADLINE, &place.field("activeDeadlineSeconds"), value, reason);
    }
    resources::overhead(pod, place, judge);
}

fn gates(spec: &Value, place: &Place<'_>, judge: &mut Judge) {
    let conditions = place.field("readinessGates");
    for (index, gate) in list(spec, "readinessGates").iter().enumerate() {
        let place = conditions.index(index);
        checked(&GATE, gate, "conditionType", server::is_qualified_name, &place, judge);
    }
    let gates = place.field("schedulingGates");
    for (index, gate) in list(spec, "schedulingGates").iter().enumerate() {
        let name = text(gate, "name");
        if name.is_empty() {
            continue;
        }
        for reason in server::is_qualified_name(name) {
            judge.invalid(&GATE, &gates.index(index), &Value::from(name), reason);
        }
    }
}

/// Judges what is asked of Pods only.
pub(super) fn of_pod(pod: &Pod<'_>, place: &Place<'_>, judge: &mut Judge) {
    // The server takes a negative period for one second before it looks; not from 1.37 on.
    if judge.minor >= 37 {
        not_negative(&DEADLINE, pod.spec, "terminationGracePeriodSeconds", place, judge);
    }
    containers::trimmed_images(pod.spec, place, judge);
    if judge.is_stored {
        return;
    }
    if !list(pod.spec, "ephemeralContainers").is_empty() {
        judge.forbidden(
            &EPHEMERAL,
            &place.field("ephemeralContainers"),
            "cannot be set on create",
        );
    }
    if get(pod.spec, "nodeName").is_some_and(|name| name != "") && !list(pod.spec, "schedulingGates").is_empty() {
        let reason = "cannot be set until all schedulingGates have been cleared";
        judge.forbidden(&GATE, &place.field("nodeName"), reason);
    }
}

/// Judges what is asked of templates only.
pub(super) fn of_template(pod: &Pod<'_>, place: &Place<'_>, judge: &mut Judge) {
    if !list(pod.spec, "ephemeralContainers").is_empty() {
        let reason = "ephemeral containers not allowed in pod template";
        judge.forbidden(&EPHEMERAL, &place.field("ephemeralContainers"), reason);
    }
}
