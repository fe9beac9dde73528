//! The command line: one file a command.

mod draw;
mod pin;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Checks a published plate lottery draw from its files alone.
#[derive(Parser)]
#[command(version, about, max_term_width = 100)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Check a whole draw
    Draw(draw::Arguments),
}

/// The exit code of everything that could not be checked.
const COULD_NOT_CHECK: u8 = 2;

/// Runs the command that the arguments name.
pub(crate) fn run() -> ExitCode {
    let arguments = Arguments::parse();
    let outcome = match &arguments.command {
        Command::Draw(arguments) => draw::run(arguments),
    };
    outcome.unwrap_or_else(|error| {
        eprintln!("{error}");
        ExitCode::from(COULD_NOT_CHECK)
    })
}

/// Why a command could not do its work; one sentence that says what to do.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Refusal(String);
