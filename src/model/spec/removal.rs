//! Leave to remove what an environment holds.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::text::Date;

/// Leave to remove data. It has to be delivered before the removal, so that the cluster's own tree shows it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DataRemoval {
    /// The last day on which data may be removed.
    pub until: Date,
    /// The objects whose data may go, as `Kind/name` (`PersistentVolumeClaim/filestore`); `*` for the whole environment.
    #[schemars(
        length(min = 1),
        inner(regex(pattern = r"^(\*|[A-Z][A-Za-z]*/[a-z0-9]([-a-z0-9.]*[a-z0-9])?)$"))
    )]
    pub objects: Vec<String>,
    /// Why the data may go, and where its last copy is.
    #[schemars(length(min = 10))]
    pub reason: String,
}
