//! The functions that ask the cluster's authorizer.
//!
//! They type-check; their answer is known only in the cluster, and that is what evaluation says.

use super::{Call, Outcome, Row};
use crate::cel::error::{ErrorKind, EvalError};
use crate::cel::value::Value;

pub(super) const FUNCTIONS: &[Row] = &[
    ("path", &["Authorizer.(string) PathCheck"], unknown),
    ("group", &["Authorizer.(string) GroupCheck"], unknown),
    ("serviceAccount", &["Authorizer.(string, string) Authorizer"], unknown),
    ("resource", &["GroupCheck.(string) ResourceCheck"], unknown),
    ("subresource", &["ResourceCheck.(string) ResourceCheck"], unknown),
    ("namespace", &["ResourceCheck.(string) ResourceCheck"], unknown),
    ("name", &["ResourceCheck.(string) ResourceCheck"], unknown),
    ("fieldSelector", &["ResourceCheck.(string) ResourceCheck"], unknown),
    ("labelSelector", &["ResourceCheck.(string) ResourceCheck"], unknown),
    (
        "check",
        &["PathCheck.(string) Decision", "ResourceCheck.(string) Decision"],
        unknown,
    ),
    ("errored", &["Decision.() bool"], unknown),
    ("error", &["Decision.() string"], unknown),
    ("allowed", &["Decision.() bool"], unknown),
    ("reason", &["Decision.() string"], unknown),
];

fn unknown(_: &mut Call<'_>, _: &[Value]) -> Outcome {
    Err(unknown_error())
}

/// The error of an expression that asks.
pub(in crate::cel) fn unknown_error() -> EvalError {
    EvalError::of(
        ErrorKind::Unknown,
        "the answer of `authorizer` is known only in the cluster",
    )
}
