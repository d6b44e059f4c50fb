//! Databases inside a Cluster, and the poolers in front of it.
//!
//! A name that stands twice in a list is refused, since the operator could not say which of the two is meant.

use serde_json::Value;

use super::{BY, GROUP, is_unchecked, pages};
use crate::schema::Place;
use crate::server::judge::Judge;
use crate::server::operators::read::{at, items, map, place, repeated, text, truth};
use crate::server::{Kind, Rules, unchanged};

pub(in crate::server) const RULES: Rules = Rules {
    by: BY,
    kinds: &[
        Kind {
            group: GROUP,
            kind: "Database",
            create: database,
            update: unchanged,
        },
        Kind {
            group: GROUP,
            kind: "Pooler",
            create: pooler,
            update: unchanged,
        },
    ],
    codes: &[&pages::DATABASE, &pages::POOLER],
};

fn database(object: &Value, judge: &mut Judge) {
    if is_unchecked(object) {
        return;
    }
    for list in ["extensions", "schemas"] {
        unique(object, &["spec", list], place!("spec", list), judge);
    }
    for list in ["fdws", "servers"] {
        unique(object, &["spec", list], place!("spec", list), judge);
        for (index, item) in items(object, &["spec", list]).iter().enumerate() {
            for inner in ["options", "usages"] {
                unique(item, &[inner], place!("spec", list, index, inner), judge);
            }
        }
    }
    let wrappers = items(object, &["spec", "fdws"]);
    for (index, server) in items(object, &["spec", "servers"]).iter().enumerate() {
        let wrapper = text(server, &["fdw"]);
        let is_known = wrappers.iter().any(|known| text(known, &["name"]) == wrapper);
        if !is_known && text(server, &["ensure"]) != "absent" {
            judge.invalid(
                &pages::DATABASE,
                place!("spec", "servers", index, "fdw"),
                &Value::from(wrapper),
                "referenced fdw not defined in spec.fdws",
            );
        }
    }
}

fn unique(value: &Value, path: &[&str], place: &Place<'_>, judge: &mut Judge) {
    let names = items(value, path).iter().map(|item| text(item, &["name"]));
    for (index, name) in repeated(names) {
        judge.duplicate(&pages::DATABASE, place!(in place; index, "name"), &Value::from(name));
    }
}

fn pooler(object: &Value, judge: &mut Judge) {
    if is_unchecked(object) {
        return;
    }
    match at(object, &["spec", "pgbouncer"]) {
        Some(settings) => pgbouncer(settings, judge),
        None => judge.invalid(
            &pages::POOLER,
            place!("spec", "pgbouncer"),
            &Value::from(""),
            "required pgbouncer configuration",
        ),
    }
    let cluster = text(object, &["spec", "cluster", "name"]);
    if cluster.is_empty() {
        judge.invalid(
            &pages::POOLER,
            place!("spec", "cluster", "name"),
            &Value::from(""),
            "must specify a cluster name",
        );
    }
    if cluster == text(object, &["metadata", "name"]) {
        judge.invalid(
            &pages::POOLER,
            place!("metadata", "name"),
            &Value::from(cluster),
            "the pooler resource cannot have the same name of a cluster",
        );
    }
    let is = |path: &[&str]| truth(object, path) == Some(true);
    if is(&["spec", "monitoring", "tls", "enabled"])
        && is(&["spec", "monitoring", "enablePodMonitor"])
        && text(object, &["spec", "pgbouncer", "clientTLSSecret", "name"]).is_empty()
    {
        judge.required(
            &pages::POOLER,
            place!("spec", "pgbouncer", "clientTLSSecret"),
            "clientTLSSecret is required when spec.monitoring.tls.enabled is true and the operator-generated \
             PodMonitor is enabled. Without it the metrics endpoint serves the cluster's server certificate, whose SANs \
             cover the cluster's services rather than the pooler. Supply a clientTLSSecret whose certificate represents \
             the pooler, or set spec.monitoring.enablePodMonitor=false and manage your own PodMonitor.",
        );
    }
}

fn pgbouncer(settings: &Value, judge: &mut Judge) {
    let secrets = ["authQuerySecret", "serverTLSSecret"];
    let has_secret = secrets
        .iter()
        .any(|secret| !text(settings, &[secret, "name"]).is_empty());
    let has_query = !text(settings, &["authQuery"]).is_empty();
    if has_secret && !has_query {
        judge.invalid(
            &pages::POOLER,
            place!("spec", "pgbouncer", "authQuery"),
            &Value::from(""),
            "must specify an auth query when providing an auth query secret",
        );
    }
    if !has_secret && has_query {
        judge.invalid(
            &pages::POOLER,
            place!("spec", "pgbouncer", "authQuerySecret", "name"),
            &Value::from(""),
            "must specify an existing auth query secret when providing an auth query secret",
        );
    }
    for (name, _) in map(settings, &["parameters"]).into_iter().flatten() {
        if ALLOWED.binary_search(&name.as_str()).is_err() {
            judge.invalid(
                &pages::POOLER,
                place!("spec", "cluster", "parameters"),
                &Value::from(name.as_str()),
                "Invalid or reserved parameter",
            );
        }
    }
}

/// The parameters of PgBouncer that the operator leaves to the user.
const ALLOWED: &[&str] = &[
    "application_name_add_host",
    "auth_type",
    "autodb_idle_timeout",
    "cancel_wait_timeout",
    "client_idle_timeout",
    "client_login_timeout",
    "client_tls13_ciphers",
    "client_tls_ciphers",
    "client_tls_sslmode",
    "default_pool_size",
    "disable_pqexec",
    "dns_max_ttl",
    "dns_nxdomain_ttl",
    "idle_transaction_timeout",
    "ignore_startup_parameters",
    "listen_backlog",
    "log_connections",
    "log_disconnections",
    "log_pooler_errors",
    "log_stats",
    "max_client_conn",
    "max_db_connections",
    "max_packet_size",
    "max_prepared_statements",
    "max_user_connections",
    "min_pool_size",
    "pkt_buf",
    "query_timeout",
    "query_wait_timeout",
    "reserve_pool_size",
    "reserve_pool_timeout",
    "sbuf_loopcnt",
    "server_check_delay",
    "server_check_query",
    "server_connect_timeout",
    "server_fast_close",
    "server_idle_timeout",
    "server_lifetime",
    "server_login_retry",
    "server_reset_query",
    "server_reset_query_always",
    "server_round_robin",
    "server_tls13_ciphers",
    "server_tls_ciphers",
    "server_tls_protocols",
    "server_tls_sslmode",
    "stats_period",
    "suspend_timeout",
    "tcp_defer_accept",
    "tcp_keepalive",
    "tcp_keepcnt",
    "tcp_keepidle",
    "tcp_keepintvl",
    "tcp_socket_buffer",
    "tcp_user_timeout",
    "track_extra_parameters",
    "verbose",
];

#[cfg(test)]
mod tests {
    use super::ALLOWED;

    #[test]
    fn the_parameters_are_sorted() {
        assert!(ALLOWED.is_sorted());
    }
}
