//! `kind: Release`: an Odoo version as an image with its modules.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{ModuleName, Tier};
use crate::text::{Image, OdooVersion};

/// An Odoo version as an image by tag and digest, with what the image holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ReleaseSpec {
    /// Odoo series, quoted: `"19.0"`.
    pub odoo: OdooVersion,
    /// Image by tag and digest.
    pub image: Image,
    /// Modules installed when a database is created.
    #[serde(default = "base")]
    pub modules: Vec<ModuleName>,
    /// Modules loaded for the whole server, beyond `base`, `rpc`, `web` and those that sessions and queue need.
    #[serde(default)]
    pub server_wide_modules: Vec<ModuleName>,
    /// Where sessions live.
    #[serde(default)]
    pub sessions: Sessions,
    /// Whether the image carries OCA's `queue_job`, which then runs in the cron pods.
    #[serde(default)]
    pub queue: bool,
    /// How databases are brought to this release.
    #[serde(default)]
    pub upgrade: Upgrade,
    /// Tiers in which it may run; all when empty.
    #[serde(default)]
    pub tiers: Vec<Tier>,
}

fn base() -> Vec<ModuleName> {
    vec![ModuleName("base".into())]
}

/// Where sessions live; either way no sticky cookie is needed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Sessions {
    /// In Valkey: the image carries the module `session_redis`.
    #[default]
    Redis,
    /// On the shared volume, as Odoo does by itself.
    Volume,
}

/// How databases are brought to a release.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Upgrade {
    /// With which tool: `click-odoo` updates modules whose content changed; `odoo` updates the release's modules.
    pub tool: UpgradeTool,
    /// Seconds after which the upgrade is given up.
    #[schemars(range(min = 300, max = 86_400))]
    pub timeout: u32,
}

impl Default for Upgrade {
    fn default() -> Self {
        Self {
            tool: UpgradeTool::ClickOdoo,
            timeout: 7200,
        }
    }
}

/// The tool that updates modules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum UpgradeTool {
    /// `click-odoo-update` of the package click-odoo-contrib.
    ClickOdoo,
    /// `odoo -u`.
    Odoo,
}
