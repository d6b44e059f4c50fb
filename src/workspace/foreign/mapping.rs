//! A mapping that is being read, and what `<<` brings into it.
//!
//! What tools disagree about, a `<<` below a field that it also sets, is refused.

use std::collections::BTreeSet;
use std::ops::Range;

use serde_json::{Map, Value};

use super::super::refusal;
use crate::diagnostic::Finding;

/// An open mapping.
#[derive(Default)]
pub(super) struct Mapping {
    pub(super) start: usize,
    pub(super) entries: Map<String, Value>,
    pub(super) slot: Slot,
    /// The keys that `<<` brought, which may be written once more; nothing without `<<`.
    pub(super) merged: Option<BTreeSet<String>>,
}

/// What comes next in a mapping.
#[derive(Default)]
pub(super) enum Slot {
    #[default]
    Key,
    Value(String),
    /// The fields of other mappings.
    Merge(Range<usize>),
    /// The value of a key that was refused.
    Refused,
}

impl Mapping {
    /// Takes over the fields of a mapping, or of several of which the first says most.
    pub(super) fn merge(&mut self, value: Value) -> Result<(), Box<Finding>> {
        let sources = match value {
            Value::Object(fields) => vec![fields],
            Value::Array(items) => {
                let fields = items.into_iter().map(|item| match item {
                    Value::Object(fields) => Ok(fields),
                    _ => Err(Box::new(refusal::merge_of_no_mapping())),
                });
                fields.collect::<Result<_, _>>()?
            }
            _ => return Err(Box::new(refusal::merge_of_no_mapping())),
        };
        let merged = self.merged.get_or_insert_default();
        for (key, value) in sources.into_iter().flatten() {
            match self.entries.get(&key) {
                // What stands above `<<` is overwritten by some tools and kept by others.
                Some(known) if !merged.contains(&key) && *known != value => {
                    return Err(Box::new(refusal::merge_after(&key)));
                }
                Some(_) => {}
                None => {
                    merged.insert(key.clone());
                    self.entries.insert(key, value);
                }
            }
        }
        Ok(())
    }
}

/// Takes the weight of a value off what is left; nothing when that is too little.
pub(super) fn weigh(value: &Value, left: usize) -> Option<usize> {
    let left = left.checked_sub(16)?;
    match value {
        Value::String(text) => left.checked_sub(text.len()),
        Value::Array(items) => items.iter().try_fold(left, |left, item| weigh(item, left)),
        Value::Object(fields) => fields
            .iter()
            .try_fold(left, |left, (key, value)| weigh(value, left.checked_sub(key.len())?)),
        _ => Some(left),
    }
}
