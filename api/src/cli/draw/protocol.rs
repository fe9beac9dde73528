//! `fairplate draw protocol`.

use std::{fs, path::PathBuf, process::ExitCode};

use clap::Args;

use crate::{
    App,
    domain::Locale,
    error::{Error, Result},
    http,
    service::wall,
};

/// What is printed, and where to.
#[derive(Debug, Args)]
pub(super) struct Protocol {
    /// The draw
    id: String,
    /// The file to write; the standard output where none is named
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
}

impl Protocol {
    pub(super) async fn run(&self, app: &App, locale: Locale) -> Result<ExitCode> {
        let wall = wall::read(app, &self.id).await?;
        let page = http::wall::protocol(&wall, locale);
        match &self.output {
            None => print!("{page}"),
            Some(file) => fs::write(file, page).map_err(|cause| {
                Error::invalid("--output", format!("{}: {cause}", file.display()))
            })?,
        }
        Ok(ExitCode::SUCCESS)
    }
}
