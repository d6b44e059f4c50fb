//! Quotas of namespaces: what they limit, and to which pods they apply.
//!
//! Whether a namespace fits into its quota is the business of other rooms.

use serde_json::Value;

use super::common::{self, entries, get, list, quantity, text};
use super::judge::Judge;
use super::{API_SERVER, Kind, Rules, resource};
use crate::diagnostic::codes::Code;
use crate::schema::Place;

pub(super) const RULES: Rules = Rules {
    by: API_SERVER,
    kinds: &[Kind {
        group: "",
        kind: "ResourceQuota",
        create,
        update,
    }],
    codes: &[&RESOURCE, &SCOPE, &IMMUTABLE],
};

const RESOURCE: Code = Code {
    id: "quota-resource",
    title: "a limit of a quota that the API server refuses",
    why: "A quota limits what it can count: `requests.cpu`, `limits.memory`, `pods`, `services.nodeports`, \
          `count/jobs.batch`, `requests.storage` of all or of one storage class. Objects are counted in whole numbers, and \
          nothing can be below zero.",
    fix: "write a resource that quotas know, `count/RESOURCE.GROUP` for objects, and an amount from zero on",
    bad: "apiVersion: v1\nkind: ResourceQuota\nmetadata: {name: environment, namespace: hartmann-bau-production}\nspec:\n  \
          hard: {request.cpu: \"8\"}",
    good: "apiVersion: v1\nkind: ResourceQuota\nmetadata: {name: environment, namespace: hartmann-bau-production}\nspec:\n  \
           hard: {requests.cpu: \"8\"}",
};

const SCOPE: Code = Code {
    id: "quota-scope",
    title: "a scope of a quota that cannot be",
    why: "Scopes choose pods, so only pods and their resources can be limited within them, in `BestEffort` nothing but \
          `pods`; and no pod is both of a pair such as `Terminating` and `NotTerminating`. `In` and `NotIn` need values, \
          which only priority classes have.",
    fix: "write two quotas, one with the scope and one for everything else",
    bad: "apiVersion: v1\nkind: ResourceQuota\nmetadata: {name: jobs, namespace: hartmann-bau-production}\nspec:\n  \
          hard: {pods: \"4\", secrets: \"10\"}\n  scopes: [Terminating]",
    good: "apiVersion: v1\nkind: ResourceQuota\nmetadata: {name: jobs, namespace: hartmann-bau-production}\nspec:\n  \
           hard: {pods: \"4\"}\n  scopes: [Terminating]",
};

const IMMUTABLE: Code = Code {
    id: "immutable-quota-scopes",
    title: "a quota that changes its scopes",
    why: "What was counted so far belongs to the old scopes.",
    fix: "create another quota, then remove this one",
    bad: "apiVersion: v1\nkind: ResourceQuota\nmetadata: {name: jobs, namespace: hartmann-bau-production}\nspec:\n  \
          hard: {pods: \"4\"}\n---\n\
          apiVersion: v1\nkind: ResourceQuota\nmetadata: {name: jobs, namespace: hartmann-bau-production}\nspec:\n  \
          hard: {pods: \"4\"}\n  scopes: [Terminating]",
    good: "apiVersion: v1\nkind: ResourceQuota\nmetadata: {name: jobs, namespace: hartmann-bau-production}\nspec:\n  \
           hard: {pods: \"4\"}\n---\n\
           apiVersion: v1\nkind: ResourceQuota\nmetadata: {name: jobs, namespace: hartmann-bau-production}\nspec:\n  \
           hard: {pods: \"8\"}",
};

/// Scopes that choose pods by what they are.
const PLAIN: &[&str] = &[
    "BestEffort",
    "CrossNamespacePodAffinity",
    "NotBestEffort",
    "NotTerminating",
    "Terminating",
];
/// Scopes that choose by the name of a class.
const CLASSES: &[&str] = &["PriorityClass", "VolumeAttributesClass"];
/// Pairs that exclude each other.
const PAIRS: &[[&str; 2]] = &[["BestEffort", "NotBestEffort"], ["Terminating", "NotTerminating"]];
/// What pods use.
const OF_PODS: &[&str] = &[
    "cpu",
    "limits.cpu",
    "limits.memory",
    "memory",
    "pods",
    "requests.cpu",
    "requests.memory",
];

const UNSUPPORTED: &str = "unsupported scope";
const NOT_OF_RESOURCE: &str = "unsupported scope applied to resource";
const CONFLICT: &str = "conflicting scopes";
const ONLY_EXISTS: &str = "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, \
                           ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort \
                           or ResourceQuotaScopeCrossNamespacePodAffinity";
const NEEDS_VALUES: &str = "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector";
const NO_VALUES: &str = "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector";

fn create(object: &Value, judge: &mut Judge) {
    let Some(spec) = get(object, "spec") else { return };
    let place = Place::OBJECT;
    let place = place.field("spec");
    let hard = place.field("hard");
    for (name, amount) in entries(spec, "hard") {
        let place = hard.key(name);
        judge.all_invalid(&RESOURCE, &place, &name.into(), resource::quota_problems(name));
        if resource::is_negative(amount) {
            judge.invalid(&RESOURCE, &place, amount, common::NOT_NEGATIVE);
        }
        let is_part = |amount: &Value| quantity(amount).is_some_and(|amount| !resource::is_whole(&amount));
        if resource::is_counted(name) && is_part(amount) {
            judge.invalid(&RESOURCE, &place, amount, "must be an integer");
        }
    }
    scopes(spec, &place.field("scopes"), judge);
    let place = place.field("scopeSelector");
    if let Some(selector) = get(spec, "scopeSelector") {
        scope_selector(spec, selector, &place.field("matchExpressions"), judge);
    }
}

fn scopes(spec: &Value, place: &Place<'_>, judge: &mut Judge) {
    let scopes = list(spec, "scopes");
    let names: Vec<&str> = scopes.iter().filter_map(Value::as_str).collect();
    let mut refuse = |is_wrong: bool, reason: &str| {
        if is_wrong {
            judge.invalid(&SCOPE, place, &scopes.into(), reason);
        }
    };
    refuse(names.iter().any(|name| !is_scope(name)), UNSUPPORTED);
    refuse(names.iter().any(|name| !fits(name, spec)), NOT_OF_RESOURCE);
    refuse(conflicts(&names), CONFLICT);
}

fn scope_selector(spec: &Value, selector: &Value, place: &Place<'_>, judge: &mut Judge) {
    let requirements = list(selector, "matchExpressions");
    let mut names = Vec::new();
    for (index, requirement) in requirements.iter().enumerate() {
        let (name, operator) = (text(requirement, "scopeName"), text(requirement, "operator"));
        let values = list(requirement, "values");
        // The server leaves out the index.
        let item = place.index(index);
        if !name.is_empty() && !is_scope(name) {
            judge.invalid(&SCOPE, &place.field("scopeName"), &name.into(), UNSUPPORTED);
            judge.point_to(&item.field("scopeName"));
        }
        if PLAIN.contains(&name) && operator != "Exists" {
            judge.invalid(&SCOPE, &place.field("operator"), &operator.into(), ONLY_EXISTS);
            judge.point_to(&item.field("operator"));
        }
        let of_values = place.field("values");
        match operator {
            "In" | "NotIn" if values.is_empty() => judge.required(&SCOPE, &of_values, NEEDS_VALUES),
            "Exists" | "DoesNotExist" if !values.is_empty() => {
                judge.invalid(&SCOPE, &of_values, &values.into(), NO_VALUES);
                judge.point_to(&item.field("values"));
            }
            _ => {}
        }
        names.push(name);
    }
    if names.iter().any(|name| !fits(name, spec)) {
        let shown: Vec<String> = requirements.iter().map(requirement_as_shown).collect();
        let shown = shown.join(",");
        let message = format_args!("Invalid value: {{\"MatchExpressions\":[{shown}]}}: {NOT_OF_RESOURCE}");
        judge.say(&SCOPE, place, message);
    }
    if conflicts(&names) {
        let scopes = get(spec, "scopes").unwrap_or(&Value::Null);
        judge.invalid(&SCOPE, place, scopes, CONFLICT);
    }
}

/// The server prints its own type, of which the fields begin with capitals.
fn requirement_as_shown(requirement: &Value) -> String {
    let field = |name: &str| requirement.get(name).unwrap_or(&Value::Null);
    let (scope, operator, values) = (field("scopeName"), field("operator"), field("values"));
    format!("{{\"ScopeName\":{scope},\"Operator\":{operator},\"Values\":{values}}}")
}

fn is_scope(name: &str) -> bool {
    PLAIN.contains(&name) || CLASSES.contains(&name)
}

/// Tells whether all that a quota limits can be limited within a scope; what other APIs define always can.
fn fits(scope: &str, spec: &Value) -> bool {
    let of_scope: &[&str] = match scope {
        "BestEffort" => &["pods"],
        "VolumeAttributesClass" => &["persistentvolumeclaims", "requests.storage"],
        _ if is_scope(scope) => OF_PODS,
        _ => return true,
    };
    entries(spec, "hard").all(|(name, _)| of_scope.contains(&name) || !resource::is_of_quota(name))
}

fn conflicts(names: &[&str]) -> bool {
    PAIRS.iter().any(|pair| pair.iter().all(|name| names.contains(name)))
}

fn update(old: &Value, new: &Value, judge: &mut Judge) {
    let scopes = |object: &Value| {
        let spec = get(object, "spec");
        let mut scopes: Vec<Value> = spec.map_or_else(Vec::new, |spec| list(spec, "scopes").to_vec());
        scopes.sort_by_cached_key(Value::to_string);
        scopes.dedup();
        scopes
    };
    if scopes(old) == scopes(new) {
        return;
    }
    let after = common::at(new, &["spec", "scopes"]).unwrap_or(&Value::Null);
    let place = Place::OBJECT;
    let place = place.field("spec");
    judge.invalid(&IMMUTABLE, &place.field("scopes"), after, common::IMMUTABLE);
}
