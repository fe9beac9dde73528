//! The command line: one file a command.

mod draw;
mod environment;
mod evidence;
mod pin;
mod seen;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use fairplate_verifier::language::Language;

/// Checks a published plate lottery draw from its files alone · 车牌摇号独立核验程序
#[derive(Parser)]
#[command(version, about, max_term_width = 100)]
struct Arguments {
    /// The language of texts: en or zh-CN; without it, the terminal's
    #[arg(long, global = true, value_name = "LANGUAGE")]
    lang: Option<Language>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Check a whole draw · 核验一次摇号
    Draw(draw::Arguments),
}

/// The exit code of everything that could not be checked.
const COULD_NOT_CHECK: u8 = 2;

/// Runs the command that the arguments name.
pub(crate) fn run() -> ExitCode {
    let arguments = Arguments::parse();
    let language = arguments.lang.unwrap_or_else(environment::language);
    let outcome = match &arguments.command {
        Command::Draw(arguments) => draw::run(arguments, language),
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

impl Refusal {
    fn new(expected: impl std::fmt::Display, found: impl std::fmt::Display) -> Self {
        Self(format!("expected {expected}, found {found}"))
    }
}
