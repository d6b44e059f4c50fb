//! Names and amounts of resources, as quotas, limits and autoscalers use them.
//!
//! A name without a domain is one of Kubernetes' own; which ones there are depends on where it stands.

use serde_json::Value;

use super::common::quantity;
use crate::text::{Quantity, server};

/// Resources that containers use.
const CONTAINER: &[&str] = &["cpu", "memory", "ephemeral-storage"];
/// What a quota counts in whole numbers.
const COUNTED: &[&str] = &[
    "configmaps",
    "persistentvolumeclaims",
    "pods",
    "replicationcontrollers",
    "resourcequotas",
    "secrets",
    "services",
    "services.loadbalancers",
    "services.nodeports",
];
/// What a quota limits beyond these.
const SUMMED: &[&str] = &[
    "limits.cpu",
    "limits.ephemeral-storage",
    "limits.memory",
    "requests.cpu",
    "requests.ephemeral-storage",
    "requests.memory",
    "requests.storage",
];

/// Tells whether a quota knows a name without a domain.
pub(super) fn is_of_quota(name: &str) -> bool {
    let is_huge = ["hugepages-", "requests.hugepages-"]
        .iter()
        .any(|huge| name.starts_with(huge));
    is_huge || [CONTAINER, COUNTED, SUMMED].iter().any(|names| names.contains(&name))
}

/// Returns what is wrong with the name of a resource.
fn problems(name: &str) -> Vec<String> {
    let mut reasons = server::is_qualified_name(name);
    if reasons.is_empty() && !name.contains('/') && !is_of_quota(name) && name != "storage" {
        reasons.push("must be a standard resource type or fully qualified".to_owned());
    }
    reasons
}

/// Returns what is wrong with a name in a quota.
pub(super) fn quota_problems(name: &str) -> Vec<String> {
    let mut reasons = problems(name);
    if !name.contains('/') && !is_of_quota(name) {
        reasons.push("must be a standard resource for quota".to_owned());
    }
    reasons
}

/// Returns what is wrong with a name for the resources of containers.
pub(super) fn container_problems(name: &str) -> Vec<String> {
    let mut reasons = problems(name);
    let is_known = CONTAINER.contains(&name) || name.starts_with("hugepages-");
    if !name.contains('/') && !is_known {
        reasons.push("must be a standard resource for containers".to_owned());
    } else if name.contains('/') && !is_native(name) && !is_extended(name) {
        reasons.push("doesn't follow extended resource name standard".to_owned());
    }
    reasons
}

/// Returns what is wrong with a name for the limits of a type.
pub(super) fn limit_problems(kind: &str, name: &str) -> Vec<String> {
    match kind {
        "Pod" | "Container" => container_problems(name),
        _ => problems(name),
    }
}

/// Tells whether a resource is Kubernetes' own.
fn is_native(name: &str) -> bool {
    !name.contains('/') || name.contains("kubernetes.io/")
}

/// Tells whether a resource is somebody else's.
fn is_extended(name: &str) -> bool {
    let in_quota = || server::is_qualified_name(&format!("requests.{name}"));
    !is_native(name) && !name.starts_with("requests.") && in_quota().is_empty()
}

/// Tells whether limits of a resource may be above its requests.
pub(super) fn is_overcommitted(name: &str) -> bool {
    is_native(name) && !name.starts_with("hugepages-")
}

/// Tells whether a resource comes in whole numbers.
pub(super) fn is_counted(name: &str) -> bool {
    COUNTED.contains(&name) || is_extended(name)
}

/// Tells whether an amount is a whole number.
pub(super) fn is_whole(amount: &Quantity) -> bool {
    amount.millis().is_multiple_of(1000)
}

/// Returns nothing, as an amount.
pub(super) fn zero() -> Quantity {
    Quantity::mebibytes(0)
}

/// Tells whether a value is an amount of less than nothing.
pub(super) fn is_negative(value: &Value) -> bool {
    quantity(value).is_some_and(|amount| amount < zero())
}

/// Tells whether a value is an amount of nothing, or less.
pub(super) fn is_not_positive(value: &Value) -> bool {
    quantity(value).is_some_and(|amount| amount <= zero())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_known_or_qualified() {
        assert_eq!(quota_problems("count/jobs.batch"), Vec::<String>::new());
        assert_eq!(quota_problems("requests.storage"), Vec::<String>::new());
        assert_eq!(quota_problems("storage"), ["must be a standard resource for quota"]);
        assert_eq!(container_problems("nvidia.com/gpu"), Vec::<String>::new());
        assert_eq!(
            container_problems("pods"),
            ["must be a standard resource for containers"]
        );
        assert_eq!(
            container_problems("requests.nvidia.com/gpu"),
            ["doesn't follow extended resource name standard"]
        );
        assert!(is_counted("count/jobs.batch") && !is_counted("cpu"));
    }
}
