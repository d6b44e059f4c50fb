//! What follows from how much is known, and what operators make.

use serde::Deserialize;
use serde_json::Value;

use super::{Inventory, World, check};
use crate::manifest::Object;

fn objects(text: &str) -> Vec<Object> {
    let documents = serde_yaml::Deserializer::from_str(text).map(|it| Value::deserialize(it).unwrap());
    documents.map(|value| Object::from_value(value).unwrap()).collect()
}

/// The findings of a world, a line each.
fn said(world: &World<'_>) -> String {
    let line = |found: &super::Found| {
        let finding = &found.finding;
        let field = finding.field.as_deref().unwrap_or_default();
        format!(
            "{}[{}] {field}: {}\n",
            finding.level.name(),
            finding.code,
            finding.message
        )
    };
    check(world).iter().map(line).collect()
}

const POD: &str = "
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop}
spec:
  serviceAccountName: web
  containers:
    - name: web
      image: web
      env:
        - {name: A, valueFrom: {secretKeyRef: {name: token, key: value}}}
        - {name: B, valueFrom: {secretKeyRef: {name: other, key: value, optional: true}}}
      envFrom: [{configMapRef: {name: texts}}]
";

#[test]
fn a_missing_end_weighs_as_much_as_is_known() {
    let given = objects(POD);
    insta::assert_snapshot!(said(&World::open(&given)), @"
    audit[config-map-missing] /spec/containers/0/envFrom/0/configMapRef/name: Pod `web` refers to ConfigMap `texts`, which is not among the manifests
    audit[secret-missing] /spec/containers/0/env/0/valueFrom/secretKeyRef/name: Pod `web` refers to Secret `token`, which is not among the manifests
    audit[service-account-missing] /spec/serviceAccountName: Pod `web` refers to ServiceAccount `web`, which is not among the manifests
    ");
    let sibling = objects(&format!(
        "{POD}---\n{{apiVersion: v1, kind: ConfigMap, metadata: {{name: faq, namespace: shop}}}}"
    ));
    insta::assert_snapshot!(said(&World::open(&sibling)), @"
    warn[config-map-missing] /spec/containers/0/envFrom/0/configMapRef/name: Pod `web` refers to ConfigMap `texts`, which is not among the manifests
    audit[secret-missing] /spec/containers/0/env/0/valueFrom/secretKeyRef/name: Pod `web` refers to Secret `token`, which is not among the manifests
    audit[service-account-missing] /spec/serviceAccountName: Pod `web` refers to ServiceAccount `web`, which is not among the manifests
    ");
    let inventory = Inventory::default();
    insta::assert_snapshot!(said(&World::of_environment(&given, "shop", &inventory)), @"
    deny[config-map-missing] /spec/containers/0/envFrom/0/configMapRef/name: Pod `web` refers to ConfigMap `texts`, which does not exist
    deny[secret-missing] /spec/containers/0/env/0/valueFrom/secretKeyRef/name: Pod `web` refers to Secret `token`, which does not exist
    deny[service-account-missing] /spec/serviceAccountName: Pod `web` refers to ServiceAccount `web`, which does not exist
    ");
    assert_eq!(said(&World::of_environment(&given, "other", &inventory)), "");
    let strange = objects(&format!(
        "{POD}---\n{{apiVersion: example.com/v1, kind: Broker, metadata: {{name: one, namespace: shop}}}}"
    ));
    insta::assert_snapshot!(said(&World::of_environment(&strange, "shop", &inventory)), @"
    warn[config-map-missing] /spec/containers/0/envFrom/0/configMapRef/name: Pod `web` refers to ConfigMap `texts`, which does not exist
    warn[secret-missing] /spec/containers/0/env/0/valueFrom/secretKeyRef/name: Pod `web` refers to Secret `token`, which does not exist
    warn[service-account-missing] /spec/serviceAccountName: Pod `web` refers to ServiceAccount `web`, which does not exist
    ");
}

#[test]
fn what_operators_make_is_known_with_keys_and_ports() {
    let given = objects(
        "
apiVersion: postgresql.cnpg.io/v1
kind: Cluster
metadata: {name: db, namespace: shop}
spec: {instances: 1, bootstrap: {initdb: {database: shop}}}
---
apiVersion: objectbucket.io/v1alpha1
kind: ObjectBucketClaim
metadata: {name: files, namespace: shop}
---
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop}
spec:
  serviceAccountName: db
  containers:
    - name: web
      image: web
      envFrom: [{configMapRef: {name: files}}]
      env:
        - {name: A, valueFrom: {secretKeyRef: {name: db-app, key: uri}}}
        - {name: B, valueFrom: {secretKeyRef: {name: db-app, key: url}}}
        - {name: C, valueFrom: {secretKeyRef: {name: files, key: AWS_ACCESS_KEY_ID}}}
        - {name: D, valueFrom: {secretKeyRef: {name: db-superuser, key: password}}}
  volumes:
    - {name: ca, secret: {secretName: db-ca, items: [{key: ca.crt, path: ca}, {key: ca.pem, path: pem}]}}
---
apiVersion: traefik.io/v1alpha1
kind: IngressRoute
metadata: {name: web, namespace: shop}
spec: {routes: [{match: Host(`a`), services: [{name: db-rw, port: 5432}, {name: db-ro, port: 5433}, {name: db, port: 1}]}]}
---
apiVersion: monitoring.coreos.com/v1
kind: PodMonitor
metadata: {name: db, namespace: shop}
spec: {selector: {matchLabels: {cnpg.io/cluster: db}}, podMetricsEndpoints: [{port: metrics}, {port: http}]}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: db, namespace: shop}
spec: {maxUnavailable: 1, selector: {matchLabels: {cnpg.io/cluster: db}}}
",
    );
    let inventory = Inventory::default();
    insta::assert_snapshot!(said(&World::of_environment(&given, "shop", &inventory)), @"
    deny[key-missing] /spec/containers/0/env/1/valueFrom/secretKeyRef/key: Pod `web` uses key `url` of Secret `db-app` of Cluster `db`, which does not have it
    deny[key-missing] /spec/volumes/0/secret/items/1/key: Pod `web` uses key `ca.pem` of Secret `db-ca` of Cluster `db`, which does not have it
    deny[monitor-without-targets] /spec/podMetricsEndpoints/1/port: PodMonitor `db` asks at port `http`, which Cluster `db` does not have
    deny[route-without-service] /spec/routes/0/services/1/port: IngressRoute `web` leads to port 5433 of Service `db-ro` of Cluster `db`, which does not have it
    deny[route-without-service] /spec/routes/0/services/2/name: IngressRoute `web` refers to Service `db`, which does not exist
    deny[secret-missing] /spec/containers/0/env/3/valueFrom/secretKeyRef/name: Pod `web` refers to Secret `db-superuser`, which does not exist
    deny[two-disruption-budgets] /spec/selector: PodDisruptionBudget `db` is about pods of Cluster `db`, and so is one that the operator makes
    ");
}

/// A base and its overlay say different things about one object, and neither is the whole truth.
#[test]
fn objects_that_are_written_twice_are_not_denied() {
    let service = "{apiVersion: v1, kind: Service, metadata: {name: web}, spec: {selector: {app: web}, ports: [{port: 80, targetPort: http}]}}";
    let deployment = |spec: &str| {
        format!(
            "{{apiVersion: apps/v1, kind: Deployment, metadata: {{name: web}}, spec: {{template: {{metadata: \
             {{labels: {{app: web}}}}, spec: {{containers: [{{name: web, {spec}}}]}}}}}}}}"
        )
    };
    let once = objects(&format!("{service}\n---\n{}", deployment("image: web")));
    insta::assert_snapshot!(said(&World::open(&once)), @"deny[unknown-target-port] /spec/ports/0/targetPort: Service `web` leads to port `http`, which the pods of Deployment `web` do not have");
    let twice = objects(&format!(
        "{service}\n---\n{}\n---\n{}",
        deployment("image: web"),
        deployment("image: web2")
    ));
    insta::assert_snapshot!(said(&World::open(&twice)), @"
    audit[applied-twice] /metadata/name: Deployment `web` is written more than once, and differently
    warn[unknown-target-port] /spec/ports/0/targetPort: Service `web` leads to port `http`, which the pods of Deployment `web` do not have
    ");
}
