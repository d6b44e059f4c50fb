//! Findings as SARIF 2.1.0, which code scanning services read.
//!
//! Every result has a rule; a waived finding is suppressed, not left out.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::{details, position};
use crate::diagnostic::codes::{self, Page};
use crate::diagnostic::{Finding, Level, Location};

pub(super) fn write(findings: &[Finding], summary: &Map<String, Value>, pages: &[Page]) -> String {
    let used: BTreeSet<&str> = findings.iter().map(|finding| finding.code.as_ref()).collect();
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "formwork",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": used.into_iter().map(|id| rule(id, pages)).collect::<Vec<_>>(),
            }},
            // Our columns count characters; the default of the format counts UTF-16 code units.
            "columnKind": "unicodeCodePoints",
            "results": findings.iter().map(result).collect::<Vec<_>>(),
            "properties": summary,
        }],
    });
    format!("{log:#}\n")
}

/// The rule of a code: with its page, unless it is the code of somebody's own policy.
fn rule(id: &str, pages: &[Page]) -> Value {
    let known = pages.iter().find(|page| page.id == id).cloned();
    let Some(page) = known.or_else(|| codes::find(id).map(Page::from)) else {
        return json!({ "id": id });
    };
    json!({
        "id": id,
        "shortDescription": { "text": page.title },
        "fullDescription": { "text": page.why },
        "help": { "text": page.fix },
    })
}

fn result(finding: &Finding) -> Value {
    let level = match finding.level {
        Level::Error | Level::Deny => "error",
        Level::Warn => "warning",
        Level::Audit => "note",
    };
    let mut result = json!({
        "ruleId": finding.code,
        "level": level,
        "message": { "text": details(finding) },
    });
    let mut place = Map::new();
    if let Some(location) = &finding.location {
        place.insert("physicalLocation".into(), physical(location));
    }
    if let Some(object) = &finding.object {
        let logical = json!([{ "fullyQualifiedName": object.to_string(), "kind": "object" }]);
        place.insert("logicalLocations".into(), logical);
    }
    if !place.is_empty() {
        result["locations"] = json!([place]);
    }
    if !finding.related.is_empty() {
        let related = finding.related.iter();
        result["relatedLocations"] = related
            .map(|(location, what)| json!({ "message": { "text": what }, "physicalLocation": physical(location) }))
            .collect();
    }
    if let Some(waiver) = &finding.waived_by {
        result["suppressions"] = json!([{ "kind": "external", "justification": waiver.to_string() }]);
    }
    result
}

fn physical(location: &Location) -> Value {
    let mut place = json!({ "artifactLocation": { "uri": uri(&location.source.path) } });
    if let Some((line, column)) = position(location) {
        place["region"] = json!({ "startLine": line, "startColumn": column });
    }
    place
}

/// A path as a relative URI.
fn uri(path: &str) -> String {
    path.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::samples;

    #[test]
    fn a_log_has_rules_results_and_suppressions() {
        let page = Page {
            id: "unpinned-image".into(),
            title: "an image without a digest".into(),
            why: "(why)".into(),
            fix: "(fix)".into(),
            ..Page::default()
        };
        let findings: Vec<_> = samples::all()
            .into_iter()
            .filter(|finding| finding.object.is_some())
            .collect();
        let mut log = write(
            &findings,
            &Map::from_iter([("objects".to_owned(), 144.into())]),
            &[page],
        );
        // The pages are tested where they are; here it matters that they arrive.
        let code = codes::find("duplicate-host").unwrap();
        log = log.replace(code.why, "(why)").replace(code.fix, "(fix)");
        insta::assert_snapshot!(log, @r#"
        {
          "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
          "runs": [
            {
              "columnKind": "unicodeCodePoints",
              "properties": {
                "objects": 144
              },
              "results": [
                {
                  "level": "error",
                  "locations": [
                    {
                      "logicalLocations": [
                        {
                          "fullyQualifiedName": "apps/v1 Deployment hartmann-bau-staging/odoo-web",
                          "kind": "object"
                        }
                      ],
                      "physicalLocation": {
                        "artifactLocation": {
                          "uri": "environments/hartmann-bau/staging.yaml"
                        },
                        "region": {
                          "startColumn": 11,
                          "startLine": 2
                        }
                      }
                    }
                  ],
                  "message": {
                    "text": "two environments claim `erp.hartmann-bau.example`\nhelp: (fix)\nobject: apps/v1 Deployment hartmann-bau-staging/odoo-web"
                  },
                  "relatedLocations": [
                    {
                      "message": {
                        "text": "first claimed here"
                      },
                      "physicalLocation": {
                        "artifactLocation": {
                          "uri": "environments/hartmann-bau/production.yaml"
                        },
                        "region": {
                          "startColumn": 7,
                          "startLine": 10
                        }
                      }
                    }
                  ],
                  "ruleId": "duplicate-host"
                },
                {
                  "level": "warning",
                  "locations": [
                    {
                      "logicalLocations": [
                        {
                          "fullyQualifiedName": "apps/v1 Deployment hartmann-bau-staging/odoo-web",
                          "kind": "object"
                        }
                      ]
                    }
                  ],
                  "message": {
                    "text": "container `odoo` has no readiness probe\nwhy: Traffic reaches a pod that cannot answer yet.\nhelp: give it a `readinessProbe`\nobject: apps/v1 Deployment hartmann-bau-staging/odoo-web\npolicy: missing-probe"
                  },
                  "ruleId": "missing-probe"
                },
                {
                  "level": "note",
                  "locations": [
                    {
                      "logicalLocations": [
                        {
                          "fullyQualifiedName": "apps/v1 Deployment hartmann-bau-staging/odoo-web",
                          "kind": "object"
                        }
                      ]
                    }
                  ],
                  "message": {
                    "text": "`exporter` runs \"redis_exporter:v1\" & <more>\nobject: apps/v1 Deployment hartmann-bau-staging/odoo-web\nfield: /spec/template/spec/containers/1/image\npolicy: unpinned-image\nwaived by: exporter-until-mirrored until 2026-12-31, erp@hartmann-bau.example: the mirror takes it up in December (OPS-211)"
                  },
                  "ruleId": "unpinned-image",
                  "suppressions": [
                    {
                      "justification": "exporter-until-mirrored until 2026-12-31, erp@hartmann-bau.example: the mirror takes it up in December (OPS-211)",
                      "kind": "external"
                    }
                  ]
                }
              ],
              "tool": {
                "driver": {
                  "name": "formwork",
                  "rules": [
                    {
                      "fullDescription": {
                        "text": "(why)"
                      },
                      "help": {
                        "text": "(fix)"
                      },
                      "id": "duplicate-host",
                      "shortDescription": {
                        "text": "two environments claim the same host"
                      }
                    },
                    {
                      "id": "missing-probe"
                    },
                    {
                      "fullDescription": {
                        "text": "(why)"
                      },
                      "help": {
                        "text": "(fix)"
                      },
                      "id": "unpinned-image",
                      "shortDescription": {
                        "text": "an image without a digest"
                      }
                    }
                  ],
                  "version": "0.1.0"
                }
              }
            }
          ],
          "version": "2.1.0"
        }
        "#);
    }

    #[test]
    fn findings_without_a_place_have_no_locations() {
        let log = write(&[Finding::error("our-own-policy", "no")], &Map::new(), &[]);
        let log: Value = serde_json::from_str(&log).unwrap();
        assert_eq!(
            log["runs"][0]["tool"]["driver"]["rules"],
            json!([{ "id": "our-own-policy" }])
        );
        assert_eq!(log["runs"][0]["results"][0].get("locations"), None);
    }

    #[test]
    fn paths_become_uris() {
        assert_eq!(uri("environments/ä b.yaml"), "environments/%C3%A4%20b.yaml");
    }
}
