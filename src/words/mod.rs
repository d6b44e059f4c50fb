//! The vocabulary in which components write objects: short words for the leaves, so that a literal reads like its YAML.

mod house;

pub use house::*;

use std::collections::BTreeMap;

use crate::kinds::*;

/// The value that Kubernetes decides by itself.
pub fn default<T: Default>() -> T {
    T::default()
}

/// `Some`, with the conversion to the field's own type.
pub fn some<T>(value: impl Into<T>) -> Option<T> {
    Some(value.into())
}

/// A map of texts.
pub fn map<const N: usize>(entries: [(&str, &str); N]) -> BTreeMap<String, String> {
    entries
        .into_iter()
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .collect()
}

/// A list of texts.
pub fn texts<const N: usize>(entries: [&str; N]) -> Vec<String> {
    entries.into_iter().map(str::to_owned).collect()
}

/// A named container port.
pub fn port(name: &str, number: u16) -> ContainerPort {
    ContainerPort {
        name: some(name),
        container_port: number.into(),
        protocol: some("TCP"),
        ..default()
    }
}

/// A named port of a service that leads to the container port of the same name.
pub fn service_port(name: &str, number: u16) -> ServicePort {
    ServicePort {
        name: some(name),
        port: number.into(),
        target_port: Some(IntOrString::String(name.into())),
        protocol: some("TCP"),
        ..default()
    }
}

/// An environment variable with a value.
pub fn env(name: &str, value: impl Into<String>) -> EnvVar {
    EnvVar {
        name: name.into(),
        value: some(value),
        ..default()
    }
}

/// An environment variable from a key of a secret.
pub fn env_secret(name: &str, secret: &str, key: &str) -> EnvVar {
    let reference = SecretKeySelector {
        name: secret.into(),
        key: key.into(),
        ..default()
    };
    EnvVar {
        name: name.into(),
        value_from: some(EnvVarSource {
            secret_key_ref: some(reference),
            ..default()
        }),
        ..default()
    }
}

/// A writable mount.
pub fn mount(name: &str, path: &str) -> VolumeMount {
    VolumeMount {
        name: name.into(),
        mount_path: path.into(),
        ..default()
    }
}

/// A read-only mount.
pub fn mount_read_only(name: &str, path: &str) -> VolumeMount {
    VolumeMount {
        read_only: Some(true),
        ..mount(name, path)
    }
}

/// A volume from a config map.
pub fn config_volume(name: &str, config_map: &str) -> Volume {
    Volume {
        name: name.into(),
        config_map: some(ConfigMapVolumeSource {
            name: config_map.into(),
            ..default()
        }),
        ..default()
    }
}

/// A volume from a secret.
pub fn secret_volume(name: &str, secret: &str) -> Volume {
    Volume {
        name: name.into(),
        secret: some(SecretVolumeSource {
            secret_name: some(secret),
            ..default()
        }),
        ..default()
    }
}

/// A volume from a claim.
pub fn claim_volume(name: &str, claim: &str) -> Volume {
    let source = PersistentVolumeClaimVolumeSource {
        claim_name: claim.into(),
        ..default()
    };
    Volume {
        name: name.into(),
        persistent_volume_claim: some(source),
        ..default()
    }
}

/// A scratch volume with a limit.
pub fn scratch_volume(name: &str, limit: &str) -> Volume {
    let source = EmptyDirVolumeSource {
        size_limit: some(Quantity(limit.into())),
        ..default()
    };
    Volume {
        name: name.into(),
        empty_dir: some(source),
        ..default()
    }
}

/// A number of pods as Kubernetes counts them.
pub fn count(pods: u32) -> i32 {
    i32::try_from(pods).unwrap_or(i32::MAX)
}

/// A quantity of processor time in thousandths of a core, `500m` or `2`.
pub fn cpu(millis: u64) -> Quantity {
    Quantity(if millis.is_multiple_of(1000) {
        (millis / 1000).to_string()
    } else {
        format!("{millis}m")
    })
}

/// A quantity of bytes in the largest binary unit that holds it whole.
pub fn bytes(amount: u64) -> Quantity {
    let units = [("Ti", 40), ("Gi", 30), ("Mi", 20), ("Ki", 10)];
    let unit = units
        .iter()
        .find(|(_, shift)| amount > 0 && amount.is_multiple_of(1 << shift));
    Quantity(unit.map_or_else(
        || amount.to_string(),
        |(suffix, shift)| format!("{}{suffix}", amount >> shift),
    ))
}

/// Requests and limits; processor time has no limit, since a throttled Odoo fails slowly.
pub fn resources(cpu_millis: u64, memory_request: u64, memory_limit: u64) -> ResourceRequirements {
    ResourceRequirements {
        requests: some([
            ("cpu".to_owned(), cpu(cpu_millis)),
            ("memory".to_owned(), bytes(memory_request)),
        ]),
        limits: some([("memory".to_owned(), bytes(memory_limit))]),
        ..default()
    }
}

/// Requests that equal the limits, for a pod whose memory the node never takes back: it must say so in each container.
pub fn guaranteed(cpu_millis: u64, memory: u64) -> ResourceRequirements {
    let amounts = BTreeMap::from([
        ("cpu".to_owned(), cpu(cpu_millis)),
        ("memory".to_owned(), bytes(memory)),
    ]);
    ResourceRequirements {
        requests: some(amounts.clone()),
        limits: some(amounts),
        ..default()
    }
}

/// Annotation of an environment's namespace: the last day on which its data may be removed.
pub const DATA_REMOVAL_UNTIL: &str = "formwork/data-removal-until";
/// Annotation of an environment's namespace: the objects whose data may be removed until then, with commas between.
pub const DATA_REMOVAL_OBJECTS: &str = "formwork/data-removal-objects";

/// One mebibyte.
pub const MEBI: u64 = 1 << 20;
/// One gibibyte.
pub const GIBI: u64 = 1 << 30;
