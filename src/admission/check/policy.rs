//! What a server refuses about a policy, and pods that are matched without their workloads.

use super::*;
use crate::cel;

/// How many conditions a policy may have.
const CONDITIONS: usize = 64;
/// How many annotations a policy may have.
const ANNOTATIONS: usize = 20;
/// How long the expression of an annotation may be, in bytes.
const ANNOTATION_LENGTH: usize = 5 * 1024;
/// Checks a policy, its expressions apart.
pub(in crate::admission) fn policy(name: &str, spec: &spec::Policy, resources: &Resources, review: &mut Review<'_>) {
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
        if !begins || !goes_on || cel::is_word(name) {
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
