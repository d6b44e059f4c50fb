//! Pages of what can stand between a clean compilation and its files.
//!
//! Said by `emit`, which alone writes to the disk.

use super::Code;

pub(super) const CODES: &[Code] = &[
    Code {
        id: "edited-by-hand",
        title: "a generated file was changed by hand",
        why: "The file is not what formwork last wrote. Overwriting it would lose somebody's change, keeping it would \
              let the cluster differ from the inputs; so it is left alone and nothing is written.",
        fix: "make the change in `environments/`, restore the file by `git checkout`, and build again",
        bad: "generated/environments/hartmann-bau/production/odoo/deployment-web.yaml (replicas changed from 3 to 5)",
        good: "generated/environments/hartmann-bau/production/odoo/deployment-web.yaml (as written)",
    },
    Code {
        id: "foreign-file",
        title: "a file of somebody else stands where one must be written",
        why: "The path is needed for an object, but the file there is not in the ownership record. Formwork overwrites \
              only what it has written itself.",
        fix: "move the file out of `generated/`, then build again",
        bad: "generated/clusters/eu-central/namespaces/namespace-monitoring.yaml (written by hand)",
        good: "manual/namespace-monitoring.yaml",
    },
    Code {
        id: "unowned-file",
        title: "a file in `generated/` that formwork did not write",
        why: "Argo CD and Flux apply everything in the folder, so the file reaches the cluster without having passed \
              any check. It is neither changed nor removed.",
        fix: "move the file to another folder, or delete it",
        bad: "generated/environments/hartmann-bau/production/debug-pod.yaml",
        good: "manual/debug-pod.yaml",
    },
    Code {
        id: "ownership-record",
        title: "the ownership record cannot be used",
        why: "`generated/ownership.json` says which files are formwork's and what they held. If it is damaged, or was \
              merged badly, it is unknown which files may be replaced or removed.",
        fix: "restore the file from the last good commit and build again; after a merge conflict take either side",
        bad: "generated/ownership.json (with the marks of a merge conflict)",
        good: "generated/ownership.json (as written by `formwork build`)",
    },
    Code {
        id: "write-failed",
        title: "a file or folder could not be written",
        why: "The operating system refused it: no right to write, no space left, or a folder where a file must be. \
              Every file is written whole, so none is half new; the next build completes what is missing.",
        fix: "remove the cause that the message names and build again",
        bad: "generated/ (owned by root, read-only)",
        good: "generated/ (writable for the user who runs formwork)",
    },
    Code {
        id: "case-collision",
        title: "two paths differ in upper and lower case only",
        why: "On macOS and Windows they are one file: the second would overwrite the first, and git would show a \
              change that nobody made.",
        fix: "rename one of the two objects",
        bad: "rbac/role-Auditor.yaml and rbac/role-auditor.yaml",
        good: "rbac/role-auditor.yaml and rbac/role-auditor-external.yaml",
    },
    Code {
        id: "stale-output",
        title: "`generated/` is not what the inputs give",
        why: "The inputs were changed without building, or the output was changed without the inputs. What is reviewed \
              would not be what is applied.",
        fix: "run `formwork build` and commit the result",
        bad: "environments/hartmann-bau/production.yaml is committed, generated/ is not",
        good: "both are in one commit",
    },
    Code {
        id: "path-collision",
        title: "two objects would be written to one path",
        why: "The path is made of component, kind and name. One of the two objects would vanish, and with it what it \
              does.",
        fix: "rename one of the objects; for an extra object choose a name that no component uses",
        bad: "odoo/configmap-web.yaml for the component, odoo/configmap-web.yaml for an extra object",
        good: "odoo/configmap-web.yaml for the component, odoo/configmap-web-extra.yaml for an extra object",
    },
    Code {
        id: "output-folder",
        title: "the output folder cannot be used",
        why: "Something that is no folder has its name, or it cannot be read. Nothing can be compared with it or \
              written into it.",
        fix: "name another folder with `--out`, or mend its rights",
        bad: "generated is a file",
        good: "generated is a folder",
    },
    Code {
        id: "output-path",
        title: "an object has a name that no file can have",
        why: "Every object is a file, on the machines of everybody who works with the repository: names that one of \
              them cannot hold are refused for all.",
        fix: "give the object another name, of letters, digits, `.`, `_` and `-`",
        bad: "generated/environments/acme/production/extra/role-system:reader.yaml",
        good: "generated/environments/acme/production/extra/role-system-reader.yaml",
    },
    Code {
        id: "data-removal",
        title: "an object that holds data would be removed",
        why: "What reconciles the output deletes what is no longer in it, and a namespace, a volume, a database server or a \
              bucket takes its data along. The same happens when it is renamed, or when its environment moves to another \
              cluster. So the environment has to say first, with a last day, which data may go; where the environment itself \
              goes, the namespace of the previous output has to show that it said so.",
        fix: "restore what made the object, or give leave with `dataRemoval`, deliver that, and remove it then",
        bad: "# tenants/kestrel/staging.yaml was deleted",
        good: "spec:\n  dataRemoval:\n    until: 2026-12-31\n    objects: [\"*\"]\n    \
               reason: the contract ended; the last backup is in the archive of the tenant",
    },
];
