//! Pods and templates of pods.
//!
//! Both have one spec, but a template is taken more loosely in some places, and a Pod has a name.

mod aliases;
mod annotations;
mod containers;
mod env;
mod examples;
mod mounts;
mod nodes;
mod peers;
mod ports;
mod probes;
mod projected;
mod resources;
mod security;
mod spec;
mod update;
mod volumes;
mod windows;

use serde_json::Value;

use super::common::{annotations_at, get, labels_at, list, text};
use super::judge::Judge;
use super::metadata::{ANNOTATION, LABEL};
use super::{API_SERVER, Kind, Rules};
use crate::schema::Place;

pub(super) use nodes::required_terms as node_terms;
pub(super) use volumes::NAME as VOLUME_NAME;

/// The rules about pods.
pub(super) const RULES: Rules = Rules {
    by: API_SERVER,
    kinds: &[Kind {
        group: "",
        kind: "Pod",
        create: pod,
        update: update::pod,
    }],
    codes: &[
        &aliases::DNS,
        &aliases::HOST,
        &annotations::PROFILE,
        &annotations::COST,
        &containers::NAME,
        &containers::INIT,
        &containers::RESTART,
        &containers::EPHEMERAL,
        &env::NAME,
        &env::SOURCE,
        &env::REFERENCE,
        &env::FIELD,
        &mounts::VOLUME,
        &mounts::MOUNT,
        &mounts::DEVICE,
        &nodes::SELECTOR,
        &nodes::TOLERATION,
        &nodes::SPREAD,
        &nodes::WEIGHT,
        &peers::PEERS,
        &ports::PORT,
        &ports::NAME,
        &ports::HOST,
        &probes::HANDLER,
        &probes::ACTION,
        &probes::TIMING,
        &projected::PATHS,
        &projected::TOKEN,
        &resources::NAME,
        &resources::AMOUNT,
        &resources::LIMIT,
        &resources::CLAIM,
        &resources::TOTAL,
        &resources::RESIZE,
        &security::IDENTITY,
        &security::PROFILE,
        &security::ESCALATION,
        &security::SYSCTL,
        &security::NAMESPACES,
        &spec::NAME,
        &spec::DEADLINE,
        &spec::GATE,
        &update::POD,
        &volumes::NAME,
        &volumes::SOURCE,
        &volumes::PATH,
        &volumes::MODE,
        &volumes::BODY,
        &windows::SYSTEM,
    ],
};

/// The spec of a pod, and what is around it.
struct Pod<'v> {
    spec: &'v Value,
    /// The name, if it is a Pod and no template.
    name: Option<&'v str>,
    /// The labels, if it is a Pod and no template.
    labels: Option<&'v Value>,
    annotations: Option<&'v Value>,
    /// The volume claim templates of a StatefulSet, which take the place of volumes of the same name.
    claims: &'v [Value],
    /// Whether a StatefulSet names the pods.
    is_numbered: bool,
}

impl<'v> Pod<'v> {
    /// Tells whether the containers see a volume of this name.
    fn has_volume(&self, name: &str) -> bool {
        self.volume(name).is_some() || self.claims.iter().any(|claim| claim_name(claim) == name)
    }

    /// Returns a volume of the spec.
    fn volume(&self, name: &str) -> Option<&'v Value> {
        let mut volumes = list(self.spec, "volumes").iter();
        volumes.find(|volume| text(volume, "name") == name)
    }

    /// Tells whether it has a namespace of its own for users.
    fn has_own_users(&self) -> bool {
        self.spec.get("hostUsers") == Some(&Value::Bool(false))
    }
}

fn claim_name(claim: &Value) -> &str {
    get(claim, "metadata").map_or("", |metadata| text(metadata, "name"))
}

/// The lists of containers.
const LISTS: [&str; 3] = ["containers", "initContainers", "ephemeralContainers"];

/// Visits every container with its place.
fn each_container<'v>(spec: &'v Value, place: &Place<'_>, visit: &mut dyn FnMut(&'v Value, &Place<'_>)) {
    for field in LISTS {
        let place = place.field(field);
        for (index, container) in list(spec, field).iter().enumerate() {
            visit(container, &place.index(index));
        }
    }
}

/// Judges a Pod.
pub(super) fn pod(object: &Value, judge: &mut Judge) {
    let (Some(metadata), Some(spec)) = (get(object, "metadata"), get(object, "spec")) else {
        return;
    };
    let pod = Pod {
        spec,
        name: Some(text(metadata, "name")),
        labels: metadata.get("labels"),
        annotations: metadata.get("annotations"),
        claims: &[],
        is_numbered: false,
    };
    let object = Place::OBJECT;
    let place = object.field("metadata");
    let place = place.field("annotations");
    annotations::check(&pod, &place, &place, judge);
    let place = object.field("spec");
    spec::check(&pod, &place, judge);
    spec::of_pod(&pod, &place, judge);
    if !judge.is_stored {
        annotations::profiles(&pod, &place, judge);
    }
}

/// Judges a template of pods.
pub(super) fn template(template: &Value, place: &Place<'_>, judge: &mut Judge) {
    whole_template(template, None, place, judge);
}

/// Judges the template of a StatefulSet, whose pods see its volume claim templates as volumes and are named by it.
pub(super) fn numbered_template(template: &Value, claims: &[Value], place: &Place<'_>, judge: &mut Judge) {
    whole_template(template, Some(claims), place, judge);
}

fn whole_template(template: &Value, claims: Option<&[Value]>, place: &Place<'_>, judge: &mut Judge) {
    let metadata = get(template, "metadata").unwrap_or(&Value::Null);
    // The server leaves `metadata` out of these paths.
    let home = place.field("metadata");
    labels_at(
        &LABEL,
        metadata.get("labels"),
        &place.field("labels"),
        &home.field("labels"),
        judge,
    );
    let (path, home) = (place.field("annotations"), home.field("annotations"));
    annotations_at(&ANNOTATION, metadata.get("annotations"), &path, &home, judge);
    let Some(spec) = get(template, "spec") else { return };
    let pod = Pod {
        spec,
        name: None,
        labels: None,
        annotations: metadata.get("annotations"),
        claims: claims.unwrap_or_default(),
        is_numbered: claims.is_some(),
    };
    annotations::check(&pod, &path, &home, judge);
    // Until 1.34 the server took any spec in a StatefulSet, and its pods failed.
    if pod.is_numbered && judge.minor < 34 {
        return;
    }
    let place = place.field("spec");
    spec::check(&pod, &place, judge);
    spec::of_template(&pod, &place, judge);
    annotations::profiles(&pod, &place, judge);
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::schema::Problem;

    fn judged(object: &Value, minor: u32) -> Vec<(String, String)> {
        let said = |problem: Problem| (problem.pointer, problem.message);
        crate::server::check(object, None, minor)
            .into_iter()
            .map(said)
            .collect()
    }

    fn with(spec: Value) -> Value {
        json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "odoo"}, "spec": spec})
    }

    #[test]
    fn what_has_another_type_is_not_judged() {
        let odd = [
            json!(null),
            json!(7),
            json!("text"),
            json!([]),
            json!([[], 7, null]),
            json!({"a": {"b": []}}),
        ];
        let fields = [
            "containers",
            "initContainers",
            "volumes",
            "affinity",
            "securityContext",
            "tolerations",
            "dnsConfig",
        ];
        for value in &odd {
            assert_eq!(judged(&with(value.clone()), 37), [], "{value}");
            // Null among tolerations is an empty one, which is judged.
            let is_empty_toleration = |field: &str| field == "tolerations" && value.is_array();
            for field in fields.into_iter().filter(|field| !is_empty_toleration(field)) {
                assert_eq!(judged(&with(json!({field: value})), 37), [], "{field}: {value}");
            }
            for field in [
                "ports",
                "env",
                "volumeMounts",
                "resources",
                "livenessProbe",
                "lifecycle",
                "securityContext",
            ] {
                let said = judged(&with(json!({"containers": [{field: value}]})), 37);
                assert!(
                    said.iter().all(|(_, message)| message.contains("handler")),
                    "{field}: {value}: {said:?}"
                );
            }
        }
    }

    #[test]
    fn the_pointer_is_where_the_value_is_and_the_path_is_the_servers() {
        let mount = json!({"name": "data", "mountPath": "/data", "subPath": "/a"});
        let container = json!({"name": "odoo", "volumeMounts": [mount]});
        let spec = json!({"containers": [container], "volumes": [{"name": "data", "emptyDir": {}}]});
        let (pointer, message) = judged(&with(spec), 37).remove(0);
        assert_eq!(pointer, "/spec/containers/0/volumeMounts/0/subPath");
        assert_eq!(
            message,
            "spec.containers[0].volumeMounts.subPath: Invalid value: \"/a\": must be a relative path"
        );
    }

    #[test]
    fn restart_policies_of_containers_came_with_two_versions() {
        let said = |minor| {
            judged(
                &with(json!({"containers": [{"name": "odoo", "restartPolicy": "Seldom"}]})),
                minor,
            )
        };
        let [at_33, at_34, at_35] = [33, 34, 35].map(said);
        assert_eq!(
            at_33.first().map(|(_, message)| message.as_str()),
            Some("spec.containers[0].restartPolicy: Forbidden: may not be set for non-init containers")
        );
        assert_eq!(at_34, []);
        assert_eq!(
            at_35.first().map(|(_, message)| message.as_str()),
            Some(
                "spec.containers[0].restartPolicy: Unsupported value: \"Seldom\": supported values: \"Always\", \"Never\", \
                 \"OnFailure\""
            )
        );
    }
}
