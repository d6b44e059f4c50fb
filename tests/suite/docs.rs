//! The documents that the program could write itself: the table of everything that the workspace is held against.
//!
//! `UPDATE_DOCS=1 cargo test docs` rewrites it.

use std::fmt::Write;
use std::fs;

use formwork::diagnostic::codes::Page;
use formwork::emit;
use formwork::model::{Policies, resolve};
use formwork::policy::{RULES, pages};
use formwork::references;
use formwork::workspace::load;

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
