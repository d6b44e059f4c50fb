//! `formwork explain`: the page of a finding, or the origin of every setting of an environment.

use super::{CLEAN, Common, UNUSABLE, output, say};
use crate::diagnostic::codes::{CODES, Code};
use crate::diagnostic::nearest;
use crate::model::{Environment, resolve};
use crate::policy::{RULES, Rule};
use crate::{report, workspace};

pub(super) fn run(common: &Common, subject: Option<&str>) -> u8 {
    match subject {
        None => {
            for page in pages() {
                output(&format!("{:<32} {}\n", page.id, page.title));
            }
            CLEAN
        }
        Some(id) if id.contains('/') => environment(common, id),
        Some(code) => page(code),
    }
}

/// Every page: those of the findings that the program says by itself, and the records of the rules.
fn pages() -> Vec<Code> {
    let codes = CODES.iter().map(|code| **code);
    let mut pages: Vec<Code> = codes.chain(RULES.iter().map(Rule::page)).collect();
    pages.sort_by_key(|page| page.id);
    pages
}

fn page(code: &str) -> u8 {
    let pages = pages();
    if let Some(page) = pages.iter().find(|page| page.id == code) {
        let rule = RULES.iter().find(|rule| rule.id == code);
        output(&report::explain(page, rule.map_or(&[][..], |rule| rule.references)));
        return CLEAN;
    }
    say(format!("error: there is no finding `{code}`"));
    match nearest(code, pages.iter().map(|page| page.id)) {
        Some(near) => say(format!("help: did you mean `{near}`?")),
        None => say("help: `formwork explain` lists them all"),
    }
    UNUSABLE
}

fn environment(common: &Common, id: &str) -> u8 {
    let (Some(root), Some(today)) = (common.root(), common.today()) else {
        say("error: no workspace here: no folder upwards has `environments/`");
        return UNUSABLE;
    };
    let (workspace, _) = workspace::load(&root, &["environments", "policies"]);
    let (fleet, _) = resolve(&workspace, &today);
    let environments = fleet.map(|fleet| fleet.environments).unwrap_or_default();
    if let Some(environment) = environments.iter().find(|environment| environment.id() == id) {
        output(&settings(environment));
        return CLEAN;
    }
    say(format!("error: there is no usable environment `{id}`"));
    let ids: Vec<String> = environments.iter().map(|environment| environment.id()).collect();
    match nearest(id, ids.iter().map(String::as_str)) {
        Some(near) => say(format!("help: did you mean `{near}`?")),
        None => say("help: `formwork check` says what is wrong with the workspace"),
    }
    UNUSABLE
}

/// One line a setting: the value, and the line and layer that set it.
fn settings(environment: &Environment) -> String {
    let mut text = String::new();
    for (pointer, value, origin) in environment.origins.settings() {
        let field = pointer.trim_start_matches('/').replace('/', ".");
        let setting = format!("{field}: {value}");
        let place = &origin.location;
        text.push_str(&format!(
            "{setting:<52} {}:{} ({})\n",
            place.source.path,
            place.line(),
            origin.layer
        ));
    }
    text
}
