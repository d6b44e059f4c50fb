//! Which labels a selector selects.

use serde_json::{Map, Value};

use super::spec::LabelSelector;

/// The label that every namespace has, with its name.
pub(super) const NAMESPACE_NAME: &str = "kubernetes.io/metadata.name";

/// The labels of an object, and one more that only a namespace has.
#[derive(Clone, Copy)]
pub(super) struct Labels<'a> {
    labels: Option<&'a Map<String, Value>>,
    name: Option<&'a str>,
}

impl<'a> Labels<'a> {
    /// Reads the labels of an object.
    pub(super) fn of(object: &'a Value) -> Self {
        Self {
            labels: object.get("metadata").and_then(|meta| meta.get("labels")?.as_object()),
            name: None,
        }
    }

    /// The labels of a namespace, of which maybe nothing is known but the name.
    pub(super) fn of_namespace(namespace: Option<&'a Value>, name: &'a str) -> Self {
        Self {
            name: Some(name),
            labels: namespace.and_then(|namespace| Self::of(namespace).labels),
        }
    }

    fn get(&self, key: &str) -> Option<&'a str> {
        let given = self.labels.and_then(|labels| labels.get(key)?.as_str());
        given.or(self.name.filter(|_| key == NAMESPACE_NAME))
    }
}

impl LabelSelector {
    /// Tells whether it selects everything.
    pub(super) fn is_empty(&self) -> bool {
        self.match_labels.is_empty() && self.match_expressions.is_empty()
    }

    /// Tells whether it selects an object by its labels; an unknown operator selects nothing.
    pub(super) fn selects(&self, labels: Labels<'_>) -> bool {
        let equal = |(key, value): (&String, &String)| labels.get(key) == Some(value.as_str());
        self.match_labels.iter().all(equal)
            && self.match_expressions.iter().all(|wanted| {
                let found = labels.get(&wanted.key);
                let is_in = || found.is_some_and(|found| wanted.values.iter().any(|value| value == found));
                match wanted.operator.as_str() {
                    "In" => is_in(),
                    "NotIn" => !is_in(),
                    "Exists" => found.is_some(),
                    "DoesNotExist" => found.is_none(),
                    _ => false,
                }
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;
    use serde_json::json;

    #[test]
    fn labels_are_selected_as_on_the_server() {
        let object = json!({"metadata": {"labels": {"a": "1", "b": "", "n": 3}}});
        for (selector, expected) in [
            (json!({}), true),
            (json!({"matchLabels": {"a": "1"}}), true),
            (json!({"matchLabels": {"a": "1", "c": "1"}}), false),
            (json!({"matchLabels": {"b": ""}}), true),
            (json!({"matchLabels": {"c": ""}}), false),
            (
                json!({"matchExpressions": [{"key": "a", "operator": "In", "values": ["2", "1"]}]}),
                true,
            ),
            (
                json!({"matchExpressions": [{"key": "c", "operator": "In", "values": [""]}]}),
                false,
            ),
            (
                json!({"matchExpressions": [{"key": "c", "operator": "NotIn", "values": ["1"]}]}),
                true,
            ),
            (
                json!({"matchExpressions": [{"key": "a", "operator": "NotIn", "values": ["1"]}]}),
                false,
            ),
            (json!({"matchExpressions": [{"key": "b", "operator": "Exists"}]}), true),
            (
                json!({"matchExpressions": [{"key": "b", "operator": "DoesNotExist"}]}),
                false,
            ),
            (json!({"matchExpressions": [{"key": "n", "operator": "Exists"}]}), false),
            (json!({"matchExpressions": [{"key": "a", "operator": "exists"}]}), false),
        ] {
            let parsed = LabelSelector::deserialize(&selector).unwrap();
            assert_eq!(parsed.selects(Labels::of(&object)), expected, "{selector}");
        }
    }

    #[test]
    fn a_namespace_always_has_its_name() {
        let selector = json!({"matchLabels": {NAMESPACE_NAME: "shop"}});
        let selector = LabelSelector::deserialize(&selector).unwrap();
        assert!(selector.selects(Labels::of_namespace(None, "shop")));
        assert!(selector.selects(Labels::of_namespace(Some(&json!({"metadata": {}})), "shop")));
        assert!(!selector.selects(Labels::of_namespace(None, "other")));
        assert!(!selector.selects(Labels::of(&json!({"metadata": {"name": "shop"}}))));
    }
}
