//! The network policies of an environment let pass what its components declare, and nothing else.
//!
//! Policies are read as Kubernetes reads them, for every pod. Whatever they say beyond the declared connections is an
//! opening that nobody asked for; whatever they lack is a connection that will fail.

mod ends;
mod openings;

use openings::{Openings, Pods};

use crate::blueprint::policies_of;
use crate::diagnostic::Level;
use crate::kinds::{NetworkPolicy, NetworkPolicySpec};
use crate::manifest::Object;
use crate::model::Override;
use crate::policy::{Bundle, Check, Findings, Rule};

pub(super) const RULE: Rule = Rule {
    id: "network-policy-mismatch",
    title: "network policies differ from the declared connections",
    why: "A policy that opens more lets a broken-in pod reach what it never needs, the credentials of the cloud \
          included; one that opens less breaks a connection that a component relies on, and it shows at run time only.",
    fix: "open a network by `egress.networks`, and leave the rest to the declared connections",
    references: &[
        "CIS Kubernetes 5.3.2",
        "NSA Kubernetes Hardening Guide, Network policies",
    ],
    bad: "kind: NetworkPolicy\nspec: {podSelector: {}, policyTypes: [Egress], egress: [{}]}",
    good: "kind: NetworkPolicy\nspec: {podSelector: {}, policyTypes: [Ingress, Egress]}",
    level: Level::Deny,
    check: Check::Bundle(check),
};

fn check(bundle: &Bundle<'_>, findings: &mut Findings<'_>) {
    let env = bundle.environment;
    let actual: Vec<(&Object, NetworkPolicySpec)> = bundle
        .of_kind("networking.k8s.io", "NetworkPolicy")
        .filter_map(|object| Some((object, object.view::<NetworkPolicy>()?.spec?)))
        .collect();
    let declared = policies_of(env, bundle.edges)
        .into_iter()
        .filter_map(|policy| policy.spec);
    let declared: Vec<NetworkPolicySpec> = declared.collect();
    // As nearly always: what was derived was not touched, and there is nothing else. It denies what it does not open.
    if actual.len() == declared.len()
        && declared
            .iter()
            .all(|spec| actual.iter().any(|(_, other)| other == spec))
    {
        return;
    }
    let pods = Pods::of(bundle);
    let specs: Vec<&NetworkPolicySpec> = actual.iter().map(|(_, spec)| spec).collect();
    let open = Openings::of(&specs, &pods, &env.namespace);
    let wanted = Openings::of(&declared.iter().collect::<Vec<_>>(), &pods, &env.namespace);
    let undeclared = open.all.iter().filter(|opening| !wanted.cover(opening));
    for (opening, sentence) in pods.sentences(undeclared, "may") {
        let message = match opening.end.holds_metadata() && opening.outgoing {
            true => format!("{sentence}, the cloud's credentials at 169.254.169.254 among them"),
            false => format!("{sentence}, which no component declares"),
        };
        if let Some((object, _)) = actual.get(opening.policy) {
            findings.push(object, &opening.pointer, message);
        }
    }
    let missing = wanted.all.iter().filter(|opening| !open.cover(opening));
    for (opening, sentence) in pods.sentences(missing, "cannot") {
        let message = format!("{sentence}, which a component declares");
        blame(bundle, &actual, (&pods, opening.pod), message, findings);
    }
    for (pod, outgoing) in open.undecided(pods.count()) {
        let pod_name = pods.name(pod);
        let message = match outgoing {
            true => format!("no policy denies by default what {pod_name} may reach"),
            false => format!("no policy denies by default who may reach {pod_name}"),
        };
        blame(bundle, &actual, (&pods, pod), message, findings);
    }
}

/// Complains about a policy that somebody changed, that of the pod first, or about the environment when there is none.
fn blame(
    bundle: &Bundle<'_>,
    actual: &[(&Object, NetworkPolicySpec)],
    (pods, pod): (&Pods<'_>, usize),
    message: String,
    findings: &mut Findings<'_>,
) {
    let mut changed: Vec<(bool, &Object, &str)> = Vec::new();
    for (object, spec) in actual {
        let is_change = |change: &&Override| change.kind == object.kind && change.name == object.name;
        if let Some(change) = bundle.environment.spec.overrides.iter().find(is_change) {
            let fields = [
                "/spec/podSelector",
                "/spec/ingress",
                "/spec/egress",
                "/spec/policyTypes",
            ];
            let is_there = |field: &&str| {
                let below = field.trim_start_matches("/spec");
                change
                    .patch
                    .get("spec")
                    .is_some_and(|spec| spec.pointer(below).is_some())
            };
            let is_its = pods.are_selected(spec.pod_selector.as_ref(), pod);
            changed.push((is_its, object, fields.into_iter().find(is_there).unwrap_or("/spec")));
        }
    }
    match changed.iter().find(|(is_its, ..)| *is_its).or(changed.first()) {
        Some((_, object, pointer)) => findings.push(object, pointer, message),
        None => findings.setting("", message),
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::fixture::{environment, judged};

    fn said(settings: &str) -> String {
        judged(&RULE, &environment(settings, &[])).join("\n")
    }

    fn extra(spec: &str) -> String {
        format!(
            "  extra:\n    - apiVersion: networking.k8s.io/v1\n      kind: NetworkPolicy\n      metadata: {{name: own}}\n      \
             spec: {spec}\n"
        )
    }

    fn change(name: &str, patch: &str) -> String {
        format!(
            "  overrides:\n    - kind: NetworkPolicy\n      name: {name}\n      reason: under test for a while\n      patch: {patch}\n"
        )
    }

    #[test]
    fn derived_policies_and_such_as_open_nothing_more_pass() {
        assert_eq!(said(""), "");
        assert_eq!(
            said("  egress: {internet: true, mail: true, networks: [{cidr: 10.9.0.0/16, ports: [8443]}]}\n"),
            ""
        );
        assert_eq!(said(&extra("{podSelector: {}, policyTypes: [Ingress, Egress]}")), "");
        let again = "{podSelector: {matchLabels: {app.kubernetes.io/component: web}}, ingress: [{from: [{podSelector: \
                     {matchLabels: {app.kubernetes.io/name: traefik, pod: one}}, namespaceSelector: {matchLabels: \
                     {kubernetes.io/metadata.name: traefik}}}], ports: [{port: 8069}]}]}";
        assert_eq!(said(&extra(again)), "");
    }

    #[test]
    fn openings_that_nobody_declares_are_named_with_both_ends() {
        let specs = [
            "{podSelector: {matchLabels: {cnpg.io/cluster: db}}, ingress: [{from: [{podSelector: {}}], ports: [{port: 5432}]}]}",
            "{podSelector: {matchLabels: {app.kubernetes.io/component: web}}, egress: [{to: [{ipBlock: {cidr: 10.0.0.0/8}}], ports: [{port: 80, endPort: 90}]}]}",
            "{podSelector: {matchLabels: {app.kubernetes.io/component: web}}, policyTypes: [Egress], egress: [{}]}",
            "{podSelector: {matchLabels: {app.kubernetes.io/component: web}}, egress: [{to: [{ipBlock: {cidr: 0.0.0.0/0, except: [10.0.0.0/8]}}], ports: [{port: 80}]}]}",
            "{podSelector: {matchLabels: {app.kubernetes.io/component: cache}}, ingress: [{from: [{namespaceSelector: {}}], ports: [{port: http}]}]}",
        ];
        let all: Vec<String> = specs.iter().map(|spec| said(&extra(spec))).collect();
        insta::assert_snapshot!(all.join("\n"), @"
        spec: {podSelector: {matchLabels: {cnpg.io/cluster: db}}, ingress: [{from: [{podSelector: {}}], ports: [{port: 5432}]}]} | `valkey` may reach `db` on TCP 5432, which no component declares
        spec: {podSelector: {matchLabels: {app.kubernetes.io/component: web}}, egress: [{to: [{ipBlock: {cidr: 10.0.0.0/8}}], ports: [{port: 80, endPort: 90}]}]} | `web` may reach `10.0.0.0/8` on TCP 80 to 90, which no component declares
        spec: {podSelector: {matchLabels: {app.kubernetes.io/component: web}}, policyTypes: [Egress], egress: [{}]} | `web` may reach anyone on every port, the cloud's credentials at 169.254.169.254 among them
        spec: {podSelector: {matchLabels: {app.kubernetes.io/component: web}}, egress: [{to: [{ipBlock: {cidr: 0.0.0.0/0, except: [10.0.0.0/8]}}], ports: [{port: 80}]}]} | `web` may reach `0.0.0.0/0` without `10.0.0.0/8` on TCP 80, the cloud's credentials at 169.254.169.254 among them
        spec: {podSelector: {matchLabels: {app.kubernetes.io/component: cache}}, ingress: [{from: [{namespaceSelector: {}}], ports: [{port: http}]}]} | `cron` may reach `valkey` on TCP `http`, which no component declares
        spec: {podSelector: {matchLabels: {app.kubernetes.io/component: cache}}, ingress: [{from: [{namespaceSelector: {}}], ports: [{port: http}]}]} | `db` may reach `valkey` on TCP `http`, which no component declares
        spec: {podSelector: {matchLabels: {app.kubernetes.io/component: cache}}, ingress: [{from: [{namespaceSelector: {}}], ports: [{port: http}]}]} | `migrate-odoo-19-674340b9` may reach `valkey` on TCP `http`, which no component declares
        spec: {podSelector: {matchLabels: {app.kubernetes.io/component: cache}}, ingress: [{from: [{namespaceSelector: {}}], ports: [{port: http}]}]} | `valkey` may reach `valkey` on TCP `http`, which no component declares
        spec: {podSelector: {matchLabels: {app.kubernetes.io/component: cache}}, ingress: [{from: [{namespaceSelector: {}}], ports: [{port: http}]}]} | `web` may reach `valkey` on TCP `http`, which no component declares
        spec: {podSelector: {matchLabels: {app.kubernetes.io/component: cache}}, ingress: [{from: [{namespaceSelector: {}}], ports: [{port: http}]}]} | all pods of namespaces with any labels may reach `valkey` on TCP `http`, which no component declares
        ");
    }

    #[test]
    fn a_connection_that_was_taken_away_is_named_too() {
        let undecided = change("default-deny", "{spec: {podSelector: {matchLabels: {a: b}}}}")
            + "  extra:\n    - {apiVersion: v1, kind: Pod, metadata: {name: stray, labels: {app: stray}}, spec: {containers: []}}\n";
        let all = [
            said(&change("web", "{spec: {egress: []}}")),
            said(&change(
                "db",
                "{spec: {podSelector: {matchLabels: {cnpg.io/cluster: other}}}}",
            )),
            said(&undecided),
        ];
        insta::assert_snapshot!(all.join("\n\n"), @"
        patch: {spec: {egress: []}} | `web` cannot reach `0.0.0.0/0` without `10.0.0.0/8`, `169.254.0.0/16`, `172.16.0.0/12`, `192.168.0.0/16` on TCP 443, TCP 465, TCP 587, TCP 993, which a component declares
        patch: {spec: {egress: []}} | `web` cannot reach `db` on TCP 5432, which a component declares
        patch: {spec: {egress: []}} | `web` cannot reach `valkey` on TCP 6379, which a component declares
        patch: {spec: {egress: []}} | `web` cannot reach pods with `k8s-app=kube-dns` of the namespace `kube-system` on TCP 53, UDP 53, which a component declares

        patch: {spec: {podSelector: {matchLabels: {cnpg.io/cluster: other}}}} | `cron` cannot reach `db` on TCP 5432, which a component declares
        patch: {spec: {podSelector: {matchLabels: {cnpg.io/cluster: other}}}} | `db` cannot reach `10.10.0.0/28` on TCP 443, TCP 6443, which a component declares
        patch: {spec: {podSelector: {matchLabels: {cnpg.io/cluster: other}}}} | `db` cannot reach `10.96.0.1/32` on TCP 443, TCP 6443, which a component declares
        patch: {spec: {podSelector: {matchLabels: {cnpg.io/cluster: other}}}} | `db` cannot reach `203.0.113.0/26` on TCP 443, which a component declares
        patch: {spec: {podSelector: {matchLabels: {cnpg.io/cluster: other}}}} | `db` cannot reach `db` on TCP 5432, TCP 8000, which a component declares
        patch: {spec: {podSelector: {matchLabels: {cnpg.io/cluster: other}}}} | `db` cannot reach pods with `k8s-app=kube-dns` of the namespace `kube-system` on TCP 53, UDP 53, which a component declares
        patch: {spec: {podSelector: {matchLabels: {cnpg.io/cluster: other}}}} | `migrate-odoo-19-674340b9` cannot reach `db` on TCP 5432, which a component declares
        patch: {spec: {podSelector: {matchLabels: {cnpg.io/cluster: other}}}} | `web` cannot reach `db` on TCP 5432, which a component declares
        patch: {spec: {podSelector: {matchLabels: {cnpg.io/cluster: other}}}} | pods with `app.kubernetes.io/name=cloudnative-pg` of the namespace `cnpg-system` cannot reach `db` on TCP 5432, TCP 8000, which a component declares
        patch: {spec: {podSelector: {matchLabels: {cnpg.io/cluster: other}}}} | pods with `app.kubernetes.io/name=prometheus` of the namespace `monitoring` cannot reach `db` on TCP 9187, which a component declares

        patch: {spec: {podSelector: {matchLabels: {a: b}}}} | no policy denies by default who may reach `stray`
        patch: {spec: {podSelector: {matchLabels: {a: b}}}} | no policy denies by default what `stray` may reach
        ");
    }
}
