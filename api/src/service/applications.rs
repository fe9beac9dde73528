//! What a citizen can do: apply, join the tier, cancel, and see where they stand.

mod form;
mod submission;
mod view;

use ::entity::{ApplicantId, ApplicationId, application};
use chrono::{DateTime, Utc};
use sea_orm::DatabaseTransaction;

use crate::{
    app::App,
    domain::{actor::Applicant, message::Purpose, phase, tier},
    error::{Error, Result},
    service::{
        messages::{self, Post, Recipient},
        once::{Again, keep},
        rules, trail,
    },
    store,
};

pub(super) use form::violations;
pub use form::{Form, OpenForm, list as list_forms, open as open_form};
pub(super) use submission::submit_confirmed;
pub use submission::{Submitted, submit};
pub use view::{
    Shown, TierStatus, list, list_participation, list_shown, participation, tier_status,
};

/// What became of joining the tier.
#[derive(Debug, PartialEq, Eq)]
pub enum Joined {
    /// The application is in the tier, since then. Joining again gives the first answer again.
    Since(DateTime<Utc>),
    /// The city has no tier to join.
    NotOffered,
    /// The application has ended.
    Ended,
}

impl Again for Joined {
    async fn again(app: &App, subject: &str) -> Result<Self> {
        let row = get(app, parse_kept(subject)?).await?;
        let never = || Error::internal(anyhow::anyhow!("an application left the tier"));
        row.tier_joined_at.map(Self::Since).ok_or_else(never)
    }
}

/// Joins the tier: once, for ever, without a new review.
pub async fn join_tier(app: &App, applicant: &Applicant, id: ApplicationId) -> Result<Joined> {
    let txn = store::begin(&app.db).await?;
    rules::lock_shared(app, &txn).await?;
    let row = own(&txn, app, applicant, id).await?;
    if let Some(since) = row.tier_joined_at {
        return Ok(Joined::Since(since));
    }
    if !tier::can_join(&app.policy.tier, false) {
        return Ok(Joined::NotOffered);
    }
    if !is_live_as_known(app, &txn, &row).await? {
        return Ok(Joined::Ended);
    }
    let now = whole_seconds(app.clock.now());
    store::applications::join_tier(&txn, app.city, id, now).await?;
    trail::note(
        app,
        &txn,
        applicant.actor(),
        "applications.join_tier",
        &row.code,
        serde_json::json!({}),
    )
    .await?;
    let joined = store::applications::get(&txn, app.city, id).await?;
    let code = row.code.clone();
    inform(app, &txn, &row, Purpose::TierJoined { code }).await?;
    keep(app, &txn, id).await?;
    txn.commit().await?;
    Ok(Joined::Since(joined.tier_joined_at.unwrap_or(now)))
}

/// What became of a cancellation.
#[derive(Debug, PartialEq, Eq)]
pub enum Cancelled {
    /// The application is cancelled. Participation so far is kept.
    Done,
    /// Its code is in the frozen pool of this draw: it can be cancelled when the draw has ended.
    InFrozenPool(String),
    /// It had ended before.
    Ended,
}

impl Again for Cancelled {
    async fn again(_: &App, _: &str) -> Result<Self> {
        Ok(Self::Done)
    }
}

/// Cancels an application; never out of a frozen pool.
pub async fn cancel(app: &App, applicant: &Applicant, id: ApplicationId) -> Result<Cancelled> {
    let txn = store::begin(&app.db).await?;
    // Waits for a freeze under way, and then sees the pool it made.
    store::cities::lock_shared(&txn, app.city).await?;
    let row = own(&txn, app, applicant, id).await?;
    if !is_live_as_known(app, &txn, &row).await? && row.status != application::Status::Lapsed {
        return Ok(Cancelled::Ended);
    }
    let locking = store::pools::find_locking_draw(&txn, app.city, &row.category, &row.code).await?;
    if let Some(draw) = locking {
        return Ok(Cancelled::InFrozenPool(draw));
    }
    store::applications::set_status(&txn, &row, application::Status::Cancelled).await?;
    trail::note(
        app,
        &txn,
        applicant.actor(),
        "applications.cancel",
        &row.code,
        serde_json::json!({}),
    )
    .await?;
    let code = row.code.clone();
    inform(app, &txn, &row, Purpose::ApplicationCancelled { code }).await?;
    keep(app, &txn, id).await?;
    txn.commit().await?;
    Ok(Cancelled::Done)
}

/// Tells the applicant what became of an application; once an application.
async fn inform(
    app: &App,
    txn: &impl sea_orm::ConnectionTrait,
    row: &application::Model,
    purpose: Purpose,
) -> Result<()> {
    let (to, occasion) = (Recipient::Applicant(row.applicant_id), row.id.to_string());
    messages::post(app, txn, Post::new(to, purpose, &row.code, &occasion)).await?;
    Ok(())
}

/// The application that a kept answer is about.
pub(super) fn parse_kept(subject: &str) -> Result<ApplicationId> {
    subject.parse().map_err(Error::internal)
}

/// One application, for whoever may see it: the caller asks who that is.
pub async fn get(app: &App, id: ApplicationId) -> Result<application::Model> {
    store::applications::get(&app.db, app.city, id).await
}

/// These applications, as far as there are any, for whoever may see them: the caller asks who that
/// is.
pub async fn list_by_ids(app: &App, ids: &[ApplicationId]) -> Result<Vec<application::Model>> {
    store::applications::list_by_ids(&app.db, app.city, ids).await
}

/// One of the applicant's own applications; somebody else's looks as if it did not exist.
pub(super) async fn own(
    db: &impl sea_orm::ConnectionTrait,
    app: &App,
    applicant: &Applicant,
    id: ApplicationId,
) -> Result<application::Model> {
    let row = store::applications::get(db, app.city, id).await?;
    if row.applicant_id == applicant.id() {
        Ok(row)
    } else {
        Err(Error::not_found("application", id))
    }
}

/// Whether an application is live as far as its applicant may know: a refusal that its period has not
/// published must not show in what they can do either.
async fn is_live_as_known(
    app: &App,
    db: &impl sea_orm::ConnectionTrait,
    row: &application::Model,
) -> Result<bool> {
    if row.status != application::Status::Refused {
        return Ok(row.status.is_live());
    }
    let period = store::periods::find(db, app.city, &row.period_number).await?;
    Ok(period.is_some_and(|period| !phase::shows_review(period.phase)))
}

/// Whether a person has an application in a category that is live as far as they may know: being let
/// apply again would tell them of a hidden refusal.
pub(super) async fn has_live_as_known(
    app: &App,
    txn: &DatabaseTransaction,
    person: ApplicantId,
    category: &str,
) -> Result<bool> {
    for row in store::applications::list_of_applicant(txn, app.city, person).await? {
        if row.category == category && is_live_as_known(app, txn, &row).await? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Both databases keep whole seconds alike; fractions they keep differently.
pub(super) fn whole_seconds(at: DateTime<Utc>) -> DateTime<Utc> {
    DateTime::from_timestamp(at.timestamp(), 0).unwrap_or(at)
}
