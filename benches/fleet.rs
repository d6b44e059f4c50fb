//! The steps of a compilation, each by itself and in memory: `cargo bench --bench fleet`.
//!
//! What whole processes take, disk and all, is printed by `cargo run --release --example measure`.

#![expect(
    clippy::expect_used,
    reason = "a benchmark that cannot be set up has nothing to measure"
)]

#[path = "../examples/fleet/make.rs"]
mod make;

use std::path::{Path, PathBuf};

use divan::counter::{BytesCount, ItemsCount};
use divan::{Bencher, black_box};
use formwork::admission::{Operation, Policies, Request, Resources};
use formwork::blueprint::{COMPONENTS, Unit, assemble, edges};
use formwork::manifest::{Judged, Object};
use formwork::model::{Fleet, resolve};
use formwork::policy::{RULES, judge};
use formwork::text::Date;
use formwork::validate::Servers;
use formwork::workspace::{Workspace, load};
use formwork::{Compiler, defaults, emit};
use serde_json::Value;

fn main() {
    divan::main();
}

/// The fleet's workspace on the disk.
fn folder(size: usize) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("bench-{size}"));
    // It may be there from an earlier run, made from other originals.
    let _ = std::fs::remove_dir_all(&folder);
    make::make(size, &folder).expect("the folder can be written");
    folder
}

fn documents(size: usize) -> Workspace {
    load(&folder(size), &["environments", "policies"]).0
}

fn today() -> Date {
    "2026-11-22".parse().expect("this is a date")
}

fn fleet(size: usize) -> Fleet {
    resolve(&documents(size), &today()).0.expect("the fleet has a platform")
}

/// The first environment of the fleet, and its objects.
fn environment() -> (Unit, Vec<Object>) {
    let unit = Unit::Environment(fleet(1).environments.remove(0));
    let objects = assemble(&unit, COMPONENTS);
    (unit, objects)
}

/// The admission policies of this repository.
fn house() -> Policies {
    let mut documents = load(Path::new(env!("CARGO_MANIFEST_DIR")), &["policies"]).0.documents;
    let is_policy = |kind: &str| kind.starts_with("ValidatingAdmissionPolicy");
    documents.retain(|document| document.value["kind"].as_str().is_some_and(is_policy));
    Policies::compile(&documents, &Resources::default()).0
}

fn bytes(files: &[emit::File]) -> usize {
    files.iter().map(|file| file.text.len()).sum()
}

#[divan::bench(args = [1, 100])]
fn load_documents(bencher: Bencher<'_, '_>, size: usize) {
    let folder = folder(size);
    let bytes: usize = documents(size)
        .documents
        .iter()
        .map(|document| document.source.text.len())
        .sum();
    bencher
        .counter(ItemsCount::new(size))
        .counter(BytesCount::new(bytes))
        .bench(|| load(&folder, &["environments", "policies"]));
}

#[divan::bench(args = [1, 100])]
fn resolve_fleet(bencher: Bencher<'_, '_>, size: usize) {
    let (workspace, today) = (documents(size), today());
    bencher
        .counter(ItemsCount::new(size))
        .bench(|| resolve(&workspace, &today));
}

#[divan::bench]
fn assemble_environment(bencher: Bencher<'_, '_>) {
    let (unit, objects) = environment();
    bencher
        .counter(ItemsCount::new(objects.len()))
        .bench(|| assemble(black_box(&unit), COMPONENTS));
}

#[divan::bench]
fn judge_environment(bencher: Bencher<'_, '_>) {
    let (unit, objects) = environment();
    let edges = edges(&unit, COMPONENTS);
    bencher
        .counter(ItemsCount::new(objects.len()))
        .bench(|| judge(unit.environment(), black_box(&objects), &edges, RULES));
}

/// Counts pairs of an object and a policy.
#[divan::bench]
fn judge_policies(bencher: Bencher<'_, '_>) {
    let policies = house();
    let mut objects: Vec<Value> = environment().1.into_iter().map(|object| object.value).collect();
    objects.iter_mut().for_each(defaults::apply);
    let namespace = objects.iter().find(|object| object["kind"] == "Namespace");
    let judge = |object| {
        let operation = Operation::Create;
        policies.judge(&Request {
            operation,
            object,
            old: None,
            namespace,
        })
    };
    bencher
        .counter(ItemsCount::new(objects.len() * policies.len()))
        .bench(|| {
            black_box(&objects)
                .iter()
                .map(|object| judge(object).len())
                .sum::<usize>()
        });
}

#[divan::bench]
fn validate_environment(bencher: Bencher<'_, '_>) {
    let (unit, objects) = environment();
    let servers = Servers::new(&fleet(1)).0;
    let mut completed: Vec<Value> = objects.iter().map(|object| object.value.clone()).collect();
    completed.iter_mut().for_each(defaults::apply);
    let stored = vec![None; objects.len()];
    let judged = Judged {
        objects: &objects,
        completed: &completed,
        stored: &stored,
    };
    bencher
        .counter(ItemsCount::new(objects.len()))
        .bench(|| servers.check(&unit, black_box(judged)));
}

#[divan::bench]
fn render_environment(bencher: Bencher<'_, '_>) {
    let (unit, objects) = environment();
    let folder = unit.folder();
    let bytes = bytes(&emit::render(&folder, &objects));
    let counted = bencher
        .counter(ItemsCount::new(objects.len()))
        .counter(BytesCount::new(bytes));
    counted.bench(|| emit::render(&folder, black_box(&objects)));
}

#[divan::bench]
fn compile_environment(bencher: Bencher<'_, '_>) {
    let (unit, objects) = environment();
    let compiler = Compiler::default();
    let fleet = fleet(1);
    let judges = compiler.judges(&fleet).0;
    let bytes = bytes(&compiler.render(&unit));
    let counted = bencher
        .counter(ItemsCount::new(objects.len()))
        .counter(BytesCount::new(bytes));
    counted.bench(|| compiler.compile_unit(black_box(&unit), &judges, &|_| None));
}

#[divan::bench]
fn compile_fleet_of_100(bencher: Bencher<'_, '_>) {
    let fleet = fleet(100);
    let compiler = Compiler::default();
    let files = compiler.compile(&fleet).0;
    let bytes: usize = files.values().map(String::len).sum();
    let counted = bencher
        .counter(ItemsCount::new(files.len()))
        .counter(BytesCount::new(bytes));
    counted.bench(|| compiler.compile(black_box(&fleet)));
}
