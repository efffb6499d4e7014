//! The binary: all it does is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    credsql::cli::run(std::env::args_os()).into()
}
