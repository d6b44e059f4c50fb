//! A proof of the network policies: they are read as Kubernetes reads them, for every pair of ends and every port, and
//! compared with the declared edges, which are read without policies.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use super::{API_SERVER, DNS, build, tcp, udp, workloads};
use crate::blueprint::names::*;
use crate::blueprint::{COMPONENTS, Edge, Peer, Place, Port, Protocol};
use crate::fixture::environment;
use crate::kinds::*;
use crate::manifest::Object;
use crate::words::*;

/// A place that connects or is connected to.
#[derive(Debug, Clone)]
enum End {
    Pod(String, BTreeMap<String, String>),
    Address(Ipv4Addr),
}

fn pod(namespace: &str, labels: &[(&str, &str)]) -> End {
    End::Pod(
        namespace.into(),
        labels
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect(),
    )
}

fn address(text: &str) -> End {
    End::Address(text.parse().unwrap())
}

fn within(address: Ipv4Addr, cidr: &str) -> bool {
    let (network, length) = cidr.split_once('/').unwrap();
    let (network, length): (Ipv4Addr, u32) = (network.parse().unwrap(), length.parse().unwrap());
    let mask = u32::MAX.checked_shl(32 - length).unwrap_or(0);
    u32::from(address) & mask == u32::from(network) & mask
}

fn selects(selector: &LabelSelector, labels: &BTreeMap<String, String>) -> bool {
    let wanted = selector.match_labels.iter().flatten();
    wanted.into_iter().all(|(key, value)| labels.get(key) == Some(value))
}

/// Whether a peer of a policy in `home` is that end, as Kubernetes reads it.
fn is_peer(peer: &NetworkPolicyPeer, end: &End, home: &str) -> bool {
    match (end, &peer.ip_block) {
        (End::Address(address), Some(block)) => {
            within(*address, &block.cidr) && !block.except.iter().flatten().any(|except| within(*address, except))
        }
        (End::Pod(namespace, labels), None) => {
            let there = match &peer.namespace_selector {
                Some(selector) => selects(selector, &map([("kubernetes.io/metadata.name", namespace)])),
                None => namespace == home,
            };
            there
                && peer
                    .pod_selector
                    .as_ref()
                    .is_none_or(|selector| selects(selector, labels))
        }
        _ => false,
    }
}

/// Whether the policies let a connection pass at one of its ends. Pods that no policy selects take everything.
fn passes(policies: &[NetworkPolicy], home: &str, own: &End, other: &End, port: Port, outgoing: bool) -> bool {
    let labels = match own {
        End::Pod(namespace, labels) if namespace == home => labels,
        _ => return true,
    };
    let direction = if outgoing { "Egress" } else { "Ingress" }.to_owned();
    let specs = policies.iter().filter_map(|policy| policy.spec.as_ref());
    let specs = specs.filter(|spec| spec.policy_types.as_ref().unwrap().contains(&direction));
    let mut specs = specs
        .filter(|spec| selects(spec.pod_selector.as_ref().unwrap(), labels))
        .peekable();
    specs.peek().is_none() || specs.any(|spec| opens(spec, home, other, port, outgoing))
}

fn opens(spec: &NetworkPolicySpec, home: &str, other: &End, port: Port, outgoing: bool) -> bool {
    let rules: Vec<_> = match outgoing {
        true => spec
            .egress
            .iter()
            .flatten()
            .map(|rule| (&rule.to, &rule.ports))
            .collect(),
        false => spec
            .ingress
            .iter()
            .flatten()
            .map(|rule| (&rule.from, &rule.ports))
            .collect(),
    };
    let protocol = if port.protocol == Protocol::Udp { "UDP" } else { "TCP" };
    let number = Some(IntOrString::Int(port.number.into()));
    rules.into_iter().any(|(peers, ports)| {
        let mut open = ports.iter().flatten();
        let open = open.any(|open| open.port == number && open.protocol.as_deref() == Some(protocol));
        // Nobody named is everybody.
        let peers = peers.as_ref().filter(|peers| !peers.is_empty());
        open && peers.is_none_or(|peers| peers.iter().any(|peer| is_peer(peer, other, home)))
    })
}

/// Whether a declared end is that end, said without policies.
fn is_declared(peer: &Peer, end: &End, home: &str) -> bool {
    let labelled = |wanted: &[(&str, &str)], labels: &BTreeMap<String, String>| {
        wanted
            .iter()
            .all(|(key, value)| labels.get(*key).map(String::as_str) == Some(*value))
    };
    match (peer, end) {
        (Peer::Workload(workload), End::Pod(namespace, labels)) => {
            namespace == home && labelled(workload.labels, labels)
        }
        (
            Peer::Platform {
                namespace: wanted,
                labels: wanted_labels,
            },
            End::Pod(namespace, labels),
        ) => namespace == wanted && labelled(wanted_labels, labels),
        (Peer::Dns, End::Pod(namespace, labels)) => {
            namespace == "kube-system" && labelled(&[("k8s-app", "kube-dns")], labels)
        }
        (Peer::ApiServer, End::Address(address)) => {
            within(*address, "10.96.0.1/32") || within(*address, "10.10.0.0/28")
        }
        (Peer::Internet, End::Address(address)) => !address.is_private() && !address.is_link_local(),
        (Peer::Network(cidr), End::Address(address)) => within(*address, cidr),
        (Peer::ObjectStorage, End::Address(address)) => within(*address, "203.0.113.0/26"),
        _ => false,
    }
}

/// Every end that could be confused with another, in and around the namespace.
fn ends(home: &str) -> Vec<End> {
    let mut ends: Vec<End> = [WEB, CRON, MIGRATION, DATABASE, CACHE]
        .iter()
        .map(|workload| pod(home, workload.labels))
        .collect();
    ends.extend(
        [WEB, DATABASE, CACHE]
            .iter()
            .map(|workload| pod("hartmann-staging", workload.labels)),
    );
    for peer in [TRAEFIK, PROMETHEUS, CNPG_OPERATOR] {
        let Peer::Platform { namespace, labels } = peer else {
            continue;
        };
        ends.extend([
            pod(namespace, labels),
            pod(namespace, &[("app", "other")]),
            pod(home, labels),
            pod("default", labels),
        ]);
    }
    ends.extend([
        pod("kube-system", &[("k8s-app", "kube-dns")]),
        pod("kube-system", &[("k8s-app", "other")]),
    ]);
    ends.push(pod(home, &[("app", "stranger")]));
    ends.extend(
        [
            "10.96.0.1",
            "10.10.0.5",
            "10.10.0.17",
            "10.1.2.3",
            "203.0.113.9",
            "203.0.113.77",
            "9.9.9.9",
        ]
        .map(address),
    );
    ends.extend(["169.254.169.254", "172.16.0.1", "192.168.7.7", "198.51.100.7"].map(address));
    ends
}

fn ports() -> Vec<Port> {
    let numbers = [
        25, 53, 80, 443, 465, 587, 993, 5432, 6379, 6443, 8000, 8069, 8071, 8072, 9121, 9187, 9443, 10250,
    ];
    numbers.map(tcp).into_iter().chain([53, 443].map(udp)).collect()
}

#[test]
fn what_is_declared_passes_and_nothing_else() {
    let settings = "  egress: {internet: true, mail: true, networks: [{cidr: 198.51.100.0/24, ports: [25]}]}\n  \
                    filestore: {backend: bucket}\n";
    let env = environment(settings, &[("odoo: \"19.0\"", "odoo: \"19.0\"\n  queue: true")]);
    let home = env.namespace.as_str();
    let edges: Vec<Edge> = COMPONENTS
        .iter()
        .flat_map(|component| (component.edges)(&env))
        .collect();
    let objects = build(&Place::of_environment(&env, edges.clone()), &env);
    let policies: Vec<NetworkPolicy> = objects.iter().filter_map(Object::view).collect();
    let known = workloads(&edges);
    let mut passed = 0;
    for from in ends(home) {
        for to in ends(home) {
            for port in ports() {
                let declared = edges.iter().any(|edge| {
                    let open = edge.ports.contains(&port) || edge.to == Peer::ApiServer && API_SERVER.contains(&port);
                    open && is_declared(&edge.from, &from, home) && is_declared(&edge.to, &to, home)
                });
                let asks_for_names = DNS.contains(&port)
                    && is_declared(&Peer::Dns, &to, home)
                    && known
                        .iter()
                        .any(|workload| is_declared(&Peer::Workload(*workload), &from, home));
                let ours = [&from, &to]
                    .iter()
                    .any(|end| matches!(end, End::Pod(namespace, _) if namespace == home));
                let passes =
                    passes(&policies, home, &from, &to, port, true) && passes(&policies, home, &to, &from, port, false);
                assert_eq!(
                    passes,
                    declared || asks_for_names || !ours,
                    "{from:?} to {to:?} on {port:?}"
                );
                passed += u32::from(passes && ours);
            }
        }
    }
    assert!(passed > 50, "only {passed} connections pass");
}
