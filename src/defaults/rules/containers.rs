//! Pod specifications and containers, wherever they are.
//!
//! What only a Pod gets, and no template, is in `pods`.

use super::{Object, is_empty, text};

/// Keeps the two names of the service account equal; the newer one wins.
pub(super) fn spec(spec: &mut Object) {
    let (from, to) = match is_empty(spec, "serviceAccountName") {
        true => ("serviceAccount", "serviceAccountName"),
        false => ("serviceAccountName", "serviceAccount"),
    };
    if let Some(name) = spec.get(from).filter(|name| name.is_string()).cloned() {
        spec.insert(to.to_owned(), name);
    }
}

/// An image whose tag moves is pulled always.
pub(super) fn container(container: &mut Object) {
    if is_empty(container, "imagePullPolicy") {
        let policy = super::image::pull_policy(text(container, "image"));
        container.insert("imagePullPolicy".to_owned(), policy.into());
    }
}
