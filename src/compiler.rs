//! The whole pipeline in one place: what a unit compiles to, a fleet in memory, and a fleet onto the disk.
//!
//! A unit is compiled by itself and dropped once its bytes are known, so memory does not grow with the fleet. Onto the
//! disk it goes in two passes: the first decides whether anything may be written and what differs, the second compiles
//! again what differs and writes it.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;

use crate::blueprint::{self, COMPONENTS, Component, Unit};
use crate::diagnostic::{Finding, Level};
use crate::emit::{self, File, Output, State, Want, Wanted};
use crate::model::Fleet;
use crate::policy::{self, RULES, Rule};
use crate::validate;

/// The components and rules that a fleet is compiled with. Embedders push their own.
#[derive(Debug, Clone)]
pub struct Compiler {
    /// The blueprint.
    pub components: Vec<Component>,
    /// The rules.
    pub rules: Vec<Rule>,
}

impl Default for Compiler {
    fn default() -> Self {
        Self {
            components: COMPONENTS.to_vec(),
            rules: RULES.to_vec(),
        }
    }
}

/// One unit, compiled.
#[derive(Debug, Default)]
pub struct Compiled {
    /// Its files, by path below the output folder.
    pub files: Vec<File>,
    /// What is wrong with it.
    pub findings: Vec<Finding>,
    /// How many Kubernetes objects it has.
    pub objects: usize,
}

/// What a build did, or would do.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Environments compiled.
    pub environments: usize,
    /// Kubernetes objects compiled.
    pub objects: usize,
    /// Bytes compiled.
    pub bytes: usize,
    /// Paths that are not on the disk as they should be, with what they are now.
    pub changed: Vec<(String, State)>,
    /// Paths on the disk that are no longer wanted.
    pub removed: Vec<String>,
    /// Files that are as they should be.
    pub unchanged: usize,
    /// Whether the folder was as it should be before the build, its ownership record included.
    pub current: bool,
    /// What is wrong. Nothing was written when one of them denies.
    pub findings: Vec<Finding>,
}

impl Outcome {
    /// Whether the output may be written.
    pub fn is_clean(&self) -> bool {
        !self
            .findings
            .iter()
            .any(|finding| finding.level <= Level::Deny && finding.waived_by.is_none())
    }
}

/// What to build where.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    /// The output folder.
    pub folder: &'a Path,
    /// What findings call it.
    pub name: &'a str,
    /// Whether to write, or only to compare.
    pub write: bool,
    /// Which units the build is about; the others keep the files they have.
    pub selection: Selection<'a>,
    /// Told how far the build is.
    pub progress: Progress<'a>,
}

/// Which units a build is about.
pub type Selection<'a> = &'a (dyn Fn(&Unit) -> bool + Sync);

/// Called with the number of units done and the number of units in all.
pub type Progress<'a> = &'a (dyn Fn(usize, usize) + Sync);

impl Compiler {
    /// Compiles one unit.
    pub fn compile_unit(&self, unit: &Unit) -> Compiled {
        let objects = blueprint::assemble(unit, &self.components);
        let edges = blueprint::edges(unit, &self.components);
        let mut findings = policy::judge(unit.environment(), &objects, &edges, &self.rules);
        findings.extend(validate::check(unit, &objects));
        validate::locate(unit, &objects, &mut findings);
        let mut files = emit::render(&unit.folder(), &objects);
        let mut count = objects.len();
        if let Some(environment) = unit.environment() {
            let delivered = blueprint::deliver(environment, &objects, &self.components);
            findings.extend(policy::judge(None, &delivered, &[], &self.rules));
            files.extend(emit::render(
                &format!("delivery/{}", environment.cluster.name),
                &delivered,
            ));
            count += delivered.len();
            let path = format!("runbooks/{}.md", environment.id());
            files.push(File {
                path,
                text: blueprint::runbook(environment, &objects),
            });
        }
        Compiled {
            files,
            findings,
            objects: count,
        }
    }

    /// Compiles a fleet in memory: all files by path, and what is wrong with them.
    pub fn compile(&self, fleet: &Fleet) -> (BTreeMap<String, String>, Vec<Finding>) {
        let units = Unit::all(fleet);
        let compiled: Vec<Compiled> = units.par_iter().map(|unit| self.compile_unit(unit)).collect();
        let mut files = BTreeMap::new();
        let mut findings = policy::judge_fleet(fleet, &self.rules);
        for unit in compiled {
            findings.extend(unit.findings);
            files.extend(unit.files.into_iter().map(|file| (file.path, file.text)));
        }
        (files, findings)
    }

    /// Compares a fleet with an output folder, and makes the folder so when `write` is set and nothing denies.
    ///
    /// Units that are not selected keep the files they have. Findings call the folder `name`.
    pub fn build(&self, fleet: &Fleet, request: &Request<'_>) -> Outcome {
        let mut outcome = Outcome::default();
        if let Err(findings) = self.try_build(fleet, request, &mut outcome) {
            outcome.findings.extend(findings);
        }
        outcome
    }

    fn try_build(&self, fleet: &Fleet, request: &Request<'_>, outcome: &mut Outcome) -> Result<(), Vec<Finding>> {
        let output = Output::open(request.folder, request.name).map_err(|finding| vec![*finding])?;
        let all = Unit::all(fleet);
        let (units, others): (Vec<&Unit>, Vec<&Unit>) = all.iter().partition(|unit| (request.selection)(unit));
        let plans = self.plan(&units, &output, request.progress);
        outcome.findings.extend(policy::judge_fleet(fleet, &self.rules));
        let mut wants = Vec::new();
        if !others.is_empty() {
            let mut prefixes: Vec<String> = others.iter().flat_map(|unit| unit.prefixes()).collect();
            prefixes.sort_unstable();
            // None begins another, so only the last one before a path can begin it.
            let last = |path: &str| {
                prefixes
                    .partition_point(|prefix| prefix.as_str() <= path)
                    .checked_sub(1)
            };
            wants = output.recorded(|path| {
                let prefix = last(path).and_then(|position| prefixes.get(position));
                prefix.is_some_and(|prefix| path.starts_with(prefix.as_str()))
            });
        }
        let mut dirty = Vec::new();
        for (unit, plan) in units.iter().zip(plans) {
            outcome.environments += usize::from(unit.environment().is_some());
            outcome.objects += plan.objects;
            outcome.bytes += plan.bytes;
            outcome.findings.extend(plan.findings);
            if plan.wants.iter().any(Want::is_pending) {
                dirty.push(*unit);
            }
            wants.extend(plan.wants);
        }
        let wanted = output.collect(wants)?;
        let orphans = output.orphans(&wanted);
        outcome.findings.extend(output.refusals(&wanted, &orphans));
        outcome.findings.extend(
            output
                .unowned(&wanted)
                .iter()
                .map(|path| emit::findings::unowned_file(&output.shown(path))),
        );
        outcome.removed = orphans.into_iter().map(|orphan| orphan.path).collect();
        outcome.changed = wanted
            .iter()
            .filter(|want| want.is_pending())
            .map(|want| (want.path.to_string(), want.state))
            .collect();
        outcome.unchanged = wanted.len() - outcome.changed.len();
        outcome.current = output.is_current(&wanted) && outcome.removed.is_empty();
        if request.write && outcome.is_clean() && !outcome.current {
            self.write(&dirty, &output, &wanted).map_err(|finding| vec![*finding])?;
        }
        Ok(())
    }

    fn plan(&self, units: &[&Unit], output: &Output, progress: Progress<'_>) -> Vec<UnitPlan> {
        let done = AtomicUsize::new(0);
        let plan = |unit: &&Unit| {
            let plan = UnitPlan::of(self.compile_unit(unit), output);
            progress(done.fetch_add(1, Ordering::Relaxed) + 1, units.len());
            plan
        };
        units.par_iter().map(plan).collect()
    }

    /// The second pass: what differs is compiled once more and written.
    fn write(&self, dirty: &[&Unit], output: &Output, wanted: &Wanted) -> Result<(), Box<Finding>> {
        let writer = output.begin(wanted)?;
        dirty.par_iter().try_for_each(|unit| {
            self.compile_unit(unit)
                .files
                .iter()
                .try_for_each(|file| writer.write(&file.path, file.text.as_bytes()))
        })?;
        writer.finish().map(drop)
    }
}

/// What the first pass keeps of a unit.
struct UnitPlan {
    wants: Vec<Want>,
    findings: Vec<Finding>,
    objects: usize,
    bytes: usize,
}

impl UnitPlan {
    fn of(compiled: Compiled, output: &Output) -> Self {
        let bytes = compiled.files.iter().map(|file| file.text.len()).sum();
        let wants = compiled
            .files
            .iter()
            .map(|file| output.inspect(&file.path, file.text.as_bytes()))
            .collect();
        Self {
            wants,
            findings: compiled.findings,
            objects: compiled.objects,
            bytes,
        }
    }
}
