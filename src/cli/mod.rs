//! The command line: one file per command.

use std::process::ExitCode;

/// Reads the command line, runs the command and returns its exit code.
pub fn run() -> ExitCode {
    ExitCode::SUCCESS
}
