//! The pages of what is said of the objects of Traefik.
//!
//! One page for each idea, not for each check.

use crate::diagnostic::codes::Code;

pub(super) const RULE: Code = Code {
    id: "traefik-rule",
    title: "a rule that Traefik cannot read",
    why: "A rule is made of matchers with texts in backticks, `&&`, `||`, `!` and parentheses. Traefik drops the route of a rule that it cannot read and says so in its log only; requests meet a 404.",
    fix: "correct the matcher that the message names",
    bad: "apiVersion: traefik.io/v1alpha1\n\
          kind: IngressRoute\n\
          metadata: {name: odoo, namespace: hartmann-bau-production}\n\
          spec:\n\
          \x20 routes:\n\
          \x20 - kind: Rule\n\
          \x20   match: Host(`erp.hartmann-bau.example`) && PathPrefix(`web`)\n\
          \x20   services:\n\
          \x20   - {name: odoo, port: 8069}",
    good: "apiVersion: traefik.io/v1alpha1\n\
          kind: IngressRoute\n\
          metadata: {name: odoo, namespace: hartmann-bau-production}\n\
          spec:\n\
          \x20 routes:\n\
          \x20 - kind: Rule\n\
          \x20   match: Host(`erp.hartmann-bau.example`) && PathPrefix(`/web`)\n\
          \x20   services:\n\
          \x20   - {name: odoo, port: 8069}",
};

pub(super) const PRIORITY: Code = Code {
    id: "traefik-priority",
    title: "a priority that Traefik keeps for itself",
    why: "The thousand greatest priorities belong to the routes of Traefik itself; a route that asks for one is dropped.",
    fix: "write a smaller number; the length of the rule is the default",
    bad: "apiVersion: traefik.io/v1alpha1\n\
          kind: IngressRoute\n\
          metadata: {name: odoo, namespace: hartmann-bau-production}\n\
          spec:\n\
          \x20 routes:\n\
          \x20 - kind: Rule\n\
          \x20   match: Host(`erp.hartmann-bau.example`)\n\
          \x20   services:\n\
          \x20   - {name: odoo, port: 8069}\n\
          \x20   priority: 9223372036854775807",
    good: "apiVersion: traefik.io/v1alpha1\n\
          kind: IngressRoute\n\
          metadata: {name: odoo, namespace: hartmann-bau-production}\n\
          spec:\n\
          \x20 routes:\n\
          \x20 - kind: Rule\n\
          \x20   match: Host(`erp.hartmann-bau.example`)\n\
          \x20   services:\n\
          \x20   - {name: odoo, port: 8069}\n\
          \x20   priority: 1000",
};

pub(super) const MIDDLEWARE_TYPE: Code = Code {
    id: "traefik-middleware-type",
    title: "a middleware that is of no type or of several",
    why: "An object is one middleware. With two types in one, or none, Traefik drops the routes that use it.",
    fix: "make an object for each type, and list them in the route or in a `chain`",
    bad: "apiVersion: traefik.io/v1alpha1\n\
          kind: Middleware\n\
          metadata: {name: limit, namespace: hartmann-bau-production}\n\
          spec:\n\
          \x20 rateLimit: {average: 100}\n\
          \x20 buffering: {maxRequestBodyBytes: 1048576}",
    good: "apiVersion: traefik.io/v1alpha1\n\
          kind: Middleware\n\
          metadata: {name: limit, namespace: hartmann-bau-production}\n\
          spec:\n\
          \x20 rateLimit: {average: 100}",
};

pub(super) const MIDDLEWARE: Code = Code {
    id: "traefik-middleware",
    title: "settings of a middleware that Traefik refuses",
    why: "A range that is no CIDR, a regular expression that Go does not compile, a period that cannot be read: Traefik drops the routes that use such a middleware, and says so in its log only.",
    fix: "correct the field that the message names",
    bad: "apiVersion: traefik.io/v1alpha1\n\
          kind: Middleware\n\
          metadata: {name: limit, namespace: hartmann-bau-production}\n\
          spec:\n\
          \x20 ipAllowList: {sourceRange: [10.0.0.0/8, 192.168.1.0/240]}",
    good: "apiVersion: traefik.io/v1alpha1\n\
          kind: Middleware\n\
          metadata: {name: limit, namespace: hartmann-bau-production}\n\
          spec:\n\
          \x20 ipAllowList: {sourceRange: [10.0.0.0/8, 192.168.1.0/24]}",
};

pub(super) const TLS: Code = Code {
    id: "traefik-tls-option",
    title: "TLS options with names that Traefik does not know",
    why: "An unknown cipher or curve makes Traefik drop the whole option, and an unknown version is ignored without a word: connections are then weaker than the option says.",
    fix: "write the names as Go does, `VersionTLS12`, `TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384`, `CurveP384`",
    bad: "apiVersion: traefik.io/v1alpha1\n\
          kind: TLSOption\n\
          metadata: {name: strict, namespace: hartmann-bau-production}\n\
          spec:\n\
          \x20 cipherSuites: [ECDHE-RSA-AES256-GCM-SHA384]",
    good: "apiVersion: traefik.io/v1alpha1\n\
          kind: TLSOption\n\
          metadata: {name: strict, namespace: hartmann-bau-production}\n\
          spec:\n\
          \x20 cipherSuites: [TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384]",
};
