//! A walk over every text of an object, with its place.
//!
//! A place costs nothing until it is asked for, since most texts are no finding.

use serde_json::Value;

/// Where a text stands: the step from the value around it.
#[derive(Clone, Copy)]
pub(super) struct Field<'a> {
    /// The place of the value around it; nothing at the top.
    above: Option<&'a Field<'a>>,
    step: Step<'a>,
    /// The map or list around it.
    pub(super) around: &'a Value,
}

#[derive(Clone, Copy)]
enum Step<'a> {
    Key(&'a str),
    Index(usize),
}

impl<'a> Field<'a> {
    /// The name of the field; nothing for an item of a list.
    pub(super) fn key(&self) -> Option<&'a str> {
        match self.step {
            Step::Key(key) => Some(key),
            Step::Index(_) => None,
        }
    }

    /// The position in the list; nothing for a field.
    pub(super) fn index(&self) -> Option<usize> {
        match self.step {
            Step::Index(index) => Some(index),
            Step::Key(_) => None,
        }
    }

    /// The field that the map or list around it is.
    pub(super) fn above(&self) -> Option<&'a Field<'a>> {
        self.above
    }

    /// The JSON pointer.
    pub(super) fn pointer(&self) -> String {
        let above = self.above.map(Field::pointer).unwrap_or_default();
        match self.step {
            Step::Key(key) => format!("{above}/{}", key.replace('~', "~0").replace('/', "~1")),
            Step::Index(index) => format!("{above}/{index}"),
        }
    }
}

/// Shows every text of a value.
pub(super) fn texts(value: &Value, visit: &mut impl FnMut(&Field<'_>, &str)) {
    walk(value, None, visit);
}

fn walk<F: FnMut(&Field<'_>, &str)>(around: &Value, above: Option<&Field<'_>>, visit: &mut F) {
    let mut step = |step, value: &Value| {
        let field = Field { above, step, around };
        match value {
            Value::String(text) => visit(&field, text),
            Value::Object(_) | Value::Array(_) => walk(value, Some(&field), visit),
            _ => {}
        }
    };
    match around {
        Value::Object(fields) => fields.iter().for_each(|(key, value)| step(Step::Key(key), value)),
        Value::Array(items) => {
            let items = items.iter().enumerate();
            items.for_each(|(index, value)| step(Step::Index(index), value));
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_text_has_its_place() {
        let value = json!({"a": [{"b/c": "one"}, 2, "three"], "d": {"e": null, "f": "four"}});
        let mut found = Vec::new();
        texts(&value, &mut |field, text| {
            assert_eq!(value.pointer(&field.pointer()).unwrap(), text);
            found.push(format!("{}={text}", field.pointer()));
        });
        assert_eq!(found, ["/a/0/b~1c=one", "/a/2=three", "/d/f=four"]);
    }
}
