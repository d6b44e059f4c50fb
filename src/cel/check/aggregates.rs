//! Lists, maps, messages, and the loops over them.

use super::*;

impl Checker<'_> {
    pub(super) fn list(&mut self, items: &[(bool, Expr)]) -> Part {
        let mut nodes = Vec::with_capacity(items.len());
        let mut seen = Vec::with_capacity(items.len());
        let mut joined = None;
        for (optional, item) in items {
            let (node, found) = self.check(item);
            let found = self.unwrapped(&item.span, *optional, found);
            joined = Some(self.join(joined, &found));
            nodes.push((*optional, node));
            seen.push((found, item.span.clone()));
        }
        match self.formats {
            0 => self.found.lists.push(seen),
            _ => self.found.last = seen,
        }
        let of = joined.unwrap_or_else(|| self.types.fresh());
        let of = self.types.resolve(&of, false);
        let constants: Option<Vec<Value>> = nodes
            .iter()
            .map(|(optional, node)| node.constant().filter(|_| !optional).cloned())
            .collect();
        let node = constants.map_or_else(|| Node::List(nodes), |values| Node::Constant(Value::list(values)));
        (node, Type::list(of))
    }

    pub(super) fn map(&mut self, entries: &[(bool, Expr, Expr)]) -> Part {
        let mut nodes = Vec::with_capacity(entries.len());
        let (mut keys, mut values) = (None, None);
        let mut seen = Vec::with_capacity(entries.len());
        for (optional, key, value) in entries {
            let (key_node, key_type) = self.check(key);
            keys = Some(self.join(keys, &key_type));
            let (node, found) = self.check(value);
            let found = self.unwrapped(&value.span, *optional, found);
            values = Some(self.join(values, &found));
            nodes.push((*optional, key_node, node));
            seen.push([(key_type, key.span.clone()), (found, value.span.clone())]);
        }
        if self.formats == 0 {
            self.found.maps.push(seen);
        }
        let keys = keys.unwrap_or_else(|| self.types.fresh());
        let values = values.unwrap_or_else(|| self.types.fresh());
        let (keys, values) = (self.types.resolve(&keys, false), self.types.resolve(&values, false));
        (folded_map(nodes), Type::map(keys, values))
    }

    pub(super) fn message(&mut self, span: &Span, name: &str, fields: &[(bool, Arc<str>, Expr)]) -> Part {
        let plain = name.strip_prefix('.').unwrap_or(name);
        let known = named_type(plain)
            .or_else(|| message_type(plain))
            .zip(message_fields(plain));
        let Some((result, declared)) = known else {
            return match self.variable(name) {
                Some((_, Type::Type(of))) => self.error(span, format!("'{of}' is not a message type")),
                Some((_, of)) => self.error(span, format!("'{of}' is not a type")),
                None => self.undeclared(span, name),
            };
        };
        let mut nodes = Vec::new();
        for (optional, field, value) in fields {
            let (node, found) = self.check(value);
            let found = self.unwrapped(&value.span, *optional, found);
            nodes.push((*optional, field.clone(), node));
            let Some((_, wanted)) = declared.iter().find(|(known, _)| **known == **field) else {
                self.error(&value.span, format!("undefined field '{field}'"));
                continue;
            };
            if !self.types.assignable(wanted, &found) {
                let found = self.types.resolve(&found, true);
                let message = format!("expected type of field '{field}' is '{wanted}' but provided type is '{found}'");
                self.error(&value.span, message);
            }
        }
        (
            Node::Message(Box::new(MessageNode {
                name: plain.into(),
                fields: nodes,
            })),
            result,
        )
    }

    /// The types of the variables of a macro over a value.
    pub(super) fn iteration(&mut self, range: &Expr, found: &Type, two: bool) -> (Type, Type) {
        let found = self.types.resolve(found, false);
        match &found {
            Type::List(item) if two => (Type::Int, (**item).clone()),
            Type::List(item) => ((**item).clone(), Type::Dyn),
            Type::Map(of) => (of.0.clone(), of.1.clone()),
            Type::Dyn | Type::Error | Type::Any => (Type::Dyn, Type::Dyn),
            Type::Object(_) if self.types.is_lenient() => (Type::Dyn, Type::Dyn),
            Type::Variable(_) => {
                self.types.assignable(&Type::Dyn, &found);
                (Type::Dyn, Type::Dyn)
            }
            other => {
                let message = format!(
                    "expression of type '{other}' cannot be range of a comprehension (must be list, map, or dynamic)"
                );
                self.error(&range.span, message);
                (Type::Error, Type::Error)
            }
        }
    }

    /// Checks what stands before `?` of the conditional that a macro expands to.
    pub(super) fn filtered(&mut self, of: &Expr, accumulated: &Type) -> Node {
        let (node, found) = self.check(of);
        if !self.types.assignable(&found, &Type::Bool) {
            let types = [found, accumulated.clone(), accumulated.clone()];
            self.no_overload(&of.span, "_?_:_", false, &types);
        }
        node
    }

    pub(super) fn repeat(&mut self, span: &Span, of: &Loop) -> Part {
        let (range, found) = self.check(&of.range);
        let two = of.second.is_some();
        let (first, second) = self.iteration(&of.range, &found, two);
        let depth = self.scope.len();
        self.scope.push((of.first.clone(), first.clone()));
        if let Some(name) = &of.second {
            self.scope.push((name.clone(), second));
        }
        // The condition tells more of the types before the step does.
        let filter = of.filter.as_ref().map(|filter| {
            let (node, found) = self.check(filter);
            let fits = self.types.assignable(&found, &Type::Bool);
            (node, filter.span.clone(), found, fits)
        });
        let (step, result) = match of.kind {
            LoopKind::ExistsOne => (self.filtered(&of.step, &Type::Int), Type::Bool),
            _ => {
                let (step, found) = self.check(&of.step);
                let found = self.types.resolve(&found, false);
                (step, self.repeated(span, of, first, found))
            }
        };
        let filter = filter.map(|(node, span, found, fits)| {
            if !fits {
                self.no_overload(&span, "_?_:_", false, &[found, result.clone(), result.clone()]);
            }
            node
        });
        self.scope.truncate(depth);
        (
            Node::Loop(Box::new(LoopNode {
                kind: of.kind,
                range,
                two,
                filter,
                step,
            })),
            result,
        )
    }

    /// The type of the result of a macro.
    pub(super) fn repeated(&mut self, span: &Span, of: &Loop, key: Type, found: Type) -> Type {
        match of.kind {
            LoopKind::All | LoopKind::Exists | LoopKind::ExistsOne => {
                self.condition(&of.step.span, &found);
                Type::Bool
            }
            LoopKind::List => Type::list(found),
            LoopKind::Map => {
                let key = self.types.resolve(&key, false);
                Type::map(key, found)
            }
            LoopKind::MapEntry => {
                let wanted = Type::map(self.types.fresh(), self.types.fresh());
                if !self.types.assignable(&found, &wanted) {
                    self.no_overload(span, "cel.@mapInsert", false, &[wanted, found]);
                    return Type::Error;
                }
                self.types.resolve(&wanted, false)
            }
        }
    }

    pub(super) fn bind(&mut self, span: &Span, of: &Bind) -> Part {
        let (target, found) = self.check(&of.target);
        let inner = match of.kind {
            BindKind::SortBy => self.iteration(&of.target, &found, false).0,
            _ => {
                let inner = self.types.fresh();
                if !self.types.assignable(&found, &Type::optional(inner.clone())) {
                    return self.no_overload(span, "hasValue", true, &[found]);
                }
                self.types.resolve(&inner, false)
            }
        };
        // These macros mention their variable even where the expression does not.
        if of.kind != BindKind::SortBy && self.is_type(&inner) {
            return self.unusable(span, &of.name);
        }
        self.scope.push((of.name.clone(), inner));
        let (body, body_type) = self.check(&of.body);
        self.scope.pop();
        let mut exact = true;
        let result = match of.kind {
            BindKind::OptionalMap => Type::optional(body_type),
            BindKind::OptionalFlatMap => {
                let none = Type::optional(self.types.fresh());
                match self.overload("_?_:_", false, &[Type::Bool, body_type.clone(), none.clone()]) {
                    Some((result, _)) => result,
                    None => return self.no_overload(span, "_?_:_", false, &[Type::Bool, body_type, none]),
                }
            }
            BindKind::SortBy => {
                let types = [found, Type::list(body_type)];
                match self.overload("@sortByAssociatedKeys", true, &types) {
                    Some((result, one)) => {
                        exact = one;
                        result
                    }
                    None => return self.no_overload(span, "@sortByAssociatedKeys", true, &types),
                }
            }
        };
        (
            Node::Bind(Box::new(BindNode {
                kind: of.kind,
                target,
                body,
                exact,
            })),
            result,
        )
    }
}

fn folded_map(nodes: Vec<(bool, Node, Node)>) -> Node {
    let mut map = Map::default();
    for (optional, key, value) in &nodes {
        match key.constant().and_then(Key::of).zip(value.constant()) {
            Some((key, value)) if !optional => map.replace(key, value.clone()),
            _ => return Node::Map(nodes),
        }
    }
    Node::Constant(Value::Map(Arc::new(map)))
}
