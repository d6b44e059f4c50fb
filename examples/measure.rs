//! Measures the program on fleets of 1 to 1,000 environments: `cargo run --release --example measure [-- N…]`.
//!
//! Each number is that of a whole process: the fastest of some runs, as others only say what else the machine did.
//! `cp -r` of the same tree shows what the disk alone takes.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "this is a program")]

#[path = "fleet/make.rs"]
mod make;

use std::error::Error;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant, SystemTime};

use serde_json::Value;
use wait4::Wait4;

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

const RUNS: usize = 3;
const SIZES: [usize; 4] = [1, 10, 100, 1000];
/// Warnings expire with the calendar; the fleet is measured on the day that it was written for.
const TODAY: &str = "2026-11-22";

fn main() -> ExitCode {
    match measure_all() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn measure_all() -> Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let given = std::env::args()
        .skip(1)
        .map(|size| size.parse())
        .collect::<std::result::Result<Vec<usize>, _>>()?;
    let sizes = if given.is_empty() { SIZES.to_vec() } else { given };
    let built = Command::new(env!("CARGO"))
        .args(["build", "--release", "--quiet"])
        .current_dir(root)
        .status()?;
    // The program lies beside the folder of examples.
    let here = std::env::current_exe()?;
    let program = here
        .ancestors()
        .nth(2)
        .map(|folder| folder.join("formwork"))
        .filter(|_| built.success());
    let program = program.ok_or("the program does not build")?;
    println!(
        "{:>5} {:<26}{:>9}{:>9}{:>9}{:>10}{:>8}{:>8}",
        "", "", "wall ms", "CPU ms", "ms/env", "objects/s", "MB/s", "peak MB"
    );
    for size in sizes {
        measure(size, &program, &root.join("target/tmp").join(format!("fleet-{size}")))?;
    }
    Ok(())
}

/// Prints the lines of one fleet.
fn measure(size: usize, program: &Path, folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    let document = make::make(size, folder)?;
    let generated = folder.join("generated");
    let run = |arguments: &[&str]| {
        let mut command = Command::new(program);
        command
            .arg("--root")
            .arg(folder)
            .args(["--today", TODAY, "--format", "json"])
            .args(arguments);
        Run::of(&mut command)
    };
    let fastest = |before: &dyn Fn() -> Result<()>, arguments: &[&str]| -> Result<Run> {
        let runs = (0..RUNS).map(|_| before().and_then(|()| run(arguments)));
        let runs: Vec<Run> = runs.collect::<Result<_>>()?;
        runs.into_iter()
            .min_by_key(|run| run.wall)
            .ok_or_else(|| "nothing was run".into())
    };

    let removed = || {
        if generated.exists() {
            Ok(fs::remove_dir_all(&generated)?)
        } else {
            Ok(())
        }
    };
    let first = [
        fastest(&removed, &["build", "--jobs", "1"])?,
        fastest(&removed, &["build", "--jobs", "2"])?,
    ];
    let tree = Tree::of(&generated)?;
    let line = |what: &str, run: &Run| println!("{}", run.line(size, what, tree.bytes));
    line("first build, 1 thread", &first[0]);
    line("first build, 2 threads", &first[1]);

    let nothing = || Ok(());
    line("no change, 1 thread", &fastest(&nothing, &["check", "--jobs", "1"])?);
    line("no change, 2 threads", &fastest(&nothing, &["check", "--jobs", "2"])?);
    run(&["build"])?;
    if Tree::of(&generated)? != tree {
        return Err("a build without a change wrote something".into());
    }

    let text = fs::read_to_string(&document)?;
    let changed = || {
        fs::write(&document, &text)?;
        run(&["build"])?;
        Ok(fs::write(&document, text.replace("  users: ", "  users: 1"))?)
    };
    line(
        "one environment, 2 threads",
        &fastest(&changed, &["build", "--jobs", "2"])?,
    );

    let started = Instant::now();
    let copied = Command::new("cp")
        .arg("-r")
        .args([&generated, &folder.join("copied")])
        .status()?;
    let took = milliseconds(started.elapsed());
    if !copied.success() {
        return Err("`cp` failed".into());
    }
    let (files, megabytes) = (tree.files.len(), tree.bytes as f64 / 1e6);
    println!(
        "{size:>5} {:<26}{took:>9.1}  ({files} files and folders, {megabytes:.1} MB)",
        "cp -r"
    );
    Ok(())
}

/// What one process took.
struct Run {
    wall: Duration,
    cpu: Duration,
    peak: u64,
    objects: u64,
}

impl Run {
    fn of(command: &mut Command) -> Result<Self> {
        let started = Instant::now();
        let mut child = command.stdout(Stdio::piped()).spawn()?;
        let mut report = String::new();
        if let Some(mut stdout) = child.stdout.take() {
            stdout.read_to_string(&mut report)?;
        }
        let used = child.wait4()?;
        let wall = started.elapsed();
        if !used.status.success() {
            return Err(format!("`{command:?}` failed: {report}").into());
        }
        let report: Value = serde_json::from_str(&report)?;
        let objects = report
            .pointer("/summary/objects")
            .and_then(Value::as_u64)
            .ok_or("the report has no number of objects")?;
        Ok(Self {
            wall,
            cpu: used.rusage.utime + used.rusage.stime,
            peak: used.rusage.maxrss,
            objects,
        })
    }

    fn line(&self, size: usize, what: &str, bytes: u64) -> String {
        let seconds = self.wall.as_secs_f64();
        format!(
            "{size:>5} {what:<26}{:>9.1}{:>9.1}{:>9.2}{:>10.0}{:>8.1}{:>8.1}",
            milliseconds(self.wall),
            milliseconds(self.cpu),
            milliseconds(self.wall) / size as f64,
            self.objects as f64 / seconds,
            bytes as f64 / 1e6 / seconds,
            self.peak as f64 / 1e6,
        )
    }
}

/// A folder, as it must stay when nothing changes.
#[derive(PartialEq)]
struct Tree {
    bytes: u64,
    files: Vec<(PathBuf, SystemTime)>,
}

impl Tree {
    fn of(folder: &Path) -> Result<Self> {
        let mut tree = Self {
            bytes: 0,
            files: Vec::new(),
        };
        for entry in walkdir::WalkDir::new(folder).sort_by_file_name() {
            let entry = entry?;
            let metadata = entry.metadata()?;
            if metadata.is_file() {
                tree.bytes += metadata.len();
            }
            tree.files.push((entry.into_path(), metadata.modified()?));
        }
        Ok(tree)
    }
}

fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}
