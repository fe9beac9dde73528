//! What is answered at which path.

use std::path::PathBuf;

use poem::{Route, endpoint::BoxEndpoint};

use super::{
    documents::Documents,
    endpoint::GraphqlEndpoint,
    explorer::Explorer,
    files::Files,
    health::{Live, Ready},
    result::ResultEndpoint,
};
use crate::{
    app::App,
    error::Result,
    graphql::{self, trusted},
};

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
}

impl Default for Options {
    fn default() -> Self {
        Self {
            explorer: true,
            introspection: true,
            documents: None,
            trusted_only: false,
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
///
/// # Errors
///
/// [`crate::Error::NotSetUp`] where a trusted document cannot be used.
pub async fn routes(app: App, options: Options) -> Result<BoxEndpoint<'static>> {
    let schema = graphql::build(app.clone(), options.introspection);
    let trusted = trusted::load(&schema, options.documents.as_deref()).await?;
    let graphql = GraphqlEndpoint {
        app: app.clone(),
        schema,
        documents: Documents::new(trusted, options.trusted_only),
    };
    let mut route = Route::new()
        .at("/graphql", graphql)
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
    Ok(poem::EndpointExt::boxed(route))
}
