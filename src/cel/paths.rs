//! What an expression reads: the fields that it selects from its variables.
//!
//! Paths are found in the program, without evaluating it; whoever complains about an expression points at one of them.

use std::sync::Arc;

use super::node::Node;
use super::value::Value;

/// A variable and the fields selected from it, one from the other.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Path {
    /// The variable; with a dot if it was declared with one.
    pub variable: Arc<str>,
    /// The fields, the keys and the places in lists, as far as they are known without evaluating.
    pub fields: Vec<Arc<str>>,
}

impl Path {
    /// Returns the fields as a JSON pointer into the variable.
    pub fn pointer(&self) -> String {
        let escaped = |field: &Arc<str>| format!("/{}", field.replace('~', "~0").replace('/', "~1"));
        self.fields.iter().map(escaped).collect()
    }
}

/// Collects each path once, and what is demanded before the condition under which it is: the last part of an `||`, and
/// the branches of a conditional, come first.
pub(super) fn collect(node: &Node, found: &mut Vec<Path>) {
    if let Some(path) = path(node) {
        if !found.contains(&path) {
            found.push(path);
        }
        return;
    }
    let mut visit = |node: &Node| collect(node, found);
    match node {
        Node::Constant(_) | Node::Variable(_) | Node::Unknown | Node::Local(_) => {}
        Node::Select { of, .. } | Node::Has { of, .. } | Node::Present(of) => visit(of),
        Node::Index { of, at, .. } => [of, at].into_iter().for_each(|node| visit(node)),
        Node::Ternary(parts) => {
            let [condition, yes, no] = &**parts;
            [yes, no, condition].into_iter().for_each(visit);
        }
        Node::OptionalOr(parts, _) => parts.iter().for_each(visit),
        Node::And(parts) => parts.iter().for_each(visit),
        Node::Or(parts) => parts.iter().rev().for_each(visit),
        Node::Call(call) => call.arguments.iter().for_each(visit),
        Node::List(items) => items.iter().for_each(|(_, item)| visit(item)),
        Node::Map(entries) => entries.iter().flat_map(|(_, key, value)| [key, value]).for_each(visit),
        Node::Message(message) => message.fields.iter().for_each(|(_, _, value)| visit(value)),
        Node::Loop(of) => [&of.range, &of.step].into_iter().chain(&of.filter).for_each(visit),
        Node::Bind(of) => [&of.target, &of.body].into_iter().for_each(visit),
    }
}

/// The path that a node ends, if it begins with a variable and every step is known.
pub(super) fn path(node: &Node) -> Option<Path> {
    let (of, field) = match node {
        Node::Variable(variable) => {
            return Some(Path {
                variable: variable.clone(),
                fields: Vec::new(),
            });
        }
        Node::Present(of) => return path(of),
        Node::Select { of, field, .. } | Node::Has { of, field } => (of, field.clone()),
        Node::Index { of, at, .. } => match at.constant()? {
            Value::String(key) => (of, key.clone()),
            Value::Int(place) => (of, place.to_string().into()),
            _ => return None,
        },
        _ => return None,
    };
    let mut path = path(of)?;
    path.fields.push(field);
    Some(path)
}

#[cfg(test)]
mod tests {
    use crate::cel::{Declarations, Environment, Type};

    fn paths(source: &str) -> String {
        let declarations = Declarations::new()
            .variable("object", Type::Dyn)
            .variable("params", Type::Dyn)
            .variable("variables.image", Type::String);
        let program = Environment::new(declarations).compile(source).unwrap();
        let shown = program
            .paths()
            .into_iter()
            .map(|path| format!("{}{}", path.variable, path.pointer()));
        shown.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn paths_are_as_long_as_they_are_known() {
        assert_eq!(paths("object.spec.replicas > 1"), "object/spec/replicas");
        assert_eq!(
            paths("object.metadata.labels['a/b~c'] == 'x'"),
            "object/metadata/labels/a~1b~0c"
        );
        assert_eq!(
            paths("object.a[0].b == object.a[object.i].b"),
            "object/a/0/b object/a object/i"
        );
        assert_eq!(
            paths("has(object.a.b) && object.?a[?'c'].hasValue()"),
            "object/a/b object/a/c"
        );
        assert_eq!(
            paths("variables.image.startsWith(params.registry)"),
            "variables.image params/registry"
        );
        assert_eq!(paths("has(variables.image) && 1 < 2"), "variables.image");
        assert_eq!(
            paths("object.items.all(i, i.name != object.name && {'a': [object.x]}.size() == 1)"),
            "object/items object/name object/x"
        );
        assert_eq!(
            paths("object.?a.optMap(v, v + object.b).orValue(params) == 3"),
            "object/a object/b params"
        );
    }

    #[test]
    fn what_is_demanded_comes_before_its_condition() {
        assert_eq!(
            paths("object.kind != 'Pod' || object.name == 'x'"),
            "object/name object/kind"
        );
        assert_eq!(paths("object.a ? object.b : object.c"), "object/b object/c object/a");
    }
}
