//! An admission policy has a binding, a binding a policy, and its parameters exist.

use crate::diagnostic::Level;
use crate::references::ends::End;
use crate::references::{Check, Findings, Node, World};

pub(super) const CHECK: Check = Check {
    id: "binding-without-policy",
    title: "an admission policy and its binding do not find each other",
    why: "A policy without binding is never asked, a binding without policy asks nobody, and a policy whose parameters \
          are missing refuses everything or lets everything pass.",
    fix: "name the policy in `policyName` of a binding, and an object that exists in `paramRef`",
    bad: "apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: pinned-images}
spec: {validations: [{expression: 'true'}]}
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: everywhere}
spec: {policyName: pinned-image, validationActions: [Deny]}
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: somewhere}
spec: {policyName: pinned-images, validationActions: [Deny]}",
    good: "apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: pinned-images}
spec: {validations: [{expression: 'true'}]}
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: everywhere}
spec: {policyName: pinned-images, validationActions: [Deny]}",
    check,
};

const GROUP: &str = "admissionregistration.k8s.io";
const PAIRS: [(&str, &str); 2] = [
    ("ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"),
    ("MutatingAdmissionPolicy", "MutatingAdmissionPolicyBinding"),
];

fn check(world: &World<'_>, findings: &mut Findings<'_, '_>) {
    // The policies of a workspace are held against their bindings where they are read.
    if world.is_built() {
        return;
    }
    for (policy, binding) in PAIRS {
        let mut bound = Vec::new();
        for binding in world.of(GROUP, binding) {
            let name = binding.text("/spec/policyName").unwrap_or_default();
            bound.push(name);
            let end = End {
                group: GROUP,
                kind: policy,
                namespace: "",
                name,
            };
            findings.missing(binding, "/spec/policyName", end);
            if let Some(product) = world.find(end).first() {
                parameters(world, binding, product.by, findings);
            }
        }
        bound.sort_unstable();
        for policy in world.of(GROUP, policy) {
            if bound.binary_search(&policy.name()).is_err() {
                let message = format!("no binding names {}", policy.called());
                findings.say(Level::Audit, policy, "/metadata/name", &[], message);
            }
        }
    }
}

fn parameters(world: &World<'_>, binding: Node<'_>, policy: Node<'_>, findings: &mut Findings<'_, '_>) {
    let (Some(version), Some(kind)) = (
        policy.text("/spec/paramKind/apiVersion"),
        policy.text("/spec/paramKind/kind"),
    ) else {
        return;
    };
    let end = End {
        group: version.split_once('/').map_or("", |(group, _)| group),
        kind,
        namespace: binding.text("/spec/paramRef/namespace").unwrap_or_default(),
        name: binding.text("/spec/paramRef/name").unwrap_or_default(),
    };
    if !world.exists(end) {
        findings.missing(binding, "/spec/paramRef/name", end);
    }
}
