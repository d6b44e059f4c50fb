//! Kinds from CustomResourceDefinitions.
//!
//! Every served version becomes a kind. What the server reads from a schema is read; what it ignores is ignored.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::node::{Field, Identity, Limits, Node, Nodes, Schema, Text, Type};
use super::rule::rules;
use super::{Kind, Schemas};
use crate::diagnostic::{Finding, Level};

/// Reads the kinds of a definition; a document of another kind has none.
pub(super) fn read(document: &Value, schemas: &mut Schemas, findings: &mut Vec<Finding>) -> Vec<Kind> {
    if document["kind"] != "CustomResourceDefinition" {
        return Vec::new();
    }
    let mut refuse = |message: String| {
        let help = "use the definition as its project ships it for `apiextensions.k8s.io/v1`";
        findings.push(Finding::new("unusable-definition", Level::Error, message).help(help));
    };
    let shown = document["metadata"]["name"].as_str().unwrap_or("without name");
    if document["apiVersion"] != "apiextensions.k8s.io/v1" {
        refuse(format!("the definition `{shown}` is not of `apiextensions.k8s.io/v1`"));
        return Vec::new();
    }
    let spec = &document["spec"];
    let texts = (
        &spec["group"],
        &spec["names"]["kind"],
        &spec["names"]["plural"],
        &spec["versions"],
    );
    let (Value::String(group), Value::String(kind), Value::String(plural), Value::Array(versions)) = texts else {
        refuse(format!(
            "the definition `{shown}` lacks its group, its names or its versions"
        ));
        return Vec::new();
    };
    let mut kinds = Vec::new();
    for version in versions.iter().filter(|version| version["served"] != false) {
        let (Some(name), Some(source)) = (
            version["name"].as_str(),
            version["schema"]["openAPIV3Schema"].as_object(),
        ) else {
            refuse(format!(
                "a version of the definition `{shown}` has no name or no schema"
            ));
            continue;
        };
        let metadata = schemas.metadata;
        let mut reader = Reader::new(&mut schemas.nodes);
        let schema = reader.root(source, metadata);
        if let Some(pattern) = reader.bad_pattern {
            refuse(format!(
                "the definition `{shown}` has a pattern that is no regular expression: {pattern}"
            ));
        }
        kinds.push(Kind {
            api_version: format!("{group}/{name}").into(),
            kind: kind.clone().into(),
            plural: plural.clone().into(),
            is_namespaced: spec["scope"] != "Cluster",
            is_custom: true,
            since: 0,
            until: u32::MAX,
            schema,
            replicas: version["subresources"]["scale"]["specReplicasPath"]
                .as_str()
                .map(|path| path.replace('.', "/")),
            is_shared: false,
        });
    }
    kinds
}

/// What is known while reading a schema.
pub(super) struct Reader<'n> {
    nodes: &'n mut Nodes,
    bad_pattern: Option<String>,
}

impl<'n> Reader<'n> {
    pub(super) fn new(nodes: &'n mut Nodes) -> Self {
        Self {
            nodes,
            bad_pattern: None,
        }
    }

    /// The whole object: what every object has, and its own fields.
    pub(super) fn root(&mut self, source: &Map<String, Value>, metadata: Node) -> Node {
        let mut schema = self.schema(source, "");
        schema.is_embedded = true;
        schema.of = Type::Object;
        schema.fields.retain(|field| field.name != "metadata");
        schema.fields.push(field("metadata".to_owned(), metadata));
        for name in ["apiVersion", "kind"] {
            if schema.fields.iter().all(|field| field.name != name) {
                let of = Type::String;
                let text = self.nodes.add(Schema {
                    of,
                    ..Schema::default()
                });
                schema.fields.push(field(name.to_owned(), text));
            }
        }
        schema.fields.sort_by(|one, other| one.name.cmp(&other.name));
        self.nodes.add(schema)
    }

    fn node(&mut self, source: &Value, pointer: &str) -> Node {
        let nothing = Map::new();
        let schema = self.schema(source.as_object().unwrap_or(&nothing), pointer);
        self.nodes.add(schema)
    }

    fn schema(&mut self, source: &Map<String, Value>, pointer: &str) -> Schema {
        let flag = |key: &str| source.get(key) == Some(&Value::Bool(true));
        let word = |key: &str| source.get(key).and_then(Value::as_str).unwrap_or_default();
        let of = match word("type") {
            _ if flag("x-kubernetes-int-or-string") => Type::IntOrString,
            "object" => Type::Object,
            "array" => Type::Array,
            "string" => Type::String,
            "integer" => Type::Integer,
            "number" => Type::Number,
            "boolean" => Type::Boolean,
            _ => Type::Any,
        };
        let mut fields = Vec::new();
        for (name, property) in source
            .get("properties")
            .and_then(Value::as_object)
            .into_iter()
            .flatten()
        {
            let pointer = format!("{pointer}/properties/{}", name.replace('~', "~0").replace('/', "~1"));
            fields.push(field(name.clone(), self.node(property, &pointer)));
        }
        fields.sort_by(|one, other| one.name.cmp(&other.name));
        let values = source.get("additionalProperties").filter(|values| !values.is_boolean());
        let values = values.map(|values| self.node(values, &format!("{pointer}/additionalProperties")));
        let items = source.get("items");
        let items = items.map(|items| self.node(items, &format!("{pointer}/items")));
        let rules = rules(source, pointer);
        let limits = self.limits(source, pointer);
        let all_of = limits.iter().flat_map(|limits| &limits.all_of).copied();
        let mut parts = fields
            .iter()
            .map(|field| field.schema)
            .chain(values)
            .chain(items)
            .chain(all_of);
        let is_ruled = !rules.is_empty() || parts.any(|part| self.nodes.get(part).is_ruled);
        Schema {
            of,
            format: known_format(of, word("format")),
            is_native: false,
            fields,
            required: texts(source.get("required")),
            values,
            is_open: flag("x-kubernetes-preserve-unknown-fields") || flag("additionalProperties"),
            is_embedded: flag("x-kubernetes-embedded-resource"),
            items,
            identity: match word("x-kubernetes-list-type") {
                "set" => Identity::Set,
                "map" => Identity::Keys(texts(source.get("x-kubernetes-list-map-keys"))),
                _ => Identity::Atomic,
            },
            is_atomic: word("x-kubernetes-map-type") == "atomic",
            is_nullable: flag("nullable"),
            default: source.get("default").filter(|default| !default.is_null()).cloned(),
            limits,
            rules,
            is_ruled,
        }
    }

    fn limits(&mut self, source: &Map<String, Value>, pointer: &str) -> Option<Box<Limits>> {
        const KEYS: &[&str] = &[
            "enum",
            "minimum",
            "maximum",
            "multipleOf",
            "minLength",
            "maxLength",
            "minItems",
            "maxItems",
            "minProperties",
            "maxProperties",
            "pattern",
            "allOf",
            "anyOf",
            "oneOf",
            "not",
        ];
        if !KEYS.iter().any(|key| source.contains_key(*key)) {
            return None;
        }
        let flag = |key: &str| source.get(key) == Some(&Value::Bool(true));
        let number = |key: &str| source.get(key).and_then(Value::as_f64);
        let count = |key: &str| source.get(key).and_then(Value::as_u64);
        let pattern = source
            .get("pattern")
            .and_then(Value::as_str)
            .filter(|pattern| !pattern.is_empty());
        let pattern = pattern.map(|pattern| self.nodes.pattern(pattern));
        if let Some(Err(reason)) = pattern.as_ref().map(|expression| &expression.pattern) {
            self.bad_pattern = Some(reason.clone());
        }
        let mut branches = |key: &str| -> Vec<Node> {
            let branches = source.get(key).and_then(Value::as_array).into_iter().flatten();
            let branch = |(index, branch)| self.node(branch, &format!("{pointer}/{key}/{index}"));
            branches.enumerate().map(branch).collect()
        };
        Some(Box::new(Limits {
            one_of_values: source
                .get("enum")
                .and_then(Value::as_array)
                .cloned()
                .unwrap_or_default(),
            minimum: number("minimum").map(|minimum| (minimum, flag("exclusiveMinimum"))),
            maximum: number("maximum").map(|maximum| (maximum, flag("exclusiveMaximum"))),
            multiple_of: number("multipleOf"),
            length: (count("minLength"), count("maxLength")),
            items: (count("minItems"), count("maxItems")),
            fields: (count("minProperties"), count("maxProperties")),
            all_of: branches("allOf"),
            any_of: branches("anyOf"),
            one_of: branches("oneOf"),
            not: source.get("not").map(|not| self.node(not, &format!("{pointer}/not"))),
            pattern,
        }))
    }
}

fn field(name: String, schema: Node) -> Field {
    Field {
        name: name.into(),
        schema,
        since: 0,
        until: u32::MAX,
    }
}

fn texts(list: Option<&Value>) -> Vec<Text> {
    let texts = list.and_then(Value::as_array).into_iter().flatten();
    texts
        .filter_map(Value::as_str)
        .map(|text| Cow::Owned(text.to_owned()))
        .collect()
}

/// The server ignores formats that it does not know for the type.
fn known_format(of: Type, format: &str) -> Text {
    let format = match (of, format) {
        (Type::Integer, "int32" | "int64") | (Type::Number, "float" | "double") => format,
        (Type::String | Type::Any, "date-time" | "datetime") => "date-time",
        (Type::String | Type::Any, format) => format,
        _ => "",
    };
    Cow::Owned(format.to_owned())
}
