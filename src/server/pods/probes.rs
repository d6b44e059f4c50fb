//! Probes, and what containers do when they start and stop.
//!
//! Each has one handler. How often a probe must succeed matters for readiness only.

use serde_json::Value;

use super::Pod;
use super::examples::container;
use crate::diagnostic::codes::Code;
use crate::schema::Place;
use crate::server::common::{get, list, none_negative, number, port_number_or_name};
use crate::server::judge::Judge;
use crate::text::server;

pub(super) const HANDLER: Code = Code {
    id: "probe-without-handler",
    title: "a probe or a hook with no handler, or with two",
    why: "A probe asks in one way: it runs a command, or asks over HTTP, TCP or gRPC. A hook runs a command, calls an address \
          or sleeps.",
    fix: "keep one of `exec`, `httpGet`, `tcpSocket` and `grpc`",
    bad: container!("    readinessProbe: {periodSeconds: 10}"),
    good: container!("    readinessProbe: {periodSeconds: 10, httpGet: {path: /web/health, port: 8069}}"),
};

pub(super) const ACTION: Code = Code {
    id: "invalid-probe-action",
    title: "a handler of a probe or a hook that the API server refuses",
    why: "A port is a number from 1 to 65535 or the name of one of the container's ports, a header has letters, digits and \
          hyphens, and a pod that is told to stop cannot sleep longer than its grace period.",
    fix: "correct the field in the message",
    bad: container!("    readinessProbe: {httpGet: {path: /web/health, port: 80690}}"),
    good: container!("    readinessProbe: {httpGet: {path: /web/health, port: 8069}}"),
};

pub(super) const TIMING: Code = Code {
    id: "invalid-probe-timing",
    title: "numbers of a probe that the API server refuses",
    why: "No count and no time of a probe is negative. One success is enough for liveness and start, since what runs cannot \
          run better; a grace period belongs to probes that end the container.",
    fix: "leave `successThreshold` out of liveness and startup probes, and `terminationGracePeriodSeconds` out of readiness",
    bad: container!("    livenessProbe: {successThreshold: 2, tcpSocket: {port: 8069}}"),
    good: container!("    livenessProbe: {failureThreshold: 2, tcpSocket: {port: 8069}}"),
};

/// What a handler does, in the server's order.
const ACTIONS: &[&str] = &["exec", "httpGet", "tcpSocket", "grpc", "sleep"];
/// The numbers of a probe.
const NUMBERS: &[&str] = &[
    "initialDelaySeconds",
    "timeoutSeconds",
    "periodSeconds",
    "successThreshold",
    "failureThreshold",
];
/// The probes of a container.
pub(super) const PROBES: [&str; 3] = ["livenessProbe", "readinessProbe", "startupProbe"];

/// Judges the hooks and the probes of one container.
pub(super) fn check(pod: &Pod<'_>, container: &Value, place: &Place<'_>, judge: &mut Judge) {
    if let Some(lifecycle) = get(container, "lifecycle") {
        let place = place.field("lifecycle");
        for hook in ["postStart", "preStop"] {
            if let Some(handler) = get(lifecycle, hook) {
                handle(pod, handler, &place.field(hook), judge);
            }
        }
    }
    for field in PROBES {
        if let Some(probe) = get(container, field) {
            self::probe(pod, probe, field, &place.field(field), judge);
        }
    }
}

fn probe(pod: &Pod<'_>, probe: &Value, kind: &str, place: &Place<'_>, judge: &mut Judge) {
    handle(pod, probe, place, judge);
    none_negative(&TIMING, probe, NUMBERS, place, judge);
    let period = number(probe, "terminationGracePeriodSeconds");
    let here = place.field("terminationGracePeriodSeconds");
    let given = |field: &str| probe.get(field).unwrap_or(&Value::Null);
    if period.is_some_and(|seconds| seconds <= 0) {
        judge.invalid(
            &TIMING,
            &here,
            given("terminationGracePeriodSeconds"),
            "must be greater than 0",
        );
    }
    if kind == "readinessProbe" {
        if period.is_some() {
            let reason = "must not be set for readinessProbes";
            judge.invalid(&TIMING, &here, given("terminationGracePeriodSeconds"), reason);
        }
    } else if number(probe, "successThreshold").is_some_and(|times| times != 1) {
        judge.invalid(
            &TIMING,
            &place.field("successThreshold"),
            given("successThreshold"),
            "must be 1",
        );
    }
}

fn handle(pod: &Pod<'_>, handler: &Value, place: &Place<'_>, judge: &mut Judge) {
    if !handler.is_object() {
        return;
    }
    let mut is_handled = false;
    for action in ACTIONS {
        let Some(value) = get(handler, action) else { continue };
        let place = place.field(action);
        if is_handled {
            judge.forbidden(&HANDLER, &place, "may not specify more than 1 handler type");
            continue;
        }
        is_handled = true;
        match *action {
            "httpGet" => http_get(value, &place, judge),
            "tcpSocket" | "grpc" => port(value, &place, judge),
            "sleep" => sleep(pod, value, &place, judge),
            _ => {}
        }
    }
    if !is_handled {
        judge.required(&HANDLER, place, "must specify a handler type");
    }
}

fn http_get(action: &Value, place: &Place<'_>, judge: &mut Judge) {
    port(action, place, judge);
    let headers = place.field("httpHeaders");
    for (index, header) in list(action, "httpHeaders").iter().enumerate() {
        let Some(value @ Value::String(name)) = header.get("name").filter(|name| *name != "") else {
            continue;
        };
        for reason in server::is_http_header_name(name) {
            judge.invalid(&ACTION, &headers, value, reason);
            judge.point_to(&headers.index(index).field("name"));
        }
    }
}

fn port(action: &Value, place: &Place<'_>, judge: &mut Judge) {
    if let Some(port) = get(action, "port").filter(|port| *port != "") {
        port_number_or_name(&ACTION, port, &place.field("port"), judge);
    }
}

fn sleep(pod: &Pod<'_>, action: &Value, place: &Place<'_>, judge: &mut Judge) {
    let seconds = number(action, "seconds").unwrap_or_default();
    let Some(period) = number(pod.spec, "terminationGracePeriodSeconds") else {
        return;
    };
    // Before 1.33 no pod could sleep for zero seconds.
    if !(0..=period).contains(&seconds) {
        let reason = format!("must be non-negative and less than terminationGracePeriodSeconds ({period})");
        judge.invalid(&ACTION, place, &Value::from(seconds), reason);
    }
}
