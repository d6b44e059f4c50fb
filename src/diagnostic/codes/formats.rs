//! Pages of texts that have a format of their own: names, hosts, quantities, schedules.
//!
//! Said by `model` when it reads documents.

use super::Code;

pub(super) const CODES: &[Code] = &[
    Code {
        id: "bad-format",
        title: "a text that does not have the shape its field asks for",
        why: "The text ends up in objects, names or commands that take this shape only. The message says which shape \
              it is.",
        fix: "write the text in the shape that the message names",
        bad: "kind: Cluster\nspec:\n  region: EU Central",
        good: "kind: Cluster\nspec:\n  region: eu-central",
    },
    Code {
        id: "bad-name",
        title: "a name that Kubernetes would not accept",
        why: "Names of tenants and environments become namespaces, labels, host names and folders. What all of them \
              accept are lowercase letters, digits and hyphens, with a letter or digit at both ends and at most 63 \
              characters.",
        fix: "use lowercase letters, digits and hyphens; a `displayName` may hold anything",
        bad: "metadata: {name: Production_2}",
        good: "metadata: {name: production-2}",
    },
    Code {
        id: "bad-host",
        title: "a text that is not a host name",
        why: "Routes and certificates are made for host names: no scheme, no port, no path, no underscore. A wildcard \
              may stand for the first label only.",
        fix: "write the bare host name in lowercase",
        bad: "spec:\n  hosts: [\"https://erp.hartmann-bau.example/web\"]",
        good: "spec:\n  hosts: [erp.hartmann-bau.example]",
    },
    Code {
        id: "bad-quantity",
        title: "a text that is not a Kubernetes quantity",
        why: "Kubernetes counts in `k`, `M`, `G`, `T` (powers of 1000), in `Ki`, `Mi`, `Gi`, `Ti` (powers of 1024) and \
              in `m` (thousandths). `GB`, `K` or a space before the unit are refused by the API server.",
        fix: "write a number directly followed by one of these units, most often `Mi` or `Gi`",
        bad: "spec:\n  database: {storage: 200 GB}",
        good: "spec:\n  database: {storage: 200Gi}",
    },
    Code {
        id: "bad-cron",
        title: "a text that is not a cron expression",
        why: "A cron expression has five fields: minute, hour, day of month, month and day of week. Seconds, `L`, `W` \
              and `#` are inventions of other schedulers, and the time zone has a field of its own.",
        fix: "write five fields, for instance `30 1 * * *` for half past one every night",
        bad: "spec:\n  backup: {schedule: \"0 30 1 * * *\"}",
        good: "spec:\n  backup: {schedule: \"30 1 * * *\"}",
    },
    Code {
        id: "bad-time-zone",
        title: "a time zone that is not in the IANA database",
        why: "Abbreviations such as `CEST` and offsets such as `UTC+1` do not know when summer begins. Kubernetes \
              refuses an unknown zone, and Argo CD silently takes UTC instead, which moves every window.",
        fix: "write the zone as continent and city, `Europe/Berlin`, or `UTC`",
        bad: "kind: Calendar\nspec:\n  timeZone: Berlin",
        good: "kind: Calendar\nspec:\n  timeZone: Europe/Berlin",
    },
    Code {
        id: "bad-image",
        title: "a text that is not an image reference",
        why: "A reference is `registry/repository:tag@sha256:digest`, the registry and repository in lowercase and the \
              digest of 64 hexadecimal digits. A container with anything else waits in `InvalidImageName`.",
        fix: "write registry and repository in lowercase, then `:` and the tag, then `@` and the digest that the \
              registry shows",
        bad: "kind: Release\nspec:\n  image: registry.example.com/ERP/Odoo:19.0",
        good: "kind: Release\nspec:\n  image: registry.example.com/erp/odoo:19.0-20261102@sha256:\
               6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b",
    },
    Code {
        id: "bad-duration",
        title: "a text that is not a duration",
        why: "A duration is a number directly followed by its unit, such as `90s`, `15m` or `4h`. A number alone \
              leaves open whether it counts seconds or minutes.",
        fix: "write number and unit together",
        bad: "kind: Resilience\nspec:\n  recoveryPoint: 15 minutes",
        good: "kind: Resilience\nspec:\n  recoveryPoint: 15m",
    },
    Code {
        id: "bad-cidr",
        title: "a text that is not an address range",
        why: "A range is an address, a slash and the length of its prefix, with all bits after the prefix zero. With \
              other bits set it is unclear whether one host or the whole range was meant; Kubernetes accepts that with \
              a warning only, and firewalls disagree.",
        fix: "write the first address of the range, `10.20.0.0/16`, or a single host, `10.20.0.7/32`",
        bad: "spec:\n  ingress: {allowFrom: [10.20.0.7/16]}",
        good: "spec:\n  ingress: {allowFrom: [10.20.0.0/16]}",
    },
    Code {
        id: "bad-url",
        title: "a text that is not a URL",
        why: "The value is handed to programs that expect a whole URL. Without a scheme they guess, or take the host \
              for a path.",
        fix: "write scheme and host, `https://…`, and keep user names and passwords out of it",
        bad: "kind: Cluster\nspec:\n  objectStorage: {endpoint: s3.eu-central.example.com}",
        good: "kind: Cluster\nspec:\n  objectStorage: {endpoint: \"https://s3.eu-central.example.com\"}",
    },
    Code {
        id: "bad-version",
        title: "a text that is not a version",
        why: "Versions decide on schemas, images and upgrade paths, so they are compared number by number. Words such \
              as `latest` cannot be compared and mean something else tomorrow.",
        fix: "write the numbers in quotes, so that `\"1.30\"` keeps its zero",
        bad: "kind: Cluster\nspec:\n  kubernetesVersion: latest",
        good: "kind: Cluster\nspec:\n  kubernetesVersion: \"1.36\"",
    },
    Code {
        id: "bad-date",
        title: "a text that is not a date",
        why: "Dates are read as year, month and day, because `03/04/2026` is March to some and April to others. The \
              day must exist: 30 February does not.",
        fix: "write `YYYY-MM-DD`",
        bad: "spec:\n  expires: 31.12.2026",
        good: "spec:\n  expires: 2026-12-31",
    },
    Code {
        id: "bad-schedule",
        title: "a time in a calendar that never comes",
        why: "No day matches the schedule, the hours end before they begin, or there is no such time of day. What \
              hangs on it would never run, and KEDA even takes a window that never begins for one that is always open.",
        fix: "choose days that exist in the months named, and end what has begun",
        bad: "kind: Calendar\nspec:\n  peaks: [{name: payroll, schedule: \"0 2 30 2 *\", duration: 4h}]",
        good: "kind: Calendar\nspec:\n  peaks: [{name: payroll, schedule: \"0 2 28 2 *\", duration: 4h}]",
    },
];
