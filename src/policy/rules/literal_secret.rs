//! No secret stands in the output as text: it is committed, and what is in a repository once stays there.
//!
//! Every text of every object is read once. What is public by nature passes: digests, certificates, public keys.

mod patterns;

use serde_json::Value;

use crate::diagnostic::Level;
use crate::manifest::Object;
use crate::model::{ConfigValue, Environment, OptionName};
use crate::policy::texts::{Field, texts};
use crate::policy::{Check, Findings, Rule};

pub(super) const RULE: Rule = Rule {
    id: "literal-secret",
    title: "a secret is written out",
    why: "The output is committed; what is in a repository once stays in its history and in every clone. Secrets are \
          fetched in the cluster, by reference.",
    fix: "put the value into the secret store, refer to it by an ExternalSecret, and replace it if it was ever pushed",
    references: &["CIS Kubernetes 5.4.2", "OWASP Secrets Management Cheat Sheet"],
    bad: "env:\n  - {name: PGPASSWORD, value: hunter2}",
    good: "env:\n  - name: PGPASSWORD\n    valueFrom: {secretKeyRef: {name: db-app, key: password}}",
    level: Level::Deny,
    check: Check::Object(check),
};

fn check(environment: Option<&Environment>, object: &Object, findings: &mut Findings<'_>) {
    if object.kind == "Secret" && object.group().is_empty() {
        let message = "a Secret holds its values in the repository";
        findings.push(object, "/kind", message);
        return;
    }
    if object.kind == "CustomResourceDefinition" {
        // It describes fields for secrets in many words, and holds none.
        return;
    }
    texts(&object.value, &mut |field, text| {
        if let Some(what) = patterns::secret_in(text).or_else(|| named(field, text)) {
            match environment.and_then(|environment| option_in(text, environment)) {
                Some(option) => findings.setting(&format!("/odoo/config/{option}"), what),
                None => findings.push(object, &field.pointer(), what),
            }
        }
    });
}

/// The option of `odoo.conf` that brought a secret into a text: its line is the one to change.
fn option_in<'a>(text: &str, environment: &'a Environment) -> Option<&'a str> {
    let mut options = environment.spec.odoo.config.iter();
    let (OptionName(name), _) = options.find(|(OptionName(name), ConfigValue(value))| {
        let is_secret = patterns::is_secret_name(name) && patterns::is_literal(value);
        (is_secret || patterns::secret_in(value).is_some()) && text.contains(&format!("{name} = {value}"))
    })?;
    Some(name)
}

/// What stands where a secret belongs: under its name, in a variable of its name, behind an option of its name.
fn named(field: &Field<'_>, text: &str) -> Option<String> {
    // Behind these stands the name of a secret, or of one of its keys.
    let key = field.key().filter(|key| !["secret", "secretKey"].contains(key));
    let name = match (key, field.index()) {
        (Some("value"), _) => field.around.get("name").and_then(Value::as_str),
        (Some(key), _) => Some(key),
        (None, Some(index)) => {
            let before = index
                .checked_sub(1)
                .and_then(|before| field.around.get(before)?.as_str());
            before.filter(|before| before.starts_with('-') && !before.contains('='))
        }
        (None, None) => None,
    }?;
    (patterns::is_secret_name(name) && patterns::is_literal(text)).then(|| format!("`{name}` is written out"))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::fixture::{environment, judged};
    use crate::policy::judge;

    fn said(settings: &str) -> String {
        judged(&RULE, &environment(settings, &[])).join("\n")
    }

    #[test]
    fn the_blueprint_writes_no_secret() {
        for settings in ["", "  filestore: {backend: bucket}\n"] {
            assert_eq!(said(settings), "");
        }
    }

    #[test]
    fn secrets_that_came_as_text_are_caught_at_their_lines() {
        let settings = "
  odoo: {config: {smtp_password: hunter2-hunter2}}
  overrides:
    - kind: Deployment
      name: web
      reason: mail by hand
      patch: {spec: {template: {spec: {containers: [{name: odoo, env: [{name: SMTP_PASSWORD, value: hunter2}]}]}}}}
  extra:
    - apiVersion: v1
      kind: ConfigMap
      metadata: {name: mail, annotations: {note: \"AKIAIOSFODNN7EXAMPLE\"}}
      data:
        url: smtp://mailer:hunter2@mail.hartmann.example:587
        api.token: abcdef
        from: erp@hartmann.example
    - apiVersion: v1
      kind: Pod
      metadata: {name: copy}
      spec: {containers: [{name: copy, image: x, args: [--password, hunter2, --user, odoo]}]}
    - apiVersion: v1
      kind: Secret
      metadata: {name: held}
      stringData: {a: b}
";
        insta::assert_snapshot!(said(settings), @r#"
        odoo: {config: {smtp_password: hunter2-hunter2}} | `smtp_password` is written out
        patch: {spec: {template: {spec: {containers: [{name: odoo, env: [{name: SMTP_PASSWORD, value: hunter2}]}]}}}} | `SMTP_PASSWORD` is written out
        api.token: abcdef | `api.token` is written out
        url: smtp://mailer:hunter2@mail.hartmann.example:587 | it holds an address with a password
        metadata: {name: mail, annotations: {note: "AKIAIOSFODNN7EXAMPLE"}} | it holds an access key of AWS
        spec: {containers: [{name: copy, image: x, args: [--password, hunter2, --user, odoo]}]} | `--password` is written out
        kind: Secret | a Secret holds its values in the repository
        "#);
    }

    #[test]
    fn definitions_describe_secrets_and_hold_none() {
        let said = |kind: &str| {
            let text = "the key begins with -----BEGIN PRIVATE KEY----- and is written on one line";
            let value = serde_json::json!({
                "apiVersion": "v1",
                "kind": kind,
                "metadata": {"name": "stores"},
                "data": {"description": text},
            });
            judge(None, &[Object::from_value(value).unwrap()], &[], &[RULE]).len()
        };
        assert_eq!((said("ConfigMap"), said("CustomResourceDefinition")), (1, 0));
    }

    /// Our own output: about 1,200 objects without a finding.
    #[test]
    fn nothing_that_we_generate_looks_like_a_secret() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("generated");
        let files = walkdir::WalkDir::new(root).into_iter().map(Result::unwrap);
        let mut objects = Vec::new();
        for file in files.filter(|file| file.path().extension().is_some_and(|end| end == "yaml")) {
            let text = std::fs::read_to_string(file.path()).unwrap();
            objects.extend(Object::from_value(serde_yaml::from_str(&text).unwrap()));
        }
        assert!(objects.len() > 1000);
        let found = judge(None, &objects, &[], &[RULE]);
        let found: Vec<String> = found
            .iter()
            .map(|finding| {
                format!(
                    "{} {} {}",
                    finding.object.as_ref().unwrap(),
                    finding.field.as_ref().unwrap(),
                    finding.message
                )
            })
            .collect();
        assert!(found.is_empty(), "{found:#?}");
    }
}
