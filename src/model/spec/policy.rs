//! `kind: EnvironmentPolicy` and `kind: PolicyTest`: what environments must be, and what proves a policy.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{Tenancy, Tier};
use crate::diagnostic::Level;
use crate::text::{Date, Name};

/// What environments must be, in CEL over the resolved `environment`, `tenant`, `cluster`, `platform`, `release`,
/// `resilience` and `today`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EnvironmentPolicySpec {
    /// What is wrong when it is broken: a phrase, `backups of production are kept for less than 30 days`.
    #[schemars(length(min = 1, max = 120))]
    pub title: String,
    /// What goes wrong without it, in sentences.
    #[schemars(length(min = 1))]
    pub why: String,
    /// What to do about it.
    #[schemars(length(min = 1))]
    pub remedy: String,
    /// Where the demand comes from: `CIS 5.2.3`, `NSA`, `PSS restricted`, a number of the firm's own.
    #[serde(default)]
    pub references: Vec<String>,
    /// How bad a violation is.
    #[serde(default)]
    pub level: PolicyLevel,
    /// Which environments it is about; all when absent.
    #[serde(default)]
    pub applies_to: AppliesTo,
    /// Named parts of the expressions, `variables.<name>`; a later one may use the earlier ones.
    #[serde(default)]
    pub variables: Vec<PolicyVariable>,
    /// What must be true.
    #[schemars(length(min = 1))]
    pub validations: Vec<PolicyValidation>,
}

/// How bad a violation is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum PolicyLevel {
    /// Nothing is written.
    #[default]
    Deny,
    /// Said, and written all the same.
    Warn,
    /// Recorded only.
    Audit,
}

impl From<PolicyLevel> for Level {
    fn from(level: PolicyLevel) -> Self {
        match level {
            PolicyLevel::Deny => Self::Deny,
            PolicyLevel::Warn => Self::Warn,
            PolicyLevel::Audit => Self::Audit,
        }
    }
}

/// Which environments a policy is about: those that meet every condition that is given.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct AppliesTo {
    /// Tiers; all when empty.
    pub tiers: Vec<Tier>,
    /// Tenancies; all when empty.
    pub tenancies: Vec<Tenancy>,
    /// Labels that the environment's document, or else its tenant's, must have.
    pub labels: BTreeMap<String, String>,
}

/// A named part of expressions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PolicyVariable {
    /// Its name, an identifier of CEL.
    #[schemars(regex(pattern = r"^[A-Za-z_][A-Za-z0-9_]*$"))]
    pub name: String,
    /// What it stands for.
    pub expression: String,
}

/// One demand.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PolicyValidation {
    /// What must be true.
    pub expression: String,
    /// What is said when it is not; the policy's title when absent.
    #[serde(default)]
    pub message: Option<String>,
    /// The same as an expression of a text, which wins over `message`.
    #[serde(default)]
    pub message_expression: Option<String>,
    /// The setting to point at, `backup.retention`; the one that the expression reads first when absent.
    #[serde(default)]
    pub field: Option<String>,
}

/// Cases that prove a policy. They run with every build, and `formwork explain` shows them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PolicyTestSpec {
    /// The policy: the name of an EnvironmentPolicy or of a ValidatingAdmissionPolicy.
    pub policy: Name,
    /// What it must let pass.
    #[schemars(length(min = 1))]
    pub accepted: Vec<PolicyCase>,
    /// What it must complain about.
    #[schemars(length(min = 1))]
    pub denied: Vec<PolicyCase>,
}

/// One case: an object for an admission policy, or parts of the model for an environment policy.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PolicyCase {
    /// What is special about it: `no digest`.
    #[schemars(length(min = 1))]
    pub name: String,
    /// The object that is created, or that an update leads to.
    #[serde(default)]
    pub object: Option<Map<String, Value>>,
    /// The object before the update.
    #[serde(default)]
    pub old_object: Option<Map<String, Value>>,
    /// The object's Namespace; one of a production environment when absent.
    #[serde(default)]
    pub namespace: Option<Map<String, Value>>,
    /// The parameters, instead of those that the binding finds.
    #[serde(default)]
    pub params: Option<Map<String, Value>>,
    /// As much of the environment as the policy reads.
    #[serde(default)]
    pub environment: Option<Map<String, Value>>,
    /// As much of the tenant as the policy reads.
    #[serde(default)]
    pub tenant: Option<Map<String, Value>>,
    /// As much of the cluster as the policy reads.
    #[serde(default)]
    pub cluster: Option<Map<String, Value>>,
    /// As much of the platform as the policy reads.
    #[serde(default)]
    pub platform: Option<Map<String, Value>>,
    /// As much of the release as the policy reads.
    #[serde(default)]
    pub release: Option<Map<String, Value>>,
    /// As much of the resilience class as the policy reads.
    #[serde(default)]
    pub resilience: Option<Map<String, Value>>,
    /// The day of the build.
    #[serde(default)]
    pub today: Option<Date>,
}
