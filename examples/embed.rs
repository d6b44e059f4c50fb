//! Formwork inside another program: documents, a component and a rule of its own, compiled in memory.
//!
//! It prints the paths of the tree and what the rules say of it: `cargo run --example embed`.

#![expect(clippy::print_stdout, reason = "this is a program")]

use std::process::ExitCode;

use formwork::Compiler;
use formwork::blueprint::{Build, Component, Place};
use formwork::diagnostic::Level;
use formwork::kinds::ConfigMap;
use formwork::manifest::Object;
use formwork::model::{Environment, resolve};
use formwork::policy::{Check, Findings, Rule};
use formwork::report::{self, Format};
use formwork::text::{Date, TextError};
use formwork::words::{default, map, some};
use formwork::workspace::{Document, Workspace};
use serde_json::{Map, Value, json};

/// Tells the pods of every environment whom to call.
const SUPPORT: Component = Component {
    name: "support",
    summary: "whom to call about an environment",
    build: Build::Environment(support),
    edges: Component::NO_EDGES,
    after: &["namespace"],
};

fn support(at: &Place, environment: &Environment) -> Vec<Object> {
    let tenant = &environment.tenant.spec;
    let contact = ConfigMap {
        metadata: at.meta("support"),
        data: some(map([
            ("customer", &tenant.display_name),
            ("mail", tenant.owner.as_str()),
        ])),
        ..default()
    };
    vec![contact.into()]
}

/// Live environments without a business calendar would be upgraded at any hour.
const NO_CALENDAR: Rule = Rule {
    id: "no-calendar",
    title: "a live environment has no business calendar",
    why: "Nobody knows when its users can do without it.",
    fix: "set `calendar` on the tenant",
    references: &[],
    bad: "kind: Tenant\nspec: {displayName: Halvorsen Bygg AS}",
    good: "kind: Tenant\nspec: {displayName: Halvorsen Bygg AS, calendar: construction}",
    level: Level::Warn,
    check: Check::Environment(calendar),
};

fn calendar(environment: &Environment, findings: &mut Findings<'_>) {
    if environment.spec.tier.is_live() && environment.calendar.is_none() {
        findings.setting("/calendar", format!("`{}` has no business calendar", environment.id()));
    }
}

fn main() -> Result<ExitCode, TextError> {
    let mut compiler = Compiler::default();
    compiler.components.push(SUPPORT);
    compiler.rules.push(NO_CALENDAR);
    // The day is an argument, so that the same input gives the same verdict tomorrow.
    let today: Date = "2026-11-22".parse()?;
    let (fleet, mut findings) = resolve(&workspace(), &today);
    if let Some(fleet) = fleet {
        let (files, complaints) = compiler.compile(&fleet);
        findings.extend(complaints);
        files.keys().for_each(|path| println!("{path}"));
    }
    report::sort(&mut findings);
    println!("{}", report::write(Format::Text, &findings, &default(), default()));
    let denied = findings.iter().any(|finding| finding.level <= Level::Deny);
    Ok(if denied { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

const ADD_ONS: [&str; 8] = [
    "traefik",
    "cert-manager",
    "cloudnative-pg",
    "barman-cloud",
    "external-secrets",
    "keda",
    "prometheus",
    "blackbox-exporter",
];

/// One customer on one cluster; a program of yours would read them from its own records.
fn workspace() -> Workspace {
    let document = |kind: &str, name: &str, spec: Value| {
        let value = json!({"apiVersion": "formwork/v1alpha1", "kind": kind, "metadata": {"name": name}, "spec": spec});
        Document::from_value(&format!("{kind}/{name}"), value)
    };
    let chart = |name: &str| json!({"repository": "https://charts.example.com", "chart": name, "version": "1.0.0"});
    let image = |name: &str| format!("registry.example.com/{name}@sha256:{}", "a1".repeat(32));
    let charts: Map<String, Value> = ADD_ONS.map(|name| (name.to_owned(), chart(name))).into_iter().collect();
    Workspace::new(vec![
        document(
            "Platform",
            "erp",
            json!({
                "repository": {"url": "https://git.example.com/erp.git"},
                "registries": ["registry.example.com/"],
                "images": {"postgresql": {"17": image("postgresql:17.6")}, "valkey": image("valkey:8.1.4"), "valkeyExporter": image("exporter:1.88.0")},
                "charts": charts,
                "runbooks": "https://git.example.com/erp/runbooks",
            }),
        ),
        document(
            "Cluster",
            "main",
            json!({
                "region": "eu-central-1",
                "zones": ["eu-central-1a", "eu-central-1b", "eu-central-1c"],
                "kubernetesVersion": "1.36",
                "domain": "erp.example.com",
                "gitops": {"engine": "flux"},
                "storageClasses": {"database": "fast", "shared": "shared", "general": "standard"},
                "objectStorage": {"backend": "existing", "endpoint": "https://s3.example.com", "region": "eu", "prefix": "erp", "networks": ["203.0.113.0/24"]},
                "secretStores": [{"name": "vault", "tiers": ["production"]}],
                "issuers": [{"name": "letsencrypt", "server": "https://acme-v02.api.letsencrypt.org/directory", "email": "it@example.com", "dns01": {"webhook": {"groupName": "acme.example.com", "solverName": "example"}}}],
                "addOns": ADD_ONS,
                "network": {"apiServer": ["10.96.0.1/32"], "private": ["10.0.0.0/8"]},
            }),
        ),
        document(
            "Release",
            "odoo-19",
            json!({"odoo": "19.0", "image": image("odoo:19.0"), "modules": ["base", "account"]}),
        ),
        document(
            "Tenant",
            "alder",
            json!({"displayName": "Alder Bau", "costCentre": "4100", "owner": "it@alder.example", "domains": ["alder.example"]}),
        ),
        document(
            "Environment",
            "production",
            json!({"tenant": "alder", "tier": "production", "cluster": "main", "release": "odoo-19", "users": 80}),
        ),
    ])
}
