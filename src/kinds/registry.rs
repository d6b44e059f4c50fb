//! The table of the kinds that are typed, so that an object that came as text can be held against its type.
//!
//! What is not in the table is not judged: its type is unknown here, not wrong.

use k8s_openapi::{ClusterResourceScope, NamespaceResourceScope, Resource};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use super::*;

/// A typed kind: how it is addressed, and how an object is held against it.
#[derive(Clone, Copy, Debug)]
pub struct KindInfo {
    /// Group and version, as written in `apiVersion`.
    pub api_version: &'static str,
    /// The kind, as written in `kind`.
    pub kind: &'static str,
    /// The plural by which the API server and its roles call it.
    pub plural: &'static str,
    /// Whether objects of this kind live in a namespace.
    pub namespaced: bool,
    /// Reads a value as this kind and writes it again. The error names the place and what is wrong there.
    pub strict: fn(&Value) -> Result<Value, String>,
}

/// The typed kinds, sorted by API version and kind.
pub static KINDS: &[KindInfo] = &[
    info::<ValidatingAdmissionPolicy>(),
    info::<ValidatingAdmissionPolicyBinding>(),
    info::<Deployment>(),
    info::<StatefulSet>(),
    info::<argo::AppProject>(),
    info::<argo::Application>(),
    info::<HorizontalPodAutoscaler>(),
    info::<barman::ObjectStore>(),
    info::<CronJob>(),
    info::<Job>(),
    info::<cert_manager::Certificate>(),
    info::<cert_manager::ClusterIssuer>(),
    info::<external_secrets::ClusterSecretStore>(),
    info::<external_secrets::ExternalSecret>(),
    info::<flux::HelmRelease>(),
    info::<keda::ScaledObject>(),
    info::<keda::TriggerAuthentication>(),
    info::<flux::Kustomization>(),
    info::<monitoring::PodMonitor>(),
    info::<monitoring::Probe>(),
    info::<monitoring::PrometheusRule>(),
    info::<monitoring::ServiceMonitor>(),
    info::<NetworkPolicy>(),
    info::<object_storage::ObjectBucketClaim>(),
    info::<sigstore::ClusterImagePolicy>(),
    info::<PodDisruptionBudget>(),
    info::<cnpg::Cluster>(),
    info::<cnpg::Database>(),
    info::<cnpg::DatabaseRole>(),
    info::<cnpg::Pooler>(),
    info::<cnpg::ScheduledBackup>(),
    info::<ClusterRole>(),
    info::<ClusterRoleBinding>(),
    info::<Role>(),
    info::<RoleBinding>(),
    info::<object_storage::Bucket>(),
    info::<object_storage::BucketLifecycleConfiguration>(),
    info::<object_storage::BucketPublicAccessBlock>(),
    info::<object_storage::BucketServerSideEncryptionConfiguration>(),
    info::<object_storage::BucketVersioning>(),
    info::<PriorityClass>(),
    info::<flux::GitRepository>(),
    info::<flux::HelmRepository>(),
    info::<flux::OCIRepository>(),
    info::<StorageClass>(),
    info::<traefik::IngressRoute>(),
    info::<traefik::Middleware>(),
    info::<traefik::ServersTransport>(),
    info::<traefik::TLSOption>(),
    info::<traefik::TLSStore>(),
    info::<traefik::TraefikService>(),
    info::<ConfigMap>(),
    info::<LimitRange>(),
    info::<Namespace>(),
    info::<PersistentVolumeClaim>(),
    info::<ResourceQuota>(),
    info::<Service>(),
    info::<ServiceAccount>(),
];

/// Finds a typed kind.
pub fn find(api_version: &str, kind: &str) -> Option<&'static KindInfo> {
    let found = KINDS.binary_search_by(|info| (info.api_version, info.kind).cmp(&(api_version, kind)));
    found.ok().and_then(|index| KINDS.get(index))
}

/// Returns pointers to the fields that the object's kind does not know, or why the object cannot be of its kind.
///
/// Upstream's types pass over a field they do not know, so such a field is found by its loss in a round trip. A null
/// is lost too, and counts as unknown: a manifest that is written has no use for it. `None` means the kind is not typed.
pub fn unknown_fields(value: &Value) -> Option<Result<Vec<String>, String>> {
    let text = |name| value.get(name).and_then(Value::as_str);
    let info = find(text("apiVersion")?, text("kind")?)?;
    let lost = (info.strict)(value).map(|kept| {
        let mut lost = Vec::new();
        compare(value, &kept, &mut String::new(), &mut lost);
        lost.retain(|pointer| !known_but_empty(info, value, pointer));
        lost
    });
    Some(lost)
}

trait ScopeName {
    const NAMESPACED: bool;
}

impl ScopeName for NamespaceResourceScope {
    const NAMESPACED: bool = true;
}

impl ScopeName for ClusterResourceScope {
    const NAMESPACED: bool = false;
}

const fn info<K>() -> KindInfo
where
    K: Resource<Scope: ScopeName> + Serialize + DeserializeOwned,
{
    KindInfo {
        api_version: K::API_VERSION,
        kind: K::KIND,
        plural: K::URL_PATH_SEGMENT,
        namespaced: <K::Scope as ScopeName>::NAMESPACED,
        strict: round_trip::<K>,
    }
}

fn round_trip<K: Serialize + DeserializeOwned>(value: &Value) -> Result<Value, String> {
    let read = |value: &Value| K::deserialize(value).map_err(|error| error.to_string());
    match read(value) {
        Ok(object) => serde_json::to_value(object).map_err(|error| error.to_string()),
        Err(problem) => Err(place(value, &problem, &|value| read(value).err())),
    }
}

/// Puts the place of a problem before it: the deepest field without which the problem is another one or gone.
///
/// A deserializer that keeps the path would be compiled anew for each of the types, which doubles the program; problems
/// are rare and objects are small.
fn place(value: &Value, problem: &str, read: &dyn Fn(&Value) -> Option<String>) -> String {
    let mut probe = value.clone();
    let mut pointer = String::new();
    let mut path = String::new();
    while let Some(token) = culprit(&mut probe, &pointer, problem, read) {
        let dot = if path.is_empty() { "" } else { "." };
        match token.parse::<usize>() {
            Ok(index) => path += &format!("[{index}]"),
            Err(_) => path += &format!("{dot}{token}"),
        }
        pointer += &format!("/{}", escape(&token));
    }
    if path.is_empty() {
        problem.to_owned()
    } else {
        format!("{path}: {problem}")
    }
}

/// The child of a place without which the problem is another one or gone.
fn culprit(probe: &mut Value, pointer: &str, problem: &str, read: &dyn Fn(&Value) -> Option<String>) -> Option<String> {
    let tokens: Vec<String> = match probe.pointer(pointer)? {
        Value::Object(fields) => fields.keys().cloned().collect(),
        Value::Array(items) => (0..items.len()).map(|index| index.to_string()).collect(),
        _ => return None,
    };
    tokens.into_iter().find(|token| {
        let Some(whole) = probe.pointer(pointer).cloned() else {
            return false;
        };
        match probe.pointer_mut(pointer) {
            Some(Value::Object(fields)) => drop(fields.remove(token)),
            Some(Value::Array(items)) => drop(token.parse().map(|index: usize| items.remove(index))),
            _ => {}
        }
        let blamed = read(probe).as_deref() != Some(problem);
        if let Some(place) = probe.pointer_mut(pointer) {
            *place = whole;
        }
        blamed
    })
}

fn compare(given: &Value, kept: &Value, pointer: &mut String, lost: &mut Vec<String>) {
    let children: Vec<(String, &Value, Option<&Value>)> = match given {
        Value::Object(fields) => fields
            .iter()
            .map(|(name, field)| (escape(name), field, kept.get(name)))
            .collect(),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .map(|(index, item)| (index.to_string(), item, kept.get(index)))
            .collect(),
        _ => return,
    };
    for (token, field, kept) in children {
        let length = pointer.len();
        pointer.push('/');
        pointer.push_str(&token);
        match kept {
            Some(kept) => compare(field, kept, pointer, lost),
            None => lost.push(pointer.clone()),
        }
        pointer.truncate(length);
    }
}

fn escape(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// Our own types leave out an empty list, map or text, which is then lost though its field is known. A known field
/// refuses a value of another type; an unknown one is passed over.
fn known_but_empty(info: &KindInfo, value: &Value, pointer: &str) -> bool {
    let mut probe = value.clone();
    let Some(field) = probe.pointer_mut(pointer) else {
        return false;
    };
    let empty = match field {
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        _ => false,
    };
    *field = Value::Bool(true);
    empty && (info.strict)(&probe).is_err()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use serde::Deserialize;
    use serde_json::json;

    use super::*;

    /// The golden manifests lie beside the project, not in it.
    fn samples() -> Vec<(String, Value)> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/samples");
        let Ok(entries) = std::fs::read_dir(folder) else {
            return vec![];
        };
        let mut documents = vec![];
        for path in entries
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.extension().is_some_and(|e| e == "yaml"))
        {
            let text = std::fs::read_to_string(&path).unwrap();
            for document in serde_yaml::Deserializer::from_str(&text) {
                documents.push((path.display().to_string(), Value::deserialize(document).unwrap()));
            }
        }
        documents
    }

    fn problems(value: &Value) -> Vec<String> {
        unknown_fields(value).unwrap().unwrap_or_else(|error| vec![error])
    }

    fn deployment() -> Value {
        json!({
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": "odoo", "labels": {"app.kubernetes.io/name": "odoo"}},
            "spec": {
                "selector": {"matchLabels": {"app.kubernetes.io/name": "odoo"}},
                "template": {
                    "metadata": {"labels": {"app.kubernetes.io/name": "odoo"}},
                    "spec": {"containers": [{"name": "odoo", "ports": [{"name": "http", "containerPort": 8069}]}]},
                },
            },
        })
    }

    fn cluster() -> Value {
        json!({
            "apiVersion": "postgresql.cnpg.io/v1",
            "kind": "Cluster",
            "metadata": {"name": "db"},
            "spec": {"instances": 3, "enablePDB": true, "resources": {"requests": {"cpu": "1"}}, "plugins": []},
        })
    }

    #[test]
    fn the_table_is_sorted_and_has_no_twins() {
        let names: Vec<_> = KINDS.iter().map(|info| (info.api_version, info.kind)).collect();
        assert!(names.windows(2).all(|pair| pair[0] < pair[1]), "{names:#?}");
    }

    #[test]
    fn finds_a_kind_by_its_name() {
        let info = find("v1", "Namespace").unwrap();
        assert_eq!((info.plural, info.namespaced), ("namespaces", false));
        let info = find("traefik.io/v1alpha1", "IngressRoute").unwrap();
        assert_eq!((info.plural, info.namespaced), ("ingressroutes", true));
        assert!(find("traefik.containo.us/v1alpha1", "IngressRoute").is_none());
    }

    #[test]
    fn every_sample_of_a_typed_kind_survives_unchanged() {
        for (path, value) in samples() {
            let (api_version, kind) = (value["apiVersion"].as_str().unwrap(), value["kind"].as_str().unwrap());
            let info = find(api_version, kind).unwrap_or_else(|| panic!("{path}: {kind} is not typed"));
            let mut kept = (info.strict)(&value).unwrap_or_else(|error| panic!("{path}: {kind}: {error}"));
            // Upstream writes the kind of a claim template too, which the sample leaves out.
            if let Some(templates) = kept
                .pointer_mut("/spec/volumeClaimTemplates")
                .and_then(Value::as_array_mut)
            {
                for template in templates.iter_mut().filter_map(Value::as_object_mut) {
                    template.remove("apiVersion");
                    template.remove("kind");
                }
            }
            assert_eq!(kept, value, "{path}");
            assert_eq!(unknown_fields(&value), Some(Ok(vec![])), "{path}");
        }
    }

    #[test]
    fn knows_every_field_of_a_good_object() {
        assert_eq!(problems(&deployment()), [""; 0]);
        assert_eq!(problems(&cluster()), [""; 0]);
    }

    #[test]
    fn an_untyped_kind_is_not_judged() {
        assert_eq!(
            unknown_fields(&json!({"apiVersion": "example.com/v1", "kind": "Kettle", "lid": 1})),
            None
        );
        assert_eq!(unknown_fields(&json!({"kind": "Deployment"})), None);
        assert_eq!(unknown_fields(&json!([])), None);
    }

    #[test]
    fn finds_misspelt_fields_of_a_built_in_kind() {
        let mut value = deployment();
        value["spec"]["template"]["spec"]["containers"][0]["ports"][0]["contanierPort"] = json!(1);
        value["metadata"]["label/s"] = json!({});
        value["spec"]["replicas"] = json!(null);
        assert_eq!(
            problems(&value),
            [
                "/metadata/label~1s",
                "/spec/replicas",
                "/spec/template/spec/containers/0/ports/0/contanierPort"
            ]
        );
    }

    #[test]
    fn finds_a_value_of_the_wrong_type() {
        let mut value = deployment();
        value["spec"]["template"]["spec"]["containers"][0]["ports"][0]["containerPort"] = json!("http");
        assert_eq!(
            problems(&value),
            ["spec.template.spec.containers[0].ports[0].containerPort: invalid type: string \"http\", expected i32"]
        );
    }

    #[test]
    fn finds_a_misspelt_field_of_a_custom_kind() {
        let value = json!({
            "apiVersion": "traefik.io/v1alpha1",
            "kind": "IngressRoute",
            "metadata": {"name": "odoo"},
            "spec": {"routes": [{"match": "Host(`a`)", "middleware": [{"name": "headers"}]}]},
        });
        let problem = problems(&value).remove(0);
        assert!(
            problem.starts_with("spec.routes[0].middleware: unknown field `middleware`, expected one of"),
            "{problem}"
        );

        let mut value = cluster();
        value["spec"]["enablePdb"] = json!(true);
        let problem = problems(&value).remove(0);
        assert!(
            problem.starts_with("spec.enablePdb: unknown field `enablePdb`, expected one of"),
            "{problem}"
        );
    }

    #[test]
    fn finds_a_misspelt_field_of_a_built_in_type_within_a_custom_kind() {
        let mut value = cluster();
        value["spec"]["resources"]["limit"] = json!({});
        value["metadata"]["lables"] = json!({});
        assert_eq!(problems(&value), ["/metadata/lables", "/spec/resources/limit"]);
    }
}
