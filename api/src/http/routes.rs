//! What is answered at which path.

use poem::{IntoEndpoint, Route, endpoint::BoxEndpoint};

use super::{
    endpoint::GraphqlEndpoint,
    explorer::Explorer,
    files::Files,
    health::{Live, Ready},
    result::ResultEndpoint,
};
use crate::{app::App, graphql};

/// What an operator may switch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Whether the page to try queries on is served at `/` and `/graphiql`.
    pub explorer: bool,
    /// Whether the schema describes itself; the page needs it.
    pub introspection: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            explorer: true,
            introspection: true,
        }
    }
}

/// Everything that a city's server answers:
///
/// | Path | What |
/// |---|---|
/// | `/graphql` | the schema |
/// | `/public/…` | published files, and `/public/draws/<id>.tar` |
/// | `/result/<period>/<code>` | one result as JSON |
/// | `/healthz`, `/readyz` | the process runs; the database answers |
/// | `/`, `/graphiql` | the explorer, unless switched off |
#[must_use]
pub fn routes(app: App, options: Options) -> impl IntoEndpoint<Endpoint = BoxEndpoint<'static>> {
    let schema = graphql::build(app.clone(), options.introspection);
    let mut route = Route::new()
        .at(
            "/graphql",
            GraphqlEndpoint {
                app: app.clone(),
                schema,
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
