//! A policy whose expressions are compiled once, each against exactly what the server declares for it.

use super::Operation;
use super::environment::{self, VARIABLES};
use super::review::Review;
use super::spec;
use super::typing::Typed;
use crate::cel::{Declarations, Environment, Program, Type};

/// A compiled policy.
pub(super) struct Policy {
    pub(super) name: String,
    pub(super) constraints: spec::MatchResources,
    pub(super) conditions: Vec<Expression>,
    pub(super) variables: Vec<Expression>,
    pub(super) validations: Vec<Validation>,
    pub(super) annotations: Vec<Expression>,
    /// Whether what cannot be evaluated is refused.
    pub(super) fails: bool,
    pub(super) param_kind: Option<spec::ParamKind>,
}

/// An expression, and its program or why it has none.
pub(super) struct Expression {
    pub(super) name: String,
    pub(super) text: String,
    pub(super) program: Result<Program, String>,
    /// The place among the conditions and variables that several policies have.
    pub(super) shared: Option<usize>,
}

impl Expression {
    /// Tells whether it reads nothing but the object and the old one, so that its value is the same for every policy.
    pub(super) fn is_about_object(&self) -> bool {
        let program = self.program.as_ref();
        program.is_ok_and(|program| program.reads_only(&["object", "oldObject"]))
    }
}

pub(super) struct Validation {
    pub(super) check: Expression,
    pub(super) message: String,
    pub(super) message_expression: Option<Expression>,
}

impl Policy {
    /// All expressions.
    pub(super) fn expressions(&self) -> impl Iterator<Item = &Expression> {
        let validations = self.validations.iter();
        let validations = validations.flat_map(|of| [Some(&of.check), of.message_expression.as_ref()]);
        self.conditions
            .iter()
            .chain(&self.variables)
            .chain(&self.annotations)
            .chain(validations.flatten())
    }

    /// Tells whether the policy can say something of an update that it does not say of a new object.
    pub(super) fn needs_old(&self) -> bool {
        let rules = &self.constraints.resource_rules;
        let updates = rules.iter().any(|rule| rule.is_about(Operation::Update));
        let only_updates = rules
            .iter()
            .any(|rule| rule.is_about(Operation::Update) && !rule.is_about(Operation::Create));
        let reads = |name: &str| {
            let mut programs = self.expressions().flat_map(|expression| &expression.program);
            programs.any(|program| program.reads(name))
        };
        // A selector of objects looks at the old one's labels too.
        let selects = self.constraints.selects_objects();
        only_updates || updates && (selects || reads("oldObject") || reads("request"))
    }
}

/// Compiles the expressions of a policy, and holds them against the types of what they ask for, if those are known.
pub(super) fn compile(name: &str, spec: &spec::Policy, typed: Option<Typed>, review: &mut Review<'_>) -> Policy {
    let params = spec.param_kind.is_some();
    let mut compiler = Compiler {
        review,
        // Conditions know no variables.
        full: environment::declarations(params, true),
        message: environment::declarations(params, false),
        typed,
    };
    let condition = |(index, condition): (usize, &spec::Named), compiler: &mut Compiler<'_, '_>| {
        let pointer = format!("/spec/matchConditions/{index}/expression");
        compiler.full(&condition.name, &condition.expression, &pointer, Wanted::Bool)
    };
    let conditions = spec.match_conditions.iter().enumerate();
    let conditions = conditions.map(|of| condition(of, &mut compiler)).collect();
    let variables = compiler.variables(&spec.variables);
    let validations = spec.validations.iter().enumerate();
    let validations = validations
        .map(|(index, validation)| compiler.validation(index, validation))
        .collect();
    let annotation = |(index, annotation): (usize, &spec::AuditAnnotation)| {
        let pointer = format!("/spec/auditAnnotations/{index}/valueExpression");
        compiler.full(
            &annotation.key,
            &annotation.value_expression,
            &pointer,
            Wanted::TextOrNull,
        )
    };
    let annotations = spec.audit_annotations.iter().enumerate().map(annotation).collect();
    Policy {
        name: name.to_owned(),
        constraints: spec.match_constraints.clone().unwrap_or_default(),
        conditions,
        variables,
        validations,
        annotations,
        fails: spec.failure_policy.as_deref() != Some("Ignore"),
        param_kind: spec.param_kind.clone(),
    }
}

/// What an expression must be.
#[derive(Clone, Copy)]
enum Wanted {
    Bool,
    Text,
    TextOrNull,
    Anything,
}

impl Wanted {
    fn accepts(self, found: &Type) -> bool {
        match self {
            Self::Bool => matches!(found, Type::Bool),
            Self::Text => matches!(found, Type::String),
            Self::TextOrNull => matches!(found, Type::String | Type::Null),
            Self::Anything => true,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Bool => "bool",
            Self::Text => "string",
            Self::TextOrNull => "one of [string null_type]",
            Self::Anything => "anything",
        }
    }

    fn remedy(self) -> &'static str {
        match self {
            Self::Bool => "compare the value with something, `object.spec.hostNetwork == true`",
            _ => "wrap the value, `string(object.metadata.name)`",
        }
    }
}

struct Compiler<'r, 'd> {
    review: &'r mut Review<'d>,
    full: Declarations,
    message: Declarations,
    typed: Option<Typed>,
}

impl Compiler<'_, '_> {
    fn full(&mut self, name: &str, text: &str, pointer: &str, wanted: Wanted) -> Expression {
        let environment = Environment::new(self.full.clone());
        let expression = self.expression(&environment, name, text, pointer, wanted);
        self.examine(&expression, pointer);
        expression
    }

    fn expression(
        &mut self,
        environment: &Environment,
        name: &str,
        text: &str,
        pointer: &str,
        wanted: Wanted,
    ) -> Expression {
        let program = match environment.compile(text) {
            Ok(program) if wanted.accepts(program.output_type()) => Ok(program),
            Ok(program) => {
                let found = program.output_type();
                let message = format!("must evaluate to {} but got {found}", wanted.name());
                self.review.wrong_type(pointer, message.clone(), wanted.remedy());
                Err(message)
            }
            Err(errors) => {
                // The missing expression itself is said elsewhere.
                if !text.trim().is_empty() {
                    self.review.syntax(pointer, &errors);
                }
                let messages: Vec<&str> = errors.iter().map(|error| error.message.as_str()).collect();
                Err(format!("compilation failed: {}", messages.join("; ")))
            }
        };
        Expression {
            name: name.to_owned(),
            text: text.to_owned(),
            program,
            shared: None,
        }
    }

    /// Holds an expression that compiles against the types; returns its own.
    fn examine(&mut self, expression: &Expression, pointer: &str) -> Type {
        let (Some(typed), Ok(_)) = (&self.typed, &expression.program) else {
            return Type::Dyn;
        };
        let found = typed
            .given(&expression.name)
            .map_or_else(|| typed.examine(&expression.text), Ok);
        found.unwrap_or_else(|errors| {
            self.review.types(pointer, &errors, &typed.kinds);
            Type::Dyn
        })
    }

    /// Each variable knows those before it; one that does not compile is anything to the others.
    fn variables(&mut self, variables: &[spec::Named]) -> Vec<Expression> {
        let mut fields: Vec<(&str, Type)> = Vec::with_capacity(variables.len());
        let mut examined: Vec<(&str, Type)> = Vec::with_capacity(variables.len());
        let mut compiled = Vec::with_capacity(variables.len());
        for (index, variable) in variables.iter().enumerate() {
            self.declare(&fields, &examined);
            let pointer = format!("/spec/variables/{index}/expression");
            let environment = Environment::new(self.full.clone());
            let (name, text) = (&variable.name, &variable.expression);
            let expression = self.expression(&environment, name, text, &pointer, Wanted::Anything);
            examined.push((name, self.examine(&expression, &pointer)));
            let of = expression
                .program
                .as_ref()
                .map(|program| environment::remembered(program.output_type()));
            fields.push((&variable.name, of.unwrap_or(Type::Dyn)));
            compiled.push(expression);
        }
        if !fields.is_empty() {
            self.declare(&fields, &examined);
        }
        compiled
    }

    /// The object lets a misspelt variable be named; the names with dots are how a variable is asked for.
    fn declare(&mut self, fields: &[(&str, Type)], examined: &[(&str, Type)]) {
        let typed = self.typed.as_mut().map(|typed| (&mut typed.declarations, examined));
        let all = [(&mut self.full, fields), (&mut self.message, fields)];
        for (declarations, fields) in all.into_iter().chain(typed) {
            let mut next = std::mem::take(declarations)
                .object("kubernetes.variables", fields.iter().cloned())
                .variable("variables", Type::object("kubernetes.variables"));
            if let Some((name, of)) = fields.last() {
                next = next.variable(&format!("{VARIABLES}{name}"), of.clone());
            }
            *declarations = next;
        }
    }

    fn validation(&mut self, index: usize, validation: &spec::Validation) -> Validation {
        let pointer = format!("/spec/validations/{index}");
        let check = self.full(
            "",
            &validation.expression,
            &format!("{pointer}/expression"),
            Wanted::Bool,
        );
        let text = &validation.message_expression;
        let message_expression = (!text.trim().is_empty()).then(|| {
            let environment = Environment::new(self.message.clone());
            let pointer = format!("{pointer}/messageExpression");
            let expression = self.expression(&environment, "", text, &pointer, Wanted::Text);
            self.examine(&expression, &pointer);
            expression
        });
        Validation {
            check,
            message: validation.message.trim().to_owned(),
            message_expression,
        }
    }
}
