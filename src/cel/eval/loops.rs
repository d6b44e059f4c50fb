//! Loops: each step is charged for, and none goes on once the result is decided.

use super::*;

impl Run<'_> {
    pub(super) fn repeat(&mut self, of: &LoopNode) -> Outcome {
        let range = self.evaluate(&of.range)?;
        let depth = self.locals.len();
        let mut state = State::new(of.kind);
        let outcome = match &range {
            Value::List(items) => {
                let pairs = items.iter().enumerate().map(|(at, item)| {
                    let at = i64::try_from(at).unwrap_or(i64::MAX);
                    (Value::Int(at), item.clone())
                });
                self.steps(of, pairs, &mut state)
            }
            Value::Map(map) => {
                let pairs = map.iter().map(|(key, value)| match of.two {
                    true => (key.value(), value.clone()),
                    false => (Value::Null, key.value()),
                });
                self.steps(of, pairs, &mut state)
            }
            _ => failed("no such overload").map(|_| ()),
        };
        self.locals.truncate(depth);
        outcome?;
        self.charge(if of.kind == LoopKind::ExistsOne { 2 } else { 1 })?;
        state.result()
    }

    fn steps(
        &mut self,
        of: &LoopNode,
        pairs: impl Iterator<Item = (Value, Value)>,
        state: &mut State,
    ) -> Result<(), EvalError> {
        let depth = self.locals.len();
        for (first, second) in pairs {
            match of.kind {
                LoopKind::All => self.charge(2)?,
                LoopKind::Exists => self.charge(3)?,
                _ => self.charge(0)?,
            }
            if state.decided() {
                return Ok(());
            }
            self.locals.truncate(depth);
            if of.two {
                self.locals.push(first);
            }
            self.locals.push(second);
            self.step(of, depth, state)?;
        }
        Ok(())
    }

    fn step(&mut self, of: &LoopNode, depth: usize, state: &mut State) -> Result<(), EvalError> {
        if let Some(filter) = &of.filter {
            match self.evaluate(filter)? {
                Value::Bool(true) => {}
                Value::Bool(false) => return Ok(()),
                _ => return Err(EvalError::failed("no such overload")),
            }
        }
        match state {
            State::Quantifier { end, decided, error } => {
                self.charge(1)?;
                match self.evaluate(&of.step) {
                    Ok(Value::Bool(found)) if found == *end => *decided = true,
                    Ok(Value::Bool(_)) => {}
                    Ok(_) => *error = error.take().or(Some(EvalError::failed("no such overload"))),
                    Err(found) if found.is_final() => return Err(found),
                    Err(found) => *error = Some(worse(error.take(), found)),
                }
            }
            State::Count(count) => match self.evaluate(&of.step)? {
                Value::Bool(true) => {
                    self.charge(2)?;
                    *count += 1;
                }
                Value::Bool(false) => {}
                _ => return Err(EvalError::failed("no such overload")),
            },
            State::List(items) => {
                let value = self.evaluate(&of.step)?;
                self.charge(if of.step.constant().is_some() { 2 } else { 12 })?;
                items.push(value);
            }
            State::Map(map) => {
                let value = self.evaluate(&of.step)?;
                self.charge(2)?;
                if of.kind == LoopKind::Map {
                    self.charge(1)?;
                    let key = self.locals.get(depth).cloned().unwrap_or(Value::Null);
                    return insert(map, &key, value);
                }
                let Value::Map(entries) = value else {
                    return Err(EvalError::failed("no such overload: cel.@mapInsert"));
                };
                for (key, value) in entries.iter() {
                    self.work.spend(1)?;
                    insert(map, &key.value(), value.clone())?;
                }
            }
        }
        Ok(())
    }

    pub(super) fn bind(&mut self, of: &BindNode) -> Outcome {
        let before = self.cost;
        let target = self.evaluate(&of.target)?;
        let depth = self.locals.len();
        if of.kind == BindKind::SortBy {
            return self.sort_by(of, target);
        }
        self.charge(1)?;
        let inner = match target {
            Value::Optional(Some(inner)) => (*inner).clone(),
            Value::Optional(None) => {
                self.charge(1)?;
                return Ok(Value::Optional(None));
            }
            other => return overload("hasValue", &[other]),
        };
        // The macro evaluates its target a second time for the value.
        self.charge(self.cost.saturating_sub(before))?;
        self.locals.push(inner);
        let outcome = self.evaluate(&of.body);
        self.locals.truncate(depth);
        match of.kind {
            BindKind::OptionalMap => {
                let value = outcome?;
                self.charge(1)?;
                Ok(Value::some(value))
            }
            _ => outcome,
        }
    }

    pub(super) fn sort_by(&mut self, of: &BindNode, target: Value) -> Outcome {
        let Value::List(items) = &target else {
            return overload("@sortByAssociatedKeys", &[target]);
        };
        self.charge(2)?;
        let depth = self.locals.len();
        let mut keys = Vec::with_capacity(items.len());
        for item in items.iter() {
            self.locals.truncate(depth);
            self.locals.push(item.clone());
            keys.push(self.evaluate(&of.body)?);
            self.charge(12)?;
        }
        self.locals.truncate(depth);
        self.charge(1)?;
        let arguments = [target, Value::list(keys)];
        let Some(function) = FUNCTIONS.get("@sortByAssociatedKeys") else {
            return overload("@sortByAssociatedKeys", &arguments);
        };
        let mut context = Call {
            name: function.name,
            work: &mut self.work,
            pattern: None,
            seen: None,
            zero: None,
        };
        let sorted = (function.run)(&mut context, &arguments)?;
        self.charge(cost::call(function.name, of.exact, &arguments, &sorted))?;
        Ok(sorted)
    }
}

/// What a macro has gathered.
enum State {
    Quantifier {
        end: bool,
        decided: bool,
        error: Option<EvalError>,
    },
    Count(i64),
    List(Vec<Value>),
    Map(Map),
}

impl State {
    fn new(kind: LoopKind) -> Self {
        match kind {
            LoopKind::All => Self::Quantifier {
                end: false,
                decided: false,
                error: None,
            },
            LoopKind::Exists => Self::Quantifier {
                end: true,
                decided: false,
                error: None,
            },
            LoopKind::ExistsOne => Self::Count(0),
            LoopKind::List => Self::List(Vec::new()),
            LoopKind::Map | LoopKind::MapEntry => Self::Map(Map::default()),
        }
    }

    fn decided(&self) -> bool {
        matches!(self, Self::Quantifier { decided: true, .. })
    }

    fn result(self) -> Outcome {
        match self {
            Self::Quantifier { end, decided: true, .. } => Ok(Value::Bool(end)),
            Self::Quantifier { error: Some(error), .. } => Err(error),
            Self::Quantifier { end, .. } => Ok(Value::Bool(!end)),
            Self::Count(count) => Ok(Value::Bool(count == 1)),
            Self::List(items) => Ok(Value::list(items)),
            Self::Map(map) => Ok(Value::Map(Arc::new(map))),
        }
    }
}
