//! Rules of definitions, held against a custom resource and, on an update, against what it was.
//!
//! A rule that cannot be evaluated refuses the object like one that is false. Rules cost, and when the budget of the
//! object is used up, the rest is refused unread.

use serde_json::Value;

use super::correlate::{child, is_same, is_type, item};
use crate::cel::{self, Activation, Budget, ErrorKind, EvalError, Program};
use crate::schema::node::{Node, Schema, Type};
use crate::schema::problem::{Place, Problems, code};
use crate::schema::rule::{Compiled, Rule};
use crate::schema::{Problem, Schemas, selves};

/// What all rules of one object may cost.
const BUDGET: u64 = 10_000_000;

/// The longest text that an expression may give for a message, in bytes.
const MESSAGE_LIMIT: usize = 5 * 1024;

/// The budget is used up, or one rule costs too much; it is said already.
struct Stopped;

/// A value, and what it was.
#[derive(Clone, Copy)]
struct Part<'v> {
    node: Node,
    new: &'v Value,
    /// What `oldSelf` is.
    old: Option<&'v Value>,
    /// The value as the rules around have it.
    made: Option<&'v cel::Value>,
    /// What it was, as far as its change excuses nothing.
    before: Option<&'v Value>,
    /// The nearest part around of which is known what it was.
    around: Option<(Node, &'v Value, &'v Value)>,
}

/// Holds the rules against a custom resource that has its defaults.
pub(super) fn judge(schemas: &Schemas, node: Node, new: &Value, old: Option<&Value>, problems: &mut Problems) {
    let part = Part {
        node,
        new,
        old,
        made: None,
        before: old,
        around: None,
    };
    let mut judge = Judge {
        schemas,
        budget: Budget::new(BUDGET),
        problems,
    };
    // Whoever stops has said why.
    let _ = judge.part(node, part, &Place::OBJECT);
}

struct Judge<'j> {
    schemas: &'j Schemas,
    budget: Budget,
    problems: &'j mut Problems,
}

impl Judge<'_> {
    /// Applies the rules of one schema to what another describes: they differ below `allOf`.
    fn part(&mut self, ruling: Node, part: Part<'_>, place: &Place<'_>) -> Result<(), Stopped> {
        let schemas = self.schemas;
        let (rules, schema) = (schemas.get(ruling), schemas.get(part.node));
        let all_of = rules.limits.as_ref().map_or(&[][..], |limits| &limits.all_of);
        if part.new.is_null() || !rules.is_ruled {
            return Ok(());
        }
        let own = match part.made {
            None if !rules.rules.is_empty() => selves::value(schemas, part.node, part.new),
            _ => None,
        };
        let part = Part {
            made: part.made.or(own.as_ref()),
            ..part
        };
        // Without a value a text in it is not what its format says, which is refused already.
        if let Some(this) = part.made.filter(|_| !rules.rules.is_empty()) {
            self.rules(&rules.rules, this, &part, place)?;
        }
        for node in all_of {
            self.part(*node, Part { before: None, ..part }, place)?;
        }
        match part.new {
            Value::Object(object) => {
                for (name, new) in object {
                    let (Some(ruling), Some(node)) = (child(rules, name), child(schema, name)) else {
                        continue;
                    };
                    let made = part.made.and_then(|made| field(made, schema, name));
                    let mut inner = part.inner(node, new, part.old.and_then(|old| old.get(name)), made);
                    if place.is_object() && is_type(name) {
                        (inner.before, inner.around) = (None, None);
                    }
                    let place = match schema.field(name) {
                        Some(_) => place.field(name),
                        None => place.key(name),
                    };
                    self.part(ruling, inner, &place)?;
                }
            }
            Value::Array(items) => {
                let (Some(ruling), Some(node)) = (rules.items, schema.items) else {
                    return Ok(());
                };
                for (index, new) in items.iter().enumerate() {
                    let made = match part.made {
                        Some(cel::Value::List(items)) => items.get(index),
                        _ => None,
                    };
                    let inner = part.inner(node, new, item(schema, part.old, new), made);
                    self.part(ruling, inner, &place.index(index))?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn rules(&mut self, rules: &[Rule], this: &cel::Value, part: &Part<'_>, place: &Place<'_>) -> Result<(), Stopped> {
        let mut activation = Activation::new().with("self", this.clone());
        let mut was = None;
        for rule in rules.iter().filter(|rule| !rule.source.trim().is_empty()) {
            let compiled = match rule.compiled(self.schemas, part.node) {
                Ok(compiled) => compiled,
                Err(reason) => {
                    self.refuse(part, place, &format!("rule compile error: {reason}"));
                    continue;
                }
            };
            if compiled.uses_old {
                let old = part.old.filter(|old| !old.is_null());
                if old.is_none() && !rule.is_old_optional {
                    continue;
                }
                if was.is_none() {
                    was = old.and_then(|old| selves::value(self.schemas, part.node, old));
                }
                let old = match (&was, rule.is_old_optional) {
                    (Some(was), true) => cel::Value::some(was.clone()),
                    (None, true) => cel::Value::Optional(None),
                    (Some(was), false) => was.clone(),
                    (None, false) => continue,
                };
                activation.set("oldSelf", old);
            }
            match compiled.program.eval(&activation, &mut self.budget) {
                Ok(cel::Value::Bool(true)) => {}
                Ok(_) => self.fails(rule, compiled, &activation, part, place)?,
                Err(error) => self.unclear(rule, &error, part, place)?,
            }
        }
        Ok(())
    }

    /// A rule that is false.
    fn fails(
        &mut self,
        rule: &Rule,
        compiled: &Compiled,
        activation: &Activation<'_>,
        part: &Part<'_>,
        place: &Place<'_>,
    ) -> Result<(), Stopped> {
        if !compiled.uses_old && part.is_unchanged(self.schemas) {
            return Ok(());
        }
        let said = match &compiled.message {
            Some(program) => self.said(program, rule, activation, part, place)?,
            None => None,
        };
        let detail = said.unwrap_or_else(|| match rule.message.trim() {
            "" => format!("failed rule: {}", rule.shown()),
            message => message.to_owned(),
        });
        let is_whole = matches!(self.schemas.get(part.node).of, Type::Object | Type::Array);
        let value = if is_whole {
            String::new()
        } else {
            format!(": {}", part.new)
        };
        let message = match &*rule.reason {
            "FieldValueForbidden" => format!("Forbidden: {detail}"),
            "FieldValueRequired" => format!("Required value: {detail}"),
            "FieldValueDuplicate" => format!("Duplicate value{value}"),
            _ => format!("Invalid value{value}: {detail}"),
        };
        let field = rule.field(self.schemas, part.node);
        let (shown, pointer) = field.unwrap_or_default();
        let shown = match (place.to_string(), &*shown) {
            (path, "") => path,
            (path, field) if path.is_empty() => field.to_owned(),
            (path, field) => format!("{path}.{field}"),
        };
        let message = if shown.is_empty() {
            message
        } else {
            format!("{shown}: {message}")
        };
        let help = match compiled.uses_old {
            true => {
                "the definition forbids this change: keep the value, or delete the object and make a new one".to_owned()
            }
            false if rule.message.is_empty() => "the expression is a rule of the kind's definition".to_owned(),
            false => format!("the definition's rule is `{}`", rule.source.trim()),
        };
        self.problems.0.push(Problem {
            pointer: place.pointer() + &pointer,
            code: code::RULE_FAILED.0,
            message,
            help: Some(help),
        });
        Ok(())
    }

    /// What the rule's own expression says.
    fn said(
        &mut self,
        program: &Program,
        rule: &Rule,
        activation: &Activation<'_>,
        part: &Part<'_>,
        place: &Place<'_>,
    ) -> Result<Option<String>, Stopped> {
        let text = match program.eval(activation, &mut self.budget) {
            Ok(cel::Value::String(text)) => text.trim().to_owned(),
            Ok(_) => return Ok(None),
            Err(error) => {
                let message = match error.kind() {
                    ErrorKind::Budget => {
                        "messageExpression evaluation failed due to running out of cost budget, no further validation \
                         rules will be run"
                            .to_owned()
                    }
                    ErrorKind::CallLimit => format!(
                        "no further validation rules will be run due to call cost exceeds limit for messageExpression: \
                         {:?}",
                        rule.message_expression
                    ),
                    _ => return Ok(None),
                };
                self.refuse(part, place, &message);
                return Err(Stopped);
            }
        };
        let is_usable = !text.is_empty() && text.len() <= MESSAGE_LIMIT && !text.contains('\n');
        Ok(is_usable.then_some(text))
    }

    /// A rule that has no value.
    fn unclear(&mut self, rule: &Rule, error: &EvalError, part: &Part<'_>, place: &Place<'_>) -> Result<(), Stopped> {
        let (shown, text) = (rule.shown(), error.message());
        let message = match error.kind() {
            ErrorKind::Budget => text.to_owned(),
            ErrorKind::CallLimit => {
                format!(
                    "'{text}': no further validation rules will be run due to call cost exceeds limit for rule: {shown}"
                )
            }
            _ if text.starts_with("no such overload") => format!(
                "'{text}': call arguments did not match a supported operator, function or macro signature for rule: {shown}"
            ),
            _ => format!("{text} evaluating rule: {shown}"),
        };
        self.refuse(part, place, &message);
        match error.kind() {
            ErrorKind::Budget | ErrorKind::CallLimit => Err(Stopped),
            _ => Ok(()),
        }
    }

    fn refuse(&mut self, part: &Part<'_>, place: &Place<'_>, message: &str) {
        let of = self.schemas.get(part.node).of.name();
        let message = format!("Invalid value: \"{of}\": {message}");
        self.problems.at(place, code::RULE_FAILED, message);
    }
}

impl<'v> Part<'v> {
    /// A field, a value or an item of this part.
    fn inner(&self, node: Node, new: &'v Value, old: Option<&'v Value>, made: Option<&'v cel::Value>) -> Self {
        Self {
            node,
            new,
            old,
            made,
            before: self.before.and(old),
            around: self.before.map(|before| (self.node, before, self.new)).or(self.around),
        }
    }

    /// Tells whether the update changes nothing here, so that what was wrong before may stay.
    fn is_unchanged(&self, schemas: &Schemas) -> bool {
        let here = self.before.map(|before| (self.node, before, self.new));
        let known = here.or(self.around);
        known.is_some_and(|(node, before, new)| is_same(schemas, node, before, new))
    }
}

/// A field of a value that is made for expressions.
fn field<'v>(made: &'v cel::Value, schema: &Schema, name: &str) -> Option<&'v cel::Value> {
    let cel::Value::Map(map) = made else { return None };
    match schema.field(name).and_then(|_| selves::escaped(name)) {
        Some(escaped) => map.field(&escaped),
        None => map.field(name),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::schema::definition::Reader;

    #[test]
    fn nothing_is_judged_beyond_the_budget() {
        let version = crate::text::KubernetesVersion::newest();
        let mut schemas = Schemas::new(&version).without_kinds();
        let rule = json!({"rule": "self.a == 'b'"});
        let source = json!({"type": "object", "properties": {"a": {"type": "string"}},
                            "x-kubernetes-validations": [rule, rule, rule]});
        let metadata = schemas.metadata;
        let node = Reader::new(&mut schemas.nodes).root(source.as_object().unwrap(), metadata);
        let object = json!({"a": "c"});
        for (budget, said) in [(1, 1), (2, 1), (3, 2), (6, 3)] {
            let mut problems = Problems::default();
            let part = Part {
                node,
                new: &object,
                old: Some(&object),
                made: None,
                before: None,
                around: None,
            };
            let mut judge = Judge {
                schemas: &schemas,
                budget: Budget::new(budget),
                problems: &mut problems,
            };
            let _ = judge.part(node, part, &Place::OBJECT);
            assert_eq!(problems.0.len(), said, "{budget}: {:?}", problems.0);
        }
    }
}
