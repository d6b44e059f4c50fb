//! The policies of Jobs: indexes, when a Job has succeeded, which failures of pods count.
//!
//! What needs indexes is refused in a Job without them.

use serde_json::Value;

use super::jobs::{COUNT, job};
use crate::diagnostic::codes::Code;
use crate::schema::Place;
use crate::server::common::{at, checked, get, list, none_negative, number, text};
use crate::server::judge::Judge;
use crate::text::server;

pub(super) const INDEXED: Code = Code {
    id: "invalid-indexed-job",
    title: "a field of indexed Jobs in another Job, or out of range",
    why: "Limits for each index and a rule of success need indexes, so the Job has `completionMode: Indexed` and a number of \
          `completions`; each pod's host is named after its index.",
    fix: "set `completionMode: Indexed` and `completions`, or take the field away",
    bad: job!("  backoffLimitPerIndex: 2\n"),
    good: job!("  completionMode: Indexed\n  completions: 3\n  backoffLimitPerIndex: 2\n"),
};

pub(super) const FAILURE: Code = Code {
    id: "invalid-pod-failure-policy",
    title: "a rule about failed pods that the API server refuses",
    why: "A rule looks at exit codes of a container or at conditions of the pod. Codes are sorted, each once, and zero is no \
          failure. Pods that restart in place never fail, so the pods restart never.",
    fix: "correct the rule, and set `restartPolicy: Never`",
    bad: job!("  podFailurePolicy: {rules: [{action: FailJob, onExitCodes: {operator: In, values: [0, 3]}}]}\n"),
    good: job!("  podFailurePolicy: {rules: [{action: FailJob, onExitCodes: {operator: In, values: [3]}}]}\n"),
};

/// The most pods at once of an indexed Job, the most indexes of it that may fail, and the most completions before both
/// are a tenth of it.
const MANY: i64 = 100_000;
const FEWER: i64 = 10_000;
/// The most rules and conditions, and the most exit codes.
const RULES: usize = 20;
const EXIT_CODES: usize = 255;
/// Refuses what only an indexed Job has.
pub(super) fn not_indexed(spec: &Value, place: &Place<'_>, judge: &mut Judge) {
    for field in ["backoffLimitPerIndex", "maxFailedIndexes", "successPolicy"] {
        if let Some(value) = get(spec, field) {
            judge.invalid(&INDEXED, &place.field(field), value, "requires indexed completion mode");
        }
    }
}

/// Judges what an indexed Job has.
pub(super) fn indexed(spec: &Value, place: &Place<'_>, judge: &mut Judge) {
    let completions = number(spec, "completions");
    if completions.is_none() {
        let reason = "when completion mode is Indexed";
        judge.required(&INDEXED, &place.field("completions"), reason);
    }
    let mut limit = |field: &str, most: i64, reason: String| {
        if let Some(value) = spec.get(field)
            && number(spec, field).is_some_and(|number| number > most)
        {
            judge.invalid(&INDEXED, &place.field(field), value, reason);
        }
    };
    let reason = format!("must be less than or equal to {MANY} when completion mode is Indexed");
    limit("parallelism", MANY, reason);
    if let Some(completions) = completions {
        limit(
            "maxFailedIndexes",
            completions,
            "must be less than or equal to completions".to_owned(),
        );
    }
    limit(
        "maxFailedIndexes",
        MANY,
        format!("must be less than or equal to {MANY}"),
    );
    if completions.is_some_and(|completions| completions > MANY) && number(spec, "backoffLimitPerIndex").is_some() {
        let reason = format!(
            "must be less than or equal to {FEWER} when completions are above {MANY} and used with backoff limit per index"
        );
        limit("parallelism", FEWER, reason.clone());
        limit("maxFailedIndexes", FEWER, reason);
        if number(spec, "maxFailedIndexes").is_none() {
            let reason = format!("must be specified when completions is above {MANY}");
            judge.required(&INDEXED, &place.field("maxFailedIndexes"), &reason);
        }
    }
    if let (Some(policy), Some(completions)) = (get(spec, "successPolicy"), completions) {
        success_policy(policy, completions, &place.field("successPolicy"), judge);
    }
}

fn success_policy(policy: &Value, completions: i64, place: &Place<'_>, judge: &mut Judge) {
    let rules = list(policy, "rules");
    let place = place.field("rules");
    if rules.len() > RULES {
        judge.too_many(&INDEXED, &place, rules.len(), RULES);
    }
    for (index, rule) in rules.iter().enumerate() {
        let place = place.index(index);
        let (count, indexes) = (get(rule, "succeededCount"), get(rule, "succeededIndexes"));
        if count.is_none() && indexes.is_none() {
            let reason = "at least one of succeededCount or succeededIndexes must be specified";
            judge.required(&INDEXED, &place, reason);
        }
        none_negative(&COUNT, rule, &["succeededCount"], &place, judge);
        let total = indexes.map(|indexes| count_indexes(indexes.as_str().unwrap_or_default(), completions));
        if let (Some(Err(reason)), Some(indexes)) = (&total, indexes) {
            let reason = format!("error parsing succeededIndexes: {reason}");
            judge.invalid(&INDEXED, &place.field("succeededIndexes"), indexes, reason);
        }
        let (Some(value), Some(number)) = (count, number(rule, "succeededCount")) else {
            continue;
        };
        let here = place.field("succeededCount");
        if number > completions {
            let reason = format!("must be less than or equal to {completions} (the number of specified completions)");
            judge.invalid(&INDEXED, &here, value, reason);
        }
        if let Some(total) = total
            .map(|total| total.unwrap_or_default())
            .filter(|total| number > *total)
        {
            let reason = format!(
                "must be less than or equal to {total} (the number of indexes in the specified succeededIndexes field)"
            );
            judge.invalid(&INDEXED, &here, value, reason);
        }
    }
}

/// Counts the indexes of a text such as `0,3-5`.
fn count_indexes(text: &str, completions: i64) -> Result<i64, String> {
    let index = |text: &str| match text.parse::<i64>() {
        Err(_) => Err(format!("cannot convert string to integer for index: \"{text}\"")),
        Ok(index) if index >= completions => Err(format!("too large index: \"{text}\"")),
        Ok(index) => Ok(index),
    };
    let falls = |previous: i64, current: i64| format!("non-increasing order, previous: {previous}, current: {current}");
    let (mut total, mut last) = (0, None);
    for interval in text.split(',').filter(|_| !text.is_empty()) {
        let (first, end) = match interval.split_once('-') {
            Some((_, end)) if end.contains('-') => {
                return Err(format!(
                    "the fragment \"{interval}\" violates the requirement that an index interval can have at most two parts \
                     separated by '-'"
                ));
            }
            Some((first, end)) => (index(first)?, index(end)?),
            None => (index(interval)?, index(interval)?),
        };
        if interval.contains('-') && first >= end {
            return Err(falls(first, end));
        }
        if let Some(last) = last.filter(|last| *last >= first) {
            return Err(falls(last, first));
        }
        total += end - first + 1;
        last = Some(end);
    }
    Ok(total)
}

/// Judges which failures of pods count.
pub(super) fn failure_policy(spec: &Value, policy: &Value, place: &Place<'_>, judge: &mut Judge) {
    let rules = list(policy, "rules");
    let place = place.field("rules");
    if rules.len() > RULES {
        judge.too_many(&FAILURE, &place, rules.len(), RULES);
    }
    for (index, rule) in rules.iter().enumerate() {
        let place = place.index(index);
        if let Some(action) = get(rule, "action").filter(|action| *action == "FailIndex")
            && number(spec, "backoffLimitPerIndex").is_none()
        {
            let reason = "requires the backoffLimitPerIndex to be set";
            judge.invalid(&FAILURE, &place.field("action"), action, reason);
        }
        let conditions = list(rule, "onPodConditions");
        let codes = get(rule, "onExitCodes");
        if let Some(codes) = codes {
            exit_codes(spec, codes, &place.field("onExitCodes"), judge);
        }
        let here = place.field("onPodConditions");
        if conditions.len() > RULES {
            judge.too_many(&FAILURE, &here, conditions.len(), RULES);
        }
        for (index, condition) in conditions.iter().enumerate() {
            let place = here.index(index);
            checked(&FAILURE, condition, "type", server::is_qualified_name, &place, judge);
        }
        let reason = match (codes.is_some(), conditions.is_empty()) {
            (true, false) => "specifying both OnExitCodes and OnPodConditions is not supported",
            (false, true) => "specifying one of OnExitCodes and OnPodConditions is required",
            _ => continue,
        };
        judge.say(&FAILURE, &place, format_args!("Invalid value: {reason}"));
    }
}

fn exit_codes(spec: &Value, requirement: &Value, place: &Place<'_>, judge: &mut Judge) {
    if let Some(value @ Value::String(name)) = requirement.get("containerName") {
        let pod = at(spec, &["template", "spec"]).unwrap_or(&Value::Null);
        let lists = [list(pod, "containers"), list(pod, "initContainers")];
        if !lists
            .into_iter()
            .flatten()
            .any(|container| text(container, "name") == name)
        {
            let reason = "must be one of the container or initContainer names in the pod template";
            judge.invalid(&FAILURE, &place.field("containerName"), value, reason);
        }
    }
    let place = place.field("values");
    let values = list(requirement, "values");
    if values.len() > EXIT_CODES {
        judge.too_many(&FAILURE, &place, values.len(), EXIT_CODES);
    }
    let codes: Vec<Option<i64>> = values.iter().map(Value::as_i64).collect();
    for (index, value) in values.iter().enumerate() {
        if text(requirement, "operator") == "In" && value.as_i64() == Some(0) {
            judge.invalid(
                &FAILURE,
                &place.index(index),
                value,
                "must not be 0 for the In operator",
            );
        }
    }
    if !codes.is_sorted() {
        let values = requirement.get("values").unwrap_or(&Value::Null);
        judge.invalid(&FAILURE, &place, values, "must be ordered");
    }
}
