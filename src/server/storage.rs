//! Storage classes and drivers.
//!
//! A class describes how volumes are made, so it does not change below the volumes that it made.

use serde_json::Value;

use super::common::{self, entries, get, list, same, text, whole};
use super::judge::Judge;
use super::{API_SERVER, Kind, Rules};
use crate::diagnostic::codes::Code;
use crate::schema::Place;
use crate::text::server;

pub(super) const RULES: Rules = Rules {
    by: API_SERVER,
    kinds: &[
        Kind {
            group: "storage.k8s.io",
            kind: "StorageClass",
            create: class,
            update: update_class,
        },
        Kind {
            group: "storage.k8s.io",
            kind: "CSIDriver",
            create: driver,
            update: update_driver,
        },
    ],
    codes: &[&CLASS, &TOPOLOGY, &IMMUTABLE_CLASS, &DRIVER, &IMMUTABLE_DRIVER],
};

const CLASS: Code = Code {
    id: "storage-class",
    title: "a storage class that the API server refuses",
    why: "`provisioner` is the name of a driver. Parameters are at most 512, of 262144 bytes together.",
    fix: "write the name of the driver as `kubectl get csidrivers` shows it",
    bad: "{apiVersion: storage.k8s.io/v1, kind: StorageClass, metadata: {name: block}, provisioner: the block driver}",
    good: "{apiVersion: storage.k8s.io/v1, kind: StorageClass, metadata: {name: block}, provisioner: csi.hetzner.cloud}",
};

const TOPOLOGY: Code = Code {
    id: "allowed-topology",
    title: "a topology of a storage class that no node has",
    why: "Each term names labels of nodes with the values that are allowed, each label and each value once.",
    fix: "list each label once, with at least one value",
    bad: "apiVersion: storage.k8s.io/v1\nkind: StorageClass\nmetadata: {name: block}\nprovisioner: csi.hetzner.cloud\n\
          allowedTopologies:\n- matchLabelExpressions:\n  \
          - {key: topology.kubernetes.io/zone, values: [fsn1, fsn1]}",
    good: "apiVersion: storage.k8s.io/v1\nkind: StorageClass\nmetadata: {name: block}\nprovisioner: csi.hetzner.cloud\n\
           allowedTopologies:\n- matchLabelExpressions:\n  \
           - {key: topology.kubernetes.io/zone, values: [fsn1, nbg1]}",
};

const IMMUTABLE_CLASS: Code = Code {
    id: "immutable-storage-class",
    title: "a storage class that makes other volumes than before",
    why: "Two volumes of one class would differ. Only `allowVolumeExpansion`, `mountOptions` and the topologies may change.",
    fix: "create a class of another name, and let new claims use it",
    bad: "{apiVersion: storage.k8s.io/v1, kind: StorageClass, metadata: {name: block}, provisioner: csi.hetzner.cloud}\n---\n\
          {apiVersion: storage.k8s.io/v1, kind: StorageClass, metadata: {name: block}, provisioner: csi.hetzner.cloud, \
          reclaimPolicy: Retain}",
    good: "{apiVersion: storage.k8s.io/v1, kind: StorageClass, metadata: {name: block}, provisioner: csi.hetzner.cloud}\n---\n\
           {apiVersion: storage.k8s.io/v1, kind: StorageClass, metadata: {name: block}, provisioner: csi.hetzner.cloud, \
           allowVolumeExpansion: true}",
};

const DRIVER: Code = Code {
    id: "csi-driver",
    title: "a driver of volumes that the API server refuses",
    why: "Tokens are for different audiences and last from ten minutes on; the nodes are asked for their capacity every ten \
          seconds at most.",
    fix: "correct the field in the message, as the driver's documentation says",
    bad: "apiVersion: storage.k8s.io/v1\nkind: CSIDriver\nmetadata: {name: csi.hetzner.cloud}\n\
          spec: {tokenRequests: [{audience: vault, expirationSeconds: 60}]}",
    good: "apiVersion: storage.k8s.io/v1\nkind: CSIDriver\nmetadata: {name: csi.hetzner.cloud}\n\
           spec: {tokenRequests: [{audience: vault, expirationSeconds: 3600}]}",
};

const IMMUTABLE_DRIVER: Code = Code {
    id: "immutable-csi-driver",
    title: "a driver of volumes that attaches them in another way",
    why: "Volumes are in use that were attached, or not attached, as the driver said.",
    fix: "delete the CSIDriver and create it anew while no pod uses its volumes",
    bad: "apiVersion: storage.k8s.io/v1\nkind: CSIDriver\nmetadata: {name: csi.hetzner.cloud}\n\
          spec: {attachRequired: true}\n---\n\
          apiVersion: storage.k8s.io/v1\nkind: CSIDriver\nmetadata: {name: csi.hetzner.cloud}\n\
          spec: {attachRequired: false}",
    good: "apiVersion: storage.k8s.io/v1\nkind: CSIDriver\nmetadata: {name: csi.hetzner.cloud}\n\
           spec: {attachRequired: true}\n---\n\
           apiVersion: storage.k8s.io/v1\nkind: CSIDriver\nmetadata: {name: csi.hetzner.cloud}\n\
           spec: {attachRequired: true, podInfoOnMount: true}",
};

/// Parameters that a class may have.
const MOST_PARAMETERS: usize = 512;
/// Bytes that its parameters may have together.
const MOST_BYTES: usize = 262_144;
/// The shortest life of a token, in seconds.
const TEN_MINUTES: i64 = 600;
/// The longest life of a token, in seconds.
const LONGEST_TOKEN: i64 = 1 << 32;
/// The shortest time between two questions to a node, in seconds.
const SHORTEST_UPDATE: i64 = 10;

fn class(object: &Value, judge: &mut Judge) {
    let place = Place::OBJECT;
    let provisioner = text(object, "provisioner");
    if !provisioner.is_empty() {
        let reasons = server::is_qualified_name(&provisioner.to_lowercase());
        let shown = Value::from(provisioner.to_lowercase());
        judge.all_invalid(&CLASS, &place.field("provisioner"), &shown, reasons);
    }
    let parameters = place.field("parameters");
    let (mut count, mut size) = (0, 0);
    for (name, value) in entries(object, "parameters") {
        count += 1;
        size += name.len() + value.as_str().map_or(0, str::len);
        if name.is_empty() {
            judge.invalid(&CLASS, &parameters, &name.into(), "field can not be empty.");
        }
    }
    if count > MOST_PARAMETERS {
        judge.too_long(&CLASS, &parameters, MOST_PARAMETERS);
    } else if size > MOST_BYTES {
        judge.too_long(&CLASS, &parameters, MOST_BYTES);
    }
    topologies(object, &place.field("allowedTopologies"), judge);
}

fn topologies(object: &Value, place: &Place<'_>, judge: &mut Judge) {
    let terms = list(object, "allowedTopologies");
    for (index, term) in terms.iter().enumerate() {
        let place = place.index(index);
        let place = place.field("matchLabelExpressions");
        let labels = list(term, "matchLabelExpressions");
        for (index, label) in labels.iter().enumerate() {
            let earlier = labels.get(..index).unwrap_or_default();
            topology_label(label, earlier, &place.index(index), judge);
        }
        // The server also takes a term without labels for a repeated one.
        if labels.is_empty() || terms.iter().take(index).any(|earlier| same(Some(earlier), Some(term))) {
            judge.duplicate(&TOPOLOGY, &place, &"".into());
        }
    }
}

fn topology_label(label: &Value, earlier: &[Value], place: &Place<'_>, judge: &mut Judge) {
    let key = text(label, "key");
    common::checked(&TOPOLOGY, label, "key", server::is_qualified_name, place, judge);
    if earlier.iter().any(|other| text(other, "key") == key) {
        judge.duplicate(&TOPOLOGY, &place.field("key"), &key.into());
    }
    let values = list(label, "values");
    let place = place.field("values");
    for (index, value) in values.iter().enumerate() {
        if values.iter().take(index).any(|earlier| earlier == value) {
            judge.duplicate(&TOPOLOGY, &place.index(index), value);
        }
    }
}

fn update_class(old: &Value, new: &Value, judge: &mut Judge) {
    let place = Place::OBJECT;
    for field in ["parameters", "provisioner", "reclaimPolicy", "volumeBindingMode"] {
        if !same(old.get(field), new.get(field)) {
            common::declared_immutable(&IMMUTABLE_CLASS, new, field, &place, judge);
        }
    }
}

fn driver(object: &Value, judge: &mut Judge) {
    let Some(spec) = get(object, "spec") else { return };
    let place = Place::OBJECT;
    let place = place.field("spec");
    if let Some(period) = get(spec, "nodeAllocatableUpdatePeriodSeconds")
        && whole(period).is_some_and(|period| period < SHORTEST_UPDATE)
    {
        let reason = format_args!("must be greater than or equal to {SHORTEST_UPDATE} seconds");
        judge.invalid(
            &DRIVER,
            &place.field("nodeAllocatableUpdatePeriodSeconds"),
            period,
            reason,
        );
    }
    let requests = list(spec, "tokenRequests");
    if let Some(flag) = get(spec, "serviceAccountTokenInSecrets").filter(|_| requests.is_empty()) {
        let reason = "serviceAccountTokenInSecrets is set but no tokenRequests are specified";
        judge.invalid(&DRIVER, &place.field("serviceAccountTokenInSecrets"), flag, reason);
    }
    let place = place.field("tokenRequests");
    for (index, request) in requests.iter().enumerate() {
        let place = place.index(index);
        let audience = text(request, "audience");
        if requests
            .iter()
            .take(index)
            .any(|earlier| text(earlier, "audience") == audience)
        {
            judge.duplicate(&DRIVER, &place.field("audience"), &audience.into());
            continue;
        }
        let Some(value) = get(request, "expirationSeconds") else {
            continue;
        };
        let place = place.field("expirationSeconds");
        match whole(value) {
            Some(seconds) if seconds < TEN_MINUTES => {
                judge.invalid(
                    &DRIVER,
                    &place,
                    value,
                    "may not specify a duration less than 10 minutes",
                );
            }
            Some(seconds) if seconds > LONGEST_TOKEN => {
                judge.invalid(
                    &DRIVER,
                    &place,
                    value,
                    "may not specify a duration larger than 2^32 seconds",
                );
            }
            _ => {}
        }
    }
}

fn update_driver(old: &Value, new: &Value, judge: &mut Judge) {
    let (Some(old), Some(new)) = (get(old, "spec"), get(new, "spec")) else {
        return;
    };
    let place = Place::OBJECT;
    let place = place.field("spec");
    common::immutable(&IMMUTABLE_DRIVER, old, new, "volumeLifecycleModes", &place, judge);
    if !same(old.get("attachRequired"), new.get("attachRequired")) {
        let after = get(new, "attachRequired").unwrap_or(&Value::Null);
        // The server's path has a slip in it.
        judge.invalid(
            &IMMUTABLE_DRIVER,
            &place.field("attachedRequired"),
            after,
            common::IMMUTABLE,
        );
        judge.point_to(&place.field("attachRequired"));
    }
}
