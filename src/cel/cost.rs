//! What an evaluation may cost.
//!
//! Two meters run: the server's cost, by which it refuses, and the work that is really done, by which a hostile
//! expression ends even where the server counts little.

use super::error::{ErrorKind, EvalError};
use super::value::{Identity, Opaque, Value};

/// What one expression may cost.
pub const CALL_LIMIT: u64 = 1_000_000;

/// Steps of real work that one evaluation may take.
const WORK: u64 = 20_000_000;

/// What expressions evaluated together may cost.
#[derive(Debug, Clone)]
pub struct Budget {
    left: u64,
    spent: u64,
}

impl Budget {
    /// Makes a budget, such as 10,000,000 for the validations of one policy.
    pub fn new(limit: u64) -> Self {
        Self { left: limit, spent: 0 }
    }

    /// Returns what was spent so far.
    pub fn spent(&self) -> u64 {
        self.spent
    }

    /// Takes a cost; fails if there is not enough left.
    pub(super) fn take(&mut self, cost: u64) -> Result<(), EvalError> {
        self.spent = self.spent.saturating_add(cost);
        match self.left.checked_sub(cost) {
            Some(left) => {
                self.left = left;
                Ok(())
            }
            None => {
                self.left = 0;
                let message =
                    "validation failed due to running out of cost budget, no further validation rules will be run";
                Err(EvalError::of(ErrorKind::Budget, message))
            }
        }
    }
}

/// The meter of real work.
#[derive(Debug)]
pub(super) struct Work(u64);

impl Work {
    pub(super) fn new() -> Self {
        Self(WORK)
    }

    /// Spends steps.
    pub(super) fn spend(&mut self, steps: usize) -> Result<(), EvalError> {
        match self.0.checked_sub(u64::try_from(steps).unwrap_or(u64::MAX)) {
            Some(left) => {
                self.0 = left;
                Ok(())
            }
            None => Err(too_expensive()),
        }
    }

    /// Tells whether two values are equal; numbers of different kinds may be.
    pub(super) fn equal(&mut self, left: &Value, right: &Value) -> Result<bool, EvalError> {
        self.spend(1)?;
        Ok(match (left, right) {
            (Value::Null, Value::Null) => true,
            (Value::List(left), Value::List(right)) => {
                if left.len() != right.len() {
                    return Ok(false);
                }
                for (at, item) in right.iter().enumerate() {
                    let counterpart = match left.identity {
                        Identity::Place => left.get(at),
                        _ => self.find(&left.identity, left, item)?.and_then(|at| left.get(at)),
                    };
                    let Some(counterpart) = counterpart else {
                        return Ok(false);
                    };
                    if !self.equal(counterpart, item)? {
                        return Ok(false);
                    }
                }
                true
            }
            (Value::Map(left), Value::Map(right)) => {
                if left.len() != right.len() {
                    return Ok(false);
                }
                for (key, value) in left.iter() {
                    let Some(other) = right.get(&key.value()) else {
                        return Ok(false);
                    };
                    if !self.equal(value, other)? {
                        return Ok(false);
                    }
                }
                true
            }
            (Value::Optional(Some(left)), Value::Optional(Some(right))) => self.equal(left, right)?,
            (Value::Optional(left), Value::Optional(right)) => left.is_none() && right.is_none(),
            (Value::Type(left), Value::Type(right)) => left == right,
            (Value::Opaque(left), Value::Opaque(right)) => equal_opaque(left, right),
            _ => left.order(right) == Some(std::cmp::Ordering::Equal),
        })
    }

    /// Finds the item of a list that is the same as another one; no items are the same by their places alone.
    pub(super) fn find(
        &mut self,
        identity: &Identity,
        items: &[Value],
        wanted: &Value,
    ) -> Result<Option<usize>, EvalError> {
        if matches!(identity, Identity::Place) {
            return Ok(None);
        }
        for (at, item) in items.iter().enumerate() {
            let is_it = match (identity, item, wanted) {
                (Identity::Keys(keys), Value::Map(item), Value::Map(wanted)) => {
                    let mut alike = true;
                    for key in keys.iter() {
                        alike &= match (item.field(key), wanted.field(key)) {
                            (Some(one), Some(other)) => self.equal(one, other)?,
                            (one, other) => one.is_none() && other.is_none(),
                        };
                    }
                    alike
                }
                _ => self.equal(item, wanted)?,
            };
            if is_it {
                return Ok(Some(at));
            }
        }
        Ok(None)
    }

    /// Tells whether a list holds a value.
    pub(super) fn contains(&mut self, items: &[Value], wanted: &Value) -> Result<bool, EvalError> {
        for item in items {
            if self.equal(item, wanted)? {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

fn equal_opaque(left: &Opaque, right: &Opaque) -> bool {
    match (left, right) {
        (Opaque::Quantity(left), Opaque::Quantity(right)) => left.compare(right).is_eq(),
        (Opaque::Ip(left), Opaque::Ip(right)) => left == right,
        (Opaque::Cidr(left, bits), Opaque::Cidr(right, others)) => left == right && bits == others,
        (Opaque::Url(left), Opaque::Url(right)) => left == right,
        (Opaque::Semver(left), Opaque::Semver(right)) => left.compare(right).is_eq(),
        (Opaque::Format(left), Opaque::Format(right)) => left.name == right.name,
        _ => false,
    }
}

pub(super) fn too_expensive() -> EvalError {
    EvalError::of(ErrorKind::CallLimit, "operation cancelled: actual cost limit exceeded")
}

/// A tenth, rounded up: what walking a text costs.
fn walk(size: u64) -> u64 {
    size.div_ceil(10)
}

/// What a walk with a pattern costs.
fn search(text: u64, pattern: u64) -> u64 {
    walk(text.saturating_add(1)).saturating_mul(pattern.div_ceil(4))
}

/// What a call costs on the server; `exact` tells that its overload was known when compiled.
pub(super) fn call(name: &str, exact: bool, arguments: &[Value], result: &Value) -> u64 {
    let size = |at: usize| arguments.get(at).map_or(0, Value::size);
    let text = |at: usize| matches!(arguments.get(at), Some(Value::String(_) | Value::Bytes(_)));
    match name {
        "check" => 350_000,
        "isSorted" | "sum" | "max" | "min" | "indexOf" | "lastIndexOf" => arguments.first().map_or(0, traversal),
        "url" | "lowerAscii" | "upperAscii" | "substring" | "trim" | "cidr" | "isIP" | "isCIDR" => walk(size(0)),
        "quantity" | "isQuantity" | "semver" | "isSemver" => walk(size(0)),
        "replace" | "split" | "ip.isCanonical" => (size(0) * 2).div_ceil(10),
        "join" => (result.size() * 2).div_ceil(10),
        "find" | "findAll" => search(size(0), size(1)),
        "ip" if matches!(arguments, [Value::String(_)]) => walk(size(0)),
        "containsIP" => {
            let base = (size(0) * 2).div_ceil(10);
            base + if text(1) { walk(size(1)) } else { 0 }
        }
        "containsCIDR" => {
            let base = (size(0) * 2).div_ceil(10) + walk(size(0)) + 1;
            base + if text(1) { walk(size(1)) } else { 0 }
        }
        "validate" => match arguments.first() {
            Some(Value::Opaque(Opaque::Format(format))) => search(size(1), format.pattern),
            _ => 1,
        },
        "_==_" if matches!(arguments.first(), Some(Value::Opaque(_))) => 1,
        "_==_" | "_!=_" => walk(size(0).min(size(1))),
        "startsWith" | "endsWith" | "format" | "strings.quote" if exact => walk(size(0)),
        "bytes" | "string"
            if exact && text(0) && arguments.first().map(Value::type_name) != Some(result.type_name()) =>
        {
            walk(size(0))
        }
        "@in" if matches!(arguments.get(1), Some(Value::List(_))) && exact => size(1),
        "_<_" | "_<=_" | "_>_" | "_>=_" if exact && text(0) => walk(size(0).min(size(1))),
        "_+_" if exact && text(0) => walk(size(0) + size(1)),
        "matches" if exact => search(size(0), size(1)),
        "contains" if exact => walk(size(0)) * walk(size(1)),
        "@sortByAssociatedKeys" if exact => 11_u64.saturating_add(size(1).saturating_mul(size(1)).saturating_mul(2)),
        "flatten" if exact => {
            let depth = match arguments.get(1) {
                Some(Value::Int(depth)) => u64::try_from(*depth).unwrap_or(0),
                _ => 1,
            };
            11_u64.saturating_add(size(0).saturating_mul(depth))
        }
        "slice" | "reverse" | "lists.range" if exact => 11_u64.saturating_add(result.size()),
        "distinct" | "sort" if exact => 11_u64.saturating_add(size(0).saturating_mul(size(0)).saturating_mul(2)),
        "sets.contains" | "sets.intersects" if exact => 1_u64.saturating_add(size(0).saturating_mul(size(1))),
        "sets.equivalent" if exact => 1_u64.saturating_add(size(0).saturating_mul(size(1)).saturating_mul(2)),
        _ => 1,
    }
}

/// What walking through everything in a value costs.
fn traversal(value: &Value) -> u64 {
    match value {
        Value::String(text) => u64::try_from(text.len()).unwrap_or(u64::MAX) / 10,
        Value::Bytes(bytes) => u64::try_from(bytes.len()).unwrap_or(u64::MAX) / 10,
        // The elements are scalars or are counted as one: the server walks deeper, where these functions fail.
        Value::List(items) => items
            .iter()
            .map(|item| {
                if matches!(item, Value::List(_)) {
                    1
                } else {
                    traversal(item)
                }
            })
            .sum(),
        _ => 1,
    }
}
