//! Whether a node can answer, and what it tells of itself.

use std::{sync::Arc, time::Duration};

use ::entity::message::State;

use crate::{
    app::App,
    error::Result,
    store,
    telemetry::{Facts, Job, Outbox},
};

/// How long the database may take to say something before it counts as away.
const PATIENCE: Duration = Duration::from_secs(2);

/// Whether a node can answer look-ups, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Readiness {
    /// It can, and so does its database.
    Ready,
    /// It answers from the results in its memory, while its database is away.
    WithoutDatabase,
    /// The city is not set up in the database.
    NotSetUp,
    /// It has not read the newest publication yet since it started.
    CatchingUp,
    /// Its database is away, and it holds no result.
    Empty,
}

impl Readiness {
    /// Whether look-ups may be sent to the node.
    #[must_use]
    pub fn is_ready(self) -> bool {
        matches!(self, Self::Ready | Self::WithoutDatabase)
    }
}

/// How a node stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Health {
    /// Whether it can answer look-ups.
    pub readiness: Readiness,
    /// Whether the database answers.
    pub has_database: bool,
    /// The newest publication that the node answers for; 0 before the first.
    pub epoch: i64,
    /// The newest publication that the node knows of.
    pub published_epoch: i64,
}

/// Looks at how the node stands. Takes two seconds at most.
///
/// A node that has once caught up and holds a result stays ready when its database goes away, and
/// while it reads a newer publication: either happens to all nodes at once, and a proxy that took all of
/// them away would answer nobody.
pub async fn examine(app: &App) -> Health {
    let asking = store::cities::find(&app.db, app.city);
    let found = match tokio::time::timeout(PATIENCE, asking).await {
        Ok(Ok(city)) => Some(city.is_some()),
        Ok(Err(_)) | Err(_) => None,
    };
    let (epoch, has_caught_up) = (app.results.epoch(), app.standing.has_caught_up());
    let readiness = match found {
        Some(false) => Readiness::NotSetUp,
        Some(true) if has_caught_up => Readiness::Ready,
        Some(true) => Readiness::CatchingUp,
        None if has_caught_up && 0 < app.results.bytes() => Readiness::WithoutDatabase,
        None => Readiness::Empty,
    };
    Health {
        readiness,
        has_database: found.is_some(),
        epoch,
        published_epoch: app.standing.published_epoch().max(epoch),
    }
}

/// What the node tells of itself beside what it counts. What the database does not say in time is left
/// out.
pub async fn facts(app: &App) -> Facts {
    let health = examine(app).await;
    let mut facts = Facts {
        is_ready: health.readiness.is_ready(),
        epoch: health.epoch,
        published_epoch: health.published_epoch,
        index_bytes: app.results.bytes(),
        has_database: health.has_database,
        pool: store::pool(&app.db),
        cache: Arc::clone(&app.cache.reads),
        ..Facts::default()
    };
    if !health.has_database {
        return facts;
    }
    if let Ok(Ok(jobs)) = tokio::time::timeout(PATIENCE, jobs(app)).await {
        facts.jobs = jobs;
    }
    if let Ok(Ok(outbox)) = tokio::time::timeout(PATIENCE, outbox(app)).await {
        facts.outbox = Some(outbox);
    }
    facts
}

async fn jobs(app: &App) -> Result<Vec<Job>> {
    let leases = store::leases::list(&app.db, app.city).await?;
    let ended = leases.into_iter().filter_map(|lease| {
        Some(Job {
            succeeded_at: lease.ran_at?.timestamp(),
            name: lease.job,
        })
    });
    Ok(ended.collect())
}

async fn outbox(app: &App) -> Result<Outbox> {
    Ok(Outbox {
        waiting: store::messages::count(&app.db, app.city, State::Waiting).await?,
        dead: store::messages::count(&app.db, app.city, State::Dead).await?,
    })
}
