//! Annotations that say what fields say by now: profiles of containers, the cost of losing a pod.
//!
//! Where both are there, they must agree.

use serde_json::Value;

use super::examples::pod;
use super::{Pod, each_container};
use crate::diagnostic::codes::Code;
use crate::schema::Place;
use crate::server::common::{at, get, list, text};
use crate::server::judge::Judge;

pub(super) const PROFILE: Code = Code {
    id: "contradictory-profile-annotation",
    title: "an annotation that names a profile which does not exist or contradicts the field",
    why: "Seccomp and AppArmor profiles were set by annotations before there were fields; the server still reads these \
          annotations, and they must name containers of the pod and agree with the fields.",
    fix: "take the annotation away and set `securityContext`",
    bad: "apiVersion: v1\nkind: Pod\nmetadata:\n  name: odoo\n  namespace: hartmann-bau-production\n  \
          annotations: {container.apparmor.security.beta.kubernetes.io/web: runtime/default}\nspec:\n  \
          containers: [{name: odoo, image: \"registry.example/odoo:18.0\"}]",
    good: pod!("  securityContext: {appArmorProfile: {type: RuntimeDefault}}"),
};

pub(super) const COST: Code = Code {
    id: "invalid-pod-deletion-cost",
    title: "a cost of losing a pod that is no number",
    why: "Of several pods the one that costs least is ended first; the costs are compared as whole numbers of 32 bits.",
    fix: "write a whole number, without `+` and without zeros in front",
    bad: "apiVersion: v1\nkind: Pod\nmetadata:\n  name: odoo\n  namespace: hartmann-bau-production\n  \
          annotations: {controller.kubernetes.io/pod-deletion-cost: high}\nspec:\n  \
          containers: [{name: odoo, image: \"registry.example/odoo:18.0\"}]",
    good: "apiVersion: v1\nkind: Pod\nmetadata:\n  name: odoo\n  namespace: hartmann-bau-production\n  \
           annotations: {controller.kubernetes.io/pod-deletion-cost: \"100\"}\nspec:\n  \
           containers: [{name: odoo, image: \"registry.example/odoo:18.0\"}]",
};

const APP_ARMOR: &str = "container.apparmor.security.beta.kubernetes.io/";
const SECCOMP_POD: &str = "seccomp.security.alpha.kubernetes.io/pod";
const SECCOMP: &str = "container.seccomp.security.alpha.kubernetes.io/";
const DELETION_COST: &str = "controller.kubernetes.io/pod-deletion-cost";

/// Judges the annotations by themselves; the server has its own path for those of templates.
pub(super) fn check(pod: &Pod<'_>, path: &Place<'_>, place: &Place<'_>, judge: &mut Judge) {
    for (key, value) in pod.annotations.and_then(Value::as_object).into_iter().flatten() {
        let profile = value.as_str().unwrap_or_default();
        let before = judge.problems.len();
        if key == DELETION_COST {
            if !is_cost(profile) {
                judge.invalid(&COST, &path.key(key), value, "must be a 32bit integer");
            }
        } else if let Some(container) = key.strip_prefix(APP_ARMOR) {
            app_armor(pod, container, profile, &path.key(key), judge);
        } else if key == SECCOMP_POD || key.starts_with(SECCOMP) {
            seccomp(profile, &path.field(key), judge);
        }
        if judge.problems.len() > before {
            judge.point_to(&place.key(key));
        }
    }
}

fn is_cost(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let is_plain = text == "0" || text.starts_with('-') || !text.starts_with(['0', '+']);
    is_plain && !digits.starts_with('+') && text.parse::<i32>().is_ok()
}

fn app_armor(pod: &Pod<'_>, container: &str, profile: &str, place: &Place<'_>, judge: &mut Judge) {
    let names = |field: &str| {
        list(pod.spec, field)
            .iter()
            .any(|known| text(known, "name") == container)
    };
    if !super::LISTS.into_iter().any(names) {
        judge.invalid(&PROFILE, place, &Value::from(container), "container not found");
    }
    if !matches!(profile, "" | "runtime/default" | "unconfined") && !profile.starts_with("localhost/") {
        let reason = format!("invalid AppArmor profile name: \"{profile}\"");
        judge.invalid(&PROFILE, place, &Value::from(profile), reason);
    }
}

fn seccomp(profile: &str, place: &Place<'_>, judge: &mut Judge) {
    if matches!(profile, "runtime/default" | "docker/default" | "unconfined") {
        return;
    }
    let value = Value::from(profile);
    let Some(path) = profile.strip_prefix("localhost/") else {
        judge.invalid(&PROFILE, place, &value, "must be a valid seccomp profile");
        return;
    };
    let value = Value::from(path);
    if path.starts_with('/') {
        judge.invalid(&PROFILE, place, &value, "must be a relative path");
    }
    if path.split('/').any(|part| part == "..") {
        judge.invalid(&PROFILE, place, &value, "must not contain '..'");
    }
}

/// Compares annotations with fields.
pub(super) fn profiles(pod: &Pod<'_>, place: &Place<'_>, judge: &mut Judge) {
    let annotations = pod.annotations.and_then(Value::as_object);
    let Some(annotations) = annotations.filter(|annotations| !annotations.is_empty()) else {
        return;
    };
    let annotation = |key: &str| annotations.get(key).and_then(Value::as_str);
    if let Some(profile) = at(pod.spec, &["securityContext", "seccompProfile"]) {
        let place = place.field("securityContext");
        agree(
            "seccomp",
            profile,
            annotation(SECCOMP_POD),
            &place.field("seccompProfile"),
            judge,
        );
    }
    let of_pod = at(pod.spec, &["securityContext", "appArmorProfile"]);
    let is_windows = at(pod.spec, &["os", "name"]).is_some_and(|name| name == "windows");
    each_container(pod.spec, place, &mut |container, place| {
        let context = get(container, "securityContext").unwrap_or(&Value::Null);
        let name = text(container, "name");
        let place = place.field("securityContext");
        if let Some(profile) = get(context, "seccompProfile") {
            let annotation = annotation(&format!("{SECCOMP}{name}"));
            agree("seccomp", profile, annotation, &place.field("seccompProfile"), judge);
        }
        if let Some(profile) = get(context, "appArmorProfile").or(of_pod).filter(|_| !is_windows) {
            let annotation = annotation(&format!("{APP_ARMOR}{name}"));
            agree("apparmor", profile, annotation, &place.field("appArmorProfile"), judge);
        }
    });
}

fn agree(kind: &str, profile: &Value, annotation: Option<&str>, place: &Place<'_>, judge: &mut Judge) {
    let Some(annotation) = annotation else { return };
    let agrees = match text(profile, "type") {
        "Unconfined" => annotation == "unconfined",
        "RuntimeDefault" => annotation == "runtime/default" || (kind == "seccomp" && annotation == "docker/default"),
        "Localhost" => match annotation.strip_prefix("localhost/") {
            Some(path) if path != text(profile, "localhostProfile") => {
                let reason = format!("{kind} profile in annotation and field must match");
                judge.forbidden(&PROFILE, &place.field("localhostProfile"), reason);
                return;
            }
            path => path.is_some(),
        },
        _ => true,
    };
    if !agrees {
        let reason = format!("{kind} type in annotation and field must match");
        judge.forbidden(&PROFILE, &place.field("type"), reason);
    }
}
