//! Pages of what can be wrong with a text before anything is known about its meaning.
//!
//! Said by `workspace`, which reads files and YAML.

use super::Code;

pub(super) const CODES: &[Code] = &[
    Code {
        id: "yaml-syntax",
        title: "the text is not YAML",
        why: "The reader lost its way at this place, so nothing after it was read. The usual causes are a tab in the \
              indentation, a quote or bracket that is never closed, a colon inside an unquoted text, or a list item \
              that is indented differently from its neighbours.",
        fix: "correct the text at the place shown; indent by two spaces, never by tabs",
        bad: "spec:\n  hosts: [erp.hartmann-bau.example",
        good: "spec:\n  hosts: [erp.hartmann-bau.example]",
    },
    Code {
        id: "duplicate-key",
        title: "a key is written twice in one mapping",
        why: "Some readers keep the first value, some the last, and some refuse; a reviewer sees both. Kubernetes, \
              Argo CD and Flux refuse such a document, so it is refused here too.",
        fix: "keep the line that is meant and delete the other",
        bad: "spec:\n  tier: staging\n  users: 240\n  tier: production",
        good: "spec:\n  tier: production\n  users: 240",
    },
    Code {
        id: "ambiguous-scalar",
        title: "an unquoted word that readers of YAML understand differently",
        why: "The YAML 1.1 reader of Kubernetes takes `no`, `on` and `y` for booleans, `0644` for an octal number and \
              `1_000` for a thousand; a YAML 1.2 reader takes them for text or for other numbers. One file must mean \
              one thing.",
        fix: "quote the value if it is text; write `true`, `false` or a plain decimal number if it is not",
        bad: "spec:\n  tenant: no",
        good: "spec:\n  tenant: \"no\"",
    },
    Code {
        id: "anchor-or-alias",
        title: "a YAML anchor or alias",
        why: "An alias makes a line mean what is written elsewhere: a change there does not show in the diff here, and \
              a few nested aliases expand a small file without bound. What environments share has a place of its own, \
              in the chain of platform, cluster and tenant, where every value knows the line that set it.",
        fix: "write the value out, or move what is shared to the platform, the cluster or the tenant",
        bad: "spec:\n  database: {storage: &size 200Gi, walStorage: *size}",
        good: "spec:\n  database: {storage: 200Gi, walStorage: 200Gi}",
    },
    Code {
        id: "tag",
        title: "a YAML tag",
        why: "A tag such as `!!str` changes the type of a value, and one such as `!secret` asks some program to supply \
              it. Here the schema decides on types, and nothing is looked up.",
        fix: "remove the tag; quote the value if it has to stay text",
        bad: "spec:\n  release: !!str odoo-19-2026-11",
        good: "spec:\n  release: odoo-19-2026-11",
    },
    Code {
        id: "merge-key",
        title: "a YAML merge key",
        why: "`<<` exists in YAML 1.1 only; newer readers take it for a field of that name. It also lets a line win \
              over another one that no reviewer sees beside it.",
        fix: "write the merged fields out, or move what is shared to the platform, the cluster or the tenant",
        bad: "spec:\n  <<: *defaults\n  tier: production",
        good: "spec:\n  tenancy: dedicated\n  tier: production",
    },
    Code {
        id: "too-deep",
        title: "the text is nested too deeply",
        why: "No document needs more than a dozen levels. A deeper one is a mistake of brackets or indentation, or an \
              attempt to exhaust the reader.",
        fix: "remove the superfluous levels; brackets and indentation of the place shown are the first suspects",
        bad: "spec:\n  hosts: [[[[[[[[erp.hartmann-bau.example]]]]]]]]",
        good: "spec:\n  hosts: [erp.hartmann-bau.example]",
    },
    Code {
        id: "file-too-large",
        title: "a file is larger than an input may be",
        why: "Inputs are written and reviewed by people; a file of this size is nearly always data in the wrong place. \
              The limit also bounds the memory that one pull request can ask of the CI runner.",
        fix: "split the file into one document per file, or keep its data outside of the workspace",
        bad: "environments/hartmann-bau/production.yaml (25 MiB, most of it a logo in base64)",
        good: "environments/hartmann-bau/production.yaml (2 KiB)",
    },
    Code {
        id: "not-utf8",
        title: "a file is not UTF-8",
        why: "YAML is read as UTF-8. In another encoding names with accents turn into different names, and some bytes \
              into no character at all.",
        fix: "save the file as UTF-8, for instance with `iconv --from-code LATIN1 --to-code UTF-8`",
        bad: "displayName: Müller  # saved as Latin-1, `ü` is the single byte FC",
        good: "displayName: Müller  # saved as UTF-8, `ü` is the bytes C3 BC",
    },
    Code {
        id: "symbolic-link",
        title: "a symbolic link in the workspace",
        why: "A link can lead out of the repository, to a file that nobody reviews and that differs from machine to \
              machine. Argo CD refuses a repository with links that leave it.",
        fix: "replace the link by the file itself, or remove it",
        bad: "environments/hartmann-bau/production.yaml -> ../../../shared/production.yaml",
        good: "environments/hartmann-bau/production.yaml",
    },
    Code {
        id: "unreadable-file",
        title: "a file or folder cannot be read",
        why: "The operating system refused it. What is in that file is unknown, so nothing can be said about the \
              workspace as a whole, and nothing is written.",
        fix: "give the user who runs formwork the right to read it, or move it out of the workspace",
        bad: "-rw------- root environments/hartmann-bau/production.yaml",
        good: "environments/hartmann-bau/production.yaml (-rw-r--r--)",
    },
    Code {
        id: "non-string-key",
        title: "a key that is not text",
        why: "Fields have names. A key such as `8069`, `true` or a list must be turned into text first, and readers of \
              YAML disagree on the text: for Kubernetes the key `on` is called `true`.",
        fix: "quote the key",
        bad: "labels:\n  8069: http",
        good: "labels:\n  \"8069\": http",
    },
    Code {
        id: "too-many-findings",
        title: "only the first findings are shown",
        why: "A mistake at the top of the chain is reported for every environment below it, and nobody reads thousands \
              of findings. Those left out have most often the same cause as those shown.",
        fix: "correct the findings shown and run again; `--only TENANT/ENVIRONMENT` narrows the run",
        bad: "12480 findings, the first 1000 shown",
        good: "no findings",
    },
];
