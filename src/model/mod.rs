//! What a platform team means: the resolved model of all environments, and the only room that refuses an input.
//!
//! `resolve` turns documents into a [`Fleet`]; whatever is wrong with them is a finding, and a fleet without errors can
//! be assembled without any way to fail.

mod chain;
mod check;
mod demands;
mod facts;
mod fleet;
mod link;
mod resolve;
mod schema;
mod sizing;
pub mod spec;

pub use chain::{BUILT_IN, Origin, Origins};
pub use facts::{check_facts, facts_schema, labels};
pub use fleet::{
    Calendar, Cluster, Environment, EnvironmentPolicy, Fleet, Live, Platform, Policies, PolicyTest, Release,
    Resilience, Tenant, Waiver,
};
pub use resolve::resolve;
pub use schema::{KINDS, schema_of, workspace_schema};
pub use sizing::{RESERVED_CONNECTIONS, Sizing, WORKER_MEMORY_HARD, WORKER_MEMORY_SOFT};
pub use spec::*;

/// The only version of the input documents.
pub const API_VERSION: &str = "formwork/v1alpha1";
