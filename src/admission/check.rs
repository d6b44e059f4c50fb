//! What a server refuses about policies and bindings, and what makes one of them say less than it seems to.

use serde_json::Value;

use super::binding::Param;
use super::matching;
use super::pods;
use super::policy::Policy;
use super::resources::Resources;
use super::review::Review;
use super::spec;
use crate::diagnostic::Level;
use crate::text::server::{is_dns1123_subdomain, is_qualified_name};

/// How many conditions a policy may have.
const CONDITIONS: usize = 64;
/// How many annotations a policy may have.
const ANNOTATIONS: usize = 20;
/// How long the expression of an annotation may be, in bytes.
const ANNOTATION_LENGTH: usize = 5 * 1024;
/// The words of the language that cannot be names.
const RESERVED: &[&str] = &[
    "true",
    "false",
    "null",
    "in",
    "as",
    "break",
    "const",
    "continue",
    "else",
    "for",
    "function",
    "if",
    "import",
    "let",
    "loop",
    "package",
    "namespace",
    "return",
    "var",
    "void",
    "while",
];

/// Checks the name of a document.
pub(super) fn metadata(document: &Value, review: &mut Review<'_>) {
    let name = document
        .pointer("/metadata/name")
        .and_then(Value::as_str)
        .unwrap_or_default();
    if name.is_empty() {
        let help = "write `metadata.name`";
        return review.refuse("policy-invalid", "/metadata", "a policy needs a name", help);
    }
    subdomain(name, "/metadata/name", review);
    if document.pointer("/metadata/namespace").is_some() {
        let message = "policies and bindings live outside namespaces";
        review.refuse("policy-invalid", "/metadata/namespace", message, "remove the namespace");
    }
}

fn subdomain(name: &str, pointer: &str, review: &mut Review<'_>) {
    for problem in is_dns1123_subdomain(name) {
        let message = format!("`{name}` is not a name: {problem}");
        review.refuse(
            "policy-invalid",
            pointer,
            message,
            "use lowercase letters, digits, `-` and `.`",
        );
    }
}

/// Checks a policy, its expressions apart.
pub(super) fn policy(name: &str, spec: &spec::Policy, resources: &Resources, review: &mut Review<'_>) {
    one_of(
        spec.failure_policy.as_deref(),
        &["Fail", "Ignore"],
        "/spec/failurePolicy",
        review,
    );
    if let Some(kind) = &spec.param_kind {
        let wrong = kind.kind.is_empty() || kind.api_version.is_empty() || kind.api_version.matches('/').count() > 1;
        if wrong {
            let help = "write both, `apiVersion: v1` and `kind: ConfigMap`";
            review.refuse(
                "policy-invalid",
                "/spec/paramKind",
                "`paramKind` needs an `apiVersion` and a `kind`",
                help,
            );
        }
    }
    match &spec.match_constraints {
        Some(constraints) if !constraints.resource_rules.is_empty() => {
            matching::check(constraints, "/spec/matchConstraints", resources, review);
            workloads(&constraints.resource_rules, review);
        }
        _ => {
            let help = "list under `matchConstraints.resourceRules` what the policy is about";
            review.refuse(
                "policy-invalid",
                "/spec/matchConstraints",
                "the policy matches no resources",
                help,
            );
        }
    }
    conditions(&spec.match_conditions, review);
    variables(&spec.variables, review);
    if spec.validations.is_empty() && spec.audit_annotations.is_empty() {
        let help = "add an expression under `validations`";
        review.refuse(
            "policy-invalid",
            "/spec/validations",
            "the policy validates nothing",
            help,
        );
    }
    for (index, validation) in spec.validations.iter().enumerate() {
        check_validation(validation, &format!("/spec/validations/{index}"), review);
    }
    annotations(name, &spec.audit_annotations, review);
}

/// A policy on pods alone does not see the workloads that make them.
fn workloads(rules: &[spec::Rule], review: &mut Review<'_>) {
    let Some(index) = rules.iter().position(pods::names_pods) else {
        return;
    };
    if !rules.iter().any(pods::names_workloads) {
        let message = "the policy matches pods, but none of the workloads that make them";
        let help = "write it against `variables.podSpec` and `variables.podMeta`, and annotate it with \
                    `formwork/pod-templates: \"true\"`; or add rules for `deployments`, `statefulsets`, `jobs` …";
        let pointer = format!("/spec/matchConstraints/resourceRules/{index}");
        review.say("policy-misses-workloads", Level::Deny, &pointer, message, help);
    }
}

fn one_of(given: Option<&str>, known: &[&str], pointer: &str, review: &mut Review<'_>) {
    let Some(given) = given.filter(|given| !known.contains(given)) else {
        return;
    };
    let known = known
        .iter()
        .map(|known| format!("`{known}`"))
        .collect::<Vec<_>>()
        .join(", ");
    review.refuse(
        "policy-invalid",
        pointer,
        format!("`{given}` is not known"),
        format!("write one of {known}"),
    );
}

fn expression(text: &str, pointer: &str, review: &mut Review<'_>) {
    if text.trim().is_empty() {
        let help = "write a CEL expression";
        review.refuse("policy-invalid", pointer, "the expression is missing", help);
    }
}

/// Says that a list has two of one name.
fn twins<'n>(names: impl Iterator<Item = &'n str> + Clone, list: &str, field: &str, review: &mut Review<'_>) {
    for (index, name) in names.clone().enumerate() {
        if !name.is_empty() && names.clone().take(index).any(|earlier| earlier == name) {
            let message = format!("there are two of the name `{name}`");
            let pointer = format!("{list}/{index}/{field}");
            review.refuse("policy-invalid", &pointer, message, "give one of them another name");
        }
    }
}

fn conditions(conditions: &[spec::Named], review: &mut Review<'_>) {
    let list = "/spec/matchConditions";
    if conditions.len() > CONDITIONS {
        let message = format!("{} conditions, more than {CONDITIONS}", conditions.len());
        review.refuse("policy-invalid", list, message, "join some of them by `&&`");
    }
    for (index, condition) in conditions.iter().enumerate() {
        expression(&condition.expression, &format!("{list}/{index}/expression"), review);
        qualified(&condition.name, &format!("{list}/{index}/name"), review);
    }
    twins(
        conditions.iter().map(|condition| condition.name.as_str()),
        list,
        "name",
        review,
    );
}

fn qualified(name: &str, pointer: &str, review: &mut Review<'_>) {
    for problem in is_qualified_name(name) {
        let help = "use letters, digits, `-`, `_` and `.`, at most 63";
        review.refuse(
            "policy-invalid",
            pointer,
            format!("`{name}` is not a name: {problem}"),
            help,
        );
    }
}

fn variables(variables: &[spec::Named], review: &mut Review<'_>) {
    let list = "/spec/variables";
    for (index, variable) in variables.iter().enumerate() {
        expression(&variable.expression, &format!("{list}/{index}/expression"), review);
        let name = variable.name.as_str();
        let begins = name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_');
        let goes_on = name
            .chars()
            .all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
        if !begins || !goes_on || RESERVED.contains(&name) {
            let message = format!("`{name}` cannot be the name of a variable");
            let help = "use letters, digits and `_`, and no word of the language";
            review.refuse("policy-invalid", &format!("{list}/{index}/name"), message, help);
        }
    }
    twins(
        variables.iter().map(|variable| variable.name.as_str()),
        list,
        "name",
        review,
    );
}

fn check_validation(validation: &spec::Validation, pointer: &str, review: &mut Review<'_>) {
    expression(&validation.expression, &format!("{pointer}/expression"), review);
    if !validation.message_expression.is_empty() {
        expression(
            &validation.message_expression,
            &format!("{pointer}/messageExpression"),
            review,
        );
    }
    let message = validation.message.as_str();
    if message.trim().contains(['\n', '\r']) {
        let help = "write it on one line, or fold it with `>-`";
        review.refuse(
            "policy-invalid",
            &format!("{pointer}/message"),
            "the message has line breaks",
            help,
        );
    } else if !message.is_empty() && message.trim().is_empty() {
        let help = "write a message, or remove the field";
        review.refuse(
            "policy-invalid",
            &format!("{pointer}/message"),
            "the message is blank",
            help,
        );
    }
    let reasons = ["Forbidden", "Invalid", "RequestEntityTooLarge"];
    one_of(
        validation.reason.as_deref(),
        &reasons,
        &format!("{pointer}/reason"),
        review,
    );
}

fn annotations(policy: &str, annotations: &[spec::AuditAnnotation], review: &mut Review<'_>) {
    let list = "/spec/auditAnnotations";
    if annotations.len() > ANNOTATIONS {
        let message = format!("{} annotations, more than {ANNOTATIONS}", annotations.len());
        review.refuse("policy-invalid", list, message, "remove some of them");
    }
    for (index, annotation) in annotations.iter().enumerate() {
        let pointer = format!("{list}/{index}/valueExpression");
        expression(&annotation.value_expression, &pointer, review);
        if annotation.value_expression.trim().len() > ANNOTATION_LENGTH {
            let message = format!("the expression is longer than {ANNOTATION_LENGTH} bytes");
            review.refuse("policy-invalid", &pointer, message, "use variables, or say less");
        }
        qualified(
            &format!("{policy}/{}", annotation.key),
            &format!("{list}/{index}/key"),
            review,
        );
    }
    twins(
        annotations.iter().map(|annotation| annotation.key.as_str()),
        list,
        "key",
        review,
    );
}

/// Checks a binding by itself.
pub(super) fn binding(spec: &spec::Binding, resources: &Resources, review: &mut Review<'_>) {
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
pub(super) fn parameters(spec: &spec::Binding, policy: &Policy, params: &[Param], review: &mut Review<'_>) {
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
