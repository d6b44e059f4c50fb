//! That an object lives in a namespace, or in none, as its kind does.

use super::deny;
use crate::blueprint::EXTRA;
use crate::diagnostic::Finding;
use crate::kinds;
use crate::manifest::Object;

pub(super) fn check(object: &Object, findings: &mut Vec<Finding>) {
    let Some(kind) = kinds::find(&object.api_version, &object.kind) else {
        return;
    };
    match (&object.namespace, kind.namespaced) {
        (None, true) => findings.push(deny(
            "missing-namespace",
            object,
            "/metadata/namespace",
            format!("a {} lives in a namespace", object.kind),
        )),
        // Extra manifests are put into the namespace; that they are refused is said elsewhere.
        (Some(_), false) if object.component == EXTRA => {}
        (Some(namespace), false) => findings.push(deny(
            "missing-namespace",
            object,
            "/metadata/namespace",
            format!("a {} lives in no namespace, not in `{namespace}`", object.kind),
        )),
        _ => {}
    }
}
