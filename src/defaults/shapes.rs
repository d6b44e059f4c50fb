//! The Go types of built-in kinds, as the table `shapes.txt` has them.
//!
//! The table is read once; a type that is missing in it is left as it came.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde_json::Value;

use super::constants::CONSTANTS;
use super::rules::{RULES, Rule};

/// All types of the table.
pub(super) static SHAPES: LazyLock<Shapes> = LazyLock::new(|| Shapes::read(include_str!("shapes.txt")));

/// The types by their names, and the kinds among them.
pub(super) struct Shapes {
    kinds: BTreeMap<(&'static str, &'static str), &'static str>,
    types: BTreeMap<&'static str, Shape>,
}

/// A struct of Go.
#[derive(Default)]
pub(super) struct Shape {
    /// Its fields, sorted by name.
    fields: Vec<Field>,
    /// What its fields are when the manifest does not say.
    pub(super) defaults: Vec<(&'static str, Value)>,
    /// What depends on more than one field.
    pub(super) rule: Option<Rule>,
}

/// A field of a struct.
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) class: Class,
    pub(super) written: Written,
}

/// Whether an empty field is written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Written {
    UnlessEmpty,
    WhenGiven,
    Always,
}

/// The type of a field.
#[derive(PartialEq, Eq)]
pub(super) enum Class {
    Text,
    Number,
    Flag,
    Quantity,
    IntOrText,
    Any,
    Struct(&'static str),
    Pointer(Box<Class>),
    List(Box<Class>),
    Map(Box<Class>),
}

impl Shapes {
    /// Returns the type of a kind.
    pub(super) fn of_kind(&self, api_version: &str, kind: &str) -> Option<&Shape> {
        self.of_type(self.kinds.get(&(api_version, kind))?)
    }

    /// Returns the type of a name.
    pub(super) fn of_type(&self, name: &str) -> Option<&Shape> {
        self.types.get(name)
    }

    fn read(table: &'static str) -> Self {
        let mut kinds = BTreeMap::new();
        let mut types: BTreeMap<&str, Shape> = BTreeMap::new();
        let mut current = "";
        for line in table.lines().filter(|line| !line.starts_with('#')) {
            let words: Vec<&str> = line.split_whitespace().collect();
            match *words.as_slice() {
                ["=", api_version, kind, name] => {
                    kinds.insert((api_version, kind), name);
                }
                [name] => {
                    current = name;
                    types.entry(name).or_default();
                }
                [field, class] => types.entry(current).or_default().fields.push(Field::read(field, class)),
                _ => {}
            }
        }
        for (name, shape) in &mut types {
            shape.fields.sort_by_key(|field| field.name);
            let constants = CONSTANTS.iter().filter(|(of, ..)| of == name);
            shape.defaults = constants.map(|(_, field, value)| (*field, value.to_json())).collect();
            shape.rule = RULES.iter().find(|(of, _)| of == name).map(|(_, rule)| *rule);
        }
        Self { kinds, types }
    }
}

impl Shape {
    /// Returns a field by its name.
    pub(super) fn field(&self, name: &str) -> Option<&Field> {
        let place = self.fields.binary_search_by(|field| field.name.cmp(name)).ok()?;
        self.fields.get(place)
    }

    /// Returns the fields that are written whether they were given or not.
    pub(super) fn always(&self) -> impl Iterator<Item = &Field> {
        let written = |field: &&Field| field.written == Written::Always;
        self.fields.iter().filter(written)
    }

    /// Tells whether a value of a field keeps its default away, which an empty one does only behind a pointer.
    pub(super) fn is_set(&self, name: &str, value: &Value) -> bool {
        self.field(name)
            .is_none_or(|field| !super::is_empty(value, &field.class))
    }
}

impl Field {
    /// Tells whether a value of the field is written.
    pub(super) fn is_written(&self, value: &Value) -> bool {
        self.written != Written::UnlessEmpty || !super::is_empty(value, &self.class)
    }

    fn read(name: &'static str, class: &'static str) -> Self {
        let class = Class::read(class);
        let (name, written) = match (name.strip_suffix('!'), name.strip_suffix('=')) {
            (Some(name), _) => (name, Written::Always),
            (_, Some(name)) => (name, Written::WhenGiven),
            // Go has no empty struct, so it never leaves one out.
            _ if matches!(class, Class::Struct(_)) => (name, Written::Always),
            _ => (name, Written::UnlessEmpty),
        };
        Self { name, class, written }
    }
}

impl Class {
    fn read(text: &'static str) -> Self {
        if let Some(inner) = text.strip_prefix('*') {
            return Self::Pointer(Box::new(Self::read(inner)));
        }
        if let Some(inner) = text.strip_prefix("[]") {
            return Self::List(Box::new(Self::read(inner)));
        }
        if let Some(inner) = text.strip_prefix("{}") {
            return Self::Map(Box::new(Self::read(inner)));
        }
        match text {
            "string" | "bytes" => Self::Text,
            "int" | "uint" | "float" => Self::Number,
            "bool" => Self::Flag,
            "quantity" => Self::Quantity,
            "intstr" => Self::IntOrText,
            "any" | "time" | "microtime" | "duration" => Self::Any,
            name => Self::Struct(name),
        }
    }
}

#[cfg(test)]
impl Shapes {
    /// Returns all kinds.
    pub(super) fn kinds(&self) -> Vec<(&'static str, &'static str)> {
        self.kinds.keys().copied().collect()
    }

    /// Returns the types that are named and not there.
    pub(super) fn undefined(&self) -> Vec<&'static str> {
        fn named(class: &Class) -> Option<&'static str> {
            match class {
                Class::Struct(name) => Some(name),
                Class::Pointer(inner) | Class::List(inner) | Class::Map(inner) => named(inner),
                _ => None,
            }
        }
        let fields = self.types.values().flat_map(|shape| &shape.fields);
        let names = fields
            .filter_map(|field| named(&field.class))
            .chain(self.kinds.values().copied());
        names.filter(|name| !self.types.contains_key(name)).collect()
    }
}
