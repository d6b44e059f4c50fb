//! Findings as people and machines want them: text, JSON, SARIF, workflow annotations, JUnit.
//!
//! Every format shows every finding it is given, in the order it is given; nothing here prints, and no input panics.

mod excerpt;
mod explain;
mod github;
mod json;
mod junit;
mod sarif;
mod text;

use std::str::FromStr;

use serde_json::{Map, Value};

use crate::diagnostic::codes::Page;
use crate::diagnostic::{Finding, Level, Location};

pub use explain::explain;

/// How findings are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Format {
    /// Source excerpts for a terminal.
    #[default]
    Text,
    /// One document for scripts.
    Json,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// Annotations of GitHub's workflows.
    Github,
    /// A JUnit test report.
    Junit,
}

impl FromStr for Format {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Ok(match name {
            "text" => Self::Text,
            "json" => Self::Json,
            "sarif" => Self::Sarif,
            "github" => Self::Github,
            "junit" => Self::Junit,
            _ => {
                return Err(format!(
                    "unknown format `{name}`: write `text`, `json`, `sarif`, `github` or `junit`"
                ));
            }
        })
    }
}

/// What a caller may choose about the rendering.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Options<'a> {
    /// Whether text has ANSI colours; the other formats never have.
    pub color: bool,
    /// The pages of rules and policies, which SARIF carries beside those of `diagnostic::codes`.
    pub pages: &'a [Page],
}

/// Renders findings, with what else the caller knows of the run (`"objects": 144`); the counts by level are added.
/// Only text, JSON and SARIF have a place for the summary.
pub fn write(format: Format, findings: &[Finding], summary: &Map<String, Value>, options: Options<'_>) -> String {
    match format {
        Format::Text => text::write(findings, summary, options.color),
        Format::Json => json::write(findings, summary),
        Format::Sarif => sarif::write(findings, summary, options.pages),
        Format::Github => github::write(findings),
        Format::Junit => junit::write(findings),
    }
}

/// Sorts findings by level, file, place, code and message, and drops those that say the same thing again. The order
/// does not depend on the order in which they were found, hence not on the number of threads.
pub fn sort(findings: &mut Vec<Finding>) {
    findings.sort_by(|one, next| key(one).cmp(&key(next)));
    findings.dedup();
}

/// Everything a finding says, in the order of importance. Offsets order like lines and columns, and cost nothing.
fn key(finding: &Finding) -> impl Ord {
    let place = finding.location.as_ref().map(offsets);
    let related: Vec<_> = finding
        .related
        .iter()
        .map(|(location, what)| (offsets(location), what))
        .collect();
    let subject = (
        &finding.subject,
        &finding.object,
        &finding.field,
        &finding.policy,
        &finding.waived_by,
    );
    (
        finding.level,
        place,
        &finding.code,
        &finding.message,
        subject,
        &finding.help,
        related,
    )
}

fn offsets(location: &Location) -> (&str, usize, usize) {
    (&location.source.path, location.span.start, location.span.end)
}

/// Line and column of a location; none in a file that could not be read, or that is empty.
fn position(location: &Location) -> Option<(usize, usize)> {
    (!location.source.text.is_empty()).then(|| (location.line(), location.column()))
}

/// A location as editors and terminals link it, `environments/platform.yaml:3:7`.
fn place(location: &Location) -> String {
    let path = &location.source.path;
    match position(location) {
        Some((line, column)) => format!("{path}:{line}:{column}"),
        None => path.clone(),
    }
}

/// How many findings there are of each level, worst first; what is waived does not count.
fn counts(findings: &[Finding]) -> [(Level, usize); 4] {
    let counts = |level, finding: &Finding| finding.level == level && finding.waived_by.is_none();
    [Level::Error, Level::Deny, Level::Warn, Level::Audit]
        .map(|level| (level, findings.iter().filter(|finding| counts(level, finding)).count()))
}

/// The message, and in further lines the remedy and the circumstances: for formats that have one field for all.
fn details(finding: &Finding) -> String {
    let object = finding.object.as_ref().map(ToString::to_string);
    let waived = finding.waived_by.as_ref().map(ToString::to_string);
    let more = [
        ("why", finding.why.as_ref()),
        ("help", finding.help.as_ref()),
        ("object", object.as_ref()),
        ("field", finding.field.as_ref()),
        ("policy", finding.policy.as_ref()),
        ("waived by", waived.as_ref()),
    ];
    let lines = more
        .into_iter()
        .filter_map(|(name, text)| Some(format!("\n{name}: {}", text?)));
    finding.message.clone() + &lines.collect::<String>()
}

#[cfg(test)]
mod samples;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_read_by_name() {
        assert_eq!("sarif".parse(), Ok(Format::Sarif));
        assert_eq!("junit".parse(), Ok(Format::Junit));
        assert!("yaml".parse::<Format>().unwrap_err().contains("`yaml`"));
    }

    #[test]
    fn every_format_renders_every_finding() {
        for name in ["text", "json", "sarif", "github", "junit"] {
            let text = write(name.parse().unwrap(), &samples::all(), &Map::new(), Options::default());
            for finding in samples::all() {
                assert!(text.contains(finding.code.as_ref()), "{name} lacks {}", finding.code);
            }
        }
    }

    #[test]
    fn sorting_forgets_the_order_of_arrival_and_repetitions() {
        let mut sorted = samples::all();
        sort(&mut sorted);
        let mut again: Vec<_> = samples::all().into_iter().rev().chain(samples::all()).collect();
        sort(&mut again);
        assert_eq!(sorted, again);
        let order: Vec<_> = sorted
            .iter()
            .map(|finding| (finding.level.name(), finding.code.as_ref()))
            .collect();
        assert_eq!(
            order,
            [
                ("error", "missing-platform"),
                ("error", "unknown-field"),
                ("error", "duplicate-key"),
                ("error", "not-utf8"),
                ("deny", "duplicate-host"),
                ("warn", "missing-probe"),
                ("warn", "unused-document"),
                ("audit", "unpinned-image"),
            ]
        );
    }

    #[test]
    fn findings_sort_by_place_within_a_file() {
        let source = samples::source("a.yaml", "one\ntwo\n");
        let at = |start| Finding::error("x", "y").at(samples::span(&source, start..start + 1));
        let mut findings = vec![at(4), at(0), at(4)];
        sort(&mut findings);
        assert_eq!(findings, [at(0), at(4)]);
    }
}
