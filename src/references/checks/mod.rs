//! The checks. Every other file of this folder is one check.

mod applied_twice;
mod autoscaler_without_requests;
mod autoscaler_without_target;
mod backup_store_missing;
mod binding_without_policy;
mod claim_missing;
mod claim_on_one_node;
mod class_missing;
mod config_map_missing;
mod database_missing;
mod delivery_in_circles;
mod delivery_part_missing;
mod derived_name_too_long;
mod disruption_budget_blocks;
mod disruption_budget_without_pods;
mod issuer_missing;
mod key_missing;
mod late_foundation;
mod monitor_without_targets;
mod network_policy_without_pods;
mod probe_port_missing;
mod role_missing;
mod route_part_missing;
mod route_without_service;
mod secret_made_twice;
mod secret_missing;
mod secret_store_missing;
mod service_account_missing;
mod service_without_pods;
mod stateful_set_without_service;
mod trigger_authentication_missing;
mod two_autoscalers;
mod two_disruption_budgets;
mod two_routes_of_one_address;
mod unknown_target_port;

use super::Check;

/// All checks, by id.
pub const CHECKS: &[Check] = &[
    applied_twice::CHECK,
    autoscaler_without_requests::CHECK,
    autoscaler_without_target::CHECK,
    backup_store_missing::CHECK,
    binding_without_policy::CHECK,
    claim_missing::CHECK,
    claim_on_one_node::CHECK,
    class_missing::CHECK,
    config_map_missing::CHECK,
    database_missing::CHECK,
    delivery_in_circles::CHECK,
    delivery_part_missing::CHECK,
    derived_name_too_long::CHECK,
    disruption_budget_blocks::CHECK,
    disruption_budget_without_pods::CHECK,
    issuer_missing::CHECK,
    key_missing::CHECK,
    late_foundation::CHECK,
    monitor_without_targets::CHECK,
    network_policy_without_pods::CHECK,
    probe_port_missing::CHECK,
    role_missing::CHECK,
    route_part_missing::CHECK,
    route_without_service::CHECK,
    secret_made_twice::CHECK,
    secret_missing::CHECK,
    secret_store_missing::CHECK,
    service_account_missing::CHECK,
    service_without_pods::CHECK,
    stateful_set_without_service::CHECK,
    trigger_authentication_missing::CHECK,
    two_autoscalers::CHECK,
    two_disruption_budgets::CHECK,
    two_routes_of_one_address::CHECK,
    unknown_target_port::CHECK,
];

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::Value;

    use super::CHECKS;
    use crate::manifest::Object;
    use crate::references::{World, check};

    /// The codes that are said of manifests of nobody knows which cluster.
    fn codes(text: &str) -> Vec<String> {
        let documents = serde_yaml::Deserializer::from_str(text).map(|it| Value::deserialize(it).unwrap());
        let objects: Vec<Object> = documents.map(|value| Object::from_value(value).unwrap()).collect();
        let found = check(&World::open(&objects));
        found
            .into_iter()
            .map(|found| format!("{}: {}", found.finding.code, found.finding.message))
            .collect()
    }

    #[test]
    fn bad_examples_have_the_finding_and_good_ones_none() {
        for check in CHECKS {
            let bad = codes(check.bad);
            let is_it = |code: &String| code.starts_with(&format!("{}: ", check.id));
            assert!(!bad.is_empty() && bad.iter().all(is_it), "`{}`: {bad:#?}", check.id);
            assert_eq!(codes(check.good), Vec::<String>::new(), "`{}`", check.id);
        }
    }
}
