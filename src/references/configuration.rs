//! Which ConfigMaps and Secrets an object uses, with which keys, wherever it says so.
//!
//! Pods say it in many places; other kinds in the places of a table. What is `optional` is no reference.

use serde_json::Value;

use super::node::{Node, Spot, list, text};
use super::places::{CONFIG_MAPS, EITHER, Row, SECRETS};
use super::pods::Pods;

/// One use of a ConfigMap or Secret.
#[derive(Debug, Clone)]
pub(super) struct Use<'a> {
    pub(super) by: Node<'a>,
    /// `ConfigMap` or `Secret`.
    pub(super) kind: &'static str,
    pub(super) name: &'a str,
    /// Where the name is.
    pub(super) place: Place,
    /// The keys that are used.
    pub(super) keys: Keys<'a>,
}

/// The keys of a use, and where they are beside the name.
#[derive(Debug, Clone, Copy)]
pub(super) enum Keys<'a> {
    /// Whatever there is.
    All,
    /// In a field.
    One(&'static str, &'a str),
    /// In the items of a volume.
    Items(&'a [Value]),
}

/// Where something is, as cheaply as possible.
#[derive(Debug, Clone, Copy)]
pub(super) enum Place {
    /// In the specification of pods: its pointer, a list there, perhaps a list inside, and the rest.
    Pod(
        &'static str,
        &'static str,
        usize,
        Option<(&'static str, usize)>,
        &'static str,
    ),
    /// Somewhere else: the reference, and the field of it.
    Spot(Spot, &'static str),
}

impl Place {
    /// The pointer of the reference, without the field that holds the name.
    pub(super) fn reference(&self) -> String {
        let full = self.pointer();
        full.rsplit_once('/')
            .map(|(before, _)| before.to_owned())
            .unwrap_or(full)
    }

    pub(super) fn pointer(&self) -> String {
        match self {
            Self::Pod(base, list, index, Some((inner, item)), end) => {
                format!("{base}/{list}/{index}/{inner}/{item}{end}")
            }
            Self::Pod(base, list, index, None, end) => format!("{base}/{list}/{index}{end}"),
            Self::Spot(spot, "") => spot.pointer(""),
            Self::Spot(spot, field) => spot.pointer(&format!("/{field}")),
        }
    }
}

/// Collects what an object and its pods use.
pub(super) fn uses<'a>(node: Node<'a>, pods: Option<&Pods<'a>>, found: &mut Vec<Use<'a>>) {
    if let Some((base, spec)) = pods.and_then(|pods| pods.spec) {
        of_pods(node, base, spec, found);
    }
    if !node.object.group().ends_with(".k8s.io") || node.object.kind == "Ingress" {
        rows(node, SECRETS, Some("Secret"), found);
        rows(node, CONFIG_MAPS, Some("ConfigMap"), found);
        rows(node, EITHER, None, found);
    }
}

fn rows<'a>(node: Node<'a>, rows: &[Row], kind: Option<&'static str>, found: &mut Vec<Use<'a>>) {
    let (group, of) = (node.object.group(), node.object.kind.as_str());
    for (row_group, row_kind, at, name_field, key_field) in rows {
        if (*row_group, *row_kind) != (group, of) {
            continue;
        }
        for (spot, reference) in node.each(at) {
            let name = if name_field.is_empty() {
                reference.as_str()
            } else {
                text(reference, name_field)
            };
            let kind = kind.unwrap_or(match text(reference, "kind") {
                Some("ConfigMap") => "ConfigMap",
                _ => "Secret",
            });
            let (Some(name), false) = (name, is_optional(reference)) else {
                continue;
            };
            found.push(Use {
                by: node,
                kind,
                name,
                place: Place::Spot(spot, name_field),
                keys: match text(reference, key_field) {
                    Some(key) if !key_field.is_empty() => Keys::One(key_field, key),
                    _ => Keys::All,
                },
            });
        }
    }
}

fn of_pods<'a>(by: Node<'a>, base: &'static str, spec: &'a Value, found: &mut Vec<Use<'a>>) {
    let mut push = |kind, reference: &'a Value, field: &str, place, keys| {
        if let (Some(name), false) = (text(reference, field), is_optional(reference)) {
            found.push(Use {
                by,
                kind,
                name,
                place,
                keys,
            });
        }
    };
    for (index, reference) in list(spec, "imagePullSecrets").iter().enumerate() {
        let place = Place::Pod(base, "imagePullSecrets", index, None, "/name");
        push("Secret", reference, "name", place, Keys::All);
    }
    for field in ["containers", "initContainers"] {
        for (index, container) in list(spec, field).iter().enumerate() {
            for (item, source) in list(container, "envFrom").iter().enumerate() {
                let place = |end| Place::Pod(base, field, index, Some(("envFrom", item)), end);
                for (kind, inner, end) in [
                    ("ConfigMap", "configMapRef", "/configMapRef/name"),
                    ("Secret", "secretRef", "/secretRef/name"),
                ] {
                    if let Some(reference) = source.get(inner) {
                        push(kind, reference, "name", place(end), Keys::All);
                    }
                }
            }
            for (item, variable) in list(container, "env").iter().enumerate() {
                let Some(from) = variable.get("valueFrom") else {
                    continue;
                };
                let place = |end| Place::Pod(base, field, index, Some(("env", item)), end);
                for (kind, inner, end) in [
                    ("ConfigMap", "configMapKeyRef", "/valueFrom/configMapKeyRef/name"),
                    ("Secret", "secretKeyRef", "/valueFrom/secretKeyRef/name"),
                ] {
                    if let Some(reference) = from.get(inner) {
                        let key = text(reference, "key").map_or(Keys::All, |key| Keys::One("key", key));
                        push(kind, reference, "name", place(end), key);
                    }
                }
            }
        }
    }
    for (index, volume) in list(spec, "volumes").iter().enumerate() {
        let volumes = |end| Place::Pod(base, "volumes", index, None, end);
        if let Some(source) = volume.get("configMap") {
            push("ConfigMap", source, "name", volumes("/configMap/name"), items(source));
        }
        if let Some(source) = volume.get("secret") {
            push(
                "Secret",
                source,
                "secretName",
                volumes("/secret/secretName"),
                items(source),
            );
        }
        let Some(projected) = volume.get("projected") else {
            continue;
        };
        for (item, source) in list(projected, "sources").iter().enumerate() {
            let place = |end| Place::Pod(base, "volumes", index, Some(("projected/sources", item)), end);
            for (kind, inner, end) in [
                ("ConfigMap", "configMap", "/configMap/name"),
                ("Secret", "secret", "/secret/name"),
            ] {
                if let Some(source) = source.get(inner) {
                    push(kind, source, "name", place(end), items(source));
                }
            }
        }
    }
}

fn items(source: &Value) -> Keys<'_> {
    match list(source, "items") {
        [] => Keys::All,
        items => Keys::Items(items),
    }
}

fn is_optional(reference: &Value) -> bool {
    reference.get("optional") == Some(&Value::Bool(true))
}
