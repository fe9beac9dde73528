//! What is answered at which path.

use std::{net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

use poem::{Route, endpoint::BoxEndpoint};

use super::{
    connection::Patience,
    documents::Documents,
    endpoint::GraphqlEndpoint,
    explorer::Explorer,
    feed::Feed,
    files::Files,
    health::{Live, Ready},
    limits::{Meters, Proxies},
    live::{Places, Rhythm},
    measured::Measured,
    result::ResultEndpoint,
};
use crate::{
    app::App,
    config::{self, LiveConfig},
    error::Result,
    graphql::{self, trusted},
};

/// How long a query may take: the longest ones verify a whole draw.
const QUERY_TIME: Duration = Duration::from_secs(30);

/// What an operator may switch.
#[derive(Clone, Debug)]
pub struct Options {
    /// Whether the page to try queries on is served at `/` and `/graphiql`.
    pub explorer: bool,
    /// Whether the schema describes itself; the page needs it.
    pub introspection: bool,
    /// Folder of trusted documents beside those of the house.
    pub documents: Option<PathBuf>,
    /// Whether nothing but trusted documents is executed.
    pub trusted_only: bool,
    /// How much one client may ask for; without it nothing is counted.
    pub limits: Option<config::Limits>,
    /// The proxies in front.
    pub proxies: Proxies,
    /// Where what is counted can be read; nowhere without it.
    pub metrics: Option<SocketAddr>,
    /// How long a query may take.
    pub query_time: Duration,
    /// How long clients may take.
    pub patience: Patience,
    /// How many may follow subscriptions.
    pub live: LiveConfig,
    /// How long those who follow them may take.
    pub rhythm: Rhythm,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            explorer: true,
            introspection: true,
            documents: None,
            trusted_only: false,
            limits: Some(config::Limits::default()),
            proxies: Proxies::default(),
            metrics: None,
            query_time: QUERY_TIME,
            patience: Patience::default(),
            live: LiveConfig::default(),
            rhythm: Rhythm::default(),
        }
    }
}

/// Everything that a city's server answers:
///
/// | Path | What |
/// |---|---|
/// | `/graphql` | the schema; over WebSocket and as server-sent events its subscriptions |
/// | `/public/…` | published files, and `/public/draws/<id>.tar` |
/// | `/result/<period>/<code>` | one result as JSON |
/// | `/calendar.ics` | the days of periods, for calendar programs |
/// | `/livez` (also `/healthz`), `/readyz` | the process runs; look-ups may be sent here |
/// | `/`, `/graphiql` | the explorer, unless switched off |
///
/// # Errors
///
/// [`crate::Error::NotSetUp`] where a trusted document cannot be used.
pub(super) async fn routes(
    app: App,
    options: Options,
    places: Arc<Places>,
) -> Result<BoxEndpoint<'static>> {
    let schema = graphql::build(app.clone(), options.introspection);
    let trusted = trusted::load(&schema, options.documents.as_deref()).await?;
    let meters = Meters::new(&app, options.limits, options.proxies);
    let graphql = GraphqlEndpoint {
        app: app.clone(),
        schema,
        documents: Arc::new(Documents::new(trusted, options.trusted_only)),
        meters: meters.clone(),
        places,
        rhythm: options.rhythm,
        body_time: options.patience.body,
        query_time: options.query_time,
    };
    let result = ResultEndpoint {
        app: app.clone(),
        meters: meters.clone(),
        query_time: options.query_time,
    };
    let feed = Feed {
        app: app.clone(),
        meters,
    };
    let mut route = Route::new()
        .at("/graphql", graphql)
        .at("/public/*path", Files(app.clone()))
        .at("/result/:period/:code", result)
        .at("/calendar.ics", feed)
        .at("/livez", Live)
        .at("/healthz", Live)
        .at("/readyz", Ready(app.clone()));
    if options.explorer {
        route = route
            .at("/", Explorer)
            .at("/graphiql", Explorer)
            .at("/graphiql/*part", Explorer);
    }
    Ok(poem::EndpointExt::boxed(Measured { app, routes: route }))
}
