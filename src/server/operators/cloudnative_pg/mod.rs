//! What the webhooks of CloudNativePG refuse, version 1.30.
//!
//! The paths and the words are the webhook's own, also where its paths are not those of the fields.

mod backups;
mod bootstrap;
mod changes;
mod cluster;
mod databases;
mod pages;
mod parameters;
mod pods;
mod replication;
mod storage;

use serde_json::Value;

pub(in crate::server) use backups::RULES as BACKUPS;
pub(in crate::server) use cluster::RULES as CLUSTER;
pub(in crate::server) use databases::RULES as DATABASES;

use super::read::annotation;

/// The API group of the operator.
const GROUP: &str = "postgresql.cnpg.io";
/// Whose code refuses it.
const BY: &str = "CloudNativePG webhook";

/// Whether an annotation switches the webhook off for this object.
fn is_unchecked(object: &Value) -> bool {
    annotation(object, "cnpg.io/validation") == Some("disabled")
}
