//! The last room: values become text, and text becomes files.
//!
//! Nothing else writes to the disk. What it writes is the same for the same inputs, and it leaves alone what it did not
//! write.

#[cfg(test)]
mod claims;
mod diff;
mod disk;
pub mod findings;
#[cfg(test)]
mod folder;
mod layout;
mod ownership;
mod scalar;
mod sync;
mod wanted;
mod writer;
pub mod yaml;

pub use diff::short_diff;
pub use layout::{File, render};
pub use ownership::{Digest, digest};
pub use sync::{Orphan, Output};
pub use wanted::{State, Want, Wanted};
pub use writer::{Summary, Writer};
