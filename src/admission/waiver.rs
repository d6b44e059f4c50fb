//! Waivers as a cluster knows them: a condition that lets a policy pass over exactly what is waived.
//!
//! A workload is waived together with what controllers make of it, because otherwise its pods would be refused.

use serde_json::{Value, json};

/// The characters of the hash that a Deployment gives its ReplicaSets.
const HASH: &str = "[bcdfghjklmnpqrstvwxz2456789]+";

/// The kinds from which controllers make pods.
const WORKLOADS: [&str; 7] = [
    "CronJob",
    "DaemonSet",
    "Deployment",
    "Job",
    "ReplicaSet",
    "ReplicationController",
    "StatefulSet",
];

/// What a policy passes over; an empty list is no limit, `*` stands for any letters and `?` for one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Exclusion {
    /// The namespaces.
    pub namespaces: Vec<String>,
    /// The kinds, without wildcards.
    pub kinds: Vec<String>,
    /// The names of the objects.
    pub names: Vec<String>,
}

/// How long the name of a condition may be, its prefix apart.
const LONGEST_NAME: usize = 63;

/// Adds a condition `waiver-<name>` to a policy, or replaces it.
///
/// A name that is too long for that becomes `waiver/<name>`, whose prefix does not count.
pub fn except(policy: &mut Value, name: &str, exclusion: &Exclusion) {
    let Some(spec) = policy.get_mut("spec").and_then(Value::as_object_mut) else {
        return;
    };
    let conditions = spec.entry("matchConditions").or_insert_with(|| json!([]));
    let Some(conditions) = conditions.as_array_mut() else {
        return;
    };
    let name = match format!("waiver-{name}") {
        fits if fits.len() <= LONGEST_NAME => fits,
        _ => format!("waiver/{name}"),
    };
    conditions.retain(|condition| condition.get("name").and_then(Value::as_str) != Some(&name));
    conditions.push(json!({"name": name, "expression": exclusion.expression()}));
}

impl Exclusion {
    /// Returns the condition: true for everything that is not waived.
    fn expression(&self) -> String {
        let kind = "request.kind.kind";
        let of_kind = match self.kinds.as_slice() {
            [] => None,
            kinds => Some(format!("{kind} in {}", list(kinds))),
        };
        let named = one_of("request.?name.orValue(\"\")", &self.names, "");
        let itself = all([of_kind, named]);
        let waived = itself.map(|itself| match self.has_children() {
            true => format!("({itself} || {})", self.made()),
            false => itself,
        });
        let namespaced = one_of("request.?namespace.orValue(\"\")", &self.namespaces, "");
        match all([namespaced, waived]) {
            Some(waived) => format!("!({waived})"),
            None => "false".to_owned(),
        }
    }

    /// Whether controllers may make anything of what is waived.
    fn has_children(&self) -> bool {
        self.kinds.is_empty() || self.kinds.iter().any(|kind| WORKLOADS.contains(&kind.as_str()))
    }

    /// What controllers make of what is waived: ReplicaSets and Jobs, and pods of theirs or of the workload itself.
    fn made(&self) -> String {
        let has = |kind: &str| self.kinds.is_empty() || self.kinds.iter().any(|given| given == kind);
        let owner_kind = match self.kinds.as_slice() {
            [] => None,
            kinds => Some(format!("o.kind in {}", list(kinds))),
        };
        let direct = all([owner_kind, one_of("o.name", &self.names, "")]);
        let mut owners: Vec<String> = direct.into_iter().map(|direct| format!("({direct})")).collect();
        for (workload, owner, suffix) in [("Deployment", "ReplicaSet", HASH), ("CronJob", "Job", "[0-9]+")] {
            let name = one_of("o.name", &self.names, &format!("-{suffix}"));
            if has(workload)
                && let Some(name) = name.or_else(|| named_any(suffix))
            {
                owners.push(format!(
                    "(request.kind.kind == \"Pod\" && o.kind == \"{owner}\" && {name})"
                ));
            }
        }
        format!(
            "(request.kind.kind in [\"Pod\", \"ReplicaSet\", \"Job\"] && object != null && \
             object.?metadata.?ownerReferences.orValue([]).exists(o, o.?controller.orValue(false) == true && ({})))",
            owners.join(" || ")
        )
    }
}

fn named_any(suffix: &str) -> Option<String> {
    one_of("o.name", &["*".to_owned()], &format!("-{suffix}"))
}

/// Tells in CEL whether a text is one of the names, each with a suffix; nothing when every text is.
fn one_of(text: &str, names: &[String], suffix: &str) -> Option<String> {
    let is_glob = |name: &&String| !suffix.is_empty() || name.contains(['*', '?']);
    let (globs, plain): (Vec<&String>, Vec<&String>) = names.iter().partition(is_glob);
    let mut ways = Vec::new();
    if !plain.is_empty() {
        ways.push(format!("{text} in {}", list(&plain)));
    }
    for glob in globs {
        ways.push(format!(
            "{text}.matches({})",
            quoted(&format!("^{}{suffix}$", pattern(glob)))
        ));
    }
    match ways.as_slice() {
        [] => None,
        [way] => Some(way.clone()),
        ways => Some(format!("({})", ways.join(" || "))),
    }
}

fn all(parts: [Option<String>; 2]) -> Option<String> {
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join(" && "))
}

/// A list of texts in CEL.
fn list<T: AsRef<str>>(texts: &[T]) -> String {
    let texts: Vec<String> = texts.iter().map(|text| quoted(text.as_ref())).collect();
    format!("[{}]", texts.join(", "))
}

/// A text in CEL, which quotes as JSON does.
fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

/// A glob as a regular expression.
fn pattern(glob: &str) -> String {
    let mut pattern = String::with_capacity(glob.len());
    for letter in glob.chars() {
        match letter {
            '*' => pattern.push_str(".*"),
            '?' => pattern.push('.'),
            _ if letter.is_ascii_punctuation() => pattern.extend(['\\', letter]),
            _ => pattern.push(letter),
        }
    }
    pattern
}

#[cfg(test)]
mod tests {
    use super::super::tests::create;
    use super::super::{Policies, Resources};
    use super::*;
    use crate::workspace::Document;

    fn policies(exclusion: &Exclusion) -> Policies {
        let mut policy = json!({
            "apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingAdmissionPolicy",
            "metadata": {"name": "p"},
            "spec": {
                "matchConstraints": {"resourceRules": [
                    {"apiGroups": ["*"], "apiVersions": ["*"], "operations": ["*"], "resources": ["*"]},
                ]},
                "matchConditions": [{"name": "waiver-w", "expression": "false"}],
                "validations": [{"expression": "false"}],
            },
        });
        except(&mut policy, "w", exclusion);
        let binding = json!({
            "apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingAdmissionPolicyBinding",
            "metadata": {"name": "b"}, "spec": {"policyName": "p", "validationActions": ["Deny"]},
        });
        let documents = [policy, binding].map(|value| Document::from_value("p.yaml", value));
        let (policies, findings) = Policies::compile(&documents, &Resources::default());
        assert_eq!(findings, []);
        policies
    }

    /// `kind namespace/name`, and its owner as `Kind name`.
    fn object(identity: &str, owner: &str) -> Value {
        let (kind, place) = identity.split_once(' ').unwrap();
        let (namespace, name) = place.split_once('/').unwrap();
        let api_version = match kind {
            "Pod" | "ConfigMap" | "Namespace" => "v1",
            "Job" | "CronJob" => "batch/v1",
            _ => "apps/v1",
        };
        let mut object = json!({"apiVersion": api_version, "kind": kind, "metadata": {}});
        for (field, text) in [("namespace", namespace), ("name", name)] {
            if !text.is_empty() {
                object["metadata"][field] = json!(text);
            }
        }
        if let Some((kind, name)) = owner.split_once(' ') {
            object["metadata"]["ownerReferences"] = json!([
                {"apiVersion": "v1", "kind": "Other", "name": "other"},
                {"apiVersion": "apps/v1", "kind": kind, "name": name, "controller": true},
            ]);
        }
        object
    }

    fn exclusion(namespaces: &[&str], kinds: &[&str], names: &[&str]) -> Exclusion {
        let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        Exclusion {
            namespaces: texts(namespaces),
            kinds: texts(kinds),
            names: texts(names),
        }
    }

    #[test]
    fn what_is_waived_is_passed_over_and_nothing_else() {
        let workload = exclusion(&["shop", "shop-?"], &["Deployment", "CronJob"], &["web", "batch*"]);
        let any = exclusion(&["shop"], &[], &["web"]);
        let jobs = exclusion(&[], &["StatefulSet", "Job"], &[]);
        let everything = exclusion(&["sh*"], &[], &[]);
        for (exclusion, identity, owner, waived) in [
            (&workload, "Deployment shop/web", "", true),
            (&workload, "Deployment shop-1/batch-7", "", true),
            (&workload, "Deployment shop-12/web", "", false),
            (&workload, "Deployment other/web", "", false),
            (&workload, "Deployment shop/web2", "", false),
            (&workload, "StatefulSet shop/web", "", false),
            (&workload, "ReplicaSet shop/web-7d9f", "Deployment web", true),
            (&workload, "ReplicaSet shop/web-7d9f", "Deployment web2", false),
            (&workload, "ReplicaSet other/web-7d9f", "Deployment web", false),
            (&workload, "ReplicaSet shop/web", "", false),
            (&workload, "Pod shop/", "ReplicaSet web-7d9f", true),
            (&workload, "Pod shop/", "ReplicaSet web-2-7d9f", false),
            (&workload, "Pod shop/", "ReplicaSet batch-2-7d9f", true),
            (&workload, "Pod shop/", "ReplicaSet web", false),
            (&workload, "Pod shop/web-7d9f-x", "", false),
            (&workload, "Pod shop/", "StatefulSet web", false),
            (&workload, "Job shop/web-29", "CronJob web", true),
            (&workload, "Pod shop/", "Job web-29", true),
            (&workload, "Pod shop/", "Job web-abc", false),
            (&workload, "ConfigMap shop/web", "Deployment web", false),
            (&any, "ConfigMap shop/web", "", true),
            (&any, "ConfigMap shop/x", "", false),
            (&any, "Pod shop/", "StatefulSet web", true),
            (&any, "Pod shop/", "ReplicaSet web-7d9f", true),
            (&any, "Pod shop/", "Other web", true),
            (&any, "Pod shop/", "", false),
            (&jobs, "Job a/b", "", true),
            (&jobs, "Pod a/", "Job b", true),
            (&jobs, "Pod a/", "StatefulSet b", true),
            (&jobs, "Pod a/", "ReplicaSet b-7d9f", false),
            (&jobs, "Namespace /b", "", false),
            (&everything, "ConfigMap shop/x", "", true),
            (&everything, "Namespace /shop", "", true),
            (&everything, "ConfigMap x/shop", "", false),
        ] {
            let object = object(identity, owner);
            let verdicts = policies(exclusion).judge(&create(&object));
            assert_eq!(
                verdicts.is_empty(),
                waived,
                "{exclusion:?} {identity} {owner} {verdicts:?}"
            );
        }
    }

    #[test]
    fn the_condition_is_readable() {
        let workload = exclusion(&["shop"], &["Deployment"], &["web", "a.b*"]);
        insta::assert_snapshot!(workload.expression().replace(" && ", "\n&& ").replace(" || ", "\n|| "), @r#"
        !(request.?namespace.orValue("") in ["shop"]
        && (request.kind.kind in ["Deployment"]
        && (request.?name.orValue("") in ["web"]
        || request.?name.orValue("").matches("^a\\.b.*$"))
        || (request.kind.kind in ["Pod", "ReplicaSet", "Job"]
        && object != null
        && object.?metadata.?ownerReferences.orValue([]).exists(o, o.?controller.orValue(false) == true
        && ((o.kind in ["Deployment"]
        && (o.name in ["web"]
        || o.name.matches("^a\\.b.*$")))
        || (request.kind.kind == "Pod"
        && o.kind == "ReplicaSet"
        && (o.name.matches("^web-[bcdfghjklmnpqrstvwxz2456789]+$")
        || o.name.matches("^a\\.b.*-[bcdfghjklmnpqrstvwxz2456789]+$"))))))))
        "#);
    }

    #[test]
    fn long_names_do_not_meet() {
        let mut policy = json!({"spec": {}});
        for name in ["a".repeat(56), "a".repeat(57), "a".repeat(63), "a".repeat(57)] {
            except(&mut policy, &name, &Exclusion::default());
        }
        let conditions = policy["spec"]["matchConditions"].as_array().unwrap();
        let names = conditions.iter().map(|condition| condition["name"].as_str().unwrap());
        let names: Vec<&str> = names.collect();
        assert_eq!(names.len(), 3);
        for name in names {
            assert!(crate::text::server::is_qualified_name(name).is_empty(), "{name}");
        }
    }

    #[test]
    fn names_cannot_break_out() {
        let hostile = exclusion(&["a\"b\\"], &["K\n"], &["*(\"[$^|", "x\"] || true || [\""]);
        let object = object("Deployment a/b", "");
        assert_eq!(policies(&hostile).judge(&create(&object)).len(), 1);
    }
}
