//! Names, namespaces, labels and annotations, as the API server reads them.

use serde_json::Value;

use super::deny;
use crate::blueprint::EXTRA;
use crate::diagnostic::Finding;
use crate::kinds;
use crate::manifest::Object;
use crate::text::server;

/// Bytes that all annotations of an object may take together.
const ANNOTATION_BYTES: usize = 262_144;
/// A CronJob adds 11 characters to its name for each job.
const CRON_JOB_NAME: usize = 52;

pub(super) fn check(object: &Object, findings: &mut Vec<Finding>) {
    for problem in name_problems(object) {
        findings.push(deny(
            "invalid-name",
            object,
            "/metadata/name",
            format!("`{}` is not a name for a {}: {problem}", object.name, object.kind),
        ));
    }
    namespace(object, findings);
    let texts = |field: &str| {
        object
            .value
            .get("metadata")
            .and_then(|metadata| metadata.get(field))
            .and_then(Value::as_object)
    };
    for (key, value) in texts("labels").into_iter().flatten() {
        let value = value.as_str().unwrap_or_default();
        for problem in server::is_qualified_name(key)
            .into_iter()
            .chain(server::is_valid_label_value(value))
        {
            findings.push(deny(
                "invalid-label",
                object,
                "/metadata/labels",
                format!("`{key}: {value}`: {problem}"),
            ));
        }
    }
    let mut size = 0;
    for (key, value) in texts("annotations").into_iter().flatten() {
        size += key.len() + value.as_str().unwrap_or_default().len();
        for problem in server::is_qualified_name(&key.to_lowercase()) {
            findings.push(deny(
                "invalid-annotation",
                object,
                "/metadata/annotations",
                format!("`{key}`: {problem}"),
            ));
        }
    }
    if size > ANNOTATION_BYTES {
        findings.push(deny(
            "invalid-annotation",
            object,
            "/metadata/annotations",
            format!("the annotations take {size} bytes, at most {ANNOTATION_BYTES} are allowed"),
        ));
    }
}

fn name_problems(object: &Object) -> Vec<String> {
    let name = object.name.as_str();
    match (object.group(), object.kind.as_str()) {
        ("", "Namespace") | ("apps", "StatefulSet") => server::is_dns1123_label(name),
        ("", "Service") => server::is_dns1035_label(name),
        ("rbac.authorization.k8s.io", _) => path_segment_problems(name),
        ("batch", "CronJob") if name.len() > CRON_JOB_NAME => {
            vec![format!("must be no more than {CRON_JOB_NAME} characters")]
        }
        // The name of a job becomes a label of its pods.
        ("batch", "Job") => server::is_dns1123_subdomain(name)
            .into_iter()
            .chain(server::is_valid_label_value(name))
            .collect(),
        _ => server::is_dns1123_subdomain(name),
    }
}

/// Names of RBAC objects are segments of an address and may hold almost anything.
fn path_segment_problems(name: &str) -> Vec<String> {
    match name {
        "" => vec!["must not be empty".into()],
        "." | ".." => vec![format!("may not be '{name}'")],
        _ if name.contains(['/', '%']) => vec!["may not contain '/' or '%'".into()],
        _ => Vec::new(),
    }
}

fn namespace(object: &Object, findings: &mut Vec<Finding>) {
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
