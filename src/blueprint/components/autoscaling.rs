//! The number of web pods: between its bounds, by processor use and by requests in flight.
//!
//! One autoscaler owns it, KEDA's or Kubernetes' own, and never both.

use crate::blueprint::names::*;
use crate::blueprint::{Build, Component, Place, alerts};
use crate::kinds::*;
use crate::manifest::Object;
use crate::model::{AddOn, Autoscaler, Environment};
use crate::words::*;

pub(super) const COMPONENT: Component = Component {
    name: "autoscaling",
    summary: "how the web pods grow and shrink in number",
    build: Build::Environment(build),
    edges: Component::NO_EDGES,
    after: &["odoo"],
};

/// The container whose processor use counts; it has a request, without which there is no percentage.
const CONTAINER: &str = "odoo";

fn build(at: &Place, env: &Environment) -> Vec<Object> {
    if env.sizing.minimum == env.sizing.maximum {
        return Vec::new();
    }
    match env.cluster.spec.autoscaler {
        Autoscaler::Keda => vec![scaled_object(at, env).into()],
        Autoscaler::Hpa => vec![horizontal(at, env).into()],
    }
}

fn scaled_object(at: &Place, env: &Environment) -> keda::ScaledObject {
    let sizing = &env.sizing;
    let mut triggers = vec![processor(env)];
    let mut fallback = None;
    if env.cluster.has(AddOn::Prometheus) {
        triggers.push(requests(env));
        // Only a trigger that KEDA reads itself can fall back: without Prometheus, at least half-way up.
        fallback = some(keda::Fallback {
            failure_threshold: 3,
            replicas: count(sizing.minimum.midpoint(sizing.maximum)),
            behavior: some("currentReplicasIfHigher"),
        });
    }
    keda::ScaledObject {
        metadata: at.meta(WEB.name),
        spec: keda::ScaledObjectSpec {
            scale_target_ref: keda::ScaleTarget {
                api_version: some("apps/v1"),
                kind: some("Deployment"),
                name: WEB.name.into(),
                ..default()
            },
            // Never zero: a trigger on processor use could not bring the first pod back.
            min_replica_count: some(count(sizing.minimum)),
            max_replica_count: some(count(sizing.maximum)),
            polling_interval: Some(30),
            fallback,
            advanced: some(keda::Advanced {
                horizontal_pod_autoscaler_config: some(keda::AutoscalerConfig {
                    behavior: some(behavior()),
                    ..default()
                }),
                ..default()
            }),
            triggers,
            ..default()
        },
    }
}

fn processor(env: &Environment) -> keda::Trigger {
    keda::Trigger {
        type_: "cpu".into(),
        name: some("cpu"),
        metric_type: some("Utilization"),
        metadata: map([
            ("containerName", CONTAINER),
            ("value", &env.spec.autoscaling.cpu_percent.to_string()),
        ]),
        ..default()
    }
}

/// Seconds of requests in a second, which is the number of requests in flight, up to seven in ten workers of each pod.
/// Websockets would count for hours, all at once when they close.
fn requests(env: &Environment) -> keda::Trigger {
    let query = format!(
        "sum(rate(traefik_service_request_duration_seconds_sum{{service=~\"{}\",protocol=\"http\"}}[2m]))",
        alerts::routers(env)
    );
    let tenths = 7 * env.sizing.workers.max(1);
    keda::Trigger {
        type_: "prometheus".into(),
        name: some("requests-in-flight"),
        metric_type: some("AverageValue"),
        metadata: map([
            ("serverAddress", env.cluster.spec.monitoring.prometheus.as_str()),
            ("query", &query),
            ("threshold", &format!("{}.{}", tenths / 10, tenths % 10)),
            // No request yet is no load, not an error.
            ("ignoreNullValues", "true"),
        ]),
        ..default()
    }
}

fn horizontal(at: &Place, env: &Environment) -> HorizontalPodAutoscaler {
    let metric = ContainerResourceMetricSource {
        container: CONTAINER.into(),
        name: "cpu".into(),
        target: MetricTarget {
            type_: "Utilization".into(),
            average_utilization: some(count(env.spec.autoscaling.cpu_percent)),
            ..default()
        },
    };
    HorizontalPodAutoscaler {
        metadata: at.meta(WEB.name),
        spec: some(HorizontalPodAutoscalerSpec {
            scale_target_ref: CrossVersionObjectReference {
                api_version: some("apps/v1"),
                kind: "Deployment".into(),
                name: WEB.name.into(),
            },
            min_replicas: some(count(env.sizing.minimum)),
            max_replicas: count(env.sizing.maximum),
            metrics: some([MetricSpec {
                type_: "ContainerResource".into(),
                container_resource: some(metric),
                ..default()
            }]),
            behavior: some(behavior()),
        }),
        ..default()
    }
}

/// Up fast, since people wait; down slowly, since a new pod needs a minute to load its modules.
fn behavior() -> HorizontalPodAutoscalerBehavior {
    let rules = |window: i32, pods: i32, period: i32| HPAScalingRules {
        stabilization_window_seconds: Some(window),
        select_policy: some("Max"),
        policies: some([HPAScalingPolicy {
            type_: "Pods".into(),
            value: pods,
            period_seconds: period,
        }]),
        ..default()
    };
    HorizontalPodAutoscalerBehavior {
        scale_up: some(rules(60, 2, 60)),
        scale_down: some(rules(900, 1, 300)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{component, environment};

    /// The specification of one object as it will be written.
    fn spec(kind: &str, objects: &[Object]) -> String {
        let object = objects
            .iter()
            .find(|object| object.kind == kind && object.name == "web");
        crate::emit::yaml::to_string(&object.unwrap().value["spec"])
    }

    const BOUNDS: &str = "  autoscaling: {minimum: 2, maximum: 7}\n";

    #[test]
    fn scaled_object_of_production() {
        let objects = component("autoscaling", &environment(BOUNDS, &[]));
        insta::assert_snapshot!(spec("ScaledObject", &objects), @r#"
        advanced:
          horizontalPodAutoscalerConfig:
            behavior:
              scaleDown:
                policies:
                - periodSeconds: 300
                  type: Pods
                  value: 1
                selectPolicy: Max
                stabilizationWindowSeconds: 900
              scaleUp:
                policies:
                - periodSeconds: 60
                  type: Pods
                  value: 2
                selectPolicy: Max
                stabilizationWindowSeconds: 60
        fallback:
          behavior: currentReplicasIfHigher
          failureThreshold: 3
          replicas: 4
        maxReplicaCount: 7
        minReplicaCount: 2
        pollingInterval: 30
        scaleTargetRef:
          apiVersion: apps/v1
          kind: Deployment
          name: web
        triggers:
        - name: cpu
          metadata:
            containerName: odoo
            value: "70"
          metricType: Utilization
          type: cpu
        - name: requests-in-flight
          metadata:
            ignoreNullValues: "true"
            query: sum(rate(traefik_service_request_duration_seconds_sum{service=~"hartmann-production-web-[0-9a-f]+@kubernetescrd",protocol="http"}[2m]))
            serverAddress: http://prometheus-operated.monitoring.svc:9090
            threshold: "2.8"
          metricType: AverageValue
          type: prometheus
        "#);
    }

    #[test]
    fn horizontal_pod_autoscaler_of_production() {
        let objects = component(
            "autoscaling",
            &environment(BOUNDS, &[("autoscaler: keda", "autoscaler: hpa")]),
        );
        insta::assert_snapshot!(spec("HorizontalPodAutoscaler", &objects), @"
        behavior:
          scaleDown:
            policies:
            - periodSeconds: 300
              type: Pods
              value: 1
            selectPolicy: Max
            stabilizationWindowSeconds: 900
          scaleUp:
            policies:
            - periodSeconds: 60
              type: Pods
              value: 2
            selectPolicy: Max
            stabilizationWindowSeconds: 60
        maxReplicas: 7
        metrics:
        - containerResource:
            container: odoo
            name: cpu
            target:
              averageUtilization: 70
              type: Utilization
          type: ContainerResource
        minReplicas: 2
        scaleTargetRef:
          apiVersion: apps/v1
          kind: Deployment
          name: web
        ");
    }

    #[test]
    fn one_owner_of_the_number_of_pods() {
        for autoscaler in ["keda", "hpa"] {
            let env = environment(BOUNDS, &[("autoscaler: keda", &format!("autoscaler: {autoscaler}"))]);
            assert_eq!(component("autoscaling", &env).len(), 1);
            let web = component("odoo", &env)
                .iter()
                .find_map(|object| object.view::<Deployment>())
                .unwrap();
            assert_eq!(web.spec.unwrap().replicas, None, "trap 20");
        }
        let fixed = environment("  autoscaling: {minimum: 3, maximum: 3}\n", &[]);
        assert!(component("autoscaling", &fixed).is_empty());
    }

    #[test]
    fn trap_19_the_container_that_is_watched_has_a_processor_request() {
        let env = environment(BOUNDS, &[]);
        let web = component("odoo", &env)
            .iter()
            .find_map(|object| object.view::<Deployment>())
            .unwrap();
        let pod = web.spec.unwrap().template.spec.unwrap();
        let watched = pod
            .containers
            .iter()
            .find(|container| container.name == CONTAINER)
            .unwrap();
        assert!(
            watched
                .resources
                .as_ref()
                .unwrap()
                .requests
                .as_ref()
                .unwrap()
                .contains_key("cpu")
        );
    }

    #[test]
    fn trap_19_never_down_to_zero_and_a_fallback_only_with_a_trigger_that_can_fall_back() {
        let env = environment(
            &format!("{BOUNDS}  monitoring: {{alerts: false}}\n"),
            &[(
                "keda, prometheus, blackbox-exporter, policy-controller]",
                "keda, policy-controller]",
            )],
        );
        let object = component("autoscaling", &env)
            .iter()
            .find_map(|object| object.view::<keda::ScaledObject>())
            .unwrap();
        assert_eq!(object.spec.min_replica_count, Some(2));
        assert!(object.spec.fallback.is_none());
        assert_eq!(object.spec.triggers.len(), 1);
    }

    #[test]
    fn load_is_read_per_worker_and_without_websockets() {
        for (workers, threshold) in [(2, "1.4"), (4, "2.8"), (10, "7.0")] {
            let env = environment(&format!("{BOUNDS}  odoo: {{workers: {workers}}}\n"), &[]);
            let trigger = requests(&env);
            assert_eq!(trigger.metadata["threshold"], threshold);
            assert!(trigger.metadata["query"].contains("protocol=\"http\""));
        }
    }
}
