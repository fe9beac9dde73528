//! `completions` and `man`: what a shell and `man` know of this command, written from the same
//! definitions as its help.

use std::{
    fs,
    io::{self, Write as _},
    path::PathBuf,
    process::ExitCode,
};

use clap::CommandFactory as _;
use clap_complete::Shell;
use clap_mangen::Man;

use super::Refusal;

/// The command's name in shells and in `man`.
const NAME: &str = "fairplate-verifier";

/// Which shell.
#[derive(clap::Args)]
#[group(skip)]
#[command(after_help = "Examples:\n  \
    fairplate-verifier completions bash > \
    ~/.local/share/bash-completion/completions/fairplate-verifier\n  \
    fairplate-verifier completions fish > ~/.config/fish/completions/fairplate-verifier.fish")]
pub(super) struct CompletionsArguments {
    /// The shell
    shell: Shell,
}

/// Where to.
#[derive(clap::Args)]
#[group(skip)]
#[command(after_help = "Examples:\n  \
    fairplate-verifier man | man -l -\n  \
    fairplate-verifier man --out ~/.local/share/man/man1")]
pub(super) struct ManArguments {
    /// Write the page, and one for each subcommand, into this folder; without it, the page goes to
    /// standard output
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
}

pub(super) fn run_completions(arguments: &CompletionsArguments) -> Result<ExitCode, Refusal> {
    let mut script = Vec::new();
    let mut command = super::Arguments::command();
    clap_complete::generate(arguments.shell, &mut command, NAME, &mut script);
    print(&script)
}

pub(super) fn run_man(arguments: &ManArguments) -> Result<ExitCode, Refusal> {
    let command = super::Arguments::command();
    let Some(folder) = &arguments.out else {
        let mut page = Vec::new();
        let rendered = Man::new(command).render(&mut page);
        rendered.map_err(|error| Refusal::new("to write a man page", error))?;
        return print(&page);
    };
    let written =
        fs::create_dir_all(folder).and_then(|()| clap_mangen::generate_to(command, folder));
    let expected = || format!("to write man pages into {}", folder.display());
    written.map_err(|error| Refusal::new(expected(), error))?;
    Ok(ExitCode::SUCCESS)
}

fn print(text: &[u8]) -> Result<ExitCode, Refusal> {
    let written = io::stdout().write_all(text);
    written.map_err(|error| Refusal::new("to write to standard output", error))?;
    Ok(ExitCode::SUCCESS)
}
