//! Services: their type, their ports and what belongs to a type.
//!
//! Addresses are judged in `service_address`; what the cluster allocates is not known here.

use serde_json::Value;

use crate::diagnostic::codes::Code;
use crate::schema::Place;
use crate::server::common::{self, SELECTOR, get, list, number, text, whole};
use crate::server::judge::Judge;
use crate::server::{API_SERVER, Kind, Rules};
use crate::text::server;

use super::{address, service_address};

pub(in crate::server) const RULES: Rules = Rules {
    by: API_SERVER,
    kinds: &[Kind {
        group: "",
        kind: "Service",
        create,
        update: service_address::update,
    }],
    codes: &[
        &PORTS,
        &NAME,
        &PORT,
        &NODE_PORT,
        &EXTERNAL_NAME,
        &TYPE,
        &RANGES,
        &AFFINITY,
        &TRAFFIC,
    ],
};

const PORTS: Code = Code {
    id: "service-without-ports",
    title: "a Service without ports",
    why: "A Service forwards ports. Only a headless one (`clusterIP: None`) and an `ExternalName` get along without, \
          since they are answers of the DNS.",
    fix: "list `ports`, or set `clusterIP: None`",
    bad: "apiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: hartmann-bau-production}\nspec:\n  \
          selector: {app: odoo}",
    good: "apiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: hartmann-bau-production}\nspec:\n  \
           selector: {app: odoo}\n  ports: [{port: 8069}]",
};

const NAME: Code = Code {
    id: "service-port-name",
    title: "a port of a Service without a good name",
    why: "With several ports each needs a name of its own, a DNS label of at most 63 characters: endpoints, routes and \
          DNS records refer to it.",
    fix: "give each port another lowercase name",
    bad: "apiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: hartmann-bau-production}\nspec:\n  \
          selector: {app: odoo}\n  ports: [{port: 8069, name: http}, {port: 8072}]",
    good: "apiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: hartmann-bau-production}\nspec:\n  \
           selector: {app: odoo}\n  ports: [{port: 8069, name: http}, {port: 8072, name: gevent}]",
};

const PORT: Code = Code {
    id: "invalid-service-port",
    title: "a port of a Service that the API server refuses",
    why: "Ports are numbers from 1 to 65535. `targetPort` may also be the name of a container's port, at most 15 lowercase \
          letters, digits and hyphens with one letter. Number and protocol together may stand in a Service once.",
    fix: "correct the port, or leave `targetPort` out when it is the same number",
    bad: "apiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: hartmann-bau-production}\nspec:\n  \
          selector: {app: odoo}\n  ports: [{port: 80, targetPort: odoo-http-worker}]",
    good: "apiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: hartmann-bau-production}\nspec:\n  \
           selector: {app: odoo}\n  ports: [{port: 80, targetPort: http}]",
};

const NODE_PORT: Code = Code {
    id: "service-node-port",
    title: "a `nodePort` that a Service cannot have",
    why: "Only `NodePort` and `LoadBalancer` Services open ports on the nodes, and each of them once for a protocol.",
    fix: "remove `nodePort`, or set `type: NodePort`",
    bad: "apiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: hartmann-bau-production}\nspec:\n  \
          selector: {app: odoo}\n  ports: [{port: 8069, nodePort: 30069}]",
    good: "apiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: hartmann-bau-production}\nspec:\n  \
           type: NodePort\n  selector: {app: odoo}\n  ports: [{port: 8069, nodePort: 30069}]",
};

const EXTERNAL_NAME: Code = Code {
    id: "service-external-name",
    title: "an `ExternalName` Service without a name, or with an address",
    why: "It is an alias in the DNS and nothing else: it has `externalName`, a DNS name, and no addresses or families.",
    fix: "set `externalName` to a DNS name and remove `clusterIP`, `ipFamilies` and `ipFamilyPolicy`",
    bad: "apiVersion: v1\nkind: Service\nmetadata: {name: mail, namespace: hartmann-bau-production}\nspec:\n  \
          type: ExternalName\n  externalName: smtp_relay.example",
    good: "apiVersion: v1\nkind: Service\nmetadata: {name: mail, namespace: hartmann-bau-production}\nspec:\n  \
           type: ExternalName\n  externalName: smtp-relay.example",
};

const TYPE: Code = Code {
    id: "service-field-of-other-type",
    title: "a field that Services of this type do not have",
    why: "`loadBalancerClass`, `loadBalancerSourceRanges` and `allocateLoadBalancerNodePorts` are about load balancers, \
          `externalTrafficPolicy` about traffic from outside, `healthCheckNodePort` about load balancers with local traffic; \
          and a Service that is headless cannot be reached from outside.",
    fix: "set the `type` that the field is for, or remove the field",
    bad: "apiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: hartmann-bau-production}\nspec:\n  \
          selector: {app: odoo}\n  ports: [{port: 8069}]\n  externalTrafficPolicy: Local",
    good: "apiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: hartmann-bau-production}\nspec:\n  \
           type: LoadBalancer\n  selector: {app: odoo}\n  ports: [{port: 8069}]\n  externalTrafficPolicy: Local",
};

const RANGES: Code = Code {
    id: "invalid-source-range",
    title: "a range of client addresses that the API server refuses",
    why: "A load balancer admits ranges such as `203.0.113.0/24`; one address is a range with `/32`.",
    fix: "write address and prefix length, without leading zeros",
    bad: "apiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: hartmann-bau-production}\nspec:\n  \
          type: LoadBalancer\n  selector: {app: odoo}\n  ports: [{port: 8069}]\n  loadBalancerSourceRanges: [203.0.113.7]",
    good: "apiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: hartmann-bau-production}\nspec:\n  \
           type: LoadBalancer\n  selector: {app: odoo}\n  ports: [{port: 8069}]\n  loadBalancerSourceRanges: [203.0.113.7/32]",
};

const AFFINITY: Code = Code {
    id: "session-affinity-timeout",
    title: "a client that stays with its pod for too long, or not at all",
    why: "The time of `sessionAffinity: ClientIP` is from one second to one day.",
    fix: "set `timeoutSeconds` between 1 and 86400",
    bad: "apiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: hartmann-bau-production}\nspec:\n  \
          selector: {app: odoo}\n  ports: [{port: 8069}]\n  sessionAffinity: ClientIP\n  \
          sessionAffinityConfig: {clientIP: {timeoutSeconds: 604800}}",
    good: "apiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: hartmann-bau-production}\nspec:\n  \
           selector: {app: odoo}\n  ports: [{port: 8069}]\n  sessionAffinity: ClientIP\n  \
           sessionAffinityConfig: {clientIP: {timeoutSeconds: 86400}}",
};

const TRAFFIC: Code = Code {
    id: "traffic-distribution",
    title: "a preference for endpoints that the API server does not know",
    why: "`trafficDistribution` takes `PreferClose`, and since Kubernetes 1.34 `PreferSameZone` and `PreferSameNode`. The \
          older annotations for it must agree with each other.",
    fix: "write one of the values in the message, or remove the field",
    bad: "apiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: hartmann-bau-production}\nspec:\n  \
          selector: {app: odoo}\n  ports: [{port: 8069}]\n  trafficDistribution: PreferLocal",
    good: "apiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: hartmann-bau-production}\nspec:\n  \
           selector: {app: odoo}\n  ports: [{port: 8069}]\n  trafficDistribution: PreferClose",
};

/// The minor version that knows more than `PreferClose`.
const SAME_ZONE: u32 = 34;
/// The longest time that a client stays with its pod, in seconds.
const DAY: i64 = 86_400;
const ONLY_BALANCERS: &str = "may only be used when `type` is 'LoadBalancer'";
const HINTS: &str = "service.kubernetes.io/topology-aware-hints";
const MODE: &str = "service.kubernetes.io/topology-mode";
const SOURCE_RANGES: &str = "service.beta.kubernetes.io/load-balancer-source-ranges";

fn create(object: &Value, judge: &mut Judge) {
    let Some(spec) = get(object, "spec") else { return };
    let place = Place::OBJECT;
    let place = place.field("spec");
    let kind = text(spec, "type");
    let is_headless = service_address::is_headless(spec);
    if get(spec, "ports").is_none() && !is_headless && kind != "ExternalName" {
        judge.required(&PORTS, &place.field("ports"), "");
    }
    if is_headless && ["LoadBalancer", "NodePort"].contains(&kind) {
        let reason = format_args!("may not be set to 'None' for {kind} services");
        let addresses = place.field("clusterIPs");
        judge.invalid(&TYPE, &addresses.index(0), &"None".into(), reason);
    }
    if kind == "ExternalName" {
        external_name(spec, &place, judge);
    } else {
        service_address::check(spec, &place, judge);
    }
    service_address::external(spec, &place, judge);
    ports(spec, kind, &place.field("ports"), judge);
    common::labels(&SELECTOR, spec, "selector", &place, judge);
    affinity(spec, &place, judge);
    balancer(object, spec, kind, &place, judge);
    traffic(object, spec, kind, &place, judge);
}

fn external_name(spec: &Value, place: &Place<'_>, judge: &mut Judge) {
    for field in ["clusterIPs", "ipFamilies", "ipFamilyPolicy"] {
        let is_set = get(spec, field).is_some() || (field == "clusterIPs" && !text(spec, "clusterIP").is_empty());
        if is_set {
            let reason = "may not be set for ExternalName services";
            judge.forbidden(&EXTERNAL_NAME, &place.field(field), reason);
        }
    }
    let place = place.field("externalName");
    let name = text(spec, "externalName");
    match name.strip_suffix('.').unwrap_or(name) {
        "" => judge.required(&EXTERNAL_NAME, &place, ""),
        name => judge.all_invalid(&EXTERNAL_NAME, &place, &name.into(), server::is_dns1123_subdomain(name)),
    }
}

fn ports(spec: &Value, kind: &str, place: &Place<'_>, judge: &mut Judge) {
    let ports = list(spec, "ports");
    for (index, port) in ports.iter().enumerate() {
        let place = place.index(index);
        let earlier = ports.get(..index).unwrap_or_default();
        port_name(port, earlier, ports.len() > 1, &place.field("name"), judge);
        for field in ["port", "targetPort"] {
            if let Some(value) = get(port, field) {
                common::port_number_or_name(&PORT, value, &place.field(field), judge);
            }
        }
        common::checked(&PORT, port, "appProtocol", server::is_qualified_name, &place, judge);
        let protocol = text(port, "protocol");
        node_port(port, earlier, kind, &place.field("nodePort"), judge);
        let number = number(port, "port");
        let is_twin = |other: &Value| common::number(other, "port") == number && text(other, "protocol") == protocol;
        if let Some(number) = number
            && earlier.iter().any(is_twin)
        {
            let key = format_args!(
                "Duplicate value: {{\"Name\":\"\",\"Protocol\":\"{protocol}\",\"AppProtocol\":null,\"Port\":{number},\
                 \"TargetPort\":0,\"NodePort\":0}}"
            );
            judge.say(&PORT, &place, key);
        }
    }
}

/// The cluster gives out a port of the nodes once; a Service may use it for two protocols of one of its own ports.
fn node_port(port: &Value, earlier: &[Value], kind: &str, place: &Place<'_>, judge: &mut Judge) {
    let Some(value) = get(port, "nodePort").filter(|value| whole(value) != Some(0)) else {
        return;
    };
    if kind == "ClusterIP" {
        judge.forbidden(&NODE_PORT, place, "may not be used when `type` is 'ClusterIP'");
    }
    let mut twins = earlier.iter().filter(|other| get(other, "nodePort") == Some(value));
    let is_allocated = ["LoadBalancer", "NodePort"].contains(&kind);
    if is_allocated && twins.clone().any(|other| number(other, "port") != number(port, "port")) {
        judge.invalid(&NODE_PORT, place, value, "provided port is already allocated");
    } else if twins.any(|other| text(other, "protocol") == text(port, "protocol")) {
        judge.duplicate(&NODE_PORT, place, value);
    }
}

fn port_name(port: &Value, earlier: &[Value], is_needed: bool, place: &Place<'_>, judge: &mut Judge) {
    match get(port, "name") {
        None if is_needed => judge.required(&NAME, place, ""),
        Some(value @ Value::String(name)) if !name.is_empty() => {
            judge.all_invalid(&NAME, place, value, server::is_dns1123_label(name));
            if earlier.iter().any(|other| text(other, "name") == name) {
                judge.duplicate(&NAME, place, value);
            }
        }
        _ => {}
    }
}

fn affinity(spec: &Value, place: &Place<'_>, judge: &mut Judge) {
    let way = ["sessionAffinityConfig", "clientIP", "timeoutSeconds"];
    let Some(seconds) = common::at(spec, &way).filter(|_| text(spec, "sessionAffinity") == "ClientIP") else {
        return;
    };
    if whole(seconds).is_some_and(|seconds| !(1..=DAY).contains(&seconds)) {
        let (config, address) = (place.field("sessionAffinityConfig"), "clientIP");
        let address = config.field(address);
        let reason = format_args!("must be greater than 0 and less than {DAY}");
        judge.invalid(&AFFINITY, &address.field("timeoutSeconds"), seconds, reason);
    }
}

/// Fields of load balancers.
fn balancer(object: &Value, spec: &Value, kind: &str, place: &Place<'_>, judge: &mut Judge) {
    let is_balancer = kind == "LoadBalancer";
    let ranges = list(spec, "loadBalancerSourceRanges");
    let place_of_ranges = place.field("loadBalancerSourceRanges");
    // The server spells this field as its Go code does.
    let shown = place.field("LoadBalancerSourceRanges");
    if !ranges.is_empty() && !is_balancer {
        judge.forbidden(&TYPE, &shown, ONLY_BALANCERS);
        judge.point_to(&place_of_ranges);
    }
    for (index, value) in ranges.iter().enumerate() {
        let range = value.as_str().map(str::trim);
        for reason in range.map_or_else(Vec::new, |range| address::range_problems(range, judge.minor)) {
            judge.invalid(&RANGES, &shown.index(index), &range.into(), reason);
            judge.point_to(&place_of_ranges.index(index));
        }
    }
    if let Some(ranges) = common::at(object, &["metadata", "annotations", SOURCE_RANGES])
        && get(spec, "loadBalancerSourceRanges").is_none()
    {
        annotated_ranges(ranges.as_str().unwrap_or_default(), is_balancer, judge);
    }
    if get(spec, "allocateLoadBalancerNodePorts").is_some() && !is_balancer {
        judge.forbidden(&TYPE, &place.field("allocateLoadBalancerNodePorts"), ONLY_BALANCERS);
    }
    match is_balancer {
        true => common::checked(
            &TYPE,
            spec,
            "loadBalancerClass",
            server::is_qualified_name,
            place,
            judge,
        ),
        false if get(spec, "loadBalancerClass").is_some() => {
            judge.forbidden(&TYPE, &place.field("loadBalancerClass"), ONLY_BALANCERS);
        }
        false => {}
    }
}

fn annotated_ranges(ranges: &str, is_balancer: bool, judge: &mut Judge) {
    let place = Place::OBJECT;
    let place = place.field("metadata");
    let place = place.field("annotations");
    let place = place.key(SOURCE_RANGES);
    if !is_balancer {
        judge.forbidden(&TYPE, &place, ONLY_BALANCERS);
    }
    for range in ranges
        .trim()
        .split(',')
        .map(str::trim)
        .filter(|_| !ranges.trim().is_empty())
    {
        let reasons = address::range_problems(range, judge.minor);
        judge.all_invalid(&RANGES, &place, &range.into(), reasons);
    }
}

/// Where traffic comes from and where it goes.
fn traffic(object: &Value, spec: &Value, kind: &str, place: &Place<'_>, judge: &mut Judge) {
    let is_balancer = kind == "LoadBalancer";
    let is_outside =
        is_balancer || kind == "NodePort" || (kind == "ClusterIP" && !list(spec, "externalIPs").is_empty());
    let policy = get(spec, "externalTrafficPolicy");
    if let Some(policy) = policy.filter(|_| !is_outside) {
        let reason = "may only be set for externally-accessible services";
        judge.invalid(&TYPE, &place.field("externalTrafficPolicy"), policy, reason);
    }
    let is_local = policy.is_some_and(|policy| policy == "Local");
    if let Some(port) = get(spec, "healthCheckNodePort").filter(|port| whole(port) != Some(0)) {
        let place = place.field("healthCheckNodePort");
        match is_balancer && is_local {
            true => common::port_number(&TYPE, port, &place, judge),
            false => {
                let reason = "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'";
                judge.invalid(&TYPE, &place, port, reason);
            }
        }
    }
    let known: &[&str] = match judge.minor >= SAME_ZONE {
        true => &["PreferClose", "PreferSameZone", "PreferSameNode"],
        false => &["PreferClose"],
    };
    if let Some(value @ Value::String(wanted)) = get(spec, "trafficDistribution")
        && !known.contains(&wanted.as_str())
    {
        judge.unsupported(&TRAFFIC, &place.field("trafficDistribution"), value, known);
    }
    let annotations = common::at(object, &["metadata", "annotations"]);
    let annotation = |name: &str| annotations.and_then(|annotations| get(annotations, name));
    if let (Some(mode), Some(hints)) = (annotation(MODE), annotation(HINTS))
        && mode != hints
    {
        let place = Place::OBJECT;
        let place = place.field("metadata");
        let place = place.field("annotations");
        let reason = format_args!("must match annotations[{HINTS}] when both are specified");
        judge.invalid(&TRAFFIC, &place.key(MODE), mode, reason);
    }
}
