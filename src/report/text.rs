//! Findings as the Rust compiler prints its own: a header, the source with a caret, the remedy, the circumstances.
//!
//! No text of a finding or of a source reaches the terminal as a command to it.

use std::fmt::Write;

use annotate_snippets::{Element, Group, Renderer, normalize_untrusted_str};
use serde_json::{Map, Value};

use super::excerpt::{excerpts, harmless, is_shown, near};
use super::{counts, place};
use crate::diagnostic::{Finding, Level};

pub(super) fn write(findings: &[Finding], summary: &Map<String, Value>, color: bool) -> String {
    let renderer = if color { Renderer::styled() } else { Renderer::plain() };
    let mut text = String::new();
    for finding in findings {
        text.push_str(&renderer.render(&[group(finding)]));
        text.push_str("\n\n");
    }
    text.push_str(&tally(findings, summary));
    // Terminals obey these control characters too, and the renderer lets them pass.
    text.replace(|letter| ('\u{80}'..='\u{9f}').contains(&letter), "\u{fffd}")
}

fn group(finding: &Finding) -> Group<'_> {
    let level = match &finding.waived_by {
        Some(_) => annotate_snippets::Level::INFO.with_name("waived"),
        None => level(finding.level),
    };
    level
        .primary_title(finding.message.as_str())
        .id(harmless(&finding.code))
        .elements(excerpts(finding))
        .elements(notes(finding))
}

fn level(level: Level) -> annotate_snippets::Level<'static> {
    match level {
        Level::Error | Level::Deny => annotate_snippets::Level::ERROR,
        Level::Warn => annotate_snippets::Level::WARNING,
        Level::Audit => annotate_snippets::Level::NOTE,
    }
    .with_name(level.name())
}

/// Places that no excerpt shows, the remedy, then what else is known.
fn notes(finding: &Finding) -> Vec<Element<'_>> {
    let hidden = finding.related.iter().filter(|(location, _)| !is_shown(location));
    let known = [
        ("near", finding.location.as_ref().and_then(near)),
        ("why", finding.why.clone().filter(|_| finding.waived_by.is_none())),
        ("help", finding.help.clone().filter(|_| finding.waived_by.is_none())),
        ("object", finding.object.as_ref().map(ToString::to_string)),
        ("field", finding.field.clone()),
        ("waived by", finding.waived_by.as_ref().map(ToString::to_string)),
        ("waive with", waive_with(finding)),
    ];
    hidden
        .map(|(location, what)| ("note", Some(format!("{what}: {}", place(location)))))
        .chain(known)
        .filter_map(|(name, text)| {
            let level = if name == "help" {
                annotate_snippets::Level::HELP
            } else {
                annotate_snippets::Level::NOTE
            };
            Some(level.with_name(name).message(normalize_untrusted_str(&text?)).into())
        })
        .collect()
}

/// What a waiver of the finding would say; a waiver is a document below `policies/`.
fn waive_with(finding: &Finding) -> Option<String> {
    let (policy, subject) = (finding.policy.as_ref()?, finding.subject.as_ref()?);
    if finding.waived_by.is_some() {
        return None;
    }
    let list = if subject.contains('/') {
        "environments"
    } else {
        "clusters"
    };
    let object = finding.object.as_ref().map_or_else(String::new, |object| {
        format!(", objects: [{{kind: {}, name: {}}}]", object.kind, object.name)
    });
    Some(format!(
        "policies: [{policy}], subject: {{{list}: [{subject}]{object}}}"
    ))
}

/// The last line: how many findings of each level, and what the caller knows.
fn tally(findings: &[Finding], summary: &Map<String, Value>) -> String {
    let mut parts: Vec<String> = counts(findings)
        .into_iter()
        .filter(|(_, count)| *count > 0)
        .map(|(level, count)| match level {
            Level::Error if count == 1 => "1 error".into(),
            Level::Error => format!("{count} errors"),
            Level::Deny => format!("{count} denied"),
            Level::Warn if count == 1 => "1 warning".into(),
            Level::Warn => format!("{count} warnings"),
            Level::Audit => format!("{count} audited"),
        })
        .collect();
    let waived = findings.iter().filter(|finding| finding.waived_by.is_some()).count();
    if waived > 0 {
        parts.push(format!("{waived} waived"));
    }
    if parts.is_empty() {
        parts.push("no findings".into());
    }
    let mut line = parts.join(", ");
    for (index, (name, value)) in summary.iter().enumerate() {
        let separator = if index == 0 { "; " } else { ", " };
        let value = value.as_str().map_or_else(|| value.to_string(), harmless);
        // Writing into a string cannot fail.
        let _ = write!(line, "{separator}{name} {value}");
    }
    line + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::samples;

    #[test]
    fn findings_look_like_those_of_the_compiler() {
        let summary = Map::from_iter([
            ("environments".to_owned(), 3.into()),
            ("engine".to_owned(), "flux".into()),
        ]);
        insta::assert_snapshot!(write(&samples::all(), &summary, false), @r#"
        error[missing-platform]: the workspace has no platform
         |
         = help: add `environments/platform.yaml`

        error[not-utf8]: byte 17 is not UTF-8
        --> environments/old, new.yaml

        error[unknown-field]: unknown field `databse`
         --> environments/hartmann-bau/production.yaml:8:3
          |
        8 |   databse: {instances: 3}
          |   ^^^^^^^
          |
          = help: did you mean `database`?
          = field: /spec/databse

        error[duplicate-key]: `tier` is written twice
          --> environments/hartmann-bau/production.yaml:11:3
           |
         6 |   tier: staging
           |   ---- first written here
        ...
        11 |   tier: production
           |   ^^^^

        deny[duplicate-host]: two environments claim `erp.hartmann-bau.example`
          --> environments/hartmann-bau/staging.yaml:2:11
           |
         2 |   hosts: [erp.hartmann-bau.example]
           |           ^^^^^^^^^^^^^^^^^^^^^^^^
           |
          ::: environments/hartmann-bau/production.yaml:10:7
           |
        10 |     - erp.hartmann-bau.example
           |       ------------------------ first claimed here
           |
           = help: give each environment a host of its own
           = object: apps/v1 Deployment hartmann-bau-staging/odoo-web

        warn[missing-probe]: container `odoo` has no readiness probe
         |
         = why: Traffic reaches a pod that cannot answer yet.
         = help: give it a `readinessProbe`
         = object: apps/v1 Deployment hartmann-bau-staging/odoo-web
         = waive with: policies: [missing-probe], subject: {environments: [hartmann-bau/staging], objects: [{kind: Deployment, name: odoo-web}]}

        warn[unused-document]: no environment uses release `odoo-18`

        waived[unpinned-image]: `exporter` runs "redis_exporter:v1" & <more>
         |
         = object: apps/v1 Deployment hartmann-bau-staging/odoo-web
         = field: /spec/template/spec/containers/1/image
         = waived by: exporter-until-mirrored until 2026-12-31, erp@hartmann-bau.example: the mirror takes it up in December (OPS-211)

        4 errors, 1 denied, 2 warnings, 1 waived; engine flux, environments 3
        "#);
    }

    #[test]
    fn no_findings_are_one_line() {
        assert_eq!(write(&[], &Map::new(), false), "no findings\n");
    }

    #[test]
    fn colour_changes_nothing_but_colour() {
        let styled = write(&samples::all(), &Map::new(), true);
        let mut plain = String::new();
        for (index, part) in styled.split("\u{1b}[").enumerate() {
            plain.push_str(if index == 0 {
                part
            } else {
                part.split_once('m').unwrap().1
            });
        }
        assert_ne!(plain, styled);
        assert_eq!(plain, write(&samples::all(), &Map::new(), false));
    }

    #[test]
    fn no_text_commands_the_terminal() {
        let bell = "a\u{7}\u{1b}[31m\u{9b}31m\u{202e}\r\nb";
        let source = samples::source(bell, bell);
        let finding = Finding::error(bell, bell)
            .help(bell)
            .field(bell)
            .at(samples::span(&source, 0..1));
        let text = write(&[finding.with(samples::span(&source, 1..2), bell)], &Map::new(), false);
        assert!(
            !text.contains(|letter: char| letter.is_control() && letter != '\n'),
            "{text:?}"
        );
        assert!(!text.contains('\u{202e}'));
    }
}
