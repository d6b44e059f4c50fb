//! References between objects: every name that one object writes and another must answer to.
//!
//! A check is a record and a plain function over the [`World`], the same shape as a rule. What is known decides how sure
//! a finding is: a contradiction between objects at hand is denied, an end that may exist elsewhere is not.

mod checks;
mod configuration;
mod ends;
mod findings;
mod inventory;
mod nobody;
mod node;
mod places;
mod pods;
mod products;
mod scaling;
mod selector;
#[cfg(test)]
mod tests;
mod world;

pub use checks::CHECKS;
pub use ends::End;
pub use findings::{Findings, Found};
pub use inventory::{Inventories, Inventory, Origin};
pub use node::Node;
pub use world::World;

use crate::diagnostic::codes::Page;

/// A check of references. The record is its page too: `formwork explain` prints it.
#[derive(Debug, Clone, Copy)]
pub struct Check {
    /// The violation, so that a waiver reads as English: `allow secret-missing until …`.
    pub id: &'static str,
    /// What was found: a lowercase phrase without full stop.
    pub title: &'static str,
    /// Why that is a problem, in whole sentences.
    pub why: &'static str,
    /// The remedy: a lowercase imperative without full stop.
    pub fix: &'static str,
    /// Whole manifests that have the violation and no other.
    pub bad: &'static str,
    /// The same manifests without it.
    pub good: &'static str,
    /// Looks at everything at once.
    pub check: fn(&World<'_>, &mut Findings<'_, '_>),
}

impl Check {
    /// The page of the check.
    pub fn page(&self) -> Page {
        Page {
            id: self.id.into(),
            title: self.title.into(),
            why: self.why.into(),
            fix: self.fix.into(),
            bad: self.bad.into(),
            good: self.good.into(),
            ..Page::default()
        }
    }
}

/// The pages of all checks.
pub fn pages() -> impl Iterator<Item = Page> {
    CHECKS.iter().map(Check::page)
}

/// Follows every reference between the objects of a world.
pub fn check(world: &World<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    for check in CHECKS {
        (check.check)(world, &mut Findings::new(check, world, &mut found));
    }
    found
}
