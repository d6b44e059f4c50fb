//! What expressions of a policy know, with the server's types.

use std::sync::Arc;

use serde_json::{Value, json};

use super::resources::Resource;
use super::rules::Target;
use super::selector::NAMESPACE_NAME;
use crate::cel::{self, Declarations, Key, Map, Type};

/// The prefix of a variable of the policy.
pub(super) const VARIABLES: &str = "variables.";

/// What is asked for the user, who is known only in the cluster.
pub(super) const USER: &str = "request.userInfo";

/// Declares what every expression knows, as the server does: objects and parameters are anything.
pub(super) fn declarations(params: bool, authorizer: bool) -> Declarations {
    declare(Declarations::new(), Type::Dyn, params.then_some(Type::Dyn), authorizer)
}

/// Declares what every expression knows; parameters and the authorizer only where the server does.
pub(super) fn declare(
    declarations: Declarations,
    object: Type,
    params: Option<Type>,
    authorizer: bool,
) -> Declarations {
    let mut declarations = types(declarations)
        .variable("object", object.clone())
        .variable("oldObject", object)
        .variable("request", Type::object("kubernetes.AdmissionRequest"))
        .variable(USER, Type::object("kubernetes.UserInfo"))
        .variable("namespaceObject", Type::object("kubernetes.Namespace"));
    if let Some(params) = params {
        declarations = declarations.variable("params", params);
    }
    if authorizer {
        declarations = declarations
            .variable("authorizer", Declarations::authorizer())
            .variable("authorizer.requestResource", Declarations::request_resource());
    }
    declarations
}

fn types(declarations: Declarations) -> Declarations {
    let texts = || Type::list(Type::String);
    let map = || Type::map(Type::String, Type::String);
    let kind = || Type::object("kubernetes.GroupVersionKind");
    let resource = || Type::object("kubernetes.GroupVersionResource");
    let named = |last: &'static str| ["group", "version", last].map(|field| (field, Type::String));
    declarations
        .object("kubernetes.GroupVersionKind", named("kind"))
        .object("kubernetes.GroupVersionResource", named("resource"))
        .object(
            "kubernetes.UserInfo",
            [
                ("username", Type::String),
                ("uid", Type::String),
                ("groups", texts()),
                ("extra", Type::map(Type::String, texts())),
            ],
        )
        .object(
            "kubernetes.AdmissionRequest",
            [
                ("kind", kind()),
                ("resource", resource()),
                ("subResource", Type::String),
                ("requestKind", kind()),
                ("requestResource", resource()),
                ("requestSubResource", Type::String),
                ("name", Type::String),
                ("namespace", Type::String),
                ("operation", Type::String),
                ("userInfo", Type::object("kubernetes.UserInfo")),
                ("dryRun", Type::Bool),
                ("options", Type::Dyn),
            ],
        )
        .object(
            "kubernetes.Namespace",
            [
                ("metadata", Type::object("kubernetes.NamespaceMetadata")),
                ("spec", Type::object("kubernetes.NamespaceSpec")),
                ("status", Type::object("kubernetes.NamespaceStatus")),
            ],
        )
        .object("kubernetes.NamespaceSpec", [("finalizers", texts())])
        .object(
            "kubernetes.NamespaceStatus",
            [
                ("conditions", Type::list(Type::object("kubernetes.NamespaceCondition"))),
                ("phase", Type::String),
            ],
        )
        .object(
            "kubernetes.NamespaceCondition",
            [
                ("status", Type::String),
                ("type", Type::String),
                ("lastTransitionTime", Type::Timestamp),
                ("message", Type::String),
                ("reason", Type::String),
            ],
        )
        .object(
            "kubernetes.NamespaceMetadata",
            [
                ("name", Type::String),
                ("generateName", Type::String),
                ("namespace", Type::String),
                ("labels", map()),
                ("annotations", map()),
                ("UID", Type::String),
                ("creationTimestamp", Type::Timestamp),
                ("deletionGracePeriodSeconds", Type::Int),
                ("deletionTimestamp", Type::Timestamp),
                ("generation", Type::Int),
                ("resourceVersion", Type::String),
                ("finalizers", texts()),
            ],
        )
}

/// Returns the type that a variable has for later expressions: the server forgets what it cannot describe.
pub(super) fn remembered(of: &Type) -> Type {
    match of {
        Type::Any
        | Type::Bool
        | Type::Bytes
        | Type::Double
        | Type::Duration
        | Type::Int
        | Type::Null
        | Type::String
        | Type::Timestamp
        | Type::Uint => of.clone(),
        Type::List(item) => Type::list(remembered(item)),
        Type::Map(of) => Type::map(remembered(&of.0), remembered(&of.1)),
        _ => Type::Dyn,
    }
}

/// Returns the value of `request`, matched as a resource that may be another version of its own.
pub(super) fn request(target: &Target<'_>, matched: &Resource) -> Value {
    let kind = |of: &Resource| json!({"group": of.group, "version": of.version, "kind": of.kind});
    let resource = |of: &Resource| json!({"group": of.group, "version": of.version, "resource": of.plural});
    let mut request = json!({
        "kind": kind(matched),
        "resource": resource(matched),
        "requestKind": kind(target.resource),
        "requestResource": resource(target.resource),
        "operation": target.operation.name(),
        "dryRun": false,
        "options": {"apiVersion": "meta.k8s.io/v1", "kind": target.operation.options()},
    });
    // The server leaves out what is empty.
    for (field, text) in [("name", target.name), ("namespace", target.namespace)] {
        if !text.is_empty() {
            set(&mut request, field, text.into());
        }
    }
    request
}

/// Returns the value of `namespaceObject`: what a cluster shows of the namespace, as far as it is known here.
pub(super) fn namespace_object(target: &Target<'_>, namespace: Option<&Value>) -> cel::Value {
    if target.namespace.is_empty() || target.is_namespace() {
        return cel::Value::Null;
    }
    let text = |text: &str| cel::Value::text(text);
    let given = namespace.and_then(|namespace| namespace.get("metadata"));
    let given = |field: &str| given.and_then(|given| given.get(field)).map(cel::Value::from);
    let mut labels = match given("labels") {
        Some(cel::Value::Map(labels)) => (*labels).clone(),
        _ => Map::default(),
    };
    labels.replace(key(NAMESPACE_NAME), text(target.namespace));
    let mut metadata = Map::default();
    for field in ["generateName", "annotations", "generation", "finalizers"] {
        if let Some(value) = given(field) {
            metadata.replace(key(field), value);
        }
    }
    metadata.replace(key("labels"), cel::Value::Map(Arc::new(labels)));
    metadata.replace(key("name"), text(target.namespace));
    object([
        ("metadata", cel::Value::Map(Arc::new(metadata))),
        (
            "spec",
            object([("finalizers", cel::Value::list(vec![text("kubernetes")]))]),
        ),
        ("status", object([("phase", text("Active"))])),
    ])
}

fn key(name: &str) -> Key {
    Key::String(name.into())
}

fn object<const N: usize>(fields: [(&str, cel::Value); N]) -> cel::Value {
    let mut map = Map::default();
    for (name, value) in fields {
        map.replace(key(name), value);
    }
    cel::Value::Map(Arc::new(map))
}

fn set(object: &mut Value, field: &str, value: Value) {
    if let Some(object) = object.as_object_mut() {
        object.insert(field.to_owned(), value);
    }
}
