//! The second look (复核): once for a refusal, within the policy's days, by somebody else.

use ::entity::{ApplicationId, application, period, review, second_look};
use chrono::{Days, NaiveDate};
use sea_orm::DatabaseTransaction;

use super::written;
use crate::{
    app::App,
    domain::{actor::Applicant, phase},
    error::Result,
    service::{applications, duplicates, trail},
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
    store::cities::lock_shared(&txn, app.city).await?;
    let row = applications::own(&txn, app, applicant, id).await?;
    if let Some(earlier) = store::second_looks::find(&txn, app.city, id).await? {
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
    let last_day = last_day(app, period.as_ref(), &review);
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
    let place = statement_place(app, row.id);
    let request = second_look::Model {
        city_id: app.city,
        application_id: row.id,
        statement: app.data_key.seal(&place, statement.as_bytes()),
        requested_at: app.clock.now(),
        decided_at: None,
    };
    store::second_looks::insert(txn, request).await?;
    // Whoever applied while this one was refused was not compared with it.
    duplicates::raise(app, txn, row).await?;
    let (actor, detail) = (applicant.actor(), serde_json::json!({}));
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
pub(in crate::service) fn last_day(
    app: &App,
    period: Option<&period::Model>,
    review: &review::Model,
) -> NaiveDate {
    let decided_on = app.day_of(review.decided_at);
    let published_on = period.map_or(decided_on, |period| {
        period
            .review_published_on
            .unwrap_or(period.review_publish_on)
    });
    let days = Days::new(u64::from(app.policy.review.second_look_days));
    let known_on = published_on.max(decided_on);
    known_on.checked_add_days(days).unwrap_or(NaiveDate::MAX)
}

/// Where an applicant's statement is sealed.
pub(super) fn statement_place(app: &App, application: ApplicationId) -> String {
    format!("second_look/{}/{application}", app.city)
}
