//! Command line in, exit code out.
#![forbid(unsafe_code)]

fn main() -> std::process::ExitCode {
    punchgate::cli::run()
}
