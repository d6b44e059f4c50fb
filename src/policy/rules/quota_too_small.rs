//! A namespace's quota holds everything that runs in it when all of it is at its largest.
//!
//! Every quota of the environment is held against what the API server would count.

use serde_json::Value;

use crate::blueprint::Footprint;
use crate::diagnostic::Level;
use crate::policy::{Bundle, Check, Findings, Rule};
use crate::text::Quantity;

pub(super) const RULE: Rule = Rule {
    id: "quota-too-small",
    title: "the namespace's quota is smaller than what runs in it",
    why: "Kubernetes accepts the Deployment and then refuses its pods. The sum counts every replica at full scale, \
          init containers, the extra pods of a roll-out and jobs that may overlap.",
    fix: "raise the quota to the sum in the message, or lower requests or replicas",
    references: &["Kubernetes documentation, Resource Quotas"],
    bad: "kind: ResourceQuota\nspec:\n  hard: {requests.memory: 8Gi}  # the pods request 11Gi",
    good: "kind: ResourceQuota\nspec:\n  hard: {requests.memory: 12Gi}  # the pods request 11Gi",
    level: Level::Deny,
    check: Check::Bundle(check),
};

fn check(bundle: &Bundle<'_>, findings: &mut Findings<'_>) {
    let mut quotas = bundle.of_kind("", "ResourceQuota").peekable();
    if quotas.peek().is_none() {
        return;
    }
    let footprint = Footprint::of(bundle.objects);
    for quota in quotas {
        let spec = |field: &str| quota.value.pointer(&format!("/spec/{field}"));
        // A scope counts some pods only; which ones is decided in the cluster.
        if spec("scopes").or(spec("scopeSelector")).is_some() {
            continue;
        }
        for (resource, limit) in spec("hard").and_then(Value::as_object).into_iter().flatten() {
            let limit = limit.as_str().map_or_else(|| limit.to_string(), str::to_owned);
            let limit = limit.parse::<Quantity>().ok();
            let (Some(limit), Some(taken)) = (limit, Taken::of(resource, &footprint)) else {
                continue;
            };
            if let Some(message) = taken.over(resource, &limit) {
                let pointer = format!("/spec/hard/{}", resource.replace('/', "~1"));
                findings.push(quota, &pointer, message);
            }
        }
    }
}

/// How much of a resource is taken, in its own unit.
enum Taken {
    Cores(u64),
    Bytes(u64),
    Things(u64),
}

impl Taken {
    /// What is taken of a resource of a quota; nothing for those that are not reckoned here.
    fn of(resource: &str, footprint: &Footprint) -> Option<Self> {
        let load = &footprint.load;
        Some(match resource {
            "requests.cpu" | "cpu" => Self::Cores(load.cpu),
            "requests.memory" | "memory" => Self::Bytes(load.memory_request),
            "limits.memory" => Self::Bytes(load.memory_limit),
            "pods" | "count/pods" => Self::Things(footprint.pods),
            "count/jobs.batch" => Self::Things(footprint.jobs),
            "persistentvolumeclaims" | "count/persistentvolumeclaims" => Self::Things(footprint.claims),
            "requests.storage" => {
                let all = footprint.storage.values().copied();
                Self::Bytes(all.fold(0, u64::saturating_add))
            }
            _ => {
                let class = resource.strip_suffix(".storageclass.storage.k8s.io/requests.storage")?;
                Self::Bytes(footprint.storage.get(class).copied().unwrap_or_default())
            }
        })
    }

    /// The complaint when more is taken than the quota has.
    fn over(&self, resource: &str, limit: &Quantity) -> Option<String> {
        let (is_over, taken) = match *self {
            Self::Cores(millis) => (millis > limit.millis(), format!("{millis}m")),
            Self::Bytes(bytes) => (bytes > limit.bytes(), format!("{}Mi", bytes.div_ceil(1 << 20))),
            Self::Things(count) => (count > limit.bytes(), count.to_string()),
        };
        is_over.then(|| {
            format!(
                "`{resource}` is `{}`, but what runs here may take {taken}",
                limit.as_str()
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::fixture::{environment, judged};

    fn said(settings: &str) -> String {
        judged(&RULE, &environment(settings, &[])).join("\n")
    }

    #[test]
    fn the_quota_of_the_blueprint_suffices() {
        assert_eq!(said("  filestore: {backend: bucket}\n"), "");
    }

    #[test]
    fn a_quota_that_was_made_smaller_is_caught_at_its_line() {
        let settings = "
  overrides:
    - kind: ResourceQuota
      name: environment
      reason: the cluster is nearly full
      patch:
        spec:
          hard:
            requests.memory: 8Gi
            pods: \"3\"
            requests.cpu: 900m
            block-retain.storageclass.storage.k8s.io/requests.storage: 1Gi
";
        insta::assert_snapshot!(said(settings), @r#"
        block-retain.storageclass.storage.k8s.io/requests.storage: 1Gi | `block-retain.storageclass.storage.k8s.io/requests.storage` is `1Gi`, but what runs here may take 51200Mi
        pods: "3" | `pods` is `3`, but what runs here may take 15
        requests.cpu: 900m | `requests.cpu` is `900m`, but what runs here may take 22610m
        requests.memory: 8Gi | `requests.memory` is `8Gi`, but what runs here may take 66736Mi
        "#);
    }

    #[test]
    fn every_quota_counts_but_those_of_some_pods_only() {
        let quota = |spec: &str| {
            format!(
                "  extra:\n    - apiVersion: v1\n      kind: ResourceQuota\n      metadata: {{name: more}}\n      spec: {spec}\n"
            )
        };
        insta::assert_snapshot!(said(&quota("{hard: {limits.memory: 4Gi}}")), @"
        spec: {hard: {limits.memory: 4Gi}} | `limits.memory` is `4Gi`, but what runs here may take 93952Mi
        ");
        assert_eq!(said(&quota("{hard: {limits.memory: 4Gi}, scopes: [BestEffort]}")), "");
        assert_eq!(said(&quota("{hard: {limits.memory: 4Ti}}")), "");
    }
}
