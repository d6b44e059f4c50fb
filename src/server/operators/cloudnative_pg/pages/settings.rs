//! The pages about how a Cluster runs.
//!
//! One page for each idea, not for each of the webhook's validators.

use crate::diagnostic::codes::Code;

pub(in super::super) const NAME: Code = Code {
    id: "postgres-cluster-name",
    title: "a Cluster whose name the operator cannot use",
    why: "The names of Services and Pods are made from the name of the Cluster, so it begins with a letter, holds no dots and has at most 50 characters.",
    fix: "shorten the name, and use lowercase letters, digits and hyphens",
    bad: "apiVersion: postgresql.cnpg.io/v1\n\
          kind: Cluster\n\
          metadata: {name: db.hartmann-bau, namespace: hartmann-bau-production}\n\
          spec: {instances: 1, storage: {size: 20Gi}}",
    good: "apiVersion: postgresql.cnpg.io/v1\n\
          kind: Cluster\n\
          metadata: {name: db-hartmann-bau, namespace: hartmann-bau-production}\n\
          spec: {instances: 1, storage: {size: 20Gi}}",
};

pub(in super::super) const IMAGE: Code = Code {
    id: "postgres-image",
    title: "an image from which the operator cannot tell the version of PostgreSQL",
    why: "The operator reads the version from the tag, to see upgrades. A digest alone, `latest`, and a tag that does not begin with a version are refused; a digest may follow the tag.",
    fix: "write the tag of the version, `17.6-standard-trixie`, in front of the digest",
    bad: "apiVersion: postgresql.cnpg.io/v1\n\
          kind: Cluster\n\
          metadata: {name: db, namespace: hartmann-bau-production}\n\
          spec:\n\
          \x20 instances: 1\n\
          \x20 storage: {size: 20Gi}\n\
          \x20 imageName: registry.hartmann-bau.example/postgresql:latest",
    good: "apiVersion: postgresql.cnpg.io/v1\n\
          kind: Cluster\n\
          metadata: {name: db, namespace: hartmann-bau-production}\n\
          spec:\n\
          \x20 instances: 1\n\
          \x20 storage: {size: 20Gi}\n\
          \x20 imageName: registry.hartmann-bau.example/postgresql:17.6-standard-trixie",
};

pub(in super::super) const PARAMETER: Code = Code {
    id: "postgres-parameter",
    title: "a parameter of PostgreSQL that the operator sets itself or cannot read",
    why: "Archiving, logging, sockets, certificates and recovery belong to the operator, which refuses their parameters. Truth values and sizes are checked where it depends on them.",
    fix: "take the parameter out, or use the field of the Cluster that stands for it",
    bad: "apiVersion: postgresql.cnpg.io/v1\n\
          kind: Cluster\n\
          metadata: {name: db, namespace: hartmann-bau-production}\n\
          spec:\n\
          \x20 instances: 1\n\
          \x20 storage: {size: 20Gi}\n\
          \x20 postgresql:\n\
          \x20   parameters: {listen_addresses: \"*\"}",
    good: "apiVersion: postgresql.cnpg.io/v1\n\
          kind: Cluster\n\
          metadata: {name: db, namespace: hartmann-bau-production}\n\
          spec:\n\
          \x20 instances: 1\n\
          \x20 storage: {size: 20Gi}\n\
          \x20 postgresql:\n\
          \x20   parameters: {work_mem: 16MB}",
};

pub(in super::super) const WAL: Code = Code {
    id: "postgres-wal-settings",
    title: "settings of the write-ahead log that contradict each other or the Cluster",
    why: "Replicas and archiving need `wal_level` of at least `replica`, and more than one instance needs `wal_log_hints`. The log keeps less at least than at most, and both fit onto its volume.",
    fix: "correct the parameter that the message names",
    bad: "apiVersion: postgresql.cnpg.io/v1\n\
          kind: Cluster\n\
          metadata: {name: db, namespace: hartmann-bau-production}\n\
          spec:\n\
          \x20 instances: 1\n\
          \x20 storage: {size: 20Gi}\n\
          \x20 walStorage: {size: 4Gi}\n\
          \x20 postgresql:\n\
          \x20   parameters: {max_wal_size: 8GB}",
    good: "apiVersion: postgresql.cnpg.io/v1\n\
          kind: Cluster\n\
          metadata: {name: db, namespace: hartmann-bau-production}\n\
          spec:\n\
          \x20 instances: 1\n\
          \x20 storage: {size: 20Gi}\n\
          \x20 walStorage: {size: 12Gi}\n\
          \x20 postgresql:\n\
          \x20   parameters: {max_wal_size: 8GB}",
};

pub(in super::super) const RESOURCES: Code = Code {
    id: "postgres-resources",
    title: "resources that do not fit PostgreSQL",
    why: "A request above its limit can never be scheduled, and PostgreSQL does not start where `shared_buffers` exceeds the memory that is asked for.",
    fix: "raise the memory, or lower `shared_buffers` to a quarter of it",
    bad: "apiVersion: postgresql.cnpg.io/v1\n\
          kind: Cluster\n\
          metadata: {name: db, namespace: hartmann-bau-production}\n\
          spec:\n\
          \x20 instances: 1\n\
          \x20 storage: {size: 20Gi}\n\
          \x20 resources: {requests: {memory: 1Gi}}\n\
          \x20 postgresql:\n\
          \x20   parameters: {shared_buffers: 2GB}",
    good: "apiVersion: postgresql.cnpg.io/v1\n\
          kind: Cluster\n\
          metadata: {name: db, namespace: hartmann-bau-production}\n\
          spec:\n\
          \x20 instances: 1\n\
          \x20 storage: {size: 20Gi}\n\
          \x20 resources: {requests: {memory: 8Gi}}\n\
          \x20 postgresql:\n\
          \x20   parameters: {shared_buffers: 2GB}",
};

pub(in super::super) const SYNCHRONOUS: Code = Code {
    id: "postgres-synchronous-replicas",
    title: "more synchronous replicas than there are, or an unclear rule for them",
    why: "A commit waits for synchronous replicas. With as many of them as instances every commit would wait for ever, and the settings of both generations together have no meaning.",
    fix: "ask for fewer replicas than instances, and use `postgresql.synchronous` alone",
    bad: "apiVersion: postgresql.cnpg.io/v1\n\
          kind: Cluster\n\
          metadata: {name: db, namespace: hartmann-bau-production}\n\
          spec:\n\
          \x20 instances: 2\n\
          \x20 storage: {size: 20Gi}\n\
          \x20 postgresql:\n\
          \x20   synchronous: {method: any, number: 2}",
    good: "apiVersion: postgresql.cnpg.io/v1\n\
          kind: Cluster\n\
          metadata: {name: db, namespace: hartmann-bau-production}\n\
          spec:\n\
          \x20 instances: 2\n\
          \x20 storage: {size: 20Gi}\n\
          \x20 postgresql:\n\
          \x20   synchronous: {method: any, number: 1}",
};

pub(in super::super) const SLOTS: Code = Code {
    id: "postgres-replication-slots",
    title: "replication slots that cannot be kept on the replicas",
    why: "Patterns of slots are regular expressions. To keep slots of logical decoding over a failover the replicas report back, by `hot_standby_feedback`, and synchronize them.",
    fix: "correct the expression, or switch on the parameters that the message names",
    bad: "apiVersion: postgresql.cnpg.io/v1\n\
          kind: Cluster\n\
          metadata: {name: db, namespace: hartmann-bau-production}\n\
          spec:\n\
          \x20 instances: 1\n\
          \x20 storage: {size: 20Gi}\n\
          \x20 replicationSlots:\n\
          \x20   synchronizeReplicas: {enabled: true, excludePatterns: [\"^(debezium\"]}",
    good: "apiVersion: postgresql.cnpg.io/v1\n\
          kind: Cluster\n\
          metadata: {name: db, namespace: hartmann-bau-production}\n\
          spec:\n\
          \x20 instances: 1\n\
          \x20 storage: {size: 20Gi}\n\
          \x20 replicationSlots:\n\
          \x20   synchronizeReplicas: {enabled: true, excludePatterns: [\"^debezium\"]}",
};

pub(in super::super) const ACCESS: Code = Code {
    id: "postgres-access",
    title: "certificates, secrets or rules of entry that are incomplete",
    why: "A certificate of the server needs the authority that signed it, an LDAP section needs the server and one way to bind, and a rule of `pg_hba` may name only Pod selectors that the Cluster lists.",
    fix: "add what the message names",
    bad: "apiVersion: postgresql.cnpg.io/v1\n\
          kind: Cluster\n\
          metadata: {name: db, namespace: hartmann-bau-production}\n\
          spec:\n\
          \x20 instances: 1\n\
          \x20 storage: {size: 20Gi}\n\
          \x20 postgresql:\n\
          \x20   pg_hba: [\"hostssl all reporting ${podselector:reporting} scram-sha-256\"]",
    good: "apiVersion: postgresql.cnpg.io/v1\n\
          kind: Cluster\n\
          metadata: {name: db, namespace: hartmann-bau-production}\n\
          spec:\n\
          \x20 instances: 1\n\
          \x20 storage: {size: 20Gi}\n\
          \x20 postgresql:\n\
          \x20   pg_hba: [\"hostssl all reporting ${podselector:reporting} scram-sha-256\"]\n\
          \x20 podSelectorRefs:\n\
          \x20 - {name: reporting, selector: {matchLabels: {app: reporting}}}",
};

pub(in super::super) const POD: Code = Code {
    id: "postgres-pod-settings",
    title: "settings of the Pods that the operator does not accept",
    why: "Variables that begin with `PG` or `CNPG_` are set by the operator, and with a single instance there is nobody to supervise a switchover. Tolerations follow the rules of Pods, annotations have the values that they know.",
    fix: "correct the field that the message names",
    bad: "apiVersion: postgresql.cnpg.io/v1\n\
          kind: Cluster\n\
          metadata: {name: db, namespace: hartmann-bau-production}\n\
          spec:\n\
          \x20 instances: 1\n\
          \x20 storage: {size: 20Gi}\n\
          \x20 env:\n\
          \x20 - {name: PGDATA, value: /data}",
    good: "apiVersion: postgresql.cnpg.io/v1\n\
          kind: Cluster\n\
          metadata: {name: db, namespace: hartmann-bau-production}\n\
          spec:\n\
          \x20 instances: 1\n\
          \x20 storage: {size: 20Gi}\n\
          \x20 env:\n\
          \x20 - {name: TZ, value: Europe/Berlin}",
};

pub(in super::super) const MANAGED: Code = Code {
    id: "postgres-managed-objects",
    title: "roles or Services that the operator keeps for itself, or twice",
    why: "Roles such as `postgres`, names that begin with `cnpg_` or `pg_`, and the Services of the Cluster belong to the operator. A role has a password or none; nothing is listed twice.",
    fix: "rename the role or Service",
    bad: "apiVersion: postgresql.cnpg.io/v1\n\
          kind: Cluster\n\
          metadata: {name: db, namespace: hartmann-bau-production}\n\
          spec:\n\
          \x20 instances: 1\n\
          \x20 storage: {size: 20Gi}\n\
          \x20 managed:\n\
          \x20   roles:\n\
          \x20   - {name: postgres, ensure: present}",
    good: "apiVersion: postgresql.cnpg.io/v1\n\
          kind: Cluster\n\
          metadata: {name: db, namespace: hartmann-bau-production}\n\
          spec:\n\
          \x20 instances: 1\n\
          \x20 storage: {size: 20Gi}\n\
          \x20 managed:\n\
          \x20   roles:\n\
          \x20   - {name: reporting, ensure: present}",
};
