//! The pods of a StatefulSet have names in the network, which its headless Service gives them.

use serde_json::Value;

use crate::diagnostic::Level;
use crate::references::ends::End;
use crate::references::products::Part;
use crate::references::{Check, Findings, World};

pub(super) const CHECK: Check = Check {
    id: "stateful-set-without-service",
    title: "a StatefulSet has no headless Service of the name that it gives",
    why: "The pods then have no names of their own in the network, and members of a cluster that look for each other \
          by name find nobody.",
    fix: "add a Service of that name with `clusterIP: None`",
    bad: "apiVersion: apps/v1
kind: StatefulSet
metadata: {name: queue}
spec:
  replicas: 3
  serviceName: queue
  template:
    metadata: {labels: {app: queue}}
    spec: {containers: [{name: queue, image: queue}]}
---
apiVersion: v1
kind: Service
metadata: {name: queue}
spec: {selector: {app: queue}, ports: [{port: 5672}]}",
    good: "apiVersion: apps/v1
kind: StatefulSet
metadata: {name: queue}
spec:
  replicas: 3
  serviceName: queue
  template:
    metadata: {labels: {app: queue}}
    spec: {containers: [{name: queue, image: queue}]}
---
apiVersion: v1
kind: Service
metadata: {name: queue}
spec: {clusterIP: None, selector: {app: queue}, ports: [{port: 5672}]}",
    check,
};

fn check(world: &World<'_>, findings: &mut Findings<'_, '_>) {
    for set in world.of("apps", "StatefulSet") {
        let Some(name) = set.text("/spec/serviceName").filter(|name| !name.is_empty()) else {
            continue;
        };
        let end = End {
            group: "",
            kind: "Service",
            namespace: set.namespace,
            name,
        };
        findings.missing(set, "/spec/serviceName", end);
        // One pod needs no name of its own.
        let members = set.at("/spec/replicas").and_then(Value::as_i64).unwrap_or(1);
        if let [service] = world.find(end)
            && service.part == Part::Itself
            && members > 1
            && service.by.text("/spec/clusterIP") != Some("None")
        {
            // The pods run all the same; who built the rest may not need their names.
            let level = if world.is_built() { Level::Deny } else { Level::Warn };
            let message = format!("{} of {} is not headless", service.by.called(), set.called());
            findings
                .say(level, set, "/spec/serviceName", &[service.by], message)
                .help("set `clusterIP: None` on it, or name another one");
        }
    }
}
