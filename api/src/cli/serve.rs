//! `fairplate serve`.

use std::{net::SocketAddr, path::PathBuf, process::ExitCode};

use clap::Args;
use tokio::sync::oneshot;

use super::{Global, start};
use crate::{
    config::Config,
    domain::actor::Worker,
    error::{Error, Result},
    http, jobs,
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
    /// Folder of trusted documents (*.graphql) of the city's own apps, beside those of the house
    #[arg(long, value_name = "FOLDER")]
    pub(super) documents: Option<PathBuf>,
    /// Execute trusted documents alone; whoever sends another is refused
    #[arg(long)]
    pub(super) trusted_only: bool,
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
        let config = Config::load(&app.layout)?;
        let options = http::Options {
            explorer: !self.no_explorer,
            introspection: !self.no_introspection,
            documents: self.documents.clone(),
            trusted_only: self.trusted_only,
            limits: Some(config.http.limits),
            shared_limits: start::shared(
                &app.layout,
                config.limits_redis_url_file.as_deref(),
                "limits",
                &app.data_key,
            )?,
            proxies: http::Proxies::from(&config.http),
            live: config.live,
            ..http::Options::default()
        };
        if !config.worker.with_serve {
            http::serve(app, self.listen, options).await?;
            return Ok(ExitCode::SUCCESS);
        }
        let (stop, stopped) = oneshot::channel::<()>();
        let city = app.clone();
        let working = tokio::spawn(async move {
            jobs::run_until(&city, &Worker, async { drop(stopped.await) }).await;
        });
        let served = http::serve(app, self.listen, options).await;
        // The run under way comes to its end: nothing is claimed and left.
        drop(stop);
        working.await.map_err(Error::internal)?;
        served?;
        Ok(ExitCode::SUCCESS)
    }
}
