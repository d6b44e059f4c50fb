//! What is wrong with an object, and where.
//!
//! A place is printed as the server prints it, `spec.ports[0].name`, and as a JSON pointer. Nothing is allocated for a
//! place until something is wrong there.

use std::fmt;

/// One thing that the server would refuse.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// JSON pointer of the value, or of the object that lacks it.
    pub pointer: String,
    /// Kebab-case name of the violation.
    pub code: &'static str,
    /// What is wrong, with the field's path, as the server says it.
    pub message: String,
    /// What to write instead, when there is more to say than the code's page does.
    pub help: Option<String>,
}

/// A code that has a page.
#[derive(Clone, Copy)]
pub(super) struct Code(pub(super) &'static str);

/// The codes of this room.
pub(super) mod code {
    use super::Code;

    pub(in crate::schema) const MISSING: Code = Code("missing-object-field");
    pub(in crate::schema) const UNKNOWN_FIELD: Code = Code("unknown-object-field");
    pub(in crate::schema) const WRONG_TYPE: Code = Code("wrong-object-type");
    pub(in crate::schema) const UNKNOWN_VALUE: Code = Code("unknown-object-value");
    pub(in crate::schema) const BAD_FORMAT: Code = Code("bad-object-format");
    pub(in crate::schema) const OUT_OF_RANGE: Code = Code("object-value-out-of-range");
    pub(in crate::schema) const NO_ALTERNATIVE: Code = Code("no-matching-alternative");
    pub(in crate::schema) const FIELD_TOO_NEW: Code = Code("field-too-new");
    pub(in crate::schema) const API_TOO_NEW: Code = Code("api-too-new");
    pub(in crate::schema) const REMOVED_API: Code = Code("removed-api");
    pub(in crate::schema) const DEPRECATED_API: Code = Code("deprecated-api");
    pub(in crate::schema) const RULE_FAILED: Code = Code("definition-rule-failed");
    pub(in crate::schema) const BAD_RULE: Code = Code("bad-definition-rule");
    pub(in crate::schema) const DUPLICATE: Code = Code("duplicate-list-key");
}

/// The way from the object to a value.
#[derive(Clone, Copy)]
pub(crate) struct Place<'p> {
    parent: Option<&'p Place<'p>>,
    step: Step<'p>,
}

/// One step of the way.
#[derive(Clone, Copy)]
enum Step<'p> {
    Object,
    Field(&'p str),
    Key(&'p str),
    Index(usize),
}

impl<'p> Place<'p> {
    /// The object itself.
    pub(crate) const OBJECT: Self = Self {
        parent: None,
        step: Step::Object,
    };

    /// A field of the object at this place.
    pub(crate) fn field(&'p self, name: &'p str) -> Self {
        self.then(Step::Field(name))
    }

    /// A value of the map at this place.
    pub(crate) fn key(&'p self, name: &'p str) -> Self {
        self.then(Step::Key(name))
    }

    /// An item of the list at this place.
    pub(crate) fn index(&'p self, index: usize) -> Self {
        self.then(Step::Index(index))
    }

    fn then(&'p self, step: Step<'p>) -> Self {
        Self {
            parent: Some(self),
            step,
        }
    }

    /// Tells whether it is the object itself.
    pub(super) fn is_object(&self) -> bool {
        self.parent.is_none()
    }

    /// Tells whether it is a field of the object itself.
    pub(super) fn is_top(&self) -> bool {
        self.parent.is_some_and(|parent| parent.parent.is_none())
    }

    pub(crate) fn pointer(&self) -> String {
        let mut pointer = self.parent.map(Place::pointer).unwrap_or_default();
        match self.step {
            Step::Object => {}
            Step::Field(name) | Step::Key(name) => {
                pointer.push('/');
                pointer.push_str(&name.replace('~', "~0").replace('/', "~1"));
            }
            Step::Index(index) => pointer.push_str(&format!("/{index}")),
        }
        pointer
    }

    /// The way with dots all along, as the messages of custom resources have it.
    pub(super) fn dotted(&self) -> String {
        let mut path = self.parent.map(Place::dotted).unwrap_or_default();
        match self.step {
            Step::Object => {}
            Step::Field(name) | Step::Key(name) => {
                if !path.is_empty() {
                    path.push('.');
                }
                path.push_str(name);
            }
            Step::Index(index) => path.push_str(&format!("[{index}]")),
        }
        path
    }
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(parent) = self.parent else { return Ok(()) };
        parent.fmt(out)?;
        match self.step {
            Step::Object => Ok(()),
            Step::Field(name) if matches!(parent.step, Step::Object) => out.write_str(name),
            Step::Field(name) => write!(out, ".{name}"),
            Step::Key(name) => write!(out, "[{name}]"),
            Step::Index(index) => write!(out, "[{index}]"),
        }
    }
}

/// The problems found so far.
#[derive(Default)]
pub(super) struct Problems(pub(super) Vec<Problem>);

impl Problems {
    /// Adds a problem whose message is the place and what is wrong there.
    pub(super) fn at(&mut self, place: &Place<'_>, code: Code, message: impl fmt::Display) -> Helped<'_> {
        let message = match place.parent {
            Some(_) => format!("{place}: {message}"),
            None => message.to_string(),
        };
        self.raw(place, code, message)
    }

    /// Adds a problem with its whole message.
    pub(super) fn raw(&mut self, place: &Place<'_>, code: Code, message: String) -> Helped<'_> {
        self.0.push(Problem {
            pointer: place.pointer(),
            code: code.0,
            message,
            help: None,
        });
        Helped(self.0.last_mut())
    }
}

/// The problem that was just added.
pub(super) struct Helped<'p>(Option<&'p mut Problem>);

impl Helped<'_> {
    /// Says what to write instead.
    pub(super) fn help(self, help: impl Into<Option<String>>) {
        if let Some(problem) = self.0 {
            problem.help = help.into();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_printed_for_people_and_for_programs() {
        let object = Place::OBJECT;
        let (spec, labels) = (object.field("spec"), object.field("labels"));
        let ports = spec.field("ports");
        let port = ports.index(2);
        let name = port.field("name");
        let key = labels.key("app/name");
        assert_eq!(
            (name.to_string().as_str(), name.pointer().as_str()),
            ("spec.ports[2].name", "/spec/ports/2/name")
        );
        assert_eq!(
            (key.to_string().as_str(), key.pointer().as_str()),
            ("labels[app/name]", "/labels/app~1name")
        );
        assert_eq!((object.to_string().as_str(), object.pointer().as_str()), ("", ""));
    }
}
