//! What holds data must not disappear from the output unseen: whatever reconciles it would delete the data with it.
//!
//! Leave is asked of the environment as it is now or, when it is gone, of the namespace that the previous output has.

use serde_json::Value;

use crate::diagnostic::{Finding, Level};
use crate::model::{Environment, Fleet};
use crate::text::Date;
use crate::words::{DATA_REMOVAL_OBJECTS, DATA_REMOVAL_UNTIL};

/// The kinds that hold data: group, kind, and what is lost with an object.
const HOLDERS: &[(&str, &str, &str)] = &[
    ("", "Namespace", "everything in it"),
    ("", "PersistentVolume", "the volume"),
    ("", "PersistentVolumeClaim", "the volume"),
    ("objectbucket.io", "ObjectBucketClaim", "the bucket"),
    ("postgresql.cnpg.io", "Cluster", "the database server and its volumes"),
    ("postgresql.cnpg.io", "Database", "the database"),
    ("s3.aws.m.upbound.io", "Bucket", "the bucket"),
    ("snapshot.storage.k8s.io", "VolumeSnapshot", "the snapshot"),
];

/// Says whether a file, by its name, may hold an object that holds data: only such files have to be read.
pub fn may_hold_data(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    HOLDERS.iter().any(|(_, kind, _)| {
        let rest = name.get(..kind.len()).filter(|start| start.eq_ignore_ascii_case(kind));
        rest.is_some() && name.get(kind.len()..).is_some_and(|rest| rest.starts_with(['-', '.']))
    })
}

/// Returns what is lost with an object, if it holds data that goes with it.
fn lost(object: &Value) -> Option<&'static str> {
    let text = |pointer: &str| object.pointer(pointer).and_then(Value::as_str);
    let (api_version, kind) = (text("/apiVersion")?, text("/kind")?);
    let group = api_version.split_once('/').map_or("", |(group, _)| group);
    let (.., lost) = HOLDERS.iter().find(|(of, name, _)| *of == group && *name == kind)?;
    // A database stays on its server unless the operator is told otherwise.
    let is_kept = kind == "Database" && text("/spec/databaseReclaimPolicy") != Some("delete");
    (!is_kept).then_some(*lost)
}

fn name(object: &Value) -> String {
    let text = |pointer: &str| object.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    format!("{}/{}", text("/kind"), text("/metadata/name"))
}

/// Leave to remove data.
struct Leave {
    /// The last day.
    until: String,
    /// The objects whose data may go.
    objects: Vec<String>,
}

impl Leave {
    fn of(environment: &Environment) -> Option<Self> {
        let removal = environment.spec.data_removal.as_ref()?;
        Some(Self {
            until: removal.until.to_string(),
            objects: removal.objects.clone(),
        })
    }

    fn in_namespace(namespace: &Value) -> Option<Self> {
        let annotations = namespace.pointer("/metadata/annotations")?;
        let text = |name: &str| annotations.get(name).and_then(Value::as_str);
        Some(Self {
            until: text(DATA_REMOVAL_UNTIL)?.to_owned(),
            objects: text(DATA_REMOVAL_OBJECTS)?.split(',').map(str::to_owned).collect(),
        })
    }

    fn covers(&self, object: &str, today: &Date) -> bool {
        let is_meant = |meant: &String| meant == "*" || meant == object;
        // Both are written as year, month and day.
        self.until.as_str() >= today.as_str() && self.objects.iter().any(is_meant)
    }
}

/// Complains about objects that would be removed together, if one of them holds data. `subject` is whose they are, as
/// findings say it; `removed` are the objects as the previous output has them.
pub fn check(fleet: &Fleet, subject: &str, removed: &[Value]) -> Option<Finding> {
    let environment = fleet
        .environments
        .iter()
        .find(|environment| environment.id() == subject);
    let namespace = || {
        removed
            .iter()
            .find(|object| object.get("kind").is_some_and(|kind| kind == "Namespace"))
    };
    let leave = match environment {
        Some(environment) => Leave::of(environment),
        None => namespace().and_then(Leave::in_namespace),
    };
    let is_covered = |object: &str| leave.as_ref().is_some_and(|leave| leave.covers(object, &fleet.today));
    let denied: Vec<String> = removed
        .iter()
        .filter_map(|object| Some((name(object), lost(object)?)))
        .filter(|(object, _)| !is_covered(object))
        .map(|(object, lost)| format!("{object} ({lost})"))
        .collect();
    if denied.is_empty() {
        return None;
    }
    let ended = leave.filter(|leave| leave.until.as_str() < fleet.today.as_str());
    let ended = ended.map_or_else(String::new, |leave| {
        format!("; leave to do so ended on {}", leave.until)
    });
    let message = format!("`{subject}` would lose {}{ended}", denied.join(", "));
    let help = match environment {
        Some(_) => "restore what made it, or give leave with `dataRemoval` in the environment",
        None => {
            "restore the environment, give leave with `dataRemoval: {objects: [\"*\"]}`, build and deliver that, and \
             remove the environment then"
        }
    };
    let mut finding = Finding::new("data-removal", Level::Deny, message).help(help);
    finding.subject = Some(subject.to_owned());
    finding.location = environment.map(|environment| environment.place());
    Some(finding)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_files_of_kinds_with_data_are_read() {
        assert!(may_hold_data("environments/a/b/database/cluster-db.yaml"));
        assert!(may_hold_data("environments/a/b/objects/bucket.s3-one.yaml"));
        assert!(!may_hold_data("environments/a/b/identity/clusterrole-one.yaml"));
        assert!(!may_hold_data("environments/a/b/database/scheduledbackup-db.yaml"));
    }

    #[test]
    fn a_database_stays_on_its_server() {
        let database = |policy: &str| {
            json!({"apiVersion": "postgresql.cnpg.io/v1", "kind": "Database", "metadata": {"name": "odoo"},
                   "spec": {"databaseReclaimPolicy": policy}})
        };
        assert_eq!(lost(&database("retain")), None);
        assert_eq!(lost(&database("delete")), Some("the database"));
    }

    #[test]
    fn leave_names_objects_and_a_day() {
        let namespace = |objects: &str| json!({"metadata": {"annotations": {DATA_REMOVAL_UNTIL: "2026-12-31", DATA_REMOVAL_OBJECTS: objects}}});
        let covers = |objects: &str, object: &str, today: &str| {
            let leave = Leave::in_namespace(&namespace(objects)).unwrap();
            leave.covers(object, &today.parse().unwrap())
        };
        assert!(covers("*", "Cluster/db", "2026-12-31"));
        assert!(!covers("*", "Cluster/db", "2027-01-01"));
        assert!(covers(
            "Cluster/db,PersistentVolumeClaim/x",
            "PersistentVolumeClaim/x",
            "2026-11-22"
        ));
        assert!(!covers("Cluster/db", "Namespace/kestrel-staging", "2026-11-22"));
    }
}
