//! `formwork validate`: any manifests, whoever wrote them.

use std::io::{IsTerminal, Read};
use std::path::PathBuf;
use std::time::Instant;

use clap::Args;
use serde_json::json;

use super::{CLEAN, Common, DENIED, FormatArgument, UNUSABLE, output, say};
use crate::diagnostic::{Finding, Level, Source};
use crate::policy::RULES;
use crate::report::{self, Format};
use crate::review::{self, Manifest};
use crate::schema::Schemas;
use crate::text::KubernetesVersion;
use crate::workspace::{self, Document};

/// The name of standard input.
const STANDARD_INPUT: &str = "-";

const AFTER_HELP: &str = "\
Without `--policies` nothing is denied but what an API server refuses; with it, the rules of the house hold as well.

In folders, files `*.yaml`, `*.yml` and `*.json` are read as the tools of Kubernetes read them (YAML 1.1: `no` is false);
hidden entries are left out. Files without `apiVersion` and `kind`, templates of charts, and what a kustomization names as
patches are passed over, which is said. A file that is given by name must hold manifests. A file may have 16 MiB.";

/// What is held against what.
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct Arguments {
    /// Files, folders, or `-` for standard input
    #[arg(required = true)]
    paths: Vec<PathBuf>,
    /// The folder of admission policies and their bindings; the rules of the house hold only with it
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
    let started = Instant::now();
    let mut findings = Vec::new();
    let (input, files): (Vec<PathBuf>, Vec<PathBuf>) = arguments
        .paths
        .iter()
        .cloned()
        .partition(|path| path.as_os_str() == STANDARD_INPUT);
    let text = match input.is_empty() {
        true => None,
        false => standard_input().map_err(|finding| findings.push(*finding)).ok(),
    };
    let version = arguments.kubernetes_version.clone();
    let mut schemas = Schemas::new(&version.unwrap_or_else(KubernetesVersion::newest));
    let input = review::read(&files, text, &schemas);
    findings.extend(input.findings);
    add_crds(arguments, &input.manifests, &mut schemas, &mut findings);
    let admission = compile(arguments.policies.as_ref(), &input.manifests, &mut findings);
    // The rules of the house are a wish, not what a server refuses.
    let rules = if arguments.policies.is_some() { RULES } else { &[] };
    let base = common
        .base
        .as_ref()
        .map(|folder| stored(folder, &schemas, &mut findings));
    let judges = review::Judges {
        schemas: &schemas,
        policies: &admission,
        rules,
        base: base.as_deref().unwrap_or_default(),
    };
    findings.extend(review::review(&input.manifests, &judges));
    report::sort(&mut findings);
    let unknown = |finding: &&Finding| finding.code == "unknown-object-kind";
    let counts = Counts {
        files: input.files,
        objects: input.manifests.len(),
        unknown_kinds: findings.iter().filter(unknown).count(),
    };
    print(common, &findings, &counts, started);
    match findings.iter().map(|finding| finding.level).min() {
        Some(Level::Error) => UNUSABLE,
        Some(Level::Deny) => DENIED,
        _ => CLEAN,
    }
}

/// The manifests of an earlier state, which are compared with but not judged.
fn stored(folder: &str, schemas: &Schemas, findings: &mut Vec<Finding>) -> Vec<Manifest> {
    let input = review::read(&[PathBuf::from(folder)], None, schemas);
    findings.extend(input.findings);
    input.manifests
}

/// What was looked at.
struct Counts {
    files: usize,
    objects: usize,
    unknown_kinds: usize,
}

fn standard_input() -> Result<Source, Box<Finding>> {
    let mut bytes = Vec::new();
    let limit = workspace::MAXIMUM_MANIFEST_SIZE;
    let refuse = |code: &'static str, message: String| Finding::error(code, message);
    if let Err(error) = std::io::stdin().lock().take(limit + 1).read_to_end(&mut bytes) {
        let message = format!("standard input cannot be read: {}", error.kind());
        return Err(Box::new(
            refuse("unreadable-file", message).help("pipe YAML or JSON into the command"),
        ));
    }
    if bytes.len() as u64 > limit {
        let message = format!("standard input holds more than {limit} bytes");
        return Err(Box::new(refuse("file-too-large", message).help("pipe it in parts")));
    }
    let text = String::from_utf8(bytes).map_err(|error| {
        let message = format!(
            "byte {} of standard input is not UTF-8",
            error.utf8_error().valid_up_to()
        );
        Box::new(refuse("not-utf8", message).help("pipe YAML or JSON into the command"))
    })?;
    let text = text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text);
    let path = "<stdin>".to_owned();
    Ok(Source { path, text })
}

/// Adds the kinds of definitions, and those that the manifests define themselves.
fn add_crds(arguments: &Arguments, manifests: &[Manifest], schemas: &mut Schemas, findings: &mut Vec<Finding>) {
    let (definitions, complaints) = review::documents(arguments.crds.as_slice());
    findings.extend(complaints);
    for document in definitions {
        let wrong = schemas.add_crds(std::slice::from_ref(&document.value));
        let at = |finding: Finding| finding.at(document.locate("/metadata/name"));
        findings.extend(wrong.into_iter().map(at));
    }
    for manifest in manifests.iter().filter(|manifest| is_definition(manifest)) {
        let wrong = schemas.add_crds(std::slice::from_ref(&manifest.object.value));
        findings.extend(wrong.into_iter().map(|finding| Finding {
            // The server refuses it, and the other manifests can be judged all the same.
            level: Level::Deny,
            ..finding.at(manifest.locate_key("/metadata/name"))
        }));
    }
}

/// Whether an object is a definition of a version that is still served, with all that makes one.
fn is_definition(manifest: &Manifest) -> bool {
    let object = &manifest.object;
    object.kind == "CustomResourceDefinition"
        && object.api_version == "apiextensions.k8s.io/v1"
        && object.value.get("spec").is_some()
}

/// The admission policies of a folder; what else lies there is about environments. Their parameters may lie there too, or
/// be among the manifests.
fn compile(folder: Option<&PathBuf>, manifests: &[Manifest], findings: &mut Vec<Finding>) -> review::Policies {
    let Some(folder) = folder else {
        return review::Policies::compile(Vec::new()).0;
    };
    let (documents, complaints) = review::documents(std::slice::from_ref(folder));
    findings.extend(complaints);
    let is_plain = |document: &Document| {
        let version = document.value.get("apiVersion").and_then(|version| version.as_str());
        version.is_some_and(|version| !version.starts_with("formwork/"))
    };
    let is_policy = |manifest: &&Manifest| manifest.object.kind.starts_with("ValidatingAdmissionPolicy");
    let mut documents: Vec<Document> = documents.into_iter().filter(is_plain).collect();
    documents.extend(
        manifests
            .iter()
            .filter(|manifest| !is_policy(manifest))
            .map(Manifest::document),
    );
    let (policies, complaints) = review::Policies::compile(documents);
    findings.extend(complaints);
    policies
}

fn print(common: &Common, findings: &[Finding], counts: &Counts, started: Instant) {
    let Counts {
        files,
        objects,
        unknown_kinds,
    } = counts;
    if common.format != FormatArgument::Text {
        let summary = json!({ "files": files, "objects": objects, "unknownKinds": unknown_kinds });
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
        say(sentence(findings, counts, started));
    }
}

/// The last line: what was looked at and what came of it. How long it took is for people only.
fn sentence(findings: &[Finding], counts: &Counts, started: Instant) -> String {
    let plural = |count: usize, one: &str| match count {
        1 => format!("1 {one}"),
        _ => format!("{count} {one}s"),
    };
    let is_refused = findings.iter().any(|finding| finding.level <= Level::Deny);
    let verdict = if is_refused { "refused" } else { "accepted" };
    let mut parts = vec![
        format!(
            "{} in {}: {verdict}",
            plural(counts.objects, "object"),
            plural(counts.files, "file")
        ),
        plural(findings.len(), "finding"),
    ];
    if counts.unknown_kinds > 0 {
        parts.push(plural(counts.unknown_kinds, "unknown kind"));
    }
    if std::io::stderr().is_terminal() {
        parts.push(format!("{:.1} s", started.elapsed().as_secs_f64()));
    }
    parts.join(", ")
}
