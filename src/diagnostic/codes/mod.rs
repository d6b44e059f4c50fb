//! The pages behind the codes of findings: what each means, why it matters and what to do about it.
//!
//! One record per code, grouped by the room that says it; `formwork explain CODE` prints a record, SARIF carries it.
//! A code that is missing here still works in a finding, it only has no page.

mod admission;
mod formats;
mod object;
mod output;
mod page;
mod policy;
mod resolve;
mod schema;
mod structure;
mod waiver;
mod yaml;

use std::sync::LazyLock;

pub use page::Page;

/// The page of one code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Code {
    /// Kebab-case name of the violation, as findings carry it.
    pub id: &'static str,
    /// What was found: a lowercase phrase without full stop.
    pub title: &'static str,
    /// Why that is a problem, in whole sentences.
    pub why: &'static str,
    /// The remedy: a lowercase imperative without full stop.
    pub fix: &'static str,
    /// The smallest example that is refused.
    pub bad: &'static str,
    /// The same example, accepted.
    pub good: &'static str,
}

/// Every code, sorted by its id.
pub static CODES: LazyLock<Vec<&'static Code>> = LazyLock::new(|| {
    let rooms = [
        yaml::CODES,
        schema::CODES,
        waiver::CODES,
        formats::CODES,
        resolve::CODES,
        output::CODES,
        policy::CODES,
        object::CODES,
        admission::CODES,
        structure::CODES,
    ];
    let mut codes: Vec<&Code> = rooms.into_iter().flatten().collect();
    codes.sort_by_key(|code| code.id);
    codes
});

/// Returns the page of a code.
pub fn find(id: &str) -> Option<&'static Code> {
    let index = CODES.binary_search_by_key(&id, |code| code.id).ok()?;
    CODES.get(index).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[test]
    fn codes_are_unique_kebab_case_and_complete() {
        assert!(
            CODES.is_sorted_by(|one, next| one.id < next.id),
            "two records share an id"
        );
        for code in CODES.iter() {
            let kebab = code.id.split('-').all(|word| {
                !word.is_empty()
                    && word
                        .chars()
                        .all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit())
            });
            assert!(kebab, "`{}` is not kebab-case", code.id);
            for text in [code.title, code.why, code.fix, code.bad, code.good] {
                assert!(
                    !text.trim().is_empty() && text == text.trim(),
                    "`{}` has an empty or ragged text",
                    code.id
                );
            }
            assert!(
                !code.title.ends_with('.') && !code.fix.ends_with('.'),
                "`{}` has a phrase with full stop",
                code.id
            );
            assert!(code.why.ends_with('.'), "`{}` does not say why in sentences", code.id);
            assert_ne!(code.bad, code.good, "`{}` shows no difference", code.id);
        }
    }

    #[test]
    fn good_examples_are_yaml() {
        for code in CODES.iter() {
            for document in serde_yaml::Deserializer::from_str(code.good) {
                let parsed = serde_yaml::Value::deserialize(document);
                assert!(parsed.is_ok(), "the good example of `{}`: {parsed:?}", code.id);
            }
        }
    }

    #[test]
    fn a_code_is_found() {
        assert_eq!(find("unknown-field").map(|code| code.id), Some("unknown-field"));
        assert_eq!(find("unknown-feild"), None);
    }
}
