//! What objects stand for besides themselves: the secrets, services and accounts that controllers make from them.
//!
//! Each end knows who makes it, so that the keys of a secret and the ports of a service can be asked for.

use std::borrow::Cow;

use serde_json::Value;

use super::node::{Node, text};
use super::pods::Port;

/// Something that a reference may name: an object, or what a controller makes from one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Product<'a> {
    /// The object itself, or the one that it is made from.
    pub(super) by: Node<'a>,
    pub(super) part: Part,
}

/// What it is of its maker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Itself,
    /// The secret of an ExternalSecret.
    External,
    /// The secret of a certificate.
    Certified,
    /// Credentials of a database.
    Credentials,
    /// A certificate authority, or a certificate, of a database.
    Authority,
    Pair,
    /// The secret or the configuration of a bucket.
    BucketKeys,
    BucketAddress,
    /// A service of a database.
    Database,
    /// Of which only the name is known.
    Opaque,
}

const CREDENTIALS: &[&str] = &[
    "username",
    "user",
    "password",
    "dbname",
    "host",
    "port",
    "pgpass",
    "uri",
    "jdbc-uri",
    "fqdn-uri",
    "fqdn-jdbc-uri",
];

impl<'a> Product<'a> {
    /// The keys that it has; nothing when they are not known.
    pub(super) fn keys(&self) -> Option<Vec<&'a str>> {
        match self.part {
            Part::Itself => written(self.by),
            Part::External => external(self.by),
            Part::Certified => Some(certified(self.by)),
            Part::Credentials => Some(CREDENTIALS.to_vec()),
            Part::Authority => Some(vec!["ca.crt", "ca.key"]),
            Part::Pair => Some(vec!["tls.crt", "tls.key"]),
            Part::BucketKeys => Some(vec!["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]),
            Part::BucketAddress => Some(vec![
                "BUCKET_HOST",
                "BUCKET_NAME",
                "BUCKET_PORT",
                "BUCKET_REGION",
                "BUCKET_SUBREGION",
            ]),
            Part::Database | Part::Opaque => None,
        }
    }

    /// The ports of a service; nothing when they are not known.
    pub(super) fn ports(&self) -> Option<Vec<Port<'a>>> {
        match self.part {
            Part::Itself => {
                let read = |port: &'a Value| {
                    Some(Port {
                        name: text(port, "name").unwrap_or_default(),
                        number: port.get("port")?.as_i64()?,
                    })
                };
                let ports: Vec<Port<'a>> = self.by.list("/spec/ports").iter().filter_map(read).collect();
                Some(ports).filter(|ports| !ports.is_empty())
            }
            Part::Database => Some(vec![Port {
                name: "postgres",
                number: 5432,
            }]),
            _ => None,
        }
    }

    /// How a finding speaks of it: `Secret `db-app` of Cluster `db``.
    pub(super) fn called(&self, kind: &str, name: &str) -> String {
        match self.part {
            Part::Itself => self.by.called(),
            _ => format!("{kind} `{name}` of {}", self.by.called()),
        }
    }
}

fn names(value: Option<&Value>) -> impl Iterator<Item = &str> {
    value
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
        .map(|(key, _)| key.as_str())
}

/// The keys of a ConfigMap or Secret. An empty one waits for somebody who fills it.
fn written<'a>(node: Node<'a>) -> Option<Vec<&'a str>> {
    let fields = ["/data", "/stringData", "/binaryData"];
    let keys: Vec<&str> = fields.iter().flat_map(|field| names(node.at(field))).collect();
    let is_filled = node.text("/type") == Some("kubernetes.io/service-account-token");
    Some(keys).filter(|keys| !keys.is_empty() && !is_filled)
}

fn external<'a>(node: Node<'a>) -> Option<Vec<&'a str>> {
    let template = node.at("/spec/target/template");
    let templated = template.and_then(|template| template.get("data"));
    if template.is_some_and(|template| template.get("templateFrom").is_some()) {
        return None;
    }
    let merged = template.and_then(|template| text(template, "mergePolicy")) == Some("Merge");
    let mut keys: Vec<&str> = names(templated).collect();
    if keys.is_empty() || merged {
        if !node.list("/spec/dataFrom").is_empty() {
            return None;
        }
        keys.extend(
            node.list("/spec/data")
                .iter()
                .filter_map(|item| text(item, "secretKey")),
        );
    }
    let is_whole = matches!(
        node.text("/spec/target/creationPolicy"),
        None | Some("Owner" | "Orphan")
    );
    Some(keys).filter(|_| is_whole)
}

fn certified<'a>(node: Node<'a>) -> Vec<&'a str> {
    let mut keys = vec!["tls.crt", "tls.key", "ca.crt"];
    for output in node.list("/spec/additionalOutputFormats") {
        keys.push(match text(output, "type") {
            Some("DER") => "key.der",
            _ => "tls-combined.pem",
        });
    }
    if node.at("/spec/keystores/jks").is_some() {
        keys.extend(["keystore.jks", "truststore.jks"]);
    }
    if node.at("/spec/keystores/pkcs12").is_some() {
        keys.extend(["keystore.p12", "truststore.p12"]);
    }
    keys
}

/// An end that an object stands for: group, kind, namespace and name, and what it is of the object.
pub(super) type Made<'a> = (&'static str, &'static str, &'a str, Cow<'a, str>, Part);

/// What controllers make from an object.
pub(super) fn of<'a>(node: Node<'a>, made: &mut Vec<Made<'a>>) {
    let (group, kind) = (node.object.group(), node.object.kind.as_str());
    let namespace = node.namespace;
    let mut add = |group, kind, name: Cow<'a, str>, part| made.push((group, kind, namespace, name, part));
    let itself = || Cow::Borrowed(node.name());
    match (group, kind) {
        ("external-secrets.io", "ExternalSecret") => {
            let name = node.text("/spec/target/name").map_or_else(itself, Cow::Borrowed);
            let creates = !matches!(node.text("/spec/target/creationPolicy"), Some("None" | "Merge"));
            match (creates, node.text("/spec/target/manifest/kind")) {
                (true, None) => add("", "Secret", name, Part::External),
                (true, Some("ConfigMap")) => add("", "ConfigMap", name, Part::Opaque),
                _ => {}
            }
        }
        ("cert-manager.io", "Certificate") => {
            if let Some(name) = node.text("/spec/secretName") {
                add("", "Secret", name.into(), Part::Certified);
            }
        }
        ("cert-manager.io", "Issuer") => {
            if let Some(name) = node.text("/spec/acme/privateKeySecretRef/name") {
                add("", "Secret", name.into(), Part::Opaque);
            }
        }
        ("networking.k8s.io", "Ingress") => {
            let keys = [
                "cert-manager.io/cluster-issuer",
                "cert-manager.io/issuer",
                "kubernetes.io/tls-acme",
            ];
            if keys.iter().any(|key| node.object.annotation(key).is_some()) {
                for tls in node.list("/spec/tls") {
                    add(
                        "",
                        "Secret",
                        text(tls, "secretName").unwrap_or_default().into(),
                        Part::Pair,
                    );
                }
            }
        }
        ("bitnami.com", "SealedSecret") => {
            let name = node
                .text("/spec/template/metadata/name")
                .map_or_else(itself, Cow::Borrowed);
            add("", "Secret", name, Part::Opaque);
        }
        ("objectbucket.io", "ObjectBucketClaim") => {
            add("", "Secret", itself(), Part::BucketKeys);
            add("", "ConfigMap", itself(), Part::BucketAddress);
        }
        ("keda.sh", "ScaledObject") => {
            let name = node.text("/spec/advanced/horizontalPodAutoscalerConfig/name");
            let name = name.map_or_else(|| format!("keda-hpa-{}", node.name()).into(), Cow::Borrowed);
            add("autoscaling", "HorizontalPodAutoscaler", name, Part::Opaque);
        }
        ("apps", "StatefulSet") => {
            let replicas = node.at("/spec/replicas").and_then(Value::as_u64).unwrap_or(1);
            for claim in node.list("/spec/volumeClaimTemplates") {
                let claim = claim
                    .pointer("/metadata/name")
                    .and_then(Value::as_str)
                    .unwrap_or_default();
                for ordinal in 0..replicas.min(MOST_CLAIMS) {
                    let name = format!("{claim}-{}-{ordinal}", node.name());
                    add("", "PersistentVolumeClaim", name.into(), Part::Opaque);
                }
            }
        }
        ("postgresql.cnpg.io", "Cluster") => of_database(node, &mut add),
        ("postgresql.cnpg.io", "Pooler") => {
            add("", "Service", itself(), Part::Database);
            add("", "ServiceAccount", itself(), Part::Opaque);
            add("apps", "Deployment", itself(), Part::Opaque);
        }
        ("postgresql.cnpg.io", "DatabaseRole") => {
            add(
                "",
                "Secret",
                format!("{}-client-cert", node.name()).into(),
                Part::Opaque,
            );
        }
        _ => {}
    }
}

/// A stateful set of more pods than this is not reckoned claim by claim.
const MOST_CLAIMS: u64 = 64;

/// What the PostgreSQL operator makes beside the pods.
fn of_database<'a>(node: Node<'a>, add: &mut dyn FnMut(&'static str, &'static str, Cow<'a, str>, Part)) {
    let named = |suffix: &str| Cow::Owned(format!("{}{suffix}", node.name()));
    let is = |pointer: &str| node.at(pointer).is_some();
    add("", "ServiceAccount", node.name().into(), Part::Opaque);
    let off = node.list("/spec/managed/services/disabledDefaultServices");
    for service in ["rw", "ro", "r"] {
        if !off.iter().any(|it| it == service) {
            add("", "Service", named(&format!("-{service}")), Part::Database);
        }
    }
    for (_, name) in node.each("/spec/managed/services/additional/*/serviceTemplate/metadata/name") {
        add("", "Service", name.as_str().unwrap_or_default().into(), Part::Database);
    }
    let ways = ["initdb", "recovery", "pg_basebackup"];
    let given = |way: &&str| is(&format!("/spec/bootstrap/{way}/secret/name"));
    // Without a way the operator initialises a database `app`.
    if !ways.iter().any(given) {
        add("", "Secret", named("-app"), Part::Credentials);
    }
    if node.at("/spec/enableSuperuserAccess") == Some(&Value::Bool(true)) && !is("/spec/superuserSecret") {
        add("", "Secret", named("-superuser"), Part::Credentials);
    }
    let certificates = [
        ("serverCASecret", "-ca", Part::Authority),
        ("serverTLSSecret", "-server", Part::Pair),
        ("replicationTLSSecret", "-replication", Part::Pair),
    ];
    for (field, suffix, part) in certificates {
        if !is(&format!("/spec/certificates/{field}")) {
            add("", "Secret", named(suffix), part);
        }
    }
    let instances = node.at("/spec/instances").and_then(Value::as_u64).unwrap_or(1);
    for serial in 1..=instances.min(MOST_CLAIMS) {
        add("", "PersistentVolumeClaim", named(&format!("-{serial}")), Part::Opaque);
    }
}

/// Whether all that an object makes is known. What a chart or another repository brings is not.
pub(super) fn is_known(node: Node<'_>) -> bool {
    let group = node.object.group();
    let built_in = !group.contains('.') || group.ends_with(".k8s.io");
    let known = [
        "traefik.io",
        "cert-manager.io",
        "external-secrets.io",
        "keda.sh",
        "postgresql.cnpg.io",
        "barmancloud.cnpg.io",
        "objectbucket.io",
        "policy.sigstore.dev",
        "s3.aws.upbound.io",
        "bitnami.com",
        "source.toolkit.fluxcd.io",
    ];
    let monitors = ["PodMonitor", "ServiceMonitor", "Probe", "PrometheusRule"];
    built_in
        || known.contains(&group)
        || (group == "monitoring.coreos.com" && monitors.contains(&node.object.kind.as_str()))
}

/// The namespace into which an object of an unknown kind, or a delivery, puts what it makes.
pub(super) fn target<'a>(node: Node<'a>) -> &'a str {
    let field = match (node.object.group(), node.object.kind.as_str()) {
        ("argoproj.io", "Application") => "/spec/destination/namespace",
        (_, "HelmRelease" | "Kustomization") => "/spec/targetNamespace",
        _ => return node.namespace,
    };
    node.text(field).unwrap_or(node.namespace)
}
