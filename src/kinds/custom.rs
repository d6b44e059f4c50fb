//! The two macros that declare custom resources: `kind!` for a whole object, `fields!` for what is inside it.
//!
//! A declared object writes `apiVersion` and `kind` by itself and refuses a field it does not know; a field that says
//! nothing is not written.

use std::collections::BTreeMap;

use k8s_openapi::Resource;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
use serde_json::Value;

use super::{LabelSelector, ObjectMeta};

/// Declares a custom resource: its metadata, its spec, and where the API server serves it.
macro_rules! kind {
    ($(#[$note:meta])* $name:ident($spec:ident) = $scope:ident $group:literal / $version:literal / $plural:literal) => {
        $(#[$note])*
        #[derive(Clone, Debug, Default, PartialEq)]
        pub struct $name {
            /// Names the object and carries its labels and annotations.
            pub metadata: $crate::kinds::ObjectMeta,
            /// Holds what is asked of the operator.
            pub spec: $spec,
        }

        impl k8s_openapi::Resource for $name {
            const API_VERSION: &'static str = concat!($group, "/", $version);
            const GROUP: &'static str = $group;
            const KIND: &'static str = stringify!($name);
            const VERSION: &'static str = $version;
            const URL_PATH_SEGMENT: &'static str = $plural;
            type Scope = $crate::kinds::custom::kind!(@scope $scope);
        }

        impl k8s_openapi::Metadata for $name {
            type Ty = $crate::kinds::ObjectMeta;

            fn metadata(&self) -> &Self::Ty {
                &self.metadata
            }

            fn metadata_mut(&mut self) -> &mut Self::Ty {
                &mut self.metadata
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                $crate::kinds::custom::write::<Self, _, S>(&self.metadata, &self.spec, serializer)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let (metadata, spec) = $crate::kinds::custom::read::<Self, _, D>(deserializer)?;
                Ok(Self { metadata, spec })
            }
        }
    };
    (@scope Namespaced) => { k8s_openapi::NamespaceResourceScope };
    (@scope Cluster) => { k8s_openapi::ClusterResourceScope };
}

/// Declares the records inside a custom resource. Upstream's camel case is derived; where upstream departs from it
/// (`repoURL`), the field says so with `#[serde(rename = …)]`.
macro_rules! fields {
    ($($(#[$note:meta])* $name:ident { $($(#[$extra:meta])* $field:ident: $type:ty,)* })*) => { $(
        $(#[$note])*
        #[allow(missing_docs, reason = "the fields are upstream's, and its reference describes them")]
        #[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
        #[serde(rename_all = "camelCase", deny_unknown_fields)]
        pub struct $name { $(
            $(#[$extra])*
            #[serde(default, skip_serializing_if = "crate::kinds::custom::absent")]
            pub $field: $type,
        )* }

        impl $crate::kinds::custom::Absent for $name {}
    )* };
}

pub(super) use {fields, kind};

/// A value that may say nothing, and is then not written.
pub(super) trait Absent {
    /// Whether the value says nothing.
    fn absent(&self) -> bool {
        false
    }
}

impl<T> Absent for Option<T> {
    fn absent(&self) -> bool {
        self.is_none()
    }
}

impl<T> Absent for Vec<T> {
    fn absent(&self) -> bool {
        self.is_empty()
    }
}

impl<K, V> Absent for BTreeMap<K, V> {
    fn absent(&self) -> bool {
        self.is_empty()
    }
}

impl Absent for String {
    fn absent(&self) -> bool {
        self.is_empty()
    }
}

impl Absent for Value {
    fn absent(&self) -> bool {
        self.is_null()
    }
}

impl Absent for bool {}
impl Absent for i32 {}
impl Absent for i64 {}
impl Absent for LabelSelector {}

/// Returns whether a field is left out. A function, because serde's attribute takes a path and no method of a trait.
pub(super) fn absent<T: Absent>(value: &T) -> bool {
    value.absent()
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Written<'a, S> {
    api_version: &'static str,
    kind: &'static str,
    metadata: &'a ObjectMeta,
    spec: &'a S,
}

/// Writes an object of kind `K`, opening with `apiVersion` and `kind`.
pub(super) fn write<K: Resource, S: Serialize, Z: Serializer>(
    metadata: &ObjectMeta,
    spec: &S,
    serializer: Z,
) -> Result<Z::Ok, Z::Error> {
    Written {
        api_version: K::API_VERSION,
        kind: K::KIND,
        metadata,
        spec,
    }
    .serialize(serializer)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Read<S> {
    api_version: String,
    kind: String,
    metadata: ObjectMeta,
    spec: S,
}

/// Reads an object of kind `K`, refusing an object of another kind.
pub(super) fn read<'de, K: Resource, S: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<(ObjectMeta, S), D::Error> {
    let Read {
        api_version,
        kind,
        metadata,
        spec,
    } = Read::deserialize(deserializer)?;
    if (api_version.as_str(), kind.as_str()) != (K::API_VERSION, K::KIND) {
        let expected = format!("`{}` of `{}`", K::KIND, K::API_VERSION);
        return Err(D::Error::custom(format!(
            "found `{kind}` of `{api_version}` in place of {expected}"
        )));
    }
    Ok((metadata, spec))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::kinds::{barman::ObjectStore, cnpg};

    fn store() -> Value {
        json!({
            "apiVersion": "barmancloud.cnpg.io/v1",
            "kind": "ObjectStore",
            "metadata": {"name": "backup"},
            "spec": {"configuration": {"destinationPath": "s3://backup/", "endpointURL": "https://s3.example"}},
        })
    }

    #[test]
    fn opens_with_its_kind_and_leaves_out_what_says_nothing() {
        let cluster = cnpg::Cluster {
            metadata: ObjectMeta::default(),
            spec: cnpg::ClusterSpec::default(),
        };
        assert_eq!(
            serde_json::to_string(&cluster).unwrap(),
            r#"{"apiVersion":"postgresql.cnpg.io/v1","kind":"Cluster","metadata":{},"spec":{"instances":0}}"#
        );
    }

    #[test]
    fn reads_back_what_it_wrote() {
        let object: ObjectStore = serde_json::from_value(store()).unwrap();
        assert_eq!(
            object.spec.configuration.endpoint_url.as_deref(),
            Some("https://s3.example")
        );
        assert_eq!(serde_json::to_value(&object).unwrap(), store());
    }

    #[test]
    fn refuses_another_kind() {
        let mut value = store();
        value["apiVersion"] = json!("v1");
        let error = serde_json::from_value::<ObjectStore>(value).unwrap_err().to_string();
        assert_eq!(
            error,
            "found `ObjectStore` of `v1` in place of `ObjectStore` of `barmancloud.cnpg.io/v1`"
        );
    }

    #[test]
    fn refuses_a_field_it_does_not_know() {
        let mut value = store();
        value["spec"]["retention"] = json!("30d");
        let error = serde_json::from_value::<ObjectStore>(value).unwrap_err().to_string();
        assert!(
            error.starts_with("unknown field `retention`, expected one of `retentionPolicy`"),
            "{error}"
        );
    }
}
