//! The parameters of PostgreSQL: what follows from the sizes, what Odoo is known to like, and what the environment says.
//!
//! Every value is text, as the operator wants it, and the environment has the last word.

use std::collections::BTreeMap;

use crate::model::{Environment, Sizing};
use crate::words::*;

pub(super) fn of(env: &Environment) -> BTreeMap<String, String> {
    let mut parameters = habits();
    parameters.extend(from_sizes(&env.sizing));
    // PostgreSQL 14 knows one way to compress the log only.
    let compression = if env.spec.database.version >= 15 { "lz4" } else { "on" };
    parameters.insert("wal_compression".into(), compression.into());
    let own = &env.spec.database.parameters;
    parameters.extend(own.iter().map(|(name, value)| (name.0.clone(), value.0.clone())));
    parameters
}

/// A quarter of the memory is PostgreSQL's own cache; the rest is for sorting in each connection and for the system's
/// cache. The log fills at most four tenths of its volume, so that it has room while the archive cannot be reached.
fn from_sizes(sizing: &Sizing) -> BTreeMap<String, String> {
    let memory = sizing.database_memory;
    let connections = u64::from(sizing.max_connections.max(1));
    let work = (memory - memory / 4) / (3 * connections);
    let log = sizing.wal_storage / 5 * 2;
    map([
        ("max_connections", &connections.to_string()),
        ("shared_buffers", &megabytes((memory / 4).min(16 * GIBI))),
        ("effective_cache_size", &megabytes(memory / 4 * 3)),
        ("maintenance_work_mem", &megabytes((memory / 16).min(2 * GIBI))),
        ("work_mem", &megabytes(work.clamp(4 * MEBI, 64 * MEBI))),
        ("max_wal_size", &megabytes(log)),
        ("min_wal_size", &megabytes(GIBI.min(log / 2))),
        ("max_slot_wal_keep_size", &megabytes(log)),
    ])
}

fn habits() -> BTreeMap<String, String> {
    map([
        // Nobody decodes the log, so it need not carry what decoding takes.
        ("wal_level", "replica"),
        // The disks have no arms to move, and Odoo's queries are too short to be worth compiling.
        ("random_page_cost", "1.1"),
        ("jit", "off"),
        // An upgrade of modules stays in one transaction for long.
        ("idle_in_transaction_session_timeout", "1h"),
        ("autovacuum_vacuum_scale_factor", "0.05"),
        ("log_min_duration_statement", "1000"),
        ("log_checkpoints", "on"),
        ("log_lock_waits", "on"),
        // Naming one of its parameters makes the operator load the extension.
        ("pg_stat_statements.max", "5000"),
        ("pg_stat_statements.track", "top"),
    ])
}

/// An amount of memory as PostgreSQL writes it: its `MB` are mebibytes.
fn megabytes(amount: u64) -> String {
    let megabytes = (amount / MEBI).max(1);
    if megabytes.is_multiple_of(1024) {
        format!("{}GB", megabytes / 1024)
    } else {
        format!("{megabytes}MB")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::fixture::environment;

    fn mebibytes(parameters: &BTreeMap<String, String>, name: &str) -> u64 {
        let text = parameters[name].as_str();
        let (digits, unit) = text.split_at(text.len() - 2);
        let factor = if unit == "GB" { 1024 } else { 1 };
        digits.parse::<u64>().unwrap() * factor
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        /// What the operator's webhook asks of sizes, and what PostgreSQL needs to start.
        #[test]
        fn sizes_pass_the_webhook(
            users in 1..=20_000_u32,
            tier in prop::sample::select(vec!["development", "staging", "training", "production"]),
            storage in 1..=4096_u32,
            wal in prop::option::of(2..=200_u32),
            memory in prop::option::of(256..=262_144_u32),
        ) {
            let wal = wal.map(|wal| format!(", walStorage: {wal}Gi")).unwrap_or_default();
            let memory = memory.map(|memory| format!(", memory: {memory}Mi")).unwrap_or_default();
            let settings = format!("  database: {{storage: {storage}Gi{wal}{memory}}}\n");
            let env = environment(&settings, &[("users: 240", &format!("users: {users}")), ("tier: production", &format!("tier: {tier}"))]);
            let parameters = of(&env);
            let size = |name| mebibytes(&parameters, name);
            prop_assert!(size("min_wal_size") < size("max_wal_size"));
            prop_assert!(size("max_wal_size") < env.sizing.wal_storage / MEBI);
            prop_assert!(size("min_wal_size") >= 2 * 16);
            prop_assert!(size("shared_buffers") <= env.sizing.database_memory / MEBI);
            prop_assert!(size("shared_buffers") + size("maintenance_work_mem") < env.sizing.database_memory / MEBI);
            prop_assert!((4..=64).contains(&size("work_mem")));
            prop_assert_eq!(&parameters["max_connections"], &env.sizing.max_connections.to_string());
        }
    }

    #[test]
    fn a_size_is_written_in_the_largest_unit_that_fits() {
        assert_eq!(megabytes(16 * GIBI), "16GB");
        assert_eq!(megabytes(1536 * MEBI), "1536MB");
        assert_eq!(megabytes(0), "1MB");
    }

    #[test]
    fn the_log_of_postgresql_14_is_compressed_without_lz4() {
        let replace = [(
            "\"17\": registry.formwork.example/platform/postgresql:17.6",
            "\"14\": registry.formwork.example/platform/postgresql:14.19",
        )];
        let env = environment("  database: {version: 14}\n", &replace);
        assert_eq!(of(&env)["wal_compression"], "on");
    }

    #[test]
    fn the_environment_has_the_last_word() {
        let env = environment("  database: {parameters: {jit: \"on\", work_mem: 8MB}}\n", &[]);
        let parameters = of(&env);
        assert_eq!(
            (parameters["jit"].as_str(), parameters["work_mem"].as_str()),
            ("on", "8MB")
        );
    }
}
