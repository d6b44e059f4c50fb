//! Images are pinned by tag and digest, so that a tag pushed again cannot change what runs.

use crate::diagnostic::Level;
use crate::manifest::Object;
use crate::model::Environment;
use crate::policy::{Check, Findings, Rule};
use serde_json::Value;

pub(super) const RULE: Rule = Rule {
    id: "unpinned-image",
    title: "an image is referenced without its digest",
    why: "A tag can be pushed again; what was reviewed would then not be what runs.",
    fix: "append `@sha256:…` to the reference",
    level: Level::Deny,
    check: Check::Object(check),
};

fn check(_: Option<&Environment>, object: &Object, findings: &mut Findings<'_>) {
    if let Some(pod) = object.pod_pointer() {
        for list in ["initContainers", "containers"] {
            let pointer = format!("{pod}/{list}");
            for (index, container) in object
                .value
                .pointer(&pointer)
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
                .enumerate()
            {
                judge(
                    container.get("image"),
                    object,
                    &format!("{pointer}/{index}/image"),
                    findings,
                );
            }
        }
    }
    if object.kind == "Cluster" && object.group() == "postgresql.cnpg.io" {
        judge(
            object.value.pointer("/spec/imageName"),
            object,
            "/spec/imageName",
            findings,
        );
    }
}

fn judge(image: Option<&Value>, object: &Object, pointer: &str, findings: &mut Findings<'_>) {
    let image = image.and_then(Value::as_str).unwrap_or_default();
    if !image.contains("@sha256:") {
        findings.push(object, pointer, format!("`{image}` has no digest"));
    }
}
