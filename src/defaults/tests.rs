//! Each kind before and after, as the lines that the server adds (`+`), changes (`~`) and drops (`-`).
//!
//! The manifests are valid, so that a real server can be asked for the same.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::apply;
use super::constants::CONSTANTS;
use super::rules::RULES;
use super::shapes::SHAPES;

fn read(manifest: &str) -> Value {
    serde_yaml::from_str(manifest).unwrap()
}

fn completed(manifest: &str) -> Value {
    let mut object = read(manifest);
    apply(&mut object);
    object
}

/// What becomes of a manifest.
fn changes(manifest: &str) -> String {
    let mut lines = Vec::new();
    compare("", &read(manifest), &completed(manifest), &mut lines);
    lines.join("\n")
}

fn compare(at: &str, before: &Value, after: &Value, lines: &mut Vec<String>) {
    match (before, after) {
        (Value::Object(before), Value::Object(after)) => {
            let mut names: Vec<&String> = before.keys().chain(after.keys()).collect();
            names.sort();
            names.dedup();
            for name in names {
                let at = format!("{at}.{name}").trim_start_matches('.').to_owned();
                match (before.get(name), after.get(name)) {
                    (Some(before), Some(after)) => compare(&at, before, after, lines),
                    (None, Some(after)) => lines.push(format!("+ {at}: {after}")),
                    (Some(before), None) => lines.push(format!("- {at}: {before}")),
                    (None, None) => {}
                }
            }
        }
        (Value::Array(before), Value::Array(after)) if before.len() == after.len() => {
            for (place, (before, after)) in before.iter().zip(after).enumerate() {
                compare(&format!("{at}[{place}]"), before, after, lines);
            }
        }
        _ if before == after => {}
        _ => lines.push(format!("~ {at}: {before} → {after}")),
    }
}

#[test]
fn a_pod_gets_what_no_template_gets() {
    let pod = "
apiVersion: v1
kind: Pod
metadata: {name: a, namespace: default, labels: {app: a}, annotations: {container.apparmor.security.beta.kubernetes.io/a: runtime/default}}
spec:
  hostNetwork: true
  terminationGracePeriodSeconds: -1
  containers:
  - name: a
    image: nginx
    ports: [{containerPort: 80}]
    resources: {limits: {cpu: 0.5, memory: 1024Mi}, requests: {cpu: 100m}}
  topologySpreadConstraints:
  - {maxSkew: 1, topologyKey: zone, whenUnsatisfiable: DoNotSchedule, labelSelector: {matchLabels: {b: c}}, matchLabelKeys: [app]}
";
    insta::assert_snapshot!(changes(pod), @r#"
    + spec.containers[0].imagePullPolicy: "Always"
    + spec.containers[0].ports[0].hostPort: 80
    + spec.containers[0].ports[0].protocol: "TCP"
    ~ spec.containers[0].resources.limits.cpu: 0.5 → "500m"
    ~ spec.containers[0].resources.limits.memory: "1024Mi" → "1Gi"
    + spec.containers[0].resources.requests.memory: "1Gi"
    + spec.containers[0].securityContext: {"appArmorProfile":{"type":"RuntimeDefault"}}
    + spec.containers[0].terminationMessagePath: "/dev/termination-log"
    + spec.containers[0].terminationMessagePolicy: "File"
    + spec.dnsPolicy: "ClusterFirst"
    + spec.enableServiceLinks: true
    + spec.restartPolicy: "Always"
    + spec.schedulerName: "default-scheduler"
    + spec.securityContext: {}
    ~ spec.terminationGracePeriodSeconds: -1 → 1
    + spec.topologySpreadConstraints[0].labelSelector.matchExpressions: [{"key":"app","operator":"In","values":["a"]}]
    + status: {"phase":"Pending"}
    "#);
    let template = "
apiVersion: v1
kind: PodTemplate
metadata: {name: a, namespace: default}
template:
  spec:
    hostNetwork: true
    containers:
    - name: a
      image: nginx
      ports: [{containerPort: 80, hostPort: 80}]
      resources: {limits: {cpu: 500m}}
";
    insta::assert_snapshot!(changes(template), @r#"
    + template.metadata: {}
    + template.spec.containers[0].imagePullPolicy: "Always"
    + template.spec.containers[0].ports[0].protocol: "TCP"
    + template.spec.containers[0].terminationMessagePath: "/dev/termination-log"
    + template.spec.containers[0].terminationMessagePolicy: "File"
    + template.spec.dnsPolicy: "ClusterFirst"
    + template.spec.restartPolicy: "Always"
    + template.spec.schedulerName: "default-scheduler"
    + template.spec.securityContext: {}
    + template.spec.terminationGracePeriodSeconds: 30
    "#);
}

#[test]
fn a_deployment_is_filled_down_to_its_containers() {
    let deployment = "
apiVersion: apps/v1
kind: Deployment
metadata: {name: a, namespace: default}
spec:
  selector: {matchLabels: {app: a}}
  template:
    metadata: {labels: {app: a}}
    spec:
      serviceAccountName: a
      initContainers:
      - {name: b, image: 'b:1', restartPolicy: Always, startupProbe: {grpc: {port: 1}}}
      containers:
      - name: a
        image: a@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
        env:
        - {name: IP, valueFrom: {fieldRef: {fieldPath: status.podIP}}}
        - {name: CPU, valueFrom: {resourceFieldRef: {resource: limits.cpu}}}
        lifecycle: {preStop: {httpGet: {port: 80}}}
        livenessProbe: {httpGet: {port: http}}
        readinessProbe: {tcpSocket: {port: 80}, periodSeconds: 5}
        ports: [{name: http, containerPort: 80}]
        resources: {limits: {cpu: 1}}
        securityContext: {}
";
    insta::assert_snapshot!(changes(deployment), @r#"
    + spec.progressDeadlineSeconds: 600
    + spec.replicas: 1
    + spec.revisionHistoryLimit: 10
    + spec.strategy: {"rollingUpdate":{"maxSurge":"25%","maxUnavailable":"25%"},"type":"RollingUpdate"}
    + spec.template.spec.containers[0].env[0].valueFrom.fieldRef.apiVersion: "v1"
    + spec.template.spec.containers[0].env[1].valueFrom.resourceFieldRef.divisor: "0"
    + spec.template.spec.containers[0].imagePullPolicy: "IfNotPresent"
    + spec.template.spec.containers[0].lifecycle.preStop.httpGet.path: "/"
    + spec.template.spec.containers[0].lifecycle.preStop.httpGet.scheme: "HTTP"
    + spec.template.spec.containers[0].livenessProbe.failureThreshold: 3
    + spec.template.spec.containers[0].livenessProbe.httpGet.path: "/"
    + spec.template.spec.containers[0].livenessProbe.httpGet.scheme: "HTTP"
    + spec.template.spec.containers[0].livenessProbe.periodSeconds: 10
    + spec.template.spec.containers[0].livenessProbe.successThreshold: 1
    + spec.template.spec.containers[0].livenessProbe.timeoutSeconds: 1
    + spec.template.spec.containers[0].ports[0].protocol: "TCP"
    + spec.template.spec.containers[0].readinessProbe.failureThreshold: 3
    + spec.template.spec.containers[0].readinessProbe.successThreshold: 1
    + spec.template.spec.containers[0].readinessProbe.timeoutSeconds: 1
    ~ spec.template.spec.containers[0].resources.limits.cpu: 1 → "1"
    + spec.template.spec.containers[0].terminationMessagePath: "/dev/termination-log"
    + spec.template.spec.containers[0].terminationMessagePolicy: "File"
    + spec.template.spec.dnsPolicy: "ClusterFirst"
    + spec.template.spec.initContainers[0].imagePullPolicy: "IfNotPresent"
    + spec.template.spec.initContainers[0].resources: {}
    + spec.template.spec.initContainers[0].startupProbe.failureThreshold: 3
    + spec.template.spec.initContainers[0].startupProbe.grpc.service: ""
    + spec.template.spec.initContainers[0].startupProbe.periodSeconds: 10
    + spec.template.spec.initContainers[0].startupProbe.successThreshold: 1
    + spec.template.spec.initContainers[0].startupProbe.timeoutSeconds: 1
    + spec.template.spec.initContainers[0].terminationMessagePath: "/dev/termination-log"
    + spec.template.spec.initContainers[0].terminationMessagePolicy: "File"
    + spec.template.spec.restartPolicy: "Always"
    + spec.template.spec.schedulerName: "default-scheduler"
    + spec.template.spec.securityContext: {}
    + spec.template.spec.serviceAccount: "a"
    + spec.template.spec.terminationGracePeriodSeconds: 30
    + status: {}
    "#);
}

#[test]
fn empty_values_disappear_and_empty_objects_appear() {
    let deployment = "
apiVersion: apps/v1
kind: Deployment
metadata: {name: a, namespace: default, labels: {}, annotations: {note: }}
spec:
  replicas: 0
  paused: false
  strategy: {rollingUpdate: {maxSurge: 0}}
  selector: {matchLabels: {app: a}}
  template:
    metadata: {labels: {app: a}}
    spec:
      hostNetwork: false
      automountServiceAccountToken: false
      nodeSelector: {}
      tolerations: []
      priorityClassName: ''
      affinity: {}
      containers:
      - {name: a, image: 'a:1', args: [], securityContext: {privileged: false}, resources: {requests: {memory: 1.5Gi, cpu: 0.5m}}}
status: {replicas: 3}
";
    insta::assert_snapshot!(changes(deployment), @r#"
    ~ metadata.annotations.note: null → ""
    - metadata.labels: {}
    - spec.paused: false
    + spec.progressDeadlineSeconds: 600
    + spec.revisionHistoryLimit: 10
    + spec.strategy.rollingUpdate.maxUnavailable: "25%"
    + spec.strategy.type: "RollingUpdate"
    - spec.template.spec.containers[0].args: []
    + spec.template.spec.containers[0].imagePullPolicy: "IfNotPresent"
    ~ spec.template.spec.containers[0].resources.requests.cpu: "0.5m" → "1m"
    ~ spec.template.spec.containers[0].resources.requests.memory: "1.5Gi" → "1536Mi"
    + spec.template.spec.containers[0].terminationMessagePath: "/dev/termination-log"
    + spec.template.spec.containers[0].terminationMessagePolicy: "File"
    + spec.template.spec.dnsPolicy: "ClusterFirst"
    - spec.template.spec.hostNetwork: false
    - spec.template.spec.nodeSelector: {}
    - spec.template.spec.priorityClassName: ""
    + spec.template.spec.restartPolicy: "Always"
    + spec.template.spec.schedulerName: "default-scheduler"
    + spec.template.spec.securityContext: {}
    + spec.template.spec.terminationGracePeriodSeconds: 30
    - spec.template.spec.tolerations: []
    - status.replicas: 3
    "#);
}

#[test]
fn volumes_get_their_modes_and_sources() {
    let pod = "
apiVersion: v1
kind: PodTemplate
metadata: {name: a, namespace: default}
template:
  spec:
    containers: [{name: a, image: 'a:1'}]
    volumes:
    - {name: a}
    - {name: b, secret: {secretName: b}}
    - {name: c, configMap: {name: c, defaultMode: 0o400}}
    - {name: d, hostPath: {path: /d}}
    - {name: e, projected: {sources: [{serviceAccountToken: {path: t}}, {configMap: {name: c}}, {downwardAPI: {items: [{path: l, fieldRef: {fieldPath: metadata.labels}}]}}]}}
    - {name: f, ephemeral: {volumeClaimTemplate: {spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1024Mi}}}}}}
    - {name: g, iscsi: {targetPortal: 1.2.3.4, iqn: 'iqn.2026-01.a:b', lun: 0}}
    - {name: h, rbd: {monitors: [a], image: b}}
    - {name: i, azureDisk: {diskName: a, diskURI: 'https://a.blob.core.windows.net/b/c.vhd'}}
    - {name: j, scaleIO: {gateway: a, system: b, secretRef: {name: c}, volumeName: d}}
    - {name: k, image: {reference: a}}
    - {name: l, emptyDir: {sizeLimit: 1024Mi}}
";
    insta::assert_snapshot!(changes(pod), @r#"
    + template.metadata: {}
    + template.spec.containers[0].imagePullPolicy: "IfNotPresent"
    + template.spec.containers[0].resources: {}
    + template.spec.containers[0].terminationMessagePath: "/dev/termination-log"
    + template.spec.containers[0].terminationMessagePolicy: "File"
    + template.spec.dnsPolicy: "ClusterFirst"
    + template.spec.restartPolicy: "Always"
    + template.spec.schedulerName: "default-scheduler"
    + template.spec.securityContext: {}
    + template.spec.terminationGracePeriodSeconds: 30
    + template.spec.volumes[0].emptyDir: {}
    + template.spec.volumes[1].secret.defaultMode: 420
    + template.spec.volumes[3].hostPath.type: ""
    + template.spec.volumes[4].projected.defaultMode: 420
    + template.spec.volumes[4].projected.sources[0].serviceAccountToken.expirationSeconds: 3600
    + template.spec.volumes[4].projected.sources[2].downwardAPI.items[0].fieldRef.apiVersion: "v1"
    + template.spec.volumes[5].ephemeral.volumeClaimTemplate.metadata: {}
    ~ template.spec.volumes[5].ephemeral.volumeClaimTemplate.spec.resources.requests.storage: "1024Mi" → "1Gi"
    + template.spec.volumes[5].ephemeral.volumeClaimTemplate.spec.volumeMode: "Filesystem"
    + template.spec.volumes[6].iscsi.iscsiInterface: "default"
    + template.spec.volumes[7].rbd.keyring: "/etc/ceph/keyring"
    + template.spec.volumes[7].rbd.pool: "rbd"
    + template.spec.volumes[7].rbd.user: "admin"
    + template.spec.volumes[8].azureDisk.cachingMode: "ReadWrite"
    + template.spec.volumes[8].azureDisk.fsType: "ext4"
    + template.spec.volumes[8].azureDisk.kind: "Shared"
    + template.spec.volumes[8].azureDisk.readOnly: false
    + template.spec.volumes[9].scaleIO.fsType: "xfs"
    + template.spec.volumes[9].scaleIO.storageMode: "ThinProvisioned"
    + template.spec.volumes[10].image.pullPolicy: "Always"
    ~ template.spec.volumes[11].emptyDir.sizeLimit: "1024Mi" → "1Gi"
    "#);
}

#[test]
fn a_stateful_set_says_what_its_templates_are() {
    let set = "
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: a, namespace: default}
spec:
  selector: {matchLabels: {app: a}}
  template: {metadata: {labels: {app: a}}, spec: {containers: [{name: a, image: 'a:1'}]}}
  volumeClaimTemplates:
  - metadata: {name: data}
    spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
";
    insta::assert_snapshot!(changes(set), @r#"
    + spec.persistentVolumeClaimRetentionPolicy: {"whenDeleted":"Retain","whenScaled":"Retain"}
    + spec.podManagementPolicy: "OrderedReady"
    + spec.replicas: 1
    + spec.revisionHistoryLimit: 10
    + spec.serviceName: ""
    + spec.template.spec.containers[0].imagePullPolicy: "IfNotPresent"
    + spec.template.spec.containers[0].resources: {}
    + spec.template.spec.containers[0].terminationMessagePath: "/dev/termination-log"
    + spec.template.spec.containers[0].terminationMessagePolicy: "File"
    + spec.template.spec.dnsPolicy: "ClusterFirst"
    + spec.template.spec.restartPolicy: "Always"
    + spec.template.spec.schedulerName: "default-scheduler"
    + spec.template.spec.securityContext: {}
    + spec.template.spec.terminationGracePeriodSeconds: 30
    + spec.updateStrategy: {"rollingUpdate":{"maxUnavailable":1,"partition":0},"type":"RollingUpdate"}
    + spec.volumeClaimTemplates[0].apiVersion: "v1"
    + spec.volumeClaimTemplates[0].kind: "PersistentVolumeClaim"
    + spec.volumeClaimTemplates[0].spec.volumeMode: "Filesystem"
    + spec.volumeClaimTemplates[0].status: {"phase":"Pending"}
    + status: {"availableReplicas":0,"replicas":0}
    "#);
}

#[test]
fn a_stateful_set_that_names_the_rolling_update_gets_no_numbers() {
    let set = "{apiVersion: apps/v1, kind: StatefulSet, spec: {updateStrategy: {type: RollingUpdate}}}";
    let strategy = completed(set)["spec"]["updateStrategy"].clone();
    assert_eq!(strategy, json!({"type": "RollingUpdate"}));
}

#[test]
fn strategies_that_do_not_roll_get_no_numbers() {
    for (kind, field, name) in [
        ("Deployment", "strategy", "Recreate"),
        ("StatefulSet", "updateStrategy", "OnDelete"),
        ("DaemonSet", "updateStrategy", "OnDelete"),
    ] {
        let mut object = json!({"apiVersion": "apps/v1", "kind": kind, "spec": {field: {"type": name}}});
        apply(&mut object);
        assert_eq!(object["spec"][field], json!({"type": name}));
    }
}

#[test]
fn a_daemon_set_notes_the_generation_of_its_template() {
    let set = "
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: a, namespace: default}
spec:
  selector: {matchLabels: {app: a}}
  template: {metadata: {labels: {app: a}}, spec: {containers: [{name: a, image: 'a:1', imagePullPolicy: Always}]}}
";
    insta::assert_snapshot!(changes(set), @r#"
    + metadata.annotations: {"deprecated.daemonset.template.generation":"1"}
    + spec.revisionHistoryLimit: 10
    + spec.template.spec.containers[0].resources: {}
    + spec.template.spec.containers[0].terminationMessagePath: "/dev/termination-log"
    + spec.template.spec.containers[0].terminationMessagePolicy: "File"
    + spec.template.spec.dnsPolicy: "ClusterFirst"
    + spec.template.spec.restartPolicy: "Always"
    + spec.template.spec.schedulerName: "default-scheduler"
    + spec.template.spec.securityContext: {}
    + spec.template.spec.terminationGracePeriodSeconds: 30
    + spec.updateStrategy: {"rollingUpdate":{"maxSurge":0,"maxUnavailable":1},"type":"RollingUpdate"}
    + status: {"currentNumberScheduled":0,"desiredNumberScheduled":0,"numberMisscheduled":0,"numberReady":0}
    "#);
}

#[test]
fn a_job_names_its_pods_and_the_template_of_a_cron_job_does_not() {
    let job = "
apiVersion: batch/v1
kind: Job
metadata: {name: a, namespace: default}
spec:
  podFailurePolicy: {rules: [{action: Ignore, onPodConditions: [{type: DisruptionTarget}]}]}
  template: {metadata: {labels: {app: a}}, spec: {restartPolicy: Never, containers: [{name: a, image: 'a:1'}]}}
";
    insta::assert_snapshot!(changes(job), @r#"
    + metadata.labels: {"app":"a","batch.kubernetes.io/job-name":"a","job-name":"a"}
    + spec.backoffLimit: 6
    + spec.completionMode: "NonIndexed"
    + spec.completions: 1
    + spec.manualSelector: false
    + spec.parallelism: 1
    + spec.podFailurePolicy.rules[0].onPodConditions[0].status: "True"
    + spec.podReplacementPolicy: "Failed"
    + spec.suspend: false
    + spec.template.metadata.labels.batch.kubernetes.io/job-name: "a"
    + spec.template.metadata.labels.job-name: "a"
    + spec.template.spec.containers[0].imagePullPolicy: "IfNotPresent"
    + spec.template.spec.containers[0].resources: {}
    + spec.template.spec.containers[0].terminationMessagePath: "/dev/termination-log"
    + spec.template.spec.containers[0].terminationMessagePolicy: "File"
    + spec.template.spec.dnsPolicy: "ClusterFirst"
    + spec.template.spec.schedulerName: "default-scheduler"
    + spec.template.spec.securityContext: {}
    + spec.template.spec.terminationGracePeriodSeconds: 30
    + status: {}
    "#);
    let indexed = "{apiVersion: batch/v1, kind: Job, spec: {parallelism: 2, backoffLimitPerIndex: 1}}";
    let spec = completed(indexed)["spec"].clone();
    assert_eq!(spec["backoffLimit"], i32::MAX);
    assert_eq!(spec["completions"], Value::Null);
    let cron = "
apiVersion: batch/v1
kind: CronJob
metadata: {name: a, namespace: default}
spec:
  schedule: '@daily'
  jobTemplate: {spec: {template: {spec: {restartPolicy: Never, containers: [{name: a, image: 'a:1'}]}}}}
";
    insta::assert_snapshot!(changes(cron), @r#"
    + spec.concurrencyPolicy: "Allow"
    + spec.failedJobsHistoryLimit: 1
    + spec.jobTemplate.metadata: {}
    + spec.jobTemplate.spec.template.metadata: {}
    + spec.jobTemplate.spec.template.spec.containers[0].imagePullPolicy: "IfNotPresent"
    + spec.jobTemplate.spec.template.spec.containers[0].resources: {}
    + spec.jobTemplate.spec.template.spec.containers[0].terminationMessagePath: "/dev/termination-log"
    + spec.jobTemplate.spec.template.spec.containers[0].terminationMessagePolicy: "File"
    + spec.jobTemplate.spec.template.spec.dnsPolicy: "ClusterFirst"
    + spec.jobTemplate.spec.template.spec.schedulerName: "default-scheduler"
    + spec.jobTemplate.spec.template.spec.securityContext: {}
    + spec.jobTemplate.spec.template.spec.terminationGracePeriodSeconds: 30
    + spec.successfulJobsHistoryLimit: 3
    + spec.suspend: false
    + status: {}
    "#);
}

#[test]
fn replica_sets_and_replication_controllers_have_one_replica() {
    let set = "
apiVersion: apps/v1
kind: ReplicaSet
metadata: {name: a, namespace: default}
spec:
  selector: {matchLabels: {app: a}}
  template: {metadata: {labels: {app: a}}, spec: {containers: [{name: a, image: 'a:1'}]}}
";
    assert_eq!(completed(set)["spec"]["replicas"], 1);
    let controller = "
apiVersion: v1
kind: ReplicationController
metadata: {name: a, namespace: default}
spec:
  template: {metadata: {labels: {app: a}}, spec: {containers: [{name: a, image: 'a:1'}]}}
";
    let after = completed(controller);
    assert_eq!(after["spec"]["replicas"], 1);
    assert_eq!(after["spec"]["selector"], json!({"app": "a"}));
    assert_eq!(after["metadata"]["labels"], json!({"app": "a"}));
}

#[test]
fn services_are_completed_by_their_type() {
    let inside = "
apiVersion: v1
kind: Service
metadata: {name: a, namespace: default}
spec: {ports: [{name: a, port: 80}, {name: b, port: 81, targetPort: http}], selector: {app: a}}
";
    insta::assert_snapshot!(changes(inside), @r#"
    + spec.internalTrafficPolicy: "Cluster"
    + spec.ports[0].protocol: "TCP"
    + spec.ports[0].targetPort: 80
    + spec.ports[1].protocol: "TCP"
    + spec.sessionAffinity: "None"
    + spec.type: "ClusterIP"
    + status: {"loadBalancer":{}}
    "#);
    let balanced = "
apiVersion: v1
kind: Service
metadata: {name: a, namespace: default}
spec: {type: LoadBalancer, sessionAffinity: ClientIP, ports: [{port: 80}]}
";
    insta::assert_snapshot!(changes(balanced), @r#"
    + spec.allocateLoadBalancerNodePorts: true
    + spec.externalTrafficPolicy: "Cluster"
    + spec.internalTrafficPolicy: "Cluster"
    + spec.ports[0].protocol: "TCP"
    + spec.ports[0].targetPort: 80
    + spec.sessionAffinityConfig: {"clientIP":{"timeoutSeconds":10800}}
    + status: {"loadBalancer":{}}
    "#);
    let named = "
apiVersion: v1
kind: Service
metadata: {name: a, namespace: default}
spec: {type: ExternalName, externalName: a.example.com}
";
    insta::assert_snapshot!(changes(named), @r#"
    + spec.sessionAffinity: "None"
    + status: {"loadBalancer":{}}
    "#);
    let addressed = "
apiVersion: v1
kind: Service
metadata: {name: a, namespace: default}
spec: {externalIPs: [1.2.3.4], ports: [{port: 80}]}
";
    assert_eq!(completed(addressed)["spec"]["externalTrafficPolicy"], "Cluster");
}

#[test]
fn network_policies_name_their_directions() {
    let types = |rules: &str| {
        let policy = format!("{{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, spec: {{{rules}}}}}");
        completed(&policy)["spec"]["policyTypes"].to_string()
    };
    assert_eq!(types(""), r#"["Ingress"]"#);
    assert_eq!(types("policyTypes: []"), r#"["Ingress"]"#);
    assert_eq!(types("egress: []"), r#"["Ingress"]"#);
    assert_eq!(types("egress: [{}]"), r#"["Ingress","Egress"]"#);
    assert_eq!(types("policyTypes: [Egress]"), r#"["Egress"]"#);
    let policy = "
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: a, namespace: default}
spec: {ingress: [{ports: [{port: 80}]}]}
";
    insta::assert_snapshot!(changes(policy), @r#"
    + spec.ingress[0].ports[0].protocol: "TCP"
    + spec.podSelector: {}
    + spec.policyTypes: ["Ingress"]
    "#);
}

#[test]
fn the_other_objects_of_the_network_are_completed() {
    let slice = "
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: a, namespace: default}
addressType: IPv4
ports: [{port: 80}]
";
    insta::assert_snapshot!(changes(slice), @r#"
    + endpoints: null
    + ports[0].name: ""
    + ports[0].protocol: "TCP"
    "#);
    let endpoints = "
apiVersion: v1
kind: Endpoints
metadata: {name: a, namespace: default}
subsets: [{addresses: [{ip: 1.2.3.4}], ports: [{port: 80}]}]
";
    insta::assert_snapshot!(changes(endpoints), @r#"
    + subsets[0].ports[0].protocol: "TCP"
    "#);
    let class = "
apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata: {name: a}
spec: {controller: a.example.com/b, parameters: {kind: A, name: a}}
";
    insta::assert_snapshot!(changes(class), @r#"
    + spec.parameters.scope: "Cluster"
    "#);
    let ingress = "
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: a, namespace: default}
spec: {defaultBackend: {service: {name: a, port: {number: 80}}}}
";
    insta::assert_snapshot!(changes(ingress), @r#"
    + status: {"loadBalancer":{}}
    "#);
}

#[test]
fn autoscalers_scale_by_cpu_and_in_both_directions() {
    let scaler = "
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: a, namespace: default}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: a}
  maxReplicas: 3
  behavior: {scaleDown: {stabilizationWindowSeconds: 60}}
";
    insta::assert_snapshot!(changes(scaler), @r#"
    + spec.behavior.scaleDown.policies: [{"periodSeconds":15,"type":"Percent","value":100}]
    + spec.behavior.scaleDown.selectPolicy: "Max"
    + spec.behavior.scaleUp: {"policies":[{"periodSeconds":15,"type":"Pods","value":4},{"periodSeconds":15,"type":"Percent","value":100}],"selectPolicy":"Max","stabilizationWindowSeconds":0}
    + spec.metrics: [{"resource":{"name":"cpu","target":{"averageUtilization":80,"type":"Utilization"}},"type":"Resource"}]
    + spec.minReplicas: 1
    + status: {"currentMetrics":null,"desiredReplicas":0}
    "#);
    let old = "
apiVersion: autoscaling/v1
kind: HorizontalPodAutoscaler
metadata: {name: a, namespace: default}
spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: a}, maxReplicas: 3}
";
    insta::assert_snapshot!(changes(old), @r#"
    + spec.minReplicas: 1
    + spec.targetCPUUtilizationPercentage: 80
    + status: {"currentReplicas":0,"desiredReplicas":0}
    "#);
}

#[test]
fn storage_is_completed() {
    let claim = "
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: a, namespace: default}
spec:
  accessModes: [ReadWriteOnce]
  resources: {requests: {storage: 1024Mi}}
  dataSource: {apiGroup: snapshot.storage.k8s.io, kind: VolumeSnapshot, name: b}
";
    insta::assert_snapshot!(changes(claim), @r#"
    + spec.dataSourceRef: {"apiGroup":"snapshot.storage.k8s.io","kind":"VolumeSnapshot","name":"b"}
    ~ spec.resources.requests.storage: "1024Mi" → "1Gi"
    + spec.volumeMode: "Filesystem"
    + status: {}
    "#);
    let volume = "
apiVersion: v1
kind: PersistentVolume
metadata: {name: a}
spec: {accessModes: [ReadWriteOnce], capacity: {storage: 1Gi}, hostPath: {path: /a}}
";
    insta::assert_snapshot!(changes(volume), @r#"
    + spec.hostPath.type: ""
    + spec.persistentVolumeReclaimPolicy: "Retain"
    + spec.volumeMode: "Filesystem"
    + status: {"phase":"Pending"}
    "#);
    let class = "{apiVersion: storage.k8s.io/v1, kind: StorageClass, metadata: {name: a}, provisioner: a.example.com}";
    insta::assert_snapshot!(changes(class), @r#"
    + reclaimPolicy: "Delete"
    + volumeBindingMode: "Immediate"
    "#);
    let driver = "{apiVersion: storage.k8s.io/v1, kind: CSIDriver, metadata: {name: a.example.com}, spec: {}}";
    insta::assert_snapshot!(changes(driver), @r#"
    + spec.attachRequired: true
    + spec.fsGroupPolicy: "ReadWriteOnceWithFSType"
    + spec.podInfoOnMount: false
    + spec.preventPodSchedulingIfMissing: false
    + spec.requiresRepublish: false
    + spec.seLinuxMount: false
    + spec.storageCapacity: false
    + spec.volumeLifecycleModes: ["Persistent"]
    "#);
}

#[test]
fn a_claim_drops_a_source_that_it_cannot_have() {
    let claim = "{apiVersion: v1, kind: PersistentVolumeClaim, spec: {dataSource: {kind: Bucket, name: a}}}";
    assert_eq!(
        completed(claim)["spec"],
        json!({"resources": {}, "volumeMode": "Filesystem"})
    );
}

#[test]
fn namespaces_and_what_they_hold_are_completed() {
    insta::assert_snapshot!(changes("{apiVersion: v1, kind: Namespace, metadata: {name: a}}"), @r#"
    + metadata.labels: {"kubernetes.io/metadata.name":"a"}
    + spec: {"finalizers":["kubernetes"]}
    + status: {"phase":"Active"}
    "#);
    let range = "
apiVersion: v1
kind: LimitRange
metadata: {name: a, namespace: default}
spec: {limits: [{type: Container, max: {cpu: 1}, min: {memory: 0.5Gi}}, {type: Pod, max: {cpu: 2000m}}]}
";
    insta::assert_snapshot!(changes(range), @r#"
    + spec.limits[0].default: {"cpu":"1"}
    + spec.limits[0].defaultRequest: {"cpu":"1","memory":"512Mi"}
    ~ spec.limits[0].max.cpu: 1 → "1"
    ~ spec.limits[0].min.memory: "0.5Gi" → "512Mi"
    ~ spec.limits[1].max.cpu: "2000m" → "2"
    "#);
    let secret = "
apiVersion: v1
kind: Secret
metadata: {name: a, namespace: default}
data: {a: AAAA}
stringData: {b: '', c: c, d: dd, e: ü€}
";
    insta::assert_snapshot!(changes(secret), @r#"
    + data.b: ""
    + data.c: "Yw=="
    + data.d: "ZGQ="
    + data.e: "w7zigqw="
    - stringData: {"b":"","c":"c","d":"dd","e":"ü€"}
    + type: "Opaque"
    "#);
    let account = "
apiVersion: v1
kind: ServiceAccount
metadata: {name: a, namespace: default}
secrets: [{name: b, namespace: c}]
automountServiceAccountToken: false
";
    insta::assert_snapshot!(changes(account), @r#"
    - secrets[0].namespace: "c"
    "#);
    let quota =
        "{apiVersion: v1, kind: ResourceQuota, metadata: {name: a, namespace: default}, spec: {hard: {cpu: '1000m'}}}";
    insta::assert_snapshot!(changes(quota), @r#"
    ~ spec.hard.cpu: "1000m" → "1"
    + status: {}
    "#);
}

#[test]
fn access_is_completed() {
    let binding = "
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: a, namespace: default}
roleRef: {kind: Role, name: a}
subjects: [{kind: User, name: a}, {kind: Group, name: b}, {kind: ServiceAccount, name: c, namespace: d}]
";
    insta::assert_snapshot!(changes(binding), @r#"
    + roleRef.apiGroup: "rbac.authorization.k8s.io"
    + subjects[0].apiGroup: "rbac.authorization.k8s.io"
    + subjects[1].apiGroup: "rbac.authorization.k8s.io"
    "#);
    let role = "{apiVersion: rbac.authorization.k8s.io/v1, kind: Role, metadata: {name: a, namespace: default}}";
    insta::assert_snapshot!(changes(role), @"
    + rules: null
    ");
    let class = "{apiVersion: scheduling.k8s.io/v1, kind: PriorityClass, metadata: {name: a}, globalDefault: false}";
    insta::assert_snapshot!(changes(class), @r#"
    - globalDefault: false
    + preemptionPolicy: "PreemptLowerPriority"
    + value: 0
    "#);
    let budget = "
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: a, namespace: default}
spec: {minAvailable: 1, selector: {matchLabels: {app: a}}}
";
    insta::assert_snapshot!(changes(budget), @r#"
    + status: {"currentHealthy":0,"desiredHealthy":0,"disruptionsAllowed":0,"expectedPods":0}
    "#);
}

#[test]
fn admission_is_completed() {
    let policy = "
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: a.example.com}
spec:
  matchConstraints: {resourceRules: [{apiGroups: [apps], apiVersions: [v1], operations: [CREATE], resources: [deployments]}]}
  validations: [{expression: 'true'}]
";
    insta::assert_snapshot!(changes(policy), @r#"
    + spec.failurePolicy: "Fail"
    + spec.matchConstraints.matchPolicy: "Equivalent"
    + spec.matchConstraints.namespaceSelector: {}
    + spec.matchConstraints.objectSelector: {}
    + spec.matchConstraints.resourceRules[0].scope: "*"
    + status: {}
    "#);
    let binding = "
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: a.example.com}
spec: {policyName: a.example.com, validationActions: [Deny], matchResources: {namespaceSelector: {matchLabels: {a: b}}}}
";
    insta::assert_snapshot!(changes(binding), @r#"
    + spec.matchResources.matchPolicy: "Equivalent"
    + spec.matchResources.objectSelector: {}
    "#);
    let hook = "
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingWebhookConfiguration
metadata: {name: a.example.com}
webhooks:
- name: a.example.com
  admissionReviewVersions: [v1]
  clientConfig: {service: {name: a, namespace: b}}
  sideEffects: None
  rules: [{apiGroups: [''], apiVersions: [v1], operations: [CREATE], resources: [pods]}]
";
    insta::assert_snapshot!(changes(hook), @r#"
    + webhooks[0].clientConfig.service.port: 443
    + webhooks[0].failurePolicy: "Fail"
    + webhooks[0].matchPolicy: "Equivalent"
    + webhooks[0].namespaceSelector: {}
    + webhooks[0].objectSelector: {}
    + webhooks[0].reinvocationPolicy: "Never"
    + webhooks[0].rules[0].scope: "*"
    + webhooks[0].timeoutSeconds: 10
    "#);
}

#[test]
fn what_is_no_built_in_kind_is_left_alone() {
    for manifest in [
        "{apiVersion: traefik.io/v1alpha1, kind: Middleware, spec: {stripPrefix: {prefixes: []}}, status: {a: 1}}",
        "{apiVersion: apps/v1, kind: Unknown, spec: {}}",
        "{kind: Pod}",
        "[]",
        "text",
    ] {
        assert_eq!(changes(manifest), "", "{manifest}");
    }
}

#[test]
fn values_of_a_wrong_type_are_left_alone() {
    let deployment = "
apiVersion: apps/v1
kind: Deployment
metadata: wrong
spec: {replicas: many, paused: {}, strategy: [], template: {spec: {containers: {a: b}, volumes: [1, null], hostNetwork: 'no'}}}
";
    let spec = completed(deployment)["spec"].clone();
    assert_eq!(spec["replicas"], "many");
    assert_eq!(spec["paused"], json!({}));
    assert_eq!(spec["strategy"], json!([]));
    assert_eq!(spec["template"]["spec"]["containers"], json!({"a": "b"}));
    assert_eq!(spec["template"]["spec"]["volumes"], json!([1, null]));
    assert_eq!(spec["template"]["spec"]["hostNetwork"], "no");
}

#[test]
fn the_tables_name_only_types_and_fields_that_exist() {
    for (name, field, _) in CONSTANTS {
        let shape = SHAPES.of_type(name).unwrap_or_else(|| panic!("no type {name}"));
        assert!(shape.field(field).is_some(), "{name} has no {field}");
    }
    for (name, _) in RULES {
        assert!(SHAPES.of_type(name).is_some(), "no type {name}");
    }
    assert_eq!(SHAPES.undefined(), Vec::<&str>::new());
}

#[test]
fn fields_that_a_type_does_not_have_are_dropped() {
    let service = "
apiVersion: v1
kind: Service
metadata: {name: a, namespce: b}
spec: {type: ExternalName, externalName: a.example.com, sessionAffinity: None, port: 80}
status: {}
";
    insta::assert_snapshot!(changes(service), @r#"
    - metadata.namespce: "b"
    - spec.port: 80
    + status.loadBalancer: {}
    "#);
}

/// Any JSON, of names that occur in manifests.
fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-1_i64..90).prop_map(Value::from),
        prop::sample::select(vec![
            "",
            "a",
            "1.5Gi",
            "1n",
            "nginx",
            "RollingUpdate",
            "Container",
            "ClientIP",
            "LoadBalancer",
            "User"
        ])
        .prop_map(Value::from),
    ];
    leaf.prop_recursive(7, 60, 6, |inner| {
        let names: Vec<&str> = CONSTANTS
            .iter()
            .map(|(_, field, _)| *field)
            .chain(NAMES.iter().copied())
            .collect();
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::btree_map(prop::sample::select(names), inner, 0..6).prop_map(|entries| entries
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value))
                .collect()),
        ]
    })
}

/// Names by which the rules find their way.
const NAMES: &[&str] = &[
    "metadata",
    "name",
    "labels",
    "annotations",
    "spec",
    "template",
    "containers",
    "initContainers",
    "ports",
    "resources",
    "limits",
    "requests",
    "cpu",
    "volumes",
    "image",
    "hostNetwork",
    "strategy",
    "updateStrategy",
    "rollingUpdate",
    "volumeClaimTemplates",
    "behavior",
    "scaleUp",
    "scaleDown",
    "metrics",
    "sessionAffinityConfig",
    "clientIP",
    "egress",
    "policyTypes",
    "default",
    "defaultRequest",
    "max",
    "min",
    "stringData",
    "data",
    "secrets",
    "subjects",
    "kind",
    "dataSource",
    "dataSourceRef",
    "namespace",
    "affinity",
    "podAffinity",
    "matchLabelKeys",
    "labelSelector",
    "topologySpreadConstraints",
    "requiredDuringSchedulingIgnoredDuringExecution",
    "matchExpressions",
    "serviceAccount",
    "serviceAccountName",
    "jobTemplate",
    "selector",
    "finalizers",
    "securityContext",
    "parallelism",
    "completions",
];

proptest! {
    #[test]
    fn twice_is_once_and_nothing_panics(kind in prop::sample::select(SHAPES.kinds()), mut object in json_value()) {
        if let Value::Object(entries) = &mut object {
            entries.insert("apiVersion".to_owned(), kind.0.into());
            entries.insert("kind".to_owned(), kind.1.into());
        }
        apply(&mut object);
        let once = object.clone();
        apply(&mut object);
        prop_assert_eq!(once, object);
    }
}
