//! What a server refuses about a binding, and parameters that it does not have.

use super::*;

/// Checks a binding by itself.
pub(in crate::admission) fn binding(spec: &spec::Binding, resources: &Resources, review: &mut Review<'_>) {
    match spec.policy_name.as_str() {
        "" => {
            let help = "write the name of the policy in `policyName`";
            review.refuse("policy-invalid", "/spec", "the binding names no policy", help);
        }
        name => subdomain(name, "/spec/policyName", review),
    }
    if let Some(constraints) = &spec.match_resources {
        matching::check(constraints, "/spec/matchResources", resources, review);
    }
    let list = "/spec/validationActions";
    let actions = &spec.validation_actions;
    if actions.is_empty() {
        review.refuse(
            "policy-invalid",
            list,
            "the binding has no action",
            "write `[Deny]`, `[Warn]` or `[Audit]`",
        );
    }
    for (index, action) in actions.iter().enumerate() {
        one_of(
            Some(action),
            &["Deny", "Warn", "Audit"],
            &format!("{list}/{index}"),
            review,
        );
        if actions.iter().take(index).any(|earlier| earlier == action) {
            let message = format!("`{action}` stands here twice");
            review.refuse(
                "policy-invalid",
                &format!("{list}/{index}"),
                message,
                "remove one of them",
            );
        }
    }
    if ["Deny", "Warn"]
        .iter()
        .all(|action| actions.iter().any(|given| given == action))
    {
        let message = "`Deny` and `Warn` exclude each other";
        review.refuse(
            "policy-invalid",
            list,
            message,
            "remove `Warn`: who is denied reads the message anyway",
        );
    }
    if let Some(reference) = &spec.param_ref {
        check_reference(reference, review);
    }
}

fn check_reference(reference: &spec::ParamRef, review: &mut Review<'_>) {
    let pointer = "/spec/paramRef";
    let named = !reference.name.is_empty();
    if named == reference.selector.is_some() {
        let message = "parameters are chosen by a name or by a selector, by one of them";
        review.refuse(
            "policy-invalid",
            pointer,
            message,
            "write `paramRef.name` or `paramRef.selector`",
        );
    }
    let action = format!("{pointer}/parameterNotFoundAction");
    match reference.parameter_not_found_action.as_deref() {
        Some(given) => one_of(Some(given), &["Allow", "Deny"], &action, review),
        None => {
            let message = "what happens without parameters is not said";
            review.refuse(
                "policy-invalid",
                pointer,
                message,
                "write `parameterNotFoundAction: Deny`",
            );
        }
    }
    if let Some(selector) = &reference.selector {
        matching::selector(selector, &format!("{pointer}/selector"), review);
    }
}

/// Checks that a binding and its policy agree about parameters, and that these are there.
pub(in crate::admission) fn parameters(
    spec: &spec::Binding,
    policy: &Policy,
    params: &[Param],
    review: &mut Review<'_>,
) {
    let (kind, reference) = match (&policy.param_kind, &spec.param_ref) {
        (None, None) => return,
        (None, Some(_)) => {
            let message = format!("the policy `{}` takes no parameters, so these are ignored", policy.name);
            let help = "remove `paramRef`, or give the policy a `paramKind`";
            return review.refuse("policy-parameters", "/spec/paramRef", message, help);
        }
        (Some(_), None) => {
            let message = format!(
                "the policy `{}` takes parameters and gets none: `params` is null",
                policy.name
            );
            return review.refuse("policy-parameters", "/spec/policyName", message, "add a `paramRef`");
        }
        (Some(kind), Some(reference)) => (kind, reference),
    };
    let fits = |param: &&Param| {
        let named = reference.name.is_empty() || param.name == reference.name;
        named && (reference.namespace.is_empty() || param.namespace == reference.namespace)
    };
    if params.iter().any(|param| fits(&param)) {
        return;
    }
    let denies = reference.parameter_not_found_action.as_deref() != Some("Allow");
    let (level, consequence) = match denies {
        true => (Level::Error, "everything it matches is refused"),
        false => (Level::Warn, "the policy is never evaluated"),
    };
    let what = match reference.name.as_str() {
        "" => format!("no {} here can be a parameter", kind.kind),
        name => format!("there is no {} `{name}` here", kind.kind),
    };
    let message = format!("{what}, so {consequence}");
    let help = "put the object into the folder of policies";
    review.say("missing-parameter", level, "/spec/paramRef", message, help);
}
