//! All policies of a folder, and what they have against an object.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::binding::{Binding, Param};
use super::documents;
use super::evaluate::{Decision, evaluate};
use super::frame::Inputs;
use super::policy::Policy;
use super::resources::{Resource, Resources};
use super::rules::Target;
use super::selector::Labels;
use super::{Operation, Outcome, Request, Verdict};
use crate::cel::Value;
use crate::diagnostic::{Finding, Level};
use crate::workspace::Document;

/// Compiled policies; they are used from any number of threads.
pub struct Policies {
    resources: Resources,
    bound: Vec<Bound>,
    /// The policies that may match a resource, by its place in the table.
    candidates: Vec<Vec<usize>>,
    /// How many conditions and variables are shared by policies.
    shared: usize,
}

/// One policy of many, and the parameters that it gets.
#[derive(Clone, Copy)]
struct Alone<'a> {
    policy: &'a str,
    params: Option<&'a Value>,
}

/// A policy with its bindings, and the objects that may be its parameters.
pub(super) struct Bound {
    pub(super) policy: Policy,
    pub(super) bindings: Vec<Binding>,
    pub(super) params: Vec<Param>,
    /// Whether the policy can say something of an update that it does not say of a new object.
    pub(super) needs_old: bool,
}

impl Policies {
    /// Compiles policies and bindings; any other document may be a parameter, or define a resource.
    ///
    /// The findings are what a server would refuse, and what makes a policy say less than it seems to. A policy that
    /// does not compile still judges, as it would on a server: by its failure policy.
    pub fn compile(documents: &[Document], resources: &Resources) -> (Self, Vec<Finding>) {
        let mut resources = resources.clone();
        for document in documents {
            resources.add_definition(&document.value);
        }
        let (mut bound, findings) = documents::bind(documents, &resources);
        let shared = share(&mut bound);
        let candidates = resources.all().iter().map(|resource| {
            let concerned = |bound: &Bound| bound.policy.constraints.concerns(resource, &resources);
            let concerned = bound.iter().enumerate().filter(|(_, bound)| concerned(bound));
            concerned.map(|(place, _)| place).collect()
        });
        let candidates = candidates.collect();
        (
            Self {
                resources,
                bound,
                candidates,
                shared,
            },
            findings,
        )
    }

    /// Returns how many policies have a binding.
    pub fn len(&self) -> usize {
        self.bound.len()
    }

    /// Tells whether nothing is ever judged.
    pub fn is_empty(&self) -> bool {
        self.bound.is_empty()
    }

    /// Tells whether a policy can say something of an update of an object that it does not say of a new one.
    pub fn need_old(&self, object: &Json) -> bool {
        let needs = |bound: &Bound| bound.needs_old;
        match self.position(object).and_then(|position| self.candidates.get(position)) {
            Some(candidates) => candidates.iter().filter_map(|place| self.bound.get(*place)).any(needs),
            None => self.bound.iter().any(needs),
        }
    }

    /// The place of an object's resource in the table.
    fn position(&self, object: &Json) -> Option<usize> {
        self.resources
            .position(field(object, "apiVersion"), field(object, "kind"))
    }

    /// Judges an object; no verdict means that it is admitted.
    ///
    /// Verdicts come in the order of the policies' documents, those of one policy in the order of its validations.
    pub fn judge(&self, request: &Request<'_>) -> Vec<Verdict> {
        self.judge_with(request, None)
    }

    /// Judges an object by one policy alone, with these parameters instead of those that its bindings find.
    pub fn judge_by(&self, policy: &str, request: &Request<'_>, params: Option<&Json>) -> Vec<Verdict> {
        let params = params.map(Value::from);
        self.judge_with(
            request,
            Some(Alone {
                policy,
                params: params.as_ref(),
            }),
        )
    }

    fn judge_with(&self, request: &Request<'_>, alone: Option<Alone<'_>>) -> Vec<Verdict> {
        let object = request.object;
        let position = self.position(object);
        let guess;
        let resource = match position.and_then(|position| self.resources.all().get(position)) {
            Some(resource) => resource,
            None => {
                let namespace = object.pointer("/metadata/namespace").and_then(Json::as_str);
                let namespaced = namespace.is_some_and(|namespace| !namespace.is_empty());
                guess = Resource::guess(field(object, "apiVersion"), field(object, "kind"), namespaced);
                &guess
            }
        };
        if is_exempt(resource) {
            return Vec::new();
        }
        let target = target(request, resource);
        let inputs = Inputs::new(&target, request.namespace, self.shared);
        let mut verdicts = Vec::new();
        let params = alone.and_then(|alone| alone.params);
        let mut judge = |bound: &Bound| {
            if alone.is_none_or(|alone| alone.policy == bound.policy.name) {
                bound.judge(&inputs, &self.resources, params, &mut verdicts);
            }
        };
        match position.and_then(|position| self.candidates.get(position)) {
            Some(candidates) => candidates
                .iter()
                .filter_map(|place| self.bound.get(*place))
                .for_each(&mut judge),
            None => self.bound.iter().for_each(&mut judge),
        }
        verdicts
    }
}

/// Gives conditions and variables that read nothing but the object, and that several policies have, a place in common;
/// returns how many places there are.
fn share(bound: &mut [Bound]) -> usize {
    let mut uses: BTreeMap<String, usize> = BTreeMap::new();
    let policies = bound.iter().map(|bound| &bound.policy);
    let expressions = policies.flat_map(|policy| policy.conditions.iter().chain(&policy.variables));
    for expression in expressions.filter(|expression| expression.is_about_object()) {
        *uses.entry(expression.text.clone()).or_default() += 1;
    }
    uses.retain(|_, uses| *uses > 1);
    let places: BTreeMap<String, usize> = uses.into_keys().zip(0..).collect();
    let policies = bound.iter_mut().map(|bound| &mut bound.policy);
    let expressions = policies.flat_map(|policy| policy.conditions.iter_mut().chain(&mut policy.variables));
    for expression in expressions.filter(|expression| expression.is_about_object()) {
        expression.shared = places.get(&expression.text).copied();
    }
    places.len()
}

/// The text of a field at the top.
fn field<'a>(object: &'a Json, name: &str) -> &'a str {
    object.get(name).and_then(Json::as_str).unwrap_or_default()
}

/// What configures admission is admitted without it, so that a mistake can be taken back.
fn is_exempt(resource: &Resource) -> bool {
    resource.group == "admissionregistration.k8s.io"
}

fn target<'a>(request: &Request<'a>, resource: &'a Resource) -> Target<'a> {
    let metadata = |object: &'a Json, field: &str| object.get("metadata").and_then(|meta| meta.get(field)?.as_str());
    let name = metadata(request.object, "name").unwrap_or_default();
    let is_namespace = resource.group.is_empty() && resource.kind == "Namespace";
    let given = metadata(request.object, "namespace").filter(|namespace| !namespace.is_empty());
    let of_namespace = || request.namespace.and_then(|namespace| metadata(namespace, "name"));
    let namespace = match resource.namespaced {
        _ if is_namespace => name,
        true => given.or_else(of_namespace).unwrap_or("default"),
        false => "",
    };
    let labels = match resource.namespaced {
        _ if is_namespace => Some(Labels::of_namespace(Some(request.object), name)),
        true => Some(Labels::of_namespace(request.namespace, namespace)),
        false => None,
    };
    Target {
        resource,
        operation: request.operation,
        name,
        namespace,
        object: request.object,
        // What is new replaces nothing, whatever the caller has at hand.
        old: request.old.filter(|_| request.operation == Operation::Update),
        labels,
    }
}

impl Bound {
    fn judge(&self, inputs: &Inputs<'_>, resources: &Resources, given: Option<&Value>, verdicts: &mut Vec<Verdict>) {
        let Some(matched) = self.policy.constraints.matches(inputs.target, resources) else {
            return;
        };
        for binding in &self.bindings {
            if !binding.matches(inputs.target, resources) {
                continue;
            }
            let params = match given {
                Some(given) => Ok(vec![Some(given)]),
                None => binding.params(&self.params, inputs.target.namespace),
            };
            let decisions = match params {
                Ok(params) => params
                    .into_iter()
                    .flat_map(|params| evaluate(&self.policy, matched, inputs, params.unwrap_or(&Value::Null)))
                    .collect(),
                Err(error) => self.refusal(&error),
            };
            verdicts.extend(decisions.into_iter().map(|decision| self.verdict(binding, decision)));
        }
    }

    /// A binding that is wrongly set up denies, whatever its actions are.
    fn refusal(&self, error: &str) -> Vec<Decision> {
        let decision = self
            .policy
            .failure(format!("failed to configure binding: {error}"), None);
        let decision = decision.map(|decision| Decision {
            always: true,
            ..decision
        });
        decision.into_iter().collect()
    }

    fn verdict(&self, binding: &Binding, decision: Decision) -> Verdict {
        let level = match decision.outcome {
            Outcome::Unknown => Level::Audit,
            _ if decision.always => Level::Deny,
            _ => binding.level,
        };
        Verdict {
            policy: self.policy.name.clone(),
            binding: binding.name.clone(),
            outcome: decision.outcome,
            level,
            message: decision.message,
            validation: decision.validation,
            field: decision.field,
        }
    }
}
