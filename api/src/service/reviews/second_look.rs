//! The second look (复核): once for a refusal, within the policy's days, by somebody else.

use ::entity::{ApplicationId, application, period, period_transition, review, second_look};
use chrono::{DateTime, Days, NaiveDate, Utc};
use sea_orm::{ConnectionTrait, DatabaseTransaction};
use uuid::Uuid;

use super::written;
use crate::{
    app::App,
    domain::{actor::Applicant, phase},
    error::Result,
    ids,
    service::{
        applications, duplicates,
        once::{Again, keep},
        rules, trail,
    },
    store,
};

/// What became of a request for a second look.
#[derive(Debug)]
pub enum Requested {
    /// Somebody else will look at it. The application is live again until they have decided.
    Done(application::Model),
    /// As far as the applicant knows, it was not refused.
    NotRefused,
    /// It was asked for before, and once is what there is.
    AskedBefore(second_look::Model),
    /// The last day for it has passed.
    TooLate(NaiveDate),
    /// The applicant has applied again since, and only one application can be live.
    AppliedAgain,
}

impl Again for Requested {
    async fn again(app: &App, subject: &str) -> Result<Self> {
        let id = applications::parse_kept(subject)?;
        applications::get(app, id).await.map(Self::Done)
    }
}

/// Asks for a second look at one's refused application.
///
/// # Errors
///
/// [`crate::Error::InvalidInput`] for a statement that is empty or too long.
pub async fn request(
    app: &App,
    applicant: &Applicant,
    id: ApplicationId,
    statement: &str,
) -> Result<Requested> {
    let statement = written("statement", statement)?;
    let txn = store::begin(&app.db).await?;
    rules::lock_shared(app, &txn).await?;
    let row = applications::own(&txn, app, applicant, id).await?;
    if let Some(earlier) = store::second_looks::find(&txn, &row).await? {
        return Ok(Requested::AskedBefore(earlier));
    }
    let period = store::periods::find(&txn, app.city, &row.period_number).await?;
    let is_public = period
        .as_ref()
        .is_none_or(|period| phase::shows_review(period.phase));
    // What the city has decided and not published must not show in this answer either.
    if row.status != application::Status::Refused || !is_public {
        return Ok(Requested::NotRefused);
    }
    let Some(review) = store::reviews::find_latest(&txn, app.city, id).await? else {
        return Ok(Requested::NotRefused);
    };
    let last_day = last_day(&txn, app, &row, &review).await?;
    if last_day < app.today() {
        return Ok(Requested::TooLate(last_day));
    }
    if !store::applications::revive(&txn, &row, application::Status::SecondLook).await? {
        return Ok(Requested::AppliedAgain);
    }
    let row = application::Model {
        status: application::Status::SecondLook,
        ..row
    };
    write(app, &txn, applicant, &row, statement).await?;
    keep(app, &txn, id).await?;
    txn.commit().await?;
    Ok(Requested::Done(row))
}

async fn write(
    app: &App,
    txn: &DatabaseTransaction,
    applicant: &Applicant,
    row: &application::Model,
    statement: &str,
) -> Result<()> {
    let now = app.clock.now();
    let id = ids::uuid_v7(now);
    let place = statement_place(app, id);
    let request = second_look::Model {
        city_id: app.city,
        id,
        application_id: row.id,
        period_number: row.period_number.clone(),
        statement: app.data_key.seal(&place, statement.as_bytes()),
        requested_at: now,
        decided_at: None,
    };
    store::second_looks::insert(txn, request).await?;
    // Whoever applied while this one was refused was not compared with it.
    let (actor, detail) = (applicant.actor(), serde_json::json!({}));
    duplicates::raise(app, txn, row, &actor).await?;
    trail::note(
        app,
        txn,
        actor,
        "reviews.request_second_look",
        &row.code,
        detail,
    )
    .await
}

/// The last day on which a second look at a refusal may be asked for: counted from the day on which
/// its applicant could know of it.
pub(super) async fn last_day(
    db: &impl ConnectionTrait,
    app: &App,
    row: &application::Model,
    review: &review::Model,
) -> Result<NaiveDate> {
    let steps = store::milestones::list_transitions(db, app.city, &row.period_number).await?;
    Ok(last_day_of(app, &steps, review))
}

/// The same from what the application's period went through.
pub(in crate::service) fn last_day_of(
    app: &App,
    steps: &[period_transition::Model],
    review: &review::Model,
) -> NaiveDate {
    let published = steps
        .iter()
        .find(|step| step.phase == period::Phase::ReviewPublished)
        .map_or(review.decided_at, |step| step.at);
    last_day_after(app, published.max(review.decided_at))
}

/// The same for a refusal that became known at a moment.
pub(in crate::service) fn last_day_after(app: &App, known_at: DateTime<Utc>) -> NaiveDate {
    let days = Days::new(u64::from(app.policy.review.second_look_days));
    let last_day = app.day_of(known_at).checked_add_days(days);
    last_day.unwrap_or(NaiveDate::MAX)
}

/// Where an applicant's statement is sealed.
pub(super) fn statement_place(app: &App, request: Uuid) -> String {
    format!("second_look/{}/{request}", app.city)
}
