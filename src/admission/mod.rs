//! Admission policies of Kubernetes, judged before anything is written: `ValidatingAdmissionPolicy` as the server does.
//!
//! The documents are plain Kubernetes ones. What the server would refuse about them is a finding; what they say about
//! an object is a verdict, with the server's matching, order, budgets and messages. What only a cluster knows, its
//! authorizer and its users, is never guessed.

mod binding;
mod builtin;
mod check;
#[cfg(test)]
mod corpus;
mod documents;
mod environment;
mod evaluate;
mod field;
mod frame;
mod judge;
mod pods;
mod policy;
mod resources;
mod review;
mod rules;
mod scope;
mod selector;
mod spec;
#[cfg(test)]
mod tests;
mod typing;
mod waiver;

use serde_json::Value;

use crate::diagnostic::Level;

pub use judge::Policies;
pub use pods::{POD_META, POD_SPEC, POD_TEMPLATES, expand, wants_pod_templates};
pub use resources::{Resource, Resources};
pub use scope::{MANAGED_BY, TENANT, scoped};
pub use waiver::{Exclusion, except};

/// What is done with an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// It is new.
    Create,
    /// It replaces an old one.
    Update,
}

impl Operation {
    /// Returns the name in rules and requests.
    pub fn name(self) -> &'static str {
        match self {
            Self::Create => "CREATE",
            Self::Update => "UPDATE",
        }
    }

    fn options(self) -> &'static str {
        match self {
            Self::Create => "CreateOptions",
            Self::Update => "UpdateOptions",
        }
    }
}

/// One object on its way into a cluster.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// What is done.
    pub operation: Operation,
    /// The object, with the server's defaults.
    pub object: &'a Value,
    /// What it replaces; nothing for a new object.
    pub old: Option<&'a Value>,
    /// The Namespace it lives in, if that is known.
    pub namespace: Option<&'a Value>,
}

/// How a policy came to its verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// A validation is false.
    Refused,
    /// Something could not be evaluated, and the policy fails on that.
    Failed,
    /// Only the cluster knows: the policy asks its authorizer or who the user is.
    Unknown,
}

/// What a policy has against an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// The policy.
    pub policy: String,
    /// The binding through which it holds.
    pub binding: String,
    /// How it came about.
    pub outcome: Outcome,
    /// The most severe of the binding's actions; an unknown outcome is only recorded.
    pub level: Level,
    /// What the server says.
    pub message: String,
    /// The validation, counted from 0; nothing when it is not about one.
    pub validation: Option<usize>,
    /// JSON pointer of what it is about, as far as that can be told.
    pub field: Option<String>,
}

impl Verdict {
    /// Returns the whole sentence with which the server refuses a request.
    pub fn denial(&self) -> String {
        format!(
            "ValidatingAdmissionPolicy '{}' with binding '{}' denied request: {}",
            self.policy, self.binding, self.message
        )
    }
}
