//! Whom a policy is about: the tiers, the tenancies and the labels that it asks for.
//!
//! A case of a test need not say all of it; what it leaves open is met.

use serde_json::{Map, Value};

use crate::model::{AppliesTo, Environment, PolicyCase, Tenancy, Tier};

/// What decides whether a policy is about an environment; nothing is what is not known.
pub(super) struct Subject<'a> {
    tier: Option<Tier>,
    tenancy: Option<Tenancy>,
    /// The labels of the environment's document, then those of its tenant's.
    labels: Option<[Option<&'a Map<String, Value>>; 2]>,
}

impl<'a> Subject<'a> {
    /// Reads it from an environment.
    pub(super) fn of(environment: &'a Environment) -> Self {
        let own = environment.document();
        let labels = [own, Some(&environment.tenant.document)].map(|document| {
            let labels = document?.value.pointer("/metadata/labels")?;
            labels.as_object()
        });
        Self {
            tier: Some(environment.spec.tier),
            tenancy: Some(environment.spec.tenancy),
            labels: Some(labels),
        }
    }

    /// Reads it from a case.
    pub(super) fn of_case(case: &'a PolicyCase) -> Self {
        let spec = case
            .environment
            .as_ref()
            .and_then(|environment| environment.get("spec"));
        let setting = |name: &str| spec.and_then(|spec| spec.get(name)).cloned();
        let labels = [&case.environment, &case.tenant].map(|part| part.as_ref()?.get("labels")?.as_object());
        Self {
            tier: setting("tier").and_then(|tier| serde_json::from_value(tier).ok()),
            tenancy: setting("tenancy").and_then(|tenancy| serde_json::from_value(tenancy).ok()),
            labels: labels.iter().any(Option::is_some).then_some(labels),
        }
    }

    /// Tells whether it meets every condition.
    pub(super) fn is_met(&self, conditions: &AppliesTo) -> bool {
        let AppliesTo {
            tiers,
            tenancies,
            labels,
        } = conditions;
        self.tier.is_none_or(|tier| tiers.is_empty() || tiers.contains(&tier))
            && self
                .tenancy
                .is_none_or(|tenancy| tenancies.is_empty() || tenancies.contains(&tenancy))
            && labels.iter().all(|(name, wanted)| self.has_label(name, wanted))
    }

    fn has_label(&self, name: &str, wanted: &str) -> bool {
        let Some(labels) = self.labels else { return true };
        let found = labels.into_iter().flatten().find_map(|labels| labels.get(name));
        found.and_then(Value::as_str) == Some(wanted)
    }
}
