//! The other end of what a policy opens, and its ports; one covers another when it lets at least as much pass.
//!
//! In doubt it does not: what cannot be compared is an opening of its own.

use crate::kinds::*;
use crate::text::Cidr;

/// Who is at the other end.
#[derive(Clone)]
pub(super) enum End {
    Anyone,
    /// A pod of the environment.
    Pod(usize),
    /// Pods of the namespace that nothing here makes.
    Strangers(LabelSelector),
    Elsewhere {
        namespaces: LabelSelector,
        pods: Option<LabelSelector>,
    },
    Block(IPBlock),
}

impl End {
    /// Whether the address is among them at which clouds hand out credentials.
    pub(super) fn holds_metadata(&self) -> bool {
        const METADATA: &str = "169.254.169.254/32";
        match self {
            Self::Anyone => true,
            Self::Block(block) => {
                let mut except = block.except.iter().flatten();
                Cidr::covers(&block.cidr, METADATA) && !except.any(|except| Cidr::covers(except, METADATA))
            }
            _ => false,
        }
    }

    pub(super) fn covers(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Anyone, _) => true,
            (Self::Pod(one), Self::Pod(other)) => one == other,
            (Self::Strangers(one), Self::Strangers(other)) => is_wider(one, other),
            (
                Self::Elsewhere { namespaces, pods },
                Self::Elsewhere {
                    namespaces: other,
                    pods: others,
                },
            ) => {
                let everyone = LabelSelector::default();
                let (pods, others) = (pods.as_ref().unwrap_or(&everyone), others.as_ref().unwrap_or(&everyone));
                is_wider(namespaces, other) && is_wider(pods, others)
            }
            (Self::Block(one), Self::Block(other)) => {
                let excepted = |range: &String| {
                    let mut others = other.except.iter().flatten();
                    others.any(|other| Cidr::covers(other, range)) || is_apart(range, &other.cidr)
                };
                Cidr::covers(&one.cidr, &other.cidr) && one.except.iter().flatten().all(excepted)
            }
            _ => false,
        }
    }
}

/// Whether two ranges share no address: of two that do, one holds the other.
fn is_apart(one: &str, other: &str) -> bool {
    !Cidr::covers(one, other) && !Cidr::covers(other, one)
}

/// Whether everything that the second selector selects is selected by the first.
fn is_wider(one: &LabelSelector, other: &LabelSelector) -> bool {
    let has = |(key, value): (&String, &String)| {
        other.match_labels.as_ref().and_then(|labels| labels.get(key)) == Some(value)
    };
    one == other
        || one.match_expressions.as_ref().is_none_or(Vec::is_empty) && one.match_labels.iter().flatten().all(has)
}

/// The ports of an opening.
#[derive(Clone, PartialEq)]
pub(super) enum Gate {
    All,
    Numbers { protocol: String, first: i32, last: i32 },
    Named { protocol: String, name: String },
}

impl Gate {
    pub(super) fn of(port: &NetworkPolicyPort) -> Self {
        let protocol = port.protocol.clone().unwrap_or_else(|| "TCP".into());
        match &port.port {
            Some(IntOrString::Int(first)) => {
                let (first, last) = (*first, port.end_port.unwrap_or(*first));
                Self::Numbers { protocol, first, last }
            }
            Some(IntOrString::String(name)) => Self::Named {
                protocol,
                name: name.clone(),
            },
            None => Self::Numbers {
                protocol,
                first: 1,
                last: 65_535,
            },
        }
    }

    pub(super) fn covers(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::All, _) => true,
            (
                Self::Numbers { protocol, first, last },
                Self::Numbers {
                    protocol: other,
                    first: from,
                    last: to,
                },
            ) => protocol == other && first <= from && to <= last,
            _ => self == other,
        }
    }
}

impl std::fmt::Display for Gate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::All => f.write_str("every port"),
            Self::Numbers { protocol, first, last } if first == last => write!(f, "{protocol} {first}"),
            Self::Numbers { protocol, first, last } => write!(f, "{protocol} {first} to {last}"),
            Self::Named { protocol, name } => write!(f, "{protocol} `{name}`"),
        }
    }
}
