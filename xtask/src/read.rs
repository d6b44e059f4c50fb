//! Reads one OpenAPI document: which kinds it has paths for, and the fields of its types.
//!
//! A shape is written as Go would: `string`, `[]core.v1.Container`, `map[]quantity`.

use serde_json::{Map, Value};

use crate::Union;

/// Types that are no objects with fields, and what they are written as.
const SCALARS: &[(&str, &str)] = &[
    ("apimachinery.pkg.api.resource.Quantity", "quantity"),
    ("apimachinery.pkg.util.intstr.IntOrString", "int-or-string"),
    ("apimachinery.pkg.apis.meta.v1.Time", "time"),
    ("apimachinery.pkg.apis.meta.v1.MicroTime", "micro-time"),
    ("apimachinery.pkg.apis.meta.v1.FieldsV1", "object"),
    ("apimachinery.pkg.runtime.RawExtension", "object"),
    ("apiextensions-apiserver.pkg.apis.apiextensions.v1.JSON", "any"),
    (
        "apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaPropsOrArray",
        "any",
    ),
    (
        "apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaPropsOrBool",
        "any",
    ),
    (
        "apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaPropsOrStringArray",
        "any",
    ),
];

/// Collects the kinds that can be created.
pub fn kinds(document: &Value, minor: u32, union: &mut Union) {
    let paths = document["paths"].as_object().into_iter().flatten();
    for (path, operations) in paths {
        let segments: Vec<&str> = path.trim_matches('/').split('/').collect();
        // `api/v1/…` or `apis/apps/v1/…`, then perhaps a namespace, then the plural; longer paths are subresources.
        let group = if segments[0] == "api" { 2 } else { 3 };
        let (namespaced, plural) = match segments.get(group..) {
            Some([plural]) => (false, plural),
            Some(["namespaces", "{namespace}", plural]) => (true, plural),
            _ => continue,
        };
        let Some(about) = operations["post"].get("x-kubernetes-group-version-kind") else {
            continue;
        };
        let text = |key: &str| about[key].as_str().unwrap_or_default();
        let version = match text("group") {
            "" => text("version").to_owned(),
            group => format!("{group}/{}", text("version")),
        };
        let schema = &operations["post"]["requestBody"]["content"]["*/*"]["schema"];
        let Some(name) = reference(schema) else { continue };
        let scope = if namespaced { "namespaced" } else { "cluster" };
        let row = format!("{version} {} {plural} {scope} {name}", text("kind"));
        union.kinds.entry(row).or_default().push(minor);
    }
}

/// Collects the types and their fields.
pub fn types(document: &Value, minor: u32, union: &mut Union) {
    let schemas = document["components"]["schemas"].as_object().into_iter().flatten();
    for (name, schema) in schemas {
        let name = short(name);
        if SCALARS.iter().any(|(known, _)| *known == name) {
            continue;
        }
        let atomic = schema["x-kubernetes-map-type"] == "atomic";
        let row = if atomic {
            format!("{name} atomic")
        } else {
            name.to_owned()
        };
        let of = union.types.entry(row).or_default();
        // A type is in the document of each group that uses it, and the same in all.
        if of.minors.last() == Some(&minor) {
            continue;
        }
        of.minors.push(minor);
        let required = schema["required"].as_array().cloned().unwrap_or_default();
        for (name, property) in schema["properties"].as_object().into_iter().flatten() {
            let field = of.fields.entry(name.clone()).or_default();
            field.is_required = required.iter().any(|required| required == name);
            let row = shape(property) + &extras(property);
            field.shapes.entry(row).or_default().push(minor);
        }
    }
}

/// What a value of the schema is.
fn shape(schema: &Value) -> String {
    if let Some(name) = reference(schema) {
        let scalar = SCALARS.iter().find(|(known, _)| *known == name);
        return scalar.map_or(name, |(_, written)| written).to_owned();
    }
    let format = schema["format"].as_str().unwrap_or_default();
    match (schema["type"].as_str().unwrap_or_default(), format) {
        ("array", _) => format!("[]{}", shape(&schema["items"])),
        ("object", _) if schema.get("additionalProperties").is_some() => {
            format!("map[]{}", shape(&schema["additionalProperties"]))
        }
        ("string", "byte") => "bytes".to_owned(),
        ("integer", "") => "int64".to_owned(),
        ("integer", format) => format.to_owned(),
        ("number", _) => "double".to_owned(),
        ("", _) => "any".to_owned(),
        (plain, _) => plain.to_owned(),
    }
}

/// Keys of a list, that it is a set, and a default that is not just the zero of its type.
fn extras(schema: &Value) -> String {
    let mut extras = String::new();
    match schema["x-kubernetes-list-type"].as_str() {
        Some("set") => extras.push_str(" set"),
        Some("map") => {
            let keys = schema["x-kubernetes-list-map-keys"].as_array().into_iter().flatten();
            let keys: Vec<&str> = keys.filter_map(Value::as_str).collect();
            extras.push_str(&format!(" keys={}", keys.join(",")));
        }
        _ => {}
    }
    if schema["x-kubernetes-map-type"] == "atomic" {
        extras.push_str(" atomic");
    }
    let zeros = [Value::Null, "".into(), 0.into(), false.into(), Map::new().into()];
    if !zeros.contains(&schema["default"]) {
        extras.push_str(&format!(" default={}", schema["default"].to_string().replace(' ', "")));
    }
    extras
}

/// The type that a schema refers to, directly or to add something to it.
fn reference(schema: &Value) -> Option<&str> {
    let reference = schema.get("$ref").unwrap_or(&schema["allOf"][0]["$ref"]).as_str()?;
    Some(short(reference.rsplit('/').next()?))
}

fn short(name: &str) -> &str {
    let name = name.strip_prefix("io.k8s.").unwrap_or(name);
    name.strip_prefix("api.").unwrap_or(name)
}
