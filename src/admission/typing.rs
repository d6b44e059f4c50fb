//! The types that the kinds which a policy matches give its expressions.
//!
//! Of several kinds a field is known if one of them has it, since policies branch by kind. Where a policy matches what
//! no schema is known of, its objects may be anything.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use serde_json::Value;

use super::environment;
use super::pods::{POD_META, POD_SPEC};
use super::resources::{Resources, split};
use super::spec::{self, Rule};
use crate::cel::{CompileError, Declarations, Environment, Type};
use crate::diagnostic::Finding;
use crate::schema::{Kind, Schemas};
use crate::text::KubernetesVersion;
use crate::workspace::Document;

/// The newest kinds: whether a cluster is too old for a field is no question of types.
static BUILT_IN: LazyLock<Schemas> = LazyLock::new(|| Schemas::new(&KubernetesVersion::newest()));

/// The schemas of all kinds, and what was declared of them.
pub(super) struct Typing {
    /// The schemas, if documents define kinds.
    own: Option<Schemas>,
    known: BTreeMap<Vec<String>, Typed>,
}

/// What the expressions of a policy are held against.
#[derive(Clone)]
pub(super) struct Typed {
    pub(super) declarations: Declarations,
    /// Which kinds the types are of.
    pub(super) kinds: String,
    /// The types of the variables that are put before the user's own.
    pods: Vec<(&'static str, Type)>,
}

impl Typing {
    /// Reads the kinds that documents define, and says what is wrong with the definitions.
    pub(super) fn new(documents: &[Document]) -> (Self, Vec<Finding>) {
        let mut own: Option<Schemas> = None;
        let mut findings = Vec::new();
        for document in documents {
            if document.value.get("kind").and_then(Value::as_str) == Some("CustomResourceDefinition") {
                let schemas = own.get_or_insert_with(|| Schemas::new(&KubernetesVersion::newest()));
                let wrong = schemas.add_crds(std::slice::from_ref(&document.value));
                findings.extend(
                    wrong
                        .into_iter()
                        .map(|finding| finding.at(document.locate("/metadata/name"))),
                );
            }
        }
        let known = BTreeMap::new();
        (Self { own, known }, findings)
    }

    /// Returns what the expressions of a policy are held against; nothing if they may ask for anything.
    pub(super) fn of(&mut self, spec: &spec::Policy, with_pods: bool, resources: &Resources) -> Option<Typed> {
        let schemas = self.own.as_ref().unwrap_or(&BUILT_IN);
        let constraints = spec.match_constraints.as_ref()?;
        let kinds = matched(&constraints.resource_rules, schemas, resources).unwrap_or_default();
        let params = spec.param_kind.as_ref();
        let known_params = params.and_then(|kind| schemas.find(&kind.api_version, &kind.kind));
        if kinds.is_empty() && known_params.is_none() {
            return None;
        }
        let mut key: Vec<String> = kinds.iter().map(|kind| shown(kind)).collect();
        key.extend(params.map(|kind| format!("params {} {}", kind.api_version, kind.kind)));
        key.extend(with_pods.then(|| "pods".to_owned()));
        let params = params.map(|_| known_params);
        let typed = self.known.entry(key);
        Some(
            typed
                .or_insert_with(|| declare(schemas, &kinds, params, with_pods))
                .clone(),
        )
    }
}

impl Typed {
    /// Type-checks an expression.
    pub(super) fn examine(&self, text: &str) -> Result<Type, Vec<CompileError>> {
        Environment::new(self.declarations.clone()).examine(text)
    }

    /// Returns the type of a variable that is not the user's own.
    pub(super) fn given(&self, variable: &str) -> Option<Type> {
        let given = self.pods.iter().find(|(name, _)| *name == variable);
        given.map(|(_, of)| of.clone())
    }
}

fn shown(kind: &Kind) -> String {
    format!("{} {}", kind.api_version, kind.kind)
}

/// Declares what the expressions know.
fn declare(schemas: &Schemas, kinds: &[&Kind], params: Option<Option<&Kind>>, with_pods: bool) -> Typed {
    let mut declarations = Declarations::new();
    let mut objects = |kinds: &[&Kind]| {
        if kinds.is_empty() {
            return Type::Dyn;
        }
        let (declared, of) = schemas.declare(kinds, std::mem::take(&mut declarations));
        declarations = declared;
        of
    };
    let object = objects(kinds);
    let parameter = params.map(|kind| objects(kind.as_slice()));
    let pod = schemas.find("v1", "Pod").filter(|_| with_pods && !kinds.is_empty());
    let pod = pod.map(|pod| objects(&[pod]));
    let pods = pod.map_or_else(Vec::new, |pod| {
        let environment = Environment::new(declarations.clone().variable("pod", pod));
        let of = |path: &str| environment.examine(path).unwrap_or(Type::Dyn);
        vec![(POD_SPEC, of("pod.spec")), (POD_META, of("pod.metadata"))]
    });
    let names: BTreeSet<&str> = kinds
        .iter()
        .copied()
        .chain(params.flatten())
        .map(|kind| &*kind.kind)
        .collect();
    Typed {
        declarations: environment::declare(declarations, object, parameter, true),
        kinds: Vec::from_iter(names).join(", "),
        pods,
    }
}

/// The kinds that rules match; nothing if an object may be of a kind without schema.
fn matched<'s>(rules: &[Rule], schemas: &'s Schemas, resources: &Resources) -> Option<Vec<&'s Kind>> {
    let mut found: BTreeMap<(&str, &str), &Kind> = BTreeMap::new();
    for rule in rules {
        for group in &rule.api_groups {
            for resource in &rule.resources {
                // Subresources have kinds of their own.
                if group == "*" || resource.contains(['*', '/']) {
                    return None;
                }
                let of_group = || schemas.kinds().filter(|kind| kind.group() == group);
                let of_resource = || of_group().filter(|kind| kind.plural == *resource);
                let has_schema = of_resource().next().is_some();
                let is_resource = || {
                    let mut all = resources.all().iter();
                    all.any(|known| known.group == *group && known.plural == *resource)
                };
                let is_built_in = || of_group().any(|kind| !kind.is_custom);
                // A resource that a group of the server's own does not have is matched by nothing.
                if !has_schema && (is_resource() || !is_built_in()) {
                    return None;
                }
                let version = |kind: &&Kind| {
                    let (_, version) = split(&kind.api_version);
                    rule.api_versions.iter().any(|named| named == "*" || named == version)
                };
                found.extend(
                    of_resource()
                        .filter(version)
                        .map(|kind| ((&*kind.api_version, &*kind.kind), kind)),
                );
            }
        }
    }
    Some(found.into_values().collect())
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::Arc;

    use super::super::Policies;
    use super::super::tests::{compile, policy, shown};
    use super::*;
    use crate::diagnostic::Source;
    use crate::workspace::parse;

    /// What is wrong with the types in the documents of a file.
    fn wrong(text: &str) -> String {
        let mut findings = compile(text).1;
        findings.retain(|finding| ["policy-type", "policy-syntax", "unusable-definition"].contains(&&*finding.code));
        shown(&findings)
    }

    /// What is wrong with validations, a line each, in a policy that matches some resources.
    fn validations(resources: &str, validations: &str) -> String {
        let list: String = validations
            .lines()
            .map(|line| format!("  - expression: |-\n      {}\n", line.trim()))
            .collect();
        wrong(&policy(
            resources,
            &format!("validations:\n{list}"),
            "validationActions: [Deny]",
        ))
    }

    #[test]
    fn mistakes_are_shown_in_the_expression() {
        insta::assert_snapshot!(validations(
            "apps/deployments",
            r#"object.spec.replicsa > 1
            object.spec.template.spec.containers.all(c, c.imge.contains('@'))
            object.spec.replicas == '3'
            object.spec.template.spec.containers.exists(c, c.ports.containerPort == 80)
            object.metadata.labels.exists(l, l.name == 'app')
            object.spec.template.spec.containers['web'].image == 'x'
            object.spec.template.spec.hostNetwork && object.spec.strategy
            oldObject.spec.selectr == null || true
            object.spec.?template.?spc.hasValue()
            has(object.spec.paussed)
            object.spec.minReadySeconds + '1' == '11'"#,
        ), @r"
        14:9 `object.spec.replicsa` error[policy-type]: undefined field 'replicsa' (did you mean `replicas`?)
        16:53 `c.imge` error[policy-type]: undefined field 'imge' (did you mean `image`?)
        18:9 `object.spec.replicas == '3'` error[policy-type]: found no matching overload for '_==_' applied to '(int, string)' (the types are those of Deployment; `dyn()` around a value makes it anything)
        20:56 `c.ports.containerPort` error[policy-type]: type 'list(Deployment.spec.template.spec.containers.ports)' does not support field selection (the types are those of Deployment; `dyn()` around a value makes it anything)
        22:42 `l.name` error[policy-type]: type 'string' does not support field selection (the types are those of Deployment; `dyn()` around a value makes it anything)
        24:9 `object.spec.template.spec.containers['web']` error[policy-type]: found no matching overload for '_[_]' applied to '(list(Deployment.spec.template.spec.containers), string)' (the types are those of Deployment; `dyn()` around a value makes it anything)
        26:50 `object.spec.strategy` error[policy-type]: expected type 'bool' but found 'Deployment.spec.strategy' (the types are those of Deployment; `dyn()` around a value makes it anything)
        28:9 `oldObject.spec.selectr` error[policy-type]: undefined field 'selectr' (did you mean `selector`?)
        30:9 `object.spec.?template.?spc` error[policy-type]: undefined field 'spc' (did you mean `spec`?)
        32:9 `has(object.spec.paussed)` error[policy-type]: undefined field 'paussed' (did you mean `paused`?)
        34:9 `object.spec.minReadySeconds + '1'` error[policy-type]: found no matching overload for '_+_' applied to '(int, string)' (the types are those of Deployment; `dyn()` around a value makes it anything)
        ");
    }

    /// The server's checker warns of some of these, its evaluator takes them all.
    #[test]
    fn what_works_is_accepted() {
        let right = r#"object.spec.replicas > 1 && object.metadata.labels['app'] == 'x'
            (has(object.spec.strategy) ? object.spec.strategy : {}).?type.orValue('') != 'Recreate'
            (has(object.spec.strategy) ? object.spec.strategy : {'type': 'x'}).type == 'x'
            (has(object.spec.replicas) ? object.spec.replicas : null) == null
            (has(object.spec.replicas) ? object.spec.replicas : 'none') == 'none'
            object.spec.replicas != null && dyn(object.spec).anything == 1
            "replicas" in object.spec && object.spec["replicas"] == 1
            object.spec.all(field, field != 'paused')
            object.spec.strategy.rollingUpdate.maxSurge == '25%' || object.spec.strategy.rollingUpdate.maxSurge == 1
            object.spec.template.spec.?securityContext.orValue({}).?runAsNonRoot.orValue(false) == false
            [object.spec.replicas, object.metadata.name].size() == 2
            oldObject == null || object.spec.selector == oldObject.spec.selector
            timestamp(object.metadata.creationTimestamp) < timestamp('2030-01-01T00:00:00Z')
            (object.kind == 'CronJob' ? object.spec.replicas : object.metadata.generation) > 0"#;
        assert_eq!(validations("apps/deployments", right), "");
        let wildcard = "object.spec.replicsa > 1";
        for anything in [
            "*/deployments",
            "apps/*",
            "apps/deployments/scale",
            "example.com/deployments",
        ] {
            assert_eq!(validations(anything, wildcard), "", "{anything}");
        }
        assert_ne!(validations("apps/statefulsets", wildcard), "");
    }

    #[test]
    fn variables_conditions_messages_and_annotations_are_held_too() {
        insta::assert_snapshot!(wrong(&policy(
            "apps/deployments",
            "matchConditions:
  - {name: c, expression: object.spec.replicsa > 1}
variables:
  - {name: pod, expression: object.spec.template.spec}
  - {name: containers, expression: variables.pod.containers + variables.pod.initContainers}
  - {name: broken, expression: object.spec.nothing}
  - {name: after, expression: variables.broken.anything}
validations:
  - expression: variables.containers.all(c, c.img != '')
    messageExpression: \"'pod of ' + object.metadata.nam\"
auditAnnotations:
  - {key: k, valueExpression: 'string(object.spec.template.metadata.label)'}",
            "validationActions: [Deny]",
        )), @r"
        13:29 `object.spec.replicsa` error[policy-type]: undefined field 'replicsa' (did you mean `replicas`?)
        17:34 `object.spec.nothing` error[policy-type]: undefined field 'nothing' (the types are those of Deployment; `dyn()` around a value makes it anything)
        20:47 `c.img` error[policy-type]: undefined field 'img' (did you mean `image`?)
        21:39 `object.metadata.nam` error[policy-type]: undefined field 'nam' (did you mean `name`?)
        23:41 `object.spec.template.metadata.label` error[policy-type]: undefined field 'label' (did you mean `labels`?)
        ");
    }

    #[test]
    fn branches_by_kind_are_understood() {
        let text = |expression: &str| {
            let text = policy(
                "batch/cronjobs",
                &format!(
                    "variables:
  - name: spec
    expression: >-
      object.kind == 'Pod' ? object.spec
      : object.kind == 'CronJob' ? object.spec.jobTemplate.spec.template.spec
      : object.spec.template.spec
validations:
  - expression: {expression}"
                ),
                "validationActions: [Deny]",
            );
            text.replacen("['batch']", "['batch', apps, '']", 1).replacen(
                "['cronjobs']",
                "[cronjobs, deployments, pods]",
                1,
            )
        };
        assert_eq!(wrong(&text("variables.spec.containers.all(c, c.image != '')")), "");
        insta::assert_snapshot!(wrong(&text("object.spec.schedul != ''")), @r"19:19 `object.spec.schedul` error[policy-type]: undefined field 'schedul' (did you mean `schedule`?)");
        insta::assert_snapshot!(wrong(&text("object.spec.jobTemplate.spec.template.spec.contaners.size() > 0")), @r"19:19 `object.spec.jobTemplate.spec.template.spec.contaners` error[policy-type]: undefined field 'contaners' (did you mean `containers`?)");
    }

    #[test]
    fn pod_templates_and_parameters_have_types() {
        let text = policy(
            "pods",
            "paramKind: {apiVersion: v1, kind: ConfigMap}
validations:
  - expression: variables.podSpec.containers.all(c, c.image in params.dta.images.split(','))
  - expression: variables.podSpec.?hostNetwrk.orValue(false) == false
  - expression: variables.podMeta.labels['app'] == 1",
            "validationActions: [Deny]",
        );
        let annotated = "  name: p\n  annotations: {formwork/pod-templates: 'true'}\n";
        insta::assert_snapshot!(wrong(&text.replacen("  name: p\n", annotated, 1)), @r"
        15:66 `params.dta` error[policy-type]: undefined field 'dta' (the types are those of ConfigMap, CronJob, DaemonSet, Deployment, Job, Pod, PodTemplate, ReplicaSet, ReplicationController, StatefulSet; `dyn()` around a value makes it anything)
        16:19 `variables.podSpec.?hostNetwrk` error[policy-type]: undefined field 'hostNetwrk' (did you mean `hostNetwork`?)
        17:19 `variables.podMeta.labels['app'] == 1` error[policy-type]: found no matching overload for '_==_' applied to '(string, int)' (the types are those of ConfigMap, CronJob, DaemonSet, Deployment, Job, Pod, PodTemplate, ReplicaSet, ReplicationController, StatefulSet; `dyn()` around a value makes it anything)
        ");
    }

    #[test]
    fn custom_resources_are_known_by_their_definition() {
        let text = policy(
            "postgresql.cnpg.io/clusters",
            "validations: [{expression: object.spec.instnces > 1}]",
            "validationActions: [Deny]",
        );
        assert_eq!(wrong(&text), "");
        let definition = |kind: &str| {
            format!(
                "---
apiVersion: apiextensions.k8s.io/{kind}
kind: CustomResourceDefinition
metadata: {{name: clusters.postgresql.cnpg.io}}
spec:
  group: postgresql.cnpg.io
  names: {{kind: Cluster, plural: clusters}}
  scope: Namespaced
  versions:
    - name: v1
      served: true
      schema:
        openAPIV3Schema:
          type: object
          properties:
            spec: {{type: object, properties: {{instances: {{type: integer}}}}}}
"
            )
        };
        insta::assert_snapshot!(wrong(&(text.clone() + &definition("v1"))), @r"12:30 `object.spec.instnces` error[policy-type]: undefined field 'instnces' (did you mean `instances`?)");
        insta::assert_snapshot!(wrong(&(text + &definition("v1beta1"))), @r"26:18 `clusters.postgresql.cnpg.io` error[unusable-definition]: the definition `clusters.postgresql.cnpg.io` is not of `apiextensions.k8s.io/v1` (use the definition as its project ships it for `apiextensions.k8s.io/v1`)");
    }

    /// The documents of every file below a folder of the repository.
    fn folder(name: &str) -> Vec<Document> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
        let files = walkdir::WalkDir::new(folder).sort_by_file_name().into_iter();
        let files = files.filter_map(Result::ok).map(walkdir::DirEntry::into_path);
        let files = files.filter(|path| path.extension().is_some_and(|extension| extension == "yaml"));
        let read = |path: std::path::PathBuf| Source {
            text: std::fs::read_to_string(&path).unwrap(),
            path: path.to_string_lossy().into_owned(),
        };
        files.flat_map(|path| parse(&Arc::new(read(path))).0).collect()
    }

    #[test]
    fn policies_that_work_have_no_findings() {
        let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpora/vap/policies.jsonl");
        let corpus = std::fs::read_to_string(corpus).unwrap_or_default();
        let corpus = corpus.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        let corpus = corpus.map(|line| Document::from_value("policy.yaml", line["policy"].clone()));
        let house = folder("policies");
        assert!(house.len() > 200);
        for documents in [house, corpus.collect()] {
            let mut findings = Policies::compile(&documents, &Resources::default()).1;
            findings.retain(|finding| finding.code == "policy-type");
            assert_eq!(findings, []);
        }
    }
}
