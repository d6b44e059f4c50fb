//! Codes of the structure of Kubernetes objects, `schema`.
//!
//! What an API server refuses when it validates fields strictly.

use super::Code;

pub(super) const CODES: &[Code] = &[
    Code {
        id: "missing-object-field",
        title: "a field that the kind requires is missing",
        why: "The API server refuses the object as a whole. Null counts as missing, and so does an empty text or list in a \
              built-in kind.",
        fix: "add the field",
        bad: "kind: Deployment\nspec:\n  template: {}",
        good: "kind: Deployment\nspec:\n  selector: {matchLabels: {app: odoo}}\n  template: {}",
    },
    Code {
        id: "unknown-object-value",
        title: "a value that is none of those that the field takes",
        why: "The API server knows a fixed set of values for the field and refuses any other. Their case matters.",
        fix: "write one of the values in the message",
        bad: "ports:\n  - {port: 8069, protocol: tcp}",
        good: "ports:\n  - {port: 8069, protocol: TCP}",
    },
    Code {
        id: "bad-object-format",
        title: "a text that the field cannot be read from",
        why: "The field's text has a syntax: a time, a quantity, base64, or the pattern of a definition. The API server \
              refuses what it cannot read.",
        fix: "write the text as the message says",
        bad: "resources:\n  limits: {memory: 2GB}",
        good: "resources:\n  limits: {memory: 2G}",
    },
    Code {
        id: "object-value-out-of-range",
        title: "a number, a length or a count outside what the field takes",
        why: "The API server refuses numbers that do not fit the field's type, and what exceeds the bounds in a \
              definition.",
        fix: "stay within the bounds in the message",
        bad: "kind: Deployment\nspec: {replicas: 3000000000}",
        good: "kind: Deployment\nspec: {replicas: 3}",
    },
    Code {
        id: "no-matching-alternative",
        title: "a value that fits none of a definition's alternatives, or too many",
        why: "The definition lists schemas of which one, all or none must hold: often exactly one of several fields. \
              The API server refuses anything else.",
        fix: "set exactly the fields of one alternative; the project's documentation names them",
        bad: "kind: ClusterSecretStore\nspec:\n  provider: {vault: {}, aws: {}}",
        good: "kind: ClusterSecretStore\nspec:\n  provider: {vault: {}}",
    },
    Code {
        id: "field-too-new",
        title: "a field that is newer than the cluster",
        why: "The API server of an older version does not know the field and refuses it, or drops it in silence.",
        fix: "leave the field out, or upgrade the cluster first",
        bad: "spec: {userNamespacesHostNetworkSupport: true}  # the cluster runs an older version",
        good: "spec: {hostNetwork: false}",
    },
    Code {
        id: "api-too-new",
        title: "a version of the API that is newer than the cluster",
        why: "The API server of an older version does not serve it, and the object cannot be applied.",
        fix: "use the version in the message, or upgrade the cluster first",
        bad: "apiVersion: resource.k8s.io/v1  # the cluster runs 1.33\nkind: ResourceClaim",
        good: "apiVersion: resource.k8s.io/v1beta2\nkind: ResourceClaim",
    },
    Code {
        id: "removed-api",
        title: "a version of the API that the cluster does not serve any more",
        why: "The API server answers that it knows no such kind, and the whole delivery stops there.",
        fix: "use the version in the message; fields may have other names there",
        bad: "apiVersion: flowcontrol.apiserver.k8s.io/v1beta3\nkind: FlowSchema",
        good: "apiVersion: flowcontrol.apiserver.k8s.io/v1\nkind: FlowSchema",
    },
    Code {
        id: "deprecated-api",
        title: "a version of the API that will be removed",
        why: "The cluster still serves it; a later version will not, and the upgrade would stop the delivery.",
        fix: "use the version in the message",
        bad: "apiVersion: v1\nkind: Endpoints",
        good: "apiVersion: discovery.k8s.io/v1\nkind: EndpointSlice",
    },
    Code {
        id: "unusable-definition",
        title: "a CustomResourceDefinition that kinds cannot be read from",
        why: "Objects of its kinds could not be checked. The API server would refuse the definition, or serve it without \
              a schema.",
        fix: "use the definition as its project ships it for `apiextensions.k8s.io/v1`",
        bad: "apiVersion: apiextensions.k8s.io/v1beta1\nkind: CustomResourceDefinition",
        good: "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition",
    },
    Code {
        id: "definition-rule-failed",
        title: "a rule of the kind's definition is broken",
        why: "The definition of a custom resource brings rules in CEL (`x-kubernetes-validations`). The API server holds them \
              against every object, and against every change: a rule with `oldSelf` forbids a change of what must stay.",
        fix: "do what the message says; where a change is forbidden, keep the value or make a new object",
        bad: "kind: Database\nspec: {name: postgres, owner: odoo, cluster: {name: db}}",
        good: "kind: Database\nspec: {name: odoo, owner: odoo, cluster: {name: db}}",
    },
    Code {
        id: "bad-definition-rule",
        title: "a definition with a rule that no API server registers",
        why: "The rule does not compile against the definition's schema, or is incomplete. The API server refuses the \
              definition as a whole, and then knows none of its objects.",
        fix: "correct the expression, or use the definition as its project ships it",
        bad: "x-kubernetes-validations:\n  - rule: self.minimum <= self.maximum  # the fields are `min` and `max`",
        good: "x-kubernetes-validations:\n  - rule: self.min <= self.max",
    },
];
