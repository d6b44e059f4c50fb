//! The pages of what is said of the objects of External Secrets.
//!
//! One page for each idea, not for each check.

use crate::diagnostic::codes::Code;

pub(super) const CONTENT: Code = Code {
    id: "external-secret-content",
    title: "an external secret that fetches nothing, or one key twice",
    why: "There is at least one entry, each entry of `dataFrom` has one way to find its keys, and a key of the Secret comes from one place.",
    fix: "add the entry, or remove one of the two",
    bad: "apiVersion: external-secrets.io/v1\n\
          kind: ExternalSecret\n\
          metadata: {name: odoo, namespace: hartmann-bau-production}\n\
          spec:\n\
          \x20 refreshInterval: 1h\n\
          \x20 secretStoreRef: {name: vault, kind: ClusterSecretStore}",
    good: "apiVersion: external-secrets.io/v1\n\
          kind: ExternalSecret\n\
          metadata: {name: odoo, namespace: hartmann-bau-production}\n\
          spec:\n\
          \x20 refreshInterval: 1h\n\
          \x20 secretStoreRef: {name: vault, kind: ClusterSecretStore}\n\
          \x20 data:\n\
          \x20 - {secretKey: password, remoteRef: {key: hartmann-bau/odoo, property: password}}",
};

pub(super) const POLICY: Code = Code {
    id: "external-secret-policy",
    title: "an external secret whose policies contradict each other, or that cannot be refreshed",
    why: "Only who owns a Secret may delete it. The interval is a duration of Go, in hours, minutes and seconds.",
    fix: "set `creationPolicy: Owner`, or write days as hours",
    bad: "apiVersion: external-secrets.io/v1\n\
          kind: ExternalSecret\n\
          metadata: {name: odoo, namespace: hartmann-bau-production}\n\
          spec:\n\
          \x20 refreshInterval: 1d\n\
          \x20 secretStoreRef: {name: vault, kind: ClusterSecretStore}\n\
          \x20 data:\n\
          \x20 - {secretKey: password, remoteRef: {key: hartmann-bau/odoo, property: password}}",
    good: "apiVersion: external-secrets.io/v1\n\
          kind: ExternalSecret\n\
          metadata: {name: odoo, namespace: hartmann-bau-production}\n\
          spec:\n\
          \x20 refreshInterval: 24h\n\
          \x20 secretStoreRef: {name: vault, kind: ClusterSecretStore}\n\
          \x20 data:\n\
          \x20 - {secretKey: password, remoteRef: {key: hartmann-bau/odoo, property: password}}",
};
