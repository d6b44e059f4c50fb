//! The pages about backups, databases and poolers.
//!
//! One page for each idea, not for each of the webhook's validators.

use crate::diagnostic::codes::Code;

pub(in super::super) const ARCHIVE: Code = Code {
    id: "postgres-backup-settings",
    title: "backups that go nowhere or to two places",
    why: "One plugin archives the write-ahead log, or the store in the Cluster itself does, which needs exactly one kind of credentials. How long backups are kept is a number of days, weeks or months.",
    fix: "leave one archiver, and complete its credentials",
    bad: "apiVersion: postgresql.cnpg.io/v1\n\
          kind: Cluster\n\
          metadata: {name: db, namespace: hartmann-bau-production}\n\
          spec:\n\
          \x20 instances: 1\n\
          \x20 storage: {size: 20Gi}\n\
          \x20 plugins:\n\
          \x20 - {name: barman-cloud.cloudnative-pg.io, isWALArchiver: true}\n\
          \x20 - {name: snapshots.hartmann-bau.example, isWALArchiver: true}",
    good: "apiVersion: postgresql.cnpg.io/v1\n\
          kind: Cluster\n\
          metadata: {name: db, namespace: hartmann-bau-production}\n\
          spec:\n\
          \x20 instances: 1\n\
          \x20 storage: {size: 20Gi}\n\
          \x20 plugins:\n\
          \x20 - {name: barman-cloud.cloudnative-pg.io, isWALArchiver: true}\n\
          \x20 - {name: snapshots.hartmann-bau.example, isWALArchiver: false}",
};

pub(in super::super) const SCHEDULE: Code = Code {
    id: "backup-schedule",
    title: "a schedule of backups that cannot be read",
    why: "The schedule has six fields, the first of which are seconds, or is a word such as `@daily`.",
    fix: "write second, minute, hour, day, month and weekday, `0 30 1 * * *` for every night at 01:30",
    bad: "apiVersion: postgresql.cnpg.io/v1\n\
          kind: ScheduledBackup\n\
          metadata: {name: nightly, namespace: hartmann-bau-production}\n\
          spec:\n\
          \x20 cluster: {name: db}\n\
          \x20 method: plugin\n\
          \x20 pluginConfiguration: {name: barman-cloud.cloudnative-pg.io}\n\
          \x20 schedule: \"0 30 25 * * *\"",
    good: "apiVersion: postgresql.cnpg.io/v1\n\
          kind: ScheduledBackup\n\
          metadata: {name: nightly, namespace: hartmann-bau-production}\n\
          spec:\n\
          \x20 cluster: {name: db}\n\
          \x20 method: plugin\n\
          \x20 pluginConfiguration: {name: barman-cloud.cloudnative-pg.io}\n\
          \x20 schedule: \"0 30 1 * * *\"",
};

pub(in super::super) const FIVE_FIELDS: Code = Code {
    id: "backup-schedule-of-five-fields",
    title: "a schedule of backups with five fields, of which the first is read as seconds",
    why: "Everybody else writes five fields and begins with minutes. Here `30 1 * * *` is one minute and thirty seconds past every hour. The webhook only warns; we refuse it.",
    fix: "put the seconds in front, `0 30 1 * * *`",
    bad: "apiVersion: postgresql.cnpg.io/v1\n\
          kind: ScheduledBackup\n\
          metadata: {name: nightly, namespace: hartmann-bau-production}\n\
          spec:\n\
          \x20 cluster: {name: db}\n\
          \x20 method: plugin\n\
          \x20 pluginConfiguration: {name: barman-cloud.cloudnative-pg.io}\n\
          \x20 schedule: \"30 1 * * *\"",
    good: "apiVersion: postgresql.cnpg.io/v1\n\
          kind: ScheduledBackup\n\
          metadata: {name: nightly, namespace: hartmann-bau-production}\n\
          spec:\n\
          \x20 cluster: {name: db}\n\
          \x20 method: plugin\n\
          \x20 pluginConfiguration: {name: barman-cloud.cloudnative-pg.io}\n\
          \x20 schedule: \"0 30 1 * * *\"",
};

pub(in super::super) const BACKUP: Code = Code {
    id: "backup-method",
    title: "a backup whose settings belong to another method",
    why: "A backup by plugin names the plugin. Whether the server runs meanwhile can be said of snapshots only.",
    fix: "name the plugin, or take the field out",
    bad: "apiVersion: postgresql.cnpg.io/v1\n\
          kind: Backup\n\
          metadata: {name: before-upgrade, namespace: hartmann-bau-production}\n\
          spec:\n\
          \x20 cluster: {name: db}\n\
          \x20 method: plugin",
    good: "apiVersion: postgresql.cnpg.io/v1\n\
          kind: Backup\n\
          metadata: {name: before-upgrade, namespace: hartmann-bau-production}\n\
          spec:\n\
          \x20 cluster: {name: db}\n\
          \x20 method: plugin\n\
          \x20 pluginConfiguration: {name: barman-cloud.cloudnative-pg.io}",
};

pub(in super::super) const DATABASE: Code = Code {
    id: "postgres-database",
    title: "a database that lists something twice, or a server without its wrapper",
    why: "Extensions, schemas, foreign servers and their options are kept by name; of two with one name the operator could not say which is meant.",
    fix: "remove one of the two",
    bad: "apiVersion: postgresql.cnpg.io/v1\n\
          kind: Database\n\
          metadata: {name: odoo, namespace: hartmann-bau-production}\n\
          spec:\n\
          \x20 cluster: {name: db}\n\
          \x20 name: odoo\n\
          \x20 owner: odoo\n\
          \x20 extensions:\n\
          \x20 - {name: pg_trgm}\n\
          \x20 - {name: pg_trgm, ensure: absent}",
    good: "apiVersion: postgresql.cnpg.io/v1\n\
          kind: Database\n\
          metadata: {name: odoo, namespace: hartmann-bau-production}\n\
          spec:\n\
          \x20 cluster: {name: db}\n\
          \x20 name: odoo\n\
          \x20 owner: odoo\n\
          \x20 extensions:\n\
          \x20 - {name: pg_trgm}",
};

pub(in super::super) const POOLER: Code = Code {
    id: "postgres-pooler",
    title: "a pooler with parameters that are not its own, or an incomplete way to authenticate",
    why: "The operator writes the configuration of PgBouncer and leaves only some parameters open. A query for passwords needs the secret by which it is run, and the other way round.",
    fix: "take the parameter out, or complete the pair",
    bad: "apiVersion: postgresql.cnpg.io/v1\n\
          kind: Pooler\n\
          metadata: {name: db-pooler, namespace: hartmann-bau-production}\n\
          spec:\n\
          \x20 cluster: {name: db}\n\
          \x20 instances: 2\n\
          \x20 type: rw\n\
          \x20 pgbouncer:\n\
          \x20   poolMode: session\n\
          \x20   parameters: {listen_port: \"6432\"}",
    good: "apiVersion: postgresql.cnpg.io/v1\n\
          kind: Pooler\n\
          metadata: {name: db-pooler, namespace: hartmann-bau-production}\n\
          spec:\n\
          \x20 cluster: {name: db}\n\
          \x20 instances: 2\n\
          \x20 type: rw\n\
          \x20 pgbouncer:\n\
          \x20   poolMode: session\n\
          \x20   parameters: {max_client_conn: \"500\"}",
};
