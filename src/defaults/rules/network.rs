//! Services and network policies.
//!
//! What a cluster allocates to a Service (addresses, families, node ports) is not known before.

use serde_json::{Value, json};

use super::{Object, default, is_empty, text};

/// How long a client stays with its pod, in seconds: three hours.
const AFFINITY: i64 = 10_800;

/// Completes a Service by its type.
pub(super) fn service(spec: &mut Object) {
    affinity(spec);
    let kind = text(spec, "type").to_owned();
    let outside = match kind.as_str() {
        "LoadBalancer" | "NodePort" => true,
        "ClusterIP" => !is_empty(spec, "externalIPs"),
        _ => false,
    };
    if outside && is_empty(spec, "externalTrafficPolicy") {
        spec.insert("externalTrafficPolicy".to_owned(), "Cluster".into());
    }
    if ["NodePort", "LoadBalancer", "ClusterIP"].contains(&kind.as_str()) {
        default(spec, "internalTrafficPolicy", "Cluster");
    }
    if kind == "LoadBalancer" {
        default(spec, "allocateLoadBalancerNodePorts", true);
    }
}

fn affinity(spec: &mut Object) {
    match text(spec, "sessionAffinity") {
        "None" => {
            spec.remove("sessionAffinityConfig");
        }
        "ClientIP" => {
            let config = spec.get("sessionAffinityConfig");
            let seconds = config.and_then(|config| config.get("clientIP")?.get("timeoutSeconds"));
            if seconds.is_none_or(Value::is_null) {
                let config = json!({"clientIP": {"timeoutSeconds": AFFINITY}});
                spec.insert("sessionAffinityConfig".to_owned(), config);
            }
        }
        _ => {}
    }
}

/// A port of a Service leads to the same port of its pods.
pub(super) fn service_port(port: &mut Object) {
    let unset = is_empty(port, "targetPort") || port.get("targetPort") == Some(&json!(0));
    if let Some(number) = port.get("port").filter(|number| number.is_number() && unset).cloned() {
        port.insert("targetPort".to_owned(), number);
    }
}

/// A policy that names no direction is about what comes in, and about what goes out if it has rules for that.
pub(super) fn policy(spec: &mut Object) {
    if !is_empty(spec, "policyTypes") {
        return;
    }
    let types = match is_empty(spec, "egress") {
        true => json!(["Ingress"]),
        false => json!(["Ingress", "Egress"]),
    };
    spec.insert("policyTypes".to_owned(), types);
}
