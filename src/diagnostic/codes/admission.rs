//! Pages of what can be wrong with an admission policy, before it judges anything.
//!
//! Said by `admission`; what a policy has against an object has the name of the policy.

use super::Code;

pub(super) const CODES: &[Code] = &[
    Code {
        id: "policy-invalid",
        title: "a policy or binding that the API server refuses",
        why: "The documents under `policies/` are applied to every cluster as they are. What the server refuses there \
              would stop the delivery of all of them.",
        fix: "change the field as the message says",
        bad: "kind: ValidatingAdmissionPolicyBinding\nspec:\n  validationActions: [Deny, Warn]",
        good: "kind: ValidatingAdmissionPolicyBinding\nspec:\n  validationActions: [Deny]",
    },
    Code {
        id: "policy-type",
        title: "an expression that does not fit the kinds that its policy matches",
        why: "The expression reads a field that none of these kinds has, or takes a value for something else than it is. \
              The API server accepts such a policy, with a warning that nobody sees; the expression then fails on every \
              object, and refuses it or says nothing. Fields are those of the newest Kubernetes, and those of custom \
              resources whose definition lies beside the policy.",
        fix: "write the field as the kind has it, or convert the value; what may really be anything is wrapped in `dyn()`",
        bad: "variables:\n  - {name: scaled, expression: object.spec.replicsa > 1}",
        good: "variables:\n  - {name: scaled, expression: object.spec.replicas > 1}",
    },
    Code {
        id: "policy-unbound",
        title: "a policy that is never evaluated",
        why: "A policy says what is right, a binding says where that holds. Without a binding nothing is checked, here \
              and in the cluster, and nobody notices.",
        fix: "add a ValidatingAdmissionPolicyBinding, or remove the policy",
        bad: "kind: ValidatingAdmissionPolicy\nmetadata: {name: no-latest}",
        good: "kind: ValidatingAdmissionPolicy\nmetadata: {name: no-latest}\n---\n\
               kind: ValidatingAdmissionPolicyBinding\nmetadata: {name: no-latest}\n\
               spec: {policyName: no-latest, validationActions: [Deny]}",
    },
    Code {
        id: "unknown-policy",
        title: "a binding to a policy that does not exist",
        why: "The API server accepts such a binding, and nothing is checked.",
        fix: "write the name of a policy under `policies/`",
        bad: "kind: ValidatingAdmissionPolicyBinding\nspec: {policyName: no-lastest}",
        good: "kind: ValidatingAdmissionPolicyBinding\nspec: {policyName: no-latest}",
    },
    Code {
        id: "duplicate-policy",
        title: "two policies or two bindings of one name",
        why: "The name identifies the object in the cluster, so the second would replace the first.",
        fix: "rename one of the two",
        bad: "kind: ValidatingAdmissionPolicy\nmetadata: {name: images}\n---\n\
              kind: ValidatingAdmissionPolicy\nmetadata: {name: images}",
        good: "kind: ValidatingAdmissionPolicy\nmetadata: {name: images}\n---\n\
               kind: ValidatingAdmissionPolicy\nmetadata: {name: registries}",
    },
    Code {
        id: "policy-parameters",
        title: "a policy and its binding disagree about parameters",
        why: "A policy with `paramKind` whose binding has no `paramRef` sees `params` as null, and most expressions \
              fail on that. A `paramRef` for a policy without `paramKind` is ignored.",
        fix: "write both, or neither",
        bad: "kind: ValidatingAdmissionPolicyBinding\nspec: {policyName: limits, validationActions: [Deny]}",
        good: "kind: ValidatingAdmissionPolicyBinding\nspec:\n  policyName: limits\n  validationActions: [Deny]\n  \
               paramRef: {name: limits, parameterNotFoundAction: Deny}",
    },
    Code {
        id: "missing-parameter",
        title: "a parameter of a policy that is not there",
        why: "With `parameterNotFoundAction: Deny` the policy then refuses everything that it matches, with `Allow` it \
              is silently skipped.",
        fix: "put the object beside the policy, with the kind, name and namespace that the binding names",
        bad: "kind: ValidatingAdmissionPolicyBinding\nspec:\n  paramRef: {name: limit, parameterNotFoundAction: Deny}",
        good: "kind: ValidatingAdmissionPolicyBinding\nspec:\n  paramRef: {name: limits, parameterNotFoundAction: Deny}",
    },
    Code {
        id: "unknown-resource",
        title: "a rule for a resource that does not exist",
        why: "Rules name resources by their plural, objects by their kind. A rule for `deployment` or `Deployment` is \
              accepted by the API server and matches nothing.",
        fix: "write the plural in lower case, and the group it belongs to",
        bad: "resourceRules:\n  - {apiGroups: [apps], apiVersions: [v1], operations: [CREATE], resources: [deployment]}",
        good: "resourceRules:\n  - {apiGroups: [apps], apiVersions: [v1], operations: [CREATE], resources: [deployments]}",
    },
    Code {
        id: "policy-misses-workloads",
        title: "a policy on pods that does not see the workloads that make them",
        why: "Nobody writes pods: Deployments, StatefulSets and Jobs make them in the cluster. A policy that matches \
              `pods` alone accepts the Deployment, and its pods are then refused one by one, long after the review.",
        fix: "annotate the policy with `formwork/pod-templates: \"true\"` and write it against `variables.podSpec` and \
              `variables.podMeta`, or add rules for the workloads",
        bad: "kind: ValidatingAdmissionPolicy\nspec:\n  matchConstraints:\n    resourceRules:\n      \
              - {apiGroups: [\"\"], apiVersions: [v1], operations: [CREATE], resources: [pods]}",
        good: "kind: ValidatingAdmissionPolicy\nmetadata:\n  annotations: {formwork/pod-templates: \"true\"}\nspec:\n  \
               matchConstraints:\n    resourceRules:\n      \
               - {apiGroups: [\"\"], apiVersions: [v1], operations: [CREATE], resources: [pods]}",
    },
];
