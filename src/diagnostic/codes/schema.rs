//! Pages of how an input document can miss the schema: its frame, its fields and their types.
//!
//! Said by `model` when it reads documents; texts with a format of their own are in `formats`.

use super::Code;

pub(super) const CODES: &[Code] = &[
    Code {
        id: "not-a-document",
        title: "a YAML document without the frame of an input",
        why: "Every input is a mapping with `apiVersion`, `kind`, `metadata.name` and `spec`, as Kubernetes objects \
              are. Without the frame it is unknown what the text describes, and it must not be skipped in silence.",
        fix: "wrap the content in the frame, or move the file out of `environments/` and `policies/`",
        bad: "tenant: hartmann-bau\ntier: production",
        good: "apiVersion: formwork/v1alpha1\nkind: Environment\nmetadata: {name: production}\n\
               spec:\n  tenant: hartmann-bau\n  tier: production",
    },
    Code {
        id: "unknown-api-version",
        title: "an `apiVersion` that this version of formwork does not read",
        why: "The version says which schema a document was written for. Reading it by another one would take fields \
              for what they are not.",
        fix: "write `formwork/v1alpha1`, or use the version of formwork that the document was written for",
        bad: "apiVersion: formwork/v1\nkind: Environment",
        good: "apiVersion: formwork/v1alpha1\nkind: Environment",
    },
    Code {
        id: "unknown-kind",
        title: "a `kind` that formwork does not know",
        why: "The kind decides how a document is read; the folder it lies in is convention only. Kinds are written in \
              capitals and in the singular.",
        fix: "write one of the kinds that `formwork schema` lists",
        bad: "apiVersion: formwork/v1alpha1\nkind: Enviroment",
        good: "apiVersion: formwork/v1alpha1\nkind: Environment",
    },
    Code {
        id: "unknown-field",
        title: "a field that the schema does not have",
        why: "A misspelt field that is ignored leaves its default in force, and nobody notices until the default \
              hurts. So there are no ignored fields.",
        fix: "correct the spelling or the indentation, or delete the line; `formwork schema KIND` lists the fields",
        bad: "spec:\n  databse: {instances: 3}",
        good: "spec:\n  database: {instances: 3}",
    },
    Code {
        id: "missing-field",
        title: "a required field is absent",
        why: "Some values have no safe default: whose environment this is, on which cluster it runs, which release it \
              gets. They are always written down.",
        fix: "add the field that the message names",
        bad: "spec:\n  tier: production\n  cluster: eu-central",
        good: "spec:\n  tenant: hartmann-bau\n  tier: production\n  cluster: eu-central",
    },
    Code {
        id: "wrong-type",
        title: "a value of another type than the field takes",
        why: "Nothing is converted silently: `1.30` read as a number loses its zero, and text in the place of a number \
              may hold anything.",
        fix: "quote what is text, take the quotes off numbers and booleans, and write lists as lists",
        bad: "spec:\n  users: \"240\"\n  hosts: erp.hartmann-bau.example",
        good: "spec:\n  users: 240\n  hosts: [erp.hartmann-bau.example]",
    },
    Code {
        id: "unknown-value",
        title: "a value outside of the field's list",
        why: "The field takes one of a few words, each with consequences: the tier, for instance, decides on backups, \
              replicas and policies. A word that is not in the list has none.",
        fix: "write one of the words that the message lists",
        bad: "spec:\n  tier: prod",
        good: "spec:\n  tier: production",
    },
    Code {
        id: "out-of-range",
        title: "a number, a list or a text beyond its bounds",
        why: "The bounds are those of Kubernetes, of PostgreSQL or of plain sense. A value beyond them would be \
              refused later by the cluster, or accepted and then not work.",
        fix: "choose a value within the bounds that the message names",
        bad: "spec:\n  database: {instances: 0}",
        good: "spec:\n  database: {instances: 3}",
    },
];
