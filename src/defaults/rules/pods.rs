//! Pods: what holds for every pod specification, and what only for Pods themselves.
//!
//! A template does not get what only a Pod gets: a policy that reads it from a Deployment finds nothing.

use serde_json::{Value, json};

use super::{Object, default, fill, inner, inner_or_new, is_absent, is_empty, items, text};

/// Completes a Pod.
pub(super) fn pod(pod: &mut Object) {
    let Some(spec) = inner(pod, "spec") else { return };
    default(spec, "enableServiceLinks", true);
    if spec
        .get("terminationGracePeriodSeconds")
        .and_then(Value::as_i64)
        .is_some_and(|seconds| seconds < 0)
    {
        spec.insert("terminationGracePeriodSeconds".to_owned(), 1.into());
    }
    let host_network = spec.get("hostNetwork") == Some(&Value::Bool(true));
    for list in ["containers", "initContainers"] {
        for container in items(spec, list) {
            requests_from_limits(container);
            if host_network {
                host_ports(container);
            }
        }
    }
}

/// What a container is limited to it also requests, resource by resource.
fn requests_from_limits(container: &mut Object) {
    let Some(resources) = inner(container, "resources") else {
        return;
    };
    let Some(limits) = inner(resources, "limits").cloned() else {
        return;
    };
    if let Some(requests) = inner_or_new(resources, "requests") {
        fill(requests, &limits);
    }
}

/// In the network of its node a container opens its ports there.
fn host_ports(container: &mut Object) {
    for port in items(container, "ports") {
        let unset = is_absent(port, "hostPort") || port.get("hostPort") == Some(&json!(0));
        if let Some(number) = port.get("containerPort").cloned().filter(|_| unset) {
            port.insert("hostPort".to_owned(), number);
        }
    }
}

/// Keeps the two names of the service account equal; the newer one wins.
pub(super) fn spec(spec: &mut Object) {
    let from_to = match is_empty(spec, "serviceAccountName") {
        true => ("serviceAccount", "serviceAccountName"),
        false => ("serviceAccountName", "serviceAccount"),
    };
    if let Some(name) = spec.get(from_to.0).filter(|name| name.is_string()).cloned() {
        spec.insert(from_to.1.to_owned(), name);
    }
}

/// An image whose tag moves is pulled always.
pub(super) fn container(container: &mut Object) {
    if is_empty(container, "imagePullPolicy") {
        let policy = super::image::pull_policy(text(container, "image"));
        container.insert("imagePullPolicy".to_owned(), policy.into());
    }
}
