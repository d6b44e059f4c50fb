//! The command line: arguments in, exit code out. The only room that prints.

mod base;
mod build;
mod explain;
mod init;
mod schema;
mod validate;

use std::path::{Path, PathBuf};

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::blueprint::Unit;
use crate::model::Environment;
use crate::report::Format;
use crate::text::{Date, glob};

/// Nothing to complain about.
pub const CLEAN: u8 = 0;
/// Findings that deny.
pub const DENIED: u8 = 1;
/// Unusable input, or a wrong call.
pub const UNUSABLE: u8 = 2;
/// `generated/` is not what the input compiles to.
pub const STALE: u8 = 3;

const AFTER_HELP: &str = "\
Exit codes: 0 clean · 1 findings that deny · 2 unusable input or usage · 3 `generated/` is stale

Examples:
  formwork                                   compile environments/ into generated/
  formwork check --format github             the same in CI, without writing
  formwork check --base origin/main          also what the change may not do to the clusters
  formwork build --only 'hartmann-bau/*'     one tenant
  formwork validate k8s/ --policies policies manifests that somebody else wrote
  formwork explain unknown-field             what a finding means
  formwork explain hartmann-bau/production   which line set which value";

/// Compiles environment definitions and policies into the Kubernetes manifests that Argo CD and Flux reconcile.
#[derive(Debug, Parser)]
#[command(name = "formwork", version, about, after_help = AFTER_HELP)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    common: Common,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Compile `environments/` and `policies/` into `generated/` (the default)
    Build,
    /// Compare `generated/` with what the input compiles to, without writing; exit 3 if it is stale
    Check,
    /// Say what a finding means and how to mend it, or where the settings of an environment come from
    Explain {
        /// The code of a finding, as in `error[unknown-field]`, or an environment, `tenant/environment`
        subject: Option<String>,
        /// Every page; with `--format json` as a list for programs
        #[arg(long, conflicts_with = "subject")]
        all: bool,
    },
    /// Hold any manifests against schemas, the rules and a folder of admission policies; no workspace is needed
    Validate(validate::Arguments),
    /// Print the JSON Schema of the input documents, for editors
    Schema {
        /// One kind only; the schema for all documents when absent
        kind: Option<String>,
    },
    /// Write a workspace that builds into a new folder
    Init {
        /// The folder; made if it does not exist
        dir: PathBuf,
    },
}

#[derive(Debug, Args)]
struct Common {
    /// The workspace [default: the nearest folder upwards that has `environments/`]
    #[arg(long, global = true, value_name = "DIR")]
    root: Option<PathBuf>,
    /// The output folder [default: `generated` in the workspace]
    #[arg(long, global = true, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Only environments whose `tenant/environment` matches; `*` stands for anything
    #[arg(long, global = true, value_name = "GLOB")]
    only: Option<String>,
    /// Only this part of the work, counted from 1: `2/5`
    #[arg(long, global = true, value_name = "I/N", value_parser = shard)]
    shard: Option<(u64, u64)>,
    /// What the clusters have now, to compare with: an earlier output folder, or a revision of the repository
    /// [default: the output folder as it is]
    #[arg(long, global = true, value_name = "REV|DIR")]
    base: Option<String>,
    /// The day that expiry dates are compared with [default: today]
    #[arg(long, global = true, value_name = "YYYY-MM-DD")]
    today: Option<Date>,
    /// How findings are written
    #[arg(long, global = true, value_enum, default_value_t = FormatArgument::Text)]
    format: FormatArgument,
    /// Threads [default: one a core]
    #[arg(long, global = true, value_name = "N")]
    jobs: Option<usize>,
    /// Say nothing but findings
    #[arg(short, long, global = true)]
    quiet: bool,
    /// When to use colour
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto)]
    color: Color,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FormatArgument {
    Text,
    Json,
    Sarif,
    Github,
    Junit,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Color {
    Auto,
    Always,
    Never,
}

fn shard(text: &str) -> Result<(u64, u64), String> {
    let parts = text
        .split_once('/')
        .and_then(|(part, of)| Some((part.parse().ok()?, of.parse().ok()?)));
    match parts {
        Some((part, of)) if (1..=of).contains(&part) => Ok((part, of)),
        _ => Err("write the part and the number of parts, counted from 1: `2/5`".into()),
    }
}

/// Runs the program; returns its exit code.
pub fn run() -> u8 {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are not errors, and clap prints them to standard output.
            let code = if error.use_stderr() { UNUSABLE } else { CLEAN };
            let _ = error.print();
            return code;
        }
    };
    cli.common.prepare();
    match cli.command.unwrap_or(Command::Build) {
        Command::Build => build::run(&cli.common, true),
        Command::Check => build::run(&cli.common, false),
        Command::Explain { all: true, .. } => explain::all(&cli.common),
        Command::Explain { subject, .. } => explain::run(&cli.common, subject.as_deref()),
        Command::Validate(arguments) => validate::run(&cli.common, &arguments),
        Command::Schema { kind } => schema::run(kind.as_deref()),
        Command::Init { dir } => init::run(&dir),
    }
}

impl Common {
    fn prepare(&self) {
        match self.color {
            Color::Auto => {}
            Color::Always => anstream::ColorChoice::Always.write_global(),
            Color::Never => anstream::ColorChoice::Never.write_global(),
        }
        if let Some(jobs) = self.jobs {
            // Fails only when a pool exists already, which then serves as well.
            let _ = rayon::ThreadPoolBuilder::new().num_threads(jobs).build_global();
        }
    }

    /// The day that dates are compared with; days begin in UTC, so that all machines agree.
    fn today(&self) -> Option<Date> {
        let now = || {
            jiff::Timestamp::now()
                .to_zoned(jiff::tz::TimeZone::UTC)
                .date()
                .to_string()
                .parse()
                .ok()
        };
        self.today.clone().or_else(now)
    }

    /// Whether `--only` leaves an environment in the work.
    fn names(&self, environment: &Environment) -> bool {
        let glob = self.only.as_ref();
        glob.is_none_or(|glob| glob::matches(glob, &environment.id()))
    }

    /// Whether a unit is part of the work.
    fn selects(&self, unit: &Unit) -> bool {
        let named = match unit.environment() {
            Some(environment) => self.names(environment),
            None => self.only.is_none(),
        };
        named && self.shard.is_none_or(|(part, of)| shard_of(&unit.folder(), of) == part)
    }

    /// The workspace: what was given, or the nearest folder upwards that has `environments/`.
    fn root(&self) -> Option<PathBuf> {
        if let Some(root) = &self.root {
            return root.join("environments").is_dir().then(|| root.clone());
        }
        let here = std::env::current_dir().ok()?;
        here.ancestors()
            .find(|folder| folder.join("environments").is_dir())
            .map(Path::to_path_buf)
    }
}

/// The part, counted from 1, that a folder belongs to: the same on every machine.
fn shard_of(folder: &str, of: u64) -> u64 {
    let hash = folder.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    hash % of + 1
}

impl From<FormatArgument> for Format {
    fn from(argument: FormatArgument) -> Self {
        match argument {
            FormatArgument::Text => Format::Text,
            FormatArgument::Json => Format::Json,
            FormatArgument::Sarif => Format::Sarif,
            FormatArgument::Github => Format::Github,
            FormatArgument::Junit => Format::Junit,
        }
    }
}

/// Prints a line for people.
fn say(text: impl std::fmt::Display) {
    use std::io::Write;
    let _ = writeln!(anstream::stderr(), "{text}");
}

/// Prints a result.
fn output(text: &str) {
    use std::io::Write;
    let _ = anstream::stdout().write_all(text.as_bytes());
}
