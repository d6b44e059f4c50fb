//! `kind: Platform`: the whole workspace.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{AddOn, Defaults, Groups, WaiverDays};
use crate::text::{Image, Name, Url};

/// The whole workspace: where it is kept, what it trusts, which versions it runs. There is exactly one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PlatformSpec {
    /// The git repository that holds `generated/`.
    pub repository: Repository,
    /// What image references may begin with, `registry.example.com/erp/`.
    #[schemars(length(min = 1))]
    pub registries: Vec<String>,
    /// Images that the platform brings itself.
    pub images: PlatformImages,
    /// The pinned chart of each add-on.
    pub charts: BTreeMap<AddOn, Chart>,
    /// Identity-provider groups of the personas, on every environment.
    #[serde(default)]
    pub groups: Groups,
    /// Where secrets lie in the stores; tenant, environment and purpose follow.
    #[serde(default = "tenants")]
    pub secret_prefix: String,
    /// Where runbooks are read: the address of `generated/runbooks/` for people.
    pub runbooks: Url,
    /// Who must have signed which images.
    #[serde(default)]
    pub image_signatures: Vec<ImageSignature>,
    /// How many days a waiver may still count, by the level of what it waives.
    #[serde(default)]
    pub waiver_days: WaiverDays,
    /// Defaults of all environments.
    #[serde(default)]
    pub defaults: Defaults,
}

fn tenants() -> String {
    "tenants".into()
}

/// The git repository that holds `generated/`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Repository {
    /// Its address.
    pub url: Url,
    /// The branch that is delivered.
    #[serde(default = "main")]
    pub branch: String,
    /// The secret in Flux's namespace with the credentials of a private repository. Argo CD finds its own by the address.
    #[serde(default)]
    pub secret: Option<Name>,
    /// The folder of the output inside it.
    #[serde(default = "generated")]
    pub path: String,
}

fn main() -> String {
    "main".into()
}

fn generated() -> String {
    "generated".into()
}

/// Images that the platform brings itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PlatformImages {
    /// PostgreSQL by major version, quoted: `"17"`.
    pub postgresql: BTreeMap<String, Image>,
    /// Valkey.
    pub valkey: Image,
    /// The Prometheus exporter of Valkey.
    pub valkey_exporter: Image,
}

/// A pinned chart.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Chart {
    /// Address of the chart repository.
    pub repository: Url,
    /// Name of the chart.
    pub chart: Name,
    /// Exact version, quoted.
    #[schemars(regex(pattern = r"^v?[0-9]+\.[0-9]+\.[0-9]+([-+].*)?$"))]
    pub version: String,
    /// Values merged over the platform's own.
    #[serde(default)]
    pub values: Map<String, Value>,
}

/// Who must have signed which images.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ImageSignature {
    /// Name of the ClusterImagePolicy.
    pub name: Name,
    /// Images it covers, as globs.
    #[schemars(length(min = 1))]
    pub images: Vec<String>,
    /// The identity that signs them; absent, the images are trusted by their digest alone.
    #[serde(default)]
    pub signer: Option<Signer>,
}

/// A keyless signing identity.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Signer {
    /// The OpenID issuer.
    pub issuer: Url,
    /// The subject, as a regular expression anchored at both ends.
    #[schemars(regex(pattern = r"^\^.*\$$"))]
    pub subject: String,
}
