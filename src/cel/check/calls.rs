//! Calls: which overload fits the arguments, and what comes of it.

use super::*;

impl Checker<'_> {
    pub(super) fn call(&mut self, span: &Span, name: &str, target: Option<&Expr>, arguments: &[Expr]) -> Part {
        let formats = usize::from(name == "format");
        self.formats += formats;
        let mut nodes = Vec::with_capacity(arguments.len() + 1);
        let mut types = Vec::with_capacity(arguments.len() + 1);
        for argument in arguments {
            let (node, found) = self.check(argument);
            nodes.push(node);
            types.push(found);
        }
        let mut name = name.strip_prefix('.').unwrap_or(name).to_owned();
        let mut member = false;
        if let Some(target) = target {
            let qualified = dotted(target).map(|prefix| format!("{}.{name}", prefix.trim_start_matches('.')));
            match qualified.filter(|qualified| FUNCTIONS.contains_key(qualified.as_str())) {
                Some(qualified) => name = qualified,
                None => {
                    let (node, found) = self.check(target);
                    nodes.insert(0, node);
                    types.insert(0, found);
                    member = true;
                }
            }
        }
        self.formats -= formats;
        let Some(function) = FUNCTIONS.get(name.as_str()) else {
            return self.undeclared(span, &name);
        };
        let alternatives = self.alternatives(function.name, &types);
        let overload = alternatives.map_or_else(
            || self.overload(function.name, member, &types),
            |result| Some((result, false)),
        );
        let Some((result, exact)) = overload else {
            return self.no_overload(span, &name, member, &types);
        };
        let target = if member { target } else { None };
        self.found.call(function.name, target, arguments);
        if let ("_[_]" | "_[?_]", Some(Node::Constant(at))) = (name.as_str(), nodes.get(1))
            && Key::of(at).is_none()
            && !matches!(at, Value::Double(_))
        {
            return self.error(span, format!("invalid qualifier type: {}", at.type_name()));
        }
        if matches!(name.as_str(), "or" | "orValue") {
            let node = <[Node; 2]>::try_from(nodes)
                .ok()
                .map(|nodes| Node::OptionalOr(Box::new(nodes), name == "or"));
            return (node.unwrap_or(Node::Unknown), result);
        }
        let node = match name.as_str() {
            "_[_]" | "_[?_]" => indexing(nodes, name == "_[?_]"),
            "_?_:_" => <[Node; 3]>::try_from(nodes)
                .ok()
                .map(|nodes| Node::Ternary(Box::new(nodes))),
            _ => {
                return self.called(
                    span,
                    CallNode {
                        function,
                        arguments: nodes,
                        exact,
                        pattern: None,
                        seen: Seen::default(),
                        free: false,
                        zero: None,
                    },
                    result,
                );
            }
        };
        (node.unwrap_or(Node::Unknown), result)
    }

    pub(super) fn called(&mut self, span: &Span, mut call: CallNode, result: Type) -> Part {
        let name = call.function.name;
        const CONVERSIONS: &[&str] = &[
            "bool",
            "bytes",
            "double",
            "duration",
            "dyn",
            "int",
            "string",
            "timestamp",
            "type",
            "uint",
        ];
        if let [Node::Constant(value)] = call.arguments.as_slice()
            && CONVERSIONS.contains(&name)
        {
            let mut work = crate::cel::cost::Work::new();
            let mut context = crate::cel::library::Call {
                name,
                work: &mut work,
                pattern: None,
                seen: None,
                zero: None,
            };
            return match (call.function.run)(&mut context, std::slice::from_ref(value)) {
                Ok(value) => (Node::Constant(value), result),
                // The validator of literals says it better.
                Err(_) if matches!(name, "duration" | "timestamp") => (Node::Constant(Value::Null), result),
                Err(error) => self.error(span, error.message()),
            };
        }
        if matches!(name, "matches" | "find" | "findAll")
            && let Some(Value::String(pattern)) = call.arguments.get(1).and_then(Node::constant)
        {
            call.pattern = match crate::cel::library::patterns::Pattern::new(pattern) {
                Ok(pattern) => Some(pattern),
                Err(_) if name == "matches" => None,
                Err(reason) => return self.error(span, reason),
            };
        }
        if name == "sum" {
            call.zero = match &result {
                Type::Duration => Some(Value::Duration(crate::cel::time::Duration::default())),
                Type::Double => Some(Value::Double(0.0)),
                Type::Uint => Some(Value::Uint(0)),
                _ => None,
            };
        }
        if name == "@in"
            && call.exact
            && let Some(Value::List(items)) = call.arguments.get(1).and_then(Node::constant)
        {
            if items.is_empty() {
                return (Node::Constant(Value::Bool(false)), result);
            }
            call.free = items
                .iter()
                .all(|item| Key::of(item).is_some() || matches!(item, Value::Double(_)));
        }
        (Node::Call(Box::new(call)), result)
    }

    /// The type of one of two values, which may be of different types when evaluated.
    fn alternatives(&mut self, name: &str, types: &[Type]) -> Option<Type> {
        if !self.types.is_lenient() {
            return None;
        }
        let [left, right] = match (name, types) {
            ("_?_:_", [condition, left, right]) if self.types.assignable(condition, &Type::Bool) => [left, right],
            ("orValue", [Type::Optional(left), right]) => [&**left, right],
            _ => return None,
        };
        let (left, right) = (self.types.resolve(left, false), self.types.resolve(right, false));
        Some(match (says_nothing(&left), says_nothing(&right)) {
            (_, true) => left,
            (true, _) => right,
            _ if left.is(&right) => left,
            _ => Type::Dyn,
        })
    }

    /// Finds the overloads of a function that fit: the type of the result, and whether there is one only.
    pub(super) fn overload(&mut self, name: &str, member: bool, types: &[Type]) -> Option<(Type, bool)> {
        let function = FUNCTIONS.get(name)?;
        let mut result: Option<Type> = None;
        let mut count = 0;
        for overload in function.overloads.iter().filter(|overload| overload.member == member) {
            if overload.parameters.len() != types.len() {
                continue;
            }
            let fresh = [self.types.fresh(), self.types.fresh()];
            let parameters: Vec<_> = overload.parameters.iter().map(|of| instantiate(of, &fresh)).collect();
            if !self.types.all_assignable(types.iter().zip(&parameters)) {
                continue;
            }
            count += 1;
            let found = self.types.resolve(&instantiate(&overload.result, &fresh), false);
            result = Some(match result {
                None => found,
                Some(before) if before.is_dyn() || found.is(&before) => before,
                Some(_) => Type::Dyn,
            });
        }
        result.map(|result| (result, count == 1))
    }

    pub(super) fn no_overload(&mut self, span: &Span, name: &str, member: bool, types: &[Type]) -> Part {
        let mut shown: Vec<_> = types
            .iter()
            .map(|of| self.types.resolve(of, true).described())
            .collect();
        let receiver = match member {
            true if !shown.is_empty() => format!("{}.", shown.remove(0)),
            _ => String::new(),
        };
        let arguments = shown.join(", ");
        self.error(
            span,
            format!("found no matching overload for '{name}' applied to '{receiver}({arguments})'"),
        )
    }

    pub(super) fn join(&mut self, before: Option<Type>, current: &Type) -> Type {
        let Some(before) = before else {
            return current.clone();
        };
        if !self.types.assignable(&before, current) {
            return Type::Dyn;
        }
        most_general(&before, current).clone()
    }

    pub(super) fn unwrapped(&mut self, span: &Span, optional: bool, found: Type) -> Type {
        match found {
            Type::Optional(inner) if optional => (*inner).clone(),
            other if optional && !matches!(other, Type::Error) && (self.formats == 0 || !other.is_dyn()) => {
                self.mismatch(span, &Type::optional(other.clone()), &other);
                other
            }
            other => other,
        }
    }
}

/// Tells whether a value tells no more than that there is nothing: null, or a literal without members.
fn says_nothing(of: &Type) -> bool {
    match of {
        Type::Null => true,
        Type::List(of) | Type::Optional(of) => matches!(**of, Type::Variable(_)),
        Type::Map(of) => matches!(**of, (Type::Variable(_), Type::Variable(_))),
        _ => false,
    }
}
