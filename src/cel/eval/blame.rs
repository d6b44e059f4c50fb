//! What made an expression false, and where a value comes from: paths below variables, for whoever shows the place.
//!
//! It evaluates parts of the expression again, so it is for what has failed already; it never fails itself.

use super::*;

/// A path below a variable; a position in a list is its number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// The variable.
    pub root: Arc<str>,
    /// The fields, keys and positions.
    pub steps: Vec<Arc<str>>,
}

impl Reading {
    fn then(mut self, steps: impl IntoIterator<Item = Arc<str>>) -> Self {
        self.steps.extend(steps);
        self
    }
}

/// A walk through an expression, with the origins of the variables of the macros around.
pub(in crate::cel) struct Blame<'a> {
    run: Run<'a>,
    origins: Vec<Option<Reading>>,
    found: Vec<Reading>,
}

impl<'a> Blame<'a> {
    pub(in crate::cel) fn new(activation: &'a Activation<'a>) -> Self {
        Self {
            run: Run::new(activation),
            origins: Vec::new(),
            found: Vec::new(),
        }
    }

    /// Returns the paths that were read where the expression became false.
    pub(in crate::cel) fn paths(mut self, node: &Node) -> Vec<Reading> {
        self.blame(node, true);
        self.found
    }

    /// Follows only the parts that keep a condition from being what is wanted.
    fn blame(&mut self, node: &Node, wanted: bool) {
        match node {
            // Of `&&` that is false one part is to blame, of `||` all are; and the other way round.
            Node::And(parts) | Node::Or(parts) if matches!(node, Node::And(_)) == wanted => {
                // A part that failed does not decide while another is false.
                let decides = parts.iter().find(|part| self.is(part, !wanted));
                if let Some(part) = decides.or_else(|| parts.iter().find(|part| !self.is(part, wanted))) {
                    self.blame(part, wanted);
                }
            }
            Node::And(parts) | Node::Or(parts) => parts.iter().for_each(|part| self.blame(part, wanted)),
            Node::Ternary(parts) => {
                let [condition, yes, no] = &**parts;
                match self.run.evaluate(condition) {
                    Ok(Value::Bool(true)) => self.blame(yes, wanted),
                    Ok(Value::Bool(false)) => self.blame(no, wanted),
                    _ => self.read(condition),
                }
            }
            Node::Call(call) if call.function.name == "!_" => {
                call.arguments.iter().for_each(|part| self.blame(part, !wanted));
            }
            Node::Loop(of) if of.kind == LoopKind::All && wanted => self.element(of, true),
            Node::Loop(of) if of.kind == LoopKind::Exists && !wanted => self.element(of, false),
            _ => self.read(node),
        }
    }

    fn is(&mut self, node: &Node, wanted: bool) -> bool {
        matches!(self.run.evaluate(node), Ok(Value::Bool(found)) if found == wanted)
    }

    /// Finds the first element that is not what is wanted, and what is to blame in it.
    fn element(&mut self, of: &LoopNode, wanted: bool) {
        let Ok(range) = self.run.evaluate(&of.range) else {
            return self.read(&of.range);
        };
        for (first, second, token) in elements(&range, of.two) {
            let origin = self.origin(&of.range, std::slice::from_ref(&token));
            let depth = self.enter(of.two.then_some(first), second, origin.clone());
            let is_wanted = self.is(&of.step, wanted);
            if !is_wanted {
                self.found.extend(origin);
                self.blame(&of.step, wanted);
            }
            self.leave(depth);
            if !is_wanted {
                return;
            }
        }
        self.read(&of.range);
    }

    fn enter(&mut self, first: Option<Value>, second: Value, origin: Option<Reading>) -> usize {
        let depth = self.run.locals.len();
        for value in first.into_iter().chain([second]) {
            self.run.locals.push(value);
            self.origins.push(origin.clone());
        }
        depth
    }

    fn leave(&mut self, depth: usize) {
        self.run.locals.truncate(depth);
        self.origins.truncate(depth);
    }

    /// Collects all paths of a part.
    fn read(&mut self, node: &Node) {
        if let Some(path) = self.path(node) {
            return self.found.push(path);
        }
        let (range, two, parts) = match node {
            Node::Loop(of) => (&of.range, of.two, vec![of.filter.as_ref(), Some(&of.step)]),
            Node::Bind(of) => (&of.target, false, vec![Some(&of.body)]),
            _ => return node.parts(&mut |part| self.read(part)),
        };
        self.read(range);
        let origin = self.path(range);
        let depth = self.enter(two.then_some(Value::Null), Value::Null, origin);
        parts.into_iter().flatten().for_each(|part| self.read(part));
        self.leave(depth);
    }

    /// The path that a node is, if it is nothing else.
    fn path(&mut self, node: &Node) -> Option<Reading> {
        match node {
            Node::Variable(name) => Some(Reading {
                root: name.clone(),
                steps: Vec::new(),
            }),
            Node::Local(at) => self.origins.get(*at).cloned().flatten(),
            Node::Select { of, field, .. } | Node::Has { of, field } => Some(self.path(of)?.then([field.clone()])),
            Node::Index { of, at, .. } => {
                let token = match self.run.evaluate(at) {
                    Ok(Value::String(key)) => key,
                    Ok(Value::Int(at)) => at.to_string().into(),
                    _ => return self.path(of),
                };
                Some(self.path(of)?.then([token]))
            }
            Node::Present(of) => self.path(of),
            _ => None,
        }
    }

    /// Returns where the value of a node, or what the steps lead to in it, comes from.
    pub(in crate::cel) fn origin(&mut self, node: &Node, steps: &[Arc<str>]) -> Option<Reading> {
        if let Some(path) = self.path(node) {
            return Some(path.then(steps.iter().cloned()));
        }
        match node {
            Node::Ternary(parts) => {
                let [condition, yes, no] = &**parts;
                match self.run.evaluate(condition).ok()? {
                    Value::Bool(true) => self.origin(yes, steps),
                    _ => self.origin(no, steps),
                }
            }
            Node::OptionalOr(parts, _) => {
                let [first, second] = &**parts;
                match self.run.evaluate(first).ok()? {
                    Value::Optional(Some(_)) => self.origin(first, steps),
                    _ => self.origin(second, steps),
                }
            }
            Node::Call(call) => match (call.function.name, call.arguments.as_slice()) {
                ("_+_", [left, right]) => {
                    let (at, rest) = position(steps)?;
                    let Ok(Value::List(items)) = self.run.evaluate(left) else {
                        return None;
                    };
                    match at.checked_sub(items.len()) {
                        None => self.origin(left, steps),
                        Some(at) => self.origin(right, &joined(at, rest)),
                    }
                }
                ("dyn", [of]) => self.origin(of, steps),
                _ => None,
            },
            Node::List(items) => {
                let (at, rest) = position(steps)?;
                let (_, item) = items.get(at).filter(|_| items.iter().all(|(optional, _)| !optional))?;
                self.origin(item, rest)
            }
            Node::Loop(of) if of.kind == LoopKind::List && !of.two => self.mapped(of, steps),
            _ => None,
        }
    }

    /// The element of the range that became an element of the result of `filter` or `map`.
    fn mapped(&mut self, of: &LoopNode, steps: &[Arc<str>]) -> Option<Reading> {
        let (mut at, rest) = position(steps)?;
        let range = self.run.evaluate(&of.range).ok()?;
        for (_, item, token) in elements(&range, false) {
            let origin = self.origin(&of.range, &[token]);
            let depth = self.enter(None, item, origin);
            let kept = of.filter.as_ref().is_none_or(|filter| self.is(filter, true));
            let found = (kept && at == 0).then(|| self.origin(&of.step, rest));
            self.leave(depth);
            if let Some(found) = found {
                return found;
            }
            at -= usize::from(kept);
        }
        None
    }
}

/// The elements of a list or map: the first variable of two, the last one, and the step to it.
fn elements(range: &Value, two: bool) -> Vec<(Value, Value, Arc<str>)> {
    match range {
        Value::List(items) => {
            let number = |at: usize| Value::Int(i64::try_from(at).unwrap_or(i64::MAX));
            let items = items.iter().enumerate();
            items
                .map(|(at, item)| (number(at), item.clone(), at.to_string().into()))
                .collect()
        }
        Value::Map(map) => {
            let entries = map.iter().map(|(key, value)| {
                let token = match key {
                    Key::String(text) => text.clone(),
                    _ => "".into(),
                };
                let last = if two { value.clone() } else { key.value() };
                (key.value(), last, token)
            });
            entries.collect()
        }
        _ => Vec::new(),
    }
}

fn position(steps: &[Arc<str>]) -> Option<(usize, &[Arc<str>])> {
    let (first, rest) = steps.split_first()?;
    Some((first.parse().ok()?, rest))
}

fn joined(at: usize, rest: &[Arc<str>]) -> Vec<Arc<str>> {
    let first: Arc<str> = at.to_string().into();
    std::iter::once(first).chain(rest.iter().cloned()).collect()
}

#[cfg(test)]
mod tests {
    use super::super::super::{Declarations, Environment, Type};
    use super::*;
    use serde_json::json;

    fn activation() -> Activation<'static> {
        let object = json!({"kind": "Pod", "spec": {
            "containers": [{"name": "a", "ports": [{"n": 1}, {"n": 2}]}, {"name": "b"}],
            "inits": [{"name": "c", "bad": true}],
        }});
        Activation::new().with("object", Value::from(&object))
    }

    fn shown(paths: &[Reading]) -> String {
        let one = |path: &Reading| format!("{}/{}", path.root, path.steps.join("/"));
        paths.iter().map(one).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn the_part_that_is_false_is_blamed() {
        let environment = Environment::new(Declarations::new().variable("object", Type::Dyn));
        for (expression, expected) in [
            ("object.kind == 'x'", "object/kind"),
            (
                "object.kind == 'Pod' && object.spec.x.y > 1 && has(object.z)",
                "object/z",
            ),
            (
                "object.kind == 'x' || object['spec'].inits[0].name == 'd'",
                "object/kind object/spec/inits/0/name",
            ),
            ("object.kind == 'Pod' && object.spec.x.y > 1", "object/spec/x/y"),
            ("object.kind == 'Pod' ? has(object.a) : has(object.b)", "object/a"),
            (
                "object.spec.containers.all(c, has(c.ports))",
                "object/spec/containers/1 object/spec/containers/1/ports",
            ),
            (
                "(object.spec.containers + object.spec.?inits.orValue([])).all(c, !c.?bad.orValue(false))",
                "object/spec/inits/0 object/spec/inits/0/bad",
            ),
            (
                "object.spec.containers.filter(c, has(c.ports)).all(c, c.ports.all(p, p.n < 2))",
                "object/spec/containers/0 object/spec/containers/0/ports/1 object/spec/containers/0/ports/1/n",
            ),
            (
                "!object.spec.containers.exists(c, c.name == 'b')",
                "object/spec/containers/1 object/spec/containers/1/name",
            ),
            (
                "object.spec.containers.map(c, c.name).all(n, n != 'b')",
                "object/spec/containers/1/name object/spec/containers/1/name",
            ),
            (
                "object.spec.containers.exists(c, c.name == 'x')",
                "object/spec/containers object/spec/containers/name",
            ),
            (
                "object.spec.all(k, v, k != 'inits')",
                "object/spec/inits object/spec/inits",
            ),
            (
                "object.?a.?b.optMap(x, x.c == 1).orValue(false)",
                "object/a/b object/a/b/c",
            ),
            ("[1, 2].all(x, x < 2)", ""),
        ] {
            let program = environment.compile(expression).unwrap();
            assert_eq!(shown(&program.blame(&activation())), expected, "{expression}");
        }
    }

    #[test]
    fn a_value_has_an_origin() {
        let environment = Environment::new(Declarations::new().variable("object", Type::Dyn));
        for (expression, steps, expected) in [
            (
                "object.spec.containers",
                &["1", "name"][..],
                "object/spec/containers/1/name",
            ),
            (
                "object.kind == 'Pod' ? object.spec.containers : []",
                &["1"],
                "object/spec/containers/1",
            ),
            ("object.?none.orValue(object.spec)", &[], "object/spec"),
            ("dyn([object.kind, object.spec])", &["1", "a"], "object/spec/a"),
            (
                "object.spec.containers + object.spec.inits",
                &["2", "x"],
                "object/spec/inits/0/x",
            ),
            (
                "object.spec.containers.filter(c, c.name == 'b')",
                &["0"],
                "object/spec/containers/1",
            ),
            (
                "object.spec.containers.map(c, c.name)",
                &["1"],
                "object/spec/containers/1/name",
            ),
            ("size(object.spec)", &[], ""),
            ("object.spec.containers.map(c, c.name)", &["7"], ""),
        ] {
            let program = environment.compile(expression).unwrap();
            let steps: Vec<Arc<str>> = steps.iter().map(|step| (*step).into()).collect();
            let origin = program.origin(&activation(), &steps);
            assert_eq!(shown(&origin.into_iter().collect::<Vec<_>>()), expected, "{expression}");
        }
    }
}
