//! `kind: Resilience`: a class of recovery promises.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Defaults;
use crate::text::{Duration, Retention};

/// A class of promises: how much may be lost, how long it may take, and what that needs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ResilienceSpec {
    /// Recovery point objective: the most work, in time, that a disaster may cost.
    pub recovery_point: Duration,
    /// Recovery time objective: how long until it runs again.
    pub recovery_time: Duration,
    /// The least time that backups are kept.
    pub minimum_retention: Retention,
    /// How often a restore is proved.
    #[serde(default)]
    pub drill: Drill,
    /// What the class sets on its environments (instances, synchronous commit, schedule …).
    #[serde(default)]
    pub defaults: Defaults,
}

/// How often a restore is proved.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Drill {
    /// Not at all.
    #[default]
    None,
    /// Every three months.
    Quarterly,
    /// Every month.
    Monthly,
}
