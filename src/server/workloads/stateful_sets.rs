//! StatefulSets.
//!
//! Pods have numbers and volumes of their own; most of the spec is decided for life.

use serde_json::Value;

use super::rollout::{COUNT, STRATEGY, is_nothing, step, step_of_all};
use super::{IMMUTABLE, restarts_always, selector, selects_template};
use crate::diagnostic::codes::Code;
use crate::schema::Place;
use crate::server::claims;
use crate::server::common::{at, checked, get, immutable, list, none_negative, not_negative, number, same, text};
use crate::server::judge::Judge;
use crate::server::pods;
use crate::text::server;

pub(super) const SERVICE: Code = Code {
    id: "invalid-governing-service",
    title: "a name of a StatefulSet's Service that no Service can have",
    why: "The pods are known as `<name>-0.<serviceName>`, so this is one DNS label.",
    fix: "write the name of the headless Service",
    bad: "apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: valkey, namespace: hartmann-bau-production}\nspec:\n  \
          serviceName: valkey.hartmann-bau-production\n  selector: {matchLabels: {app: valkey}}\n  template:\n    metadata: \
          {labels: {app: valkey}}\n    spec: {containers: [{name: valkey, image: \"registry.example/valkey:9\"}]}",
    good: "apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: valkey, namespace: hartmann-bau-production}\nspec:\n  \
           serviceName: valkey\n  selector: {matchLabels: {app: valkey}}\n  template:\n    metadata: \
           {labels: {app: valkey}}\n    spec: {containers: [{name: valkey, image: \"registry.example/valkey:9\"}]}",
};

/// Fields that stay, of those that are not selectors of pods.
const LASTING: &[&str] = &["selector", "volumeClaimTemplates", "serviceName", "podManagementPolicy"];
/// What the server says of any of them before 1.37.
const LISTED: &str = "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', \
                      'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and \
                      'minReadySeconds' are forbidden";

/// Judges a StatefulSet.
pub(super) fn create(object: &Value, judge: &mut Judge) {
    let Some(spec) = get(object, "spec") else { return };
    let object = Place::OBJECT;
    let place = object.field("spec");
    strategy(spec, &place, judge);
    none_negative(&COUNT, spec, &["replicas", "minReadySeconds"], &place, judge);
    if let Some(ordinals) = get(spec, "ordinals") {
        not_negative(&COUNT, ordinals, "start", &place.field("ordinals"), judge);
    }
    let claims = list(spec, "volumeClaimTemplates");
    // What stays as it was is not judged again.
    if !judge.is_stored {
        checked(&SERVICE, spec, "serviceName", server::is_dns1123_label, &place, judge);
        claim_templates(claims, &place, judge);
    }
    if selector(spec, "statefulset", &place, judge) {
        selects_template(spec, &place, judge);
    }
    if let Some(template) = get(spec, "template") {
        pods::numbered_template(template, claims, &place.field("template"), judge);
    }
    restarts_always(spec, "StatefulSet", &place, judge);
}

fn claim_templates(claims: &[Value], place: &Place<'_>, judge: &mut Judge) {
    if judge.minor < 34 {
        return;
    }
    let volumes = place.field("template");
    let volumes = volumes.field("spec");
    let volumes = volumes.field("volumes");
    let place = place.field("volumeClaimTemplates");
    for (index, claim) in claims.iter().enumerate() {
        // The pods see the claim as a volume, and so does the server.
        let volume = volumes.index(index);
        let (path, home) = (volume.field("name"), place.index(index));
        match at(claim, &["metadata", "name"]).filter(|name| *name != "") {
            None if claim.is_object() => {
                judge.required(&pods::VOLUME_NAME, &path, "");
                judge.point_to(&home);
            }
            Some(name @ Value::String(text)) => {
                for reason in server::is_dns1123_label(text) {
                    judge.invalid(&pods::VOLUME_NAME, &path, name, reason);
                    judge.point_to(&home.field("metadata").field("name"));
                }
            }
            _ => {}
        }
        if let Some(spec) = get(claim, "spec") {
            claims::spec(spec, &place.index(index).field("spec"), judge);
        }
    }
}

fn strategy(spec: &Value, place: &Place<'_>, judge: &mut Judge) {
    let Some(strategy) = get(spec, "updateStrategy") else {
        return;
    };
    let Some(rolling) = get(strategy, "rollingUpdate") else {
        return;
    };
    let place = place.field("updateStrategy");
    let place = place.field("rollingUpdate");
    if text(strategy, "type") == "OnDelete" {
        let reason = "only allowed for updateStrategy 'RollingUpdate'";
        judge.invalid(&STRATEGY, &place, rolling, reason);
        return;
    }
    if number(rolling, "partition").is_some() {
        not_negative(&STRATEGY, rolling, "partition", &place, judge);
    }
    // Servers before 1.37 drop the field.
    if let Some(value) = get(rolling, "maxUnavailable").filter(|_| judge.minor >= 37) {
        step(rolling, "maxUnavailable", &place, judge);
        if is_nothing(rolling, "maxUnavailable") {
            judge.invalid(&STRATEGY, &place.field("maxUnavailable"), value, "cannot be 0");
        }
        step_of_all(rolling, "maxUnavailable", &place, judge);
    }
}

/// Judges the change of a StatefulSet.
pub(super) fn update(old: &Value, new: &Value, judge: &mut Judge) {
    let (Some(old), Some(new)) = (get(old, "spec"), get(new, "spec")) else {
        return;
    };
    let object = Place::OBJECT;
    let place = object.field("spec");
    for field in LASTING {
        if judge.minor >= 37 {
            immutable(&IMMUTABLE, old, new, field, &place, judge);
        } else if !same(old.get(field), new.get(field)) {
            judge.forbidden(&IMMUTABLE, &place, LISTED);
            judge.point_to(&place.field(field));
        }
    }
}
