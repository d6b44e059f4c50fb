//! What a Pod gets, and no template of one.
//!
//! A policy that reads the same field from a Deployment finds nothing there. What a Pod's own `resources` get from its
//! containers is not added up here.

use serde_json::{Value, json};

use super::{Object, default, fill, inner, inner_or_new, is_absent, is_empty, items, text};

/// The annotation that said the profile of a container before there was a field; the container's name follows.
const PROFILE: &str = "container.apparmor.security.beta.kubernetes.io/";

/// Completes a Pod.
pub(super) fn pod(pod: &mut Object) {
    let labels = metadata(pod, "labels");
    let annotations = metadata(pod, "annotations");
    let Some(spec) = inner_or_new(pod, "spec") else { return };
    default(spec, "enableServiceLinks", true);
    let period = spec.get("terminationGracePeriodSeconds").and_then(Value::as_i64);
    if period.is_some_and(|seconds| seconds < 0) {
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
    profiles(spec, &annotations);
    for constraint in items(spec, "topologySpreadConstraints") {
        select(constraint, "matchLabelKeys", "In", &labels);
    }
    let Some(affinity) = inner(spec, "affinity") else {
        return;
    };
    for kind in ["podAffinity", "podAntiAffinity"] {
        let Some(rules) = inner(affinity, kind) else { continue };
        let preferred = items(rules, "preferredDuringSchedulingIgnoredDuringExecution");
        preferred
            .filter_map(|weighted| inner(weighted, "podAffinityTerm"))
            .for_each(|term| select_term(term, &labels));
        let required = items(rules, "requiredDuringSchedulingIgnoredDuringExecution");
        required.for_each(|term| select_term(term, &labels));
    }
}

fn metadata(pod: &Object, field: &str) -> Object {
    let entries = pod
        .get("metadata")
        .and_then(|metadata| metadata.get(field)?.as_object());
    entries.cloned().unwrap_or_default()
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

/// Copies the AppArmor profiles that are written as annotations to the fields of the containers.
fn profiles(spec: &mut Object, annotations: &Object) {
    if spec.get("os").and_then(|os| os.get("name")) == Some(&"windows".into()) {
        return;
    }
    let general = spec
        .get("securityContext")
        .and_then(|context| context.get("appArmorProfile"));
    let general = general.cloned().unwrap_or_default();
    for list in ["containers", "initContainers", "ephemeralContainers"] {
        for container in items(spec, list) {
            let annotation = annotations.get(&format!("{PROFILE}{}", text(container, "name")));
            let profile = annotation.and_then(Value::as_str).and_then(profile);
            let Some(profile) = profile.filter(|profile| *profile != general) else {
                continue;
            };
            if let Some(context) = inner_or_new(container, "securityContext") {
                default(context, "appArmorProfile", profile);
            }
        }
    }
}

fn profile(annotation: &str) -> Option<Value> {
    match annotation {
        "unconfined" => Some(json!({"type": "Unconfined"})),
        "runtime/default" => Some(json!({"type": "RuntimeDefault"})),
        _ => {
            let name = annotation.strip_prefix("localhost/")?;
            let named = !name.is_empty() && name.trim() == name;
            named.then(|| json!({"type": "Localhost", "localhostProfile": name}))
        }
    }
}

fn select_term(term: &mut Object, labels: &Object) {
    select(term, "matchLabelKeys", "In", labels);
    select(term, "mismatchLabelKeys", "NotIn", labels);
}

/// Adds the Pod's own values of some labels to a selector, if there is one.
fn select(term: &mut Object, keys: &str, operator: &str, labels: &Object) {
    let Some(Value::Array(keys)) = term.get(keys).cloned() else {
        return;
    };
    let Some(selector) = inner(term, "labelSelector") else {
        return;
    };
    for key in keys.iter().filter_map(Value::as_str) {
        let Some(value) = labels.get(key) else { continue };
        if is_empty(selector, "matchExpressions") {
            selector.insert("matchExpressions".to_owned(), json!([]));
        }
        let requirement = json!({"key": key, "operator": operator, "values": [value]});
        // A Pod that came back from the server has it already.
        if let Some(Value::Array(expressions)) = selector.get_mut("matchExpressions")
            && !expressions.contains(&requirement)
        {
            expressions.push(requirement);
        }
    }
}
