//! The findings about YAML that is well-formed and still refused, and the bound on their number.
//!
//! Every one names what was written and how to write it instead.

use std::ops::Range;
use std::sync::Arc;

use crate::diagnostic::{Finding, Location, Source};

/// How many findings of one file are shown: enough to mend a file by, and a bound for hostile ones.
pub const MAXIMUM_FINDINGS: usize = 50;

/// The findings of one file.
pub(super) struct Findings<'a> {
    source: &'a Arc<Source>,
    shown: Vec<Finding>,
    hidden: usize,
    first_hidden: Range<usize>,
}

impl<'a> Findings<'a> {
    /// Returns an empty list for a file.
    pub(super) fn new(source: &'a Arc<Source>) -> Self {
        Self {
            source,
            shown: Vec::new(),
            hidden: 0,
            first_hidden: 0..0,
        }
    }

    /// Adds the finding about a range of the text; beyond the bound it is only counted and not even built.
    pub(super) fn add(&mut self, span: Range<usize>, finding: impl FnOnce() -> Finding) {
        if self.shown.len() < MAXIMUM_FINDINGS {
            self.shown.push(finding().at(Location {
                source: Arc::clone(self.source),
                span,
            }));
            return;
        }
        if self.hidden == 0 {
            self.first_hidden = span;
        }
        self.hidden += 1;
    }

    /// Returns how many findings there are, shown or not.
    pub(super) fn count(&self) -> usize {
        self.shown.len() + self.hidden
    }

    /// Returns where the list ends now.
    pub(super) fn mark(&self) -> (usize, usize) {
        (self.shown.len(), self.hidden)
    }

    /// Forgets what was added after a mark.
    pub(super) fn reset(&mut self, (shown, hidden): (usize, usize)) {
        self.shown.truncate(shown);
        self.hidden = hidden;
    }

    /// Returns the findings in the order of the text; the last one says how many more there are.
    pub(super) fn finish(mut self) -> Vec<Finding> {
        // The parser names an anchor after the value that it stands before.
        self.shown
            .sort_by_key(|finding| finding.location.as_ref().map(|location| location.span.start));
        if self.hidden > 0 {
            let message = format!("{} more findings in this file are not shown", self.hidden);
            let location = Location {
                source: Arc::clone(self.source),
                span: self.first_hidden,
            };
            let finding = Finding::error("too-many-findings", message);
            self.shown.push(finding.help("correct those above first").at(location));
        }
        self.shown
    }
}

/// Refuses a spelling that readers disagree about; `meaning` is what else than text may be meant.
pub(super) fn ambiguous_scalar(text: &str, meaning: Option<&str>) -> Finding {
    let message = format!(
        "unquoted `{}` means different things to different YAML readers",
        excerpt(text)
    );
    let help = match meaning {
        Some(meaning) => format!("{} for the text or {meaning}", quote(text)),
        None => quote(text),
    };
    Finding::error("ambiguous-scalar", message).help(help)
}

/// Refuses a key that is not text; `what` says what it is.
pub(super) fn non_string_key(text: &str, what: &str) -> Finding {
    Finding::error("non-string-key", format!("key `{}` is {what}, not text", excerpt(text))).help(quote(text))
}

/// Refuses a key that is not written as one line of text; `what` says what it is.
pub(super) fn shapeless_key(what: &str) -> Finding {
    Finding::error("non-string-key", format!("key {what}")).help("write the key as text on one line, `key: value`")
}

/// Refuses the second of two equal keys.
pub(super) fn duplicate_key(key: &str, first: Option<Location>) -> Finding {
    let finding = Finding::error("duplicate-key", format!("key `{}` is defined twice", excerpt(key)))
        .help("remove one of the two, or rename it");
    match first {
        Some(first) => finding.with(first, "first defined here"),
        None => finding,
    }
}

/// Refuses `<<`.
pub(super) fn merge_key() -> Finding {
    Finding::error("merge-key", "merge key `<<` is not accepted").help("write the merged fields out")
}

/// Refuses `&name` or `*name`; hosts such as `*.example.com` are the usual accident.
pub(super) fn anchor_or_alias(what: &str, written: &str) -> Finding {
    Finding::error(
        "anchor-or-alias",
        format!("{what} `{}` is not accepted", excerpt(written)),
    )
    .help(format!(
        "write the value out where it is needed; if `{}` is text, quote it",
        excerpt(written)
    ))
}

/// Refuses `!tag`.
pub(super) fn tag(written: &str) -> Finding {
    Finding::error("tag", format!("tag `{}` is not accepted", excerpt(written)))
        .help("remove it; quote the value to keep it as text")
}

/// Refuses nesting that no input needs and that exhausts the stack of whoever walks it.
pub(super) fn too_deep(limit: usize) -> Finding {
    Finding::error("too-deep", format!("more than {limit} levels of nesting")).help("flatten the lists and mappings")
}

/// Refuses an alias of a manifest that no anchor above it explains; a host such as `*.example.com` is the usual accident.
pub(super) fn unknown_anchor(written: &str) -> Finding {
    let name = excerpt(written);
    let message = format!("alias `{name}` has no anchor above it");
    let help = format!("set the anchor first; if `{name}` is text, quote it");
    Finding::error("anchor-or-alias", message).help(help)
}

/// Refuses aliases that repeat more than any server would store.
pub(super) fn too_many_repetitions() -> Finding {
    let message = "the aliases of this file repeat too much of it";
    Finding::error("anchor-or-alias", message).help("write the values out where they are needed")
}

/// Refuses `<<` with anything but mappings.
pub(super) fn merge_of_no_mapping() -> Finding {
    let message = "`<<` takes over the fields of mappings only";
    Finding::error("merge-key", message).help("give it an alias of a mapping, or a list of such")
}

/// Refuses `<<` below a field that it would set to something else.
pub(super) fn merge_after(key: &str) -> Finding {
    let key = excerpt(key);
    let message =
        format!("`<<` also sets `{key}`, which is set above it: tools disagree about which of the two counts");
    Finding::error("merge-key", message).help(format!("put `<<` first, or remove `{key}`"))
}

/// Refuses a number that JSON cannot express, hence no server can be told.
pub(super) fn not_in_json(text: &str) -> Finding {
    let message = format!("`{}` is no number that a server can be told", excerpt(text));
    Finding::error("ambiguous-scalar", message).help(quote(text))
}

/// Refuses a value that is not what its tag says.
pub(super) fn mistagged(text: &str) -> Finding {
    let message = format!("`{}` is not what its tag says", excerpt(text));
    Finding::error("tag", message).help("correct the value, or remove the tag")
}

/// Shortens what is shown of a text to one line.
pub(super) fn excerpt(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    match line.char_indices().nth(40) {
        Some((end, _)) => format!("{}…", line.get(..end).unwrap_or_default()),
        None => line.to_owned(),
    }
}

/// Shows how to write an unquoted scalar as text; none of those that are refused holds a quote or a backslash.
fn quote(text: &str) -> String {
    format!("write `\"{}\"`", excerpt(text))
}

#[cfg(test)]
mod tests {
    use super::super::parse;
    use super::super::tests::{show, source};
    use super::*;

    #[test]
    fn refuses_what_readers_disagree_about() {
        insta::assert_snapshot!(show("on: 1\na: no\nb: [0644, x, ~]\nc: {d: 1:30}\n010: x\ne: =\nf: <<\ng: 'no'\n"), @r#"
        1:1 "on" ambiguous-scalar: unquoted `on` means different things to different YAML readers (write `"on"`)
        2:4 "no" ambiguous-scalar: unquoted `no` means different things to different YAML readers (write `"no"` for the text or `false` for the boolean)
        3:5 "0644" ambiguous-scalar: unquoted `0644` means different things to different YAML readers (write `"0644"` for the text or `644` or `420` for the number)
        3:14 "~" ambiguous-scalar: unquoted `~` means different things to different YAML readers (write `"~"` for the text or `null` for nothing)
        4:8 "1:30" ambiguous-scalar: unquoted `1:30` means different things to different YAML readers (write `"1:30"`)
        5:1 "010" ambiguous-scalar: unquoted `010` means different things to different YAML readers (write `"010"`)
        6:4 "=" ambiguous-scalar: unquoted `=` means different things to different YAML readers (write `"="`)
        7:4 "<<" ambiguous-scalar: unquoted `<<` means different things to different YAML readers (write `"<<"`)
        "#);
    }

    #[test]
    fn refuses_keys_that_are_not_one_line_of_text() {
        insta::assert_snapshot!(
            show("1: a\ntrue: b\nnull: c\n? [d]\n: e\n{f: 1}: g\n? |\n  h\n: i\n? j\n  k\n: l\n: m\n1.5: no\n"),
            @r#"
        1:1 "1" non-string-key: key `1` is a number, not text (write `"1"`)
        2:1 "true" non-string-key: key `true` is a boolean, not text (write `"true"`)
        3:1 "null" non-string-key: key `null` is null, not text (write `"null"`)
        4:3 "[" non-string-key: key is a list, not text (write the key as text on one line, `key: value`)
        6:1 "{" non-string-key: key is a mapping, not text (write the key as text on one line, `key: value`)
        8:3 "h" non-string-key: key spans several lines (write the key as text on one line, `key: value`)
        10:3 "j" non-string-key: key spans several lines (write the key as text on one line, `key: value`)
        13:1 "" non-string-key: key is empty (write the key as text on one line, `key: value`)
        14:1 "1.5" non-string-key: key `1.5` is a number, not text (write `"1.5"`)
        14:6 "no" ambiguous-scalar: unquoted `no` means different things to different YAML readers (write `"no"` for the text or `false` for the boolean)
        "#
        );
    }

    #[test]
    fn refuses_duplicate_keys_and_shows_the_first() {
        let (documents, findings) = parse(&source(
            "x: {a: 0}\nz:\n  a: 1\n  b: {a: 2}\n  \"a\": 3\n  'a': {z: no}\n",
        ));
        assert!(documents.is_empty());
        let places = |finding: &Finding| -> Vec<(usize, usize)> {
            let related = finding.related.iter().map(|(location, _)| location);
            finding
                .location
                .iter()
                .chain(related)
                .map(|location| (location.line(), location.column()))
                .collect()
        };
        let codes: Vec<_> = findings
            .iter()
            .map(|finding| (&*finding.code, places(finding)))
            .collect();
        assert_eq!(
            codes,
            [
                ("duplicate-key", vec![(5, 3), (3, 3)]),
                ("duplicate-key", vec![(6, 3), (3, 3)]),
                ("ambiguous-scalar", vec![(6, 12)]),
            ]
        );
        assert_eq!(findings[0].related[0].1, "first defined here");
    }

    #[test]
    fn refuses_references_tags_and_merges() {
        insta::assert_snapshot!(
            show("a: &x [1]\nb: *x\nhost: *.example.com\nc: !!str 1\nd: !\ne: {<<: *x, f: !!binary no}\n*x : 1\n&k g: !<t> {h: 1}\n"),
            @r#"
        1:4 "&x" anchor-or-alias: anchor `&x` is not accepted (write the value out where it is needed; if `&x` is text, quote it)
        2:4 "*x" anchor-or-alias: alias `*x` is not accepted (write the value out where it is needed; if `*x` is text, quote it)
        3:7 "*.example.com" anchor-or-alias: alias `*.example.com` is not accepted (write the value out where it is needed; if `*.example.com` is text, quote it)
        4:4 "!!str" tag: tag `!!str` is not accepted (remove it; quote the value to keep it as text)
        5:4 "!" tag: tag `!` is not accepted (remove it; quote the value to keep it as text)
        6:5 "<<" merge-key: merge key `<<` is not accepted (write the merged fields out)
        6:9 "*x" anchor-or-alias: alias `*x` is not accepted (write the value out where it is needed; if `*x` is text, quote it)
        6:16 "!!binary" tag: tag `!!binary` is not accepted (remove it; quote the value to keep it as text)
        7:1 "*x" anchor-or-alias: alias `*x` is not accepted (write the value out where it is needed; if `*x` is text, quote it)
        8:1 "&k" anchor-or-alias: anchor `&k` is not accepted (write the value out where it is needed; if `&k` is text, quote it)
        8:7 "!<t>" tag: tag `!<t>` is not accepted (remove it; quote the value to keep it as text)
        "#
        );
    }
}
