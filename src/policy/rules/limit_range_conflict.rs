//! Every container and volume is as large as the namespace's limit ranges allow.
//!
//! Containers that name no amount are judged by the defaults that the limit range would give them.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::Value;

use crate::diagnostic::Level;
use crate::manifest::Object;
use crate::policy::{Bundle, Check, Findings, Rule};
use crate::text::Quantity;

pub(super) const RULE: Rule = Rule {
    id: "limit-range-conflict",
    title: "a container or volume is larger or smaller than the namespace allows",
    why: "Limit ranges are held when a pod is made, not when its Deployment is: the Deployment is accepted, its pods \
          are refused, and the old ones run until a node is drained.",
    fix: "change the amounts of the container, or the limit range",
    references: &["Kubernetes documentation, Limit Ranges"],
    bad: "kind: LimitRange\nspec:\n  limits: [{type: Container, max: {memory: 2Gi}}]  # Odoo is limited to 4Gi",
    good: "kind: LimitRange\nspec:\n  limits: [{type: Container, max: {memory: 4Gi}}]  # Odoo is limited to 4Gi",
    level: Level::Deny,
    check: Check::Bundle(check),
};

fn check(bundle: &Bundle<'_>, findings: &mut Findings<'_>) {
    for range in bundle.of_kind("", "LimitRange") {
        let items = range.value.pointer("/spec/limits").and_then(Value::as_array);
        for (index, item) in items.into_iter().flatten().enumerate() {
            for bound in Bound::of(item) {
                for object in bundle.objects {
                    for (name, resources) in subjects(item, object) {
                        let Some(breach) = bound.breach(resources) else {
                            continue;
                        };
                        let pointer = format!("/spec/limits/{index}/{}/{}", bound.field, bound.resource);
                        let message = format!("{} of {} `{}`: {breach}", name, object.kind, object.name);
                        findings.push(range, &pointer, message);
                    }
                }
            }
        }
    }
}

/// One bound of one resource.
struct Bound<'a> {
    /// `min` or `max`.
    field: &'static str,
    resource: &'a str,
    amount: Cow<'a, str>,
    /// What a container gets that names nothing: request and limit.
    defaults: [Option<Cow<'a, str>>; 2],
}

impl<'a> Bound<'a> {
    fn of(item: &'a Value) -> Vec<Self> {
        let default = |field: &str, resource: &str| amount(item.get(field)?.get(resource)?);
        let mut bounds = Vec::new();
        for field in ["min", "max"] {
            let amounts = item.get(field).and_then(Value::as_object);
            bounds.extend(amounts.into_iter().flatten().filter_map(|(resource, bound)| {
                Some(Self {
                    field,
                    resource,
                    amount: amount(bound)?,
                    defaults: [default("defaultRequest", resource), default("default", resource)],
                })
            }));
        }
        bounds
    }

    /// What is wrong with these resources; nothing when they keep the bound.
    fn breach(&self, resources: &Value) -> Option<String> {
        let named = |list: &str| amount(resources.get(list)?.get(self.resource)?);
        let [default_request, default_limit] = self.defaults.clone();
        let limit = named("limits").or(default_limit.clone());
        let request = named("requests")
            .or(named("limits"))
            .or(default_request)
            .or(default_limit);
        let bound = &self.amount;
        let (what, amount, is_broken) = match self.field {
            // Without a limit there is nothing that would keep it under the maximum: the server refuses that too.
            "max" => {
                let what = if limit.is_some() { "limit" } else { "request" };
                let amount = limit.or(request);
                let is_broken = amount.as_ref().is_none_or(|amount| self.compare(amount) > 0);
                (what, amount, is_broken)
            }
            _ => {
                let is_broken = request.as_ref().is_none_or(|amount| self.compare(amount) < 0);
                ("request", request, is_broken)
            }
        };
        let (resource, field) = (self.resource, if self.field == "max" { "at most" } else { "at least" });
        let is = amount.map_or("nothing".into(), |amount| format!("`{amount}`"));
        is_broken.then(|| format!("its {resource} {what} is {is}, and {field} `{bound}` is allowed"))
    }

    /// Whether an amount is more (1) or less (-1) than the bound; texts that are no amounts are judged elsewhere.
    fn compare(&self, amount: &str) -> i8 {
        let parse = |text: &str| text.parse::<Quantity>().ok();
        let (Some(amount), Some(bound)) = (parse(amount), parse(&self.amount)) else {
            return 0;
        };
        let order = match self.resource {
            "cpu" => amount.millis().cmp(&bound.millis()),
            _ => amount.bytes().cmp(&bound.bytes()),
        };
        order as i8
    }
}

/// An amount, which may be a number or a text.
fn amount(value: &Value) -> Option<Cow<'_, str>> {
    match value {
        Value::String(text) => Some(Cow::Borrowed(text)),
        Value::Number(number) => Some(Cow::Owned(number.to_string())),
        _ => None,
    }
}

/// What an item of a limit range is about in an object, each with its name.
fn subjects<'a>(item: &Value, object: &'a Object) -> BTreeMap<String, &'a Value> {
    let mut found = BTreeMap::new();
    match item.get("type").and_then(Value::as_str) {
        Some("Container") => {
            let pod = object.pod_pointer().and_then(|pointer| object.value.pointer(pointer));
            for list in ["initContainers", "containers"] {
                let containers = pod.and_then(|pod| pod.get(list)?.as_array());
                for container in containers.into_iter().flatten() {
                    let name = container.get("name").and_then(Value::as_str).unwrap_or_default();
                    found.insert(format!("container `{name}`"), resources(container));
                }
            }
            if object.kind == "Cluster" && object.group() == "postgresql.cnpg.io" {
                found.extend(
                    object
                        .value
                        .get("spec")
                        .map(|spec| ("servers".to_owned(), resources(spec))),
                );
            }
        }
        Some("PersistentVolumeClaim") if object.kind == "PersistentVolumeClaim" => {
            found.extend(
                object
                    .value
                    .get("spec")
                    .map(|spec| ("storage".to_owned(), resources(spec))),
            );
        }
        _ => {}
    }
    found
}

fn resources(of: &Value) -> &Value {
    of.get("resources").unwrap_or(&Value::Null)
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::fixture::{environment, judged};

    fn said(settings: &str) -> String {
        judged(&RULE, &environment(settings, &[])).join("\n")
    }

    #[test]
    fn the_limit_range_of_the_blueprint_lets_everything_pass() {
        assert_eq!(said(""), "");
        let larger = "  overrides:\n    - kind: Deployment\n      name: web\n      reason: reports of many pages\n      \
                      patch: {spec: {template: {spec: {containers: [{name: odoo, resources: {limits: {memory: 20Gi}}}]}}}}\n";
        assert_eq!(said(larger), "");
    }

    #[test]
    fn a_maximum_below_a_container_is_caught() {
        let range = |limits: &str| {
            format!(
                "  extra:\n    - apiVersion: v1\n      kind: LimitRange\n      metadata: {{name: strict}}\n      spec: {{limits: [{limits}]}}\n"
            )
        };
        insta::assert_snapshot!(said(&range("{type: Container, max: {memory: 5Gi}, min: {cpu: 20m}}")), @"
        spec: {limits: [{type: Container, max: {memory: 5Gi}, min: {cpu: 20m}}]} | container `exporter` of StatefulSet `valkey`: its cpu request is `10m`, and at least `20m` is allowed
        spec: {limits: [{type: Container, max: {memory: 5Gi}, min: {cpu: 20m}}]} | servers of Cluster `db`: its memory limit is `16Gi`, and at most `5Gi` is allowed
        ");
        insta::assert_snapshot!(said(&range("{type: PersistentVolumeClaim, max: {storage: 2Gi}}")), @"
        spec: {limits: [{type: PersistentVolumeClaim, max: {storage: 2Gi}}]} | storage of PersistentVolumeClaim `filestore`: its storage request is `20Gi`, and at most `2Gi` is allowed
        ");
        insta::assert_snapshot!(said(&range("{type: Container, min: {cpu: 2}}, {type: Container, min: {cpu: 600m}}")), @"
        spec: {limits: [{type: Container, min: {cpu: 2}}, {type: Container, min: {cpu: 600m}}]} | container `exporter` of StatefulSet `valkey`: its cpu request is `10m`, and at least `2` is allowed
        spec: {limits: [{type: Container, min: {cpu: 2}}, {type: Container, min: {cpu: 600m}}]} | container `valkey` of StatefulSet `valkey`: its cpu request is `100m`, and at least `2` is allowed
        spec: {limits: [{type: Container, min: {cpu: 2}}, {type: Container, min: {cpu: 600m}}]} | container `migration` of Job `migrate-odoo-19-674340b9`: its cpu request is `500m`, and at least `2` is allowed
        spec: {limits: [{type: Container, min: {cpu: 2}}, {type: Container, min: {cpu: 600m}}]} | container `odoo` of Deployment `web`: its cpu request is `1`, and at least `2` is allowed
        spec: {limits: [{type: Container, min: {cpu: 2}}, {type: Container, min: {cpu: 600m}}]} | container `odoo` of Deployment `cron`: its cpu request is `250m`, and at least `2` is allowed
        spec: {limits: [{type: Container, min: {cpu: 2}}, {type: Container, min: {cpu: 600m}}]} | container `exporter` of StatefulSet `valkey`: its cpu request is `10m`, and at least `600m` is allowed
        spec: {limits: [{type: Container, min: {cpu: 2}}, {type: Container, min: {cpu: 600m}}]} | container `valkey` of StatefulSet `valkey`: its cpu request is `100m`, and at least `600m` is allowed
        spec: {limits: [{type: Container, min: {cpu: 2}}, {type: Container, min: {cpu: 600m}}]} | container `migration` of Job `migrate-odoo-19-674340b9`: its cpu request is `500m`, and at least `600m` is allowed
        spec: {limits: [{type: Container, min: {cpu: 2}}, {type: Container, min: {cpu: 600m}}]} | container `odoo` of Deployment `cron`: its cpu request is `250m`, and at least `600m` is allowed
        ");
    }
}
