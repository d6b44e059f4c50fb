//! House defaults: what every pod and container of ours says, taken by struct update (`..hardened()`).
//!
//! `..default()` means "Kubernetes decides"; `..hardened()` and `..confined()` mean "the house decides".

use super::{default, some};
use crate::kinds::*;

/// A container that passes the `restricted` Pod Security Standard and cannot write its own file system.
pub fn hardened() -> Container {
    Container {
        security_context: some(SecurityContext {
            allow_privilege_escalation: Some(false),
            read_only_root_filesystem: Some(true),
            capabilities: some(Capabilities {
                drop: some(["ALL".to_owned()]),
                ..default()
            }),
            ..default()
        }),
        ..default()
    }
}

/// A pod that runs as a numbered user, gets no API token and no service variables.
///
/// `enableServiceLinks: false` matters: Odoo 19 reads every `ODOO_*` variable as an option, and the kubelet would make
/// some from service names.
pub fn confined(user: i64, group: i64) -> PodSpec {
    PodSpec {
        automount_service_account_token: Some(false),
        enable_service_links: Some(false),
        security_context: some(PodSecurityContext {
            run_as_non_root: Some(true),
            run_as_user: Some(user),
            run_as_group: Some(group),
            fs_group: Some(group),
            fs_group_change_policy: some("OnRootMismatch"),
            seccomp_profile: some(SeccompProfile {
                type_: "RuntimeDefault".into(),
                ..default()
            }),
            ..default()
        }),
        ..default()
    }
}

/// A probe over HTTP on a named port; the kubelet's own host name is used, since Pod Security forbids another.
pub fn http_probe(path: &str, port: &str) -> ContainerProbe {
    ContainerProbe {
        http_get: some(HTTPGetAction {
            path: some(path),
            port: IntOrString::String(port.into()),
            ..default()
        }),
        ..default()
    }
}

/// A probe that opens a named port.
pub fn tcp_probe(port: &str) -> ContainerProbe {
    ContainerProbe {
        tcp_socket: some(TCPSocketAction {
            port: IntOrString::String(port.into()),
            ..default()
        }),
        ..default()
    }
}

/// Pods spread over zones where that is possible and over nodes always.
pub fn spread(selector: &LabelSelector) -> Vec<TopologySpreadConstraint> {
    let constraint = |key: &str, otherwise: &str| TopologySpreadConstraint {
        max_skew: 1,
        topology_key: key.into(),
        when_unsatisfiable: otherwise.into(),
        label_selector: some(selector.clone()),
        match_label_keys: some(["pod-template-hash".to_owned()]),
        ..default()
    };
    vec![
        constraint("topology.kubernetes.io/zone", "ScheduleAnyway"),
        constraint("kubernetes.io/hostname", "ScheduleAnyway"),
    ]
}
