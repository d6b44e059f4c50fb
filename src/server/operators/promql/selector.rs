//! Selectors of metrics: `up{job="odoo"}`.
//!
//! One matcher at least must not match what is absent, else all metrics would be selected.

use super::Fault;
use super::parser::Parser;
use super::tokens::Token;
use super::types::{Form, Node, Type};
use crate::server::operators::regular;

impl<'t> Parser<'_, 't> {
    /// Reads the braces of a selector, whose metric may have been named in front of them.
    pub(super) fn selector(&mut self, start: usize, name: Option<&str>) -> Result<Node, Fault> {
        let mut selects = name.is_some();
        let mut names_metric = false;
        if self.take("{") {
            while !self.take("}") {
                let (label, has_value) = self.label()?;
                if has_value {
                    let (operator, at) = self.operator()?;
                    let value = self.value()?;
                    selects |= !matches_nothing(operator, &value).map_err(|reason| Fault::new(at, reason))?;
                    names_metric |= label == "__name__";
                } else {
                    selects |= !label.is_empty();
                    names_metric = true;
                }
                if !self.take(",") && !self.is_at("}") {
                    return self.unexpected("label matching", "\",\" or \"}\"");
                }
            }
        }
        if let Some(name) = name
            && names_metric
        {
            return Err(Fault::new(
                start,
                format!("metric name must not be set twice: {name:?}"),
            ));
        }
        if !selects {
            let message = "vector selector must contain at least one non-empty matcher";
            self.later(start, message.to_owned());
        }
        Ok(Node::new(Type::Vector, Form::Selector))
    }

    /// Reads the name of a label, or a quoted metric; tells whether a value follows.
    fn label(&mut self) -> Result<(String, bool), Fault> {
        let (label, is_quoted) = match self.token() {
            Token::Word(word) => ((*word).to_owned(), false),
            Token::Text(text) => (text.clone(), true),
            _ => return self.unexpected("label matching", "identifier or \"}\""),
        };
        self.step();
        let is_alone = is_quoted && (self.is_at(",") || self.is_at("}"));
        Ok((label, !is_alone))
    }

    fn operator(&mut self) -> Result<(&'static str, usize), Fault> {
        let position = self.position();
        match self.token() {
            Token::Sign(sign @ ("=" | "!=" | "=~" | "!~")) => {
                let sign = *sign;
                self.step();
                Ok((sign, position))
            }
            _ => self.unexpected("label matching", "label matching operator"),
        }
    }

    fn value(&mut self) -> Result<String, Fault> {
        match self.token() {
            Token::Text(text) => {
                let text = text.clone();
                self.step();
                Ok(text)
            }
            _ => self.unexpected("label matching", "string"),
        }
    }
}

/// Whether a matcher matches a label that is absent, which reads as an empty one.
fn matches_nothing(operator: &str, value: &str) -> Result<bool, String> {
    match operator {
        "=" => Ok(value.is_empty()),
        "!=" => Ok(!value.is_empty()),
        _ => {
            let whole = format!("^(?s:{value})$");
            if let Some(reason) = regular::refusal(&whole) {
                return Err(reason);
            }
            // What only Go compiles is taken to select something.
            let expression = regex::Regex::new(&whole);
            let matches = expression.map_or(operator == "!~", |expression| expression.is_match(""));
            Ok(matches == (operator == "=~"))
        }
    }
}
