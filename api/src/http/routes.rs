//! What is answered at which path.

use std::{net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

use poem::Route;
use verifier::text::Digest;

use super::{
    connection::{Patience, Served},
    documents::Documents,
    endpoint::GraphqlEndpoint,
    explorer::Explorer,
    feed::Feed,
    files::Files,
    gate::{Gate, Width},
    health::{Live, Ready},
    limits::{Meters, Proxies},
    live::{Places, Rhythm},
    look_ups::LookUps,
    measured::Measured,
    result::ResultEndpoint,
    shortcut::Shortcut,
    staff::StaffPage,
    wall::{Form, Page, Parts, WallEndpoint},
};
use crate::{
    app::App,
    cache::Shared,
    config::{self, LiveConfig},
    error::Result,
    graphql::{self, trusted},
};

/// How long a query may take: the longest ones verify a whole draw.
const QUERY_TIME: Duration = Duration::from_secs(30);

/// How long whoever asks for a change waits for its answer, and shorter than proxies wait as a rule.
/// What takes longer goes on by itself: a step of the largest draw, or a database that stands still.
const MUTATION_TIME: Duration = Duration::from_secs(30);

/// How long an answer to an anonymous query is kept: long enough that it is found once for all who ask
/// at the peak, short enough that nobody sees the difference.
const KEPT_FOR: Duration = Duration::from_secs(2);

/// What an operator may switch.
#[derive(Clone)]
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
    /// Where nodes count together what one client does.
    pub shared_limits: Option<Shared>,
    /// The proxies in front.
    pub proxies: Proxies,
    /// Where what is counted can be read; nowhere without it.
    pub metrics: Option<SocketAddr>,
    /// How long a query may take.
    pub query_time: Duration,
    /// How long whoever asks for a change waits before being told that nobody knows yet.
    pub mutation_time: Duration,
    /// How long clients may take.
    pub patience: Patience,
    /// How many may follow subscriptions.
    pub live: LiveConfig,
    /// How long those who follow them may take.
    pub rhythm: Rhythm,
    /// How long an answer to an anonymous query is kept for others who ask the same.
    pub kept_for: Duration,
    /// How many may ask the database at once.
    pub width: Width,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            explorer: true,
            introspection: true,
            documents: None,
            trusted_only: false,
            limits: Some(config::Limits::default()),
            shared_limits: None,
            proxies: Proxies::default(),
            metrics: None,
            query_time: QUERY_TIME,
            mutation_time: MUTATION_TIME,
            patience: Patience::default(),
            live: LiveConfig::default(),
            rhythm: Rhythm::default(),
            kept_for: KEPT_FOR,
            width: Width::default(),
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
/// | `/draw/<draw>/result/<code>` | the same of one draw, which never changes |
/// | `/draw/<draw>/wall`, `/wall/…` | the draw on the wall of a hall, and the page's parts |
/// | `/draw/<draw>/wall.json` | what that page shows |
/// | `/draw/<draw>/protocol` | the protocol of the ceremony, to be printed |
/// | `/calendar.ics` | the days of periods, for calendar programs |
/// | `/livez` (also `/healthz`), `/readyz` | the process runs; look-ups may be sent here |
/// | `/staff` | the page on which the people of the city sign in |
/// | `/`, `/graphiql` | the explorer, unless switched off |
///
/// # Errors
///
/// [`crate::Error::NotSetUp`] where a trusted document cannot be used.
pub(super) async fn routes(app: App, options: Options, places: Arc<Places>) -> Result<Served> {
    let schema = graphql::build(app.clone(), options.introspection);
    let trusted = trusted::load(&schema, options.documents.as_deref()).await?;
    let meters = Meters::new(&app, options.limits, options.shared_limits, options.proxies);
    let gate = Gate::new(options.width);
    let look_ups = LookUps::new(app.clone(), gate.clone(), options.query_time);
    let graphql = GraphqlEndpoint {
        app: app.clone(),
        schema_digest: Digest::of(schema.sdl().as_bytes()).to_string().into(),
        schema,
        documents: Arc::new(Documents::new(trusted, options.trusted_only)),
        meters: meters.clone(),
        places,
        rhythm: options.rhythm,
        body_time: options.patience.body,
        query_time: options.query_time,
        mutation_time: options.mutation_time,
        kept_for: options.kept_for,
        gate: gate.clone(),
        look_ups: look_ups.clone(),
    };
    let result = |is_of_draw| ResultEndpoint {
        app: app.clone(),
        is_of_draw,
        meters: meters.clone(),
        look_ups: look_ups.clone(),
    };
    let (of_period, of_draw) = (result(false), result(true));
    let feed = Feed {
        app: app.clone(),
        meters: meters.clone(),
    };
    let shortcut = graphql.clone();
    let mut route = Route::new()
        .at("/graphql", graphql)
        .at("/public/*path", Files(app.clone()))
        .at("/result/:period/:code", of_period)
        .at("/draw/:draw/result/:code", of_draw)
        .at("/calendar.ics", feed)
        .at("/staff", StaffPage)
        .at("/staff/*part", StaffPage)
        .at("/livez", Live)
        .at("/healthz", Live)
        .at("/readyz", Ready(app.clone()));
    route = with_walls(route, &app, &meters, &gate, options.query_time);
    if options.explorer {
        route = route
            .at("/", Explorer)
            .at("/graphiql", Explorer)
            .at("/graphiql/*part", Explorer);
    }
    // Whoever follows requests in traces follows each of them through the router.
    let shortcut = (!app.telemetry.traces.is_on()).then(|| Shortcut { graphql: shortcut });
    Ok(Served {
        shortcut,
        routes: poem::EndpointExt::boxed(Measured { app, routes: route }),
    })
}

/// The same with what shows a draw in a hall and on paper.
fn with_walls(
    route: Route,
    app: &App,
    meters: &Meters,
    gate: &Gate,
    query_time: Duration,
) -> Route {
    let endpoint = |form| WallEndpoint {
        app: app.clone(),
        form,
        meters: meters.clone(),
        gate: gate.clone(),
        query_time,
    };
    route
        .at("/draw/:draw/wall", Page)
        .at("/draw/:draw/wall.json", endpoint(Form::Figures))
        .at("/draw/:draw/protocol", endpoint(Form::Protocol))
        .at("/wall/:part", Parts)
}
