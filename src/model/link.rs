//! From the document of an environment to the environment: its references followed, its defaults applied.
//!
//! A reference to a document that is there but broken is not said to dangle: that document has its own finding.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::Value;

use super::chain::Origins;
use super::check::suggestion;
use super::demands;
use super::fleet::{Calendar, Cluster, Environment, Platform, Release, Resilience, Tenant};
use super::resolve::{name_of, pointer_of};
use super::sizing::Sizing;
use super::spec::*;
use crate::diagnostic::{Finding, Level};
use crate::text::{Date, Host, Name};
use crate::workspace::Document;

/// Everything an environment may refer to.
pub(super) struct Parts<'a> {
    pub(super) broken: Broken,
    pub(super) profile: Option<&'a Document>,
    pub(super) clusters: BTreeMap<String, Arc<Cluster>>,
    pub(super) tenants: BTreeMap<String, Arc<Tenant>>,
    pub(super) releases: BTreeMap<String, Arc<Release>>,
    pub(super) resiliences: BTreeMap<String, Arc<Resilience>>,
    pub(super) calendars: BTreeMap<String, Arc<Calendar>>,
}

impl Parts<'_> {
    /// Follows a reference to a calendar.
    pub(super) fn calendar(&self, name: &Name) -> Result<Arc<Calendar>, Option<Box<Finding>>> {
        self.find("Calendar", name.as_str(), &self.calendars)
    }

    /// Follows a reference; the error is the finding about it, unless the document has one of its own.
    fn find<T>(
        &self,
        kind: &str,
        name: &str,
        known: &BTreeMap<String, Arc<T>>,
    ) -> Result<Arc<T>, Option<Box<Finding>>> {
        if let Some(found) = known.get(name) {
            return Ok(found.clone());
        }
        let broken = &self.broken;
        if broken.is_partial || broken.documents.contains(&(kind.to_owned(), name.to_owned())) {
            return Err(None);
        }
        let names: Vec<&str> = known.keys().map(String::as_str).collect();
        let help = match names.as_slice() {
            [] => format!("add a document of `kind: {kind}`"),
            names => suggestion(name, names),
        };
        let message = format!("there is no {kind} `{name}`");
        Err(Some(Box::new(Finding::error("dangling-reference", message).help(help))))
    }
}

/// What a reference may lead to although it is not in the index. It is not said to dangle: what is wrong with the
/// document has its own finding.
pub(super) struct Broken {
    /// Kind and name of the documents that are there and cannot be used.
    pub(super) documents: BTreeSet<(String, String)>,
    /// Whether there are more that could not even be read.
    pub(super) is_partial: bool,
}

/// Links one document; an environment with an error is absent.
pub(super) fn environment(
    document: &Document,
    platform: &Arc<Platform>,
    parts: &Parts<'_>,
    today: &Date,
) -> (Option<Environment>, Vec<Finding>) {
    let mut findings = Vec::new();
    let environment = link(document, platform, parts, &mut findings);
    if let Some(environment) = &environment {
        demands::environment(environment, today, &mut findings);
    }
    let usable = !findings.iter().any(|finding| finding.level == Level::Error);
    (environment.filter(|_| usable), findings)
}

/// Follows the references and applies the chain.
fn link(
    document: &Document,
    platform: &Arc<Platform>,
    parts: &Parts<'_>,
    findings: &mut Vec<Finding>,
) -> Option<Environment> {
    let text = |field: &str| {
        document
            .value
            .pointer(field)
            .and_then(Value::as_str)
            .unwrap_or_default()
    };
    let mut report = |pointer: &str, finding: Option<Box<Finding>>| {
        findings.extend(finding.map(|finding| finding.at(document.locate(pointer)).field(pointer)));
    };
    let tenant = parts.find("Tenant", text("/spec/tenant"), &parts.tenants);
    let tenant = tenant.map_err(|finding| report("/spec/tenant", finding));
    let cluster = parts.find("Cluster", text("/spec/cluster"), &parts.clusters);
    let cluster = cluster.map_err(|finding| report("/spec/cluster", finding));
    let release = parts.find("Release", text("/spec/release"), &parts.releases);
    let release = release.map_err(|finding| report("/spec/release", finding));
    let (tenant, cluster, release) = (tenant.ok()?, cluster.ok()?, release.ok()?);
    let tier: Tier = serde_json::from_value(document.value.pointer("/spec/tier")?.clone()).ok()?;

    let mut below = Origins::default();
    below.push_defaults(&platform.document, tier, "platform");
    below.push_defaults(&cluster.document, tier, "cluster");
    below.push_defaults(&tenant.document, tier, "tenant");
    below.push(document, "/spec".into(), "environment".into());
    let mut bottom = Origins::default();
    if let Some(profile) = parts.profile {
        bottom.push_defaults(profile, tier, "built-in profile");
    }
    let resilience = resilience(document, &bottom, &below, parts, findings)?;
    let mut origins = bottom;
    origins.push_defaults(&resilience.document, tier, &format!("resilience {}", resilience.name));
    origins.append(below);

    let spec: EnvironmentSpec = match serde_path_to_error::deserialize(origins.merged()) {
        Ok(spec) => spec,
        Err(error) => {
            findings.push(unset(document, &error));
            return None;
        }
    };
    // The tenant's calendar was looked up already, and what is wrong with it is said there.
    let calendar = match (&spec.calendar, &tenant.spec.calendar) {
        (Some(name), _) => parts.calendar(name).map_err(|finding| {
            let place = origins.of("/calendar").location;
            findings.extend(finding.map(|finding| finding.at(place).field("/spec/calendar")));
        }),
        (None, Some(name)) => parts.calendar(name).map_err(drop),
        (None, None) => Err(()),
    };
    let name: Name = name_of(document).parse().ok()?;
    let hosts = if spec.hosts.is_empty() {
        default_host(&name, &tenant, &cluster).into_iter().collect()
    } else {
        spec.hosts.clone()
    };
    Some(Environment {
        namespace: format!("{}-{name}", tenant.name),
        sizing: Sizing::of(&spec, &release.spec),
        name,
        hosts,
        spec,
        platform: platform.clone(),
        cluster,
        tenant,
        release,
        resilience,
        calendar: calendar.ok(),
        origins,
        live: Default::default(),
    })
}

/// The class is itself a setting, so it is looked up before the chain that it is part of.
fn resilience(
    document: &Document,
    bottom: &Origins,
    below: &Origins,
    parts: &Parts<'_>,
    findings: &mut Vec<Finding>,
) -> Option<Arc<Resilience>> {
    let (chosen, place) = [below, bottom]
        .into_iter()
        .find_map(|origins| {
            let value = origins.value("/resilience")?.as_str()?.to_owned();
            Some((value, origins.of("/resilience").location))
        })
        .unwrap_or_else(|| (String::new(), document.locate("/spec")));
    let found = parts.find("Resilience", &chosen, &parts.resiliences);
    let found = found.map_err(|finding| {
        findings.extend(finding.map(|finding| finding.at(place).field("/spec/resilience")));
    });
    found.ok()
}

/// What the whole chain leaves open. The schema has seen every layer, so little else can be wrong.
fn unset(document: &Document, error: &serde_path_to_error::Error<serde_json::Error>) -> Finding {
    let parent = format!("/spec{}", pointer_of(error.path()));
    let problem = error.inner().to_string();
    let field = problem
        .strip_prefix("missing field `")
        .and_then(|rest| rest.strip_suffix('`'));
    match field {
        Some(field) => Finding::error("missing-field", format!("nothing sets `{field}`"))
            .at(document.locate_key(&parent))
            .field(format!("{parent}/{field}"))
            .help(format!(
                "add `{field}:` here, or to the defaults of the tenant, the cluster or the platform"
            )),
        None => Finding::error("bad-format", problem)
            .at(document.locate(&parent))
            .field(parent),
    }
}

fn default_host(name: &Name, tenant: &Tenant, cluster: &Cluster) -> Option<Host> {
    format!("{name}.{}.{}", tenant.name, cluster.spec.domain).parse().ok()
}
