//! Which other pods a pod wants near it, or far away.
//!
//! Peers are selected by labels, in namespaces, on nodes that share a value of a label.

use serde_json::Value;

use super::Pod;
use super::examples::pod;
use super::nodes::weight;
use crate::diagnostic::codes::Code;
use crate::schema::Place;
use crate::server::common::{entries, get, label_selector, list, text};
use crate::server::judge::Judge;
use crate::text::server;

pub(super) const PEERS: Code = Code {
    id: "invalid-pod-affinity",
    title: "an affinity to pods that the API server refuses",
    why: "Pods are near when their nodes have one value of a label, so `topologyKey` is the key of a label; namespaces are \
          named one by one. Keys in `matchLabelKeys` add to a selector and cannot be without one, or in it.",
    fix: "correct the field in the message",
    bad: pod!(
        "  affinity: {podAntiAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [{topologyKey: \"host name\", \
         labelSelector: {matchLabels: {app: odoo}}}]}}"
    ),
    good: pod!(
        "  affinity: {podAntiAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [{topologyKey: \
         kubernetes.io/hostname, labelSelector: {matchLabels: {app: odoo}}}]}}"
    ),
};

/// Judges affinity and anti-affinity to pods.
pub(super) fn check(pod: &Pod<'_>, place: &Place<'_>, judge: &mut Judge) {
    let Some(affinity) = get(pod.spec, "affinity") else {
        return;
    };
    let place = place.field("affinity");
    for field in ["podAffinity", "podAntiAffinity"] {
        let Some(affinity) = get(affinity, field) else { continue };
        let place = place.field(field);
        let required = "requiredDuringSchedulingIgnoredDuringExecution";
        let terms = place.field(required);
        for (index, peers) in list(affinity, required).iter().enumerate() {
            term(pod, peers, &terms.index(index), judge);
        }
        let preferred = "preferredDuringSchedulingIgnoredDuringExecution";
        let terms = place.field(preferred);
        for (index, weighted) in list(affinity, preferred).iter().enumerate() {
            let place = terms.index(index);
            weight(weighted, &place, judge);
            if let Some(peers) = get(weighted, "podAffinityTerm") {
                term(pod, peers, &place.field("podAffinityTerm"), judge);
            }
        }
    }
}

fn term(pod: &Pod<'_>, term: &Value, place: &Place<'_>, judge: &mut Judge) {
    for field in ["labelSelector", "namespaceSelector"] {
        if let Some(selector) = get(term, field) {
            label_selector(selector, &place.field(field), judge);
        }
    }
    let namespaces = place.field("namespaces");
    for (index, name) in list(term, "namespaces").iter().enumerate() {
        for reason in server::is_dns1123_label(name.as_str().unwrap_or_default()) {
            judge.invalid(&PEERS, &place.field("namespace"), name, reason);
            judge.point_to(&namespaces.index(index));
        }
    }
    label_keys(&PEERS, pod, term, place, judge);
    if let Some(key @ Value::String(name)) = term.get("topologyKey").filter(|key| *key != "") {
        let reasons = server::is_qualified_name(name);
        judge.all_invalid(&PEERS, &place.field("topologyKey"), key, reasons);
    }
}

/// Judges the keys whose values a pod has in common with its peers, or has not.
pub(super) fn label_keys(code: &Code, pod: &Pod<'_>, term: &Value, place: &Place<'_>, judge: &mut Judge) {
    let selector = get(term, "labelSelector");
    for field in ["matchLabelKeys", "mismatchLabelKeys"] {
        let keys = list(term, field);
        let place = place.field(field);
        if selector.is_none() && !keys.is_empty() {
            judge.forbidden(code, &place, "must not be specified when labelSelector is not set");
            continue;
        }
        for (index, key) in keys.iter().enumerate() {
            let reasons = server::is_qualified_name(key.as_str().unwrap_or_default());
            judge.all_invalid(code, &place.index(index), key, reasons);
        }
    }
    let Some(selector) = selector else { return };
    let home = place.field("matchLabelKeys");
    // A key of a spread constraint was refused wherever it is selected, until 1.34.
    let is_old = code.id != PEERS.id && judge.minor < 34;
    // The server adds the keys to the selector of a Pod before it looks.
    let is_added = |key: &Value| {
        let label = key.as_str().and_then(|key| pod.labels?.get(key));
        label.is_some()
    };
    for (index, key) in list(term, "matchLabelKeys").iter().enumerate() {
        let of_labels = entries(selector, "matchLabels")
            .filter(|(label, _)| key == label)
            .count();
        let expressions = list(selector, "matchExpressions").iter();
        let times = of_labels + expressions.filter(|expression| key == text(expression, "key")).count();
        let reason = "exists in both matchLabelKeys and labelSelector";
        if is_old && times > 0 {
            judge.invalid(code, &home.index(index), key, reason);
        } else if !is_old && times + usize::from(is_added(key)) > 1 && times > 0 {
            judge.invalid(code, &place.index(index), key, reason);
            judge.point_to(&home.index(index));
        }
        if list(term, "mismatchLabelKeys").contains(key) {
            let reason = "exists in both matchLabelKeys and mismatchLabelKeys";
            judge.invalid(code, &home.index(index), key, reason);
        }
    }
}
