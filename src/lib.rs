//! Formwork compiles typed environment definitions and policies into the Kubernetes manifests that Argo CD and Flux
//! reconcile.
//!
//! The pipeline is the crate: `workspace::load → model::resolve → blueprint::assemble → policy::judge →
//! validate::check → emit::render`. Each step is a room (a folder of `src/`), and a room uses only rooms above it.

pub mod admission;
pub mod blueprint;
pub mod cel;
#[cfg(feature = "cli")]
pub mod cli;
mod compiler;
pub mod defaults;
pub mod diagnostic;
pub mod emit;
#[cfg(test)]
mod fixture;
pub mod kinds;
pub mod manifest;
pub mod model;
pub mod policy;
pub mod references;
pub mod report;
pub mod review;
pub mod schema;
pub mod server;
pub mod text;
pub mod validate;
pub mod words;
pub mod workspace;

pub use compiler::{Compiled, Compiler, Judges, Old, Outcome, Progress, Request, Selection};
