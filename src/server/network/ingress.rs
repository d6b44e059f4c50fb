//! Ingresses: hosts, paths, the services behind them, certificates.
//!
//! Whether the services and classes are there is the business of other rooms.

use serde_json::Value;

use crate::diagnostic::codes::Code;
use crate::schema::Place;
use crate::server::common::{self, get, list, text, whole};
use crate::server::judge::Judge;
use crate::server::metadata::path_segment_problems;
use crate::server::{API_SERVER, Kind, Rules, unchanged};
use crate::text::server;

pub(in crate::server) const RULES: Rules = Rules {
    by: API_SERVER,
    kinds: &[Kind {
        group: "networking.k8s.io",
        kind: "Ingress",
        create,
        update: unchanged,
    }],
    codes: &[&EMPTY, &HOST, &PATH, &BACKEND, &CLASS],
};

const EMPTY: Code = Code {
    id: "ingress-without-rules",
    title: "an Ingress that leads nowhere",
    why: "It needs rules, or a `defaultBackend` for all requests, and a rule with `http` needs paths.",
    fix: "write `rules` with `http.paths`, or a `defaultBackend`",
    bad: "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: web, namespace: hartmann-bau-production}\n\
          spec:\n  ingressClassName: traefik\n  tls: [{hosts: [erp.hartmann-bau.example], secretName: web-tls}]",
    good: "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: web, namespace: hartmann-bau-production}\n\
           spec:\n  ingressClassName: traefik\n  tls: [{hosts: [erp.hartmann-bau.example], secretName: web-tls}]\n  \
           defaultBackend: {service: {name: web, port: {name: http}}}",
};

const HOST: Code = Code {
    id: "ingress-host",
    title: "a host of an Ingress that is no DNS name",
    why: "A host is a lowercase DNS name without scheme, port or path, never an address. `*` stands alone as the first \
          part of the name.",
    fix: "write the name only, `erp.hartmann-bau.example` or `*.hartmann-bau.example`",
    bad: "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: web, namespace: hartmann-bau-production}\n\
          spec:\n  rules:\n  - host: https://erp.hartmann-bau.example\n    http:\n      paths:\n      \
          - {path: /, pathType: Prefix, backend: {service: {name: web, port: {name: http}}}}",
    good: "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: web, namespace: hartmann-bau-production}\n\
           spec:\n  rules:\n  - host: erp.hartmann-bau.example\n    http:\n      paths:\n      \
           - {path: /, pathType: Prefix, backend: {service: {name: web, port: {name: http}}}}",
};

const PATH: Code = Code {
    id: "ingress-path",
    title: "a path of an Ingress that the API server refuses",
    why: "`Exact` and `Prefix` compare whole segments, so a path begins with a slash and has no empty segments, no `.` or \
          `..`, and no encoded slash.",
    fix: "write a plain path such as `/websocket`, or `pathType: ImplementationSpecific`",
    bad: "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: web, namespace: hartmann-bau-production}\n\
          spec:\n  rules:\n  - http:\n      paths:\n      \
          - {path: websocket, pathType: Prefix, backend: {service: {name: web, port: {name: gevent}}}}",
    good: "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: web, namespace: hartmann-bau-production}\n\
           spec:\n  rules:\n  - http:\n      paths:\n      \
           - {path: /websocket, pathType: Prefix, backend: {service: {name: web, port: {name: gevent}}}}",
};

const BACKEND: Code = Code {
    id: "ingress-backend",
    title: "a backend of an Ingress that is none, or two",
    why: "Requests go to one Service and one of its ports, by name or by number, or to one resource of the controller.",
    fix: "write `service` with a name and either `port.name` or `port.number`",
    bad: "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: web, namespace: hartmann-bau-production}\n\
          spec:\n  rules:\n  - http:\n      paths:\n      \
          - {path: /, pathType: Prefix, backend: {service: {name: web, port: {name: http, number: 8069}}}}",
    good: "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: web, namespace: hartmann-bau-production}\n\
           spec:\n  rules:\n  - http:\n      paths:\n      \
           - {path: /, pathType: Prefix, backend: {service: {name: web, port: {name: http}}}}",
};

const CLASS: Code = Code {
    id: "ingress-reference",
    title: "a class or a certificate of an Ingress that cannot exist",
    why: "`ingressClassName` and `tls.secretName` are names of objects. The old annotation `kubernetes.io/ingress.class` \
          must not say another class.",
    fix: "correct the name, and remove the annotation",
    bad: "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata:\n  name: web\n  namespace: hartmann-bau-production\n  \
          annotations: {kubernetes.io/ingress.class: nginx}\nspec:\n  ingressClassName: traefik\n  \
          defaultBackend: {service: {name: web, port: {name: http}}}",
    good: "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata:\n  name: web\n  namespace: hartmann-bau-production\n\
           spec:\n  ingressClassName: traefik\n  defaultBackend: {service: {name: web, port: {name: http}}}",
};

/// The minor version that lets names of Services begin with a digit.
const RELAXED: u32 = 36;
const OLD_CLASS: &str = "kubernetes.io/ingress.class";

fn create(object: &Value, judge: &mut Judge) {
    let Some(spec) = get(object, "spec") else { return };
    let place = Place::OBJECT;
    let place = place.field("spec");
    if get(spec, "rules").is_none() && get(spec, "defaultBackend").is_none() {
        let reason = "either `defaultBackend` or `rules` must be specified";
        judge.invalid(&EMPTY, &place, &Value::Null, reason);
    }
    if let Some(backend) = get(spec, "defaultBackend") {
        check_backend(backend, &place.field("defaultBackend"), judge);
    }
    let rules = place.field("rules");
    for (index, rule) in list(spec, "rules").iter().enumerate() {
        check_rule(rule, &rules.index(index), judge);
    }
    let certificates = place.field("tls");
    for (index, tls) in list(spec, "tls").iter().enumerate() {
        let place = certificates.index(index);
        let hosts = place.field("hosts");
        for (index, host) in list(tls, "hosts").iter().enumerate() {
            check_host(host, &hosts.index(index), judge);
        }
        common::checked(&CLASS, tls, "secretName", server::is_dns1123_subdomain, &place, judge);
    }
    class(object, spec, &place, judge);
}

fn class(object: &Value, spec: &Value, place: &Place<'_>, judge: &mut Judge) {
    let Some(class) = get(spec, "ingressClassName") else {
        return;
    };
    let name = class.as_str().unwrap_or_default();
    let reasons = server::is_dns1123_subdomain(name);
    judge.all_invalid(&CLASS, &place.field("ingressClassName"), class, reasons);
    if let Some(old) = common::at(object, &["metadata", "annotations", OLD_CLASS])
        && old != class
    {
        let reason = "must match `ingressClassName` when both are specified";
        let place = Place::OBJECT;
        let (shown, metadata) = (place.field("annotations"), place.field("metadata"));
        judge.invalid(&CLASS, &shown.field(OLD_CLASS), old, reason);
        judge.point_to(&metadata.field("annotations").key(OLD_CLASS));
    }
}

fn check_host(host: &Value, place: &Place<'_>, judge: &mut Judge) {
    let Some(name) = host.as_str() else { return };
    let reasons = match name.contains('*') {
        true => server::is_wildcard_dns1123_subdomain(name),
        false => server::is_dns1123_subdomain(name),
    };
    judge.all_invalid(&HOST, place, host, reasons);
}

fn check_rule(rule: &Value, place: &Place<'_>, judge: &mut Judge) {
    if let Some(host @ Value::String(name)) = get(rule, "host")
        && !name.is_empty()
    {
        let place = place.field("host");
        if server::is_valid_ip_legacy(name).is_empty() {
            judge.invalid(&HOST, &place, host, "must be a DNS name, not an IP address");
        }
        check_host(host, &place, judge);
    }
    let Some(http) = get(rule, "http") else { return };
    let place = place.field("http");
    let place = place.field("paths");
    for (index, path) in list(http, "paths").iter().enumerate() {
        let place = place.index(index);
        // The server looks no further when it does not know how to compare.
        if get(path, "pathType").is_none() {
            continue;
        }
        check_path(path, &place, judge);
        if let Some(backend) = get(path, "backend") {
            check_backend(backend, &place.field("backend"), judge);
        }
    }
}

fn check_path(path: &Value, place: &Place<'_>, judge: &mut Judge) {
    let (given, kind) = (text(path, "path"), text(path, "pathType"));
    let place = place.field("path");
    let value = Value::from(given);
    let is_strict = ["Exact", "Prefix"].contains(&kind);
    if !given.starts_with('/') && (is_strict || (kind == "ImplementationSpecific" && !given.is_empty())) {
        judge.invalid(&PATH, &place, &value, "must be an absolute path");
    }
    if !is_strict {
        return;
    }
    for part in ["//", "/./", "/../", "%2f", "%2F"] {
        if given.contains(part) {
            judge.invalid(&PATH, &place, &value, format_args!("must not contain '{part}'"));
        }
    }
    for end in ["/..", "/."] {
        if given.ends_with(end) {
            judge.invalid(&PATH, &place, &value, format_args!("cannot end with '{end}'"));
        }
    }
}

fn check_backend(backend: &Value, place: &Place<'_>, judge: &mut Judge) {
    let empty = Value::from("");
    match (get(backend, "service"), get(backend, "resource")) {
        (Some(_), Some(_)) => {
            judge.invalid(&BACKEND, place, &empty, "cannot set both resource and service backends");
        }
        (None, None) => judge.invalid(&BACKEND, place, &empty, "resource or service backend is required"),
        (None, Some(resource)) => reference(&BACKEND, resource, &place.field("resource"), judge),
        (Some(service), None) => check_service(service, place, judge),
    }
}

fn check_service(service: &Value, place: &Place<'_>, judge: &mut Judge) {
    let of_service = place.field("service");
    let check = match judge.minor >= RELAXED {
        true => server::is_dns1123_label,
        false => server::is_dns1035_label,
    };
    common::checked(&BACKEND, service, "name", check, &of_service, judge);
    let place_of_port = of_service.field("port");
    let port = get(service, "port").unwrap_or(&Value::Null);
    let number = get(port, "number").filter(|number| whole(number) != Some(0));
    let name = get(port, "name").filter(|name| *name != "");
    let empty = Value::from("");
    match (name, number) {
        (Some(_), Some(_)) => judge.invalid(&BACKEND, place, &empty, "cannot set both port name & port number"),
        (None, None) => judge.required(&BACKEND, place, "port name or number is required"),
        (Some(_), None) => {
            common::checked(
                &BACKEND,
                port,
                "name",
                server::is_valid_port_name,
                &place_of_port,
                judge,
            );
        }
        (None, Some(number)) => common::port_number(&BACKEND, number, &place_of_port.field("number"), judge),
    }
}

/// Judges a reference to an object by group, kind and name.
pub(super) fn reference(code: &Code, reference: &Value, place: &Place<'_>, judge: &mut Judge) {
    if let Some(group) = get(reference, "apiGroup") {
        let reasons = server::is_dns1123_subdomain(group.as_str().unwrap_or_default());
        judge.all_invalid(code, &place.field("apiGroup"), group, reasons);
    }
    common::checked(code, reference, "kind", path_segment_problems, place, judge);
    common::checked(code, reference, "name", path_segment_problems, place, judge);
}
