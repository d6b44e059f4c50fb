//! What production runs has been run before it, by the same tenant.
//!
//! Staging goes first where there is one, otherwise training or development. They may be ahead of production, never
//! behind it; a tenant that has nothing else than production has nothing to compare.

use std::cmp::Ordering;

use crate::diagnostic::Level;
use crate::model::{Environment, Fleet, Release, Tier};
use crate::policy::{Check, Findings, Rule};

pub(super) const RULE: Rule = Rule {
    id: "image-not-in-previous-tier",
    title: "production runs an image that no tier before it has run",
    why: "The first upgrade of a tenant's data to a release shows what the release does to it. When that happens in \
          production, its users find out; a copy is there to find out before.",
    fix: "give the release to the environment before production first, and promote it from there",
    references: &["ISO/IEC 27001:2022 A.8.32, Change management"],
    bad: "kind: Environment\nmetadata: {name: staging}\nspec: {tier: staging, release: odoo-19-october}\n---\n\
          kind: Environment\nmetadata: {name: production}\nspec: {tier: production, release: odoo-19-november}",
    good: "kind: Environment\nmetadata: {name: staging}\nspec: {tier: staging, release: odoo-19-november}\n---\n\
           kind: Environment\nmetadata: {name: production}\nspec: {tier: production, release: odoo-19-october}",
    level: Level::Deny,
    check: Check::Fleet(check),
};

fn check(fleet: &Fleet, findings: &mut Findings<'_>) {
    let of_tenant = fleet
        .environments
        .chunk_by(|one, next| one.tenant.name == next.tenant.name);
    for environments in of_tenant {
        let tier = |tiers: &[Tier]| -> Vec<&Environment> {
            let all = environments.iter().map(AsRef::as_ref);
            all.filter(|environment| tiers.contains(&environment.spec.tier))
                .collect()
        };
        let staging = tier(&[Tier::Staging]);
        let before = if staging.is_empty() {
            tier(&[Tier::Training, Tier::Development])
        } else {
            staging
        };
        for live in tier(&[Tier::Production]) {
            let has_run = |earlier: &&Environment| has_passed(&earlier.release, &live.release);
            if before.is_empty() || before.iter().any(has_run) {
                continue;
            }
            let behind: Vec<String> = before
                .iter()
                .map(|earlier| format!("`{}` runs `{}`", earlier.id(), earlier.release.name))
                .collect();
            let release = &live.release.name;
            let message = format!(
                "`{}` runs `{release}` before anyone else: {}",
                live.id(),
                behind.join(", ")
            );
            let help = format!("give `{release}` to `{}` first", behind_first(&before));
            findings.of(live, "/release", message, help);
        }
    }
}

fn behind_first(before: &[&Environment]) -> String {
    before.first().map(|environment| environment.id()).unwrap_or_default()
}

/// Whether who runs a release has had the image of another one: it is the same image, or it came later.
fn has_passed(release: &Release, other: &Release) -> bool {
    let (one, another) = (&release.spec, &other.spec);
    if one.image.digest() == another.image.digest() {
        return true;
    }
    match one.odoo.major().cmp(&another.odoo.major()) {
        Ordering::Greater => true,
        Ordering::Less => false,
        // Of equal tags, only one can be what is in the registry; which came first is not to be seen.
        Ordering::Equal => {
            one.image.repository() == another.image.repository()
                && numbers(one.image.tag()) > numbers(another.image.tag())
        }
    }
}

/// The numbers of a tag, which order its builds: 19, 0 and 20261112 of `19.0-20261112`.
fn numbers(tag: &str) -> Vec<u64> {
    let parts = tag.split(|letter: char| !letter.is_ascii_digit());
    parts.filter_map(|part| part.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::judged_fleet;

    fn environment(name: &str, tier: &str, release: &str) -> String {
        format!(
            "---\napiVersion: formwork/v1alpha1\nkind: Environment\nmetadata:\n  name: {name}\nspec:\n  tenant: hartmann\n  \
             tier: {tier}\n  cluster: eu-central\n  release: {release}\n  users: 20\n"
        )
    }

    fn release(name: &str, odoo: &str, tag: &str, digit: char) -> String {
        let digest: String = std::iter::repeat_n(digit, 64).collect();
        format!(
            "---\napiVersion: formwork/v1alpha1\nkind: Release\nmetadata:\n  name: {name}\nspec:\n  odoo: \"{odoo}\"\n  \
             image: registry.formwork.example/erp/odoo:{tag}@sha256:{digest}\n"
        )
    }

    fn said(others: &[(&str, &str, &str)]) -> String {
        let mut documents = release("older", "19.0", "19.0-20260901", 'a');
        documents.push_str(&release("newer", "19.0", "19.0-20261112", 'b'));
        documents.push_str(&release("eighteen", "18.0", "18.0-20261112", 'c'));
        for (name, tier, release) in others {
            documents.push_str(&environment(name, tier, release));
        }
        judged_fleet(&RULE, &documents, &[]).join("\n")
    }

    #[test]
    fn who_goes_before_runs_the_same_or_a_later_one() {
        assert_eq!(said(&[]), "");
        assert_eq!(said(&[("staging", "staging", "odoo-19")]), "");
        assert_eq!(said(&[("staging", "staging", "newer")]), "");
        assert_eq!(
            said(&[("staging", "staging", "newer"), ("dev", "development", "older")]),
            ""
        );
    }

    #[test]
    fn production_is_never_the_first() {
        insta::assert_snapshot!(said(&[("staging", "staging", "older"), ("dev", "development", "newer")]), @"
        release: odoo-19 | `hartmann/production` runs `odoo-19` before anyone else: `hartmann/staging` runs `older`
        ");
        insta::assert_snapshot!(said(&[("dev", "development", "eighteen")]), @"
        release: odoo-19 | `hartmann/production` runs `odoo-19` before anyone else: `hartmann/dev` runs `eighteen`
        ");
    }
}
