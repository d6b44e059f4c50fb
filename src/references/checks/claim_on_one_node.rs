//! A volume that one node mounts at a time has pods that can live with that.
//!
//! Several pods, or an update that starts the new pod before it ends the old one, wait for each other.

use serde_json::Value;

use crate::diagnostic::Level;
use crate::references::ends::End;
use crate::references::node::list;
use crate::references::pods::Pods;
use crate::references::products::Part;
use crate::references::scaling::Scaler;
use crate::references::{Check, Findings, Node, World};

pub(super) const CHECK: Check = Check {
    id: "claim-on-one-node",
    title: "pods of several nodes mount a volume that one node mounts at a time",
    why: "A `ReadWriteOnce` volume is attached to one node. A second pod, and the new pod of a rolling update, that \
          land on another node wait until it is free, which it never is while the first pod runs.",
    fix: "use a `ReadWriteMany` claim, or one pod with the strategy `Recreate`",
    bad: "apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: files}
spec: {accessModes: [ReadWriteOnce]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: wiki}
spec:
  template:
    spec:
      containers: [{name: wiki, image: wiki}]
      volumes: [{name: files, persistentVolumeClaim: {claimName: files}}]",
    good: "apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: files}
spec: {accessModes: [ReadWriteOnce]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: wiki}
spec:
  strategy: {type: Recreate}
  template:
    spec:
      containers: [{name: wiki, image: wiki}]
      volumes: [{name: files, persistentVolumeClaim: {claimName: files}}]",
    check,
};

fn check(world: &World<'_>, findings: &mut Findings<'_, '_>) {
    let scalers = Scaler::all(world);
    for pods in world.all_pods().filter(|pods| pods.are_lasting()) {
        let Some((base, spec)) = pods.spec else {
            continue;
        };
        for (index, volume) in list(spec, "volumes").iter().enumerate() {
            let name = volume
                .pointer("/persistentVolumeClaim/claimName")
                .and_then(Value::as_str);
            let Some(claim) = name.and_then(|name| claim(world, pods.by.namespace, name)) else {
                continue;
            };
            let Some((many, message)) = conflict(pods, &scalers) else {
                continue;
            };
            // Pods of one node share it, and a cluster may have one node only.
            let is_certain = world.is_built() && many;
            let level = if is_certain { Level::Deny } else { Level::Warn };
            let message = format!("{message}, and {} is mounted by one node at a time", claim.called());
            let pointer = format!("{base}/volumes/{index}/persistentVolumeClaim/claimName");
            findings.say(level, pods.by, pointer, &[claim], message);
        }
    }
}

/// The claim of a name, if one node at a time mounts it.
fn claim<'a>(world: &World<'a>, namespace: &str, name: &str) -> Option<Node<'a>> {
    let products = world.find(End {
        group: "",
        kind: "PersistentVolumeClaim",
        namespace,
        name,
    });
    let claim = products.first().filter(|product| product.part == Part::Itself)?.by;
    let modes = claim.list("/spec/accessModes");
    let is_single = |mode: &Value| matches!(mode.as_str(), Some("ReadWriteOnce" | "ReadWriteOncePod"));
    (!modes.is_empty() && modes.iter().all(is_single)).then_some(claim)
}

/// What does not go together, and whether it is several pods at all times.
fn conflict(pods: &Pods<'_>, scalers: &[Scaler<'_>]) -> Option<(bool, String)> {
    let maker = pods.by;
    let scaled = scalers
        .iter()
        .find(|scaler| scaler.scales(maker))
        .map(|scaler| scaler.maximum);
    let most = scaled.or(pods.replicas()).unwrap_or(1);
    if maker.object.kind == "DaemonSet" || most > 1 {
        let many = if maker.object.kind == "DaemonSet" {
            "a pod on each node".to_owned()
        } else {
            format!("up to {most} pods")
        };
        return Some((true, format!("{} has {many}", maker.called())));
    }
    let rolls = maker.is("apps", "Deployment") && maker.text("/spec/strategy/type") != Some("Recreate");
    let surge = maker.at("/spec/strategy/rollingUpdate/maxSurge");
    let ends_first = surge.is_some_and(|surge| surge == 0 || surge == "0%" || surge == "0");
    (rolls && !ends_first && most == 1).then(|| {
        let message = format!(
            "an update of {} starts the new pod before it ends the old one",
            maker.called()
        );
        (false, message)
    })
}
