//! What the published documents do not say of built-in kinds, from `facts.txt`: the only values of a field, which
//! fields must really be there, and which versions of the API were removed.
//!
//! A fact is there because a server was seen to refuse or to accept.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

/// The facts, one a line.
const DATA: &str = include_str!("facts.txt");

/// A field of a type, by the names in `kubernetes.txt`.
type Place = (&'static str, &'static str);

/// All facts.
#[derive(Debug, Default)]
pub(super) struct Facts {
    values: BTreeMap<Place, Vec<&'static str>>,
    optional: BTreeSet<Place>,
    required: BTreeSet<Place>,
    removals: Vec<Removal>,
}

/// A version of the API that is gone, or going.
#[derive(Debug)]
pub(super) struct Removal {
    api_version: &'static str,
    kinds: Vec<&'static str>,
    /// The minor version of Kubernetes that deprecated it.
    pub(super) deprecated: u32,
    /// The one that removed it.
    pub(super) removed: Option<u32>,
    /// What to use instead.
    pub(super) replacement: Option<&'static str>,
}

/// The facts, read once.
pub(super) static FACTS: LazyLock<Facts> = LazyLock::new(Facts::read);

impl Facts {
    fn read() -> Self {
        let mut facts = Self::default();
        for line in DATA.lines() {
            let mut words = line.split(' ');
            let subject = words.next();
            let (Some(of), Some(field)) = (words.next(), words.next()) else {
                continue;
            };
            match subject {
                Some("values") => drop(facts.values.insert((of, field), words.collect())),
                Some("optional") => drop(facts.optional.insert((of, field))),
                Some("required") => drop(facts.required.insert((of, field))),
                Some("api") => facts.removals.push(Removal {
                    api_version: of,
                    kinds: field.split(',').collect(),
                    deprecated: words.next().and_then(|minor| minor.parse().ok()).unwrap_or_default(),
                    removed: words.next().and_then(|minor| minor.parse().ok()),
                    replacement: words.next().filter(|replacement| *replacement != "-"),
                }),
                _ => {}
            }
        }
        facts
    }

    /// The only values of a text, or of the items of a list of texts; empty when there are others.
    pub(super) fn values(&self, of: &'static str, field: &'static str) -> &[&'static str] {
        self.values.get(&(of, field)).map_or(&[], Vec::as_slice)
    }

    /// Tells whether a field must be there, of which the documents say whether they require it.
    pub(super) fn requires(&self, of: &'static str, field: &'static str, documented: bool) -> bool {
        let place = (of, field);
        (documented && !self.optional.contains(&place)) || self.required.contains(&place)
    }

    /// What is known of a version of the API that comes to an end.
    pub(super) fn removal(&self, api_version: &str, kind: &str) -> Option<&Removal> {
        let mut removals = self.removals.iter();
        removals.find(|removal| removal.api_version == api_version && removal.kinds.contains(&kind))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The fields in the documents, and whether they are required.
    fn documented() -> BTreeMap<Place, bool> {
        let mut of = "";
        let mut fields = BTreeMap::new();
        for line in include_str!("kubernetes.txt").lines() {
            let words: Vec<&'static str> = line.split(' ').collect();
            match *words.as_slice() {
                ["type", name, ..] => of = name,
                ["", field, ..] => drop(fields.insert((of, field), words.contains(&"required"))),
                _ => {}
            }
        }
        fields
    }

    #[test]
    fn a_fact_is_about_a_field_and_says_something_new() {
        let documented = documented();
        assert!(FACTS.values.len() > 80 && FACTS.removals.len() > 30);
        for place in FACTS.values.keys() {
            assert!(documented.contains_key(place), "{place:?}");
        }
        for place in &FACTS.optional {
            assert_eq!(documented.get(place), Some(&true), "{place:?}");
        }
        for place in &FACTS.required {
            assert_eq!(documented.get(place), Some(&false), "{place:?}");
        }
    }
}
