//! The pages of what is said of the objects of Flux.
//!
//! One page for each idea, not for each check.

use crate::diagnostic::codes::Code;

pub(super) const DEPENDENCY: Code = Code {
    id: "flux-depends-on-itself",
    title: "an object of Flux that waits for itself",
    why: "What waits for itself is never ready, and nothing of it is applied.",
    fix: "take the entry out, or name what has to come first",
    bad: "apiVersion: kustomize.toolkit.fluxcd.io/v1\n\
          kind: Kustomization\n\
          metadata: {name: production, namespace: hartmann-bau}\n\
          spec:\n\
          \x20 interval: 10m\n\
          \x20 prune: true\n\
          \x20 path: ./generated/hartmann-bau/production\n\
          \x20 sourceRef: {kind: GitRepository, name: platform}\n\
          \x20 dependsOn:\n\
          \x20 - {name: production}",
    good: "apiVersion: kustomize.toolkit.fluxcd.io/v1\n\
          kind: Kustomization\n\
          metadata: {name: production, namespace: hartmann-bau}\n\
          spec:\n\
          \x20 interval: 10m\n\
          \x20 prune: true\n\
          \x20 path: ./generated/hartmann-bau/production\n\
          \x20 sourceRef: {kind: GitRepository, name: platform}\n\
          \x20 dependsOn:\n\
          \x20 - {name: platform}",
};

pub(super) const SUBSTITUTION: Code = Code {
    id: "flux-substitution",
    title: "a variable with a name that Flux cannot substitute",
    why: "Variables have names of letters, digits and underscores, not beginning with a digit, as in a shell.",
    fix: "rename the variable",
    bad: "apiVersion: kustomize.toolkit.fluxcd.io/v1\n\
          kind: Kustomization\n\
          metadata: {name: production, namespace: hartmann-bau}\n\
          spec:\n\
          \x20 interval: 10m\n\
          \x20 prune: true\n\
          \x20 path: ./generated/hartmann-bau/production\n\
          \x20 sourceRef: {kind: GitRepository, name: platform}\n\
          \x20 postBuild: {substitute: {cluster-name: kestrel}}",
    good: "apiVersion: kustomize.toolkit.fluxcd.io/v1\n\
          kind: Kustomization\n\
          metadata: {name: production, namespace: hartmann-bau}\n\
          spec:\n\
          \x20 interval: 10m\n\
          \x20 prune: true\n\
          \x20 path: ./generated/hartmann-bau/production\n\
          \x20 sourceRef: {kind: GitRepository, name: platform}\n\
          \x20 postBuild: {substitute: {cluster_name: kestrel}}",
};
