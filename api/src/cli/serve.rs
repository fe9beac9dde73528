//! `fairplate serve`.

use std::{net::SocketAddr, process::ExitCode};

use clap::Args;

use super::{Global, start};
use crate::{
    error::{Error, Result},
    http,
    service::ceremony,
};

/// Serve the city over GraphQL, with its published files
#[derive(Debug, Args)]
#[command(after_help = "Example: fairplate --data /srv/fairplate serve --listen 127.0.0.1:8000")]
pub(super) struct Serve {
    /// Where to listen; loopback unless told otherwise: TLS belongs to the proxy in front
    #[arg(long, default_value = "127.0.0.1:8000", env = "FAIRPLATE_LISTEN")]
    pub(super) listen: SocketAddr,
    /// Serve no GraphiQL page
    #[arg(long)]
    pub(super) no_explorer: bool,
    /// Answer no introspection
    #[arg(long)]
    pub(super) no_introspection: bool,
}

impl Serve {
    pub(super) async fn run(&self, global: &Global) -> Result<ExitCode> {
        let app = start::open(global).await?;
        // What a crash left undone is made good before anything is served. Witnesses that are
        // away hold a new record back, not what was published before.
        match ceremony::recover(&app).await {
            Err(away @ Error::Unavailable { .. }) => tracing::warn!("{away}"),
            recovered => recovered?,
        }
        let options = http::Options {
            explorer: !self.no_explorer,
            introspection: !self.no_introspection,
        };
        http::serve(app, self.listen, options).await?;
        Ok(ExitCode::SUCCESS)
    }
}
