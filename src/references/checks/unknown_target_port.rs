//! A Service leads to a port that the containers behind it have.
//!
//! A name must be there; a number may be listened on without being written, so it is only asked about.

use serde_json::Value;

use crate::diagnostic::Level;
use crate::references::node::text;
use crate::references::pods::{self, Port};
use crate::references::{Check, Findings, Node, World};

pub(super) const CHECK: Check = Check {
    id: "unknown-target-port",
    title: "a Service leads to a port that its pods do not have",
    why: "Kubernetes leaves the port out of the Service, or sends connections to where nobody listens; both show only \
          when somebody connects.",
    fix: "write the name or the number of a port of the containers as `targetPort`",
    bad: "apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80, targetPort: htpp}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: web, ports: [{name: http, containerPort: 8080}]}]}",
    good: "apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80, targetPort: http}]}
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
    for service in world.of("", "Service") {
        let Some(selector) = service.at("/spec/selector") else {
            continue;
        };
        let behind = world.behind(service.namespace, selector);
        let ports: Vec<Port<'_>> = behind.certain.iter().flat_map(|pods| pods.ports()).collect();
        if behind.certain.is_empty() || behind.possible {
            continue;
        }
        let makers: Vec<Node<'_>> = behind.certain.iter().map(|pods| pods.by).collect();
        for (index, port) in service.list("/spec/ports").iter().enumerate() {
            let (level, wanted) = match (text(port, "targetPort"), number(port)) {
                (Some(name), _) if !ports.iter().any(|port| port.name == name) => (Level::Deny, format!("`{name}`")),
                (None, Some(number))
                    if is_unknown(number, &ports) && service.text("/spec/clusterIP") != Some("None") =>
                {
                    (Level::Warn, number.to_string())
                }
                _ => continue,
            };
            let mut pods: Vec<String> = makers.iter().map(Node::called).collect();
            pods.dedup();
            let message = format!(
                "{} leads to port {wanted}, which the pods of {} do not have",
                service.called(),
                pods.join(", ")
            );
            let field = if port.get("targetPort").is_some() {
                "targetPort"
            } else {
                "port"
            };
            let found = findings.say(level, service, format!("/spec/ports/{index}/{field}"), &makers, message);
            if !ports.is_empty() {
                found.help(format!("their ports are {}", pods::shown(&ports)));
            }
        }
    }
}

/// The number that a port leads to.
fn number(port: &Value) -> Option<i64> {
    port.get("targetPort").or(port.get("port"))?.as_i64()
}

/// Pods that write no ports say nothing about them.
fn is_unknown(number: i64, ports: &[Port<'_>]) -> bool {
    !ports.is_empty() && !ports.iter().any(|port| port.number == number)
}
