//! The `probant` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(probant::cli::run(std::env::args_os()))
}
