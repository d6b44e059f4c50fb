//! Backups of production outlive what production is lost with.
//!
//! The model knows the zones of a cluster and where its object storage answers. It does not know where a bucket is
//! copied to, nor how far a region's storage reaches, so what lies in another building is taken for safe.

use crate::diagnostic::Level;
use crate::model::Fleet;
use crate::policy::{Check, Findings, Rule};

pub(super) const RULE: Rule = Rule {
    id: "recovery-in-same-failure-domain",
    title: "the backups are lost with what they are a backup of",
    why: "A backup in storage that the cluster itself runs, or in the cluster's only zone, goes down with it: the \
          disaster that it is kept for takes both.",
    fix: "give the cluster object storage that runs elsewhere",
    references: &[
        "BSI IT-Grundschutz CON.3",
        "ISO/IEC 27001:2022 A.8.13, Information backup",
    ],
    bad: "kind: Cluster\nspec:\n  zones: [north-1]\n  objectStorage: {region: north-1, endpoint: \"https://s3.north-1.example\"}",
    good: "kind: Cluster\nspec:\n  zones: [north-1]\n  objectStorage: {region: south-1, endpoint: \"https://s3.south-1.example\"}",
    level: Level::Deny,
    check: Check::Fleet(check),
};

fn check(fleet: &Fleet, findings: &mut Findings<'_>) {
    for environment in &fleet.environments {
        if !environment.spec.tier.is_live() || !environment.spec.backup.enabled {
            continue;
        }
        let cluster = &environment.cluster;
        let (storage, zones) = (&cluster.spec.object_storage, &cluster.spec.zones);
        let host = storage.endpoint.host();
        let name = &cluster.name;
        let message = if host.ends_with(".svc") || host.ends_with(".cluster.local") {
            format!("the object storage of `{name}` runs on `{name}` itself, at `{host}`")
        } else if zones.as_slice() == std::slice::from_ref(&storage.region) {
            format!(
                "the object storage of `{name}` lies in its only zone, `{}`",
                storage.region
            )
        } else {
            continue;
        };
        let help = format!("give `{name}` object storage that runs elsewhere, or choose another cluster");
        findings.of(environment, "/cluster", message, help);
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::fixture::judged_fleet;

    const ENDPOINT: &str = "endpoint: https://s3.eu-central-1.formwork.example\n    region: eu-central-1";
    const ZONES: &str = "zones: [eu-central-1a, eu-central-1b, eu-central-1c]";

    #[test]
    fn storage_of_the_region_outlives_a_cluster() {
        assert!(judged_fleet(&RULE, "", &[]).is_empty());
        let here = "endpoint: https://s3.storage.svc\n    region: eu-central-1";
        let development = [(ENDPOINT, here), ("tier: production", "tier: development")];
        assert!(judged_fleet(&RULE, "", &development).is_empty());
    }

    #[test]
    fn storage_in_the_cluster_and_in_its_only_zone_does_not() {
        let here = "endpoint: https://s3.storage.svc\n    region: eu-central-1";
        insta::assert_snapshot!(judged_fleet(&RULE, "", &[(ENDPOINT, here)]).join("\n"), @"
        cluster: eu-central | the object storage of `eu-central` runs on `eu-central` itself, at `s3.storage.svc`
        ");
        let one = [(ZONES, "zones: [eu-central-1]")];
        insta::assert_snapshot!(judged_fleet(&RULE, "", &one).join("\n"), @"
        cluster: eu-central | the object storage of `eu-central` lies in its only zone, `eu-central-1`
        ");
    }
}
