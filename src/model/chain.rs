//! The defaults chain: layers of settings, merged from the weakest to the strongest, and the way back from a value to
//! the line that set it.
//!
//! Nothing is recorded while merging. A layer is a place in a document; asked for the origin of a value, the chain
//! looks for the strongest layer that has it. A million values thus cost nothing until somebody asks.

use serde_json::{Map, Value};

use super::spec::Tier;
use crate::diagnostic::Location;
use crate::workspace::Document;

/// The path of the documents that formwork brings itself; no user can open it.
pub const BUILT_IN: &str = "<built-in>";

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq)]
pub struct Origin {
    /// The line that set it.
    pub location: Location,
    /// Which layer that is: `environment`, `tenant`, `built-in profile of production` …
    pub layer: String,
}

/// One layer: an object inside a document.
#[derive(Debug, Clone)]
struct Layer {
    document: Document,
    pointer: String,
    name: String,
}

impl Layer {
    fn value(&self) -> Option<&Value> {
        self.document.value.pointer(&self.pointer)
    }
}

/// The layers of one environment, weakest first.
#[derive(Debug, Clone, Default)]
pub struct Origins {
    layers: Vec<Layer>,
}

impl Origins {
    /// Adds `spec.defaults.every` and `spec.defaults.<tier>` of a document as the strongest layers so far.
    pub(super) fn push_defaults(&mut self, document: &Document, tier: Tier, name: &str) {
        for key in ["every", tier.as_str()] {
            self.push(document, format!("/spec/defaults/{key}"), format!("{name}, {key}"));
        }
    }

    /// Adds an object of a document as the strongest layer so far; an absent object adds nothing.
    pub(super) fn push(&mut self, document: &Document, pointer: String, name: String) {
        let layer = Layer {
            document: document.clone(),
            pointer,
            name,
        };
        if layer.value().is_some() {
            self.layers.push(layer);
        }
    }

    /// Adds layers above these.
    pub(super) fn append(&mut self, stronger: Origins) {
        self.layers.extend(stronger.layers);
    }

    /// The name in the document of the strongest layer, which is the environment's own.
    pub(super) fn home(&self) -> Location {
        let document = self.layers.last().map(|layer| &layer.document);
        document.map_or_else(Location::default, |document| document.locate("/metadata/name"))
    }

    /// The document of the strongest layer.
    pub(super) fn strongest(&self) -> Option<&Document> {
        self.layers.last().map(|layer| &layer.document)
    }

    /// Whether some layer sets a value; what is not set is derived, or absent.
    pub fn sets(&self, pointer: &str) -> bool {
        self.value(pointer).is_some()
    }

    /// The strongest value at a JSON pointer, without merging.
    pub(super) fn value(&self, pointer: &str) -> Option<&Value> {
        self.layers
            .iter()
            .rev()
            .find_map(|layer| layer.value()?.pointer(pointer))
    }

    /// Merges the layers: objects field by field, everything else whole.
    pub(super) fn merged(&self) -> Value {
        let mut merged = Value::Object(Map::new());
        for value in self.layers.iter().filter_map(Layer::value) {
            merge(&mut merged, value);
        }
        merged
    }

    /// Where the value at a JSON pointer (below `spec`) comes from. A value that no layer sets is derived or absent;
    /// its origin is then the environment itself, or the deepest parent that some layer sets.
    pub fn of(&self, pointer: &str) -> Origin {
        match self.setter(pointer) {
            Some((layer, pointer)) => Origin {
                location: layer.document.locate(&pointer),
                layer: layer.name.clone(),
            },
            None => Origin {
                location: Location::default(),
                layer: "derived".into(),
            },
        }
    }

    /// Where the key at a JSON pointer (below `spec`) is written.
    pub(super) fn key(&self, pointer: &str) -> Location {
        let setter = self.setter(pointer);
        setter.map_or_else(Location::default, |(layer, pointer)| {
            layer.document.locate_key(&pointer)
        })
    }

    /// The strongest layer that sets a value, or the deepest of its parents; with the pointer inside its document.
    fn setter(&self, pointer: &str) -> Option<(&Layer, String)> {
        let mut pointer = pointer;
        loop {
            let sets = |layer: &&Layer| layer.value().and_then(|value| value.pointer(pointer)).is_some();
            if let Some(layer) = self.layers.iter().rev().find(sets) {
                return Some((layer, format!("{}{pointer}", layer.pointer)));
            }
            pointer = pointer.rsplit_once('/')?.0;
        }
    }
}

impl Origins {
    /// Every setting with its value and its origin, by JSON pointer below `spec`.
    pub fn settings(&self) -> Vec<(String, Value, Origin)> {
        let mut pointers = Vec::new();
        leaves(&self.merged(), String::new(), &mut pointers);
        pointers
            .into_iter()
            .map(|(pointer, value)| (pointer.clone(), value, self.of(&pointer)))
            .collect()
    }
}

/// Collects everything that is not a non-empty object; lists are set whole.
fn leaves(value: &Value, pointer: String, found: &mut Vec<(String, Value)>) {
    match value {
        Value::Object(map) if !map.is_empty() => {
            for (key, value) in map {
                leaves(
                    value,
                    format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1")),
                    found,
                );
            }
        }
        value => found.push((pointer, value.clone())),
    }
}

/// Merges `from` into `into`: objects field by field, everything else whole.
fn merge(into: &mut Value, from: &Value) {
    match (into, from) {
        (Value::Object(into), Value::Object(from)) => {
            for (key, value) in from {
                merge(into.entry(key.as_str()).or_insert(Value::Null), value);
            }
        }
        (into, from) => *into = from.clone(),
    }
}
