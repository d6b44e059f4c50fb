//! The built-in kinds of one version of Kubernetes, from `kubernetes.txt`.
//!
//! The data is read once for each [`Schemas`](super::Schemas); every type is one node, whoever uses it.

use std::collections::BTreeMap;

use super::Kind;
use super::facts::FACTS;
use super::node::{Field, Identity, Limits, Node, Nodes, Schema, Text, Type};

/// Kinds, types and fields, one a line; `xtask` writes it and says how.
const DATA: &str = include_str!("kubernetes.txt");

/// Types that the room knows by name: of `metadata`, and of containers.
const NAMED: [&str; 3] = [
    "apimachinery.pkg.apis.meta.v1.ObjectMeta",
    "core.v1.Container",
    "core.v1.EphemeralContainer",
];

/// Reads the kinds of all versions and the types of one; and says which nodes the named types have.
pub(super) fn load(minor: u32, nodes: &mut Nodes) -> (Vec<Kind>, [Node; 3]) {
    let mut reader = Reader {
        minor,
        nodes,
        types: BTreeMap::new(),
        shapes: BTreeMap::new(),
    };
    let mut kinds = Vec::new();
    let mut current: Option<(&'static str, Node, Schema)> = None;
    for line in DATA.lines() {
        let mut words = line.split(' ');
        match words.next() {
            Some("kind") => kinds.extend(reader.kind(words)),
            Some("type") => {
                reader.finish(current.take());
                current = reader.begin(words);
            }
            Some("") => {
                if let Some((name, _, schema)) = &mut current {
                    reader.field(name, schema, words);
                }
            }
            _ => {}
        }
    }
    reader.finish(current);
    (kinds, NAMED.map(|name| reader.named(name)))
}

/// What is known while reading.
struct Reader<'n> {
    minor: u32,
    nodes: &'n mut Nodes,
    /// The node of each type, also of those that come later.
    types: BTreeMap<&'static str, Node>,
    /// The node of each other shape, with its extras.
    shapes: BTreeMap<String, Node>,
}

type Words = std::str::Split<'static, char>;

impl Reader<'_> {
    /// `apps/v1 Deployment deployments namespaced apps.v1.Deployment`.
    fn kind(&mut self, mut words: Words) -> Option<Kind> {
        let (api_version, kind) = (words.next()?, words.next()?);
        let (plural, scope, name) = (words.next()?, words.next()?, words.next()?);
        let (since, until) = range(words);
        Some(Kind {
            api_version: api_version.into(),
            kind: kind.into(),
            plural: plural.into(),
            is_namespaced: scope == "namespaced",
            is_custom: false,
            since,
            until,
            schema: self.named(name),
            replicas: None,
            is_shared: false,
        })
    }

    /// `core.v1.SecretKeySelector atomic since=34`.
    fn begin(&mut self, mut words: Words) -> Option<(&'static str, Node, Schema)> {
        let name = words.next()?;
        let is_atomic = words.clone().any(|word| word == "atomic");
        let (since, until) = range(words);
        if !(since..=until).contains(&self.minor) {
            return None;
        }
        let schema = Schema {
            of: Type::Object,
            is_native: true,
            is_atomic,
            ..Schema::default()
        };
        Some((name, self.named(name), schema))
    }

    /// `ports []core.v1.ContainerPort required keys=containerPort,protocol since=34`.
    fn field(&mut self, of: &'static str, schema: &mut Schema, mut words: Words) {
        let (Some(name), Some(shape)) = (words.next(), words.next()) else {
            return;
        };
        let (since, until) = range(words.clone());
        let field = Field {
            name: name.into(),
            schema: self.shape(shape, words.clone(), FACTS.values(of, name)),
            since,
            until,
        };
        let is_here = (since..=until).contains(&self.minor);
        let is_documented = words.clone().any(|word| word == "required");
        if is_here && FACTS.requires(of, name, is_documented) {
            schema.required.push(name.into());
        }
        match schema.fields.last_mut().filter(|last| last.name == name) {
            // Of two variants of a field, the one of this version counts.
            Some(last) if is_here => *last = field,
            Some(_) => {}
            None => schema.fields.push(field),
        }
    }

    fn finish(&mut self, current: Option<(&'static str, Node, Schema)>) {
        let Some((_, node, mut schema)) = current else { return };
        schema.fields.sort_by(|one, other| one.name.cmp(&other.name));
        self.nodes.set(node, schema);
    }

    /// The node of a type; what was not yet read takes anything until then.
    fn named(&mut self, name: &'static str) -> Node {
        let nodes = &mut *self.nodes;
        *self.types.entry(name).or_insert_with(|| nodes.add(anything()))
    }

    fn shape(&mut self, shape: &'static str, extras: Words, values: &[&'static str]) -> Node {
        if shape.contains('.') && !shape.contains(']') {
            return self.named(shape);
        }
        let is_extra =
            |word: &&str| ["set", "atomic"].contains(word) || word.starts_with("keys=") || word.starts_with("default=");
        let extras: Vec<&'static str> = extras.filter(is_extra).collect();
        let key = format!("{shape} {extras:?} {values:?}");
        if let Some(node) = self.shapes.get(&key) {
            return *node;
        }
        let mut schema = self.read(shape);
        if let Some(item) = shape.strip_prefix("[]").filter(|_| !values.is_empty()) {
            schema.items = Some(self.shape(item, "".split(' '), values));
        } else if !values.is_empty() {
            schema.limits = Some(Box::new(Limits {
                one_of_values: values.iter().map(|value| value.trim_matches('-').into()).collect(),
                ..Limits::default()
            }));
        }
        for extra in extras {
            match extra.split_once('=') {
                Some(("keys", keys)) => schema.identity = Identity::Keys(keys.split(',').map(Text::from).collect()),
                Some((_, default)) => schema.default = serde_json::from_str(default).ok(),
                None if extra == "set" => schema.identity = Identity::Set,
                None => schema.is_atomic = true,
            }
        }
        let node = self.nodes.add(schema);
        self.shapes.insert(key, node);
        node
    }

    fn read(&mut self, shape: &'static str) -> Schema {
        let plain = |of: Type, format: &'static str| Schema {
            of,
            format: format.into(),
            is_native: true,
            ..Schema::default()
        };
        if let Some(item) = shape.strip_prefix("[]") {
            let items = Some(self.shape(item, "".split(' '), &[]));
            return Schema {
                items,
                ..plain(Type::Array, "")
            };
        }
        if let Some(value) = shape.strip_prefix("map[]") {
            let values = Some(self.shape(value, "".split(' '), &[]));
            return Schema {
                values,
                ..plain(Type::Object, "")
            };
        }
        match shape {
            "string" => plain(Type::String, ""),
            "bytes" => plain(Type::String, "byte"),
            "time" => plain(Type::String, "date-time"),
            "micro-time" => plain(Type::String, "micro-time"),
            "quantity" => plain(Type::String, "quantity"),
            "int32" => plain(Type::Integer, "int32"),
            "int64" => plain(Type::Integer, "int64"),
            "double" => plain(Type::Number, "double"),
            "boolean" => plain(Type::Boolean, ""),
            "int-or-string" => plain(Type::IntOrString, ""),
            _ => anything(),
        }
    }
}

fn anything() -> Schema {
    Schema {
        is_native: true,
        is_open: true,
        ..Schema::default()
    }
}

/// `since=34 until=36` among the words of a line.
fn range(words: Words) -> (u32, u32) {
    let mut range = (0, u32::MAX);
    for word in words {
        match word.split_once('=') {
            Some(("since", minor)) => range.0 = minor.parse().unwrap_or(0),
            Some(("until", minor)) => range.1 = minor.parse().unwrap_or(u32::MAX),
            _ => {}
        }
    }
    range
}
