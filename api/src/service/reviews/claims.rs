//! Who works on what. A claim runs out by itself: nobody has to remember to give it back, and no
//! application stays with somebody who went home.

use ::entity::{application, review_claim};
use chrono::TimeDelta;
use sea_orm::DatabaseTransaction;

use super::{
    decision::has_refused,
    queue::{self, Filter, Waiting},
};
use crate::{
    app::App,
    domain::actor::Reviewer,
    error::{Error, Result},
    service::trail,
    store,
};

/// Applications that one call claims at most.
const CLAIMED_AT_ONCE: u64 = 100;

/// How often one call looks again for what colleagues have left.
const TURNS: usize = 16;

/// What became of a claim.
#[derive(Debug)]
pub enum Claimed {
    /// The application is the reviewer's until the claim runs out. Claiming again begins anew.
    Yours(Box<Waiting>),
    /// Somebody else works on it.
    ByAnother(review_claim::Model),
    /// Nothing waits there for a reviewer.
    NotWaiting(application::Model),
    /// The second look is for somebody else than who refused.
    DecidedByYou,
}

/// Claims one application.
pub async fn claim(app: &App, reviewer: &Reviewer, code: &str) -> Result<Claimed> {
    let txn = store::begin(&app.db).await?;
    let claimed = take(app, &txn, reviewer, code).await?;
    if matches!(claimed, Claimed::Yours(_)) {
        txn.commit().await?;
    }
    Ok(claimed)
}

/// Claims the oldest applications that match and that nobody works on: at most `count`, 1 to 100.
///
/// Fewer come back when fewer wait, or when many colleagues claim at the same moment.
///
/// # Errors
///
/// [`Error::InvalidInput`] for another count.
pub async fn claim_next(
    app: &App,
    reviewer: &Reviewer,
    filter: &Filter,
    count: u64,
) -> Result<Vec<Waiting>> {
    if !(1..=CLAIMED_AT_ONCE).contains(&count) {
        return Err(Error::invalid(
            "count",
            format!("expected 1 to {CLAIMED_AT_ONCE} applications, found {count}"),
        ));
    }
    let mut mine = Vec::new();
    for _ in 0..TURNS {
        let missing = count - mine.len() as u64;
        if missing == 0 {
            break;
        }
        let (city, now) = (app.city, app.clock.now());
        let name = reviewer.name();
        let free = store::queue::list_unclaimed(&app.db, city, filter, name, now, missing).await?;
        if free.is_empty() {
            break;
        }
        // Whatever a colleague takes in between is looked past in the next turn.
        for row in free {
            if let Claimed::Yours(waiting) = claim(app, reviewer, &row.code).await? {
                mine.push(*waiting);
            }
        }
    }
    Ok(mine)
}

async fn take(
    app: &App,
    txn: &DatabaseTransaction,
    reviewer: &Reviewer,
    code: &str,
) -> Result<Claimed> {
    // Held, so that of two claims at the same moment one sees the other.
    let row = store::applications::lock_by_code(txn, app.city, code).await?;
    if !row.status.waits_for_review() {
        return Ok(Claimed::NotWaiting(row));
    }
    let now = app.clock.now();
    let living = store::claims::find_live(txn, app.city, row.id, now).await?;
    if let Some(other) = living.filter(|claim| claim.reviewer != reviewer.name()) {
        return Ok(Claimed::ByAnother(other));
    }
    let is_second_look = row.status == application::Status::SecondLook;
    if is_second_look && has_refused(app, txn, reviewer, &row).await? {
        return Ok(Claimed::DecidedByYou);
    }
    let lasts = TimeDelta::minutes(i64::from(app.policy.review.claim_mins));
    let claim = review_claim::Model {
        city_id: app.city,
        application_id: row.id,
        reviewer: reviewer.name().to_owned(),
        claimed_at: now,
        expires_at: now + lasts,
    };
    store::claims::put(txn, claim.clone()).await?;
    let detail = serde_json::json!({ "expires_at": claim.expires_at });
    trail::note(app, txn, reviewer.actor(), "reviews.claim", code, detail).await?;
    let [waiting] = queue::dressed(app, txn, vec![row])
        .await?
        .try_into()
        .map_err(|_| Error::internal(anyhow::anyhow!("one application became another number")))?;
    Ok(Claimed::Yours(Box::new(Waiting {
        claim: Some(claim),
        ..waiting
    })))
}

/// What became of giving a claim back.
#[derive(Debug, PartialEq, Eq)]
pub enum Released {
    /// Anybody may take the application now.
    Done,
    /// The reviewer had no claim on it, or not any more.
    NotYours,
}

/// Gives a claim back.
pub async fn release(app: &App, reviewer: &Reviewer, code: &str) -> Result<Released> {
    let txn = store::begin(&app.db).await?;
    let row = store::applications::lock_by_code(&txn, app.city, code).await?;
    if !is_claimed_by(app, &txn, reviewer, &row).await? {
        return Ok(Released::NotYours);
    }
    store::claims::delete(&txn, app.city, row.id).await?;
    let (actor, detail) = (reviewer.actor(), serde_json::json!({}));
    trail::note(app, &txn, actor, "reviews.release", code, detail).await?;
    txn.commit().await?;
    Ok(Released::Done)
}

/// Whether an application is this reviewer's now.
pub(super) async fn is_claimed_by(
    app: &App,
    txn: &DatabaseTransaction,
    reviewer: &Reviewer,
    row: &application::Model,
) -> Result<bool> {
    let claim = store::claims::find_live(txn, app.city, row.id, app.clock.now()).await?;
    Ok(claim.is_some_and(|claim| claim.reviewer == reviewer.name()))
}
