//! The whole program against folders on a disk, and the rules that no single file can hold.
//!
//! One test binary: one link, one process.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test stops at what it does not expect"
)]

mod cases;
mod cli;
mod codes;
mod determinism;
mod docs;
mod formats;
mod fresh;
mod house;
mod output;
mod policies;
mod rooms;
mod selection;
mod settings;
mod sources;
mod support;
mod updates;
mod validate;
