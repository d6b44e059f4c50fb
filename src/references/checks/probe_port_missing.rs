//! A probe asks at a port that its container has.
//!
//! Names only: a number needs no declaration.

use serde_json::Value;

use crate::references::node::{list, text};
use crate::references::{Check, Findings, World};

pub(super) const CHECK: Check = Check {
    id: "probe-port-missing",
    title: "a probe asks at a port that its container does not name",
    why: "The kubelet cannot find the port, so the probe fails for ever: the pod never gets ready, or is restarted \
          without end. Ports of other containers of the pod do not count.",
    fix: "write the name of a port of the same container",
    bad: "apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      containers:
        - name: web
          image: web
          ports: [{name: http, containerPort: 8080}]
          readinessProbe: {httpGet: {path: /, port: web}}",
    good: "apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      containers:
        - name: web
          image: web
          ports: [{name: http, containerPort: 8080}]
          readinessProbe: {httpGet: {path: /, port: http}}",
    check,
};

const PROBES: [&str; 3] = ["livenessProbe", "readinessProbe", "startupProbe"];
const ACTIONS: [&str; 2] = ["httpGet", "tcpSocket"];

fn check(world: &World<'_>, findings: &mut Findings<'_, '_>) {
    for pods in world.all_pods() {
        let Some((base, _)) = pods.spec else {
            continue;
        };
        for (field, index, container) in pods.containers() {
            for (probe, action, port) in named(container) {
                let ports = || list(container, "ports").iter().filter_map(|port| text(port, "name"));
                if ports().any(|name| name == port) {
                    continue;
                }
                let name = text(container, "name").unwrap_or_default();
                let message = format!("container `{name}` of {} has no port `{port}`", pods.by.called());
                let pointer = format!("{base}/{field}/{index}/{probe}/{action}/port");
                let found = findings.contradiction(pods.by, pointer, &[], message);
                let known: Vec<&str> = ports().collect();
                if !known.is_empty() {
                    found.help(format!("its ports are {}", crate::references::findings::shown(&known)));
                }
            }
        }
    }
}

/// The ports that probes name; digits are a number.
fn named(container: &Value) -> impl Iterator<Item = (&'static str, &'static str, &str)> {
    let probes = PROBES
        .iter()
        .flat_map(|probe| ACTIONS.iter().map(move |action| (*probe, *action)));
    probes.filter_map(|(probe, action)| {
        let port = text(container.get(probe)?.get(action)?, "port")?;
        Some((probe, action, port)).filter(|_| port.parse::<u16>().is_err())
    })
}
