//! The pages of what is said of the objects of cert-manager.
//!
//! One page for each idea, not for each check.

use crate::diagnostic::codes::Code;

pub(super) const CERTIFICATE: Code = Code {
    id: "certificate",
    title: "a certificate that names nobody, or cannot be issued as it says",
    why: "A certificate is for at least one name, address or subject. Usages, addresses and the reference to the issuer are checked too.",
    fix: "add `dnsNames`, or correct the field that the message names",
    bad: "apiVersion: cert-manager.io/v1\n\
          kind: Certificate\n\
          metadata: {name: erp, namespace: hartmann-bau-production}\n\
          spec:\n\
          \x20 secretName: erp-tls\n\
          \x20 issuerRef: {name: letsencrypt, kind: ClusterIssuer}",
    good: "apiVersion: cert-manager.io/v1\n\
          kind: Certificate\n\
          metadata: {name: erp, namespace: hartmann-bau-production}\n\
          spec:\n\
          \x20 secretName: erp-tls\n\
          \x20 issuerRef: {name: letsencrypt, kind: ClusterIssuer}\n\
          \x20 dnsNames: [erp.hartmann-bau.example]",
};

pub(super) const DURATION: Code = Code {
    id: "certificate-duration",
    title: "a certificate that is renewed before it is issued, or too late",
    why: "A certificate lives for an hour at least, is renewed before it ends, and five minutes at least before that. Durations are written as Go reads them, in hours, minutes and seconds.",
    fix: "make `renewBefore` a third of `duration`, and write days as hours",
    bad: "apiVersion: cert-manager.io/v1\n\
          kind: Certificate\n\
          metadata: {name: erp, namespace: hartmann-bau-production}\n\
          spec:\n\
          \x20 secretName: erp-tls\n\
          \x20 issuerRef: {name: letsencrypt, kind: ClusterIssuer}\n\
          \x20 dnsNames: [erp.hartmann-bau.example]\n\
          \x20 duration: 24h\n\
          \x20 renewBefore: 48h",
    good: "apiVersion: cert-manager.io/v1\n\
          kind: Certificate\n\
          metadata: {name: erp, namespace: hartmann-bau-production}\n\
          spec:\n\
          \x20 secretName: erp-tls\n\
          \x20 issuerRef: {name: letsencrypt, kind: ClusterIssuer}\n\
          \x20 dnsNames: [erp.hartmann-bau.example]\n\
          \x20 duration: 2160h\n\
          \x20 renewBefore: 720h",
};

pub(super) const KEY: Code = Code {
    id: "certificate-key",
    title: "a private key that nobody would sign, or a signature that does not fit it",
    why: "An RSA key has between 2048 and 8192 bits, an ECDSA key 256, 384 or 521. The signature belongs to the algorithm of the key.",
    fix: "write a size from the message",
    bad: "apiVersion: cert-manager.io/v1\n\
          kind: Certificate\n\
          metadata: {name: erp, namespace: hartmann-bau-production}\n\
          spec:\n\
          \x20 secretName: erp-tls\n\
          \x20 issuerRef: {name: letsencrypt, kind: ClusterIssuer}\n\
          \x20 dnsNames: [erp.hartmann-bau.example]\n\
          \x20 privateKey: {algorithm: RSA, size: 1024}",
    good: "apiVersion: cert-manager.io/v1\n\
          kind: Certificate\n\
          metadata: {name: erp, namespace: hartmann-bau-production}\n\
          spec:\n\
          \x20 secretName: erp-tls\n\
          \x20 issuerRef: {name: letsencrypt, kind: ClusterIssuer}\n\
          \x20 dnsNames: [erp.hartmann-bau.example]\n\
          \x20 privateKey: {algorithm: RSA, size: 4096}",
};

pub(super) const ISSUER: Code = Code {
    id: "certificate-issuer",
    title: "an issuer that is of no kind or of several, or incomplete",
    why: "An issuer has one kind. For ACME it names the server, the secret of the account, and for each solver one way to answer.",
    fix: "leave one kind, and complete what the message names",
    bad: "apiVersion: cert-manager.io/v1\n\
          kind: ClusterIssuer\n\
          metadata: {name: letsencrypt}\n\
          spec:\n\
          \x20 acme:\n\
          \x20   server: https://acme-v02.api.letsencrypt.org/directory\n\
          \x20   privateKeySecretRef: {name: letsencrypt-account}\n\
          \x20   solvers:\n\
          \x20   - selector: {dnsZones: [hartmann-bau.example]}",
    good: "apiVersion: cert-manager.io/v1\n\
          kind: ClusterIssuer\n\
          metadata: {name: letsencrypt}\n\
          spec:\n\
          \x20 acme:\n\
          \x20   server: https://acme-v02.api.letsencrypt.org/directory\n\
          \x20   privateKeySecretRef: {name: letsencrypt-account}\n\
          \x20   solvers:\n\
          \x20   - selector: {dnsZones: [hartmann-bau.example]}\n\
          \x20     http01: {ingress: {ingressClassName: traefik}}",
};
