//! What the fields of every Kubernetes kind are: built-in kinds of several versions, and custom resources from their
//! definitions.
//!
//! A [`Schemas`] is made once for a version of Kubernetes and then only read. What it says about an object's structure
//! is what an API server of that version says when it validates fields strictly, and so is what it says by the rules of
//! definitions; the built-in kinds' own rules are not its business.

mod check;
mod declare;
mod definition;
mod facts;
mod kubernetes;
mod lifecycle;
mod node;
mod operators;
mod problem;
mod rule;
mod selves;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::cmp::Ordering;

pub use node::{Expression, Field, Identity, Limits, Node, Schema, Text, Type};
pub(crate) use problem::Place;
pub use problem::Problem;
pub use rule::Rule;

use crate::cel::{self, Declarations};
use crate::diagnostic::Finding;
use crate::text::KubernetesVersion;
use node::Nodes;
use serde_json::Value;

/// A kind of objects.
#[derive(Debug, Clone)]
pub struct Kind {
    /// Group and version, `apps/v1`.
    pub api_version: Text,
    /// The kind, `Deployment`.
    pub kind: Text,
    /// The resource, `deployments`.
    pub plural: Text,
    /// Whether its objects live in namespaces.
    pub is_namespaced: bool,
    /// Whether a CustomResourceDefinition makes it.
    pub is_custom: bool,
    /// The first minor version of Kubernetes that serves it; 0 when nothing is known of an earlier one.
    pub since: u32,
    /// The last minor version that serves it.
    pub until: u32,
    /// What its objects may be.
    pub schema: Node,
    /// JSON pointer of the count of replicas, where a definition lets autoscalers set it.
    pub replicas: Option<String>,
    /// Whether its definition is one of those that formwork brings along, which all clusters share.
    is_shared: bool,
}

impl Kind {
    /// Returns the group, `apps`; empty for the core.
    pub fn group(&self) -> &str {
        self.api_version.split_once('/').map_or("", |(group, _)| group)
    }

    fn order(&self, api_version: &str, kind: &str) -> Ordering {
        (&*self.api_version, &*self.kind).cmp(&(api_version, kind))
    }
}

/// The kinds of one cluster.
#[derive(Debug)]
pub struct Schemas {
    minor: u32,
    nodes: Nodes,
    /// Sorted by version and kind.
    kinds: Vec<Kind>,
    /// What `metadata` is, everywhere.
    metadata: Node,
    /// What the containers of pods are.
    containers: [Node; 2],
}

impl Schemas {
    /// Reads the built-in kinds of a version of Kubernetes.
    pub fn new(version: &KubernetesVersion) -> Self {
        let mut nodes = Nodes::default();
        let minor = version.minor();
        let (mut kinds, [metadata, containers @ ..]) = kubernetes::load(minor, &mut nodes);
        kinds.sort_by(|one, other| one.order(&other.api_version, &other.kind));
        Self {
            minor,
            nodes,
            kinds,
            metadata,
            containers,
        }
    }

    /// The minor version of Kubernetes.
    pub fn minor(&self) -> u32 {
        self.minor
    }

    /// Adds the kinds of CustomResourceDefinitions; other documents are passed over. A kind that is already known is
    /// replaced, as by an upgrade. What cannot be used is said.
    pub fn add_crds(&mut self, documents: &[Value]) -> Vec<Finding> {
        let mut findings = Vec::new();
        for document in documents {
            for kind in definition::read(document, self, &mut findings) {
                match self.place(&kind.api_version, &kind.kind) {
                    Ok(index) => {
                        if let Some(known) = self.kinds.get_mut(index) {
                            *known = kind;
                        }
                    }
                    Err(index) => self.kinds.insert(index, kind),
                }
            }
        }
        findings
    }

    /// Returns the kind, if this cluster serves it. Of a custom resource that formwork emits, the definition is known
    /// without being added; one that is added counts more.
    pub fn find(&self, api_version: &str, kind: &str) -> Option<&Kind> {
        match self.place(api_version, kind) {
            Ok(index) => self.kinds.get(index).filter(|kind| self.serves(kind)),
            // The groups of built-in kinds have no definitions, and most objects are of those.
            Err(_) if !operators::has(api_version) => None,
            Err(_) => operators::schemas().own(api_version, kind),
        }
    }

    /// A kind of its own.
    fn own(&self, api_version: &str, kind: &str) -> Option<&Kind> {
        self.kinds.get(self.place(api_version, kind).ok()?)
    }

    /// Where the nodes of a kind are.
    fn home(&self, kind: &Kind) -> &Schemas {
        if kind.is_shared { operators::schemas() } else { self }
    }

    /// Says that this cluster does not serve a version of the API, or not for long.
    pub fn availability(&self, api_version: &str, kind: &str) -> Option<Problem> {
        lifecycle::problem(self, api_version, kind)
    }

    /// Returns every kind that this cluster serves, sorted by version and kind.
    pub fn kinds(&self) -> impl Iterator<Item = &Kind> {
        self.kinds.iter().filter(|kind| self.serves(kind))
    }

    /// Returns a schema.
    pub fn get(&self, node: Node) -> &Schema {
        self.nodes.get(node)
    }

    /// Says what a server would refuse in the structure of an object, and by the rules of its definition.
    pub fn validate(&self, kind: &Kind, object: &Value) -> Vec<Problem> {
        check::object(self.home(kind), kind, object, None)
    }

    /// Says what a server would refuse when an object takes the place of an older one. In a custom resource, what was
    /// wrong before may stay where nothing changes, and rules see what was; a built-in kind is only looked at as it is.
    pub fn validate_update(&self, kind: &Kind, old: &Value, new: &Value) -> Vec<Problem> {
        check::object(self.home(kind), kind, new, Some(old))
    }

    /// Returns a custom resource with the defaults of its definition, as admission sees it; a built-in kind as it is.
    pub fn completed<'v>(&self, kind: &Kind, object: &'v Value) -> Cow<'v, Value> {
        check::completed(self.home(kind), kind, object)
    }

    /// Declares the objects of some kinds for expressions, and returns their type. Of several kinds a field is known if
    /// one of them has it.
    pub fn declare(&self, kinds: &[&Kind], declarations: Declarations) -> (Declarations, cel::Type) {
        declare::objects(self, kinds, declarations)
    }

    /// The same cluster, of which nothing is known but what all objects have.
    fn without_kinds(&self) -> Self {
        let mut nodes = Nodes::default();
        let metadata = nodes.add(Schema {
            is_native: true,
            ..Schema::default()
        });
        Self {
            minor: self.minor,
            nodes,
            kinds: Vec::new(),
            metadata,
            containers: [metadata; 2],
        }
    }

    fn serves(&self, kind: &Kind) -> bool {
        (kind.since..=kind.until).contains(&self.minor)
    }

    fn place(&self, api_version: &str, kind: &str) -> Result<usize, usize> {
        self.kinds.binary_search_by(|known| known.order(api_version, kind))
    }
}
