//! All objects at hand, indexed once by everything that a reference may name.
//!
//! A world is closed where nothing else can exist: in the namespace of an environment that we build. Elsewhere it is open.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::configuration::{self, Use};
use super::ends::{End, Ends};
use super::inventory::{Inventory, Origin, is_built_in};
use super::node::Node;
use super::pods::Pods;
use super::products::{self, Part, Product};
use super::selector::{Labels, Match, by_map, by_selector};
use crate::diagnostic::Level;
use crate::manifest::Object;

/// All objects at hand, indexed.
pub struct World<'a> {
    nodes: Vec<Node<'a>>,
    kinds: BTreeMap<&'a str, Vec<Node<'a>>>,
    ends: Ends<'a>,
    pods: BTreeMap<&'a str, Vec<Pods<'a>>>,
    pub(super) uses: Vec<Use<'a>>,
    /// Namespaces with objects of which nobody here knows what they make.
    strange: BTreeSet<&'a str>,
    closed: Option<Closed<'a>>,
}

/// What is known of a world that is built.
struct Closed<'a> {
    inventory: &'a Inventory,
    home: Option<&'a str>,
    own: Origin,
}

/// Kinds whose every object on a cluster is in the output, whatever its namespace.
const ALL_OURS: &[(&str, &str)] = &[
    ("", "Namespace"),
    ("admissionregistration.k8s.io", "ValidatingAdmissionPolicy"),
    ("argoproj.io", "AppProject"),
    ("cert-manager.io", "ClusterIssuer"),
    ("external-secrets.io", "ClusterSecretStore"),
    ("helm.toolkit.fluxcd.io", "HelmRelease"),
    ("kustomize.toolkit.fluxcd.io", "Kustomization"),
    ("networking.k8s.io", "IngressClass"),
    ("rbac.authorization.k8s.io", "ClusterRole"),
    ("scheduling.k8s.io", "PriorityClass"),
    ("source.toolkit.fluxcd.io", "GitRepository"),
    ("source.toolkit.fluxcd.io", "HelmRepository"),
    ("storage.k8s.io", "StorageClass"),
];

/// Kinds that the definition of a cluster has no place for, though it may have some.
const UNDECLARED: &[(&str, &str)] = &[
    ("node.k8s.io", "RuntimeClass"),
    ("snapshot.storage.k8s.io", "VolumeSnapshotClass"),
];

impl<'a> World<'a> {
    /// Objects of which nothing else is known: more may be on the cluster.
    pub fn open(objects: impl IntoIterator<Item = &'a Object>) -> Self {
        Self::new(objects, None)
    }

    /// Objects of an environment, whose namespace holds nothing else.
    pub fn of_environment(
        objects: impl IntoIterator<Item = &'a Object>,
        namespace: &'a str,
        inventory: &'a Inventory,
    ) -> Self {
        let closed = Closed {
            inventory,
            home: Some(namespace),
            own: Origin::Declared,
        };
        Self::new(objects, Some(closed))
    }

    /// Objects that the environments of a cluster share, of the origin that they have in the inventory.
    pub fn of_cluster(objects: impl IntoIterator<Item = &'a Object>, own: Origin, inventory: &'a Inventory) -> Self {
        let closed = Closed {
            inventory,
            home: None,
            own,
        };
        Self::new(objects, Some(closed))
    }

    fn new(objects: impl IntoIterator<Item = &'a Object>, closed: Option<Closed<'a>>) -> Self {
        let objects = objects.into_iter().enumerate();
        let mut world = Self {
            nodes: objects.map(|(index, object)| Node::new(index, object)).collect(),
            kinds: BTreeMap::new(),
            ends: Ends::default(),
            pods: BTreeMap::new(),
            uses: Vec::new(),
            strange: BTreeSet::new(),
            closed,
        };
        let (mut made, mut ends) = (Vec::new(), Vec::new());
        for &node in &world.nodes {
            let (group, kind) = (node.object.group(), node.object.kind.as_str());
            world.kinds.entry(kind).or_default().push(node);
            let itself = Product {
                by: node,
                part: Part::Itself,
            };
            ends.push(((group, kind, node.namespace, Cow::Borrowed(node.name())), itself));
            products::of(node, &mut made);
            for (group, kind, namespace, name, part) in made.drain(..) {
                ends.push(((group, kind, namespace, name), Product { by: node, part }));
            }
            let target = products::target(node);
            let is_ours = world
                .closed
                .as_ref()
                .is_some_and(|closed| closed.home != Some(node.namespace));
            if !products::is_known(node) && !is_ours {
                world.strange.extend([node.namespace, target]);
            }
            let pods = Pods::of(node);
            configuration::uses(node, pods.as_ref(), &mut world.uses);
            if let Some(pods) = pods {
                world.pods.entry(node.namespace).or_default().push(pods);
            }
        }
        world.ends = Ends::new(ends);
        world
    }

    /// The objects of a kind.
    pub fn of<'s>(&'s self, group: &'s str, kind: &str) -> impl Iterator<Item = Node<'a>> + use<'s, 'a> {
        let nodes = self.kinds.get(kind).map_or(&[][..], Vec::as_slice);
        nodes.iter().copied().filter(move |node| node.object.group() == group)
    }

    /// All objects.
    pub fn nodes(&self) -> &[Node<'a>] {
        &self.nodes
    }

    /// What an end is, if it is at hand; twice where two objects have or make it.
    pub(super) fn find(&self, end: End<'_>) -> &[Product<'a>] {
        self.ends.find(end)
    }

    /// Whether an end is at hand, or is known to exist.
    pub(super) fn exists(&self, end: End<'_>) -> bool {
        if !self.find(end).is_empty() || is_built_in(end) {
            return true;
        }
        match &self.closed {
            Some(closed) => closed.inventory.origin(end).is_some(),
            // What names no namespace goes to one that is named when it is applied.
            None => !end.namespace.is_empty() && !self.find(End { namespace: "", ..end }).is_empty(),
        }
    }

    /// Who else applies an object on this cluster.
    pub(super) fn other_owner(&self, end: End<'_>) -> Option<Origin> {
        let closed = self.closed.as_ref()?;
        let origin = closed.inventory.origin(end)?;
        Some(origin).filter(|origin| *origin != Origin::Declared && *origin != closed.own)
    }

    /// The names of a kind in a namespace.
    pub(super) fn names(&self, group: &str, kind: &str, namespace: &str) -> Vec<&str> {
        self.ends.names(group, kind, namespace)
    }

    /// All ends of a kind, each with its name and what is or makes it.
    pub(super) fn ends_of(&self, group: &str, kind: &str) -> Vec<(&str, &[Product<'a>])> {
        self.ends.of(group, kind)
    }

    /// The pods of a namespace.
    pub(super) fn pods(&self, namespace: &str) -> &[Pods<'a>] {
        self.pods.get(namespace).map_or(&[], Vec::as_slice)
    }

    /// The pods of all namespaces.
    pub(super) fn all_pods(&self) -> impl Iterator<Item = &Pods<'a>> {
        self.pods.values().flatten()
    }

    /// The pods of a namespace that a label selector, or may be, selects.
    pub(super) fn selected(&self, namespace: &str, selector: &serde_json::Value) -> Selected<'_, 'a> {
        self.matching(namespace, |labels| by_selector(selector, labels))
    }

    /// The pods of a namespace that the map of a Service selects.
    pub(super) fn behind(&self, namespace: &str, selector: &serde_json::Value) -> Selected<'_, 'a> {
        self.matching(namespace, |labels| by_map(selector, labels))
    }

    fn matching(&self, namespace: &str, is_it: impl Fn(&Labels<'a>) -> Match) -> Selected<'_, 'a> {
        let mut selected = Selected::default();
        for pods in self.pods(namespace) {
            match is_it(&pods.labels) {
                Match::Yes => selected.certain.push(pods),
                Match::Maybe => selected.possible = true,
                Match::No => {}
            }
        }
        selected
    }

    /// Whether the manifests are all there is to know: they are one build.
    pub(super) fn is_built(&self) -> bool {
        self.closed.is_some()
    }

    /// Whether an object is written twice, as bases and overlays do: neither is the whole truth then.
    pub(super) fn is_ambiguous(&self, node: Node<'_>) -> bool {
        let object = node.object;
        let end = End {
            group: object.group(),
            kind: &object.kind,
            namespace: node.namespace,
            name: &object.name,
        };
        !self.is_built() && self.find(end).iter().filter(|it| it.part == Part::Itself).count() > 1
    }

    /// How bad it is that a namespace lacks something of a kind; nothing where others may have made it.
    pub(super) fn lack(&self, group: &str, kind: &str, namespace: &str) -> Option<Level> {
        let is_strange = self.strange.contains(namespace);
        match &self.closed {
            Some(closed) if closed.home == Some(namespace) && is_strange => Some(Level::Warn),
            Some(closed) if closed.home == Some(namespace) || ALL_OURS.contains(&(group, kind)) => Some(Level::Deny),
            Some(_) if UNDECLARED.contains(&(group, kind)) => Some(Level::Warn),
            Some(_) => None,
            // Secrets come from elsewhere as a rule.
            None if kind == "Secret" || is_strange => Some(Level::Audit),
            None if self.names(group, kind, namespace).is_empty() => Some(Level::Audit),
            None => Some(Level::Warn),
        }
    }
}

/// Pods that something selects.
#[derive(Default)]
pub(super) struct Selected<'w, 'a> {
    /// Those that it does.
    pub(super) certain: Vec<&'w Pods<'a>>,
    /// Whether there are others that it may.
    pub(super) possible: bool,
}

impl Selected<'_, '_> {
    pub(super) fn is_empty(&self) -> bool {
        self.certain.is_empty() && !self.possible
    }
}
