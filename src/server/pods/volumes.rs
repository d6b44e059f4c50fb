//! Where the volumes of a pod come from.
//!
//! A volume has one source; the sources of clouds that have drivers by now are only told apart.

use serde_json::Value;

use super::examples::pod;
use super::{Pod, claim_name, projected};
use crate::diagnostic::codes::Code;
use crate::schema::Place;
use crate::server::claims;
use crate::server::common::{annotations_at, at, checked, get, labels, list, number, quantity, text, whole};
use crate::server::judge::Judge;
use crate::server::metadata::{ANNOTATION, LABEL};
use crate::text::{Quantity, server};

pub(in crate::server) const NAME: Code = Code {
    id: "invalid-volume-name",
    title: "a name of a volume that the API server refuses",
    why: "A volume has the name of a DNS label: at most 63 lowercase letters, digits and hyphens. An ephemeral volume makes a \
          claim named after the pod and the volume.",
    fix: "write the name in lowercase letters, digits and hyphens",
    bad: pod!("  volumes: [{name: odoo.data, emptyDir: {}}]"),
    good: pod!("  volumes: [{name: odoo-data, emptyDir: {}}]"),
};

pub(super) const SOURCE: Code = Code {
    id: "ambiguous-volume-source",
    title: "a volume with two sources",
    why: "What a volume holds comes from one place. Several ConfigMaps and Secrets in one folder are the `sources` of a \
          `projected` volume, one in each.",
    fix: "keep one source, or project several into one volume",
    bad: pod!("  volumes: [{name: config, configMap: {name: odoo}, secret: {secretName: odoo}}]"),
    good: pod!(
        "  volumes: [{name: config, projected: {sources: [{configMap: {name: odoo}}, {secret: {name: odoo}}]}}]"
    ),
};

pub(super) const PATH: Code = Code {
    id: "invalid-volume-path",
    title: "a path in a volume that leads out of it",
    why: "Files of ConfigMaps, Secrets and tokens lie below the folder where the volume is mounted; a name that starts with \
          `..` is the kubelet's own. Paths of the node have no `..` either.",
    fix: "write a relative path without `..`",
    bad: pod!("  volumes: [{name: config, configMap: {name: odoo, items: [{key: odoo.conf, path: /etc/odoo.conf}]}}]"),
    good: pod!("  volumes: [{name: config, configMap: {name: odoo, items: [{key: odoo.conf, path: odoo.conf}]}}]"),
};

pub(super) const MODE: Code = Code {
    id: "invalid-file-mode",
    title: "a mode of files that is none",
    why: "A mode is a number up to 0777 in octal, 511 in decimal. JSON knows no octal numbers, and `755` without a zero in \
          front is one too large.",
    fix: "write the mode in decimal: `288` for 0440, `420` for 0644, `493` for 0755",
    bad: pod!("  volumes: [{name: config, secret: {secretName: odoo, defaultMode: 755}}]"),
    good: pod!("  volumes: [{name: config, secret: {secretName: odoo, defaultMode: 288}}]"),
};

pub(super) const BODY: Code = Code {
    id: "invalid-volume-source",
    title: "a source of a volume that the API server refuses",
    why: "Each source has limits of its own: a size is not negative, the path of an NFS share starts with `/`, a driver has \
          the name of a domain.",
    fix: "correct the field in the message",
    bad: pod!("  volumes: [{name: filestore, nfs: {server: nas.hartmann-bau.example, path: filestore}}]"),
    good: pod!("  volumes: [{name: filestore, nfs: {server: nas.hartmann-bau.example, path: /filestore}}]"),
};

/// The sources, in the server's order.
const SOURCES: &[&str] = &[
    "emptyDir",
    "hostPath",
    "gitRepo",
    "gcePersistentDisk",
    "awsElasticBlockStore",
    "secret",
    "nfs",
    "iscsi",
    "glusterfs",
    "flocker",
    "persistentVolumeClaim",
    "rbd",
    "cinder",
    "cephfs",
    "quobyte",
    "downwardAPI",
    "fc",
    "flexVolume",
    "configMap",
    "azureFile",
    "vsphereVolume",
    "photonPersistentDisk",
    "portworxVolume",
    "azureDisk",
    "storageos",
    "projected",
    "scaleIO",
    "csi",
    "ephemeral",
    "image",
];

/// Judges the volumes of a pod.
pub(super) fn check(pod: &Pod<'_>, place: &Place<'_>, judge: &mut Judge) {
    let place = place.field("volumes");
    let volumes = list(pod.spec, "volumes");
    for (index, volume) in volumes.iter().enumerate() {
        // The controller puts the claim in the place of the volume.
        if pod.claims.iter().any(|claim| claim_name(claim) == text(volume, "name")) {
            continue;
        }
        let place = place.index(index);
        checked(&NAME, volume, "name", server::is_dns1123_label, &place, judge);
        sources(pod, volume, &place, judge);
        let claim = at(volume, &["persistentVolumeClaim", "claimName"]);
        if let (Some(pod), Some(value @ Value::String(claim))) = (pod.name, claim)
            && let Some(rest) = claim.strip_prefix(pod).and_then(|rest| rest.strip_prefix('-'))
            && volumes
                .iter()
                .any(|volume| text(volume, "name") == rest && get(volume, "ephemeral").is_some())
        {
            let place = place.field("persistentVolumeClaim");
            let reason = "must not reference a PVC that gets created for an ephemeral volume";
            judge.invalid(&BODY, &place.field("claimName"), value, reason);
        }
    }
}

fn sources(pod: &Pod<'_>, volume: &Value, place: &Place<'_>, judge: &mut Judge) {
    let Some(fields) = volume.as_object() else { return };
    let mut first = None;
    // One field is the name: there is no need to look for thirty sources.
    let given = fields
        .iter()
        .filter(|(name, source)| *name != "name" && !source.is_null());
    let mut given: Vec<(usize, &str, &Value)> = given
        .filter_map(|(name, source)| {
            let order = SOURCES.iter().position(|known| known == name)?;
            Some((order, name.as_str(), source))
        })
        .collect();
    given.sort_unstable_by_key(|(order, _, _)| *order);
    for (_, name, source) in given {
        if first.is_none() {
            first = Some(name);
            source_body(pod, text(volume, "name"), (name, source), place, judge);
        } else {
            judge.forbidden(&SOURCE, &place.field(name), "may not specify more than 1 volume type");
        }
    }
}

fn source_body(pod: &Pod<'_>, volume: &str, (name, source): (&str, &Value), place: &Place<'_>, judge: &mut Judge) {
    let here = place.field(name);
    match name {
        "emptyDir" => empty_dir(source, &here, judge),
        "hostPath" => no_backsteps(&PATH, source, "path", &here, judge),
        "gitRepo" => descending(&PATH, source, "directory", &here, judge),
        "secret" | "configMap" => {
            mode(source, "defaultMode", &here, judge);
            keys(source, &here, judge);
        }
        "nfs" if !matches!(text(source, "path"), "") && !text(source, "path").starts_with('/') => {
            let path = source.get("path").unwrap_or(&Value::Null);
            judge.invalid(&BODY, &here.field("path"), path, "must be an absolute path");
        }
        "gcePersistentDisk" => in_range(source, "partition", 255, &place.field("persistentDisk"), judge),
        "awsElasticBlockStore" => in_range(source, "partition", 255, &here, judge),
        "iscsi" => {
            in_range(source, "lun", 255, &here, judge);
            let name = text(source, "iqn");
            if !name.is_empty() && !["iqn", "eui", "naa"].iter().any(|kind| name.starts_with(kind)) {
                let reason = "must be valid format starting with iqn, eui, or naa";
                judge.invalid(&BODY, &here.field("iqn"), &name.into(), reason);
            }
        }
        "downwardAPI" => {
            mode(source, "defaultMode", &here, judge);
            for (index, file) in list(source, "items").iter().enumerate() {
                let items = here.field("items");
                projected::downward_file(file, &here, &items.index(index), judge);
            }
        }
        "projected" => projected::check(source, &here, judge),
        "csi" => csi(source, &here, judge),
        "ephemeral" => ephemeral(pod, volume, source, place, judge),
        "image" if text(source, "reference").is_empty() && pod.name.is_some() && judge.minor >= 36 => {
            judge.required(&BODY, &here.field("reference"), "");
        }
        _ => {}
    }
}

fn empty_dir(source: &Value, place: &Place<'_>, judge: &mut Judge) {
    let is_negative = |size: Quantity| size < Quantity::mebibytes(0);
    if get(source, "sizeLimit").and_then(quantity).is_some_and(is_negative) {
        let reason = "SizeLimit field must be a valid resource quantity";
        judge.forbidden(&BODY, &place.field("sizeLimit"), reason);
    }
}

/// Judges the keys of a ConfigMap or Secret that become files.
pub(super) fn keys(source: &Value, place: &Place<'_>, judge: &mut Judge) {
    let items = place.field("items");
    for (index, item) in list(source, "items").iter().enumerate() {
        let place = items.index(index);
        local_path(item, "path", &place, judge);
        mode(item, "mode", &place, judge);
    }
}

fn csi(source: &Value, place: &Place<'_>, judge: &mut Judge) {
    let driver = text(source, "driver");
    if driver.len() > server::LABEL_LENGTH {
        judge.too_long(&BODY, &place.field("driver"), server::LABEL_LENGTH);
    }
    let name = |name: &str| server::is_dns1123_subdomain(&name.to_lowercase());
    checked(&BODY, source, "driver", name, place, judge);
    let Some(secret) = get(source, "nodePublishSecretRef") else {
        return;
    };
    match text(secret, "name") {
        "" => {
            let place = place.field("nodePublishSecretRef");
            judge.required(&BODY, &place.field("name"), "");
        }
        _ => checked(&BODY, secret, "name", server::is_dns1123_subdomain, place, judge),
    }
}

fn ephemeral(pod: &Pod<'_>, volume: &str, source: &Value, place: &Place<'_>, judge: &mut Judge) {
    let here = place.field("ephemeral");
    let here = here.field("volumeClaimTemplate");
    let Some(template) = get(source, "volumeClaimTemplate") else {
        judge.required(&BODY, &here, "");
        return;
    };
    if let Some(metadata) = get(template, "metadata") {
        let place = here.field("metadata");
        let annotations = place.field("annotations");
        annotations_at(
            &ANNOTATION,
            metadata.get("annotations"),
            &annotations,
            &annotations,
            judge,
        );
        labels(&LABEL, metadata, "labels", &place, judge);
        for (field, _) in metadata.as_object().into_iter().flatten() {
            if !matches!(field.as_str(), "annotations" | "labels") && get(metadata, field).is_some() {
                judge.forbidden(&BODY, &place.field(field), "cannot be set");
            }
        }
    }
    if let Some(spec) = get(template, "spec") {
        let place = here.field("spec");
        claims::spec(spec, &place, judge);
        claims::requests(spec, &place, judge);
    }
    let Some(pod) = pod.name.filter(|name| !name.is_empty() && !volume.is_empty()) else {
        return;
    };
    let claim = format!("{pod}-{volume}");
    for reason in server::is_dns1123_subdomain(&claim) {
        let reason = format!("PVC name \"{claim}\": {reason}");
        judge.invalid(&NAME, &place.field("name"), &Value::from(volume), reason);
    }
}

/// Tells whether a volume is a claim, or makes one.
pub(super) fn is_claim(volume: &Value) -> bool {
    ["persistentVolumeClaim", "ephemeral"]
        .iter()
        .any(|source| get(volume, source).is_some())
}

fn in_range(source: &Value, field: &str, most: i64, place: &Place<'_>, judge: &mut Judge) {
    let Some(value) = source.get(field) else { return };
    if whole(value).is_some_and(|number| !(0..=most).contains(&number)) {
        // The server allows 0 for a partition, whatever it says.
        let least = i64::from(field == "partition");
        let reason = format!("must be between {least} and {most}, inclusive");
        judge.invalid(&BODY, &place.field(field), value, reason);
    }
}

/// Refuses a mode of files that is none.
pub(super) fn mode(source: &Value, field: &str, place: &Place<'_>, judge: &mut Judge) {
    if let Some(value) = source.get(field)
        && number(source, field).is_some_and(|mode| !(0..=0o777).contains(&mode))
    {
        let reason = "must be a number between 0 and 0777 (octal), both inclusive";
        judge.invalid(&MODE, &place.field(field), value, reason);
    }
}

/// Refuses a path that does not stay below its root, or has a name of the kubelet's own.
pub(super) fn local_path(source: &Value, field: &str, place: &Place<'_>, judge: &mut Judge) {
    descending(&PATH, source, field, place, judge);
    if let Some(value @ Value::String(path)) = source.get(field)
        && path.starts_with("..")
        && !path.starts_with("../")
        && path != ".."
    {
        judge.invalid(&PATH, &place.field(field), value, "must not start with '..'");
    }
}

/// Refuses a path that does not stay below its root.
pub(super) fn descending(code: &Code, source: &Value, field: &str, place: &Place<'_>, judge: &mut Judge) {
    if let Some(value) = source.get(field)
        && text(source, field).starts_with('/')
    {
        judge.invalid(code, &place.field(field), value, "must be a relative path");
    }
    no_backsteps(code, source, field, place, judge);
}

/// Refuses a path that steps back.
pub(super) fn no_backsteps(code: &Code, source: &Value, field: &str, place: &Place<'_>, judge: &mut Judge) {
    if let Some(value) = source.get(field)
        && text(source, field).split('/').any(|part| part == "..")
    {
        judge.invalid(code, &place.field(field), value, "must not contain '..'");
    }
}
