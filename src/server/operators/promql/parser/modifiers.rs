//! What stands behind a selector, and between an operator and its right side.
//!
//! Lengths of time are plain here: arithmetic with them is a feature that has to be switched on.

use super::{Fault, Form, Matching, Node, Parser, Token, Type};

impl Parser<'_, '_> {
    /// Reads `bool`, `on (…)`, `group_left (…)` and the like.
    pub(super) fn matching(&mut self) -> Result<Matching, Fault> {
        let mut matching = Matching {
            is_bool: self.take_word("bool"),
            ..Matching::default()
        };
        let is_on = self.take_word("on");
        if is_on || self.take_word("ignoring") {
            matching.is_on = is_on;
            matching.labels = self.labels()?;
            if self.take_word("group_left") || self.take_word("group_right") {
                matching.is_grouped = true;
                if self.is_at("(") {
                    matching.included = self.labels()?;
                }
            }
        }
        let fills = ["fill", "fill_left", "fill_right"];
        let follows = self.tokens.get(self.next + 1).map(|(token, _)| token);
        if fills.iter().any(|word| self.is_word(word)) && follows == Some(&Token::Sign("(")) {
            return Err(Fault::new(
                self.position(),
                "binop fill modifiers are experimental and not enabled",
            ));
        }
        Ok(matching)
    }

    /// Judges the types of both sides of an operator.
    pub(super) fn binary(
        &mut self,
        start: usize,
        operator: &str,
        matching: &Matching,
        left: Node,
        right: Node,
    ) -> Node {
        let is_comparison = matches!(operator, "==" | "!=" | "<" | ">" | "<=" | ">=");
        let is_set = matches!(operator, "and" | "or" | "unless");
        let sides = [left.gives, right.gives];
        let has_scalar = sides.contains(&Type::Scalar);
        let are_vectors = sides == [Type::Vector; 2];
        let mut say = |applies: bool, message: String| {
            if applies {
                self.later(start, message);
            }
        };
        say(
            matching.is_bool && !is_comparison,
            "bool modifier can only be used on comparison operators".to_owned(),
        );
        say(
            is_comparison && !matching.is_bool && sides == [Type::Scalar; 2],
            "comparisons between scalars must use BOOL modifier".to_owned(),
        );
        for label in matching.labels.iter().filter(|_| matching.is_on) {
            say(
                matching.included.contains(label),
                format!("label {label:?} must not occur in ON and GROUP clause at once"),
            );
        }
        say(
            sides.iter().any(|side| !matches!(side, Type::Scalar | Type::Vector)),
            "binary expression must contain only scalar and instant vector types".to_owned(),
        );
        say(
            !are_vectors && !matching.labels.is_empty(),
            "vector matching only allowed between instant vectors".to_owned(),
        );
        say(
            are_vectors && is_set && matching.is_grouped,
            format!("no grouping allowed for {operator:?} operation"),
        );
        say(
            has_scalar && is_set,
            format!("set operator {operator:?} not allowed in binary scalar expression"),
        );
        let gives = match sides {
            [Type::Scalar, Type::Scalar] => Type::Scalar,
            _ => Type::Vector,
        };
        Node::new(gives, Form::Other)
    }

    /// Reads `[5m]` or `[1h:5m]`.
    pub(super) fn range(&mut self, start: usize, node: Node) -> Result<Node, Fault> {
        self.step();
        self.positive("subquery or range selector")?;
        if self.is_at(":") {
            self.step();
            if !self.is_at("]") {
                self.positive("subquery selector")?;
            }
            if !self.take("]") {
                return self.unexpected("subquery selector", "\"]\"");
            }
            if node.gives != Type::Vector {
                let got = match node.gives {
                    Type::Matrix => "matrix",
                    other => other.name(),
                };
                self.later(
                    start,
                    format!("subquery is only allowed on instant vector, got {got} instead"),
                );
            }
            return Ok(Node::new(Type::Matrix, Form::Range));
        }
        if !self.take("]") {
            return self.unexpected("subquery or range", "\":\" or \"]\"");
        }
        let message = match node {
            Node {
                form: Form::Selector,
                is_shifted: false,
                has_moment: false,
                ..
            } => None,
            Node {
                form: Form::Selector,
                is_shifted: true,
                ..
            } => Some("no offset modifiers allowed before range"),
            Node {
                form: Form::Selector, ..
            } => Some("no @ modifiers allowed before range"),
            _ => Some("ranges only allowed for vector selectors"),
        };
        match message {
            Some(message) => Err(Fault::new(start, message)),
            None => Ok(Node {
                gives: Type::Matrix,
                form: Form::Range,
                ..node
            }),
        }
    }

    fn positive(&mut self, context: &str) -> Result<(), Fault> {
        let position = self.position();
        let length = self.length(context, "number, duration, step(), or range()")?;
        if length > 0.0 {
            return Ok(());
        }
        Err(Fault::new(position, "duration must be greater than 0"))
    }

    /// Reads a length of time with signs in front.
    fn length(&mut self, context: &str, expected: &str) -> Result<f64, Fault> {
        let mut sign = 1.0;
        while self.is_at("-") || self.is_at("+") {
            if self.is_at("-") {
                sign = -sign;
            }
            self.step();
        }
        let position = self.position();
        match self.token() {
            Token::Number(number) if number.abs() <= LONGEST => {
                let length = sign * number;
                self.step();
                Ok(length)
            }
            Token::Number(_) => Err(Fault::new(position, "duration out of range")),
            Token::Sign("(") => Err(Fault::new(position, "experimental duration expression is not enabled")),
            Token::Word(word)
                if ["step", "range", "max_of", "min_of"].contains(&word.to_ascii_lowercase().as_str()) =>
            {
                Err(Fault::new(position, "experimental duration expression is not enabled"))
            }
            _ => self.unexpected(context, expected),
        }
    }

    pub(super) fn offset(&mut self, start: usize, node: &mut Node) -> Result<(), Fault> {
        let follows = self.tokens.get(self.next + 1).map(|(token, _)| token);
        // With a sign in front, a length may stand in parentheses.
        let is_wrapped = (self.is_at("-") || self.is_at("+")) && follows == Some(&Token::Sign("("));
        self.next += if is_wrapped { 2 } else { 0 };
        let length = self.length("offset", "number, duration, step(), or range()")?;
        if is_wrapped && !self.take(")") {
            return self.unexpected("offset", "");
        }
        let message = match node.form {
            Form::Selector | Form::Range if node.is_shifted => "offset may not be set multiple times",
            Form::Selector | Form::Range => {
                node.is_shifted = length != 0.0;
                return Ok(());
            }
            _ => {
                "offset modifier must be preceded by an instant vector selector or range vector selector or a subquery"
            }
        };
        Err(Fault::new(start, message))
    }

    /// Reads `@ 1609746000` or `@ end()`.
    pub(super) fn moment(&mut self, start: usize, node: &mut Node) -> Result<(), Fault> {
        let is_edge = self.take_word("start") || self.take_word("end");
        let mut is_bounded = true;
        if is_edge {
            if !(self.take("(") && self.take(")")) {
                return self.unexpected("@", "timestamp");
            }
        } else {
            let _ = self.take("-") || self.take("+");
            let Token::Number(number) = self.token() else {
                return self.unexpected("@", "timestamp");
            };
            is_bounded = number.abs() < i64::MAX as f64;
            self.step();
        }
        let message = match node.form {
            _ if !is_bounded => "timestamp out of bounds for @ modifier",
            Form::Selector | Form::Range if node.has_moment || node.has_edge => {
                "@ <timestamp> may not be set multiple times"
            }
            Form::Selector | Form::Range => {
                node.has_moment = !is_edge;
                node.has_edge = is_edge;
                return Ok(());
            }
            _ => "@ modifier must be preceded by an instant vector selector or range vector selector or a subquery",
        };
        Err(Fault::new(start, message))
    }
}

/// Go's nanoseconds in seconds.
const LONGEST: f64 = i64::MAX as f64 / 1e9;
