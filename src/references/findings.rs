//! Where a check puts its complaints, each with both ends.
//!
//! How bad a complaint is follows from what is known: see [`World`].

use super::Check;
use super::ends::End;
use super::node::Node;
use super::world::World;
use crate::diagnostic::{Finding, Level, nearest};

/// One complaint, with the objects that it is about.
#[derive(Debug)]
pub struct Found {
    /// The complaint; it names the object and field that refers.
    pub finding: Finding,
    /// Which object refers, by its place among those of the world.
    pub at: usize,
    /// The other ends that are at hand.
    pub others: Vec<usize>,
}

/// The complaint that was just made.
pub(super) struct Said<'s>(Option<&'s mut Found>);

impl Said<'_> {
    /// Sets a remedy that fits the case better than the check's own.
    pub(super) fn help(self, help: impl Into<String>) {
        if let Some(found) = self.0 {
            found.finding.help = Some(help.into());
        }
    }
}

/// Names that a remedy lists.
const MOST_NAMES: usize = 8;

/// Where a check puts its complaints.
pub struct Findings<'f, 'a> {
    check: &'f Check,
    world: &'f World<'a>,
    found: &'f mut Vec<Found>,
}

impl<'f, 'a> Findings<'f, 'a> {
    pub(super) fn new(check: &'f Check, world: &'f World<'a>, found: &'f mut Vec<Found>) -> Self {
        Self { check, world, found }
    }

    /// Complains about objects at hand that contradict each other.
    pub(super) fn contradiction(
        &mut self,
        at: Node<'_>,
        pointer: impl Into<String>,
        others: &[Node<'_>],
        message: impl Into<String>,
    ) -> Said<'_> {
        self.say(Level::Deny, at, pointer, others, message)
    }

    /// Complains as loudly as is told; more quietly about objects that are written twice.
    pub(super) fn say(
        &mut self,
        level: Level,
        at: Node<'_>,
        pointer: impl Into<String>,
        others: &[Node<'_>],
        message: impl Into<String>,
    ) -> Said<'_> {
        let is_unsure = std::iter::once(&at)
            .chain(others)
            .any(|node| self.world.is_ambiguous(*node));
        let level = if is_unsure { level.max(Level::Warn) } else { level };
        let mut finding = Finding::new(self.check.id, level, message)
            .field(pointer)
            .help(self.check.fix);
        finding.object = Some(at.object.reference());
        finding.why = Some(self.check.why.to_owned());
        finding.policy = Some(self.check.id.to_owned());
        self.found.push(Found {
            finding,
            at: at.index,
            others: others.iter().map(|node| node.index).collect(),
        });
        Said(self.found.last_mut())
    }

    /// Complains about an end that does not exist, if that is known or likely.
    pub(super) fn missing(&mut self, at: Node<'_>, pointer: impl Into<String>, end: End<'_>) {
        if end.name.is_empty() || self.world.exists(end) {
            return;
        }
        let Some(mut level) = self.world.lack(end.group, end.kind, end.namespace) else {
            return;
        };
        let names = self.world.names(end.group, end.kind, end.namespace);
        let near = nearest(end.name, names.iter().copied());
        if level == Level::Audit && near.is_some() && end.kind != "Secret" {
            level = Level::Warn;
        }
        let (kind, name) = (end.kind, end.name);
        let place = match end.namespace {
            "" => String::new(),
            namespace if namespace == at.namespace => String::new(),
            namespace => format!(" in `{namespace}`"),
        };
        let message = match self.world.is_built() {
            true => format!("{} refers to {kind} `{name}`{place}, which does not exist", at.called()),
            false => format!(
                "{} refers to {kind} `{name}`{place}, which is not among the manifests",
                at.called()
            ),
        };
        let help = match near {
            Some(near) => format!("did you mean `{near}`?"),
            None if names.is_empty() => self.check.fix.to_owned(),
            None => format!("{}; known are {}", self.check.fix, shown(&names)),
        };
        self.say(level, at, pointer, &[], message).help(help);
    }
}

/// Names as people read them, not too many of them.
pub(super) fn shown(names: &[&str]) -> String {
    let listed: Vec<String> = names.iter().take(MOST_NAMES).map(|name| format!("`{name}`")).collect();
    let more = names.len().saturating_sub(MOST_NAMES);
    match more {
        0 => listed.join(", "),
        _ => format!("{} and {more} more", listed.join(", ")),
    }
}
