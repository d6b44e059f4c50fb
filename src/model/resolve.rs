//! From documents to the fleet: every reference followed, every default applied, every refusal said.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rayon::prelude::*;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::API_VERSION;
use super::chain::BUILT_IN;
use super::check::check;
use super::demands;
use super::fleet::*;
use super::link::{Broken, Parts, environment};
use crate::diagnostic::{Finding, Level, Source};
use crate::text::{Date, Name};
use crate::workspace::{DEFINITIONS, Document, Workspace, parse};

/// The documents of each kind by name, built-in ones included.
type Index<'a> = BTreeMap<&'static str, BTreeMap<String, &'a Document>>;

/// Resolves a workspace as of a day. What could not be resolved is absent from the fleet and said in the findings; a
/// workspace without a platform has no fleet.
pub fn resolve(workspace: &Workspace, today: &Date) -> (Option<Fleet>, Vec<Finding>) {
    let built_in = built_in();
    let mut findings = Vec::new();
    let is_definition = |it: &&Document| it.source.path.starts_with(DEFINITIONS);
    let (definitions, inputs): (Vec<&Document>, Vec<&Document>) = workspace.documents.iter().partition(is_definition);
    let (admission, own): (Vec<&Document>, Vec<&Document>) = inputs.into_iter().partition(|it| is_foreign(it));
    let (index, broken) = index(&own, workspace.is_partial, &built_in, &mut findings);
    let policies = policies(&admission, &index, &mut findings);
    let Some(platform) = the_platform(&index, workspace.is_partial, policies, &mut findings) else {
        return (None, findings);
    };
    let parts = Parts {
        broken,
        profile: built_in.first(),
        clusters: shared(
            typed_all(&index, "Cluster", &mut findings, |name, spec, document| Cluster {
                name,
                spec,
                document,
                platform: platform.clone(),
            }),
            |it| &it.name,
        ),
        tenants: shared(documents(&index, "Tenant", &mut findings), Named::name),
        releases: shared(documents(&index, "Release", &mut findings), Named::name),
        resiliences: shared(documents(&index, "Resilience", &mut findings), Named::name),
        calendars: shared(documents(&index, "Calendar", &mut findings), Named::name),
    };
    for cluster in parts.clusters.values() {
        demands::cluster(cluster, &mut findings);
    }
    for calendar in parts.calendars.values() {
        demands::calendar(calendar, &mut findings);
    }
    for tenant in parts.tenants.values() {
        if let Some(name) = &tenant.spec.calendar {
            let place = tenant.locate("/calendar");
            findings.extend(parts.calendar(name).err().flatten().map(|finding| finding.at(place)));
        }
    }
    let documents: Vec<&Document> = index
        .get("Environment")
        .into_iter()
        .flat_map(BTreeMap::values)
        .copied()
        .collect();
    let results: Vec<(Option<Environment>, Vec<Finding>)> = documents
        .par_iter()
        .map(|document| environment(document, &platform, &parts, today))
        .collect();
    let live = Live::of(results.iter().filter_map(|(environment, _)| environment.as_ref()));
    let live = Arc::new(live);
    let mut environments = Vec::with_capacity(results.len());
    for (environment, complaints) in results {
        let live = live.clone();
        environments.extend(environment.map(|environment| Arc::new(Environment { live, ..environment })));
        findings.extend(complaints);
    }
    environments.sort_by(|a, b| (&a.tenant.name, &a.name).cmp(&(&b.tenant.name, &b.name)));
    demands::fleet(&environments, &mut findings);
    demands::delivery_names(&parts.clusters, &environments, &mut findings);
    // Beside an error, what looks unused may only be cut off.
    if !workspace.is_partial && !findings.iter().any(|finding| finding.level == Level::Error) {
        unused(&parts, &environments, &mut findings);
    }
    let fleet = Fleet {
        platform,
        clusters: parts.clusters.into_values().collect(),
        environments,
        definitions: definitions.into_iter().cloned().collect(),
        today: today.clone(),
    };
    (Some(fleet), findings)
}

/// The profile and the resilience classes that every workspace has; the profile comes first.
pub(super) fn built_in() -> Vec<Document> {
    let source = Arc::new(Source {
        path: BUILT_IN.into(),
        text: include_str!("builtin.yaml").into(),
    });
    parse(&source).0
}

/// Whether a document is a plain one of Kubernetes, which only `policies/` may hold.
fn is_foreign(document: &Document) -> bool {
    let version = document.value.get("apiVersion").and_then(Value::as_str);
    document.source.path.starts_with("policies/")
        && version.is_some_and(|version| version != API_VERSION && !version.starts_with("formwork"))
}

fn policies(admission: &[&Document], index: &Index<'_>, findings: &mut Vec<Finding>) -> Policies {
    Policies {
        admission: admission.iter().map(|document| (*document).clone()).collect(),
        environment: documents(index, "EnvironmentPolicy", findings),
        tests: documents(index, "PolicyTest", findings),
        waivers: documents(index, "Waiver", findings),
    }
}

/// Sorts the usable documents by kind and name; two of one name are an error.
fn index<'a>(
    documents: &[&'a Document],
    is_partial: bool,
    built_in: &'a [Document],
    findings: &mut Vec<Finding>,
) -> (Index<'a>, Broken) {
    let checked: Vec<(&Document, Option<&'static str>, Vec<Finding>)> = documents
        .par_iter()
        .map(|&document| {
            let mut complaints = Vec::new();
            let kind = check(document, &mut complaints);
            (document, kind, complaints)
        })
        .collect();
    let mut index = Index::new();
    for document in built_in.iter().skip(1) {
        index
            .entry("Resilience")
            .or_default()
            .insert(name_of(document), document);
    }
    let mut broken = BTreeSet::new();
    for (document, kind, complaints) in checked {
        findings.extend(complaints);
        let Some(kind) = kind else {
            let kind = document.value.get("kind").and_then(Value::as_str).unwrap_or_default();
            broken.insert((kind.to_owned(), name_of(document)));
            continue;
        };
        let tenant = document
            .value
            .pointer("/spec/tenant")
            .and_then(Value::as_str)
            .filter(|_| kind == "Environment");
        let name = tenant.map_or_else(|| name_of(document), |tenant| format!("{tenant}/{}", name_of(document)));
        let known = index.entry(kind).or_default();
        match known.get(&name) {
            Some(first) => findings.push(
                Finding::error("duplicate-name", format!("{kind} `{name}` is defined twice"))
                    .at(document.locate("/metadata/name"))
                    .with(first.locate("/metadata/name"), "first defined here")
                    .help(if first.source.path == BUILT_IN {
                        "choose another name: this one is built in"
                    } else {
                        "remove one of the two, or give it another name"
                    }),
            ),
            None => {
                known.insert(name, document);
            }
        }
    }
    let documents = broken;
    (index, Broken { documents, is_partial })
}

/// `metadata.name` of a document.
pub(super) fn name_of(document: &Document) -> String {
    document
        .value
        .pointer("/metadata/name")
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned()
}

fn the_platform(
    index: &Index<'_>,
    is_partial: bool,
    policies: Policies,
    findings: &mut Vec<Finding>,
) -> Option<Arc<Platform>> {
    let mut platforms = index.get("Platform").into_iter().flat_map(BTreeMap::values);
    let Some(document) = platforms.next() else {
        if findings.is_empty() && !is_partial {
            findings.push(
                Finding::error("missing-platform", "the workspace has no `kind: Platform`")
                    .help("add `environments/platform.yaml`; `formwork init` writes one to start from"),
            );
        }
        return None;
    };
    for other in platforms {
        findings.push(
            Finding::error("duplicate-platform", "a workspace has one platform")
                .at(other.locate("/metadata/name"))
                .with(document.locate("/metadata/name"), "the first one is here")
                .help("merge the two documents"),
        );
    }
    let (name, spec) = typed(document, findings)?;
    let platform = Arc::new(Platform {
        name,
        spec,
        document: (*document).clone(),
        policies,
    });
    demands::platform(&platform, findings);
    Some(platform)
}

/// What the documents of a kind are, by name.
fn documents<T: Named<Spec: DeserializeOwned>>(index: &Index<'_>, kind: &str, findings: &mut Vec<Finding>) -> Vec<T> {
    typed_all(index, kind, findings, T::new)
}

/// The documents of a kind, by name.
fn typed_all<S: DeserializeOwned, T>(
    index: &Index<'_>,
    kind: &str,
    findings: &mut Vec<Finding>,
    make: impl Fn(Name, S, Document) -> T,
) -> Vec<T> {
    let documents = index.get(kind).into_iter().flat_map(BTreeMap::values);
    documents
        .filter_map(|document| {
            let (name, spec) = typed(document, findings)?;
            Some(make(name, spec, (*document).clone()))
        })
        .collect()
}

fn shared<T>(all: Vec<T>, name: impl Fn(&T) -> &Name) -> BTreeMap<String, Arc<T>> {
    all.into_iter()
        .map(|it| (name(&it).to_string(), Arc::new(it)))
        .collect()
}

/// Reads a checked document into its type. The schema has said all there is to say, so an error here is rare.
fn typed<S: DeserializeOwned>(document: &Document, findings: &mut Vec<Finding>) -> Option<(Name, S)> {
    let name = name_of(document).parse::<Name>().ok()?;
    let spec = document.value.get("spec").unwrap_or(&Value::Null);
    match serde_path_to_error::deserialize(spec) {
        Ok(spec) => Some((name, spec)),
        Err(error) => {
            let pointer = format!("/spec{}", pointer_of(error.path()));
            findings.push(
                Finding::error("bad-format", error.inner().to_string())
                    .at(document.locate(&pointer))
                    .field(pointer),
            );
            None
        }
    }
}

/// The JSON pointer of a path into a type.
pub(super) fn pointer_of(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    let mut pointer = String::new();
    for segment in path {
        match segment {
            Segment::Seq { index } => pointer.push_str(&format!("/{index}")),
            Segment::Map { key } => pointer.push_str(&format!("/{key}")),
            Segment::Enum { .. } | Segment::Unknown => {}
        }
    }
    pointer
}

/// Says which documents nobody uses; they are kept, but somebody may have misspelt a reference.
fn unused(parts: &Parts<'_>, environments: &[Arc<Environment>], findings: &mut Vec<Finding>) {
    let mut say = |kind: &str, name: &Name, document: &Document, used: bool| {
        if !used && document.source.path != BUILT_IN {
            findings.push(
                Finding::new(
                    "unused-document",
                    Level::Warn,
                    format!("no environment uses the {kind} `{name}`"),
                )
                .at(document.locate("/metadata/name"))
                .help("remove it, or refer to it"),
            );
        }
    };
    for it in parts.releases.values() {
        say(
            "Release",
            &it.name,
            &it.document,
            environments
                .iter()
                .any(|environment| environment.release.name == it.name),
        );
    }
    for it in parts.tenants.values() {
        say(
            "Tenant",
            &it.name,
            &it.document,
            environments
                .iter()
                .any(|environment| environment.tenant.name == it.name),
        );
    }
    for it in parts.resiliences.values() {
        say(
            "Resilience",
            &it.name,
            &it.document,
            environments
                .iter()
                .any(|environment| environment.resilience.name == it.name),
        );
    }
    for it in parts.calendars.values() {
        let name = Some(&it.name);
        let by_tenant = parts
            .tenants
            .values()
            .any(|tenant| tenant.spec.calendar.as_ref() == name);
        say(
            "Calendar",
            &it.name,
            &it.document,
            by_tenant
                || environments
                    .iter()
                    .any(|environment| environment.spec.calendar.as_ref() == name),
        );
    }
}
