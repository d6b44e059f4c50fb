//! Security contexts of pods and containers.
//!
//! What contradicts itself is refused; whether a policy forbids it is another question.

use serde_json::Value;

use super::Pod;
use super::examples::{container, pod};
use super::volumes::descending;
use crate::diagnostic::codes::Code;
use crate::schema::Place;
use crate::server::common::{get, is_true, list, text, whole};
use crate::server::judge::Judge;

pub(super) const IDENTITY: Code = Code {
    id: "invalid-user-or-group",
    title: "a number of a user or a group that is none",
    why: "Linux counts users and groups from 0 to 2147483647.",
    fix: "write the number that the image's user has",
    bad: pod!("  securityContext: {runAsUser: -1}"),
    good: pod!("  securityContext: {runAsUser: 101}"),
};

pub(super) const PROFILE: Code = Code {
    id: "invalid-security-profile",
    title: "a seccomp or AppArmor profile that the API server refuses",
    why: "A profile of the node's own is named by `localhostProfile`, a path below the kubelet's folder of profiles; the \
          other types have no name.",
    fix: "set `localhostProfile` with `type: Localhost`, and only then",
    bad: pod!("  securityContext: {seccompProfile: {type: Localhost}}"),
    good: pod!("  securityContext: {seccompProfile: {type: Localhost, localhostProfile: profiles/odoo.json}}"),
};

pub(super) const ESCALATION: Code = Code {
    id: "contradictory-privileges",
    title: "privileges that contradict each other",
    why: "A privileged container, and one that may administer the system, has every privilege already; forbidding it to gain \
          more would promise what does not hold. An unmasked `/proc` needs a namespace of users.",
    fix: "take `privileged` away, which is almost always right, or `allowPrivilegeEscalation: false`",
    bad: container!("    securityContext: {privileged: true, allowPrivilegeEscalation: false}"),
    good: container!("    securityContext: {privileged: false, allowPrivilegeEscalation: false}"),
};

pub(super) const SYSCTL: Code = Code {
    id: "invalid-sysctl",
    title: "a kernel parameter that the API server refuses",
    why: "A parameter has a name of segments with dots or slashes, stands once, and in the network or IPC namespace of the \
          node it would be the node's.",
    fix: "correct the name, keep one of two, or leave the parameter to the node",
    bad: pod!("  securityContext: {sysctls: [{name: net.core.SOMAXCONN, value: \"1024\"}]}"),
    good: pod!("  securityContext: {sysctls: [{name: net.core.somaxconn, value: \"1024\"}]}"),
};

pub(super) const NAMESPACES: Code = Code {
    id: "contradictory-host-namespaces",
    title: "namespaces of the node that a pod cannot have together",
    why: "A pod with users of its own cannot live in the node's process or IPC namespace, where these users mean nothing; \
          processes are shared in the pod or with the node.",
    fix: "keep one of the two fields",
    bad: pod!("  hostPID: true\n  shareProcessNamespace: true"),
    good: pod!("  shareProcessNamespace: true"),
};

/// The longest name of a kernel parameter.
const SYSCTL_LENGTH: usize = 253;
/// What a name of a kernel parameter looks like.
const SYSCTL_PATTERN: &str = "^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$";

/// Judges the security context of a pod.
pub(super) fn of_pod(pod: &Pod<'_>, place: &Place<'_>, judge: &mut Judge) {
    host_namespaces(pod, place, judge);
    let Some(context) = get(pod.spec, "securityContext") else {
        return;
    };
    let place = place.field("securityContext");
    for field in ["fsGroup", "runAsUser", "runAsGroup"] {
        identity(context.get(field), &place.field(field), judge);
    }
    let groups = place.field("supplementalGroups");
    for (index, group) in list(context, "supplementalGroups").iter().enumerate() {
        identity(Some(group), &groups.index(index), judge);
    }
    sysctls(pod, context, &place.field("sysctls"), judge);
    profiles(context, &place, judge);
}

/// Judges the security context of a container.
pub(super) fn of_container(pod: &Pod<'_>, container: &Value, place: &Place<'_>, judge: &mut Judge) {
    let Some(context) = get(container, "securityContext") else {
        return;
    };
    let place = place.field("securityContext");
    for field in ["runAsUser", "runAsGroup"] {
        identity(context.get(field), &place.field(field), judge);
    }
    if let Some(mount) = context.get("procMount").filter(|mount| *mount == "Unmasked")
        && !pod.has_own_users()
    {
        let reason = "`hostUsers` must be false to use `Unmasked`";
        judge.invalid(&ESCALATION, &place.field("procMount"), mount, reason);
    }
    profiles(context, &place, judge);
    if context.get("allowPrivilegeEscalation") != Some(&Value::Bool(false)) {
        return;
    }
    if is_true(context, "privileged") {
        let reason = "cannot set `allowPrivilegeEscalation` to false and `privileged` to true";
        judge.invalid(&ESCALATION, &place, context, reason);
    }
    let added = get(context, "capabilities").map_or(&[][..], |capabilities| list(capabilities, "add"));
    if added.iter().any(|capability| capability == "CAP_SYS_ADMIN") {
        let reason = "cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN";
        judge.invalid(&ESCALATION, &place, context, reason);
    }
}

/// Refuses a number of a user or a group that is none.
fn identity(value: Option<&Value>, place: &Place<'_>, judge: &mut Judge) {
    if let Some(value) = value
        && whole(value).is_some_and(|number| !(0..=i64::from(i32::MAX)).contains(&number))
    {
        judge.invalid(&IDENTITY, place, value, "must be between 0 and 2147483647, inclusive");
    }
}

fn profiles(context: &Value, place: &Place<'_>, judge: &mut Judge) {
    let local = "localhostProfile";
    if let Some(profile) = get(context, "seccompProfile") {
        let place = place.field("seccompProfile");
        match (text(profile, "type"), get(profile, local)) {
            ("Localhost", None) => {
                judge.required(
                    &PROFILE,
                    &place.field(local),
                    "must be set when seccomp type is Localhost",
                );
            }
            ("Localhost", Some(_)) => descending(&PROFILE, profile, local, &place, judge),
            (_, Some(_)) => {
                let reason = "can only be set when seccomp type is Localhost";
                judge.invalid(&PROFILE, &place.field(local), profile, reason);
            }
            (_, None) => {}
        }
    }
    let Some(profile) = get(context, "appArmorProfile") else {
        return;
    };
    let place = place.field("appArmorProfile");
    let given = get(profile, local);
    let name = text(profile, local);
    match (text(profile, "type"), given) {
        ("Localhost", Some(value)) if name.trim() != name => {
            judge.invalid(
                &PROFILE,
                &place.field(local),
                value,
                "must not be padded with whitespace",
            );
        }
        ("Localhost", _) if name.is_empty() => {
            judge.required(
                &PROFILE,
                &place.field(local),
                "must be set when AppArmor type is Localhost",
            );
        }
        ("RuntimeDefault" | "Unconfined", Some(value)) => {
            let reason = "can only be set when AppArmor type is Localhost";
            judge.invalid(&PROFILE, &place.field(local), value, reason);
        }
        _ => {}
    }
}

fn sysctls(pod: &Pod<'_>, context: &Value, place: &Place<'_>, judge: &mut Judge) {
    let sysctls = list(context, "sysctls");
    for (index, sysctl) in sysctls.iter().enumerate() {
        let Some(value @ Value::String(name)) = sysctl.get("name").filter(|name| *name != "") else {
            continue;
        };
        let place = place.index(index);
        let place = place.field("name");
        let earlier = sysctls.get(..index).unwrap_or_default();
        if !is_sysctl(name) {
            let reason = format!("must have at most {SYSCTL_LENGTH} characters and match regex {SYSCTL_PATTERN}");
            judge.invalid(&SYSCTL, &place, value, reason);
        } else if earlier.iter().any(|sysctl| text(sysctl, "name") == name) {
            judge.duplicate(&SYSCTL, &place, value);
        }
        let name = name.replace('/', ".");
        if is_true(pod.spec, "hostNetwork") && name.starts_with("net.") {
            judge.invalid(
                &SYSCTL,
                &place,
                value,
                "may not be specified when 'hostNetwork' is true",
            );
        } else if is_true(pod.spec, "hostIPC") && is_of_ipc(&name) {
            judge.invalid(&SYSCTL, &place, value, "may not be specified when 'hostIPC' is true");
        }
    }
}

/// Parameters that belong to the namespace of shared memory, messages and semaphores.
fn is_of_ipc(name: &str) -> bool {
    let known = [
        "kernel.msg",
        "kernel.msgmax",
        "kernel.msgmnb",
        "kernel.msgmni",
        "kernel.sem",
        "kernel.shm",
        "kernel.shm_rmid_forced",
        "kernel.shmall",
        "kernel.shmmax",
        "kernel.shmmni",
    ];
    known.contains(&name) || name.starts_with("fs.mqueue.")
}

fn is_sysctl(name: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let is_segment = |segment: &str| {
        let ends = segment.bytes().next().is_some_and(is_plain) && segment.bytes().last().is_some_and(is_plain);
        ends && segment
            .bytes()
            .all(|byte| is_plain(byte) || matches!(byte, b'-' | b'_'))
    };
    name.len() <= SYSCTL_LENGTH && name.split(['.', '/']).all(is_segment)
}

fn host_namespaces(pod: &Pod<'_>, place: &Place<'_>, judge: &mut Judge) {
    if is_true(pod.spec, "shareProcessNamespace") && is_true(pod.spec, "hostPID") {
        // The server's path had another end before 1.37.
        let here = place.field("shareProcessNamespace");
        let context = place.field("securityContext");
        let before = context.field("shareProcessNamespace");
        let path = if judge.minor >= 37 { &here } else { &before };
        let reason = "ShareProcessNamespace and HostPID cannot both be enabled";
        judge.invalid(&NAMESPACES, path, &Value::Bool(true), reason);
        judge.point_to(&here);
    }
    if !pod.has_own_users() {
        return;
    }
    let reason = "when `hostUsers` is false";
    for (field, path) in [
        ("hostNetwork", "hostNetwork"),
        ("hostPID", "HostPID"),
        ("hostIPC", "HostIPC"),
    ] {
        if is_true(pod.spec, field) {
            judge.forbidden(&NAMESPACES, &place.field(path), reason);
            judge.point_to(&place.field(field));
        }
    }
    // Earlier servers let devices pass.
    if judge.minor >= 34 {
        super::each_container(pod.spec, place, &mut |container, place| {
            if !list(container, "volumeDevices").is_empty() {
                judge.forbidden(&NAMESPACES, &place.field("volumeDevices"), reason);
            }
        });
    }
}
