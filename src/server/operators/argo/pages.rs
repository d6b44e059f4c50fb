//! The pages of what is said of the objects of Argo CD.
//!
//! One page for each idea, not for each check.

use crate::diagnostic::codes::Code;

pub(super) const APPLICATION: Code = Code {
    id: "argo-application",
    title: "an application whose source or destination is incomplete or said twice",
    why: "A source has a repository and a path or a chart, a chart also its version. A destination is a server or the name of a cluster. Otherwise Argo CD reports `InvalidSpecError` and syncs nothing.",
    fix: "complete the source, and leave one of `server` and `name`",
    bad: "apiVersion: argoproj.io/v1alpha1\n\
          kind: Application\n\
          metadata: {name: hartmann-bau-production, namespace: argocd}\n\
          spec:\n\
          \x20 project: hartmann-bau\n\
          \x20 source:\n\
          \x20   repoURL: https://git.hartmann-bau.example/platform.git\n\
          \x20   targetRevision: main\n\
          \x20   path: generated/hartmann-bau/production\n\
          \x20 destination:\n\
          \x20   server: https://kubernetes.default.svc\n\
          \x20   name: in-cluster",
    good: "apiVersion: argoproj.io/v1alpha1\n\
          kind: Application\n\
          metadata: {name: hartmann-bau-production, namespace: argocd}\n\
          spec:\n\
          \x20 project: hartmann-bau\n\
          \x20 source:\n\
          \x20   repoURL: https://git.hartmann-bau.example/platform.git\n\
          \x20   targetRevision: main\n\
          \x20   path: generated/hartmann-bau/production\n\
          \x20 destination:\n\
          \x20   name: in-cluster",
};

pub(super) const PROJECT: Code = Code {
    id: "argo-project",
    title: "a project that says something twice or in a form that Argo CD refuses",
    why: "Destinations, repositories, roles and groups stand once each. `!*` would forbid everything and is not a pattern.",
    fix: "remove one of the two",
    bad: "apiVersion: argoproj.io/v1alpha1\n\
          kind: AppProject\n\
          metadata: {name: hartmann-bau, namespace: argocd}\n\
          spec:\n\
          \x20 sourceRepos: [https://git.hartmann-bau.example/platform.git]\n\
          \x20 destinations:\n\
          \x20 - {name: in-cluster, namespace: hartmann-bau-production}\n\
          \x20 - {name: in-cluster, namespace: hartmann-bau-production}",
    good: "apiVersion: argoproj.io/v1alpha1\n\
          kind: AppProject\n\
          metadata: {name: hartmann-bau, namespace: argocd}\n\
          spec:\n\
          \x20 sourceRepos: [https://git.hartmann-bau.example/platform.git]\n\
          \x20 destinations:\n\
          \x20 - {name: in-cluster, namespace: hartmann-bau-production}",
};

pub(super) const POLICY: Code = Code {
    id: "argo-project-policy",
    title: "a policy of a role that is not of the project, or not in its form",
    why: "A policy is `p, proj:<project>:<role>, <resource>, <action>, <project>/<application>, allow` or `deny`. It speaks of its own role and project only.",
    fix: "correct the part that the message names",
    bad: "apiVersion: argoproj.io/v1alpha1\n\
          kind: AppProject\n\
          metadata: {name: hartmann-bau, namespace: argocd}\n\
          spec:\n\
          \x20 sourceRepos: [https://git.hartmann-bau.example/platform.git]\n\
          \x20 destinations:\n\
          \x20 - {name: in-cluster, namespace: hartmann-bau-production}\n\
          \x20 roles:\n\
          \x20 - name: deployer\n\
          \x20   policies: [\"p, proj:hartmann:deployer, applications, sync, hartmann-bau/*, allow\"]",
    good: "apiVersion: argoproj.io/v1alpha1\n\
          kind: AppProject\n\
          metadata: {name: hartmann-bau, namespace: argocd}\n\
          spec:\n\
          \x20 sourceRepos: [https://git.hartmann-bau.example/platform.git]\n\
          \x20 destinations:\n\
          \x20 - {name: in-cluster, namespace: hartmann-bau-production}\n\
          \x20 roles:\n\
          \x20 - name: deployer\n\
          \x20   policies: [\"p, proj:hartmann-bau:deployer, applications, sync, hartmann-bau/*, allow\"]",
};

pub(super) const WINDOW: Code = Code {
    id: "argo-sync-window",
    title: "a sync window that Argo CD cannot read, or takes for another",
    why: "The schedule has five fields, the duration is one of Go, and a window is about applications, namespaces or clusters. An unknown time zone is replaced by UTC, so the window lies at other hours than it says.",
    fix: "write a name of the IANA database, `Europe/Berlin`, and a schedule of five fields",
    bad: "apiVersion: argoproj.io/v1alpha1\n\
          kind: AppProject\n\
          metadata: {name: hartmann-bau, namespace: argocd}\n\
          spec:\n\
          \x20 sourceRepos: [https://git.hartmann-bau.example/platform.git]\n\
          \x20 destinations:\n\
          \x20 - {name: in-cluster, namespace: hartmann-bau-production}\n\
          \x20 syncWindows:\n\
          \x20 - kind: deny\n\
          \x20   schedule: 0 8 * * 1-5\n\
          \x20   duration: 8h\n\
          \x20   timeZone: Europe/Hamburg\n\
          \x20   applications: [\"*\"]",
    good: "apiVersion: argoproj.io/v1alpha1\n\
          kind: AppProject\n\
          metadata: {name: hartmann-bau, namespace: argocd}\n\
          spec:\n\
          \x20 sourceRepos: [https://git.hartmann-bau.example/platform.git]\n\
          \x20 destinations:\n\
          \x20 - {name: in-cluster, namespace: hartmann-bau-production}\n\
          \x20 syncWindows:\n\
          \x20 - kind: deny\n\
          \x20   schedule: 0 8 * * 1-5\n\
          \x20   duration: 8h\n\
          \x20   timeZone: Europe/Berlin\n\
          \x20   applications: [\"*\"]",
};

pub(super) const ANNOTATION: Code = Code {
    id: "argo-annotation",
    title: "an annotation of Argo CD that it does not understand",
    why: "A wave is a whole number, hooks and their deletion have fixed words. Argo CD ignores anything else, and the object is applied at another moment than it says.",
    fix: "write a whole number, or one of the words in the message",
    bad: "apiVersion: v1\n\
          kind: ConfigMap\n\
          metadata:\n\
          \x20 name: odoo\n\
          \x20 namespace: hartmann-bau-production\n\
          \x20 annotations: {argocd.argoproj.io/sync-wave: \"first\"}",
    good: "apiVersion: v1\n\
          kind: ConfigMap\n\
          metadata:\n\
          \x20 name: odoo\n\
          \x20 namespace: hartmann-bau-production\n\
          \x20 annotations: {argocd.argoproj.io/sync-wave: \"-1\"}",
};
