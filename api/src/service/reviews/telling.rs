//! Telling applicants what was decided: of a first decision once its period has published its review
//! results, of any other at once.

use ::entity::{application, review};
use chrono::NaiveDate;
use sea_orm::DatabaseTransaction;

use super::second_look::last_day;
use crate::{
    app::App,
    domain::{actor::Worker, message::Purpose},
    error::Result,
    service::messages::{self, Post, Recipient},
    store,
};

/// Decisions that one run tells of.
const TOLD_AT_ONCE: u64 = 200;

/// What a run has done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Told {
    /// Decisions that are public and settled with.
    pub count: u64,
    /// Whether more wait.
    pub has_more: bool,
}

/// Tells applicants of decisions that have become public, a bounded number of them.
///
/// What is due is found by looking for decisions nobody was told of: whether a node was down when a
/// period published its results makes no difference.
pub async fn tell_public(app: &App, _: &Worker) -> Result<Told> {
    let txn = store::begin(&app.db).await?;
    let due = store::reviews::list_untold(&txn, app.city, TOLD_AT_ONCE).await?;
    let mut told = Vec::with_capacity(due.len());
    for review in due {
        let row = store::applications::get(&txn, app.city, review.application_id).await?;
        tell(app, &txn, &row, &review).await?;
        told.push(review.id);
    }
    let count = told.len() as u64;
    store::reviews::note_told(&txn, app.city, told, app.clock.now()).await?;
    txn.commit().await?;
    Ok(Told {
        count,
        has_more: count == TOLD_AT_ONCE,
    })
}

/// Tells of a public decision, unless the application has moved on since.
async fn tell(
    app: &App,
    txn: &DatabaseTransaction,
    row: &application::Model,
    review: &review::Model,
) -> Result<()> {
    let latest = store::reviews::find_latest(txn, app.city, row.id).await?;
    if latest.is_none_or(|latest| latest.id != review.id) {
        return Ok(());
    }
    let second_look_until = second_look_until(app, txn, row, review).await?;
    let code = row.code.clone();
    let approved = review.decision == review::Decision::Approved;
    let purpose = match row.status {
        application::Status::Valid
        | application::Status::Refused
        | application::Status::RefusedFinal
        | application::Status::Allocated => match review.kind {
            review::Kind::SecondLook => Purpose::SecondLookDecided { code, approved },
            review::Kind::First | review::Kind::Duplicate => Purpose::ReviewPublished {
                code,
                approved,
                second_look_until,
            },
        },
        // Whoever cancelled, or asked for a second look already, knows what there is to know.
        _ => return Ok(()),
    };
    let occasion = review.id.to_string();
    let to = Recipient::Applicant(row.applicant_id);
    messages::post(app, txn, Post::new(to, purpose, &row.code, &occasion)).await?;
    Ok(())
}

async fn second_look_until(
    app: &App,
    txn: &DatabaseTransaction,
    row: &application::Model,
    review: &review::Model,
) -> Result<Option<NaiveDate>> {
    if row.status != application::Status::Refused
        || store::second_looks::find(txn, app.city, row.id)
            .await?
            .is_some()
    {
        return Ok(None);
    }
    let period = store::periods::find(txn, app.city, &row.period_number).await?;
    Ok(Some(last_day(app, period.as_ref(), review)))
}

/// Tells of a decision in its own transaction, where it is public from the beginning.
pub(super) async fn tell_if_public(
    app: &App,
    txn: &DatabaseTransaction,
    row: &application::Model,
    review: &review::Model,
) -> Result<()> {
    let period = store::periods::find(txn, app.city, &row.period_number).await?;
    let is_public = period.is_none_or(|period| crate::domain::phase::shows_review(period.phase));
    if !is_public {
        return Ok(());
    }
    tell(app, txn, row, review).await?;
    store::reviews::note_told(txn, app.city, vec![review.id], app.clock.now()).await
}
