//! What the webhooks of operators, and the programs that read their objects, refuse in custom resources.
//!
//! A rule refuses only what its program refuses, in that program's words where it has some; where a program says so only in
//! its log and then drops the object, the message says that.

pub(super) mod argo;
pub(super) mod cert_manager;
pub(super) mod cloudnative_pg;
mod cron;
pub(super) mod external_secrets;
pub(super) mod flux;
pub(super) mod keda;
pub(super) mod prometheus;
mod promql;
mod read;
mod regular;
pub(super) mod sigstore;
pub(super) mod traefik;
