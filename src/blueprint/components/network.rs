//! Network policies: nothing may connect, except what the components declared as edges.
//!
//! Each edge opens both of its ends, the egress of one and the ingress of the other, and only the name service is added.

use std::collections::{BTreeMap, BTreeSet};

use crate::blueprint::{Build, Component, Edge, Peer, Place, Port, Protocol, Workload};
use crate::kinds::*;
use crate::manifest::Object;
use crate::model::Environment;
use crate::text::Cidr;
use crate::words::*;

pub(super) const COMPONENT: Component = Component {
    name: "network",
    summary: "network policies, from the declared connections",
    build: Build::Environment(build),
    edges: Component::NO_EDGES,
    after: &["namespace"],
};

const DNS: [Port; 2] = [tcp(53), udp(53)];
/// The API server behind its service address, and as it listens itself: a policy may see either.
const API_SERVER: [Port; 2] = [tcp(443), tcp(6443)];

const fn tcp(number: u16) -> Port {
    let protocol = Protocol::Tcp;
    Port { number, protocol }
}

const fn udp(number: u16) -> Port {
    let protocol = Protocol::Udp;
    Port { number, protocol }
}

fn build(at: &Place, env: &Environment) -> Vec<Object> {
    policies(at, env).into_iter().map(Object::from).collect()
}

/// The network policies that say what an environment's edges say, and nothing else.
pub fn policies_of(env: &Environment, edges: &[Edge]) -> Vec<NetworkPolicy> {
    policies(&Place::of_environment(env, edges.to_vec()), env)
}

fn policies(at: &Place, env: &Environment) -> Vec<NetworkPolicy> {
    let of_workloads = workloads(&at.edges).into_iter();
    let of_workloads = of_workloads.map(|workload| policy(at, env, workload));
    std::iter::once(default_deny(at)).chain(of_workloads).collect()
}

fn workloads(edges: &[Edge]) -> BTreeSet<Workload> {
    let ends = edges.iter().flat_map(|edge| [&edge.from, &edge.to]);
    let workload = |end: &Peer| match end {
        Peer::Workload(workload) => Some(*workload),
        _ => None,
    };
    ends.filter_map(workload).collect()
}

fn default_deny(at: &Place) -> NetworkPolicy {
    NetworkPolicy {
        metadata: at.meta("default-deny"),
        spec: some(NetworkPolicySpec {
            pod_selector: some(LabelSelector::default()),
            policy_types: some(both()),
            ..default()
        }),
    }
}

fn policy(at: &Place, env: &Environment, workload: Workload) -> NetworkPolicy {
    let own = Peer::Workload(workload);
    let incoming = at.edges.iter().filter(|edge| edge.to == own);
    let incoming = by_peer(incoming.map(|edge| (&edge.from, edge.ports.as_slice())));
    let outgoing = at.edges.iter().filter(|edge| edge.from == own);
    let outgoing = outgoing.map(|edge| (&edge.to, edge.ports.as_slice()));
    let outgoing = by_peer(outgoing.chain([(&Peer::Dns, DNS.as_slice())]));
    let ingress = incoming.into_iter().filter_map(|(peer, ports)| {
        Some(NetworkPolicyIngressRule {
            from: Some(peers(env, peer)?),
            ports: Some(policy_ports(ports)),
        })
    });
    let egress = outgoing.into_iter().filter_map(|(peer, ports)| {
        Some(NetworkPolicyEgressRule {
            to: Some(peers(env, peer)?),
            ports: Some(policy_ports(ports)),
        })
    });
    NetworkPolicy {
        metadata: at.meta(workload.name),
        spec: some(NetworkPolicySpec {
            pod_selector: some(workload.selector()),
            policy_types: some(both()),
            ingress: Some(ingress.collect()).filter(|rules: &Vec<_>| !rules.is_empty()),
            egress: Some(egress.collect()),
        }),
    }
}

fn both() -> Vec<String> {
    texts(["Ingress", "Egress"])
}

/// One rule a peer, with the ports of all its edges.
fn by_peer<'a>(ends: impl Iterator<Item = (&'a Peer, &'a [Port])>) -> BTreeMap<&'a Peer, BTreeSet<Port>> {
    let mut found: BTreeMap<&Peer, BTreeSet<Port>> = BTreeMap::new();
    for (peer, ports) in ends {
        let known = found.entry(peer).or_default();
        known.extend(ports);
        if *peer == Peer::ApiServer {
            known.extend(API_SERVER);
        }
    }
    found
}

fn policy_ports(ports: BTreeSet<Port>) -> Vec<NetworkPolicyPort> {
    let policy_port = |port: Port| NetworkPolicyPort {
        port: Some(IntOrString::Int(port.number.into())),
        protocol: some(match port.protocol {
            Protocol::Tcp => "TCP",
            Protocol::Udp => "UDP",
        }),
        ..default()
    };
    ports.into_iter().map(policy_port).collect()
}

/// The peer as policies say it. Nothing when it has no address: a rule with an empty list would let everyone pass.
fn peers(env: &Environment, peer: &Peer) -> Option<Vec<NetworkPolicyPeer>> {
    let network = &env.cluster.spec.network;
    let peers = match peer {
        Peer::Workload(workload) => vec![NetworkPolicyPeer {
            pod_selector: some(workload.selector()),
            ..default()
        }],
        Peer::Platform { namespace, labels } => vec![pods(namespace, labels)],
        Peer::Dns => {
            let mut peers = vec![pods("kube-system", &[("k8s-app", "kube-dns")])];
            peers.extend(network.node_local_dns.as_ref().map(block));
            peers
        }
        Peer::ApiServer => network.api_server.iter().map(block).collect(),
        Peer::Internet => internet(&network.private),
        Peer::Network(cidr) => vec![addresses(cidr, vec![])],
        Peer::ObjectStorage => env.cluster.spec.object_storage.networks.iter().map(block).collect(),
    };
    Some(peers).filter(|peers| !peers.is_empty())
}

fn pods(namespace: &str, labels: &[(&str, &str)]) -> NetworkPolicyPeer {
    let selector = |labels: &[(&str, &str)]| LabelSelector {
        match_labels: Some(
            labels
                .iter()
                .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
                .collect(),
        ),
        ..default()
    };
    NetworkPolicyPeer {
        namespace_selector: Some(selector(&[("kubernetes.io/metadata.name", namespace)])),
        pod_selector: (!labels.is_empty()).then(|| selector(labels)),
        ..default()
    }
}

fn block(cidr: &Cidr) -> NetworkPolicyPeer {
    addresses(cidr.as_str(), vec![])
}

/// All public addresses; those of IPv6 only where the cluster says which of them are private.
fn internet(private: &[Cidr]) -> Vec<NetworkPolicyPeer> {
    let (six, four): (Vec<&str>, Vec<&str>) = private.iter().map(Cidr::as_str).partition(|cidr| cidr.contains(':'));
    let mut peers = vec![public("0.0.0.0/0", "169.254.0.0/16", &four)];
    if !six.is_empty() {
        peers.push(public("::/0", "fe80::/10", &six));
    }
    peers.into_iter().flatten().collect()
}

/// All addresses but private ones and those that never leave a link: the metadata service of a cloud is one of them,
/// and it hands out credentials.
fn public(all: &str, link_local: &str, private: &[&str]) -> Option<NetworkPolicyPeer> {
    let except: BTreeSet<&str> = private.iter().copied().chain([link_local]).collect();
    // An exception must be smaller than what it is taken from; here nothing would be left anyway.
    (!except.contains(all)).then(|| addresses(all, except.into_iter().map(str::to_owned).collect()))
}

fn addresses(cidr: &str, except: Vec<String>) -> NetworkPolicyPeer {
    let except = Some(except).filter(|except| !except.is_empty());
    NetworkPolicyPeer {
        ip_block: some(IPBlock {
            cidr: cidr.into(),
            except,
        }),
        ..default()
    }
}

#[cfg(test)]
mod reachability;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::blueprint::names::*;
    use crate::fixture::{environment, yaml_of};

    fn policies(env: &Environment, edges: Vec<Edge>) -> Vec<Object> {
        build(&Place::of_environment(env, edges), env)
    }

    #[test]
    fn of_a_few_edges() {
        let web = Peer::Workload(WEB);
        let edges = vec![
            Edge::tcp(TRAEFIK, web.clone(), [HTTP]),
            Edge::tcp(TRAEFIK, web.clone(), [GEVENT]),
            Edge::tcp(web.clone(), Peer::Internet, [993, 465]),
            Edge::tcp(web.clone(), Peer::Workload(DATABASE), [POSTGRESQL]),
            Edge::tcp(Peer::Workload(DATABASE), Peer::ApiServer, [443]),
        ];
        let objects = policies(&environment("", &[]), edges);
        insta::assert_snapshot!(yaml_of("NetworkPolicy", "default-deny", &objects), @r#"
        apiVersion: networking.k8s.io/v1
        kind: NetworkPolicy
        metadata:
          name: default-deny
          namespace: hartmann-production
          labels:
            app.kubernetes.io/managed-by: formwork
            formwork/cost-centre: "4100"
            formwork/environment: production
            formwork/tenant: hartmann
            formwork/tier: production
        spec:
          podSelector: {}
          policyTypes:
          - Ingress
          - Egress
        "#);
        insta::assert_snapshot!(yaml_of("NetworkPolicy", "web", &objects), @r#"
        apiVersion: networking.k8s.io/v1
        kind: NetworkPolicy
        metadata:
          name: web
          namespace: hartmann-production
          labels:
            app.kubernetes.io/managed-by: formwork
            formwork/cost-centre: "4100"
            formwork/environment: production
            formwork/tenant: hartmann
            formwork/tier: production
        spec:
          egress:
          - ports:
            - port: 5432
              protocol: TCP
            to:
            - podSelector:
                matchLabels:
                  cnpg.io/cluster: db
          - ports:
            - port: 53
              protocol: TCP
            - port: 53
              protocol: UDP
            to:
            - namespaceSelector:
                matchLabels:
                  kubernetes.io/metadata.name: kube-system
              podSelector:
                matchLabels:
                  k8s-app: kube-dns
          - ports:
            - port: 465
              protocol: TCP
            - port: 993
              protocol: TCP
            to:
            - ipBlock:
                cidr: "0.0.0.0/0"
                except:
                - "10.0.0.0/8"
                - "169.254.0.0/16"
                - "172.16.0.0/12"
                - "192.168.0.0/16"
          ingress:
          - from:
            - namespaceSelector:
                matchLabels:
                  kubernetes.io/metadata.name: traefik
              podSelector:
                matchLabels:
                  app.kubernetes.io/name: traefik
            ports:
            - port: 8069
              protocol: TCP
            - port: 8072
              protocol: TCP
          podSelector:
            matchLabels:
              app.kubernetes.io/component: web
              app.kubernetes.io/name: odoo
          policyTypes:
          - Ingress
          - Egress
        "#);
        insta::assert_snapshot!(yaml_of("NetworkPolicy", "db", &objects), @r#"
        apiVersion: networking.k8s.io/v1
        kind: NetworkPolicy
        metadata:
          name: db
          namespace: hartmann-production
          labels:
            app.kubernetes.io/managed-by: formwork
            formwork/cost-centre: "4100"
            formwork/environment: production
            formwork/tenant: hartmann
            formwork/tier: production
        spec:
          egress:
          - ports:
            - port: 53
              protocol: TCP
            - port: 53
              protocol: UDP
            to:
            - namespaceSelector:
                matchLabels:
                  kubernetes.io/metadata.name: kube-system
              podSelector:
                matchLabels:
                  k8s-app: kube-dns
          - ports:
            - port: 443
              protocol: TCP
            - port: 6443
              protocol: TCP
            to:
            - ipBlock:
                cidr: "10.96.0.1/32"
            - ipBlock:
                cidr: "10.10.0.0/28"
          ingress:
          - from:
            - podSelector:
                matchLabels:
                  app.kubernetes.io/component: web
                  app.kubernetes.io/name: odoo
            ports:
            - port: 5432
              protocol: TCP
          podSelector:
            matchLabels:
              cnpg.io/cluster: db
          policyTypes:
          - Ingress
          - Egress
        "#);
    }

    #[test]
    fn the_name_service_of_the_node_is_reached_where_there_is_one() {
        let env = environment("", &[("  network:", "  network:\n    nodeLocalDns: 169.254.20.10/32")]);
        let objects = policies(&env, vec![Edge::tcp(TRAEFIK, Peer::Workload(WEB), [HTTP])]);
        assert!(yaml_of("NetworkPolicy", "web", &objects).contains("169.254.20.10/32"));
    }

    fn internet_blocks(private: &[&str]) -> Vec<(String, Vec<String>)> {
        let private: Vec<Cidr> = private.iter().map(|cidr| cidr.parse().unwrap()).collect();
        let blocks = internet(&private).into_iter().filter_map(|peer| peer.ip_block);
        blocks
            .map(|block| (block.cidr, block.except.unwrap_or_default()))
            .collect()
    }

    #[test]
    fn the_internet_is_what_is_not_private() {
        let four = vec!["10.0.0.0/8".to_owned(), "169.254.0.0/16".to_owned()];
        assert_eq!(
            internet_blocks(&["10.0.0.0/8", "169.254.0.0/16", "10.0.0.0/8"]),
            [("0.0.0.0/0".to_owned(), four.clone())]
        );
        let six = vec!["2001:db8::/32".to_owned(), "fe80::/10".to_owned()];
        assert_eq!(
            internet_blocks(&["10.0.0.0/8", "2001:db8::/32"]),
            [("0.0.0.0/0".to_owned(), four), ("::/0".to_owned(), six)]
        );
    }

    #[test]
    fn an_empty_peer_list_would_let_everyone_pass() {
        assert_eq!(internet_blocks(&["0.0.0.0/0"]), []);
        let env = environment(
            "",
            &[(
                "private: [10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16]",
                "private: [0.0.0.0/0]",
            )],
        );
        let objects = policies(&env, vec![Edge::tcp(Peer::Workload(WEB), Peer::Internet, [443])]);
        assert!(!yaml_of("NetworkPolicy", "web", &objects).contains("443"));
    }
}
