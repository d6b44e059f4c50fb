//! What is said of a selector that selects no pods.
//!
//! Pods may come from elsewhere, so it is a mistake only where everything is known, or where pods nearly match.

use serde_json::Value;

use super::findings::Findings;
use super::node::{Node, text};
use super::selector;
use super::world::World;
use crate::diagnostic::Level;

/// Complains that a selector selects no pods of a namespace.
pub(super) fn complain(
    world: &World<'_>,
    findings: &mut Findings<'_, '_>,
    at: Node<'_>,
    pointer: &str,
    (namespace, chosen): (&str, &Value),
) {
    let near = nearest(world, namespace, chosen);
    let level = match world.lack("", "Pod", namespace) {
        Some(Level::Audit) if near.is_some() && !world.is_built() => Level::Warn,
        Some(level) => level,
        None => return,
    };
    let message = format!(
        "{} selects pods with {}, and there are none",
        at.called(),
        selector::shown(chosen)
    );
    let found = findings.say(level, at, pointer, &[], message);
    if let Some(near) = near {
        found.help(near);
    }
}

/// Pods that have another value of one label and no other difference; what they have.
fn nearest(world: &World<'_>, namespace: &str, chosen: &Value) -> Option<String> {
    let labels = chosen.get("matchLabels").unwrap_or(chosen).as_object()?;
    for pods in world.pods(namespace) {
        let given = |key: &str| pods.labels.written.iter().find_map(|labels| text(labels, key));
        let differs = |(key, wanted): &(&String, &Value)| wanted.as_str() != given(key);
        let mut different = labels.iter().filter(differs);
        if let (Some((key, _)), None) = (different.next(), different.next())
            && let Some(value) = given(key).filter(|_| labels.len() > 1 || is_near(given(key), labels.get(key)))
        {
            return Some(format!("the pods of {} have `{key}={value}`", pods.by.called()));
        }
    }
    None
}

fn is_near(given: Option<&str>, wanted: Option<&Value>) -> bool {
    let (Some(given), Some(wanted)) = (given, wanted.and_then(Value::as_str)) else {
        return false;
    };
    crate::diagnostic::nearest(wanted, [given]).is_some()
}
