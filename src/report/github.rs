//! Findings as annotations of GitHub's workflows, which show them beside the lines of a pull request.
//!
//! One line per finding; no text can end its line or begin another command.

use std::fmt::Write;

use super::{details, position};
use crate::diagnostic::{Finding, Level};

pub(super) fn write(findings: &[Finding]) -> String {
    let mut lines = String::new();
    for finding in findings {
        let command = match finding.level {
            // What is waived is nobody's to mend in this pull request.
            _ if finding.waived_by.is_some() => "notice",
            Level::Error | Level::Deny => "error",
            Level::Warn => "warning",
            Level::Audit => "notice",
        };
        // Writing into a string cannot fail.
        let _ = write!(lines, "::{command} ");
        if let Some(location) = &finding.location {
            let _ = write!(lines, "file={},", property(&location.source.path));
            if let Some((line, column)) = position(location) {
                let _ = write!(lines, "line={line},col={column},");
            }
        }
        let _ = writeln!(lines, "title={}::{}", property(&finding.code), data(&details(finding)));
    }
    lines
}

/// A message, escaped as the runner's own toolkit does it.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A property, which must not end at a comma or colon of its own.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::samples;

    #[test]
    fn findings_become_annotations() {
        insta::assert_snapshot!(write(&samples::all()), @r#"
        ::error title=missing-platform::the workspace has no platform%0Ahelp: add `environments/platform.yaml`
        ::error file=environments/old%2C new.yaml,title=not-utf8::byte 17 is not UTF-8
        ::error file=environments/hartmann-bau/production.yaml,line=8,col=3,title=unknown-field::unknown field `databse`%0Ahelp: did you mean `database`?%0Afield: /spec/databse
        ::error file=environments/hartmann-bau/production.yaml,line=11,col=3,title=duplicate-key::`tier` is written twice
        ::error file=environments/hartmann-bau/staging.yaml,line=2,col=11,title=duplicate-host::two environments claim `erp.hartmann-bau.example`%0Ahelp: give each environment a host of its own%0Aobject: apps/v1 Deployment hartmann-bau-staging/odoo-web
        ::warning title=missing-probe::container `odoo` has no readiness probe%0Awhy: Traffic reaches a pod that cannot answer yet.%0Ahelp: give it a `readinessProbe`%0Aobject: apps/v1 Deployment hartmann-bau-staging/odoo-web%0Apolicy: missing-probe
        ::warning title=unused-document::no environment uses release `odoo-18`
        ::notice title=unpinned-image::`exporter` runs "redis_exporter:v1" & <more>%0Aobject: apps/v1 Deployment hartmann-bau-staging/odoo-web%0Afield: /spec/template/spec/containers/1/image%0Apolicy: unpinned-image%0Awaived by: exporter-until-mirrored until 2026-12-31, erp@hartmann-bau.example: the mirror takes it up in December (OPS-211)
        "#);
    }

    #[test]
    fn no_text_leaves_its_line() {
        let finding = Finding::error("a:b,c", "100 %\r\n::error::forged");
        assert_eq!(
            write(&[finding]),
            "::error title=a%3Ab%2Cc::100 %25%0D%0A::error::forged\n"
        );
    }

    #[test]
    fn what_is_waived_is_a_notice() {
        let mut waived = samples::all().pop().unwrap();
        waived.level = Level::Deny;
        assert!(write(&[waived]).starts_with("::notice "));
    }
}
