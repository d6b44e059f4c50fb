//! Claims of volumes, and what may change about them.
//!
//! A claim is taken to be bound: while it waits for its first pod, it cannot even grow.

use serde_json::Value;

use super::common::{self, at, get, quantity, same};
use super::judge::Judge;
use super::{API_SERVER, Kind, Rules, claims};
use crate::diagnostic::codes::Code;
use crate::schema::Place;

pub(super) const RULES: Rules = Rules {
    by: API_SERVER,
    kinds: &[Kind {
        group: "",
        kind: "PersistentVolumeClaim",
        create,
        update,
    }],
    codes: &[&IMMUTABLE, &SHRINK],
};

const IMMUTABLE: Code = Code {
    id: "immutable-volume-claim",
    title: "a claim of a volume that changes more than its size",
    why: "The volume is there and does not change its class, its mode or what it was filled from. Only \
          `resources.requests.storage` may grow, where the storage class allows it, and `volumeAttributesClassName` change.",
    fix: "create a claim of another name, copy the data, and let the workload use the new one",
    bad: "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: filestore, namespace: hartmann-bau-production}\n\
          spec: {accessModes: [ReadWriteOnce], storageClassName: block, resources: {requests: {storage: 50Gi}}}\n---\n\
          apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: filestore, namespace: hartmann-bau-production}\n\
          spec: {accessModes: [ReadWriteMany], storageClassName: nfs, resources: {requests: {storage: 50Gi}}}",
    good: "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: filestore, namespace: hartmann-bau-production}\n\
           spec: {accessModes: [ReadWriteOnce], storageClassName: block, resources: {requests: {storage: 50Gi}}}\n---\n\
           apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: filestore, namespace: hartmann-bau-production}\n\
           spec: {accessModes: [ReadWriteOnce], storageClassName: block, resources: {requests: {storage: 80Gi}}}",
};

const SHRINK: Code = Code {
    id: "volume-claim-shrinks",
    title: "a claim of a volume that shrinks",
    why: "No file system is made smaller below data that is in use.",
    fix: "keep the size, or create a smaller claim of another name and copy the data",
    bad: "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: filestore, namespace: hartmann-bau-production}\n\
          spec: {accessModes: [ReadWriteOnce], storageClassName: block, resources: {requests: {storage: 50Gi}}}\n---\n\
          apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: filestore, namespace: hartmann-bau-production}\n\
          spec: {accessModes: [ReadWriteOnce], storageClassName: block, resources: {requests: {storage: 20Gi}}}",
    good: "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: filestore, namespace: hartmann-bau-production}\n\
           spec: {accessModes: [ReadWriteOnce], storageClassName: block, resources: {requests: {storage: 50Gi}}}\n---\n\
           apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: filestore, namespace: hartmann-bau-production}\n\
           spec: {accessModes: [ReadWriteOnce], storageClassName: block, resources: {requests: {storage: 80Gi}}}",
};

/// What stays; the size and the class of attributes are judged apart.
const STAYS: &[&str] = &["accessModes", "selector", "volumeMode"];
/// What the server fills in from one another, so that leaving one out changes nothing.
const SOURCES: &[&str] = &["dataSource", "dataSourceRef"];
/// What stays once it is said.
const STAYS_ONCE_SAID: &[&str] = &["storageClassName", "volumeName"];
const REASON: &str =
    "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims";
const STORAGE: &[&str] = &["resources", "requests", "storage"];

fn create(object: &Value, judge: &mut Judge) {
    if let Some(spec) = get(object, "spec") {
        let place = Place::OBJECT;
        let place = place.field("spec");
        claims::spec(spec, &place, judge);
        claims::requests(spec, &place, judge);
    }
}

fn update(old: &Value, new: &Value, judge: &mut Judge) {
    let (Some(old), Some(new)) = (get(old, "spec"), get(new, "spec")) else {
        return;
    };
    let place = Place::OBJECT;
    let place = place.field("spec");
    let changes = |field: &&&str| !same(old.get(**field), new.get(**field));
    let is_said = |field: &&&str| get(old, field).is_some();
    let is_there = |field: &&&str| get(new, field).is_some();
    let limits = |spec| at(spec, &["resources", "limits"]);
    let changed = STAYS
        .iter()
        .find(changes)
        .or_else(|| SOURCES.iter().filter(is_there).find(changes))
        .or_else(|| STAYS_ONCE_SAID.iter().filter(is_said).find(changes))
        .or_else(|| (!same(limits(old), limits(new))).then_some(&"resources"));
    if let Some(field) = changed {
        judge.forbidden(&IMMUTABLE, &place, REASON);
        judge.point_to(&place.field(field));
    }
    if !same(old.get("volumeMode"), new.get("volumeMode")) {
        let mode = get(new, "volumeMode").unwrap_or(&Value::Null);
        let top = Place::OBJECT;
        judge.invalid(&IMMUTABLE, &top.field("volumeMode"), mode, common::IMMUTABLE);
        judge.point_to(&place.field("volumeMode"));
    }
    let size = |spec| at(spec, STORAGE).and_then(quantity);
    if let (Some(before), Some(after)) = (size(old), size(new))
        && after < before
    {
        let resources = place.field("resources");
        let requests = resources.field("requests");
        let reason = "field can not be less than status.capacity";
        judge.forbidden(&SHRINK, &requests.field("storage"), reason);
    }
}
