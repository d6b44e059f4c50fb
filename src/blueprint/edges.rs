//! Declared connections: who talks to whom on which port. Network policies are derived from these and from nothing else.

use super::place::Workload;

/// One allowed connection.
#[derive(Debug, Clone, PartialEq)]
pub struct Edge {
    /// Who opens it.
    pub from: Peer,
    /// Who accepts it.
    pub to: Peer,
    /// On which ports of the accepting pod (after the service's translation).
    pub ports: Vec<Port>,
}

impl Edge {
    /// A connection over TCP.
    pub fn tcp<const N: usize>(from: Peer, to: Peer, ports: [u16; N]) -> Self {
        Self {
            from,
            to,
            ports: ports
                .into_iter()
                .map(|number| Port {
                    number,
                    protocol: Protocol::Tcp,
                })
                .collect(),
        }
    }
}

/// One end of a connection.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Peer {
    /// Pods of the same environment.
    Workload(Workload),
    /// Pods of a namespace of the platform, by their labels.
    Platform {
        /// Namespace.
        namespace: &'static str,
        /// Labels of the pods; all pods of the namespace when empty.
        labels: &'static [(&'static str, &'static str)],
    },
    /// The cluster's name service.
    Dns,
    /// The Kubernetes API server.
    ApiServer,
    /// Addresses outside the cluster's own networks.
    Internet,
    /// A network.
    Network(String),
    /// The object storage endpoint.
    ObjectStorage,
}

/// A port with its protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Port {
    /// Number.
    pub number: u16,
    /// Protocol.
    pub protocol: Protocol,
}

/// A transport protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Protocol {
    /// TCP.
    Tcp,
    /// UDP.
    Udp,
}
