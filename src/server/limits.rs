//! Limits and defaults for what a namespace holds.
//!
//! Whether containers keep to them is the business of other rooms.

use std::collections::BTreeSet;

use serde_json::Value;

use super::common::{entries, get, list, quantity, text};
use super::judge::Judge;
use super::{API_SERVER, Kind, Rules, resource, unchanged};
use crate::diagnostic::codes::Code;
use crate::schema::Place;
use crate::text::{Quantity, server};

pub(super) const RULES: Rules = Rules {
    by: API_SERVER,
    kinds: &[Kind {
        group: "",
        kind: "LimitRange",
        create,
        update: unchanged,
    }],
    codes: &[&TYPE, &RESOURCE, &ORDER, &RATIO],
};

const TYPE: Code = Code {
    id: "limit-range-type",
    title: "limits for what has none, or twice for one type",
    why: "Limits are for `Container`, `Pod` or `PersistentVolumeClaim`, once each. Pods have no defaults, since those are \
          given to containers; claims are limited in their storage.",
    fix: "write one entry for each type, without `default` for pods, and with `max.storage` or `min.storage` for claims",
    bad: "apiVersion: v1\nkind: LimitRange\nmetadata: {name: defaults, namespace: hartmann-bau-production}\nspec:\n  \
          limits:\n  - {type: Pod, default: {memory: 512Mi}}",
    good: "apiVersion: v1\nkind: LimitRange\nmetadata: {name: defaults, namespace: hartmann-bau-production}\nspec:\n  \
           limits:\n  - {type: Container, default: {memory: 512Mi}}",
};

const RESOURCE: Code = Code {
    id: "limit-range-resource",
    title: "limits for a resource that containers do not have",
    why: "Containers have `cpu`, `memory`, `ephemeral-storage`, huge pages, and resources with a domain such as \
          `nvidia.com/gpu`.",
    fix: "correct the name of the resource",
    bad: "apiVersion: v1\nkind: LimitRange\nmetadata: {name: defaults, namespace: hartmann-bau-production}\nspec:\n  \
          limits:\n  - {type: Pod, max: {mem: 512Mi}}",
    good: "apiVersion: v1\nkind: LimitRange\nmetadata: {name: defaults, namespace: hartmann-bau-production}\nspec:\n  \
           limits:\n  - {type: Pod, max: {memory: 512Mi}}",
};

const ORDER: Code = Code {
    id: "limit-range-order",
    title: "limits that contradict each other",
    why: "The order is `min`, `defaultRequest`, `default`, `max`. Where `default` is left out it is `max`, and \
          `defaultRequest` is `default` or else `min`.",
    fix: "put the amounts in this order",
    bad: "apiVersion: v1\nkind: LimitRange\nmetadata: {name: defaults, namespace: hartmann-bau-production}\nspec:\n  \
          limits:\n  - {type: Container, default: {memory: 4Gi}, max: {memory: 2Gi}, defaultRequest: {memory: 1Gi}}",
    good: "apiVersion: v1\nkind: LimitRange\nmetadata: {name: defaults, namespace: hartmann-bau-production}\nspec:\n  \
           limits:\n  - {type: Container, default: {memory: 2Gi}, max: {memory: 4Gi}, defaultRequest: {memory: 1Gi}}",
};

const RATIO: Code = Code {
    id: "limit-request-ratio",
    title: "a ratio of limit and request that no container can keep",
    why: "The limit is never below the request, so the ratio is 1 or more; and it cannot exceed `max` divided by `min`.",
    fix: "set `maxLimitRequestRatio` between 1 and `max` divided by `min`",
    bad: "apiVersion: v1\nkind: LimitRange\nmetadata: {name: defaults, namespace: hartmann-bau-production}\nspec:\n  \
          limits:\n  - {type: Container, maxLimitRequestRatio: {cpu: 500m}}",
    good: "apiVersion: v1\nkind: LimitRange\nmetadata: {name: defaults, namespace: hartmann-bau-production}\nspec:\n  \
           limits:\n  - {type: Container, maxLimitRequestRatio: {cpu: \"4\"}}",
};

/// Above this the server counts in whole units, not in thousandths.
const MOST_MILLIS: u64 = i64::MAX as u64 / 1000;

fn create(object: &Value, judge: &mut Judge) {
    let Some(spec) = get(object, "spec") else { return };
    let place = Place::OBJECT;
    let (place, field) = (place.field("spec"), "limits");
    let place = place.field(field);
    let limits = list(spec, "limits");
    for (index, limit) in limits.iter().enumerate() {
        let earlier = limits.get(..index).unwrap_or_default();
        check(limit, earlier, &place.index(index), judge);
    }
}

fn check(limit: &Value, earlier: &[Value], place: &Place<'_>, judge: &mut Judge) {
    let kind = text(limit, "type");
    check_type(limit, kind, earlier, place, judge);
    let fields: &[&str] = match kind {
        "Pod" => &["max", "min", "maxLimitRequestRatio"],
        _ => &["max", "min", "default", "defaultRequest", "maxLimitRequestRatio"],
    };
    let mut names = BTreeSet::new();
    for field in fields {
        let place = place.field(field);
        for (name, _) in entries(limit, field) {
            let reasons = resource::limit_problems(kind, name);
            judge.all_invalid(&RESOURCE, &place.key(name), &name.into(), reasons);
            names.insert(name);
        }
    }
    for name in names {
        let amount = |field: &str| {
            let value = fields.contains(&field).then(|| limit.get(field)?.get(name)).flatten();
            value.and_then(quantity)
        };
        order(name, &amount, place, judge);
        ratio(name, &amount, place, judge);
    }
}

fn check_type(limit: &Value, kind: &str, earlier: &[Value], place: &Place<'_>, judge: &mut Judge) {
    if kind.is_empty() {
        return;
    }
    let of_type = place.field("type");
    let mut reasons = server::is_qualified_name(kind);
    let is_known = kind.contains('/') || ["Container", "PersistentVolumeClaim", "Pod"].contains(&kind);
    if reasons.is_empty() && !is_known {
        reasons.push("must be a standard limit type or fully qualified".to_owned());
    }
    judge.all_invalid(&TYPE, &of_type, &kind.into(), reasons);
    if earlier.iter().any(|other| text(other, "type") == kind) {
        judge.duplicate(&TYPE, &of_type, &kind.into());
    }
    if kind == "Pod" {
        for field in ["default", "defaultRequest"] {
            if entries(limit, field).next().is_some() {
                judge.forbidden(&TYPE, &place.field(field), "may not be specified when `type` is 'Pod'");
            }
        }
    }
    let has_storage = |field: &str| {
        limit
            .get(field)
            .is_some_and(|amounts| get(amounts, "storage").is_some())
    };
    if kind == "PersistentVolumeClaim" && !has_storage("min") && !has_storage("max") {
        let reason = "either minimum or maximum storage value is required, but neither was provided";
        judge.required(&TYPE, &place.field("limits"), reason);
        judge.point_to(place);
    }
}

/// Each pair in the order that amounts must have: the fields, the words of the server, and whose amount it prints at which.
fn order(name: &str, amount: &dyn Fn(&str) -> Option<Quantity>, place: &Place<'_>, judge: &mut Judge) {
    let pairs = [
        ("min", "max", "min value", "max value", "min", 0),
        (
            "min",
            "defaultRequest",
            "min value",
            "default request value",
            "defaultRequest",
            1,
        ),
        (
            "defaultRequest",
            "max",
            "default request value",
            "max value",
            "defaultRequest",
            0,
        ),
        (
            "defaultRequest",
            "default",
            "default request value",
            "default limit value",
            "defaultRequest",
            0,
        ),
        ("min", "default", "min value", "default value", "default", 0),
        ("default", "max", "default value", "max value", "default", 1),
    ];
    for (low, high, low_name, high_name, at, shown) in pairs {
        let (Some(low), Some(high)) = (amount(low), amount(high)) else {
            continue;
        };
        if low > high {
            let place = place.field(at);
            let value = Value::from(if shown == 0 { low.as_str() } else { high.as_str() });
            let (low, high) = (low.as_str(), high.as_str());
            let reason = format_args!("{low_name} {low} is greater than {high_name} {high}");
            judge.invalid(&ORDER, &place.key(name), &value, reason);
        }
    }
    if let (Some(limit), Some(request)) = (amount("default"), amount("defaultRequest"))
        && limit != request
        && !resource::is_overcommitted(name)
    {
        let place = place.field("defaultRequest");
        let (limit, request) = (limit.as_str(), request.as_str());
        let reason = format_args!("default value {limit} must equal to defaultRequest value {request} in {name}");
        judge.invalid(&ORDER, &place.key(name), &request.into(), reason);
    }
}

fn ratio(name: &str, amount: &dyn Fn(&str) -> Option<Quantity>, place: &Place<'_>, judge: &mut Judge) {
    let Some(ratio) = amount("maxLimitRequestRatio") else {
        return;
    };
    let place = place.field("maxLimitRequestRatio");
    let place = place.key(name);
    let shown = ratio.as_str();
    let value = Value::from(shown);
    if ratio.millis() < 1000 {
        judge.invalid(&RATIO, &place, &value, format_args!("ratio {shown} is less than 1"));
    }
    let (Some(min), Some(max)) = (amount("min"), amount("max")) else {
        return;
    };
    let is_small = [&ratio, &min, &max].iter().all(|amount| amount.bytes() < MOST_MILLIS);
    let read = |amount: &Quantity| match is_small {
        true => amount.millis() as f64,
        false => amount.bytes() as f64,
    };
    let most = read(&max) / read(&min);
    let asked = if is_small { read(&ratio) / 1000.0 } else { read(&ratio) };
    if asked > most {
        let reason = format_args!("ratio {shown} is greater than max/min = {most:.6}");
        judge.invalid(&RATIO, &place, &value, reason);
    }
}
