//! Nothing outside production names what belongs to production: namespaces, buckets, hosts, keys and stores of secrets.
//!
//! Every text of every object is searched for what any live environment of the fleet owns.

use crate::diagnostic::Level;
use crate::model::{ConfigValue, Environment, Live, OptionName, Tier};
use crate::policy::texts::texts;
use crate::policy::{Bundle, Check, Findings, Rule};

pub(super) const RULE: Rule = Rule {
    id: "production-reference",
    title: "an environment outside production names something of production",
    why: "A copy that still knows the database, the bucket, the address or the secrets of production will use them one \
          day: it sends real invoices, empties real queues, or shows real data to those who only test.",
    fix: "name what belongs to this environment",
    references: &[
        "ISO/IEC 27001:2022 A.8.31, Separation of environments",
        "GDPR Article 32",
    ],
    bad: "kind: ExternalSecret  # of staging\nspec:\n  data: [{remoteRef: {key: tenants/hartmann-bau/production/database}}]",
    good: "kind: ExternalSecret  # of staging\nspec:\n  data: [{remoteRef: {key: tenants/hartmann-bau/staging/database}}]",
    level: Level::Deny,
    check: Check::Bundle(check),
};

fn check(bundle: &Bundle<'_>, findings: &mut Findings<'_>) {
    let env = bundle.environment;
    if env.spec.tier.is_live() || env.spec.tier == Tier::Recovery {
        return;
    }
    let stores = live_stores(env);
    for object in bundle.objects {
        texts(&object.value, &mut |field, text| {
            let found = owned(text, &env.live, env);
            let owned = found.map(|(name, owner)| format!("`{name}` belongs to `{owner}`"));
            let store = || {
                let store = stores.iter().find(|store| **store == text)?;
                Some(format!(
                    "the secret store `{store}` is not for {}",
                    env.spec.tier.as_str()
                ))
            };
            let option = found.and_then(|(name, _)| option_with(name, env));
            match (owned.or_else(store), option) {
                (Some(message), Some(option)) => findings.setting(&format!("/odoo/config/{option}"), message),
                (Some(message), None) => findings.push(object, &field.pointer(), message),
                (None, _) => {}
            }
        });
    }
}

/// The option of `odoo.conf` that brought a name into a text: its line is the one to change.
fn option_with<'a>(name: &str, env: &'a Environment) -> Option<&'a str> {
    let mut options = env.spec.odoo.config.iter();
    let (OptionName(option), _) = options.find(|(_, ConfigValue(value))| value.contains(name))?;
    Some(option)
}

/// Secret stores of the cluster that live environments use and this one may not.
fn live_stores(env: &Environment) -> Vec<&str> {
    let stores = env.cluster.spec.secret_stores.iter();
    let forbidden =
        stores.filter(|store| !store.tiers.contains(&env.spec.tier) && store.tiers.iter().any(|tier| tier.is_live()));
    forbidden.map(|store| store.name.as_str()).collect()
}

/// The first name in a text that a live environment owns, with its owner.
fn owned<'a>(text: &'a str, live: &'a Live, env: &Environment) -> Option<(&'a str, &'a str)> {
    // Every name of theirs has a dash, a dot or a slash.
    if !text.contains(['-', '.', '/']) {
        return None;
    }
    let is_name = |letter: char| letter.is_ascii_alphanumeric() || letter == '-';
    let mut words = text.split(|letter| !is_name(letter)).filter(|word| word.contains('-'));
    // On another cluster, this environment may have the name of a live one by chance.
    let name = words.find_map(|word| {
        live.names
            .get(word)
            .filter(|_| word != env.namespace)
            .map(|owner| (word, owner.as_str()))
    });
    let host = || {
        let mut words = text
            .split(|letter| !is_name(letter) && letter != '.')
            .filter(|word| word.contains('.'));
        words.find_map(|word| Some((word, live.hosts.get(word)?.as_str())))
    };
    let key = || {
        let prefix = env.platform.spec.secret_prefix.to_string();
        let at = text.find(&prefix)?;
        let mut ends = text
            .get(at + prefix.len()..)?
            .match_indices('/')
            .map(|(end, _)| at + prefix.len() + end);
        let (_, _) = (ends.next()?, ends.next()?);
        let end = ends.next().unwrap_or(text.len());
        let key = text.get(at..end)?;
        Some((key, live.keys.get(key)?.as_str()))
    };
    name.or_else(host).or_else(key)
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::fixture::{fleet, judged};

    const STAGING: &str = "
  hosts: [erp.hartmann.example]
---
apiVersion: formwork/v1alpha1
kind: Environment
metadata:
  name: staging
spec:
  tenant: hartmann
  tier: staging
  cluster: eu-central
  release: odoo-19
  users: 20
";

    fn said(settings: &str) -> String {
        let fleet = fleet(&format!("{STAGING}{settings}"), &[]);
        let [production, staging] = fleet.environments.as_slice() else {
            panic!("two environments")
        };
        assert!(judged(&RULE, production).is_empty());
        judged(&RULE, staging).join("\n")
    }

    #[test]
    fn staging_keeps_to_itself() {
        assert_eq!(said(""), "");
        assert_eq!(
            said("  odoo: {config: {web_base: hartmann-production-eu.example}}\n"),
            ""
        );
    }

    #[test]
    fn every_kind_of_name_is_found() {
        let settings = "
  odoo: {config: {report_url: \"http://web.hartmann-production.svc:8069\", portal: https://erp.hartmann.example/web}}
  overrides:
    - kind: ObjectStore
      name: backup
      reason: look at the real ones
      patch: {spec: {configuration: {destinationPath: s3://fw-eu-hartmann-production-backup/}}}
    - kind: ExternalSecret
      name: db-app
      reason: the same password
      patch: {spec: {data: [{secretKey: password, remoteRef: {key: tenants/hartmann/production/database, property: password}}], secretStoreRef: {name: vault-live}}}
";
        insta::assert_snapshot!(said(settings), @r#"
        patch: {spec: {data: [{secretKey: password, remoteRef: {key: tenants/hartmann/production/database, property: password}}], secretStoreRef: {name: vault-live}}} | `tenants/hartmann/production` belongs to `hartmann/production`
        patch: {spec: {data: [{secretKey: password, remoteRef: {key: tenants/hartmann/production/database, property: password}}], secretStoreRef: {name: vault-live}}} | the secret store `vault-live` is not for staging
        patch: {spec: {configuration: {destinationPath: s3://fw-eu-hartmann-production-backup/}}} | `fw-eu-hartmann-production-backup` belongs to `hartmann/production`
        odoo: {config: {report_url: "http://web.hartmann-production.svc:8069", portal: https://erp.hartmann.example/web}} | `hartmann-production` belongs to `hartmann/production`
        "#);
    }
}
