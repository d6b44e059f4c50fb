//! What containers and pods ask for, and what they may not exceed.
//!
//! Amounts are compared exactly, whatever their units.

use serde_json::Value;

use super::Pod;
use super::examples::{container, pod};
use crate::diagnostic::codes::Code;
use crate::schema::Place;
use crate::server::common::{at, checked, entries, get, list, quantity, text};
use crate::server::judge::Judge;
use crate::text::{Quantity, server};

pub(super) const NAME: Code = Code {
    id: "unknown-resource-name",
    title: "a resource that containers do not have",
    why: "Containers have `cpu`, `memory`, `ephemeral-storage` and huge pages. Devices have names with a domain, such as \
          `nvidia.com/gpu`; whatever else is written here would limit nothing.",
    fix: "use one of those names, or the full name of the device",
    bad: container!("    resources: {requests: {cpus: 500m}}"),
    good: container!("    resources: {requests: {cpu: 500m}}"),
};

pub(super) const AMOUNT: Code = Code {
    id: "invalid-resource-amount",
    title: "an amount of a resource that nothing can have",
    why: "Amounts are not negative. Devices are counted in whole numbers, huge pages in whole pages.",
    fix: "write an amount from 0 on, whole for devices and in multiples of their size for huge pages",
    bad: container!("    resources: {limits: {nvidia.com/gpu: 500m}}"),
    good: container!("    resources: {limits: {nvidia.com/gpu: 1}}"),
};

pub(super) const LIMIT: Code = Code {
    id: "request-exceeds-limit",
    title: "a request that is greater than its limit",
    why: "A container could never get what it asks for. Of devices and huge pages it gets exactly the limit.",
    fix: "raise the limit or lower the request; of devices write the limit only",
    bad: container!("    resources: {requests: {memory: 4Gi}, limits: {memory: 3Gi}}"),
    good: container!("    resources: {requests: {memory: 3Gi}, limits: {memory: 3Gi}}"),
};

pub(super) const CLAIM: Code = Code {
    id: "invalid-resource-claim",
    title: "a claim of a device that the API server refuses",
    why: "A container uses claims of its pod by name, each once; a claim of the pod is an object or is made from a template.",
    fix: "declare the claim in `resourceClaims` with one source, and use that name",
    bad: container!("    resources: {claims: [{name: gpu}]}"),
    good: container!(
        "    resources: {claims: [{name: gpu}]}",
        "  resourceClaims: [{name: gpu, resourceClaimTemplateName: gpu}]\n"
    ),
};

pub(super) const TOTAL: Code = Code {
    id: "containers-exceed-pod-resources",
    title: "containers that ask for more than their pod has",
    why: "Resources of a pod are shared by its containers: together they cannot ask for more, and none can have more.",
    fix: "raise the pod's amount, or lower those of its containers",
    bad: pod!(
        "  resources: {limits: {memory: 1Gi}, requests: {memory: 1Gi}}\n  initContainers: [{name: migrate, image: \
         \"registry.example/odoo:18.0\", resources: {requests: {memory: 2Gi}}}]"
    ),
    good: pod!(
        "  resources: {limits: {memory: 2Gi}, requests: {memory: 2Gi}}\n  initContainers: [{name: migrate, image: \
         \"registry.example/odoo:18.0\", resources: {requests: {memory: 2Gi}}}]"
    ),
};

pub(super) const RESIZE: Code = Code {
    id: "invalid-resize-policy",
    title: "a rule for resizing that the API server refuses",
    why: "Only CPU and memory can be resized in place. What never restarts is not restarted for it either.",
    fix: "name `cpu` or `memory`, and use `NotRequired` where the pod does not restart",
    bad: container!(
        "    resizePolicy: [{resourceName: memory, restartPolicy: RestartContainer}]",
        "  restartPolicy: Never\n"
    ),
    good: container!(
        "    resizePolicy: [{resourceName: memory, restartPolicy: NotRequired}]",
        "  restartPolicy: Never\n"
    ),
};

/// Names without a domain that are known somewhere, if not for containers.
const STANDARD: &[&str] = &[
    "configmaps",
    "limits.cpu",
    "limits.ephemeral-storage",
    "limits.memory",
    "persistentvolumeclaims",
    "pods",
    "replicationcontrollers",
    "requests.cpu",
    "requests.ephemeral-storage",
    "requests.memory",
    "requests.storage",
    "resourcequotas",
    "secrets",
    "services",
    "services.loadbalancers",
    "services.nodeports",
    "storage",
];

/// Judges the resources of one container.
pub(super) fn of_container(pod: &Pod<'_>, container: &Value, place: &Place<'_>, judge: &mut Judge) {
    if let Some(resources) = get(container, "resources") {
        let place = place.field("resources");
        requirements(resources, container_name, &place, judge);
        if has_claims(judge) {
            claims(pod, resources, &place.field("claims"), judge);
        }
    }
    let never = text(pod.spec, "restartPolicy") == "Never";
    let place = place.field("resizePolicy");
    for (index, policy) in list(container, "resizePolicy").iter().enumerate() {
        let resource = text(policy, "resourceName");
        let earlier = list(container, "resizePolicy").get(..index).unwrap_or_default();
        if earlier.iter().any(|earlier| text(earlier, "resourceName") == resource) {
            judge.duplicate(&RESIZE, &place.index(index), &Value::from(resource));
        }
        if let Some(value) = get(policy, "resourceName").filter(|_| !matches!(resource, "" | "cpu" | "memory")) {
            judge.unsupported(&RESIZE, &place, value, &["cpu", "memory"]);
            judge.point_to(&place.index(index).field("resourceName"));
        }
        if let Some(value) = get(policy, "restartPolicy").filter(|policy| never && *policy != "NotRequired") {
            let reason = "must be 'NotRequired' when pod `restartPolicy` is 'Never'";
            judge.invalid(&RESIZE, &place, value, reason);
            judge.point_to(&place.index(index).field("restartPolicy"));
        }
    }
}

/// Judges what a pod adds to each of its containers, as the server judges a limit.
pub(super) fn overhead(pod: &Pod<'_>, place: &Place<'_>, judge: &mut Judge) {
    let place = place.field("overhead");
    let place = place.field("limits");
    for (name, value) in entries(pod.spec, "overhead") {
        let place = place.key(name);
        container_name(name, &place, judge);
        amount(name, value, &place, judge);
    }
}

/// Says what is wrong with the name of a resource.
type NameRule = fn(&str, &Place<'_>, &mut Judge);

fn requirements(resources: &Value, name_rule: NameRule, place: &Place<'_>, judge: &mut Judge) {
    let (limits, requests) = (place.field("limits"), place.field("requests"));
    let (mut has_pages, mut has_others) = (false, false);
    for (field, list) in [("limits", &limits), ("requests", &requests)] {
        for (name, value) in entries(resources, field) {
            let place = list.key(name);
            name_rule(name, &place, judge);
            amount(name, value, &place, judge);
            has_pages |= is_pages(name);
            has_others |= matches!(name, "cpu" | "memory");
        }
    }
    for (name, value) in entries(resources, "requests") {
        let limit = at(resources, &["limits", name]);
        let Some(limit) = limit else {
            if !is_overcommitted(name) {
                judge.required(&LIMIT, &limits, "Limit must be set for non overcommitable resources");
                judge.point_to(&requests.key(name));
            }
            continue;
        };
        let (Some(requested), Some(most)) = (quantity(value), quantity(limit)) else {
            continue;
        };
        let relation = match is_overcommitted(name) {
            false if requested != most => "equal to",
            true if requested > most => "less than or equal to",
            _ => continue,
        };
        let reason = format!("must be {relation} {name} limit of {}", most.as_str());
        judge.invalid(&LIMIT, &requests, &Value::from(requested.as_str()), reason);
        judge.point_to(&requests.key(name));
    }
    if has_pages && !has_others {
        judge.forbidden(&AMOUNT, place, "HugePages require cpu or memory");
    }
}

fn amount(name: &str, value: &Value, place: &Place<'_>, judge: &mut Judge) {
    let Some(amount) = quantity(value) else { return };
    let shown = || Value::from(amount.as_str());
    if amount < Quantity::mebibytes(0) {
        judge.invalid(&AMOUNT, place, &shown(), "must be greater than or equal to 0");
    }
    if is_extended(name) && amount.millis() % 1000 != 0 {
        judge.invalid(&AMOUNT, place, &shown(), "must be an integer");
    }
    if let Some(size) = name.strip_prefix("hugepages-") {
        let pages = size.parse::<Quantity>().map_or(0, |size| size.bytes());
        if pages == 0 || amount.bytes() % pages != 0 {
            let reason = format!("{} is not positive integer multiple of {name}", amount.as_str());
            judge.invalid(&AMOUNT, place, &shown(), reason);
        }
    }
}

fn container_name(name: &str, place: &Place<'_>, judge: &mut Judge) {
    if is_standard(name) {
        return;
    }
    resource_name(name, place, judge);
    let reason = match name.contains('/') {
        false => "must be a standard resource for containers",
        true if is_native(name) || is_extended(name) => return,
        true => "doesn't follow extended resource name standard",
    };
    judge.invalid(&NAME, place, &Value::from(name), reason);
}

fn pod_name(name: &str, place: &Place<'_>, judge: &mut Judge) {
    if matches!(name, "cpu" | "memory") || (judge.minor >= 34 && is_pages(name)) {
        return;
    }
    let before = judge.problems.len();
    resource_name(name, place, judge);
    if judge.problems.len() == before {
        judge.unsupported(&NAME, place, &Value::from(name), &["cpu", "hugepages-", "memory"]);
    }
}

fn resource_name(name: &str, place: &Place<'_>, judge: &mut Judge) {
    let reasons = server::is_qualified_name(name);
    if reasons.is_empty() && !name.contains('/') && !is_standard(name) && !STANDARD.contains(&name) {
        let reason = "must be a standard resource type or fully qualified";
        judge.invalid(&NAME, place, &Value::from(name), reason);
    }
    judge.all_invalid(&NAME, place, &Value::from(name), reasons);
}

fn is_standard(name: &str) -> bool {
    matches!(name, "cpu" | "memory" | "ephemeral-storage") || is_pages(name)
}

fn is_pages(name: &str) -> bool {
    name.starts_with("hugepages-")
}

fn is_native(name: &str) -> bool {
    !name.contains('/') || name.contains("kubernetes.io/")
}

fn is_overcommitted(name: &str) -> bool {
    is_native(name) && !is_pages(name)
}

fn is_extended(name: &str) -> bool {
    !is_native(name)
        && !name.starts_with("requests.")
        && server::is_qualified_name(&format!("requests.{name}")).is_empty()
}

/// Servers before 1.34 drop claims of devices.
fn has_claims(judge: &Judge) -> bool {
    judge.minor >= 34
}

fn claims(pod: &Pod<'_>, resources: &Value, place: &Place<'_>, judge: &mut Judge) {
    let declared = list(pod.spec, "resourceClaims");
    for (index, claim) in list(resources, "claims").iter().enumerate() {
        let place = place.index(index);
        checked(&CLAIM, claim, "request", server::is_dns1123_label, &place, judge);
        let Some(value @ Value::String(name)) = claim.get("name").filter(|name| *name != "") else {
            continue;
        };
        let earlier = list(resources, "claims").get(..index).unwrap_or_default();
        let mut same = earlier.iter().filter(|earlier| text(earlier, "name") == name);
        let request = text(claim, "request");
        // One request of a claim twice is a list key twice, which the structure says.
        if same.any(|earlier| text(earlier, "request").is_empty() != request.is_empty()) {
            judge.duplicate(&CLAIM, &place, value);
        }
        if declared.iter().all(|claim| text(claim, "name") != name) {
            let mut names: Vec<&str> = declared.iter().map(|claim| text(claim, "name")).collect();
            names.retain(|name| !name.is_empty());
            names.sort_unstable();
            let names = match names.is_empty() {
                true => " which is empty".to_owned(),
                false => format!(": {}", names.join(", ")),
            };
            let message = format!("Not found: {value}: must be one of the names in pod.spec.resourceClaims{names}");
            judge.say(&CLAIM, &place, message);
        }
    }
}

/// Judges the claims that a pod declares.
pub(super) fn pod_claims(pod: &Pod<'_>, place: &Place<'_>, judge: &mut Judge) {
    let place = place.field("resourceClaims");
    if !has_claims(judge) {
        return;
    }
    for (index, claim) in list(pod.spec, "resourceClaims").iter().enumerate() {
        let place = place.index(index);
        checked(&CLAIM, claim, "name", server::is_dns1123_label, &place, judge);
        let fields = ["resourceClaimName", "resourceClaimTemplateName"];
        for field in fields {
            checked(&CLAIM, claim, field, server::is_dns1123_subdomain, &place, judge);
        }
        let reason = match fields.iter().filter(|field| get(claim, field).is_some()).count() {
            0 => "must specify one of: `resourceClaimName`, `resourceClaimTemplateName`",
            1 => continue,
            _ => "at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified",
        };
        judge.invalid(&CLAIM, &place, claim, reason);
    }
}

/// Judges the resources of a pod as a whole, which there are from 1.34 on.
pub(super) fn of_pod(pod: &Pod<'_>, place: &Place<'_>, judge: &mut Judge) {
    let Some(resources) = get(pod.spec, "resources").filter(|_| judge.minor >= 34) else {
        return;
    };
    let here = place.field("resources");
    if at(pod.spec, &["os", "name"]).is_some_and(|name| name == "windows") {
        judge.forbidden(&TOTAL, &here, "may not be set for a windows pod");
        return;
    }
    if get(resources, "claims").is_some() {
        let reason = "claims may not be set for Resources at pod-level";
        judge.forbidden(&CLAIM, &here.field("claims"), reason);
    }
    requirements(resources, pod_name, &here, judge);
    let requests = here.field("requests");
    for (name, value) in entries(resources, "requests") {
        let Some(asked) = total(pod, name) else { continue };
        if quantity(value).is_some_and(|given| asked > given) {
            let reason = format!(
                "must be greater than or equal to aggregate container requests of {}",
                asked.as_str()
            );
            judge.invalid(&TOTAL, &requests.key(name), value, reason);
        }
    }
    for (index, container) in list(pod.spec, "containers").iter().enumerate() {
        let containers = here.field("containers");
        for (name, value) in at(container, &["resources"])
            .into_iter()
            .flat_map(|resources| entries(resources, "limits"))
        {
            let most = at(resources, &["limits", name]).and_then(quantity);
            let (Some(limit), Some(most)) = (quantity(value), most) else {
                continue;
            };
            if limit > most {
                let reason = format!("must be less than or equal to pod limits of {}", most.as_str());
                let container = containers.index(index);
                judge.invalid(&TOTAL, &container.key(name).field("limits"), value, reason);
                let home = place.field("containers");
                judge.point_to(&home.index(index).field("resources").field("limits").key(name));
            }
        }
    }
}

/// What all containers of a pod ask for at the same time, if any does: init containers come before, sidecars stay.
fn total(pod: &Pod<'_>, name: &str) -> Option<Quantity> {
    let asked = |container: &Value| at(container, &["resources", "requests", name]).and_then(quantity);
    let add = |one: Option<Quantity>, other: &Option<Quantity>| match (one, other) {
        (Some(one), Some(other)) => Some(one + other),
        (one, other) => one.or_else(|| other.clone()),
    };
    let (mut sidecars, mut most) = (None, None);
    for container in list(pod.spec, "initContainers") {
        let with = add(asked(container), &sidecars);
        if text(container, "restartPolicy") == "Always" {
            sidecars = with.clone();
        }
        most = most.max(with);
    }
    let containers = list(pod.spec, "containers").iter();
    let running = containers.fold(sidecars, |total, container| add(asked(container), &total));
    running.max(most)
}
