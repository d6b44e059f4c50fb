//! JSON Schema of the input kinds, for editors and for the first check of every document.
//!
//! Made from the model's own types: a field that is not in the schema cannot be read, and the other way round.

use std::sync::OnceLock;

use jsonschema::Validator;
use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Map, Value, json};

use super::API_VERSION;
use super::spec::*;

/// An input kind: its name, what it is, and how its `spec` is described.
pub struct Kind {
    /// `kind`, as documents write it.
    pub name: &'static str,
    /// One sentence.
    pub summary: &'static str,
    /// Whether its documents judge the workspace instead of describing it.
    pub judges: bool,
    spec: fn(&mut SchemaGenerator) -> Schema,
}

/// All input kinds, by name.
pub const KINDS: &[Kind] = &[
    Kind {
        name: "Calendar",
        summary: "When a company works, closes and wants no change.",
        judges: false,
        spec: subschema::<CalendarSpec>,
    },
    Kind {
        name: "Cluster",
        summary: "One Kubernetes cluster and what it offers.",
        judges: false,
        spec: subschema::<ClusterSpec>,
    },
    Kind {
        name: "Environment",
        summary: "One running Odoo of one tenant.",
        judges: false,
        spec: subschema::<EnvironmentSpec>,
    },
    Kind {
        name: "EnvironmentPolicy",
        summary: "What environments must be.",
        judges: true,
        spec: subschema::<EnvironmentPolicySpec>,
    },
    Kind {
        name: "Platform",
        summary: "The whole workspace.",
        judges: false,
        spec: subschema::<PlatformSpec>,
    },
    Kind {
        name: "PolicyTest",
        summary: "Cases that prove a policy.",
        judges: true,
        spec: subschema::<PolicyTestSpec>,
    },
    Kind {
        name: "Release",
        summary: "An Odoo version as an image with its modules.",
        judges: false,
        spec: subschema::<ReleaseSpec>,
    },
    Kind {
        name: "Resilience",
        summary: "A class of recovery promises.",
        judges: false,
        spec: subschema::<ResilienceSpec>,
    },
    Kind {
        name: "Tenant",
        summary: "A customer or legal entity.",
        judges: false,
        spec: subschema::<TenantSpec>,
    },
    Kind {
        name: "Waiver",
        summary: "A policy that need not hold somewhere, for a reason, until a day.",
        judges: true,
        spec: subschema::<WaiverSpec>,
    },
];

fn subschema<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<T>()
}

/// The schema of one kind's documents; nothing for an unknown kind.
pub fn schema_of(kind: &str) -> Option<Value> {
    let kind = KINDS.iter().find(|known| known.name == kind)?;
    let mut generator = generator();
    let mut schema = document(kind, &mut generator);
    finish(&mut schema, &mut generator);
    Some(schema)
}

/// One schema for every document of a workspace, which chooses by `kind`. Editors read this one.
pub fn workspace_schema() -> Value {
    let mut generator = generator();
    let choices: Vec<Value> = KINDS
        .iter()
        .map(|kind| {
            json!({
                "if": { "properties": { "kind": { "const": kind.name } }, "required": ["kind"] },
                "then": document(kind, &mut generator),
            })
        })
        .collect();
    let names: Vec<&str> = KINDS.iter().map(|kind| kind.name).collect();
    let mut schema = json!({
        "title": "Formwork",
        "description": "A document of a Formwork workspace.",
        "type": "object",
        "required": ["apiVersion", "kind", "metadata", "spec"],
        "properties": { "apiVersion": { "const": API_VERSION }, "kind": { "enum": names } },
        "allOf": choices,
    });
    finish(&mut schema, &mut generator);
    schema
}

fn generator() -> SchemaGenerator {
    SchemaSettings::draft2020_12().into_generator()
}

fn document(kind: &Kind, generator: &mut SchemaGenerator) -> Value {
    json!({
        "title": kind.name,
        "description": kind.summary,
        "type": "object",
        "additionalProperties": false,
        "required": ["apiVersion", "kind", "metadata", "spec"],
        "properties": {
            "apiVersion": { "description": "Version of the input documents.", "const": API_VERSION },
            "kind": { "description": kind.summary, "const": kind.name },
            "metadata": {
                "description": "What the document is called.",
                "type": "object",
                "additionalProperties": false,
                "required": ["name"],
                "properties": {
                    "name": generator.subschema_for::<crate::text::Name>().to_value(),
                    "labels": {
                        "description": "Labels that policies and selections may use.",
                        "type": "object",
                        "additionalProperties": generator.subschema_for::<crate::text::LabelValue>().to_value(),
                    },
                },
            },
            "spec": (kind.spec)(generator).to_value(),
        },
    })
}

/// Adds the definitions and makes the whole plain: no nulls, and enums instead of lists of constants.
fn finish(schema: &mut Value, generator: &mut SchemaGenerator) {
    let definitions: Map<String, Value> = generator.take_definitions(true);
    if let Some(root) = schema.as_object_mut() {
        root.insert("$schema".into(), json!("https://json-schema.org/draft/2020-12/schema"));
        root.insert("$defs".into(), Value::Object(definitions));
    }
    simplify(schema);
    show_defaults(schema);
}

/// Shows what the built-in profile sets for every tier as the defaults of the sections' fields.
fn show_defaults(schema: &mut Value) {
    let profile = super::resolve::built_in();
    let every = profile
        .first()
        .and_then(|document| document.value.pointer("/spec/defaults/every"))
        .and_then(Value::as_object);
    for (section, fields) in every.into_iter().flatten() {
        // `odoo` is described by the definition `Odoo`.
        let name: String = section
            .chars()
            .take(1)
            .flat_map(char::to_uppercase)
            .chain(section.chars().skip(1))
            .collect();
        for (field, value) in fields.as_object().into_iter().flatten() {
            if let Some(Value::Object(described)) = schema.pointer_mut(&format!("/$defs/{name}/properties/{field}")) {
                described.insert("default".into(), value.clone());
            }
        }
    }
}

fn simplify(schema: &mut Value) {
    match schema {
        Value::Object(map) => {
            drop_null(map);
            join_constants(map);
            map.values_mut().for_each(simplify);
        }
        Value::Array(items) => items.iter_mut().for_each(simplify),
        _ => {}
    }
}

/// An absent field is left out, never written as `null`.
fn drop_null(map: &mut Map<String, Value>) {
    if let Some(Value::Array(types)) = map.get_mut("type") {
        types.retain(|name| name != "null");
        if let [only] = types.as_slice() {
            let only = only.clone();
            map.insert("type".into(), only);
        }
    }
    if let Some(Value::Array(choices)) = map.get_mut("anyOf") {
        choices.retain(|choice| choice.get("type") != Some(&json!("null")));
        if let [only] = choices.as_slice() {
            let only = only.clone();
            map.remove("anyOf");
            if let Value::Object(only) = only {
                map.extend(only.into_iter().filter(|(key, _)| key != "description"));
            }
        }
    }
    if map.get("default") == Some(&Value::Null) {
        map.remove("default");
    }
}

/// `oneOf` of described constants becomes an `enum`; the descriptions go to a keyword that editors show.
fn join_constants(map: &mut Map<String, Value>) {
    let Some(Value::Array(choices)) = map.get("oneOf") else {
        return;
    };
    let mut values = Vec::new();
    let mut descriptions = Vec::new();
    for choice in choices {
        match (choice.get("const"), choice.get("enum")) {
            (Some(value), _) => {
                values.push(value.clone());
                descriptions.push(choice.get("description").cloned().unwrap_or_else(|| json!("")));
            }
            (_, Some(Value::Array(several))) => {
                descriptions.extend(several.iter().map(|_| json!("")));
                values.extend(several.iter().cloned());
            }
            _ => return,
        }
    }
    map.remove("oneOf");
    map.insert("type".into(), json!("string"));
    map.insert("enum".into(), Value::Array(values));
    map.insert("markdownEnumDescriptions".into(), Value::Array(descriptions));
}

/// The schema of what policies read: an object with a property for everything that an environment refers to.
pub(super) fn facts() -> Value {
    let mut generator = generator();
    let host = generator.subschema_for::<Vec<crate::text::Host>>().to_value();
    let sizing = generator.subschema_for::<super::Sizing>().to_value();
    let mut properties = Map::new();
    for kind in ["Environment", "Tenant", "Cluster", "Platform", "Release", "Resilience"] {
        let Some(kind) = KINDS.iter().find(|known| known.name == kind) else {
            continue;
        };
        let document = document(kind, &mut generator);
        let mut fields = Map::new();
        for field in ["/metadata/properties/name", "/metadata/properties/labels", "/spec"] {
            let name = field.rsplit('/').next().unwrap_or_default();
            let described = document.pointer(&format!("/properties{field}"));
            fields.insert(name.into(), described.cloned().unwrap_or_default());
        }
        if kind.name == "Environment" {
            fields.insert("namespace".into(), json!({ "type": "string" }));
            fields.insert("hosts".into(), host.clone());
            fields.insert("sizing".into(), sizing.clone());
        }
        properties.insert(
            kind.name.to_lowercase(),
            json!({ "type": "object", "additionalProperties": false, "properties": fields }),
        );
    }
    let mut schema = json!({ "type": "object", "additionalProperties": false, "properties": properties });
    finish(&mut schema, &mut generator);
    forget_required(&mut schema);
    schema
}

/// Lets every field be absent.
fn forget_required(schema: &mut Value) {
    match schema {
        Value::Object(map) => {
            if map.get("required").is_some_and(Value::is_array) {
                map.remove("required");
            }
            map.values_mut().for_each(forget_required);
        }
        Value::Array(items) => items.iter_mut().for_each(forget_required),
        _ => {}
    }
}

/// The compiled schema of a kind; compiled when the first document of the kind is read.
pub(super) fn validator(kind: &str) -> Option<&'static Validator> {
    static VALIDATORS: [OnceLock<Option<Validator>>; KINDS.len()] = [const { OnceLock::new() }; KINDS.len()];
    let index = KINDS.iter().position(|known| known.name == kind)?;
    VALIDATORS
        .get(index)?
        .get_or_init(|| compile(schema_of(kind)?))
        .as_ref()
}

/// The compiled schema of facts; compiled when the first case of a policy is read.
pub(super) fn facts_validator() -> Option<&'static Validator> {
    static VALIDATOR: OnceLock<Option<Validator>> = OnceLock::new();
    VALIDATOR.get_or_init(|| compile(facts())).as_ref()
}

fn compile(mut schema: Value) -> Option<Validator> {
    drop_patterns(&mut schema);
    let mut options = jsonschema::options().should_validate_formats(true);
    for format in crate::text::FORMATS {
        options = options.with_format(format.name, move |text: &str| (format.check)(text).is_ok());
    }
    options.build(&schema).ok()
}

/// A format says what the pattern beside it says, and more; compiling these patterns would take most of the time that
/// a small workspace needs.
fn drop_patterns(schema: &mut Value) {
    match schema {
        Value::Object(map) => {
            if map.get("format").is_some_and(Value::is_string) {
                map.remove("pattern");
            }
            map.values_mut().for_each(drop_patterns);
        }
        Value::Array(items) => items.iter_mut().for_each(drop_patterns),
        _ => {}
    }
}
