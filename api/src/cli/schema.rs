//! `fairplate schema`.

use std::process::ExitCode;

use clap::{Args, Subcommand};

use crate::graphql;

/// Print the GraphQL schema
#[derive(Debug, Args)]
pub(super) struct Schema {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Print it in the schema definition language
    #[command(after_help = "Example: fairplate schema print > schema.graphql")]
    Print,
}

impl Schema {
    pub(super) fn run(&self) -> ExitCode {
        match self.command {
            Command::Print => print!("{}", graphql::sdl()),
        }
        ExitCode::SUCCESS
    }
}
