//! What a complaint points at: the setting that an expression reads, and the line that set it.
//!
//! A number that is derived leads to the setting that would fix it, or to the number of users that it is derived from.

use crate::cel::Path;
use crate::diagnostic::Finding;
use crate::model::Environment;

/// What a complaint points at.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Target {
    /// A setting of the environment, by JSON pointer below `spec`.
    Setting(String),
    /// A setting by JSON pointer below `spec` if it is set; the number is derived otherwise.
    Derived(String),
    /// A field of the `spec` of what the environment refers to, by variable and JSON pointer.
    Other(String, String),
    /// The environment as a whole.
    Environment,
}

impl Target {
    /// Chooses among what an expression reads: a setting of the environment before anything else.
    pub(super) fn of(paths: &[Path]) -> Self {
        let own = paths.iter().find_map(setting);
        let other = || paths.iter().find_map(elsewhere);
        own.or_else(other).unwrap_or(Self::Environment)
    }

    /// Points a finding at the line that set the value.
    pub(super) fn point(&self, finding: Finding, environment: &Environment) -> Finding {
        let origins = &environment.origins;
        let (variable, pointer) = match self {
            Self::Setting(pointer) => return at_setting(finding, pointer, environment),
            Self::Derived(pointer) if origins.sets(pointer) => return at_setting(finding, pointer, environment),
            Self::Derived(_) => return at_setting(finding, "/users", environment),
            Self::Environment => return finding.at(environment.locate("")),
            Self::Other(variable, pointer) => (variable.as_str(), pointer.as_str()),
        };
        let place = match variable {
            "tenant" => environment.tenant.locate(pointer),
            "cluster" => environment.cluster.locate(pointer),
            "platform" => environment.platform.locate(pointer),
            "release" => environment.release.locate(pointer),
            _ => environment.resilience.locate(pointer),
        };
        let pointed = environment.point(finding.clone(), pointer, place);
        match is_own(&pointed, environment) {
            // A class that is built in cannot be changed; the choice of it can.
            true => at_setting(finding, "/resilience", environment),
            false => affecting(pointed, environment),
        }
    }
}

fn at_setting(finding: Finding, pointer: &str, environment: &Environment) -> Finding {
    let origin = environment.origins.of(pointer);
    let finding = environment.point(finding, pointer, origin.location);
    match origin.layer == "environment" || is_own(&finding, environment) {
        true => finding,
        false => affecting(finding, environment),
    }
}

/// Whether a finding is about the environment as a whole.
fn is_own(finding: &Finding, environment: &Environment) -> bool {
    finding.location.as_ref() == Some(&environment.locate(""))
}

/// A line of another document serves many environments; this says for which one it is wrong.
fn affecting(finding: Finding, environment: &Environment) -> Finding {
    finding.with(environment.locate(""), format!("for `{}`", environment.id()))
}

/// The setting that a path leads to.
fn setting(path: &Path) -> Option<Target> {
    if &*path.variable != "environment" {
        return None;
    }
    let pointer = path.pointer();
    match path.fields.first().map(|field| &**field)? {
        "spec" => Some(Target::Setting(pointer.strip_prefix("/spec")?.into())),
        "hosts" => Some(Target::Setting("/hosts".into())),
        "sizing" => Some(Target::Derived(fixing(path.fields.get(1)?).into())),
        _ => None,
    }
}

/// A path into the `spec` of what the environment refers to.
fn elsewhere(path: &Path) -> Option<Target> {
    if !["tenant", "cluster", "platform", "release", "resilience"].contains(&&*path.variable) {
        return None;
    }
    let pointer = path.pointer();
    let pointer = pointer.strip_prefix("/spec")?;
    Some(Target::Other(path.variable.to_string(), pointer.into()))
}

/// The setting that fixes a derived number.
fn fixing(number: &str) -> &'static str {
    match number {
        "workers" => "/odoo/workers",
        "minimum" => "/autoscaling/minimum",
        "maximum" => "/autoscaling/maximum",
        "webCpu" => "/odoo/cpu",
        "webMemoryLimit" => "/odoo/memory",
        "cronPods" => "/odoo/cronPods",
        "cronThreads" => "/odoo/cronThreads",
        "maxConnections" => "/database/maxConnections",
        "databaseCpu" => "/database/cpu",
        "databaseMemory" => "/database/memory",
        "databaseStorage" => "/database/storage",
        "walStorage" => "/database/walStorage",
        "cacheMemory" => "/cache/memory",
        "requestsInFlight" => "/ingress/requestsInFlight",
        _ => "/users",
    }
}
