//! Opening periods and leading them to the freeze.

use ::entity::{period, period_quota};
use chrono::NaiveDate;
use sea_orm::ConnectionTrait;

use super::rules;
use crate::{
    app::App,
    domain::{PeriodKind, PeriodNumber, actor::Officer, phase},
    error::{Error, Result},
    service::trail,
    store,
};

/// What an officer decides of a new period.
pub struct Opening {
    /// Its number.
    pub number: String,
    /// First day on which applications are taken.
    pub applies_from: NaiveDate,
    /// Last day on which applications are taken.
    pub applies_until: NaiveDate,
    /// Day on which review results are published.
    pub review_publish_on: NaiveDate,
    /// Day of the draw.
    pub draw_on: NaiveDate,
    /// What may be allocated, by category.
    pub quotas: Vec<Quota>,
}

/// What may be allocated in one category.
pub struct Quota {
    /// The category, a key of the policy.
    pub category: String,
    /// How many may win.
    pub quota: u32,
    /// How many ordered reserves are drawn behind the winners; may exceed the pool.
    pub reserve: u32,
}

/// Opens a period.
///
/// # Errors
///
/// [`Error::NotSetUp`] while weakly sourced rules wait for confirmation; [`Error::InvalidInput`]
/// for a number that the policy cannot have or that exists, days out of order, or a category that
/// the policy does not know.
pub async fn open(app: &App, officer: &Officer, opening: Opening) -> Result<period::Model> {
    let kind = require_number(app, &opening.number)?;
    require_sensible(app, kind, &opening)?;
    rules::require_confirmed(app, kind).await?;
    let row = period::Model {
        city_id: app.city,
        number: opening.number.clone(),
        kind: match kind {
            PeriodKind::Normal => period::Kind::Normal,
            PeriodKind::Tier => period::Kind::Tier,
        },
        phase: period::Phase::Open,
        epoch: 0,
        policy_digest: app.policy.digest().to_vec(),
        applies_from: opening.applies_from,
        applies_until: opening.applies_until,
        review_publish_on: opening.review_publish_on,
        draw_on: opening.draw_on,
        published_on: None,
        review_published_on: None,
    };
    let quotas = opening.quotas.iter().map(|quota| period_quota::Model {
        city_id: app.city,
        period_number: opening.number.clone(),
        category: quota.category.clone(),
        quota: i64::from(quota.quota),
        reserve: i64::from(quota.reserve),
    });
    let txn = store::begin(&app.db).await?;
    store::periods::insert(&txn, row, quotas.collect()).await?;
    let detail = serde_json::json!({
        "quotas": opening.quotas.iter().map(|quota| (&quota.category, quota.quota, quota.reserve)).collect::<Vec<_>>(),
    });
    trail::note(
        app,
        &txn,
        officer.actor(),
        "periods.open",
        &opening.number,
        detail,
    )
    .await?;
    let opened = store::periods::get(&txn, app.city, &opening.number).await?;
    txn.commit().await?;
    tracing::info!(period.number = %opened.number, "period {} opened", opened.number);
    Ok(opened)
}

/// A number that the rules can have; gives the kind of its period.
fn require_number(app: &App, number: &str) -> Result<PeriodKind> {
    let invalid = |cause: &dyn std::fmt::Display| Error::invalid("number", cause);
    let number: PeriodNumber = number.parse().map_err(|cause| invalid(&cause))?;
    let cadence = app.policy.find_cadence(number.kind()).ok_or_else(|| {
        let policy = &app.policy.key;
        invalid(&format!(
            "{policy} has no separate tier lottery, so no period {number}"
        ))
    })?;
    number.require(cadence).map_err(|cause| invalid(&cause))?;
    Ok(number.kind())
}

fn require_sensible(app: &App, kind: PeriodKind, opening: &Opening) -> Result<()> {
    let days = [
        opening.applies_from,
        opening.applies_until,
        opening.review_publish_on,
        opening.draw_on,
    ];
    if !days.is_sorted() {
        return Err(Error::invalid(
            "drawOn",
            "applications open, applications close, review results, draw: give the days in this order",
        ));
    }
    if opening.quotas.is_empty() {
        return Err(Error::invalid(
            "quotas",
            "a period allocates in at least one category",
        ));
    }
    for (index, quota) in opening.quotas.iter().enumerate() {
        if app.policy.find_category(&quota.category, kind).is_none() {
            return Err(Error::invalid(
                "quotas",
                format!(
                    "{} knows no category {} in such a period",
                    app.policy.key, quota.category
                ),
            ));
        }
        if opening.quotas[..index]
            .iter()
            .any(|other| other.category == quota.category)
        {
            return Err(Error::invalid(
                "quotas",
                format!("category {} is named twice", quota.category),
            ));
        }
    }
    Ok(())
}

/// Ends the taking of applications.
///
/// # Errors
///
/// [`Error::TooEarly`] before the last advertised day is over: closing early would shut out people
/// who were promised more time.
pub async fn close(app: &App, officer: &Officer, number: &str) -> Result<period::Model> {
    let period = store::periods::get(&app.db, app.city, number).await?;
    if app.today() <= period.applies_until {
        return Err(Error::TooEarly {
            what: "closing the period",
            at: app.start_of(
                period
                    .applies_until
                    .succ_opt()
                    .unwrap_or(period.applies_until),
            ),
        });
    }
    advance(
        app,
        officer,
        number,
        period::Phase::Open,
        period::Phase::Closed,
        "periods.close",
    )
    .await
}

/// Publishes the review results.
///
/// # Errors
///
/// [`Error::InvalidInput`] while applications wait for a review; [`Error::TooEarly`] before the
/// advertised day.
pub async fn publish_review(app: &App, officer: &Officer, number: &str) -> Result<period::Model> {
    let period = store::periods::get(&app.db, app.city, number).await?;
    if app.today() < period.review_publish_on {
        return Err(Error::TooEarly {
            what: "publishing the review results",
            at: app.start_of(period.review_publish_on),
        });
    }
    require_reviewed(app, &app.db, number).await?;
    let (from, to) = (period::Phase::Closed, period::Phase::ReviewPublished);
    advance(app, officer, number, from, to, "periods.publish_review").await
}

/// Refuses while applications of the period wait for a review.
pub(super) async fn require_reviewed(
    app: &App,
    db: &impl ConnectionTrait,
    number: &str,
) -> Result<()> {
    let unreviewed = store::applications::count_unreviewed(db, app.city, number).await?;
    if unreviewed == 0 {
        return Ok(());
    }
    Err(Error::invalid(
        "period",
        format!(
            "{unreviewed} applications of period {number} wait for a review; decide them first"
        ),
    ))
}

async fn advance(
    app: &App,
    officer: &Officer,
    number: &str,
    from: period::Phase,
    to: period::Phase,
    action: &'static str,
) -> Result<period::Model> {
    let txn = store::begin(&app.db).await?;
    store::cities::lock(&txn, app.city).await?;
    let row = store::periods::get(&txn, app.city, number).await?;
    phase::require_period(&row, from)?;
    if to == period::Phase::ReviewPublished {
        store::periods::note_review_published(&txn, &row, app.today()).await?;
    }
    let moved = store::periods::advance(&txn, &row, to, None).await?;
    trail::note(
        app,
        &txn,
        officer.actor(),
        action,
        number,
        serde_json::json!({}),
    )
    .await?;
    txn.commit().await?;
    Ok(moved)
}

/// One period by its number, if there is one.
pub async fn find(app: &App, number: &str) -> Result<Option<period::Model>> {
    store::periods::find(&app.db, app.city, number).await
}

/// One period by its number.
pub async fn get(app: &App, number: &str) -> Result<period::Model> {
    store::periods::get(&app.db, app.city, number).await
}

/// The newest `limit` periods below `before` (a number), newest first.
pub async fn list(app: &App, before: Option<&str>, limit: u64) -> Result<Vec<period::Model>> {
    store::periods::list(&app.db, app.city, before, limit).await
}

/// What a period may allocate, by category.
pub async fn list_quotas(app: &App, number: &str) -> Result<Vec<period_quota::Model>> {
    store::periods::list_quotas(&app.db, app.city, number).await
}
