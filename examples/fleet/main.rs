//! Writes a workspace of any number of production environments: `cargo run --release --example fleet -- 1000 DIR`.
//!
//! Build it with `formwork --root DIR`.

mod make;

use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let made = match arguments.as_slice() {
        [environments, folder] => environments
            .parse()
            .map_err(|_| format!("`{environments}` is not a number"))
            .and_then(|number| make::make(number, Path::new(folder)).map_err(|error| format!("{folder}: {error}"))),
        _ => Err("usage: fleet N DIR".to_owned()),
    };
    match made {
        Ok(_) => ExitCode::SUCCESS,
        Err(message) => complain(&message),
    }
}

#[expect(clippy::print_stderr, reason = "this is a program")]
fn complain(message: &str) -> ExitCode {
    eprintln!("error: {message}");
    ExitCode::FAILURE
}
