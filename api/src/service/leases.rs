//! Who is at a job: one node at a time, by a conditional update of a row. A node that dies leaves a
//! lease that runs out.

use ::entity::job_lease;
use chrono::TimeDelta;

use crate::{
    app::App,
    domain::actor::Worker,
    error::{Error, Result},
    store::{self, leases::Ended},
};

/// How long a node may be at a job before another one takes it to be dead. A job does a bounded
/// piece of work at a time.
const LEASE: TimeDelta = TimeDelta::minutes(10);

/// Whether a job may be taken up before it is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timing {
    /// Only when it is due.
    WhenDue,
    /// At once.
    AtOnce,
}

/// The right to be at a job.
#[derive(Debug)]
pub struct Lease(job_lease::Model);

/// Takes a job up; nothing where it is not due, or somebody else is at it.
pub async fn take(app: &App, _: &Worker, job: &str, timing: Timing) -> Result<Option<Lease>> {
    let now = app.clock.now();
    let mut row = store::leases::find(&app.db, app.city, job).await?;
    if row.is_none() {
        store::leases::register(&app.db, app.city, job, now).await?;
        row = store::leases::find(&app.db, app.city, job).await?;
    }
    let row = row.ok_or_else(|| Error::not_found("job", job))?;
    let is_free = row.leased_until.is_none_or(|until| until <= now);
    let is_due = timing == Timing::AtOnce || row.due_at <= now;
    if !is_free || !is_due || !store::leases::take(&app.db, &row, now + LEASE).await? {
        return Ok(None);
    }
    Ok(Some(Lease(job_lease::Model {
        epoch: row.epoch + 1,
        ..row
    })))
}

/// Gives a job back that came to its end; it is due again after a while.
pub async fn complete(app: &App, lease: Lease, again_in: TimeDelta) -> Result<()> {
    let now = app.clock.now();
    let ended = Ended {
        due_at: now + again_in,
        ran_at: Some(now),
    };
    store::leases::give_back(&app.db, &lease.0, ended).await
}

/// Gives a job back that failed.
pub async fn abandon(app: &App, lease: Lease, again_in: TimeDelta) -> Result<()> {
    let ended = Ended {
        due_at: app.clock.now() + again_in,
        ran_at: None,
    };
    store::leases::give_back(&app.db, &lease.0, ended).await
}
