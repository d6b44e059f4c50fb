//! A monitor has something to watch, at a port of that name.
//!
//! What it watches may lie in other namespaces; those are asked only where it names them.

use serde_json::Value;

use crate::diagnostic::Level;
use crate::references::findings::shown;
use crate::references::node::{list, text};
use crate::references::products::{Part, Product};
use crate::references::selector::{Labels, Match, by_selector, shown as selection};
use crate::references::{Check, Findings, Node, World, nobody};

pub(super) const CHECK: Check = Check {
    id: "monitor-without-targets",
    title: "a monitor finds nothing to watch",
    why: "Prometheus has no target then and no sample, and an alert without samples is silent: what is not watched \
          looks healthy.",
    fix: "select labels, and name a port, that the Service or the pods have",
    bad: "apiVersion: monitoring.coreos.com/v1
kind: PodMonitor
metadata: {name: web}
spec: {selector: {matchLabels: {app: web}}, podMetricsEndpoints: [{port: metrics}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: web, ports: [{name: http, containerPort: 8080}]}]}",
    good: "apiVersion: monitoring.coreos.com/v1
kind: PodMonitor
metadata: {name: web}
spec: {selector: {matchLabels: {app: web}}, podMetricsEndpoints: [{port: http}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: web, ports: [{name: http, containerPort: 8080}]}]}",
    check,
};

fn check(world: &World<'_>, findings: &mut Findings<'_, '_>) {
    for monitor in world.of("monitoring.coreos.com", "PodMonitor") {
        of_pods(world, monitor, findings);
    }
    for monitor in world.of("monitoring.coreos.com", "ServiceMonitor") {
        of_services(world, monitor, findings);
    }
}

/// The one namespace that a monitor is about; nothing for several, or those that only the cluster knows.
fn namespace<'a>(monitor: Node<'a>) -> Option<&'a str> {
    match (
        monitor.at("/spec/namespaceSelector/any"),
        monitor.list("/spec/namespaceSelector/matchNames"),
    ) {
        (Some(Value::Bool(true)), _) => None,
        (_, []) => Some(monitor.namespace),
        (_, [one]) => one.as_str(),
        _ => None,
    }
}

fn of_pods(world: &World<'_>, monitor: Node<'_>, findings: &mut Findings<'_, '_>) {
    let (Some(namespace), Some(selector)) = (namespace(monitor), monitor.at("/spec/selector")) else {
        return;
    };
    let selected = world.selected(namespace, selector);
    if selected.is_empty() {
        return nobody::complain(world, findings, monitor, "/spec/selector", (namespace, selector));
    }
    if selected.possible {
        return;
    }
    let ports: Vec<&str> = selected
        .certain
        .iter()
        .flat_map(|pods| pods.ports())
        .map(|port| port.name)
        .collect();
    let others: Vec<Node<'_>> = selected.certain.iter().map(|pods| pods.by).collect();
    named_ports(monitor, "podMetricsEndpoints", (&ports, &others), findings);
}

fn of_services(world: &World<'_>, monitor: Node<'_>, findings: &mut Findings<'_, '_>) {
    let (Some(namespace), Some(selector)) = (namespace(monitor), monitor.at("/spec/selector")) else {
        return;
    };
    let in_namespace = |service: &Node<'_>| service.namespace == namespace;
    let is_it = |service: &Node<'_>| by_selector(selector, &Labels::of(service.at("/metadata/labels"))) == Match::Yes;
    let services: Vec<Node<'_>> = world.of("", "Service").filter(in_namespace).filter(is_it).collect();
    if services.is_empty() {
        let Some(level) = world.lack("", "Service", namespace) else {
            return;
        };
        let message = format!(
            "{} selects Services with {}, and there are none",
            monitor.called(),
            selection(selector)
        );
        findings.say(level, monitor, "/spec/selector", &[], message);
        return;
    }
    let itself = |by| Product { by, part: Part::Itself };
    let ports = services.iter().filter_map(|service| itself(*service).ports()).flatten();
    let ports: Vec<&str> = ports.map(|port| port.name).collect();
    named_ports(monitor, "endpoints", (&ports, &services), findings);
}

fn named_ports(
    monitor: Node<'_>,
    field: &str,
    (ports, others): (&[&str], &[Node<'_>]),
    findings: &mut Findings<'_, '_>,
) {
    let spec = monitor.at("/spec").unwrap_or(&Value::Null);
    for (index, endpoint) in list(spec, field).iter().enumerate() {
        let Some(port) = text(endpoint, "port").filter(|port| !ports.contains(port)) else {
            continue;
        };
        let names: Vec<String> = others.iter().map(Node::called).collect();
        let message = format!(
            "{} asks at port `{port}`, which {} does not have",
            monitor.called(),
            names.join(", ")
        );
        // The monitor works at its other ports, and waits for this one.
        let pointer = format!("/spec/{field}/{index}/port");
        let found = findings.say(Level::Deny, monitor, pointer, others, message);
        let mut known: Vec<&str> = ports.iter().copied().filter(|name| !name.is_empty()).collect();
        known.sort_unstable();
        known.dedup();
        if !known.is_empty() {
            found.help(format!("ports that are there: {}", shown(&known)));
        }
    }
}
