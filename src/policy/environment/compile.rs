//! One policy, compiled: its expressions as programs, and what its complaints point at.
//!
//! Whatever is wrong with its expressions is said at once, each with its place inside the expression.

use std::collections::{BTreeMap, BTreeSet};

use super::target::Target;
use super::types::TYPES;
use crate::cel::{CompileError, Declarations, Environment, Path, Program, Type};
use crate::diagnostic::Finding;
use crate::model::{EnvironmentPolicy, PolicyVariable};

/// The type whose fields are the policy's variables, so that a misspelt one is told from the others.
const VARIABLES: &str = "formwork.Variables";

/// A compiled policy.
#[derive(Debug)]
pub(super) struct Compiled {
    pub(super) policy: EnvironmentPolicy,
    pub(super) variables: Vec<Variable>,
    pub(super) validations: Vec<Validation>,
}

/// A named part of the expressions.
#[derive(Debug)]
pub(super) struct Variable {
    /// `variables.<name>`.
    pub(super) name: String,
    pub(super) program: Program,
    /// JSON pointer of its expression in the document.
    pub(super) pointer: String,
}

/// One demand.
#[derive(Debug)]
pub(super) struct Validation {
    pub(super) program: Program,
    /// JSON pointer of its expression in the document.
    pub(super) pointer: String,
    pub(super) message: String,
    pub(super) message_expression: Option<(Program, String)>,
    pub(super) target: Target,
}

/// What each variable reads of the model, and the path that it is another name for.
type Reads = BTreeMap<String, (Vec<Path>, Option<Path>)>;

impl Compiled {
    /// Compiles a policy; it is absent when something is wrong with it.
    pub(super) fn of(policy: &EnvironmentPolicy, findings: &mut Vec<Finding>) -> Option<Self> {
        let declarations = TYPES.declarations();
        let declarations = declarations
            .variable("variables", Type::object(VARIABLES))
            .object(VARIABLES, []);
        let mut compiler = Compiler {
            policy,
            environment: Environment::new(declarations.clone()),
            declarations,
            fields: Vec::new(),
            reads: Reads::new(),
            findings: Vec::new(),
        };
        let variables = compiler.variables();
        let validations = compiler.validations();
        let usable = compiler.findings.is_empty();
        findings.append(&mut compiler.findings);
        usable.then(|| Self {
            policy: policy.clone(),
            variables,
            validations,
        })
    }
}

struct Compiler<'a> {
    policy: &'a EnvironmentPolicy,
    environment: Environment,
    declarations: Declarations,
    /// The variables so far, with their types.
    fields: Vec<(String, Type)>,
    reads: Reads,
    findings: Vec<Finding>,
}

impl Compiler<'_> {
    fn variables(&mut self) -> Vec<Variable> {
        let mut compiled = Vec::new();
        let mut names = BTreeSet::new();
        for (index, PolicyVariable { name, expression }) in self.policy.spec.variables.iter().enumerate() {
            if !names.insert(name) {
                let pointer = format!("/spec/variables/{index}/name");
                self.refuse(
                    pointer,
                    format!("the variable `{name}` is defined twice"),
                    "give it another name",
                );
            }
            let pointer = format!("/spec/variables/{index}/expression");
            let program = self.compile(&pointer, expression);
            let of = program
                .as_ref()
                .map_or(Type::Dyn, |program| program.output_type().clone());
            self.declare(name, of);
            let Some(program) = program else { continue };
            let name = format!("variables.{name}");
            let alias = program.path().and_then(|path| self.renamed(path));
            self.reads.insert(name.clone(), (self.read(&program), alias));
            compiled.push(Variable { name, program, pointer });
        }
        compiled
    }

    fn declare(&mut self, name: &str, of: Type) {
        self.fields.push((name.to_owned(), of.clone()));
        let fields = self.fields.iter().map(|(name, of)| (name.as_str(), of.clone()));
        let declarations = std::mem::take(&mut self.declarations);
        self.declarations = declarations
            .variable(&format!("variables.{name}"), of)
            .object(VARIABLES, fields);
        self.environment = Environment::new(self.declarations.clone());
    }

    fn validations(&mut self) -> Vec<Validation> {
        let spec = &self.policy.spec;
        let mut compiled = Vec::new();
        for (index, validation) in spec.validations.iter().enumerate() {
            let below = |field: &str| format!("/spec/validations/{index}/{field}");
            let program = self.typed(&below("expression"), &validation.expression, &Type::Bool);
            let message_expression = validation.message_expression.as_ref().and_then(|expression| {
                let pointer = below("messageExpression");
                let program = self.typed(&pointer, expression, &Type::String)?;
                Some((program, pointer))
            });
            let field = validation
                .field
                .as_ref()
                .and_then(|field| self.field(below("field"), field));
            let Some(program) = program else { continue };
            let target = field.unwrap_or_else(|| Target::of(&self.read(&program)));
            compiled.push(Validation {
                program,
                pointer: below("expression"),
                message: validation.message.clone().unwrap_or_else(|| spec.title.clone()),
                message_expression,
                target,
            });
        }
        compiled
    }

    fn field(&mut self, pointer: String, field: &str) -> Option<Target> {
        match TYPES.setting(field) {
            Ok(setting) => Some(Target::Setting(setting)),
            Err((unknown, meant)) => {
                let help = match meant {
                    Some(meant) => format!("did you mean `{meant}`?"),
                    None => "write the setting below `spec` with dots, such as `backup.retention`".into(),
                };
                self.refuse(pointer, format!("environments have no setting `{unknown}`"), help);
                None
            }
        }
    }

    fn refuse(&mut self, pointer: String, message: String, help: impl Into<String>) {
        let place = self.policy.document.locate(&pointer);
        let finding = Finding::error("policy-syntax", message).help(help);
        self.findings.push(finding.at(place).field(pointer));
    }

    /// Compiles an expression whose result must be of a type.
    fn typed(&mut self, pointer: &str, expression: &str, wanted: &Type) -> Option<Program> {
        let program = self.compile(pointer, expression)?;
        let found = program.output_type();
        if found.to_string() == wanted.to_string() {
            return Some(program);
        }
        let help = match wanted {
            Type::Bool => "compare it with something, so that it is true or false",
            _ => "turn it into a text with `string(…)`",
        };
        let message = format!("the expression must be of type `{wanted}`, but is of type `{found}`");
        self.refuse(pointer.to_owned(), message, help);
        None
    }

    fn compile(&mut self, pointer: &str, expression: &str) -> Option<Program> {
        match self.environment.compile(expression) {
            Ok(program) => Some(program),
            Err(errors) => {
                let complaints = errors.into_iter().map(|error| self.explain(pointer, error));
                let complaints: Vec<Finding> = complaints.collect();
                self.findings.extend(complaints);
                None
            }
        }
    }

    fn explain(&self, pointer: &str, error: CompileError) -> Finding {
        let place = self.policy.document.locate_text(pointer, error.span);
        let help = match error.suggestion {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => hint(&error.message).to_owned(),
        };
        let finding = Finding::error("policy-syntax", error.message);
        finding.at(place).field(pointer).help(help)
    }

    /// What a program reads of the model, also through variables.
    fn read(&self, program: &Program) -> Vec<Path> {
        let paths = program.paths().into_iter();
        paths.flat_map(|path| self.followed(path)).collect()
    }

    /// What a path reads of the model: itself, or what its variable reads.
    fn followed(&self, path: Path) -> Vec<Path> {
        match self.reads.get(&*path.variable) {
            Some((paths, None)) => paths.clone(),
            _ => self.renamed(path).into_iter().collect(),
        }
    }

    /// A path by its name in the model, unless its variable is computed.
    fn renamed(&self, path: Path) -> Option<Path> {
        let Some((_, alias)) = self.reads.get(&*path.variable) else {
            return Some(path);
        };
        let mut renamed = alias.clone()?;
        renamed.fields.extend(path.fields);
        Some(renamed)
    }
}

/// What most likely helps, by the types that a message is about.
fn hint(message: &str) -> &'static str {
    let is_about = |name: &str| message.contains("matching overload") && message.contains(name);
    match message {
        _ if is_about("Quantity") => {
            "write amounts as `quantity('20Gi')`, and compare them with `isGreaterThan` and `isLessThan`"
        }
        _ if is_about("duration") => "write lengths of time as `duration('720h')`; retentions are lengths of time too",
        _ if is_about("timestamp") => "write days as `timestamp('2027-01-31T00:00:00Z')`, or compare them with `today`",
        _ if message.starts_with("undefined field") => "write a field as the documents have it; editors list them",
        _ => "correct the expression here",
    }
}
