//! What leads to pods and what may talk to them: services, their endpoints, ingresses, network policies.
//!
//! Whether a name leads anywhere is not said here, only whether a server takes the object.

pub(super) mod address;
pub(super) mod endpoints;
pub(super) mod ingress;
pub(super) mod ingress_class;
pub(super) mod policy;
pub(super) mod service;
pub(super) mod service_address;
