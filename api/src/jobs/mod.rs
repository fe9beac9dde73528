//! What the city does by itself: one job a file, each idempotent, taken up by one node at a time.
//!
//! A job asks `service` for everything and decides nothing. It finds what is due by looking, and not
//! by remembering, so that what was due while no node ran is done as soon as one does.

mod advance_periods;
mod plan_periods;
mod remind_reviewers;

mod lapse_applications;
mod remind_of_renewals;

mod forfeit;
mod tell_holders;

mod invitations;

mod announce_results;
mod send_circulars;
mod purge;
mod link_trail;

mod deliver;

use std::time::Duration;

use chrono::TimeDelta;
use futures_util::future::BoxFuture;

use crate::{
    app::App,
    domain::actor::Worker,
    error::{Error, Result},
    service::{
        leases::{self, Timing},
        rules,
    },
};

/// One of the city's own jobs.
pub struct Job {
    /// Its name, in the table of leases and in answers.
    pub name: &'static str,
    /// How long after one run the next one is due.
    pub every: TimeDelta,
    /// Does a bounded piece of what is due, and says how much that was.
    pub run: for<'a> fn(&'a App, &'a Worker) -> BoxFuture<'a, Result<Progress>>,
}

/// What a run has done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// How many things were done.
    pub count: u64,
    /// Whether more is due at once.
    pub has_more: bool,
}

/// All jobs, in the order in which they run: what writes messages goes before what delivers them, and
/// what links the audit trail behind whatever writes to it.
pub const ALL: &[Job] = &[
    forfeit::JOB,
    tell_holders::JOB,
    invitations::JOB,
    advance_periods::JOB,
    plan_periods::JOB,
    remind_reviewers::JOB,
    lapse_applications::JOB,
    remind_of_renewals::JOB,
    announce_results::JOB,
    send_circulars::JOB,
    purge::JOB,
    link_trail::JOB,
    deliver::JOB,
];

/// How long a worker rests when nothing is due.
const REST: Duration = Duration::from_secs(1);

/// How soon a job that failed is tried again.
const RETRY: TimeDelta = TimeDelta::minutes(1);

/// What became of one job.
#[derive(Debug)]
pub struct Outcome {
    /// The job.
    pub name: &'static str,
    /// How much it has done, or why it failed.
    pub result: Result<u64>,
}

/// Runs every job that nobody else is at, each until nothing more is due for it. With
/// [`Timing::WhenDue`] a job that has run lately is left alone.
pub async fn run_all(app: &App, worker: &Worker, timing: Timing) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    for job in ALL {
        match run(app, worker, job, timing).await {
            Ok(None) => {}
            Ok(Some(count)) => {
                if 0 < count {
                    app.bell.ring();
                }
                outcomes.push(Outcome {
                    name: job.name,
                    result: Ok(count),
                });
            }
            Err(error) => outcomes.push(Outcome {
                name: job.name,
                result: Err(error),
            }),
        }
    }
    outcomes
}

async fn run(app: &App, worker: &Worker, job: &Job, timing: Timing) -> Result<Option<u64>> {
    let mut done = None;
    let mut timing = timing;
    loop {
        let Some(lease) = leases::take(app, worker, job.name, timing).await? else {
            return Ok(done);
        };
        let running = app
            .telemetry
            .traces
            .root(job.name, false, (job.run)(app, worker));
        match running.await {
            Ok(progress) => {
                done = Some(done.unwrap_or(0) + progress.count);
                leases::complete(app, lease, job.every).await?;
                if !progress.has_more {
                    return Ok(done);
                }
                timing = Timing::AtOnce;
            }
            Err(error) => {
                leases::abandon(app, lease, RETRY).await?;
                return Err(error);
            }
        }
    }
}

/// Runs what is due, again and again, until `stop` is ready; a run under way comes to its end.
pub async fn run_until(app: &App, worker: &Worker, stop: impl Future<Output = ()>) {
    let mut stop = std::pin::pin!(stop);
    loop {
        if let Err(error) = rules::follow(app).await {
            report("follow_rules", &error);
        }
        let newer = app.newer();
        let app = newer.as_ref().unwrap_or(app);
        for outcome in run_all(app, worker, Timing::WhenDue).await {
            if let Err(error) = outcome.result {
                report(outcome.name, &error);
            }
        }
        tokio::select! {
            () = &mut stop => return,
            () = tokio::time::sleep(REST) => {}
        }
    }
}

/// The one place at which a worker tells of an error.
fn report(job: &'static str, error: &Error) {
    match error {
        Error::Internal(cause) => tracing::error!(
            job,
            error = format!("{cause:#}"),
            "the job {job} failed by our fault: {cause:#}"
        ),
        other => tracing::warn!(job, "the job {job} waits: {other}"),
    }
}
