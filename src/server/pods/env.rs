//! The environment of containers, and where it comes from.
//!
//! What a name may consist of was relaxed with 1.32.

use serde_json::Value;

use super::Pod;
use super::examples::container;
use crate::diagnostic::codes::Code;
use crate::schema::Place;
use crate::server::common::{checked, get, list, quantity, text};
use crate::server::judge::Judge;
use crate::text::server;

pub(super) const NAME: Code = Code {
    id: "invalid-environment-variable-name",
    title: "a name of an environment variable that the API server refuses",
    why: "A name of a variable consists of printable ASCII characters, and a process could not tell a `=` in it from the \
          one before the value.",
    fix: "write the name in uppercase letters, digits and `_`",
    bad: container!("    env: [{name: \"PGHOST=db-rw\", value: \"\"}]"),
    good: container!("    env: [{name: PGHOST, value: db-rw}]"),
};

pub(super) const SOURCE: Code = Code {
    id: "ambiguous-environment-source",
    title: "a variable with no source, or with two",
    why: "The value of a variable is written out or comes from one place; `envFrom` takes a ConfigMap or a Secret in each \
          entry.",
    fix: "keep `value` or one of the sources, and split an entry of `envFrom` with two",
    bad: container!(
        "    env:\n    - name: PGPASSWORD\n      value: odoo\n      valueFrom: {secretKeyRef: {name: db-app, key: password}}"
    ),
    good: container!(
        "    env:\n    - name: PGPASSWORD\n      valueFrom: {secretKeyRef: {name: db-app, key: password}}"
    ),
};

pub(super) const REFERENCE: Code = Code {
    id: "invalid-environment-reference",
    title: "a reference to a Secret, a ConfigMap or a file that nothing can have",
    why: "The name is that of an object, the key consists of letters, digits, `-`, `_` and `.`; a file is in an `emptyDir` of \
          the pod, below its root.",
    fix: "write name and key as they are in the object",
    bad: container!(
        "    env:\n    - name: PGPASSWORD\n      valueFrom: {secretKeyRef: {name: db-app, key: database/password}}"
    ),
    good: container!(
        "    env:\n    - name: PGPASSWORD\n      valueFrom: {secretKeyRef: {name: db-app, key: password}}"
    ),
};

pub(super) const FIELD: Code = Code {
    id: "unsupported-downward-field",
    title: "a field of the pod that cannot be handed to its containers",
    why: "Only some facts about a pod are known when its containers start: its names, labels and annotations, its node, its \
          addresses, and the requests and limits of its containers. A divisor is one of a few units.",
    fix: "use one of the fields in the message",
    bad: container!("    env: [{name: NODE, valueFrom: {fieldRef: {fieldPath: spec.node}}}]"),
    good: container!("    env: [{name: NODE, valueFrom: {fieldRef: {fieldPath: spec.nodeName}}}]"),
};

/// The sources of one variable.
const SOURCES: &[&str] = &[
    "fieldRef",
    "resourceFieldRef",
    "configMapKeyRef",
    "secretKeyRef",
    "fileKeyRef",
];
/// The fields of a pod that a variable may take.
const FIELDS: &[&str] = &[
    "metadata.name",
    "metadata.namespace",
    "metadata.uid",
    "spec.nodeName",
    "spec.serviceAccountName",
    "status.hostIP",
    "status.hostIPs",
    "status.podIP",
    "status.podIPs",
];
/// The amounts of a container that a variable or a file may take, besides those of huge pages.
const AMOUNTS: &[&str] = &[
    "limits.cpu",
    "limits.ephemeral-storage",
    "limits.memory",
    "requests.cpu",
    "requests.ephemeral-storage",
    "requests.memory",
];
/// Units of bytes.
const UNITS: &[&str] = &[
    "1", "1k", "1M", "1G", "1T", "1P", "1E", "1Ki", "1Mi", "1Gi", "1Ti", "1Pi", "1Ei",
];

/// Judges the environment of one container.
pub(super) fn check(pod: &Pod<'_>, container: &Value, place: &Place<'_>, judge: &mut Judge) {
    let is_relaxed = judge.minor >= 32;
    let name = match is_relaxed {
        true => server::is_relaxed_env_var_name,
        false => server::is_env_var_name,
    };
    let variables = place.field("env");
    for (index, variable) in list(container, "env").iter().enumerate() {
        let place = variables.index(index);
        checked(&NAME, variable, "name", name, &place, judge);
        if let Some(source) = get(variable, "valueFrom") {
            value_from(pod, variable, source, &place.field("valueFrom"), judge);
        }
    }
    let sources = place.field("envFrom");
    for (index, source) in list(container, "envFrom").iter().enumerate() {
        let place = sources.index(index);
        checked(&NAME, source, "prefix", name, &place, judge);
        env_from(source, &place, &sources, judge);
    }
}

fn value_from(pod: &Pod<'_>, variable: &Value, source: &Value, place: &Place<'_>, judge: &mut Judge) {
    if !source.is_object() {
        return;
    }
    if let Some(reference) = get(source, "fieldRef") {
        field_reference(reference, FIELDS, &place.field("fieldRef"), judge);
    }
    if let Some(reference) = get(source, "resourceFieldRef") {
        amount_reference(reference, false, &place.field("resourceFieldRef"), judge);
    }
    for field in ["configMapKeyRef", "secretKeyRef"] {
        if let Some(reference) = get(source, field) {
            let place = place.field(field);
            checked(
                &REFERENCE,
                reference,
                "name",
                server::is_dns1123_subdomain,
                &place,
                judge,
            );
            checked(&REFERENCE, reference, "key", server::is_config_map_key, &place, judge);
        }
    }
    if let Some(reference) = get(source, "fileKeyRef") {
        file_reference(pod, reference, &place.field("fileKeyRef"), judge);
    }
    let nothing = Value::from("");
    match SOURCES.iter().filter(|field| get(source, field).is_some()).count() {
        0 if judge.minor >= 35 => judge.invalid(
            &SOURCE,
            place,
            &nothing,
            "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`",
        ),
        0 => judge.invalid(
            &SOURCE,
            place,
            &nothing,
            "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`",
        ),
        _ if !text(variable, "value").is_empty() => {
            judge.invalid(
                &SOURCE,
                place,
                &nothing,
                "may not be specified when `value` is not empty",
            );
        }
        1 => {}
        _ => judge.invalid(
            &SOURCE,
            place,
            &nothing,
            "may not have more than one field specified at a time",
        ),
    }
}

fn env_from(source: &Value, place: &Place<'_>, list: &Place<'_>, judge: &mut Judge) {
    let mut sources = 0;
    for field in ["configMapRef", "secretRef"] {
        if let Some(reference) = get(source, field) {
            sources += 1;
            let place = place.field(field);
            let name = |name: &str| server::is_dns1123_subdomain(name.strip_suffix('-').unwrap_or(name));
            checked(&REFERENCE, reference, "name", name, &place, judge);
        }
    }
    let reason = match sources {
        0 => "must specify one of: `configMapRef` or `secretRef`",
        1 => return,
        _ => "may not have more than one field specified at a time",
    };
    judge.invalid(&SOURCE, list, &Value::from(""), reason);
    judge.point_to(place);
}

fn file_reference(pod: &Pod<'_>, reference: &Value, place: &Place<'_>, judge: &mut Judge) {
    checked(
        &REFERENCE,
        reference,
        "key",
        server::is_relaxed_env_var_name,
        place,
        judge,
    );
    checked(
        &REFERENCE,
        reference,
        "volumeName",
        server::is_dns1123_label,
        place,
        judge,
    );
    super::volumes::no_backsteps(&REFERENCE, reference, "path", place, judge);
    let Some(value @ Value::String(name)) = reference.get("volumeName") else {
        return;
    };
    match pod.volume(name) {
        None => judge.not_found(&REFERENCE, &place.field("volumeName"), value),
        Some(volume) if get(volume, "emptyDir").is_none() => {
            let reason = "referenced volume must be of type emptyDir";
            judge.invalid(&REFERENCE, &place.field("volumeName"), value, reason);
        }
        Some(_) => {}
    }
}

/// Judges a reference to a field of the pod.
pub(super) fn field_reference(reference: &Value, fields: &[&str], place: &Place<'_>, judge: &mut Judge) {
    let Some(value @ Value::String(path)) = reference.get("fieldPath").filter(|path| *path != "") else {
        return;
    };
    let here = place.field("fieldPath");
    let subscripted = path.strip_suffix("']").and_then(|path| path.split_once("['"));
    // An old name that is still read.
    let known = if path == "spec.host" {
        "spec.nodeName"
    } else {
        path.as_str()
    };
    match subscripted {
        Some(("metadata.annotations", key)) => {
            let key = key.to_lowercase();
            let reasons = server::is_qualified_name(&key);
            judge.all_invalid(&FIELD, place, &Value::from(key), reasons);
        }
        Some(("metadata.labels", key)) => {
            judge.all_invalid(&FIELD, place, &Value::from(key), server::is_qualified_name(key));
        }
        Some((map, _)) if !map.is_empty() => {
            let reason = format!("error converting fieldPath: field label does not support subscript: {path}");
            judge.invalid(&FIELD, &here, value, reason);
        }
        None if fields.contains(&known) => {}
        None if KNOWN.contains(&known) => judge.unsupported(&FIELD, &here, &Value::from(known), fields),
        _ => {
            let reason = format!("error converting fieldPath: field label not supported: {path}");
            judge.invalid(&FIELD, &here, value, reason);
        }
    }
}

/// The fields of a pod that have names, whether or not its containers may have them.
const KNOWN: &[&str] = &[
    "metadata.annotations",
    "metadata.labels",
    "metadata.name",
    "metadata.namespace",
    "metadata.uid",
    "spec.nodeName",
    "spec.restartPolicy",
    "spec.schedulerName",
    "spec.serviceAccountName",
    "status.hostIP",
    "status.hostIPs",
    "status.phase",
    "status.podIP",
    "status.podIPs",
];

/// Judges a reference to a request or a limit of a container, which the files of volumes must name.
pub(super) fn amount_reference(reference: &Value, in_volume: bool, place: &Place<'_>, judge: &mut Judge) {
    let resource = text(reference, "resource");
    let is_of_pages = resource.starts_with("requests.hugepages-") || resource.starts_with("limits.hugepages-");
    if in_volume && text(reference, "containerName").is_empty() {
        judge.required(&FIELD, &place.field("containerName"), "");
    } else if let Some(value) = reference.get("resource").filter(|_| !resource.is_empty())
        && !AMOUNTS.contains(&resource)
        && !is_of_pages
    {
        judge.unsupported(&FIELD, &place.field("resource"), value, AMOUNTS);
    }
    let Some(divisor) = get(reference, "divisor").and_then(quantity) else {
        return;
    };
    let (units, of): (&[&str], _) = match resource {
        "limits.cpu" | "requests.cpu" => (&["1m", "1"], "cpu"),
        "limits.memory" | "requests.memory" => (UNITS, "memory"),
        "limits.ephemeral-storage" | "requests.ephemeral-storage" => (UNITS, "local ephemeral storage"),
        _ if is_of_pages => (UNITS, "hugepages"),
        _ => return,
    };
    if divisor.as_str() == "0" || units.contains(&divisor.as_str()) {
        return;
    }
    let known = match units.len() {
        2 => "1m and 1".to_owned(),
        _ => units.join(", "),
    };
    let reason = format!("only divisor's values {known} are supported with the {of} resource");
    judge.invalid(&FIELD, &place.field("divisor"), &Value::from(resource), reason);
}
