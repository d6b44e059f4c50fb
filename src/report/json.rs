//! Findings as one JSON document, for scripts.
//!
//! The shape is a contract: keys keep this order, and what a finding does not have is left out.

use serde::Serialize;
use serde_json::{Map, Value};

use super::{counts, position};
use crate::diagnostic::{Finding, Level, ObjectReference, Waived};

#[derive(Serialize)]
struct Document<'a> {
    version: u8,
    findings: Vec<Entry<'a>>,
    summary: Map<String, Value>,
}

#[derive(Serialize)]
struct Entry<'a> {
    code: &'a str,
    level: Level,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    column: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    object: Option<&'a ObjectReference>,
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    policy: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    waived_by: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    waiver: Option<&'a Waived>,
}

pub(super) fn write(findings: &[Finding], summary: &Map<String, Value>) -> String {
    let mut summary = summary.clone();
    for (level, count) in counts(findings) {
        summary.insert(level.name().into(), count.into());
    }
    let waived = findings.iter().filter(|finding| finding.waived_by.is_some()).count();
    summary.insert("waived".into(), waived.into());
    let document = Document {
        version: 1,
        findings: findings.iter().map(entry).collect(),
        summary,
    };
    // Serialization fails on keys that are not text only, and there are none.
    serde_json::to_string_pretty(&document).unwrap_or_default() + "\n"
}

fn entry(finding: &Finding) -> Entry<'_> {
    let position = finding.location.as_ref().and_then(position);
    Entry {
        code: &finding.code,
        level: finding.level,
        message: &finding.message,
        why: finding.why.as_deref(),
        help: finding.help.as_deref(),
        file: finding.location.as_ref().map(|location| location.source.path.as_str()),
        line: position.map(|(line, _)| line),
        column: position.map(|(_, column)| column),
        object: finding.object.as_ref(),
        field: finding.field.as_deref(),
        subject: finding.subject.as_deref(),
        policy: finding.policy.as_deref(),
        waived_by: finding.waived_by.as_ref().map(|waived| waived.waiver.as_str()),
        waiver: finding.waived_by.as_ref(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::samples;

    #[test]
    fn the_document_has_the_promised_shape() {
        let summary = Map::from_iter([("objects".to_owned(), 144.into())]);
        let findings: Vec<_> = samples::all()
            .into_iter()
            .filter(|finding| finding.object.is_some())
            .collect();
        insta::assert_snapshot!(write(&findings, &summary), @r#"
        {
          "version": 1,
          "findings": [
            {
              "code": "duplicate-host",
              "level": "deny",
              "message": "two environments claim `erp.hartmann-bau.example`",
              "help": "give each environment a host of its own",
              "file": "environments/hartmann-bau/staging.yaml",
              "line": 2,
              "column": 11,
              "object": {
                "apiVersion": "apps/v1",
                "kind": "Deployment",
                "namespace": "hartmann-bau-staging",
                "name": "odoo-web"
              }
            },
            {
              "code": "missing-probe",
              "level": "warn",
              "message": "container `odoo` has no readiness probe",
              "why": "Traffic reaches a pod that cannot answer yet.",
              "help": "give it a `readinessProbe`",
              "object": {
                "apiVersion": "apps/v1",
                "kind": "Deployment",
                "namespace": "hartmann-bau-staging",
                "name": "odoo-web"
              },
              "subject": "hartmann-bau/staging",
              "policy": "missing-probe"
            },
            {
              "code": "unpinned-image",
              "level": "audit",
              "message": "`exporter` runs \"redis_exporter:v1\" & <more>",
              "object": {
                "apiVersion": "apps/v1",
                "kind": "Deployment",
                "namespace": "hartmann-bau-staging",
                "name": "odoo-web"
              },
              "field": "/spec/template/spec/containers/1/image",
              "subject": "hartmann-bau/staging",
              "policy": "unpinned-image",
              "waived_by": "exporter-until-mirrored",
              "waiver": {
                "waiver": "exporter-until-mirrored",
                "owner": "erp@hartmann-bau.example",
                "reason": "the mirror takes it up in December",
                "ticket": "OPS-211",
                "until": "2026-12-31"
              }
            }
          ],
          "summary": {
            "audit": 0,
            "deny": 1,
            "error": 0,
            "objects": 144,
            "waived": 1,
            "warn": 1
          }
        }
        "#);
    }

    #[test]
    fn an_unreadable_file_has_no_line() {
        insta::assert_snapshot!(write(&samples::all()[1..2], &Map::new()), @r#"
        {
          "version": 1,
          "findings": [
            {
              "code": "not-utf8",
              "level": "error",
              "message": "byte 17 is not UTF-8",
              "file": "environments/old, new.yaml"
            }
          ],
          "summary": {
            "audit": 0,
            "deny": 0,
            "error": 1,
            "waived": 0,
            "warn": 0
          }
        }
        "#);
    }
}
