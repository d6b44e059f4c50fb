//! What only several documents together can break: hosts and names that two of them claim.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::diagnostic::{Finding, Location};
use crate::model::fleet::{Cluster, Environment};

/// Checks the environments of a fleet against each other.
pub(in crate::model) fn fleet(environments: &[Arc<Environment>], findings: &mut Vec<Finding>) {
    let mut hosts: BTreeMap<&str, (&Environment, usize)> = BTreeMap::new();
    let mut namespaces: BTreeMap<(&str, &str), &Environment> = BTreeMap::new();
    for environment in environments {
        for (index, host) in environment.hosts.iter().enumerate() {
            if let Some((first, position)) = hosts.insert(host.as_str(), (environment, index)) {
                let (place, what) = claim(first, position);
                let message = format!("`{host}` already belongs to `{}`", first.id());
                findings.push(
                    Finding::error("duplicate-host", message)
                        .at(claim(environment, index).0)
                        .with(place, what)
                        .field(format!("/spec/hosts/{index}"))
                        .help("a host leads to one environment: choose another"),
                );
            }
        }
        let key = (environment.cluster.name.as_str(), environment.namespace.as_str());
        if let Some(first) = namespaces.insert(key, environment) {
            let (one, other, namespace) = (first.id(), environment.id(), &environment.namespace);
            findings.push(
                Finding::error(
                    "duplicate-name",
                    format!("`{one}` and `{other}` share the namespace `{namespace}`"),
                )
                .at(environment.locate(""))
                .with(first.locate(""), "the other one")
                .help("rename one of the environments"),
            );
        }
    }
}

/// Checks that no environment takes the name of what delivers its cluster: Argo CD has one name for one application.
pub(in crate::model) fn delivery_names(
    clusters: &BTreeMap<String, Arc<Cluster>>,
    environments: &[Arc<Environment>],
    findings: &mut Vec<Finding>,
) {
    let mut taken: BTreeSet<String> = BTreeSet::new();
    for cluster in clusters.values() {
        let add_ons = cluster.spec.add_ons.iter().map(|add_on| add_on.as_str());
        let parts = ["delivery", "foundation", "platform"].into_iter().chain(add_ons);
        taken.extend(parts.map(|part| format!("{}-{part}", cluster.name)));
    }
    for environment in environments {
        if environment.tenant.name.as_str() == "platform" || taken.contains(&environment.namespace) {
            let message = format!("`{}` is a name that delivery uses itself", environment.namespace);
            findings.push(
                Finding::error("duplicate-name", message)
                    .at(environment.locate("/tenant"))
                    .help("rename the environment or the tenant"),
            );
        }
    }
}

/// Where an environment claims a host.
fn claim(environment: &Environment, index: usize) -> (Location, &'static str) {
    if environment.spec.hosts.is_empty() {
        return (environment.locate(""), "sets no `hosts`, so this is its host");
    }
    (environment.locate(&format!("/hosts/{index}")), "first used here")
}
