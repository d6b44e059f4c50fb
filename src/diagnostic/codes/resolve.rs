//! Pages of documents that are well formed but do not fit together.
//!
//! Said by `model` when it resolves references and defaults; it is the only room that refuses an input.

use super::Code;

pub(super) const CODES: &[Code] = &[
    Code {
        id: "dangling-reference",
        title: "a name that no document has",
        why: "An environment names its tenant, cluster, release, resilience class and calendar. If one of them does \
              not exist there is nothing to compile from, and guessing could put an environment on the wrong cluster.",
        fix: "correct the name, or add the document it names",
        bad: "spec:\n  cluster: eu-centrl",
        good: "spec:\n  cluster: eu-central",
    },
    Code {
        id: "duplicate-name",
        title: "two documents of one kind have the same name",
        why: "A reference by that name could mean either, and both would be written to the same place. Environments \
              must differ within their tenant, all other kinds within the workspace.",
        fix: "rename one of the two, or delete the copy",
        bad: "kind: Cluster\nmetadata: {name: eu-central}\n---\nkind: Cluster\nmetadata: {name: eu-central}",
        good: "kind: Cluster\nmetadata: {name: eu-central}\n---\nkind: Cluster\nmetadata: {name: eu-west}",
    },
    Code {
        id: "duplicate-host",
        title: "two environments claim the same host",
        why: "Traefik would send requests for that host to either of them, and nothing in the inputs says to which. \
              Users would meet the data of another tenant, or production users the staging system.",
        fix: "give each environment a host of its own",
        bad: "metadata: {name: production}\nspec: {hosts: [erp.hartmann-bau.example]}\n---\n\
              metadata: {name: staging}\nspec: {hosts: [erp.hartmann-bau.example]}",
        good: "metadata: {name: production}\nspec: {hosts: [erp.hartmann-bau.example]}\n---\n\
               metadata: {name: staging}\nspec: {hosts: [staging.hartmann-bau.example]}",
    },
    Code {
        id: "duplicate-platform",
        title: "a second `Platform` document",
        why: "The platform is the workspace as a whole: its registries, its GitOps engine, its defaults. With two of \
              them the defaults of every environment would depend on which one is read last.",
        fix: "merge the two documents into `environments/platform.yaml`",
        bad: "kind: Platform\nmetadata: {name: erp}\n---\nkind: Platform\nmetadata: {name: erp-new}",
        good: "kind: Platform\nmetadata: {name: erp}",
    },
    Code {
        id: "missing-platform",
        title: "the workspace has no `Platform` document",
        why: "The platform says what holds for every environment: allowed registries, the GitOps engine, the \
              repository that the output lives in. None of them can be guessed.",
        fix: "add `environments/platform.yaml`; `formwork init` writes one to start from",
        bad: "environments/hartmann-bau/production.yaml",
        good: "environments/platform.yaml, environments/hartmann-bau/production.yaml",
    },
    Code {
        id: "name-too-long",
        title: "a composed name exceeds the limit of Kubernetes",
        why: "Objects are named after tenant, environment and component, and controllers append suffixes of their own. \
              So the room is less than it seems: 63 characters for a namespace or a Service, 52 for a CronJob, 50 for \
              a CloudNativePG cluster. Names are never cut, since two cut names may be equal.",
        fix: "shorten the name of the tenant or of the environment; a `displayName` may be as long as it likes",
        bad: "metadata: {name: production}\n\
              spec:\n  tenant: hartmann-bau-und-immobilienverwaltungsgesellschaft-nord-ost",
        good: "metadata: {name: production}\n\
               spec:\n  tenant: hartmann-bau-nord-ost",
    },
    Code {
        id: "missing-add-on",
        title: "the cluster lacks an add-on that the environment needs",
        why: "The environment's objects are of kinds that an operator serves: databases by CloudNativePG, routes by \
              Traefik, secrets by External Secrets. On a cluster without the operator they are refused, or accepted \
              and never acted upon.",
        fix: "install the add-on and list it in the cluster's `addOns`, or choose another cluster",
        bad: "kind: Cluster\nspec:\n  addOns: [traefik, cert-manager]",
        good: "kind: Cluster\nspec:\n  addOns: [traefik, cert-manager, cloudnative-pg]",
    },
    Code {
        id: "missing-storage-class",
        title: "the cluster lacks a storage that the environment needs",
        why: "Several pods of Odoo mount the same files, so the filestore needs a class that many nodes can mount at \
              once (`ReadWriteMany`). Without one its volume stays `Pending` for ever, and every pod with it.",
        fix: "name the class in the cluster's `storageClasses.shared`",
        bad: "kind: Cluster\nspec:\n  storageClasses: {database: fast, general: standard}",
        good: "kind: Cluster\nspec:\n  storageClasses: {database: fast, shared: files, general: standard}",
    },
    Code {
        id: "missing-secret-store",
        title: "no secret store for this environment",
        why: "Passwords and keys are fetched in the cluster by External Secrets; the output holds references only. \
              Without a store for its tier the environment's pods would wait for Secrets that never appear.",
        fix: "declare a store for the tier in the cluster's document",
        bad: "kind: Cluster\nspec:\n  secretStores:\n    - {name: vault-test, tiers: [staging]}",
        good: "kind: Cluster\nspec:\n  secretStores:\n    - {name: vault-test, tiers: [staging]}\n    - {name: vault-live, tiers: [production]}",
    },
    Code {
        id: "image-not-pinned",
        title: "an image without tag or without digest",
        why: "A tag can be pushed again, so what was tested would not be what runs; the digest prevents that. The tag \
              stays for people, and because CloudNativePG reads the PostgreSQL version from it.",
        fix: "write both, `registry/repository:tag@sha256:digest`",
        bad: "kind: Release\nspec:\n  image: registry.example.com/erp/odoo:19.0",
        good: "kind: Release\nspec:\n  image: registry.example.com/erp/odoo:19.0-20261102@sha256:\
               6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b",
    },
    Code {
        id: "registry-not-allowed",
        title: "an image from a registry that the platform does not allow",
        why: "The platform lists the registries whose images are scanned, signed and mirrored. An image from elsewhere \
              is none of these, and its registry may be unreachable on the day a node is replaced.",
        fix: "mirror the image into an allowed registry, or add the registry to the platform",
        bad: "kind: Release\nspec:\n  image: docker.io/somebody/odoo:19.0",
        good: "kind: Release\nspec:\n  image: registry.example.com/erp/odoo:19.0-20261102@sha256:\
               6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b",
    },
    Code {
        id: "release-tier",
        title: "the release is not cleared for this tier",
        why: "A release climbs the tiers: what production runs has been in staging before. The release's document \
              lists the tiers it has reached.",
        fix: "use a release that is cleared for the tier, or add the tier to this one once it has been tested",
        bad: "kind: Release\nmetadata: {name: odoo-19-2026-12}\nspec: {tiers: [staging]}\n---\n\
              kind: Environment\nspec: {tier: production, release: odoo-19-2026-12}",
        good: "kind: Release\nmetadata: {name: odoo-19-2026-11}\nspec: {tiers: [staging, production]}\n---\n\
               kind: Environment\nspec: {tier: production, release: odoo-19-2026-11}",
    },
    Code {
        id: "unsupported-odoo",
        title: "a version of Odoo that the blueprint cannot run",
        why: "Odoo 16 and older get no security fixes in standard support, have no official image any more, and expect \
              other ports, paths and settings than the objects compiled here.",
        fix: "upgrade to 18.0 or 19.0",
        bad: "kind: Release\nspec:\n  odoo: \"16.0\"",
        good: "kind: Release\nspec:\n  odoo: \"19.0\"",
    },
    Code {
        id: "odoo-out-of-support",
        title: "a version of Odoo past its standard support",
        why: "Odoo supports a version for three years: 17.0 until September 2026, 18.0 until September 2027, 19.0 \
              until September 2028. After that, holes stay open unless extended support was bought.",
        fix: "plan the upgrade to 18.0 or 19.0",
        bad: "kind: Release\nspec:\n  odoo: \"17.0\"",
        good: "kind: Release\nspec:\n  odoo: \"19.0\"",
    },
    Code {
        id: "memory-too-small",
        title: "the memory does not suffice for what runs in it",
        why: "An Odoo pod needs a base plus about 325 MiB per worker, and must stay above Odoo's own hard limit; \
              PostgreSQL needs more than its shared buffers. With less, the kernel kills the process in the middle of \
              work.",
        fix: "raise the memory to the figure in the message, or run fewer workers per pod",
        bad: "spec:\n  odoo: {workers: 6, memory: 1Gi}",
        good: "spec:\n  odoo: {workers: 6, memory: 6Gi}",
    },
    Code {
        id: "backup-too-rare",
        title: "backups are further apart than the class promises",
        why: "A restore starts from the last base backup and replays the write-ahead log since, so a base backup is \
              taken at least once a day. The log is archived every five minutes; a class that promises to lose less \
              needs a standby that every commit waits for.",
        fix: "take a base backup at least once a day, write `synchronous: required`, or choose another class",
        bad: "spec:\n  backup: {schedule: \"30 1 * * 0\"}",
        good: "spec:\n  backup: {schedule: \"30 1 * * *\"}",
    },
    Code {
        id: "retention-too-short",
        title: "backups are deleted earlier than the class promises",
        why: "Damage is often noticed weeks later, at the end of a month or in an audit. The resilience class fixes \
              how far back a restore must reach.",
        fix: "keep backups at least as long as the resilience class says, or choose another class",
        bad: "spec:\n  resilience: gold\n  backup: {retention: 7d}",
        good: "spec:\n  resilience: gold\n  backup: {retention: 30d}",
    },
    Code {
        id: "standby-impossible",
        title: "too few database servers for the promised standby",
        why: "With `synchronous: preferred` a commit waits for a standby, so there must be one. With `synchronous: \
              required` writes stop without a standby, so a second one must be left when a server fails.",
        fix: "raise `database.instances`, or lower `database.synchronous`",
        bad: "spec:\n  database: {instances: 1, synchronous: preferred}",
        good: "spec:\n  database: {instances: 2, synchronous: preferred}",
    },
    Code {
        id: "not-supported",
        title: "something that the model knows and the blueprint cannot compile yet",
        why: "Pools that several tenants share, and recovery environments, need objects that this version does not \
              make. An environment that was compiled as if it were another would not be what was asked for.",
        fix: "write `tenancy: dedicated`, and remove recovery environments until they are supported",
        bad: "spec:\n  tenancy: shared",
        good: "spec:\n  tenancy: dedicated",
    },
    Code {
        id: "host-outside-zone",
        title: "a host outside of the DNS zones of its tenant or platform",
        why: "Certificates are issued and records are written only in zones that the platform controls. For another \
              host the certificate never becomes ready, and it may belong to somebody else.",
        fix: "use a host within a zone that is declared, or declare the zone",
        bad: "kind: Environment\nspec: {hosts: [erp.somebody-else.example]}",
        good: "kind: Environment\nspec: {hosts: [erp.hartmann-bau.example]}",
    },
    Code {
        id: "override-without-target",
        title: "an override names no object of this environment",
        why: "An override that changes nothing looks as if it did. Most often the object was renamed, or the component \
              that made it is switched off.",
        fix: "name an object that the environment has, or delete the override",
        bad: "spec:\n  overrides:\n    - kind: Deployment\n      name: wbe\n      reason: readiness flaps under load\n      patch: {spec: {minReadySeconds: 30}}",
        good: "spec:\n  overrides:\n    - kind: Deployment\n      name: web\n      reason: readiness flaps under load\n      patch: {spec: {minReadySeconds: 30}}",
    },
    Code {
        id: "override-unknown-field",
        title: "an override changes what makes its object this one",
        why: "The path of an object's file, and every reference to it, follow from its kind, its name and its namespace. An \
              override changes what an object says, not which object it is.",
        fix: "remove the field from the patch; an object of your own goes into `extra`",
        bad: "spec:\n  overrides:\n    - kind: Deployment\n      name: web\n      reason: readiness flaps under load\n      patch: {metadata: {name: odoo}}",
        good: "spec:\n  overrides:\n    - kind: Deployment\n      name: web\n      reason: readiness flaps under load\n      patch: {spec: {minReadySeconds: 30}}",
    },
    Code {
        id: "extra-refused",
        title: "an extra object that an environment may not bring along",
        why: "Extra objects are applied with the rights of the environment's own delivery. Cluster-wide kinds, objects \
              in other namespaces, Secrets with values and objects that a component already makes are refused.",
        fix: "keep to namespaced kinds in the environment's own namespace, and hand the others to the platform team",
        bad: "spec:\n  extra:\n    - {apiVersion: v1, kind: Secret, metadata: {name: smtp}, data: {key: aHVudGVyMg==}}",
        good: "spec:\n  extra:\n    - {apiVersion: v1, kind: ConfigMap, metadata: {name: smtp}, data: {port: \"587\"}}",
    },
    Code {
        id: "expired-environment",
        title: "an environment has outlived its expiry date",
        why: "Temporary environments hold copies of real data and cost money; the date was set so that somebody would \
              decide. Formwork never deletes them by itself.",
        fix: "remove the environment's file, or set a later date and say why in the commit",
        bad: "spec:\n  expires: 2026-06-30",
        good: "spec:\n  expires: 2027-06-30",
    },
    Code {
        id: "unused-document",
        title: "a document that nothing refers to",
        why: "A release, calendar, cluster or tenant that no environment uses has no effect. It may be left over, or \
              the reference that was meant for it names another one.",
        fix: "delete the document, or refer to it",
        bad: "kind: Calendar\nmetadata: {name: germany-2024}",
        good: "kind: Calendar\nmetadata: {name: germany}\n---\nkind: Tenant\nspec: {calendar: germany}",
    },
    Code {
        id: "tier-not-allowed",
        title: "the cluster takes no environments of this tier",
        why: "A cluster lists the tiers it is built and guarded for. A test system on the cluster of production \
              shares its nodes, its network and its blast radius; production elsewhere misses its protection.",
        fix: "choose another cluster, or add the tier to the cluster's `tiers`",
        bad: "kind: Cluster\nspec:\n  tiers: [production]",
        good: "kind: Cluster\nspec:\n  tiers: [staging, production]",
    },
    Code {
        id: "odoo-unverified",
        title: "a version of Odoo that the blueprint was not proved with",
        why: "Each version moves ports, options and start-up. The objects for this one follow its documentation, but \
              nobody has run them through the tests that the others have passed.",
        fix: "keep it out of production until formwork says that it is proved",
        bad: "kind: Release\nspec:\n  odoo: \"20.0\"",
        good: "kind: Release\nspec:\n  odoo: \"19.0\"",
    },
    Code {
        id: "missing-module",
        title: "the release lacks a module that a setting needs",
        why: "Attachments go to a bucket through the module `fs_attachment_s3`. Without it Odoo writes them to the \
              volume, in silence, and the bucket stays empty.",
        fix: "add the module to the release's `modules`, or write `backend: volume`",
        bad: "kind: Release\nspec:\n  modules: [base, account]",
        good: "kind: Release\nspec:\n  modules: [base, account, fs_attachment, fs_attachment_s3]",
    },
    Code {
        id: "demo-data",
        title: "demonstration data in production",
        why: "Demonstration data comes with users whose passwords everybody knows, and with invoices that nobody has \
              sent. It cannot be removed again.",
        fix: "write `demoData: false`",
        bad: "spec:\n  tier: production\n  odoo: {demoData: true}",
        good: "spec:\n  tier: production\n  odoo: {demoData: false}",
    },
    Code {
        id: "too-few-replicas",
        title: "fewer web pods than the class promises",
        why: "The resilience class fixes how many pods answer requests at all times, so that one can fail or move \
              without anybody noticing.",
        fix: "raise `autoscaling.minimum`, leave it out, or choose another class",
        bad: "spec:\n  resilience: silver\n  autoscaling: {minimum: 1}",
        good: "spec:\n  resilience: silver\n  autoscaling: {minimum: 2}",
    },
    Code {
        id: "reserved-option",
        title: "an option that something else sets",
        why: "The blueprint writes these options of Odoo, and CloudNativePG these parameters of PostgreSQL. A second \
              value would be overwritten, or break what relies on the first: the archive, the pools, the isolation of \
              databases.",
        fix: "remove it; most have a setting of their own (`formwork schema Environment`)",
        bad: "spec:\n  odoo: {config: {workers: \"8\"}}",
        good: "spec:\n  odoo: {workers: 8}",
    },
    Code {
        id: "backup-disabled",
        title: "production without backups",
        why: "Replication copies a mistake as fast as a payment. Only a backup leads back to the time before it.",
        fix: "write `backup.enabled: true`, or leave it out",
        bad: "spec:\n  tier: production\n  backup: {enabled: false}",
        good: "spec:\n  tier: production\n  backup: {enabled: true}",
    },
    Code {
        id: "open-to-everyone",
        title: "a test system that the whole internet can reach",
        why: "Copies of production hold real data behind weaker passwords, and run releases that nobody has tested. \
              Searching for them is automatic.",
        fix: "set `ingress.allowFrom` or `ingress.forwardAuth`, best as a default of the tier",
        bad: "spec:\n  tier: staging\n  ingress: {allowFrom: []}",
        good: "spec:\n  tier: staging\n  ingress: {allowFrom: [198.51.100.0/24]}",
    },
    Code {
        id: "metadata-exposed",
        title: "a network that covers the cloud's metadata service",
        why: "At a link-local address every cloud hands out credentials of the machine to whoever asks from it. An \
              Odoo that can be led to open any address would pass them on.",
        fix: "name the networks that are meant, without `169.254.0.0/16`",
        bad: "spec:\n  egress:\n    networks: [{cidr: 0.0.0.0/0, ports: [443]}]",
        good: "spec:\n  egress:\n    networks: [{cidr: 198.51.100.0/24, ports: [443]}]",
    },
];
