//! What autoscalers scale, and between which numbers.

use serde_json::Value;

use super::node::{Node, text};
use super::world::World;

/// An autoscaler and its target.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scaler<'a> {
    pub(super) by: Node<'a>,
    /// Where it names the target.
    pub(super) reference: &'static str,
    pub(super) group: &'a str,
    pub(super) kind: &'a str,
    pub(super) name: &'a str,
    pub(super) minimum: i64,
    pub(super) maximum: i64,
}

impl<'a> Scaler<'a> {
    /// All autoscalers, those that only advise left out.
    pub(super) fn all(world: &World<'a>) -> Vec<Self> {
        let kinds = [
            (
                "autoscaling",
                "HorizontalPodAutoscaler",
                "/spec/minReplicas",
                "/spec/maxReplicas",
                1,
                1,
            ),
            (
                "keda.sh",
                "ScaledObject",
                "/spec/minReplicaCount",
                "/spec/maxReplicaCount",
                0,
                100,
            ),
        ];
        let mut found = Vec::new();
        for (group, kind, least, most, minimum, maximum) in kinds {
            found.extend(world.of(group, kind).filter_map(|node| {
                let target = node.at("/spec/scaleTargetRef")?;
                let number = |pointer: &str| node.at(pointer).and_then(Value::as_i64);
                let version = text(target, "apiVersion").unwrap_or("apps/v1");
                Some(Self {
                    by: node,
                    reference: "/spec/scaleTargetRef",
                    group: version.split_once('/').map_or("", |(group, _)| group),
                    kind: text(target, "kind").unwrap_or("Deployment"),
                    name: text(target, "name")?,
                    minimum: number(least).unwrap_or(minimum),
                    maximum: number(most).unwrap_or(maximum),
                })
            }));
        }
        found
    }

    /// Whether it scales an object.
    pub(super) fn scales(&self, node: Node<'_>) -> bool {
        self.by.namespace == node.namespace && self.name == node.name() && node.is(self.group, self.kind)
    }
}
