//! What a delivery of Argo CD or Flux names exists: its project, its source, and those that it waits for.

use serde_json::Value;

use crate::references::ends::End;
use crate::references::node::{Spot, text};
use crate::references::{Check, Findings, Node, World};

pub(super) const CHECK: Check = Check {
    id: "delivery-part-missing",
    title: "a delivery names a project, source or predecessor that does not exist",
    why: "The engine stops before it applies anything, and the cluster keeps what it has while the repository goes on.",
    fix: "correct the name, or add what it names",
    bad: "apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: database}
spec: {path: ./database, sourceRef: {kind: GitRepository, name: platform}}
---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: web}
spec: {path: ./web, dependsOn: [{name: databases}], sourceRef: {kind: GitRepository, name: platform}}
---
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: {name: platform}",
    good: "apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: database}
spec: {path: ./database, sourceRef: {kind: GitRepository, name: platform}}
---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: web}
spec: {path: ./web, dependsOn: [{name: database}], sourceRef: {kind: GitRepository, name: platform}}
---
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: {name: platform}",
    check,
};

const KUSTOMIZE: &str = "kustomize.toolkit.fluxcd.io";
const HELM: &str = "helm.toolkit.fluxcd.io";
const SOURCE: &str = "source.toolkit.fluxcd.io";

/// Group and kind, and where it names a source.
const SOURCES: &[(&str, &str, &str)] = &[
    (HELM, "HelmRelease", "/spec/chart/spec/sourceRef"),
    (HELM, "HelmRelease", "/spec/chartRef"),
    (KUSTOMIZE, "Kustomization", "/spec/sourceRef"),
];

fn check(world: &World<'_>, findings: &mut Findings<'_, '_>) {
    for application in world.of("argoproj.io", "Application") {
        let project = End {
            group: "argoproj.io",
            kind: "AppProject",
            namespace: application.namespace,
            name: application.text("/spec/project").unwrap_or_default(),
        };
        if !world.exists(project) {
            findings.missing(application, "/spec/project", project);
        }
        destination(world, application, findings);
    }
    for (group, kind) in [(KUSTOMIZE, "Kustomization"), (HELM, "HelmRelease")] {
        for node in world.of(group, kind) {
            for (spot, reference) in node.each("/spec/dependsOn/*") {
                follow(world, (group, kind), node, (spot, reference), findings);
            }
        }
    }
    for (group, kind, at) in SOURCES {
        for node in world.of(group, kind) {
            for (spot, reference) in node.each(at) {
                let kind = text(reference, "kind").unwrap_or_default();
                follow(world, (SOURCE, kind), node, (spot, reference), findings);
            }
        }
    }
}

fn follow(
    world: &World<'_>,
    (group, kind): (&str, &str),
    node: Node<'_>,
    (spot, reference): (Spot, &Value),
    findings: &mut Findings<'_, '_>,
) {
    let end = End {
        group,
        kind,
        namespace: text(reference, "namespace").unwrap_or(node.namespace),
        name: text(reference, "name").unwrap_or_default(),
    };
    if !world.exists(end) {
        findings.missing(node, spot.pointer("/name"), end);
    }
}

/// The namespace that an Application applies into must be there, unless Argo CD makes it.
fn destination(world: &World<'_>, application: Node<'_>, findings: &mut Findings<'_, '_>) {
    let options = application.list("/spec/syncPolicy/syncOptions");
    let namespace = End {
        group: "",
        kind: "Namespace",
        namespace: "",
        name: application.text("/spec/destination/namespace").unwrap_or_default(),
    };
    // Elsewhere it is on another cluster than the Application.
    if world.is_built() && !options.iter().any(|option| option == "CreateNamespace=true") && !world.exists(namespace) {
        findings.missing(application, "/spec/destination/namespace", namespace);
    }
}
