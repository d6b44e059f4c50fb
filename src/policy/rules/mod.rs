//! The house rules. Every other file of this folder is one rule.

mod unpinned_image;

use super::Rule;

/// All house rules, by id.
pub const RULES: &[Rule] = &[unpinned_image::RULE];
