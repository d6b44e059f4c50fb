//! Which resource an object is: what Kubernetes has built in, what this crate types, what users add, and a last resort.
//!
//! Rules of policies name resources, objects name kinds; between the two stands the table of the server.

use std::collections::BTreeMap;

use serde_json::Value;

use super::builtin::BUILT_IN;
use crate::kinds::KINDS;

/// A kind, and how rules call it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resource {
    /// The group; empty for the core group.
    pub group: String,
    /// The version, `v1`.
    pub version: String,
    /// The kind, `Deployment`.
    pub kind: String,
    /// The plural by which rules call it, `deployments`.
    pub plural: String,
    /// Whether its objects live in a namespace.
    pub namespaced: bool,
}

impl Resource {
    /// Returns the group and version as objects have it.
    pub fn api_version(&self) -> String {
        match self.group.as_str() {
            "" => self.version.clone(),
            group => format!("{group}/{}", self.version),
        }
    }

    /// The last resort for a kind that nobody declared: the regular plural, as `kubectl` guesses it.
    pub(super) fn guess(api_version: &str, kind: &str, namespaced: bool) -> Self {
        let (group, version) = split(api_version);
        let lower = kind.to_ascii_lowercase();
        let plural = match lower.strip_suffix('y') {
            Some(stem) => format!("{stem}ies"),
            None if lower.ends_with('s') => format!("{lower}es"),
            None => format!("{lower}s"),
        };
        Self {
            group: group.to_owned(),
            version: version.to_owned(),
            kind: kind.to_owned(),
            plural,
            namespaced,
        }
    }
}

/// The resources that are known.
#[derive(Debug, Clone)]
pub struct Resources {
    by_kind: BTreeMap<String, Vec<usize>>,
    all: Vec<Resource>,
}

impl Default for Resources {
    /// Returns what Kubernetes has built in and what this crate types.
    fn default() -> Self {
        let mut resources = Self {
            by_kind: BTreeMap::new(),
            all: Vec::new(),
        };
        for (group, version, namespaced, kinds) in BUILT_IN {
            for (kind, plural) in *kinds {
                resources.add(Resource {
                    group: (*group).to_owned(),
                    version: (*version).to_owned(),
                    kind: (*kind).to_owned(),
                    plural: (*plural).to_owned(),
                    namespaced: *namespaced,
                });
            }
        }
        for info in KINDS {
            let (group, version) = split(info.api_version);
            resources.add(Resource {
                group: group.to_owned(),
                version: version.to_owned(),
                kind: info.kind.to_owned(),
                plural: info.plural.to_owned(),
                namespaced: info.namespaced,
            });
        }
        resources
    }
}

impl Resources {
    /// Adds a resource, or replaces what is known of its kind.
    pub fn add(&mut self, resource: Resource) {
        let known = self.position(&resource.api_version(), &resource.kind);
        match known.and_then(|known| self.all.get_mut(known)) {
            Some(known) => *known = resource,
            None => {
                let places = self.by_kind.entry(resource.kind.clone()).or_default();
                places.push(self.all.len());
                self.all.push(resource);
            }
        }
    }

    /// Adds what a CustomResourceDefinition defines, all its versions; returns whether it was one.
    pub fn add_definition(&mut self, definition: &Value) -> bool {
        if definition.get("kind").and_then(Value::as_str) != Some("CustomResourceDefinition") {
            return false;
        }
        let text = |pointer: &str| definition.pointer(pointer).and_then(Value::as_str);
        let (Some(group), Some(kind), Some(plural)) = (
            text("/spec/group"),
            text("/spec/names/kind"),
            text("/spec/names/plural"),
        ) else {
            return false;
        };
        let versions = definition.pointer("/spec/versions").and_then(Value::as_array);
        for version in versions.into_iter().flatten() {
            let Some(version) = version.get("name").and_then(Value::as_str) else {
                continue;
            };
            self.add(Resource {
                group: group.to_owned(),
                version: version.to_owned(),
                kind: kind.to_owned(),
                plural: plural.to_owned(),
                namespaced: text("/spec/scope") != Some("Cluster"),
            });
        }
        true
    }

    /// Finds a kind.
    pub fn find(&self, api_version: &str, kind: &str) -> Option<&Resource> {
        self.all.get(self.position(api_version, kind)?)
    }

    /// Finds the place of a kind in the table.
    pub(super) fn position(&self, api_version: &str, kind: &str) -> Option<usize> {
        let (group, version) = split(api_version);
        let is_it = |place: &usize| {
            let found = self.all.get(*place);
            found.is_some_and(|found| found.group == group && found.version == version)
        };
        self.by_kind.get(kind)?.iter().copied().find(is_it)
    }

    /// All resources, in the order of the table.
    pub(super) fn all(&self) -> &[Resource] {
        &self.all
    }

    /// The other versions in which the server serves the same objects.
    pub(super) fn equivalents<'a>(&'a self, of: &'a Resource) -> impl Iterator<Item = &'a Resource> {
        self.all.iter().filter(move |other| {
            // The one kind that is served in two groups.
            let same_group = other.group == of.group || (of.kind == "Event" && other.kind == "Event");
            same_group && other.plural == of.plural && *other != of
        })
    }
}

/// Splits `apps/v1` into its group and version.
pub(super) fn split(api_version: &str) -> (&str, &str) {
    api_version.split_once('/').unwrap_or(("", api_version))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn shown(resource: &Resource) -> String {
        let scope = if resource.namespaced { "namespaced" } else { "cluster" };
        format!("{} {} {scope}", resource.api_version(), resource.plural)
    }

    #[test]
    fn kinds_are_found() {
        let resources = Resources::default();
        let found = |api_version: &str, kind: &str| resources.find(api_version, kind).map(shown);
        assert_eq!(found("v1", "Endpoints").as_deref(), Some("v1 endpoints namespaced"));
        assert_eq!(
            found("networking.k8s.io/v1", "Ingress").as_deref(),
            Some("networking.k8s.io/v1 ingresses namespaced")
        );
        assert_eq!(found("v1", "Node").as_deref(), Some("v1 nodes cluster"));
        assert_eq!(
            found("traefik.io/v1alpha1", "TLSOption").as_deref(),
            Some("traefik.io/v1alpha1 tlsoptions namespaced")
        );
        assert_eq!(found("v2", "Node"), None);
        assert_eq!(found("example.com/v1", "Kettle"), None);
    }

    /// What this crate types and what Kubernetes has built in agree.
    #[test]
    fn typed_kinds_agree_with_the_table() {
        for (group, version, namespaced, kinds) in BUILT_IN {
            for (kind, plural) in *kinds {
                let known = KINDS
                    .iter()
                    .find(|info| split(info.api_version) == (*group, *version) && info.kind == *kind);
                if let Some(known) = known {
                    assert_eq!((known.plural, known.namespaced), (*plural, *namespaced), "{kind}");
                }
            }
        }
    }

    #[test]
    fn definitions_are_added_with_all_versions() {
        let mut resources = Resources::default();
        assert!(resources.add_definition(&json!({
            "kind": "CustomResourceDefinition",
            "spec": {
                "group": "example.com", "scope": "Cluster",
                "names": {"kind": "Mouse", "plural": "mice"},
                "versions": [{"name": "v1"}, {"name": "v1beta1"}],
            },
        })));
        let mouse = resources.find("example.com/v1", "Mouse").unwrap();
        assert_eq!(shown(mouse), "example.com/v1 mice cluster");
        let others: Vec<String> = resources.equivalents(mouse).map(shown).collect();
        assert_eq!(others, ["example.com/v1beta1 mice cluster"]);
        assert!(!resources.add_definition(&json!({"kind": "ConfigMap"})));
        let events = resources.find("v1", "Event").unwrap();
        assert_eq!(
            resources.equivalents(events).map(shown).next().as_deref(),
            Some("events.k8s.io/v1 events namespaced")
        );
    }

    #[test]
    fn an_unknown_kind_has_the_regular_plural() {
        let plural = |kind: &str| Resource::guess("example.com/v1", kind, true).plural;
        assert_eq!(plural("Kettle"), "kettles");
        assert_eq!(plural("NetworkPolicy"), "networkpolicies");
        assert_eq!(plural("IngressClass"), "ingressclasses");
    }
}
