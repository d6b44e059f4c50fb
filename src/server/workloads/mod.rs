//! Controllers of pods: which pods are theirs, how they replace them, and what of this may change.
//!
//! All but Jobs find their pods by a selector, which must select the pods of their own template.

mod cron_jobs;
mod daemon_sets;
mod deployments;
mod jobs;
mod policies;
mod replicas;
mod rollout;
mod stateful_sets;

use serde_json::Value;

use super::common::{at, get, is_empty_selector, label_selector, selects};
use super::judge::Judge;
use super::{API_SERVER, Kind, Rules, unchanged};
use crate::diagnostic::codes::Code;
use crate::schema::Place;

/// The rules about controllers.
pub(super) const RULES: Rules = Rules {
    by: API_SERVER,
    kinds: &[
        Kind {
            group: "",
            kind: "PodTemplate",
            create: replicas::pod_template,
            update: unchanged,
        },
        Kind {
            group: "",
            kind: "ReplicationController",
            create: replicas::replication_controller,
            update: unchanged,
        },
        Kind {
            group: "apps",
            kind: "DaemonSet",
            create: daemon_sets::create,
            update: selector_stays,
        },
        Kind {
            group: "apps",
            kind: "Deployment",
            create: deployments::create,
            update: selector_stays,
        },
        Kind {
            group: "apps",
            kind: "ReplicaSet",
            create: replicas::replica_set,
            update: selector_stays,
        },
        Kind {
            group: "apps",
            kind: "StatefulSet",
            create: stateful_sets::create,
            update: stateful_sets::update,
        },
        Kind {
            group: "batch",
            kind: "CronJob",
            create: cron_jobs::create,
            update: unchanged,
        },
        Kind {
            group: "batch",
            kind: "Job",
            create: jobs::create,
            update: jobs::update,
        },
    ],
    codes: &[
        &SELECTOR,
        &TEMPLATE,
        &RESTART,
        &IMMUTABLE,
        &rollout::COUNT,
        &rollout::STRATEGY,
        &stateful_sets::SERVICE,
        &jobs::COUNT,
        &policies::INDEXED,
        &policies::FAILURE,
        &jobs::MANAGED,
        &jobs::SELECTOR,
        &cron_jobs::SCHEDULE,
        &cron_jobs::ZONE,
    ],
};

/// A Deployment from the lines of its spec.
macro_rules! deployment {
    ($spec:literal) => {
        concat!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: odoo, namespace: hartmann-bau-production}\nspec:\n",
            $spec
        )
    };
}
use deployment;

const SELECTOR: Code = Code {
    id: "selector-misses-template",
    title: "a selector that does not select the pods of its own template",
    why: "A controller counts the pods that its selector finds. If it did not find those that it makes, it would make them \
          for ever.",
    fix: "give the template the labels that the selector asks for",
    bad: deployment!(
        "  selector: {matchLabels: {app: odoo}}\n  template:\n    metadata: {labels: {app: web}}\n    spec: {containers: \
         [{name: odoo, image: \"registry.example/odoo:18.0\"}]}"
    ),
    good: deployment!(
        "  selector: {matchLabels: {app: odoo}}\n  template:\n    metadata: {labels: {app: odoo}}\n    spec: {containers: \
         [{name: odoo, image: \"registry.example/odoo:18.0\"}]}"
    ),
};

const TEMPLATE: Code = Code {
    id: "empty-workload-selector",
    title: "a selector of a controller that selects everything",
    why: "An empty selector would take all pods of the namespace for the controller's own.",
    fix: "select by a label that only the pods of this controller have",
    bad: deployment!(
        "  selector: {}\n  template:\n    metadata: {labels: {app: odoo}}\n    spec: {containers: \
         [{name: odoo, image: \"registry.example/odoo:18.0\"}]}"
    ),
    good: deployment!(
        "  selector: {matchLabels: {app: odoo}}\n  template:\n    metadata: {labels: {app: odoo}}\n    spec: {containers: \
         [{name: odoo, image: \"registry.example/odoo:18.0\"}]}"
    ),
};

const RESTART: Code = Code {
    id: "restart-policy-of-other-workload",
    title: "a restart policy that this kind of controller does not have",
    why: "Pods of a Deployment, StatefulSet or DaemonSet run until they are replaced, so they always restart and have no \
          deadline. Pods of a Job end, so they restart on failure or never.",
    fix: "leave `restartPolicy` out of services, and set it to `OnFailure` or `Never` in Jobs",
    bad: deployment!(
        "  selector: {matchLabels: {app: odoo}}\n  template:\n    metadata: {labels: {app: odoo}}\n    spec: {restartPolicy: \
         OnFailure, containers: [{name: odoo, image: \"registry.example/odoo:18.0\"}]}"
    ),
    good: deployment!(
        "  selector: {matchLabels: {app: odoo}}\n  template:\n    metadata: {labels: {app: odoo}}\n    spec: {restartPolicy: \
         Always, containers: [{name: odoo, image: \"registry.example/odoo:18.0\"}]}"
    ),
};

const IMMUTABLE: Code = Code {
    id: "immutable-workload-field",
    title: "a change of a field that a controller keeps for life",
    why: "Pods and volumes were made by these fields and could not be found again after a change. The server refuses it, and a \
          rollout stops there.",
    fix: "give the object a new name, or delete it first: with `--cascade=orphan` a StatefulSet leaves its pods and volumes",
    bad: concat!(
        deployment!(
            "  selector: {matchLabels: {app: odoo}}\n  template:\n    metadata: {labels: {app: odoo, tier: web}}\n    \
             spec: {containers: [{name: odoo, image: \"registry.example/odoo:18.0\"}]}\n"
        ),
        "---\n",
        deployment!(
            "  selector: {matchLabels: {app: odoo, tier: web}}\n  template:\n    metadata: {labels: {app: odoo, tier: web}}\n    \
             spec: {containers: [{name: odoo, image: \"registry.example/odoo:18.0\"}]}\n"
        )
    ),
    good: concat!(
        deployment!(
            "  selector: {matchLabels: {app: odoo}}\n  template:\n    metadata: {labels: {app: odoo}}\n    \
             spec: {containers: [{name: odoo, image: \"registry.example/odoo:18.0\"}]}\n"
        ),
        "---\n",
        deployment!(
            "  selector: {matchLabels: {app: odoo}}\n  template:\n    metadata: {labels: {app: odoo, tier: web}}\n    \
             spec: {containers: [{name: odoo, image: \"registry.example/odoo:18.0\"}]}\n"
        )
    ),
};

/// Judges the selector of a controller, which the server calls by a name of its own, and says whether it can be compared.
fn selector(spec: &Value, noun: &str, place: &Place<'_>, judge: &mut Judge) -> bool {
    let Some(selector) = get(spec, "selector").filter(|selector| selector.is_object()) else {
        return false;
    };
    let here = place.field("selector");
    let before = judge.problems.len();
    label_selector(selector, &here, judge);
    let is_sound = judge.problems.len() == before;
    if is_empty_selector(selector) {
        judge.invalid(
            &TEMPLATE,
            &here,
            selector,
            format!("empty selector is invalid for {noun}"),
        );
        return false;
    }
    is_sound
}

/// Refuses a template whose pods the selector does not select.
fn selects_template(spec: &Value, place: &Place<'_>, judge: &mut Judge) {
    let (Some(selector), Some(template)) = (get(spec, "selector"), get(spec, "template")) else {
        return;
    };
    let labels = at(template, &["metadata", "labels"]);
    if template.is_object() && !selects(selector, labels) {
        misses(labels, place, judge);
    }
}

fn misses(labels: Option<&Value>, place: &Place<'_>, judge: &mut Judge) {
    let place = place.field("template");
    let place = place.field("metadata");
    let labels = labels.unwrap_or(&Value::Null);
    let reason = "`selector` does not match template `labels`";
    judge.invalid(&SELECTOR, &place.field("labels"), labels, reason);
}

/// Refuses pods that would end, where they are meant to stay.
fn restarts_always(spec: &Value, noun: &str, place: &Place<'_>, judge: &mut Judge) {
    let Some(pod) = at(spec, &["template", "spec"]) else {
        return;
    };
    let place = place.field("template");
    let place = place.field("spec");
    if let Some(policy) = get(pod, "restartPolicy").filter(|policy| policy.is_string() && *policy != "Always") {
        judge.unsupported(&RESTART, &place.field("restartPolicy"), policy, &["Always"]);
    }
    if get(pod, "activeDeadlineSeconds").is_some() {
        let reason = format!("activeDeadlineSeconds in {noun} is not Supported");
        judge.forbidden(&RESTART, &place.field("activeDeadlineSeconds"), reason);
    }
}

fn selector_stays(old: &Value, new: &Value, judge: &mut Judge) {
    let (Some(old), Some(new)) = (get(old, "spec"), get(new, "spec")) else {
        return;
    };
    let object = Place::OBJECT;
    super::common::immutable(&IMMUTABLE, old, new, "selector", &object.field("spec"), judge);
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    fn stateful_set(spec: Value) -> Value {
        json!({"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": "valkey"}, "spec": spec})
    }

    fn said(old: Option<&Value>, new: &Value, minor: u32) -> Vec<String> {
        let problems = crate::server::check(new, old, minor);
        problems.into_iter().map(|problem| problem.message).collect()
    }

    #[test]
    fn the_pods_of_a_stateful_set_are_judged_from_1_34_on() {
        let pod = json!({"containers": [{"name": "valkey", "volumeMounts": [{"name": "data"}, {"name": "conf"}]}]});
        let claims = json!([{"metadata": {"name": "data"}, "spec": {}}]);
        let object = stateful_set(json!({"template": {"spec": pod}, "volumeClaimTemplates": claims}));
        assert_eq!(said(None, &object, 33), Vec::<String>::new());
        assert_eq!(
            said(None, &object, 34),
            ["spec.template.spec.containers[0].volumeMounts[1].name: Not found: \"conf\""]
        );
    }

    #[test]
    fn what_a_stateful_set_keeps_is_said_by_field_from_1_37_on() {
        let old = stateful_set(json!({"serviceName": "valkey", "replicas": 1}));
        let new = stateful_set(json!({"serviceName": "valkey-headless", "replicas": 3}));
        assert_eq!(
            said(Some(&old), &new, 37),
            ["spec.serviceName: Invalid value: \"valkey-headless\": field is immutable"]
        );
        let before = said(Some(&old), &new, 36);
        assert!(matches!(before.as_slice(), [one] if one.starts_with("spec: Forbidden: updates to statefulset spec")));
        assert_eq!(said(Some(&old), &old, 36), Vec::<String>::new());
    }

    #[test]
    fn a_suspended_job_may_still_move() {
        let job = |suspend: bool, node: &str| {
            let template = json!({"spec": {"nodeSelector": {"disk": node}, "restartPolicy": "Never"}});
            let spec = json!({"suspend": suspend, "template": template});
            json!({"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "migrate"}, "spec": spec})
        };
        assert_eq!(
            said(Some(&job(true, "ssd")), &job(true, "hdd"), 37),
            Vec::<String>::new()
        );
        assert_eq!(
            said(Some(&job(false, "ssd")), &job(false, "hdd"), 37),
            ["spec.template: Invalid value: field is immutable"]
        );
    }
}
