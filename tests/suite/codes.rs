//! Every finding has a page in `formwork explain`, every page a finding, and every finding about an input a case.

use std::collections::BTreeSet;

use formwork::diagnostic::codes::{CODES, Page};
use formwork::policy::{RULES, Rule};
use formwork::{references, server};

use serde::Deserialize;

use crate::cases::reports;
use crate::sources::{Source, sources};

/// Pages of findings that nothing says yet, with the reason. This list only shrinks.
const NOT_YET: &[(&str, &str)] = &[
    ("missing-resources", "the rule is not written yet"),
    ("not-restricted", "the rule is not written yet"),
    ("unsafe-text", "the text of objects is not checked yet"),
];

/// Findings about inputs that no case can lead to, with the reason.
const WITHOUT_CASE: &[(&str, &str)] = &[(
    "too-many-findings",
    "its report has fifty findings; `cases` has a test of its own",
)];

/// What a code stands behind in the sources.
const BEFORE_A_CODE: &[&str] = &[
    "Finding::error(",
    "Finding::new(",
    "refuse(",
    "review.say(",
    "refuse_key(",
    "lacking(",
    "denied(",
    "deny(",
    " at(",
    "typed(object, ",
    ".code(",
    " code: ",
    "NOT_PINNED: &str = ",
    "Code(",
];

#[test]
fn every_code_has_a_page() {
    let missing: Vec<String> = said(|_| true).into_iter().filter(|code| !has_page(code)).collect();
    assert!(missing.is_empty(), "src/diagnostic/codes has no page for {missing:#?}");
}

/// A code with two pages would be explained by whichever is found first.
#[test]
fn every_page_is_written_once() {
    let pages = pages();
    let ids: BTreeSet<&str> = pages.iter().map(|page| page.id.as_str()).collect();
    assert_eq!(ids.len(), pages.len(), "two pages share an id");
}

#[test]
fn the_records_of_rules_are_complete_pages() {
    for rule in RULES {
        for text in [rule.id, rule.title, rule.why, rule.fix, rule.bad, rule.good] {
            assert!(!text.is_empty() && text == text.trim(), "`{}`: {text:?}", rule.id);
        }
        assert!(!rule.title.ends_with('.') && !rule.fix.ends_with('.'), "`{}`", rule.id);
        assert!(rule.why.ends_with('.') && rule.bad != rule.good, "`{}`", rule.id);
        for example in [rule.bad, rule.good] {
            for document in serde_yaml::Deserializer::from_str(example) {
                let parsed = serde_yaml::Value::deserialize(document);
                assert!(parsed.is_ok(), "an example of `{}`: {parsed:?}", rule.id);
            }
        }
    }
}

#[test]
fn every_page_has_a_code() {
    let mut said = said(|_| true);
    said.extend(RULES.iter().map(|rule| rule.id.to_owned()));
    // Their examples are judged, so each is said.
    said.extend(server::codes().map(|(_, code)| code.id.to_owned()));
    said.extend(references::CHECKS.iter().map(|check| check.id.to_owned()));
    let known: BTreeSet<&str> = said
        .iter()
        .map(String::as_str)
        .chain(NOT_YET.iter().map(|(code, _)| *code))
        .collect();
    let idle: Vec<String> = pages()
        .into_iter()
        .map(|page| page.id)
        .filter(|code| !known.contains(code.as_str()))
        .collect();
    assert!(idle.is_empty(), "nothing says {idle:#?}");
    for (code, reason) in NOT_YET {
        assert!(
            !said.contains(*code),
            "`{code}` is said now, so it is not kept because {reason}"
        );
        assert!(has_page(code), "`{code}` has no page to keep");
    }
}

#[test]
fn every_finding_about_an_input_has_a_case() {
    let reports = reports();
    let shown = |code: &str| reports.values().any(|report| report.contains(&format!("[{code}]: ")));
    let inputs = said(|source| ["workspace", "text", "model"].contains(&source.room()));
    let exempt = |code: &str| WITHOUT_CASE.iter().any(|(known, _)| *known == code);
    let missing: Vec<&String> = inputs.iter().filter(|code| !shown(code) && !exempt(code)).collect();
    assert!(missing.is_empty(), "no report in tests/cases shows {missing:#?}");
    for (code, reason) in WITHOUT_CASE {
        assert!(
            inputs.contains(*code) && !shown(code),
            "`{code}` needs no exception because {reason}"
        );
    }
}

/// The pages of codes and the records of rules.
pub(crate) fn pages() -> Vec<Page> {
    let codes = CODES.iter().map(|code| Page::from(*code));
    let rules = RULES.iter().map(Rule::page).chain(references::pages());
    let server = server::codes().map(|(_, code)| Page::from(code));
    codes.chain(rules).chain(server).collect()
}

fn has_page(code: &str) -> bool {
    pages().iter().any(|page| page.id == code)
}

/// The codes that some sources say.
pub(crate) fn said(from: impl Fn(&Source) -> bool) -> BTreeSet<String> {
    let pages = |source: &Source| source.path.starts_with("diagnostic/codes/") || source.room() == "report";
    let sources = sources().into_iter().filter(|source| !pages(source) && from(source));
    sources.flat_map(|source| codes_in(&source.code)).collect()
}

fn codes_in(code: &str) -> Vec<String> {
    let mut found = Vec::new();
    for opening in BEFORE_A_CODE {
        for (at, _) in code.match_indices(opening) {
            let rest = code[at + opening.len()..].trim_start();
            let literal = rest
                .strip_prefix('"')
                .and_then(|rest| rest.split('"').next())
                .unwrap_or_default();
            let kebab = literal
                .chars()
                .all(|letter| matches!(letter, 'a'..='z' | '0'..='9' | '-'));
            if kebab && !literal.is_empty() {
                found.push(literal.to_owned());
            }
        }
    }
    found
}
