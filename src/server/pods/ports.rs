//! The ports of containers.
//!
//! Names are unique in a container, ports of the host in a pod.

use serde_json::Value;

use super::Pod;
use super::examples::container;
use crate::diagnostic::codes::Code;
use crate::schema::Place;
use crate::server::common::{is_true, list, number, port_number, text};
use crate::server::judge::Judge;
use crate::text::server;

pub(super) const PORT: Code = Code {
    id: "invalid-container-port",
    title: "a port of a container that is none",
    why: "Ports are whole numbers from 1 to 65535; 0 counts as missing.",
    fix: "write the port that the process listens on",
    bad: container!("    ports: [{containerPort: 80690}]"),
    good: container!("    ports: [{containerPort: 8069}]"),
};

pub(super) const NAME: Code = Code {
    id: "invalid-port-name",
    title: "a name of a container's port that the API server refuses",
    why: "Services and probes find ports by name. Such a name has at most 15 lowercase letters, digits and single hyphens, \
          with at least one letter, and stands once in a container.",
    fix: "shorten the name, and write it in lowercase letters, digits and hyphens",
    bad: container!("    ports: [{name: longpolling-port, containerPort: 8072}]"),
    good: container!("    ports: [{name: longpolling, containerPort: 8072}]"),
};

pub(super) const HOST: Code = Code {
    id: "invalid-host-port",
    title: "a port of the node that a pod cannot have",
    why: "A port of the node belongs to one container of a pod, and in the network of the node a container's port is the \
          node's port already.",
    fix: "leave `hostPort` out; a Service makes the port known",
    bad: container!(
        "    ports:\n    - {name: http, containerPort: 8069, hostPort: 80}\n    - {name: gevent, containerPort: 8072, hostPort: 80}"
    ),
    good: container!(
        "    ports:\n    - {name: http, containerPort: 8069, hostPort: 80}\n    - {name: gevent, containerPort: 8072, hostPort: 81}"
    ),
};

/// Judges the ports of one container.
pub(super) fn check(container: &Value, place: &Place<'_>, judge: &mut Judge) {
    let place = place.field("ports");
    let ports = list(container, "ports");
    for (index, port) in ports.iter().enumerate() {
        let place = place.index(index);
        if let Some(value @ Value::String(name)) = port.get("name")
            && !name.is_empty()
        {
            let reasons = server::is_valid_port_name(name);
            let earlier = ports.get(..index).unwrap_or_default();
            if reasons.is_empty() && earlier.iter().any(|port| text(port, "name") == name) {
                judge.duplicate(&NAME, &place.field("name"), value);
            }
            judge.all_invalid(&NAME, &place.field("name"), value, reasons);
        }
        match port.get("containerPort") {
            Some(_) if number(port, "containerPort") == Some(0) => {
                judge.required(&PORT, &place.field("containerPort"), "");
            }
            Some(number) => port_number(&PORT, number, &place.field("containerPort"), judge),
            None => {}
        }
        if let Some(host) = port.get("hostPort").filter(|_| number(port, "hostPort") != Some(0)) {
            port_number(&HOST, host, &place.field("hostPort"), judge);
        }
    }
}

/// Refuses ports of the host that two of these containers claim; init containers run one after the other.
pub(super) fn host_ports(containers: &[Value], place: &Place<'_>, judge: &mut Judge) {
    let mut seen = Vec::new();
    for (index, container) in containers.iter().enumerate() {
        let place = place.index(index);
        let place = place.field("ports");
        for (index, port) in list(container, "ports").iter().enumerate() {
            let Some(number) = number(port, "hostPort").filter(|number| *number != 0) else {
                continue;
            };
            let claim = (text(port, "protocol"), text(port, "hostIP"), number);
            if seen.contains(&claim) {
                let (protocol, address, number) = claim;
                let place = place.index(index);
                let value = Value::from(format!("{protocol}/{address}/{number}"));
                judge.duplicate(&HOST, &place.field("hostPort"), &value);
            } else {
                seen.push(claim);
            }
        }
    }
}

/// In the network of the host a port of the container is the host's.
pub(super) fn host_network(pod: &Pod<'_>, place: &Place<'_>, judge: &mut Judge) {
    if !is_true(pod.spec, "hostNetwork") {
        return;
    }
    let place = place.field("containers");
    for (index, container) in list(pod.spec, "containers").iter().enumerate() {
        let place = place.index(index);
        let place = place.field("ports");
        for (index, port) in list(container, "ports").iter().enumerate() {
            let place = place.index(index);
            let host = number(port, "hostPort").unwrap_or_default();
            let differs = number(port, "containerPort").is_some_and(|container| container != host);
            if differs && (host != 0 || pod.name.is_some()) {
                let reason = "must match `containerPort` when `hostNetwork` is true";
                judge.invalid(&HOST, &place.field("hostPort"), &Value::from(host), reason);
            }
        }
    }
}
