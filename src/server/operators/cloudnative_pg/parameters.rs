//! The configuration of PostgreSQL: which parameters may be set, and what they must agree on.
//!
//! Sizes are read as the webhook reads them, which is not quite how PostgreSQL does: a bare number is one of megabytes.

use serde_json::{Map, Value};

use super::cluster::{instances, major};
use super::pages;
use super::replication::is_replica;
use crate::server::judge::Judge;
use crate::server::operators::read::{annotation, at, map, place, text, truth};
use crate::text::Quantity;

const PARAMETERS: &[&str] = &["spec", "postgresql", "parameters"];

/// What the operator sets itself; a parameter with a value may be written with that value.
const FIXED: &[(&str, Option<&str>)] = &[
    ("allow_system_table_mods", None),
    ("archive_cleanup_command", None),
    ("archive_command", None),
    ("bonjour", None),
    ("bonjour_name", None),
    ("cluster_name", None),
    ("config_file", None),
    ("data_directory", None),
    ("data_sync_retry", None),
    ("event_source", None),
    ("external_pid_file", None),
    ("hba_file", None),
    ("hot_standby", None),
    ("ident_file", None),
    ("jit_provider", None),
    ("listen_addresses", None),
    ("log_destination", Some("csvlog")),
    ("log_directory", Some("/controller/log")),
    ("log_file_mode", None),
    ("log_filename", Some("postgres")),
    ("log_rotation_age", Some("0")),
    ("log_rotation_size", Some("0")),
    ("log_truncate_on_rotation", Some("false")),
    ("logging_collector", Some("on")),
    ("pg_failover_slots.primary_dsn", None),
    ("pg_failover_slots.standby_slot_names", None),
    ("port", None),
    ("primary_conninfo", None),
    ("primary_slot_name", None),
    ("promote_trigger_file", None),
    ("recovery_end_command", None),
    ("recovery_min_apply_delay", None),
    ("recovery_target", None),
    ("recovery_target_action", None),
    ("recovery_target_inclusive", None),
    ("recovery_target_lsn", None),
    ("recovery_target_name", None),
    ("recovery_target_time", None),
    ("recovery_target_timeline", None),
    ("recovery_target_xid", None),
    ("restart_after_crash", None),
    ("restore_command", None),
    ("shared_preload_libraries", Some("")),
    ("ssl", None),
    ("ssl_ca_file", None),
    ("ssl_cert_file", None),
    ("ssl_crl_file", None),
    ("ssl_dh_params_file", None),
    ("ssl_ecdh_curve", None),
    ("ssl_key_file", None),
    ("ssl_passphrase_command", None),
    ("ssl_passphrase_command_supports_reload", None),
    ("ssl_prefer_server_ciphers", None),
    ("stats_temp_directory", None),
    ("synchronized_standby_slots", None),
    ("synchronous_standby_names", None),
    ("syslog_facility", None),
    ("syslog_ident", None),
    ("syslog_sequence_numbers", None),
    ("syslog_split_messages", None),
    ("temp_tablespaces", None),
    ("unix_socket_directories", None),
    ("unix_socket_group", None),
    ("unix_socket_permissions", None),
];

/// The value of a parameter as the object gives it.
pub(super) fn parameter<'v>(object: &'v Value, name: &str) -> Option<&'v str> {
    map(object, PARAMETERS)?.get(name)?.as_str()
}

pub(super) fn check(object: &Value, judge: &mut Judge) {
    resources(object, judge);
    if major(object).is_none() {
        return;
    }
    if let Some(parameters) = map(object, PARAMETERS) {
        names(parameters, judge);
    }
    wal_level(object, judge);
    if let Some(value) = parameter(object, "shared_buffers").filter(|value| !value.is_empty())
        && size(value).is_none()
    {
        judge.invalid(
            &pages::PARAMETER,
            place!("spec", "postgresql", "parameters", "shared_buffers"),
            &Value::from("shared_buffers"),
            "Invalid value for configuration parameter shared_buffers. More info on accepted values format: \
             https://www.postgresql.org/docs/current/config-setting.html#CONFIG-SETTING-NAMES-VALUES",
        );
    }
    booleans(object, judge);
    wal_sizes(object, judge);
}

fn names(parameters: &Map<String, Value>, judge: &mut Judge) {
    for (name, value) in parameters {
        if !is_name(name) {
            judge.invalid(
                &pages::PARAMETER,
                place!("spec", "postgresql", "parameters", name),
                &Value::from(name.as_str()),
                "must be a valid PostgreSQL configuration parameter name (a GUC name, optionally namespaced with a \
                 single dot)",
            );
        } else if let Ok(index) = FIXED.binary_search_by_key(&name.as_str(), |(name, _)| name)
            && let Some(text) = value.as_str()
            && FIXED.get(index).is_some_and(|(_, own)| *own != Some(text))
        {
            judge.invalid(
                &pages::PARAMETER,
                place!("spec", "postgresql", "parameters", name),
                value,
                "Can't set fixed configuration parameter",
            );
        }
    }
}

/// The name of a parameter, with the name of an extension and a dot in front if it is one's.
fn is_name(text: &str) -> bool {
    let is_word = |word: &str| {
        word.starts_with(|letter: char| letter.is_ascii_alphabetic() || letter == '_')
            && word
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$'))
    };
    match text.split_once('.') {
        Some((space, name)) => is_word(space) && is_word(name),
        None => is_word(text),
    }
}

fn wal_level(object: &Value, judge: &mut Judge) {
    let level = parameter(object, "wal_level").unwrap_or("logical");
    let is_archiving = annotation(object, "cnpg.io/skipWalArchiving") != Some("enabled");
    match level {
        "logical" | "replica" => {}
        "minimal" if instances(object) > 1 || is_archiving || is_replica(object) => judge.invalid(
            &pages::WAL,
            place!("spec", "postgresql", "parameters", "wal_level"),
            &Value::from(level),
            "`wal_level` should be set at `logical` or `replica` when `archive_mode` is `on`, '.instances' field is \
             greater than 1, or this is a replica cluster",
        ),
        "minimal" => {}
        _ => judge.invalid(
            &pages::WAL,
            place!("spec", "postgresql", "parameters", "wal_level"),
            &Value::from(level),
            "unrecognized `wal_level` value - allowed values: `logical`, `replica`, `minimal`",
        ),
    }
    if level == "minimal" && parameter(object, "max_wal_senders") != Some("0") {
        judge.invalid(
            &pages::WAL,
            place!("spec", "postgresql", "parameters", "max_wal_senders"),
            &Value::from(level),
            "`max_wal_senders` should be set at `0` when `wal_level` is `minimal`",
        );
    }
}

fn booleans(object: &Value, judge: &mut Judge) {
    for name in ["hot_standby_feedback", "sync_replication_slots", "wal_log_hints"] {
        let Some(value) = parameter(object, name) else { continue };
        match boolean(value) {
            None => judge.invalid(
                &pages::PARAMETER,
                place!("spec", "postgresql", "parameters", name),
                &Value::from(value),
                format_args!("invalid `{name}` value. Must be a postgres boolean"),
            ),
            Some(false) if name == "wal_log_hints" && instances(object) > 1 => judge.invalid(
                &pages::WAL,
                place!("spec", "postgresql", "parameters", name),
                &Value::from(value),
                "`wal_log_hints` must be set to `on` when `instances` > 1",
            ),
            Some(_) => {}
        }
    }
}

/// A truth value as PostgreSQL abbreviates it.
pub(super) fn boolean(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "1" | "on" | "y" | "ye" | "yes" | "t" | "tr" | "tru" | "true" => Some(true),
        "0" | "of" | "off" | "n" | "no" | "f" | "fa" | "fal" | "fals" | "false" => Some(false),
        _ => None,
    }
}

/// A size in the configuration as the webhook reads it.
fn size(text: &str) -> Option<Quantity> {
    let is_bare = |text: &str| text.parse::<i64>().is_ok();
    let number = if is_bare(text) {
        format!("{text}M")
    } else {
        text.strip_suffix('B')?.replace(' ', "")
    };
    match is_bare(&number) {
        true => number.parse().ok(),
        false => format!("{number}i").replace("ki", "Ki").parse().ok(),
    }
}

/// The write-ahead log keeps at least one size and at most another, and both fit onto its volume.
fn wal_sizes(object: &Value, judge: &mut Judge) {
    const SIZES: [(&str, &str); 2] = [("min_wal_size", "80MB"), ("max_wal_size", "1GB")];
    let zero = Quantity::mebibytes(0);
    let given = SIZES.map(|(name, _)| parameter(object, name).filter(|value| !value.is_empty()));
    let mut sizes = [None, None];
    for (((name, default), given), slot) in SIZES.iter().zip(given).zip(&mut sizes) {
        *slot = size(given.unwrap_or(default));
        if slot.is_none() {
            judge.invalid(
                &pages::WAL,
                place!("spec", "postgresql", "parameters", *name),
                &Value::from(given),
                format_args!("Invalid value for configuration parameter {name}"),
            );
        }
    }
    let sizes = sizes.map(|size| size.filter(|size| *size != zero));
    let [least, most] = given;
    if let [Some(least_size), Some(most_size)] = &sizes
        && least_size >= most_size
    {
        judge.invalid(
            &pages::WAL,
            place!("spec", "postgresql", "parameters", "min_wal_size"),
            &Value::from(least.unwrap_or("80MB")),
            "Invalid vale. Parameter min_wal_size (default 80MB) should be smaller than parameter max_wal_size \
             (default 1GB)",
        );
    }
    let Ok(volume) = text(object, &["spec", "walStorage", "size"]).parse::<Quantity>() else {
        return;
    };
    for (((name, default), given), size) in SIZES.iter().zip([least, most]).zip(sizes) {
        if let (Some(given), Some(size)) = (given, size)
            && size >= volume
        {
            judge.invalid(
                &pages::WAL,
                place!("spec", "postgresql", "parameters", *name),
                &Value::from(given),
                format_args!(
                    "Invalid value. Parameter {name} (default {default}) should be smaller than WAL volume size"
                ),
            );
        }
    }
}

fn resources(object: &Value, judge: &mut Judge) {
    let Some(resources) = at(object, &["spec", "resources"]) else {
        return;
    };
    let amount = |kind: &str, name: &str| quantity(at(resources, &[kind, name])?);
    let zero = Quantity::mebibytes(0);
    let given = |kind: &str, name: &str| amount(kind, name).filter(|amount| *amount != zero);
    let pairs = [
        ("cpu", "cpu", "CPU"),
        ("memory", "memory", "Memory"),
        ("ephemeral-storage", "storage", "Ephemeral storage"),
    ];
    for (name, shown, title) in pairs {
        if let (Some(request), Some(limit)) = (given("requests", name), given("limits", name))
            && request > limit
        {
            judge.invalid(
                &pages::RESOURCES,
                place!("spec", "resources", "requests", shown),
                &Value::from(request.as_str()),
                format_args!("{title} request is greater than the limit"),
            );
        }
    }
    let pages = huge_pages(resources, judge);
    let plain = ["requests", "limits"].map(|kind| given(kind, "cpu").or_else(|| given(kind, "memory")));
    if plain == [None, None] && !pages.is_empty() {
        judge.forbidden(
            &pages::RESOURCES,
            place!("spec", "resources"),
            "HugePages require cpu or memory",
        );
    }
    if let Some(buffers) = parameter(object, "shared_buffers")
        .filter(|value| !value.is_empty())
        .and_then(size)
        && let Some(memory) = given("requests", "memory")
        && buffers > memory
        && !pages.iter().any(|page| buffers <= *page)
    {
        judge.invalid(
            &pages::RESOURCES,
            place!("spec", "resources", "requests"),
            &Value::from(memory.as_str()),
            "Memory request is lower than PostgreSQL `shared_buffers` value",
        );
    }
}

/// A quantity may be written as a number.
fn quantity(value: &Value) -> Option<Quantity> {
    match value {
        Value::String(text) => text.parse().ok(),
        Value::Number(number) => number.to_string().parse().ok(),
        _ => None,
    }
}

fn huge_pages(resources: &Value, judge: &mut Judge) -> Vec<Quantity> {
    let of = |kind: &str| {
        let amounts = map(resources, &[kind]).into_iter().flatten();
        amounts.filter(|(name, _)| name.starts_with("hugepages-"))
    };
    let mut found: Vec<Quantity> = of("limits").filter_map(|(_, value)| quantity(value)).collect();
    for (name, value) in of("requests") {
        let Some(request) = quantity(value) else { continue };
        match at(resources, &["limits", name]).and_then(quantity) {
            Some(limit) if limit != request => judge.invalid(
                &pages::RESOURCES,
                place!("spec", "resources", "requests", name),
                &Value::from(request.as_str()),
                "HugePages requests must equal the limits",
            ),
            Some(_) => {}
            None => found.push(request),
        }
    }
    found
}

/// Whether a parameter switches something on.
pub(super) fn is_on(object: &Value, name: &str) -> bool {
    parameter(object, name).and_then(boolean).unwrap_or(false)
}

/// Whether a parameter of an extension is set, by which the operator knows that the extension is used.
pub(super) fn uses_extension(object: &Value, name: &str) -> bool {
    let mut parameters = map(object, PARAMETERS).into_iter().flatten();
    parameters.any(|(key, _)| key.strip_prefix(name).is_some_and(|rest| rest.starts_with('.')))
}

/// Whether the election of synchronous replicas is restricted without saying by which labels.
pub(super) fn election(object: &Value, judge: &mut Judge) {
    let path = ["spec", "postgresql", "syncReplicaElectionConstraint"];
    let Some(constraint) = at(object, &path) else { return };
    let labels = at(constraint, &["nodeLabelsAntiAffinity"]).and_then(Value::as_array);
    if truth(constraint, &["enabled"]) == Some(true) && labels.is_none_or(Vec::is_empty) {
        judge.invalid(
            &pages::SYNCHRONOUS,
            place!(
                "spec",
                "postgresql",
                "syncReplicaElectionConstraint",
                "nodeLabelsAntiAffinity"
            ),
            &Value::Null,
            "Can't enable syncReplicaConstraints without passing labels for comparison inside nodeLabelsAntiAffinity",
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fixed_parameters_are_sorted() {
        assert!(FIXED.is_sorted());
    }

    #[test]
    fn sizes_are_read_as_the_webhook_reads_them() {
        for (text, amount) in [
            ("512", Some("512Mi")),
            ("512MB", Some("512Mi")),
            ("1 GB", Some("1Gi")),
            ("8kB", Some("8Ki")),
            ("8192B", Some("8192")),
            ("1gB", None),
            ("25%", None),
            ("512Mi", None),
        ] {
            let amount = amount.map(|amount| amount.parse::<Quantity>().unwrap());
            assert_eq!(size(text), amount, "{text}");
        }
    }

    #[test]
    fn parameters_of_extensions_have_one_dot() {
        assert!(is_name("pg_stat_statements.max") && is_name("work_mem") && is_name("_x$1"));
        assert!(!is_name("a.b.c") && !is_name("1a") && !is_name("work_mem\nssl") && !is_name(""));
    }
}
