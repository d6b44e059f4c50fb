//! What a server refuses about policies and bindings, and what makes one of them say less than it seems to.

mod binding;
mod matching;
mod policy;

use serde_json::Value;

use super::binding::Param;
use super::pods;
use super::policy::Policy;
use super::resources::Resources;
use super::review::Review;
use super::spec;
use crate::diagnostic::Level;
use crate::text::server::{is_dns1123_subdomain, is_qualified_name};

pub(super) use binding::{binding, parameters};
pub(super) use policy::policy;

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

/// Says that a word is none of those that are known.
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
