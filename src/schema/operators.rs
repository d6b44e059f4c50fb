//! The operators' kinds that formwork emits, known without definitions from the user.
//!
//! Read when the first of them is asked for, and then the same for all clusters: definitions come with an operator's
//! version, not with that of Kubernetes.

use std::sync::LazyLock;

use serde_json::Value;

use super::Schemas;
use crate::text::KubernetesVersion;

/// Definitions without descriptions, one a line; `cargo run -p xtask` writes it.
const DEFINITIONS: &str = include_str!("operators.jsonl");

static SCHEMAS: LazyLock<Schemas> = LazyLock::new(|| {
    let mut schemas = Schemas::new(&KubernetesVersion::newest());
    schemas.kinds.clear();
    let definitions: Vec<Value> = DEFINITIONS
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect();
    // What they say is tested; nothing of it is the user's.
    schemas.add_crds(&definitions);
    schemas.kinds.iter_mut().for_each(|kind| kind.is_shared = true);
    schemas
});

/// The groups, so that nothing is read for objects of others.
static GROUPS: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
    let group = |line: &'static str| line.split_once("\"group\":\"")?.1.split('"').next();
    let mut groups: Vec<&str> = DEFINITIONS.lines().filter_map(group).collect();
    groups.dedup();
    groups
});

/// Says whether kinds of a group are known.
pub(super) fn has(api_version: &str) -> bool {
    let group = api_version.split_once('/').map_or("", |(group, _)| group);
    GROUPS.contains(&group)
}

/// Returns the kinds and their nodes.
pub(super) fn schemas() -> &'static Schemas {
    &SCHEMAS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_a_definition_that_can_be_used() {
        let definitions: Vec<Value> = DEFINITIONS
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        let mut schemas = Schemas::new(&KubernetesVersion::newest());
        assert_eq!(schemas.add_crds(&definitions), []);
        assert_eq!(SCHEMAS.kinds.len(), definitions.len());
        for kind in &SCHEMAS.kinds {
            assert!(has(&kind.api_version), "{}", kind.api_version);
        }
    }

    #[test]
    fn what_is_added_counts_more() {
        let version = KubernetesVersion::newest();
        let mut schemas = Schemas::new(&version);
        let known = schemas.find("keda.sh/v1alpha1", "ScaledObject").unwrap();
        assert!(known.is_shared && schemas.find("keda.sh/v1alpha1", "ScaledJob").is_none());
        let definition = serde_json::json!({
            "apiVersion": "apiextensions.k8s.io/v1",
            "kind": "CustomResourceDefinition",
            "metadata": {"name": "scaledobjects.keda.sh"},
            "spec": {
                "group": "keda.sh", "scope": "Namespaced", "names": {"kind": "ScaledObject", "plural": "scaledobjects"},
                "versions": [{"name": "v1alpha1", "schema": {"openAPIV3Schema": {"type": "object"}}}],
            },
        });
        schemas.add_crds(&[definition]);
        assert!(!schemas.find("keda.sh/v1alpha1", "ScaledObject").unwrap().is_shared);
    }
}
