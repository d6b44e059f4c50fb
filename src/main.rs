//! The `formwork` program: everything is in the library.

fn main() -> std::process::ExitCode {
    formwork::cli::run().into()
}
