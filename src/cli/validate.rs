//! `formwork validate`: any manifests, whoever wrote them.

use std::io::Read;
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use serde_json::json;

use super::{CLEAN, Common, DENIED, FormatArgument, UNUSABLE, output, say};
use crate::diagnostic::{Finding, Level, Source};
use crate::policy::RULES;
use crate::report::{self, Format};
use crate::review;
use crate::schema::Schemas;
use crate::text::KubernetesVersion;
use crate::workspace::{self, Document};

/// The name of standard input.
const STANDARD_INPUT: &str = "-";

/// What is held against what.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Files, folders, or `-` for standard input
    #[arg(required = true)]
    paths: Vec<PathBuf>,
    /// The folder of admission policies and their bindings
    #[arg(long, value_name = "DIR")]
    policies: Option<PathBuf>,
    /// The folder of CustomResourceDefinitions; those among the manifests count without it
    #[arg(long, value_name = "DIR")]
    crds: Option<PathBuf>,
    /// The version of Kubernetes whose fields are known; the newest when absent
    #[arg(long, value_name = "VERSION")]
    kubernetes_version: Option<KubernetesVersion>,
}

pub(super) fn run(common: &Common, arguments: &Arguments) -> u8 {
    let (mut documents, mut findings) = (Vec::new(), Vec::new());
    let (input, files): (Vec<PathBuf>, Vec<PathBuf>) = arguments
        .paths
        .iter()
        .cloned()
        .partition(|path| path.as_os_str() == STANDARD_INPUT);
    if !input.is_empty() {
        match standard_input() {
            Some(source) => {
                let (read, complaints) = workspace::parse(&Arc::new(source));
                documents.extend(read);
                findings.extend(complaints);
            }
            None => findings.push(
                Finding::error("not-utf8", "standard input is not UTF-8").help("pipe YAML or JSON into the command"),
            ),
        }
    }
    let (read, complaints) = workspace::load_manifests(&files);
    documents.extend(read);
    findings.extend(complaints);
    let admission = compile(arguments.policies.as_ref(), &documents, &mut findings);
    let (manifests, complaints) = review::manifests(&documents);
    findings.extend(complaints);
    let schemas = schemas(arguments, &documents, &mut findings);
    let base = common.base.as_ref().map(|folder| stored(folder, &mut findings));
    let judges = review::Judges {
        schemas: &schemas,
        policies: &admission,
        rules: RULES,
        base: base.as_deref().unwrap_or_default(),
    };
    findings.extend(review::review(&manifests, &judges));
    report::sort(&mut findings);
    print(common, &findings, manifests.len());
    match findings.iter().map(|finding| finding.level).min() {
        Some(Level::Error) => UNUSABLE,
        Some(Level::Deny) => DENIED,
        _ => CLEAN,
    }
}

/// The manifests of an earlier state, which are compared with but not judged.
fn stored(folder: &str, findings: &mut Vec<Finding>) -> Vec<review::Manifest> {
    let (documents, complaints) = workspace::load_manifests(&[PathBuf::from(folder)]);
    findings.extend(complaints);
    review::manifests(&documents).0
}

fn standard_input() -> Option<Source> {
    let mut text = String::new();
    let limit = workspace::MAXIMUM_FILE_SIZE;
    std::io::stdin().lock().take(limit).read_to_string(&mut text).ok()?;
    let path = "<stdin>".to_owned();
    Some(Source { path, text })
}

/// The kinds of a version, those of definitions, and those that the manifests define themselves.
fn schemas(arguments: &Arguments, manifests: &[Document], findings: &mut Vec<Finding>) -> Schemas {
    let version = arguments.kubernetes_version.clone();
    let mut schemas = Schemas::new(&version.unwrap_or_else(KubernetesVersion::newest));
    let (definitions, complaints) = workspace::load_manifests(arguments.crds.as_slice());
    findings.extend(complaints);
    for document in definitions.iter().chain(manifests) {
        let wrong = schemas.add_crds(std::slice::from_ref(&document.value));
        findings.extend(
            wrong
                .into_iter()
                .map(|finding| finding.at(document.locate("/metadata/name"))),
        );
    }
    schemas
}

/// The admission policies of a folder; what else lies there is about environments. Their parameters may lie there too, or
/// be among the manifests.
fn compile(folder: Option<&PathBuf>, manifests: &[Document], findings: &mut Vec<Finding>) -> review::Policies {
    let (documents, complaints) = folder.map_or_else(Default::default, |folder| {
        workspace::load_manifests(std::slice::from_ref(folder))
    });
    findings.extend(complaints);
    let is_plain = |document: &Document| {
        let version = document.value.get("apiVersion").and_then(|version| version.as_str());
        version.is_some_and(|version| !version.starts_with("formwork/"))
    };
    let is_policy = |document: &Document| {
        let kind = document.value.get("kind").and_then(|kind| kind.as_str());
        kind.is_some_and(|kind| kind.starts_with("ValidatingAdmissionPolicy"))
    };
    let mut documents: Vec<Document> = documents.into_iter().filter(is_plain).collect();
    documents.extend(manifests.iter().filter(|document| !is_policy(document)).cloned());
    let (policies, complaints) = review::Policies::compile(documents);
    findings.extend(complaints);
    policies
}

fn print(common: &Common, findings: &[Finding], objects: usize) {
    if common.format != FormatArgument::Text {
        let summary = json!({ "objects": objects });
        let summary = summary.as_object().cloned().unwrap_or_default();
        output(&report::write(
            common.format.into(),
            findings,
            &summary,
            report::Options::default(),
        ));
        return;
    }
    if !findings.is_empty() {
        let options = report::Options {
            color: true,
            ..Default::default()
        };
        say(report::write(Format::Text, findings, &Default::default(), options).trim_end());
    }
    if !common.quiet {
        let worst = findings.iter().map(|finding| finding.level).min();
        let verdict = if worst.is_some_and(|level| level <= Level::Deny) {
            "refused"
        } else {
            "accepted"
        };
        say(format!("{objects} objects: {verdict}"));
    }
}
