//! How containers see the volumes of their pod: mounted below a path, or as devices.
//!
//! A volume that is mounted must be there; so must the one of a device.

use serde_json::Value;

use super::examples::container;
use super::volumes::{descending, is_claim};
use super::{Pod, claim_name};
use crate::diagnostic::codes::Code;
use crate::schema::Place;
use crate::server::common::{at, get, is_true, list, text};
use crate::server::judge::Judge;

pub(super) const VOLUME: Code = Code {
    id: "volume-mount-without-volume",
    title: "a mount of a volume that the pod does not have",
    why: "A container mounts the volumes of its pod by name; those of a StatefulSet are its volumes and its volume claim \
          templates.",
    fix: "add the volume to `volumes`, or correct the name",
    bad: container!("    volumeMounts: [{name: data, mountPath: /var/lib/odoo}]"),
    good: container!(
        "    volumeMounts: [{name: data, mountPath: /var/lib/odoo}]",
        "  volumes: [{name: data, emptyDir: {}}]\n"
    ),
};

pub(super) const MOUNT: Code = Code {
    id: "invalid-volume-mount",
    title: "a mount that the API server refuses",
    why: "Part of a volume is named by a path below its root. Mounts that reach back to the node need a privileged container, \
          and read-only all the way down needs a mount that is read-only.",
    fix: "write `subPath` without `/` in front and without `..`, and leave out what the message forbids",
    bad: container!(
        "    volumeMounts: [{name: data, mountPath: /var/lib/odoo, subPath: ../odoo}]",
        "  volumes: [{name: data, emptyDir: {}}]\n"
    ),
    good: container!(
        "    volumeMounts: [{name: data, mountPath: /var/lib/odoo, subPath: odoo}]",
        "  volumes: [{name: data, emptyDir: {}}]\n"
    ),
};

pub(super) const DEVICE: Code = Code {
    id: "invalid-volume-device",
    title: "a block device that a container cannot have",
    why: "Only a volume that is claimed can be a device, and a container sees it once: as a device or mounted.",
    fix: "use a PersistentVolumeClaim with `volumeMode: Block`, or mount the volume",
    bad: container!(
        "    volumeDevices: [{name: data, devicePath: /dev/data}]",
        "  volumes: [{name: data, emptyDir: {}}]\n"
    ),
    good: container!(
        "    volumeDevices: [{name: data, devicePath: /dev/data}]",
        "  volumes: [{name: data, persistentVolumeClaim: {claimName: odoo-data}}]\n"
    ),
};

/// Judges the mounts and devices of one container.
pub(super) fn check(pod: &Pod<'_>, container: &Value, place: &Place<'_>, judge: &mut Judge) {
    let (mounts, devices) = (list(container, "volumeMounts"), list(container, "volumeDevices"));
    let all = place.field("volumeMounts");
    for (index, mount) in mounts.iter().enumerate() {
        let place = all.index(index);
        if let Some(name) = mount.get("name").filter(|name| name.is_string() && *name != "")
            && !pod.has_volume(text(mount, "name"))
        {
            judge.not_found(&VOLUME, &place.field("name"), name);
        }
        beside(
            mount,
            "name",
            devices,
            ("name", "must not already exist in volumeDevices"),
            &place,
            judge,
        );
        let reason = ("devicePath", "must not already exist as a path in volumeDevices");
        beside(mount, "mountPath", devices, reason, &place, judge);
        paths(mount, &all, &place, judge);
        propagation(container, mount, &all, &place, judge);
    }
    let all = place.field("volumeDevices");
    for (index, device) in devices.iter().enumerate() {
        let place = all.index(index);
        let earlier = devices.get(..index).unwrap_or_default();
        of_claim(pod, device, earlier, &place, judge);
        let reason = ("name", "must not already exist in volumeMounts");
        beside(device, "name", mounts, reason, &place, judge);
        let reason = ("mountPath", "must not already exist as a path in volumeMounts");
        beside(device, "devicePath", mounts, reason, &place, judge);
    }
}

/// Refuses a value that one of the others has in a field, too.
fn beside(
    one: &Value,
    field: &str,
    others: &[Value],
    (other, reason): (&str, &str),
    place: &Place<'_>,
    judge: &mut Judge,
) {
    if let Some(value) = get(one, field)
        && others.iter().any(|entry| entry.get(other) == Some(value))
    {
        judge.invalid(&DEVICE, &place.field(field), value, reason);
    }
}

/// The server calls these paths after the list, not after the mount.
fn paths(mount: &Value, all: &Place<'_>, place: &Place<'_>, judge: &mut Judge) {
    for field in ["subPath", "subPathExpr"] {
        let before = judge.problems.len();
        descending(&MOUNT, mount, field, all, judge);
        if judge.problems.len() > before {
            judge.point_to(&place.field(field));
        }
    }
    if let Some(expression) = mount.get("subPathExpr")
        && !text(mount, "subPathExpr").is_empty()
        && !text(mount, "subPath").is_empty()
    {
        let reason = "subPathExpr and subPath are mutually exclusive";
        judge.invalid(&MOUNT, &place.field("subPathExpr"), expression, reason);
    }
}

fn propagation(container: &Value, mount: &Value, all: &Place<'_>, place: &Place<'_>, judge: &mut Judge) {
    let propagation = text(mount, "mountPropagation");
    let privileged = at(container, &["securityContext", "privileged"]) == Some(&Value::Bool(true));
    if propagation == "Bidirectional" && !privileged {
        let reason = "Bidirectional mount propagation is available only to privileged containers";
        judge.forbidden(&MOUNT, &all.field("mountPropagation"), reason);
        judge.point_to(&place.field("mountPropagation"));
    }
    if !matches!(text(mount, "recursiveReadOnly"), "Enabled" | "IfPossible") {
        return;
    }
    let mut refuse = |reason: &str| {
        judge.forbidden(&MOUNT, &all.field("recursiveReadOnly"), reason);
        judge.point_to(&place.field("recursiveReadOnly"));
    };
    if !is_true(mount, "readOnly") {
        refuse("may only be specified when readOnly is true");
    }
    if !matches!(propagation, "" | "None") {
        refuse("may only be specified when mountPropagation is None or not specified");
    }
}

fn of_claim(pod: &Pod<'_>, device: &Value, earlier: &[Value], place: &Place<'_>, judge: &mut Judge) {
    let Some(value @ Value::String(name)) = device.get("name").filter(|name| *name != "") else {
        return;
    };
    let here = place.field("name");
    if earlier.iter().any(|device| text(device, "name") == name) {
        judge.invalid(&DEVICE, &here, value, "must be unique");
    }
    let is_template = pod.claims.iter().any(|claim| claim_name(claim) == name);
    match pod.volume(name) {
        _ if is_template => {}
        None => judge.not_found(&VOLUME, &here, value),
        Some(volume) if !is_claim(volume) => {
            let reason = "can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode";
            judge.invalid(&DEVICE, &here, value, reason);
        }
        Some(_) => {}
    }
    if let Some(path @ Value::String(text)) = device.get("devicePath")
        && text.split('/').any(|part| part == "..")
    {
        judge.invalid(
            &DEVICE,
            &place.field("devicePath"),
            path,
            "can not contain backsteps ('..')",
        );
    }
}
