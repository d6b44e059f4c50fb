//! The resolved model: every reference is followed, every default is applied, every derived number is known.
//!
//! A component reads it and cannot fail: what is here has been checked.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::chain::{BUILT_IN, Origins};
use super::sizing::Sizing;
use super::spec::*;
use crate::diagnostic::{Finding, Location};
use crate::text::{Date, Host, Name};
use crate::workspace::Document;

/// Everything a workspace means.
#[derive(Debug, Clone)]
pub struct Fleet {
    /// The whole workspace.
    pub platform: Arc<Platform>,
    /// Clusters by name.
    pub clusters: Vec<Arc<Cluster>>,
    /// Environments by tenant and name.
    pub environments: Vec<Arc<Environment>>,
    /// CustomResourceDefinitions of the workspace, beside those that formwork knows.
    pub definitions: Vec<Document>,
    /// The day on which all of this is so; only findings depend on it.
    pub today: Date,
}

impl Fleet {
    /// The environments that run on a cluster, by tenant and name.
    pub fn on<'a>(&'a self, cluster: &'a Cluster) -> impl Iterator<Item = &'a Arc<Environment>> {
        self.environments
            .iter()
            .filter(move |environment| environment.cluster.name == cluster.name)
    }
}

/// What is nothing but a document: it can be made from one without knowing any other.
pub(super) trait Named {
    /// What the document says.
    type Spec;

    fn new(name: Name, spec: Self::Spec, document: Document) -> Self;
    fn name(&self) -> &Name;
}

macro_rules! named {
    ($($(#[$doc:meta])* $name:ident($spec:ident);)+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone)]
        pub struct $name {
            /// `metadata.name` of its document.
            pub name: Name,
            /// What the document says.
            pub spec: $spec,
            /// The document, for findings.
            pub document: Document,
        }

        impl Named for $name {
            type Spec = $spec;

            fn new(name: Name, spec: $spec, document: Document) -> Self {
                Self { name, spec, document }
            }

            fn name(&self) -> &Name {
                &self.name
            }
        }

        impl $name {
            /// The place of a field, by JSON pointer below `spec`.
            pub fn locate(&self, pointer: &str) -> Location {
                self.document.locate(&format!("/spec{pointer}"))
            }
        }
    )+};
}

named! {
    /// A customer or legal entity.
    Tenant(TenantSpec);
    /// An Odoo version.
    Release(ReleaseSpec);
    /// A class of recovery promises.
    Resilience(ResilienceSpec);
    /// A business calendar.
    Calendar(CalendarSpec);
    /// What environments must be.
    EnvironmentPolicy(EnvironmentPolicySpec);
    /// Cases that prove a policy.
    PolicyTest(PolicyTestSpec);
    /// A policy that need not hold somewhere.
    Waiver(WaiverSpec);
}

/// The whole workspace.
#[derive(Debug, Clone)]
pub struct Platform {
    /// `metadata.name` of its document.
    pub name: Name,
    /// What the document says.
    pub spec: PlatformSpec,
    /// The document, for findings.
    pub document: Document,
    /// What its clusters and environments are held against.
    pub policies: Policies,
}

/// What `policies/` says.
#[derive(Debug, Clone, Default)]
pub struct Policies {
    /// Plain Kubernetes documents, by path: admission policies, their bindings and their parameters. Clusters get them.
    pub admission: Vec<Document>,
    /// Policies on environments, by name.
    pub environment: Vec<EnvironmentPolicy>,
    /// Cases that prove policies, by name.
    pub tests: Vec<PolicyTest>,
    /// Waivers, by name.
    pub waivers: Vec<Waiver>,
}

/// One Kubernetes cluster.
#[derive(Debug, Clone)]
pub struct Cluster {
    /// `metadata.name` of its document.
    pub name: Name,
    /// What the document says.
    pub spec: ClusterSpec,
    /// The document, for findings.
    pub document: Document,
    /// The workspace, whose charts and signatures it installs even while no environment runs on it.
    pub platform: Arc<Platform>,
}

impl Platform {
    /// The place of a field, by JSON pointer below `spec`.
    pub fn locate(&self, pointer: &str) -> Location {
        self.document.locate(&format!("/spec{pointer}"))
    }
}

impl Cluster {
    /// The place of a field, by JSON pointer below `spec`.
    pub fn locate(&self, pointer: &str) -> Location {
        self.document.locate(&format!("/spec{pointer}"))
    }

    /// Whether the add-on is there.
    pub fn has(&self, add_on: AddOn) -> bool {
        self.spec.add_ons.contains(&add_on)
    }

    /// The secret store that a tier's namespaces may use.
    pub fn secret_store(&self, tier: Tier) -> Option<&SecretStore> {
        self.spec.secret_stores.iter().find(|store| store.tiers.contains(&tier))
    }

    /// The node pool kept for a tier.
    pub fn node_pool(&self, tier: Tier) -> Option<&NodePool> {
        self.spec.node_pools.iter().find(|pool| pool.tiers.contains(&tier))
    }
}

/// One running Odoo of one tenant, with everything it refers to.
#[derive(Debug, Clone)]
pub struct Environment {
    /// Its name within the tenant.
    pub name: Name,
    /// Its namespace, `<tenant>-<name>`.
    pub namespace: String,
    /// Its settings after the defaults chain.
    pub spec: EnvironmentSpec,
    /// Its public hosts; never empty.
    pub hosts: Vec<Host>,
    /// Numbers derived from `users` and whatever was set instead.
    pub sizing: Sizing,
    /// The workspace.
    pub platform: Arc<Platform>,
    /// The cluster it runs on.
    pub cluster: Arc<Cluster>,
    /// The tenant it belongs to.
    pub tenant: Arc<Tenant>,
    /// The release it runs.
    pub release: Arc<Release>,
    /// Its resilience class.
    pub resilience: Arc<Resilience>,
    /// The business calendar, if it has one.
    pub calendar: Option<Arc<Calendar>>,
    /// Where every value comes from.
    pub origins: Origins,
    /// What belongs to the live environments of the whole fleet, for those that must never hold it.
    pub live: Arc<Live>,
}

/// The names of what live environments own, each with its owner's id.
#[derive(Debug, Clone, Default)]
pub struct Live {
    /// Namespaces and buckets.
    pub names: BTreeMap<String, String>,
    /// Public hosts.
    pub hosts: BTreeMap<String, String>,
    /// What the keys of their secrets begin with in a store.
    pub keys: BTreeMap<String, String>,
}

impl Live {
    /// The purposes of an environment's buckets.
    const BUCKETS: [&str; 2] = ["backup", "attachments"];

    pub(super) fn of<'a>(environments: impl Iterator<Item = &'a Environment>) -> Self {
        let mut live = Self::default();
        for environment in environments.filter(|environment| environment.spec.tier.is_live()) {
            let id = environment.id();
            live.names.insert(environment.namespace.clone(), id.clone());
            for purpose in Self::BUCKETS {
                live.names.insert(environment.bucket(purpose), id.clone());
            }
            for host in &environment.hosts {
                live.hosts.insert(host.to_string(), id.clone());
            }
            live.keys.insert(environment.secrets(), id);
        }
        live
    }
}

impl Environment {
    /// `<tenant>/<name>`, as paths, `--only` and people call it.
    pub fn id(&self) -> String {
        format!("{}/{}", self.tenant.name, self.name)
    }

    /// The name of the database, and of nothing else: PostgreSQL identifiers take no dash.
    pub fn database_name(&self) -> String {
        self.tenant.name.as_str().replace('-', "_")
    }

    /// The name of one of its buckets.
    pub fn bucket(&self, purpose: &str) -> String {
        format!(
            "{}-{}-{purpose}",
            self.cluster.spec.object_storage.prefix, self.namespace
        )
    }

    /// What the keys of its secrets begin with in its store.
    pub fn secrets(&self) -> String {
        format!("{}/{}", self.platform.spec.secret_prefix, self.id())
    }

    /// The host under which people and links reach it.
    pub fn canonical_host(&self) -> &str {
        self.hosts.first().map(Host::as_str).unwrap_or_default()
    }

    /// The place of its own document.
    pub fn place(&self) -> Location {
        self.origins.home()
    }

    /// Puts a finding about a setting, by JSON pointer below `spec`, at the line that set it. A built-in line is none
    /// that the user can change: the finding is then about the environment as a whole.
    pub fn point(&self, finding: Finding, pointer: &str, place: Location) -> Finding {
        let finding = finding.field(format!("/spec{pointer}"));
        match place.source.path == BUILT_IN {
            true if self.origins.sets(pointer) => finding.at(self.locate("")).with(place, "by default"),
            true => finding.at(self.locate("")),
            false => finding.at(place),
        }
    }

    /// The place of a resolved setting, by JSON pointer below `spec`.
    pub fn locate(&self, pointer: &str) -> Location {
        self.origins.of(pointer).location
    }

    /// The place of a resolved setting's key, by JSON pointer below `spec`.
    pub fn locate_key(&self, pointer: &str) -> Location {
        self.origins.key(pointer)
    }
}
