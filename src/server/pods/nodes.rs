//! Which nodes a pod may run on: tolerations, affinity to nodes, spreading over them.
//!
//! Terms that could never match are refused, whatever nodes there are.

use serde_json::Value;

use super::Pod;
use super::examples::pod;
use super::peers::label_keys;
use crate::diagnostic::codes::Code;
use crate::schema::Place;
use crate::server::common::{at, get, label_selector, labels, list, number, text};
use crate::server::judge::Judge;
use crate::text::server;

pub(super) const SELECTOR: Code = Code {
    id: "invalid-node-selector",
    title: "a selection of nodes that the API server refuses",
    why: "Nodes are selected by their labels, or by their name in `matchFields`. `In` and `NotIn` compare with values, `Gt` \
          and `Lt` with one number, `Exists` and `DoesNotExist` with nothing.",
    fix: "give each operator the values that it takes, and write keys and values as labels",
    bad: pod!(
        "  affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: \
         [{matchExpressions: [{key: disk, operator: In}]}]}}}"
    ),
    good: pod!(
        "  affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: \
         [{matchExpressions: [{key: disk, operator: In, values: [ssd]}]}]}}}"
    ),
};

pub(super) const TOLERATION: Code = Code {
    id: "invalid-toleration",
    title: "a toleration that the API server refuses",
    why: "A toleration without a key is for all taints and so has `operator: Exists`; `Exists` compares with no value. Only \
          what throws running pods out, `NoExecute`, can be tolerated for some seconds.",
    fix: "take the value away from `Exists`, and `tolerationSeconds` from other effects than `NoExecute`",
    bad: pod!("  tolerations: [{key: odoo, operator: Exists, value: \"true\"}]"),
    good: pod!("  tolerations: [{key: odoo, operator: Equal, value: \"true\"}]"),
};

pub(super) const SPREAD: Code = Code {
    id: "invalid-topology-spread",
    title: "a rule for spreading pods that the API server refuses",
    why: "A skew below one would allow no pod at all; a least number of domains only means something when pods wait for them; \
          labels that pods are told apart by cannot be selected, too.",
    fix: "set `maxSkew` to 1 or more, and `minDomains` only with `DoNotSchedule`",
    bad: pod!(
        "  topologySpreadConstraints: [{maxSkew: 0, topologyKey: topology.kubernetes.io/zone, whenUnsatisfiable: \
         DoNotSchedule, labelSelector: {matchLabels: {app: odoo}}}]"
    ),
    good: pod!(
        "  topologySpreadConstraints: [{maxSkew: 1, topologyKey: topology.kubernetes.io/zone, whenUnsatisfiable: \
         DoNotSchedule, labelSelector: {matchLabels: {app: odoo}}}]"
    ),
};

pub(super) const WEIGHT: Code = Code {
    id: "invalid-affinity-weight",
    title: "a weight of a preference that is none",
    why: "Preferences are weighed against each other with numbers from 1 to 100.",
    fix: "write a weight from 1 to 100",
    bad: pod!(
        "  affinity: {nodeAffinity: {preferredDuringSchedulingIgnoredDuringExecution: [{weight: 1000, preference: \
         {matchExpressions: [{key: disk, operator: In, values: [ssd]}]}}]}}"
    ),
    good: pod!(
        "  affinity: {nodeAffinity: {preferredDuringSchedulingIgnoredDuringExecution: [{weight: 100, preference: \
         {matchExpressions: [{key: disk, operator: In, values: [ssd]}]}}]}}"
    ),
};

/// Judges where a pod may run.
pub(super) fn check(pod: &Pod<'_>, place: &Place<'_>, judge: &mut Judge) {
    labels(&SELECTOR, pod.spec, "nodeSelector", place, judge);
    tolerations(pod.spec, place, judge);
    spread(pod, place, judge);
    let Some(affinity) = at(pod.spec, &["affinity", "nodeAffinity"]) else {
        return;
    };
    let place = place.field("affinity");
    let place = place.field("nodeAffinity");
    let required = "requiredDuringSchedulingIgnoredDuringExecution";
    if let Some(selector) = get(affinity, required) {
        let place = place.field(required);
        required_terms(selector, &place, judge);
    }
    let preferred = "preferredDuringSchedulingIgnoredDuringExecution";
    let place = place.field(preferred);
    for (index, term) in list(affinity, preferred).iter().enumerate() {
        let place = place.index(index);
        weight(term, &place, judge);
        if let Some(preference) = get(term, "preference") {
            node_term(preference, false, &place.field("preference"), judge);
        }
    }
}

/// Judges the terms of which a node must meet one.
pub(in crate::server) fn required_terms(selector: &Value, place: &Place<'_>, judge: &mut Judge) {
    let terms = place.field("nodeSelectorTerms");
    for (index, term) in list(selector, "nodeSelectorTerms").iter().enumerate() {
        node_term(term, true, &terms.index(index), judge);
    }
}

/// Refuses a weight that is none.
pub(super) fn weight(term: &Value, place: &Place<'_>, judge: &mut Judge) {
    if let Some(value) = term.get("weight")
        && number(term, "weight").is_some_and(|weight| !(1..=100).contains(&weight))
    {
        judge.invalid(&WEIGHT, &place.field("weight"), value, "must be in the range 1-100");
    }
}

fn node_term(term: &Value, is_required: bool, place: &Place<'_>, judge: &mut Judge) {
    let expressions = place.field("matchExpressions");
    for (index, requirement) in list(term, "matchExpressions").iter().enumerate() {
        let place = expressions.index(index);
        operands(requirement, &place, judge);
        if let Some(key @ Value::String(name)) = requirement.get("key").filter(|key| *key != "") {
            let reasons = server::is_qualified_name(name);
            judge.all_invalid(&SELECTOR, &place.field("key"), key, reasons);
        }
        let values = place.field("values");
        // A preference may name what no node can have.
        for (index, value) in list(requirement, "values").iter().enumerate().filter(|_| is_required) {
            let reasons = server::is_valid_label_value(value.as_str().unwrap_or_default());
            judge.all_invalid(&SELECTOR, &values.index(index), value, reasons);
        }
    }
    let fields = place.field("matchFields");
    for (index, requirement) in list(term, "matchFields").iter().enumerate() {
        node_field(requirement, &fields.index(index), judge);
    }
}

fn operands(requirement: &Value, place: &Place<'_>, judge: &mut Judge) {
    let values = list(requirement, "values");
    let place = place.field("values");
    match text(requirement, "operator") {
        "In" | "NotIn" if values.is_empty() => {
            let reason = "must be specified when `operator` is 'In' or 'NotIn'";
            judge.required(&SELECTOR, &place, reason);
        }
        "Exists" | "DoesNotExist" if !values.is_empty() => {
            let reason = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'";
            judge.forbidden(&SELECTOR, &place, reason);
        }
        "Gt" | "Lt" if values.len() != 1 => {
            let reason = "must be specified single value when `operator` is 'Lt' or 'Gt'";
            judge.required(&SELECTOR, &place, reason);
        }
        _ => {}
    }
}

fn node_field(requirement: &Value, place: &Place<'_>, judge: &mut Judge) {
    let values = list(requirement, "values");
    let operator = text(requirement, "operator");
    let here = place.field("values");
    match operator {
        "In" | "NotIn" if values.len() != 1 => {
            let reason = "must be only one value when `operator` is 'In' or 'NotIn' for node field selector";
            judge.required(&SELECTOR, &here, reason);
        }
        "Exists" | "DoesNotExist" | "Gt" | "Lt" => {
            let reason = "not a valid selector operator";
            judge.invalid(&SELECTOR, &place.field("operator"), &Value::from(operator), reason);
        }
        _ => {}
    }
    match get(requirement, "key") {
        Some(key) if key == "metadata.name" => {
            for (index, value) in values.iter().enumerate() {
                let reasons = server::is_dns1123_subdomain(value.as_str().unwrap_or_default());
                judge.all_invalid(&SELECTOR, &here.index(index), value, reasons);
            }
        }
        Some(key) if key != "" => {
            judge.invalid(&SELECTOR, &place.field("key"), key, "not a valid field selector key");
        }
        _ => {}
    }
}

fn tolerations(spec: &Value, place: &Place<'_>, judge: &mut Judge) {
    let place = place.field("tolerations");
    for (index, toleration) in list(spec, "tolerations").iter().enumerate() {
        // Null is a toleration that says nothing.
        if !toleration.is_object() && !toleration.is_null() {
            continue;
        }
        let place = place.index(index);
        let (key, operator) = (text(toleration, "key"), text(toleration, "operator"));
        let here = place.field("operator");
        if !key.is_empty() {
            let reasons = server::is_qualified_name(key);
            judge.all_invalid(&TOLERATION, &place.field("key"), &Value::from(key), reasons);
        } else if operator != "Exists" {
            let reason = "operator must be Exists when `key` is empty, which means \"match all values and all keys\"";
            judge.invalid(&TOLERATION, &here, &Value::from(operator), reason);
        }
        let effect = text(toleration, "effect");
        if number(toleration, "tolerationSeconds").is_some() && effect != "NoExecute" {
            let reason = "effect must be 'NoExecute' when `tolerationSeconds` is set";
            judge.invalid(&TOLERATION, &place.field("effect"), &Value::from(effect), reason);
        }
        let value = text(toleration, "value");
        let reason = match operator {
            "Equal" | "" => server::is_valid_label_value(value).join(";"),
            "Exists" if !value.is_empty() => "value must be empty when `operator` is 'Exists'".to_owned(),
            _ => continue,
        };
        if !reason.is_empty() {
            judge.invalid(&TOLERATION, &here, &Value::from(value), reason);
            judge.point_to(&place.field("value"));
        }
    }
}

fn spread(pod: &Pod<'_>, place: &Place<'_>, judge: &mut Judge) {
    let place = place.field("topologySpreadConstraints");
    for (index, constraint) in list(pod.spec, "topologySpreadConstraints").iter().enumerate() {
        let place = place.index(index);
        let action = text(constraint, "whenUnsatisfiable");
        for field in ["maxSkew", "minDomains"] {
            if let Some(value) = constraint.get(field)
                && number(constraint, field).is_some_and(|number| number <= 0)
            {
                judge.invalid(&SPREAD, &place.field(field), value, "must be greater than zero");
            }
        }
        if let Some(value) = get(constraint, "minDomains").filter(|_| action == "ScheduleAnyway") {
            let reason = format!("can only use minDomains if whenUnsatisfiable=DoNotSchedule, not {action}");
            judge.invalid(&SPREAD, &place.field("minDomains"), value, reason);
        }
        label_keys(&SPREAD, pod, constraint, &place, judge);
        if let Some(selector) = get(constraint, "labelSelector") {
            label_selector(selector, &place.field("labelSelector"), judge);
        }
    }
}
