//! `fairplate-verifier`: checks a published draw from its files alone.

mod cli;

fn main() -> std::process::ExitCode {
    cli::run()
}
