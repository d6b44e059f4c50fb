//! Writes the union as text, one field a line, so that a review sees what a release changed.
//!
//! `since` and `until` are left out where they say nothing: at the first and the last version, and where they are the
//! type's.

use std::fmt::Write;

use crate::Union;

/// Writes everything that is reached from a kind.
pub fn text(union: &Union, minors: &[u32], releases: &[&str]) -> String {
    let mut out = format!(
        "# The fields of the built-in kinds of Kubernetes {}.\n\
         # Written by `cargo run -p xtask` from the OpenAPI documents of k8s.io/kubernetes; see NOTICE. Do not edit.\n",
        releases.join(", ")
    );
    for (row, having) in &union.kinds {
        let _ = writeln!(out, "kind {row}{}", range(having, minors));
    }
    let reached = reached(union);
    for (row, of) in &union.types {
        if !reached.contains(&name(row)) {
            continue;
        }
        let _ = writeln!(out, "type {row}{}", range(&of.minors, minors));
        for (name, field) in &of.fields {
            let required = if field.is_required { " required" } else { "" };
            for (shape, having) in &field.shapes {
                let _ = writeln!(out, " {name} {shape}{required}{}", range(having, &of.minors));
            }
        }
    }
    out
}

/// ` since=34 until=36`, of what is in some versions, among those that could have it.
fn range(having: &[u32], possible: &[u32]) -> String {
    let mut range = String::new();
    if having.first() != possible.first() {
        let _ = write!(range, " since={}", having.first().copied().unwrap_or_default());
    }
    if having.last() != possible.last() {
        let _ = write!(range, " until={}", having.last().copied().unwrap_or_default());
    }
    range
}

/// The types that some kind is made of.
fn reached(union: &Union) -> Vec<&str> {
    let kinds = union.kinds.keys();
    let mut reached: Vec<&str> = kinds.filter_map(|row| row.rsplit(' ').next()).collect();
    let mut next = 0;
    while let Some(&parent) = reached.get(next) {
        next += 1;
        let types = union.types.iter().filter(|(row, _)| name(row) == parent);
        for (_, of) in types {
            for row in of.fields.values().flat_map(|field| field.shapes.keys()) {
                let child = name(row).trim_start_matches("map").trim_start_matches("[]");
                if !reached.contains(&child) {
                    reached.push(child);
                }
            }
        }
    }
    reached
}

fn name(row: &str) -> &str {
    row.split(' ').next().unwrap_or_default()
}
