//! What is answered at which path.

use std::sync::Arc;

use poem::{IntoEndpoint, Route, endpoint::BoxEndpoint};

use super::{
    endpoint::GraphqlEndpoint,
    explorer::Explorer,
    files::Files,
    health::{Live, Ready},
    live::{Places, Rhythm},
    result::ResultEndpoint,
};
use crate::{app::App, config::LiveConfig, graphql};

/// What an operator may switch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Whether the page to try queries on is served at `/` and `/graphiql`.
    pub explorer: bool,
    /// Whether the schema describes itself; the page needs it.
    pub introspection: bool,
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
/// | `/healthz`, `/readyz` | the process runs; the database answers |
/// | `/`, `/graphiql` | the explorer, unless switched off |
#[must_use]
pub(super) fn routes(
    app: App,
    options: Options,
    places: Arc<Places>,
) -> impl IntoEndpoint<Endpoint = BoxEndpoint<'static>> {
    let rhythm = options.rhythm;
    let schema = graphql::build(app.clone(), options.introspection);
    let mut route = Route::new()
        .at(
            "/graphql",
            GraphqlEndpoint {
                app: app.clone(),
                schema,
                places,
                rhythm,
            },
        )
        .at("/public/*path", Files(app.clone()))
        .at("/result/:period/:code", ResultEndpoint(app.clone()))
        .at("/healthz", Live)
        .at("/readyz", Ready(app));
    if options.explorer {
        route = route
            .at("/", Explorer)
            .at("/graphiql", Explorer)
            .at("/graphiql/*part", Explorer);
    }
    poem::EndpointExt::boxed(route)
}
