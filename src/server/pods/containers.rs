//! The containers of a pod: the ones that run, those before them, sidecars among these.
//!
//! Names are one space for all lists.

use serde_json::Value;

use super::examples::{container, pod};
use super::{Pod, env, mounts, ports, probes, resources, security};
use crate::diagnostic::codes::Code;
use crate::schema::Place;
use crate::server::common::{checked, get, list, text};
use crate::server::judge::Judge;
use crate::text::server;

pub(super) const NAME: Code = Code {
    id: "invalid-container-name",
    title: "a name or an image of a container that the API server refuses",
    why: "A container has the name of a DNS label, and no other container or init container of the pod has it. The image of a \
          Pod has no spaces around it.",
    fix: "write the name in lowercase letters, digits and hyphens, and give each container its own",
    bad: pod!("  initContainers: [{name: odoo, image: \"registry.example/odoo:18.0\"}]"),
    good: pod!("  initContainers: [{name: migrate, image: \"registry.example/odoo:18.0\"}]"),
};

pub(super) const INIT: Code = Code {
    id: "init-container-with-probe",
    title: "a probe, a hook or a restart in a container that runs once before the others",
    why: "An init container runs to its end, so nothing is asked of it while it runs. With `restartPolicy: Always` it is a \
          sidecar, which starts before the others and stays.",
    fix: "take the probe away, or set `restartPolicy: Always` if the container is meant to stay",
    bad: pod!(
        "  initContainers: [{name: proxy, image: \"registry.example/proxy:2\", readinessProbe: {tcpSocket: {port: 4180}}}]"
    ),
    good: pod!(
        "  initContainers: [{name: proxy, image: \"registry.example/proxy:2\", restartPolicy: Always, readinessProbe: \
         {tcpSocket: {port: 4180}}}]"
    ),
};

pub(super) const RESTART: Code = Code {
    id: "invalid-container-restart-policy",
    title: "rules for restarting a container that the API server refuses",
    why: "Rules refine the restart policy of a container, so they need one; they are at most twenty, and servers before 1.34 \
          know a policy for sidecars only.",
    fix: "set `restartPolicy` of the container beside the rules",
    bad: container!("    restartPolicyRules: [{action: Restart, exitCodes: {operator: In, values: [42]}}]"),
    good: container!(
        "    restartPolicy: Never\n    restartPolicyRules: [{action: Restart, exitCodes: {operator: In, values: [42]}}]"
    ),
};

pub(super) const EPHEMERAL: Code = Code {
    id: "ephemeral-container-in-manifest",
    title: "an ephemeral container in a manifest",
    why: "Ephemeral containers are added to a running pod for debugging, by `kubectl debug`; neither a new Pod nor a template \
          has them.",
    fix: "take `ephemeralContainers` away; for something that always runs beside the others write a container",
    bad: pod!("  ephemeralContainers: [{name: debugger, image: \"registry.example/busybox:1\"}]"),
    good: pod!("  initContainers: [{name: debugger, image: \"registry.example/busybox:1\"}]"),
};

/// The most rules of one container.
const RULES: usize = 20;
/// The most exit codes of one rule.
const EXIT_CODES: usize = 255;

/// Judges all containers of a pod.
pub(super) fn check(pod: &Pod<'_>, place: &Place<'_>, judge: &mut Judge) {
    let (running, init) = (list(pod.spec, "containers"), list(pod.spec, "initContainers"));
    let containers = place.field("containers");
    for (index, container) in running.iter().enumerate() {
        let place = containers.index(index);
        of_any_kind(pod, container, &place, judge);
        probes::check(pod, container, &place, judge);
        match judge.minor {
            ..34 if get(container, "restartPolicy").is_some() => {
                let reason = "may not be set for non-init containers";
                judge.forbidden(&RESTART, &place.field("restartPolicy"), reason);
            }
            // 1.34 knows the fields, and drops them.
            ..35 => {}
            _ => restart(container, &place, judge),
        }
    }
    ports::host_ports(running, &containers, judge);
    let containers = place.field("initContainers");
    for (index, container) in init.iter().enumerate() {
        let place = containers.index(index);
        of_any_kind(pod, container, &place, judge);
        let name = text(container, "name");
        // Names in one list are list keys, which the structure compares.
        if let Some(value) = container.get("name").filter(|_| !name.is_empty())
            && running.iter().any(|container| text(container, "name") == name)
        {
            judge.duplicate(&NAME, &place.field("name"), value);
        }
        ports::host_ports(std::slice::from_ref(container), &containers, judge);
        before_others(pod, container, &place, judge);
    }
}

fn of_any_kind(pod: &Pod<'_>, container: &Value, place: &Place<'_>, judge: &mut Judge) {
    checked(&NAME, container, "name", server::is_dns1123_label, place, judge);
    ports::check(container, place, judge);
    env::check(pod, container, place, judge);
    mounts::check(pod, container, place, judge);
    resources::of_container(pod, container, place, judge);
    security::of_container(pod, container, place, judge);
}

/// Judges what only a sidecar may have.
fn before_others(pod: &Pod<'_>, container: &Value, place: &Place<'_>, judge: &mut Judge) {
    let stays = text(container, "restartPolicy") == "Always";
    init_restart(container, stays, place, judge);
    if stays {
        probes::check(pod, container, place, judge);
        return;
    }
    for field in std::iter::once("lifecycle").chain(probes::PROBES) {
        if get(container, field).is_some() {
            let reason = "may not be set for init containers without restartPolicy=Always";
            judge.forbidden(&INIT, &place.field(field), reason);
        }
    }
    let policies = place.field("resizePolicy");
    for (index, policy) in list(container, "resizePolicy").iter().enumerate() {
        if let Some(value) = policy
            .get("restartPolicy")
            .filter(|policy| *policy == "RestartContainer")
        {
            let place = policies.index(index);
            let reason = "must not be set to 'RestartContainer' for non-sidecar initContainers";
            judge.invalid(&INIT, &place.field("restartPolicy"), value, reason);
        }
    }
}

fn init_restart(container: &Value, stays: bool, place: &Place<'_>, judge: &mut Judge) {
    match judge.minor {
        ..34 => {
            if let Some(policy) = get(container, "restartPolicy").filter(|_| !stays) {
                judge.unsupported(&RESTART, &place.field("restartPolicy"), policy, &["Always"]);
            }
        }
        34 => {}
        35 if stays => {
            if !list(container, "restartPolicyRules").is_empty() {
                let reason = "restartPolicyRules are not allowed for init containers with restart policy Always";
                judge.forbidden(&RESTART, &place.field("restartPolicyRules"), reason);
            }
        }
        _ => restart(container, place, judge),
    }
}

fn restart(container: &Value, place: &Place<'_>, judge: &mut Judge) {
    let rules = list(container, "restartPolicyRules");
    let here = place.field("restartPolicy");
    match get(container, "restartPolicy") {
        None if !rules.is_empty() => {
            let reason = "must specify restartPolicy when restart rules are used";
            judge.required(&RESTART, &here, reason);
        }
        Some(policy)
            if policy.is_string() && !["Always", "Never", "OnFailure"].contains(&text(container, "restartPolicy")) =>
        {
            judge.unsupported(&RESTART, &here, policy, &["Always", "Never", "OnFailure"]);
        }
        _ => {}
    }
    let here = place.field("restartPolicyRules");
    if rules.len() > RULES {
        judge.too_many(&RESTART, &here, rules.len(), RULES);
    }
    let actions: &[&str] = match judge.minor {
        ..36 => &["Restart"],
        _ => &["Restart", "RestartAllContainers"],
    };
    for (index, rule) in rules.iter().enumerate() {
        let place = here.index(index);
        if let Some(action @ Value::String(name)) = rule.get("action").filter(|action| *action != "")
            && !actions.contains(&name.as_str())
        {
            judge.unsupported(&RESTART, &place.field("action"), action, actions);
        }
        let Some(codes) = get(rule, "exitCodes") else {
            judge.required(&RESTART, &place.field("exitCodes"), "must be specified");
            continue;
        };
        let place = place.field("exitCodes");
        if let Some(operator @ Value::String(name)) = codes.get("operator").filter(|operator| *operator != "")
            && !matches!(name.as_str(), "In" | "NotIn")
        {
            judge.unsupported(&RESTART, &place.field("operator"), operator, &["In", "NotIn"]);
        }
        let values = list(codes, "values").len();
        if values > EXIT_CODES {
            judge.too_many(&RESTART, &place.field("values"), values, EXIT_CODES);
        }
    }
}

/// Refuses spaces around the images of a Pod; templates are taken as they are.
pub(super) fn trimmed_images(spec: &Value, place: &Place<'_>, judge: &mut Judge) {
    for field in ["containers", "initContainers"] {
        let place = place.field(field);
        for (index, container) in list(spec, field).iter().enumerate() {
            let image = text(container, "image");
            if image.trim() != image {
                let place = place.index(index);
                let reason = "must not have leading or trailing whitespace";
                judge.invalid(&NAME, &place.field("image"), &Value::from(image), reason);
            }
        }
    }
}
