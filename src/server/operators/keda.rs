//! What the webhook of KEDA 2.20 refuses in one object, and windows of time that its operator cannot read.
//!
//! The webhook speaks of no fields; the places are ours, the words its own.

use serde_json::Value;

use super::cron::{self, Dialect};
use super::read::{at, items, number, place, repeated, text, truth};
use crate::diagnostic::codes::Code;
use crate::schema::Place;
use crate::server::judge::Judge;
use crate::server::{Kind, Rules, unchanged};

mod pages;

const GROUP: &str = "keda.sh";

pub(in crate::server) const RULES: Rules = Rules {
    by: "KEDA webhook",
    kinds: &[
        Kind {
            group: GROUP,
            kind: "ScaledObject",
            create: scaled_object,
            update: unchanged,
        },
        Kind {
            group: GROUP,
            kind: "ScaledJob",
            create: scaled_job,
            update: unchanged,
        },
        Kind {
            group: GROUP,
            kind: "TriggerAuthentication",
            create: authentication,
            update: unchanged,
        },
        Kind {
            group: GROUP,
            kind: "ClusterTriggerAuthentication",
            create: authentication,
            update: unchanged,
        },
    ],
    codes: &[
        &pages::REPLICAS,
        &pages::TRIGGER,
        &pages::WINDOW,
        &pages::NAME,
        &pages::AUTHENTICATION,
    ],
};

fn scaled_object(object: &Value, judge: &mut Judge) {
    names(object, judge);
    replicas(object, judge);
    fallback(object, judge);
    triggers(object, judge);
    modifiers(object, judge);
}

fn scaled_job(object: &Value, judge: &mut Judge) {
    triggers(object, judge);
}

/// What may be the value of a label.
const LONGEST_NAME: usize = 63;

fn names(object: &Value, judge: &mut Judge) {
    let name = text(object, &["metadata", "name"]);
    if name.len() > LONGEST_NAME {
        judge.say(
            &pages::NAME,
            place!("metadata", "name"),
            format_args!(
                "scaledobject name {name:?} is {} characters long; must be no more than {LONGEST_NAME} characters \
                 because it is used as the \"scaledobject.keda.sh/name\" label value",
                name.len()
            ),
        );
        return;
    }
    let made = format!("keda-hpa-{name}");
    let autoscaler = match text(object, &["spec", "advanced", "horizontalPodAutoscalerConfig", "name"]) {
        "" => made.as_str(),
        given => given,
    };
    if autoscaler.len() > LONGEST_NAME {
        judge.say(
            &pages::NAME,
            place!("metadata", "name"),
            format_args!(
                "HPA name {autoscaler:?} derived from scaledobject is {} characters long; must be no more than \
                 {LONGEST_NAME} characters; set spec.advanced.horizontalPodAutoscalerConfig.name to a shorter name or \
                 shorten the scaledobject name",
                autoscaler.len()
            ),
        );
    }
}

fn replicas(object: &Value, judge: &mut Judge) {
    let of = |field: &str| number(object, &["spec", field]);
    // A least of zero counts as one here, since the autoscaler that is made does not go below.
    let least = of("minReplicaCount").map_or(0, |count| if count > 0 { count } else { 1 });
    let most = of("maxReplicaCount").unwrap_or(100);
    if least > most {
        judge.say(
            &pages::REPLICAS,
            place!("spec", "minReplicaCount"),
            format_args!("MinReplicaCount={least} must be less than MaxReplicaCount={most}"),
        );
    } else if let Some(idle) = of("idleReplicaCount").filter(|idle| *idle >= least) {
        judge.say(
            &pages::REPLICAS,
            place!("spec", "idleReplicaCount"),
            format_args!("IdleReplicaCount={idle} must be less than MinReplicaCount={least}"),
        );
    }
    let kinds: Vec<&str> = items(object, &["spec", "triggers"])
        .iter()
        .map(|trigger| text(trigger, &["type"]))
        .collect();
    let is_resource = |kind: &&str| matches!(*kind, "cpu" | "memory");
    let targets = ["", "Deployment", "StatefulSet"];
    if !kinds.is_empty()
        && kinds.iter().all(is_resource)
        && of("minReplicaCount").unwrap_or(0) == 0
        && targets.contains(&text(object, &["spec", "scaleTargetRef", "kind"]))
    {
        judge.say(
            &pages::REPLICAS,
            place!("spec", "minReplicaCount"),
            "scaledobject has only cpu/memory triggers AND minReplica is 0 (scale to zero doesn't work in this case)",
        );
    }
}

fn uses_modifiers(object: &Value) -> bool {
    let modifiers = at(object, &["spec", "advanced", "scalingModifiers"]);
    let fields = modifiers.and_then(Value::as_object).into_iter().flatten();
    fields.map(|(_, value)| value).any(|value| value.as_str() != Some(""))
}

fn fallback(object: &Value, judge: &mut Judge) {
    let Some(fallback) = at(object, &["spec", "fallback"]) else {
        return;
    };
    let of = |field: &str| number(fallback, &[field]).unwrap_or(0);
    let (failures, replicas) = (of("failureThreshold"), of("replicas"));
    let mut triggers = items(object, &["spec", "triggers"]).iter();
    if failures < 0 || replicas < 0 {
        judge.say(
            &pages::REPLICAS,
            place!("spec", "fallback"),
            format_args!("FailureThreshold={failures} & Replicas={replicas} must both be greater than or equal to 0"),
        );
    } else if !uses_modifiers(object) && triggers.all(|trigger| matches!(text(trigger, &["type"]), "cpu" | "memory")) {
        judge.say(
            &pages::REPLICAS,
            place!("spec", "fallback"),
            "at least one trigger (that is not cpu or memory) has to have the `AverageValue` type for the fallback to be \
             enabled",
        );
    }
}

fn triggers(object: &Value, judge: &mut Judge) {
    let triggers = items(object, &["spec", "triggers"]);
    if triggers.is_empty() {
        judge.say(
            &pages::TRIGGER,
            place!("spec", "triggers"),
            "no triggers defined in the ScaledObject/ScaledJob",
        );
    }
    let names = triggers.iter().map(|trigger| text(trigger, &["name"]));
    for (index, name) in repeated(names).filter(|(_, name)| !name.is_empty()) {
        judge.say(
            &pages::TRIGGER,
            place!("spec", "triggers", index, "name"),
            format_args!(
                "triggerName {name:?} is defined multiple times in the ScaledObject/ScaledJob, but it must be unique"
            ),
        );
    }
    for (index, trigger) in triggers.iter().enumerate() {
        place!(let place = "spec", "triggers", index);
        let kind = text(trigger, &["type"]);
        if matches!(kind, "cpu" | "memory" | "cron") && truth(trigger, &["useCachedMetrics"]) == Some(true) {
            judge.say(
                &pages::TRIGGER,
                &place.field("useCachedMetrics"),
                format_args!("property \"useCachedMetrics\" is not supported for {kind:?} scaler"),
            );
        }
        if kind == "cron"
            && let Some(metadata) = at(trigger, &["metadata"])
        {
            window(metadata, &place.field("metadata"), judge);
        }
    }
}

/// A window of time is read by the operator, which says in an event that it cannot.
fn window(metadata: &Value, place: &Place<'_>, judge: &mut Judge) {
    let mut say = |field: &str, reason: String| {
        judge.say(
            &pages::WINDOW,
            &place.field(field),
            format_args!("error parsing cron metadata: {reason}"),
        );
    };
    for field in ["start", "end"] {
        let schedule = text(metadata, &[field]);
        if let Some(reason) = cron::refusal(schedule, Dialect::Fields) {
            say(field, format!("error parsing {field} schedule: {reason}"));
        }
    }
    let [start, end, zone, replicas] =
        ["start", "end", "timezone", "desiredReplicas"].map(|field| text(metadata, &[field]));
    if start == end && !start.is_empty() {
        say("end", "start and end can not have exactly same time input".to_owned());
    }
    if zone.is_empty() {
        say("timezone", "missing required parameter \"timezone\"".to_owned());
    } else if zone != "Local" && jiff::tz::TimeZone::get(zone).is_err() {
        say("timezone", format!("unable to load timezone: unknown time zone {zone}"));
    }
    if replicas.parse::<i64>().is_err() {
        say(
            "desiredReplicas",
            format!("unable to set param \"desiredReplicas\" value {replicas:?}"),
        );
    } else if replicas.parse() == Ok(0) {
        say("desiredReplicas", "no desiredReplicas specified".to_owned());
    }
}

fn modifiers(object: &Value, judge: &mut Judge) {
    place!(let place = "spec", "advanced", "scalingModifiers");
    let of = |field: &str| text(object, &["spec", "advanced", "scalingModifiers", field]);
    let (formula, target) = (of("formula"), of("target"));
    if text(object, &["spec", "fallback", "behavior"]) == "scalingModifiers" && formula.is_empty() {
        judge.say(
            &pages::TRIGGER,
            &place.field("formula"),
            "scalingModifiers fallback behavior requires scalingModifiers.formula to be defined",
        );
    }
    if !uses_modifiers(object) {
        return;
    }
    let reason = if formula.is_empty() {
        "error ScalingModifiers.Formula is mandatory"
    } else if target.is_empty() {
        "error validating formula in ScalingModifiers\nformula is given but target is empty"
    } else if !target.starts_with("0x") && target.parse::<f64>().map_or(true, |target| target <= 0.0) {
        "error validating target in ScalingModifiers\nerror converting target for scalingModifiers (string->float) to \
         valid target"
    } else if of("metricType") == "Utilization" {
        "error validating target in ScalingModifiers\nerror trigger type is Utilization, but it needs to be \
         AverageValue or Value for external metrics"
    } else {
        return;
    };
    judge.say(&pages::TRIGGER, place, reason.replace('\n', ": "));
}

fn authentication(object: &Value, judge: &mut Judge) {
    const CODE: &Code = &pages::AUTHENTICATION;
    if let Some(identity) = at(object, &["spec", "podIdentity"]) {
        place!(let place = "spec", "podIdentity");
        let set = |field: &str| !text(identity, &[field]).is_empty();
        let is_empty = |field: &str| at(identity, &[field]).and_then(Value::as_str) == Some("");
        match text(identity, &["provider"]) {
            "azure-workload" => {
                if is_empty("identityId") {
                    judge.say(
                        CODE,
                        &place.field("identityId"),
                        "identityId of PodIdentity should not be empty. If it's set, identityId has to be different than \
                         \"\"",
                    );
                } else if set("identityAuthorityHost") && !set("identityTenantId") {
                    judge.say(
                        CODE,
                        &place.field("identityTenantId"),
                        "identityTenantID of PodIdentity should not be nil or empty when identityAuthorityHost of \
                         PodIdentity is set",
                    );
                } else if is_empty("identityTenantId") {
                    judge.say(
                        CODE,
                        &place.field("identityTenantId"),
                        "identityTenantId of PodIdentity should not be empty. If it's set, identityTenantId has to be \
                         different than \"\"",
                    );
                }
            }
            "aws" => {
                if set("roleArn") && text(identity, &["identityOwner"]) == "workload" {
                    judge.say(
                        CODE,
                        &place.field("roleArn"),
                        "roleArn of PodIdentity can't be set if KEDA isn't identityOwner",
                    );
                } else if set("externalID") && !set("roleArn") {
                    judge.say(
                        CODE,
                        &place.field("externalID"),
                        "externalID of PodIdentity requires roleArn to be set",
                    );
                }
            }
            // The webhook looks no further for other providers.
            _ => return,
        }
    }
    if let Some(settings) = at(object, &["spec", "oauth2"]) {
        place!(let place = "spec", "oauth2");
        let reason = match [
            text(settings, &["type"]),
            text(settings, &["clientId"]),
            text(settings, &["tokenUrl"]),
        ] {
            [kind, ..] if kind != "clientCredentials" => {
                format!("oauth2.type must be 'clientCredentials', got '{kind}'")
            }
            [_, "", _] => "oauth2.clientId is required when oauth2 is configured".to_owned(),
            [_, _, ""] => "oauth2.tokenUrl is required when oauth2 is configured".to_owned(),
            [_, _, url] if !is_web(url) => "oauth2.tokenUrl must be a valid http or https URL".to_owned(),
            _ => return,
        };
        judge.say(CODE, place, reason);
    }
}

fn is_web(url: &str) -> bool {
    let rest = url
        .split_once("://")
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https"));
    rest.is_some_and(|(_, rest)| !rest.is_empty() && !rest.starts_with(['/', '?', '#']))
}
