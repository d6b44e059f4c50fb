//! Pages of what can be wrong with a Kubernetes object, whoever wrote it.
//!
//! Said by `validate` and by the built-in rules of `policy`.

use super::Code;

pub(super) const CODES: &[Code] = &[
    Code {
        id: "not-a-manifest",
        title: "a document without `apiVersion`, `kind` or `metadata.name`",
        why: "Nobody can apply it, so nobody can say what it would do. In a folder, `validate` passes over what other tools \
              read: values, workflows, templates, what a kustomization names; it is said once, and nothing is wrong with it.",
        fix: "add what is missing, or leave the file out; of templates and kustomizations, validate what they become",
        bad: "kind: ConfigMap\ndata: {greeting: hello}",
        good: "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: texts}\ndata: {greeting: hello}",
    },
    Code {
        id: "duplicate-object",
        title: "one object is written twice",
        why: "Group, kind, namespace and name identify an object. With two texts for it, Argo CD and Flux apply one \
              after the other, and the cluster never comes to rest.",
        fix: "keep one of the two, or rename the other",
        bad: "kind: Service\nmetadata: {name: odoo-web, namespace: hartmann-bau-production}\n---\n\
              kind: Service\nmetadata: {name: odoo-web, namespace: hartmann-bau-production}",
        good: "kind: Service\nmetadata: {name: odoo-web, namespace: hartmann-bau-production}\n---\n\
               kind: Service\nmetadata: {name: odoo-gevent, namespace: hartmann-bau-production}",
    },
    Code {
        id: "missing-namespace",
        title: "a namespaced object without a namespace",
        why: "It would go to whatever namespace the applying tool happens to use, which differs between Argo CD, Flux \
              and `kubectl`.",
        fix: "set `metadata.namespace`",
        bad: "kind: ConfigMap\nmetadata: {name: odoo}",
        good: "kind: ConfigMap\nmetadata: {name: odoo, namespace: hartmann-bau-production}",
    },
    Code {
        id: "unknown-object-field",
        title: "a field that the object's kind does not have",
        why: "Kubernetes, Argo CD and Flux refuse the object, or drop the field in silence, depending on how they are \
              configured. Neither is what the line says.",
        fix: "correct the spelling, the case or the indentation; fields newer than the cluster's version must wait",
        bad: "kind: Deployment\nspec: {replica: 3}",
        good: "kind: Deployment\nspec: {replicas: 3}",
    },
    Code {
        id: "wrong-object-type",
        title: "a value of another type than the object's field takes",
        why: "The API server does not convert: a number in the place of text is refused, and the usual case is the \
              value of an environment variable or of an annotation.",
        fix: "quote what must be text, take the quotes off what must be a number or boolean",
        bad: "env:\n  - {name: PORT, value: 8069}",
        good: "env:\n  - {name: PORT, value: \"8069\"}",
    },
    Code {
        id: "unknown-object-kind",
        title: "an object of a kind without a known schema",
        why: "Its fields could not be checked, so a mistake in it is found by the cluster only. Names, labels and \
              policies were checked all the same.",
        fix: "correct `apiVersion` and `kind`, or hand over the definition by `--crds DIR`",
        bad: "apiVersion: traefik.containo.us/v1alpha1\nkind: IngressRoute",
        good: "apiVersion: traefik.io/v1alpha1\nkind: IngressRoute",
    },
    Code {
        id: "missing-resources",
        title: "a container without memory limit or requests",
        why: "Without requests the scheduler takes the pod for weightless and overfills nodes; without a memory limit \
              one leak takes its neighbours down. In a namespace with a quota the pod is refused outright.",
        fix: "set `requests` for cpu and memory, and a memory limit",
        bad: "containers:\n  - {name: odoo, resources: {}}",
        good: "containers:\n  - name: odoo\n    resources: {requests: {cpu: 500m, memory: 2Gi}, limits: {memory: 4Gi}}",
    },
    Code {
        id: "not-restricted",
        title: "a pod that violates the `restricted` Pod Security Standard",
        why: "Namespaces enforce the standard: the Deployment is accepted, its pods are refused, and the old ones keep \
              running until a node is drained. The message names the field that is too permissive.",
        fix: "run as a numeric user other than 0, drop all capabilities, forbid privilege escalation, set seccomp",
        bad: "securityContext: {runAsNonRoot: false}",
        good: "securityContext:\n  runAsNonRoot: true\n  runAsUser: 100\n  allowPrivilegeEscalation: false\n  \
               capabilities: {drop: [ALL]}\n  seccompProfile: {type: RuntimeDefault}",
    },
    Code {
        id: "duplicate-list-key",
        title: "two items of a list have the same key",
        why: "Server-side apply merges such lists by key: environment variables by name, ports by number and protocol, \
              mounts by path. A plain create lets duplicates pass with a warning; Flux, and Argo CD with server-side \
              apply, fail.",
        fix: "keep one of the two items",
        bad: "env:\n  - {name: LANG, value: C.UTF-8}\n  - {name: LANG, value: de_DE.UTF-8}",
        good: "env:\n  - {name: LANG, value: C.UTF-8}",
    },
    Code {
        id: "document-too-large",
        title: "an object is larger than the cluster can store",
        why: "The API server's store takes about 1.5 MiB per object, and the data of a ConfigMap or Secret at most 1 \
              MiB.",
        fix: "split the object, or keep the data in an image or a bucket",
        bad: "kind: ConfigMap  # 3 MiB of translations",
        good: "kind: ConfigMap  # names the bucket that holds the translations",
    },
    Code {
        id: "unsafe-text",
        title: "a text with characters that Flux or kustomize cannot read back",
        why: "Control characters and the line separators of Unicode are legal in JSON but read differently, or not at \
              all, by the YAML readers between here and the cluster. One such character stops the whole delivery.",
        fix: "remove the character; it often came along when the text was pasted",
        bad: "data:\n  banner: \"Welcome\\x07\"",
        good: "data:\n  banner: \"Welcome\"",
    },
];
