//! `formwork schema`: JSON Schema of the inputs.

use super::{CLEAN, UNUSABLE, output, say};
use crate::model::{KINDS, schema_of, workspace_schema};

pub(super) fn run(kind: Option<&str>) -> u8 {
    let schema = match kind {
        None => workspace_schema(),
        Some(kind) => match schema_of(kind) {
            Some(schema) => schema,
            None => {
                let names: Vec<&str> = KINDS.iter().map(|kind| kind.name).collect();
                say(format!("there is no kind `{kind}`; known are {}", names.join(", ")));
                return UNUSABLE;
            }
        },
    };
    output(&text(&schema));
    CLEAN
}

/// The schema as it is committed: indented, with a final newline.
pub(super) fn text(schema: &serde_json::Value) -> String {
    format!("{schema:#}\n")
}
