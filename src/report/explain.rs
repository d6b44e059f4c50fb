//! The page that `formwork explain CODE` prints.
//!
//! Plain text of 80 columns; examples keep their own lines.

use std::fmt::Write;

use crate::diagnostic::codes::Page;

const WIDTH: usize = 80;

/// Renders the page of a code: what it is, why it matters, an example of each kind, the remedy, and where to read on.
pub fn explain(page: &Page) -> String {
    let mut text = format!("{}: {}\n\n", page.id, page.title);
    wrap(&mut text, &page.why);
    example(&mut text, "Refused", &page.bad);
    example(&mut text, "Accepted", &page.good);
    text.push('\n');
    wrap(&mut text, &format!("Remedy: {}.", page.fix));
    if !page.references.is_empty() {
        text.push('\n');
        wrap(&mut text, &format!("References: {}.", page.references.join("; ")));
    }
    if let Some(level) = page.level {
        let _ = writeln!(text, "\nLevel: {}.", level.name());
    }
    text
}

fn example(page: &mut String, heading: &str, text: &str) {
    if text.is_empty() {
        return;
    }
    // Writing into a string cannot fail.
    let _ = writeln!(page, "\n{heading}:\n");
    for line in text.lines() {
        let _ = writeln!(page, "    {line}");
    }
}

fn wrap(page: &mut String, text: &str) {
    let mut column = 0;
    for word in text.split_whitespace() {
        let width = word.chars().count();
        if column > 0 && column + 1 + width > WIDTH {
            page.push('\n');
            column = 0;
        } else if column > 0 {
            page.push(' ');
            column += 1;
        }
        page.push_str(word);
        column += width;
    }
    page.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::{Level, codes};

    #[test]
    fn a_page_has_every_part() {
        let page = Page {
            references: ["CIS 5.1", "NSA 2"].map(str::to_owned).into(),
            level: Some(Level::Deny),
            ..Page::from(codes::find("wrong-type").unwrap())
        };
        insta::assert_snapshot!(explain(&page), @r#"
        wrong-type: a value of another type than the field takes

        Nothing is converted silently: `1.30` read as a number loses its zero, and text
        in the place of a number may hold anything.

        Refused:

            spec:
              users: "240"
              hosts: erp.hartmann-bau.example

        Accepted:

            spec:
              users: 240
              hosts: [erp.hartmann-bau.example]

        Remedy: quote what is text, take the quotes off numbers and booleans, and write
        lists as lists.

        References: CIS 5.1; NSA 2.

        Level: deny.
        "#);
    }
}
