//! How the rules of this room read an object and name a place in it.
//!
//! A value of the wrong type reads as one that is absent: the structure is judged elsewhere, and nothing here panics on it.

use serde_json::{Map, Value};

use crate::schema::Place;

/// What leads from a place to one below it: the name of a field, or the position in a list.
pub(super) trait Step<'p> {
    /// Returns the place below.
    fn below(self, place: &'p Place<'p>) -> Place<'p>;
}

impl<'p> Step<'p> for &'p str {
    fn below(self, place: &'p Place<'p>) -> Place<'p> {
        place.field(self)
    }
}

impl<'p> Step<'p> for &'p String {
    fn below(self, place: &'p Place<'p>) -> Place<'p> {
        place.field(self)
    }
}

impl<'p> Step<'p> for usize {
    fn below(self, place: &'p Place<'p>) -> Place<'p> {
        place.index(self)
    }
}

/// Names a place by its steps from the object, `place!("spec", "rules", 3)`, for as long as the statement lasts; with
/// `place!(let place = "spec", "rules")`, for the rest of the block; with `in place;` in front, from another place.
macro_rules! place {
    (let $name:ident = $($step:expr),+) => {
        let $name = $crate::schema::Place::OBJECT;
        $(let $name = $crate::server::operators::read::Step::below($step, &$name);)+
        let $name = &$name;
    };
    (let $name:ident = in $place:expr; $($step:expr),+) => {
        let $name = *$place;
        $(let $name = $crate::server::operators::read::Step::below($step, &$name);)+
        let $name = &$name;
    };
    (@ $place:expr;) => { $place };
    (@ $place:expr; $step:expr $(, $rest:expr)*) => {
        $crate::server::operators::read::place!(@ &$crate::server::operators::read::Step::below($step, $place); $($rest),*)
    };
    (in $place:expr; $($step:expr),+) => { $crate::server::operators::read::place!(@ $place; $($step),+) };
    ($($step:expr),+) => { $crate::server::operators::read::place!(@ &$crate::schema::Place::OBJECT; $($step),+) };
}
pub(super) use place;

/// The value at the end of a path of fields; `null` is absence.
pub(super) fn at<'v>(value: &'v Value, path: &[&str]) -> Option<&'v Value> {
    let value = path.iter().try_fold(value, |value, field| value.get(*field))?;
    (!value.is_null()).then_some(value)
}

/// The text at the end of a path of fields, empty where there is none.
pub(super) fn text<'v>(value: &'v Value, path: &[&str]) -> &'v str {
    at(value, path).and_then(Value::as_str).unwrap_or_default()
}

/// The whole number at the end of a path of fields.
pub(super) fn number(value: &Value, path: &[&str]) -> Option<i64> {
    at(value, path)?.as_i64()
}

/// The truth value at the end of a path of fields.
pub(super) fn truth(value: &Value, path: &[&str]) -> Option<bool> {
    at(value, path)?.as_bool()
}

/// The items of the list at the end of a path of fields.
pub(super) fn items<'v>(value: &'v Value, path: &[&str]) -> &'v [Value] {
    at(value, path)
        .and_then(Value::as_array)
        .map(Vec::as_slice)
        .unwrap_or_default()
}

/// The texts of the list at the end of a path of fields.
pub(super) fn texts<'v>(value: &'v Value, path: &[&str]) -> impl Iterator<Item = &'v str> + Clone {
    items(value, path).iter().filter_map(Value::as_str)
}

/// The fields of the object at the end of a path of fields.
pub(super) fn map<'v>(value: &'v Value, path: &[&str]) -> Option<&'v Map<String, Value>> {
    at(value, path)?.as_object()
}

/// The value of an annotation.
pub(super) fn annotation<'v>(object: &'v Value, name: &str) -> Option<&'v str> {
    at(object, &["metadata", "annotations", name])?.as_str()
}

/// The positions at which a text stands that stood before.
pub(super) fn repeated<'v>(texts: impl Iterator<Item = &'v str> + Clone) -> impl Iterator<Item = (usize, &'v str)> {
    let earlier = texts.clone();
    texts
        .enumerate()
        .filter(move |(position, text)| earlier.clone().take(*position).any(|other| other == *text))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_not_of_the_type_is_absent() {
        let value = json!({"spec": {"name": 3, "list": {"a": 1}, "nothing": null, "count": 1.5}});
        assert_eq!(text(&value, &["spec", "name"]), "");
        assert_eq!(items(&value, &["spec", "list"]), [] as [Value; 0]);
        assert_eq!(at(&value, &["spec", "nothing"]), None);
        assert_eq!(number(&value, &["spec", "count"]), None);
        assert_eq!(number(&value, &["spec", "name"]), Some(3));
        assert_eq!(text(&value, &["spec", "name", "more"]), "");
    }

    #[test]
    fn a_place_is_named_by_its_steps() {
        let spec = Place::OBJECT.field("spec");
        assert_eq!(place!("spec", "rules", 3, "expr").to_string(), "spec.rules[3].expr");
        assert_eq!(place!(in &spec; "a", 0).to_string(), "spec.a[0]");
    }

    #[test]
    fn what_stands_twice_is_found_at_its_second_place() {
        let found: Vec<_> = repeated(["a", "b", "a", "a"].into_iter()).collect();
        assert_eq!(found, [(2, "a"), (3, "a")]);
    }
}
