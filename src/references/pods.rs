//! The pods that objects make: their labels, their ports and what they are specified by.
//!
//! Pods of the PostgreSQL operator count too, with the labels and ports that it gives them.

use serde_json::Value;

use super::node::{Node, list, text};
use super::selector::Labels;

/// Pods that one object makes.
#[derive(Debug, Clone)]
pub(super) struct Pods<'a> {
    /// What makes them.
    pub(super) by: Node<'a>,
    pub(super) labels: Labels<'a>,
    /// Their specification, and where it is; none where an operator writes it.
    pub(super) spec: Option<(&'static str, &'a Value)>,
}

/// A port of a container.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Port<'a> {
    /// Its name, empty when it has none.
    pub(super) name: &'a str,
    pub(super) number: i64,
}

const POSTGRESQL: [Port<'static>; 3] = [port("postgresql", 5432), port("metrics", 9187), port("status", 8000)];
const POOLER: [Port<'static>; 2] = [port("pgbouncer", 5432), port("metrics", 9127)];

/// How the labels begin that controllers add to pods.
const ADDED: &[&str] = &[
    "apps.kubernetes.io/",
    "batch.kubernetes.io/",
    "controller-",
    "job-name",
    "pod-template-",
    "rollouts-pod-",
    "statefulset.kubernetes.io/",
];

const fn port(name: &'static str, number: i64) -> Port<'static> {
    Port { name, number }
}

impl<'a> Pods<'a> {
    /// The pods of an object; nothing for kinds that make none.
    pub(super) fn of(node: Node<'a>) -> Option<Self> {
        let (labels, spec) = match (node.object.group(), node.object.kind.as_str()) {
            ("", "Pod") => ("/metadata/labels", "/spec"),
            ("apps", "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet")
            | ("", "ReplicationController")
            | ("argoproj.io", "Rollout")
            | ("batch", "Job") => ("/spec/template/metadata/labels", "/spec/template/spec"),
            ("batch", "CronJob") => (
                "/spec/jobTemplate/spec/template/metadata/labels",
                "/spec/jobTemplate/spec/template/spec",
            ),
            ("postgresql.cnpg.io", "Cluster" | "Pooler") => return Some(Self::of_operator(node)),
            _ => return None,
        };
        let mut labels = Labels::of(node.at(labels));
        labels.open = ADDED;
        let spec = (spec, node.at(spec)?);
        Some(Self {
            by: node,
            labels,
            spec: Some(spec),
        })
    }

    fn of_operator(node: Node<'a>) -> Self {
        let name = node.name();
        let (inherited, added) = match node.object.kind.as_str() {
            "Cluster" => (
                "/spec/inheritedMetadata/labels",
                vec![
                    ("cnpg.io/cluster", name),
                    ("cnpg.io/podRole", "instance"),
                    ("app.kubernetes.io/name", "postgresql"),
                    ("app.kubernetes.io/instance", name),
                    ("app.kubernetes.io/component", "database"),
                ],
            ),
            _ => (
                "/spec/template/metadata/labels",
                vec![
                    ("cnpg.io/poolerName", name),
                    ("cnpg.io/podRole", "pooler"),
                    ("app.kubernetes.io/name", "postgresql"),
                    (
                        "app.kubernetes.io/instance",
                        node.text("/spec/cluster/name").unwrap_or_default(),
                    ),
                    ("app.kubernetes.io/component", "pooler"),
                ],
            ),
        };
        let mut labels = Labels::of(node.at(inherited));
        labels.added = added;
        labels.open = &["cnpg.io/", "app.kubernetes.io/", "role"];
        Self {
            by: node,
            labels,
            spec: None,
        }
    }

    /// Whether they are replaced without end, other than those of jobs.
    pub(super) fn are_lasting(&self) -> bool {
        self.by.object.group() != "batch" && !(self.by.is("", "Pod"))
    }

    /// All containers, those that run first included, each with the list it is in and its place there.
    pub(super) fn containers(&self) -> impl Iterator<Item = (&'static str, usize, &'a Value)> + use<'a> {
        let spec = self.spec.map(|(_, spec)| spec);
        ["containers", "initContainers"].into_iter().flat_map(move |field| {
            let all = spec.map_or(&[][..], |spec| list(spec, field)).iter().enumerate();
            all.map(move |(index, container)| (field, index, container))
        })
    }

    /// The ports of all containers.
    pub(super) fn ports(&self) -> Vec<Port<'a>> {
        if self.spec.is_none() {
            return match self.by.object.kind.as_str() {
                "Cluster" => POSTGRESQL.to_vec(),
                _ => POOLER.to_vec(),
            };
        }
        let ports = self.containers().flat_map(|(_, _, container)| list(container, "ports"));
        let read = |port: &'a Value| {
            Some(Port {
                name: text(port, "name").unwrap_or_default(),
                number: port.get("containerPort")?.as_i64()?,
            })
        };
        ports.filter_map(read).collect()
    }

    /// How many there are at most, as far as the object says it itself.
    pub(super) fn replicas(&self) -> Option<i64> {
        self.by.at("/spec/replicas").and_then(Value::as_i64)
    }
}

/// Ports as people read them: `http` (8069), 9100.
pub(super) fn shown(ports: &[Port<'_>]) -> String {
    let shown = |port: &Port<'_>| match port.name {
        "" => port.number.to_string(),
        name => format!("`{name}` ({})", port.number),
    };
    ports.iter().map(shown).collect::<Vec<_>>().join(", ")
}
