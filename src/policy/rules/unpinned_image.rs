//! Images are pinned by tag and digest, so that a tag pushed again cannot change what runs.
//!
//! Every field that names an image counts, in pods and in custom resources that make pods.

use crate::diagnostic::Level;
use crate::manifest::Object;
use crate::model::Environment;
use crate::policy::texts::{Field, texts};
use crate::policy::{Check, Findings, Rule};

pub(super) const RULE: Rule = Rule {
    id: "unpinned-image",
    title: "an image is referenced without its digest",
    why: "A tag can be pushed again. Two pods of one Deployment may then run different code, what was reviewed is not \
          what runs, and a rollback does not bring back what ran before.",
    fix: "append `@sha256:…` to the reference",
    references: &[
        "NSA Kubernetes Hardening Guide, Building secure container images",
        "CIS Kubernetes 5.5.1",
    ],
    bad: "containers:\n  - {name: exporter, image: \"registry.example.com/mirror/redis_exporter:v1.88.0\"}",
    good: "containers:\n  - name: exporter\n    image: registry.example.com/mirror/redis_exporter:v1.88.0@sha256:\
           6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b",
    level: Level::Deny,
    check: Check::Object(check),
};

fn check(_: Option<&Environment>, object: &Object, findings: &mut Findings<'_>) {
    // A database cluster without an image runs whatever its operator brings along.
    if object.kind == "Cluster" && object.group() == "postgresql.cnpg.io" {
        let spec = object.value.get("spec");
        if spec.is_some_and(|spec| spec.get("imageName").or(spec.get("imageCatalogRef")).is_none()) {
            findings.push(object, "/spec/imageName", "the database names no image");
        }
    }
    // Settings in config maps are called as their readers want; their texts run nothing.
    let Some(spec) = object.value.get("spec") else { return };
    texts(spec, &mut |field, text| {
        if is_image(field) && !text.contains("@sha256:") {
            findings.push(
                object,
                &format!("/spec{}", field.pointer()),
                format!("`{text}` has no digest"),
            );
        }
    });
}

/// `image`, `imageName`, and the `reference` of an image that is mounted.
fn is_image(field: &Field<'_>) -> bool {
    match field.key() {
        Some("image" | "imageName") => true,
        Some("reference") => field.above().and_then(Field::key) == Some("image"),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::fixture::{environment, judged};

    #[test]
    fn what_the_blueprint_makes_is_pinned() {
        assert!(judged(&RULE, &environment("", &[])).is_empty());
    }

    #[test]
    fn every_field_that_names_an_image_counts() {
        let settings = "
  overrides:
    - kind: Cluster
      name: db
      reason: a version under test
      patch: {spec: {imageName: registry.formwork.example/platform/postgresql:17.6}}
  extra:
    - apiVersion: postgresql.cnpg.io/v1
      kind: Pooler
      metadata: {name: pool}
      spec:
        cluster: {name: db}
        template:
          spec:
            initContainers:
              - {name: wait, image: busybox}
            volumes:
              - {name: tools, image: {reference: \"tools:1\"}}
";
        insta::assert_snapshot!(judged(&RULE, &environment(settings, &[])).join("\n"), @r#"
        patch: {spec: {imageName: registry.formwork.example/platform/postgresql:17.6}} | `registry.formwork.example/platform/postgresql:17.6` has no digest
        - {name: wait, image: busybox} | `busybox` has no digest
        - {name: tools, image: {reference: "tools:1"}} | `tools:1` has no digest
        "#);
    }
}
