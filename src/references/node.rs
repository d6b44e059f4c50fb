//! One object of a world, and how its fields are reached without being copied.
//!
//! Places are written as patterns, `/spec/routes/*/services/*`, and become JSON pointers only when something is found.

use serde_json::Value;

use crate::manifest::Object;

/// One object of a world.
#[derive(Debug, Clone, Copy)]
pub struct Node<'a> {
    /// Its place among the objects that the world was made of.
    pub index: usize,
    /// The object.
    pub object: &'a Object,
    /// Its namespace; empty where it has none.
    pub namespace: &'a str,
}

impl<'a> Node<'a> {
    pub(super) fn new(index: usize, object: &'a Object) -> Self {
        Self {
            index,
            object,
            namespace: object.namespace.as_deref().unwrap_or_default(),
        }
    }

    /// Its name.
    pub fn name(&self) -> &'a str {
        &self.object.name
    }

    /// Whether it is of a kind.
    pub fn is(&self, group: &str, kind: &str) -> bool {
        self.object.kind == kind && self.object.group() == group
    }

    /// What it holds at a pointer.
    pub fn at(&self, pointer: &str) -> Option<&'a Value> {
        self.object.value.pointer(pointer)
    }

    /// The text at a pointer.
    pub fn text(&self, pointer: &str) -> Option<&'a str> {
        self.at(pointer)?.as_str()
    }

    /// The list at a pointer, empty when there is none.
    pub fn list(&self, pointer: &str) -> &'a [Value] {
        self.at(pointer).and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }

    /// What people call it: its kind and name.
    pub fn called(&self) -> String {
        format!("{} `{}`", self.object.kind, self.object.name)
    }

    /// All values at a pattern, each with its place.
    pub fn each(&self, pattern: &'static str) -> Vec<(Spot, &'a Value)> {
        let mut found = Vec::new();
        let start = Spot::new(pattern);
        descend(&self.object.value, pattern, start, &mut found);
        found
    }
}

/// The text of a field.
pub(super) fn text<'a>(value: &'a Value, field: &str) -> Option<&'a str> {
    value.get(field)?.as_str()
}

/// The list of a field, empty when there is none.
pub(super) fn list<'a>(value: &'a Value, field: &str) -> &'a [Value] {
    value.get(field).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// Lists nested deeper than this are followed no further; no kind has such.
const DEPTH: usize = 4;

/// A place of a pattern: the pattern, and which item of each list.
#[derive(Debug, Clone, Copy)]
pub struct Spot {
    pattern: &'static str,
    items: [usize; DEPTH],
    depth: usize,
}

impl Spot {
    fn new(pattern: &'static str) -> Self {
        Self {
            pattern,
            items: [0; DEPTH],
            depth: 0,
        }
    }

    fn with(mut self, item: usize) -> Option<Self> {
        *self.items.get_mut(self.depth)? = item;
        self.depth += 1;
        Some(self)
    }

    /// The JSON pointer, with more steps behind it.
    pub fn pointer(&self, behind: &str) -> String {
        let mut items = self.items.iter();
        let mut pointer = String::with_capacity(self.pattern.len() + behind.len() + 4);
        for part in self.pattern.split('/').skip(1) {
            pointer.push('/');
            match (part, items.as_slice().first()) {
                ("*", Some(item)) => {
                    items.next();
                    pointer.push_str(&item.to_string());
                }
                _ => pointer.push_str(part),
            }
        }
        pointer + behind
    }
}

fn descend<'a>(value: &'a Value, rest: &'static str, spot: Spot, found: &mut Vec<(Spot, &'a Value)>) {
    let Some((before, after)) = rest.split_once("/*") else {
        found.extend(value.pointer(rest).map(|value| (spot, value)));
        return;
    };
    let items = value.pointer(before).and_then(Value::as_array);
    for (index, item) in items.into_iter().flatten().enumerate() {
        if let Some(spot) = spot.with(index) {
            descend(item, after, spot, found);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn patterns_reach_every_item_and_say_where() {
        let value = json!({"apiVersion": "v1", "kind": "K", "metadata": {"name": "n"}, "spec": {
            "routes": [{"services": [{"name": "a"}]}, {}, {"services": [{"port": 1}, {"name": "b"}]}],
        }});
        let object = Object::from_value(value).unwrap();
        let found = Node::new(0, &object).each("/spec/routes/*/services/*/name");
        let found: Vec<(String, &str)> = found
            .iter()
            .map(|(spot, value)| (spot.pointer(""), value.as_str().unwrap()))
            .collect();
        let expected = [
            ("/spec/routes/0/services/0/name", "a"),
            ("/spec/routes/2/services/1/name", "b"),
        ];
        assert_eq!(found, expected.map(|(pointer, name)| (pointer.to_owned(), name)));
    }
}
