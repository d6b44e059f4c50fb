//! `kind: Tenant`: a customer or legal entity.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Defaults;
use crate::text::{Email, Group, Host, LabelValue, Name};

/// A customer or legal entity: who it is, who may do what, which hosts are its own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TenantSpec {
    /// The name people use, `Hartmann Bau GmbH`.
    #[schemars(length(min = 1, max = 120))]
    pub display_name: String,
    /// Where its costs are booked.
    pub cost_centre: LabelValue,
    /// Who answers for it.
    pub owner: Email,
    /// How sensitive its data is.
    #[serde(default)]
    pub sensitivity: Sensitivity,
    /// Domains whose hosts are the tenant's own; a host of its environments lies in one of them or in the cluster's.
    #[serde(default)]
    pub domains: Vec<Host>,
    /// Its business calendar (`kind: Calendar`).
    #[serde(default)]
    pub calendar: Option<Name>,
    /// Identity-provider groups of the personas, beyond those of the platform.
    #[serde(default)]
    pub groups: Groups,
    /// Defaults of its environments.
    #[serde(default)]
    pub defaults: Defaults,
}

/// How sensitive a tenant's data is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Sensitivity {
    /// Ordinary business data.
    #[default]
    Standard,
    /// Personal or contractual data under special duties.
    Confidential,
}

impl Sensitivity {
    /// The word as it is written in documents and labels.
    pub fn as_str(self) -> &'static str {
        match self {
            Sensitivity::Standard => "standard",
            Sensitivity::Confidential => "confidential",
        }
    }
}

/// Identity-provider groups by persona.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Groups {
    /// Runs the platform: restarts, scales, looks into pods; reads no secret in production.
    pub platform_engineer: Vec<Group>,
    /// Configures the ERP: looks and reads logs, opens a shell outside production only.
    pub erp_consultant: Vec<Group>,
    /// First line: looks and reads logs.
    pub support: Vec<Group>,
    /// The client's own administrator: sees whether it runs.
    pub client_administrator: Vec<Group>,
    /// Sees configuration, rights and policies, nothing confidential.
    pub auditor: Vec<Group>,
    /// Looks after the database: clusters and backups.
    pub dba: Vec<Group>,
}
