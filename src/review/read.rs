//! Which documents of some files are manifests, and which are read by other tools.
//!
//! In a folder, what is no manifest is passed over and said in one line each: values, workflows, templates, what belongs to
//! kustomize. A file that is given by name must hold manifests.

use std::collections::{BTreeMap, BTreeSet};
use std::mem;
use std::path::PathBuf;
use std::sync::Arc;

use rayon::prelude::*;
use serde_json::Value;

use super::{Manifest, kustomize};
use crate::diagnostic::{Finding, Level, Source};
use crate::manifest::Object;
use crate::schema::Schemas;
use crate::workspace::{self, Document, ManifestFile};

/// What was read.
#[derive(Debug, Default)]
pub struct Input {
    /// The objects, in the order of their files.
    pub manifests: Vec<Manifest>,
    /// What could not be read, and what was passed over.
    pub findings: Vec<Finding>,
    /// How many files hold manifests.
    pub files: usize,
}

/// Reads the manifests of files and folders, and of a text that came otherwise; lists of objects are opened.
pub fn read(paths: &[PathBuf], text: Option<Source>, schemas: &Schemas) -> Input {
    let mut input = Input::default();
    let mut passed: BTreeMap<Reason, Vec<String>> = BTreeMap::new();
    let given = text.map(|source| File::parse(Arc::new(source), true));
    let files: Vec<File> = given.into_iter().chain(read_files(paths)).collect();
    let tuning = kustomize::inputs(files.iter().flat_map(|file| &file.documents));
    for mut file in files {
        let is_tuning = !file.is_named && kustomize::is_below(&tuning, &file.path);
        let reason = if is_tuning {
            Some(Reason::Kustomize)
        } else {
            file.reason
        };
        if let Some(reason) = reason.or_else(|| (!file.is_named).then(|| file.without_manifest())?) {
            passed.entry(reason).or_default().push(file.path);
            continue;
        }
        let before = input.manifests.len();
        for document in mem::take(&mut file.documents) {
            let reason = match &document {
                document if kustomize::is_kustomization(document) => Some(Reason::Kustomize),
                document if document.value.pointer("/sops/mac").is_some() => Some(Reason::Encrypted),
                _ => None,
            };
            match reason {
                Some(reason) => passed.entry(reason).or_default().push(file.path.clone()),
                None => open(document, file.is_named, schemas, &mut input),
            }
        }
        input.findings.append(&mut file.findings);
        input.files += usize::from(input.manifests.len() > before);
    }
    input
        .findings
        .extend(passed.into_iter().map(|(reason, paths)| reason.say(&paths)));
    input
}

/// Reads the documents of files and folders, whatever they are; templates and texts without any manifest are passed over.
pub fn documents(paths: &[PathBuf]) -> (Vec<Document>, Vec<Finding>) {
    let files = read_files(paths).into_iter();
    let (documents, findings): (Vec<_>, Vec<_>) = files.map(|file| (file.documents, file.findings)).unzip();
    let documents = documents.into_iter().flatten().collect();
    (documents, findings.into_iter().flatten().collect())
}

fn read_files(paths: &[PathBuf]) -> Vec<File> {
    let files = workspace::manifest_files(paths);
    let charts: BTreeSet<&str> = files
        .iter()
        .filter_map(|file| file.path.strip_suffix("/Chart.yaml"))
        .collect();
    files.par_iter().map(|file| File::read(file, &charts)).collect()
}

/// Why a file was passed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Reason {
    NoManifest,
    Template,
    Kustomize,
    Encrypted,
}

impl Reason {
    fn say(self, paths: &[String]) -> Finding {
        let shown: Vec<String> = paths.iter().take(3).map(|path| format!("`{path}`")).collect();
        let more = match paths.len() - shown.len() {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let (one, many, help) = match self {
            Self::NoManifest => (
                "file holds no manifest",
                "files hold no manifest",
                "a manifest has `apiVersion` and `kind`",
            ),
            Self::Template => (
                "file is a template",
                "files are templates",
                "render it and validate the result: `helm template … | formwork validate -`",
            ),
            Self::Kustomize => (
                "file is input of kustomize",
                "files are input of kustomize",
                "build it and validate the result: `kustomize build … | formwork validate -`",
            ),
            Self::Encrypted => (
                "file is encrypted by SOPS",
                "files are encrypted by SOPS",
                "decrypt it and validate the result: `sops decrypt … | formwork validate -`",
            ),
        };
        let what = if paths.len() == 1 { one } else { many };
        let message = format!("{} {what} and was passed over: {}{more}", paths.len(), shown.join(", "));
        let message = if paths.len() == 1 {
            message
        } else {
            message.replacen("and was passed", "and were passed", 1)
        };
        Finding::new("not-a-manifest", Level::Audit, message).help(help)
    }
}

/// One file, as far as it was read.
struct File {
    path: String,
    is_named: bool,
    documents: Vec<Document>,
    findings: Vec<Finding>,
    reason: Option<Reason>,
}

impl File {
    fn read(file: &ManifestFile, charts: &BTreeSet<&str>) -> Self {
        let passed = |reason| Self {
            path: file.path.clone(),
            is_named: file.is_named,
            documents: Vec::new(),
            findings: Vec::new(),
            reason,
        };
        if !file.is_named && is_template_of(charts, &file.path) {
            return passed(Some(Reason::Template));
        }
        match file.read() {
            Ok(source) if !file.is_named && !may_hold_manifests(&source) => passed(Some(Reason::NoManifest)),
            Ok(source) => Self::parse(source, file.is_named),
            Err(finding) => Self {
                findings: vec![*finding],
                ..passed(None)
            },
        }
    }

    fn parse(source: Arc<Source>, is_named: bool) -> Self {
        let (documents, findings) = workspace::parse_manifests(&source);
        let path = source.path.clone();
        let is_template = !findings.is_empty() && (source.text.contains("{{") || source.text.contains("{%"));
        let mut file = Self {
            path,
            is_named,
            documents,
            findings,
            reason: None,
        };
        if is_template {
            file.documents.clear();
            match is_named {
                true => {
                    let place = file.findings.first().and_then(|finding| finding.location.clone());
                    let mut finding = Finding::error("not-a-manifest", "this is a template of manifests")
                        .help("render it and validate the result: `helm template … | formwork validate -`");
                    finding.location = place;
                    file.findings = vec![finding];
                }
                false => {
                    file.findings.clear();
                    file.reason = Some(Reason::Template);
                }
            }
        }
        file
    }

    /// Whether no document is a manifest, or was meant to be one.
    fn without_manifest(&self) -> Option<Reason> {
        let is_meant = |document: &Document| {
            let has = |field: &str| document.value.get(field).is_some_and(Value::is_string);
            match (has("apiVersion"), has("kind")) {
                (true, true) => true,
                (false, false) => false,
                _ => document.value.get("metadata").is_some_and(Value::is_object),
            }
        };
        let is_none = self.findings.is_empty() && !self.documents.iter().any(is_meant);
        is_none.then_some(Reason::NoManifest)
    }
}

/// Whether a file is one of the templates of a chart that lies there too.
fn is_template_of(charts: &BTreeSet<&str>, path: &str) -> bool {
    let folders = path.match_indices("/templates/");
    folders
        .into_iter()
        .any(|(at, _)| path.get(..at).is_some_and(|chart| charts.contains(chart)))
}

/// Whether a text has the words that every manifest has; most files of a repository have not, and need not be read.
fn may_hold_manifests(source: &Source) -> bool {
    let has = |word: &str| source.text.contains(word);
    let file = source.path.rsplit('/').next().unwrap_or_default();
    has("apiVersion") || (has("kind") && has("metadata")) || kustomize::is_file(file)
}

/// Takes the objects out of a document.
fn open(mut document: Document, is_named: bool, schemas: &Schemas, input: &mut Input) {
    let value = Arc::unwrap_or_clone(mem::take(&mut document.value));
    let mut objects = Vec::new();
    flatten(value, String::new(), &mut objects);
    for (pointer, value) in objects {
        match object(value) {
            Ok(object) => input.manifests.push(Manifest {
                object,
                document: document.clone(),
                pointer,
            }),
            Err(value) => {
                // Settings of programs look like objects but have no name: those of kubelets, of `kind`, of kubectl. Reviews
                // of access are answered and not stored.
                let is_setting = text(&value, "apiVersion")
                    .zip(text(&value, "kind"))
                    .is_some_and(|(version, kind)| kind.ends_with("Review") || schemas.find(version, kind).is_none());
                if is_named || !is_setting {
                    input.findings.push(refuse(&value).at(document.locate(&pointer)));
                }
            }
        }
    }
}

/// Opens lists. An item of a list of one kind need not say which.
fn flatten(mut value: Value, pointer: String, objects: &mut Vec<(String, Value)>) {
    let kind = text(&value, "kind")
        .and_then(|kind| kind.strip_suffix("List"))
        .map(str::to_owned);
    let is_named = value.pointer("/metadata/name").is_some();
    let version = value.get("apiVersion").cloned();
    match (kind, value.get_mut("items").map(Value::take)) {
        (Some(kind), Some(Value::Array(items))) if !is_named => {
            for (index, mut item) in items.into_iter().enumerate() {
                if let Value::Object(fields) = &mut item
                    && !kind.is_empty()
                    && let Some(version) = &version
                {
                    fields.entry("apiVersion").or_insert_with(|| version.clone());
                    fields.entry("kind").or_insert_with(|| Value::from(kind.as_str()));
                }
                flatten(item, format!("{pointer}/items/{index}"), objects);
            }
        }
        (Some(_), Some(Value::Null)) if !is_named => {}
        (_, items) => {
            if let (Some(items), Some(fields)) = (items, value.as_object_mut()) {
                fields.insert("items".to_owned(), items);
            }
            objects.push((pointer, value));
        }
    }
}

/// The object that a value is; its name may be the beginning of one that the server makes up.
fn object(value: Value) -> Result<Object, Value> {
    let name = |field: &str| value.get("metadata").and_then(|metadata| text(metadata, field));
    let parts = text(&value, "apiVersion")
        .zip(text(&value, "kind"))
        .zip(name("name").or_else(|| name("generateName")));
    match parts.map(|((version, kind), name)| [version, kind, name].map(str::to_owned)) {
        Some([api_version, kind, object_name]) => Ok(Object {
            api_version,
            kind,
            namespace: name("namespace").map(str::to_owned),
            name: object_name,
            component: "".into(),
            value,
        }),
        None => Err(value),
    }
}

fn refuse(value: &Value) -> Finding {
    let lacks = if text(value, "apiVersion").is_none() {
        "`apiVersion`"
    } else if text(value, "kind").is_none() {
        "`kind`"
    } else {
        "`metadata.name`"
    };
    let message = format!("a manifest has `apiVersion`, `kind` and `metadata.name`; here is no {lacks}");
    Finding::error("not-a-manifest", message).help(format!("add {lacks}, or leave the document out"))
}

fn text<'v>(value: &'v Value, field: &str) -> Option<&'v str> {
    value.get(field)?.as_str()
}
