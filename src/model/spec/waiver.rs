//! `kind: Waiver`: a policy that need not hold somewhere, for a reason, until a day.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::text::{Date, Name};

/// A policy that need not hold somewhere, for a reason, until a day.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct WaiverSpec {
    /// The policies or rules, by the code of their findings.
    #[schemars(length(min = 1))]
    pub policies: Vec<Name>,
    /// What it covers.
    pub subject: WaiverSubject,
    /// Why, in a sentence that an auditor understands.
    #[schemars(length(min = 10))]
    pub reason: String,
    /// Who answers for it.
    #[schemars(length(min = 1))]
    pub owner: String,
    /// Where the work that ends it is tracked.
    #[schemars(length(min = 1))]
    pub ticket: String,
    /// The last day on which it counts.
    pub expires: Date,
}

/// What a waiver covers: what meets every condition that is given. `*` stands for anything, `?` for one letter.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct WaiverSubject {
    /// Environments as `tenant/environment`.
    pub environments: Vec<String>,
    /// Clusters, for what all their environments share.
    pub clusters: Vec<String>,
    /// Objects; anything when empty.
    pub objects: Vec<WaivedObject>,
    /// Fields by JSON pointer; anything when empty.
    pub fields: Vec<String>,
}

/// Objects by kind and name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct WaivedObject {
    /// The kind, `Deployment`.
    #[schemars(length(min = 1))]
    pub kind: String,
    /// The name, `web`.
    #[schemars(length(min = 1))]
    pub name: String,
}

/// How many days a waiver may still count, by the level of what it waives.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct WaiverDays {
    /// What denies.
    pub deny: u16,
    /// What warns.
    pub warn: u16,
    /// What is recorded.
    pub audit: u16,
}

impl Default for WaiverDays {
    fn default() -> Self {
        Self {
            deny: 90,
            warn: 180,
            audit: 365,
        }
    }
}
