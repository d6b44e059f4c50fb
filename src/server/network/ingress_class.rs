//! Classes of ingresses.
//!
//! A class belongs to one controller for good.

use serde_json::Value;

use crate::diagnostic::codes::Code;
use crate::schema::Place;
use crate::server::common::{self, get, text};
use crate::server::judge::Judge;
use crate::server::{API_SERVER, Kind, Rules};
use crate::text::server;

use super::ingress;

pub(in crate::server) const RULES: Rules = Rules {
    by: API_SERVER,
    kinds: &[Kind {
        group: "networking.k8s.io",
        kind: "IngressClass",
        create,
        update,
    }],
    codes: &[&CLASS, &IMMUTABLE],
};

const CLASS: Code = Code {
    id: "ingress-class",
    title: "a class of ingresses that the API server refuses",
    why: "`controller` is a path on a domain, by which the controller finds its classes. Parameters are one object, in the \
          namespace that is named when their scope is `Namespace`.",
    fix: "write `controller` as the documentation of the ingress controller says, such as `traefik.io/ingress-controller`",
    bad: "apiVersion: networking.k8s.io/v1\nkind: IngressClass\nmetadata: {name: traefik}\nspec: {controller: traefik}",
    good: "apiVersion: networking.k8s.io/v1\nkind: IngressClass\nmetadata: {name: traefik}\nspec: \
           {controller: traefik.io/ingress-controller}",
};

const IMMUTABLE: Code = Code {
    id: "immutable-ingress-class",
    title: "a class of ingresses that is given to another controller",
    why: "All ingresses of the class would change hands at once, so the server keeps `controller`.",
    fix: "create another class and move the ingresses one by one",
    bad: "apiVersion: networking.k8s.io/v1\nkind: IngressClass\nmetadata: {name: web}\nspec: \
          {controller: k8s.io/ingress-nginx}\n---\n\
          apiVersion: networking.k8s.io/v1\nkind: IngressClass\nmetadata: {name: web}\nspec: \
          {controller: traefik.io/ingress-controller}",
    good: "apiVersion: networking.k8s.io/v1\nkind: IngressClass\nmetadata: {name: web}\nspec: \
           {controller: traefik.io/ingress-controller}\n---\n\
           apiVersion: networking.k8s.io/v1\nkind: IngressClass\nmetadata:\n  name: web\n  \
           annotations: {ingressclass.kubernetes.io/is-default-class: \"true\"}\nspec: \
           {controller: traefik.io/ingress-controller}",
};

/// How long the name of a controller may be, in bytes.
const LONGEST: usize = 250;

fn create(object: &Value, judge: &mut Judge) {
    let Some(spec) = get(object, "spec") else { return };
    let place = Place::OBJECT;
    let place = place.field("spec");
    controller(text(spec, "controller"), &place.field("controller"), judge);
    let Some(parameters) = get(spec, "parameters") else {
        return;
    };
    let place = place.field("parameters");
    ingress::reference(&CLASS, parameters, &place, judge);
    let place_of_namespace = place.field("namespace");
    match (text(parameters, "scope"), get(parameters, "namespace")) {
        ("Namespace", None) => {
            let reason = "`parameters.scope` is set to 'Namespace'";
            judge.required(&CLASS, &place_of_namespace, reason);
        }
        ("Namespace", Some(namespace)) => {
            let reasons = server::is_dns1123_label(namespace.as_str().unwrap_or_default());
            judge.all_invalid(&CLASS, &place_of_namespace, namespace, reasons);
        }
        ("Cluster", Some(_)) => {
            judge.forbidden(&CLASS, &place_of_namespace, "`parameters.scope` is set to 'Cluster'");
        }
        _ => {}
    }
}

fn controller(name: &str, place: &Place<'_>, judge: &mut Judge) {
    if name.is_empty() {
        return;
    }
    if name.len() > LONGEST {
        judge.too_long(&CLASS, place, LONGEST);
    }
    let (host, path) = name.split_once('/').unwrap_or((name, ""));
    for reason in server::is_domain_prefixed_path(name) {
        // The server shows the part that is wrong.
        let shown = match () {
            () if reason.starts_with("Invalid path") => path,
            () if reason.contains("RFC 1123") => host,
            () => name,
        };
        judge.invalid(&CLASS, place, &shown.into(), reason);
    }
}

fn update(old: &Value, new: &Value, judge: &mut Judge) {
    if let (Some(old), Some(new)) = (get(old, "spec"), get(new, "spec")) {
        let place = Place::OBJECT;
        common::immutable(&IMMUTABLE, old, new, "controller", &place.field("spec"), judge);
    }
}
