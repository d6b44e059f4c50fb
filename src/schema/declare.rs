//! The types that expressions see: the objects of one kind, or of several that one policy matches, field by field.
//!
//! Types are those that the server's checker of admission policies derives, but for what it cannot know or gets wrong:
//! quantities are texts, and what has no schema, and dates and bytes, which the server's evaluator sees as texts, may
//! be used as anything. Of several kinds a field is known if one of them has it, since policies branch by kind. So
//! what works in the cluster is rarely refused here, and what no kind has is.

use std::collections::{BTreeMap, BTreeSet};

use super::node::{Node, Schema, Type};
use super::{Kind, Schemas};
use crate::cel::{self, Declarations};

/// Declares the objects of some kinds.
pub(super) fn objects(schemas: &Schemas, kinds: &[&Kind], declarations: Declarations) -> (Declarations, cel::Type) {
    let mut types = Types {
        schemas,
        declarations,
        names: BTreeMap::new(),
    };
    let name = match kinds {
        [kind] => &*kind.kind,
        _ => "Object",
    };
    let of = types.of(name, kinds.iter().map(|kind| kind.schema).collect());
    (types.declarations, of)
}

struct Types<'s> {
    schemas: &'s Schemas,
    declarations: Declarations,
    /// The objects that are declared, or about to be, by what they may be.
    names: BTreeMap<BTreeSet<Node>, String>,
}

impl Types<'_> {
    /// The type of what may be any of some schemas, and is found at a path.
    fn of(&mut self, path: &str, mut nodes: BTreeSet<Node>) -> cel::Type {
        // Policies join the lists of containers, so all containers have one type.
        if self.schemas.containers.iter().any(|node| nodes.contains(node)) {
            nodes.extend(&self.schemas.containers);
        }
        let all: Vec<&Schema> = nodes.iter().map(|node| self.schemas.get(*node)).collect();
        let Some(first) = all
            .first()
            .filter(|first| all.iter().all(|schema| schema.of == first.of))
        else {
            return cel::Type::Dyn;
        };
        match first.of {
            Type::Object => self.object(path, nodes, &all),
            Type::Array => match all.iter().map(|schema| schema.items).collect() {
                Some(items) => cel::Type::list(self.of(path, items)),
                None => cel::Type::Dyn,
            },
            Type::String if all.iter().any(|schema| !is_text(&schema.format)) => cel::Type::Dyn,
            Type::String => cel::Type::String,
            Type::Integer => cel::Type::Int,
            Type::Number => cel::Type::Double,
            Type::Boolean => cel::Type::Bool,
            Type::Any | Type::IntOrString => cel::Type::Dyn,
        }
    }

    fn object(&mut self, path: &str, nodes: BTreeSet<Node>, all: &[&Schema]) -> cel::Type {
        if let Some(values) = all.iter().map(|schema| schema.values).collect() {
            return cel::Type::map(cel::Type::String, self.of(path, values));
        }
        let is_unknown = |schema: &&Schema| schema.values.is_some() || schema.is_open || schema.fields.is_empty();
        if all.iter().any(is_unknown) {
            return cel::Type::Dyn;
        }
        if let Some(name) = self.names.get(&nodes) {
            return cel::Type::object(name);
        }
        self.names.insert(nodes, path.to_owned());
        let minor = self.schemas.minor;
        let mut known: BTreeMap<&str, BTreeSet<Node>> = BTreeMap::new();
        for field in all.iter().flat_map(|schema| &schema.fields) {
            if (field.since..=field.until).contains(&minor) {
                known.entry(&field.name).or_default().insert(field.schema);
            }
        }
        let mut fields: Vec<(String, cel::Type)> = Vec::new();
        for (name, nodes) in known {
            let of = self.of(&format!("{path}.{name}"), nodes);
            let escaped = escaped(name);
            // The server's checker knows the one name, its evaluator of admission policies the other.
            if escaped != name {
                fields.push((escaped, of.clone()));
            }
            fields.push((name.to_owned(), of));
        }
        let fields = fields.iter().map(|(name, of)| (name.as_str(), of.clone()));
        self.declarations = std::mem::take(&mut self.declarations).object(path, fields);
        cel::Type::object(path)
    }
}

/// Tells whether a text of the format is one for expressions.
fn is_text(format: &str) -> bool {
    !["byte", "date", "date-time", "micro-time", "duration"].contains(&format)
}

/// The name of a field as expressions have it.
pub(super) fn escaped(name: &str) -> String {
    if cel::is_word(name) {
        return format!("__{name}__");
    }
    let name = name.replace("__", "__underscores__").replace('.', "__dot__");
    name.replace('-', "__dash__").replace('/', "__slash__")
}
