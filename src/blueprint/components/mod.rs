//! The blueprint's components. Every other file of this folder is one of them.

mod access;
mod add_ons;
mod argocd;
mod autoscaling;
mod backup;
mod cache;
mod configuration;
mod database;
mod flux;
mod identity;
mod image_policies;
mod ingress;
mod issuers;
mod migration;
mod monitoring;
mod namespace;
mod namespaces;
mod network;
mod odoo;
mod policies;
mod priority_classes;
mod quota;
mod secret_stores;
mod secrets;
mod storage;
mod tls;

pub use network::policies_of;

use super::Component;
pub use policies::facts;

/// All components; within an environment and within a cluster, none comes before one that it is `after`.
pub const COMPONENTS: &[Component] = &[
    namespaces::COMPONENT,
    priority_classes::COMPONENT,
    access::COMPONENT,
    add_ons::COMPONENT,
    issuers::COMPONENT,
    tls::COMPONENT,
    secret_stores::COMPONENT,
    image_policies::COMPONENT,
    policies::COMPONENT,
    namespace::COMPONENT,
    identity::COMPONENT,
    network::COMPONENT,
    secrets::COMPONENT,
    storage::COMPONENT,
    database::COMPONENT,
    backup::COMPONENT,
    cache::COMPONENT,
    configuration::COMPONENT,
    migration::COMPONENT,
    odoo::COMPONENT,
    autoscaling::COMPONENT,
    ingress::COMPONENT,
    monitoring::COMPONENT,
    quota::COMPONENT,
    argocd::COMPONENT,
    flux::COMPONENT,
];
