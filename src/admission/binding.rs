//! A binding: where a policy holds, with which parameters, and what a refusal leads to.

use super::resources::Resources;
use super::rules::Target;
use super::selector::Labels;
use super::spec::{self, LabelSelector, MatchResources};
use crate::cel::Value;
use crate::diagnostic::Level;

/// A binding, ready to be matched.
pub(super) struct Binding {
    pub(super) name: String,
    /// The most severe of its actions.
    pub(super) level: Level,
    constraints: Option<MatchResources>,
    params: Option<Lookup>,
}

/// An object that may be a parameter.
pub(super) struct Param {
    pub(super) namespace: String,
    pub(super) name: String,
    pub(super) labels: serde_json::Value,
    pub(super) value: Value,
}

/// How the parameters are found.
struct Lookup {
    reference: spec::ParamRef,
    namespaced: bool,
}

impl Binding {
    /// Reads a binding of a policy whose parameters, if it has any, are namespaced or not.
    pub(super) fn new(name: &str, spec: &spec::Binding, params_namespaced: Option<bool>) -> Self {
        let has = |action: &str| spec.validation_actions.iter().any(|given| given == action);
        let level = match () {
            () if has("Deny") => Level::Deny,
            () if has("Warn") => Level::Warn,
            () => Level::Audit,
        };
        let lookup = |(reference, namespaced)| Lookup { reference, namespaced };
        Self {
            name: name.to_owned(),
            level,
            constraints: spec.match_resources.clone(),
            params: spec.param_ref.clone().zip(params_namespaced).map(lookup),
        }
    }

    /// Whether it looks at the labels of objects, which an update may change.
    pub(super) fn selects_objects(&self) -> bool {
        self.constraints.as_ref().is_some_and(MatchResources::selects_objects)
    }

    pub(super) fn matches(&self, target: &Target<'_>, resources: &Resources) -> bool {
        let constraints = self.constraints.as_ref();
        constraints.is_none_or(|constraints| constraints.matches(target, resources).is_some())
    }

    /// Returns the parameters with which the policy is evaluated, once each; a policy without any is evaluated once.
    ///
    /// The error is the server's.
    pub(super) fn params<'p>(&self, all: &'p [Param], namespace: &str) -> Result<Vec<Option<&'p Value>>, String> {
        let Some(Lookup { reference, namespaced }) = &self.params else {
            return Ok(vec![None]);
        };
        let namespace = match (namespaced, reference.namespace.as_str()) {
            (true, "") if namespace.is_empty() => {
                let error = "cannot use namespaced paramRef in policy binding that matches cluster-scoped resources";
                return Err(error.to_owned());
            }
            (true, "") => namespace,
            (true, given) => given,
            (false, "") => "",
            (false, _) => {
                return Err("paramRef.namespace must not be provided for a cluster-scoped `paramKind`".to_owned());
            }
        };
        let found = all.iter().filter(|param| {
            let named = match &reference.selector {
                _ if !reference.name.is_empty() => param.name == reference.name,
                Some(selector) => LabelSelector::selects(selector, Labels::of(&param.labels)),
                None => false,
            };
            named && param.namespace == namespace
        });
        let found: Vec<_> = found.map(|param| Some(&param.value)).collect();
        match found.is_empty() && reference.parameter_not_found_action.as_deref() == Some("Deny") {
            true => Err("no params found for policy binding with `Deny` parameterNotFoundAction".to_owned()),
            false => Ok(found),
        }
    }
}
