//! A small workspace for the tests beside components and rules; it goes through the real reader and the real resolve.

use std::sync::Arc;

use crate::blueprint::{COMPONENTS, Unit, assemble, deliver, edges};
use crate::diagnostic::{Finding, Source};
use crate::manifest::Object;
use crate::model::{Engine, Environment, Fleet, resolve};
use crate::policy::{Rule, judge, judge_fleet};
use crate::validate::locate;
use crate::workspace::{Workspace, parse};

const WORKSPACE: &str = include_str!("fixture.yaml");

/// The environment `hartmann/production` of the workspace `fixture.yaml`, with more settings below `spec:` (each line
/// indented by two) and with `from` replaced by `to` anywhere in the workspace.
pub(crate) fn environment(settings: &str, replace: &[(&str, &str)]) -> Arc<Environment> {
    fleet(settings, replace).environments[0].clone()
}

/// The fleet of one environment and one cluster.
pub(crate) fn fleet(settings: &str, replace: &[(&str, &str)]) -> Fleet {
    let mut text = format!("{WORKSPACE}{settings}");
    for (from, to) in replace {
        assert!(text.contains(from), "the fixture has no `{from}`");
        text = text.replace(from, to);
    }
    let (documents, findings) = parse(&Arc::new(Source {
        path: "fixture.yaml".into(),
        text,
    }));
    assert!(findings.is_empty(), "{findings:#?}");
    let (fleet, findings) = resolve(&Workspace::new(documents), &"2026-11-22".parse().unwrap());
    let errors: Vec<_> = findings
        .iter()
        .filter(|finding| finding.level == crate::diagnostic::Level::Error)
        .collect();
    assert!(errors.is_empty(), "{errors:#?}");
    fleet.unwrap()
}

/// What one rule says about an environment of the fixture, each finding after the line that it points at.
pub(crate) fn judged(rule: &Rule, environment: &Arc<Environment>) -> Vec<String> {
    let unit = Unit::Environment(environment.clone());
    let (objects, edges) = (assemble(&unit, COMPONENTS), edges(&unit, COMPONENTS));
    let mut found = judge(Some(environment), &objects, &edges, &[*rule]);
    locate(&unit, &objects, &mut found);
    said(&found)
}

/// What one rule says about several environments together: each document is laid after those of the fixture.
pub(crate) fn judged_fleet(rule: &Rule, settings: &str, replace: &[(&str, &str)]) -> Vec<String> {
    said(&judge_fleet(&fleet(settings, replace), &[*rule]))
}

fn said(findings: &[Finding]) -> Vec<String> {
    let line = |finding: &Finding| {
        let place = finding.location.as_ref().unwrap();
        let text = place.source.text.lines().nth(place.line() - 1).unwrap().trim();
        format!("{text} | {}", finding.message)
    };
    findings.iter().map(line).collect()
}

/// All objects that one component makes for an environment.
pub(crate) fn component(name: &str, environment: &Arc<Environment>) -> Vec<Object> {
    of(name, &Unit::Environment(environment.clone()))
}

/// All objects that one component makes for the cluster (or its delivery) of the fixture.
pub(crate) fn cluster_component(name: &str, fleet: &Fleet) -> Vec<Object> {
    let mut delivered = Vec::new();
    for environment in &fleet.environments {
        let engine = environment.cluster.spec.gitops.engine;
        if (name, engine) == ("argocd", Engine::Argocd) || (name, engine) == ("flux", Engine::Flux) {
            let objects = assemble(&Unit::Environment(environment.clone()), COMPONENTS);
            delivered.extend(deliver(environment, &objects, COMPONENTS));
        }
    }
    let units = Unit::all(fleet);
    let of_cluster = units
        .iter()
        .filter(|unit| unit.environment().is_none())
        .flat_map(|unit| of(name, unit));
    of_cluster.chain(delivered).collect()
}

fn of(name: &str, unit: &Unit) -> Vec<Object> {
    assemble(unit, COMPONENTS)
        .into_iter()
        .filter(|object| object.component == name)
        .collect()
}

/// The objects as they will be written, with a line between them.
pub(crate) fn yaml(objects: &[Object]) -> String {
    objects
        .iter()
        .map(|object| crate::emit::yaml::to_string(&object.value))
        .collect::<Vec<_>>()
        .join("---\n")
}

/// One object as it will be written.
pub(crate) fn yaml_of(kind: &str, name: &str, objects: &[Object]) -> String {
    let object = objects.iter().find(|object| object.kind == kind && object.name == name);
    crate::emit::yaml::to_string(&object.unwrap_or_else(|| panic!("no {kind} {name}")).value)
}
