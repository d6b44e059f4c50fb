//! Disruption budgets: how many pods may be missing.
//!
//! Whether a budget blocks every drain is the business of other rooms.

use serde_json::Value;

use super::common::{self, get, label_selector};
use super::judge::Judge;
use super::{API_SERVER, Kind, Rules, unchanged};
use crate::diagnostic::codes::Code;
use crate::schema::Place;

pub(super) const RULES: Rules = Rules {
    by: API_SERVER,
    kinds: &[Kind {
        group: "policy",
        kind: "PodDisruptionBudget",
        create,
        update: unchanged,
    }],
    codes: &[&BUDGET],
};

const BUDGET: Code = Code {
    id: "disruption-budget",
    title: "a disruption budget that says two things, or nothing that can be",
    why: "A budget says how many pods stay (`minAvailable`) or how many may go (`maxUnavailable`), as a number from zero on \
          or as a percentage up to `100%`.",
    fix: "keep one of the two, a number or a text such as `50%`",
    bad: "apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {name: web, namespace: hartmann-bau-production}\n\
          spec: {minAvailable: 1, maxUnavailable: 1, selector: {matchLabels: {app: odoo}}}",
    good: "apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {name: web, namespace: hartmann-bau-production}\n\
           spec: {maxUnavailable: 1, selector: {matchLabels: {app: odoo}}}",
};

fn create(object: &Value, judge: &mut Judge) {
    let Some(spec) = get(object, "spec") else { return };
    let place = Place::OBJECT;
    let place = place.field("spec");
    let (least, most) = (get(spec, "minAvailable"), get(spec, "maxUnavailable"));
    if let (Some(least), Some(most)) = (least, most) {
        let or_null = |field: &str| get(spec, field).unwrap_or(&Value::Null);
        let (selector, policy) = (or_null("selector"), or_null("unhealthyPodEvictionPolicy"));
        // The server prints its own type, of which the fields begin with capitals.
        let message = format_args!(
            "Invalid value: {{\"MinAvailable\":{least},\"Selector\":{selector},\"MaxUnavailable\":{most},\
             \"UnhealthyPodEvictionPolicy\":{policy}}}: minAvailable and maxUnavailable cannot be both set"
        );
        judge.say(&BUDGET, &place, message);
    }
    for (field, value) in [("minAvailable", least), ("maxUnavailable", most)] {
        if let Some(value) = value {
            common::count_or_percent(&BUDGET, value, &place.field(field), judge);
            common::at_most_all(&BUDGET, value, &place.field(field), judge);
        }
    }
    if let Some(selector) = get(spec, "selector") {
        label_selector(selector, &place.field("selector"), judge);
    }
}
