//! Which requests a policy or a binding matches.
//!
//! The order is the server's: the selectors of the namespace and of the object, the excluded rules, the rules; with
//! `matchPolicy: Equivalent` a rule also matches through another version of the same resource.

use serde_json::Value;

use super::Operation;
use super::resources::{Resource, Resources};
use super::selector::Labels;
use super::spec::{MatchResources, Rule};

/// What is known of a request before any expression is evaluated.
pub(super) struct Target<'a> {
    pub(super) resource: &'a Resource,
    pub(super) operation: Operation,
    pub(super) name: &'a str,
    /// The namespace of the request; that of a Namespace is its own name.
    pub(super) namespace: &'a str,
    pub(super) object: &'a Value,
    pub(super) old: Option<&'a Value>,
    /// The labels of the namespace; nothing for what has none.
    pub(super) labels: Option<Labels<'a>>,
}

impl Target<'_> {
    pub(super) fn is_namespace(&self) -> bool {
        self.resource.group.is_empty() && self.resource.plural == "namespaces"
    }
}

impl MatchResources {
    /// Returns the resource by which a request is matched, if it is.
    pub(super) fn matches<'a>(&self, target: &Target<'a>, resources: &'a Resources) -> Option<&'a Resource> {
        let namespace = target
            .labels
            .is_none_or(|labels| self.namespace_selector.selects(labels));
        let selects = |object: &Value| self.object_selector.selects(Labels::of(object));
        let object = || self.object_selector.is_empty() || selects(target.object) || target.old.is_some_and(selects);
        if !namespace || !object() || self.through(&self.exclude_resource_rules, target, resources).is_some() {
            return None;
        }
        if self.resource_rules.is_empty() {
            return Some(target.resource);
        }
        self.through(&self.resource_rules, target, resources)
    }

    /// Tells whether a resource may be matched at all, whatever the request is.
    pub(super) fn concerns(&self, resource: &Resource, resources: &Resources) -> bool {
        let names = |resource: &Resource| self.resource_rules.iter().any(|rule| rule.names(resource));
        self.resource_rules.is_empty()
            || names(resource)
            || (self.is_equivalent() && resources.equivalents(resource).any(names))
    }

    fn is_equivalent(&self) -> bool {
        self.match_policy.as_deref() != Some("Exact")
    }

    fn through<'a>(&self, rules: &[Rule], target: &Target<'a>, resources: &'a Resources) -> Option<&'a Resource> {
        let matches = |resource: &Resource| rules.iter().any(|rule| rule.matches(resource, target));
        if rules.is_empty() {
            return None;
        }
        if matches(target.resource) {
            return Some(target.resource);
        }
        if !self.is_equivalent() {
            return None;
        }
        resources.equivalents(target.resource).find(|other| matches(other))
    }
}

impl Rule {
    /// Tells whether the rule names a resource; a subresource is none of ours, only `pods/*` means `pods` too.
    pub(super) fn names(&self, resource: &Resource) -> bool {
        let holds = |items: &[String], wanted: &str| items.iter().any(|item| item == "*" || item == wanted);
        holds(&self.api_groups, &resource.group)
            && holds(&self.api_versions, &resource.version)
            && self.resources.iter().any(|named| {
                let (name, sub) = named.split_once('/').unwrap_or((named, ""));
                (name == "*" || name == resource.plural) && (sub.is_empty() || sub == "*")
            })
    }

    /// Tells whether the rule is about an operation.
    pub(super) fn is_about(&self, operation: Operation) -> bool {
        let name = operation.name();
        self.operations.iter().any(|given| given == "*" || given == name)
    }

    fn matches(&self, resource: &Resource, target: &Target<'_>) -> bool {
        let is_cluster_scoped = target.namespace.is_empty() || target.is_namespace();
        let scope = match self.scope.as_deref() {
            None | Some("*") => true,
            Some("Namespaced") => !is_cluster_scoped,
            Some("Cluster") => is_cluster_scoped,
            Some(_) => false,
        };
        let named = self.resource_names.is_empty() || self.resource_names.iter().any(|name| name == target.name);
        scope && self.is_about(target.operation) && self.names(resource) && named
    }
}
