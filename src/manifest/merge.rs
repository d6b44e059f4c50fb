//! The strategic merge of `overrides:`: maps merge, named list items merge, `null` removes, everything else replaces.

use serde_json::Value;

/// Merges a patch into a value.
pub fn merge(into: &mut Value, patch: &Value) {
    match (into, patch) {
        (Value::Object(into), Value::Object(patch)) => {
            for (key, change) in patch {
                match change {
                    Value::Null => {
                        into.remove(key);
                    }
                    change => merge(into.entry(key.as_str()).or_insert(Value::Null), change),
                }
            }
        }
        (Value::Array(into), Value::Array(patch))
            if !patch.is_empty() && patch.iter().all(|item| item.get("name").is_some()) =>
        {
            for item in patch {
                match into.iter_mut().find(|known| known.get("name") == item.get("name")) {
                    Some(known) => merge(known, item),
                    None => into.push(item.clone()),
                }
            }
        }
        (into, patch) => *into = patch.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_empty_list_empties() {
        let mut value = json!({"named": [{"name": "x"}], "plain": [1]});
        merge(&mut value, &json!({"named": [], "plain": []}));
        assert_eq!(value, json!({"named": [], "plain": []}));
    }

    #[test]
    fn named_items_merge_and_null_removes() {
        let mut value = json!({"a": {"keep": 1, "drop": 2}, "list": [{"name": "x", "v": 1}, {"name": "y", "v": 2}], "plain": [1, 2]});
        merge(
            &mut value,
            &json!({"a": {"drop": null}, "list": [{"name": "y", "v": 3}, {"name": "z"}], "plain": [3]}),
        );
        assert_eq!(
            value,
            json!({"a": {"keep": 1}, "list": [{"name": "x", "v": 1}, {"name": "y", "v": 3}, {"name": "z"}], "plain": [3]})
        );
    }
}
