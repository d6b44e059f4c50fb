//! Label selectors, decided over labels of which some may be unknown.
//!
//! Labels that only the cluster knows make an answer `Maybe`; a check complains only about what is certain.

use serde_json::Value;

use super::node::{list, text};

/// Whether something is selected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Match {
    No,
    /// Only the cluster can tell.
    Maybe,
    Yes,
}

/// The labels of something, as far as they are known.
#[derive(Debug, Clone, Default)]
pub(super) struct Labels<'a> {
    /// As they are written.
    pub(super) written: Vec<&'a Value>,
    /// Such as an operator adds.
    pub(super) added: Vec<(&'static str, &'a str)>,
    /// How the keys begin of those that there may be besides.
    pub(super) open: &'static [&'static str],
}

impl<'a> Labels<'a> {
    /// The labels that are written, and no others.
    pub(super) fn of(value: Option<&'a Value>) -> Self {
        Self {
            written: value.into_iter().collect(),
            ..Self::default()
        }
    }

    fn get(&self, key: &str) -> Option<&'a str> {
        let added = self
            .added
            .iter()
            .find(|(known, _)| *known == key)
            .map(|(_, value)| *value);
        added.or_else(|| self.written.iter().find_map(|labels| text(labels, key)))
    }

    fn has(&self, key: &str, is_it: impl Fn(&str) -> bool) -> Match {
        match self.get(key) {
            Some(value) if is_it(value) => Match::Yes,
            Some(_) => Match::No,
            None if self.open.iter().any(|start| key.starts_with(start)) => Match::Maybe,
            None => Match::No,
        }
    }
}

/// Whether a map of labels, as a Service has it, selects; an empty one selects nothing.
pub(super) fn by_map(selector: &Value, labels: &Labels<'_>) -> Match {
    let pairs = selector.as_object().into_iter().flatten();
    let each = pairs.map(|(key, wanted)| labels.has(key, |value| wanted.as_str() == Some(value)));
    each.min().unwrap_or(Match::No)
}

/// Whether a label selector selects; an empty one selects everything.
pub(super) fn by_selector(selector: &Value, labels: &Labels<'_>) -> Match {
    let mut worst = Match::Yes;
    if let Some(map) = selector.get("matchLabels").filter(|map| !is_empty(map)) {
        worst = worst.min(by_map(map, labels));
    }
    for requirement in list(selector, "matchExpressions") {
        worst = worst.min(by_requirement(requirement, labels));
    }
    worst
}

fn by_requirement(requirement: &Value, labels: &Labels<'_>) -> Match {
    let key = text(requirement, "key").unwrap_or_default();
    let is_listed = |value: &str| list(requirement, "values").iter().any(|it| it == value);
    let negated = |found: Match| match found {
        Match::Yes => Match::No,
        Match::Maybe => Match::Maybe,
        Match::No => Match::Yes,
    };
    match text(requirement, "operator") {
        Some("In") => labels.has(key, is_listed),
        Some("NotIn") => negated(labels.has(key, is_listed)),
        Some("Exists") => labels.has(key, |_| true),
        Some("DoesNotExist") => negated(labels.has(key, |_| true)),
        _ => Match::Maybe,
    }
}

/// Whether a selector selects everything.
pub(super) fn is_everything(selector: &Value) -> bool {
    selector.get("matchLabels").is_none_or(is_empty) && list(selector, "matchExpressions").is_empty()
}

fn is_empty(map: &Value) -> bool {
    map.as_object().is_none_or(serde_json::Map::is_empty)
}

/// A selector as people read it: `a=b, c`.
pub(super) fn shown(selector: &Value) -> String {
    let pairs = |map: &Value| -> Vec<String> {
        let pairs = map.as_object().into_iter().flatten();
        let shown = pairs.filter(|(_, value)| value.is_string());
        shown
            .map(|(key, value)| format!("`{key}={}`", value.as_str().unwrap_or_default()))
            .collect()
    };
    let labelled = selector.get("matchLabels");
    let expressions = list(selector, "matchExpressions");
    let mut shown = pairs(labelled.unwrap_or(if expressions.is_empty() { selector } else { &Value::Null }));
    shown.extend(expressions.iter().map(|requirement| {
        let field = |name| text(requirement, name).unwrap_or_default();
        format!("`{}` {}", field("key"), field("operator"))
    }));
    if shown.is_empty() {
        "anything".to_owned()
    } else {
        shown.join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_unknown_is_not_denied() {
        let written = json!({"app": "web", "tier": "front"});
        let known = Labels::of(Some(&written));
        let open = Labels {
            open: &["zone"],
            ..known.clone()
        };
        let cases = [
            (json!({"matchLabels": {"app": "web"}}), Match::Yes, Match::Yes),
            (json!({"matchLabels": {"app": "api"}}), Match::No, Match::No),
            (json!({"matchLabels": {"zone": "a"}}), Match::No, Match::Maybe),
            (
                json!({"matchExpressions": [{"key": "zone", "operator": "DoesNotExist"}]}),
                Match::Yes,
                Match::Maybe,
            ),
            (
                json!({"matchExpressions": [{"key": "app", "operator": "NotIn", "values": ["web"]}]}),
                Match::No,
                Match::No,
            ),
            (json!({}), Match::Yes, Match::Yes),
        ];
        for (selector, wanted, wanted_open) in cases {
            assert_eq!(by_selector(&selector, &known), wanted, "{selector}");
            assert_eq!(by_selector(&selector, &open), wanted_open, "{selector}");
        }
        assert_eq!(by_map(&json!({}), &known), Match::No);
    }
}
