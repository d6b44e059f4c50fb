//! A Service has pods behind it.
//!
//! One without a selector is filled by somebody else, and one of an external name needs none.

use crate::references::{Check, Findings, World, nobody};

pub(super) const CHECK: Check = Check {
    id: "service-without-pods",
    title: "a Service selects no pods",
    why: "Whoever calls the Service waits or is refused, and nothing reports an error: to Kubernetes a Service without \
          pods is one whose pods are not ready yet.",
    fix: "select labels that the pods have",
    bad: "apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: wbe}, ports: [{port: 80, targetPort: http}]}
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
        let is_empty = selector.as_object().is_none_or(serde_json::Map::is_empty);
        if is_empty || service.text("/spec/type") == Some("ExternalName") {
            continue;
        }
        if world.behind(service.namespace, selector).is_empty() {
            nobody::complain(
                world,
                findings,
                service,
                "/spec/selector",
                (service.namespace, selector),
            );
        }
    }
}
