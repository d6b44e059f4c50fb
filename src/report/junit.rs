//! Findings as a JUnit report, which most CI systems show as failed tests.
//!
//! Errors and denials fail, warnings pass with their text, waived findings are skipped; the XML is always well formed.

use std::fmt::Write;

use super::{details, place};
use crate::diagnostic::{Finding, Level};

pub(super) fn write(findings: &[Finding]) -> String {
    let count = |name| findings.iter().filter(|finding| outcome(finding) == name).count();
    let tests = findings.len().max(1);
    let (errors, failures, skipped) = (count("error"), count("failure"), count("skipped"));
    let mut xml = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n  <testsuite name=\"formwork\" tests=\"{tests}\" \
         errors=\"{errors}\" failures=\"{failures}\" skipped=\"{skipped}\">\n"
    );
    if findings.is_empty() {
        xml.push_str("    <testcase classname=\"formwork\" name=\"no findings\"/>\n");
    }
    for finding in findings {
        case(&mut xml, finding);
    }
    xml + "  </testsuite>\n</testsuites>\n"
}

/// The element that tells how a finding ends its test case.
fn outcome(finding: &Finding) -> &'static str {
    match finding.level {
        _ if finding.waived_by.is_some() => "skipped",
        Level::Error => "error",
        Level::Deny => "failure",
        Level::Warn | Level::Audit => "system-out",
    }
}

fn case(xml: &mut String, finding: &Finding) {
    let (class, code, message) = (escape(&class(finding)), escape(&finding.code), escape(&finding.message));
    let place = finding
        .location
        .as_ref()
        .map_or_else(String::new, |location| place(location) + ": ");
    let text = escape(&(place + &details(finding)));
    // Writing into a string cannot fail.
    let _ = writeln!(xml, "    <testcase classname=\"{class}\" name=\"{code}: {message}\">");
    let _ = match (outcome(finding), &finding.waived_by) {
        ("skipped", Some(waiver)) => writeln!(
            xml,
            "      <skipped message=\"waived by {}\"/>",
            escape(&waiver.to_string())
        ),
        ("system-out", _) => writeln!(xml, "      <system-out>{text}</system-out>"),
        (element, _) => writeln!(
            xml,
            "      <{element} type=\"{code}\" message=\"{message}\">{text}</{element}>"
        ),
    };
    xml.push_str("    </testcase>\n");
}

/// What reports group test cases by: the file, or the object, or at least the program.
fn class(finding: &Finding) -> String {
    match (&finding.location, &finding.object) {
        (Some(location), _) => location.source.path.clone(),
        (None, Some(object)) => object.to_string(),
        (None, None) => "formwork".into(),
    }
}

/// A text for an attribute or an element; XML 1.0 has no way to write most control characters.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\n' => escaped.push_str("&#10;"),
            '\r' => escaped.push_str("&#13;"),
            '\t' => escaped.push_str("&#9;"),
            '\0'..='\x1f' | '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            _ => escaped.push(letter),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::samples;

    #[test]
    fn findings_become_test_cases() {
        insta::assert_snapshot!(write(&samples::all()), @r#"
        <?xml version="1.0" encoding="UTF-8"?>
        <testsuites>
          <testsuite name="formwork" tests="8" errors="4" failures="1" skipped="1">
            <testcase classname="formwork" name="missing-platform: the workspace has no platform">
              <error type="missing-platform" message="the workspace has no platform">the workspace has no platform&#10;help: add `environments/platform.yaml`</error>
            </testcase>
            <testcase classname="environments/old, new.yaml" name="not-utf8: byte 17 is not UTF-8">
              <error type="not-utf8" message="byte 17 is not UTF-8">environments/old, new.yaml: byte 17 is not UTF-8</error>
            </testcase>
            <testcase classname="environments/hartmann-bau/production.yaml" name="unknown-field: unknown field `databse`">
              <error type="unknown-field" message="unknown field `databse`">environments/hartmann-bau/production.yaml:8:3: unknown field `databse`&#10;help: did you mean `database`?&#10;field: /spec/databse</error>
            </testcase>
            <testcase classname="environments/hartmann-bau/production.yaml" name="duplicate-key: `tier` is written twice">
              <error type="duplicate-key" message="`tier` is written twice">environments/hartmann-bau/production.yaml:11:3: `tier` is written twice</error>
            </testcase>
            <testcase classname="environments/hartmann-bau/staging.yaml" name="duplicate-host: two environments claim `erp.hartmann-bau.example`">
              <failure type="duplicate-host" message="two environments claim `erp.hartmann-bau.example`">environments/hartmann-bau/staging.yaml:2:11: two environments claim `erp.hartmann-bau.example`&#10;help: give each environment a host of its own&#10;object: apps/v1 Deployment hartmann-bau-staging/odoo-web</failure>
            </testcase>
            <testcase classname="apps/v1 Deployment hartmann-bau-staging/odoo-web" name="missing-probe: container `odoo` has no readiness probe">
              <system-out>container `odoo` has no readiness probe&#10;why: Traffic reaches a pod that cannot answer yet.&#10;help: give it a `readinessProbe`&#10;object: apps/v1 Deployment hartmann-bau-staging/odoo-web&#10;policy: missing-probe</system-out>
            </testcase>
            <testcase classname="formwork" name="unused-document: no environment uses release `odoo-18`">
              <system-out>no environment uses release `odoo-18`</system-out>
            </testcase>
            <testcase classname="apps/v1 Deployment hartmann-bau-staging/odoo-web" name="unpinned-image: `exporter` runs &quot;redis_exporter:v1&quot; &amp; &lt;more&gt;">
              <skipped message="waived by exporter-until-mirrored until 2026-12-31, erp@hartmann-bau.example: the mirror takes it up in December (OPS-211)"/>
            </testcase>
          </testsuite>
        </testsuites>
        "#);
    }

    #[test]
    fn no_findings_are_one_passed_test() {
        insta::assert_snapshot!(write(&[]), @r#"
        <?xml version="1.0" encoding="UTF-8"?>
        <testsuites>
          <testsuite name="formwork" tests="1" errors="0" failures="0" skipped="0">
            <testcase classname="formwork" name="no findings"/>
          </testsuite>
        </testsuites>
        "#);
    }

    #[test]
    fn control_characters_do_not_reach_the_xml() {
        assert_eq!(escape("a\u{1b}[1m\n\u{ffff}"), "a\u{fffd}[1m&#10;\u{fffd}");
    }
}
