//! Everything that a reference may name, sorted, so that it is found by group, kind, namespace and name.

use std::borrow::Cow;
use std::cmp::Ordering;

use super::products::Product;

/// What a reference names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct End<'e> {
    /// API group, empty for the core group.
    pub group: &'e str,
    /// Kind.
    pub kind: &'e str,
    /// Namespace; empty for what lies in none.
    pub namespace: &'e str,
    /// Name.
    pub name: &'e str,
}

/// Group, kind, namespace and name.
pub(super) type Key<'a> = (&'a str, &'a str, &'a str, Cow<'a, str>);

/// All ends at hand; an end that two objects have or make is there twice.
#[derive(Default)]
pub(super) struct Ends<'a> {
    keys: Vec<Key<'a>>,
    products: Vec<Product<'a>>,
}

impl<'a> Ends<'a> {
    pub(super) fn new(mut ends: Vec<(Key<'a>, Product<'a>)>) -> Self {
        // Stable: what was given first comes first.
        ends.sort_by(|(one, _), (other, _)| one.cmp(other));
        let (keys, products) = ends.into_iter().unzip();
        Self { keys, products }
    }

    pub(super) fn find(&self, end: End<'_>) -> &[Product<'a>] {
        let order = |key: &Key<'_>| as_end(key).cmp(&end);
        self.between(
            |key| order(key) == Ordering::Less,
            |key| order(key) != Ordering::Greater,
        )
        .1
    }

    /// All names of a kind in a namespace.
    pub(super) fn names(&self, group: &str, kind: &str, namespace: &str) -> Vec<&str> {
        let order = |key: &Key<'_>| (key.0, key.1, key.2).cmp(&(group, kind, namespace));
        let (keys, _) = self.between(
            |key| order(key) == Ordering::Less,
            |key| order(key) != Ordering::Greater,
        );
        let mut names: Vec<&str> = keys.iter().map(|key| key.3.as_ref()).collect();
        names.dedup();
        names
    }

    /// All ends of a kind, each with its name and what is or makes it.
    pub(super) fn of(&self, group: &str, kind: &str) -> Vec<(&str, &[Product<'a>])> {
        let order = |key: &Key<'_>| (key.0, key.1).cmp(&(group, kind));
        let (keys, mut rest) = self.between(
            |key| order(key) == Ordering::Less,
            |key| order(key) != Ordering::Greater,
        );
        let mut found = Vec::new();
        for same in keys.chunk_by(|one, next| one == next) {
            let (products, behind) = rest.split_at_checked(same.len()).unwrap_or((rest, &[]));
            rest = behind;
            found.extend(same.first().map(|key| (key.3.as_ref(), products)));
        }
        found
    }

    fn between(
        &self,
        before: impl Fn(&Key<'a>) -> bool,
        until: impl Fn(&Key<'a>) -> bool,
    ) -> (&[Key<'a>], &[Product<'a>]) {
        let range = self.keys.partition_point(before)..self.keys.partition_point(until);
        let keys = self.keys.get(range.clone()).unwrap_or_default();
        (keys, self.products.get(range).unwrap_or_default())
    }
}

fn as_end<'e>(key: &'e Key<'_>) -> End<'e> {
    End {
        group: key.0,
        kind: key.1,
        namespace: key.2,
        name: &key.3,
    }
}
