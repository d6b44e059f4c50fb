//! Volumes that are written by hand.
//!
//! The sources for single clouds, which nobody writes any more, are counted but not looked into.

use serde_json::Value;

use super::common::{self, at, entries, get, list, same, text};
use super::judge::Judge;
use super::{API_SERVER, Kind, Rules, pods, resource};
use crate::diagnostic::codes::Code;
use crate::schema::Place;
use crate::text::server::{self, LABEL_LENGTH};

pub(super) const RULES: Rules = Rules {
    by: API_SERVER,
    kinds: &[Kind {
        group: "",
        kind: "PersistentVolume",
        create,
        update,
    }],
    codes: &[&VOLUME, &SOURCE, &IMMUTABLE],
};

const VOLUME: Code = Code {
    id: "persistent-volume",
    title: "a volume that the API server refuses",
    why: "A volume has one capacity, `storage`, greater than zero. `ReadWriteOncePod` excludes all other access modes, and \
          a class is named as its object.",
    fix: "correct the field in the message",
    bad: "apiVersion: v1\nkind: PersistentVolume\nmetadata: {name: filestore}\nspec:\n  \
          accessModes: [ReadWriteMany]\n  capacity: {storage: \"0\"}\n  nfs: {server: nas.example, path: /filestore}",
    good: "apiVersion: v1\nkind: PersistentVolume\nmetadata: {name: filestore}\nspec:\n  \
           accessModes: [ReadWriteMany]\n  capacity: {storage: 50Gi}\n  nfs: {server: nas.example, path: /filestore}",
};

const SOURCE: Code = Code {
    id: "persistent-volume-source",
    title: "a volume that is in no place, or in two",
    why: "A volume is exactly one thing: a directory of a file server, a device of a driver, a path of a node. A local path \
          needs the node that has it, under `nodeAffinity.required`.",
    fix: "keep one source, with an absolute path, and say where a local one is",
    bad: "apiVersion: v1\nkind: PersistentVolume\nmetadata: {name: filestore}\nspec:\n  \
          accessModes: [ReadWriteMany]\n  capacity: {storage: 50Gi}\n  nfs: {server: nas.example, path: filestore}",
    good: "apiVersion: v1\nkind: PersistentVolume\nmetadata: {name: filestore}\nspec:\n  \
           accessModes: [ReadWriteMany]\n  capacity: {storage: 50Gi}\n  nfs: {server: nas.example, path: /filestore}",
};

const IMMUTABLE: Code = Code {
    id: "immutable-persistent-volume",
    title: "a volume that moves",
    why: "Pods have mounted it where it was, so neither its source nor its mode changes.",
    fix: "create a volume of another name",
    bad: "apiVersion: v1\nkind: PersistentVolume\nmetadata: {name: filestore}\nspec:\n  \
          accessModes: [ReadWriteMany]\n  capacity: {storage: 50Gi}\n  nfs: {server: nas.example, path: /filestore}\n---\n\
          apiVersion: v1\nkind: PersistentVolume\nmetadata: {name: filestore}\nspec:\n  \
          accessModes: [ReadWriteMany]\n  capacity: {storage: 50Gi}\n  nfs: {server: nas2.example, path: /filestore}",
    good: "apiVersion: v1\nkind: PersistentVolume\nmetadata: {name: filestore}\nspec:\n  \
           accessModes: [ReadWriteMany]\n  capacity: {storage: 50Gi}\n  nfs: {server: nas.example, path: /filestore}\n---\n\
           apiVersion: v1\nkind: PersistentVolume\nmetadata: {name: filestore}\nspec:\n  \
           accessModes: [ReadWriteMany]\n  capacity: {storage: 80Gi}\n  nfs: {server: nas.example, path: /filestore}",
};

/// Every source, in the order in which the server counts them.
const SOURCES: &[&str] = &[
    "hostPath",
    "gcePersistentDisk",
    "awsElasticBlockStore",
    "glusterfs",
    "flocker",
    "nfs",
    "rbd",
    "quobyte",
    "cephfs",
    "iscsi",
    "cinder",
    "fc",
    "flexVolume",
    "azureFile",
    "vsphereVolume",
    "photonPersistentDisk",
    "portworxVolume",
    "azureDisk",
    "scaleIO",
    "local",
    "storageos",
    "csi",
];

fn create(object: &Value, judge: &mut Judge) {
    let Some(spec) = get(object, "spec") else { return };
    let place = Place::OBJECT;
    let place = place.field("spec");
    let modes = list(spec, "accessModes");
    if modes.iter().any(|mode| mode == "ReadWriteOncePod") && modes.iter().any(|mode| mode != "ReadWriteOncePod") {
        let reason = "may not use ReadWriteOncePod with other access modes";
        judge.forbidden(&VOLUME, &place.field("accessModes"), reason);
    }
    capacity(spec, &place.field("capacity"), judge);
    common::checked(
        &VOLUME,
        spec,
        "storageClassName",
        server::is_dns1123_subdomain,
        &place,
        judge,
    );
    if let Some(class) = get(spec, "volumeAttributesClassName").filter(|_| judge.minor >= 34) {
        let of_class = place.field("volumeAttributesClassName");
        match class.as_str() {
            Some("") => judge.required(&VOLUME, &of_class, "an empty string is disallowed"),
            Some(name) => judge.all_invalid(&VOLUME, &of_class, class, server::is_dns1123_subdomain(name)),
            None => {}
        }
        if get(spec, "csi").is_none() {
            let reason = "has to be specified when using volumeAttributesClassName";
            judge.required(&SOURCE, &place.field("csi"), reason);
        }
    }
    source(spec, &place, judge);
}

fn capacity(spec: &Value, place: &Place<'_>, judge: &mut Judge) {
    let capacity = get(spec, "capacity").unwrap_or(&Value::Null);
    if entries(spec, "capacity").map(|(name, _)| name).ne(["storage"]) {
        judge.unsupported(&VOLUME, place, capacity, &["storage"]);
    }
    for (name, amount) in entries(spec, "capacity") {
        if resource::is_not_positive(amount) {
            judge.invalid(&VOLUME, &place.key(name), amount, "must be greater than zero");
        }
    }
}

fn source(spec: &Value, place: &Place<'_>, judge: &mut Judge) {
    let mut sources = SOURCES.iter().filter(|field| get(spec, field).is_some());
    let Some(first) = sources.next() else {
        return judge.required(&SOURCE, place, "must specify a volume type");
    };
    for field in sources {
        let shown = if *field == "cephfs" { "cephFS" } else { field };
        let reason = "may not specify more than 1 volume type";
        judge.forbidden(&SOURCE, &place.field(shown), reason);
        judge.point_to(&place.field(field));
    }
    let affinity = get(spec, "nodeAffinity");
    if let Some(affinity) = affinity {
        let of_affinity = place.field("nodeAffinity");
        let of_required = of_affinity.field("required");
        match get(affinity, "required") {
            Some(required) => pods::node_terms(required, &of_required, judge),
            None => judge.required(&SOURCE, &of_required, "must specify required node constraints"),
        }
    }
    if *first == "local" && affinity.is_none() {
        let reason = "Local volume requires node affinity";
        judge.required(&SOURCE, &place.field("nodeAffinity"), reason);
    }
    if *first == "csi"
        && let Some(csi) = get(spec, "csi")
    {
        driver(csi, &place.field("csi"), judge);
    }
    let Some(path @ Value::String(given)) = at(spec, &[first, "path"]) else {
        return;
    };
    let of_source = place.field(first);
    let of_path = of_source.field("path");
    if *first == "nfs" && !given.is_empty() && !given.starts_with('/') {
        judge.invalid(&SOURCE, &of_path, path, "must be an absolute path");
    }
    if ["hostPath", "local"].contains(first) && given.split('/').any(|step| step == "..") {
        judge.invalid(&SOURCE, &of_path, path, "must not contain '..'");
    }
    let is_recycled_root = text(spec, "persistentVolumeReclaimPolicy") == "Recycle"
        && *first == "hostPath"
        && !given.is_empty()
        && given.bytes().all(|byte| byte == b'/');
    if is_recycled_root {
        let reason = "may not be 'recycle' for a hostPath mount of '/'";
        judge.forbidden(&SOURCE, &place.field("persistentVolumeReclaimPolicy"), reason);
    }
}

/// Secrets that a driver gets when it does something; at the one for staging the server does not look.
const SECRETS: &[&str] = &[
    "controllerExpandSecretRef",
    "controllerPublishSecretRef",
    "nodeExpandSecretRef",
    "nodePublishSecretRef",
];

/// The name of a driver is short enough to be a label.
fn driver(csi: &Value, place: &Place<'_>, judge: &mut Judge) {
    let place_of_driver = place.field("driver");
    let name = text(csi, "driver");
    if name.len() > LABEL_LENGTH {
        judge.too_long(&SOURCE, &place_of_driver, LABEL_LENGTH);
    }
    if !name.is_empty() {
        let reasons = server::is_dns1123_subdomain(&name.to_lowercase());
        judge.all_invalid(&SOURCE, &place_of_driver, &name.into(), reasons);
    }
    for field in SECRETS {
        let Some(secret) = get(csi, field) else { continue };
        let place = place.field(field);
        common::checked(&SOURCE, secret, "name", server::is_dns1123_subdomain, &place, judge);
        common::checked(&SOURCE, secret, "namespace", server::is_dns1123_label, &place, judge);
        for part in ["name", "namespace"] {
            if get(secret, part).is_none_or(|part| part == "") {
                judge.required(&SOURCE, &place.field(part), "");
            }
        }
    }
}

fn update(old: &Value, new: &Value, judge: &mut Judge) {
    let (Some(old), Some(new)) = (get(old, "spec"), get(new, "spec")) else {
        return;
    };
    let place = Place::OBJECT;
    let spec = place.field("spec");
    // The secret for growing may be added.
    let expands = |spec: &Value| at(spec, &["csi", "controllerExpandSecretRef"]).is_some();
    let changes = |field: &&&str| {
        let (before, after) = (old.get(**field), new.get(**field));
        let is_added = || **field == "csi" && !expands(old) && expands(new);
        let stays = same(before, after) || (is_added() && same(before, without_expansion(after).as_ref()));
        !stays
    };
    if let Some(field) = SOURCES.iter().find(changes) {
        let reason = "spec.persistentvolumesource is immutable after creation";
        judge.forbidden(&IMMUTABLE, &spec.field("persistentvolumesource"), reason);
        judge.point_to(&spec.field(field));
    }
    if !same(old.get("volumeMode"), new.get("volumeMode")) {
        let mode = get(new, "volumeMode").unwrap_or(&Value::Null);
        judge.invalid(&IMMUTABLE, &place.field("volumeMode"), mode, common::IMMUTABLE);
        judge.point_to(&spec.field("volumeMode"));
    }
    if let Some(affinity) = get(old, "nodeAffinity")
        && !same(Some(affinity), new.get("nodeAffinity"))
    {
        let after = get(new, "nodeAffinity").unwrap_or(&Value::Null);
        let reason = "field is immutable, except for updating from beta label to GA";
        judge.invalid(&IMMUTABLE, &place.field("nodeAffinity"), after, reason);
        judge.point_to(&spec.field("nodeAffinity"));
    }
}

fn without_expansion(csi: Option<&Value>) -> Option<Value> {
    let mut csi = csi?.as_object()?.clone();
    csi.remove("controllerExpandSecretRef");
    Some(Value::Object(csi))
}
