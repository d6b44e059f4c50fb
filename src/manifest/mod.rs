//! Kubernetes objects with their type erased: what components build and every later room reads.

mod merge;

pub use merge::merge;

use std::borrow::Cow;

use k8s_openapi::{Metadata, Resource};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::diagnostic::ObjectReference;
use crate::kinds::{ObjectMeta, PodSpec};

/// One Kubernetes object.
#[derive(Debug, Clone, PartialEq)]
pub struct Object {
    /// Group and version, `apps/v1`.
    pub api_version: String,
    /// Kind, `Deployment`.
    pub kind: String,
    /// Namespace; absent on cluster-scoped kinds.
    pub namespace: Option<String>,
    /// Name.
    pub name: String,
    /// The component that built it; it is also its folder.
    pub component: Cow<'static, str>,
    /// The whole object, `apiVersion` and `kind` included.
    pub value: Value,
}

/// Objects, and what a server makes of them.
#[derive(Debug, Clone, Copy)]
pub struct Judged<'a> {
    /// As they are written.
    pub objects: &'a [Object],
    /// Each complete with its defaults.
    pub completed: &'a [Value],
    /// What each replaces on the cluster, complete too, if that is known and differs.
    pub stored: &'a [Option<Value>],
}

impl<K: Resource + Metadata<Ty = ObjectMeta> + Serialize> From<K> for Object {
    fn from(typed: K) -> Self {
        Self {
            api_version: K::API_VERSION.to_owned(),
            kind: K::KIND.to_owned(),
            namespace: typed.metadata().namespace.clone(),
            name: typed.metadata().name.clone().unwrap_or_default(),
            component: Cow::Borrowed(""),
            // Our types are structs of strings, numbers and maps with text keys, which always have a JSON form.
            value: serde_json::to_value(&typed).unwrap_or_default(),
        }
    }
}

impl Object {
    /// Reads a raw manifest; nothing when it has no `apiVersion`, `kind` or `metadata.name`.
    pub fn from_value(value: Value) -> Option<Self> {
        let text = |pointer: &str| value.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
        Some(Self {
            api_version: text("/apiVersion")?,
            kind: text("/kind")?,
            namespace: text("/metadata/namespace"),
            name: text("/metadata/name")?,
            component: Cow::Borrowed(""),
            value,
        })
    }

    /// The API group, empty for the core group.
    pub fn group(&self) -> &str {
        self.api_version.split_once('/').map_or("", |(group, _)| group)
    }

    /// The object as its type; nothing when it is another kind or does not fit.
    pub fn view<K: Resource + DeserializeOwned>(&self) -> Option<K> {
        if self.api_version != K::API_VERSION || self.kind != K::KIND {
            return None;
        }
        K::deserialize(&self.value).ok()
    }

    /// Where the object keeps the specification of its pods; nothing for kinds that make none.
    pub fn pod_pointer(&self) -> Option<&'static str> {
        match (self.group(), self.kind.as_str()) {
            ("", "Pod") => Some("/spec"),
            ("apps", "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet") | ("batch", "Job") => {
                Some("/spec/template/spec")
            }
            ("batch", "CronJob") => Some("/spec/jobTemplate/spec/template/spec"),
            _ => None,
        }
    }

    /// The specification of the pods that the object makes, whatever its kind.
    pub fn pod_spec(&self) -> Option<PodSpec> {
        use serde::Deserialize;
        PodSpec::deserialize(self.value.pointer(self.pod_pointer()?)?).ok()
    }

    /// Who it is, for findings.
    pub fn reference(&self) -> ObjectReference {
        ObjectReference {
            api_version: self.api_version.clone(),
            kind: self.kind.clone(),
            namespace: self.namespace.clone(),
            name: self.name.clone(),
        }
    }

    /// Adds an annotation, unless the object has it already.
    pub fn annotate(&mut self, key: &str, text: &str) {
        let Some(metadata) = self.value.get_mut("metadata").and_then(Value::as_object_mut) else {
            return;
        };
        let annotations = metadata
            .entry("annotations")
            .or_insert_with(|| Value::Object(Default::default()));
        if let Value::Object(map) = annotations {
            map.entry(key).or_insert_with(|| text.into());
        }
    }

    /// An annotation's text.
    pub fn annotation(&self, key: &str) -> Option<&str> {
        self.value.get("metadata")?.get("annotations")?.get(key)?.as_str()
    }
}
