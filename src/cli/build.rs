//! `formwork build` and `formwork check`: one code path, which writes or does not.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Instant;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::json;

use super::base;
use super::{CLEAN, Common, DENIED, FormatArgument, STALE, UNUSABLE, output, say};
use crate::blueprint::Unit;
use crate::compiler::{Compiler, Outcome, Request};
use crate::diagnostic::{Finding, Level};
use crate::emit::{self, State};
use crate::model::{Fleet, Policies, resolve};
use crate::policy::{self, RULES};
use crate::references;
use crate::report::{self, Format};
use crate::workspace;

/// Files whose difference `check` shows, and lines of each.
const SHOWN_FILES: usize = 5;
const SHOWN_LINES: usize = 20;
/// Paths that `check` lists.
const LISTED_PATHS: usize = 20;

pub(super) fn run(common: &Common, write: bool) -> u8 {
    let started = Instant::now();
    let Some(root) = common.root() else {
        say("error: no workspace here: no folder upwards has `environments/`");
        say("help: go to the workspace, name it with `--root`, or make one with `formwork init DIR`");
        return UNUSABLE;
    };
    let Some(today) = common.today() else {
        say("error: the clock has no usable date; give one with `--today`");
        return UNUSABLE;
    };
    let (workspace, mut findings) = workspace::load(&root, &["environments", "policies"]);
    let (fleet, complaints) = resolve(&workspace, &today);
    findings.extend(complaints);
    let worst = findings.iter().map(|finding| finding.level).min();
    let fleet = fleet.filter(|_| worst != Some(Level::Error));
    if let Some(fleet) = &fleet
        && !fleet.environments.iter().any(|environment| common.names(environment))
        && let Some(glob) = &common.only
    {
        say(format!("error: no environment matches `{glob}`"));
        say("help: write `tenant/environment`, with `*` for anything");
        return UNUSABLE;
    }
    let folder = common.out.clone().unwrap_or_else(|| root.join("generated"));
    let name = common
        .out
        .as_ref()
        .map_or("generated".into(), |out| out.display().to_string());
    let base = match &common.base {
        None => None,
        Some(given) => match base::open(given, &folder) {
            Some(base) => Some(base),
            None => return UNUSABLE,
        },
    };
    let mut outcome = Outcome::default();
    let compiler = Compiler::default();
    if let Some(fleet) = &fleet {
        let bar = progress(common);
        let selection = |unit: &Unit| common.selects(unit);
        let request = Request {
            folder: &folder,
            name: &name,
            write: write && worst != Some(Level::Deny),
            base: base.as_deref(),
            selection: &selection,
            progress: &|done, all| {
                bar.set_length(all as u64);
                bar.set_position(done as u64);
            },
        };
        outcome = compiler.build(fleet, &request);
        bar.finish_and_clear();
    }
    findings.append(&mut outcome.findings);
    report::sort(&mut findings);
    let code = exit_code(&findings, write, &outcome, fleet.is_some());
    if code == STALE && common.format != FormatArgument::Text {
        findings.push(stale_output(&name, &outcome));
    } else if code == STALE
        && !common.quiet
        && let Some(fleet) = &fleet
    {
        stale(fleet, &compiler, common, &outcome, &folder);
    }
    let policies = fleet.map(|fleet| fleet.platform.policies.clone()).unwrap_or_default();
    print(common, &findings, &policies, &outcome, code, write, started);
    code
}

fn exit_code(findings: &[Finding], write: bool, outcome: &Outcome, compiled: bool) -> u8 {
    let worst = findings
        .iter()
        .filter(|finding| finding.waived_by.is_none())
        .map(|finding| finding.level)
        .min();
    match worst {
        Some(Level::Error) => UNUSABLE,
        Some(Level::Deny) => DENIED,
        _ if !compiled => UNUSABLE,
        _ if !write && !outcome.current => STALE,
        _ => CLEAN,
    }
}

/// What machines read instead of the differences.
fn stale_output(name: &str, outcome: &Outcome) -> Finding {
    let (changed, removed) = (outcome.changed.len(), outcome.removed.len());
    let message = format!("`{name}` is not what the inputs compile to: {changed} files to write, {removed} to remove");
    Finding::new("stale-output", Level::Deny, message).help("run `formwork build` and commit the result")
}

fn print(
    common: &Common,
    findings: &[Finding],
    policies: &Policies,
    outcome: &Outcome,
    code: u8,
    write: bool,
    started: Instant,
) {
    let summary = json!({
        "environments": outcome.environments,
        "objects": outcome.objects,
        "changed": outcome.changed.len(),
        "removed": outcome.removed.len(),
        "unchanged": outcome.unchanged,
        "stale": code == STALE,
    });
    let summary = summary.as_object().cloned().unwrap_or_default();
    if common.format == FormatArgument::Text {
        if !findings.is_empty() {
            say(report::write(
                Format::Text,
                findings,
                &Default::default(),
                report::Options {
                    color: true,
                    ..Default::default()
                },
            )
            .trim_end());
        }
        if !common.quiet {
            say(sentence(outcome, code, write, started));
        }
    } else {
        let mut pages = policy::pages(RULES, policies, emit::yaml::to_string);
        pages.extend(references::pages());
        output(&report::write(
            common.format.into(),
            findings,
            &summary,
            report::Options {
                color: false,
                pages: &pages,
            },
        ));
    }
}

fn sentence(outcome: &Outcome, code: u8, write: bool, started: Instant) -> String {
    let what = format!(
        "{}, {}",
        counted(outcome.environments, "environment"),
        counted(outcome.objects, "object")
    );
    let (changed, removed, unchanged) = (outcome.changed.len(), outcome.removed.len(), outcome.unchanged);
    let seconds = started.elapsed().as_secs_f64();
    match code {
        CLEAN if write => {
            format!("{what}: {changed} files written, {removed} removed, {unchanged} unchanged ({seconds:.2} s)")
        }
        CLEAN => format!("{what}: all {unchanged} files are up to date ({seconds:.2} s)"),
        STALE => format!(
            "{what}: stale: {changed} files to write, {removed} to remove, {unchanged} up to date ({seconds:.2} s)\nhelp: run `formwork build` and commit `generated/`"
        ),
        _ => format!("nothing was written ({seconds:.2} s)"),
    }
}

/// `1 object`, `2 objects`.
fn counted(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

/// Lists what is stale and shows the first differences.
fn stale(fleet: &Fleet, compiler: &Compiler, common: &Common, outcome: &Outcome, folder: &Path) {
    let gone = outcome.removed.iter().map(|path| ("remove", path));
    let listed = outcome
        .changed
        .iter()
        .map(|(path, state)| (if *state == State::Missing { "add" } else { "change" }, path))
        .chain(gone);
    let total = outcome.changed.len() + outcome.removed.len();
    for (verb, path) in listed.take(LISTED_PATHS) {
        say(format!("{verb:>8} {path}"));
    }
    if total > LISTED_PATHS {
        say(format!("     … and {} more", total - LISTED_PATHS));
    }
    let changed = outcome.changed.iter().filter(|(_, state)| *state == State::Stale);
    let shown: Vec<&str> = changed.map(|(path, _)| path.as_str()).take(SHOWN_FILES).collect();
    let is_shown = |unit: &&Unit| {
        let prefixes = unit.prefixes();
        prefixes
            .iter()
            .any(|prefix| shown.iter().any(|path| path.starts_with(prefix.as_str())))
    };
    let mut differences = BTreeMap::new();
    for unit in Unit::all(fleet)
        .iter()
        .filter(|unit| common.selects(unit))
        .filter(is_shown)
    {
        for file in compiler.render(unit) {
            if shown.contains(&file.path.as_str()) {
                let old = std::fs::read_to_string(folder.join(&file.path)).unwrap_or_default();
                let difference = emit::short_diff(&old, &file.text, &file.path, SHOWN_LINES);
                differences.insert(file.path, difference);
            }
        }
    }
    differences.values().for_each(|difference| say(difference.trim_end()));
}

/// A bar on a terminal when the work is long; nothing elsewhere.
fn progress(common: &Common) -> ProgressBar {
    use std::io::IsTerminal;
    if common.quiet || !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr_with_hz(10));
    if let Ok(style) = ProgressStyle::with_template("compiling {bar:30} {pos}/{len}") {
        bar.set_style(style);
    }
    bar
}
