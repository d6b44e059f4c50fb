//! Fields of one operating system in pods of the other.
//!
//! A pod that names its system has only what that system knows.

use serde_json::Value;

use super::examples::pod;
use super::{Pod, each_container};
use crate::diagnostic::codes::Code;
use crate::schema::Place;
use crate::server::common::{at, checked, get, is_true, text};
use crate::server::judge::Judge;
use crate::text::server;

pub(super) const SYSTEM: Code = Code {
    id: "field-of-other-system",
    title: "a field that the operating system of the pod does not have",
    why: "Windows knows no Linux users, profiles and capabilities, Linux no Windows options. Containers that run in a Windows \
          host do so all together, in its network.",
    fix: "take the field away, or correct `os.name`",
    bad: pod!("  os: {name: windows}\n  securityContext: {runAsUser: 101}"),
    good: pod!("  os: {name: linux}\n  securityContext: {runAsUser: 101}"),
};

/// Fields of a pod's security context that Windows does not have.
const OF_LINUX_POD: &[&str] = &[
    "appArmorProfile",
    "seLinuxOptions",
    "seccompProfile",
    "fsGroup",
    "fsGroupChangePolicy",
    "sysctls",
    "runAsUser",
    "runAsGroup",
    "supplementalGroups",
    "supplementalGroupsPolicy",
    "seLinuxChangePolicy",
];
/// Fields of a container's security context that Windows does not have.
const OF_LINUX_CONTAINER: &[&str] = &[
    "appArmorProfile",
    "seLinuxOptions",
    "seccompProfile",
    "capabilities",
    "readOnlyRootFilesystem",
    "privileged",
    "allowPrivilegeEscalation",
    "procMount",
    "runAsUser",
    "runAsGroup",
];
const ON_WINDOWS: &str = "cannot be set for a windows pod";
const ON_LINUX: &str = "windows options cannot be set for a linux pod";

/// Judges what depends on the operating system.
pub(super) fn check(pod: &Pod<'_>, place: &Place<'_>, judge: &mut Judge) {
    options(get(pod.spec, "securityContext"), place, judge);
    each_container(pod.spec, place, &mut |container, place| {
        options(get(container, "securityContext"), place, judge);
    });
    host_process(pod, place, judge);
    match at(pod.spec, &["os", "name"]).and_then(Value::as_str) {
        Some("windows") => windows(pod, place, judge),
        Some("linux") => linux(pod, place, judge),
        _ => {}
    }
}

fn windows(pod: &Pod<'_>, place: &Place<'_>, judge: &mut Judge) {
    let mut refuse = |owner: &Value, field: &str, place: &Place<'_>| {
        let value = get(owner, field);
        if value.is_some_and(|value| value.as_array().is_none_or(|items| !items.is_empty())) {
            judge.forbidden(&SYSTEM, &place.field(field), ON_WINDOWS);
        }
    };
    if let Some(context) = get(pod.spec, "securityContext") {
        let place = place.field("securityContext");
        for field in OF_LINUX_POD {
            refuse(context, field, &place);
        }
    }
    for field in ["hostUsers", "shareProcessNamespace"] {
        refuse(pod.spec, field, place);
    }
    for field in ["hostPID", "hostIPC"] {
        if is_true(pod.spec, field) {
            refuse(pod.spec, field, place);
        }
    }
    each_container(pod.spec, place, &mut |container, place| {
        if let Some(context) = get(container, "securityContext") {
            let place = place.field("securityContext");
            for field in OF_LINUX_CONTAINER {
                refuse(context, field, &place);
            }
        }
    });
}

fn linux(pod: &Pod<'_>, place: &Place<'_>, judge: &mut Judge) {
    let mut refuse = |owner: &Value, place: &Place<'_>| {
        if at(owner, &["securityContext", "windowsOptions"]).is_some() {
            let place = place.field("securityContext");
            judge.forbidden(&SYSTEM, &place.field("windowsOptions"), ON_LINUX);
        }
    };
    refuse(pod.spec, place);
    each_container(pod.spec, place, &mut refuse);
}

fn options(context: Option<&Value>, place: &Place<'_>, judge: &mut Judge) {
    let Some(options) = context.and_then(|context| get(context, "windowsOptions")) else {
        return;
    };
    let place = place.field("securityContext");
    let place = place.field("windowsOptions");
    let name = "gmsaCredentialSpecName";
    checked(&SYSTEM, options, name, server::is_dns1123_subdomain, &place, judge);
    for (field, reason) in [
        ("gmsaCredentialSpec", "gmsaCredentialSpec cannot be an empty string"),
        ("runAsUserName", "runAsUserName cannot be an empty string"),
    ] {
        if let Some(value) = options.get(field).filter(|value| *value == "") {
            judge.invalid(&SYSTEM, &place.field(field), value, reason);
        }
    }
    let Some(value) = get(options, "runAsUserName") else {
        return;
    };
    let place = place.field("runAsUserName");
    for reason in user_problems(text(options, "runAsUserName")) {
        judge.invalid(&SYSTEM, &place, value, reason);
    }
}

/// A user of Windows has a name, and may have the domain before it.
fn user_problems(text: &str) -> Vec<&'static str> {
    let (domain, user) = text.split_once('\\').unwrap_or(("", text));
    if text.is_empty() {
        return Vec::new();
    }
    if text.contains(|letter: char| letter.is_ascii_control()) {
        return vec!["runAsUserName cannot contain control characters"];
    }
    if user.contains('\\') {
        return vec!["runAsUserName cannot contain more than one backslash"];
    }
    let problems = [
        (
            domain.len() >= 256,
            "runAsUserName's Domain length must be under 256 characters",
        ),
        (user.is_empty(), "runAsUserName's User cannot be empty"),
        (
            user.len() > 104,
            "runAsUserName's User length must not be longer than 104 characters",
        ),
        (
            !user.is_empty() && user.chars().all(|letter| matches!(letter, '.' | ' ')),
            "runAsUserName's User cannot contain only periods or spaces",
        ),
        (
            user.contains(|letter| r#""/\:;|=,+*?<>@[]"#.contains(letter)),
            r#"runAsUserName's User cannot contain the following characters: "/\:;|=,+*?<>@[]"#,
        ),
    ];
    let found = problems.into_iter().filter(|(is_wrong, _)| *is_wrong);
    found.map(|(_, reason)| reason).collect()
}

fn host_process(pod: &Pod<'_>, place: &Place<'_>, judge: &mut Judge) {
    let way = ["securityContext", "windowsOptions", "hostProcess"];
    let flag = |owner: &Value| at(owner, &way).and_then(Value::as_bool);
    let of_pod = flag(pod.spec);
    let (mut containers, mut in_host) = (0, 0);
    each_container(pod.spec, place, &mut |container, place| {
        containers += 1;
        let own = flag(container);
        in_host += usize::from(own.or(of_pod) == Some(true));
        if let (Some(of_pod), Some(own)) = (of_pod, own)
            && of_pod != own
        {
            let place = place.field("securityContext");
            let place = place.field("windowsOptions");
            let reason = format!("pod hostProcess value must be identical if both are specified, was {of_pod}");
            judge.invalid(&SYSTEM, &place.field("hostProcess"), &Value::from(own), reason);
        }
    });
    if in_host == 0 {
        return;
    }
    if in_host != containers {
        let reason = "If pod contains any hostProcess containers then all containers must be HostProcess containers";
        judge.invalid(&SYSTEM, place, &Value::from(""), reason);
    }
    if !is_true(pod.spec, "hostNetwork") {
        let reason = "hostNetwork must be true if pod contains any hostProcess containers";
        judge.invalid(&SYSTEM, &place.field("hostNetwork"), &Value::from(false), reason);
    }
}
