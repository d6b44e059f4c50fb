//! The architecture: which room may use which, who reads, writes and prints, and that no file is forgotten.

use std::collections::BTreeSet;

use formwork::blueprint::COMPONENTS;
use formwork::policy::RULES;
use formwork::references::CHECKS;

use crate::sources::{Source, sources};
use crate::support::package;

/// The rooms in the order of the pipeline, each with those that it may use; `*` is every room above it.
const ROOMS: &[(&str, &[&str])] = &[
    ("diagnostic", &[]),
    ("text", &[]),
    ("cel", &[]),
    ("defaults", &["text"]),
    ("workspace", &["diagnostic"]),
    ("model", &["workspace", "diagnostic", "text"]),
    ("kinds", &[]),
    ("words", &["kinds"]),
    ("manifest", &["kinds", "diagnostic"]),
    ("references", &["model", "manifest", "diagnostic"]),
    ("schema", &["text", "cel", "diagnostic"]),
    ("server", &["schema", "text", "diagnostic"]),
    (
        "admission",
        &["cel", "schema", "workspace", "manifest", "kinds", "text", "diagnostic"],
    ),
    (
        "blueprint",
        &["admission", "model", "kinds", "words", "manifest", "text"],
    ),
    (
        "policy",
        &[
            "admission",
            "blueprint",
            "cel",
            "defaults",
            "diagnostic",
            "kinds",
            "manifest",
            "model",
            "references",
            "text",
            "workspace",
        ],
    ),
    (
        "validate",
        &[
            "blueprint",
            "diagnostic",
            "kinds",
            "manifest",
            "model",
            "schema",
            "server",
            "text",
            "words",
            "workspace",
        ],
    ),
    (
        "review",
        &[
            "admission",
            "defaults",
            "diagnostic",
            "manifest",
            "policy",
            "references",
            "schema",
            "validate",
            "workspace",
        ],
    ),
    ("emit", &["manifest", "diagnostic"]),
    ("report", &["diagnostic"]),
    ("compiler", &["*"]),
    ("cli", &["*"]),
];

/// Who may do what only the edges of the program do; a path stands for all files that begin with it.
const EDGES: &[(&str, &[&str])] = &[
    (
        "std::fs",
        &["workspace/", "emit/", "cli/base.rs", "cli/build.rs", "cli/init.rs"],
    ),
    ("std::env::", &["cli/"]),
    ("std::process", &["cli/base.rs", "main.rs"]),
    ("print!(", &[]),
    ("println!(", &[]),
    ("stdout()", &["cli/"]),
    ("stderr()", &["cli/"]),
    ("SystemTime", &[]),
    ("Instant", &["cli/"]),
    ("::now()", &["cli/"]),
    ("HashMap", &[]),
    ("HashSet", &[]),
    ("unsafe ", &[]),
];

/// Lines that a file may have without its tests; about 150 are usual.
const LONGEST_FILE: usize = 400;

#[test]
fn a_room_uses_only_the_rooms_that_it_may() {
    let mut breaches = BTreeSet::new();
    for source in sources()
        .iter()
        .filter(|source| !["lib", "main"].contains(&source.room()))
    {
        let room = source.room();
        let Some(place) = ROOMS.iter().position(|(name, _)| *name == room) else {
            panic!("`{room}` is not in the table of rooms");
        };
        let (above, from_here) = ROOMS.split_at(place);
        let (_, may) = from_here[0];
        for used in rooms_in(&source.code) {
            let is_above = above.iter().any(|(name, _)| *name == used);
            if used != room && !(is_above && (may == ["*"] || may.contains(&used.as_str()))) {
                breaches.insert(format!("`{room}` must not use `{used}` ({})", source.path));
            }
        }
    }
    assert!(breaches.is_empty(), "{breaches:#?}");
}

/// ARCHITECTURE.md says the same for people.
#[test]
fn the_table_is_the_documented_one() {
    let page = std::fs::read_to_string(package().join("ARCHITECTURE.md")).unwrap();
    let (_, table) = page.split_once("| room |").unwrap();
    let mut documented = Vec::new();
    for row in table.lines().skip(2).take_while(|row| row.starts_with('|')) {
        let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
        let rooms = match cells[3].split(" · ").next().unwrap() {
            "–" | "nothing" => BTreeSet::new(),
            "all above" | "everything" => BTreeSet::from(["*"]),
            rooms => rooms.split(", ").collect(),
        };
        documented.push((cells[0].trim_matches('`'), rooms));
    }
    let held: Vec<(&str, BTreeSet<&str>)> = ROOMS
        .iter()
        .map(|(room, may)| (*room, may.iter().copied().collect()))
        .collect();
    assert_eq!(documented, held);
}

/// The first segment of every path that begins with `crate`, also inside braces.
fn rooms_in(code: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (at, start) in code.match_indices("crate::") {
        let rest = &code[at + start.len()..];
        if let Some(list) = rest.strip_prefix('{') {
            found.extend(first_segments(list));
        } else {
            found.insert(segment(rest));
        }
    }
    found
}

/// The first segments of a list in braces, `{a::{b, c}, d}`, of which the opening brace is gone.
fn first_segments(list: &str) -> Vec<String> {
    let mut depth = 0;
    let mut items = vec![String::new()];
    for letter in list.chars() {
        match letter {
            '}' if depth == 0 => break,
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => items.push(String::new()),
            _ if depth == 0 => items.last_mut().unwrap().push(letter),
            _ => {}
        }
    }
    items
        .iter()
        .map(|item| segment(item.trim()))
        .filter(|name| !name.is_empty())
        .collect()
}

fn segment(path: &str) -> String {
    path.chars()
        .take_while(|letter| letter.is_alphanumeric() || *letter == '_')
        .collect()
}

#[test]
fn paths_are_read_with_their_braces() {
    let code = "use crate::a::b;\nuse crate::{c::{d, e}, f, g::h};\n$crate::i!()";
    assert_eq!(rooms_in(code).into_iter().collect::<String>(), "acfgi");
}

#[test]
fn only_the_edges_touch_the_machine() {
    let mut breaches = Vec::new();
    for source in sources() {
        for (what, may) in EDGES {
            let uses = source.code.contains(what);
            if uses && !may.iter().any(|path| source.path.starts_with(path)) {
                breaches.push(format!("{} must not use `{what}`", source.path));
            }
        }
    }
    assert!(breaches.is_empty(), "{breaches:#?}");
}

#[test]
fn no_file_is_too_long() {
    let long = sources().into_iter().filter(|source| source.lines > LONGEST_FILE);
    let long: Vec<String> = long
        .map(|source| format!("{} has {} lines", source.path, source.lines))
        .collect();
    assert!(long.is_empty(), "at most {LONGEST_FILE} lines without tests: {long:#?}");
}

#[test]
fn no_file_is_forgotten() {
    let sources = sources();
    let mut forgotten = Vec::new();
    for source in sources
        .iter()
        .filter(|source| !["lib.rs", "main.rs"].contains(&source.path.as_str()))
    {
        let path = source
            .path
            .strip_suffix("/mod.rs")
            .or(source.path.strip_suffix(".rs"))
            .unwrap();
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        let parents = if folder.is_empty() {
            vec!["lib.rs".into()]
        } else {
            vec![format!("{folder}/mod.rs"), format!("{folder}.rs")]
        };
        let declares = |parent: &Source| {
            let line = format!("mod {name};");
            let prefixes = ["", "pub ", "pub(super) ", "pub(crate) "];
            let mut lines = parent.code.lines().map(str::trim);
            lines.any(|given| {
                prefixes
                    .iter()
                    .any(|prefix| given.strip_prefix(prefix) == Some(line.as_str()))
            })
        };
        if !sources
            .iter()
            .any(|parent| parents.contains(&parent.path) && declares(parent))
        {
            forgotten.push(&source.path);
        }
    }
    assert!(forgotten.is_empty(), "no `mod` line for {forgotten:#?}");
}

#[test]
fn every_file_of_the_lists_is_a_member() {
    members(
        "blueprint/components",
        "COMPONENT",
        &COMPONENTS.iter().map(|component| component.name).collect::<Vec<_>>(),
    );
    members(
        "policy/rules",
        "RULE",
        &RULES.iter().map(|rule| rule.id).collect::<Vec<_>>(),
    );
    members(
        "references/checks",
        "CHECK",
        &CHECKS.iter().map(|check| check.id).collect::<Vec<_>>(),
    );
    assert!(RULES.is_sorted_by_key(|rule| rule.id), "the rules are listed by id");
    assert!(CHECKS.is_sorted_by_key(|check| check.id), "the checks are listed by id");
}

/// Every file of a folder defines a record of its own name, and the folder's list has it.
fn members(folder: &str, record: &str, names: &[&str]) {
    let in_folder = |source: &Source| {
        source
            .path
            .rsplit_once('/')
            .is_some_and(|(parent, file)| parent == folder && file != "mod.rs")
    };
    let sources: Vec<Source> = sources().into_iter().filter(in_folder).collect();
    assert_eq!(
        sources.len(),
        names.len(),
        "{folder} has {} files and its list {} records",
        sources.len(),
        names.len()
    );
    for source in sources {
        let file = source.path.rsplit('/').next().unwrap().trim_end_matches(".rs");
        assert!(
            source.code.contains(&format!("const {record}: ")),
            "{} has no {record}",
            source.path
        );
        assert!(
            names.contains(&file.replace('_', "-").as_str()),
            "the list of {folder} does not have {file}"
        );
    }
}

#[test]
fn components_come_after_those_that_they_need() {
    for (index, component) in COMPONENTS.iter().enumerate() {
        for earlier in component.after {
            let place = COMPONENTS.iter().position(|other| other.name == *earlier);
            assert!(
                place.is_some_and(|place| place < index),
                "`{}` is listed before `{earlier}`",
                component.name
            );
        }
    }
}
