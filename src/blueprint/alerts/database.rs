//! Alerts on PostgreSQL: whether it answers, whether a standby follows, whether what is written can be restored.
//!
//! The plugin's own metrics tell the age of a backup; CloudNativePG's metrics of that name stay at zero with a plugin.

use super::Severity::{Critical, Warning};
use super::{Alert, always};
use crate::model::Environment;

pub(super) const ALERTS: &[Alert] = &[
    Alert {
        name: "DatabaseDown",
        severity: Critical,
        applies: always,
        expression: r#"absent(cnpg_collector_up{namespace="$namespace"} == 1)"#,
        lasts: "3m",
        summary: "no database server answers",
        meaning: "Odoo stands still, or Prometheus cannot see the database and every other alert on it is blind.",
        looks: &[
            "kubectl -n $namespace get clusters.postgresql.cnpg.io,pods -l cnpg.io/cluster=db",
            "kubectl cnpg status db -n $namespace",
            "kubectl -n $namespace logs -l cnpg.io/cluster=db -c postgres --since=15m --tail=100 --prefix",
            "kubectl -n cnpg-system logs -l app.kubernetes.io/name=cloudnative-pg --since=15m --tail=-1 | grep $namespace | tail -50",
        ],
        remedy: "Pods that run while no metrics arrive: the monitor or the network policy, not the database. A full \
            volume: grow it. A node that is gone: a standby takes over within two minutes; a single server waits for \
            its volume to attach elsewhere. Never delete a claim of the database to get it going.",
    },
    Alert {
        name: "StandbyMissing",
        severity: Warning,
        applies: replicated,
        expression: r#"max(cnpg_pg_replication_streaming_replicas{namespace="$namespace"}) < $instances - 1"#,
        lasts: "15m",
        summary: "a standby does not follow the primary",
        meaning: "The database works with less protection than promised. With `synchronous: required` the loss of \
            another standby stops all writes.",
        looks: &[
            "kubectl cnpg status db -n $namespace",
            "kubectl -n $namespace get pods,persistentvolumeclaims -l cnpg.io/cluster=db -o wide",
        ],
        remedy: "A pod that is pending: its node or zone is missing. A standby that cannot catch up because the log it \
            needs is gone: `kubectl cnpg destroy db POD_NUMBER -n $namespace` has it cloned anew; only ever do that to \
            a standby.",
    },
    Alert {
        name: "ReplicationBehind",
        severity: Warning,
        applies: replicated,
        expression: r#"max by (pod) (cnpg_pg_replication_lag{namespace="$namespace"}) > 300"#,
        lasts: "10m",
        summary: "a standby is more than five minutes behind",
        meaning: "After a failure of the primary now, the switch takes longer, and without synchronous commit the last \
            minutes would be lost.",
        looks: &[
            "kubectl cnpg status db -n $namespace",
            "kubectl -n $namespace top pods -l cnpg.io/cluster=db",
        ],
        remedy: "A migration or import writes faster than the standby replays: wait. A standby whose disk or node is \
            slow: move it by deleting its pod.",
    },
    Alert {
        name: "BackupTooOld",
        severity: Critical,
        applies: backed_up,
        expression: r#"time() - max(barman_cloud_cloudnative_pg_io_last_available_backup_timestamp{namespace="$namespace"}) > $backup_age
or absent(barman_cloud_cloudnative_pg_io_last_available_backup_timestamp{namespace="$namespace"})"#,
        lasts: "1h",
        summary: "the last base backup is too old",
        meaning: "A restore would take longer every hour. If the write-ahead log is archived, nothing is lost yet.",
        looks: &[
            "kubectl -n $namespace get scheduledbackups.postgresql.cnpg.io,backups.postgresql.cnpg.io",
            "kubectl -n $namespace describe objectstore backup",
            "kubectl -n $namespace logs -l cnpg.io/cluster=db -c plugin-barman-cloud --since=26h --tail=-1 --prefix | grep -iE 'error|backup' | tail -50",
        ],
        remedy: "Access denied or no such bucket: the keys or the bucket `$backup_bucket`. A volume or bucket that is \
            full: make room. Then take one by hand: `kubectl cnpg backup db -n $namespace --method plugin \
            --plugin-name barman-cloud.cloudnative-pg.io`, and watch it end.",
    },
    Alert {
        name: "ArchivingFailing",
        severity: Critical,
        applies: backed_up,
        expression: r#"(cnpg_pg_stat_archiver_last_failed_time{namespace="$namespace"}
  > on (pod) cnpg_pg_stat_archiver_last_archived_time{namespace="$namespace"})
and on (pod) cnpg_pg_replication_in_recovery{namespace="$namespace"} == 0"#,
        lasts: "10m",
        summary: "the write-ahead log cannot be archived",
        meaning: "From the first failure on, a disaster would lose work: the recovery point is no longer kept. The log \
            piles up on its volume until the database stops.",
        looks: &[
            "kubectl -n $namespace logs svc/db-rw -c plugin-barman-cloud --since=30m --tail=100",
            "kubectl -n $namespace get externalsecrets backup-bucket",
            "kubectl cnpg status db -n $namespace",
        ],
        remedy: "`Expected empty archive`: the archive belongs to an earlier incarnation of this database; raise \
            `backup.incarnation` in `$file`. Access denied: the keys of `$backup_bucket`. No connection: the object \
            storage, or its networks in the cluster's `objectStorage.networks`.",
    },
    Alert {
        name: "ArchiveBacklog",
        severity: Warning,
        applies: backed_up,
        expression: r#"max(cnpg_collector_pg_wal_archive_status{namespace="$namespace",value="ready"}) > $wal_files"#,
        lasts: "15m",
        summary: "more than $wal_files files of the write-ahead log wait for the archive",
        meaning: "The archive takes less than the database writes; the recovery point slips.",
        looks: &[
            "kubectl cnpg status db -n $namespace",
            "kubectl -n $namespace logs svc/db-rw -c plugin-barman-cloud --since=30m --tail=50",
        ],
        remedy: "During an import or a migration: wait and watch the volume. Otherwise see *Archiving failing*, or \
            the object storage is slow.",
    },
    Alert {
        name: "ConnectionsHigh",
        severity: Warning,
        applies: always,
        expression: r#"100 * sum by (pod) (cnpg_backends_total{namespace="$namespace"})
  / on (pod) max by (pod) (cnpg_pg_settings_setting{namespace="$namespace",name="max_connections"}) > 80"#,
        lasts: "5m",
        summary: "more than 80 % of the connections are taken",
        meaning: "At 100 % Odoo answers with errors, and so does everything else that needs the database.",
        looks: &[
            "kubectl -n $namespace exec -it svc/db-rw -c postgres -- psql $database -c 'SELECT usename, application_name, state, count(*) FROM pg_stat_activity GROUP BY 1, 2, 3 ORDER BY 4 DESC'",
            "kubectl -n $namespace get pods",
        ],
        remedy: "Many `idle in transaction`: restart the pods they come from. Somebody's reporting tool: give it fewer \
            connections, or a standby. The pods alone: the budget is too small; raise `database.maxConnections` in \
            `$file`.",
    },
    Alert {
        name: "TransactionIdsRunningOut",
        severity: Warning,
        applies: always,
        expression: r#"max by (datname) (cnpg_pg_database_xid_age{namespace="$namespace"}) > 300000000"#,
        lasts: "30m",
        summary: "old rows are not frozen in time",
        meaning: "PostgreSQL has two thousand million transaction numbers and stops before it runs out. Weeks are left, \
            not months.",
        looks: &[
            "kubectl -n $namespace exec -it svc/db-rw -c postgres -- psql $database -c \"SELECT relname, age(relfrozenxid) FROM pg_class WHERE relkind = 'r' ORDER BY 2 DESC LIMIT 10\"",
            "kubectl -n $namespace exec -it svc/db-rw -c postgres -- psql $database -c 'SELECT pid, now() - xact_start AS since, left(query, 60) FROM pg_stat_activity WHERE xact_start IS NOT NULL ORDER BY 2 DESC LIMIT 5'",
        ],
        remedy: "End the transaction that has been open for hours, then run `VACUUM (FREEZE)` on the oldest tables at night.",
    },
];

fn backed_up(env: &Environment) -> bool {
    env.spec.backup.enabled
}

fn replicated(env: &Environment) -> bool {
    env.spec.database.instances > 1
}
