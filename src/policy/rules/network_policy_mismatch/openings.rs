//! What network policies open, pod by pod: to whom, and on which ports.
//!
//! One opening covers another when everything that the other lets pass passes it too; in doubt it does not.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::ends::{End, Gate};
use crate::blueprint::Peer;
use crate::kinds::*;
use crate::manifest::Object;
use crate::policy::Bundle;

type Labels<'a> = BTreeMap<&'a str, &'a str>;

/// The kinds of pods in an environment: those of its objects, and those that are only declared.
pub(super) struct Pods<'a>(Vec<(String, Labels<'a>)>);

impl<'a> Pods<'a> {
    pub(super) fn of(bundle: &Bundle<'a>) -> Self {
        let mut pods: Vec<(String, Labels<'a>)> = Vec::new();
        for object in bundle.objects {
            pods.extend(labels_of(object).map(|labels| (object.name.clone(), labels)));
        }
        for end in bundle.edges.iter().flat_map(|edge| [&edge.from, &edge.to]) {
            let Peer::Workload(workload) = end else { continue };
            let is_it = |labels: &Labels<'_>| {
                workload
                    .labels
                    .iter()
                    .all(|(key, value)| labels.get(key) == Some(value))
            };
            if !pods.iter().any(|(_, labels)| is_it(labels)) {
                pods.push((workload.name.to_owned(), workload.labels.iter().copied().collect()));
            }
        }
        Self(pods)
    }

    pub(super) fn count(&self) -> usize {
        self.0.len()
    }

    pub(super) fn name(&self, pod: usize) -> String {
        self.0.get(pod).map(|(name, _)| format!("`{name}`")).unwrap_or_default()
    }

    /// Whether a selector of pods of the namespace selects a pod; no selector selects all.
    pub(super) fn are_selected(&self, selector: Option<&LabelSelector>, pod: usize) -> bool {
        self.0
            .get(pod)
            .is_some_and(|(_, labels)| selector.is_none_or(|selector| selects(selector, labels)))
    }

    /// Sentences with `may` or `cannot` that name both ends, one for all ports between them, each with an opening.
    pub(super) fn sentences<'o>(
        &self,
        openings: impl Iterator<Item = &'o Opening>,
        may: &str,
    ) -> Vec<(&'o Opening, String)> {
        let mut found: BTreeMap<(usize, String), (&Opening, BTreeSet<String>)> = BTreeMap::new();
        for opening in openings {
            let (own, other) = (self.name(opening.pod), self.described(&opening.end));
            let sentence = match opening.outgoing {
                true => format!("{own} {may} reach {other}"),
                false => format!("{other} {may} reach {own}"),
            };
            let (_, ports) = found
                .entry((opening.policy, sentence))
                .or_insert((opening, BTreeSet::new()));
            ports.insert(opening.port.to_string());
        }
        let sentences = found.into_iter().map(|((_, sentence), (opening, ports))| {
            let ports: Vec<String> = ports.into_iter().collect();
            (opening, format!("{sentence} on {}", ports.join(", ")))
        });
        sentences.collect()
    }

    fn described(&self, end: &End) -> String {
        match end {
            End::Anyone => "anyone".into(),
            End::Pod(pod) => self.name(*pod),
            End::Strangers(selector) => format!("pods with {}", labels_in(selector)),
            End::Elsewhere { namespaces, pods } => {
                let pods = pods
                    .as_ref()
                    .map_or_else(|| "all pods".into(), |pods| format!("pods with {}", labels_in(pods)));
                match home_of(namespaces) {
                    Some(name) => format!("{pods} of the namespace `{name}`"),
                    None => format!("{pods} of namespaces with {}", labels_in(namespaces)),
                }
            }
            End::Block(block) => match &block.except {
                Some(except) => format!("`{}` without `{}`", block.cidr, except.join("`, `")),
                None => format!("`{}`", block.cidr),
            },
        }
    }
}

/// A selector as people write it, "`app=web`, `tier=live`"; it may ask for more than labels.
fn labels_in(selector: &LabelSelector) -> String {
    let labels = selector.match_labels.iter().flatten();
    let labels = labels.map(|(key, value)| format!("`{key}={value}`"));
    let asked = selector.match_expressions.iter().flatten();
    let asked = asked.map(|asked| {
        let values = asked.values.iter().flatten().map(String::as_str).collect::<Vec<_>>();
        format!("`{} {} {}`", asked.key, asked.operator, values.join(","))
    });
    let all: Vec<String> = labels.chain(asked).collect();
    if all.is_empty() {
        "any labels".into()
    } else {
        all.join(", ")
    }
}

/// The one namespace that a selector names.
fn home_of(namespaces: &LabelSelector) -> Option<&str> {
    let labels = namespaces.match_labels.as_ref().filter(|labels| labels.len() == 1)?;
    let name = labels.get("kubernetes.io/metadata.name")?;
    namespaces.match_expressions.is_none().then_some(name)
}

fn labels_of(object: &Object) -> Option<Labels<'_>> {
    let labels = |pointer: &str| {
        let labels = object.value.pointer(pointer).and_then(Value::as_object);
        let labels = labels.into_iter().flatten();
        labels
            .filter_map(|(key, value)| Some((key.as_str(), value.as_str()?)))
            .collect::<Labels<'_>>()
    };
    match (object.group(), object.kind.as_str()) {
        ("postgresql.cnpg.io", "Cluster") => {
            let mut found = labels("/spec/inheritedMetadata/labels");
            found.insert("cnpg.io/cluster", &object.name);
            Some(found)
        }
        ("", "Pod") => Some(labels("/metadata/labels")),
        ("batch", "CronJob") => Some(labels("/spec/jobTemplate/spec/template/metadata/labels")),
        _ => object.pod_pointer().map(|_| labels("/spec/template/metadata/labels")),
    }
}

/// One thing that a policy lets pass.
pub(super) struct Opening {
    /// The pod at which it is open.
    pub(super) pod: usize,
    /// Whether the pod connects, or is connected to.
    pub(super) outgoing: bool,
    /// Who is at the other end.
    pub(super) end: End,
    pub(super) port: Gate,
    /// The position of the policy, and the place in it.
    pub(super) policy: usize,
    pub(super) pointer: String,
}

/// Everything that some policies let pass.
pub(super) struct Openings {
    pub(super) all: Vec<Opening>,
    /// The pods, and the direction, for which a policy decides.
    decided: BTreeSet<(usize, bool)>,
}

impl Openings {
    pub(super) fn of(specs: &[&NetworkPolicySpec], pods: &Pods<'_>, home: &str) -> Self {
        let mut found = Self {
            all: Vec::new(),
            decided: BTreeSet::new(),
        };
        for (policy, spec) in specs.iter().enumerate() {
            for pod in (0..pods.count()).filter(|pod| pods.are_selected(spec.pod_selector.as_ref(), *pod)) {
                for outgoing in [false, true] {
                    if !decides(spec, outgoing) {
                        continue;
                    }
                    found.decided.insert((pod, outgoing));
                    for (index, (peers, ports)) in rules(spec, outgoing).into_iter().enumerate() {
                        let list = if outgoing { "egress" } else { "ingress" };
                        let pointer = format!("/spec/{list}/{index}");
                        for end in ends(peers, pods, home) {
                            for port in gates(ports) {
                                let (end, pointer) = (end.clone(), pointer.clone());
                                found.all.push(Opening {
                                    pod,
                                    outgoing,
                                    end,
                                    port,
                                    policy,
                                    pointer,
                                });
                            }
                        }
                    }
                }
            }
        }
        found
    }

    /// Whether something here lets all of an opening pass.
    pub(super) fn cover(&self, opening: &Opening) -> bool {
        self.all.iter().any(|own| {
            let same = (own.pod, own.outgoing) == (opening.pod, opening.outgoing);
            same && own.end.covers(&opening.end) && own.port.covers(&opening.port)
        })
    }

    /// The pods and directions for which no policy decides: there, everything passes.
    pub(super) fn undecided(&self, pods: usize) -> Vec<(usize, bool)> {
        let all = (0..pods).flat_map(|pod| [(pod, false), (pod, true)]);
        all.filter(|which| !self.decided.contains(which)).collect()
    }
}

/// Whether a policy decides about a direction; one that does not say so decides about what it has rules for.
fn decides(spec: &NetworkPolicySpec, outgoing: bool) -> bool {
    let direction = if outgoing { "Egress" } else { "Ingress" };
    match &spec.policy_types {
        Some(types) if !types.is_empty() => types.iter().any(|name| name == direction),
        _ => !outgoing || spec.egress.as_ref().is_some_and(|rules| !rules.is_empty()),
    }
}

type RuleOf<'a> = (Option<&'a Vec<NetworkPolicyPeer>>, Option<&'a Vec<NetworkPolicyPort>>);

fn rules(spec: &NetworkPolicySpec, outgoing: bool) -> Vec<RuleOf<'_>> {
    if outgoing {
        let rules = spec.egress.iter().flatten();
        return rules.map(|rule| (rule.to.as_ref(), rule.ports.as_ref())).collect();
    }
    let rules = spec.ingress.iter().flatten();
    rules.map(|rule| (rule.from.as_ref(), rule.ports.as_ref())).collect()
}

/// Whom the peers of a rule are. Nobody named is everybody.
fn ends(peers: Option<&Vec<NetworkPolicyPeer>>, pods: &Pods<'_>, home: &str) -> Vec<End> {
    let Some(peers) = peers.filter(|peers| !peers.is_empty()) else {
        return vec![End::Anyone];
    };
    let mut found = Vec::new();
    for peer in peers {
        found.extend(peer.ip_block.clone().map(End::Block));
        let here: Labels<'_> = [("kubernetes.io/metadata.name", home)].into();
        let at_home = peer
            .namespace_selector
            .as_ref()
            .is_none_or(|selector| selects(selector, &here));
        if peer.ip_block.is_none() && at_home {
            let own = (0..pods.count()).filter(|pod| pods.are_selected(peer.pod_selector.as_ref(), *pod));
            let own: Vec<End> = own.map(End::Pod).collect();
            if own.is_empty() && peer.namespace_selector.is_none() {
                found.extend(peer.pod_selector.clone().map(End::Strangers));
            }
            found.extend(own);
        }
        let is_home = |selector: &LabelSelector| {
            let name = selector
                .match_labels
                .as_ref()
                .and_then(|labels| labels.get("kubernetes.io/metadata.name"));
            name.is_some_and(|name| name == home)
        };
        if let Some(namespaces) = peer.namespace_selector.clone().filter(|selector| !is_home(selector)) {
            let pods = peer.pod_selector.clone();
            found.push(End::Elsewhere { namespaces, pods });
        }
    }
    found
}

fn gates(ports: Option<&Vec<NetworkPolicyPort>>) -> Vec<Gate> {
    match ports.filter(|ports| !ports.is_empty()) {
        Some(ports) => ports.iter().map(Gate::of).collect(),
        None => vec![Gate::All],
    }
}

fn selects(selector: &LabelSelector, labels: &Labels<'_>) -> bool {
    let has = |(key, value): (&String, &String)| labels.get(key.as_str()) == Some(&value.as_str());
    let meets = |wanted: &LabelSelectorRequirement| {
        let value = labels.get(wanted.key.as_str());
        let is_among =
            |values: &Option<Vec<String>>| value.is_some_and(|value| values.iter().flatten().any(|one| one == value));
        match wanted.operator.as_str() {
            "In" => is_among(&wanted.values),
            "NotIn" => !is_among(&wanted.values),
            "Exists" => value.is_some(),
            "DoesNotExist" => value.is_none(),
            _ => false,
        }
    };
    selector.match_labels.iter().flatten().all(has) && selector.match_expressions.iter().flatten().all(meets)
}
