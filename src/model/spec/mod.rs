//! The input kinds as Rust types: what each document may say, with the words users read in their editor.
//!
//! One type serves both the documents and the resolved model: a document may leave out what a lower layer sets, the
//! merged value may not. Doc comments here are the descriptions of the JSON Schema.

mod calendar;
mod cluster;
mod environment;
mod platform;
mod policy;
mod release;
mod removal;
mod resilience;
mod tenant;
mod waiver;

pub use calendar::*;
pub use cluster::*;
pub use environment::*;
pub use platform::*;
pub use policy::*;
pub use release::*;
pub use removal::*;
pub use resilience::*;
pub use tenant::*;
pub use waiver::*;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Serialize};

/// What an environment is for; it decides the defaults, the access and the protection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Tier {
    /// A developer's or consultant's place to build; may be lost.
    Development,
    /// Quality assurance: the next release, with masked data.
    Staging,
    /// Training and user acceptance.
    Training,
    /// The company's books.
    Production,
    /// A standby in another failure domain.
    Recovery,
}

impl Tier {
    /// All tiers, weakest protection first.
    pub const ALL: [Tier; 5] = [
        Tier::Development,
        Tier::Staging,
        Tier::Training,
        Tier::Production,
        Tier::Recovery,
    ];

    /// The name as it is written in documents, labels and paths.
    pub fn as_str(self) -> &'static str {
        match self {
            Tier::Development => "development",
            Tier::Staging => "staging",
            Tier::Training => "training",
            Tier::Production => "production",
            Tier::Recovery => "recovery",
        }
    }

    /// Whether the environment holds a company's live books: production and its standby.
    pub fn is_live(self) -> bool {
        matches!(self, Tier::Production | Tier::Recovery)
    }
}

/// Defaults for environments, by tier; `every` applies to all tiers and a tier's own entry wins over it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Defaults {
    /// For environments of every tier.
    pub every: Layer,
    /// For development environments.
    pub development: Layer,
    /// For staging environments.
    pub staging: Layer,
    /// For training environments.
    pub training: Layer,
    /// For production environments.
    pub production: Layer,
    /// For recovery environments.
    pub recovery: Layer,
}

/// Part of an environment's settings: the fields of `Environment.spec` that are not its identity, all optional.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Layer(pub serde_json::Map<String, serde_json::Value>);

impl JsonSchema for Layer {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "EnvironmentSettings".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut schema = EnvironmentSpec::json_schema(generator);
        schema.remove("required");
        schema.insert("description".into(), "Settings of environments, all optional.".into());
        if let Some(properties) = schema.get_mut("properties").and_then(|value| value.as_object_mut()) {
            for identity in EnvironmentSpec::IDENTITY {
                properties.remove(*identity);
            }
        }
        schema
    }
}

/// Removes `required` from a section: every field of it may come from another layer of the defaults chain.
pub(crate) fn layered(schema: &mut Schema) {
    schema.remove("required");
}
