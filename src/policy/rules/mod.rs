//! The house rules. Every other file of this folder is one rule.

mod alert_without_runbook;
mod backup_misses_recovery_point;
mod connection_budget;
mod host_taken;
mod image_not_in_previous_tier;
mod limit_range_conflict;
mod literal_secret;
mod network_policy_mismatch;
mod production_reference;
mod quota_too_small;
mod recovery_in_same_failure_domain;
mod unpinned_image;

use super::Rule;

/// All house rules, by id.
pub const RULES: &[Rule] = &[
    alert_without_runbook::RULE,
    backup_misses_recovery_point::RULE,
    connection_budget::RULE,
    host_taken::RULE,
    image_not_in_previous_tier::RULE,
    limit_range_conflict::RULE,
    literal_secret::RULE,
    network_policy_mismatch::RULE,
    production_reference::RULE,
    quota_too_small::RULE,
    recovery_in_same_failure_domain::RULE,
    unpinned_image::RULE,
];
