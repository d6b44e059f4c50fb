//! Which type may stand for which, and what the types to be found turn out to be.
//!
//! Work is counted: a type built to be huge ends the check instead of the machine.

use super::declarations::Objects;
use super::types::Type;

/// How many steps the comparison of types may take in one expression.
const STEPS: u32 = 1_000_000;

/// What is known of the types to be found.
#[derive(Default)]
pub(super) struct Types {
    known: Vec<Option<Type>>,
    /// What was overwritten since the last attempt began.
    undo: Vec<(u32, Option<Type>)>,
    steps: u32,
    /// The objects that are maps when evaluated, where that counts instead of what the server's checker holds.
    maps: Option<Objects>,
}

impl Types {
    /// Takes the declared objects for the maps that they are when evaluated, and null for a value of every type.
    pub(super) fn lenient(objects: &Objects) -> Self {
        Self {
            maps: Some(Objects::clone(objects)),
            ..Self::default()
        }
    }

    /// Tells whether what would work when evaluated is accepted.
    pub(super) fn is_lenient(&self) -> bool {
        self.maps.is_some()
    }

    fn is_map(&self, of: &Type) -> bool {
        match of {
            Type::Map(_) => self.is_lenient(),
            Type::Object(name) => self.maps.as_ref().is_some_and(|maps| maps.contains_key(name)),
            _ => false,
        }
    }

    /// Makes a type to be found.
    pub(super) fn fresh(&mut self) -> Type {
        let id = u32::try_from(self.known.len()).unwrap_or(u32::MAX);
        self.known.push(None);
        Type::Variable(id)
    }

    /// Tells whether the work was too much; every answer after that is worthless.
    pub(super) fn exhausted(&self) -> bool {
        self.steps > STEPS
    }

    /// Tells whether one type may stand for the other, and remembers what follows from it.
    pub(super) fn assignable(&mut self, from: &Type, to: &Type) -> bool {
        self.all_assignable(std::iter::once((from, to)))
    }

    /// The same for pairs; what follows is forgotten if one pair fails.
    pub(super) fn all_assignable<'t>(&mut self, mut pairs: impl Iterator<Item = (&'t Type, &'t Type)>) -> bool {
        self.undo.clear();
        let holds = pairs.all(|(from, to)| self.holds(from, to));
        if !holds {
            while let Some((id, old)) = self.undo.pop() {
                if let Some(slot) = self.known.get_mut(id as usize) {
                    *slot = old;
                }
            }
        }
        holds
    }

    fn find(&self, id: u32) -> Option<Type> {
        self.known.get(id as usize).cloned().flatten()
    }

    fn learn(&mut self, id: u32, found: Type) {
        if let Some(slot) = self.known.get_mut(id as usize) {
            self.undo.push((id, slot.replace(found)));
        }
    }

    fn holds(&mut self, from: &Type, to: &Type) -> bool {
        self.steps += 1;
        if self.exhausted() {
            return false;
        }
        if let Type::Variable(id) = to {
            let known = self.find(*id).is_some();
            if self.substitutes(from, to, *id) {
                return true;
            }
            if known {
                return false;
            }
        }
        if let Type::Variable(id) = from {
            return self.substitutes(to, from, *id);
        }
        match (from, to) {
            (Type::Dyn | Type::Error | Type::Any, _) | (_, Type::Dyn | Type::Error | Type::Any) => true,
            (Type::Null, other) | (other, Type::Null) => self.is_lenient() || nullable(other),
            (Type::Type(_), Type::Type(_)) => true,
            (Type::Wrapper(from), Type::Wrapper(to)) => from.is(to),
            (Type::Wrapper(of), other) | (other, Type::Wrapper(of)) => of.is(other),
            (Type::List(from), Type::List(to)) | (Type::Optional(from), Type::Optional(to)) => self.holds(from, to),
            (Type::Map(from), Type::Map(to)) => self.holds(&from.0, &to.0) && self.holds(&from.1, &to.1),
            _ => from.is(to) || self.is_map(from) && self.is_map(to),
        }
    }

    fn substitutes(&mut self, other: &Type, variable: &Type, id: u32) -> bool {
        if other.is(variable) {
            return true;
        }
        let Some(known) = self.find(id) else {
            let free = !self.occurs(variable, other);
            if free {
                self.learn(id, other.clone());
            }
            return free;
        };
        if known.is(other) {
            return true;
        }
        if !self.holds(other, &known) {
            return false;
        }
        let general = most_general(other, &known).clone();
        if !self.occurs(variable, &general) {
            self.learn(id, general);
        }
        true
    }

    fn occurs(&mut self, variable: &Type, within: &Type) -> bool {
        self.steps += 1;
        if self.exhausted() || within.is(variable) {
            return true;
        }
        match within {
            Type::Variable(id) => match self.find(*id) {
                Some(known) => self.occurs(variable, &known),
                None => false,
            },
            Type::List(of) | Type::Optional(of) | Type::Type(of) => self.occurs(variable, of),
            Type::Map(of) => self.occurs(variable, &of.0) || self.occurs(variable, &of.1),
            _ => false,
        }
    }

    /// Replaces what is known; what is not stays, or becomes `dyn` at the end.
    pub(super) fn resolve(&mut self, of: &Type, finally: bool) -> Type {
        self.steps += 1;
        if self.exhausted() {
            return Type::Error;
        }
        match of {
            Type::Variable(id) => match self.find(*id) {
                Some(known) => self.resolve(&known, finally),
                None if finally => Type::Dyn,
                None => of.clone(),
            },
            Type::List(item) => Type::list(self.resolve(item, finally)),
            Type::Optional(value) => Type::optional(self.resolve(value, finally)),
            Type::Type(value) => Type::Type(self.resolve(value, finally).into()),
            Type::Map(of) => Type::map(self.resolve(&of.0, finally), self.resolve(&of.1, finally)),
            other => other.clone(),
        }
    }
}

/// Replaces the parameters of a declaration.
pub(super) fn instantiate(of: &Type, parameters: &[Type]) -> Type {
    match of {
        Type::Parameter(index) => parameters.get(usize::from(*index)).cloned().unwrap_or(Type::Dyn),
        Type::List(item) => Type::list(instantiate(item, parameters)),
        Type::Optional(value) => Type::optional(instantiate(value, parameters)),
        Type::Type(value) => Type::Type(instantiate(value, parameters).into()),
        Type::Map(of) => Type::map(instantiate(&of.0, parameters), instantiate(&of.1, parameters)),
        other => other.clone(),
    }
}

fn nullable(of: &Type) -> bool {
    matches!(
        of,
        Type::Null
            | Type::Wrapper(_)
            | Type::Optional(_)
            | Type::Opaque(_)
            | Type::Object(_)
            | Type::Duration
            | Type::Timestamp
    )
}

/// Of two types that may stand for each other, the one that says less.
pub(super) fn most_general<'t>(left: &'t Type, right: &'t Type) -> &'t Type {
    if says_no_more(left, right) { left } else { right }
}

fn says_no_more(left: &Type, right: &Type) -> bool {
    if left.is_dyn() || matches!(left, Type::Variable(_)) {
        return true;
    }
    if right.is_dyn() || matches!(right, Type::Variable(_)) {
        return false;
    }
    match (left, right) {
        (Type::List(left), Type::List(right)) | (Type::Optional(left), Type::Optional(right)) => {
            says_no_more(left, right)
        }
        (Type::Map(left), Type::Map(right)) => says_no_more(&left.0, &right.0) && says_no_more(&left.1, &right.1),
        (Type::Type(_), Type::Type(_)) => true,
        _ => left.is(right),
    }
}
