//! The whole pipeline in one place: what a unit compiles to, a fleet in memory, and a fleet onto the disk.
//!
//! A unit is compiled by itself and dropped once its bytes are known, so memory does not grow with the fleet. Onto the
//! disk it goes in two passes: the first decides whether anything may be written and what differs, the second compiles
//! again what differs and writes it.

mod made;
mod removed;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;
use serde_json::Value;

use crate::blueprint::{self, COMPONENTS, Component, Unit};
use crate::diagnostic::{Finding, Level};
use crate::emit::{self, File, Output, State, Want, Wanted};
use crate::manifest::{Judged, Object};
use crate::model::{Environment, Fleet};
use crate::policy::{Governance, RULES, Rule};
use crate::references::{Inventories, Inventory, Origin};
use crate::validate::{self, Servers};
use made::{Made, defaulted, parsed};

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
    /// What the clusters have now; the output folder itself when absent.
    pub base: Option<&'a dyn Base>,
    /// Which units the build is about; the others keep the files they have.
    pub selection: Selection<'a>,
    /// Told how far the build is.
    pub progress: Progress<'a>,
}

/// An earlier output, which the new one replaces on the clusters.
pub trait Base: Sync {
    /// Returns the content of a file, by its path below the output folder.
    fn read(&self, path: &str) -> Option<Vec<u8>>;
    /// Returns the paths of all files.
    fn paths(&self) -> Vec<String>;
}

/// Which units a build is about.
pub type Selection<'a> = &'a (dyn Fn(&Unit) -> bool + Sync);

/// Returns what a file of the output holds now, if that is something else.
pub type Old<'a> = &'a dyn Fn(&File) -> Option<Vec<u8>>;

/// Called with the number of units done and the number of units in all.
pub type Progress<'a> = &'a (dyn Fn(usize, usize) + Sync);

impl Compiler {
    /// Compiles one unit and judges it. `old` returns the text that a file has now, if it is another.
    pub fn compile_unit(&self, unit: &Unit, judges: &Judges<'_>, old: Old<'_>) -> Compiled {
        let made = self.make(unit);
        let files = made.files(unit);
        let findings = self.judge(unit, &made, judges, &|index| old(files.get(index)?));
        Compiled {
            files,
            findings,
            objects: made.objects.len() + made.delivered.len(),
        }
    }

    /// Judges one unit. `old` returns what the file of an object holds now, if that is something else.
    fn judge(
        &self,
        unit: &Unit,
        made: &Made,
        judges: &Judges<'_>,
        old: &dyn Fn(usize) -> Option<Vec<u8>>,
    ) -> Vec<Finding> {
        // The files of the unit's own objects come first and in their order, then those of what delivers it.
        let seen = |objects: &[Object], first: usize| {
            let stored = |index: usize| old(first + index).and_then(parsed).map(defaulted);
            let completed: Vec<Value> = objects.iter().map(|object| defaulted(object.value.clone())).collect();
            (completed, (0..objects.len()).map(stored).collect::<Vec<_>>())
        };
        let (completed, stored) = seen(&made.objects, 0);
        let judged = Judged {
            objects: &made.objects,
            completed: &completed,
            stored: &stored,
        };
        let edges = blueprint::edges(unit, &self.components);
        let mut findings = judges.governance.judge(unit, judged, &edges);
        findings.extend(judges.governance.judge_delivered(&made.delivered));
        findings.extend(judges.servers.check(unit, judged));
        let (completed, stored) = seen(&made.delivered, made.objects.len());
        let judged = Judged {
            objects: &made.delivered,
            completed: &completed,
            stored: &stored,
        };
        findings.extend(judges.servers.check_delivered(unit, judged));
        findings.extend(made.dangling(unit, &judges.inventories));
        validate::locate(unit, &made.objects, &mut findings);
        for finding in &mut findings {
            finding.subject = Some(unit.subject());
            // A reader wants a line to begin at: at least the environment's own.
            finding.location = finding
                .location
                .take()
                .or_else(|| unit.environment().map(Environment::place));
        }
        judges.governance.waive(&mut findings);
        findings
    }

    /// Compiles what a fleet is held against, once; the findings are about `policies/` and about the fleet as a whole.
    pub fn judges<'f>(&'f self, fleet: &'f Fleet) -> (Judges<'f>, Vec<Finding>) {
        let (governance, mut findings) = Governance::new(fleet, &self.rules);
        let (servers, unusable) = Servers::new(fleet);
        findings.extend(unusable);
        let judges = Judges {
            governance,
            servers,
            inventories: self.inventories(&Unit::all(fleet)),
        };
        (judges, findings)
    }

    /// What each cluster has for the references of its environments: made once, and small.
    fn inventories(&self, units: &[Unit]) -> Inventories {
        let mut inventories = Inventories::new();
        for unit in units {
            let (cluster, origin) = match unit {
                Unit::Cluster(cluster, _) => (cluster, Origin::Cluster),
                Unit::Delivery(cluster, _) => (cluster, Origin::Delivery),
                Unit::Environment(_) => continue,
            };
            let inventory = inventories.entry(cluster.name.to_string());
            inventory
                .or_insert_with(|| Inventory::of(cluster))
                .add(&blueprint::assemble(unit, &self.components), origin);
        }
        inventories
    }

    /// Renders the files of one unit without judging them.
    pub fn render(&self, unit: &Unit) -> Vec<File> {
        self.make(unit).files(unit)
    }

    fn make(&self, unit: &Unit) -> Made {
        let objects = blueprint::assemble(unit, &self.components);
        let delivered = unit
            .environment()
            .map(|environment| blueprint::deliver(environment, &objects, &self.components));
        Made {
            objects,
            delivered: delivered.unwrap_or_default(),
        }
    }

    /// Compiles a fleet in memory: all files by path, and what is wrong with them.
    pub fn compile(&self, fleet: &Fleet) -> (BTreeMap<String, String>, Vec<Finding>) {
        let units = Unit::all(fleet);
        let (judges, mut findings) = self.judges(fleet);
        let compile = |unit: &Unit| self.compile_unit(unit, &judges, &|_| None);
        let compiled: Vec<Compiled> = units.par_iter().map(compile).collect();
        let mut files = BTreeMap::new();
        for unit in compiled {
            findings.extend(unit.findings);
            files.extend(unit.files.into_iter().map(|file| (file.path, file.text)));
        }
        findings.extend(judges.governance.close());
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
        let (judges, findings) = self.judges(fleet);
        outcome.findings.extend(findings);
        let plans = self.plan(&units, &judges, &output, request);
        if others.is_empty() {
            outcome.findings.extend(judges.governance.close());
        }
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
        let read = |path: &str| match request.base {
            Some(base) => base.read(path),
            None => output.read(path),
        };
        let removed = match request.base {
            Some(base) => removed::paths(base, &wanted, request.selection, &all),
            None => outcome.removed.clone(),
        };
        outcome.findings.extend(removed::check(fleet, &removed, &wanted, &read));
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

    fn plan(&self, units: &[&Unit], judges: &Judges<'_>, output: &Output, request: &Request<'_>) -> Vec<UnitPlan> {
        let done = AtomicUsize::new(0);
        let is_stale = |want: Option<&Want>| want.is_some_and(|want| want.state == State::Stale);
        let plan = |unit: &&Unit| {
            let made = self.make(unit);
            let files = made.files(unit);
            let wants: Vec<Want> = files
                .iter()
                .map(|file| output.inspect(&file.path, file.text.as_bytes()))
                .collect();
            let old = |index: usize| {
                let file = files.get(index)?;
                match request.base {
                    Some(base) => base.read(&file.path).filter(|old| old != file.text.as_bytes()),
                    None => output.read(&file.path).filter(|_| is_stale(wants.get(index))),
                }
            };
            let findings = self.judge(unit, &made, judges, &old);
            (request.progress)(done.fetch_add(1, Ordering::Relaxed) + 1, units.len());
            UnitPlan {
                findings,
                objects: made.objects.len() + made.delivered.len(),
                bytes: files.iter().map(|file| file.text.len()).sum(),
                wants,
            }
        };
        units.par_iter().map(plan).collect()
    }

    /// The second pass: what differs is compiled once more and written.
    fn write(&self, dirty: &[&Unit], output: &Output, wanted: &Wanted) -> Result<(), Box<Finding>> {
        let writer = output.begin(wanted)?;
        dirty.par_iter().try_for_each(|unit| {
            self.render(unit)
                .iter()
                .try_for_each(|file| writer.write(&file.path, file.text.as_bytes()))
        })?;
        writer.finish().map(drop)
    }
}

/// Everything that a fleet is held against.
pub struct Judges<'a> {
    /// What the house demands.
    pub governance: Governance<'a>,
    /// What the clusters accept.
    pub servers: Servers,
    /// What references may lead to.
    pub inventories: Inventories,
}

/// What the first pass keeps of a unit.
struct UnitPlan {
    wants: Vec<Want>,
    findings: Vec<Finding>,
    objects: usize,
    bytes: usize,
}
