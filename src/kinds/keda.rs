//! The custom resources of KEDA 2.20: what scales a workload, and how a trigger authenticates.
//!
//! The behaviour of the resulting autoscaler is Kubernetes' own type, as it is upstream.

use std::collections::BTreeMap;

use super::{
    HorizontalPodAutoscalerBehavior,
    custom::{fields, kind},
};

kind!(
    /// The bounds and triggers by which a workload is scaled (KEDA 2.20).
    ScaledObject(ScaledObjectSpec) = Namespaced "keda.sh" / "v1alpha1" / "scaledobjects"
);
kind!(
    /// The credentials of a trigger (KEDA 2.20).
    TriggerAuthentication(TriggerAuthenticationSpec) = Namespaced "keda.sh" / "v1alpha1" / "triggerauthentications"
);

fields! {
    ScaledObjectSpec {
        scale_target_ref: ScaleTarget,
        min_replica_count: Option<i32>,
        max_replica_count: Option<i32>,
        idle_replica_count: Option<i32>,
        polling_interval: Option<i32>,
        cooldown_period: Option<i32>,
        initial_cooldown_period: Option<i32>,
        fallback: Option<Fallback>,
        advanced: Option<Advanced>,
        triggers: Vec<Trigger>,
    }
    ScaleTarget {
        api_version: Option<String>,
        kind: Option<String>,
        name: String,
        env_source_container_name: Option<String>,
    }
    /// The replicas to fall back to when a trigger cannot be read.
    Fallback {
        failure_threshold: i32,
        replicas: i32,
        behavior: Option<String>,
    }
    Advanced {
        restore_to_original_replica_count: Option<bool>,
        horizontal_pod_autoscaler_config: Option<AutoscalerConfig>,
        scaling_modifiers: Option<ScalingModifiers>,
    }
    AutoscalerConfig {
        name: Option<String>,
        behavior: Option<HorizontalPodAutoscalerBehavior>,
    }
    ScalingModifiers {
        formula: Option<String>,
        target: Option<String>,
        activation_target: Option<String>,
        metric_type: Option<String>,
    }
    /// A source of load. Its metadata is text throughout, numbers included.
    Trigger {
        #[serde(rename = "type")]
        type_: String,
        name: Option<String>,
        metric_type: Option<String>,
        metadata: BTreeMap<String, String>,
        authentication_ref: Option<AuthenticationRef>,
        use_cached_metrics: Option<bool>,
    }
    AuthenticationRef {
        name: String,
        kind: Option<String>,
    }
    TriggerAuthenticationSpec {
        secret_target_ref: Vec<TargetRef>,
        config_map_target_ref: Vec<TargetRef>,
        pod_identity: Option<PodIdentity>,
    }
    TargetRef {
        parameter: String,
        name: String,
        key: String,
    }
    PodIdentity {
        provider: String,
        identity_id: Option<String>,
        identity_owner: Option<String>,
        role_arn: Option<String>,
    }
}
