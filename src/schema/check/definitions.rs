//! Rules in a definition, when the definition itself is looked at: those that the server would not register.
//!
//! What the server estimates a rule to cost at worst is not computed.

use serde_json::Value;

use crate::schema::definition::Reader;
use crate::schema::node::{Identity, Node, Schema};
use crate::schema::problem::{Problems, code};
use crate::schema::rule::Rule;
use crate::schema::{Problem, Schemas};

/// The kinds of errors that a rule may ask for.
const REASONS: [&str; 4] = [
    "FieldValueDuplicate",
    "FieldValueForbidden",
    "FieldValueInvalid",
    "FieldValueRequired",
];

/// Says which rules of a definition the server refuses.
pub(super) fn rules(schemas: &Schemas, definition: &Value, problems: &mut Problems) {
    let versions = definition["spec"]["versions"].as_array();
    for (index, version) in versions.into_iter().flatten().enumerate() {
        let Some(source) = version["schema"]["openAPIV3Schema"].as_object() else {
            continue;
        };
        let mut own = schemas.without_kinds();
        let metadata = own.metadata;
        let root = Reader::new(&mut own.nodes).root(source, metadata);
        let mut version = Version {
            schemas: &own,
            prefix: format!("/spec/versions/{index}/schema/openAPIV3Schema"),
            problems,
        };
        version.part(root, root, false);
    }
}

/// A version of a definition.
struct Version<'v> {
    schemas: &'v Schemas,
    prefix: String,
    problems: &'v mut Problems,
}

impl Version<'_> {
    /// Looks at the rules of one schema about the values of another: they differ below `allOf`.
    fn part(&mut self, ruling: Node, node: Node, is_lost: bool) {
        let schemas = self.schemas;
        let (rules, schema): (&Schema, &Schema) = (schemas.get(ruling), schemas.get(node));
        for rule in &rules.rules {
            self.rule(rule, node, is_lost);
        }
        for inner in rules.limits.iter().flat_map(|limits| &limits.all_of) {
            self.part(*inner, node, is_lost);
        }
        for field in &rules.fields {
            if let Some(of) = schema.field(&field.name) {
                self.part(field.schema, of.schema, is_lost);
            }
        }
        if let (Some(ruling), Some(node)) = (rules.values, schema.values) {
            self.part(ruling, node, is_lost);
        }
        if let (Some(ruling), Some(node)) = (rules.items, schema.items) {
            let is_lost = is_lost || !matches!(schema.identity, Identity::Keys(_));
            self.part(ruling, node, is_lost);
        }
    }

    fn rule(&mut self, rule: &Rule, node: Node, is_lost: bool) {
        if rule.source.trim().is_empty() {
            self.refuse(rule, "rule", "Required value: rule is not specified");
            return;
        }
        let message = rule.message.trim();
        if message.contains('\n') {
            self.refuse(rule, "message", "Invalid value: must not contain line breaks");
        } else if message.is_empty() && rule.source.trim().contains('\n') {
            let wrong = "Required value: message must be specified if rule contains line breaks";
            self.refuse(rule, "", wrong);
        }
        if !rule.reason.is_empty() && !REASONS.contains(&&*rule.reason) {
            let wrong = format!(
                "Unsupported value: {:?}: supported values: \"{}\"",
                rule.reason,
                REASONS.join("\", \"")
            );
            self.refuse(rule, "reason", &wrong);
        }
        if !rule.field_path.is_empty() && rule.field(self.schemas, node).is_none() {
            let wrong = format!("Invalid value: {:?}: must be a valid path", rule.field_path);
            self.refuse(rule, "fieldPath", &wrong);
        }
        let compiled = match rule.compiled(self.schemas, node) {
            Ok(compiled) => compiled,
            Err(reason) => {
                let wrong = format!("Invalid value: {:?}: {reason}", rule.source);
                self.refuse(rule, "rule", &wrong);
                return;
            }
        };
        if let Some(reason) = &compiled.message_error {
            let wrong = format!("Invalid value: {:?}: {reason}", rule.message_expression);
            self.refuse(rule, "messageExpression", &wrong);
        }
        if compiled.uses_old && is_lost {
            let wrong =
                "oldSelf cannot be used on the uncorrelatable portion of the schema: the items of a list without keys";
            self.refuse(rule, "rule", &format!("Invalid value: {:?}: {wrong}", rule.source));
        } else if !compiled.uses_old && rule.is_old_optional {
            let wrong = "Invalid value: true: may not be set if oldSelf is not used in rule";
            self.refuse(rule, "optionalOldSelf", wrong);
        }
    }

    fn refuse(&mut self, rule: &Rule, field: &str, wrong: &str) {
        let pointer = format!("{}{}", self.prefix, rule.pointer);
        let pointer = match field {
            "" => pointer,
            field => format!("{pointer}/{field}"),
        };
        let message = format!("{}: {wrong}", path(&pointer));
        self.problems.0.push(Problem {
            pointer,
            code: code::BAD_RULE.0,
            message,
            help: None,
        });
    }
}

/// A pointer as messages have it: what follows `properties` is a name, and a number an index.
fn path(pointer: &str) -> String {
    let mut path = String::new();
    let mut is_name = false;
    for step in pointer.split('/').skip(1) {
        let step = step.replace("~1", "/").replace("~0", "~");
        if is_name || step.bytes().all(|digit| digit.is_ascii_digit()) {
            path.push_str(&format!("[{step}]"));
        } else {
            path.push_str(if path.is_empty() { "" } else { "." });
            path.push_str(&step);
        }
        is_name = !is_name && step == "properties";
    }
    path
}
