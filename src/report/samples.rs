//! Findings that the tests of every format render: each level, with and without a place.
//!
//! They never change between runs, so that the expected texts can be written down.

use std::ops::Range;
use std::sync::Arc;

use crate::diagnostic::{Finding, Level, Location, ObjectReference, Source, Waived};

const PRODUCTION: &str = "apiVersion: formwork/v1alpha1
kind: Environment
metadata: {name: production}
spec:
  tenant: hartmann-bau
  tier: staging
  cluster: eu-central
  databse: {instances: 3}
  hosts:
    - erp.hartmann-bau.example
  tier: production
";
const STAGING: &str = "spec:\n  hosts: [erp.hartmann-bau.example]\n";

pub(super) fn all() -> Vec<Finding> {
    let production = source("environments/hartmann-bau/production.yaml", PRODUCTION);
    let staging = source("environments/hartmann-bau/staging.yaml", STAGING);
    vec![
        Finding::error("missing-platform", "the workspace has no platform").help("add `environments/platform.yaml`"),
        Finding::error("not-utf8", "byte 17 is not UTF-8").at(span(&source("environments/old, new.yaml", ""), 0..0)),
        Finding::error("unknown-field", "unknown field `databse`")
            .help("did you mean `database`?")
            .at(find(&production, "databse"))
            .field("/spec/databse"),
        Finding::error("duplicate-key", "`tier` is written twice")
            .at(last(&production, "tier"))
            .with(find(&production, "tier"), "first written here"),
        Finding {
            object: Some(web()),
            ..Finding::new(
                "duplicate-host",
                Level::Deny,
                "two environments claim `erp.hartmann-bau.example`",
            )
            .help("give each environment a host of its own")
            .at(find(&staging, "erp.hartmann-bau.example"))
            .with(find(&production, "erp.hartmann-bau.example"), "first claimed here")
        },
        Finding {
            object: Some(web()),
            subject: Some("hartmann-bau/staging".into()),
            policy: Some("missing-probe".into()),
            why: Some("Traffic reaches a pod that cannot answer yet.".into()),
            ..Finding::new("missing-probe", Level::Warn, "container `odoo` has no readiness probe")
                .help("give it a `readinessProbe`")
        },
        Finding::new("unused-document", Level::Warn, "no environment uses release `odoo-18`"),
        Finding {
            object: Some(web()),
            policy: Some("unpinned-image".into()),
            subject: Some("hartmann-bau/staging".into()),
            waived_by: Some(Waived {
                waiver: "exporter-until-mirrored".into(),
                owner: "erp@hartmann-bau.example".into(),
                reason: "the mirror takes it up in December".into(),
                ticket: "OPS-211".into(),
                until: "2026-12-31".into(),
            }),
            ..Finding::new(
                "unpinned-image",
                Level::Audit,
                "`exporter` runs \"redis_exporter:v1\" & <more>",
            )
            .field("/spec/template/spec/containers/1/image")
        },
    ]
}

pub(super) fn source(path: &str, text: &str) -> Arc<Source> {
    Arc::new(Source {
        path: path.into(),
        text: text.into(),
    })
}

pub(super) fn span(source: &Arc<Source>, span: Range<usize>) -> Location {
    Location {
        source: Arc::clone(source),
        span,
    }
}

/// The place where a text occurs first.
pub(super) fn find(source: &Arc<Source>, text: &str) -> Location {
    let start = source.text.find(text).unwrap();
    span(source, start..start + text.len())
}

fn last(source: &Arc<Source>, text: &str) -> Location {
    let start = source.text.rfind(text).unwrap();
    span(source, start..start + text.len())
}

fn web() -> ObjectReference {
    ObjectReference {
        api_version: "apps/v1".into(),
        kind: "Deployment".into(),
        namespace: Some("hartmann-bau-staging".into()),
        name: "odoo-web".into(),
    }
}
