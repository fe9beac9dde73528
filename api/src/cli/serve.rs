//! `fairplate serve`.

use std::{net::SocketAddr, path::PathBuf, process::ExitCode, sync::Arc};

use clap::Args;
use tokio::sync::oneshot;

use super::{Global, start};
use crate::{
    app::App,
    config::{Config, WorkerConfig},
    domain::actor::Worker,
    error::{Error, Result},
    http, jobs,
    service::ceremony,
};

/// Serve the city over GraphQL, with its published files
#[derive(Debug, Args)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "switches of a command, each of its own"
)]
#[command(after_help = "Example: fairplate --data /srv/fairplate serve --listen 127.0.0.1:8000")]
pub(super) struct Serve {
    /// Where to listen; loopback unless told otherwise: TLS belongs to the proxy in front
    #[arg(long, default_value = "127.0.0.1:8000", env = "FAIRPLATE_LISTEN")]
    pub(super) listen: SocketAddr,
    /// Where to tell what is counted, an address that the public does not reach; else the settings'
    #[arg(long, value_name = "ADDRESS", env = "FAIRPLATE_METRICS")]
    pub(super) metrics: Option<SocketAddr>,
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
    /// Serve the folder of a rehearsal, to look at it; refused otherwise
    #[arg(long)]
    pub(super) rehearsal: bool,
}

impl Serve {
    pub(super) async fn run(&self, global: &Global) -> Result<ExitCode> {
        if !self.rehearsal {
            start::require_real(global, "to look at it, give --rehearsal")?;
        }
        let app = start::open(global).await?;
        // What a crash left undone is made good before anything is served. Witnesses that are
        // away, or were too late, hold a new record back, not what was published before.
        match ceremony::recover(&app).await {
            Err(held @ (Error::Unavailable { .. } | Error::TooLate { .. })) => {
                tracing::warn!("{held}");
            }
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
            metrics: self.metrics.or(config.http.metrics),
            live: config.live,
            ..http::Options::default()
        };
        let telemetry = Arc::clone(&app.telemetry);
        let served = self.serve(app, config.worker, options).await;
        let closing = tokio::task::spawn_blocking(move || telemetry.traces.close());
        closing.await.map_err(Error::internal)?;
        served?;
        Ok(ExitCode::SUCCESS)
    }

    /// Serves, and works beside it where the settings do not say otherwise.
    async fn serve(&self, app: App, worker: WorkerConfig, options: http::Options) -> Result<()> {
        if !worker.with_serve {
            return http::serve(app, self.listen, options).await;
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
        served
    }
}
