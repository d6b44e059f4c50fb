//! The documents that the program could write itself: the tables of everything that the workspace and any manifest are held
//! against.
//!
//! `UPDATE_DOCS=1 cargo test docs` rewrites them.

use std::fmt::Write;
use std::fs;
use std::sync::Arc;

use formwork::diagnostic::Source;
use formwork::diagnostic::codes::{self, Code, Page};
use formwork::model::{Policies, resolve};
use formwork::policy::{RULES, pages};
use formwork::text::KubernetesVersion;
use formwork::workspace::{load, parse};
use formwork::{defaults, emit, references, server};
use serde_json::Value;

use crate::support::{TODAY, package};

const INTRODUCTION: &str = "\
# What is held

Everything that a build of this workspace is held against, besides the shape of its documents. A waiver names the code.
`formwork explain CODE` shows why, an example of each kind, and the remedy.
";

#[test]
fn the_table_of_policies_is_current() {
    let path = package().join("docs/policies.md");
    let written = fs::read_to_string(&path).unwrap_or_default();
    let wanted = table();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, wanted).unwrap();
        return;
    }
    assert!(
        written == wanted,
        "`UPDATE_DOCS=1 cargo test docs` rewrites docs/policies.md"
    );
}

fn table() -> String {
    let (workspace, _) = load(package(), &["environments", "policies"]);
    let policies = resolve(&workspace, &TODAY.parse().unwrap())
        .0
        .unwrap()
        .platform
        .policies
        .clone();
    let only = |environment: bool, admission: bool| Policies {
        environment: if environment {
            policies.environment.clone()
        } else {
            vec![]
        },
        admission: if admission { policies.admission.clone() } else { vec![] },
        ..Policies::default()
    };
    let mut text = INTRODUCTION.to_owned();
    section(
        &mut text,
        "On objects",
        "ValidatingAdmissionPolicies of `policies/`: held over the whole output, and again in the clusters.",
        &pages(&[], &only(false, true), emit::yaml::to_string),
    );
    section(
        &mut text,
        "On environments",
        "EnvironmentPolicies of `policies/`: held over what environments are after all defaults.",
        &pages(&[], &only(true, false), emit::yaml::to_string),
    );
    section(
        &mut text,
        "In Rust",
        "Rules of the program, for what no single object can say.",
        &pages(RULES, &Policies::default(), emit::yaml::to_string),
    );
    section(
        &mut text,
        "References",
        "Checks of the program: every name that one object writes and another must answer to.",
        &references::pages().collect::<Vec<_>>(),
    );
    text
}

fn section(text: &mut String, title: &str, about: &str, pages: &[Page]) {
    let _ = write!(
        text,
        "\n## {title}\n\n{about}\n\n| code | level | what is wrong | references |\n|---|---|---|---|\n"
    );
    for page in pages {
        assert!(
            !page.title.is_empty() && !page.why.is_empty() && !page.fix.is_empty(),
            "{page:?}"
        );
        let level = page.level.map(|level| level.name()).unwrap_or_default();
        let references = page.references.join(", ");
        let _ = writeln!(text, "| `{}` | {level} | {} | {references} |", page.id, page.title);
    }
}

const RULES_INTRODUCTION: &str = "\
# What clusters refuse

Everything that `formwork validate` and every build say about single objects because somebody would refuse them: the API server,
the webhook of an operator, or a program that reads the objects. The message is what that party says about the bad example on
the page, word for word where it has words (`formwork explain CODE`).
";

/// The codes of the structure of objects, which have no examples that are whole manifests.
const STRUCTURE: &[&str] = &[
    "api-too-new",
    "bad-definition-rule",
    "bad-object-format",
    "definition-rule-failed",
    "deprecated-api",
    "document-too-large",
    "duplicate-list-key",
    "field-too-new",
    "missing-object-field",
    "no-matching-alternative",
    "object-value-out-of-range",
    "removed-api",
    "unknown-object-field",
    "unknown-object-value",
    "wrong-object-type",
];

#[test]
fn the_table_of_rules_is_current() {
    let path = package().join("docs/rules.md");
    let written = fs::read_to_string(&path).unwrap_or_default();
    let wanted = rules();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, wanted).unwrap();
        return;
    }
    assert!(
        written == wanted,
        "`UPDATE_DOCS=1 cargo test docs` rewrites docs/rules.md"
    );
}

fn rules() -> String {
    let mut text = RULES_INTRODUCTION.to_owned();
    text += "\n## Structure\n\n| code | what is wrong |\n|---|---|\n";
    for code in STRUCTURE {
        let page = codes::find(code).unwrap_or_else(|| panic!("there is no page for {code}"));
        writeln!(text, "| `{code}` | {} |", page.title).unwrap();
    }
    let mut parties: Vec<&str> = server::codes().map(|(by, _)| by).collect();
    parties.sort_unstable();
    parties.dedup();
    for party in parties {
        write!(
            text,
            "\n## {party}\n\n| code | what is wrong | message |\n|---|---|---|\n"
        )
        .unwrap();
        let mut codes: Vec<&Code> = server::codes()
            .filter(|(by, _)| *by == party)
            .map(|(_, code)| code)
            .collect();
        codes.sort_by_key(|code| code.id);
        for code in codes {
            let message = message(code).replace('|', "\\|").replace('\n', " ");
            writeln!(text, "| `{}` | {} | `` {message} `` |", code.id, code.title).unwrap();
        }
    }
    text
}

/// What is said about the bad example of a page.
fn message(code: &Code) -> String {
    let source = Source {
        path: "example.yaml".to_owned(),
        text: code.bad.to_owned(),
    };
    let (documents, _) = parse(&Arc::new(source));
    let mut objects: Vec<Value> = documents.iter().map(|document| Value::clone(&document.value)).collect();
    objects.iter_mut().for_each(defaults::apply);
    let (object, old) = match objects.as_slice() {
        [old, object] => (object, Some(old)),
        [object] => (object, None),
        _ => panic!("`{}` has no example", code.id),
    };
    let problems = server::check(object, old, KubernetesVersion::newest().minor());
    let problem = problems.into_iter().find(|problem| problem.code == code.id);
    problem.map(|problem| problem.message).unwrap_or_default()
}
