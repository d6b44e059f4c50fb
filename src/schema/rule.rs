//! Rules in CEL (`x-kubernetes-validations`).
//!
//! A rule is compiled when a value is first held against it, and then kept. It sees `self` with the types that its
//! schema gives, and nothing of the object around.

use std::sync::{Arc, OnceLock};

use serde_json::{Map, Value};

use super::Schemas;
use super::node::Node;
use super::selves;
use crate::cel::{CompileError, Environment, Program, Type};

/// A rule, as it was written.
#[derive(Debug, Clone)]
pub struct Rule {
    /// JSON pointer of the rule inside the definition's `openAPIV3Schema`.
    pub pointer: String,
    /// The expression.
    pub source: String,
    /// What to say when it is false; empty for the expression itself.
    pub message: String,
    /// An expression for what to say; empty for the message.
    pub message_expression: String,
    /// The kind of error, `FieldValueForbidden`; empty for an invalid value.
    pub reason: String,
    /// Path from the value to the field to blame; empty for the value itself.
    pub field_path: String,
    /// Whether the old value is an optional, so that the rule also holds for what is new.
    pub is_old_optional: bool,
    compiled: Arc<OnceLock<Result<Compiled, String>>>,
}

/// A rule, ready to be evaluated.
#[derive(Debug)]
pub(super) struct Compiled {
    pub(super) program: Program,
    /// Whether it compares with the value before.
    pub(super) uses_old: bool,
    /// The expression for the message, if there is one that is right.
    pub(super) message: Option<Program>,
    /// Why the expression for the message is wrong.
    pub(super) message_error: Option<String>,
}

impl Rule {
    /// Returns the compiled rule, or why it cannot be compiled.
    pub(super) fn compiled(&self, schemas: &Schemas, node: Node) -> Result<&Compiled, &String> {
        self.compiled.get_or_init(|| self.compile(schemas, node)).as_ref()
    }

    /// Returns what to say when there is nothing better.
    pub(super) fn shown(&self) -> &str {
        match self.message.trim() {
            "" => self.source.trim(),
            message => message,
        }
    }

    /// Returns the field to blame, as messages have it and as a JSON pointer; nothing if the path leads nowhere.
    pub(super) fn field(&self, schemas: &Schemas, node: Node) -> Option<(String, String)> {
        let (mut schema, mut rest) = (schemas.get(node), &*self.field_path);
        let (mut shown, mut pointer) = (String::new(), String::new());
        while !rest.is_empty() {
            let (name, tail) = step(rest)?;
            let field = schema.field(&name);
            let is_known = field.is_some() || schema.fields.is_empty();
            schema = schemas.get(field.map(|field| field.schema).or(schema.values).filter(|_| is_known)?);
            match field {
                None => shown.push_str(&format!("[{name}]")),
                Some(_) if shown.is_empty() => shown.push_str(&name),
                Some(_) => shown.push_str(&format!(".{name}")),
            }
            pointer.push_str(&format!("/{}", name.replace('~', "~0").replace('/', "~1")));
            rest = tail;
        }
        Some((shown, pointer))
    }

    /// What the rule is compiled against: all fields, or those that expressions name.
    fn environment(&self, schemas: &Schemas, node: Node, named: Option<[&str; 2]>) -> Result<Environment, String> {
        let declared = selves::declare(schemas, node, named);
        let (declarations, of) = declared.ok_or("failed to convert to declType for CEL validation rules")?;
        let old = match self.is_old_optional {
            true => Type::optional(of.clone()),
            false => of.clone(),
        };
        Ok(Environment::new(
            declarations.variable("self", of).variable("oldSelf", old),
        ))
    }

    fn compile(&self, schemas: &Schemas, node: Node) -> Result<Compiled, String> {
        let environment = self.environment(schemas, node, Some([&self.source, &self.message_expression]))?;
        let program = match environment.compile(&self.source) {
            Ok(program) => program,
            // What is wrong is explained best by one who knows all fields.
            Err(errors) => {
                let better = self.environment(schemas, node, None)?.compile(&self.source);
                let errors = better.err().unwrap_or(errors);
                return Err(format!("compilation failed: {}", listed(&errors)));
            }
        };
        if !matches!(program.output_type(), Type::Bool) {
            return Err("cel expression must evaluate to a bool".to_owned());
        }
        let message = match &*self.message_expression {
            "" => None,
            source => Some(match environment.compile(source) {
                Ok(program) if matches!(program.output_type(), Type::String) => Ok(program),
                Ok(_) => Err("messageExpression must evaluate to a string".to_owned()),
                Err(errors) => Err(format!("messageExpression compilation failed: {}", listed(&errors))),
            }),
        };
        let (message, message_error) = match message.transpose() {
            Ok(message) => (message, None),
            Err(reason) => (None, Some(reason)),
        };
        Ok(Compiled {
            uses_old: program.reads("oldSelf"),
            program,
            message,
            message_error,
        })
    }
}

/// The first step of a path, `.name` or `['name']`, and the rest.
fn step(path: &str) -> Option<(String, &str)> {
    if let Some(rest) = path.strip_prefix('.') {
        let (name, tail) = rest.split_at(rest.find(['.', '[', ']']).unwrap_or(rest.len()));
        return (!name.is_empty()).then(|| (name.to_owned(), tail));
    }
    let rest = path.strip_prefix("['")?;
    let (mut name, mut signs) = (String::new(), rest.char_indices());
    while let Some((at, sign)) = signs.next() {
        match sign {
            '\'' => return Some((name, rest.get(at + 1..)?.strip_prefix(']')?)),
            '\\' => name.push(match signs.next()?.1 {
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                sign @ ('\'' | '\\') => sign,
                _ => return None,
            }),
            sign => name.push(sign),
        }
    }
    None
}

fn listed(errors: &[CompileError]) -> String {
    let one = |error: &CompileError| match &error.suggestion {
        Some(suggestion) => format!("{} (did you mean `{suggestion}`?)", error.message),
        None => error.message.clone(),
    };
    errors.iter().map(one).collect::<Vec<_>>().join("; ")
}

/// Reads the rules of a schema.
pub(super) fn rules(source: &Map<String, Value>, pointer: &str) -> Vec<Rule> {
    let rules = source.get("x-kubernetes-validations").and_then(Value::as_array);
    let rule = |(index, value): (usize, &Value)| {
        let text = |key: &str| value[key].as_str().unwrap_or_default().to_owned();
        Rule {
            pointer: format!("{pointer}/x-kubernetes-validations/{index}"),
            source: text("rule"),
            message: text("message"),
            message_expression: text("messageExpression"),
            reason: text("reason"),
            field_path: text("fieldPath"),
            is_old_optional: value["optionalOldSelf"] == true,
            compiled: Arc::default(),
        }
    };
    rules.into_iter().flatten().enumerate().map(rule).collect()
}
