//! What `check` shows of a stale file.
//!
//! Short enough for a terminal, and in the form that `patch` and every reviewer know.

use similar::TextDiff;

/// Returns the unified difference from `old` to `new`, cut after `max_lines` lines, with a final newline; empty when
/// the texts are equal.
pub fn short_diff(old: &str, new: &str, path: &str, max_lines: usize) -> String {
    let difference = TextDiff::from_lines(old, new);
    let names = (format!("a/{path}"), format!("b/{path}"));
    let text = difference
        .unified_diff()
        .context_radius(2)
        .header(&names.0, &names.1)
        .to_string();
    let more = text.lines().count().saturating_sub(max_lines);
    if more == 0 {
        return text;
    }
    let mut short: String = text.split_inclusive('\n').take(max_lines).collect();
    let plural = if more == 1 { "" } else { "s" };
    short.push_str(&format!("… {more} more line{plural}\n"));
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_what_changes() {
        let old = "kind: Deployment\nspec:\n  paused: false\n  replicas: 2\n";
        let new = "kind: Deployment\nspec:\n  paused: false\n  replicas: 3\n";
        insta::assert_snapshot!(short_diff(old, new, "generated/odoo.yaml", 40), @r"
        --- a/generated/odoo.yaml
        +++ b/generated/odoo.yaml
        @@ -2,3 +2,3 @@
         spec:
           paused: false
        -  replicas: 2
        +  replicas: 3
        ");
        assert_eq!(short_diff(old, old, "x", 40), "");
    }

    #[test]
    fn is_cut() {
        let new: String = (0..100).map(|number| format!("{number}\n")).collect();
        insta::assert_snapshot!(short_diff("", &new, "x", 5), @r"
        --- a/x
        +++ b/x
        @@ -0,0 +1,100 @@
        +0
        +1
        … 98 more lines
        ");
    }
}
