//! The sources as the tests of the architecture read them: without comments and without tests.

use std::fs;

use crate::support::{files, package, relative};

/// A file of `src`.
pub(crate) struct Source {
    /// Its path below `src`, `model/check.rs`.
    pub(crate) path: String,
    /// Its lines without comments and without tests.
    pub(crate) code: String,
    /// How many lines it has without tests.
    pub(crate) lines: usize,
}

impl Source {
    /// The room it belongs to: its folder, or its name.
    pub(crate) fn room(&self) -> &str {
        let first = self.path.split('/').next().unwrap();
        first.trim_end_matches(".rs")
    }
}

/// All files of `src` that are part of the program.
pub(crate) fn sources() -> Vec<Source> {
    let folder = package().join("src");
    let rust = files(&folder)
        .into_iter()
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"));
    let texts: Vec<(String, String)> = rust
        .map(|path| (relative(&folder, &path), fs::read_to_string(&path).unwrap()))
        .collect();
    let tests: Vec<String> = texts.iter().flat_map(|(path, text)| test_files(path, text)).collect();
    // A file of tests may have a folder of its own.
    let is_test = |path: &str| {
        let mut tests = tests.iter().map(|test| test.trim_end_matches(".rs"));
        tests.any(|test| path.trim_end_matches(".rs") == test || path.starts_with(&format!("{test}/")))
    };
    let program = texts.into_iter().filter(|(path, _)| !is_test(path));
    program.map(|(path, text)| read(path, &text)).collect()
}

fn read(path: String, text: &str) -> Source {
    let kept = without_tests(text);
    let code = kept.iter().filter(|line| !line.trim_start().starts_with("//"));
    Source {
        path,
        lines: kept.len(),
        code: code.map(|line| format!("{line}\n")).collect(),
    }
}

const TEST: &str = "#[cfg(test)]";

/// The files that `#[cfg(test)] mod name;` declares.
fn test_files(path: &str, text: &str) -> Vec<String> {
    let folder = match path.rsplit_once('/') {
        Some((folder, "mod.rs")) => format!("{folder}/"),
        None if path == "lib.rs" => String::new(),
        _ => format!("{}/", path.trim_end_matches(".rs")),
    };
    let mut after_test = text.lines().skip_while(|line| line.trim() != TEST).peekable();
    let mut found = Vec::new();
    while let Some(line) = after_test.next() {
        let module = after_test
            .peek()
            .and_then(|next| next.trim().strip_prefix("mod ")?.strip_suffix(';'));
        found.extend(
            module
                .filter(|_| line.trim() == TEST)
                .map(|name| format!("{folder}{name}.rs")),
        );
    }
    found
}

/// Leaves out what `#[cfg(test)]` stands before: one line, or everything up to the closing brace.
fn without_tests(text: &str) -> Vec<&str> {
    let mut kept = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if line.trim() != TEST {
            kept.push(line);
            continue;
        }
        let end = format!("{}}}", line.trim_end().trim_end_matches(TEST));
        if lines.next().is_some_and(|item| item.ends_with('{')) {
            lines.by_ref().find(|line| **line == end);
        }
    }
    kept
}

#[test]
fn tests_and_comments_are_left_out() {
    let text = "a\n// b\n#[cfg(test)]\nmod c;\nd\n#[cfg(test)]\nmod tests {\n    e\n}\nf // g\n";
    let source = read("x/mod.rs".into(), text);
    assert_eq!((source.code.as_str(), source.lines), ("a\nd\nf // g\n", 4));
    assert_eq!(test_files("x/mod.rs", text), ["x/c.rs"]);
    assert_eq!(test_files("x/y.rs", text), ["x/y/c.rs"]);
}
