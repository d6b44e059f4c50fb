//! Names that nobody may use, because something else does: options, parameters, databases.
//!
//! Each would be overwritten in silence, or break what relies on it.

/// Whether the blueprint writes this option of `odoo.conf`.
pub(super) fn is_odoo_option(name: &str) -> bool {
    ODOO_OPTIONS.split_whitespace().any(|option| option == name)
}

/// Whether CloudNativePG sets this parameter of PostgreSQL itself. PostgreSQL does not look at the case of letters.
pub(super) fn is_database_parameter(name: &str) -> bool {
    let mut parameters = DATABASE_PARAMETERS.split_whitespace();
    parameters.any(|parameter| parameter.eq_ignore_ascii_case(name))
}

/// Whether every server of PostgreSQL has a database of this name.
pub(super) fn is_database(name: &str) -> bool {
    ["postgres", "template0", "template1"].contains(&name)
}

const ODOO_OPTIONS: &str = "
    addons_path admin_passwd data_dir db_host db_maxconn db_maxconn_gevent db_name db_password db_port db_sslmode
    db_user dbfilter gevent_port http_interface http_port limit_memory_hard limit_memory_soft limit_time_real list_db
    longpolling_port max_cron_threads proxy_mode server_wide_modules with_demo without_demo workers
";

/// Its `FixedConfigurationParameters`, and `max_connections`, which has a field of its own.
const DATABASE_PARAMETERS: &str = "
    allow_system_table_mods archive_cleanup_command archive_command archive_mode bonjour bonjour_name cluster_name
    config_file data_directory data_sync_retry event_source external_pid_file hba_file hot_standby ident_file
    jit_provider listen_addresses log_destination log_directory log_file_mode log_filename log_rotation_age
    log_rotation_size log_truncate_on_rotation logging_collector max_connections port primary_conninfo
    primary_slot_name promote_trigger_file recovery_end_command recovery_min_apply_delay recovery_target
    recovery_target_action recovery_target_inclusive recovery_target_lsn recovery_target_name recovery_target_time
    recovery_target_timeline recovery_target_xid restart_after_crash restore_command shared_preload_libraries ssl
    ssl_ca_file ssl_cert_file ssl_crl_file ssl_dh_params_file ssl_ecdh_curve ssl_key_file ssl_passphrase_command
    ssl_passphrase_command_supports_reload ssl_prefer_server_ciphers stats_temp_directory synchronized_standby_slots
    synchronous_standby_names syslog_facility syslog_ident syslog_sequence_numbers syslog_split_messages
    temp_tablespaces unix_socket_directories unix_socket_group unix_socket_permissions
";
