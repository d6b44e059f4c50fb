//! `formwork explain`: the page of a finding, or the origin of every setting of an environment.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{CLEAN, Common, FormatArgument, UNUSABLE, output, say};
use crate::diagnostic::codes::{CODES, Page};
use crate::diagnostic::nearest;
use crate::model::{Environment, Fleet, resolve};
use crate::policy::{self, RULES};
use crate::{emit, references, report, server, workspace};

pub(super) fn run(common: &Common, subject: Option<&str>) -> u8 {
    match subject {
        None => {
            for page in pages(common) {
                output(&format!("{:<36} {}\n", page.id, page.title));
            }
            CLEAN
        }
        Some(id) if id.contains('/') => environment(common, id),
        Some(code) => page(common, code),
    }
}

/// Prints every page, whole.
pub(super) fn all(common: &Common) -> u8 {
    let pages = pages(common);
    if common.format != FormatArgument::Json {
        pages.iter().for_each(|page| output(&report::explain(page)));
        return CLEAN;
    }
    // Who refuses what the page is about, where that is not formwork alone: its examples are whole manifests.
    let judges: BTreeMap<&str, &str> = server::codes().map(|(by, code)| (code.id, by)).collect();
    let record = |page: &Page| {
        json!({
            "code": page.id, "title": page.title, "why": page.why, "fix": page.fix, "bad": page.bad, "good": page.good,
            "references": page.references, "level": page.level.map(|level| level.name()), "judge": judges.get(page.id.as_str()),
        })
    };
    let records: Vec<Value> = pages.iter().map(record).collect();
    output(&format!("{:#}\n", Value::from(records)));
    CLEAN
}

/// Every page: those of the findings that the program says by itself, of the rules, and of the workspace's policies.
fn pages(common: &Common) -> Vec<Page> {
    let fleet = fleet(common).flatten();
    let policies = fleet.map(|fleet| fleet.platform.policies.clone()).unwrap_or_default();
    let mut pages = policy::pages(RULES, &policies, emit::yaml::to_string);
    pages.extend(references::pages());
    pages.extend(CODES.iter().map(|code| Page::from(*code)));
    pages.extend(server::codes().map(|(_, code)| Page::from(code)));
    pages.sort_by(|one, next| one.id.cmp(&next.id));
    pages.dedup_by(|next, one| next.id == one.id);
    pages
}

fn page(common: &Common, code: &str) -> u8 {
    let pages = pages(common);
    if let Some(page) = pages.iter().find(|page| page.id == code) {
        output(&report::explain(page));
        return CLEAN;
    }
    say(format!("error: there is no finding `{code}`"));
    match nearest(code, pages.iter().map(|page| page.id.as_str())) {
        Some(near) => say(format!("help: did you mean `{near}`?")),
        None => say("help: `formwork explain` lists them all"),
    }
    UNUSABLE
}

/// What the workspace means, as far as there is one.
fn fleet(common: &Common) -> Option<Option<Fleet>> {
    let (root, today) = (common.root()?, common.today()?);
    let (workspace, _) = workspace::load(&root, &["environments", "policies"]);
    Some(resolve(&workspace, &today).0)
}

fn environment(common: &Common, id: &str) -> u8 {
    let Some(fleet) = fleet(common) else {
        say("error: no workspace here: no folder upwards has `environments/`");
        return UNUSABLE;
    };
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
