//! Where the rules say what they found, in the server's words.
//!
//! The wording is that of the server's `field.Error`: the path, the kind of error, the value, the reason.

use std::fmt;

use serde_json::Value;

use crate::diagnostic::codes::Code;
use crate::schema::{Place, Problem};

/// Collects what a server would refuse in one object.
#[derive(Debug, Default)]
pub(super) struct Judge {
    /// The minor version of Kubernetes that the cluster runs.
    pub(super) minor: u32,
    /// Whether there is such an object already.
    pub(super) is_stored: bool,
    /// What was found so far.
    pub(super) problems: Vec<Problem>,
}

impl Judge {
    /// Says that a value is not what the field takes: `spec.x: Invalid value: "y": must be …`.
    pub(super) fn invalid(&mut self, code: &Code, place: &Place<'_>, value: &Value, reason: impl fmt::Display) {
        // The server prints no trailing colon where there is nothing more to say.
        let reason = reason.to_string();
        let colon = if reason.is_empty() { "" } else { ": " };
        self.say(code, place, format_args!("Invalid value: {value}{colon}{reason}"));
    }

    /// Says each reason why a value is invalid; the checks of [`crate::text::server`] return such lists.
    pub(super) fn all_invalid(&mut self, code: &Code, place: &Place<'_>, value: &Value, reasons: Vec<String>) {
        for reason in reasons {
            self.invalid(code, place, value, reason);
        }
    }

    /// Says that a value is missing: `spec.x: Required value: reason`.
    pub(super) fn required(&mut self, code: &Code, place: &Place<'_>, reason: &str) {
        let colon = if reason.is_empty() { "" } else { ": " };
        self.say(code, place, format_args!("Required value{colon}{reason}"));
    }

    /// Says that a field must not be set: `spec.x: Forbidden: reason`.
    pub(super) fn forbidden(&mut self, code: &Code, place: &Place<'_>, reason: impl fmt::Display) {
        self.say(code, place, format_args!("Forbidden: {reason}"));
    }

    /// Says that a value stands twice where it may stand once: `spec.x[1].name: Duplicate value: "y"`.
    pub(super) fn duplicate(&mut self, code: &Code, place: &Place<'_>, value: &Value) {
        self.say(code, place, format_args!("Duplicate value: {value}"));
    }

    /// Says that a value is none of those that are known: `spec.x: Unsupported value: "y": supported values: "a", "b"`.
    pub(super) fn unsupported(&mut self, code: &Code, place: &Place<'_>, value: &Value, values: &[&str]) {
        let values: Vec<String> = values.iter().map(|value| format!("\"{value}\"")).collect();
        let values = values.join(", ");
        self.say(
            code,
            place,
            format_args!("Unsupported value: {value}: supported values: {values}"),
        );
    }

    /// Says that a text is too long, in bytes: `spec.x: Too long: may not be more than 63 bytes`.
    pub(super) fn too_long(&mut self, code: &Code, place: &Place<'_>, bytes: usize) {
        self.say(
            code,
            place,
            format_args!("Too long: may not be more than {bytes} bytes"),
        );
    }

    /// Says that a list has too many items: `spec.x: Too many: 65: must have at most 64 items`.
    pub(super) fn too_many(&mut self, code: &Code, place: &Place<'_>, items: usize, most: usize) {
        self.say(
            code,
            place,
            format_args!("Too many: {items}: must have at most {most} items"),
        );
    }

    /// Says that nothing has the name that is given: `spec.x: Not found: "y"`.
    pub(super) fn not_found(&mut self, code: &Code, place: &Place<'_>, value: &Value) {
        self.say(code, place, format_args!("Not found: {value}"));
    }

    /// Says where the last problem is, when the server's path names another place.
    pub(super) fn point_to(&mut self, place: &Place<'_>) {
        if let Some(problem) = self.problems.last_mut() {
            problem.pointer = place.pointer();
        }
    }

    /// Adds a problem whose message is the place and what is wrong there.
    pub(super) fn say(&mut self, code: &Code, place: &Place<'_>, message: impl fmt::Display) {
        self.problems.push(Problem {
            pointer: place.pointer(),
            code: code.id,
            message: format!("{place}: {message}"),
            help: None,
        });
    }
}
