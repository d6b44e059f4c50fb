//! What may change in a Pod that runs: hardly anything.
//!
//! Controllers replace pods; only who writes Pods by hand meets this.

use serde_json::Value;

use super::examples::container;
use crate::diagnostic::codes::Code;
use crate::schema::Place;
use crate::server::common::{get, list, number, same, text};
use crate::server::judge::Judge;

pub(super) const POD: Code = Code {
    id: "immutable-pod-field",
    title: "a change of a Pod that runs already",
    why: "Of a Pod that runs only the images of its containers, its deadline and additional tolerations can be changed; \
          anything else would need another process.",
    fix: "delete the Pod and create it again, or let a Deployment do that",
    bad: concat!(
        container!("    args: [--workers=2]\n"),
        "---\n",
        container!("    args: [--workers=4]\n")
    ),
    good: concat!(
        container!("    args: [--workers=2]\n"),
        "---\n",
        container!(
            "    args: [--workers=2]\n",
            "  tolerations: [{key: odoo, operator: Exists}]\n"
        )
    ),
};

/// Judges the change of a Pod.
pub(super) fn pod(old: &Value, new: &Value, judge: &mut Judge) {
    let (Some(old), Some(new)) = (get(old, "spec"), get(new, "spec")) else {
        return;
    };
    let object = Place::OBJECT;
    let place = object.field("spec");
    for field in ["containers", "initContainers"] {
        if list(old, field).len() != list(new, field).len() {
            let reason = "pod updates may not add or remove containers";
            judge.forbidden(&POD, &place.field(field), reason);
            return;
        }
    }
    if !deadline(old, new, &place, judge) {
        return;
    }
    tolerations(old, new, &place, judge);
    gates(old, new, &place, judge);
    // Pods at a gate may be narrowed to nodes; which changes narrow is the server's to say.
    let at_gate = !list(old, "schedulingGates").is_empty();
    let may_change = |field: &str| {
        matches!(field, "activeDeadlineSeconds" | "tolerations" | "schedulingGates")
            || (at_gate && matches!(field, "nodeSelector" | "affinity"))
    };
    let fields = |spec: &Value| -> Vec<String> {
        spec.as_object()
            .into_iter()
            .flatten()
            .map(|(field, _)| field.clone())
            .collect()
    };
    let mut names = fields(old);
    names.extend(fields(new));
    names.sort_unstable();
    names.dedup();
    for field in names.iter().filter(|field| !may_change(field)) {
        let (before, after) = (old.get(field), new.get(field));
        let equal = match field.as_str() {
            "containers" | "initContainers" => same_but_images(list(old, field), list(new, field)),
            // A negative period becomes one second.
            "terminationGracePeriodSeconds" => {
                same(before, after)
                    || (number(old, field).is_some_and(|seconds| seconds < 0) && number(new, field) == Some(1))
            }
            // The server fills these in, from what it knows of the cluster.
            "nodeName" | "priority" | "preemptionPolicy" | "serviceAccount" | "serviceAccountName" => {
                before.is_none() || after.is_none() || same(before, after)
            }
            _ => same(before, after),
        };
        if !equal {
            judge.forbidden(
                &POD,
                &place,
                "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,\
                 `spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),\
                 `spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)",
            );
            judge.point_to(&place.field(field));
        }
    }
}

fn same_but_images(old: &[Value], new: &[Value]) -> bool {
    let plain = |container: &Value, is_pulled_alike: bool| {
        let mut fields = container.as_object().cloned().unwrap_or_default();
        fields.remove("image");
        // Unless it is said, the policy follows from the image that the Pod had first.
        if !is_pulled_alike {
            fields.remove("imagePullPolicy");
        }
        Value::Object(fields)
    };
    old.iter().zip(new).all(|(old, new)| {
        let is_pulled_alike = text(old, "image") == text(new, "image");
        same(Some(&plain(old, is_pulled_alike)), Some(&plain(new, is_pulled_alike)))
    })
}

fn deadline(old: &Value, new: &Value, place: &Place<'_>, judge: &mut Judge) -> bool {
    let field = "activeDeadlineSeconds";
    let here = place.field(field);
    let reason = match (number(old, field), number(new, field)) {
        (Some(before), Some(after)) if after > before => "must be less than or equal to previous value",
        (Some(_), None) => "must not update from a positive integer to nil value",
        _ => return true,
    };
    judge.invalid(&POD, &here, new.get(field).unwrap_or(&Value::Null), reason);
    get(new, field).is_none()
}

fn tolerations(old: &Value, new: &Value, place: &Place<'_>, judge: &mut Judge) {
    let fields = ["key", "operator", "value", "effect"];
    let equal = |one: &Value, other: &Value| fields.iter().all(|field| text(one, field) == text(other, field));
    let after = list(new, "tolerations");
    let mut before = list(old, "tolerations").iter();
    if before.any(|old| !after.iter().any(|new| equal(old, new))) {
        let reason = "existing toleration can not be modified except its tolerationSeconds";
        judge.forbidden(&POD, &place.field("tolerations"), reason);
    }
}

fn gates(old: &Value, new: &Value, place: &Place<'_>, judge: &mut Judge) {
    let place = place.field("schedulingGates");
    let before = list(old, "schedulingGates");
    for (index, gate) in list(new, "schedulingGates").iter().enumerate() {
        let name = text(gate, "name");
        if before.iter().all(|gate| text(gate, "name") != name) {
            let place = place.index(index);
            let reason = format!("only deletion is allowed, but found new scheduling gate '{name}'");
            judge.forbidden(&POD, &place.field("name"), reason);
        }
    }
}
