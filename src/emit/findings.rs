//! What can be wrong with the output folder.
//!
//! Every finding names the file as the user sees it, such as `generated/ownership.json`, and says how to go on.

use std::fmt::Display;
use std::sync::Arc;

use crate::diagnostic::{Finding, Level, Location, Source};

/// A recorded file holds neither what was written nor what is wanted.
pub fn edited_by_hand(path: &str) -> Finding {
    denied("edited-by-hand", path, format!("`{path}` was edited by hand")).help(format!(
        "move the change into `environments/`, then run `git checkout -- {path}` or delete the file"
    ))
}

/// A recorded file is no longer wanted, but holds an edit that would be lost with it.
pub fn edited_orphan(path: &str) -> Finding {
    denied(
        "edited-by-hand",
        path,
        format!("`{path}` is no longer wanted, but was edited by hand"),
    )
    .help("delete the file, or move it elsewhere to keep the edit")
}

/// Something that formwork did not write lies where a file is wanted.
pub fn foreign_file(path: &str) -> Finding {
    denied(
        "foreign-file",
        path,
        format!("`{path}` is in the way and was not written by formwork"),
    )
    .help("move it elsewhere, or delete it")
}

/// A file is neither recorded nor wanted.
pub fn unowned_file(path: &str) -> Finding {
    let message = format!("`{path}` was not written by formwork");
    let help = "move it elsewhere: whoever applies the folder applies this file too";
    Finding::new("unowned-file", Level::Warn, message)
        .help(help)
        .at(place(path))
}

/// A path is not fit for a file of the output.
pub fn output_path(path: &str) -> Finding {
    denied(
        "output-path",
        path,
        format!("`{path}` is not a path that every machine can hold"),
    )
    .help("use letters, digits, `.`, `_` and `-`, at most 240 to a segment")
}

/// Two wanted files are one file, or a file and its folder.
pub fn path_collision(path: &str, other: &str) -> Finding {
    denied(
        "path-collision",
        path,
        format!("`{path}` and `{other}` cannot both be written"),
    )
    .help("give one of the two objects another name")
}

/// Two wanted paths differ only in case.
pub fn case_collision(path: &str, other: &str) -> Finding {
    denied(
        "case-collision",
        path,
        format!("`{path}` and `{other}` are the same on a disk that ignores case"),
    )
    .help("give one of the two objects another name")
}

/// A file cannot be written or removed.
pub fn write_failed(path: &str, reason: impl Display) -> Finding {
    Finding::error("write-failed", format!("cannot write `{path}`: {reason}"))
        .help("correct the cause and build again; a build that stopped half-way is completed by the next")
        .at(place(path))
}

/// The output folder cannot be read.
pub fn output_folder(path: &str, reason: impl Display) -> Finding {
    Finding::error(
        "output-folder",
        format!("cannot use `{path}` as output folder: {reason}"),
    )
    .help("name a folder that formwork may fill")
    .at(place(path))
}

/// The record of what formwork wrote cannot be understood.
pub fn ownership_record(path: &str, reason: impl Display) -> Finding {
    let folder = path.rsplit_once('/').map_or(path, |(folder, _)| folder);
    Finding::error("ownership-record", format!("cannot understand `{path}`: {reason}"))
        .help(format!(
            "run `git checkout -- {path}`, or delete the folder `{folder}` and build again"
        ))
        .at(place(path))
}

fn denied(code: &'static str, path: &str, message: String) -> Finding {
    Finding::new(code, Level::Deny, message).at(place(path))
}

fn place(path: &str) -> Location {
    let source = Source {
        path: path.to_owned(),
        text: String::new(),
    };
    Location {
        source: Arc::new(source),
        span: 0..0,
    }
}
