//! The pages of what is wrong with waivers.

use super::Code;

pub(super) const CODES: &[Code] = &[
    Code {
        id: "broad-waiver",
        title: "a waiver covers more than it is needed for",
        why: "What it covers without need can break tomorrow and nobody will hear of it.",
        fix: "name exactly what it is needed for",
        bad: "kind: Waiver
spec:
  policies: [unpinned-image]
  subject: {environments: [\"*\"]}",
        good: "kind: Waiver
spec:
  policies: [unpinned-image]
  subject:
    environments: [kestrel/staging]
    objects: [{kind: Deployment, name: connector}]",
    },
    Code {
        id: "long-waiver",
        title: "a waiver counts for longer than one may",
        why: "An exception without a near end is a rule that nobody decided.",
        fix: "choose an earlier end, or raise `waiverDays` of the platform for everybody",
        bad: "kind: Waiver
spec: {expires: 2029-12-31}",
        good: "kind: Waiver
spec: {expires: 2027-01-31}",
    },
    Code {
        id: "unused-waiver",
        title: "a waiver, or a part of it, waives nothing",
        why: "What it waived is mended, so that the next time it breaks nobody would hear of it.",
        fix: "remove it",
        bad: "kind: Waiver
spec:
  subject: {environments: [kestrel/stagging]}",
        good: "kind: Waiver
spec:
  subject: {environments: [kestrel/staging]}",
    },
    Code {
        id: "waiver-ends-soon",
        title: "a waiver ends within two weeks",
        why: "What it waives will deny the build on the day after.",
        fix: "mend what it waives, or have its owner decide anew",
        bad: "kind: Waiver
spec: {expires: 2026-11-29}",
        good: "kind: Waiver
spec: {expires: 2027-01-31}",
    },
    Code {
        id: "waiver-without-subject",
        title: "a waiver does not say where it counts",
        why: "A waiver is an exception somewhere; everywhere it would be the end of the policy.",
        fix: "name environments or clusters",
        bad: "kind: Waiver
spec: {subject: {objects: [{kind: Deployment, name: connector}]}}",
        good: "kind: Waiver
spec:
  subject:
    environments: [kestrel/staging]
    objects: [{kind: Deployment, name: connector}]",
    },
];
